package redact

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// fewPart is how many words a part of a phrase has; after a colon one is enough.
const fewPart = 3

// part is a stretch of list words with the same between each two of them.
type part struct{ from, to int }

func (p part) size() int { return p.to - p.from }

// findParted finds phrases written in parts with something between these that is no word
// of the phrase: "First half: …", "Row two: …", "then:", "(continued)", "后六个：…".
func findParted(l *wordList) func(*view) []hit {
	return func(v *view) (hits []hit) {
		var run []phraseWord
		flush := func() {
			if len(run) >= minWords {
				hits = append(hits, l.parted(v, run)...)
			}
			run = run[:0]
		}
		for i := 0; i < len(v.lower); {
			start, end, letter := nextToken(v.lower, i)
			i = end
			if !letter {
				if v.lower[start] == barrier {
					flush()
				}
				continue
			}
			index, ok := l.lookup(v.lower[start:end])
			if !ok {
				continue
			}
			if len(run) > 0 && far(v.lower[run[len(run)-1].end:start]) {
				flush()
			}
			run = append(run, phraseWord{index: index, start: start, end: end, glue: gluePunct})
		}
		flush()
		return hits
	}
}

// parted looks for parts of one size, the last perhaps smaller, that follow each other and
// are a phrase together. A part that is one by itself, and parts with no label between any
// two, are found without this.
func (l *wordList) parted(v *view, run []phraseWord) (hits []hit) {
	parts := partsOf(v.lower, run)
	hits = l.tables(run, parts)
	parts = slices.DeleteFunc(parts, func(p part) bool { return isLabel(v.lower, run, p) })
	for i := range parts {
		if words := l.joined(v.lower, run, parts[i:]); words != nil {
			hits = append(hits, hit{start: words[0].start, end: words[len(words)-1].end, secret: l.join(words)})
		}
	}
	return hits
}

// joined are the words of the longest phrase that begins with the first part and goes on
// in the next ones, nil for none.
func (l *wordList) joined(s string, run []phraseWord, parts []part) (best []phraseWord) {
	first, last := parts[0], parts[0]
	words := slices.Clone(run[first.from:first.to])
	alone, labelled := isPhraseLength(first.size()) && checksum(words), false
	for n, next := range parts[1:] {
		if last.size() < first.size() || next.size() > first.size() || len(words) >= maxWords {
			break // only the last part is smaller
		}
		begin := run[next.from].start
		if alone && next.size() < first.size() && !colon(markBefore(s, begin)) {
			break
		}
		words = append(words, run[next.from:next.to]...)
		labelled = labelled || last.to < next.from || separator(s[run[next.from-1].end:begin]) >= sepColon
		// In Chinese, a part and a smaller one are too often a clause and another.
		halves := n == 0 && next.size() < first.size() && first.size() < minWords
		if labelled && !(l.han && halves) && l.phrase(words) {
			best = words
		}
		last = next
	}
	return best
}

// tables looks for phrases in columns that are read from top to bottom; in rows they are
// found without this.
func (l *wordList) tables(run []phraseWord, parts []part) (hits []hit) {
	for i := 0; i < len(parts); {
		columns, j := parts[i].size(), i+1
		for j < len(parts) && parts[j].size() == columns {
			j++
		}
		if j < len(parts) && parts[j].size() < columns { // the last row
			j++
		}
		first, end, rows := parts[i].from, parts[j-1].to, j-i
		i = j
		if columns < 2 || columns > 4 || rows < 3 || !isPhraseLength(end-first) {
			continue
		}
		words := make([]phraseWord, 0, maxWords)
		for c := range columns {
			for at := first + c; at < end; at += columns {
				words = append(words, run[at])
			}
		}
		if !checksum(run[first:end]) && l.phrase(words) {
			hits = append(hits, hit{start: run[first].start, end: run[end-1].end, secret: l.join(words)})
		}
	}
	return hits
}

// closed finds the phrases of a Chinese run before whose last word 和 stands, as at the
// end of a list.
func (l *wordList) closed(run []phraseWord) (hits []hit) {
	for i := minWords - 1; l.han && i+1 < len(run); i++ {
		if run[i].index == unknown || !strings.Contains("和与與及", l.words[run[i].index]) || run[i].glue != glueNone || run[i+1].glue != glueNone || run[i-1].glue == glueNone {
			continue
		}
		for n := minWords; n <= min(maxWords, i+1); n += 3 {
			words := append(slices.Clone(run[i-n+1:i]), run[i+1])
			if (i-n+1 == 0 || run[i-n+1].glue != run[i-n+2].glue) && l.phrase(words) {
				hits = append(hits, hit{start: words[0].start, end: words[n-1].end, secret: l.join(words)})
			}
		}
	}
	return hits
}

// The prose score up to which words that stand apart may be a phrase: 99.9 % of random
// phrases of twelve English words pass, 98.5 % of twelve Chinese characters.
const strangeEnglish, strangeHan = 1.5, -1.0

// phrase tells whether words are one and do not read like prose, wherever they stand.
func (l *wordList) phrase(words []phraseWord) bool {
	if !isPhraseLength(len(words)) || !checksum(words) {
		return false
	}
	l.weigh(words)
	score := 0.0
	for i := range words {
		score += prose(words, 0, i)
	}
	if l.han {
		return score <= strangeHan
	}
	return score <= strangeEnglish
}

// What stands between two list words, by how much it parts them.
const (
	sepSpace = iota
	sepComma // or a number
	sepLine
	sepStop
	sepColon
	sepText
)

// partsOf cuts a run where what is between two words parts them more than what is beside
// it, and always at a colon, a bracket or other words.
func partsOf(s string, run []phraseWord) (parts []part) {
	seps := make([]int, len(run)+1) // seps[i] is before word i
	for i := 1; i < len(run); i++ {
		seps[i] = separator(s[run[i-1].end:run[i].start])
	}
	cut := func(i int) bool {
		return i == len(run) || seps[i] >= sepColon || i > 1 && seps[i] > seps[i-1] || i+1 < len(run) && seps[i] > seps[i+1]
	}
	for from := 0; from < len(run); {
		to := from + 1
		for !cut(to) {
			to++
		}
		parts = append(parts, part{from, to})
		from = to
	}
	return parts
}

// partMarks may stand on either side of a part, as may the end of the text.
const partMarks = "\n:.;(),-"

// isLabel tells what is no part: what a colon follows, what is short and has none before
// it, and what stands in a line with other words.
func isLabel(s string, run []phraseWord, p part) bool {
	before, after := markBefore(s, run[p.from].start), strings.TrimLeft(s[run[p.to-1].end:], " \t")
	after = after[:min(1, len(after))]
	return colon(after) || p.size() < fewPart && !colon(before) || !strings.Contains(partMarks, before) || !strings.Contains(partMarks, after)
}

// markBefore is the character before a place, blanks aside, and a colon or a bracket before
// a line break.
func markBefore(s string, at int) string {
	s = strings.TrimRight(s[:at], " \t")
	if mark := strings.TrimRight(s, " \t\r\n"); colon(mark[max(0, len(mark)-1):]) {
		return ":"
	}
	return s[max(0, len(s)-1):]
}

func colon(s string) bool { return s == ":" }

func separator(s string) (sep int) {
	numbered := strings.ContainsAny(s, "0123456789")
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= utf8.RuneSelf, isLower(c):
			if r, _ := utf8.DecodeRuneInString(s[i:]); c < utf8.RuneSelf || unicode.IsLetter(r) {
				return sepText
			}
		case c == '\n':
			sep = max(sep, sepLine)
		case isSpace(c):
		case numbered, c == ',', c == '-', c == '"', c == '\'':
			sep = max(sep, sepComma)
		case c == ':', c == '=', c == '(':
			sep = max(sep, sepColon)
		default:
			sep = max(sep, sepStop)
		}
	}
	return sep
}
