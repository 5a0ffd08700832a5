package redact

import (
	_ "embed" // the pairs of han characters
	"maps"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/tyler-smith/go-bip39/wordlists"
)

const (
	minWords, maxWords = 12, 24
	listLen            = 2048

	firstHan, lastHan = 0x4E00, 0x9FFF

	// How much a common English word speaks for prose and another against it,
	// and how much two Chinese characters that make a word add (natural logs).
	englishCommon, englishRare, hanPair = 2.2, -1.4, 3.0
)

// hanPairs holds ordinary two-character words and neighbours of written Chinese,
// in simplified characters. It was written by hand for this package.
//
//go:embed hanpairs.txt
var hanPairs string

// englishProse holds the list words that carry most English sentences. Articles,
// conjunctions and most pronouns are no list words, which is what keeps English
// prose from ever making long runs.
const englishProse = `about again all already also always another any around ask away because become before
behind better between build call can case change check city clear click close code come cover day door drive
during early easy either else end enjoy enough error ever every example face family few find first fix follow
food forget found friend fun game give good great group half happy hard have head health help high history hold
home hope hour idea into issue item join just keep kind know later learn leave left letter level life light like
little live long love make man many matter mean middle minute more morning move much must name near need
network never news next nice now number off offer often old one only open option order other own page people
person phone place play please point power problem public question quick ready real reason remember return
right room run same save say school second season section sell service setup short should side simple since
small social someone soon still stop story such sure system table talk task team tell test thank that then
there they thing this thought three time today together top total toward travel true trust try turn two type
under until update upon use used very video view visit wait walk want water way what when where wide will
wish work world write wrong year you young`

// wordList is one BIP-39 list with what is known about its words in prose.
type wordList struct {
	words []string
	han   bool
	// index finds an English word; hanIndex a Chinese one by character, less 1.
	index    map[string]int16
	hanIndex []int16
	// weight is how much a word speaks for prose; pairs the neighbours that do.
	weight [listLen]float32
	pairs  map[int32]bool
}

func isPhraseLength(n int) bool { return minWords <= n && n <= maxWords && n%3 == 0 }

func englishList() *wordList {
	l := &wordList{words: wordlists.English, index: make(map[string]int16, listLen)}
	for i, w := range l.words {
		l.index[w] = int16(i)
		l.weight[i] = englishRare
	}
	for _, w := range strings.Fields(englishProse) {
		if i, ok := l.index[w]; ok {
			l.weight[i] = englishCommon
		}
	}
	return l
}

// cut returns the list as it is written by who knows that four letters tell its words
// apart, and writes some or all of them so.
func (l *wordList) cut() *wordList {
	c := &wordList{words: l.words, index: maps.Clone(l.index), weight: l.weight}
	for i, w := range l.words {
		c.index[w[:min(4, len(w))]] = int16(i)
	}
	return c
}

// others are the characters of l that are not in o.
func (l *wordList) others(o *wordList) func(rune) bool {
	return func(r rune) bool {
		return r >= firstHan && r <= lastHan && l.hanIndex[r-firstHan] > 0 && o.hanIndex[r-firstHan] == 0
	}
}

// ifAny lets a finder run where the text has a character that fits: without one of
// its own, what is in the traditional list is in the simplified one as well.
func ifAny(fits func(rune) bool, find func(*view) []hit) func(*view) []hit {
	return func(v *view) []hit {
		if !strings.ContainsFunc(v.plain, fits) {
			return nil
		}
		return find(v)
	}
}

// hanLists returns the simplified and the traditional list. They are ordered by
// frequency and hold the same characters at the same places, so ranks and pairs
// known for one hold for the other.
func hanLists() (simplified, traditional *wordList) {
	simplified = &wordList{words: wordlists.ChineseSimplified, han: true}
	traditional = &wordList{words: wordlists.ChineseTraditional, han: true}
	simplified.indexHan()
	traditional.indexHan()
	sum := 0.0
	for i := range listLen {
		sum += 1 / float64(i+8)
	}
	for i := range listLen {
		simplified.weight[i] = float32(math.Log(listLen / (float64(i+8) * sum)))
	}
	simplified.pairs = make(map[int32]bool, len(hanPairs)/7)
	for _, p := range strings.Fields(hanPairs) {
		_, w := utf8.DecodeRuneInString(p)
		a, okA := simplified.lookup(p[:w])
		b, okB := simplified.lookup(p[w:])
		if okA && okB {
			simplified.pairs[pairKey(a, b)] = true
		}
	}
	traditional.weight, traditional.pairs = simplified.weight, simplified.pairs
	return simplified, traditional
}

func (l *wordList) indexHan() {
	l.hanIndex = make([]int16, lastHan-firstHan+1)
	for i, w := range l.words {
		r, _ := utf8.DecodeRuneInString(w)
		l.hanIndex[r-firstHan] = int16(i + 1)
	}
}

func pairKey(a, b int16) int32 { return int32(a)<<11 | int32(b) }

func (l *wordList) lookup(token string) (int16, bool) {
	if !l.han {
		i, ok := l.index[token]
		return i, ok
	}
	r, _ := utf8.DecodeRuneInString(token)
	if r < firstHan || r > lastHan {
		return 0, false
	}
	i := l.hanIndex[r-firstHan]
	return i - 1, i > 0
}

// weigh fills in what judging a run needs: each word's share of the prose score
// and where the same word stood before.
func (l *wordList) weigh(run []phraseWord) {
	var last [listLen]int32 // position + 1
	for i := range run {
		w := &run[i]
		if w.index == unknown {
			w.weight, w.pair, w.before = 0, 0, -1
			continue
		}
		w.weight = l.weight[w.index]
		w.before = last[w.index] - 1
		last[w.index] = int32(i + 1)
		w.pair = 0
		if i > 0 && w.glue == glueNone && run[i-1].index != unknown && l.pairs[pairKey(run[i-1].index, w.index)] {
			w.pair = hanPair
		}
	}
}
