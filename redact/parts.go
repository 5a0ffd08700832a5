package redact

import (
	"slices"
	"strings"
	"unicode"
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
	hits = l.tables(v.lower, run, parts)
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

// mostColumns is how many columns a table has that is read from top to bottom.
const mostColumns = 6

// tables looks for phrases in columns that are read from top to bottom; in rows they are
// found without this. Lines above and below may have as many words.
func (l *wordList) tables(s string, run []phraseWord, parts []part) (hits []hit) {
	for i := 0; i < len(parts); {
		columns, j := parts[i].size(), i+1
		for j < len(parts) && parts[j-1].size() == columns && parts[j].size() <= columns && separator(s[run[parts[j].from-1].end:run[parts[j].from].start]) == sepLine {
			j++
		}
		inRows := run[parts[i].from:parts[j-1].to]
		if columns >= 2 && columns <= mostColumns && !(isPhraseLength(len(inRows)) && checksum(inRows)) {
			hits = append(hits, l.tablesIn(s, run, parts[i:j], columns)...)
		}
		i = j
	}
	return hits
}

// tablesIn tries every stretch of rows, the longest first.
func (l *wordList) tablesIn(s string, run []phraseWord, rows []part, columns int) (hits []hit) {
	for from := 0; from < len(rows); from++ {
		for to := min(len(rows), from+maxWords/columns+1); to > from+1; to-- {
			first, end := rows[from].from, rows[to-1].to
			if !isPhraseLength(end-first) || !spaced(s, run[first:first+columns]) {
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
				break
			}
		}
	}
	return hits
}

// spaced tells whether there is room between the words of a row, as between columns.
func spaced(s string, row []phraseWord) bool {
	for i := 1; i < len(row); i++ {
		if !strings.ContainsAny(s[row[i-1].end:row[i].start], " \t|") {
			return false
		}
	}
	return true
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
	return l.strange(words)
}

// strange tells whether words do not read like prose.
func (l *wordList) strange(words []phraseWord) bool {
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
// it, and always at a colon, a bracket or other words; where numbering begins again, and
// where it ends.
func partsOf(s string, run []phraseWord) (parts []part) {
	seps, numbers := make([]int, len(run)+1), make([]int, len(run)+1) // of what is before word i; 0 for no number
	for i := 1; i < len(run); i++ {
		between := s[run[i-1].end:run[i].start]
		if seps[i] = separator(between); seps[i] < sepText {
			numbers[i] = numberIn(between)
		}
	}
	cut := func(i int) bool {
		return i == len(run) || seps[i] >= sepColon || i > 1 && seps[i] > seps[i-1] || i+1 < len(run) && seps[i] > seps[i+1] ||
			numbers[i] == 1 || numbers[i] == 0 && numbers[i-1] > 0
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

// numberIn is the first number in what is between two words, 0 for none.
func numberIn(s string) int {
	i := strings.IndexAny(s, "0123456789")
	if i < 0 {
		return 0
	}
	return max(1, small(s[i:runEnd(s, i, isDigit)]))
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

// markBefore is the character before a place, blanks and the marks of a quotation aside, and
// a colon before a line break; "are" and 是 say as much as a colon.
func markBefore(s string, at int) string {
	s = strings.TrimRight(s[:at], " \t")
	if quoted := strings.TrimRight(s, " \t>"); quoted != s && (quoted == "" || strings.HasSuffix(quoted, "\n")) {
		s = quoted
	}
	if mark := strings.TrimRight(s, " \t\r\n"); colon(mark[max(0, len(mark)-1):]) {
		return ":"
	}
	for _, word := range []string{" are", " is", "是", "为"} {
		if strings.HasSuffix(s, word) {
			return ":"
		}
	}
	return s[max(0, len(s)-1):]
}

func colon(s string) bool { return s == ":" }

// separator tells how much what is between two words parts them. A number and what goes
// with it part no more than a comma.
func separator(s string) (sep int) {
	if i := strings.IndexAny(s, "0123456789"); i >= 0 {
		if strings.ContainsFunc(s[i:], unicode.IsLetter) {
			return sepText
		}
		s, sep = strings.TrimRight(s[:i], " \t([#."), sepComma
	}
	for i, r := range s {
		switch {
		case unicode.IsLetter(r):
			return sepText
		case r == '\n':
			sep = max(sep, sepLine)
		case r == ' ', r == '\t', r == '\r':
		case r == ',', r == '-', r == '"', r == '\'', r == '>' && strings.TrimSpace(s[:i]) == "":
			sep = max(sep, sepComma)
		case r == ':', r == '=', r == '(':
			sep = max(sep, sepColon)
		default:
			sep = max(sep, sepStop)
		}
	}
	return sep
}
