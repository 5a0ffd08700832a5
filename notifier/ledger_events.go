package notifier

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// snapshot is what an event says, frozen: the theme may have moved on when the
// mail is written.
type snapshot struct {
	From        models.Status `json:"from"`
	To          models.Status `json:"to"`
	PublicTitle models.Text   `json:"public_title"`
	Reason      models.Text   `json:"reason"`
	PromiseDate *time.Time    `json:"promise_date,omitempty"`
	Version     string        `json:"version,omitempty"`
	// Of a promise: when the status was given, and the last update since, where there is one.
	Since  *time.Time  `json:"since,omitempty"`
	Last   models.Text `json:"last,omitzero"`
	LastAt *time.Time  `json:"last_at,omitempty"`
	// Text is what an update or a comment says, TextLang a comment's language; By wrote
	// the comment, for the team where Staff is set. Went is what a merged theme was called, WentID
	// which it was.
	Text     models.Text         `json:"text,omitzero"`
	TextLang string              `json:"text_lang,omitempty"`
	Comment  string              `json:"comment,omitempty"`
	By       string              `json:"by,omitempty"`
	Staff    bool                `json:"staff,omitempty"`
	Went     models.Text         `json:"went,omitzero"`
	WentID   string              `json:"went_id,omitempty"`
	Release  *models.ReleaseStep `json:"release,omitempty"`
	Undo     bool                `json:"undo,omitempty"` // a status that stands again since another was taken back
	Was      *models.ThemeFacts  `json:"was,omitempty"`  // what a reader had been told of From
}

// facts are what a reader is told of a status.
func (s snapshot) facts() models.ThemeFacts {
	return models.ThemeFacts{Status: s.To, Reason: s.Reason, Version: s.Version, PromiseDate: s.PromiseDate}
}

// leaves reports whether before this change the theme was as another leaves it.
func (s snapshot) leaves(o snapshot) bool {
	return s.Was == nil && s.From == o.To || s.Was != nil && s.Was.Says(o.facts())
}

func (s snapshot) encode() (string, error) {
	b, err := json.Marshal(s)
	return string(b), err
}

func readSnapshot(e models.FollowUpEvent) (snapshot, error) {
	var s snapshot
	if err := json.Unmarshal([]byte(e.Snapshot), &s); err != nil {
		return s, fmt.Errorf("event %s: %w", e.ID, err)
	}
	return s, nil
}

// snapshots are those of a batch, each read once: many people hear of one event.
type snapshots map[string]snapshot

func (known snapshots) of(e models.FollowUpEvent) (snapshot, error) {
	s, found := known[e.ID]
	if found {
		return s, nil
	}
	s, err := readSnapshot(e)
	if err == nil {
		known[e.ID] = s
	}
	return s, err
}

// isTellable: a candidate is private, so nobody hears of a theme becoming one
// again.
func isTellable(s models.Status) bool { return s == models.StatusReceived || s.IsSettable() }

// readEvents makes events of the activities since the cursor, in the cursor's
// transaction.
func (n *Notifier) readEvents(ctx context.Context) (busy bool, pause time.Duration, err error) {
	read, err := n.db.Consume(ctx, cursorName, eventBatch, func(ctx context.Context, tx *gorm.DB, acts []models.Activity) error {
		if err := n.holdEdited(tx, acts); err != nil {
			return err
		}
		if err := n.tellClocks(ctx, tx, acts); err != nil {
			return err
		}
		for i := range acts {
			var err error
			switch acts[i].Verb {
			case models.ThemeStatus:
				err = n.makeEvent(ctx, tx, &acts[i])
			case models.ThemePromiseCame:
				err = n.makePromise(ctx, tx, &acts[i])
			case models.PersonEdited, models.PersonMerged:
				err = n.retimeEdited(ctx, tx, &acts[i])
			case models.EmergencyOpened:
				err = n.advise(ctx, tx, &acts[i])
			case models.EmergencyAlerted:
				err = n.alert(ctx, tx, &acts[i])
			case models.WebhookOff:
				err = n.tellWebhookOff(ctx, tx, &acts[i])
			case models.SuggestionFiled, models.SuggestionReplied, models.SuggestionStepped, models.ActivityUndone:
				err = n.makeThreadEvent(ctx, tx, &acts[i])
			}
			if err == nil {
				err = n.tellTold(ctx, tx, &acts[i])
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	return read == eventBatch, 0, err
}

// makeEvent writes down one change of status, unless it only restates what was
// said before.
func (n *Notifier) makeEvent(ctx context.Context, tx *gorm.DB, act *models.Activity) error {
	c, err := act.Change()
	if err != nil {
		return fmt.Errorf("activity %s: %w", act.ID, err)
	}
	if c.After == nil || c.Before != nil && c.Before.Says(*c.After) {
		return nil
	}
	s := snapshot{To: c.After.Status, PublicTitle: c.After.PublicTitle, Reason: c.After.Reason, PromiseDate: c.After.PromiseDate, Version: c.After.Version, Undo: c.Undoes != ""}
	if !c.TakesBack() {
		s.Release = c.Release
	}
	if c.Before != nil {
		b := *c.Before
		s.From, s.Was = b.Status, &models.ThemeFacts{Status: b.Status, Reason: b.Reason, Version: b.Version, PromiseDate: b.PromiseDate}
	}
	text, err := s.encode()
	if err != nil {
		return err
	}
	e := models.FollowUpEvent{
		ID: models.NewID(models.PrefixEvent), ActivityID: act.ID, Kind: string(KindStatus), ThemeID: act.ThemeID, Rev: c.After.Rev,
		ActorName: act.ActorName, Notify: c.Notify && isTellable(s.To), Snapshot: text, BulkID: c.Bulk, CreatedAt: act.CreatedAt,
	}
	return n.publish(ctx, tx, e)
}

// publish writes an event down, once an activity, and has its audience written down;
// that of a part of a decision by the event which ends it.
func (n *Notifier) publish(ctx context.Context, tx *gorm.DB, e models.FollowUpEvent) error {
	res := tx.Exec(`INSERT INTO follow_up_events (id, activity_id, kind, theme_id, rev, actor_name, notify, snapshot, bulk_id, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		e.ID, e.ActivityID, e.Kind, e.ThemeID, e.Rev, e.ActorName, e.Notify, e.Snapshot, e.BulkID, e.CreatedAt)
	if res.Error != nil || res.RowsAffected == 0 {
		return res.Error // made before
	}
	if e.BulkID != "" && e.BulkID != e.ActivityID {
		return nil
	}
	if err := tx.Create(&models.Fanout{EventID: e.ID, CreatedAt: n.db.Now()}).Error; err != nil {
		return err
	}
	return n.queue.Enqueue(ctx, fanOutKind, e.ID, "", n.db.Now())
}
