package meaning

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/heedhq/heed/dedup"
)

// youngTheme is a theme of everyday phrases that the project wrote.
type youngTheme struct {
	Theme  string
	En, Zh []string
}

func youngThemes(t *testing.T) (out []youngTheme) {
	t.Helper()
	f, err := os.Open("testdata/young.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		var th youngTheme
		if err := json.Unmarshal(s.Bytes(), &th); err != nil {
			t.Fatal(err)
		}
		out = append(out, th)
	}
	return out
}

// young is an index with the built-in model.
type young struct {
	t *testing.T
	x *dedup.Index
	r *Reader
}

func newYoung(t *testing.T, r *Reader) young {
	t.Helper()
	d, err := r.Dictionary()
	if err != nil {
		t.Fatal(err)
	}
	x := dedup.NewIndex()
	x.UseDictionary(d)
	return young{t, x, r}
}

func (y young) vector(text string) []float32 {
	vecs, err := y.r.Embed(ctx, []Text{{Text: text}})
	if err != nil {
		y.t.Fatal(err)
	}
	return vecs[0]
}

func (y young) put(theme string, texts ...string) {
	for _, s := range texts {
		y.x.Put(dedup.Item{ID: s, Theme: theme, Text: s, Vector: y.vector(s)})
	}
}

// shown are the themes that the inbox would name first, none where it would not.
func (y young) shown(text string) (themes []string) {
	cs := y.x.Match(dedup.Query{Text: text, Vector: y.vector(text)})
	if !dedup.Suggests(cs) {
		return nil
	}
	for _, c := range cs[:min(3, len(cs))] {
		themes = append(themes, c.Theme)
	}
	return themes
}

// proposed is the first of them, "" for none.
func (y young) proposed(text string) string {
	return append(y.shown(text), "")[0]
}

// A new installation has a few themes of a few texts. What is said again in other
// words is proposed there; what is new mostly opens a theme. The floors are a
// little below what is measured.
func TestAYoungIndexProposesWhatPeopleSayAgain(t *testing.T) {
	all, r := youngThemes(t), NewReader()
	for _, c := range []struct {
		themes, texts      int
		right, wrong, none float64
	}{
		{themes: 2, texts: 1, right: .61, wrong: .03, none: .08},
		{themes: 8, texts: 1, right: .62, wrong: .04, none: .17},
		{themes: 8, texts: 2, right: .75, wrong: .04, none: .15},
	} {
		var asked, right, wrong, strange, shown int
		for from := 0; from+c.themes <= len(all); from += 8 {
			y := newYoung(t, r)
			for _, th := range all[from : from+c.themes] {
				y.put(th.Theme, th.En[:c.texts]...)
				y.put(th.Theme, th.Zh[:c.texts]...)
			}
			for _, th := range all[from : from+c.themes] {
				for _, text := range append(th.En[c.texts:len(th.En):len(th.En)], th.Zh[c.texts:]...) {
					asked++
					if got := y.shown(text); slices.Contains(got, th.Theme) {
						right++
					} else if len(got) > 0 {
						wrong++
					}
				}
			}
			for i := 9; i < 25; i++ { // themes that are not there
				th := all[(from+i)%len(all)]
				for _, text := range []string{th.En[0], th.Zh[0]} {
					strange++
					if y.proposed(text) != "" {
						shown++
					}
				}
			}
		}
		of := func(n, all int) float64 { return float64(n) / float64(all) }
		told := fmt.Sprintf("%d themes of %d texts a language: right %.2f, wrong %.2f; of no theme %.2f", c.themes, c.texts, of(right, asked), of(wrong, asked), of(shown, strange))
		if of(right, asked) < c.right || of(wrong, asked) > c.wrong || of(shown, strange) > c.none {
			t.Error(told)
		}
		t.Log(told)
	}
}

func TestOnePairOfWordsIsEnoughForAProposal(t *testing.T) {
	y := newYoung(t, NewReader())
	y.put("pending", "transfer pending for days", "转账卡在处理中", "转账好几天还是处理中")
	y.put("dark", "please add dark mode")
	y.put("export", "export is slow", "导出太慢")
	for text, want := range map[string]string{
		"转账一直显示处理中": "pending", "轉帳一直顯示處理中": "pending", "stuck transfer": "pending", "my transfer is stuck": "pending",
		"dark theme please": "dark", "exporting takes ages": "export", "导出卡半天": "export",
		"how is the weather": "", "今天天气怎么样": "", "I love Lisbon": "",
	} {
		if got := y.proposed(text); got != want {
			t.Errorf("%q: %q is proposed, want %q", text, got, want)
		}
	}
}
