package intake

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Thread is all that was said about one suggestion, oldest first, between staff
// and its person. Objects says that the person's word "this is not what I meant"
// has no answer yet; Waits that the last word is the person's.
type Thread struct {
	Suggestion  models.Suggestion
	Person      *models.Person // nil for somebody unknown
	Messages    []models.Message
	Steps       []StateStep
	Attachments []models.Attachment
	Objects     bool
	Waits       bool
}

// StateStep is a change of the suggestion's state.
type StateStep struct {
	From, To  models.SuggestionState
	ActorKind string
	ActorName string
	Team      string
	Undo      bool
	models.Activity
}

// MaxReply is the length of a message in characters.
const MaxReply = 10_000

// Thread reads what auth.CanSee lets the actor see.
func (in *Intake) Thread(ctx context.Context, a auth.Actor, id string) (Thread, error) {
	s, err := in.seen(ctx, a, id)
	if err != nil {
		return Thread{}, err
	}
	t := Thread{Suggestion: *s, Messages: []models.Message{}, Attachments: []models.Attachment{}}
	db := in.db.Read(ctx)
	if s.PersonID != "" {
		var p models.Person
		if err := db.Limit(1).Find(&p, "id = ?", s.PersonID).Error; err != nil {
			return t, fmt.Errorf("read thread: %w", err)
		}
		t.Person = &p
	}
	if err := db.Order("id").Find(&t.Messages, "suggestion_id = ?", id).Error; err != nil {
		return t, fmt.Errorf("read thread: %w", err)
	}
	if err := db.Order("id").Find(&t.Attachments, "suggestion_id = ?", id).Error; err != nil {
		return t, fmt.Errorf("read thread: %w", err)
	}
	if t.Steps, err = in.steps(ctx, id); err != nil {
		return t, err
	}
	for _, m := range t.Messages {
		switch {
		case m.Author == models.AuthorPerson:
			t.Waits = true
			t.Objects = t.Objects || m.Kind == models.MessageObjection
		case m.Author == models.AuthorStaff:
			t.Waits, t.Objects = false, false
		}
	}
	return t, nil
}

// steps reads the changes of a suggestion's state from the moves, where every
// kind of change leaves them.
func (in *Intake) steps(ctx context.Context, id string) ([]StateStep, error) {
	var rows []struct {
		models.Activity
		FromTheme, ToTheme string
	}
	err := in.db.Read(ctx).Raw(`SELECT a.*, m.from_theme, m.to_theme FROM moves m JOIN activities a ON a.id = m.activity_id
		WHERE m.row_id = ? AND m.what = 'state' ORDER BY a.seq`, id).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read steps: %w", err)
	}
	out := make([]StateStep, 0, len(rows))
	for _, r := range rows {
		c, err := r.Change()
		if err != nil {
			return nil, fmt.Errorf("read steps: %w", err)
		}
		st := StateStep{From: models.SuggestionState(r.FromTheme), To: models.SuggestionState(r.ToTheme), ActorKind: r.ActorKind, ActorName: r.ActorName, Undo: c.TakesBack(), Activity: r.Activity}
		if c.Team != nil {
			st.Team = c.Team.To
		}
		out = append(out, st)
	}
	return out, nil
}

// seen reads a suggestion that the actor may see.
func (in *Intake) seen(ctx context.Context, a auth.Actor, id string) (*models.Suggestion, error) {
	var s models.Suggestion
	res := in.db.Read(ctx).Limit(1).Find(&s, "id = ?", id)
	if res.Error != nil {
		return nil, fmt.Errorf("read suggestion: %w", res.Error)
	}
	s.ID = id
	if err := auth.CanSee(a, &s); err != nil {
		return nil, err
	}
	if res.RowsAffected == 0 {
		return nil, models.Fail(models.NotFound, "suggestion_not_found", id)
	}
	return &s, nil
}

// Written is a message that was stored, with what was masked in it. Cause says why a
// person's word is an emergency, "" for none.
type Written struct {
	Message  models.Message
	State    models.SuggestionState
	Findings []models.Finding
	Cause    models.Cause
}

// Reply writes to a suggestion's person. It answers the suggestion, unless that is
// closed, and stops the first-reply clock in the same transaction; the mail follows
// from the activity and cannot be taken back: another reply corrects it. A text
// that asks for a secret, or holds one that controls funds, is refused. Needs
// auth.Reply. Errors: NotFound suggestion_not_found; Invalid reply_required,
// too_long, asks_for_secret, secret_in_reply.
func (in *Intake) Reply(ctx context.Context, a auth.Actor, id, text string) (Written, error) {
	if err := auth.Can(a, auth.Reply); err != nil {
		return Written{}, err
	}
	if err := clean("text", &text, MaxReply); err != nil {
		return Written{}, err
	}
	if text == "" {
		return Written{}, models.BadField("text", "reply_required")
	}
	_, found := in.redact.Mask(text)
	for _, f := range found {
		if f.Final {
			return Written{}, models.BadField("text", "secret_in_reply")
		}
	}
	if AsksForSecret(text) {
		return Written{}, models.BadField("text", "asks_for_secret")
	}
	return in.say(ctx, a, id, models.Message{Author: models.AuthorStaff, Kind: models.MessageReply, Text: text}, models.SuggestionReplied)
}

// Answer is the person's own word in the thread, of kind MessageReply or
// MessageObjection (whose text may be empty). What was closed or answered waits for
// staff again; what was handed over stays with its team. Secrets in it are masked,
// it is never refused for them.
func (in *Intake) Answer(ctx context.Context, a auth.Actor, id, kind, text string) (Written, error) {
	s, err := in.seen(ctx, a, id)
	if err != nil {
		return Written{}, err
	}
	if !isTheirs(a, s) {
		return Written{}, models.Fail(models.Forbidden, "not_allowed", "answer")
	}
	if err := clean("text", &text, MaxReply); err != nil {
		return Written{}, err
	}
	verb := models.PersonReplied
	switch {
	case kind == models.MessageObjection:
		verb = models.PersonObjected
	case kind != models.MessageReply:
		return Written{}, models.BadField("kind", "kind_unknown", kind)
	case text == "":
		return Written{}, models.BadField("text", "reply_required")
	}
	return in.say(ctx, a, id, models.Message{Author: models.AuthorPerson, Kind: kind, Text: text}, verb)
}

// isTheirs: the actor is the suggestion's person, or holds its receipt.
func isTheirs(a auth.Actor, s *models.Suggestion) bool {
	return s.PersonID != "" && a.PersonID == s.PersonID || a.Opened != "" && a.Opened == s.ID
}

// say stores a message, its findings and the step of the state that it brings.
func (in *Intake) say(ctx context.Context, a auth.Actor, id string, m models.Message, verb models.Verb) (Written, error) {
	mask := masking{in: in}
	m.ID, m.SuggestionID = models.NewID(models.PrefixMessage), id
	sent := m.Text
	m.Text = mask.mask("message", sent)
	if m.Text != "" {
		m.Lang = language(m.Text, sent)
	}
	if m.Author == models.AuthorPerson {
		mask.warn("message", m.Text)
	}
	by := a.By()
	if m.Author == models.AuthorPerson && by.Kind == models.ActorMember { // who works here is a person too
		by = models.By{Kind: models.ActorPerson, ID: a.PersonID, Name: a.Name}
	}
	var out Written
	err := in.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		s, err := in.themes.HoldSuggestion(tx, id)
		if err != nil {
			return err
		}
		if m.Author == models.AuthorStaff {
			if err := auth.CanKnow(a, s); err != nil {
				return err
			}
		}
		act := &models.Activity{ID: models.NewID(models.PrefixActivity), Verb: verb, SuggestionID: id, PersonID: s.PersonID}
		c, err := in.themes.Step(tx, act.ID, s, stateAfter(s.State, m.Author), m.Author == models.AuthorStaff)
		if err != nil {
			return err
		}
		m.ActivityID, m.CreatedAt = act.ID, in.db.Now()
		m.ActorKind, m.ActorID, m.ActorName = by.Kind, by.ID, by.Name
		if err := tx.Create(&m).Error; err != nil {
			return fmt.Errorf("store message: %w", err)
		}
		found := slices.Clone(mask.findings)
		if err := in.found(tx, s, found); err != nil {
			return err
		}
		why := models.Cause("")
		if m.Author == models.AuthorPerson {
			why = cmp.Or(causeOf(found), alarming(m.Text))
			err = in.escalate(ctx, tx, a, s, why)
		} else {
			err = in.answeredAlarm(ctx, tx, a, id)
		}
		if err != nil {
			return err
		}
		c.Message = m.ID
		act.Snapshot = c.Encode()
		out = Written{Message: m, State: s.State, Findings: found, Cause: why}
		return in.db.Record(ctx, tx, by, act)
	})
	return out, err
}

// stateAfter is where a suggestion stands once its thread was written into.
func stateAfter(s models.SuggestionState, author string) models.SuggestionState {
	switch {
	case author == models.AuthorStaff && s != models.StateClosed:
		return models.StateAnswered
	case author == models.AuthorPerson && (s == models.StateClosed || s == models.StateAnswered):
		return models.StateNew
	}
	return s
}

// found stores findings of a suggestion that is stored already, numbered after
// those it has. Everything that was masked after filing comes through here, inside
// the Write that stores what it was masked in.
func (in *Intake) found(tx *gorm.DB, s *models.Suggestion, findings []models.Finding) error {
	if len(findings) == 0 {
		return nil
	}
	var next int
	if err := tx.Raw("SELECT COALESCE(MAX(n), -1) + 1 FROM findings WHERE suggestion_id = ?", s.ID).Scan(&next).Error; err != nil {
		return fmt.Errorf("store findings: %w", err)
	}
	for i := range findings {
		findings[i].SuggestionID, findings[i].N = s.ID, next+i
	}
	if err := tx.Create(findings).Error; err != nil {
		return fmt.Errorf("store findings: %w", err)
	}
	return nil
}

// SetState takes a suggestion from state to state; see themes.SetState. team is a
// team's key or name, or empty. Errors beside those: Invalid team_unknown.
func (in *Intake) SetState(ctx context.Context, a auth.Actor, id, state, team string) (activity string, err error) {
	if team, err = teamCalled(in.db.Read(ctx), team); err != nil {
		return "", err
	}
	to := models.SuggestionState(strings.TrimSpace(state))
	err = in.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) (err error) {
		if activity, err = in.themes.SetState(ctx, a, id, to, team); err != nil {
			return err
		}
		if to == models.StateAnswered || to == models.StateHandedOver {
			return in.answeredAlarm(ctx, tx, a, id)
		}
		return nil
	})
	return activity, err
}

// Own lists a person's suggestions, newest first, at most limit.
func (in *Intake) Own(ctx context.Context, a auth.Actor, limit int) ([]models.Suggestion, error) {
	rows := []models.Suggestion{}
	if a.PersonID == "" {
		return rows, nil
	}
	err := in.db.Read(ctx).Order("id DESC").Limit(limit).Find(&rows, "person_id = ?", a.PersonID).Error
	if err != nil {
		return nil, fmt.Errorf("read own suggestions: %w", err)
	}
	return rows, nil
}
