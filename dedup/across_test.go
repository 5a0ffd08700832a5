package dedup

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/heedhq/heed/dedup/assets"
	"github.com/heedhq/heed/dedup/chinese"
)

// bilingual is board() with the dictionary.
func bilingual(t *testing.T) *Index {
	t.Helper()
	d, err := chinese.Load(assets.Dictionary())
	if err != nil {
		t.Fatal(err)
	}
	x := NewIndex()
	x.UseDictionary(d)
	for name, texts := range board() {
		for i, s := range texts {
			x.Put(Item{ID: fmt.Sprint(name, i), Theme: name, Text: s, Public: true})
		}
	}
	return x
}

func TestLanguagesMeetInTheDictionary(t *testing.T) {
	x := bilingual(t)
	for _, c := range []struct{ query, want string }{
		{"导出大型看板很慢", "export"},
		{"黑暗模式", "dark"},
		{"深色主题", "dark"},
	} {
		if got := x.Match(Query{Text: c.query}); len(got) == 0 || got[0].Theme != c.want {
			t.Errorf("%q: %v, want %s first", c.query, found(got), c.want)
		}
	}
	x.compact()
	if got := x.Match(Query{Text: "导出大型看板很慢"}); len(got) == 0 || got[0].Theme != "export" {
		t.Errorf("after compaction: %v", found(got))
	}
}

// Who asks, and what for, is a meaning too where little else is said.
func TestLanguagesMeetInSmallWords(t *testing.T) {
	d, err := chinese.Load(assets.Dictionary())
	if err != nil {
		t.Fatal(err)
	}
	x := NewIndex()
	x.UseDictionary(d)
	for _, s := range []string{"Where is the export?", "What is an export?", "Why is the export slow?", "My export is slow", "The export is done"} {
		x.Put(Item{ID: s, Theme: s, Text: s})
	}
	for query, want := range map[string]string{"导出在哪里": "Where is the export?", "为什么导出很慢": "Why is the export slow?", "我的导出很慢": "My export is slow"} {
		if got := x.Match(Query{Text: query}); len(got) == 0 || got[0].Theme != want {
			t.Errorf("%q: %v, want %q first", query, found(got), want)
		}
	}
}

// Somebody who reads one language sees which words of the other were meant, and
// where they stand in their own.
func TestReasonsAcrossLanguagesNameBothWords(t *testing.T) {
	x := bilingual(t)
	for i := range board()["withdraw"] { // English finds Chinese by vectors alone
		x.SetVector(fmt.Sprint("withdraw", i), direction("withdraw", "", 0))
	}
	for _, c := range []struct{ query, word, theirs string }{
		{"导出大型看板很慢", "导出", "export"},
		{"We cannot withdraw our money", "withdraw", "提现"},
	} {
		var got *Reason
		for _, m := range x.Match(Query{Text: c.query, Vector: direction("withdraw", "", 0)}) {
			for _, r := range m.Reasons {
				if r.Kind == "meaning" && slices.Contains(r.Words, c.word) {
					got = &r
				}
			}
		}
		if got == nil {
			t.Errorf("%q: no reason names %s", c.query, c.word)
			continue
		}
		i := slices.Index(got.Words, c.word)
		if s := got.Spans[i]; c.query[s[0]:s[1]] != c.word || len(got.Theirs) != len(got.Words) || !strings.Contains(got.Theirs[i], c.theirs) {
			t.Errorf("%q: %+v", c.query, *got)
		}
	}
}

func TestWhatOnlyMeansTheSameSaysSo(t *testing.T) {
	x := semantic(20, 3)
	got := x.Match(Query{Text: "nothing alike", Vector: direction("theme8", "asked", .2)})
	if len(got) == 0 || len(got[0].Reasons) != 1 || got[0].Reasons[0].Kind != "sense" {
		t.Errorf("%+v", got)
	}
}

// A theme in both languages shares a word as it is, which is not named once more
// by what it means.
func TestASharedWordIsNotTranslatedAsWell(t *testing.T) {
	x := bilingual(t)
	x.Put(Item{ID: "dark-en", Theme: "dark", Text: "please add dark mode", Vector: direction("dark", "", 0)})
	x.Put(Item{ID: "dark-zh", Theme: "dark", Text: "希望有深色模式", Vector: direction("dark", "", 0)})
	for _, m := range x.Match(Query{Text: "dark mode", Vector: direction("dark", "", 0)}) {
		named := map[string]bool{}
		for _, r := range m.Reasons {
			for _, w := range r.Words {
				if named[w] {
					t.Errorf("%s is named twice: %+v", w, m.Reasons)
				}
				named[w] = true
			}
		}
	}
}

// A word that both languages use as it is needs no translation.
func TestAWordOfBothLanguagesIsNotTranslated(t *testing.T) {
	x := bilingual(t)
	x.Put(Item{ID: "app", Theme: "app", Text: "打开 wallet 就闪退", Vector: direction("crash", "", 0)})
	for _, m := range x.Match(Query{Text: "the wallet crashes", Vector: direction("crash", "", 0)}) {
		for _, r := range m.Reasons {
			if slices.Equal(r.Words, r.Theirs) || slices.Contains(r.Theirs, "wallet") {
				t.Errorf("%+v", r)
			}
		}
	}
}

// What is counted of meanings goes away with the items.
func TestMeaningsAreForgotten(t *testing.T) {
	x := bilingual(t)
	for name, texts := range board() {
		for i := range texts {
			x.Remove(fmt.Sprint(name, i))
		}
	}
	for term, n := range x.meant {
		if n != 0 {
			t.Fatalf("term %d is still meant by %d", term, n)
		}
	}
}

func TestTraditionalIsSimplified(t *testing.T) {
	for traditional, simplified := range map[string]string{
		"提現一直處理中":       "提现一直处理中",
		"轉帳後餘額錯誤，請問怎麼辦": "转帐后余额错误，请问怎么办",
		"么 份 宁 沈":       "么 份 宁 沈", // simplified already, whatever old texts meant by them
	} {
		if got := Normalise(traditional); got != simplified && got != Normalise(simplified) {
			t.Errorf("%q: %q, want %q", traditional, got, simplified)
		}
		if ExactKey("", traditional) != ExactKey("", simplified) {
			t.Errorf("%q and %q are not the same text", traditional, simplified)
		}
	}
	x := indexOf(board())
	got := x.Match(Query{Text: "我的提現三天了還沒到賬"})
	if len(got) == 0 || got[0].Theme != "withdraw" {
		t.Fatalf("%v", found(got))
	}
	for _, r := range got[0].Reasons {
		for i, s := range r.Spans {
			if w := "我的提現三天了還沒到賬"[s[0]:s[1]]; w != r.Words[i] {
				t.Errorf("reason %q lies at %q", r.Words[i], w)
			}
		}
	}
}
