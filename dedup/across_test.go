package dedup

import (
	"fmt"
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
