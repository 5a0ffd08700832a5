package asks

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	// tiesEN and tiesZH say nothing but that there is more to come; every other
	// opener may also begin what is asked for ("Second factor", 最后一步) unless a
	// mark follows it.
	tiesEN = []string{"and also", "oh and", "also", "and"}
	tiesZH = []string{"除此之外", "另外", "此外", "还有", "再就是", "再有", "其次", "再者"}
)

// Title is the first clause of an ask without the words that tie it to what was
// said before: a name for what it asks for. It is the text itself when nothing else
// is left.
func Title(text string) string {
	text = strings.TrimFunc(text, empty)
	s := text
	for {
		rest := untied(s)
		if rest == s || rest == "" {
			break
		}
		s = rest
	}
	if s = clause(s); s == "" {
		return text
	}
	if r, size := utf8.DecodeRuneInString(s); len(s) < len(text) && unicode.IsLower(r) {
		s = string(unicode.ToUpper(r)) + s[size:]
	}
	return s
}

// untied is a text without the tie that it begins with.
func untied(s string) string {
	for _, w := range tiesZH {
		if rest, ok := strings.CutPrefix(s, w); ok {
			return strings.TrimLeftFunc(rest, loose)
		}
	}
	for _, w := range openersZH {
		if rest, ok := strings.CutPrefix(s, w); ok && begun(rest) {
			return strings.TrimLeftFunc(rest, loose)
		}
	}
	for i, words := range [][]string{tiesEN, openersEN} {
		for _, w := range words {
			if len(s) <= len(w) || !strings.EqualFold(s[:len(w)], w) {
				continue
			}
			if rest := s[len(w):]; i == 0 && (rest[0] == ' ' || begun(rest)) || begun(rest) {
				return strings.TrimLeftFunc(rest, loose)
			}
		}
	}
	return s
}

// begun reports whether a mark sets a text apart from what stands before it.
func begun(rest string) bool {
	r, _ := utf8.DecodeRuneInString(strings.TrimLeft(rest, " "))
	return loose(r)
}

func loose(r rune) bool { return empty(r) || strings.ContainsRune(":：-–—.", r) }

// clause is what a text says up to its first mark that leaves enough to be an ask.
func clause(s string) string {
	for i, r := range s {
		after := i + utf8.RuneLen(r)
		if r == '\n' || (pauses(r) || ends(s, r, after, len(s))) && weight(s[:i]) >= least {
			if r == '?' || r == '？' {
				i = after
			}
			s = s[:i]
			break
		}
	}
	return strings.TrimRightFunc(s, func(r rune) bool { return loose(r) || strings.ContainsRune("。!！…", r) })
}
