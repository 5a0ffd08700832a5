package dedup

import (
	"slices"
	"strings"
	"sync"

	"github.com/heedhq/heed/dedup/chinese"
	"github.com/heedhq/heed/dedup/learn"
)

// Item is one text in the index: a suggestion's, or a theme's own title.
// Theme is "" while it is unassigned. Public says that its theme is published;
// the last word on a theme's publicity (Put, SetPublic) holds for all its items.
type Item struct {
	ID, Theme   string
	Title, Text string
	Public      bool
	Unasked     bool      // it joined Theme by itself and nobody has confirmed that: no witness for the next that would
	Against     bool      // a person said that it does not belong to Theme: what is nearer to it than to Theme's items does not either
	Vector      []float32 // of its meaning, length 1; nil when it is not known (yet)
}

// Index finds texts and the themes they belong to. It is safe for concurrent
// use; a Match never sees half a change. It keeps word numbers, not texts.
type Index struct {
	mu         sync.RWMutex
	scanning   sync.RWMutex // held before mu by who reads vectors without it, and who writes those that are there
	age        int          // grows when documents get other numbers
	docs       []doc
	ids        names
	tokens     arena
	vectors    vectors
	post       [][]uint32          // by term: document number << tfBits | occurrences, ascending
	glossary   map[string][]packed // of the Chinese words in it, as they are met
	meant      []int32             // by term: Chinese documents that may mean that English word
	glosses    arena               // what they may mean
	vocab      *vocabulary
	grams      *rarity
	themes     *registry
	stop       *stopwords
	lexicon    *lexicon
	dictionary *chinese.Dictionary // nil: no words across languages
	learned    *learn.Model
	without    Ablation
	live       int
	lengths    int      // sum of the live documents' lengths
	bag        bag      // of the writer
	terms      []uint32 // of a document, while it is filed
	meaning    []packed
	scratch    sync.Pool
	readers    sync.Pool
}

type doc struct {
	at      uint32 // of its tokens in the arena
	theme   uint32 // registry number, perhaps linked on
	n       uint16 // tokens
	title   uint16 // of these in the title
	length  uint16 // postings
	han     bool   // it is Chinese
	gloss   uint32 // of a Chinese one: its meanings in their arena
	glossed uint8  // how many
	dead    bool
	unasked bool
	against bool
	own     bool // it stands for its theme
}

const (
	tfBits = 3
	maxTF  = 1<<tfBits - 1
)

// NewIndex returns an empty index; it takes some four megabytes.
func NewIndex() *Index {
	stop := newStopwords()
	x := &Index{ids: newNames(), vocab: newVocabulary(stop), grams: newRarity(), themes: newRegistry(),
		stop: stop, lexicon: newLexicon()}
	x.readers.New = func() any { return new(reader) }
	x.scratch.New = func() any { return new(scratch) }
	return x
}

// Len returns how many items the index holds.
func (x *Index) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.live
}

// reading is what an item gives away before a look at the index.
type reading struct {
	tokens []token
	title  int      // of these in the title
	han    bool     // it is Chinese
	words  []string // of a Chinese one
	says   bool     // it names something
	grams  []uint32 // hashes of its n-grams
	vector squeezed
}

// reader reads some items after each other. Its bag stays in the processor's cache,
// which one for each item would not.
type reader struct {
	bag  bag
	read [putAtOnce]reading
}

// readItem reads an item into r, with an empty bag or a used one.
func (x *Index) readItem(it *Item, r *reading, b *bag) {
	r.tokens = appendTokens(r.tokens[:0], it.Title, maxTokens, false)
	r.title = len(r.tokens)
	r.tokens = appendTokens(r.tokens, it.Text, maxTokens, false)
	if r.han, r.words = chineseTokens(r.tokens), nil; r.han && x.dictionary != nil {
		r.words = x.dictionary.Segment(spell(r.tokens))
	}
	r.says = x.stop.says(r.tokens)
	b.read(nil, r.tokens, r.title)
	r.grams = b.hashes(r.grams[:0])
	r.vector.squeeze(it.Vector)
}

// putAtOnce is how many items are filed under one lock: two who put wait for each
// other seldom, and who matches waits for none longer than a millisecond.
const putAtOnce = 16

// Put adds items, or replaces those with their ids. What needs no look at the
// index is done before it is locked, so that two may put at the same time.
func (x *Index) Put(items ...Item) {
	r := x.readers.Get().(*reader)
	defer x.readers.Put(r)
	for some := range slices.Chunk(items, putAtOnce) {
		for i := range some {
			x.readItem(&some[i], &r.read[i], &r.bag)
		}
		x.mu.Lock()
		for i := range some {
			x.put(&some[i], &r.read[i])
		}
		x.mu.Unlock()
	}
}

// put adds an item that was read.
func (x *Index) put(it *Item, r *reading) {
	x.remove(it.ID)
	theme := uint32(unassigned) // of what names nothing, wherever somebody put it
	if r.says {
		theme = x.themes.number(it.Theme)
	}
	if theme != unassigned {
		x.themes.themes[theme].public = it.Public
	}
	x.themes.at(theme).items++
	n := uint32(len(x.docs))
	stored, at := x.tokens.take(len(r.tokens))
	d := doc{at: at, theme: theme, n: uint16(len(stored)), title: uint16(r.title), han: r.han,
		unasked: it.Unasked, against: it.Against && theme != unassigned, own: theme != unassigned && strings.HasPrefix(it.ID, it.Theme)}
	x.number(stored, r.tokens)
	x.keepMeanings(&d, r.words)
	d.length = uint16(x.file(n, stored, r.title))
	x.docs = append(x.docs, d)
	x.vectors.put(n, &r.vector)
	x.ids.add(n, it.ID)
	x.live++
	x.lengths += int(d.length)
	x.grams.learn(r.grams, 1)
}

// number writes tokens as numbers into out.
func (x *Index) number(out []uint32, tokens []token) {
	for i, t := range tokens {
		switch {
		case t.word != "":
			out[i] = x.vocab.word(t.word)
		case t.joined:
			out[i] = uint32(t.char) | charBit | joinBit
		default:
			out[i] = uint32(t.char) | charBit
		}
	}
}

// file adds document n to the postings of its terms and returns how many.
func (x *Index) file(n uint32, tokens []uint32, title int) int {
	terms, last := x.terms[:0], rune(0)
	for i, t := range tokens {
		from := len(terms)
		if t&charBit == 0 {
			terms = append(terms, x.vocab.words[t].term)
		} else {
			r := rune(t & runeSet)
			terms = append(terms, x.vocab.pair(r, 0))
			if t&joinBit != 0 {
				terms = append(terms, x.vocab.pair(last, r))
			}
			last = r
		}
		if i < title {
			terms = append(terms, terms[from:]...)
		}
	}
	for int(x.vocab.terms) > len(x.post) {
		x.post = append(x.post, nil)
	}
	slices.Sort(terms)
	x.terms = terms
	count := 0
	for i := 0; i < len(terms); count++ {
		term, from := terms[i], i
		for i < len(terms) && terms[i] == term {
			i++
		}
		x.post[term] = append(x.post[term], n<<tfBits|uint32(min(i-from, maxTF)))
	}
	return count
}

// Remove takes an item out; unknown ids are ignored.
func (x *Index) Remove(id string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.remove(id)
}

func (x *Index) remove(id string) {
	n, ok := x.ids.find(id)
	if !ok {
		return
	}
	d := &x.docs[n]
	x.bag.fill(x.vocab, x.tokens.at(d.at, int(d.n)), int(d.title))
	x.grams.learn(x.bag.hashes(nil), -1)
	x.dropMeanings(d)
	x.themes.at(d.theme).items--
	x.live--
	x.lengths -= int(d.length)
	x.ids.drop(id, n)
	d.dead = true
	if dead := len(x.docs) - x.live; dead > 1000 && dead > x.live/2 {
		x.compact()
	}
}

// SetTheme moves an item to another theme, or to none; unknown ids are ignored.
func (x *Index) SetTheme(id, theme string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if n, ok := x.ids.find(id); ok {
		x.move(n, x.themes.number(theme))
	}
}

func (x *Index) move(n, theme uint32) {
	x.themes.at(x.docs[n].theme).items--
	x.docs[n].theme = theme
	x.themes.at(theme).items++
}

// Retheme gives all items of a theme to another, as a merge does. The other's
// publicity holds. To "" unassigns them.
func (x *Index) Retheme(from, to string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if to == "" {
		t, ok := x.themes.byName[from]
		for n := range x.docs {
			if d := &x.docs[n]; ok && !d.dead && x.themes.root(d.theme) == t {
				x.move(uint32(n), unassigned)
			}
		}
	}
	x.themes.rename(from, to)
}

// SetPublic says whether a theme is published; unknown themes are ignored.
func (x *Index) SetPublic(theme string, public bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.themes.setPublic(theme, public)
}

// SetVector gives an item the vector of its meaning; unknown ids are ignored.
func (x *Index) SetVector(id string, vec []float32) {
	var q squeezed
	q.squeeze(vec)
	x.scanning.Lock()
	defer x.scanning.Unlock()
	x.mu.Lock()
	defer x.mu.Unlock()
	if n, ok := x.ids.find(id); ok {
		x.vectors.put(n, &q)
	}
}
