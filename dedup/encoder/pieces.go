package encoder

import (
	"math"
	"slices"
	"unicode"
	"unicode/utf8"
)

const (
	maxPieces = 128 // of one text
	space     = "▁" // U+2581, how pieces write the space before a word
	unknown   = -20 // worth of a character that no piece has
	unreached = -math.MaxFloat64
)

// path is the scratch of one cut.
type path struct {
	text []byte
	best []float64 // by byte: worth of the best way here
	last []int32   // the piece it ends with
	from []int32   // where that piece begins
	ids  []int32
}

// cut returns the numbers of the likeliest pieces of a text, at least one and at
// most maxPieces: the way through the text with the greatest sum of scores
// (Viterbi). A stretch of unknown characters is one piece, number 0. The result
// is overwritten by the next cut.
func (p *pieces) cut(w *path, text string) []int32 {
	w.read(text, p.limit)
	n := len(w.text)
	w.grow(n + 1)
	w.best[0] = 0
	for i := 0; i < n; {
		_, size := utf8.DecodeRune(w.text[i:])
		known := p.extend(w, i)
		if next := i + size; !known || w.best[next] == unreached {
			w.offer(next, w.best[i]+unknown, 0, i)
		}
		i += size
	}
	ids := w.ids[:0]
	for at := n; at > 0; at = int(w.from[at]) {
		if id := w.last[at]; id != 0 || len(ids) == 0 || ids[len(ids)-1] != 0 {
			ids = append(ids, id)
		}
	}
	slices.Reverse(ids)
	w.ids = ids
	return ids[:min(len(ids), maxPieces)]
}

// known is the share of a text's letters that stand in a piece of the vocabulary.
func (p *pieces) known(w *path, text string) float64 {
	p.cut(w, text)
	all, strange := 0, 0
	for at := len(w.text); at > 0; at = int(w.from[at]) {
		for _, r := range string(w.text[w.from[at]:at]) {
			if !unicode.IsLetter(r) {
				continue
			}
			all++
			if w.last[at] == 0 {
				strange++
			}
		}
	}
	if all == 0 {
		return 0
	}
	return 1 - float64(strange)/float64(all)
}

// extend offers every piece that begins at byte i to the place where it ends, and
// reports whether there is one.
func (p *pieces) extend(w *path, i int) bool {
	known := false
	for node, j := root, i; j < len(w.text); {
		if node = p.trie.next(node, w.text[j]); node < 0 {
			break
		}
		j++
		if id := p.trie.id[node]; id >= 0 {
			known = true
			w.offer(j, w.best[i]+p.score[id], id, i)
		}
	}
	return known
}

func (w *path) offer(at int, worth float64, piece int32, from int) {
	if worth >= w.best[at] {
		w.best[at], w.last[at], w.from[at] = worth, piece, int32(from)
	}
}

// read copies the text, at most limit characters of it: a space before the first
// word and between words, invalid UTF-8 as U+FFFD.
func (w *path) read(text string, limit int) {
	w.text = append(w.text[:0], space...)
	pending := false
	for _, r := range text {
		if unicode.IsSpace(r) {
			pending = len(w.text) > len(space)
			continue
		}
		if limit--; limit < 0 {
			return
		}
		if pending {
			w.text = append(w.text, space...)
			pending = false
		}
		w.text = utf8.AppendRune(w.text, r)
	}
}

// grow makes room for n places, none of them reached.
func (w *path) grow(n int) {
	if cap(w.best) < n {
		w.best, w.last, w.from = make([]float64, n), make([]int32, n), make([]int32, n)
	}
	w.best, w.last, w.from = w.best[:n], w.last[:n], w.from[:n]
	for i := range w.best {
		w.best[i] = unreached
	}
}
