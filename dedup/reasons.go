package dedup

import (
	"cmp"
	"slices"
)

const (
	maxReasons = 5 // words named
	maxPhrase  = 8 // characters of one phrase
)

// shared is a word or phrase of the query that a theme's items hold too.
type shared struct {
	kind     string
	from, to int // bytes in the title or text
	idf      float32
	word     string // folded, to name a word once
}

// reasons names what the query shares with the theme's nearest items.
func (x *Index) reasons(q Query, t text, v *verdict) []Reason {
	theirs := map[uint32]bool{}
	words := map[string]bool{}
	for _, h := range v.items[:min(3, len(v.items))] {
		x.termsOf(h.doc, theirs, words)
	}
	found := append(x.sharedWords(t, theirs), x.phrases(t, theirs)...)
	if len(found) == 0 {
		found = x.alike(t, words)
	}
	slices.SortStableFunc(found, func(a, b shared) int { return cmp.Compare(b.idf, a.idf) })
	var kept []shared
	for _, f := range found {
		if len(kept) < maxReasons && !slices.ContainsFunc(kept, func(k shared) bool { return k.word == f.word }) {
			kept = append(kept, f)
		}
	}
	out := []Reason{}
	for _, f := range kept { // the most telling word places its kind
		if slices.ContainsFunc(out, func(r Reason) bool { return r.Kind == f.kind }) {
			continue
		}
		r := Reason{Kind: f.kind}
		same := slices.DeleteFunc(slices.Clone(kept), func(k shared) bool { return k.kind != f.kind })
		slices.SortFunc(same, func(a, b shared) int { return a.from - b.from })
		for _, s := range same {
			source := q.Text
			if s.kind == "title" {
				source = q.Title
			}
			r.Words = append(r.Words, source[s.from:s.to])
			r.Spans = append(r.Spans, [2]int{s.from, s.to})
		}
		out = append(out, r)
	}
	return x.otherwise(q, t, v, out)
}

// otherwise adds what is shared without sharing a word.
func (x *Index) otherwise(q Query, t text, v *verdict, out []Reason) []Reason {
	meant := slices.DeleteFunc(x.translations(t, v), func(m translated) bool { // its word is named as it is
		return slices.ContainsFunc(out, func(r Reason) bool { return r.Kind != "title" && slices.Contains(r.Spans, [2]int{m.from, m.to}) })
	})
	if len(meant) > 0 {
		meant = meant[:min(len(meant), maxReasons)]
		slices.SortFunc(meant, func(a, b translated) int { return a.from - b.from })
		r := Reason{Kind: "meaning"}
		for _, m := range meant {
			r.Words, r.Theirs = append(r.Words, q.Text[m.from:m.to]), append(r.Theirs, m.theirs)
			r.Spans = append(r.Spans, [2]int{m.from, m.to})
		}
		out = append(out, r)
	}
	if h := &v.items[0]; len(out) == 0 && h.compared && h.meaning >= alikeInSense && v.score >= leastInSense {
		out = append(out, Reason{Kind: "sense"})
	}
	return out
}

// alikeInSense is the cosine of two texts that say much the same in other words.
const alikeInSense = .6

// leastInSense is the Score below which that is not claimed: texts of no theme are
// as near to one another in a small index.
const leastInSense = .2

func (x *Index) termsOf(n uint32, terms map[uint32]bool, words map[string]bool) {
	ts := x.restore(n)
	for i, t := range ts {
		switch {
		case t.word != "":
			terms[x.vocab.byStem[stem(t.word)]] = true
			words[t.word] = true
		default:
			terms[x.vocab.byPair[pairKey(t.char, 0)]] = true
			if t.joined {
				terms[x.vocab.byPair[pairKey(ts[i-1].char, t.char)]] = true
			}
		}
	}
}

func (t text) kind(i int, other string) string {
	if i < t.title {
		return "title"
	}
	return other
}

func (x *Index) sharedWords(t text, theirs map[uint32]bool) []shared {
	var out []shared
	for i, k := range t.tokens {
		if k.word == "" || x.stop.english[k.word] || len(k.word) == 1 {
			continue
		}
		for _, term := range t.of[i] {
			if theirs[term] {
				out = append(out, shared{t.kind(i, "words"), k.from, k.to, x.idf(term), k.word})
				break
			}
		}
	}
	return out
}

// phrases merges neighbouring shared pairs of characters, and cuts what carries
// no subject: 我的提现一直处理中 is 提现 and 处理中.
func (x *Index) phrases(t text, theirs map[uint32]bool) []shared {
	var out []shared
	for i := 0; i < len(t.tokens); {
		if t.tokens[i].word != "" {
			i++
			continue
		}
		n := 1
		for i+n < len(t.tokens) && t.tokens[i+n].joined && theirs[x.term(t.tokens[i+n-1].char, t.tokens[i+n].char)] && (i >= t.title || i+n < t.title) {
			n++
		}
		if n > 1 {
			out = append(out, x.trim(t, i, n)...)
		} else if run(t.tokens[i:]) == 1 && !t.tokens[i].joined && theirs[x.term(t.tokens[i].char, 0)] && !x.stop.chars[t.tokens[i].char] {
			out = append(out, x.phrase(t, i, 1)) // the query is that one character
		}
		i += n
	}
	return out
}

// term returns the term of two characters (or one and 0), or one no item has.
func (x *Index) term(a, b rune) uint32 {
	if n, ok := x.vocab.byPair[pairKey(a, b)]; ok {
		return n
	}
	return ^uint32(0)
}

// trim cuts the n characters from i at stop words, and each part's ends.
func (x *Index) trim(t text, i, n int) []shared {
	var out []shared
	rs := make([]rune, n)
	for k := range n {
		rs[k] = t.tokens[i+k].char
	}
	part := func(a, b int) {
		for a < b && x.stop.chars[rs[a]] {
			a++
		}
		for a < b && x.stop.chars[rs[b-1]] {
			b--
		}
		for ; b-a >= 2; a += maxPhrase {
			if m := min(b-a, maxPhrase); m >= 2 {
				out = append(out, x.phrase(t, i+a, m))
			}
		}
	}
	from := 0
	for k := 0; k < n; {
		if m := x.stop.chineseAt(rs[k:]); m > 0 {
			part(from, k)
			k += m
			from = k
			continue
		}
		k++
	}
	part(from, n)
	return out
}

func (x *Index) phrase(t text, i, n int) shared {
	s := shared{kind: t.kind(i, "phrase"), from: t.tokens[i].from, to: t.tokens[i+n-1].to}
	for k := range n {
		s.word += string(t.tokens[i+k].char)
		if k > 0 {
			if term, ok := x.vocab.byPair[pairKey(t.tokens[i+k-1].char, t.tokens[i+k].char)]; ok {
				s.idf = max(s.idf, x.idf(term))
			}
		}
	}
	if n == 1 {
		s.idf = x.idf(x.term(t.tokens[i].char, 0))
	}
	return s
}

// alike names words of the query that begin like one of theirs, for texts that
// share no stem: "exporter" and "exportieren".
func (x *Index) alike(t text, words map[string]bool) []shared {
	var out []shared
	for i, k := range t.tokens {
		if len(k.word) < 5 || x.stop.english[k.word] {
			continue
		}
		for w := range words {
			if len(w) >= 5 && !x.stop.english[w] && w[:5] == k.word[:5] {
				out = append(out, shared{t.kind(i, "similar"), k.from, k.to, 0, k.word})
				break
			}
		}
	}
	return out
}
