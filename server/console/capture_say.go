package console

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/themes"
	"github.com/heedhq/heed/ui"
)

// captureSimilar is what is already there, asked for while the form is filled in.
func (c *Console) captureSimilar(ec echo.Context) error {
	d, err := c.sayable(ec, ec.QueryParam("text"), ec.QueryParam("locale"))
	if err != nil {
		return err
	}
	d.Same = ec.QueryParam("same")
	return c.Fragment(ec, ui.PageCapture, ui.FragmentCapture, d)
}

// captureSource says of which conversation an address is.
func (c *Console) captureSource(ec echo.Context) error {
	t, ok := intake.ReadConversation(ec.QueryParam("url"))
	return ec.JSON(http.StatusOK, map[string]any{"known": ok && t.Source != "", "address": ok, "name": conversationName(t), "url": t.URL})
}

// sayable finds themes for a text, with what may be said about each to a person
// who reads locale; "" is the reader's own.
func (c *Console) sayable(ec echo.Context, text, locale string) (ui.CaptureSimilar, error) {
	d := ui.CaptureSimilar{}
	if r := []rune(text); len(r) > mostCompared {
		text = string(r[:mostCompared])
	}
	if strings.TrimSpace(text) == "" {
		return d, nil
	}
	d.Asked = true
	found, err := c.s.Themes.Similar(contextOf(ec), actorOf(ec), text, themes.MaxCandidates)
	if err != nil {
		return d, err
	}
	secrets := c.s.Intake.Findings(text)
	d.Secret, d.Funds = len(secrets) > 0, slices.ContainsFunc(secrets, web.ControlsFunds)
	to, ok := i18n.Parse(locale)
	if !ok || locale == "" {
		to = web.Locale(contextOf(ec))
	}
	d.Unlikely = !slices.ContainsFunc(found, func(f themes.Found) bool { return f.Likely() })
	for _, f := range found {
		if !d.Unlikely && !f.Likely() {
			continue
		}
		ref := ui.SayRef{ThemeRef: likelyOf(c.Printer(ec), f), N: len(d.Themes) + 1}
		if len(ref.Reasons) == 0 {
			continue // nothing in common that one could point to
		}
		if f.Public && f.Status != models.StatusCandidate {
			ref.Say, ref.SayLang = c.say(f, to), string(to)
		}
		d.Themes = append(d.Themes, ref)
	}
	return d, nil
}

// say is what may be told about a published theme, in the words of one language:
// its title, where it stands, why, and when there is more to hear. Nothing of it
// is private.
func (c *Console) say(f themes.Found, to i18n.Locale) string {
	p := c.s.Catalog.For(to)
	title, _ := f.PublicTitle.In(string(to))
	lines := []string{p.T("capture.say", title, p.T("status."+string(f.Status)))}
	if reason, _ := f.PublicReason.In(string(to)); reason != "" {
		lines = append(lines, reason)
	}
	if f.NextDate != nil && f.Status.IsOpen() && f.NextDate.After(c.now()) {
		lines = append(lines, p.T("capture.say.next", p.Date(*f.NextDate)))
	}
	sep := " "
	if to == i18n.ZH {
		sep = ""
	}
	return strings.Join(lines, sep)
}
