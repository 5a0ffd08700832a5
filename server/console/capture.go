package console

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/intake/files"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/themes"
	"github.com/heedhq/heed/ui"
)

const (
	// sourceCapture is the source of what staff write down for a person.
	sourceCapture = "capture"
	// mostCompared is how much of a text is compared while it is written.
	mostCompared = 2000
)

// capture is the empty form for what a person said elsewhere.
func (c *Console) capture(ec echo.Context) error {
	return c.showCapture(ec, http.StatusOK, ui.Capture{Text: ec.QueryParam("text"), Email: ec.QueryParam("email"), SourceURL: ec.QueryParam("source_url"), Errors: map[string]string{}})
}

func (c *Console) showCapture(ec echo.Context, status int, d ui.Capture) error {
	v := c.view(ec, c.Printer(ec).T("nav.capture"))
	v.Path = "/capture"
	d.Limit = files.Megabytes(c.s.Intake.FileLimits().Size)
	return c.Show(ec, status, v, ui.PageCapture, d)
}

// captureNames: the form's fields by the paths of the door.
var captureNames = map[string]string{"person/email": "email", "person/name": "name", "person": "email", "kind": "text"}

// file takes the form in, or looks for what is similar without filing.
func (c *Console) file(ec echo.Context) error {
	ctx, actor, p := contextOf(ec), actorOf(ec), c.Printer(ec)
	field := func(name string) string { return strings.TrimSpace(ec.FormValue(name)) }
	d := ui.Capture{Text: field("text"), Kind: field("kind"), Email: field("email"), Name: field("name"), SourceURL: field("source_url"), Version: field("version"), Errors: map[string]string{}}
	if ec.FormValue("look") != "" {
		var err error
		if d.Similar, err = c.sayable(ec, d.Text); err != nil {
			return err
		}
		return c.showCapture(ec, http.StatusOK, d)
	}
	s := intake.Submission{Text: d.Text, Kind: d.Kind, Source: sourceCapture, SourceURL: d.SourceURL, Version: d.Version}
	if d.Email != "" || d.Name != "" {
		s.Person = &intake.PersonInput{Email: d.Email, Name: d.Name}
	}
	uploads, err := web.FormUploads(ec)
	if err != nil {
		return err
	}
	f, err := c.s.Intake.FileWith(ctx, actor, s, uploads)
	if err != nil {
		messages, ok := c.Fields(ctx, err, captureNames)
		if models.KindOf(err) == models.TooLarge {
			messages, ok = map[string]string{files.Field: c.Message(ctx, err)}, true
		}
		if !ok {
			return err
		}
		if d.Text == "" {
			messages["text"] = p.T("capture.field.text.empty")
		}
		d.Errors = messages
		return c.showCapture(ec, http.StatusUnprocessableEntity, d)
	}
	return c.Back(ec, "/capture", &ui.Toast{Message: p.T("toast.captured", f.Suggestion.Receipt)})
}

// captureSimilar is what is already there, asked for while the form is filled in.
func (c *Console) captureSimilar(ec echo.Context) error {
	d, err := c.sayable(ec, ec.QueryParam("text"))
	if err != nil {
		return err
	}
	return c.Fragment(ec, ui.PageCapture, ui.FragmentCapture, d)
}

// sayable finds themes for a text, with what may be said about each.
func (c *Console) sayable(ec echo.Context, text string) (ui.CaptureSimilar, error) {
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
	d.Unlikely = !slices.ContainsFunc(found, func(f themes.Found) bool { return f.Likely() })
	for _, f := range found {
		if !d.Unlikely && !f.Likely() {
			continue
		}
		ref := ui.SayRef{ThemeRef: likelyOf(c.Printer(ec), f)}
		if len(ref.Reasons) == 0 {
			continue // nothing in common that one could point to
		}
		if f.Public && f.Status != models.StatusCandidate {
			ref.Say = c.say(ec, f)
		}
		d.Themes = append(d.Themes, ref)
	}
	return d, nil
}

// say is what may be told about a published theme: its title, where it stands,
// why, and when there is more to hear. Nothing of it is private.
func (c *Console) say(ec echo.Context, f themes.Found) string {
	p := c.Printer(ec)
	lines := []string{p.T("capture.say", f.Title, p.T("status."+string(f.Status)))}
	if reason, _ := f.PublicReason.In(actorOf(ec).Locale); reason != "" {
		lines = append(lines, reason)
	}
	if f.NextDate != nil && f.Status.IsOpen() && f.NextDate.After(c.now()) {
		lines = append(lines, p.T("capture.say.next", p.Date(*f.NextDate)))
	}
	sep := " "
	if web.Locale(contextOf(ec)) == "zh" {
		sep = ""
	}
	return strings.Join(lines, sep)
}
