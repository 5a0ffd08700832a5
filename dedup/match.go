package dedup

import (
	"cmp"
	"slices"
)

// Query asks for the themes of a text.
type Query struct {
	Title, Text string
	Vector      []float32               // of its meaning; nil compares words alone
	Limit       int                     // themes wanted; 0 is 5
	PublicOnly  bool                    // only published themes
	Except      string                  // an item id not to be matched
	Allow       func(theme string) bool // nil allows all; called inside Match, so it must not call the index
	Loose       bool                    // also items without a theme
	OwnText     bool                    // only items that stand for their theme: whose id begins with its name
}

// Candidate is a theme the text may belong to.
type Candidate struct {
	Theme    string   // "" for an item without theme (Query.Loose)
	Item     string   // the nearest item's id
	Score    float64  // probability that the text belongs there, 0 to 1
	Voted    int      // its items among the twenty nearest, without those that joined unasked; attach unasked from two on only
	Doubt    float64  // by how much Score would be lower without what joined unasked; an attach is decided on the rest
	Reasons  []Reason // what both share, most telling first
	Mismatch []string // "negation", "number", "platform", "version": what differs; never attach unasked with one
}

// Reason is what the query shares with a theme.
type Reason struct {
	Kind   string   // "title" (spans lie in Query.Title), "words", "phrase" (spans lie in Query.Text), "similar" (alike, not equal), "meaning" (said in the other language), "sense" (alike in what they mean alone; no words)
	Words  []string // as the query wrote them, in its order
	Spans  [][2]int // bytes [from, to) of each word
	Theirs []string // of "meaning": for each word, the one that the theme's items use
}

const (
	themesWanted = 5
	mostWanted   = 200
)

// Match returns the themes the text may belong to, most votes first; empty when
// nothing is shared. The first is the decision, and its score says how sure it is;
// the others follow by their scores.
func (x *Index) Match(q Query) []Candidate { return x.MatchAll([]Query{q})[0] }

// MatchAll is Match for several texts, which costs less than one after the other
// where there are many items.
func (x *Index) MatchAll(qs []Query) [][]Candidate {
	scs, out := make([]*scratch, len(qs)), make([][]Candidate, len(qs))
	for i := range scs {
		scs[i] = x.scratch.Get().(*scratch)
	}
	x.glance(qs, scs)
	for i, q := range qs {
		out[i] = x.matched(q, scs[i])
		x.scratch.Put(scs[i]) // not deferred: after a panic in Allow it is not clean
	}
	return out
}

func (x *Index) matched(q Query, sc *scratch) []Candidate {
	want := q.Limit
	if want <= 0 {
		want = themesWanted
	}
	want = min(want, mostWanted)
	size, perTheme := poolSize, poolTheme
	if want > themesWanted { // a search: breadth before certainty
		size, perTheme = max(poolSize, 3*want), 6
	}
	return x.match(q, want, size, perTheme, sc)
}

func (x *Index) match(q Query, want, size, perTheme int, sc *scratch) []Candidate {
	x.mu.RLock()
	defer x.mu.RUnlock()
	verdicts := x.search(q, size, perTheme, sc)
	if len(verdicts) == 0 {
		return nil
	}
	t := sc.text
	out := make([]Candidate, 0, want)
	for i := range verdicts[:min(want, len(verdicts))] {
		v := &verdicts[i]
		e := x.themes.themes[v.theme]
		out = append(out, Candidate{Theme: e.name, Item: x.ids.of(v.items[0].doc), Score: v.score, Voted: v.witnesses, Doubt: max(0, v.score-v.sure),
			Reasons: x.reasons(q, t, v), Mismatch: x.mismatch(t, v)})
	}
	if len(out) > 1 { // the first is the decision; the others by how sure they are
		slices.SortStableFunc(out[1:], func(a, b Candidate) int { return cmp.Compare(b.Score, a.Score) })
	}
	return out
}

// search, once it has begun, fills sc.pool, nearest first, and groups it by theme, best first.
func (x *Index) search(q Query, size, perTheme int, sc *scratch) []verdict {
	sc.text, sc.except = x.read(q), nobody
	if n, ok := x.ids.find(q.Except); ok {
		sc.except = n
	}
	x.candidates(sc.text, q, size, perTheme, sc)
	p := sc.probe
	if p != nil {
		x.compare(p, sc)
		x.near(p, q, size, perTheme, sc)
	}
	if len(sc.pool) == 0 {
		return nil
	}
	x.rank(sc.text, p, sc)
	x.part(sc)
	return x.settle(p, sc)
}

// restore returns a document's tokens as words and characters.
func (x *Index) restore(n uint32) []token {
	d := &x.docs[n]
	stored := x.tokens.at(d.at, int(d.n))
	out := make([]token, len(stored))
	for i, t := range stored {
		if t&charBit == 0 {
			out[i].word = x.vocab.words[t].text
		} else {
			out[i].char, out[i].joined = rune(t&runeSet), t&joinBit != 0
		}
	}
	return out
}
