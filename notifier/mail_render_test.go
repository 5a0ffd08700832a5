package notifier

import (
	"bytes"
	"mime"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/jhillyerd/enmime/v2"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
)

func mustRender(t *testing.T, r *Renderer, m Message) (Rendered, *enmime.Envelope) {
	t.Helper()
	out, err := r.Render(m)
	if err != nil {
		t.Fatal(err)
	}
	env, err := enmime.ReadEnvelope(bytes.NewReader(out.Body))
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range env.Errors {
		t.Errorf("the mail is malformed: %v", problem)
	}
	return out, env
}

// unsubscribed are the kinds that nobody subscribed to, so that nobody can stop them by a header.
var unsubscribed = []Kind{KindSignInCode, KindStaffDigest, KindSafety, KindEscalation, KindWebhook, KindTest, KindOutcome, KindClock}

func TestEveryKindCarriesItsHeadersAndBothParts(t *testing.T) {
	r := newTestRenderer(t)
	for _, locale := range i18n.Locales() {
		for name, m := range samples(locale) {
			t.Run(string(locale)+" "+name, func(t *testing.T) {
				out, env := mustRender(t, r, m)
				want := map[string]string{
					"Message-Id": "<" + m.MessageID + ">", "Auto-Submitted": "auto-generated",
					"X-Auto-Response-Suppress": "All", "Subject": out.Subject, "Precedence": "",
					"Content-Language": locale.HTMLLang(), "Date": m.Date.Format("Mon, 02 Jan 2006 15:04:05 -0700"),
					"User-Agent": "", "X-Mailer": "",
				}
				want["List-Unsubscribe"], want["List-Unsubscribe-Post"], want["List-Id"], want["In-Reply-To"], want["References"] = "", "", "", "", ""
				if !slices.Contains(unsubscribed, m.Kind) {
					want["List-Unsubscribe"] = "<https://heed.acme.example/unsubscribe/abc>"
					want["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
					want["List-Id"] = "<follow-ups.heed.acme.example>"
					want["In-Reply-To"] = "<" + m.ThreadRoot + ">"
					want["References"] = "<" + m.ThreadRoot + ">"
				}
				for header, value := range want {
					if got := env.GetHeader(header); got != value {
						t.Errorf("%s: %q, want %q", header, got, value)
					}
				}
				if env.Text != out.Text && env.Text != strings.ReplaceAll(out.Text, "\n", "\r\n") {
					t.Error("the text part is not the one written by hand")
				}
				if !strings.Contains(env.HTML, `<html lang="`+locale.HTMLLang()+`">`) {
					t.Error("the HTML part does not name its language")
				}
				if len(env.Attachments)+len(env.Inlines) > 0 {
					t.Error("a mail has no attachments")
				}
				if len(out.Body) > 60<<10 {
					t.Errorf("%d bytes, want at most 60 KB", len(out.Body))
				}
				for _, ban := range []string{"<form", "<img", "<script", "<link", "url(", "mail.", "%!", "<no value>", "ZgotmplZ"} {
					if strings.Contains(strings.NewReplacer("Stop all of these mails.", "", "this mail.", "", "these mails.", "", "by mail.", "").Replace(env.HTML), ban) {
						t.Errorf("HTML contains %q", ban)
					}
				}
			})
		}
	}
}

// englishSentence is three words in a row; names and codes are shorter.
var englishSentence = regexp.MustCompile(`[A-Za-z]{2,}[ ,]+[a-z]{2,}[ ,]+[a-z]{2,}`)

var tagsAndStyles = regexp.MustCompile(`(?s)<style>.*?</style>|<[^>]*>`)

func TestNoMailMixesLanguages(t *testing.T) {
	r := newTestRenderer(t)
	for _, locale := range i18n.Locales() {
		for name, m := range samples(locale) {
			m.Phrase = "42"
			out, _ := mustRender(t, r, m)
			for part, text := range map[string]string{"subject": out.Subject, "text": out.Text, "html": tagsAndStyles.ReplaceAllString(out.HTML, " ")} {
				if locale == i18n.EN && hasHan(text) {
					t.Errorf("en %s %s holds Chinese: %s", name, part, text)
				}
				if found := englishSentence.FindString(text); locale == i18n.ZH && found != "" {
					t.Errorf("zh %s %s holds English: %q", name, part, found)
				}
				if locale == i18n.EN && strings.ContainsAny(text, "，。：（）") {
					t.Errorf("en %s %s holds full-width punctuation", name, part)
				}
			}
		}
	}
}

func TestEachStatusHasItsOwnWords(t *testing.T) {
	r := newTestRenderer(t)
	names := map[i18n.Locale]map[models.Status]string{
		i18n.EN: {models.StatusShipped: "Shipped", models.StatusDeclined: "Declined", models.StatusPostponed: "Postponed",
			models.StatusPlanned: "Planned", models.StatusInProgress: "In progress", models.StatusUnderReview: "Under review"},
		i18n.ZH: {models.StatusShipped: "已上线", models.StatusDeclined: "暂不采纳", models.StatusPostponed: "暂缓",
			models.StatusPlanned: "已排期", models.StatusInProgress: "开发中", models.StatusUnderReview: "评估中"},
	}
	never := map[i18n.Locale]string{i18n.EN: "We never ask for your secret phrase", i18n.ZH: "不会索要您的助记词"}
	dates := map[i18n.Locale]string{i18n.EN: "13 Mar 2026", i18n.ZH: "下次反馈时间：2026 年 3 月 13 日"}
	shanghai := time.FixedZone("CST", 8*3600) // 20:00 UTC is the next day there
	for locale, byStatus := range names {
		sentences := map[string]models.Status{}
		for status, name := range byStatus {
			m := statusMessage(locale, status)
			m.Zone = shanghai
			v := r.view(m, 1)
			if other, taken := sentences[v.Themes[0].Says]; taken {
				t.Errorf("%s: %s and %s say the same", locale, status, other)
			}
			sentences[v.Themes[0].Says] = status
			out, _ := mustRender(t, r, m)
			wants := []string{m.Themes[0].Title, name, v.Themes[0].Says, never[locale], m.UnsubscribeURL, m.PreferencesURL, m.Themes[0].URL, "7 blue otters"}
			wants = append(wants, strings.Split(m.Themes[0].Reason, "\n")...)
			if m.Themes[0].PromiseDate != nil {
				wants = append(wants, dates[locale])
			}
			if status == models.StatusShipped {
				wants = append(wants, "4.2")
			}
			for _, want := range wants {
				if !strings.Contains(out.Text, want) || !strings.Contains(out.HTML, want) {
					t.Errorf("%s %s: a part lacks %q", locale, status, want)
				}
			}
			for other, otherName := range byStatus {
				if other != status && strings.Contains(out.Text, otherName) {
					t.Errorf("%s %s: speaks of %q too", locale, status, otherName)
				}
			}
		}
	}
}

func TestSubjectOfAThemeNeverChanges(t *testing.T) {
	r := newTestRenderer(t)
	for _, locale := range i18n.Locales() {
		subjects := map[string]bool{}
		for _, status := range models.Settable() {
			out, _ := mustRender(t, r, statusMessage(locale, status))
			subjects[out.Subject] = true
		}
		if len(subjects) != 1 {
			t.Errorf("%s: %d subjects for one theme: %v", locale, len(subjects), subjects)
		}
	}
}

func TestSameMessageRendersToTheSameBytes(t *testing.T) {
	r, m := newTestRenderer(t), digest(i18n.ZH, 12)
	first, _ := mustRender(t, r, m)
	for range 20 {
		if again, _ := mustRender(t, r, m); again.Hash != first.Hash || !bytes.Equal(again.Body, first.Body) {
			t.Fatal("a second rendering differs")
		}
	}
	m.MessageID = "other@heed.acme.example"
	if other, _ := mustRender(t, r, m); other.Hash == first.Hash {
		t.Error("two messages have one hash")
	}
}

func TestForeignTextIsQuotedAndItsLanguageNamed(t *testing.T) {
	r := newTestRenderer(t)
	cases := []struct {
		name          string
		reader, words i18n.Locale
		lang          string
		subject       string
		wants, not    []string
	}{
		{"Chinese for an English reader", i18n.EN, i18n.ZH, "zh", "Follow-up: “更快的导出” (in Chinese)", []string{"Written in Chinese."}, []string{"原文"}},
		{"English for a Chinese reader", i18n.ZH, i18n.EN, "en", "进度通知：“Faster exports”（原文为英文）", []string{"原文为英文。"}, []string{"Written"}},
		{"Han of unnamed language", i18n.EN, i18n.ZH, "", "Follow-up: “更快的导出” (in Chinese)", []string{"Written in Chinese."}, nil},
		{"a third language", i18n.ZH, i18n.EN, "fr", "进度通知：“Faster exports”（原文为其他语言）", []string{"原文为其他语言。"}, nil},
		{"own language", i18n.ZH, i18n.ZH, "zh-TW", "进度通知：更快的导出", nil, []string{"原文", "“"}},
	}
	for _, c := range cases {
		m := statusMessage(c.reader, models.StatusDeclined)
		m.Themes[0] = statusMessage(c.words, models.StatusDeclined).Themes[0]
		m.Themes[0].TitleLang, m.Themes[0].ReasonLang = c.lang, c.lang
		out, _ := mustRender(t, r, m)
		if out.Subject != c.subject {
			t.Errorf("%s: subject %q, want %q", c.name, out.Subject, c.subject)
		}
		for _, want := range c.wants {
			if !strings.Contains(out.Text, want) || !strings.Contains(out.HTML, want) {
				t.Errorf("%s: a part lacks %q", c.name, want)
			}
		}
		for _, not := range c.not {
			if strings.Contains(out.Text, not) {
				t.Errorf("%s: text has %q", c.name, not)
			}
		}
	}
}

func TestLargestMailStaysSmall(t *testing.T) {
	r := newTestRenderer(t)
	m := digest(i18n.ZH, 200)
	for i := range m.Themes {
		m.Themes[i].Title = strings.Repeat("很长的标题", 100)
		m.Themes[i].Reason = strings.Repeat("很长的原因。\n", 2000)
		m.Themes[i].URL = "https://heed.acme.example/themes/thm_" + strings.Repeat("x", 26)
	}
	out, env := mustRender(t, r, m)
	if len(out.Body) > 60<<10 {
		t.Errorf("%d bytes, want at most 60 KB", len(out.Body))
	}
	if !strings.Contains(env.Text, "条需求有变化，可在您的页面查看") {
		t.Error("the themes left out are not counted")
	}
	m.Themes = m.Themes[:1]
	if out, _ := mustRender(t, r, m); len(out.Body) > 60<<10 {
		t.Errorf("one long reason: %d bytes, want at most 60 KB", len(out.Body))
	}
}

func TestCatalogsAgree(t *testing.T) {
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	has := func(l i18n.Locale) map[string]bool {
		keys := map[string]bool{}
		for _, key := range catalog.Keys(l) {
			if strings.HasPrefix(key, "mail.") {
				keys[key] = true
			}
		}
		return keys
	}
	en, zh := has(i18n.EN), has(i18n.ZH)
	if len(en) == 0 {
		t.Fatal("no sentences")
	}
	for key := range en {
		if !zh[key] {
			t.Errorf("%s lacks Chinese", key)
		}
	}
	for key := range zh {
		if !en[key] {
			t.Errorf("%s lacks English", key)
		}
		if text := catalog.For(i18n.ZH).T(key); strings.ContainsAny(text, ",!?;()") || strings.ContainsFunc(text, unicode.IsLower) && regexp.MustCompile(`\p{Han}[A-Za-z0-9]|[A-Za-z0-9]\p{Han}`).MatchString(text) {
			if !strings.Contains(text, "%!") {
				t.Errorf("%s: half-width punctuation or no space beside Latin: %q", key, text)
			}
		}
	}
}

func TestSubjectIsEncodedOnlyWhereNeeded(t *testing.T) {
	r := newTestRenderer(t)
	out, _ := mustRender(t, r, statusMessage(i18n.EN, models.StatusPlanned))
	if !bytes.Contains(out.Body, []byte("Subject: Follow-up: Faster exports\r\n")) {
		t.Error("a plain subject is encoded")
	}
	out, _ = mustRender(t, r, statusMessage(i18n.ZH, models.StatusPlanned))
	raw := regexp.MustCompile(`(?s)Subject: (.*?)\r\n[A-Z]`).FindSubmatch(out.Body)
	if got, err := new(mime.WordDecoder).DecodeHeader(string(raw[1])); err != nil || got != out.Subject {
		t.Errorf("subject %q decodes to %q, %v", raw[1], got, err)
	}
}

func BenchmarkRender(b *testing.B) {
	r := newTestRenderer(b)
	for _, locale := range i18n.Locales() {
		m := statusMessage(locale, models.StatusShipped)
		b.Run(string(locale), func(b *testing.B) {
			for b.Loop() {
				if _, err := r.Render(m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
