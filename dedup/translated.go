package dedup

import (
	"cmp"
	"slices"
	"unicode/utf8"
)

// translated is a word of the query and the word of the other language that means
// it.
type translated struct {
	shared
	theirs string
}

// translations names words of the query's text that the theme's nearest items say in the
// other language, most telling first.
func (x *Index) translations(t text, v *verdict) []translated {
	if x.dictionary == nil {
		return nil
	}
	theirs := map[uint32]string{}
	for _, h := range v.items[:min(3, len(v.items))] {
		if d := &x.docs[h.doc]; d.han != t.han {
			x.otherWords(x.restore(h.doc), d.han, theirs)
		}
	}
	if len(theirs) == 0 {
		return nil
	}
	var out []translated
	x.eachWord(t.tokens[t.title:], func(word string, at [2]int) {
		best := translated{}
		for _, s := range x.sensesOf(word, t.han) {
			if w, idf := theirs[s.term], s.share*x.idf(s.term); w != "" && w != word && (best.theirs == "" || idf > best.idf) {
				best = translated{shared{"meaning", at[0], at[1], idf, word}, w}
			}
		}
		if best.theirs != "" && !slices.ContainsFunc(out, func(o translated) bool { return o.word == word }) {
			out = append(out, best)
		}
	})
	slices.SortStableFunc(out, func(a, b translated) int { return cmp.Compare(b.idf, a.idf) })
	return out
}

// otherWords notes the words of an item by the English terms they stand for.
func (x *Index) otherWords(ts []token, han bool, by map[uint32]string) {
	x.eachWord(ts, func(w string, _ [2]int) {
		for _, s := range x.sensesOf(w, han) {
			if by[s.term] == "" {
				by[s.term] = w
			}
		}
	})
}

// sensesOf is a word as English terms that the index knows, nil for one that says
// nothing.
func (x *Index) sensesOf(w string, han bool) []sense {
	if r, n := utf8.DecodeRuneInString(w); n == len(w) && x.stop.chars[r] || x.stop.chinese[w] || x.stop.english[w] {
		return nil
	}
	if !han {
		if n, ok := x.vocab.byStem[stem(w)]; ok {
			return []sense{{n, 1}}
		}
		return nil
	}
	return unpack(x.wordSenses(w, func(stem string) (uint32, bool) { n, ok := x.vocab.byStem[stem]; return n, ok }))
}

// eachWord calls f with the words of tokens and where they lie: words as they
// are, Chinese cut by the dictionary.
func (x *Index) eachWord(ts []token, f func(w string, at [2]int)) {
	for i := 0; i < len(ts); {
		if ts[i].word != "" {
			f(ts[i].word, [2]int{ts[i].from, ts[i].to})
			i++
			continue
		}
		n := run(ts[i:])
		for _, w := range x.dictionary.Segment(spell(ts[i : i+n])) {
			k := utf8.RuneCountInString(w)
			for n > 0 && !isHan(ts[i].char) { // kana and the like are no words of the dictionary
				i, n = i+1, n-1
			}
			if k > n {
				break
			}
			f(w, [2]int{ts[i].from, ts[i+k-1].to})
			i, n = i+k, n-k
		}
		i += n
	}
}
