package dedup

// Ablation is what an index does without, so that what it is worth can be
// measured. What it can do without by being given less has no bit here: vectors,
// the dictionary.
type Ablation uint8

const (
	// NoJaccard takes the share of common character n-grams out of s.
	NoJaccard Ablation = 1 << iota
	// NoCosine takes the cosine of the n-grams' weights out of s.
	NoCosine
	// NoTypos looks up words only as they are written.
	NoTypos
	// NoVote decides for the theme of the nearest item.
	NoVote
	// NoAcceptance scores a theme by the s of its nearest item alone.
	NoAcceptance
)

// Without makes the index do without something. It must be called before anything
// is put, and by nobody but who measures.
func (x *Index) Without(a Ablation) { x.without = a }

func (x *Index) lacks(a Ablation) bool { return x.without&a != 0 }

// less takes out of what two texts share what the index does without.
func (x *Index) less(l likely) likely {
	if x.lacks(NoJaccard) {
		l.jaccard = 0
	}
	if x.lacks(NoCosine) {
		l.cosine = 0
	}
	return l
}

// mostLike is about the s of two equal texts.
const mostLike = 3

// Evidence is what speaks for a theme that was found: the features that its Score
// is a logistic function of, to fit that anew.
type Evidence struct {
	Theme    string
	Voted    int
	Score    float64
	By       string    // the function, as accept.go names it
	Coef     []float64 // of it; a feature of none stays out
	Features []float64 // see the type features
}

// Evidence returns what speaks for the themes that Match would decide between, the
// decision first, at most limit.
func (x *Index) Evidence(q Query, limit int) []Evidence {
	sc := x.scratch.Get().(*scratch)
	defer x.scratch.Put(sc)
	x.begin(q, sc)
	defer x.mu.RUnlock()
	verdicts := x.search(q, poolSize, poolTheme, sc)
	votes := allVotes(verdicts)
	p := sc.probe
	var out []Evidence
	for i := range verdicts[:min(limit, len(verdicts))] {
		v := &verdicts[i]
		name, by, f := x.evidence(v, verdicts, sc.pool, p, votes)
		out = append(out, Evidence{Theme: x.themes.themes[v.theme].name, Voted: v.voted, Score: v.score, By: name, Coef: by.coef, Features: f})
	}
	return out
}
