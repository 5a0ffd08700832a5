package models

import (
	"context"
	"fmt"
)

// Invariant is a promise about the rows, with how many break it.
type Invariant struct {
	Name   string `json:"name"`
	Broken int64  `json:"broken"`
}

// invariants are queries that count the rows which break a promise.
var invariants = []struct{ name, query string }{
	{"every suggestion's theme is live", `SELECT COUNT(*) FROM suggestion_themes x JOIN themes h ON h.id = x.theme_id WHERE h.merged_into <> '' OR h.gone_at IS NOT NULL`},
	{"every vote's theme is live", `SELECT COUNT(*) FROM votes v JOIN themes h ON h.id = v.theme_id WHERE h.merged_into <> '' OR h.gone_at IS NOT NULL`},
	{"merges end in a live theme", `SELECT COUNT(*) FROM themes a LEFT JOIN themes b ON b.id = a.merged_into WHERE a.merged_into <> ''
		AND (b.id IS NULL OR b.id = a.id OR b.merged_into = '' AND b.gone_at IS NOT NULL AND a.status <> 'candidate')`},
	{"suggestion counts equal rows", `SELECT COUNT(*) FROM themes h WHERE h.suggestions_count <> (SELECT COUNT(*) FROM suggestion_themes x WHERE x.theme_id = h.id)`},
	{"people counts equal rows", `SELECT COUNT(*) FROM themes h WHERE h.people_count <> (SELECT COUNT(*) FROM votes v WHERE v.theme_id = h.id)`},
	{"theme counts of suggestions equal rows", `SELECT COUNT(*) FROM suggestions s WHERE s.themes_count <> (SELECT COUNT(*) FROM suggestion_themes x WHERE x.suggestion_id = s.id)`},
	{"the inbox holds what is not closed and stands in no confirmed theme", `SELECT COUNT(*) FROM suggestions s
		WHERE s.waiting <> (s.state <> 'closed' AND NOT EXISTS (SELECT 1 FROM suggestion_themes x
			JOIN themes h ON h.id = x.theme_id WHERE x.suggestion_id = s.id AND h.status <> 'candidate'))`},
	{"echoes say what their lead says and stand where it stands", `SELECT COUNT(*) FROM suggestions e LEFT JOIN suggestions l ON l.id = e.echo_of
		WHERE e.echo_of <> '' AND (l.id IS NULL OR l.echo_of <> '' OR e.exact_hash = '' OR l.exact_hash <> e.exact_hash OR l.product <> e.product
			OR (l.state = 'closed') <> (e.state = 'closed') OR l.themes_count <> e.themes_count
			OR EXISTS (SELECT 1 FROM suggestion_themes x WHERE x.suggestion_id = e.id AND NOT EXISTS (
				SELECT 1 FROM suggestion_themes y WHERE y.suggestion_id = l.id AND y.theme_id = x.theme_id)))`},
	{"leads count their echoes and the people behind them", `SELECT COUNT(*) FROM suggestions l
		WHERE l.echoes <> (SELECT COUNT(*) FROM suggestions e WHERE e.echo_of <> '' AND e.echo_of = l.id)
			OR l.echoes > 0 AND l.echo_people <> (SELECT COUNT(DISTINCT o.person_id) FROM suggestions o
				WHERE o.person_id <> '' AND (o.id = l.id OR o.id IN (SELECT e.id FROM suggestions e WHERE e.echo_of <> '' AND e.echo_of = l.id)))`},
	{"confidential suggestions stand in no theme, echo nobody and are found by no text", `SELECT COUNT(*) FROM suggestions s
		WHERE s.confidential = TRUE AND (s.themes_count <> 0 OR s.echo_of <> '' OR s.echoes <> 0 OR s.exact_hash <> '')`},
	{"every emergency is of a suggestion", `SELECT COUNT(*) FROM emergencies e WHERE NOT EXISTS (SELECT 1 FROM suggestions s WHERE s.id = e.suggestion_id)`},
	{"every confidential suggestion is an emergency", `SELECT COUNT(*) FROM suggestions s WHERE s.confidential = TRUE AND NOT EXISTS (SELECT 1 FROM emergencies e WHERE e.suggestion_id = s.id)`},
	{"declined and postponed themes have a public reason", `SELECT COUNT(*) FROM themes WHERE status IN ('declined', 'postponed') AND reason = ''`},
	{"every open theme whose status promises something has a promise date or waits for a decision", `SELECT COUNT(*) FROM themes h JOIN promise_defaults d ON d.status = h.status AND d.days > 0
		WHERE h.merged_into = '' AND h.gone_at IS NULL AND h.promise_date IS NULL AND h.decide_at IS NULL`},
	{"what is over promises nothing more", `SELECT COUNT(*) FROM themes WHERE status IN ('shipped', 'declined') AND (promise_date IS NOT NULL OR decide_at IS NOT NULL)`},
	{"what is published has a public title and is confirmed", `SELECT COUNT(*) FROM themes WHERE public = TRUE AND (public_title = '' OR status = 'candidate')`},
	{"activities are numbered without a gap", `SELECT COALESCE((SELECT n FROM counters WHERE name = 'activity'), 0) - COUNT(*) FROM activities`},
	{"no reader is ahead of the activities", `SELECT COUNT(*) FROM cursors WHERE seq > (SELECT n FROM counters WHERE name = 'activity')`},
	{"every person an event reached has one row with a delivery or a reason, or is still due", `SELECT COUNT(*) FROM follow_up_items i
		WHERE i.delivery_id <> '' AND (i.skip_reason <> '' OR NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.id = i.delivery_id))`},
	{"every news to who filed has one delivery or a reason, or is still due", `SELECT COUNT(*) FROM outcome_news w
		WHERE w.delivery_id <> '' AND (w.skip_reason <> '' OR NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.id = w.delivery_id))`},
	{"sent deliveries say when", `SELECT COUNT(*) FROM deliveries WHERE (state = 'sent') <> (sent_at IS NOT NULL)`},
	{"a delivery's lease has an end as long as it lasts", `SELECT COUNT(*) FROM deliveries WHERE (state IN ('leased', 'sending')) <> (lease_until IS NOT NULL)`},
	{"no secret is kept after its mail", `SELECT COUNT(*) FROM deliveries WHERE content <> '' AND state IN ('sent', 'failed', 'expired', 'cancelled')`},
	{"linked issues are known to GitHub", `SELECT COUNT(*) FROM issue_links WHERE state = 'linked' AND (issue_id = 0 OR number = 0)`},
	{"every open write to GitHub has its link, and no other is open", `SELECT COUNT(*) FROM issue_ops o WHERE (o.done_at IS NULL) <> (o.state IN ('planned', 'sent', 'failed'))
		OR o.done_at IS NULL AND NOT EXISTS (SELECT 1 FROM issue_links l WHERE l.id = o.link_id)`},
	{"of a used release draft the release stands, and only what is decided says when", `SELECT COUNT(*) FROM release_drafts d WHERE (d.state = 'open') <> (d.decided_at IS NULL)
		OR d.state = 'used' AND NOT EXISTS (SELECT 1 FROM releases r WHERE r.id = d.release_id AND r.undone_at IS NULL)`},
	{"answered proposals say when", `SELECT COUNT(*) FROM proposals WHERE state IN ('accepted', 'dismissed') AND (decided_at IS NULL OR activity_id = '')`},
	{"every judgement says what was said of its suggestion", `SELECT COUNT(*) FROM judgements j JOIN suggestions s ON s.id = j.suggestion_id
		WHERE j.model <> s.matched_by OR j.band <> CASE s.action WHEN 'attached' THEN 'attach' WHEN 'suggested' THEN 'suggest' ELSE 'new' END
			OR j.correct <> CASE WHEN j.band = 'new' THEN NOT j.existed ELSE j.named END`},
	{"every judgement is by a person's decision that was not taken back", `SELECT COUNT(*) FROM judgements j
		WHERE NOT EXISTS (SELECT 1 FROM activities a WHERE a.id = j.activity_id AND a.actor_kind = 'member' AND a.undone_by = '')`},
	{"every person's decision on where a suggestion belongs is judged", `SELECT COUNT(*) FROM activities a JOIN moves m ON m.activity_id = a.id JOIN suggestions s ON s.id = m.row_id
		WHERE a.verb IN ('suggestion.assigned', 'theme.split') AND a.actor_kind = 'member' AND a.undone_by = '' AND m.what = 'suggestion' AND m.to_theme <> '' AND s.matched_by <> ''
			AND NOT EXISTS (SELECT 1 FROM judgements j WHERE j.suggestion_id = s.id AND j.activity_id = a.id)`},
	{"of a suggestion's judgements the last one stands", `SELECT COUNT(*) FROM judgements j WHERE j.stands <> NOT EXISTS (SELECT 1 FROM judgements o WHERE o.suggestion_id = j.suggestion_id
		AND (o.decided_at > j.decided_at OR o.decided_at = j.decided_at AND o.activity_id > j.activity_id))`},
	{"no threshold promises less than it kept", `SELECT COUNT(*) FROM calibrations WHERE threshold > 0 AND above_right < 0.97 * above`},
	{"who was merged into another has no rows of their own", `SELECT COUNT(*) FROM people p WHERE p.merged_into <> '' AND (
		EXISTS (SELECT 1 FROM addresses x WHERE x.person_id = p.id) OR EXISTS (SELECT 1 FROM suggestions x WHERE x.person_id = p.id)
		OR EXISTS (SELECT 1 FROM votes x WHERE x.person_id = p.id) OR EXISTS (SELECT 1 FROM preferences x WHERE x.person_id = p.id)
		OR EXISTS (SELECT 1 FROM follow_up_items x WHERE x.person_id = p.id) OR EXISTS (SELECT 1 FROM sessions x WHERE x.person_id = p.id))`},
	{"merges of people end in somebody who stands", `SELECT COUNT(*) FROM people a LEFT JOIN people b ON b.id = a.merged_into WHERE a.merged_into <> ''
		AND (b.id IS NULL OR b.id = a.id OR b.merged_into = a.id)`},
	{"what was told by hand had no channel, and says when and by whom", `SELECT COUNT(*) FROM follow_up_items WHERE (told_at IS NULL) <> (told_by = '') OR told_at IS NOT NULL AND skip_reason <> 'no_channel'`},
	{"every webhook's message has its webhook, and what is sent says when", `SELECT COUNT(*) FROM webhook_messages m WHERE m.state = 'sent' AND m.sent_at IS NULL
		OR NOT EXISTS (SELECT 1 FROM webhook_endpoints e WHERE e.id = m.endpoint_id)`},
	{"whom a channel did not reach is told by hand", `SELECT COUNT(*) FROM follow_up_items i WHERE i.skip_reason = 'channel' AND EXISTS (
		SELECT 1 FROM webhook_messages m WHERE m.event_id = i.event_id AND m.person_id = i.person_id AND m.state = 'failed')`},
	{"every account that people are in exists", `SELECT COUNT(*) FROM people p WHERE p.account_id <> '' AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.id = p.account_id)`},
	{"every attachment has its bytes", `SELECT COUNT(*) FROM attachments a WHERE a.size <> COALESCE((SELECT LENGTH(c.body) FROM attachment_contents c WHERE c.attachment_id = a.id), -1)`},
	{"every message is on record", `SELECT COUNT(*) FROM messages m WHERE NOT EXISTS (SELECT 1 FROM activities a WHERE a.id = m.activity_id AND a.suggestion_id = m.suggestion_id)`},
	{"who was replied to has no running clock", `SELECT COUNT(*) FROM suggestions s WHERE s.first_replied_at IS NULL AND EXISTS (SELECT 1 FROM messages m WHERE m.suggestion_id = s.id AND m.author = 'staff')`},
	{"a connection to GitHub is whole or none", `SELECT COUNT(*) FROM github_connections WHERE NOT (kind = 'app' AND app_id > 0 AND slug <> '' AND private_key <> '' AND token = ''
		OR kind = 'token' AND token <> '' AND login <> '' AND private_key = '' OR kind = '' AND token = '' AND private_key = '' AND webhook_secret = '')`},
	{"every address has its person", `SELECT COUNT(*) FROM addresses a WHERE NOT EXISTS (SELECT 1 FROM people p WHERE p.id = a.person_id)`},
}

// Check counts what breaks each invariant; all zero is a sound store. It reads
// whole tables: for doctor, tests and the night.
func (db *DB) Check(ctx context.Context) ([]Invariant, error) {
	out := make([]Invariant, 0, len(invariants)+2)
	for _, inv := range invariants {
		r := Invariant{Name: inv.name}
		if err := db.Read(ctx).Raw(inv.query).Scan(&r.Broken).Error; err != nil {
			return nil, fmt.Errorf("check %q: %w", inv.name, err)
		}
		out = append(out, r)
	}
	if db.dialect != "sqlite" {
		return out, nil // PostgreSQL keeps its own foreign keys and pages
	}
	for name, query := range map[string]string{
		"foreign keys hold": `SELECT COUNT(*) FROM pragma_foreign_key_check`,
		"the file is sound": `SELECT COUNT(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'`,
	} {
		r := Invariant{Name: name}
		if err := db.Read(ctx).Raw(query).Scan(&r.Broken).Error; err != nil {
			return nil, fmt.Errorf("check %q: %w", name, err)
		}
		out = append(out, r)
	}
	return out, nil
}
