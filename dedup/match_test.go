package dedup

import (
	"slices"
	"strings"
	"testing"
)

// board is a small product's themes; each text is one item.
func board() map[string][]string {
	return map[string][]string{
		"export":   {"Export of large boards is very slow", "exporting my board takes minutes", "CSV export hangs for big boards"},
		"dark":     {"Please add a dark mode", "dark theme for the app would be nice", "night mode hurts less at night"},
		"login":    {"I can't log in with Google", "Google sign in fails with an error", "login via Google does not work any more"},
		"withdraw": {"提现一直处理中", "提现三天了还没到账", "提现失败，显示处理中"},
		"notify":   {"收不到推送通知", "推送通知延迟很久", "希望可以关闭推送通知"},
		"language": {"界面语言切换后又变回英文", "切换成中文以后重启又是英文"},
	}
}

func indexOf(themes map[string][]string) *Index {
	x := NewIndex()
	names := make([]string, 0, len(themes))
	for name := range themes {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for i, s := range themes[name] {
			x.Put(Item{ID: name + string(rune('a'+i)), Theme: name, Text: s, Public: true})
		}
	}
	return x
}

func found(cs []Candidate) []string {
	var out []string
	for _, c := range cs {
		out = append(out, c.Theme)
	}
	return out
}

func TestMatchFindsTheTheme(t *testing.T) {
	x := indexOf(board())
	for _, c := range []struct{ query, want string }{
		{"the export of our board is slow", "export"},
		{"exports are slow when the board is large", "export"},
		{"could you add dark mode", "dark"},
		{"cannot log in using Google", "login"},
		{"can't log in", "login"},
		{"Gogle login does not work", "login"},
		{"my withdrawl … exprot of large boards slow", "export"}, // typos
		{"提现处理中好几天", "withdraw"},
		{"我的提现为什么还没到账", "withdraw"},
		{"手机上收不到推送", "notify"},
		{"语言切换成中文又变回去了", "language"},
		{"ＥＸＰＯＲＴ　ｏｆ　ｌａｒｇｅ　ｂｏａｒｄｓ", "export"},
	} {
		got := x.Match(Query{Text: c.query})
		if len(got) == 0 || got[0].Theme != c.want || got[0].Score < SuggestAt {
			t.Errorf("%q: %+v, want %s suggested", c.query, got, c.want)
		}
	}
}

// A two-character word, and a word on its own, finds what holds it.
func TestMatchFindsOneWord(t *testing.T) {
	x := indexOf(board())
	for query, want := range map[string]string{"提现": "withdraw", "推送": "notify", "csv": "export", "Google": "login", "gogle": "login", "darkk": "dark"} {
		if got := x.Match(Query{Text: query}); len(got) == 0 || got[0].Theme != want {
			t.Errorf("%q: %v, want %s first", query, found(got), want)
		}
	}
}

func TestMatchDoesNotSuggest(t *testing.T) {
	x := indexOf(board())
	for _, query := range []string{
		"how do I change my billing address", "the weather is nice today", "please add two more seats to our plan",
		"怎么修改收货地址", "希望增加夜间客服", "今天天气不错", "", "   ", "👍👍👍", "???", "https://x.io/export",
	} {
		if got := x.Match(Query{Text: query}); len(got) > 0 && got[0].Score >= SuggestAt {
			t.Errorf("%q: suggests %s at %.2f", query, got[0].Theme, got[0].Score)
		}
	}
	if got := x.Match(Query{Text: "ελληνικά кириллица"}); len(got) != 0 {
		t.Errorf("nothing is shared, but found %v", found(got))
	}
	if got := NewIndex().Match(Query{Text: "export"}); len(got) != 0 {
		t.Errorf("an empty index found %v", got)
	}
}

func TestMatchMoreAlikeScoresHigher(t *testing.T) {
	x := indexOf(board())
	same := x.Match(Query{Text: "Export of large boards is very slow"})[0].Score
	like := x.Match(Query{Text: "the export of our board is slow"})[0].Score
	far := x.Match(Query{Text: "I left my board at home"})
	if !(same > like) || len(far) > 0 && far[0].Score >= like {
		t.Errorf("scores %.2f, %.2f, %v", same, like, far)
	}
}

func TestMatchObeysTheQuery(t *testing.T) {
	x := indexOf(board())
	x.Put(Item{ID: "loose", Text: "export of boards to PDF"})
	q := Query{Text: "slow export of large boards"}
	if got := found(x.Match(q)); slices.Contains(got, "") {
		t.Errorf("an item without theme was found without Loose: %v", got)
	}
	q.Loose = true
	if got := x.Match(q); !slices.ContainsFunc(got, func(c Candidate) bool { return c.Theme == "" && c.Item == "loose" }) {
		t.Errorf("Loose found %+v", got)
	}
	q.PublicOnly = true
	if got := found(x.Match(q)); slices.Contains(got, "") {
		t.Errorf("an item without theme is not published: %v", got)
	}
	x.SetPublic("export", false)
	if got := found(x.Match(q)); slices.Contains(got, "export") {
		t.Errorf("a private theme was found: %v", got)
	}
	q = Query{Text: q.Text, Allow: func(theme string) bool { return theme != "export" }}
	if got := found(x.Match(q)); slices.Contains(got, "export") {
		t.Errorf("a theme that is not allowed was found: %v", got)
	}
	got := x.Match(Query{Text: "Export of large boards is very slow", Except: "exporta"})
	if got[0].Theme != "export" || got[0].Item == "exporta" {
		t.Errorf("Except: %+v", got[0])
	}
	if got := x.Match(Query{Text: "board mode Google 提现 推送 切换", Limit: 2}); len(got) != 2 {
		t.Errorf("Limit 2: %v", found(got))
	}
	if got := x.Match(Query{Text: "board mode Google 提现 推送 切换", Limit: 50}); len(got) != 6 {
		t.Errorf("Limit 50: %v, want all six", found(got))
	}
}

func TestTitleCountsDouble(t *testing.T) {
	x := NewIndex()
	x.Put(Item{ID: "1", Theme: "titled", Title: "keyboard shortcuts", Text: "for moving cards around quickly"})
	x.Put(Item{ID: "2", Theme: "told", Title: "for moving cards around quickly", Text: "keyboard shortcuts"})
	if got := x.Match(Query{Text: "keyboard shortcuts"}); len(got) != 2 || got[0].Theme != "titled" {
		t.Errorf("%v, want titled before told", found(got))
	}
}

// A theme of ten thousand copies neither hides the others nor takes all places.
func TestCopiesHideNothing(t *testing.T) {
	x := NewIndex()
	for i := range 10_000 {
		x.Put(Item{ID: "copy" + strings.Repeat("i", i%7) + string(rune('a'+i%26)) + itoa(i), Theme: "spam", Text: "export of large boards is slow"})
	}
	x.Put(Item{ID: "pdf", Theme: "pdf", Text: "export of boards as PDF is missing"})
	x.Put(Item{ID: "csv", Theme: "csv", Text: "slow CSV export"})
	got := found(x.Match(Query{Text: "export of large boards is slow"}))
	if len(got) != 3 || got[0] != "spam" || !slices.Contains(got, "pdf") || !slices.Contains(got, "csv") {
		t.Errorf("found %v, want spam first and the two others", got)
	}
}

func itoa(n int) string {
	var b []byte
	for {
		b = append(b, byte('0'+n%10))
		if n /= 10; n == 0 {
			slices.Reverse(b)
			return string(b)
		}
	}
}

func TestMismatch(t *testing.T) {
	for _, c := range []struct{ item, query, want string }{
		{"I can log in with Google", "I can not log in with Google", "negation"},
		{"提现能到账", "提现不能到账", "negation"},
		{"export is limited to 100 rows", "export is limited to 500 rows", "number"},
		{"提现等了三天", "提现等了五天", "number"},
		{"app crashes on Android", "app crashes on iOS", "platform"},
		{"安卓版闪退", "苹果版闪退", "platform"},
		{"crash after update to v2.1.0", "crash after update to v2.2.0", "version"},
		{"crash on iOS 16", "crash on iOS 17", "version"},
		{"版本 3.1.2 闪退", "版本 3.2.0 闪退", "version"},
		{"app crashes on Android 13", "the app doesn't crash on iOS 17", "negation platform version"},
		// and no false alarms
		{"login fails", "I can't log in", ""},
		{"提现失败", "无法提现", ""},
		{"能不能导出", "可以导出吗", ""},
		{"有没有夜间模式", "请增加夜间模式", ""},
		{"不好意思，导出很慢", "导出很慢", ""},
		{"export is slow", "export of 500 rows is slow", ""},
		{"app crashes", "app crashes on iOS 17", ""},
		{"等了两天", "等了 2 天", ""},
		{"crash on my iPhone", "crash on ios", ""},
		{"not only export is slow", "export is slow", ""},
	} {
		x := NewIndex()
		x.Put(Item{ID: "1", Theme: "t", Text: c.item})
		got := x.Match(Query{Text: c.query})
		if len(got) != 1 {
			t.Errorf("%q does not find %q", c.query, c.item)
			continue
		}
		if m := strings.Join(got[0].Mismatch, " "); m != c.want {
			t.Errorf("%q against %q: mismatch %q, want %q", c.query, c.item, m, c.want)
		}
	}
}

func TestReasons(t *testing.T) {
	x := indexOf(board())
	x.Put(Item{ID: "long", Theme: "shortcut", Text: "Keyboard shortcuts for archiving, duplicating, moving, assigning and labelling cards"})
	for _, c := range []struct {
		title, query string
		want         []string // "kind:word word"
	}{
		{"", "The EXPORT of our boards is SLOW!", []string{"words:EXPORT boards SLOW"}},
		{"", "我的提现一直处理中，怎么办", []string{"phrase:提现 处理中"}},
		{"", "提现", []string{"phrase:提现"}},
		{"Slow export", "of all boards", []string{"title:Slow export", "words:boards"}},
		{"", "ｅｘｐｏｒｔｓ are slow", []string{"words:ｅｘｐｏｒｔｓ slow"}},
		{"", "Gogle login", []string{"words:Gogle login"}},
		{"", "keyboard shortcuts archiving duplicating moving assigning labelling cards", nil},
	} {
		got := x.Match(Query{Title: c.title, Text: c.query})
		if len(got) == 0 {
			t.Errorf("%q found nothing", c.query)
			continue
		}
		var all []string
		words := 0
		for _, r := range got[0].Reasons {
			all = append(all, r.Kind+":"+strings.Join(r.Words, " "))
			words += len(r.Words)
			for i, s := range r.Spans {
				source := c.query
				if r.Kind == "title" {
					source = c.title
				}
				if source[s[0]:s[1]] != r.Words[i] {
					t.Errorf("%q: span %v is not %q", c.query, s, r.Words[i])
				}
			}
		}
		slices.Sort(all)
		slices.Sort(c.want)
		if c.want != nil && !slices.Equal(all, c.want) {
			t.Errorf("%q: reasons %q, want %q", c.query, all, c.want)
		}
		if words == 0 || words > maxReasons {
			t.Errorf("%q: %d words named, want 1 to %d", c.query, words, maxReasons)
		}
	}
}

func TestReasonsAreNoStopWords(t *testing.T) {
	x := NewIndex()
	x.Put(Item{ID: "1", Theme: "t", Text: "I would like to have it with the export and we can not do this"})
	x.Put(Item{ID: "2", Theme: "u", Text: "请问我们可以怎么提现"})
	for _, q := range []string{"would you like to have this export", "请问你们怎么提现的"} {
		for _, c := range x.Match(Query{Text: q}) {
			for _, r := range c.Reasons {
				for _, w := range r.Words {
					if w != "export" && w != "提现" {
						t.Errorf("%q: %q is named", q, w)
					}
				}
			}
		}
	}
}
