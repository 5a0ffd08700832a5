package chinese

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// MaxRunes is how many characters are read of one text.
const MaxRunes = 512

const (
	hanFirst, hanLast = 0x3400, 0x9fff // what counts as a Han character here, as in training
	maxWord           = 8              // characters of the longest word looked for
	maxUnpacked       = 64 << 20       // bytes of a dictionary; ours has 3 MB
)

// Dictionary knows some 99,000 simplified words and their English senses. It
// holds them as the one sorted text they were read as (3 MB) and two numbers
// for each word (0.8 MB): a string and a slice for each would take 20 MB.
type Dictionary struct {
	text       string   // lines: word TAB sense/sense/...
	words      []uint32 // where each word's line begins in text, words ascending
	first      []uint32 // by Han character: the number of the first word beginning with it or a later one
	second     []rune   // by word: its second character, 0 without one
	alone      []uint64 // bits by Han character: it is a word
	pairs      []uint64 // bits by hash: two characters that a word begins with
	simplified map[rune]rune
}

// Load reads the gzipped dictionary: a comment line, a line of pairs
// (traditional, simplified) and the words in ascending order, each at most once.
func Load(gz []byte) (*Dictionary, error) {
	z, err := gzip.NewReader(bytes.NewReader(gz))
	if err != nil {
		return nil, fmt.Errorf("chinese: dictionary: %w", err)
	}
	var b strings.Builder
	b.Grow(unpackedSize(gz))
	n, err := io.Copy(&b, io.LimitReader(z, maxUnpacked+1))
	if err != nil {
		return nil, fmt.Errorf("chinese: dictionary: %w", err)
	}
	if n > maxUnpacked {
		return nil, fmt.Errorf("chinese: dictionary of more than %d bytes", maxUnpacked)
	}
	d := &Dictionary{text: b.String()}
	if err := d.index(); err != nil {
		return nil, fmt.Errorf("chinese: dictionary: %w", err)
	}
	return d, nil
}

// unpackedSize is what the gzip trailer says, as far as it is believable: deflate
// packs at most 1,032 to one.
func unpackedSize(gz []byte) int {
	if len(gz) < 4 {
		return 0
	}
	t := gz[len(gz)-4:]
	n := int(t[0]) | int(t[1])<<8 | int(t[2])<<16 | int(t[3])<<24
	return max(0, min(n, maxUnpacked, 1032*len(gz)))
}

// index finds the lines of the text.
func (d *Dictionary) index() error {
	_, at := d.line(0)
	pairs, at := d.line(at)
	if err := d.readPairs(pairs); err != nil {
		return err
	}
	d.words = make([]uint32, 0, strings.Count(d.text[at:], "\n")+1)
	d.second = make([]rune, 0, cap(d.words))
	d.first = make([]uint32, 0, hanLast-hanFirst+2)
	d.alone = make([]uint64, (hanLast-hanFirst)/64+1)
	d.pairs = make([]uint64, 1<<pairBits/64)
	last := ""
	for at < len(d.text) {
		line, next := d.line(at)
		word, _, ok := strings.Cut(line, "\t")
		r, _ := utf8.DecodeRuneInString(word)
		if !ok || !isHan(r) || word <= last {
			return fmt.Errorf("word %d (%.20q after %.20q) is not in order", len(d.words), word, last)
		}
		for len(d.first) <= int(r-hanFirst) {
			d.first = append(d.first, uint32(len(d.words)))
		}
		d.words = append(d.words, uint32(at))
		if next, n := utf8.DecodeRuneInString(word[utf8.RuneLen(r):]); n > 0 {
			d.second = append(d.second, next)
			bit := pairBit(r, next)
			d.pairs[bit/64] |= 1 << (bit % 64)
		} else {
			d.second = append(d.second, 0)
			d.alone[(r-hanFirst)/64] |= 1 << ((r - hanFirst) % 64)
		}
		last, at = word, next
	}
	for len(d.first) < hanLast-hanFirst+2 {
		d.first = append(d.first, uint32(len(d.words)))
	}
	return nil
}

// line returns the line at a byte of the text and where the next one begins.
func (d *Dictionary) line(at int) (string, int) {
	if n := strings.IndexByte(d.text[at:], '\n'); n >= 0 {
		return d.text[at : at+n], at + n + 1
	}
	return d.text[at:], len(d.text)
}

func (d *Dictionary) readPairs(line string) error {
	n := utf8.RuneCountInString(line)
	if n%2 != 0 {
		return errors.New("a traditional character without a simplified one")
	}
	d.simplified = make(map[rune]rune, n/2)
	from := rune(-1)
	for _, r := range line {
		if from < 0 {
			from = r
			continue
		}
		d.simplified[from] = r
		from = -1
	}
	return nil
}

// SimplifyRune returns the simplified form of a character, or the character.
func (d *Dictionary) SimplifyRune(r rune) rune {
	if r < hanFirst { // spares most texts the map
		return r
	}
	if s, ok := d.simplified[r]; ok {
		return s
	}
	return r
}

// Simplify writes traditional characters as simplified ones. Invalid UTF-8
// becomes U+FFFD where anything changes.
func (d *Dictionary) Simplify(text string) string { return strings.Map(d.SimplifyRune, text) }

// Senses returns the short English meanings of a simplified word, the commonest
// first, or nil.
func (d *Dictionary) Senses(word string) []string {
	if s := d.senses(word); s != "" {
		return strings.Split(s, "/")
	}
	return nil
}

// senses returns the meanings of a word with slashes between.
func (d *Dictionary) senses(word string) string {
	r, _ := utf8.DecodeRuneInString(word)
	lo, hi := d.beginning(r)
	lo, hi = d.narrow(lo, hi, word)
	if lo == hi || !d.is(lo, word) {
		return ""
	}
	line, _ := d.line(int(d.words[lo]))
	return line[len(word)+1:]
}

// beginning returns the range of words that begin with the character.
func (d *Dictionary) beginning(r rune) (lo, hi int) {
	if !isHan(r) {
		return 0, 0
	}
	return int(d.first[r-hanFirst]), int(d.first[r-hanFirst+1])
}

// beginningPair returns the range of words that begin with the two characters.
func (d *Dictionary) beginningPair(a, b rune) (lo, hi int) {
	lo, hi = d.beginning(a)
	from, _ := slices.BinarySearch(d.second[lo:hi], b)
	n, _ := slices.BinarySearch(d.second[lo+from:hi], b+1)
	return lo + from, lo + from + n
}

// pairBits is the logarithm of how many bits tell of pairs: for our 60,000 one in
// eighteen that begin no word is taken for one that may.
const pairBits = 20

func pairBit(a, b rune) uint32 {
	return (uint32(a)*0x9e3779b1 ^ uint32(b)*0x85ebca6b) * 0xc2b2ae35 >> (32 - pairBits)
}

// stands reports whether a Han character is a word.
func (d *Dictionary) stands(r rune) bool {
	return d.alone[(r-hanFirst)/64]>>((r-hanFirst)%64)&1 != 0
}

// begins reports whether a word may begin with two characters.
func (d *Dictionary) begins(a, b rune) bool {
	bit := pairBit(a, b)
	return d.pairs[bit/64]>>(bit%64)&1 != 0
}

// narrow returns the words in [lo, hi) that begin with prefix; the word itself,
// if there is one, is the first of them.
func (d *Dictionary) narrow(lo, hi int, prefix string) (int, int) {
	lo += sort.Search(hi-lo, func(i int) bool { return d.after(lo+i) >= prefix })
	far := 1 // few words begin alike: the last of them is near
	for lo+far <= hi && strings.HasPrefix(d.after(lo+far-1), prefix) {
		far *= 2
	}
	from := lo + far/2
	n := sort.Search(min(hi, lo+far-1)-from, func(i int) bool { return !strings.HasPrefix(d.after(from+i), prefix) })
	return lo, from + n
}

// after returns the text from a word on. As a tab sorts before every Han
// character, comparing it with a word compares the words.
func (d *Dictionary) after(i int) string { return d.text[d.words[i]:] }

// is reports whether word i, which begins with w, is w.
func (d *Dictionary) is(i int, w string) bool { return d.text[int(d.words[i])+len(w)] == '\t' }

func isHan(r rune) bool { return r >= hanFirst && r <= hanLast }
