package encoder

import (
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// slowCut is what cut promises, written with a map of pieces.
func slowCut(piece map[string]int32, score []float64, text string) []int32 {
	r := []rune(space + strings.Join(strings.Fields(text), space))
	best, last, from := make([]float64, len(r)+1), make([]int32, len(r)+1), make([]int, len(r)+1)
	for i := range r {
		best[i+1] = math.Inf(-1)
	}
	for i := range r {
		known := false
		for j := i + 1; j <= len(r) && j-i <= 16; j++ {
			if id, ok := piece[string(r[i:j])]; ok {
				known = true
				if v := best[i] + score[id]; v >= best[j] {
					best[j], last[j], from[j] = v, id, i
				}
			}
		}
		if v := best[i] + unknown; (!known || math.IsInf(best[i+1], -1)) && v >= best[i+1] {
			best[i+1], last[i+1], from[i+1] = v, 0, i
		}
	}
	var ids []int32
	for e := len(r); e > 0; e = from[e] {
		if last[e] != 0 || len(ids) == 0 || ids[len(ids)-1] != 0 {
			ids = append(ids, last[e])
		}
	}
	slices.Reverse(ids)
	return ids[:min(len(ids), maxPieces)]
}

// vocabulary walks the trie back into a map.
func (p *pieces) vocabulary() map[string]int32 {
	all := map[string]int32{}
	var walk func(node int, prefix string)
	walk = func(node int, prefix string) {
		if id := p.trie.id[node]; id >= 0 {
			all[prefix] = id
		}
		for i := p.trie.from[node]; i < p.trie.from[node+1]; i++ {
			walk(int(i)+1, prefix+string([]byte{p.trie.label[i]}))
		}
	}
	walk(root, "")
	return all
}

func TestTrieHoldsTheVocabulary(t *testing.T) {
	p := load(t).pieces
	all := p.vocabulary()
	if len(all) < 7900 || all["▁the"] != 9 || all["."] != 6 {
		t.Errorf("%d pieces, %d %d", len(all), all["▁the"], all["."])
	}
	if _, ok := all["<s>"]; ok {
		t.Error("a control symbol can be written")
	}
	if p.limit != 16*maxPieces {
		t.Errorf("reads %d characters", p.limit)
	}
}

// A text longer than what 128 pieces can hold is cut as if it ended there.
func TestCutReadsABoundedHead(t *testing.T) {
	p := load(t).pieces
	var a, b path
	word := "administration "
	long := strings.Repeat(word, 2000)
	got := slices.Clone(p.cut(&a, long))
	if len(got) != maxPieces || got[maxPieces-1] != got[0] {
		t.Errorf("%d pieces, %v", len(got), got)
	}
	if want := p.cut(&b, long[:len(word)*200]); !slices.Equal(got, want) {
		t.Error("the end of a long text changes its head")
	}
}

func FuzzCut(f *testing.F) {
	for _, s := range append(sentences(), "", " a  b ", "提现 ok", ":-) ://", "\xff\xfe", "▁▁the", "administrationadministration", "🙂x🙂🙂y") {
		f.Add(s)
	}
	p := load(f).pieces
	all := p.vocabulary()
	var w path
	f.Fuzz(func(t *testing.T, text string) {
		got := p.cut(&w, text)
		if len(got) == 0 || len(got) > maxPieces {
			t.Fatalf("%d pieces", len(got))
		}
		if utf8.RuneCountInString(text) > p.limit {
			return
		}
		if want := slowCut(all, p.score, text); !slices.Equal(got, want) {
			t.Fatalf("%q: pieces %v, want %v", text, got, want)
		}
	})
}
