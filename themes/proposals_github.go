package themes

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// saidThere is how strong a merge is of which somebody on GitHub said that the two are one:
// before all that Heed finds by itself.
const saidThere = 1e6

// ProposeMerge proposes that a theme goes into another, for a person to decide, because the
// issue of the one was closed on GitHub as a duplicate of the other's. why is of kind
// ReasonGitHub; it stands for one link, which has one proposal at most. The look of the night
// leaves such a proposal alone: WithdrawMerge takes it back. It returns what became of it:
// open, or what a person said, also by parting the two in another way; "" where the themes
// may not be merged as they stand, or are one already. Needs auth.LinkIssue.
func (t *Themes) ProposeMerge(ctx context.Context, a auth.Actor, id, into string, why models.Reason) (state models.ProposalState, err error) {
	if err := auth.Can(a, auth.LinkIssue); err != nil {
		return "", err
	}
	err = t.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		state = ""
		from, err := t.live(tx, id)
		if err != nil {
			return err
		}
		to, err := t.live(tx, into)
		if err != nil {
			return err
		}
		key := mergeKey(from.ID, to.ID)
		if err := t.takeBackSaid(tx, why.Link, key); err != nil || from.ID == to.ID {
			return err
		}
		known, err := t.proposalOf(tx, key)
		if err != nil {
			return err
		}
		if known.State == models.ProposalAccepted || known.State == models.ProposalDismissed {
			state = known.State
			return nil
		}
		row := models.Proposal{ID: known.ID, Kind: models.ProposeMerge, Key: key, ThemeID: from.ID, OtherID: to.ID, Strength: saidThere,
			State: models.ProposalOpen, CreatedAt: t.db.Now(), UpdatedAt: t.db.Now()}
		if holds, err := t.weigh(tx, row); err != nil || holds[0] == nil {
			if err == nil && mergeable(from, to) { // somebody said that they are two
				state = models.ProposalDismissed
			}
			return err
		}
		if state = models.ProposalOpen; known.State == models.ProposalOpen && known.ThemeID == from.ID && slices.ContainsFunc(known.Reasons.V, why.Equal) {
			return nil
		}
		return t.proposeSaid(tx, &row, known, why, from, to)
	})
	if err != nil {
		return "", fmt.Errorf("propose a merge: %w", err)
	}
	return state, nil
}

// proposeSaid stores the proposal, with what Heed found by itself where it is open already.
func (t *Themes) proposeSaid(tx *gorm.DB, row *models.Proposal, known models.Proposal, why models.Reason, from, into *models.Theme) error {
	reasons := []models.Reason{why}
	if known.State == models.ProposalOpen {
		reasons = append(reasons, slices.DeleteFunc(slices.Clone(known.Reasons.V), func(r models.Reason) bool { return r.Kind == models.ReasonGitHub })...)
	}
	items := models.ProposalItems{Of: from.SuggestionsCount, Among: into.SuggestionsCount}
	var err error
	if items.Move, err = someOf(tx, from.ID); err != nil {
		return err
	}
	if items.Keep, err = someOf(tx, into.ID); err != nil {
		return err
	}
	if row.ID == "" {
		row.ID = models.NewID(models.PrefixProposal)
	}
	row.Items, row.Reasons = models.AsJSON(items), models.AsJSON(reasons)
	return upsertProposal(tx, row)
}

// someOf are the suggestions of a theme that a proposal shows.
func someOf(tx *gorm.DB, theme string) (ids []string, err error) {
	err = tx.Model(&models.SuggestionTheme{}).Where("theme_id = ?", theme).Order("created_at, suggestion_id").Limit(shownSaid).Pluck("suggestion_id", &ids).Error
	return ids, err
}

// WithdrawMerge takes back what ProposeMerge proposed for a link, unless a person has answered
// it: the issue is open again, or nobody knows any more of what it is a duplicate. Needs
// auth.LinkIssue.
func (t *Themes) WithdrawMerge(ctx context.Context, a auth.Actor, link string) error {
	if err := auth.Can(a, auth.LinkIssue); err != nil {
		return err
	}
	err := t.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error { return t.takeBackSaid(tx, link, "") })
	if err != nil {
		return fmt.Errorf("withdraw a merge: %w", err)
	}
	return nil
}

// takeBackSaid withdraws the open proposals that stand for a link, but for the one with the key.
func (t *Themes) takeBackSaid(tx *gorm.DB, link, but string) error {
	quoted, _ := json.Marshal(link) // a text: it cannot fail
	var open []models.Proposal
	if err := tx.Find(&open, "state = ? AND kind = ? AND key <> ? AND reasons LIKE ?", models.ProposalOpen, models.ProposeMerge, but, `%"link":`+string(quoted)+`%`).Error; err != nil {
		return err
	}
	ids := make([]string, 0, len(open))
	for _, p := range open {
		ids = append(ids, p.ID)
	}
	if len(ids) == 0 {
		return nil
	}
	return t.takeAway(tx, ids)
}

// proposalOf holds the proposal with a key; empty for none.
func (t *Themes) proposalOf(tx *gorm.DB, key string) (p models.Proposal, err error) {
	err = t.db.Hold(tx).Limit(1).Find(&p, "key = ?", key).Error
	return p, err
}

// keepSaid lets a proposal that a look has drafted go on saying what was said on GitHub, the
// same way round, while that stands.
func (t *Themes) keepSaid(tx *gorm.DB, p *models.Proposal) error {
	known, err := t.proposalOf(tx, p.Key)
	if err != nil || known.State != models.ProposalOpen || !isSaid(&known) {
		return err
	}
	for _, r := range known.Reasons.V {
		if r.Kind == models.ReasonGitHub {
			p.Reasons = models.AsJSON(append([]models.Reason{r}, p.Reasons.V...))
		}
	}
	p.Strength = known.Strength
	if p.ThemeID != known.ThemeID {
		p.ThemeID, p.OtherID, p.Items = known.ThemeID, known.OtherID, known.Items
	}
	return nil
}

// isSaid reports whether somebody on GitHub speaks for a proposal.
func isSaid(p *models.Proposal) bool {
	return slices.ContainsFunc(p.Reasons.V, func(r models.Reason) bool { return r.Kind == models.ReasonGitHub })
}

// mergeKey is the same for two themes, whichever goes into the other.
func mergeKey(a, b string) string { return "merge:" + min(a, b) + ":" + max(a, b) }
