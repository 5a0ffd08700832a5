package learn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// world makes feedback of which it is known what it says: a thing, what is wrong
// with it, and words that mean nothing. Each wrong has two ways to say it, which
// s cannot know to be the same; each thing has a platform, which s does not know
// to matter.
type world struct{ *rand.Rand }

func newWorld(seed uint64) world { return world{rand.New(rand.NewPCG(seed, 5))} }

const things, wrongs, fillers = 12, 8, 60

type said struct {
	thing, wrong int
	tokens       []string
}

func (w world) say(thing, wrong int) said {
	s := said{thing, wrong, []string{fmt.Sprint("thing", thing), fmt.Sprint("wrong", wrong, "way", w.IntN(2))}}
	for range 2 + w.IntN(5) {
		s.tokens = append(s.tokens, fmt.Sprint("filler", int(float64(fillers)*w.Float64()*w.Float64())))
	}
	w.Shuffle(len(s.tokens), func(i, j int) { s.tokens[i], s.tokens[j] = s.tokens[j], s.tokens[i] })
	return s
}

// decide makes one decision; half of them are the same. s is the overlap of the
// words, somewhat blurred, plus what an encoder would see: a little of the sense.
func (w world) decide() Example {
	a := w.say(w.IntN(things), w.IntN(wrongs))
	b := w.say(a.thing, a.wrong)
	if w.IntN(2) == 0 {
		b = w.say(a.thing, (a.wrong+1+w.IntN(wrongs-1))%wrongs)
		if w.IntN(3) == 0 {
			b = w.say((a.thing+1+w.IntN(things-1))%things, a.wrong)
		}
	}
	same := a.thing == b.thing && a.wrong == b.wrong
	j := jaccard(a.tokens, b.tokens)
	u := .1 * w.NormFloat64()
	if same {
		u += .1
	}
	return Example{Dense: []float64{j + u, j, u, w.NormFloat64()}, A: NewWords(a.tokens), B: NewWords(b.tokens), Same: same}
}

func (w world) decisions(n int) []Example {
	out := make([]Example, n)
	for i := range out {
		out[i] = w.decide()
	}
	return out
}

func jaccard(a, b []string) float64 {
	both := 0.0
	for _, t := range a {
		if slices.Contains(b, t) {
			both++
		}
	}
	return both / (float64(len(a)+len(b)) - both)
}

// order is how often a pair that says the same is above one that does not (AUC).
func order(es []Example, score func(Example) float64) float64 {
	type scored struct {
		s    float64
		same bool
	}
	var all []scored
	for _, e := range es {
		all = append(all, scored{score(e), e.Same})
	}
	slices.SortFunc(all, func(a, b scored) int {
		switch {
		case a.s < b.s:
			return -1
		case a.s > b.s:
			return 1
		}
		return 0
	})
	sum, same := 0.0, 0.0
	for i := 0; i < len(all); {
		k, n := i, 0.0
		for ; k < len(all) && all[k].s == all[i].s; k++ {
			if all[k].same {
				n++
			}
		}
		sum += n * float64(i+k-1) / 2
		same += n
		i = k
	}
	return (sum - same*(same-1)/2) / (same * (float64(len(all)) - same))
}

func alone(e Example) float64 { return e.Dense[0] }

func (m *Model) of(e Example) float64 { return m.Score(e.Dense, e.A, e.B) }

// What decisions teach is used: far above s, and the more the better.
func TestLearnsWhichWordsTellApart(t *testing.T) {
	judged := newWorld(99).decisions(3000)
	before, s := 0.0, order(judged, alone)
	for _, n := range []int{400, 1000, 2500} {
		got := order(judged, Fit(newWorld(1).decisions(n)).of)
		t.Logf("%5d decisions: %.3f, s alone %.3f", n, got, s)
		if got < before+.01 || got < s+.01 {
			t.Errorf("after %d decisions %.3f, before %.3f, s alone %.3f", n, got, before, s)
		}
		before = got
	}
	if before < .95 {
		t.Errorf("after all %.3f", before)
	}
}

// However few decisions there are, the order is not worse than that of s.
func TestFewDecisionsDoNoHarm(t *testing.T) {
	judged := newWorld(99).decisions(2000)
	s := order(judged, alone)
	for _, n := range []int{0, 1, 10, 50, 100} {
		m := Fit(newWorld(1).decisions(n))
		for _, e := range judged[:200] {
			if m.of(e) != e.Dense[0] {
				t.Fatalf("%d decisions: %v of s %v", n, m.of(e), e.Dense[0])
			}
		}
	}
	const draws = 8
	for _, n := range []int{120, 199, 400} {
		mean, worst := 0.0, 1.0
		for seed := range uint64(draws) {
			got := order(judged, Fit(newWorld(seed).decisions(n)).of)
			mean, worst = mean+got/draws, min(worst, got)
		}
		t.Logf("%3d decisions: mean %.4f, worst %.4f, s alone %.4f", n, mean, worst, s)
		if mean < s || worst < s-.005 {
			t.Errorf("%d decisions: mean %.4f, worst %.4f, s alone %.4f", n, mean, worst, s)
		}
	}
}

// Answers that have nothing to do with the texts, and words that have nothing to
// do with the answers, teach nothing.
func TestNothingIsLearnedFromNoise(t *testing.T) {
	judged := newWorld(99).decisions(2000)
	s := order(judged, alone)
	for _, n := range []int{100, 250, 600} {
		es := newWorld(2).decisions(n)
		r := rand.New(rand.NewPCG(1, 1))
		for i := range es {
			// the answer is that of s, blurred; the words are those of another pair
			es[i].Same = es[i].Dense[0]+.3*r.NormFloat64() > .3
			k := r.IntN(n)
			es[i].A, es[i].B = es[k].A, es[k].B
		}
		if got := order(judged, Fit(es).of); got < s-.01 {
			t.Errorf("%d decisions: %.4f, s alone %.4f", n, got, s)
		}
		for i := range es {
			es[i].Same = r.IntN(2) == 0
		}
		if got := order(judged, Fit(es).of); got < s-.05 {
			t.Errorf("%d answers by dice: %.4f, s alone %.4f", n, got, s)
		}
	}
}

// One answer only says nothing about what tells apart.
func TestOneAnswerOnly(t *testing.T) {
	es := newWorld(3).decisions(500)
	for i := range es {
		es[i].Same = true
	}
	m := Fit(es)
	for _, e := range es[:50] {
		if m.of(e) != e.Dense[0] {
			t.Fatalf("score %v of s %v", m.of(e), e.Dense[0])
		}
	}
}

func words(text string) Words {
	var tokens []string
	for f := range strings.FieldsSeq(text) {
		if f[0] < 0x80 {
			tokens = append(tokens, f)
			continue
		}
		for _, r := range f {
			tokens = append(tokens, string(r))
		}
	}
	return NewWords(tokens)
}

// In both languages: after it was told a few times that one word tells apart
// and another does not, pairs it has not seen follow.
func TestTwoLanguages(t *testing.T) {
	parts := map[string][2][]string{ // the first tells apart, the second does not
		"en": {{"android", "iphone"}, {"please", "kindly"}},
		"zh": {{"安卓", "苹果"}, {"请问", "麻烦"}},
	}
	texts := map[string][]string{
		"en": strings.Split("the app crashes on %s|cannot log in on %s|pictures stay blank %s|dark mode missing %s|no sound %s|sync stops %s", "|"),
		"zh": strings.Split("%s 闪退|%s 无法登录|%s 图片打不开|%s 没有深色模式|%s 没有声音|%s 不能同步", "|"),
	}
	for lang, p := range parts {
		pair := func(text string, ab []string, same bool) Example {
			return Example{Dense: []float64{.7}, A: words(fmt.Sprintf(text, ab[0])), B: words(fmt.Sprintf(text, ab[1])), Same: same}
		}
		var es []Example
		for range 20 {
			for _, text := range texts[lang][1:] {
				es = append(es, pair(text, p[0], false), pair(text, p[1], true))
			}
		}
		m := Fit(es)
		apart, not := m.of(pair(texts[lang][0], p[0], false)), m.of(pair(texts[lang][0], p[1], true))
		if !(apart < not-.1) {
			t.Errorf("%s: %.3f where it tells apart, %.3f where it does not", lang, apart, not)
		}
	}
}

// Scores keep the scale of s.
func TestScale(t *testing.T) {
	es := newWorld(4).decisions(2000)
	moments := func(f func(Example) float64) (mean, spread float64) {
		for _, e := range es {
			mean += f(e) / float64(len(es))
		}
		for _, e := range es {
			spread += (f(e) - mean) * (f(e) - mean) / float64(len(es))
		}
		return mean, math.Sqrt(spread)
	}
	mean, spread := moments(alone)
	gotMean, gotSpread := moments(Fit(es).of)
	if math.Abs(mean-gotMean) > 1e-3 || math.Abs(spread-gotSpread) > 1e-3 {
		t.Errorf("mean %.4f spread %.4f, of s %.4f %.4f", gotMean, gotSpread, mean, spread)
	}
}
