package themes

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Proposed is an open proposal with its themes as they stand. Other is nil but
// for a merge.
type Proposed struct {
	models.Proposal
	Theme *models.Theme
	Other *models.Theme
}

// Moves is how many suggestions change their theme.
func (p *Proposed) Moves() int {
	switch p.Kind {
	case models.ProposeMerge:
		return p.Theme.SuggestionsCount
	case models.ProposeSplit:
		return len(p.Items.V.Move)
	}
	return 0
}

// Proposals gives the open proposals that still hold, the most convincing first,
// and the cursor of the next page. kind "" is all kinds.
func (t *Themes) Proposals(ctx context.Context, a auth.Actor, kind models.ProposalKind, cursor string, limit int) ([]Proposed, string, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, "", err
	}
	q := t.db.Read(ctx).Where("state = ?", models.ProposalOpen)
	switch kind {
	case "":
	case models.ProposeMerge, models.ProposeSplit, models.ProposeReopen:
		q = q.Where("kind = ?", kind)
	default:
		return nil, "", models.BadField("kind", "proposal_kind_unknown", string(kind))
	}
	if cursor != "" {
		if !models.IsID(models.PrefixProposal, cursor) {
			return nil, "", models.BadField("cursor", "cursor_unreadable")
		}
		// Where the list stood is a row: without it there would be no next page, and no word of it.
		if err := t.db.Read(ctx).Select("id").First(&models.Proposal{}, "id = ?", cursor).Error; models.IsNotFound(err) {
			return nil, "", models.BadField("cursor", "cursor_unreadable")
		} else if err != nil {
			return nil, "", fmt.Errorf("list proposals: %w", err)
		}
		q = q.Where("(strength, id) < (SELECT strength, id FROM proposals WHERE id = ?)", cursor)
	}
	limit = page(limit)
	var rows []models.Proposal
	if err := q.Order("strength DESC, id DESC").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list proposals: %w", err)
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = rows[limit-1].ID
	}
	ps, err := t.weigh(t.db.Read(ctx), rows...)
	if err != nil {
		return nil, "", err
	}
	out := []Proposed{}
	for _, p := range ps {
		if p != nil {
			out = append(out, *p)
		}
	}
	return out, next, nil
}

// OpenProposals counts what waits for a person's word.
func (t *Themes) OpenProposals(ctx context.Context, a auth.Actor) (int64, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return 0, err
	}
	var n int64
	err := t.db.Read(ctx).Model(&models.Proposal{}).Where("state = ?", models.ProposalOpen).Count(&n).Error
	return n, err
}

// Said gives suggestions by their ids; unknown ones are missing.
func (t *Themes) Said(ctx context.Context, a auth.Actor, ids []string) (map[string]models.Suggestion, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, err
	}
	out := map[string]models.Suggestion{}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []models.Suggestion
	if err := t.db.Read(ctx).Find(&rows, "id IN ?", ids).Error; err != nil {
		return nil, fmt.Errorf("read suggestions: %w", err)
	}
	for _, r := range rows {
		out[r.ID] = r
	}
	return out, nil
}

// AcceptProposal carries a proposal out, in one activity, which undo takes: a merge, a
// split into a candidate with that title (its first suggestion's where it is
// empty), or a shipped theme under review again, of which nobody is told. It
// returns the theme that stands afterwards: the one merged into, split off or
// opened again.
func (t *Themes) AcceptProposal(ctx context.Context, a auth.Actor, id, title string) (string, *models.Theme, error) {
	if err := auth.Can(a, auth.Triage); err != nil {
		return "", nil, err
	}
	var act string
	var th *models.Theme
	err := t.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		p, err := t.deciding(tx, id)
		if err != nil {
			return err
		}
		switch p.Kind {
		case models.ProposeMerge:
			act, th, err = t.Merge(ctx, a, p.ThemeID, p.OtherID)
		case models.ProposeSplit:
			name := strings.TrimSpace(title)
			if name == "" {
				if name, err = t.firstWords(tx, p.Items.V.Move[0]); err != nil {
					return err
				}
			}
			act, th, err = t.Split(ctx, a, p.ThemeID, p.Items.V.Move, name)
		default:
			act, th, err = t.SetStatus(ctx, a, p.ThemeID, StatusChange{Status: models.StatusUnderReview})
		}
		if err != nil {
			return err
		}
		return t.decided(tx, a, &p.Proposal, models.ProposalAccepted, act)
	})
	if err != nil {
		return "", nil, err
	}
	return act, th, nil
}

func (t *Themes) firstWords(tx *gorm.DB, suggestion string) (string, error) {
	var s models.Suggestion
	if err := tx.First(&s, "id = ?", suggestion).Error; err != nil {
		return "", fmt.Errorf("read suggestion: %w", err)
	}
	return headline(&s), nil
}

// DismissProposal says no to a proposal, for ever: it is not made again, and of a merge
// it is remembered that the two are not the same. It returns the activity's id,
// which undo takes.
func (t *Themes) DismissProposal(ctx context.Context, a auth.Actor, id string) (string, error) {
	if err := auth.Can(a, auth.Triage); err != nil {
		return "", err
	}
	act := &models.Activity{}
	err := t.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		p, err := t.deciding(tx, id)
		if err != nil {
			return err
		}
		c := models.Change{Into: p.OtherID, Action: string(p.Kind)}
		if p.Other != nil {
			c.Title = p.Other.Title
		}
		*act = models.Activity{ID: models.NewID(models.PrefixActivity), Verb: models.DismissedProposal, ThemeID: p.ThemeID, Snapshot: c.Encode()}
		if p.Kind == models.ProposeMerge {
			if err := t.separate(tx, act.ID, p.ThemeID, p.OtherID); err != nil {
				return err
			}
		}
		if err := t.decided(tx, a, &p.Proposal, models.ProposalDismissed, act.ID); err != nil {
			return err
		}
		return t.db.Record(ctx, tx, a.By(), act)
	})
	if err != nil {
		return "", err
	}
	return act.ID, nil
}

// deciding holds an open proposal that a person decides on.
func (t *Themes) deciding(tx *gorm.DB, id string) (*Proposed, error) {
	var row models.Proposal
	if !models.IsID(models.PrefixProposal, id) {
		return nil, models.Fail(models.NotFound, "proposal_not_found")
	}
	if err := t.db.Hold(tx).First(&row, "id = ?", id).Error; models.IsNotFound(err) {
		return nil, models.Fail(models.NotFound, "proposal_not_found")
	} else if err != nil {
		return nil, fmt.Errorf("read proposal: %w", err)
	}
	if row.State == models.ProposalAccepted || row.State == models.ProposalDismissed {
		return nil, models.Fail(models.Conflict, "proposal_decided")
	}
	ps, err := t.weigh(tx, row)
	if err != nil {
		return nil, err
	}
	if ps[0] == nil || row.State != models.ProposalOpen {
		return nil, models.Fail(models.Conflict, "proposal_withdrawn")
	}
	return ps[0], nil
}

func (t *Themes) decided(tx *gorm.DB, a auth.Actor, p *models.Proposal, state models.ProposalState, activity string) error {
	now := t.db.Now()
	p.State, p.ActivityID, p.DecidedBy, p.DecidedAt, p.UpdatedAt = state, activity, a.ID, &now, now
	if err := tx.Model(p).Select("State", "ActivityID", "DecidedBy", "DecidedAt", "UpdatedAt").Updates(p).Error; err != nil {
		return fmt.Errorf("decide on a proposal: %w", err)
	}
	return nil
}

// undismiss takes a dismissal back, or carries it out again.
func (t *Themes) undismiss(ctx context.Context, tx *gorm.DB, a auth.Actor, act *models.Activity, c models.Change) (*models.Activity, error) {
	var p models.Proposal
	if err := t.db.Hold(tx).First(&p, "activity_id = ?", act.ID).Error; models.IsNotFound(err) {
		return nil, models.Fail(models.Conflict, "changed_since")
	} else if err != nil {
		return nil, fmt.Errorf("read proposal: %w", err)
	}
	made := &models.Activity{ID: models.NewID(models.PrefixActivity), Verb: models.ActivityUndone, ThemeID: act.ThemeID,
		Snapshot: models.Change{Undoes: act.ID, UndoneVerb: models.DismissedProposal, Again: c.TakesBack(), Into: c.Into, Title: c.Title, Action: c.Action}.Encode()}
	state := models.ProposalOpen
	if p.State != models.ProposalDismissed { // also where it was withdrawn meanwhile
		state = models.ProposalDismissed
	}
	err := tx.Exec("DELETE FROM separations WHERE activity_id = ?", act.ID).Error
	if err == nil && state == models.ProposalDismissed && p.Kind == models.ProposeMerge {
		err = t.separate(tx, made.ID, p.ThemeID, p.OtherID)
	}
	if err != nil {
		return nil, fmt.Errorf("undo: %w", err)
	}
	if err := t.decided(tx, a, &p, state, made.ID); err != nil {
		return nil, err
	}
	return made, t.db.Record(ctx, tx, a.By(), made)
}

// sameCut reports whether two splits part some of the same suggestions: what one
// keeps together, the other parts.
func sameCut(a, b models.ProposalItems) bool {
	meet := func(x, y []string) bool {
		return slices.ContainsFunc(x, func(id string) bool { return slices.Contains(y, id) })
	}
	return meet(a.Move, b.Move) && meet(a.Keep, b.Keep) || meet(a.Move, b.Keep) && meet(a.Keep, b.Move)
}

// mergeable: the one that goes loses neither a status nor a promise. Two themes
// that the public was told different ends of stay two.
func mergeable(from, into *models.Theme) bool {
	return from.Status == models.StatusCandidate || into.Status != models.StatusCandidate &&
		(from.Status == into.Status || from.Status.IsOpen() && into.Status.IsOpen())
}
