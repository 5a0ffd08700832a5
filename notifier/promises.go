package notifier

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
)

// SkipPromiseRecent: the person had a promise mail within a month. What they were not
// told of stands in their next one.
const SkipPromiseRecent = "promise_recent"

// promiseDays is the month of which a person gets one promise mail. It counts days and
// not hours, so that two promises of a month each can be kept at the same time of day.
const promiseDays = 30

// makePromise makes an event of a promise date that has come.
func (n *Notifier) makePromise(ctx context.Context, tx *gorm.DB, act *models.Activity) error {
	c, err := act.Change()
	if err != nil {
		return fmt.Errorf("activity %s: %w", act.ID, err)
	}
	if c.After == nil || !isTellable(c.After.Status) {
		return nil
	}
	s := promiseSnapshot(*c.After)
	if s.Last, s.LastAt, err = lastUpdate(tx, act.ThemeID, s.Since); err != nil {
		return err
	}
	text, err := s.encode()
	if err != nil {
		return err
	}
	return n.publish(ctx, tx, models.FollowUpEvent{
		ID: models.NewID(models.PrefixEvent), ActivityID: act.ID, Kind: string(KindPromise), ThemeID: act.ThemeID, Rev: c.After.Rev,
		ActorName: act.ActorName, Notify: true, Snapshot: text, CreatedAt: act.CreatedAt,
	})
}

// promiseSnapshot is where a theme stands, for who hears of it on the promised day.
func promiseSnapshot(f models.ThemeFacts) snapshot {
	return snapshot{From: f.Status, To: f.Status, PublicTitle: f.PublicTitle, Reason: f.Reason, PromiseDate: f.PromiseDate, Version: f.Version, Since: f.StatusAt}
}

// updatesLooked is among how many updates the last one is looked for that still stands.
const updatesLooked = 20

// lastUpdate is the last thing that staff wrote about a theme since its status was given
// and that still stands.
func lastUpdate(tx *gorm.DB, theme string, since *time.Time) (text models.Text, at *time.Time, err error) {
	if since == nil {
		return text, nil, nil
	}
	var events []models.FollowUpEvent
	err = tx.Order("rev DESC").Limit(updatesLooked).Find(&events, "theme_id = ? AND kind = ? AND created_at > ?", theme, KindUpdate, *since).Error
	for _, e := range events {
		back, err := isTakenBack(tx, e)
		if err != nil {
			return text, nil, err
		}
		if !back {
			s, err := readSnapshot(e)
			return s.Text, &e.CreatedAt, err
		}
	}
	return text, nil, err
}

// tellPromise settles a chunk of a promise event: who had such a mail within the month
// waits for their next one, whoever waits for other news of the theme hears that
// instead, and whom it tells it also tells of what they were not told before.
func (c *chunk) tellPromise() error {
	args := c.args()
	day := c.e.CreatedAt.UTC().Truncate(24 * time.Hour)
	args["month"] = day.AddDate(0, 0, 1-promiseDays)
	args["long_ago"] = day.AddDate(0, 0, -4*promiseDays)
	for _, q := range []string{otherNewsWaits, hadOneLately, namedNow} {
		if err := c.tx.Exec(q, args).Error; err != nil {
			return err
		}
	}
	return nil
}

// mineWaiting are the event's own rows of the chunk that are to be told.
const mineWaiting = `event_id = @event AND person_id > @from AND person_id <= @to AND delivery_id = '' AND skip_reason = ''`

const otherNewsWaits = `UPDATE follow_up_items SET skip_reason = 'superseded' WHERE ` + mineWaiting + `
	AND EXISTS (SELECT 1 FROM follow_up_items x WHERE x.person_id = follow_up_items.person_id AND x.theme_id = @theme AND x.event_id <> @event
		AND x.kind IN ('status', 'update') AND x.delivery_id = '' AND x.skip_reason = '')`

const hadOneLately = `UPDATE follow_up_items SET skip_reason = '` + SkipPromiseRecent + `' WHERE ` + mineWaiting + `
	AND EXISTS (SELECT 1 FROM follow_up_items x JOIN follow_up_events y ON y.id = x.event_id JOIN deliveries d ON d.id = x.delivery_id
		WHERE x.person_id = follow_up_items.person_id AND x.kind = 'promise' AND x.event_id <> @event AND y.created_at >= @month
		AND d.state NOT IN ('failed', 'expired', 'skipped', 'cancelled'))`

// namedNow takes up the last that each person was not told of a theme, while they stand
// behind it, it is open and they heard nothing of it since.
const namedNow = `UPDATE follow_up_items SET skip_reason = '', due_at = @due WHERE kind = 'promise' AND skip_reason = '` + SkipPromiseRecent + `' AND theme_id <> @theme
	AND person_id > @from AND person_id <= @to AND created_at >= @long_ago
	AND EXISTS (SELECT 1 FROM follow_up_items w WHERE w.event_id = @event AND w.person_id = follow_up_items.person_id AND w.delivery_id = '' AND w.skip_reason = '')
	AND EXISTS (SELECT 1 FROM votes v JOIN themes h ON h.id = v.theme_id WHERE v.theme_id = follow_up_items.theme_id AND v.person_id = follow_up_items.person_id
		AND h.merged_into = '' AND h.gone_at IS NULL AND h.status NOT IN ('candidate', 'shipped', 'declined'))
	AND NOT EXISTS (SELECT 1 FROM follow_up_items l WHERE l.person_id = follow_up_items.person_id AND l.theme_id = follow_up_items.theme_id
		AND l.event_id > follow_up_items.event_id AND (l.delivery_id <> '' OR l.skip_reason IN ('', '` + SkipPromiseRecent + `')))`

// newsInstead: a status that is to be told says more than a promise of the same theme
// that still waits for the same person. It goes by the theme's promises, of which there are
// few, and not by what waits.
const newsInstead = `UPDATE follow_up_items SET skip_reason = 'superseded'
	WHERE event_id IN (SELECT p.id FROM follow_up_events p WHERE p.theme_id = @theme AND p.kind = 'promise') AND kind = 'promise' AND person_id > @from AND person_id <= @to
	AND delivery_id = '' AND skip_reason = '' AND EXISTS (SELECT 1 FROM follow_up_items x WHERE x.event_id = @event AND x.person_id = follow_up_items.person_id
		AND x.delivery_id = '' AND x.skip_reason = '')`

// promiseHead returns subject and first sentence of a mail that keeps promises. About
// one theme the subject is the theme's own, so that the mail stands in its thread.
func promiseHead(p *i18n.Printer, m Message, own string) (subject, intro string) {
	if n := len(m.Themes); n > 1 {
		return p.T("mail.subject.promises", n), p.T("mail.intro.promises", n)
	}
	return own, p.T("mail.intro.promise")
}

// promised is what a promise says to one person: as it stood when the day came, or as
// the theme stands now, where it is told later.
func (w *writing) promised(e models.FollowUpEvent, s snapshot) snapshot {
	th, ok := w.themes[e.ThemeID]
	if ok && th.Rev != e.Rev && th.IsLive() && th.Status.IsOpen() && isTellable(th.Status) {
		now := promiseSnapshot(th.Facts())
		if th.Status == s.To && s.LastAt != nil && s.LastAt.After(th.StatusAt) {
			now.Last, now.LastAt = s.Last, s.LastAt
		}
		return now
	}
	return s
}
