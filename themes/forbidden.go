package themes

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// What people decided is never proposed against. A word that a suggestion does
// not belong to a theme holds for every suggestion with that text and for the
// theme that the theme is merged into; that two themes are not the same (a merge
// taken back, a split) holds for whatever stands in either. The latest word
// counts, and a suggestion's own before its text's.

// forbidden names, for each of the suggestions, the live themes that it must not
// be proposed to or put into by anybody but a person.
func forbidden(tx *gorm.DB, suggestions ...string) (map[string]map[string]bool, error) {
	if len(suggestions) == 0 {
		return nil, nil
	}
	var words []word
	err := tx.Raw(`SELECT asked, theme_id, same FROM (
			SELECT s.id AS asked, d.theme_id, d.same, 1 AS own, d.created_at, d.suggestion_id FROM suggestions s
				JOIN decisions d ON d.suggestion_id = s.id WHERE s.id IN @ids AND d.proposed = FALSE
			UNION ALL
			SELECT s.id, d.theme_id, d.same, 0, d.created_at, d.suggestion_id FROM suggestions s
				JOIN decisions d ON d.exact_hash = s.exact_hash AND d.product = s.product
				WHERE s.id IN @ids AND d.exact_hash <> '' AND d.suggestion_id <> s.id AND d.proposed = FALSE
		) w ORDER BY own, created_at, theme_id, suggestion_id`, map[string]any{"ids": suggestions}).Scan(&words).Error
	if err != nil {
		return nil, fmt.Errorf("read decisions: %w", err)
	}
	var stands []word
	if err := tx.Raw("SELECT suggestion_id AS asked, theme_id FROM suggestion_themes WHERE suggestion_id IN ?", suggestions).Scan(&stands).Error; err != nil {
		return nil, fmt.Errorf("read decisions: %w", err)
	}
	in := make([]string, 0, len(stands))
	for _, w := range stands {
		in = append(in, w.ThemeID)
	}
	separate, err := separated(tx, in...)
	if err != nil {
		return nil, err
	}
	var first []word // a word on the suggestion itself counts more
	for _, w := range stands {
		for other := range separate[w.ThemeID] {
			first = append(first, word{Asked: w.Asked, ThemeID: other})
		}
	}
	return sum(tx, append(first, words...))
}

// forbiddenText is forbidden for a suggestion with that text that is not stored
// yet.
func forbiddenText(tx *gorm.DB, product, hash string) (map[string]bool, error) {
	if hash == "" {
		return nil, nil
	}
	var words []word
	err := tx.Raw(`SELECT '' AS asked, theme_id, same FROM decisions WHERE exact_hash = ? AND exact_hash <> '' AND product = ? AND proposed = FALSE ORDER BY created_at, theme_id, suggestion_id`,
		hash, product).Scan(&words).Error
	if err != nil {
		return nil, fmt.Errorf("read decisions: %w", err)
	}
	all, err := sum(tx, words)
	return all[""], err
}

// word is what somebody said of whether Asked belongs to a theme.
type word struct {
	Asked, ThemeID string
	Same           bool
}

// sum takes words in their order, each over those before it.
func sum(tx *gorm.DB, words []word) (map[string]map[string]bool, error) {
	ids := make([]string, 0, len(words))
	for _, w := range words {
		ids = append(ids, w.ThemeID)
	}
	live, err := roots(tx, ids)
	if err != nil {
		return nil, err
	}
	out := map[string]map[string]bool{}
	for _, w := range words {
		id := live[w.ThemeID]
		switch {
		case w.Same:
			delete(out[w.Asked], id)
		case out[w.Asked] == nil:
			out[w.Asked] = map[string]bool{id: true}
		default:
			out[w.Asked][id] = true
		}
	}
	return out, nil
}

// roots names the themes that stand for ids now; those of no theme are missing.
func roots(tx *gorm.DB, ids []string) (map[string]string, error) {
	out := map[string]string{}
	for some := range slices.Chunk(slices.Compact(slices.Sorted(slices.Values(ids))), 1000) {
		if err := rootsOf(tx, some, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func rootsOf(tx *gorm.DB, ids []string, out map[string]string) error {
	var rows []struct{ Asked, ID string }
	err := tx.Raw(`WITH RECURSIVE up(asked, id, merged_into, n) AS (
			SELECT id, id, merged_into, 0 FROM themes WHERE id IN ?
			UNION ALL SELECT u.asked, h.id, h.merged_into, u.n + 1 FROM up u JOIN themes h ON h.id = u.merged_into WHERE u.merged_into <> '' AND u.n < 32
		) SELECT asked, id FROM up WHERE merged_into = ''`, ids).Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("follow merges: %w", err)
	}
	for _, r := range rows {
		out[r.Asked] = r.ID
	}
	return nil
}

// separated names, for each of the live themes, those that a person said are not
// the same. Nothing may propose to merge them.
func separated(tx *gorm.DB, ids ...string) (map[string]map[string]bool, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var pairs []struct{ Root, Other string }
	err := tx.Raw(families+`SELECT f.root, s.other_id AS other FROM family f JOIN separations s ON s.theme_id = f.id
		UNION SELECT f.root, s.theme_id FROM family f JOIN separations s ON s.other_id = f.id`, map[string]any{"ids": ids}).Scan(&pairs).Error
	if err != nil {
		return nil, fmt.Errorf("read separations: %w", err)
	}
	others := make([]string, 0, len(pairs))
	for _, p := range pairs {
		others = append(others, p.Other)
	}
	live, err := roots(tx, others)
	if err != nil {
		return nil, err
	}
	out := map[string]map[string]bool{}
	for _, p := range pairs {
		other := live[p.Other]
		if other == "" || other == p.Root { // a person merged them again
			continue
		}
		if out[p.Root] == nil {
			out[p.Root] = map[string]bool{}
		}
		out[p.Root][other] = true
	}
	return out, nil
}

// families are the themes @ids with all that were ever merged into them.
const families = `WITH RECURSIVE family(root, id) AS (
	SELECT id, id FROM themes WHERE id IN @ids
	UNION SELECT f.root, h.id FROM family f JOIN themes h ON h.merged_into = f.id WHERE h.merged_into <> '') `

// separate remembers that two themes are not the same.
func (t *Themes) separate(tx *gorm.DB, activity, theme, other string) error {
	err := tx.Exec("INSERT INTO separations (theme_id, other_id, activity_id, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (theme_id, other_id) DO NOTHING",
		theme, other, activity, t.db.Now()).Error
	if err != nil {
		return fmt.Errorf("separate themes: %w", err)
	}
	return nil
}

// relike brings the likely theme of suggestions that wait without one, and that of
// their echoes, in step with what people decided.
func relike(tx *gorm.DB, suggestions []string) error {
	echoes, err := echoesOf(tx, suggestions)
	if err != nil {
		return err
	}
	all := slices.Clone(suggestions)
	for _, e := range echoes {
		all = append(all, e.ID)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	for some := range slices.Chunk(all, 500) {
		if err := relikeSome(tx, some); err != nil {
			return err
		}
	}
	return nil
}

func relikeSome(tx *gorm.DB, suggestions []string) error {
	var rows []models.Suggestion
	if err := tx.Select("id", "candidates", "likely_theme").Find(&rows, "id IN ? AND waiting = TRUE", suggestions).Error; err != nil {
		return fmt.Errorf("likely themes: %w", err)
	}
	if len(rows) == 0 {
		return nil
	}
	no, err := forbidden(tx, suggestions...)
	if err != nil {
		return err
	}
	var ids []string
	for i := range rows {
		for _, c := range rows[i].Candidates.V {
			ids = append(ids, c.Theme)
		}
	}
	slices.Sort(ids)
	live, err := roots(tx, slices.Compact(ids))
	if err != nil {
		return err
	}
	changed := map[string][]string{}
	for i := range rows {
		r, likely := &rows[i], ""
		for _, c := range r.Candidates.V {
			if id := live[c.Theme]; id != "" && !no[r.ID][id] {
				likely = c.Theme
				break
			}
		}
		if likely != r.LikelyTheme {
			changed[likely] = append(changed[likely], r.ID)
		}
	}
	for likely, ids := range changed {
		if err := tx.Model(&models.Suggestion{}).Where("id IN ?", ids).UpdateColumn("likely_theme", likely).Error; err != nil {
			return fmt.Errorf("likely themes: %w", err)
		}
	}
	return nil
}

// relikeLeft is relike for those that an activity left without a theme: what was
// decided meanwhile did not concern them.
func relikeLeft(tx *gorm.DB, activity string) error {
	var ids []string
	err := tx.Raw(`SELECT s.id FROM moves m JOIN suggestions s ON s.id = m.row_id
		WHERE m.activity_id = ? AND m.what = 'suggestion' AND m.to_theme = '' AND s.themes_count = 0 AND s.waiting = TRUE`, activity).Scan(&ids).Error
	if err != nil {
		return fmt.Errorf("likely themes: %w", err)
	}
	return relike(tx, ids)
}

// relikeFamilies is relike for whom somebody decided on the themes or what was
// merged into them: for after a merge and for when it is taken back.
func relikeFamilies(tx *gorm.DB, ths ...string) error {
	var ids []string
	// From the few decisions on, in this order: no table may be read whole.
	err := tx.Raw(families+`SELECT s.id FROM family f CROSS JOIN decisions d CROSS JOIN suggestions s
		WHERE d.theme_id = f.id AND s.id = d.suggestion_id AND d.proposed = FALSE AND s.waiting = TRUE
		UNION SELECT s.id FROM family f CROSS JOIN decisions d CROSS JOIN suggestions s
		WHERE d.theme_id = f.id AND s.exact_hash = d.exact_hash AND s.product = d.product AND d.proposed = FALSE AND s.exact_hash <> '' AND s.echo_of = '' AND s.themes_count = 0 AND s.waiting = TRUE`, map[string]any{"ids": ths}).Scan(&ids).Error
	if err != nil {
		return fmt.Errorf("likely themes: %w", err)
	}
	return relike(tx, ids)
}

// Likely is Found without the themes that a decision on the suggestion, on its
// text or on its theme speaks against.
func (t *Themes) Likely(ctx context.Context, a auth.Actor, suggestion string, cs []models.Candidate) ([]Found, error) {
	found, err := t.Found(ctx, a, cs)
	if err != nil || len(found) == 0 {
		return found, err
	}
	no, err := forbidden(t.db.Read(ctx), suggestion)
	if err != nil {
		return nil, err
	}
	out := []Found{}
	for _, f := range found {
		if !no[suggestion][f.Theme] {
			out = append(out, f)
		}
	}
	return out, nil
}
