package themes

import (
	"slices"

	"github.com/heedhq/heed/dedup"
	"github.com/heedhq/heed/models"
)

// What themes say of themselves, their public titles and texts, are items of the
// index as well.

// publish tells the index which themes are public and returns their texts.
func (v *view) publish(ths []models.Theme) []textRow {
	for i := range ths {
		v.index.SetPublic(ths[i].ID, ths[i].Public)
		v.unpublish(ths[i].ID, themeRows(ths[i:i+1]))
	}
	return themeRows(ths)
}

// unpublish takes a theme's own texts out of the index, but for those that rows
// replace.
func (v *view) unpublish(theme string, rows []textRow) {
	for _, l := range languages {
		if id := theme + l.part; !slices.ContainsFunc(rows, func(r textRow) bool { return r.ID == id }) {
			v.index.Remove(id)
		}
	}
}

// languages are those that a theme's own text may be written in, and what makes
// a theme's id the id of that text. Each is an item of its own: a text of two
// languages means something between what either does.
var languages = []struct {
	part string
	of   func(models.Text) string
}{
	{"", func(x models.Text) string { return x.Any }},
	{"|en", func(x models.Text) string { return x.EN }},
	{lastLanguage, func(x models.Text) string { return x.ZH }},
}

const lastLanguage = "|zh" // the last of them, in whatever order the database sorts

// themeRows is what themes are called for the public, in each language. A team's
// own title says nothing a person would write, so it is left out.
func themeRows(ths []models.Theme) (rows []textRow) {
	for _, th := range ths {
		if th.PublicTitle.IsEmpty() {
			continue
		}
		for _, l := range languages {
			it := dedup.Item{ID: th.ID + l.part, Theme: th.ID, Title: l.of(th.PublicTitle), Text: l.of(th.PublicText), Public: th.Public}
			if it.Title != "" || it.Text != "" {
				rows = append(rows, textRow{Item: it, digest: models.Digest(it.Title, it.Text)})
			}
		}
	}
	return rows
}

func join(x models.Text) string {
	s := ""
	for _, p := range []string{x.Any, x.EN, x.ZH} {
		if p != "" && s != "" {
			s += "\n"
		}
		s += p
	}
	return s
}
