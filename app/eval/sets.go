package eval

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/heedhq/heed/dedup"
	"github.com/heedhq/heed/dedup/meaning"
)

// set is a file of texts with the vectors of their meanings.
type set struct {
	name  string
	texts []text
	in    []meaning.Text
	vecs  [][]float32
	size  map[string]int // texts, by theme
}

// name is a file's without its folder and ending.
func name(path string) string { return strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)) }

// load reads a file of texts, and what they mean.
func (h *house) load(ctx context.Context, o Options, path string) (*set, error) {
	texts, err := read[text](path)
	if err != nil {
		return nil, err
	}
	s := &set{name: name(path), texts: texts, in: make([]meaning.Text, len(texts)), size: map[string]int{}}
	for i, t := range texts {
		s.in[i].Title, s.in[i].Text = t.parts()
		s.size[t.theme()]++
	}
	s.vecs, err = h.vectors(ctx, o, s.in)
	return s, err
}

// item is a text as it is put into an index, with its vector.
func (s *set) item(i int) dedup.Item {
	return dedup.Item{ID: s.texts[i].ID, Theme: s.texts[i].theme(), Title: s.in[i].Title, Text: s.in[i].Text, Vector: s.vecs[i]}
}

// query asks for a text as if it were not there.
func (s *set) query(i int) dedup.Query {
	return dedup.Query{Title: s.in[i].Title, Text: s.in[i].Text, Vector: s.vecs[i], Except: s.texts[i].ID}
}

// grouped reports whether another text has the theme of the i-th.
func (s *set) grouped(i int) bool { return s.texts[i].Theme != nil && s.size[*s.texts[i].Theme] > 1 }

// verdict is what an index says of a text, beside what people know.
type verdict struct {
	asked    bool
	belongs  bool    // it has a theme with other texts
	rank     int     // of its theme among those named, from 1; 0: not named
	score    float64 // of the first theme
	voted    int     // texts of the first theme among the nearest
	mismatch bool    // something differs from the first theme
}

// right reports that the first theme named is the text's.
func (v *verdict) right() bool { return v.rank == 1 }

// judge asks an index for the themes of a text.
func judge(index *dedup.Index, q dedup.Query, theme string, belongs bool) verdict {
	v := verdict{asked: true, belongs: belongs}
	for i, c := range index.Match(q) {
		if i == 0 {
			v.score, v.voted, v.mismatch = c.Score, c.Voted, len(c.Mismatch) > 0
		}
		if c.Theme == theme && v.rank == 0 {
			v.rank = i + 1
		}
	}
	return v
}

// joining is a rule by which a text joins the first theme named.
type joining func(*verdict) bool

// from is the rule of a threshold alone: of a theme that nobody has joined yet too
// little is known.
func from(at float64) joining {
	return func(v *verdict) bool { return v.score >= at && v.voted >= dedup.LeastVoted }
}

// unasked is the rule by which texts join with nobody looking.
func unasked(at float64) joining {
	return func(v *verdict) bool { return from(at)(v) && !v.mismatch }
}

// tally is how a rule does on texts.
type tally struct {
	asked, belong        int // texts; of these with a theme to join
	first, five          int // of these: their theme is named first; in the first five
	joined, right        int // by the rule; rightly
	strangers, strayed   int // texts of no theme; of these joined one
	precision, recall    float64
	rightFirst, withFive float64
}

func count(vs []verdict, joins joining) tally {
	var t tally
	for i := range vs {
		v := &vs[i]
		if !v.asked {
			continue
		}
		t.asked++
		j := joins(v)
		if v.belongs {
			t.belong += 1
			t.first += one(v.right())
			t.five += one(v.rank > 0)
		} else {
			t.strangers++
			t.strayed += one(j)
		}
		t.joined += one(j)
		t.right += one(j && v.right())
	}
	t.precision, t.recall = share(t.right, t.joined), share(t.right, t.belong)
	t.rightFirst, t.withFive = share(t.first, t.belong), share(t.five, t.belong)
	return t
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}
