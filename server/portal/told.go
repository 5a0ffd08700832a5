package portal

import (
	"context"
	"encoding/xml"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/themes"
	"github.com/heedhq/heed/ui"
)

// readTold adds what the team wrote and what people say below a published theme.
func (p *Portal) readTold(ec echo.Context, th *models.Theme, d *ui.PortalTheme) error {
	ctx, who := contextOf(ec), reader(ec)
	ups, err := p.s.Themes.Updates(ctx, who, th.ID)
	if err != nil {
		return err
	}
	d.FeedURL = "/t/" + th.ID + "/updates.atom"
	for _, u := range ups {
		text, lang := u.Text.In(who.Locale)
		d.Updates = append(d.Updates, ui.PortalUpdate{At: u.CreatedAt, Text: text, Lang: lang})
	}
	talk, err := p.s.Themes.Comments(ctx, who, th.ID, ec.QueryParam("before"), 0)
	if err != nil {
		return err
	}
	d.Talk.URL, d.Talk.SignInNext, d.Talk.CanSay = "/t/"+th.ID+"/comments", "/t/"+th.ID, actorOf(ec).Kind != models.ActorAnonymous
	d.Talk.Team = auth.Can(actorOf(ec), auth.Reply) == nil
	web.TalkPage(&d.Talk, talk, "/t/"+th.ID, ec.QueryParam("before"))
	return nil
}

// comment says something below a theme. Whoever is not known signs in first. An
// emergency is no comment: it went to the team alone, and its person reads what to do.
func (p *Portal) comment(ec echo.Context) error {
	id := ec.Param("id")
	if !models.IsID(models.PrefixTheme, id) {
		return echo.ErrNotFound
	}
	if actorOf(ec).Kind == models.ActorAnonymous {
		if isUrgent(ec) {
			return p.leave(ec, "/sign-in?next=/t/"+id, nil)
		}
		return p.commentRefused(ec, models.Fail(models.Unauthenticated, "talk_signed_out"))
	}
	if _, err := p.s.Themes.Get(contextOf(ec), reader(ec), id); err != nil {
		return err
	}
	n, who := intake.Comment{Text: ec.FormValue("text"), ReplyTo: ec.FormValue("reply_to")}, actorOf(ec)
	if auth.Can(who, auth.Reply) != nil { // staff speak for the team, wherever they do
		person, err := p.personOf(ec)
		if err != nil {
			return err
		}
		n.ByPerson, who = true, voter(ec, person)
	}
	var ready *intake.PreparedComment
	end, err := web.Once(ec, p.s.Intake, who, nil, web.Form{
		Before: func(ctx context.Context) (err error) {
			ready, err = p.s.Intake.PrepareComment(ctx, who, id, n)
			return err
		},
		Do: func(ctx context.Context) (web.Ending, error) {
			c, err := p.s.Intake.CommitComment(ctx, who, ready)
			if err != nil {
				return web.Ending{}, err
			}
			if c.Comment == nil {
				return p.filedEnding("/suggest/thanks", &c.Filed.Suggestion, &ui.Toast{Message: p.Printer(ec).T("talk.private")}), nil
			}
			return web.Ending{Path: "/t/" + id, Toast: &ui.Toast{Message: p.Printer(ec).T(afterComment(c))}}, nil
		},
	})
	if err != nil {
		return p.commentRefused(ec, err)
	}
	p.remember(ec, end, actorOf(ec).Email)
	return p.Back(ec, end.Path, end.Toast)
}

// commentRefused shows the theme with the words that were not taken, in their field; who
// wrote nothing and is not known signs in first.
func (p *Portal) commentRefused(ec echo.Context, err error) error {
	if isUrgent(ec) {
		return p.leave(ec, "/t/"+ec.Param("id"), &ui.Toast{Message: p.Message(contextOf(ec), err), Failed: true})
	}
	draft := p.typed(ec, ec.FormValue("text"))
	if draft == "" && models.KindOf(err) == models.Unauthenticated {
		return p.SignInFirst(ec, "/t/"+ec.Param("id"))
	}
	if !p.keepsWords(ec, err) {
		return err
	}
	th, gone := p.s.Themes.Get(contextOf(ec), reader(ec), ec.Param("id"))
	if gone != nil {
		return gone
	}
	return p.showTheme(ec, p.Problems.From(contextOf(ec), err).Status, th, &ui.Talk{Draft: draft, ReplyTo: ec.FormValue("reply_to"), Error: p.Message(contextOf(ec), err),
		SignedOut: models.KindOf(err) == models.Unauthenticated})
}

// keepsWords: what was refused is shown again in its field, with why, by the page that it
// was written on. Other errors have a page of their own. It says when to come back.
func (p *Portal) keepsWords(ec echo.Context, err error) bool {
	switch models.KindOf(err) {
	case models.Invalid, models.TooLarge, models.RateLimited, models.Conflict, models.Forbidden, models.Unauthenticated:
	default:
		return false
	}
	for k, v := range p.Problems.From(contextOf(ec), err).GetHeaders() {
		ec.Response().Header()[k] = v
	}
	return true
}

// filedEnding is how a form ends that filed a suggestion.
func (p *Portal) filedEnding(path string, s *models.Suggestion, toast *ui.Toast) web.Ending {
	return web.Ending{Path: path, Toast: toast, Note: s.Receipt + " " + s.ID}
}

// remember leaves in the browser which suggestion a form filed, for the page of thanks
// and that of the suggestion.
func (p *Portal) remember(ec echo.Context, end web.Ending, email string) {
	if receipt, id, filed := strings.Cut(end.Note, " "); filed {
		p.Cookies.SetSent(ec.Response(), web.Sent{Receipt: receipt, Email: email})
		p.setOpened(ec, id)
	}
}

// afterComment is what somebody is told whose comment was made.
func afterComment(c intake.Commented) string {
	switch {
	case c.Doubtful:
		return "talk.waits.doubtful"
	case c.Comment.State == models.CommentWaiting && slices.ContainsFunc(c.Findings, func(f models.Finding) bool { return f.Kind == models.FindingMasked }):
		return "talk.waits.secret"
	case c.Comment.State == models.CommentWaiting:
		return "talk.waits"
	}
	return "talk.sent"
}

// feed is an Atom feed (RFC 4287).
type feed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  feedAuthor  `xml:"author"`
	Links   []feedLink  `xml:"link"`
	Entries []feedEntry `xml:"entry"`
}

type feedAuthor struct {
	Name string `xml:"name"`
}

type feedLink struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
}

type feedEntry struct {
	ID      string   `xml:"id"`
	Title   string   `xml:"title"`
	Updated string   `xml:"updated"`
	Link    feedLink `xml:"link"`
	Content feedText `xml:"content"`
}

type feedText struct {
	Type string `xml:"type,attr"`
	Lang string `xml:"xml:lang,attr,omitempty"`
	Text string `xml:",chardata"`
}

// updates is the feed of what the team wrote about a published theme.
func (p *Portal) updates(ec echo.Context) error {
	ctx, who := contextOf(ec), reader(ec)
	th, err := p.s.Themes.Get(ctx, who, ec.Param("id"))
	if err != nil {
		return err
	}
	ups, err := p.s.Themes.Updates(ctx, who, th.ID)
	if err != nil {
		return err
	}
	card, page := cardOf(th, who.Locale, false), p.PublicURL+"/t/"+th.ID
	f := feed{Lang: web.Locale(ctx).HTMLLang(), ID: page, Title: card.Title, Updated: th.CreatedAt.UTC().Format(time.RFC3339), Author: feedAuthor{p.Product},
		Links: []feedLink{{"alternate", page}, {"self", page + "/updates.atom"}}}
	for i, u := range ups {
		at := u.CreatedAt.UTC().Format(time.RFC3339)
		if i == 0 {
			f.Updated = at
		}
		text, lang := u.Text.In(who.Locale)
		f.Entries = append(f.Entries, feedEntry{ID: page + "#" + u.ID, Title: themes.Headline(text, 80), Updated: at, Link: feedLink{"alternate", page},
			Content: feedText{Type: "text", Lang: lang, Text: text}})
	}
	out, err := xml.Marshal(f)
	if err != nil {
		return err
	}
	return ec.Blob(http.StatusOK, "application/atom+xml; charset=utf-8", append([]byte(xml.Header), out...))
}
