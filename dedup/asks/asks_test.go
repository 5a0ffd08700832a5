package asks_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/heedhq/heed/dedup/asks"
)

func parts(text string) (out []string) {
	for _, s := range asks.Split(text) {
		p := text[s.Start:s.End]
		if s.Apart {
			p = "+" + p
		}
		out = append(out, p)
	}
	return out
}

func TestWhereAMessageMayAskForSeveralThings(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"The export of my board takes minutes. Also, please add a dark mode for the night.",
			[]string{"The export of my board takes minutes.", "+Also, please add a dark mode for the night."}},
		{"Two things:\n1. Export to CSV is slow\n2. Dark mode please, my eyes hurt", []string{"+Export to CSV is slow", "+Dark mode please, my eyes hurt"}},
		{"Hi team\n- let me sort the tokens by value\n- the gas fee is always too high\n- add a Turkish translation", []string{"+let me sort the tokens by value", "+the gas fee is always too high", "+add a Turkish translation"}},
		{"导出太慢了，另外希望增加夜间模式。", []string{"导出太慢了", "+另外希望增加夜间模式。"}},
		{"1、导出大型看板很慢 2、希望有夜间模式 3、手续费显示不对", []string{"+导出大型看板很慢", "+希望有夜间模式", "+手续费显示不对"}},
		{"第一，转账一直处理中；第二，客服没有人回复我", []string{"第一，转账一直处理中", "+第二，客服没有人回复我"}},
		{"提现一直不到账\n还有能不能支持指纹登录", []string{"提现一直不到账", "+还有能不能支持指纹登录"}},
		{"一、希望支持多语言\n二、余额刷新太慢", []string{"+希望支持多语言", "+余额刷新太慢"}},
		{"I asked the machine for fifty and it only gave me 20. Where is the rest of my money then", []string{"I asked the machine for fifty and it only gave me 20.", "Where is the rest of my money then"}},
		{"The balance is wrong after a swap, also the app asks for my code every time.",
			[]string{"The balance is wrong after a swap", "+also the app asks for my code every time."}},
		{"Please support fingerprint login. The export of transactions is broken.", []string{"Please support fingerprint login.", "The export of transactions is broken."}},
	} {
		if got := parts(c.text); !slices.Equal(got, c.want) {
			t.Errorf("%q\n got %q\nwant %q", c.text, got, c.want)
		}
	}
}

func TestWhatIsNeverParted(t *testing.T) {
	for _, text := range []string{
		"", "   \n\n ", "Export is slow", "导出太慢", "!!!???", "。。。", "Dark mode please. Thanks!", "Version 4.2.0 is slow.", "See e.g. app.example.com for it.",
		"The export is slow. It takes minutes. This happens on every board.", "导出很慢，因为看板太大。所以我只好截图。",
		"It crashes:\nTypeError: x is undefined\n    at Board.render (board.js:12:5)\n    at Object.run (main.js:3:1)\nAlso slow.",
		"```\nfoo()\n```\nAlso it is slow and hot.", "2026-11-26 10:00:01 ERROR wallet failed\n2026-11-26 10:00:02 ERROR wallet failed again",
		"for i := 0; i < 3; i++ {\n  send();\n}\nAlso the second one", "Hello. Hi. Yes. No. Ok.", strings.Repeat("A new sentence is written here. ", 40),
		"\xff\xfe. Also \xff", "What a day. Also.", "Alsome people like their second breakfast a lot",
	} {
		if got := parts(text); got != nil {
			t.Errorf("%q was parted: %q", text, got)
		}
	}
}

// Whatever is written, the parts are in order, apart and whole characters, few,
// and found in linear time.
func TestPartsAreSound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := []string{"also ", "另外", "1. ", "2、", "\n", "- ", ".", "。", "export is slow and big", "希望有夜间模式啊", ",", "，", "(", "①", "\u2028", "e.g.", " ", "it ", "\t", "é", "👩‍👩‍👧"}
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 60).Draw(t, "words"), "")
		last := 0
		got := asks.Split(text)
		for _, s := range got {
			if s.Start < last || s.End <= s.Start || s.End > len(text) || !utf8.ValidString(text[s.Start:s.End]) || strings.TrimSpace(text[s.Start:s.End]) != text[s.Start:s.End] {
				t.Fatalf("%q has the part %v after %d", text, s, last)
			}
			last = s.End
		}
		if len(got) == 1 || len(got) > asks.Most {
			t.Fatalf("%d parts", len(got))
		}
	})
	for _, hostile := range []string{"also ", "1、", "，另外", "。", "- \n", "(((((", ".", "\n", "x.一", ", "} {
		asks.Split(strings.Repeat(hostile, 40_000))
	}
}
