package themes

import (
	"fmt"
	"slices"
	"strconv"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// mostReports is how many reports a proposal to reopen names.
const mostReports = 100

// reopenKey is that of the proposal to reopen a shipped theme: once for each
// time it ships.
func reopenKey(th *models.Theme) string {
	return "reopen:" + th.ID + ":" + strconv.FormatInt(th.StatusAt.UnixMilli(), 10)
}

// reported proposes to reopen the shipped themes that a suggestion which has just
// been filed stands in, or most likely belongs to, when it comes from a version
// that had what shipped.
func (t *Themes) reported(tx *gorm.DB, s *models.Suggestion) error {
	if s.Version == "" {
		return nil
	}
	ids := []string{}
	if s.ThemesCount == 0 && s.Action == models.ActionSuggested && s.LikelyTheme != "" && clearlyLike(s) {
		ids = append(ids, s.LikelyTheme)
	}
	var ths []models.Theme
	err := tx.Find(&ths, `status = ? AND version <> '' AND merged_into = '' AND gone_at IS NULL
		AND (id IN ? OR id IN (SELECT theme_id FROM suggestion_themes WHERE suggestion_id = ?))`, models.StatusShipped, append(ids, ""), s.ID).Error
	if err != nil {
		return fmt.Errorf("find shipped themes: %w", err)
	}
	for i := range ths {
		if reachedVersion(s.Version, ths[i].Version) {
			if err := t.proposeReopening(tx, &ths[i], s); err != nil {
				return err
			}
		}
	}
	return nil
}

// reopenAt is how sure it must be that a report is of the theme: a proposal to
// reopen speaks of what was promised and done.
const reopenAt = .6

func clearlyLike(s *models.Suggestion) bool {
	return len(s.Candidates.V) > 0 && s.Candidates.V[0].Score >= reopenAt && !s.Candidates.V[0].Differs()
}

// proposeReopening adds a report to the open proposal, or makes it.
func (t *Themes) proposeReopening(tx *gorm.DB, th *models.Theme, s *models.Suggestion) error {
	if err := t.db.Lock(tx, "proposal:"+reopenKey(th)); err != nil {
		return err
	}
	now := t.db.Now()
	p := models.Proposal{ID: models.NewID(models.PrefixProposal), Kind: models.ProposeReopen, Key: reopenKey(th), ThemeID: th.ID,
		State: models.ProposalOpen, CreatedAt: now, UpdatedAt: now}
	var known models.Proposal
	res := tx.Limit(1).Find(&known, "key = ?", p.Key)
	if res.Error != nil {
		return fmt.Errorf("read proposal: %w", res.Error)
	}
	switch {
	case known.State == models.ProposalAccepted || known.State == models.ProposalDismissed:
		return nil
	case res.RowsAffected > 0:
		p.ID, p.Items = known.ID, known.Items
	}
	if slices.Contains(p.Items.V.Move, s.ID) {
		return nil
	}
	if len(p.Items.V.Move) < mostReports {
		p.Items.V.Move = append(p.Items.V.Move, s.ID)
	}
	p.Items.V.Of, p.Items.V.Among = p.Items.V.Of+1, th.SuggestionsCount
	p.Strength = 10 + float64(p.Items.V.Of) // before what only might be: people say that it is not solved
	p.Reasons = models.AsJSON(reasonsOf(s, th.ID))
	return upsertProposal(tx, &p)
}

func reasonsOf(s *models.Suggestion, theme string) []models.Reason {
	for _, c := range s.Candidates.V {
		if c.Theme == theme {
			return c.Reasons
		}
	}
	return []models.Reason{}
}
