package bench

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	shareZH      = .4
	typoRate     = .03 // of English words
	misprintRate = .2  // of Chinese texts: a character that sounds the same
	tailNames    = 30_000
	tailRate     = .12 // of filling words that are names from the long tail
)

// text is one generated suggestion: English of 8 to 40 words or Chinese of some
// 10 to 60 characters. Topic is what it is about; texts of a topic say the same
// in other words.
type text struct {
	body, lang string
	topic      int
}

// texts writes suggestions, the same ones for the same seed. It is for one
// goroutine.
type texts struct {
	rng               *rand.Rand
	subjects, wishes  []variants
	opening, detail   variants
	closing, filler   variants
	syllable          variants
	word, wordZH, far *rand.Zipf // indexes by frequency
	topic             *rand.Zipf
}

// newTexts returns a writer about so many topics; a few of them are on
// everybody's mind.
func newTexts(seed uint64, topics int) *texts {
	rng := rand.New(rand.NewPCG(seed, 0x6865656d))
	t := &texts{
		rng: rng, subjects: pairs(subjects), wishes: pairs(wishes), opening: pairs(openings)[0], detail: pairs(details)[0], closing: pairs(closings)[0],
		filler:   variants{strings.Fields(fillers), strings.Fields(fillersZH)},
		syllable: variants{strings.Fields(syllables), strings.Fields(syllablesZH)},
	}
	t.word = rand.NewZipf(rng, 1.1, 4, uint64(len(t.filler.en)-1))
	t.wordZH = rand.NewZipf(rng, 1.1, 4, uint64(len(t.filler.zh)-1))
	t.far = rand.NewZipf(rng, 1.05, 8, tailNames-1)
	t.topic = rand.NewZipf(rng, 1.2, float64(max(1, topics/20)), uint64(max(1, topics)-1))
	return t
}

// next writes a text about some topic.
func (t *texts) next() text { return t.about(int(t.topic.Uint64())) }

// about writes a text about a topic.
func (t *texts) about(topic int) text {
	if t.rng.Float64() < shareZH {
		return text{t.chinese(topic), "zh", topic}
	}
	return text{t.english(topic), "en", topic}
}

// matter is what a topic is about: a subject, what is wrong with it, and two
// words of its own, so that there are more topics than subjects times wishes.
func (t *texts) matter(topic int) (subject, wish variants, own [2]int) {
	own = [2]int{topic * 7919 % 101, topic * 104729 % 89}
	return t.subjects[topic%len(t.subjects)], t.wishes[(topic/len(t.subjects)+topic)%len(t.wishes)], own
}

func (t *texts) english(topic int) string {
	subject, wish, own := t.matter(topic)
	words := []string{t.pick(t.opening.en), "the", t.pick(subject.en), t.pick(wish.en)}
	for _, n := range own {
		if t.rng.Float64() < .6 {
			words = append(words, t.join(), t.filler.en[n%len(t.filler.en)])
		}
	}
	want := 8 + int(min(28, t.rng.ExpFloat64()*8))
	for n := count(words); n < want; n = count(words) {
		if t.rng.Float64() < .5 && want-n > 5 {
			words = append(words, ",", t.pick(t.detail.en))
			continue
		}
		words = append(words, t.join(), t.fillerWord())
	}
	words = append(words, ".", t.pick(t.closing.en))
	out := strings.Fields(strings.Join(words, " "))
	for i, w := range out {
		if len(w) >= 4 && t.rng.Float64() < typoRate {
			out[i] = t.typo(w)
		}
	}
	s := strings.TrimSpace(strings.NewReplacer(" , ", ", ", " .", ".").Replace(strings.Join(out[:min(len(out), 40)], " ")))
	return strings.ToUpper(s[:1]) + s[1:]
}

func (t *texts) join() string {
	return t.pick([]string{"with the", "on the", "and the", "for my", "in the", "of", "near", "after the", "from", "without"})
}

func (t *texts) fillerWord() string {
	if t.rng.Float64() >= tailRate {
		return t.filler.en[t.word.Uint64()]
	}
	if t.rng.Float64() < .3 {
		return fmt.Sprint(t.rng.IntN(5000))
	}
	return t.name(t.syllable.en, 3)
}

// name is one of the long tail's, the same for the same number.
func (t *texts) name(parts []string, most int) string {
	n, s := int(t.far.Uint64()), ""
	for range most {
		s += parts[n%len(parts)]
		n /= len(parts)
	}
	return s
}

func (t *texts) chinese(topic int) string {
	subject, wish, own := t.matter(topic)
	s := t.pick(t.opening.zh) + t.pick(subject.zh) + t.pick(wish.zh)
	for _, n := range own {
		if t.rng.Float64() < .6 {
			s += t.joinZH() + t.filler.zh[n%len(t.filler.zh)]
		}
	}
	want := 10 + int(min(42, t.rng.ExpFloat64()*14))
	for utf8.RuneCountInString(s) < want {
		switch {
		case t.rng.Float64() < .5:
			s += "，" + t.pick(t.detail.zh)
		case t.rng.Float64() < tailRate:
			s += t.joinZH() + t.name(t.syllable.zh, 2)
		default:
			s += t.joinZH() + t.filler.zh[t.wordZH.Uint64()]
		}
	}
	s += "。" + t.pick(t.closing.zh)
	if t.rng.Float64() < misprintRate {
		s = strings.NewReplacer("登录", "登陆", "账", "帐", "在", "再").Replace(s)
	}
	if rs := []rune(s); len(rs) > 60 {
		s = string(rs[:60])
	}
	return s
}

func (t *texts) joinZH() string {
	return t.pick([]string{"，比如", "和", "，还有", "，主要是", "在", "，用的是", "以及", "，尤其是"})
}

func (t *texts) pick(from []string) string { return from[t.rng.IntN(len(from))] }

// typo swaps, drops or doubles a letter that is not the first.
func (t *texts) typo(w string) string {
	if !ascii(w) {
		return w
	}
	b, i := []byte(w), 1+t.rng.IntN(len(w)-2)
	switch t.rng.IntN(3) {
	case 0:
		b[i], b[i+1] = b[i+1], b[i]
	case 1:
		b = slices.Delete(b, i, i+1)
	default:
		b = slices.Insert(b, i, b[i])
	}
	return string(b)
}

func ascii(s string) bool { return len(s) == utf8.RuneCountInString(s) }

// count is how many words a list of phrases has.
func count(phrases []string) int {
	n := 0
	for _, p := range phrases {
		n += len(strings.Fields(p))
	}
	return n
}
