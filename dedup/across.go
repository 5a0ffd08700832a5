package dedup

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/heedhq/heed/dedup/chinese"
)

// UseDictionary lets Chinese and English texts share words: the meanings of the
// Chinese ones. Without it they are compared by their vectors alone. It must be
// called before anything is put.
func (x *Index) UseDictionary(d *chinese.Dictionary) {
	x.dictionary, x.glossary = d, map[string][]packed{}
}

// gloss is a text as English terms, sorted by term: an English text's own, a
// Chinese one's meanings. A share is what a term has of the word it stands for,
// before it is known how rare it is.
type gloss []sense

type sense struct {
	term  uint32
	share float32
}

// packed is a sense of a Chinese word in 32 bits: the term, and behind it what its
// share lacks to 1. In ascending order a term's largest share comes first.
type packed uint32

func pack(s sense) packed     { return packed(s.term<<shareBits | uint32(shareMax-s.share*shareMax)) }
func (p packed) term() uint32 { return uint32(p) >> shareBits }
func (p packed) sense() sense { return sense{p.term(), float32(shareMax-p&shareMax) / shareMax} }

func unpack(ps []packed) gloss {
	out := make(gloss, len(ps))
	for i, p := range ps {
		out[i] = p.sense()
	}
	return out
}

const (
	laterSense = .3 // how much less each further meaning of a word says
	sensesRead = 8  // of a word, the commonest first
	shareBits  = 8
	shareMax   = 1<<shareBits - 1
	mostTerms  = 1 << (32 - shareBits)
	mostSenses = 160
)

// chineseTokens reports that a text is to be read as Chinese: it has at least
// as many characters of Han as words.
func chineseTokens(ts []token) bool {
	han, words := 0, 0
	for _, t := range ts {
		switch {
		case t.word != "":
			words++
		case isHan(t.char):
			han++
		}
	}
	return han > 0 && han >= words
}

// glossOf reads a query; words that no text of the index has are left out.
func (x *Index) glossOf(t text) gloss {
	if x.dictionary == nil {
		return nil
	}
	if t.han {
		known := func(stem string) (uint32, bool) { n, ok := x.vocab.byStem[stem]; return n, ok }
		return unpack(meanings(nil, x.dictionary.Segment(spell(t.tokens)), func(w string) []packed { return x.wordSenses(w, known) }))
	}
	var out gloss
	for _, k := range t.tokens {
		if k.word == "" || x.stop.grammar[k.word] {
			continue
		}
		if n, ok := x.vocab.byStem[stem(k.word)]; ok {
			out = append(out, sense{n, 1})
		}
	}
	return counted(out)
}

// counted merges a word's occurrences: (1 + ln count).
func counted(g gloss) gloss {
	slices.SortFunc(g, func(a, b sense) int { return cmp.Compare(a.term, b.term) })
	out := g[:0]
	for i := 0; i < len(g); {
		n := i
		for n < len(g) && g[n].term == g[i].term {
			n++
		}
		out = append(out, sense{g[i].term, float32(1 + math.Log(float64(n-i)))})
		i = n
	}
	return out
}

// meanings reads the words of a Chinese text into buf. A term that several of them
// may mean counts once, at its most.
func meanings(buf []packed, words []string, of func(word string) []packed) []packed {
	all := buf[:0]
	for _, w := range words {
		if all = append(all, of(w)...); len(all) > 2*mostSenses {
			break
		}
	}
	slices.Sort(all)
	return slices.CompactFunc(all, func(a, b packed) bool { return a.term() == b.term() })
}

// wordSenses are the English terms of one word of a Chinese text, which share what
// one English word weighs.
func (x *Index) wordSenses(w string, term func(stem string) (uint32, bool)) []packed {
	if !isHanWord(w) {
		if n, ok := term(stem(strings.ToLower(w))); ok {
			return []packed{pack(sense{n, 1})}
		}
		return nil
	}
	var out []sense
	squares := float32(0)
	x.senses(w, func(k int, v string) {
		n, ok := term(stem(v))
		if !ok || slices.ContainsFunc(out, func(s sense) bool { return s.term == n }) {
			return
		}
		s := sense{n, 1 / (1 + laterSense*float32(k))}
		squares += s.share * s.share
		out = append(out, s)
	})
	senses := make([]packed, len(out))
	for i, s := range out {
		s.share /= float32(math.Sqrt(float64(squares)))
		senses[i] = pack(s)
	}
	return senses
}

// senses calls f with the words of a Chinese word's English meanings.
func (x *Index) senses(word string, f func(sense int, v string)) {
	senses := x.dictionary.Senses(word)
	for k, s := range senses[:min(sensesRead, len(senses))] {
		for v := range strings.FieldsSeq(strings.ToLower(s)) {
			if v = strings.Trim(v, ".,!?()'\""); v != "" && !x.stop.grammar[v] {
				f(k, v)
			}
		}
	}
}

// keepMeanings stores what a Chinese document may mean, for English queries.
func (x *Index) keepMeanings(d *doc, words []string) {
	if len(words) == 0 {
		return
	}
	x.meaning = meanings(x.meaning, words, func(w string) []packed {
		senses, ok := x.glossary[w]
		if !ok {
			senses = x.wordSenses(w, func(stem string) (uint32, bool) { n := x.vocab.term(stem); return n, n < mostTerms })
			x.glossary[strings.Clone(w)] = senses
		}
		return senses
	})
	g := x.meaning[:min(len(x.meaning), mostSenses)]
	room, at := x.glosses.take(len(g))
	for i, p := range g {
		room[i] = uint32(p)
		x.meant = count(x.meant, p.term(), 1)
	}
	d.gloss, d.glossed = at, uint8(len(g))
}

// count adds by to a counter that may be new.
func count(of []int32, term uint32, by int32) []int32 {
	for int(term) >= len(of) {
		of = append(of, 0)
	}
	of[term] += by
	return of
}

// dropMeanings forgets them.
func (x *Index) dropMeanings(d *doc) {
	if d.glossed > 0 {
		for _, s := range x.glosses.at(d.gloss, int(d.glossed)) {
			x.meant = count(x.meant, packed(s).term(), -1)
		}
	}
}

// glossOfDoc reads a document into buf.
func (x *Index) glossOfDoc(d *doc, buf gloss) gloss {
	buf = buf[:0]
	if d.han {
		if d.glossed == 0 {
			return buf
		}
		for _, s := range x.glosses.at(d.gloss, int(d.glossed)) {
			buf = append(buf, packed(s).sense())
		}
		return buf
	}
	for _, t := range x.tokens.at(d.at, int(d.n)) {
		if t&charBit == 0 && !x.vocab.words[t].grammar {
			buf = append(buf, sense{x.vocab.words[t].term, 1})
		}
	}
	return counted(buf)
}

// across compares two texts of different languages: the cosine of their English
// terms, each weighted by how rare it is in either language.
func (x *Index) across(q, d gloss) float64 {
	var dot, qq, dd float32
	weigh := func(s sense) float32 {
		df := float64(0)
		if int(s.term) < len(x.post) {
			df = float64(len(x.post[s.term]))
		}
		if int(s.term) < len(x.meant) {
			df += float64(x.meant[s.term])
		}
		return s.share * float32(math.Log(1+float64(len(x.docs)+1)/(df+.5)))
	}
	for _, s := range q {
		w := weigh(s)
		qq += w * w
	}
	i := 0
	for _, s := range d {
		w := weigh(s)
		dd += w * w
		for i < len(q) && q[i].term < s.term {
			i++
		}
		if i < len(q) && q[i].term == s.term {
			dot += w * weigh(q[i])
		}
	}
	if dot == 0 {
		return 0
	}
	return float64(dot) / math.Sqrt(float64(qq)*float64(dd))
}

// spell writes tokens as a text again.
func spell(ts []token) string {
	var b strings.Builder
	b.Grow(3*len(ts) + 16)
	for _, t := range ts {
		if t.word != "" {
			b.WriteByte(' ')
			b.WriteString(t.word)
			b.WriteByte(' ')
			continue
		}
		if !t.joined {
			b.WriteByte(' ')
		}
		b.WriteRune(t.char)
	}
	return b.String()
}

func isHanWord(w string) bool {
	for _, r := range w {
		return isHan(r)
	}
	return false
}
