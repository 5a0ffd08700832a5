package themes

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Undo takes an activity back within UndoWindow: the same rows stand where they
// stood before. When some of them have moved on since, it is refused: the later
// change is to be taken back first. What people took out of a merge themselves
// stays out; see StayedOut. It returns the id of the activity that records it, which can be
// undone in turn.
func (t *Themes) Undo(ctx context.Context, a auth.Actor, id string) (string, error) {
	if err := auth.Can(a, auth.Triage); err != nil {
		return "", err
	}
	var made *models.Activity
	err := t.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		var act models.Activity
		if err := t.db.Hold(tx).First(&act, "id = ?", id).Error; models.IsNotFound(err) {
			return models.Fail(models.NotFound, "activity_not_found")
		} else if err != nil {
			return err
		}
		if act.UndoneBy != "" {
			return models.Fail(models.Conflict, "already_undone")
		}
		if t.db.Now().Sub(act.CreatedAt) > UndoWindow {
			return models.Fail(models.Conflict, "undo_too_late")
		}
		if err := t.holdTexts(tx, movedRows, map[string]any{"act": act.ID}); err != nil {
			return err
		}
		var err error
		if err := t.unjudge(ctx, tx, act.ID); err != nil {
			return err
		}
		if made, err = t.takeBack(ctx, tx, a, &act); err != nil {
			return err
		}
		return tx.Model(&models.Activity{}).Where("seq = ?", act.Seq).Update("undone_by", made.ID).Error
	})
	if err != nil {
		return "", err
	}
	return made.ID, nil
}

func (t *Themes) takeBack(ctx context.Context, tx *gorm.DB, a auth.Actor, act *models.Activity) (*models.Activity, error) {
	c, err := act.Change()
	if err != nil {
		return nil, fmt.Errorf("undo: %w", err)
	}
	c.Bulk = "" // of what is taken back by itself
	verb := act.Verb
	if verb == models.ActivityUndone {
		verb = c.UndoneVerb
	}
	switch verb {
	case models.ThemeUpdated:
		return t.takeUpdate(ctx, tx, a, act, c)
	case models.CommentSettled:
		return t.unsettle(ctx, tx, a, act, c)
	case models.ReleaseShipped:
		return t.unship(ctx, tx, a, act, c)
	case models.ThemeStatus, models.ThemeConfirmed, models.ThemeEdited:
		return t.restore(ctx, tx, a, act, c, verb)
	case models.ThemePromise:
		return t.unpromise(ctx, tx, a, act, c)
	case models.SuggestionAssigned, models.SuggestionAttached, models.ThemeMerged, models.ThemeSplit:
		return t.moveBack(ctx, tx, a, act, c, verb)
	case models.DecisionMade:
		return t.unsay(ctx, tx, a, act, c)
	case models.SuggestionClosed:
		return t.reopen(ctx, tx, a, act, c)
	case models.SuggestionStepped:
		return t.stepBack(ctx, tx, a, act, c)
	case models.DismissedProposal:
		return t.undismiss(ctx, tx, a, act, c)
	}
	if other := t.undoes[verb]; other != nil {
		return other(ctx, tx, a, act)
	}
	return nil, models.Fail(models.Conflict, "cannot_undo", string(act.Verb))
}

// TakeBack undoes an activity inside a Write: it records and returns the one that
// says so.
type TakeBack func(ctx context.Context, tx *gorm.DB, a auth.Actor, act *models.Activity) (*models.Activity, error)

// UndoWith names who takes back what another room does, and carries it out again
// when that is undone. Call it before anything is undone.
func (t *Themes) UndoWith(verb models.Verb, f TakeBack) {
	if t.undoes == nil {
		t.undoes = map[models.Verb]TakeBack{}
	}
	t.undoes[verb] = f
}

// restore puts the facts of a theme back. A status taken back is a status
// given: its readers learn of it in the same way.
func (t *Themes) restore(ctx context.Context, tx *gorm.DB, a auth.Actor, act *models.Activity, c models.Change, verb models.Verb) (*models.Activity, error) {
	need := auth.Triage
	switch {
	case verb == models.ThemeStatus:
		need = auth.Announce
	case verb == models.ThemeEdited, verb == models.ThemePromise, c.After != nil && c.After.Public, c.Before != nil && c.Before.Public:
		need = auth.EditTheme
	}
	if err := auth.Can(a, need); err != nil {
		return nil, err
	}
	th, err := t.held(tx, act.ThemeID)
	if err != nil {
		return nil, err
	}
	now := th.Facts()
	if c.Before == nil || c.After == nil {
		return nil, models.Fail(models.Conflict, "changed_since")
	}
	if err := t.onlyPromised(tx, act, now, c.After); err != nil {
		return nil, err
	}
	if !now.Same(*c.After) {
		return nil, models.Fail(models.Conflict, "changed_since")
	}
	th.Restore(*c.Before)
	t.opts.Promises.again(th, t.db.Now())
	undone := models.ActivityUndone
	if verb == models.ThemeStatus {
		undone = models.ThemeStatus
	}
	made, err := t.save(ctx, tx, a, undone, th, now, models.Change{Undoes: act.ID, UndoneVerb: verb, Again: c.TakesBack(), Notify: c.Notify, Bulk: c.Bulk, Release: c.Release})
	if err == nil && made == nil {
		err = models.Fail(models.Conflict, "changed_since")
	}
	return made, err
}

// moveBack plans the activity's moves the other way round. Every suggestion must
// still stand where the activity put it, but for those that their people took out; votes
// that were withdrawn since stay withdrawn.
func (t *Themes) moveBack(ctx context.Context, tx *gorm.DB, a auth.Actor, act *models.Activity, c models.Change, verb models.Verb) (*models.Activity, error) {
	made := &models.Activity{ID: models.NewID(models.PrefixActivity), Verb: models.ActivityUndone, ThemeID: act.ThemeID, SuggestionID: act.SuggestionID}
	if verb == models.ThemeMerged {
		if err := t.unmerge(tx, act, c); err != nil {
			return nil, err
		}
	}
	if err := tx.Exec(`INSERT INTO moves (activity_id, what, row_id, from_theme, to_theme, detail)
		SELECT ?, m.what, m.row_id, m.to_theme, m.from_theme, m.detail FROM moves m WHERE m.activity_id = ? AND m.what IN ('suggestion', 'vote', 'issue_link') AND (
			m.to_theme = ''
			OR m.what = 'suggestion' AND EXISTS (SELECT 1 FROM suggestion_themes x WHERE x.suggestion_id = m.row_id AND x.theme_id = m.to_theme)
			OR m.what = 'vote' AND EXISTS (SELECT 1 FROM votes v WHERE v.person_id = m.row_id AND v.theme_id = m.to_theme)
			OR m.what = 'issue_link' AND EXISTS (SELECT 1 FROM issue_links l WHERE l.id = m.row_id AND l.theme_id = m.to_theme))`,
		made.ID, act.ID).Error; err != nil {
		return nil, fmt.Errorf("undo: %w", err)
	}
	var out []string
	var err error
	if verb == models.ThemeMerged {
		if out, err = takenOut(tx, act.ID, made.ID); err != nil {
			return nil, err
		}
	}
	var moved bool // on since, or back already; the theme to go back to was merged away, or the one to be merged again holds more
	if err := tx.Raw(`SELECT (SELECT COUNT(*) FROM moves WHERE activity_id = @act AND what = 'suggestion' AND row_id NOT IN @out) <> (SELECT COUNT(*) FROM moves WHERE activity_id = @made AND what = 'suggestion')
		OR EXISTS (SELECT 1 FROM moves m JOIN suggestion_themes x ON x.suggestion_id = m.row_id AND x.theme_id = m.to_theme
			WHERE m.activity_id = @made AND m.what = 'suggestion' AND m.from_theme <> '')
		OR @merged AND EXISTS (SELECT 1 FROM suggestion_themes x WHERE x.theme_id = @theme
			AND NOT EXISTS (SELECT 1 FROM moves m WHERE m.activity_id = @made AND m.what = 'suggestion' AND m.row_id = x.suggestion_id AND m.from_theme = x.theme_id))
		OR @merged AND EXISTS (SELECT 1 FROM votes v WHERE v.theme_id = @theme AND v.origin = 'vote'
			AND NOT EXISTS (SELECT 1 FROM moves m WHERE m.activity_id = @made AND m.what = 'vote' AND m.row_id = v.person_id AND m.from_theme = v.theme_id))
		OR EXISTS (SELECT 1 FROM moves m JOIN themes h ON h.id = m.to_theme WHERE m.activity_id = @made AND h.merged_into <> '')`,
		map[string]any{"act": act.ID, "made": made.ID, "theme": act.ThemeID, "out": append(out, ""), "merged": verb == models.ThemeMerged && c.TakesBack()}).Scan(&moved).Error; err != nil {
		return nil, fmt.Errorf("undo: %w", err)
	}
	if moved {
		return nil, models.Fail(models.Conflict, "changed_since")
	}
	if verb == models.SuggestionAttached && act.Verb == verb {
		if err := takeEchoes(tx, made.ID); err != nil {
			return nil, err
		}
	}
	if err := t.place(tx, made.ID, act.ID); err != nil {
		return nil, err
	}
	said, err := t.saidBack(ctx, tx, a, act, made.ID, c, verb)
	if err != nil {
		return nil, err
	}
	made.Snapshot = models.Change{Undoes: act.ID, UndoneVerb: verb, Again: c.TakesBack(), Into: c.Into, Title: c.Title, Suggestions: c.Suggestions, Decided: said, Reasons: c.Reasons, StayOut: out}.Encode()
	return made, t.db.Record(ctx, tx, a.By(), made)
}

// takeEchoes adds the echoes of what an undo moves: they joined because it had.
func takeEchoes(tx *gorm.DB, made string) error {
	var moves []models.Move
	if err := tx.Find(&moves, "activity_id = ?", made).Error; err != nil {
		return fmt.Errorf("undo: %w", err)
	}
	p := plan{activity: made, moves: moves}
	if _, err := p.echo(tx, nil); err != nil {
		return err
	}
	p.moves = p.moves[len(moves):]
	return p.write(tx)
}

// unmerge takes the merge mark off, or puts it on again when an undo is undone.
func (t *Themes) unmerge(tx *gorm.DB, act *models.Activity, c models.Change) error {
	into := ""
	if c.TakesBack() {
		target, err := t.held(tx, c.Into)
		if err != nil {
			return err
		}
		if into = target.ID; into == act.ThemeID {
			return models.Fail(models.Conflict, "changed_since") // merged the other way round since
		}
	}
	return tx.Model(&models.Theme{}).Where("id = ?", act.ThemeID).Updates(map[string]any{"merged_into": into, "updated_at": t.db.Now()}).Error
}

// undoneBy is what a word's own activity says of it.
func undoneBy(made string, again bool) string {
	if again {
		return ""
	}
	return made
}

// saidBack brings what people decided in step with moves that were taken back, or
// carried out again, and gives the word that goes with them.
func (t *Themes) saidBack(ctx context.Context, tx *gorm.DB, a auth.Actor, act *models.Activity, made string, c models.Change, verb models.Verb) (said *models.DecisionStep, err error) {
	again := c.TakesBack()
	switch {
	case verb == models.ThemeMerged && !again, verb == models.ThemeSplit && again:
		err = t.separate(tx, made, act.ThemeID, c.Into)
	case verb == models.ThemeMerged, verb == models.ThemeSplit:
		err = tx.Delete(&models.Separation{}, "activity_id = ?", act.ID).Error
	case c.Decided != nil:
		said, err = t.retract(tx, c.Decided, undoneBy(made, again))
	case verb == models.SuggestionAttached && !again && a.Kind != models.ActorAgent:
		said, err = remember(tx, models.Decision{SuggestionID: act.SuggestionID, ThemeID: act.ThemeID, ActorKind: a.Kind, ActorID: a.ID, CreatedAt: t.db.Now()})
		if err == nil {
			err = relikeText(tx, act.SuggestionID)
		}
	}
	if err == nil && verb == models.ThemeMerged {
		err = relikeFamilies(tx, act.ThemeID, c.Into)
	}
	if err != nil || verb == models.ThemeMerged || !again && verb != models.SuggestionAttached {
		return said, err // a decision that is taken back says nothing
	}
	var moves []models.Move
	if err := tx.Find(&moves, "activity_id = ?", made).Error; err != nil {
		return nil, fmt.Errorf("undo: %w", err)
	}
	return said, t.judge(ctx, tx, a, made, rulings(moves))
}
