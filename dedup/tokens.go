package dedup

import (
	"slices"
	"unicode/utf8"
)

const (
	maxTokens = 256  // read of one text; a Han character is one
	maxSource = 8192 // bytes read of one title or text
	maxWord   = 40   // characters of a word; more is noise
)

// token is a word, or one character of a script without spaces.
type token struct {
	word     string // folded; "" for a character
	char     rune
	joined   bool // char follows the previous token's char directly
	from, to int  // bytes in the source, where they are asked for
}

// tokenise cuts at most limit tokens from text, with their spans.
func tokenise(text string, limit int) []token { return appendTokens(nil, text, limit, true) }

// appendTokens appends the tokens of text to out, which grows to limit at most.
func appendTokens(out []token, text string, limit int, spans bool) []token {
	if len(text) > maxSource {
		text = text[:maxSource]
	}
	f := fold(text, spans)
	for _, c := range cuts(f.b) {
		for i := c.from; i < c.to; i++ {
			f.b[i] = ' '
		}
	}
	out = slices.Grow(out, min(limit-len(out), len(f.b)/3+1))
	folded := string(f.b) // of which words are pieces
	charEnd := -1         // where the last character token ended
	for i := 0; i < len(f.b) && len(out) < limit; {
		r, n := utf8.DecodeRune(f.b[i:])
		switch {
		case unspaced(r):
			from, to := f.span(i, i+n)
			out = append(out, token{char: r, joined: charEnd == i, from: from, to: to})
			charEnd = i + n
		case wordRune(r):
			end, next := wordEnd(f.b, i)
			from, to := f.span(i, end)
			out = append(out, token{word: folded[i:end], from: from, to: to})
			i = next
			continue
		}
		i += n
	}
	return out
}

// wordEnd returns where the word starting at i ends, and where to read on: a
// word longer than maxWord is cut short and its rest skipped.
func wordEnd(b []byte, i int) (end, next int) {
	count := 0
	for end = i; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if !wordRune(r) && !inner(b, i) {
			break
		}
		i += n
		if count++; count <= maxWord {
			end = i
		}
	}
	return end, i
}

// inner reports an apostrophe between letters, or a point or comma between
// digits: part of the word.
func inner(b []byte, i int) bool {
	if i == 0 || i+1 >= len(b) {
		return false
	}
	prev, next := b[i-1], b[i+1]
	switch b[i] {
	case '\'':
		return prev >= 'a' && prev <= 'z' && next >= 'a' && next <= 'z'
	case '.', ',':
		return prev >= '0' && prev <= '9' && next >= '0' && next <= '9'
	}
	return false
}

// Stored tokens are numbers: a word's number in the vocabulary, or a character
// with charBit, and joinBit when it follows the previous character directly.
const (
	charBit = 1 << 31
	joinBit = 1 << 30
	runeSet = 1<<21 - 1
)
