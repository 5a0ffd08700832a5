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
		// Disguised: apart, of other alphabets, with letters that look alike.
		"e v i l . c o m": heldLink, "see e v i l.c o m now": heldLink, "еvil.соm": heldLink, "evil . com": heldLink, "evil dot com": heldLink, "evil (dot) site": heldLink, "evil[dot]xyz": heldLink, "上 evil点com 看": heldLink, "evil。com": heldLink,
		"find me on teIegram": heldHandle, "te1egram is faster": heldHandle, "t3legrаm": heldHandle, "T e l e g r a m": heldHandle, "t.e.l.e.g.r.a.m": heldHandle, "t-e-l-e-g-r-a-m": heldHandle, "WhatsАpp": heldHandle, "vveChat": heldHandle, "d1scord": heldHandle, "te|egram": heldHandle, "telegrarn": heldHandle,
		"加 微 信 聊": heldHandle, "微·信": heldHandle, "加V：abc123": heldHandle, "V信 abc123": heldHandle, "加我威信": heldHandle, "联系我，有办法": heldHandle, "私 聊": heldHandle, "text me on signal": heldHandle,
		// What people say of a product.
		"We need it. To do so I export twice.": "", "It works. Me too, please. Link it to the board.": "", "Make the app. Site owners want it": "", "The signal is weak in the train": "", "A or B or C, I do not mind": "", "Steps: a, b, c and d": "", "plan A / B / C / D": "", "1 2 3 4 5 then it stops": "",
		"Sign in with Telegram, please": "", "Telegram notifications would help": "", "希望支持微信支付": "", "能不能用微信登录？": "", "增加微调选项": "", "他在团队里很有威信": "", "希望能联系我们的经理": "", "我也 想要 这个 功能": "", "第 1 . 2 版 有 问题": "", "增加版本管理": "", "加vip标志": "", "a dot on the map": "", "v2.0.1-rc.3 fails": "", "The dotted line": "", "e.g. i.e. etc.": "", "U.S.A. format of dates": "",
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
