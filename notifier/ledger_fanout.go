package notifier

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// fanOutChunk people are written down in one transaction, so that nobody waits
// long for it.
const fanOutChunk = 400

// departures stands in a fan-out's cursor once the people who are there are
// done, before the person's id: then come those who were moved away meanwhile.
const departures = "gone:"

// fanOut is the job that writes an event's audience down, chunk by chunk. It
// goes on where it stopped.
func (n *Notifier) fanOut(ctx context.Context, j models.Job) error {
	for {
		first, err := n.firstOpen(ctx, j.Key)
		var done bool
		if err == nil {
			done, err = n.fanOutOne(ctx, first)
		}
		if err != nil {
			return fmt.Errorf("fan out %s: %w", j.Key, err)
		}
		wake(n.settle)
		if done && first == j.Key {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// firstOpen is the oldest change of the event's themes whose audience is not written down: what
// a later one says to somebody depends on what they hear of those before.
func (n *Notifier) firstOpen(ctx context.Context, event string) (first string, err error) {
	err = n.db.Read(ctx).Raw(`SELECT COALESCE(MIN(f.event_id), @event) FROM fanouts f JOIN follow_up_events l ON l.id = f.event_id
		JOIN follow_up_events o ON o.id = l.id OR o.bulk_id <> '' AND o.bulk_id = l.bulk_id
		WHERE f.done_at IS NULL AND f.event_id < @event AND o.kind = 'status' AND o.theme_id <> '' AND o.theme_id IN
			(SELECT p.theme_id FROM follow_up_events e JOIN follow_up_events p ON p.id = e.id OR p.bulk_id <> '' AND p.bulk_id = e.bulk_id WHERE e.id = @event)`,
		map[string]any{"event": event}).Scan(&first).Error
	return first, err
}

// fanOutOne does one chunk.
func (n *Notifier) fanOutOne(ctx context.Context, event string) (done bool, err error) {
	err = n.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) (err error) {
		var e models.FollowUpEvent
		if err := tx.First(&e, "id = ?", event).Error; err != nil {
			return err
		}
		// Chunks of one theme go one after the other: each must see what the
		// other events' chunks decided.
		if err := n.holdThemes(tx, e); err != nil {
			return err
		}
		if err := n.db.LockShared(tx, models.LockPeople); err != nil {
			return err
		}
		var f models.Fanout
		if err := tx.First(&f, "event_id = ?", event).Error; err != nil {
			return err
		}
		if done = f.DoneAt != nil; done {
			return nil
		}
		if e.BulkID != "" {
			err = n.fanOutBulk(ctx, tx, e, &f)
		} else {
			err = (&chunk{n: n, tx: tx, e: e, f: &f}).write()
		}
		if err != nil {
			return err
		}
		done = f.DoneAt != nil
		return tx.Save(&f).Error
	})
	return done, err
}

// chunk is one step of a fan-out, inside its transaction.
type chunk struct {
	n       *Notifier
	tx      *gorm.DB
	e       models.FollowUpEvent
	f       *models.Fanout
	from    string // people after this one
	to      string // up to this one
	leaving bool
}

func (c *chunk) write() error {
	moved, err := c.anybodyMoved()
	if err != nil {
		return err
	}
	source := c.source(moved)
	var people []string
	err = c.tx.Raw(source+" AND v.person_id > @from ORDER BY v.person_id LIMIT @limit", c.args()).Scan(&people).Error
	if err != nil {
		return err
	}
	if len(people) > 0 {
		c.to = people[len(people)-1]
		if err := c.tell(source); err != nil {
			return err
		}
		c.f.People += len(people)
	}
	c.advance(len(people) == fanOutChunk, moved)
	return nil
}

func isLeaving(cursor string) bool { return strings.HasPrefix(cursor, departures) }

// source is the SQL for whom the chunk is of, and takes from the cursor after whom.
func (c *chunk) source(moved bool) string {
	c.from = c.f.Cursor
	switch {
	case isLeaving(c.from):
		c.leaving, c.from = true, strings.TrimPrefix(c.from, departures)
		return "SELECT v.person_id FROM (" + departed + ") v WHERE 1 = 1"
	case moved:
		return c.audience() + " AND NOT (" + arrived + ")"
	}
	return c.audience()
}

// audience is the SQL for who is to hear of the event: who stood behind the theme
// when it happened.
func (c *chunk) audience() string {
	switch Kind(c.e.Kind) {
	case KindMerged:
		return whoseThemeWent
	case KindComment:
		return whoIsAnswered
	}
	return "SELECT v.person_id FROM votes v WHERE v.theme_id = @theme AND v.created_at <= @at"
}

// advance moves the cursor: to the next chunk, to those who left, or to the end.
func (c *chunk) advance(more, moved bool) {
	switch {
	case more && c.leaving:
		c.f.Cursor = departures + c.to
	case more:
		c.f.Cursor = c.to
	case moved && !c.leaving:
		c.f.Cursor = departures
	default:
		now := c.n.db.Now()
		c.f.DoneAt = &now
	}
}

func (c *chunk) args() map[string]any {
	comment, went := c.named()
	return map[string]any{
		"theme": c.e.ThemeID, "event": c.e.ID, "at": c.e.CreatedAt, "activity": c.e.ActivityID, "rev": c.e.Rev, "kind": c.e.Kind,
		"from": c.from, "to": c.to, "limit": fanOutChunk, "comment": comment, "went": went, "now": c.n.db.Now(), "due": models.Milli(c.e.CreatedAt.Add(c.n.o.Settle)), "quiet": !c.e.Notify, "recalled": c.e.RecalledAt != nil,
	}
}

// tell writes one row for everybody in the chunk, then settles it with the
// rows of earlier and later events of the theme.
func (c *chunk) tell(source string) error {
	err := c.tx.Exec(`INSERT INTO follow_up_items (event_id, person_id, theme_id, kind, due_at, skip_reason, created_at)
		SELECT @event, v.person_id, @theme, @kind, @due, CASE WHEN @recalled THEN 'recalled' WHEN @quiet THEN 'quiet' WHEN `+wroteItself+` THEN 'author' ELSE `+skipOf()+` END, @now
		FROM (`+source+` AND v.person_id > @from AND v.person_id <= @to) v WHERE 1 = 1
		ON CONFLICT (event_id, person_id) DO NOTHING`, c.args()).Error
	if err == nil && c.e.Kind == string(KindPromise) {
		return c.tellPromise()
	}
	if err == nil && c.e.Kind != string(KindStatus) { // only a status takes the place of another
		return c.standing()
	}
	if err != nil {
		return err
	}
	var events []models.FollowUpEvent
	err = c.tx.Select("id", "rev", "snapshot").Where("theme_id = ? AND kind = ? AND id <> ?", c.e.ThemeID, c.e.Kind, c.e.ID).
		Order("rev DESC").Find(&events).Error
	if err == nil && len(events) > 0 {
		err = c.settleWith(events)
	}
	if err != nil {
		return err
	}
	return c.tx.Exec(newsInstead, c.args()).Error
}

// The audience is who stood behind the theme when its status changed. A merge
// or an assignment meanwhile moves votes, whose own dates do not tell when they
// came to this theme; the moves do.
const since = `m.activity_id IN (SELECT z.id FROM activities z WHERE z.seq > (SELECT b.seq FROM activities b WHERE b.id = @activity)
	AND z.verb IN ('theme.merged', 'theme.split', 'suggestion.assigned', 'activity.undone'))`

// arrived: the vote (v) was moved here after the event, or comes from
// suggestions of which all were.
const arrived = `v.origin = 'vote' AND EXISTS (SELECT 1 FROM moves m WHERE m.what = 'vote' AND m.row_id = v.person_id AND m.to_theme = @theme AND ` + since + `)
	OR v.origin = 'suggestion' AND NOT EXISTS (SELECT 1 FROM suggestions s JOIN suggestion_themes t ON t.suggestion_id = s.id AND t.theme_id = @theme
		WHERE s.person_id = v.person_id AND s.created_at <= @at
		AND NOT EXISTS (SELECT 1 FROM moves m WHERE m.what = 'suggestion' AND m.row_id = s.id AND m.to_theme = @theme AND ` + since + `))`

// departed: whose vote or suggestion was moved away after the event and had
// not come after it.
const departed = `SELECT DISTINCT CASE WHEN m.what = 'vote' THEN m.row_id ELSE s.person_id END AS person_id
	FROM moves m JOIN activities k ON k.id = m.activity_id LEFT JOIN suggestions s ON m.what = 'suggestion' AND s.id = m.row_id
	WHERE m.from_theme = @theme AND m.what IN ('vote', 'suggestion') AND ` + since + `
	AND (m.what = 'vote' OR s.person_id <> '' AND s.created_at <= @at)
	AND NOT EXISTS (SELECT 1 FROM moves m2 JOIN activities k2 ON k2.id = m2.activity_id WHERE m2.what = m.what AND m2.row_id = m.row_id
		AND m2.to_theme = @theme AND k2.seq < k.seq AND k2.seq > (SELECT b.seq FROM activities b WHERE b.id = @activity))`

// anybodyMoved asks whether rows were moved from or to the theme since the
// event: mostly not, and then nothing of this needs asking person by person.
func (c *chunk) anybodyMoved() (moved bool, err error) {
	if k := Kind(c.e.Kind); k == KindMerged || k == KindComment { // they are named, wherever they stand by now
		return false, nil
	}
	err = c.tx.Raw("SELECT EXISTS (SELECT 1 FROM moves m WHERE (m.from_theme = @theme OR m.to_theme = @theme) AND m.what <> 'issue_link' AND "+since+")",
		c.args()).Scan(&moved).Error
	return moved, err
}
