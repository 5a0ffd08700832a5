package redact

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// minFrames is how often a word stands in a text where it belongs to how the words of a
// phrase are written down: "and" between each two, "word" before each number.
const minFrames = minWords - 1

// mostFrame is how many items make a frame at most.
const mostFrame = 24

// maxFrame is the longest frame, in bytes of the view: a table cell of HTML.
const maxFrame = 250

// item is what a text is read as for frames: a run of letters, one other letter, a run
// of digits, or a barrier.
type item struct {
	start, end int
	kind       itemKind
	number     int // for a numeral
}

type itemKind uint8

const (
	itemLetters itemKind = iota
	itemNumeral
	itemFrame // said so often that it is no word of a phrase
	itemSame  // belongs to the numeral before
	itemBarrier
)

// framedWord is a list word (or one that is in no list) with what stands before it.
type framedWord struct {
	phraseWord
	frame  string // numerals as #, each followed by a space; not what is between letters and digits
	number int    // the last numeral of the frame, 0 for none
	items  []item // of the frame
}

// findFramed finds phrases each of whose words stands in the same frame, whatever that
// is made of – "1st word: …", "a) …", "the third is …", "第3个词：…", "… and …", list
// items of HTML, objects of JSON – and those whose numbers tell another order than the
// text. Nothing else is written so, hence the prose score is not asked.
func findFramed(l *wordList) func(*view) []hit {
	return func(v *view) (hits []hit) {
		eachFramed(l, v, false, func(words []framedWord) {
			if as := phraseWords(words, framedWord.word); words[1].frame != "" && checksum(as) {
				hits = append(hits, hit{start: words[0].start, end: words[len(words)-1].end, secret: l.join(as)})
			} else if as, ok := inOrder(words); ok && checksum(as) {
				hits = append(hits, hit{start: words[0].start, end: words[len(words)-1].end, secret: l.join(as)})
			}
		})
		return hits
	}
}

// findNearFramed finds words so written of which one is in no list, or that prove nothing.
func findNearFramed(l *wordList) func(*view) []hit {
	return func(v *view) (hits []hit) {
		eachFramed(l, v, true, func(words []framedWord) {
			if words[1].frame != "" {
				hits = append(hits, hit{start: words[0].start, end: words[len(words)-1].end})
			}
		})
		return hits
	}
}

func phraseWords[T any](words []T, of func(T) phraseWord) []phraseWord {
	out := make([]phraseWord, len(words))
	for i, w := range words {
		out[i] = of(w)
	}
	return out
}

func (w framedWord) word() phraseWord { return w.phraseWord }

// inOrder sorts words by the numbers before them. ok is false where these are not 1 to
// the count of the words, or where the words are in order already.
func inOrder(words []framedWord) (out []phraseWord, ok bool) {
	out = make([]phraseWord, len(words))
	filled := make([]bool, len(words))
	for i, w := range words {
		if w.number < 1 || w.number > len(words) || filled[w.number-1] {
			return nil, false
		}
		out[w.number-1], filled[w.number-1] = w.phraseWord, true
		ok = ok || w.number != i+1
	}
	return out, ok
}

// eachFramed calls each for every longest stretch of list words that stand in the same
// frame and are as many as those of a phrase; lax, one of them may be in no list.
func eachFramed(l *wordList, v *view, lax bool, each func([]framedWord)) {
	items := v.framed()
	if items == nil {
		return
	}
	var run []framedWord
	begin, unknowns := 0, 0 // where the frame begins
	flush := func() {
		eachStretch(l.unframed(v.lower, run), each)
		run, unknowns = run[:0], 0
	}
	for i, t := range items {
		switch t.kind {
		case itemBarrier:
			flush()
			begin = i + 1
			continue
		case itemNumeral, itemFrame, itemSame:
			continue
		}
		index, ok := l.lookup(v.lower[t.start:t.end])
		if !ok && lax && unknowns == 0 {
			index, ok = unknown, true
			unknowns++
		}
		if !ok || len(run) > 0 && t.start-run[len(run)-1].end > maxFrame {
			flush()
		}
		if ok {
			run = append(run, framed(v.lower, index, t, items[max(begin, i-mostFrame):i]))
		}
		begin = i + 1
	}
	flush()
}

// framed is the word at an item, behind the items of its frame.
func framed(s string, index int16, at item, before []item) framedWord {
	w := framedWord{phraseWord: phraseWord{index: index, start: at.start, end: at.end}, items: before}
	var frame strings.Builder
	for _, t := range before {
		switch t.kind {
		case itemNumeral:
			frame.WriteString("# ")
			w.number = t.number
		case itemFrame:
			frame.WriteString(s[t.start:t.end] + " ")
		}
	}
	w.frame = frame.String()
	return w
}

// unframed puts words back of which the frames are made, too: the seventh of "Word 7 is
// word, Word 8 is …".
func (l *wordList) unframed(s string, run []framedWord) (all []framedWord) {
	if len(run) < minWords-2 {
		return nil
	}
	counts := map[string]int{}
	usual := ""
	for _, w := range run {
		if counts[w.frame]++; counts[w.frame] > counts[usual] {
			usual = w.frame
		}
	}
	for _, w := range run {
		for i, t := range w.items {
			if t.kind != itemFrame || len(w.frame) <= 2*len(usual) {
				continue
			}
			if index, ok := l.lookup(s[t.start:t.end]); ok {
				first, second := framed(s, index, t, w.items[:i]), framed(s, w.index, item{start: w.start, end: w.end}, w.items[i+1:])
				if first.frame == usual && second.frame == usual {
					all, w = append(all, first), second
					break
				}
			}
		}
		all = append(all, w)
	}
	return all
}

// eachStretch parts a run where the frame is another one, and before the number 1. Where
// that is not before the first word, it may be its own, "abandon (1)": both are tried.
func eachStretch(run []framedWord, each func([]framedWord)) {
	for from := 0; from+minWords <= len(run); {
		first := from
		if run[from+1].number == 1 {
			first++
		}
		to := first + 2
		for to < len(run) && run[to].frame == run[first+1].frame && run[to].number != 1 {
			to++
		}
		for _, w := range stretches(run[from:to], first-from) {
			each(w)
		}
		from = to - 1
	}
}

// stretches are the words, with and without those before the first, the likelier ones first;
// and without the first, if it stands in another frame: it is of the sentence before.
func stretches(words []framedWord, first int) (out [][]framedWord) {
	if out = [][]framedWord{words[first:]}; first > 0 {
		out = append(out, words)
	} else if words[0].frame != words[1].frame {
		out = append(out, words[1:])
	}
	if isPhraseLength(len(words)) {
		slices.Reverse(out)
	}
	return slices.DeleteFunc(out, func(w []framedWord) bool {
		return !isPhraseLength(len(w)) || !distinct(phraseWords(w, framedWord.word))
	})
}

// framed are the items of a view, with what may be frames marked; nil where nothing is.
func (v *view) framed() []item {
	if !v.itemized {
		v.items, v.itemized = itemsOf(v.lower), true
		if !mark(v.lower, v.items) {
			v.items = nil
		}
	}
	return v.items
}

func itemsOf(s string) (items []item) {
	items = make([]item, 0, len(s)/4)
	for i := 0; i < len(s); {
		start, end, letter := nextToken(s, i)
		i = end
		switch {
		case letter:
			items = append(items, item{start: start, end: end})
		case s[start] == barrier:
			items = append(items, item{start: start, end: end, kind: itemBarrier})
		case isDigit(s[start]):
			end = runEnd(s, start, isDigit)
			if i = end; slices.Contains([]string{"st", "nd", "rd", "th"}, s[end:runEnd(s, end, isLower)]) {
				i = end + 2
			}
			items = append(items, item{start: start, end: i, kind: itemNumeral, number: small(s[start:end])})
		}
	}
	return items
}

// small reads up to two digits and zeros before them; 0 for a longer number.
func small(digits string) int {
	digits = strings.TrimLeft(digits, "0")
	if len(digits) == 0 || len(digits) > 2 {
		return 0
	}
	n := 0
	for _, c := range digits {
		n = n*10 + int(c-'0')
	}
	return n
}

// mark marks the words that count from one to twelve or on, and what is said so often that
// it may stand between the words of a phrase. It tells whether there is any of it, or
// numbers for all words of one.
func mark(s string, items []item) (any bool) {
	if len(items) < minWords+minFrames {
		return false
	}
	counts, digits := make(map[string]int, len(items)/2), 0
	for _, t := range items {
		switch t.kind {
		case itemLetters:
			counts[s[t.start:t.end]]++
		case itemNumeral:
			digits++
		}
	}
	any = digits >= minWords
	for _, style := range numerals {
		for n, at := range style.count(s, items, counts) {
			for i := range style.items(n) {
				items[at+i].kind = itemSame
			}
			items[at].kind, items[at].number = itemNumeral, n+1
			any = true
		}
	}
	for i, t := range items {
		if t.kind == itemLetters && counts[s[t.start:t.end]] >= minFrames {
			items[i].kind = itemFrame
			any = true
		}
	}
	return any
}

// numeralStyle is a way to count without digits.
type numeralStyle struct {
	names []string
	// marked: it counts only before a mark, "a)", "IV.", since it is said otherwise too.
	marked bool
	// apart: it counts only where no Chinese character follows, or 第 stands before.
	apart bool
}

var numerals = []numeralStyle{
	{names: strings.Fields(`one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
		eighteen nineteen twenty twenty-one twenty-two twenty-three twenty-four`)},
	{names: strings.Fields(`first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth
		seventeenth eighteenth nineteenth twentieth twenty-first twenty-second twenty-third twenty-fourth`)},
	{names: strings.Split("abcdefghijklmnopqrstuvwx", ""), marked: true},
	{names: strings.Fields("i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx xxi xxii xxiii xxiv"), marked: true},
	{names: strings.Fields("壹 贰 叁 肆 伍 陆 柒 捌 玖 拾 拾壹 拾贰 拾叁 拾肆 拾伍 拾陆 拾柒 拾捌 拾玖 贰拾 贰拾壹 贰拾贰 贰拾叁 贰拾肆"), apart: true},
	{names: strings.Fields("一 二 三 四 五 六 七 八 九 十 十一 十二 十三 十四 十五 十六 十七 十八 十九 二十 二十一 二十二 二十三 二十四"), apart: true},
}

// items is how many items the name of n+1 takes.
func (style *numeralStyle) items(n int) int {
	if style.apart {
		return utf8.RuneCountInString(style.names[n])
	}
	return 1 + strings.Count(style.names[n], "-")
}

// mostStarts is how often it is tried to count from one.
const mostStarts = 32

// count finds the items at which one, two, three and so on begin, as far as it goes; nil
// where it does not go to twelve. counts tells how often what is said.
func (style *numeralStyle) count(s string, items []item, counts map[string]int) []int {
	for _, name := range style.names[:min(10, minWords)] {
		if counts[name] == 0 {
			return nil
		}
	}
	for i, starts := 0, 0; i < len(items) && starts < mostStarts; i++ {
		if !style.at(s, items, i, 0) {
			continue
		}
		starts++
		if found := style.countFrom(s, items, i); len(found) >= minWords {
			return found
		}
	}
	return nil
}

// countFrom counts on from the one at first: each with the same mark after it.
func (style *numeralStyle) countFrom(s string, items []item, first int) []int {
	found, mark := []int{first}, after(s, items[first])
	for i := first + 1; i < len(items) && len(found) < len(style.names); i++ {
		n := len(found)
		last := i + style.items(n) - 1
		if !style.at(s, items, i, n) || after(s, items[last]) != mark {
			continue
		}
		// "three: four four: …": the second of the two is the number.
		if behind := found[n-1] + style.items(n-1); i == behind && last+1 < len(items) && style.at(s, items, last+1, n) {
			continue
		}
		found = append(found, i)
		i = last
	}
	return found
}

// after is the character behind an item.
func after(s string, t item) rune {
	r, _ := utf8.DecodeRuneInString(s[t.end:])
	return r
}

// at tells whether the name of n+1 is at an item.
func (style *numeralStyle) at(s string, items []item, i, n int) bool {
	last := i + style.items(n) - 1
	if items[i].kind != itemLetters || last >= len(items) || s[items[i].start:items[last].end] != style.names[n] {
		return false
	}
	rest := s[items[last].end:]
	if style.marked {
		return strings.IndexAny(rest, ").:]") == 0 || strings.HasPrefix(rest, "、") || i > 0 && strings.HasSuffix(s[:items[i].start], "(")
	}
	if r, _ := utf8.DecodeRuneInString(rest); style.apart && unicode.Is(unicode.Han, r) {
		return strings.HasSuffix(s[:items[i].start], "第")
	}
	return true
}
