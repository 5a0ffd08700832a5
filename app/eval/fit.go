package eval

import (
	"context"
	"fmt"
	"math"

	"github.com/heedhq/heed/dedup"
)

// Fitted are the coefficients of the acceptance as they come out on some sets, and
// how they do on themes that they were not fitted to.
type Fitted struct {
	ByMeaning Logistic `json:"by_meaning"`
	ByWords   Logistic `json:"by_words"`
	Table     Table    `json:"table"`
}

const (
	folds = 4 // of the themes; each is judged by what was fitted to the others
	named = 5 // themes of a text that byWords is fitted to
)

// unweighed are the features that the acceptance by meaning does without, for they
// change nothing: shares of the votes and of the query's weight.
func unweighed() []int { return []int{2, 7} }

// evidence is what speaks for a theme that was found for a text.
type evidence struct {
	dedup.Evidence
	mix     string
	fold    int
	small   bool // of a small index
	first   bool // it is the decision
	right   bool
	belongs bool // the text has a theme in the index
}

// Fit fits the acceptance of dedup/accept.go anew: on sets of texts whole, cut to
// twelve and to four texts a theme, and on small indexes of a few texts, where half
// of the queries belong nowhere; each text asked as if it were not there.
func Fit(ctx context.Context, o Options, files []string) (*Fitted, error) {
	h, err := newHouse()
	if err != nil {
		return nil, err
	}
	var meant, worded []evidence
	for _, path := range files {
		s, err := h.load(ctx, o, path)
		if err != nil {
			return nil, err
		}
		for _, m := range s.mixes() {
			a, b, err := h.evidence(ctx, o, s, m)
			if err != nil {
				return nil, err
			}
			meant, worded = append(meant, a...), append(worded, b...)
		}
	}
	f := &Fitted{Table: Table{Measurement: "fit", Of: "asked by, on", Columns: counts("texts"),
		Conditions: fmt.Sprintf("each of %d parts of the themes judged by what was fitted to the others, beside the coefficients in use; joins: score ≥ %.2f and two of the theme's texts among the nearest; proposed: score ≥ %.2f", folds, dedup.AttachAt, dedup.SuggestAt)}}
	f.Table.Columns = append(f.Table.Columns, shares("right theme first", "log-loss", "log-loss in use", "joins: precision", "joins: recall", "joins in use: precision", "joins in use: recall", "proposed: precision", "proposed: recall")...)
	if f.ByMeaning, err = f.fit("meaning", meant, func(e *evidence) bool { return e.first && (e.small || e.Voted >= dedup.LeastVoted) }, unweighed()); err == nil {
		f.ByWords, err = f.fit("words", worded, func(*evidence) bool { return true }, nil)
	}
	return f, err
}

// evidence asks the texts of a mix, by meaning and by words alone.
func (h *house) evidence(ctx context.Context, o Options, s *set, m mix) (meant, worded []evidence, err error) {
	progress := o.Progress(m.name)
	for k, held := range m.indexes {
		index, err := h.empty(true, 0)
		if err != nil {
			return nil, nil, err
		}
		in := map[string]int{}
		for _, i := range held.holds {
			index.Put(s.item(i))
			in[s.texts[i].theme()]++
		}
		found := make([][2][]evidence, len(held.asked))
		err = each(ctx, func(done, total int) {
			if !m.small {
				progress(done, total)
			}
		}, len(held.asked), func(n int) error {
			t, q := s.texts[held.asked[n]], s.query(held.asked[n])
			e := evidence{mix: s.name + " " + m.name, fold: fold(t), small: m.small, belongs: t.Theme != nil && in[t.theme()] > one(!m.small)}
			found[n][0] = e.of(index.Evidence(q, named), t.theme())
			q.Vector = nil
			found[n][1] = e.of(index.Evidence(q, named), t.theme())
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
		for _, f := range found {
			meant, worded = append(meant, f[0]...), append(worded, f[1]...)
		}
		if m.small {
			progress(k+1, len(m.indexes))
		}
	}
	return meant, worded, nil
}

// of completes the evidence of a text with what was found.
func (e evidence) of(found []dedup.Evidence, theme string) []evidence {
	var out []evidence
	for i, f := range found {
		e.Evidence, e.first, e.right = f, i == 0, f.Theme == theme
		out = append(out, e)
	}
	return out
}

// fit fits to what is used, and adds how that does on each mix.
func (f *Fitted) fit(by string, es []evidence, used func(*evidence) bool, without []int) (Logistic, error) {
	some := func(fold int) (Logistic, error) { // fitted to all but a part of the themes
		var rows [][]float64
		var right []bool
		for i := range es {
			if e := &es[i]; e.fold != fold && used(e) {
				rows, right = append(rows, e.Features), append(right, e.right)
			}
		}
		if len(rows) == 0 {
			return Logistic{}, fmt.Errorf("too few texts to fit by %s: there must be several themes of several texts", by)
		}
		return fitLogistic(rows, right, without), nil
	}
	held := make([]Logistic, folds)
	for k := range held {
		var err error
		if held[k], err = some(k); err != nil {
			return Logistic{}, err
		}
	}
	var mixes []string
	of := map[string][]*evidence{}
	for i := range es {
		if e := &es[i]; e.first {
			if of[e.mix] == nil {
				mixes = append(mixes, e.mix)
			}
			of[e.mix] = append(of[e.mix], e)
		}
	}
	for _, m := range mixes {
		f.Table.judge(by+", "+m, of[m], held, used)
	}
	return some(-1)
}

// judge adds a line on the decisions of a mix.
func (t *Table) judge(name string, es []*evidence, held []Logistic, used func(*evidence) bool) {
	var n, belong, first, fitted int
	var joins, inUse, proposed struct{ all, right int }
	loss, lossInUse := 0.0, 0.0
	for _, e := range es {
		n++
		belong += one(e.belongs)
		first += one(e.belongs && e.right)
		p := held[e.fold].probability(e.Features)
		if used(e) {
			fitted++
			loss += logLoss(p, e.right)
			lossInUse += logLoss(e.Score, e.right)
		}
		if p >= dedup.AttachAt && e.Voted >= dedup.LeastVoted {
			joins.all++
			joins.right += one(e.right)
		}
		if e.Score >= dedup.AttachAt && e.Voted >= dedup.LeastVoted {
			inUse.all++
			inUse.right += one(e.right)
		}
		if p >= dedup.SuggestAt {
			proposed.all++
			proposed.right += one(e.right)
		}
	}
	t.add(name, float64(n), share(first, belong), loss/float64(fitted), lossInUse/float64(fitted), share(joins.right, joins.all), share(joins.right, belong),
		share(inUse.right, inUse.all), share(inUse.right, belong), share(proposed.right, proposed.all), share(proposed.right, belong))
}

func logLoss(p float64, right bool) float64 {
	if !right {
		p = 1 - p
	}
	return -math.Log(max(p, 1e-12))
}
