package console

import (
	"cmp"
	"context"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/intake/files"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/themes"
	"github.com/heedhq/heed/ui"
)

// suggestion is one suggestion with its thread, wherever it stands.
func (c *Console) suggestion(ec echo.Context) error {
	return c.showSuggestion(ec, http.StatusOK, ec.Param("id"), "", "")
}

// showSuggestion renders the page; draft and problem belong to a refused reply.
func (c *Console) showSuggestion(ec echo.Context, status int, id, draft, problem string) error {
	ctx, actor, p := contextOf(ec), actorOf(ec), c.Printer(ec)
	f, err := c.s.Intake.Get(ctx, actor, id)
	if err != nil {
		return err
	}
	s := &f.Suggestion
	people, where, err := c.s.Intake.People(ctx, actor, personsOf([]models.Suggestion{*s}))
	if err != nil {
		return err
	}
	d := ui.SuggestionPage{Pane: ui.InboxPane{Title: titleOf(s), Text: wordsOf(s), Lang: langOfWords(s.Lang), Receipt: s.Receipt, Summary: s.Summary, Kind: string(s.Kind),
		Urgent: urgent(f.Findings) || s.Confidential, Confidential: s.Confidential, Heading: piecesOf(titleOf(s)), Words: piecesOf(wordsOf(s)), Provenance: said(p, s, people, where), Redacted: web.Removed(p, f.Findings)}}
	if s.Waiting {
		d.Pane.ID = s.ID
	}
	for i := range f.Themes {
		d.Themes = append(d.Themes, refOf(&f.Themes[i], actor.Locale))
	}
	desk, err := c.deskOf(ec, id, "/suggestions/"+id+"#thread")
	if err != nil {
		return err
	}
	desk.Alone, desk.Draft, desk.Error = true, draft, problem
	d.Desk = *desk
	v := c.view(ec, d.Pane.Title)
	v.Path = "/suggestions/" + id
	return c.Show(ec, status, v, ui.PageSuggestion, d)
}

// deskOf is a thread with what may be done; next is where its forms lead back to.
func (c *Console) deskOf(ec echo.Context, id, next string) (*ui.ThreadDesk, error) {
	ctx, actor := contextOf(ec), actorOf(ec)
	t, err := c.s.Intake.Thread(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	s := &t.Suggestion
	d := &ui.ThreadDesk{ID: s.ID, URL: "/suggestions/" + s.ID, Next: next, State: string(s.State), Team: s.Team, Thread: web.ThreadView(c.Printer(ec), t, true),
		CanReply: auth.Can(actor, auth.Reply) == nil, CanStep: auth.Can(actor, auth.Triage) == nil, Key: models.NewID("key"), Limit: files.Megabytes(c.s.Intake.FileLimits().Size)}
	if err := c.nameTeams(ec, d); err != nil {
		return nil, err
	}
	if s.FirstRepliedAt != nil {
		d.Replied = *s.FirstRepliedAt
	}
	if s.ReplyDueAt != nil {
		d.Due, d.Late = *s.ReplyDueAt, c.now().After(*s.ReplyDueAt)
	}
	for _, st := range themes.NextStates(s.State) {
		if st == models.StateClosed && strings.HasPrefix(next, "/inbox/") {
			continue // the pane has its own way to close, with E and for a whole stack
		}
		d.States = append(d.States, string(st))
	}
	if t.Person != nil {
		d.Reads = langOfWords(t.Person.Locale)
	}
	if err := c.nameTeams(ec, d); err != nil {
		return nil, err
	}
	d.NoMail, err = c.hasNoMail(ec, s.PersonID)
	return d, err
}

// nameTeams calls teams by their names, and offers those to hand over to.
func (c *Console) nameTeams(ec echo.Context, d *ui.ThreadDesk) error {
	p := c.Printer(ec)
	teams, err := c.s.Intake.Teams(contextOf(ec), actorOf(ec))
	if err != nil {
		return err
	}
	names := teamNames(teams, p.Locale())
	d.Team = cmp.Or(names[d.Team], d.Team)
	for i := range d.Thread.Entries {
		d.Thread.Entries[i].Team = cmp.Or(names[d.Thread.Entries[i].Team], d.Thread.Entries[i].Team)
	}
	if len(teams) > 0 {
		d.Teams = teamOptions(p, teams, "", p.T("thread.team_field"))
	}
	return nil
}

// hasNoMail: a reply by mail would reach nobody.
func (c *Console) hasNoMail(ec echo.Context, person string) (bool, error) {
	if person == "" {
		return true, nil
	}
	_, where, err := c.s.Intake.People(contextOf(ec), actorOf(ec), []string{person})
	if err != nil {
		return false, err
	}
	_, err = auth.NormalEmail(where[person])
	return err != nil, nil
}

// reply writes to the person. One showing of the form is one reply, however often
// its button is pressed.
func (c *Console) reply(ec echo.Context) error {
	ctx, actor, id, text := contextOf(ec), actorOf(ec), ec.Param("id"), ec.FormValue("text")
	var said intake.Written
	_, _, err := c.s.Intake.Once(ctx, actor, ec.FormValue("key"), []byte("reply "+id+"\n"+text), web.Doing(func(ctx context.Context) (err error) {
		said, err = c.s.Intake.Reply(ctx, actor, id, text)
		return err
	}))
	if models.KindOf(err) == models.Invalid {
		return c.showSuggestion(ec, http.StatusUnprocessableEntity, id, text, c.Message(ctx, err))
	}
	if err != nil {
		return err
	}
	return c.Back(ec, nextOr(ec, "/suggestions/"+id), &ui.Toast{Message: c.repliedToast(ec, id, said)})
}

// repliedToast says when what was sent is in another language than its reader's.
func (c *Console) repliedToast(ec echo.Context, id string, said intake.Written) string {
	p := c.Printer(ec)
	if len(said.Findings) > 0 {
		return p.T("toast.replied.masked")
	}
	t, err := c.s.Intake.Thread(contextOf(ec), actorOf(ec), id)
	if err == nil && t.Person != nil {
		if reads, lang := langOfWords(t.Person.Locale), langOfWords(said.Message.Lang); reads != "" && lang != "" && reads != lang {
			return p.T("toast.replied.differs." + reads)
		}
	}
	return p.T("toast.replied")
}

// setState takes a step that can be undone.
func (c *Console) setState(ec echo.Context) error {
	id, state := ec.Param("id"), ec.FormValue("state")
	next := nextOr(ec, "/suggestions/"+id)
	act, err := c.s.Intake.SetState(contextOf(ec), actorOf(ec), id, state, ec.FormValue("team"))
	if err != nil {
		return c.sorry(ec, next, err)
	}
	if state == string(models.StateClosed) && strings.HasPrefix(next, "/inbox/"+id) {
		next = "/suggestions/" + id // it has left the inbox
	}
	return c.Back(ec, next, &ui.Toast{Message: c.Printer(ec).T("toast.state." + state), Activity: act})
}

// addFiles attaches files to the suggestion.
func (c *Console) addFiles(ec echo.Context) error {
	id := ec.Param("id")
	next := nextOr(ec, "/suggestions/"+id)
	uploads, err := web.FormUploads(ec)
	if err != nil {
		return err
	}
	if len(uploads) == 0 {
		return c.sorry(ec, next, models.BadField(files.Field, "file_required"))
	}
	ready, err := c.s.Intake.Ready(uploads)
	if err == nil {
		_, err = c.once(ec, uploads, func(ctx context.Context) (web.Ending, error) {
			_, err := c.s.Intake.Attach(ctx, actorOf(ec), id, "", ready)
			return web.Ending{}, err
		})
	}
	if err != nil {
		return c.sorry(ec, next, err)
	}
	return c.Back(ec, next, &ui.Toast{Message: c.Printer(ec).T("toast.attached", len(uploads))})
}

func nextOr(ec echo.Context, fallback string) string { return web.Next(ec.FormValue("next"), fallback) }
