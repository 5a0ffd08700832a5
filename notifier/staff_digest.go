package notifier

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// When the weekly mail is due, in the zone of the team's clocks.
const (
	digestDay  = time.Monday
	digestHour = 9
)

// digestLines is how many themes a section of the weekly mail names.
const digestLines = 5

// digestLate is how long after it was due somebody new still gets the weekly mail.
const digestLate = 24 * time.Hour

// DigestTheme is a theme in the weekly mail. Recent are the votes of the last week,
// Before those of the four weeks before it.
type DigestTheme struct {
	ID          string      `json:"id"`
	Title       string      `json:"title"` // the team's own
	PublicTitle models.Text `json:"public_title,omitzero"`
	People      int         `json:"people"`
	Recent      int         `json:"recent,omitempty"`
	Before      int         `json:"before,omitempty" gorm:"column:earlier"`
}

// StaffDigest is what the weekly mail says, in no language, as its delivery keeps it.
type StaffDigest struct {
	Rising  []DigestTheme `json:"rising,omitempty"`
	Decide  []DigestTheme `json:"decide,omitempty"` // the most people first
	Decides int           `json:"decides,omitempty"`
	Overdue int           `json:"overdue,omitempty"` // promises whose day has passed, but for Decides
	// Waiting suggestions stand in the inbox, Week of them for over a week and Month for
	// over 30 days; the oldest since Oldest.
	Waiting int        `json:"waiting,omitempty"`
	Week    int        `json:"week,omitempty"`
	Month   int        `json:"month,omitempty"`
	Oldest  *time.Time `json:"oldest,omitempty"`
	// Sent and Failed are the mails to people in the last seven days.
	Sent   int `json:"sent,omitempty"`
	Failed int `json:"failed,omitempty"`
}

// isEmpty: nothing of it is worth a mail.
func (d StaffDigest) isEmpty() bool {
	return len(d.Rising) == 0 && d.Decides == 0 && d.Overdue == 0 && d.Waiting == 0 && d.Sent == 0 && d.Failed == 0
}

// lastDue is when the weekly mail was due last.
func lastDue(now time.Time, zone *time.Location) time.Time {
	local := now.In(zone)
	back := (int(local.Weekday()) - int(digestDay) + 7) % 7
	y, m, d := local.Date()
	due := time.Date(y, m, d-back, digestHour, 0, 0, 0, zone)
	if due.After(now) {
		due = time.Date(y, m, d-back-7, digestHour, 0, 0, 0, zone)
	}
	return due
}

// TickStaffDigest is the cron job staff_digest: it queues the weekly mail of every
// member who decides what is built and has not had it since it was due. Who had it is
// a row, so a week that was missed is made up for once.
func (n *Notifier) TickStaffDigest(ctx context.Context, _ models.Job) error {
	zone, err := staffZone(n.db.Read(ctx))
	if err != nil {
		return fmt.Errorf("staff digest: %w", err)
	}
	now := n.db.Now()
	due := lastDue(now, zone)
	if to, err := digestDue(n.db.Read(ctx), due); err != nil || len(to) == 0 {
		return err
	}
	content, err := n.staffDigest(ctx, now) // reads much and writes nothing: outside of the transaction
	if err != nil {
		return fmt.Errorf("staff digest: %w", err)
	}
	err = n.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if err := n.db.Lock(tx, "staff_digest"); err != nil {
			return err
		}
		to, err := digestDue(tx, due)
		if err != nil {
			return err
		}
		for _, m := range to {
			if err := n.queueDigest(tx, m, content, due); err != nil {
				return err
			}
		}
		n.db.AfterCommit(ctx, n.normal.nudge)
		return nil
	})
	if err != nil {
		return fmt.Errorf("staff digest: %w", err)
	}
	return nil
}

// digestReader is a member with their row of staff_digests, where they have one.
type digestReader struct {
	models.Member `gorm:"embedded"`
	LastDigestAt  *time.Time
	NoMail        bool
}

func digestDue(db *gorm.DB, due time.Time) ([]digestReader, error) {
	var out []digestReader
	err := db.Raw(`SELECT m.*, r.last_digest_at, COALESCE(r.no_mail, FALSE) AS no_mail FROM members m LEFT JOIN staff_digests r ON r.member_id = m.id
		WHERE m.disabled_at IS NULL AND m.role IN ('owner', 'admin', 'pm') AND (r.last_digest_at IS NULL OR r.last_digest_at < ?) ORDER BY m.id`, models.Milli(due)).Scan(&out).Error
	return out, err
}

// queueDigest queues one member's mail and writes down that they had it: also who
// wants none, whom there is nothing to tell, and who came long after it was due.
func (n *Notifier) queueDigest(tx *gorm.DB, m digestReader, content StaffDigest, due time.Time) error {
	now := n.db.Now()
	err := tx.Exec(`INSERT INTO staff_digests (member_id, last_digest_at, no_mail, updated_at) VALUES (?, ?, FALSE, ?)
		ON CONFLICT (member_id) DO UPDATE SET last_digest_at = excluded.last_digest_at, updated_at = excluded.updated_at`, m.ID, now, now).Error
	if err != nil || m.NoMail || content.isEmpty() || m.LastDigestAt == nil && now.Sub(due) > digestLate {
		return err
	}
	b, err := json.Marshal(content)
	if err != nil {
		return err
	}
	d := n.newDelivery(KindStaffDigest, models.LaneNormal, m.Email, string(n.localeOf(m.Locale)), now, mailLife)
	d.DedupKey, d.Content = string(KindStaffDigest)+"/"+due.Format(time.DateOnly)+"/"+m.ID, string(b)
	return tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&d).Error
}

// staffDigest counts what the weekly mail says. It reads the votes of five weeks, the
// inbox, what is promised and the mails of a week, not all that was ever said.
func (n *Notifier) staffDigest(ctx context.Context, now time.Time) (StaffDigest, error) {
	db := n.db.Read(ctx)
	var d StaffDigest
	week := now.AddDate(0, 0, -7)
	args := map[string]any{"now": now, "week": week, "first": models.PrefixSuggestion, "week_id": models.IDFrom(models.PrefixSuggestion, week), "month_id": models.IDFrom(models.PrefixSuggestion, now.AddDate(0, 0, -30)), "before": now.AddDate(0, 0, -35), "lines": digestLines,
		"from": models.IDFrom(models.PrefixDelivery, week)}
	if err := db.Raw(risingThemes, args).Scan(&d.Rising).Error; err != nil {
		return d, err
	}
	if err := db.Raw(`SELECT id, title, public_title, people_count AS people FROM themes WHERE decide_at IS NOT NULL AND merged_into = '' AND gone_at IS NULL
		ORDER BY people_count DESC, id LIMIT @lines`, args).Scan(&d.Decide).Error; err != nil {
		return d, err
	}
	for _, q := range []struct {
		into *int
		sql  string
	}{
		{&d.Decides, `SELECT COUNT(*) FROM themes WHERE decide_at <= @now AND merged_into = '' AND gone_at IS NULL`},
		{&d.Overdue, `SELECT COUNT(*) FROM themes WHERE promise_date IS NOT NULL AND promise_date <= @now AND decide_at IS NULL AND merged_into = '' AND gone_at IS NULL AND status <> 'candidate'`},
		{&d.Waiting, `SELECT COUNT(*) FROM suggestions WHERE waiting = TRUE AND echo_of = '' AND id >= @first`},
		{&d.Week, `SELECT COUNT(*) FROM suggestions WHERE waiting = TRUE AND echo_of = '' AND id < @week_id`},
		{&d.Month, `SELECT COUNT(*) FROM suggestions WHERE waiting = TRUE AND echo_of = '' AND id < @month_id`},
		{&d.Sent, `SELECT COUNT(*) FROM deliveries WHERE state = 'sent' AND id >= @from AND person_id <> ''`},
		{&d.Failed, `SELECT COUNT(*) FROM deliveries WHERE state = 'failed' AND id >= @from AND person_id <> ''`},
	} {
		if err := db.Raw(q.sql, args).Scan(q.into).Error; err != nil {
			return d, err
		}
	}
	var oldest []models.Suggestion
	err := db.Select("id", "created_at").Where("waiting = TRUE AND echo_of = ''").Order("id").Limit(1).Find(&oldest).Error
	if len(oldest) > 0 {
		d.Oldest = &oldest[0].CreatedAt
	}
	return d, err
}

// risingThemes had more votes in the last week than in an ordinary one of the four
// before it.
const risingThemes = `SELECT h.id, h.title, h.public_title, h.people_count AS people, v.recent, v.earlier FROM (
		SELECT theme_id || '' AS theme_id, COUNT(CASE WHEN created_at > @week THEN 1 END) AS recent, COUNT(CASE WHEN created_at <= @week THEN 1 END) AS earlier
		FROM votes WHERE created_at > @before GROUP BY theme_id || '') v
	JOIN themes h ON h.id = v.theme_id WHERE v.recent >= 2 AND 4 * v.recent > v.earlier AND h.merged_into = '' AND h.gone_at IS NULL AND h.status NOT IN ('shipped', 'declined')
	ORDER BY 4 * v.recent - v.earlier DESC, h.id LIMIT @lines`

// staffZone is where the team's days begin: the zone of its clocks.
func staffZone(db *gorm.DB) (*time.Location, error) {
	var s models.ClockSetting
	if err := db.Limit(1).Find(&s, "id = 1").Error; err != nil {
		return nil, err
	}
	if zone, err := time.LoadLocation(s.Clocks.V.Zone); err == nil && s.Clocks.V.Zone != "" {
		return zone, nil
	}
	return time.UTC, nil
}

// WantsDigest reports whether the member who asks gets the weekly mail, or could: ok is
// false for whoever does not decide what is built.
func (n *Notifier) WantsDigest(ctx context.Context, a auth.Actor) (wants, ok bool, err error) {
	if a.Kind != models.ActorMember || auth.Can(a, auth.Announce) != nil {
		return false, false, nil
	}
	var r models.StaffDigest
	err = n.db.Read(ctx).Limit(1).Find(&r, "member_id = ?", a.ID).Error
	return !r.NoMail, true, err
}

// MailDigest switches the weekly mail of the member who asks on or off.
func (n *Notifier) MailDigest(ctx context.Context, a auth.Actor, on bool) error {
	if err := auth.Can(a, auth.Announce); err != nil {
		return err
	}
	if a.Kind != models.ActorMember {
		return models.Fail(models.Forbidden, "not_allowed", "staff_digest")
	}
	return n.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Exec(`INSERT INTO staff_digests (member_id, no_mail, updated_at) VALUES (?, ?, ?)
			ON CONFLICT (member_id) DO UPDATE SET no_mail = excluded.no_mail, updated_at = excluded.updated_at`, a.ID, !on, n.db.Now()).Error
	})
}
