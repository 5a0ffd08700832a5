package notifier

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// What people hear besides a status: updates, merges by choice, answers to their
// comments. Each is an event of its own activity and fans out as a status does; none
// takes the place of another. What is taken back before it was sent is told to nobody.

// SkipTakenBack: it was taken back before the person was told. SkipAuthor: they wrote
// it themselves.
const (
	SkipTakenBack = "taken_back"
	SkipAuthor    = "author"
)

// eventRelease is the event that ends a release: it has no items of its own, its
// fan-out writes down those of the statuses that were given with it.
const eventRelease = "release"

// tellTold makes the events of an activity of these kinds.
func (n *Notifier) tellTold(ctx context.Context, tx *gorm.DB, act *models.Activity) error {
	c, err := act.Change()
	if err != nil {
		return fmt.Errorf("activity %s: %w", act.ID, err)
	}
	switch act.Verb {
	case models.ReleaseShipped:
		return n.publishBulk(ctx, tx, act, c)
	case models.ActivityUndone:
		if c.UndoneVerb == models.ReleaseShipped {
			return n.publishBulk(ctx, tx, act, c)
		}
		return n.takenBack(ctx, tx, act, c)
	case models.ThemeUpdated:
		return n.publishAbout(ctx, tx, act, KindUpdate, act.ThemeID, c.Notify, snapshot{Text: textOf(c)})
	case models.ThemeMerged:
		if err := n.carryMutes(tx, act, c); err != nil || !c.Notify {
			return err
		}
		return n.publishMerged(ctx, tx, act, c)
	case models.CommentAdded, models.CommentSettled:
		return n.followComment(ctx, tx, act, c)
	}
	return nil
}

func textOf(c models.Change) models.Text {
	if c.Text == nil {
		return models.Text{}
	}
	return *c.Text
}

// publishAbout writes down an event about a theme as it stands now; where nobody may
// hear of the theme it is quiet.
func (n *Notifier) publishAbout(ctx context.Context, tx *gorm.DB, act *models.Activity, kind Kind, theme string, notify bool, s snapshot) error {
	var th models.Theme
	if err := tx.Limit(1).Find(&th, "id = ?", theme).Error; err != nil || th.ID == "" {
		return err
	}
	s.From, s.To, s.PublicTitle, s.Version = th.Status, th.Status, th.PublicTitle, th.Version
	text, err := s.encode()
	if err != nil {
		return err
	}
	return n.publish(ctx, tx, models.FollowUpEvent{ID: models.NewID(models.PrefixEvent), ActivityID: act.ID, Kind: string(kind), ThemeID: theme, Rev: act.Seq,
		ActorName: act.ActorName, Notify: notify && isTellable(s.To), Snapshot: text, CreatedAt: act.CreatedAt})
}

func (n *Notifier) publishMerged(ctx context.Context, tx *gorm.DB, act *models.Activity, c models.Change) error {
	var from models.Theme
	if err := tx.Limit(1).Find(&from, "id = ?", act.ThemeID).Error; err != nil {
		return err
	}
	return n.publishAbout(ctx, tx, act, KindMerged, c.Into, true, snapshot{Went: from.PublicTitle, WentID: from.ID})
}

// followComment tells who is answered once the answer can be seen; while it cannot, it is
// taken back, and told after all where it is shown again.
func (n *Notifier) followComment(ctx context.Context, tx *gorm.DB, act *models.Activity, c models.Change) error {
	if c.Comment == nil || c.Comment.ReplyTo == "" {
		return nil
	}
	var m models.Comment
	if err := tx.Limit(1).Find(&m, "id = ?", c.Comment.ID).Error; err != nil || m.ID == "" {
		return err
	}
	var e models.FollowUpEvent // its theme may have gone into another meanwhile
	err := tx.Limit(1).Find(&e, "kind = ? AND theme_id IN ? AND snapshot LIKE ?", KindComment, []string{act.ThemeID, m.ThemeID}, "%"+c.Comment.ID+"%").Error
	switch {
	case err != nil:
		return err
	case e.ID != "":
		return n.asItStands(ctx, tx, e)
	case c.Comment.To != models.CommentVisible:
		return nil
	}
	s := snapshot{Comment: m.ID, Text: models.Text{Any: m.Text}, TextLang: m.Lang, By: m.Name, Staff: m.MemberID != ""}
	return n.publishAbout(ctx, tx, act, KindComment, act.ThemeID, true, s)
}

// publishBulk ends a decision on several themes: from here on its statuses are told,
// all of them to each person at once.
func (n *Notifier) publishBulk(ctx context.Context, tx *gorm.DB, act *models.Activity, c models.Change) error {
	text, err := snapshot{Release: c.Release}.encode()
	if err != nil {
		return err
	}
	return n.publish(ctx, tx, models.FollowUpEvent{ID: models.NewID(models.PrefixEvent), ActivityID: act.ID, Kind: eventRelease, Rev: act.Seq,
		ActorName: act.ActorName, Notify: c.Notify, Snapshot: text, BulkID: act.ID, CreatedAt: act.CreatedAt})
}

// takenBack follows an undo, or the undo of one.
func (n *Notifier) takenBack(ctx context.Context, tx *gorm.DB, act *models.Activity, c models.Change) error {
	switch c.UndoneVerb {
	case models.CommentSettled:
		return n.followComment(ctx, tx, act, c)
	case models.ThemeMerged:
		if err := n.carryMutes(tx, act, c); err != nil {
			return err
		}
	case models.ThemeUpdated:
	default:
		return nil
	}
	var e models.FollowUpEvent
	origin, err := n.origin(tx, c)
	if err != nil {
		return err
	}
	if err := tx.Limit(1).Find(&e, "activity_id = ?", origin).Error; err != nil || e.ID == "" {
		return err
	}
	return n.asItStands(ctx, tx, e)
}

// asItStands takes an event out of what its people have not been told while what it tells
// of is taken back, and puts it back where it holds again: who had heard of it is not told
// once more.
func (n *Notifier) asItStands(ctx context.Context, tx *gorm.DB, e models.FollowUpEvent) error {
	back, err := isTakenBack(tx, e)
	if err != nil {
		return err
	}
	reason := ""
	if back {
		reason = SkipTakenBack
	}
	return n.beginTakeOut(ctx, tx, e, reason)
}

// origin is the activity at the beginning of undoing and doing again.
func (n *Notifier) origin(tx *gorm.DB, c models.Change) (string, error) {
	for {
		var act models.Activity
		if err := tx.First(&act, "id = ?", c.Undoes).Error; err != nil || act.Verb != models.ActivityUndone {
			return c.Undoes, err
		}
		var err error
		if c, err = act.Change(); err != nil {
			return "", err
		}
	}
}

// standing: what is taken back while its audience is written down waits for nobody.
func (c *chunk) standing() error {
	back, err := isTakenBack(c.tx, c.e)
	if err != nil || !back {
		return err
	}
	return c.tx.Exec(`UPDATE follow_up_items SET skip_reason = 'taken_back' WHERE event_id = @event AND person_id > @from AND person_id <= @to
		AND delivery_id = '' AND skip_reason = ''`, c.args()).Error
}

// Whom an event of these kinds is for, as (v).
const (
	whoseThemeWent = `SELECT v.person_id FROM (SELECT DISTINCT CASE WHEN m.what = 'vote' THEN m.row_id ELSE s.person_id END AS person_id
		FROM moves m LEFT JOIN suggestions s ON m.what = 'suggestion' AND s.id = m.row_id
		WHERE m.activity_id = @activity AND m.what IN ('vote', 'suggestion')) v WHERE v.person_id <> ''`
	whoIsAnswered = `SELECT v.person_id FROM (SELECT r.person_id FROM comments c JOIN comments r ON r.id = c.reply_to WHERE c.id = @comment) v WHERE v.person_id <> ''`
	wroteItself   = `@comment <> '' AND EXISTS (SELECT 1 FROM comments c WHERE c.id = @comment AND c.person_id = v.person_id)`
)

// named are the comment and the theme that went, where the event is of these; "" for
// other kinds.
func (c *chunk) named() (comment, went string) {
	s, err := readSnapshot(c.e)
	if k := Kind(c.e.Kind); err != nil || k != KindComment && k != KindMerged {
		return "", ""
	}
	return s.Comment, s.WentID
}
