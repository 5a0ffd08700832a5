package redact

import "unicode/utf8"

// maxGlue is the longest stretch, in bytes of the view, that may lie between two
// words of a phrase; of one character over and over only the first counts: tables are padded
// and ruled, paragraphs are not part of one.
const maxGlue = 64

// far tells whether a stretch is too long to lie between two words.
func far(s string) bool {
	if len(s) <= maxGlue {
		return false
	}
	n, last := 0, rune(-1)
	for _, r := range s {
		if r != last {
			n += utf8.RuneLen(r)
		}
		last = r
		if n > maxGlue {
			return true
		}
	}
	return false
}

// glue is what lies between two words.
type glue uint8

const (
	glueNone glue = iota
	glueSpace
	gluePunct
	glueLine
	glueNumber
	glueAnd // in English, before the last word only
)

func classify(s string) (g glue, one bool) {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case isDigit(c):
			one = one || c == '1' && (i+1 == len(s) || !isDigit(s[i+1])) && (i == 0 || !isDigit(s[i-1]) || s[i-1] == '0')
			g = max(g, glueNumber)
		case c == '\n' || c == '\r':
			g = max(g, glueLine)
		case c == ' ' || c == '\t':
			g = max(g, glueSpace)
		default:
			g = max(g, gluePunct)
		}
	}
	return g, one
}

// apart tells whether something stands between every two words that prose would
// not put there.
func apart(l *wordList, words []phraseWord) bool {
	usual := glueSpace
	if l.han {
		usual = glueNone
	}
	for _, w := range words[1:] {
		if w.glue <= usual {
			return false
		}
	}
	return true
}

// periodic tells phrases of one byte repeated, as in manuals: 88 bits are eight
// words. Some of them are made of the commonest words; prose never repeats so.
func periodic(words []phraseWord) bool {
	for i := 8; i < len(words)-1; i++ {
		if words[i].index != words[i-8].index {
			return false
		}
	}
	return true
}

// regular tells whether the words stand in groups of one size, the last perhaps
// smaller, as people write phrases; the clauses of a sentence differ in length.
func regular(words []phraseWord) bool {
	size, n := 0, 1
	for i := 1; i < len(words); i++ {
		if words[i].glue == words[1].glue {
			n++
			continue
		}
		if size == 0 {
			size = n
		}
		if n != size {
			return false
		}
		n = 1
	}
	return size == 0 || n <= size
}
