package notifier

import (
	"maps"
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

// staffMessage is the weekly mail of a product manager.
func staffMessage(locale i18n.Locale) Message {
	theme := func(n int) DigestTheme {
		return DigestTheme{ID: "thm_1", Title: "slow exports", PublicTitle: models.Text{EN: "Faster exports", ZH: "更快的导出"}, People: 40 * n, Recent: 12 * n, Before: 9}
	}
	return Message{
		Kind: KindStaffDigest, Locale: locale, To: Recipient{Email: "pia@acme.example"}, Root: "https://heed.acme.example",
		Staff: &StaffDigest{Rising: []DigestTheme{theme(2), theme(1)}, Decide: []DigestTheme{theme(1)}, Decides: 3, Overdue: 1, Waiting: 42, Week: 7, Month: 1,
			Oldest: new(time.Date(2025, 11, 20, 8, 0, 0, 0, time.UTC)), Sent: 312, Failed: 2},
		MessageID: "s1@heed.acme.example", Date: time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC),
	}
}

// promiseMessage is the mail that keeps the promise of one theme.
func promiseMessage(locale i18n.Locale, status models.Status) Message {
	m := statusMessage(locale, status)
	since := time.Date(2025, 11, 6, 12, 0, 0, 0, time.UTC)
	m.Kind, m.Themes[0].Kind, m.Themes[0].Since = KindPromise, KindPromise, &since
	if status == models.StatusInProgress {
		m.Themes[0].Version = "4.2"
	}
	return m
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
	for _, status := range []models.Status{models.StatusReceived, models.StatusUnderReview, models.StatusPlanned, models.StatusInProgress, models.StatusPostponed} {
		all["promise_"+string(status)] = promiseMessage(locale, status)
	}
	both := promiseMessage(locale, models.StatusPlanned)
	both.Themes = append(both.Themes, promiseMessage(locale, models.StatusPostponed).Themes...)
	all["promises"] = both
	all["staff_digest"] = staffMessage(locale)
	updated := promiseMessage(locale, models.StatusInProgress)
	updated.Themes[0].UpdatedAt = new(time.Date(2025, 12, 20, 12, 0, 0, 0, time.UTC))
	all["promise_updated"] = updated
	own := statusMessage(locale, models.StatusUnderReview)
	own.Themes[0].OwnWords, own.Themes[0].Reason = true, ""
	own.Phrase, own.ReplyTo = "", ""
	all["own_words"] = own
	maps.Copy(all, toldSamples(locale))
	maps.Copy(all, otherSamples(locale))
	return all
}
