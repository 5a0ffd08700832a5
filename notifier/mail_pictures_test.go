//go:build unix

package notifier

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/test/browser"
)

// uglySamples say what nobody should write, which must not break a mail's look.
func uglySamples(locale i18n.Locale) map[string]Message {
	ugly, other := statusMessage(locale, models.StatusDeclined), i18n.EN
	if locale == i18n.EN {
		other = i18n.ZH
	}
	c := &ugly.Themes[0]
	c.Title = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft 很长的标题没有任何空格也没有标点符号但是必须换行显示完整的内容才可以"
	c.Reason = "https://evil.example/" + strings.Repeat("averylongpath", 12) + "\n" + strings.Repeat("0123456789abcdef", 16) + "\n\n" + strings.Repeat("很长的原因，", 40)
	c.ReasonLang = string(other)
	c.Version = strings.Repeat("2026.11.26-beta", 4)
	ugly.Phrase = strings.Repeat("otter", 30)
	foreign := statusMessage(other, models.StatusPostponed)
	foreign.Locale = locale
	reply := otherSamples(other)[string(KindReply)]
	reply.Locale = locale
	return map[string]Message{"ugly": ugly, "foreign": foreign, "foreign_reply": reply}
}

// PicturesVariable, set to 1, makes pictures of every kind of mail for people to look at, in
// bin/mails, and a sheet of all of them for each language, scheme and width.
const PicturesVariable = "HEED_TEST_PICTURES"

// What a machine can see of every kind of mail is in order, in both languages, light and dark,
// on a phone and in a window.
func TestPicturesOfEveryKindOfMail(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser has no two goroutines that share anything")
	}
	browser.Chromium(t)
	folder := ""
	if os.Getenv(PicturesVariable) == "1" {
		var err error
		if folder, err = filepath.Abs("../bin/mails"); err == nil {
			err = os.MkdirAll(folder, 0o755)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	r := newTestRenderer(t)
	var mails []map[string]string
	for _, locale := range i18n.Locales() {
		all := samples(locale)
		maps.Copy(all, uglySamples(locale))
		for _, name := range slices.Sorted(maps.Keys(all)) {
			out, err := r.Render(all[name])
			if err != nil {
				t.Fatalf("%s %s: %v", locale, name, err)
			}
			mails = append(mails, map[string]string{"name": name, "lang": string(locale), "html": out.HTML})
		}
	}
	found := browser.Run(t, "mails.mjs", map[string]any{"folder": folder, "mails": mails})
	for _, f := range found {
		if !f.OK {
			t.Errorf("%s: %s", f.Name, f.Detail)
		}
	}
	if want := len(mails) * 2 * 2; len(found) != want {
		t.Errorf("%d looks, want %d", len(found), want)
	}
	t.Logf("%d looks at %d mails", len(found), len(mails))
}
