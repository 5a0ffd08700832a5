package dedup

import "math"

// maxGrams bounds the character n-grams compared of one text. The title comes
// first, so what is left out is the end of a long body.
const maxGrams = 768

const (
	wordMin, wordMax = 3, 4 // letters, inside a word with its ends marked
	charMin, charMax = 1, 2 // characters of a script without spaces
)

func gramHash(rs []rune) uint32 {
	h := uint32(len(rs)) * 0x9e3779b1
	for _, r := range rs {
		h = (h ^ uint32(r)) * 0x85ebca6b
		h ^= h >> 15
	}
	return h
}

func padded(w string) []rune {
	rs := make([]rune, 0, maxWord+2)
	rs = append(rs, '_')
	for _, r := range w {
		rs = append(rs, r)
	}
	return append(rs, '_')
}

// bag counts the n-grams of one text. It is a fixed open-addressing table, for
// it is filled again for each of some sixty candidates of every match.
type bag struct {
	slot [bagSize]bagSlot
	used []uint16
	gen  uint32
	mass float64 // of all n-grams
}

type bagSlot struct {
	hash, gen uint32
	count     float32 // occurrences
	mass      float32 // 1, or filler in words that carry no subject
	weight    float32 // by weigh
}

// filler is how much n-grams of stop words count. A young index cannot tell
// from its few texts that "how do I" says nothing.
const filler = .5

const bagSize = 2048 // power of two, over twice maxGrams

func (b *bag) reset() {
	b.used, b.mass = b.used[:0], 0
	if b.gen++; b.gen == 0 {
		b.slot, b.gen = [bagSize]bagSlot{}, 1
	}
}

func (b *bag) full() bool { return len(b.used) >= maxGrams }

func (b *bag) add(h uint32, count, mass float32) {
	for i := h & (bagSize - 1); ; i = (i + 1) & (bagSize - 1) {
		s := &b.slot[i]
		if s.gen != b.gen {
			if !b.full() {
				*s = bagSlot{hash: h, gen: b.gen, count: count, mass: mass}
				b.used = append(b.used, uint16(i))
				b.mass += float64(mass)
			}
			return
		}
		if s.hash == h {
			s.count += count
			if mass > s.mass {
				b.mass += float64(mass - s.mass)
				s.mass = mass
			}
			return
		}
	}
}

func (b *bag) find(h uint32) *bagSlot {
	for i := h & (bagSize - 1); ; i = (i + 1) & (bagSize - 1) {
		s := &b.slot[i]
		if s.gen != b.gen {
			return nil
		}
		if s.hash == h {
			return s
		}
	}
}

// hashes appends the hash of each n-gram to out.
func (b *bag) hashes(out []uint32) []uint32 {
	for _, i := range b.used {
		out = append(out, b.slot[i].hash)
	}
	return out
}

func (b *bag) addWord(w string, count, mass float32) {
	var buf [maxWord + 4]rune
	rs := append(buf[:0], '_')
	for _, r := range w {
		rs = append(rs, r)
	}
	rs = append(rs, '_')
	for n := wordMin; n <= wordMax; n++ {
		for i := 0; i+n <= len(rs); i++ {
			b.add(gramHash(rs[i:i+n]), count, mass)
		}
	}
}

// addChars adds the n-grams that end at the last of rs.
func (b *bag) addChars(stop *stopwords, rs []rune, count float32) {
	for n := charMin; n <= min(charMax, len(rs)); n++ {
		g := rs[len(rs)-n:]
		mass := float32(1)
		if stop != nil {
			mass = stop.chineseMass(g)
		}
		b.add(gramHash(g), count, mass)
	}
}

// read counts the n-grams of tokens; the first title of them count double. Without
// stop all weigh the same, which is enough for their hashes.
func (b *bag) read(stop *stopwords, tokens []token, title int) {
	b.reset()
	var run []rune
	for i, k := range tokens {
		if b.full() {
			return
		}
		count := float32(1)
		if i < title {
			count = 2
		}
		if k.word != "" {
			mass := float32(1)
			if stop != nil {
				mass = stop.mass(k.word)
			}
			b.addWord(k.word, count, mass)
			continue
		}
		if !k.joined {
			run = run[:0]
		}
		run = append(run, k.char)
		b.addChars(stop, run[max(0, len(run)-charMax):], count)
	}
}

// fill counts the n-grams of stored tokens; the first title of them count
// double.
func (b *bag) fill(v *vocabulary, tokens []uint32, title int) {
	b.reset()
	var run [charMax]rune
	n := 0
	for i, t := range tokens {
		if b.full() {
			return
		}
		count := float32(1)
		if i < title {
			count = 2
		}
		if t&charBit == 0 {
			b.addWord(v.words[t].text, count, v.words[t].mass)
			continue
		}
		if t&joinBit == 0 {
			n = 0
		}
		if n == charMax {
			copy(run[:], run[1:])
			n--
		}
		run[n] = rune(t & runeSet)
		n++
		b.addChars(v.stop, run[:n], count)
	}
}

// rarity counts in how many texts an n-gram occurs. Counts live in a table of
// fixed size indexed by hash: a collision only makes an n-gram look commoner.
type rarity struct {
	count []uint32
	logs  []float32 // ln(i+1)
	texts int
}

const (
	rarityBits = 20
	maxLogs    = 4096
	leastIDF   = .1 // collisions may count an n-gram more often than there are texts
)

func newRarity() *rarity {
	r := &rarity{count: make([]uint32, 1<<rarityBits), logs: make([]float32, maxLogs)}
	for i := range r.logs {
		r.logs[i] = float32(math.Log(float64(i + 1)))
	}
	return r
}

// learn counts a text's n-grams in (by is 1) or out again (by is −1).
func (r *rarity) learn(grams []uint32, by int) {
	r.texts += by
	for _, h := range grams {
		r.count[h>>(32-rarityBits)] += uint32(by)
	}
}

func (r *rarity) log(n uint32) float32 {
	if n < maxLogs {
		return r.logs[n]
	}
	return float32(math.Log(float64(n) + 1))
}

// weigh gives each n-gram its weight (1 + ln count) · idf and returns the
// length of the weighted vector.
func (r *rarity) weigh(b *bag) float32 {
	all, sum := r.log(uint32(r.texts))+1, float32(0)
	for _, i := range b.used {
		s := &b.slot[i]
		s.weight = s.mass * (1 + r.log(uint32(s.count)-1)) * max(leastIDF, all-r.log(r.count[s.hash>>(32-rarityBits)]))
		sum += s.weight * s.weight
	}
	return float32(math.Sqrt(float64(sum)))
}

// likely is what speaks for two texts saying the same. The meaning of the words
// (encoder cosine) is a further part once there is an encoder.
type likely struct {
	jaccard float64 // of their n-grams
	cosine  float64 // of the n-grams' weights; of the English words across languages
	meaning float64 // cosine of their vectors
	covered float64 // share of the query's weight that the item has too; not part of s
	shared  float64 // ln(1 + mass of the n-grams both have); not part of s
}

// s is the item's score, 0 to 1.5: jaccard + cosine/2 for short queries. The
// longer the query (length is 0 to 1), the more only the cosine tells: two
// people who describe one fault at length share few n-grams, but rare ones.
func (l likely) s(length float64) float64 {
	return l.jaccard*(1-length) + l.cosine*(.5+length)
}

// How much the cosine of two texts' vectors counts beside their words: the more
// a text says, the more its words tell.
const shortMeaning, longMeaning = 1.5, .75

// acrossWords is how much the words of another language count.
const acrossWords = .75

const shortText, longText = 120, 320 // distinct n-grams

// length is 0 for a bag of a sentence or two, 1 for one of a long body.
func (b *bag) length() float64 {
	return min(1, max(0, float64(len(b.used)-shortText)/(longText-shortText)))
}

// likeness compares two bags of the given lengths. Both must have been weighed.
func likeness(q, item *bag, qNorm, itemNorm float32) likely {
	both, dot, covered := 0.0, float32(0), float32(0)
	for _, i := range item.used {
		s := &item.slot[i]
		if o := q.find(s.hash); o != nil {
			both += float64(min(s.mass, o.mass))
			dot += s.weight * o.weight
			covered += o.weight * o.weight
		}
	}
	if both == 0 {
		return likely{}
	}
	return likely{
		jaccard: both / (q.mass + item.mass - both),
		cosine:  float64(dot) / float64(qNorm*itemNorm),
		covered: float64(covered) / float64(qNorm*qNorm),
		shared:  math.Log1p(both),
	}
}
