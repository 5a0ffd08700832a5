package dedup

import (
	"fmt"
	"math"
	"math/rand"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// direction returns a unit vector that depends on the name alone; a little of
// another direction may be mixed in.
func direction(name string, mix string, share float64) []float32 {
	v := make([]float32, 512)
	for seed, weight := range map[string]float64{name: 1 - share, mix: share} {
		h := int64(0)
		for _, c := range seed {
			h = h*131 + int64(c)
		}
		r := rand.New(rand.NewSource(h))
		for i := range v {
			v[i] += float32(weight * r.NormFloat64())
		}
	}
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(sum))
	}
	return v
}

func put(v *vectors, n uint32, vec []float32) {
	var s squeezed
	s.squeeze(vec)
	v.put(n, &s)
}

func exactCosine(a, b []float32) (sum float64) {
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

// The signs and two bits a number keep the cosine nearly to two digits, and the
// signs agree with the vectors.
func TestCoarseVectorsCompareLikeTheirOwn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := direction(rapid.StringN(1, 8, 8).Draw(t, "a"), "", 0)
		b := direction(rapid.StringN(1, 8, 8).Draw(t, "b"), "shared", rapid.Float64Range(0, 1).Draw(t, "share"))
		a = direction("shared", "", 0)[:len(a)]
		var v vectors
		put(&v, 3, b)
		p := v.probe(a)
		if got, want := v.cosine(p, 3), exactCosine(a, b); math.Abs(got-want) > .04 {
			t.Fatalf("cosine %v, want %v", got, want)
		}
		lead, all := 0, 0
		for i := range a {
			if (a[i] > 0) != (b[i] > 0) {
				all++
				if i < 256 {
					lead++
				}
			}
		}
		if met := v.scan(p, 3, 4, lead, lead+1, nil); len(met) != 1 || met[0] != uint64(lead)<<32|3 || v.apart(p, 3, lead) != all {
			t.Fatalf("scanned %v, want %d of %d for 3", met, lead, all)
		}
		if met := v.scan(p, 3, 4, 0, lead, v.scan(p, 3, 4, lead+1, 257, nil)); len(met) != 0 {
			t.Fatalf("scanned %v, not %d", met, lead)
		}
	})
}

func TestVectorsThatAreNoneAreNotKept(t *testing.T) {
	nan := direction("x", "", 0)
	nan[7] = float32(math.NaN())
	for name, vec := range map[string][]float32{"empty": {}, "zero": make([]float32, 512), "not a number": nan, "another model's": make([]float32, 768)} {
		var v vectors
		put(&v, 0, direction("first", "", 0))
		put(&v, 1, vec)
		if v.has(1) {
			t.Errorf("%s: kept", name)
		}
	}
	var v vectors
	if put(&v, 0, make([]float32, 40)); v.has(0) || v.probe(make([]float32, 40)) != nil {
		t.Error("a vector shorter than 64 was kept")
	}
}

// semantic is an index whose items share no word with the queries made of it.
func semantic(themes, each int) *Index {
	x := NewIndex()
	for th := range themes {
		for i := range each {
			name := fmt.Sprint("theme", th)
			x.Put(Item{ID: fmt.Sprint(th, "/", i), Theme: name, Public: th%2 == 0, Text: fmt.Sprint("words", th, "x", i),
				Vector: direction(name, fmt.Sprint(th, i), .3)})
		}
	}
	return x
}

func TestMatchFindsMeaningWithoutSharedWords(t *testing.T) {
	x := semantic(50, 4)
	q := Query{Text: "nothing alike", Vector: direction("theme8", "asked", .3)}
	got := x.Match(q)
	if len(got) == 0 || got[0].Theme != "theme8" || got[0].Score < SuggestAt || got[0].Voted != 4 {
		t.Fatalf("%+v", got)
	}
	q.Vector = nil
	if got := x.Match(q); len(got) > 0 {
		t.Errorf("without a vector: %+v", got)
	}
}

// What somebody may not see neither shows nor takes the place of what they may,
// however near it is.
func TestMeaningNeverShowsWhatIsPrivate(t *testing.T) {
	x := NewIndex()
	for i := range 500 { // nearer than any other, and private
		x.Put(Item{ID: fmt.Sprint("p", i), Theme: fmt.Sprint("private", i%40), Text: fmt.Sprint("p", i), Vector: direction("asked", fmt.Sprint(i), .1)})
	}
	x.Put(Item{ID: "pub", Theme: "public", Public: true, Text: "zzz", Vector: direction("asked", "other", .4)})
	q := Query{Text: "nothing alike", Vector: direction("asked", "", 0), PublicOnly: true}
	if got := found(x.Match(q)); !slices.Equal(got, []string{"public"}) {
		t.Errorf("public only: %v", got)
	}
	for _, n := range x.Nearest(q, 100) {
		if n.Theme != "public" {
			t.Errorf("nearest: %+v", n)
		}
	}
	q.PublicOnly, q.Allow = false, func(theme string) bool { return theme == "public" }
	if got := found(x.Match(q)); !slices.Equal(got, []string{"public"}) {
		t.Errorf("allowed only: %v", got)
	}
}

func TestVectorsFollowTheirItems(t *testing.T) {
	x := semantic(30, 4)
	ask := func(th int) string {
		if got := x.Match(Query{Text: "nothing alike", Vector: direction(fmt.Sprint("theme", th), "", 0)}); len(got) > 0 {
			return got[0].Theme
		}
		return ""
	}
	x.Put(Item{ID: "late", Theme: "late", Text: "later"})
	x.SetVector("late", direction("theme99", "", 0))
	x.SetVector("unknown", direction("theme98", "", 0))
	if got := ask(99); got != "late" {
		t.Errorf("a vector that came later: %q", got)
	}
	for i := range 4 {
		x.Remove(fmt.Sprint(3, "/", i))
	}
	if got := ask(3); got == "theme3" {
		t.Error("a removed item was found")
	}
	x.compact()
	for _, th := range []int{0, 7, 29} {
		if got := ask(th); got != fmt.Sprint("theme", th) {
			t.Errorf("theme %d after compaction: %q", th, got)
		}
	}
	x.Put(Item{ID: "0/0", Theme: "theme0", Text: "changed"}) // its old vector is of its old text
	if n, _ := x.ids.find("0/0"); x.vectors.has(n) {
		t.Error("an item put anew without a vector kept the old one")
	}
}

func TestAttachableNeedsMoreThanAScore(t *testing.T) {
	for _, c := range []struct {
		c    Candidate
		want bool
	}{
		{Candidate{Score: .99, Voted: 5}, true},
		{Candidate{Score: .5, Voted: 5}, false},
		{Candidate{Score: .99, Voted: 1}, false},
		{Candidate{Score: .99, Voted: 5, Mismatch: []string{"negation"}}, false},
	} {
		if got := c.c.Attachable(AttachAt); got != c.want {
			t.Errorf("%+v: %v", c.c, got)
		}
	}
}
