package redact

import (
	"crypto/sha256"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// phraseWord is a list word in the text. glue is what lies before it, which is
// meaningless for the first word of a run; one tells that it holds the number 1.
type phraseWord struct {
	index      int16
	start, end int
	glue       glue
	one        bool
	// Set by weigh: the share of the prose score, that of being a neighbour of
	// the word before, and where in the run the same word stood last, or -1.
	weight, pair float32
	before       int32
}

// window is an accepted stretch of a run: words[from:to]. edges counts the sides
// on which it is set off from its surroundings.
type window struct{ from, to, edges int }

func (w window) overlaps(o window) bool { return w.from < o.to && o.from < w.to }

// findEnglishPhrases reads "Word 1: abandon" with "word" as part of the numbering
// first, since it is a list word too.
func findEnglishPhrases(l *wordList) func(*view) []hit {
	plain, numbered := findPhrases(l, ""), findPhrases(l, "word")
	return func(v *view) []hit {
		if strings.Count(v.lower, "word") >= minWords {
			if hits := numbered(v); len(hits) > 0 {
				return hits
			}
		}
		return plain(v)
	}
}

// findPhrases returns a finder for phrases of the list. skip, when not empty, is
// a word that counts as numbering.
func findPhrases(l *wordList, skip string) func(*view) []hit {
	return func(v *view) []hit {
		var hits []hit
		var run []phraseWord
		and := false // since the previous word
		costly := maxCostly
		flush := func() {
			if len(run) >= minWords {
				hits = append(hits, judge(l, run, &costly)...)
			}
			run, and = run[:0], false
		}
		last := 0 // end of the previous word
		for i := 0; i < len(v.lower); {
			start, end, letter := nextToken(v.lower, i)
			i = end
			if !letter {
				if v.lower[start] == barrier {
					flush()
				}
				continue
			}
			token := v.lower[start:end]
			if skip != "" && token == skip && numberFollows(v.lower[end:]) {
				continue
			}
			if token == "and" && len(run) >= minWords-1 {
				and = true
				continue
			}
			index, ok := l.lookup(token)
			if !ok || len(run) > 0 && far(v.lower[last:start]) {
				flush()
			}
			if ok {
				w := phraseWord{index: index, start: start, end: end}
				if len(run) > 0 {
					w.glue, w.one = classify(v.lower[last:start])
				}
				if and {
					w.glue, and = glueAnd, false
				}
				run = append(run, w)
				last = end
			}
		}
		flush()
		return hits
	}
}

func numberFollows(s string) bool {
	s = strings.TrimLeft(s, " \t#:")
	return s != "" && isDigit(s[0])
}

// nextToken returns the token at i: a run of ASCII letters, one other letter, or
// one character that is no letter.
func nextToken(s string, i int) (start, end int, letter bool) {
	if c := s[i]; c < utf8.RuneSelf {
		if !isLower(c) {
			return i, i + 1, false
		}
		end = i + 1
		for end < len(s) && isLower(s[end]) {
			end++
		}
		return i, end, true
	}
	r, w := utf8.DecodeRuneInString(s[i:])
	return i, i + w, unicode.IsLetter(r)
}

// judge returns the phrases in a run of list words.
func judge(l *wordList, run []phraseWord, costly *int) []hit {
	l.weigh(run)
	whole := window{0, len(run), 2}
	if isPhraseLength(len(run)) {
		score := 0.0
		for i := range run {
			score += prose(run, 0, i)
		}
		if accept(l, run, whole, score, costly) {
			return []hit{l.hit(run, whole, whole)}
		}
	}
	if hits := l.closed(run); len(hits) > 0 {
		return hits
	}
	var found []window
	for from := 0; from+minWords <= len(run); from++ {
		score := 0.0
		for to := from + 1; to <= min(from+maxWords, len(run)); to++ {
			score += prose(run, from, to-1)
			if !isPhraseLength(to - from) {
				continue
			}
			if score > mostProse && !periodic(run[from:to]) && !apart(l, run[from:to]) {
				continue // whatever stands around it
			}
			w := window{from: from, to: to}
			w.edges = l.edges(run, w)
			if accept(l, run, w, score, costly) {
				found = append(found, w)
			}
		}
	}
	return l.hits(run, found)
}

// edges counts the sides on which the window is set off: the run ends there, the
// glue is of another kind than inside, numbering begins, or "助记词是" announces it.
func (l *wordList) edges(run []phraseWord, w window) int {
	n := 0
	if w.from == 0 || run[w.from].one || run[w.from].glue != run[w.from+1].glue || l.announced(run[:w.from]) {
		n++
	}
	if w.to == len(run) || run[w.to].glue != run[w.to-1].glue || run[w.to].one {
		n++
	}
	return n
}

// prose is what word i adds to the prose score of a window that starts at from. A
// word counts once, for one that comes back says no more.
func prose(run []phraseWord, from, i int) float64 {
	score := 0.0
	if int(run[i].before) < from {
		score = float64(run[i].weight)
	}
	if i > from {
		score += float64(run[i].pair)
	}
	return score
}

// announced tells whether the words before a window end in 助记词, 助记词是 or 助记词为.
func (l *wordList) announced(before []phraseWord) bool {
	if !l.han {
		return false
	}
	n := len(before)
	for i := range before[max(0, n-3):] {
		if before[max(0, n-3)+i].index == unknown {
			return false
		}
	}
	if n > 0 && strings.Contains("是为為", l.words[before[n-1].index]) {
		n--
	}
	return n > 1 && strings.Contains("词詞", l.words[before[n-1].index]) && strings.Contains("记記", l.words[before[n-2].index])
}

// accept tells whether the window is a phrase: not prose, and a valid checksum.
func accept(l *wordList, run []phraseWord, w window, score float64, costly *int) bool {
	words := run[w.from:w.to]
	if slices.ContainsFunc(words[1:len(words)-1], func(w phraseWord) bool { return w.glue == glueAnd }) {
		return false
	}
	if last := len(words) - 1; words[last].glue == glueAnd { // says no more than a comma there
		words = slices.Clone(words)
		words[last].glue = words[last-1].glue
	}
	if !apart(l, words) {
		if !regular(words) {
			w.edges = 0
		}
		if score > ceiling(w) && (w.edges < 2 || !periodic(words)) {
			return false
		}
	}
	return checksum(words) || !l.han && w.edges == 2 && score <= 0 && otherChecksum(l, words, costly)
}

// mostProse is the highest ceiling.
const mostProse = 5.5

// ceiling is the prose score up to which a window may be a phrase. The figures
// were read off score distributions of random phrases and ordinary questions: a
// random phrase of twelve passes 0 in 99 %, 3.5 in 99.9 %, 5.5 in 99.98 % of cases.
func ceiling(w window) float64 {
	c := []float64{-0.5, 1.5, mostProse}[w.edges]
	if w.to-w.from > minWords {
		c = max(c, 2.5)
	}
	return c
}

// checksum verifies the BIP-39 checksum: of n words, n/3 bits of the SHA-256 of
// the entropy.
func checksum(words []phraseWord) bool {
	var bits [33]byte
	pool, have, at := uint32(0), 0, 0 // bits that wait to fill a byte
	for _, w := range words {
		pool = pool<<11 | uint32(w.index)
		for have += 11; have >= 8; at++ {
			have -= 8
			bits[at] = byte(pool >> have)
		}
	}
	if have > 0 {
		bits[at] = byte(pool << (8 - have))
	}
	n := len(words) / 3
	sum := sha256.Sum256(bits[:n*4])
	return (sum[0]^bits[n*4])>>(8-n) == 0
}

// hits turns accepted windows into hits. Windows set off on both sides outrank
// those that are not and overlap them: an accidental neighbour would swallow
// ordinary words. The rest are masked together where they overlap.
func (l *wordList) hits(run []phraseWord, found []window) []hit {
	var sure []window
	for _, w := range found {
		if w.edges == 2 {
			sure = append(sure, w)
		}
	}
	if len(sure) > 0 && len(sure) < len(found) {
		found = slices.DeleteFunc(found, func(w window) bool {
			return w.edges < 2 && overlapsAny(sure, w)
		})
	}
	var out []hit
	for i := 0; i < len(found); {
		best, union := found[i], found[i]
		for i++; i < len(found) && found[i].overlaps(union); i++ {
			w := found[i]
			union.to = max(union.to, w.to)
			if w.edges > best.edges || w.edges == best.edges && w.to-w.from > best.to-best.from {
				best = w
			}
		}
		out = append(out, l.hit(run, union, best))
	}
	return out
}

// overlapsAny looks w up in windows sorted by their start, none longer than 24.
func overlapsAny(sorted []window, w window) bool {
	i, _ := slices.BinarySearchFunc(sorted, w.from-maxWords, func(s window, from int) int { return s.from - from })
	for ; i < len(sorted) && sorted[i].from < w.to; i++ {
		if sorted[i].overlaps(w) {
			return true
		}
	}
	return false
}

// hit is the hit that masks union and remembers the words of best.
func (l *wordList) hit(run []phraseWord, union, best window) hit {
	return hit{start: run[union.from].start, end: run[union.to-1].end, secret: l.join(run[best.from:best.to])}
}

// join is a phrase in the spelling of the list.
func (l *wordList) join(words []phraseWord) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = l.words[w.index]
	}
	return strings.Join(out, " ")
}
