package themes

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// nextStates are the steps that staff may take with a suggestion. To hand one over
// again is to hand it to another team. What is closed is first opened again.
var nextStates = map[models.SuggestionState][]models.SuggestionState{
	models.StateNew:        {models.StateAnswered, models.StateHandedOver, models.StateClosed},
	models.StateAnswered:   {models.StateHandedOver, models.StateClosed},
	models.StateHandedOver: {models.StateAnswered, models.StateHandedOver, models.StateClosed},
	models.StateClosed:     {models.StateNew},
}

// NextStates lists where a suggestion may go from a state.
func NextStates(from models.SuggestionState) []models.SuggestionState {
	return slices.Clone(nextStates[from])
}

// SetState takes one suggestion from state to state; its echoes stay where they
// are, for they are other people's. team is who answers it from then on, for
// handed_over only; "" leaves the team as it is. Answered by hand says that the
// person was answered elsewhere, and stops the first-reply clock as a reply does.
// It returns the activity, which Undo takes, or "" when nothing changed. Handing
// over tells the person, so it needs auth.Reply. Errors: NotFound
// suggestion_not_found, Invalid state_unknown, state_step, team_not_here.
func (t *Themes) SetState(ctx context.Context, a auth.Actor, id string, to models.SuggestionState, team string) (string, error) {
	if err := auth.Can(a, auth.Triage); err != nil {
		return "", err
	}
	if to == models.StateHandedOver {
		if err := auth.Can(a, auth.Reply); err != nil {
			return "", err
		}
	}
	if _, known := nextStates[to]; !known {
		return "", models.BadField("state", "state_unknown", string(to))
	}
	if team != "" && to != models.StateHandedOver {
		return "", models.BadField("team", "team_not_here")
	}
	var made string
	err := t.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		made = ""
		s, err := t.HoldSuggestion(tx, id)
		if err != nil {
			return err
		}
		if err := auth.CanKnow(a, s); err != nil {
			return err
		}
		team := cmp.Or(team, s.Team)
		if s.State == to && s.Team == team {
			return nil
		}
		if !slices.Contains(nextStates[s.State], to) {
			return models.BadField("state", "state_step", string(s.State), string(to))
		}
		act := &models.Activity{ID: models.NewID(models.PrefixActivity), Verb: models.SuggestionStepped, SuggestionID: id, PersonID: s.PersonID}
		c := models.Change{State: &models.StateStep{From: s.State, To: to}, Clock: to == models.StateAnswered && s.FirstRepliedAt == nil}
		if team != s.Team {
			c.Team = &models.TeamStep{From: s.Team, To: team}
		}
		if err := t.step(tx, act.ID, s, c); err != nil {
			return err
		}
		act.Snapshot, made = c.Encode(), act.ID
		return t.db.Record(ctx, tx, a.By(), act)
	})
	return made, err
}

// HoldSuggestion reads a suggestion that the Write will change, after the text it
// shares with others. NotFound suggestion_not_found.
func (t *Themes) HoldSuggestion(tx *gorm.DB, id string) (*models.Suggestion, error) {
	rows, err := t.HoldSuggestions(tx, id)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, models.Fail(models.NotFound, "suggestion_not_found", id)
	}
	return &rows[0], nil
}

// HoldSuggestions is HoldSuggestion for several, by id; it leaves out what is not
// there.
func (t *Themes) HoldSuggestions(tx *gorm.DB, ids ...string) ([]models.Suggestion, error) {
	if err := t.holdSaid(tx, ids...); err != nil {
		return nil, err
	}
	var rows []models.Suggestion
	if err := t.db.Hold(tx).Order("id").Find(&rows, "id IN ?", ids).Error; err != nil {
		return nil, fmt.Errorf("read suggestions: %w", err)
	}
	return rows, nil
}

// Step takes a suggestion that HoldSuggestion gave to another state, inside the
// Write and for the activity of whoever asks: a reply answers it, the person's
// word opens it again. What it changed belongs into the activity's snapshot.
func (t *Themes) Step(tx *gorm.DB, activity string, s *models.Suggestion, to models.SuggestionState, stopClock bool) (models.Change, error) {
	c := models.Change{Clock: stopClock && s.FirstRepliedAt == nil}
	if s.State != to {
		c.State = &models.StateStep{From: s.State, To: to}
	}
	return c, t.step(tx, activity, s, c)
}

// step carries out what a change says of one suggestion: state, team, clock.
func (t *Themes) step(tx *gorm.DB, activity string, s *models.Suggestion, c models.Change) error {
	set := map[string]any{"rev": gorm.Expr("rev + 1"), "updated_at": t.db.Now()}
	if c.Team != nil {
		set["team"], s.Team = c.Team.To, c.Team.To
	}
	if c.Clock {
		now := t.db.Now()
		set["first_replied_at"], s.FirstRepliedAt = now, &now
	}
	if c.State != nil {
		set["state"], s.State = c.State.To, c.State.To
		set["reply_next_at"] = gorm.Expr(clockAgain)
		m := models.Move{ActivityID: activity, What: models.MoveState, RowID: s.ID, FromTheme: string(c.State.From), ToTheme: string(c.State.To)}
		if err := tx.Create(&m).Error; err != nil {
			return fmt.Errorf("set state: %w", err)
		}
	}
	if err := tx.Model(&models.Suggestion{}).Where("id = ?", s.ID).Updates(set).Error; err != nil {
		return fmt.Errorf("set state: %w", err)
	}
	if c.State == nil || c.State.From != models.StateClosed && c.State.To != models.StateClosed {
		return nil // neither the inbox nor the echoes know the difference
	}
	return t.Refresh(tx, s.ID)
}

// stepBack takes a step back, or carries it out again, where the suggestion still
// stands as it left it. What the person was told meanwhile stays told.
func (t *Themes) stepBack(ctx context.Context, tx *gorm.DB, a auth.Actor, act *models.Activity, c models.Change) (*models.Activity, error) {
	s, err := t.HoldSuggestion(tx, act.SuggestionID)
	if err != nil {
		return nil, err
	}
	if err := auth.CanKnow(a, s); err != nil {
		return nil, err
	}
	if c.State == nil || s.State != c.State.To || c.Team != nil && s.Team != c.Team.To {
		return nil, models.Fail(models.Conflict, "changed_since")
	}
	made := &models.Activity{ID: models.NewID(models.PrefixActivity), Verb: models.ActivityUndone, SuggestionID: s.ID, PersonID: s.PersonID}
	back := models.Change{State: &models.StateStep{From: c.State.To, To: c.State.From}, Undoes: act.ID, UndoneVerb: models.SuggestionStepped, Again: c.TakesBack()}
	if c.Team != nil {
		back.Team = &models.TeamStep{From: c.Team.To, To: c.Team.From}
	}
	// An answer by hand that is carried out again stops the clock once more.
	again := c.TakesBack() && back.State.To == models.StateAnswered && s.FirstRepliedAt == nil
	if err := t.step(tx, made.ID, s, models.Change{State: back.State, Team: back.Team, Clock: again}); err != nil {
		return nil, err
	}
	if c.Clock && !c.TakesBack() {
		if err := restartClock(tx, s.ID); err != nil {
			return nil, err
		}
	}
	back.Clock = c.Clock || again
	made.Snapshot = back.Encode()
	return made, t.db.Record(ctx, tx, a.By(), made)
}

// clockAgain is when something is next to be said of the clock of what is in another
// state: while it was closed the sweep passed it over. What was told is not told again.
const clockAgain = "COALESCE(reply_next_at, reply_due_at)"

// restartClock lets the first-reply clock run on, unless somebody really replied.
func restartClock(tx *gorm.DB, id string) error {
	err := tx.Exec(`UPDATE suggestions SET first_replied_at = NULL, reply_next_at = `+clockAgain+` WHERE id = ?
		AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.suggestion_id = suggestions.id AND m.author = 'staff')`, id).Error
	if err != nil {
		return fmt.Errorf("undo: %w", err)
	}
	return nil
}
