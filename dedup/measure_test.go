package dedup

import (
	"slices"
	"testing"
)

// Each bit takes away what it says, and nothing is taken away unasked.
func TestWithout(t *testing.T) {
	const long = "export every board to a spreadsheet with the columns, cards, comments, labels and attachments that it holds "
	build := func(a Ablation) *Index {
		x := NewIndex()
		x.Without(a)
		x.Put(Item{ID: "a1", Theme: "a", Text: long + "now"})
		for _, when := range []string{"today", "later", "often"} {
			x.Put(Item{ID: when, Theme: "b", Text: long + when})
		}
		x.Put(Item{ID: "c1", Theme: "c", Text: "forgotten password"})
		return x
	}
	first := func(a Ablation, text string) (c Candidate) {
		if cs := build(a).Match(Query{Text: text}); len(cs) > 0 {
			return cs[0]
		}
		return c
	}
	if got := first(0, "pasword").Theme; got != "c" {
		t.Errorf("a typo finds %q", got)
	}
	if got := first(NoTypos, "pasword").Theme; got != "" {
		t.Errorf("uncorrected, a typo finds %q", got)
	}
	const ask = long + "now"
	if got := first(0, ask).Theme; got != "b" {
		t.Errorf("three votes lose to one: %q", got)
	}
	if got := first(NoVote, ask).Theme; got != "a" {
		t.Errorf("without votes the nearest item's theme is %q", got)
	}
	for _, a := range []Ablation{NoJaccard, NoCosine} {
		if first(a|NoAcceptance, ask).Score >= first(NoAcceptance, ask).Score {
			t.Errorf("%d: as alike as with everything", a)
		}
	}
	if s := first(NoAcceptance|NoJaccard|NoCosine, ask).Score; s != 0 {
		t.Errorf("without words or meaning two texts are alike: %v", s)
	}
}

// What the acceptance is fitted to is what it decides on.
func TestEvidenceIsWhatTheScoreIsMadeOf(t *testing.T) {
	x := NewIndex()
	dir := func(i int) []float32 { v := make([]float32, 64); v[i] = 1; return v }
	for i, text := range []string{"export the board", "the board exports slowly", "dark mode"} {
		x.Put(Item{ID: text, Theme: []string{"a", "a", "b"}[i], Text: text, Vector: dir(i % 2)})
	}
	for name, vec := range map[string][]float32{"words": nil, "meaning": dir(0)} {
		q := Query{Text: "export my board in dark mode", Vector: vec}
		es, cs := x.Evidence(q, 9), x.Match(q)
		if len(es) != len(cs) || len(es) == 0 || es[0].Theme != cs[0].Theme {
			t.Fatalf("%s: %v for %v", name, es, cs)
		}
		for _, e := range es {
			by := map[string]logistic{"byWords": byWords(), "byMeaning": byMeaning(), "byOne": byOne()}[e.By]
			if (e.By == "byWords") != (vec == nil) {
				t.Errorf("%s: %s weighs it", name, e.By)
			}
			if got := by.probability(e.Features); got != e.Score || len(e.Features) < len(by.coef) || !slices.Equal(e.Coef, by.coef) {
				t.Errorf("%s: %s has %v of %v", name, e.Theme, e.Score, got)
			}
			if !slices.ContainsFunc(cs, func(c Candidate) bool { return c.Theme == e.Theme && c.Score == e.Score }) {
				t.Errorf("%s: %s is matched with another score", name, e.Theme)
			}
		}
		if got := x.Evidence(q, 1); len(got) != 1 {
			t.Errorf("%s: %d of at most one", name, len(got))
		}
	}
}
