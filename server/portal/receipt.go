package portal

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/ui"
)

// A receipt code is a secret of its bearer. It is only ever sent in a form, never
// stands in an address, and opens one suggestion to one browser for openFor: the
// cookie names the suggestion and not the code.
const (
	openFor       = 2 * time.Hour
	openedPurpose = "opened by receipt"
	keptFor       = time.Hour
	keptPurpose   = "kept of a refused form"
	ownRows       = 50
)

// receipts is how often one network may try codes.
var receipts = pace{every: 6 * time.Second, burst: 10}

// receipt asks for a code, and lists what who is signed in has sent.
func (p *Portal) receipt(ec echo.Context) error {
	return p.showReceipt(ec, http.StatusOK, ui.Receipt{Next: nextPage(ec.QueryParam("next"))})
}

// notLetIn asks for the code, or signing in, that would show a suggestion; draft are words
// for it that were not sent, which are not lost.
func (p *Portal) notLetIn(ec echo.Context, draft string) error {
	next := "/s/" + ec.Param("id")
	if strings.TrimSpace(draft) == "" {
		return p.Back(ec, "/receipt?next="+next, nil)
	}
	return p.showReceipt(ec, http.StatusUnauthorized, ui.Receipt{Next: nextPage(next), Kept: draft})
}

// nextPage is a person's page that asked for the code, "" for anything else.
func nextPage(raw string) string {
	if id, ok := strings.CutPrefix(raw, "/s/"); ok && models.IsID(models.PrefixSuggestion, id) {
		return raw
	}
	return ""
}

func (p *Portal) showReceipt(ec echo.Context, status int, d ui.Receipt) error {
	own, err := p.s.Intake.Own(contextOf(ec), actorOf(ec), ownRows)
	if err != nil {
		return err
	}
	d.SignedIn = actorOf(ec).Kind != models.ActorAnonymous
	for i := range own {
		title, lang := firstWords(&own[i])
		d.Own = append(d.Own, ui.OwnSuggestion{URL: "/s/" + own[i].ID, Title: title, Lang: lang, State: string(own[i].State), At: own[i].CreatedAt})
	}
	v := p.private(ec, p.Printer(ec).T("receipt.title"))
	v.Path = "/receipt"
	return p.Show(ec, status, v, ui.PageReceipt, d)
}

// openReceipt opens a suggestion with its code. Whatever is wrong with a code, the
// answer is the same.
func (p *Portal) openReceipt(ec echo.Context) error {
	f, err := p.s.Intake.ByReceipt(contextOf(ec), ec.FormValue("code"))
	if models.KindOf(err) == models.NotFound {
		return p.showReceipt(ec, http.StatusUnprocessableEntity, ui.Receipt{Error: p.Printer(ec).T("error.receipt_unknown"), Next: nextPage(ec.FormValue("next"))})
	}
	if err != nil {
		return err
	}
	p.setOpened(ec, f.Suggestion.ID)
	return p.Back(ec, "/s/"+f.Suggestion.ID, nil)
}

// setOpened lets this browser read the suggestion.
func (p *Portal) setOpened(ec echo.Context, id string) {
	p.Cookies.SetOpened(ec.Response(), p.signed(openedPurpose, id, openFor), openFor)
}

// signed is an id in a cookie of ours, for a while; unsigned reads it, "" where it is over
// or not of ours.
func (p *Portal) signed(purpose, id string, life time.Duration) string {
	until := id + "." + strconv.FormatInt(p.now().Add(life).Unix(), 10)
	return until + "." + p.auth.Digest(purpose, until)
}

func (p *Portal) unsigned(purpose, cookie string) string {
	until, digest, ok := cutLast(cookie)
	if !ok || !p.auth.IsDigest(purpose, until, digest) {
		return ""
	}
	id, end, _ := strings.Cut(until, ".")
	if unix, err := strconv.ParseInt(end, 10, 64); err != nil || p.now().Unix() >= unix {
		return ""
	}
	return id
}

// setKeptHere remembers as which emergency this browser's refused form was kept, so that
// pressing its button again is not another; keptHere is that one.
func (p *Portal) setKeptHere(ec echo.Context, id string) {
	p.Cookies.SetKept(ec.Response(), p.signed(keptPurpose, id, keptFor), keptFor)
}

func (p *Portal) keptHere(ec echo.Context) string {
	return p.unsigned(keptPurpose, p.Cookies.KeptCookie(ec.Request()))
}

// opener is who asks, with the suggestion that a receipt opened to this browser.
func (p *Portal) opener(ec echo.Context) auth.Actor {
	a := actorOf(ec)
	a.Opened = p.unsigned(openedPurpose, p.Cookies.OpenedCookie(ec.Request()))
	return a
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, '.')
	if i < 0 {
		return "", "", false
	}
	return s[:i], s[i+1:], true
}

// private is quiet for pages that no cache may keep.
func (p *Portal) private(ec echo.Context, title string) ui.View {
	v := p.quiet(ec, title)
	v.Private = true
	return v
}

// attachment sends a file to who may see its suggestion: its person, who opened it
// with the receipt, and staff.
func (p *Portal) attachment(ec echo.Context) error {
	row, body, err := p.s.Intake.Attachment(contextOf(ec), p.opener(ec), ec.Param("id"))
	if err != nil {
		return err
	}
	return web.File(ec, row, body)
}
