package notifier

import (
	"fmt"
	"strings"

	"github.com/heedhq/heed/i18n"
)

// Why a person is not told. Each has a row in follow_up_items, or stands as
// the answer of a skipped delivery.
const (
	SkipQuiet      = "quiet"      // staff chose to tell nobody
	SkipUnchanged  = "unchanged"  // it went back to what the person knows before it settled
	SkipSuperseded = "superseded" // a later change of the same theme is told instead
	SkipPreference = "preference" // the person wants no such mail
	SkipNoChannel  = "no_channel" // no e-mail address is known
	SkipChannel    = "channel"    // told through the webhook of the channel where they are known
	SkipSuppressed = "suppressed" // the address does not take mail
	SkipMuted      = "muted"      // the person wants to hear nothing more of this theme
	SkipRecalled   = "recalled"   // staff took the change back out of the mail
)

// emailOf is the address a person's mail goes to: a proven one first, then the
// oldest. %s is the column that holds the person's id. The empty string keeps
// PostgreSQL, while it has no statistics, from going through all addresses of
// the channel for each person.
const emailOf = `(SELECT a.value FROM addresses a WHERE a.person_id = %s AND a.channel || '' = 'email'
	ORDER BY a.verified_at IS NULL, a.created_at, a.value LIMIT 1)`

// isOff and isSuppressed are the two questions that decide whether mail may go
// to a person and an address.
var (
	isOff = `EXISTS (SELECT 1 FROM preferences q WHERE q.person_id = %s AND q.kind IN ('all', %s) AND q.mode = 'off')`

	// Who called follow-ups spam still gets answers to what they asked.
	isSuppressed = `EXISTS (SELECT 1 FROM suppressions u WHERE u.address = %[1]s
	AND (u.scope IN ('all', %[2]s) OR u.scope = 'follow_ups' AND %[2]s NOT IN ` + sqlKinds(isAnswer) + `)
	AND (u.until IS NULL OR u.until > @now))`
	// The one mail that tries a suppressed address goes.
	isStopped = `EXISTS (SELECT 1 FROM suppressions u WHERE u.address = deliveries.address AND u.trial <> deliveries.id
	AND (u.scope IN ('all', deliveries.kind) OR u.scope = 'follow_ups' AND deliveries.kind NOT IN ` + sqlKinds(isAnswer) + `)
	AND (u.until IS NULL OR u.until > @now))`
	// wantsTrial: the address bounced, and its time is over.
	wantsTrial = `EXISTS (SELECT 1 FROM suppressions u WHERE u.address = deliveries.address AND u.scope = 'all' AND u.until <= @now)
	AND deliveries.kind NOT IN ` + sqlKinds(isUnstopping)
)

// isOffItself: the person wants no replies; that they want no follow-ups does not
// say so.
const isOffItself = `EXISTS (SELECT 1 FROM preferences q WHERE q.person_id = deliveries.person_id AND q.kind = deliveries.kind AND q.mode = 'off')`

// skipOf is the SQL for why a person (v) would not be told of something of a kind,
// or nothing when they would. It takes @kind, @theme and @now, and @went, a theme that went
// into this one ("" for none).
func skipOf() string {
	email := fmt.Sprintf(emailOf, "v.person_id")
	return `CASE WHEN ` + fmt.Sprintf(isOff, "v.person_id", "@kind") + ` THEN 'preference'
		WHEN EXISTS (SELECT 1 FROM theme_mutes q WHERE q.person_id = v.person_id AND q.theme_id IN (@theme, @went)) THEN 'muted'
		WHEN ` + email + ` IS NULL THEN 'no_channel'
		WHEN EXISTS (SELECT 1 FROM suppressions) AND ` + fmt.Sprintf(isSuppressed, email, "@kind") + ` THEN 'suppressed' ELSE '' END`
}

// stopOf is the SQL for why a delivery may not be sent, the empty string when it may; it is
// asked in the statement that commits to sending. Mail for signing in and
// for emergencies is stopped by nobody. An address that is not this person's any more, such
// as one that was erased, gets nothing, also when somebody has come with it since. It takes @now.
func stopOf() string {
	return `CASE WHEN deliveries.kind IN ` + sqlKinds(isUnstopping) + ` THEN ''
		WHEN ` + isTakingOut + ` THEN '` + takingOut + `'
		WHEN deliveries.kind = 'outcome' AND EXISTS (SELECT 1 FROM members e JOIN outcome_readers r ON r.kind = 'member' AND r.id = e.id AND r.no_mail
			WHERE e.email = deliveries.address) THEN 'preference'
		WHEN deliveries.kind = 'staff_digest' AND EXISTS (SELECT 1 FROM members e JOIN staff_digests r ON r.member_id = e.id AND r.no_mail = TRUE WHERE e.email = deliveries.address) THEN 'preference'
		WHEN deliveries.person_id <> '' AND NOT EXISTS (SELECT 1 FROM addresses a WHERE a.channel = 'email' AND a.value = deliveries.address
			AND (a.person_id = deliveries.person_id OR EXISTS (SELECT 1 FROM people p WHERE p.id = deliveries.person_id AND p.merged_into <> ''))) THEN 'no_channel'
		WHEN ` + fmt.Sprintf(isOff, "deliveries.person_id", "deliveries.kind") + ` AND (deliveries.kind <> 'reply' OR ` + isOffItself + `) THEN 'preference'
		WHEN ` + isStopped + ` THEN 'suppressed'
		` + stopThread + ` ELSE '' END`
}

// localeOf reads a person's stored locale.
func (n *Notifier) localeOf(stored string) i18n.Locale {
	if l, ok := i18n.Parse(stored); ok && strings.TrimSpace(stored) != "" {
		return l
	}
	return n.o.DefaultLocale
}
