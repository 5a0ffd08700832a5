package notifier

import (
	"strings"
	"testing"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
)

// toldSamples is every kind of mail besides a status, in the reader's language alone.
func toldSamples(locale i18n.Locale) map[string]Message {
	of := func(kind Kind, status models.Status, change func(*ThemeChange)) Message {
		m := statusMessage(locale, status)
		m.Kind, m.Themes[0].Kind, m.Themes[0].PromiseDate, m.Themes[0].Version = kind, kind, nil, ""
		change(&m.Themes[0])
		return m
	}
	release := statusMessage(locale, models.StatusShipped)
	second := release.Themes[0]
	release.Themes = append(release.Themes, second)
	for i := range release.Themes {
		release.Themes[i].InRelease, release.Themes[i].Reason = true, ""
		release.Themes[i].SolvedURL = "https://heed.acme.example/solved/evt_1.per_1.abc"
	}
	release.Releases = []ReleaseNote{{Version: "4.2", Notes: second.Reason, NotesLang: second.ReasonLang}}
	return map[string]Message{
		"release": release,
		"update":  of(KindUpdate, models.StatusInProgress, func(*ThemeChange) {}),
		"merged": of(KindMerged, models.StatusPlanned, func(c *ThemeChange) {
			c.Reason, c.Went, c.WentLang, c.MeantURL = "", c.Title, c.TitleLang, "https://heed.acme.example/meant/evt_1.per_1.abc"
		}),
		"comment":       of(KindComment, models.StatusPlanned, func(c *ThemeChange) { c.By = "Lin" }),
		"comment_staff": of(KindComment, models.StatusPlanned, func(c *ThemeChange) { c.By, c.Staff = "Lin", true }),
	}
}

// A text that is not in the reader's language is quoted with its language named, and
// the mail around it speaks the reader's.
func TestToldInAnotherLanguage(t *testing.T) {
	r := newTestRenderer(t)
	for _, locale := range []i18n.Locale{i18n.EN, i18n.ZH} {
		other := map[i18n.Locale]i18n.Locale{i18n.EN: i18n.ZH, i18n.ZH: i18n.EN}[locale]
		foreign, own := toldSamples(other), toldSamples(locale)
		named := map[i18n.Locale]string{i18n.EN: "Written in Chinese.", i18n.ZH: "原文为英文。"}[locale]
		for _, kind := range []string{"update", "comment", "release"} {
			m := own[kind]
			if kind == "release" {
				m.Releases = foreign[kind].Releases
			} else {
				m.Themes[0].Reason, m.Themes[0].ReasonLang = foreign[kind].Themes[0].Reason, foreign[kind].Themes[0].ReasonLang
			}
			out, env := mustRender(t, r, m)
			for part, text := range map[string]string{"text": env.Text, "html": out.HTML} {
				if !strings.Contains(text, named) {
					t.Errorf("%s %s %s: the language is not named\n%s", locale, kind, part, text)
				}
			}
		}
	}
}

// What a mail of these kinds must have is checked before it leaves.
func TestToldIsChecked(t *testing.T) {
	r := newTestRenderer(t)
	for name, spoil := range map[string]func(*Message){
		"an update without a text":      func(m *Message) { *m = toldSamples(i18n.EN)["update"]; m.Themes[0].Reason = "" },
		"a merge without a way back":    func(m *Message) { *m = toldSamples(i18n.EN)["merged"]; m.Themes[0].MeantURL = "" },
		"a release without its version": func(m *Message) { m.Releases[0].Version = "" },
		"a question of another host":    func(m *Message) { m.Themes[0].SolvedURL = "https://evil.example/solved/x" },
	} {
		m := toldSamples(i18n.EN)["release"]
		spoil(&m)
		if _, err := r.Render(m); err == nil {
			t.Errorf("%s is rendered", name)
		}
	}
}
