package redact

import (
	"slices"
	"unicode/utf8"
)

// What reads as a recovery phrase and is none by its checksum – one word misspelt, left
// out or of no list – is not masked, for nothing proves it; whoever sends it is
// warned. The score that prose must stay above is stricter than for phrases, where
// the checksum tells as well, and stricter still where a word is missing or is none.
const (
	likelyEnglish, likelyHan = 0.0, -3.0
	lackEnglish, lackHan     = -4.0, -4.0
	mostVaried               = 1.0 // one word of prose, one that is none
)

// Warn finds what only looks like a recovery phrase in a text that Mask has cleaned,
// in order. The findings have Warning set and nothing is masked for them.
func (r *Redactor) Warn(masked string) []Finding {
	v := fold(masked)
	var all []span
	for i := range r.near {
		for _, h := range r.near[i](v) {
			h.start, h.end = v.whole(h.start, h.end)
			all = append(all, span{h, &rule{name: "seed_phrase"}})
		}
	}
	slices.SortStableFunc(all, func(a, b span) int { return a.start - b.start })
	var out []Finding
	for _, s := range all {
		if f := r.finding(v, masked, s); len(out) == 0 || f.Start >= out[len(out)-1].End {
			f.Warning, f.Last3 = true, ""
			out = append(out, f)
		}
	}
	return out
}

// unknown is the index of a word that is not in the list.
const unknown = -1

// findNearPhrases finds windows of the list with at most one word that is not in it, and
// those that lack one.
func findNearPhrases(l *wordList) func(*view) []hit {
	return func(v *view) []hit {
		var hits []hit
		var run []phraseWord
		flush := func() {
			if len(run) >= minWords-1 {
				hits = append(hits, l.likely(v, run)...)
			}
			run = run[:0]
		}
		last := 0
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
				if index = unknown; l.han && end-start < 3 {
					flush() // a Latin letter
					continue
				}
			}
			if len(run) > 0 && far(v.lower[last:start]) {
				flush()
			}
			w := phraseWord{index: index, start: start, end: end}
			if len(run) > 0 {
				w.glue, w.one = classify(v.lower[last:start])
			}
			run = append(run, w)
			last = end
		}
		flush()
		return hits
	}
}

// likely looks through the stretches of a run that have at most one unknown word.
func (l *wordList) likely(v *view, run []phraseWord) []hit {
	var hits []hit
	stop := []int{-1}
	for i, w := range run {
		if w.index == unknown {
			stop = append(stop, i)
		}
	}
	stop = append(stop, len(run))
	done := 0
	for i := 1; i < len(stop); i++ {
		// Without the unknown word, then with the one that ends it.
		for _, s := range []struct{ from, to, miss int }{{stop[i-1] + 1, stop[i], -1}, {stop[i-1] + 1, next(stop, i), stop[i]}} {
			if s.from = max(s.from, done); s.to-s.from < minWords-1 || s.miss >= len(run) || s.miss >= 0 && s.miss < s.from {
				continue
			}
			near := s.miss >= 0 && l.nearly(v.lower[run[s.miss].start:run[s.miss].end])
			if w, ok := l.likelyIn(run[s.from:s.to], s.miss-s.from, near); ok {
				hits = append(hits, hit{start: run[s.from+w.from].start, end: run[s.from+w.to-1].end})
				done = s.from + w.to
				break
			}
		}
	}
	return hits
}

func next(stop []int, i int) int {
	if i+1 < len(stop) {
		return stop[i+1]
	}
	return stop[i]
}

// likelyIn finds the first window that reads as a phrase. Where miss is not negative, the
// word there is in no list and must be in the window; near tells that it nearly is in one.
func (l *wordList) likelyIn(span []phraseWord, miss int, near bool) (window, bool) {
	run := slices.Clone(span)
	l.weigh(run)
	limit, lack := likelyEnglish, lackEnglish
	if l.han {
		limit, lack = likelyHan, lackHan
	}
	for from := 0; from+minWords-1 <= len(run); from++ {
		score := 0.0
		for to := from + 1; to <= min(from+maxWords, len(run)); to++ {
			score += prose(run, from, to-1)
			ceiling := limit
			switch n := to - from; {
			case miss >= 0 && (miss < from || miss >= to), !isPhraseLength(n) && (miss >= 0 || !isPhraseLength(n+1)):
				continue
			case miss >= 0 && !near, !isPhraseLength(n): // no word, or one too few
				ceiling = lack
			}
			w, words := window{from: from, to: to}, run[from:to]
			same := !distinct(words)
			if same && near && varied(words) { // two words over and over
				same, ceiling = false, mostVaried
			}
			if score > ceiling {
				continue
			}
			if w.edges = l.edges(run, w); w.edges == 2 && (apart(l, words) || regular(words)) && !same {
				return w, true
			}
		}
	}
	return window{}, false
}

// distinct tells whether most words occur once: who fills a field with one word
// over and over writes no phrase.
func distinct(words []phraseWord) bool {
	seen := map[int16]bool{}
	for _, w := range words {
		seen[w.index] = true
	}
	return len(seen)*4 >= len(words)*3
}

// varied tells whether a phrase, such as those in manuals, may have so few words: two of a
// list and the one that is misspelt.
func varied(words []phraseWord) bool {
	seen := map[int16]bool{}
	for _, w := range words {
		seen[w.index] = true
	}
	return len(seen) > 2
}

// nearly tells whether a word is one letter from a word of the list, or two letters
// swapped; any Chinese character may be a slip.
func (l *wordList) nearly(token string) bool {
	if l.han {
		r, _ := utf8.DecodeRuneInString(token)
		return r >= firstHan && r <= lastHan
	}
	if len(token) < 3 || len(token) > 9 {
		return false
	}
	return slices.ContainsFunc(l.words, func(w string) bool { return oneOff(token, w) })
}

// oneOff tells whether a and b differ by one letter put in, left out, changed, or by
// two neighbours swapped.
func oneOff(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	if i == len(a) || a[i+1:] == b[i+1:] {
		return true
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}
