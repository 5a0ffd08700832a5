package redact

// leastUnspaced is how many letters twelve words have at least; mostSteps how many words
// are tried in one text to read letters as words.
const leastUnspaced, mostSteps = 3 * minWords, 50_000

// findUnspaced finds phrases without anything between their words.
func findUnspaced(l *wordList) func(*view) []hit {
	return func(v *view) (hits []hit) {
		steps := mostSteps
		for i := 0; i < len(v.lower); {
			if !isLower(v.lower[i]) {
				i++
				continue
			}
			end := runEnd(v.lower, i, isLower)
			if end-i >= leastUnspaced {
				if words, ok := l.split(v.lower[i:end], nil, &steps); ok {
					hits = append(hits, hit{start: i, end: end, secret: l.join(words)})
				}
			}
			i = end
		}
		return hits
	}
}

// split reads letters as the words of a phrase, after the words it has.
func (l *wordList) split(s string, words []phraseWord, steps *int) ([]phraseWord, bool) {
	if s == "" {
		return words, isPhraseLength(len(words)) && checksum(words)
	}
	if len(words) == maxWords {
		return nil, false
	}
	for n := min(8, len(s)); n >= 3 && *steps > 0; n-- {
		*steps--
		if index, ok := l.lookup(s[:n]); ok {
			if all, ok := l.split(s[n:], append(words, phraseWord{index: index}), steps); ok {
				return all, true
			}
		}
	}
	return nil, false
}
