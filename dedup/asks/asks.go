package asks

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Most is how many parts a message has at most; what comes after is left to who
// reads it.
const Most = 4

// Span is a part of a text, the bytes [Start,End). Apart: its author set it apart
// from what was said before, as a point of a list or by "also".
type Span struct {
	Start, End int
	Apart      bool
}

// Split returns the parts in which the text may ask for different things, in
// their order; nil when it is one.
func Split(text string) []Span {
	if !utf8.ValidString(text) || hasCode(text) {
		return nil
	}
	pieces := sentences(text)
	for _, way := range []func(string, []piece) []Span{byMark, byLine, bySentence} {
		if spans := way(text, pieces); len(spans) > 1 {
			return spans[:min(len(spans), Most)]
		}
	}
	return nil
}

// byMark makes a part of what begins with a mark, with all up to the next. What
// stands before the first is a part when it says something.
func byMark(text string, pieces []piece) (out []Span) {
	marks := 0
	for _, p := range pieces {
		switch {
		case p.mark != none || len(out) == 0:
			out = append(out, Span{p.start, p.end, p.mark != none})
			if p.mark != none {
				marks++
			}
		default:
			out[len(out)-1].End = p.end
		}
	}
	if marks == 0 {
		return nil
	}
	return telling(text, out)
}

// byLine makes a part of each line, when there are few and all say something.
func byLine(text string, pieces []piece) (out []Span) {
	line := -1
	for _, p := range pieces {
		if p.line == line || p.leans && len(out) > 0 {
			out[len(out)-1].End = p.end
		} else {
			out = append(out, Span{p.start, p.end, false})
		}
		line = p.line
	}
	if out = telling(text, out); len(out) > Most {
		return nil // a letter
	}
	return out
}

// bySentence makes a part of each sentence that does not lean on the one before,
// when there are few.
func bySentence(text string, pieces []piece) (out []Span) {
	for _, p := range pieces {
		if p.leans && len(out) > 0 {
			out[len(out)-1].End = p.end
			continue
		}
		out = append(out, Span{p.start, p.end, false})
	}
	if out = telling(text, out); len(out) > Most {
		return nil // a story
	}
	return out
}

// telling leaves out what is too short to ask for something and what only
// announces the rest ("Two things:").
func telling(text string, spans []Span) (out []Span) {
	for _, s := range spans {
		words := text[s.Start:s.End]
		if weight(words) >= least && !strings.HasSuffix(words, ":") && !strings.HasSuffix(words, "：") {
			out = append(out, s)
		}
	}
	return out
}

// least is the weight of the shortest ask: three words, five Han characters.
const least = 15

// weight is how much a text can say: a Han character counts as three letters.
func weight(s string) (n int) {
	letters, words, in := 0, 0, false
	for _, r := range s {
		han := unicode.Is(unicode.Han, r)
		word := unicode.IsLetter(r) && !han
		switch {
		case han:
			n += 3
		case word:
			letters++
		}
		if word && !in {
			words++
		}
		in = word
	}
	if words >= 3 || n > 0 {
		n += letters
	}
	return n
}

type mark uint8

const (
	none mark = iota
	point
	also
)

// piece is a sentence, or the part of one that "also" begins.
type piece struct {
	start, end int
	line       int
	mark       mark
	leans      bool // on the one before: "It …", 因为…
}

// sentences cuts a text at line breaks, at the ends of sentences, before "also"
// and its like, and before the numbers of a list within a line.
func sentences(text string) (out []piece) {
	line := 0
	for from := 0; from < len(text); {
		to := strings.IndexAny(text[from:], "\n\r\u2028\u2029")
		if to < 0 {
			to = len(text) - from
		}
		if cut := inLine(text, from, from+to, line); len(cut) > 0 {
			out = append(out, cut...)
			line++
		}
		_, size := utf8.DecodeRuneInString(text[from+to:])
		from += to + max(size, 1)
	}
	return out
}

func inLine(text string, from, to, line int) (out []piece) {
	add := func(start, end int, m mark) {
		start, end = trim(text, start, end)
		if start < end {
			out = append(out, piece{start: start, end: end, line: line, mark: m, leans: m != also && leans(text[start:end])})
		}
	}
	start, m, last := from, none, 0 // last: the number of the list's point
	if n, value := bullet(text[from:to]); n > 0 {
		start, m, last = from+n, point, value
	} else if opensSentence(text[from:to]) {
		m = also
	}
	for i := start; i < to; {
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		end := ends(text, r, i, to)
		next := none
		rest := strings.TrimLeft(text[i:to], " \t\u3000")
		switch {
		case end && opensSentence(rest), pauses(r) && opens(rest):
			next, end = also, true
		case end || pauses(r) || r == ' ':
			if _, n := numbered(rest); n > 0 && n == last+1 { // "it gave me 20. Why?" is no list
				next, end, last = point, true, n
			}
		}
		if !end {
			continue
		}
		add(start, i, m)
		start, m = i, next
		if next == point {
			size, _ := numbered(rest)
			start = to - len(rest) + size
			i = start
		}
	}
	add(start, to, m)
	return out
}

func trim(text string, start, end int) (int, int) {
	s := text[start:end]
	start += len(s) - len(strings.TrimLeftFunc(s, empty))
	s = text[start:end]
	return start, start + len(strings.TrimRightFunc(s, empty))
}

// empty is what no part begins or ends with.
func empty(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",，;；、", r) }

func pauses(r rune) bool { return strings.ContainsRune(",，;；、", r) }

// ends reports whether r, which ends before i, ends a sentence. The point of
// "4.2", "e.g." and "app.example" does not.
func ends(text string, r rune, i, to int) bool {
	switch r {
	case '。', '！', '？', '；', '…':
		return true
	case '!', '?':
		return i == to || text[i] == ' ' || text[i] >= utf8.RuneSelf
	case '.':
		if i < to && text[i] != ' ' && text[i] < utf8.RuneSelf {
			return false
		}
		word := text[max(0, i-21) : i-1]
		if at := strings.LastIndexAny(word, " \n\t("); at >= 0 {
			word = word[at+1:]
		}
		return len(word) > 1 && !strings.Contains(word, ".") && !short[strings.ToLower(word)]
	}
	return false
}
