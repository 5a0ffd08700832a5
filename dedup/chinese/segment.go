package chinese

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// notGlossed are words of one character that say nothing by themselves; their
// first sense would only mislead the encoder.
const notGlossed = "的了吗呢吧啊是在她它们这那个有和就也都很一上下来去会能要说"

const maxGloss = 400 // characters

// Segment cuts simplified text into words: fewest words, then longest. Latin
// words and numbers are words as they stand; all else is left out.
func (d *Dictionary) Segment(text string) []string {
	s := segmenters.Get().(*segmenter)
	defer segmenters.Put(s)
	s.d = d
	words := make([]string, 0, len(text)/5)
	for run := range runs(head(text)) {
		words = s.run(words, run)
	}
	return words
}

// Gloss returns one English meaning for each word of a text in either script, to
// be read by an encoder of English; "none" when no word has one.
func (d *Dictionary) Gloss(text string) string {
	var out []string
	for _, w := range d.Segment(d.Simplify(head(text))) {
		if !hanRun(w) {
			out = append(out, w)
		} else if g := d.senses(w); g != "" && !(strings.Contains(notGlossed, w) && utf8.RuneCountInString(w) == 1) {
			first, _, _ := strings.Cut(g, "/")
			out = append(out, first)
		}
	}
	if len(out) == 0 {
		return "none"
	}
	return cutAt(strings.Join(out, " "), maxGloss)
}

// head returns what is read of a text.
func head(text string) string { return cutAt(text, MaxRunes) }

func cutAt(s string, runes int) string {
	n := 0
	for i := range s {
		if n == runes {
			return s[:i]
		}
		n++
	}
	return s
}

// runs yields the longest stretches of Han characters, and of ASCII letters and
// digits.
func runs(s string) func(yield func(string) bool) {
	const none, han, latin = 0, 1, 2
	return func(yield func(string) bool) {
		kind, from := none, 0
		for i, r := range s {
			k := none
			switch {
			case isHan(r):
				k = han
			case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9':
				k = latin
			}
			if k == kind {
				continue
			}
			if kind != none && !yield(s[from:i]) {
				return
			}
			kind, from = k, i
		}
		if kind != none {
			yield(s[from:])
		}
	}
}

func hanRun(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return isHan(r)
}

var segmenters = sync.Pool{New: func() any { return new(segmenter) }}

// segmenter finds the cheapest way through a run of Han characters, keeping its
// tables from one run to the next.
type segmenter struct {
	d    *Dictionary
	at   []int     // where each character begins, and the end
	cost []float64 // of the cheapest way to each
	from []int     // where its last word begins
}

// run appends the words of one run.
func (s *segmenter) run(words []string, run string) []string {
	if !hanRun(run) {
		return append(words, run)
	}
	s.at, s.cost, s.from = s.at[:0], s.cost[:0], s.from[:0]
	for i := range run {
		s.at = append(s.at, i)
	}
	n := len(s.at)
	s.at = append(s.at, len(run))
	for i := range s.at {
		s.cost, s.from = append(s.cost, 1e9), append(s.from, max(0, i-1))
	}
	s.cost[0] = 0
	for i := range n {
		s.step(i, min(n, i+maxWord), run)
	}
	began := len(words)
	for e := n; e > 0; e = s.from[e] {
		words = append(words, run[s.at[s.from[e]]:s.at[e]])
	}
	slices.Reverse(words[began:])
	return words
}

// step tries the words that begin at character i. A word costs one, less a
// little for its length; a character that is no word costs three. The student was
// trained on exactly these cuts, so the sums are kept as they were, rounding
// included.
func (s *segmenter) step(i, last int, run string) {
	r, _ := utf8.DecodeRuneInString(run[s.at[i]:])
	s.reach(i, i+1, s.d.stands(r))
	if i+2 > last {
		return
	}
	next, _ := utf8.DecodeRuneInString(run[s.at[i+1]:])
	if !s.d.begins(r, next) {
		return
	}
	lo, hi := s.d.beginningPair(r, next)
	for j := i + 2; lo < hi; j++ {
		w := run[s.at[i]:s.at[j]]
		if s.d.is(lo, w) {
			s.reach(i, j, true)
		}
		if j == last {
			return
		}
		lo, hi = s.d.narrow(lo, hi, run[s.at[i]:s.at[j+1]])
	}
}

// reach notes a way to character j over a stretch from i.
func (s *segmenter) reach(i, j int, word bool) {
	n := float64(j - i)
	bonus := float64(.01 * n * n) // the conversion forbids fusing it into the sums below
	c := s.cost[i] + 1 - bonus
	if !word {
		c = s.cost[i] + 3*n - bonus
	}
	if c < s.cost[j] {
		s.cost[j], s.from[j] = c, i
	}
}
