package themes

import (
	"fmt"

	"gorm.io/gorm"
)

// What people decided, as it bears on two themes or on a part of one; forbidden
// and separated know what it means for a suggestion.

// apart reports whether people said that two themes are not one: that itself, or
// that a suggestion of the one does not belong to the other.
func apart(tx *gorm.DB, a, b string) (bool, error) {
	separate, err := separated(tx, a, b)
	if err != nil || separate[a][b] || separate[b][a] {
		return true, err
	}
	for _, p := range [2][2]string{{a, b}, {b, a}} {
		var ids []string
		// From the few decisions on, in this order: neither side may be read whole.
		err := tx.Raw(families+`SELECT x.suggestion_id FROM family f CROSS JOIN decisions d CROSS JOIN suggestion_themes x
			WHERE d.theme_id = f.id AND d.same = FALSE AND d.proposed = FALSE AND x.suggestion_id = d.suggestion_id AND x.theme_id = @in
			UNION SELECT s.id FROM family f CROSS JOIN decisions d CROSS JOIN suggestions s CROSS JOIN suggestion_themes x
			WHERE d.theme_id = f.id AND d.same = FALSE AND d.proposed = FALSE AND d.exact_hash <> '' AND s.exact_hash <> ''
				AND s.exact_hash = d.exact_hash AND s.product = d.product AND x.suggestion_id = s.id AND x.theme_id = @in
			LIMIT 500`, map[string]any{"ids": []string{p[1]}, "in": p[0]}).Scan(&ids).Error
		if err != nil {
			return false, fmt.Errorf("read decisions: %w", err)
		}
		no, err := forbidden(tx, ids...)
		if err != nil {
			return false, err
		}
		for _, id := range ids {
			if no[id][p[1]] {
				return true, nil
			}
		}
	}
	return false, nil
}

// bound reports whether people said that some of the suggestions belong to the
// theme, or put back what some of them were split from.
func bound(tx *gorm.DB, theme string, suggestions []string) (bool, error) {
	for _, q := range []string{
		`SELECT COUNT(*) FROM family f JOIN decisions d ON d.theme_id = f.id WHERE d.same = TRUE AND d.proposed = FALSE AND d.suggestion_id IN @some`,
		`SELECT COUNT(*) FROM family f CROSS JOIN activities a CROSS JOIN moves m
			WHERE a.theme_id = f.id AND m.activity_id = a.id AND a.verb = 'theme.split' AND a.undone_by <> '' AND m.what = 'suggestion' AND m.row_id IN @some`,
	} {
		var n int64
		if err := tx.Raw(families+q, map[string]any{"ids": []string{theme}, "some": suggestions}).Scan(&n).Error; err != nil {
			return false, fmt.Errorf("read decisions: %w", err)
		}
		if n > 0 {
			return true, nil
		}
	}
	return false, nil
}
