package encoder

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"
)

// controls is how many entries at the head of the vocabulary stand for no text.
// The first of them, number 0, is "unknown".
const controls = 6

// pieces cuts texts into pieces of the vocabulary.
type pieces struct {
	trie  trie
	score []float64 // by piece: log probability
	limit int       // characters read of one text
}

// readPieces reads the vocabulary for an embedding of so many rows.
func readPieces(vocab []byte, rows int) (*pieces, error) {
	var entries [][]any
	if err := json.Unmarshal(vocab, &entries); err != nil {
		return nil, err
	}
	if len(entries) <= controls || len(entries) > rows {
		return nil, fmt.Errorf("%d pieces, %d rows", len(entries), rows)
	}
	p := &pieces{score: make([]float64, len(entries))}
	named := make([]named, 0, len(entries))
	longest := 0
	for i, e := range entries {
		if len(e) != 2 {
			return nil, fmt.Errorf("piece %d is not a pair", i)
		}
		text, ok := e[0].(string)
		if !ok || text == "" || len(text) > 255 {
			return nil, fmt.Errorf("piece %d has no usable text", i)
		}
		score, ok := e[1].(float64)
		if e[1] != nil && !ok { // a few have no score; they count as certain, as in training
			return nil, fmt.Errorf("piece %d has a score that is no number", i)
		}
		p.score[i] = score
		if i >= controls {
			named = append(named, namedPiece(text, i))
			longest = max(longest, utf8.RuneCountInString(text))
		}
	}
	p.trie = newTrie(named)
	p.limit = maxPieces * longest
	return p, nil
}

// named is a piece's text and number.
type named struct {
	text string
	id   int32
}

func namedPiece(text string, id int) named { return named{text, int32(id)} }

// trie finds the pieces that begin at a place, byte by byte. The branches of node
// i are from[i] to from[i+1]; nodes are numbered breadth first, so the branch at
// k leads to node k+1.
type trie struct {
	from  []uint32
	label []byte  // by branch
	id    []int32 // by node: the piece that ends there, or -1
}

const root = 0

// newTrie builds the trie; of pieces with one text the last counts.
func newTrie(all []named) trie {
	slices.SortStableFunc(all, func(a, b named) int { return cmp.Compare(a.text, b.text) })
	t := trie{}
	type span struct{ lo, hi, depth int } // of pieces that share the way to a node
	queue := []span{{0, len(all), 0}}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		t.from = append(t.from, uint32(len(t.label)))
		id := int32(-1)
		for ; s.lo < s.hi && len(all[s.lo].text) == s.depth; s.lo++ {
			id = all[s.lo].id
		}
		t.id = append(t.id, id)
		for s.lo < s.hi {
			b, lo := all[s.lo].text[s.depth], s.lo
			for s.lo < s.hi && all[s.lo].text[s.depth] == b {
				s.lo++
			}
			t.label = append(t.label, b)
			queue = append(queue, span{lo, s.lo, s.depth + 1})
		}
	}
	t.from = append(t.from, uint32(len(t.label)))
	return t
}

// next returns the node that byte b leads to from node n, or -1.
func (t *trie) next(n int, b byte) int {
	from := int(t.from[n])
	if i := bytes.IndexByte(t.label[from:t.from[n+1]], b); i >= 0 {
		return from + i + 1
	}
	return -1
}
