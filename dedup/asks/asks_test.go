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
		{"The balance is wrong after a swap. And the export is slow for me.", []string{"The balance is wrong after a swap.", "+And the export is slow for me."}},
		{"Export to CSV is slow. Also, please add a dark mode. And could you fix the fees?", []string{"Export to CSV is slow.", "+Also, please add a dark mode.", "+And could you fix the fees?"}},
		{"余额显示不对。还有导出太慢了。另外希望有夜间模式", []string{"余额显示不对。", "+还有导出太慢了。", "+另外希望有夜间模式"}},
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
		"The export of my board hangs. And then it crashes every time.", "I sent money to my brother. And it never arrived at all.", "The swap failed twice today. And I lost the whole fee.", "The board and the export are slow for me",
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

func TestAnAskIsCalledByItsFirstClause(t *testing.T) {
	for text, want := range map[string]string{
		"And the export is slow": "The export is slow",
		"Also, please add a dark mode for the night, my eyes hurt at two.": "Please add a dark mode for the night",
		"And also could you fix the fees of a swap? They are too high.":    "Could you fix the fees of a swap?",
		"Another thing: let me print my receive address as a poster":       "Let me print my receive address as a poster",
		"One more thing - dark mode for the night please":                  "Dark mode for the night please",
		"Second factor login is broken on Android":                         "Second factor login is broken on Android",
		"Android crashes a lot":                                            "Android crashes a lot",
		"Export to CSV, please make it faster":                             "Export to CSV, please make it faster",
		"Another issue is that the export is slow":                         "Another issue is that the export is slow",
		"另外，希望增加夜间模式，晚上太刺眼了。":                                              "希望增加夜间模式",
		"还有能不能支持指纹登录":                                                      "能不能支持指纹登录",
		"最后一步总是卡住不动":                                                       "最后一步总是卡住不动",
		"最后，希望能导出全部记录":                                                     "希望能导出全部记录",
		"另存为功能打不开了":                                                        "另存为功能打不开了",
		"第二，客服没有人回复我":                                                      "客服没有人回复我",
		"第二步验证收不到短信":                                                       "第二步验证收不到短信",
		"请支持 4.2 版本的导出功能。":                                                 "请支持 4.2 版本的导出功能",
		"also":                                                             "also",
		"另外":                                                               "另外",
		"":                                                                 "",
	} {
		if got := asks.Title(text); got != want {
			t.Errorf("%q is called %q, want %q", text, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		words := []string{"also ", "另外", "And ", "，", ".", "。", "-", "export is slow and big", "希望有夜间模式啊", "\n", "é", "\xff"}
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 20).Draw(t, "words"), "")
		if got := asks.Title(text); utf8.ValidString(text) && (!utf8.ValidString(got) || len(got) > len(text)+2 || got == "" && strings.Trim(text, " ,，。.-\n") != "") {
			t.Fatalf("%q is called %q", text, got)
		}
	})
}
