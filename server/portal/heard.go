package portal

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/ui"
)

// freeText are the fields in which people write what they like. In all others, a name, a
// code, an address, only a secret tells of danger.
var freeText = []string{"title", "text", "words"}

// listening reads what a form says before its handler does, so that nobody who sends a
// recovery phrase is only told that a field is wrong: the page that refuses the form says
// first what to do, and the team is alerted as by one that was taken.
func (p *Portal) listening(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) error {
		form, err := web.FormValues(ec)
		if err != nil {
			return err
		}
		x, sure := &web.Peril{Heard: heardIn(form), As: p.opener(ec)}, false
		if x.Filed, sure = p.s.Intake.Peril(x.Heard); x.Cause == "" {
			return next(ec)
		}
		if sure {
			x.Heard.Before = p.keptHere(ec)
			x.Keep = func(ctx context.Context, x *web.Peril) (intake.Filed, bool) {
				if ok, err := p.alarmed.Allow(network(ec.RealIP())); err != nil || !ok {
					return intake.Filed{}, false // advised all the same; a flood alarms nobody
				}
				f, kept := p.keep(ctx, x)
				if kept && x.As.Kind == models.ActorAnonymous {
					p.setKeptHere(ec, f.Suggestion.ID)
				}
				return f, kept
			}
		}
		ec.SetRequest(ec.Request().WithContext(web.WithPeril(contextOf(ec), x)))
		if err = next(ec); err != nil || ec.Response().Status >= http.StatusBadRequest {
			x.Kept(contextOf(ec))
		}
		return err
	}
}

func heardIn(form url.Values) (h intake.Heard) {
	for _, name := range freeText {
		h.Words = append(h.Words, form[name]...)
	}
	for name, values := range form {
		if !slices.Contains(freeText, name) {
			h.Fields = append(append(h.Fields, name), values...)
		}
	}
	return h
}

// keep alerts the team of what a form says that nothing else came of. Staff know what to
// do with their own mistakes.
func (p *Portal) keep(ctx context.Context, x *web.Peril) (intake.Filed, bool) {
	if x.As.Kind == models.ActorMember && auth.Can(x.As, auth.Reply) == nil {
		return intake.Filed{}, false
	}
	f, err := p.s.Intake.KeepAlone(ctx, x.As, x.Heard)
	if err != nil {
		slog.Error("an emergency could not be kept", "request_id", web.RequestID(ctx), "error", err)
	}
	return f, err == nil && f.Cause != ""
}

// knownAs says whose form it is, where a link in their mail tells.
func (p *Portal) knownAs(ec echo.Context, who auth.Actor) {
	if x := web.PerilOf(contextOf(ec)); x != nil && who.PersonID != "" {
		x.As = who
	}
}

// isUrgent: the team should see at once what a form says.
func isUrgent(ec echo.Context) bool {
	x := web.PerilOf(contextOf(ec))
	return x != nil && x.Keep != nil
}

// typed is what somebody wrote as a page shows it again: what puts them in danger does not
// go back and forth.
func (p *Portal) typed(ec echo.Context, s string) string {
	if web.PerilOf(contextOf(ec)) == nil {
		return s
	}
	return p.s.Intake.Masked(s)
}

// typedName is typed for a field of few words, which is empty then.
func (p *Portal) typedName(ec echo.Context, s string) string {
	if web.PerilOf(contextOf(ec)) == nil {
		return s
	}
	return p.s.Intake.NameOf(s)
}

// leave ends a form that was not taken: who is in danger is led to what to do first.
func (p *Portal) leave(ec echo.Context, path string, toast *ui.Toast) error {
	if x := web.PerilOf(contextOf(ec)); x != nil {
		if f, kept := x.Kept(contextOf(ec)); kept {
			return p.safe(ec, f)
		}
	}
	return p.Back(ec, path, toast)
}

// safe leads the person of an emergency to what they should do; its words are not shown
// where they wrote them.
func (p *Portal) safe(ec echo.Context, f intake.Filed) error {
	p.Cookies.SetSent(ec.Response(), web.Sent{Receipt: f.Suggestion.Receipt, Email: actorOf(ec).Email})
	p.setOpened(ec, f.Suggestion.ID)
	return p.Back(ec, "/suggest/thanks", &ui.Toast{Message: p.Printer(ec).T("talk.private")})
}
