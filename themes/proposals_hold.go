package themes

import (
	"fmt"
	"slices"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// Whether proposals still hold is asked for many at once: in so many reads
// whatever their number. What people decided, as it bears on two themes or on a
// part of one, is here; forbidden and separated know what it means for a suggestion.

// weighed is how many proposals are looked at together.
const weighed = 50

// weigh gives proposals with their themes as they stand, in their order; nil where
// one may not be carried out as it stands, or goes against what was decided.
func (t *Themes) weigh(tx *gorm.DB, rows ...models.Proposal) ([]*Proposed, error) {
	out := make([]*Proposed, 0, len(rows))
	for some := range slices.Chunk(rows, weighed) {
		ps, err := withThemes(tx, some)
		if err == nil {
			err = strike(tx, ps, weighMerges, weighSplits)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, ps...)
	}
	return out, nil
}

// strike lets each check strike out what does not hold.
func strike(tx *gorm.DB, ps []*Proposed, checks ...func(*gorm.DB, []*Proposed) error) error {
	for _, check := range checks {
		if err := check(tx, ps); err != nil {
			return err
		}
	}
	return nil
}

// withThemes adds their themes to proposals; nil for those of which one is gone or
// does not allow it.
func withThemes(tx *gorm.DB, rows []models.Proposal) ([]*Proposed, error) {
	ids := make([]string, 0, 2*len(rows))
	for _, r := range rows {
		ids = append(ids, r.ThemeID, r.OtherID)
	}
	var ths []models.Theme
	if err := tx.Find(&ths, "id IN ? AND merged_into = '' AND gone_at IS NULL", ids).Error; err != nil {
		return nil, fmt.Errorf("read themes of proposals: %w", err)
	}
	live := make(map[string]*models.Theme, len(ths))
	for i := range ths {
		live[ths[i].ID] = &ths[i]
	}
	out := make([]*Proposed, len(rows))
	for i, r := range rows {
		p := &Proposed{Proposal: r, Theme: live[r.ThemeID], Other: live[r.OtherID]}
		if p.Theme != nil && (r.OtherID == "" || p.Other != nil) && p.allowed() {
			out[i] = p
		}
	}
	return out, nil
}

// allowed reports whether the themes by themselves let the proposal be carried out.
func (p *Proposed) allowed() bool {
	switch p.Kind {
	case models.ProposeMerge:
		return mergeable(p.Theme, p.Other)
	case models.ProposeSplit:
		return len(p.Items.V.Move) >= leastPart && p.Theme.SuggestionsCount-len(p.Items.V.Move) >= leastPart
	case models.ProposeReopen:
		return p.Theme.Status == models.StatusShipped && p.Key == reopenKey(p.Theme)
	}
	return false
}

// weighMerges strikes out the merges of themes of which people said that they are
// not one: that itself, or that a suggestion of the one does not belong to the
// other.
func weighMerges(tx *gorm.DB, ps []*Proposed) error {
	var ids []string
	var pairs [][]any
	for _, p := range ps {
		if p != nil && p.Kind == models.ProposeMerge {
			ids = append(ids, p.ThemeID, p.OtherID)
			pairs = append(pairs, []any{p.ThemeID, p.OtherID}, []any{p.OtherID, p.ThemeID})
		}
	}
	if len(ids) == 0 {
		return nil
	}
	separate, err := separated(tx, ids...)
	if err != nil {
		return err
	}
	refused, err := refusedIn(tx, ids, pairs)
	if err != nil {
		return err
	}
	for i, p := range ps {
		if p == nil || p.Kind != models.ProposeMerge {
			continue
		}
		a, b := p.ThemeID, p.OtherID
		if separate[a][b] || separate[b][a] || refused[[2]string{a, b}] || refused[[2]string{b, a}] {
			ps[i] = nil
		}
	}
	return nil
}

// refusedIn names the pairs of themes of which a suggestion of the second must not
// be put into the first.
func refusedIn(tx *gorm.DB, ids []string, pairs [][]any) (map[[2]string]bool, error) {
	var found []struct{ Root, Within, Suggestion string }
	// From the few decisions on, in this order: neither side may be read whole. Of
	// those who said the same text one is enough, but for who has a word of their own.
	err := tx.Raw(families+`SELECT f.root, x.theme_id AS within, x.suggestion_id AS suggestion
			FROM family f CROSS JOIN decisions d CROSS JOIN suggestion_themes x
			WHERE d.theme_id = f.id AND d.same = FALSE AND d.proposed = FALSE AND x.suggestion_id = d.suggestion_id AND (f.root, x.theme_id) IN @pairs
		UNION SELECT f.root, x.theme_id, MIN(s.id)
			FROM family f CROSS JOIN decisions d CROSS JOIN suggestions s CROSS JOIN suggestion_themes x
			WHERE d.theme_id = f.id AND d.same = FALSE AND d.proposed = FALSE AND d.exact_hash <> '' AND s.exact_hash <> ''
				AND s.exact_hash = d.exact_hash AND s.product = d.product AND x.suggestion_id = s.id AND (f.root, x.theme_id) IN @pairs
				AND NOT EXISTS (SELECT 1 FROM decisions o WHERE o.suggestion_id = s.id AND o.theme_id = f.id AND o.proposed = FALSE)
			GROUP BY f.root, x.theme_id, d.exact_hash, d.product`, map[string]any{"ids": ids, "pairs": pairs}).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("read decisions: %w", err)
	}
	out := map[[2]string]bool{}
	for some := range slices.Chunk(found, 500) {
		asked := make([]string, len(some))
		for i, f := range some {
			asked[i] = f.Suggestion
		}
		no, err := forbidden(tx, asked...)
		if err != nil {
			return nil, err
		}
		for _, f := range some {
			if no[f.Suggestion][f.Root] {
				out[[2]string{f.Root, f.Within}] = true
			}
		}
	}
	return out, nil
}

// weighSplits strikes out the splits of which something has moved on, or whose two
// parts people or an earlier answer hold together.
func weighSplits(tx *gorm.DB, ps []*Proposed) error {
	var ids, moved []string
	for _, p := range ps {
		if p != nil && p.Kind == models.ProposeSplit {
			ids, moved = append(ids, p.ThemeID), append(append(moved, p.Items.V.Move...), p.Items.V.Keep...)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	w, err := places(tx, ids, moved)
	if err != nil {
		return err
	}
	var earlier []models.Proposal
	if err := tx.Find(&earlier, "theme_id IN ? AND kind = ? AND state = ?", ids, models.ProposeSplit, models.ProposalDismissed).Error; err != nil {
		return fmt.Errorf("read proposals: %w", err)
	}
	for i, p := range ps {
		if p == nil || p.Kind != models.ProposeSplit {
			continue
		}
		stands := !slices.ContainsFunc(p.Items.V.Move, func(id string) bool {
			return !w.there[[2]string{p.ThemeID, id}] || w.held[[2]string{p.ThemeID, id}] || w.back[[2]string{p.ThemeID, id}]
		})
		// What leaves and what stays are told apart by chance alone.
		back := 0
		for _, id := range p.Items.V.Keep {
			if w.back[[2]string{p.ThemeID, id}] {
				back++
			}
		}
		stands = stands && (back == 0 || 2*back < len(p.Items.V.Keep))
		if !stands || slices.ContainsFunc(earlier, func(e models.Proposal) bool {
			return e.ThemeID == p.ThemeID && e.ID != p.ID && sameCut(e.Items.V, p.Items.V)
		}) {
			ps[i] = nil
		}
	}
	return nil
}

// whereabouts tells, by theme and suggestion, which of the suggestions stand in the
// themes, and of which people said that they belong there: by a word, or by taking
// back a split that moved them. That the two are one again is what no separation
// says.
type whereabouts struct{ there, held, back map[[2]string]bool }

func places(tx *gorm.DB, themes, suggestions []string) (w whereabouts, err error) {
	w = whereabouts{map[[2]string]bool{}, map[[2]string]bool{}, map[[2]string]bool{}}
	read := func(into map[[2]string]bool, query string) error {
		for some := range slices.Chunk(suggestions, 5000) {
			var rows []struct{ Root, Suggestion string }
			if err := tx.Raw(query, map[string]any{"ids": themes, "some": some}).Scan(&rows).Error; err != nil {
				return fmt.Errorf("read places: %w", err)
			}
			for _, r := range rows {
				into[[2]string{r.Root, r.Suggestion}] = true
			}
		}
		return nil
	}
	if err = read(w.there, `SELECT theme_id AS root, suggestion_id AS suggestion FROM suggestion_themes WHERE theme_id IN @ids AND suggestion_id IN @some`); err != nil {
		return w, err
	}
	if err = read(w.held, families+`SELECT f.root, d.suggestion_id AS suggestion FROM family f CROSS JOIN decisions d
			WHERE d.theme_id = f.id AND d.same = TRUE AND d.proposed = FALSE AND d.suggestion_id IN @some`); err != nil {
		return w, err
	}
	return w, read(w.back, families+`SELECT f.root, m.row_id AS suggestion FROM family f CROSS JOIN activities a CROSS JOIN moves m
			WHERE a.theme_id = f.id AND m.activity_id = a.id AND a.verb = 'theme.split' AND m.what = 'suggestion' AND m.row_id IN @some
			AND NOT EXISTS (SELECT 1 FROM separations s WHERE s.theme_id = m.from_theme AND s.other_id = m.to_theme)`)
}
