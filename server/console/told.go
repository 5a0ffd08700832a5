package console

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/themes"
	"github.com/heedhq/heed/ui"
)

// toldNames: where the services say text, the form has a field per language.
var toldNames = map[string]string{"text": "update_en", "text/en": "update_en", "text/zh": "update_zh"}

// solvedWords is how many answers in words a theme's page shows.
const solvedWords = 20

// readUpdates adds what a theme's page says besides its status.
func (c *Console) readUpdates(ec echo.Context, th *models.Theme, d *ui.Theme) error {
	ctx, actor := contextOf(ec), actorOf(ec)
	ups, err := c.s.Themes.Updates(ctx, actor, th.ID)
	if err != nil {
		return err
	}
	for _, u := range ups {
		text, lang := u.Text.In(actor.Locale)
		d.Told.Updates = append(d.Told.Updates, ui.ToldUpdate{At: u.CreatedAt, By: u.ActorName, Text: text, Lang: lang, Activity: u.ActivityID})
	}
	d.Told.CanTell = auth.Can(actor, auth.Announce) == nil && th.Status != models.StatusCandidate
	d.Told.Update = ui.UpdateForm{ThemeID: th.ID, Errors: map[string]string{}}
	solved, err := c.s.Themes.SolvedOf(ctx, actor, th.ID)
	if err != nil {
		return err
	}
	d.Told.Yes, d.Told.No = solved.Yes, solved.No
	words, err := c.s.Themes.SolvedWords(ctx, actor, th.ID, solvedWords)
	if err != nil {
		return err
	}
	for _, w := range words {
		row := ui.SolvedWord{Name: w.Name, Text: w.Words, Lang: w.Lang, Solved: w.Solved, At: w.CreatedAt}
		if w.SuggestionID != "" {
			row.URL = "/suggestions/" + w.SuggestionID
		}
		d.Told.Words = append(d.Told.Words, row)
	}
	talk, err := c.s.Themes.Comments(ctx, actor, th.ID, ec.QueryParam("before"), 0)
	if err != nil {
		return err
	}
	d.Told.Talk = ui.Talk{URL: "/themes/" + th.ID + "/comments", CanSay: th.Public && auth.Can(actor, auth.Reply) == nil, Team: true}
	web.TalkPage(&d.Told.Talk, talk, "/themes/"+th.ID, ec.QueryParam("before"))
	return nil
}

// writeUpdate writes an update once its readers were shown.
func (c *Console) writeUpdate(ec echo.Context) error {
	d, th, err := c.themePage(ec, ec.Param("id"))
	if err != nil {
		return err
	}
	f := &d.Told.Update
	text := textOf(ec, "update")
	f.Text, f.Silent = ui.Localized{EN: text.EN, ZH: text.ZH}, ec.FormValue("silent") != ""
	confirmed := ec.FormValue("step") == "confirm"
	up := themes.Update{Text: text, Notify: !f.Silent}
	w, err := c.s.WriteUpdate(contextOf(ec), actorOf(ec), th.ID, up, true)
	var end web.Ending
	if err == nil && confirmed {
		end, err = c.once(ec, nil, func(ctx context.Context) (web.Ending, error) {
			made, err := c.s.Themes.WriteUpdate(ctx, actorOf(ec), th.ID, up)
			if err != nil {
				return web.Ending{}, err
			}
			return web.Ending{Path: "/themes/" + th.ID, Toast: &ui.Toast{Message: c.Printer(ec).T("toast.update", w.Audience.Mails), Activity: made.ActivityID, Held: w.Audience.Mails}}, nil
		})
	}
	if err != nil {
		messages, ok := c.Fields(contextOf(ec), err, toldNames)
		if !ok {
			return c.sorry(ec, "/themes/"+th.ID, err)
		}
		f.Errors = messages
		return c.showTheme(ec, http.StatusUnprocessableEntity, d)
	}
	if !confirmed {
		f.Preview = c.consequenceOf(ec, w.Audience, f.Silent)
		return c.showTheme(ec, http.StatusOK, d)
	}
	return c.Back(ec, end.Path, end.Toast)
}

// comment says something for the team below a theme.
func (c *Console) comment(ec echo.Context) error {
	id := ec.Param("id")
	end, err := c.once(ec, nil, func(ctx context.Context) (web.Ending, error) {
		_, err := c.s.Intake.Comment(ctx, actorOf(ec), id, intake.Comment{Text: ec.FormValue("text"), ReplyTo: ec.FormValue("reply_to")})
		return web.Ending{Path: "/themes/" + id, Toast: &ui.Toast{Message: c.Printer(ec).T("talk.sent")}}, err
	})
	if models.KindOf(err) == models.Invalid {
		d, _, gone := c.themePage(ec, id)
		if gone != nil {
			return gone
		}
		talk := &d.Told.Talk
		talk.Draft, talk.Error, talk.ReplyTo = ec.FormValue("text"), c.Message(contextOf(ec), err), ec.FormValue("reply_to")
		if !slices.ContainsFunc(talk.Comments, func(c ui.TalkComment) bool { return c.ID == talk.ReplyTo }) {
			talk.ReplyTo = ""
		}
		return c.showTheme(ec, http.StatusUnprocessableEntity, d)
	}
	if err != nil {
		return c.sorry(ec, "/themes/"+id, err)
	}
	return c.Back(ec, end.Path, end.Toast)
}

// moderation lists the comments that wait for a person.
func (c *Console) moderation(ec echo.Context) error {
	cs, named, err := c.s.Themes.WaitingComments(contextOf(ec), actorOf(ec))
	if err != nil {
		return err
	}
	p, d := c.Printer(ec), ui.Moderation{Rows: web.Talk(cs, nil)}
	for i := range d.Rows {
		d.Rows[i].Why = p.T("moderation.why." + cs[i].HeldFor)
		if th, ok := named[cs[i].ThemeID]; ok {
			d.Rows[i].Theme = refOf(&th, actorOf(ec).Locale)
		}
	}
	return c.Show(ec, http.StatusOK, c.view(ec, p.T("nav.comments")), ui.PageComments, d)
}

// moderate shows a comment or removes it.
func (c *Console) moderate(ec echo.Context) error {
	show := ec.FormValue("show") != ""
	act, err := c.s.Themes.SettleComment(contextOf(ec), actorOf(ec), ec.Param("id"), show)
	if err != nil {
		return c.sorry(ec, "/comments", err)
	}
	message := c.Printer(ec).T("toast.comment.removed")
	if show {
		message = c.Printer(ec).T("toast.comment.shown")
	}
	next := "/comments"
	if strings.HasPrefix(ec.FormValue("next"), "/themes/") {
		next = web.Next(ec.FormValue("next"), next)
	}
	return c.Back(ec, next, &ui.Toast{Message: message, Activity: act})
}
