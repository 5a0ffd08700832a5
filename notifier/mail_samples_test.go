package notifier

import (
	"net/mail"
	"testing"
	"time"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
)

func newTestRenderer(t testing.TB) *Renderer {
	t.Helper()
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewRenderer(catalog, RenderOptions{
		From:      mail.Address{Address: "voice@acme.example"},
		Product:   "Acme",
		PublicURL: "https://heed.acme.example",
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var promised = time.Date(2026, 3, 12, 20, 0, 0, 0, time.UTC)

// statusMessage is a complete message about one theme in the reader's language.
func statusMessage(locale i18n.Locale, status models.Status) Message {
	c := ThemeChange{
		Title: "Faster exports", TitleLang: "en", Status: status,
		Reason: "Export now streams.\nBig boards take seconds.", ReasonLang: "en",
		URL: "https://heed.acme.example/themes/thm_1",
	}
	if locale == i18n.ZH {
		c.Title, c.TitleLang = "更快的导出", "zh"
		c.Reason, c.ReasonLang = "导出改为流式处理。\n大型看板几秒即可完成。", "zh"
	}
	if status.IsOpen() {
		c.PromiseDate = &promised
	}
	if status == models.StatusShipped {
		c.Version = "4.2"
	}
	return Message{
		Kind: KindStatus, Locale: locale, To: Recipient{Name: "Mei Lin", Email: "mei@example.com"},
		Themes: []ThemeChange{c}, Phrase: "7 blue otters",
		UnsubscribeURL: "https://heed.acme.example/unsubscribe/abc",
		PreferencesURL: "https://heed.acme.example/me/abc",
		ReplyTo:        "thread+abc@acme.example",
		MessageID:      "d1.r2@heed.acme.example", ThreadRoot: "thm1.p1@heed.acme.example",
		EnvelopeFrom: "bounce+d1=abc@acme.example",
		Date:         time.Date(2026, 1, 5, 9, 30, 0, 0, time.UTC),
	}
}

func signInMessage(locale i18n.Locale) Message {
	return Message{
		Kind: KindSignInCode, Locale: locale, To: Recipient{Email: "mei@example.com"},
		Code: "K7WQ2MXP", ValidFor: 10 * time.Minute, Phrase: "7 blue otters",
		MessageID: "c1@heed.acme.example", Date: time.Date(2026, 1, 5, 9, 30, 0, 0, time.UTC),
	}
}

// digest tells of n themes at once.
func digest(locale i18n.Locale, n int) Message {
	m := statusMessage(locale, models.StatusPlanned)
	statuses := models.Settable()
	m.Themes = nil
	for i := range n {
		m.Themes = append(m.Themes, statusMessage(locale, statuses[i%len(statuses)]).Themes[0])
	}
	return m
}

// samples is every kind of mail, by name, without any foreign text.
func samples(locale i18n.Locale) map[string]Message {
	all := map[string]Message{"signin": signInMessage(locale), "several": digest(locale, 3), "bulk": digest(locale, 60)}
	for _, status := range append(models.Settable(), models.StatusReceived) {
		all[string(status)] = statusMessage(locale, status)
	}
	own := statusMessage(locale, models.StatusUnderReview)
	own.Themes[0].OwnWords, own.Themes[0].Reason = true, ""
	own.Phrase, own.ReplyTo = "", ""
	all["own_words"] = own
	for name, m := range toldSamples(locale) {
		all[name] = m
	}
	return all
}
