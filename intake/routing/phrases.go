package routing

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/heedhq/heed/dedup"
)

// phrases finds many phrases in one walk through a text, whatever their number: at
// each place only those are compared that begin with the same three bytes.
type phrases struct {
	list  []phrase
	byKey map[[3]byte][]int
	known map[string]int
}

type phrase struct {
	text    []byte
	written string
	latin   bool // it begins as a word does
	ends    bool // its end must be a word's
}

// span is where a phrase stands first; to 0 is nowhere.
type span struct{ from, to int }

func newPhrases() *phrases { return &phrases{byKey: map[[3]byte][]int{}, known: map[string]int{}} }

// add names a phrase by number; false when nothing of it is left to look for.
func (p *phrases) add(s string) (int, bool) {
	written := strings.TrimSpace(s)
	if n, ok := p.known[written]; ok {
		return n, true
	}
	one := phrase{written: written}
	text := squeeze(dedup.Read(written)).b
	open := bytes.HasSuffix(text, []byte("*"))
	one.text = bytes.TrimSpace(bytes.TrimRight(text, "*"))
	if len(one.text) == 0 {
		return 0, false
	}
	first, _ := utf8.DecodeRune(one.text)
	last, _ := utf8.DecodeLastRune(one.text)
	one.latin, one.ends = dedup.IsWord(first), !open && dedup.IsWord(last)
	n := len(p.list)
	p.list = append(p.list, one)
	p.known[written] = n
	k := keyOf(one.text)
	p.byKey[k] = append(p.byKey[k], n)
	return n, true
}

// keyOf is the beginning of a phrase or of a place in a text; what is shorter is
// filled with zeros, which no folded text has.
func keyOf(b []byte) (k [3]byte) { copy(k[:], b); return k }

// find gives the first place of every phrase in the text, in bytes of the text.
func (p *phrases) find(text string) []span {
	hits := make([]span, len(p.list))
	if len(p.list) == 0 {
		return hits
	}
	r := dedup.Read(text)
	s := squeeze(r)
	inWord := false
	for i := 0; i < len(s.b); {
		c, n := utf8.DecodeRune(s.b[i:])
		word := dedup.IsWord(c)
		k := keyOf(s.b[i:])
		for {
			for _, x := range p.byKey[k] {
				if hits[x].to == 0 && p.list[x].at(s.b, i, inWord) {
					end := i + len(p.list[x].text)
					from, _ := r.Span(s.at[i], s.at[i]+1)
					_, to := r.Span(s.at[end-1], s.at[end-1]+1)
					hits[x] = span{from, to}
				}
			}
			if k[1] == 0 {
				break
			}
			if k[2] == 0 { // shorter phrases have shorter keys
				k[1] = 0
			}
			k[2] = 0
		}
		inWord = word
		i += n
	}
	return hits
}

// at reports whether the phrase stands at place i; inWord when a word's character is
// before it.
func (p *phrase) at(b []byte, i int, inWord bool) bool {
	if p.latin && inWord || !bytes.HasPrefix(b[i:], p.text) {
		return false
	}
	if !p.ends {
		return true
	}
	next, n := utf8.DecodeRune(b[i+len(p.text):])
	return n == 0 || !dedup.IsWord(next)
}

// squeezed is a folded text whose white space is one space between words and none
// beside what is written without; byte i of b is byte at[i] of the folded text.
type squeezed struct {
	b  []byte
	at []int
}

func squeeze(r dedup.Reading) squeezed {
	b := r.Bytes()
	s := squeezed{b: make([]byte, 0, len(b)), at: make([]int, 0, len(b))}
	var before rune
	gap := -1
	for i := 0; i < len(b); {
		c, n := utf8.DecodeRune(b[i:])
		if c == 0 || c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\v' || c == '\f' {
			if gap < 0 {
				gap = i
			}
			i += n
			continue
		}
		if gap >= 0 && before != 0 && !dedup.IsUnspaced(before) && !dedup.IsUnspaced(c) {
			s.b, s.at = append(s.b, ' '), append(s.at, gap)
		}
		for k := range n {
			s.b, s.at = append(s.b, b[i+k]), append(s.at, i+k)
		}
		before, gap, i = c, -1, i+n
	}
	return s
}

// Finds reports whether there is anything to look for in an entry of a rule.
func Finds(entry string) bool {
	_, ok := newPhrases().add(entry)
	return ok
}
