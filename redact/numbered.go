package redact

import (
	"unicode"
	"unicode/utf8"
)

// cell is the word behind a number.
type cell struct {
	phraseWord
	number int
	alone  bool // nothing but numbering until the next number
}

// findNumbered finds phrases each of whose words stands right behind its number, whatever
// is said beside it – "5. quarter (I think)", a translation, "1/24" – and in whatever order
// the numbers come.
func findNumbered(l *wordList) func(*view) []hit {
	return func(v *view) (hits []hit) {
		for _, cells := range l.lists(v) {
			words := phraseWords(cells, func(c cell) phraseWord { return c.phraseWord })
			if distinct(words) && l.phrase(words) {
				hits = append(hits, spanOf(words, l.join(words)))
			}
		}
		return hits
	}
}

// findNearNumbered finds lists that are none by their checksum; most words stand alone.
func findNearNumbered(l *wordList) func(*view) []hit {
	return func(v *view) (hits []hit) {
		for _, cells := range l.lists(v) {
			alone := 0
			for _, c := range cells {
				if c.alone {
					alone++
				}
			}
			words := phraseWords(cells, func(c cell) phraseWord { return c.phraseWord })
			if 3*alone >= 2*len(cells) && distinct(words) && l.strange(words) {
				hits = append(hits, spanOf(words, ""))
			}
		}
		return hits
	}
}

// lists are the words behind the numbers 1 to the length of a phrase, sorted by them. Where
// 1 comes again another list begins.
func (l *wordList) lists(v *view) (all [][]cell) {
	items := v.framed()
	var list [maxWords + 1]cell
	n := 0
	flush := func() {
		whole := n
		for ; n > 0 && list[n].number == n; n-- {
		}
		if n == 0 && isPhraseLength(whole) {
			all = append(all, append([]cell{}, list[1:whole+1]...))
		}
		list, n = [maxWords + 1]cell{}, 0
	}
	for i, t := range items {
		if t.kind == itemBarrier {
			flush()
		}
		if t.kind != itemNumeral || t.number == 0 || t.number > maxWords {
			continue
		}
		c, ok := l.cellAt(v.lower, items, i)
		if !ok {
			continue
		}
		if t.number == 1 && list[1].number == 1 {
			flush()
		}
		if list[t.number].number == 0 {
			list[t.number] = c
			n = max(n, t.number)
		}
	}
	flush()
	return all
}

// cellAt reads the cell behind the numeral at i.
func (l *wordList) cellAt(s string, items []item, i int) (c cell, ok bool) {
	if i > 0 && slashed(s, items, i-1) { // the 24 of "1/24"
		return c, false
	}
	j := i + 1
	for j < len(items) && (items[j].kind == itemFrame || items[j].kind == itemSame || slashed(s, items, j-1)) {
		j++
	}
	if j == len(items) || items[j].kind != itemLetters || far(s[items[i].end:items[j].start]) {
		return c, false
	}
	t := items[j]
	index, ok := l.lookup(s[t.start:t.end])
	if r, _ := utf8.DecodeRuneInString(s[t.end:]); !ok || l.han && unicode.Is(unicode.Han, r) {
		return c, false // a Chinese sentence begins with a character of the list as well
	}
	for j++; j < len(items) && (items[j].kind == itemFrame || items[j].kind == itemSame); j++ {
	}
	alone := j == len(items) || items[j].kind == itemNumeral
	return cell{phraseWord{index: index, start: t.start, end: t.end, glue: glueNumber}, items[i].number, alone}, true
}

// slashed tells whether a slash alone stands between a numeral and the next one.
func slashed(s string, items []item, i int) bool {
	return i+1 < len(items) && items[i].kind == itemNumeral && items[i+1].kind == itemNumeral && s[items[i].end:items[i+1].start] == "/"
}

// spanOf covers words in whatever order they stand.
func spanOf(words []phraseWord, secret string) hit {
	h := hit{start: words[0].start, end: words[0].end, secret: secret}
	for _, w := range words {
		h.start, h.end = min(h.start, w.start), max(h.end, w.end)
	}
	return h
}
