package dedup

import (
	"slices"
)

// arena holds the tokens of all documents in chunks, so that growing copies
// nothing. A document's tokens lie in one chunk.
type arena struct {
	chunks [][]uint32
}

const chunkBits = 16

// take returns room for n tokens (at most maxTokens) and where it is.
func (a *arena) take(n int) ([]uint32, uint32) {
	last := len(a.chunks) - 1
	if last < 0 || len(a.chunks[last])+n > 1<<chunkBits {
		a.chunks = append(a.chunks, make([]uint32, 0, 1<<chunkBits))
		last++
	}
	c := a.chunks[last]
	from := len(c)
	a.chunks[last] = c[:from+n]
	return a.chunks[last][from : from+n], uint32(last<<chunkBits | from)
}

func (a *arena) at(at uint32, n int) []uint32 {
	from := int(at & (1<<chunkBits - 1))
	return a.chunks[at>>chunkBits][from : from+n]
}

// compact drops removed documents, and the words, terms and theme links that
// only they needed. It reads every live token once; nothing is tokenised again.
func (x *Index) compact() {
	docs, ids, tokens, themes := make([]doc, 0, x.live), newNames(), arena{}, newRegistry()
	words, vocab := map[uint32]uint32{}, newVocabulary(x.stop)
	old, meaning := x.vocab, vectors{dim: x.vectors.dim}
	glosses := newGlosses(x)
	x.vocab, x.post = vocab, nil
	for n, d := range x.docs {
		if d.dead {
			continue
		}
		stored, at := tokens.take(int(d.n))
		copy(stored, x.tokens.at(d.at, int(d.n)))
		for i, t := range stored {
			if t&charBit != 0 {
				continue
			}
			w, ok := words[t]
			if !ok {
				w = vocab.word(old.words[t].text)
				words[t] = w
			}
			stored[i] = w
		}
		e := x.themes.at(d.theme)
		d.at, d.theme = at, themes.number(e.name)
		themes.themes[d.theme].public = e.public
		themes.themes[d.theme].items++
		glosses.move(&d, vocab)
		x.file(uint32(len(docs)), stored, int(d.title))
		meaning.move(uint32(len(docs)), &x.vectors, uint32(n))
		ids.add(uint32(len(docs)), x.ids.of(uint32(n)))
		docs = append(docs, d)
	}
	for name, t := range x.themes.byName { // a published theme may wait for its first item
		if e := x.themes.themes[t]; e.public {
			themes.themes[themes.number(name)].public = true
		}
	}
	x.age++
	x.docs, x.ids, x.tokens, x.themes, x.vectors = docs, ids, tokens, themes, meaning
	x.glosses, x.meant = glosses.kept, glosses.meant
	clear(x.glossary) // its terms are the old vocabulary's
}

// glossMover carries meanings over to a new vocabulary.
type glossMover struct {
	old   *Index
	stems []string // by old term
	kept  arena
	meant []int32
}

func newGlosses(x *Index) *glossMover {
	m := &glossMover{old: x, stems: make([]string, x.vocab.terms)}
	if x.dictionary != nil {
		for s, n := range x.vocab.byStem {
			m.stems[n] = s
		}
	}
	return m
}

func (m *glossMover) move(d *doc, vocab *vocabulary) {
	if d.glossed == 0 {
		return
	}
	from := m.old.glosses.at(d.gloss, int(d.glossed))
	room, at := m.kept.take(len(from))
	for i, s := range from {
		n := vocab.term(m.stems[packed(s).term()])
		room[i] = n<<shareBits | s&shareMax
		m.meant = count(m.meant, n, 1)
	}
	slices.Sort(room)
	d.gloss = at
}
