package dedup

import (
	"math"
	"slices"

	"github.com/heedhq/heed/dedup/learn"
)

const (
	budget     = 200_000 // postings one match reads,
	budgetRead = 50_000  // and one that finds by meaning as well
	poolSize   = 60      // candidates that are scored
	poolTheme  = 24      // of these from one theme
	typoWeight = .7      // of a known word beside the unknown one it corrects
	shortness  = .4      // how much a longer text is held back
)

// queryTerm is a term to look up. Several may come from one word (typos).
type queryTerm struct {
	term   uint32
	weight float32 // idf × occurrences × trust
}

// scratch is the room one match works in, kept from match to match.
type scratch struct {
	acc     []float32 // by document
	except  uint32    // that is not to be found
	touched []uint32
	allowed map[uint32]bool
	pool    []hit
	probe   *probe     // the query's vector, nil where it has none to compare
	met     []uint64   // leading signs that differ, and the document, where they are
	parts   [][]uint64 // the same, by who scans
	bound   int        // fewer than so many
	scanned int        // of so many documents
	age     int        // of the documents' numbers
	count   []int      // how often each number of signs occurs in met
	close   []uint64   // signs that differ, and the document
	against []hit      // what was found and does not belong to its theme
	taken   map[uint32]*share
	gloss   gloss
	query   bag
	item    bag
	text    text
	spelled []string
	words   learn.Words
	others  learn.Words
}

// hit is a candidate document.
type hit struct {
	doc, theme uint32 // theme is the root's number
	bm25       float32
	likely
	compared bool // both have vectors
	s        float64
}

// share is a theme's part of the pool.
type share struct {
	n     int
	least float32 // no less than this gets in once the theme has its part
}

// text is the query as the index reads it.
type text struct {
	tokens []token
	title  int // tokens of the title
	terms  []queryTerm
	of     [][]uint32 // by token: terms it stands for
	han    bool       // it is Chinese
	gloss  gloss      // what a Chinese text may mean
}

// read cuts a query into tokens and looks its terms up.
func (x *Index) read(q Query) text {
	t := text{tokens: tokenise(q.Title, maxTokens)}
	t.title = len(t.tokens)
	t.tokens = append(t.tokens, tokenise(q.Text, maxTokens-t.title)...)
	t.of, t.han = make([][]uint32, len(t.tokens)), chineseTokens(t.tokens)
	weights := map[uint32]float32{}
	note := func(i int, term uint32, trust float32) {
		if i < t.title {
			trust *= 1.5
		}
		t.of[i] = append(t.of[i], term)
		if w := weights[term]; w > 0 {
			trust = w + trust/2 // repeating a word says little more
		}
		weights[term] = min(trust, 2)
	}
	for i, k := range t.tokens {
		if k.word == "" {
			x.noteChar(t.tokens, i, note)
			continue
		}
		if i > 0 && i != t.title && t.tokens[i-1].word != "" { // "log in" is "login"
			if w, ok := x.vocab.byWord[t.tokens[i-1].word+k.word]; ok {
				note(i, x.vocab.words[w].term, typoWeight)
			}
		}
		term, known := x.vocab.byStem[stem(k.word)]
		if known {
			note(i, term, 1)
		}
		if !x.lacks(NoTypos) && (!known || len(x.post[term]) <= rareWord) {
			for _, w := range x.vocab.misspelt(k.word) {
				if other := x.vocab.words[w].term; !known || other != term {
					note(i, other, typoWeight)
				}
			}
		}
	}
	t.gloss = x.glossOf(t)
	for _, g := range t.gloss {
		if t.han && weights[g.term] == 0 {
			weights[g.term] = glossTrust * g.share
		}
	}
	for term, w := range weights {
		t.terms = append(t.terms, queryTerm{term, w * x.idf(term)})
	}
	slices.SortFunc(t.terms, func(a, b queryTerm) int {
		if d := len(x.post[a.term]) - len(x.post[b.term]); d != 0 {
			return d
		}
		return int(a.term) - int(b.term)
	})
	return t
}

// noteChar looks up the character at i, and the pair that it ends.
func (x *Index) noteChar(ts []token, i int, note func(i int, term uint32, trust float32)) {
	if n, ok := x.vocab.byPair[pairKey(ts[i].char, 0)]; ok {
		note(i, n, charTrust)
	}
	if !ts[i].joined {
		return
	}
	if n, ok := x.vocab.byPair[pairKey(ts[i-1].char, ts[i].char)]; ok {
		note(i, n, 1)
	}
}

const (
	glossTrust = .3 // of an English word that a Chinese one may mean
	charTrust  = .3 // a single character beside the pairs it is part of
	rareWord   = 2  // a word in so few texts may be a typo itself
)

func (x *Index) idf(term uint32) float32 {
	n, df := float64(len(x.docs)), float64(len(x.post[term]))
	return float32(math.Log(1 + (n-df+.5)/(df+.5)))
}

// candidates fills sc.pool with the documents that share most with the query.
func (x *Index) candidates(t text, q Query, size, perTheme int, sc *scratch) {
	if len(sc.acc) < len(x.docs) {
		sc.acc = make([]float32, len(x.docs)+len(x.docs)/4)
	}
	sc.touched = sc.touched[:0]
	used, budget := 0, budget
	if sc.probe != nil {
		budget = budgetRead
	}
	for _, k := range t.terms {
		p := x.post[k.term]
		if used > 0 && used+len(p) > budget {
			break
		}
		p = p[max(0, len(p)-budget):] // the newest of a word that is everywhere
		used += len(p)
		var by [maxTF + 1]float32
		for tf := range by {
			by[tf] = k.weight * float32(tf) * 2.2 / (float32(tf) + 1.2)
		}
		for _, e := range p {
			n := e >> tfBits
			if sc.acc[n] == 0 {
				sc.touched = append(sc.touched, n)
			}
			sc.acc[n] += by[e&maxTF]
		}
	}
	sc.pool = sc.pool[:0]
	clear(sc.allowed)
	clear(sc.taken)
	if sc.allowed == nil {
		sc.allowed, sc.taken = map[uint32]bool{}, map[uint32]*share{}
	}
	mean := float32(x.lengths) / float32(max(x.live, 1))
	for _, n := range sc.touched {
		// Most documents fall here, without a look at them: the shortest text would
		// not do with what this one shares.
		if len(sc.pool) == size && sc.acc[n] <= sc.pool[0].bm25*(1-shortness) {
			sc.acc[n] = 0
			continue
		}
		d := &x.docs[n]
		v := sc.acc[n] / (1 - shortness + shortness*float32(d.length)/mean)
		sc.acc[n] = 0
		if len(sc.pool) == size && v <= sc.pool[0].bm25 || d.dead {
			continue
		}
		theme := x.themes.root(d.theme)
		if x.sees(q, n, theme, sc) {
			sc.offer(hit{doc: n, theme: theme, bm25: v}, size, perTheme)
		}
	}
}

// sees reports whether the query may be told of a document.
func (x *Index) sees(q Query, n, theme uint32, sc *scratch) bool {
	if n == sc.except {
		return false
	}
	if theme == unassigned {
		return q.Loose && !q.PublicOnly
	}
	e := &x.themes.themes[theme]
	if q.PublicOnly && !e.public || q.OwnText && !x.docs[n].own {
		return false
	}
	if q.Allow == nil {
		return true
	}
	ok, known := sc.allowed[theme]
	if !known {
		ok = q.Allow(e.name)
		sc.allowed[theme] = ok
	}
	return ok
}

// offer keeps the best hits, the least of them first (a heap), and at most
// perTheme of one theme: many copies of one text must not hide the rest.
func (sc *scratch) offer(h hit, size, perTheme int) {
	if h.theme == unassigned {
		sc.keep(h, size)
		return
	}
	sh := sc.taken[h.theme]
	if sh == nil {
		sh = &share{}
		sc.taken[h.theme] = sh
	}
	if sh.n < perTheme {
		sh.n++
		sc.keep(h, size)
		return
	}
	if h.bm25 <= sh.least {
		return
	}
	low := -1
	for i, o := range sc.pool {
		if o.theme == h.theme && (low < 0 || o.bm25 < sc.pool[low].bm25) {
			low = i
		}
	}
	if low >= 0 {
		if sh.least = sc.pool[low].bm25; h.bm25 <= sh.least {
			return
		}
		sc.pool[low] = h
		sc.down(low)
	}
}

func (sc *scratch) keep(h hit, size int) {
	if len(sc.pool) < size {
		sc.pool = append(sc.pool, h)
		for i := len(sc.pool) - 1; i > 0; {
			up := (i - 1) / 2
			if sc.pool[up].bm25 <= sc.pool[i].bm25 {
				break
			}
			sc.pool[up], sc.pool[i] = sc.pool[i], sc.pool[up]
			i = up
		}
		return
	}
	if out := sc.taken[sc.pool[0].theme]; out != nil && sc.pool[0].theme != unassigned {
		out.n--
	}
	sc.pool[0] = h
	sc.down(0)
}

func (sc *scratch) down(i int) {
	for {
		least := i
		for k := 2*i + 1; k <= 2*i+2 && k < len(sc.pool); k++ {
			if sc.pool[k].bm25 < sc.pool[least].bm25 {
				least = k
			}
		}
		if least == i {
			return
		}
		sc.pool[i], sc.pool[least] = sc.pool[least], sc.pool[i]
		i = least
	}
}
