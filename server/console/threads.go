package console

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/ui"
)

// lastWords is how much of a thread's last message a list shows.
const lastWords = 200

// threads lists what people wrote and nobody answered yet, wherever the
// suggestion stands.
func (c *Console) threads(ec echo.Context) error {
	ctx, actor := contextOf(ec), actorOf(ec)
	d := ui.Threads{All: ec.QueryParam("all") != ""}
	talks, next, err := c.s.Intake.Talks(ctx, actor, !d.All, ec.QueryParam("cursor"), pageRows)
	if err != nil {
		return err
	}
	rows := make([]models.Suggestion, len(talks))
	for i, t := range talks {
		rows[i] = t.Suggestion
	}
	people, where, err := c.s.Intake.People(ctx, actor, personsOf(rows))
	if err != nil {
		return err
	}
	for i := range talks {
		s, m := &talks[i].Suggestion, &talks[i].Last
		r := ui.ThreadRow{URL: "/suggestions/" + s.ID, Title: titleOf(s), Lang: langOfWords(s.Lang), State: string(s.State), Staff: m.Author == models.AuthorStaff, Name: m.ActorName,
			Person: people[s.PersonID].Name, Words: m.Text, Objection: m.Kind == models.MessageObjection, At: m.CreatedAt}
		if r.Person == "" {
			r.Person = where[s.PersonID]
		}
		if w := []rune(r.Words); len(w) > lastWords {
			r.Words = string(w[:lastWords-1]) + "…"
		}
		if s.ReplyDueAt != nil && s.FirstRepliedAt == nil && c.now().After(*s.ReplyDueAt) {
			r.Due, r.Late = *s.ReplyDueAt, true
		}
		d.Rows = append(d.Rows, r)
	}
	if next != "" {
		q := url.Values{"cursor": {next}}
		if d.All {
			q.Set("all", "1")
		}
		d.MoreURL = "/suggestions?" + q.Encode()
	}
	return c.Show(ec, http.StatusOK, c.view(ec, c.Printer(ec).T("nav.threads")), ui.PageThreads, d)
}
