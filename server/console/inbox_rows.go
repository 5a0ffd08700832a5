package console

import (
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/ui"
)

// rows turns a page of the inbox into rows: what is likely the same stands as
// one, where its newest stands – unless each stands alone. Three reads, whatever the
// length.
func (c *Console) rows(ec echo.Context, page []models.Suggestion, open *ui.InboxPane, alone bool) ([]ui.InboxRow, error) {
	ctx, actor := contextOf(ec), actorOf(ec)
	filed, err := c.s.Intake.Complete(ctx, actor, page)
	if err != nil {
		return nil, err
	}
	ids := make([]string, 0, len(filed))
	for _, f := range filed {
		if key := likelyOne(f); key != "" {
			ids = append(ids, key)
		}
	}
	live, err := c.s.Themes.Live(ctx, actor, ids)
	if err != nil {
		return nil, err
	}
	people, where, err := c.s.Intake.People(ctx, actor, personsOf(page))
	if err != nil {
		return nil, err
	}
	out, at := []ui.InboxRow{}, map[string]int{}
	for _, f := range filed {
		row := c.row(ec, f, people, where)
		row.Current = open != nil && open.ID == row.ID
		th, ok := live[likelyOne(f)]
		if !ok || alone || f.Suggestion.EchoOf != "" { // those are listed one by one
			out = append(out, row)
			continue
		}
		if i, there := at[th.ID]; there {
			out[i] = stacked(out[i], row, th.NameFor(actor.Locale), th.ID)
			continue
		}
		if len(f.Themes) == 0 { // a candidate of its own is no proposal
			row.Likely, row.LikelyID = th.NameFor(actor.Locale), th.ID
		}
		at[th.ID] = len(out)
		out = append(out, row)
	}
	for i := range out {
		if len(out[i].Members) > 0 {
			out[i].Languages = languages(out[i].Members)
		}
	}
	return out, nil
}

// likelyOne is what a suggestion is stacked by: the candidate it stands in,
// else the theme it most likely belongs to. Who asks for several things is decided
// on alone.
func likelyOne(f intake.Filed) string {
	if len(f.Themes) > 0 {
		return f.Themes[0].ID
	}
	if len(f.Suggestion.Asks.V) > 1 {
		return ""
	}
	return f.Suggestion.LikelyTheme
}

func (c *Console) row(ec echo.Context, f intake.Filed, people map[string]models.Person, where map[string]string) ui.InboxRow {
	s := &f.Suggestion
	from := said(c.Printer(ec), s, people, where)
	lang := s.Lang
	if lang == "" {
		lang = "en"
	}
	return ui.InboxRow{ID: s.ID, URL: "/inbox/" + s.ID, Title: titleOf(s), Lang: lang, Person: from.Person, Source: from.Source,
		At: s.CreatedAt, Asks: len(s.Asks.V), Kind: string(s.Kind), Urgent: urgent(f.Findings) || s.Confidential, Same: sameOf(s),
		Urgency: raised(s.Urgency), Clock: c.clockOf(c.Printer(ec), s)}
}

// raised is an urgency that a row shows: what is not urgent says nothing.
func raised(u models.Urgency) string {
	if u == models.UrgencyCritical || u == models.UrgencyHigh {
		return string(u)
	}
	return ""
}

// sameOf says who else says the same words.
func sameOf(s *models.Suggestion) ui.Same {
	if s.Echoes == 0 {
		return ui.Same{}
	}
	return ui.Same{More: s.Echoes, People: s.EchoPeople, URL: "/inbox?same=" + s.ID}
}

// stacked adds a row to a row or stack of the same theme.
func stacked(into, row ui.InboxRow, title, theme string) ui.InboxRow {
	if len(into.Members) == 0 {
		first := into
		first.Current = false
		into.Members = []ui.InboxRow{first}
		into.URL += "?stack=1"
	}
	into.Members = append(into.Members, row)
	into.Likely, into.LikelyID = title, theme
	into.Urgent, into.Current = into.Urgent || row.Urgent, into.Current || row.Current
	return into
}

func languages(rows []ui.InboxRow) int {
	seen := []string{}
	for _, r := range rows {
		if !slices.Contains(seen, r.Lang) {
			seen = append(seen, r.Lang)
		}
	}
	return len(seen)
}

func personsOf(rows []models.Suggestion) []string {
	ids := make([]string, 0, len(rows))
	for _, r := range rows {
		if r.PersonID != "" {
			ids = append(ids, r.PersonID)
		}
	}
	return ids
}
