package console

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/server/api"
	"github.com/heedhq/heed/ui"
)

// mailPreview shows the very mail that a status would send, and who gets it. It changes nothing.
func (c *Console) mailPreview(ec echo.Context) error { return c.showPreview(ec, nil) }

// sendPreview sends it to the reader, in one language.
func (c *Console) sendPreview(ec echo.Context) error {
	a, f, err := c.considered(ec)
	if err != nil || len(f.Errors) > 0 {
		if err == nil {
			return c.showPreview(ec, nil)
		}
		return err
	}
	locale, ok := i18n.Parse(ec.FormValue("locale"))
	if !ok {
		locale = i18n.EN
	}
	sent, err := c.s.Notifier.SendPreview(contextOf(ec), actorOf(ec), *a.Theme, locale)
	if err != nil {
		return err
	}
	return c.showPreview(ec, &sent)
}

// considered is what the form asks for, as it would be, or what is wrong with the form.
func (c *Console) considered(ec echo.Context) (api.Announced, *ui.StatusForm, error) {
	f := &ui.StatusForm{ThemeID: ec.Param("id"), Errors: map[string]string{}}
	readStatus(ec, f)
	ch, err := changeOf(f)
	var a api.Announced
	if err == nil {
		if a, err = c.s.Consider(contextOf(ec), actorOf(ec), f.ThemeID, ch, true); err == nil {
			f.Preview = c.consequenceOf(ec, a.Audience, f.Silent)
			return a, f, nil
		}
	}
	messages, ok := c.Fields(contextOf(ec), err, statusNames)
	if !ok {
		return a, f, err
	}
	f.Errors = messages
	return a, f, nil
}

func (c *Console) showPreview(ec echo.Context, sent *notifier.SentNow) error {
	ctx, actor, p := contextOf(ec), actorOf(ec), c.Printer(ec)
	th, err := c.s.Themes.Get(ctx, actor, ec.Param("id"))
	if err != nil {
		return err
	}
	a, f, err := c.considered(ec)
	if err != nil {
		return err
	}
	d := ui.MailPreview{Theme: refOf(th, actor.Locale), Form: *f, Sent: sentOf(sent)}
	q := statusQuery(f)
	d.Back = "/themes/" + th.ID + "?" + q.Encode() + "#status-title"
	status := http.StatusUnprocessableEntity
	if len(f.Errors) == 0 {
		status = http.StatusOK
		for _, l := range i18n.Locales() {
			m, err := c.s.Notifier.PreviewMail(ctx, actor, *a.Theme, l)
			if err != nil {
				return err
			}
			d.Mails = append(d.Mails, ui.PreviewedMail{Locale: string(l), Subject: m.Subject, Text: m.Text, Source: m.Source, OwnWords: m.OwnWords,
				LightURL: documentURL(th.ID, q, l, "light"), DarkURL: documentURL(th.ID, q, l, "dark")})
			d.LacksReason, d.LacksTitle = lacking(d, a, string(l))
		}
	}
	v := c.view(ec, p.T("mail_preview.title"))
	v.Path = "/themes/" + th.ID + "/mail?" + q.Encode()
	return c.Show(ec, status, v, ui.PageMailPreview, d)
}

// lacking adds a language in which its readers would find no reason or no title.
func lacking(d ui.MailPreview, a api.Announced, locale string) (reasons, titles []string) {
	reasons, titles = d.LacksReason, d.LacksTitle
	if a.Audience.ByLocale[locale] == 0 {
		return reasons, titles
	}
	if a.Theme.Reason.Lacks(locale) {
		reasons = append(reasons, locale)
	}
	if a.Theme.PublicTitle.Lacks(locale) {
		titles = append(titles, locale)
	}
	return reasons, titles
}

// statusQuery is a status form in a URL.
func statusQuery(f *ui.StatusForm) url.Values {
	q := url.Values{"status": {f.Status}, "reason_en": {f.Reason.EN}, "reason_zh": {f.Reason.ZH}, "promise_date": {f.Promise}, "version": {f.Version}}
	if f.Silent {
		q.Set("silent", "1")
	}
	for name, values := range q {
		if values[0] == "" {
			q.Del(name)
		}
	}
	return q
}

func documentURL(theme string, q url.Values, l i18n.Locale, look string) string {
	full := url.Values{"locale": {string(l)}, "look": {look}}
	for name, values := range q {
		full[name] = values
	}
	return "/themes/" + theme + "/mail/html?" + full.Encode()
}

// mailDocument is the mail alone, as light or dark, under a policy that lets it do nothing. It is
// a document of its own: what stands in a page lives under the page's policy, which has no
// inline styles.
func (c *Console) mailDocument(ec echo.Context) error {
	f := &ui.StatusForm{}
	readStatus(ec, f)
	ch, err := changeOf(f)
	if err != nil {
		return err
	}
	locale, ok := i18n.Parse(ec.QueryParam("locale"))
	if !ok {
		return models.BadField("locale", "locale_unknown", ec.QueryParam("locale"))
	}
	th, err := c.s.Themes.TryStatus(contextOf(ec), actorOf(ec), ec.Param("id"), ch)
	if err != nil {
		return err
	}
	m, err := c.s.Notifier.PreviewMail(contextOf(ec), actorOf(ec), *th, locale)
	if err != nil {
		return err
	}
	h := ec.Response().Header()
	h.Set("Content-Security-Policy", ui.MailPolicy)
	h.Set("Cache-Control", "no-store")
	return ec.HTML(http.StatusOK, inLook(m.HTML, ec.QueryParam("look")))
}

// inLook has the mail look as in a program that is light, or dark, whatever the reader's is.
func inLook(html, look string) string {
	const dark = "@media (prefers-color-scheme: dark)"
	const follows = "color-scheme: light dark;"
	if look == "dark" {
		return strings.Replace(strings.Replace(html, dark, "@media all", 1), follows, "color-scheme: dark;", 1)
	}
	return strings.Replace(strings.Replace(html, dark, "@media not all", 1), follows, "color-scheme: light;", 1)
}
