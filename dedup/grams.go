package dedup

import "math"

// maxGrams bounds the character n-grams compared of one text. The title comes
// first, so what is left out is the end of a long body.
const maxGrams = 768

const (
	wordMin, wordMax = 3, 5 // letters, inside a word with its ends marked
	charMin, charMax = 1, 3 // characters of a script without spaces
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
}

type bagSlot struct {
	hash, gen uint32
	count     float32
	weight    float32
}

const bagSize = 2048 // power of two, over twice maxGrams

func (b *bag) reset() {
	b.used = b.used[:0]
	if b.gen++; b.gen == 0 {
		b.slot, b.gen = [bagSize]bagSlot{}, 1
	}
}

func (b *bag) full() bool { return len(b.used) >= maxGrams }

func (b *bag) add(h uint32, count float32) {
	for i := h & (bagSize - 1); ; i = (i + 1) & (bagSize - 1) {
		s := &b.slot[i]
		if s.gen != b.gen {
			if !b.full() {
				*s = bagSlot{hash: h, gen: b.gen, count: count}
				b.used = append(b.used, uint16(i))
			}
			return
		}
		if s.hash == h {
			s.count += count
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

func (b *bag) addWord(w string, count float32) {
	var buf [maxWord + 4]rune
	rs := append(buf[:0], '_')
	for _, r := range w {
		rs = append(rs, r)
	}
	rs = append(rs, '_')
	for n := wordMin; n <= wordMax; n++ {
		for i := 0; i+n <= len(rs); i++ {
			b.add(gramHash(rs[i:i+n]), count)
		}
	}
}

// addChars adds the n-grams that end at the last of rs.
func (b *bag) addChars(rs []rune, count float32) {
	for n := charMin; n <= min(charMax, len(rs)); n++ {
		b.add(gramHash(rs[len(rs)-n:]), count)
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
			b.addWord(v.words[t].text, count)
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
		b.addChars(run[:n], count)
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
)

func newRarity() *rarity {
	r := &rarity{count: make([]uint32, 1<<rarityBits), logs: make([]float32, maxLogs)}
	for i := range r.logs {
		r.logs[i] = float32(math.Log(float64(i + 1)))
	}
	return r
}

// learn counts a text's n-grams in (by is 1) or out again (by is −1).
func (r *rarity) learn(b *bag, by int) {
	r.texts += by
	for _, i := range b.used {
		r.count[b.slot[i].hash>>(32-rarityBits)] += uint32(by)
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
		s.weight = (1 + r.log(uint32(s.count)-1)) * (all - r.log(r.count[s.hash>>(32-rarityBits)]))
		sum += s.weight * s.weight
	}
	return float32(math.Sqrt(float64(sum)))
}

// likeness is what the texts of two bags have in common: their Jaccard overlap
// and the cosine of their weights. Both must have been weighed.
func likeness(q, item *bag, qNorm, itemNorm float32) (jaccard, cosine float64) {
	both, dot := 0, float32(0)
	for _, i := range item.used {
		s := &item.slot[i]
		if o := q.find(s.hash); o != nil {
			both++
			dot += s.weight * o.weight
		}
	}
	if both == 0 {
		return 0, 0
	}
	return float64(both) / float64(len(q.used)+len(item.used)-both), float64(dot) / max(float64(qNorm)*float64(itemNorm), 1e-9)
}
