package notifier

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
)

// Why a person is not told. Each has a row in follow_up_items, or stands as
// the answer of a skipped delivery.
const (
	SkipQuiet      = "quiet"      // staff chose to tell nobody
	SkipUnchanged  = "unchanged"  // it went back to what the person knows before it settled
	SkipSuperseded = "superseded" // a later change of the same theme is told instead
	SkipPreference = "preference" // the person wants no such mail
	SkipNoChannel  = "no_channel" // no e-mail address is known
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
const (
	isOff = `EXISTS (SELECT 1 FROM preferences q WHERE q.person_id = %s AND q.kind IN ('all', %s) AND q.mode = 'off')`

	isSuppressed = `EXISTS (SELECT 1 FROM suppressions u WHERE u.address = %s AND u.scope IN ('all', %s)
	AND (u.until IS NULL OR u.until > @now))`
)

// isOffItself: the person wants no replies; that they want no follow-ups does not
// say so.
const isOffItself = `EXISTS (SELECT 1 FROM preferences q WHERE q.person_id = deliveries.person_id AND q.kind = deliveries.kind AND q.mode = 'off')`

// skipOf is the SQL for why a person (v) would not be told of something of a kind,
// or nothing when they would. It takes @kind, @theme and @now.
func skipOf() string {
	email := fmt.Sprintf(emailOf, "v.person_id")
	return `CASE WHEN ` + fmt.Sprintf(isOff, "v.person_id", "@kind") + ` THEN 'preference'
		WHEN EXISTS (SELECT 1 FROM theme_mutes q WHERE q.person_id = v.person_id AND q.theme_id = @theme) THEN 'muted'
		WHEN ` + email + ` IS NULL THEN 'no_channel'
		WHEN EXISTS (SELECT 1 FROM suppressions) AND ` + fmt.Sprintf(isSuppressed, email, "@kind") + ` THEN 'suppressed' ELSE '' END`
}

// stopOf is the SQL for why a delivery may not be sent, ” when it may; it is
// asked in the statement that commits to sending. Mail for signing in and
// for emergencies is stopped by nobody. It takes @now.
func stopOf() string {
	return `CASE WHEN deliveries.kind IN ('signin_code', 'safety', 'escalation') THEN ''
		WHEN deliveries.kind = 'outcome' AND EXISTS (SELECT 1 FROM members e JOIN outcome_readers r ON r.kind = 'member' AND r.id = e.id AND r.no_mail
			WHERE e.email = deliveries.address) THEN 'preference'
		WHEN ` + fmt.Sprintf(isOff, "deliveries.person_id", "deliveries.kind") + ` AND (deliveries.kind <> 'reply' OR ` + isOffItself + `) THEN 'preference'
		WHEN ` + fmt.Sprintf(isSuppressed, "deliveries.address", "deliveries.kind") + ` THEN 'suppressed'
		` + stopThread + ` ELSE '' END`
}

// Skip is how many people are not told, for one reason.
type Skip struct {
	Reason string
	Count  int
}

// Preview is who would hear of a change: People stand behind the theme, Mails
// of them get one, ByLocale in these languages; LackingLanguage of those find
// the title or the reason in another language than theirs.
type Preview struct {
	People          int
	Mails           int
	Skipped         []Skip
	ByLocale        map[string]int
	LackingLanguage int
}

// Preview counts who would hear of a status with this reason. Like the
// announcement it precedes, it needs auth.Announce. NotFound theme_not_found.
func (n *Notifier) Preview(ctx context.Context, a auth.Actor, themeID string, reason models.Text, notify bool) (Preview, error) {
	p := Preview{ByLocale: map[string]int{}}
	if err := auth.Can(a, auth.Announce); err != nil {
		return p, err
	}
	var th models.Theme
	err := n.db.Read(ctx).Select("id", "public_title").First(&th, "id = ?", themeID).Error
	if models.IsNotFound(err) {
		return p, models.Fail(models.NotFound, "theme_not_found")
	}
	if err != nil {
		return p, fmt.Errorf("preview: %w", err)
	}
	var rows []struct {
		Skip   string
		Locale string
		N      int
	}
	err = n.db.Read(ctx).Raw(`SELECT skip, locale, COUNT(*) AS n FROM (
			SELECT `+skipOf()+` AS skip, p.locale AS locale FROM votes v JOIN people p ON p.id = v.person_id WHERE v.theme_id = @theme
		) audience GROUP BY skip, locale`, map[string]any{"theme": themeID, "kind": string(KindStatus), "now": n.db.Now()}).Scan(&rows).Error
	if err != nil {
		return p, fmt.Errorf("preview: %w", err)
	}
	skipped := map[string]int{}
	for _, r := range rows {
		p.People += r.N
		if !notify {
			r.Skip = SkipQuiet
		}
		if r.Skip != "" {
			skipped[r.Skip] += r.N
			continue
		}
		locale := string(n.localeOf(r.Locale))
		p.Mails += r.N
		p.ByLocale[locale] += r.N
		if reason.Lacks(locale) || th.PublicTitle.Lacks(locale) {
			p.LackingLanguage += r.N
		}
	}
	for reason, count := range skipped {
		p.Skipped = append(p.Skipped, Skip{reason, count})
	}
	sort.Slice(p.Skipped, func(i, j int) bool { return p.Skipped[i].Reason < p.Skipped[j].Reason })
	return p, nil
}

// localeOf reads a person's stored locale.
func (n *Notifier) localeOf(stored string) i18n.Locale {
	if l, ok := i18n.Parse(stored); ok && strings.TrimSpace(stored) != "" {
		return l
	}
	return n.o.DefaultLocale
}
