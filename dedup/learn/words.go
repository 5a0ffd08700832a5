package learn

import "slices"

// maxTokens bounds what is read of one text.
const maxTokens = 64

// Words is a text as the model reads it: what tokens it holds, and which stand
// side by side, as sorted hashes. Make it once for each text of a match.
type Words struct {
	one, two []uint32
}

// NewWords reads the tokens of a text in their order: words in lower case,
// stemmed or not, as long as it is always the same; of scripts without spaces,
// single characters. Tokens after the first maxTokens are not read.
func NewWords(tokens []string) Words {
	var w Words
	w.Read(tokens)
	return w
}

// Read makes w the words of another text in the memory it has.
func (w *Words) Read(tokens []string) {
	tokens = tokens[:min(len(tokens), maxTokens)]
	w.one, w.two = slices.Grow(w.one[:0], len(tokens)), slices.Grow(w.two[:0], len(tokens))
	for i, t := range tokens {
		w.one = append(w.one, hash(t))
		if i > 0 {
			w.two = append(w.two, mix(w.one[i-1]*0x9e3779b1+w.one[i]))
		}
	}
	w.one, w.two = distinct(w.one), distinct(w.two)
}

func distinct(h []uint32) []uint32 {
	slices.Sort(h)
	return slices.Compact(h)
}

// hash is FNV-1a, mixed: the last letter of a word must move all bits.
func hash(token string) uint32 {
	h := uint32(2166136261)
	for i := range len(token) {
		h = (h ^ uint32(token[i])) * 16777619
	}
	return mix(h)
}

func mix(h uint32) uint32 {
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	return h ^ h>>16
}
