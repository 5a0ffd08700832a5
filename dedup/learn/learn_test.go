package learn

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Before anything was learned the score is s.
func TestUntrainedIsS(t *testing.T) {
	stored, err := Unmarshal((*Model)(nil).Marshal())
	if err != nil {
		t.Fatal(err)
	}
	for name, m := range map[string]*Model{"nil": nil, "fitted on nothing": Fit(nil), "stored": stored, "one decision": Fit(newWorld(1).decisions(1))} {
		rapid.Check(t, func(t *rapid.T) {
			s := rapid.Float64Range(-3, 3)
			x, y := s.Draw(t, "x"), s.Draw(t, "y")
			e := newWorld(rapid.Uint64().Draw(t, "seed")).decide()
			a, b := m.Score([]float64{x, 9}, e.A, e.B), m.Score([]float64{y, 1}, e.B, e.B)
			if a != x || b != y {
				t.Fatalf("%s: %v and %v for %v and %v", name, a, b, x, y)
			}
		})
	}
}

func drawDense(t *rapid.T) []float64 {
	return rapid.SliceOfN(rapid.OneOf(rapid.Float64Range(-2, 2), rapid.SampledFrom([]float64{0, math.NaN(), math.Inf(1), math.Inf(-1), 1e300, -1e300})), 0, 5).Draw(t, "dense")
}

func drawWords(t *rapid.T, label string) Words {
	token := rapid.SampledFrom([]string{"", "a", "slow", "export", "导", "出", "慢", "\xff", "é", "123"})
	return NewWords(rapid.SliceOfN(token, 0, 90).Draw(t, label))
}

// forced learns from decisions whether that does any good or not.
func forced(es []Example) *Model {
	m, c := &Model{decisions: len(es)}, measure(es)
	d := c.design(es)
	m.set(d, c, d.descend(c.count(), .5, nil))
	return m
}

// Whatever it is fed, a score is a number, the same for the same decisions, and
// the same whichever text comes first; stored and read again it hardly differs.
func TestPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		es := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Example {
			return Example{drawDense(t), drawWords(t, "a"), drawWords(t, "b"), rapid.Bool().Draw(t, "same")}
		}), 1, 30).Draw(t, "examples")
		learn := forced
		if rapid.Bool().Draw(t, "many") {
			learn, es = Fit, append(es, newWorld(1).decisions(110)...)
		}
		m := learn(es)
		stored := m.Marshal()
		if !bytes.Equal(stored, learn(es).Marshal()) {
			t.Fatal("the same decisions, another model")
		}
		read, err := Unmarshal(stored)
		if err != nil {
			t.Fatal(err)
		}
		if m.decisions != len(es) || read.decisions != len(es) {
			t.Fatalf("%d decisions, stored %d, of %d", m.decisions, read.decisions, len(es))
		}
		dense, a, b := drawDense(t), drawWords(t, "a"), drawWords(t, "b")
		x := m.Score(dense, a, b)
		if math.IsNaN(x) || math.IsInf(x, 0) {
			t.Fatalf("score %v", x)
		}
		if y := m.Score(dense, b, a); math.Abs(x-y) > 1e-9*(1+math.Abs(x)) {
			t.Fatalf("%v, the other way round %v", x, y)
		}
		if y := read.Score(dense, a, b); math.Abs(x-y) > 1e-3*(1+math.Abs(x)) {
			t.Fatalf("%v, stored and read again %v", x, y)
		}
	})
}

// No bytes make it crash, hang or take much memory; what it takes for a model
// gives numbers.
func TestHostileBytes(t *testing.T) {
	es := newWorld(1).decisions(300)
	good := forced(es).Marshal()
	for n := 0; n < len(good); n += 1 + n/64 {
		if _, err := Unmarshal(good[:n]); !errors.Is(err, ErrFormat) {
			t.Fatalf("the first %d of %d bytes: %v", n, len(good), err)
		}
	}
	if _, err := Unmarshal(append(slices.Clone(good), 0)); !errors.Is(err, ErrFormat) {
		t.Errorf("a byte too many: %v", err)
	}
	later := slices.Clone(good)
	later[2]++
	if _, err := Unmarshal(later); !errors.Is(err, ErrFormat) {
		t.Errorf("another version: %v", err)
	}
	rapid.Check(t, func(t *rapid.T) {
		b := slices.Clone(good)
		for range rapid.IntRange(1, 5).Draw(t, "changes") {
			b[rapid.IntRange(0, min(len(b)-1, 200)).Draw(t, "at")] = rapid.Byte().Draw(t, "byte")
		}
		m, err := Unmarshal(b)
		if err != nil {
			if !errors.Is(err, ErrFormat) {
				t.Fatal(err)
			}
			return
		}
		if x := m.of(es[0]); math.IsNaN(x) {
			t.Fatal("no number")
		}
		if _, err := Unmarshal(m.Marshal()); err != nil {
			t.Fatalf("read, but not after it was stored again: %v", err)
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		b := append([]byte{'h', 'l', version}, rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")...)
		if m, err := Unmarshal(b); err == nil {
			m.of(es[0])
		}
	})
}

// A model takes a row, and a score no memory.
func TestSize(t *testing.T) {
	es := newWorld(1).decisions(3000)
	m := Fit(es)
	if n := len(m.Marshal()); n > 300_000 {
		t.Errorf("%d bytes", n)
	}
	if n := testing.AllocsPerRun(100, func() { m.of(es[0]) }); n > 0 {
		t.Errorf("%v allocations a score", n)
	}
}

func TestWords(t *testing.T) {
	for _, c := range []struct {
		tokens   []string
		one, two int
	}{
		{nil, 0, 0}, {[]string{"export", "slow"}, 2, 1}, {[]string{"导", "出", "慢"}, 3, 2}, {[]string{"slow", "slow"}, 1, 1},
		{[]string{"人", "人", "人"}, 1, 1},
	} {
		if w := NewWords(c.tokens); len(w.one) != c.one || len(w.two) != c.two {
			t.Errorf("%q: %d and %d", c.tokens, len(w.one), len(w.two))
		}
	}
	long := make([]string, 10_000)
	for i := range long {
		long[i] = fmt.Sprint(i)
	}
	w := NewWords(long)
	if len(w.one) != maxTokens {
		t.Errorf("%d words read of a long text", len(w.one))
	}
	if n := testing.AllocsPerRun(10, func() { w.Read(long) }); n > 0 {
		t.Errorf("%v allocations to read another text", n)
	}
}

func BenchmarkFit10k(b *testing.B) {
	es := newWorld(1).decisions(10_000)
	b.ReportAllocs()
	for b.Loop() {
		Fit(es)
	}
}

func BenchmarkScore(b *testing.B) {
	es := newWorld(1).decisions(2000)
	m := Fit(es)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		m.of(es[i%len(es)])
		i++
	}
}
