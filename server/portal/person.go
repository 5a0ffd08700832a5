package portal

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/intake/files"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/ui"
)

// person shows a suggestion to who sent it: where it stands, what was said, and a
// place to say more. Staff have their own page of it.
func (p *Portal) person(ec echo.Context) error {
	return p.showPerson(ec, http.StatusOK, ui.PersonPage{Errors: map[string]string{}})
}

// showPerson sends whoever may not see it to where a code, or signing in, would
// let them: for a suggestion that does not exist as well.
func (p *Portal) showPerson(ec echo.Context, status int, d ui.PersonPage) error {
	ctx, a, id := contextOf(ec), p.opener(ec), ec.Param("id")
	t, err := p.s.Intake.Thread(ctx, a, id)
	switch models.KindOf(err) {
	case models.NotFound, models.Unauthenticated, models.Forbidden:
		if !models.IsID(models.PrefixSuggestion, id) {
			return echo.ErrNotFound
		}
		return p.notLetIn(ec, d.Draft)
	}
	if err != nil {
		return err
	}
	s := &t.Suggestion
	d.ID, d.Receipt, d.State, d.At, d.Text = s.ID, s.Receipt, string(s.State), s.CreatedAt, s.Text
	d.Title, d.Lang = firstWords(s)
	d.Thread, d.Key, d.Limit = web.ThreadView(p.Printer(ec), t, false), models.NewID("key"), files.Megabytes(p.s.Intake.FileLimits().Size)
	found, err := p.s.Intake.Found(ctx, a, id)
	if err != nil {
		return err
	}
	d.Redacted = web.Removed(p.Printer(ec), found)
	danger, err := p.s.Intake.Endangered(ctx, id)
	if err != nil {
		return err
	}
	if danger.Cause == "" && slices.ContainsFunc(found, web.ControlsFunds) {
		danger = intake.Filed{Suggestion: *s, Cause: models.CauseSecret}
	}
	for _, m := range t.Messages { // the language of what they wrote last
		if m.Author == models.AuthorPerson && m.Text != "" {
			danger.Suggestion.Lang = m.Lang
		}
	}
	d.Advice = p.advice(ec, danger)
	if d.Themes, err = p.standing(ec, id); err != nil {
		return err
	}
	v := p.private(ec, d.Title)
	v.Path = "/s/" + id
	return p.Show(ec, status, v, ui.PageSaid, d)
}

// standing is where the published themes of a suggestion stand, as everybody may
// read it.
func (p *Portal) standing(ec echo.Context, id string) ([]ui.PersonTheme, error) {
	ths, err := p.s.Themes.Of(contextOf(ec), id)
	if err != nil {
		return nil, err
	}
	locale, out := reader(ec).Locale, []ui.PersonTheme{}
	for i := range ths {
		th := &ths[i]
		if !th.Public || !th.IsLive() {
			continue
		}
		card := cardOf(th, locale, false)
		pt := ui.PersonTheme{ThemeRef: card.ThemeRef, Reason: card.News, ReasonLang: card.NewsLang, Version: th.Version}
		if th.PromiseDate != nil && th.Status.IsOpen() && th.PromiseDate.After(p.now()) {
			pt.Next = *th.PromiseDate
		}
		out = append(out, pt)
	}
	return out, nil
}

// say takes the person's word and files. One showing of the form is one message.
func (p *Portal) say(ec echo.Context) error {
	ctx, a, id := contextOf(ec), p.opener(ec), ec.Param("id")
	kind, text := ec.FormValue("kind"), strings.TrimSpace(ec.FormValue("text"))
	if kind == "" {
		kind = models.MessageReply
	}
	uploads, err := web.FormUploads(ec)
	if err != nil {
		return err
	}
	ready, err := p.s.Intake.Ready(uploads)
	if err == nil {
		keyed := a
		if keyed.ID == "" { // a receipt's bearers share nothing but the suggestion
			keyed.ID = "receipt:" + a.Opened
		}
		_, _, err = p.s.Intake.Once(ctx, keyed, ec.FormValue("key"), []byte(kind+" "+id+"\n"+text), web.Doing(func(ctx context.Context) error {
			return p.said(ctx, a, id, kind, text, ready, len(uploads) > 0)
		}))
	}
	if err != nil {
		return p.sayRefused(ec, err)
	}
	return p.Back(ec, "/s/"+id, &ui.Toast{Message: p.Printer(ec).T("person.sent")})
}

// sayRefused shows a message again that was not taken. Who may not see the suggestion
// (any more) finds their words on the page that lets them in, and nothing of it.
func (p *Portal) sayRefused(ec echo.Context, err error) error {
	ctx, d := contextOf(ec), ui.PersonPage{Draft: p.typed(ec, ec.FormValue("text"))}
	switch models.KindOf(err) {
	case models.NotFound, models.Unauthenticated, models.Forbidden:
		if isUrgent(ec) {
			return p.leave(ec, "/receipt?next=/s/"+ec.Param("id"), nil)
		}
		return p.notLetIn(ec, d.Draft)
	}
	if !p.keepsWords(ec, err) {
		return err
	}
	if d.Errors, _ = p.Fields(ctx, err, nil); len(d.Errors) == 0 {
		field := "text"
		if models.KindOf(err) == models.TooLarge {
			field = files.Field
		}
		d.Errors = map[string]string{field: p.Message(ctx, err)}
	}
	return p.showPerson(ec, p.Problems.From(ctx, err).Status, d)
}

// said stores what the person says, words first; files alone need no words.
func (p *Portal) said(ctx context.Context, a auth.Actor, id, kind, text string, ready intake.Ready, withFiles bool) error {
	message := ""
	if text != "" || kind != models.MessageReply || !withFiles {
		said, err := p.s.Intake.Answer(ctx, a, id, kind, text)
		if err != nil {
			return err
		}
		message = said.Message.ID
	}
	_, err := p.s.Intake.Attach(ctx, a, id, message, ready)
	return err
}

// firstWords is a suggestion in one line, and its language.
func firstWords(s *models.Suggestion) (title, lang string) {
	if lang = s.Lang; lang != "en" && lang != "zh" {
		lang = ""
	}
	title = s.Title
	if title == "" {
		title, _, _ = strings.Cut(s.Text, "\n")
	}
	if r := []rune(title); len(r) > 120 {
		title = string(r[:119]) + "…"
	}
	return title, lang
}
