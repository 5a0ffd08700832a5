package themes

import (
	"strings"
	"testing"
)

// What leads others away from here waits for moderation, however it is written; what
// people say of the product does not.
func TestWhatWaitsForModeration(t *testing.T) {
	for text, want := range map[string]string{
		"We need it too.": "", "我们也需要这个功能。": "", "It is in version 4.2.1 since 2026-11-02.": "", "Costs 12,000 per year": "", "see e.g. the export": "", "导出10000行要3分钟": "",
		"Look at https://evil.example/x": heldLink, "go to evil[.]com": heldLink, "ｗｗｗ.evil.com": heldLink, "mail me: a.b@evil.example": heldLink, "support (at) evil.com": heldLink, "ev\u200bil.com": heldLink,
		"ask @helper_1": heldHandle, "Telegram me": heldHandle, "加微信 abc123": heldHandle, "加我薇信": heldHandle, "QQ：12345678": heldHandle, "call +44 20 7946 0958": heldHandle, "私聊我": heldHandle,
		"send to 0x52908400098527886E0F7030069857D2E4169EE7": heldAddress, "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq": heldAddress,
	} {
		if got := heldFor(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// A name that passes for one of the team is refused, whatever alphabet it borrows from.
func TestNamesLikeStaff(t *testing.T) {
	taken := []string{"Ana Ruiz", "Heed", "王小明"}
	for name, want := range map[string]bool{
		"Ana Ruiz": true, "ana.ruiz": true, "Аna Ruiz": true, "An\u00e1 Ruiz": true, "Heed Support": true, "H33d": true, "Official": true, "客服小李": true, "王小明": true, "Adm1n": true, "ADMIN": true, "官方": true,
		"Ana": false, "Mei Lin": false, "Supper": false, "王小红": false, "": false, "Steam Fan 9": false, "Ed": false,
	} {
		if got := looksLikeStaff(name, taken); got != want {
			t.Errorf("%q (%s): %v, want %v", name, folded(name), got, want)
		}
	}
}

func FuzzHeldFor(f *testing.F) {
	f.Add("write me @somebody")
	f.Add("https://x.example")
	f.Fuzz(func(t *testing.T, text string) {
		heldFor(text)
		if strings.Contains(text, "https://") && heldFor(text) == "" {
			t.Errorf("a link passes: %q", text)
		}
		looksLikeStaff(text, []string{text})
	})
}
