package eval

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/heedhq/heed/dedup"
)

// Fitted are the functions of the acceptance as they come out on some sets, by
// their names in dedup/accept.go, and how they do on themes that they were not
// fitted to.
type Fitted struct {
	By    map[string]Logistic `json:"by"`
	Table Table               `json:"table"`
}

const (
	folds = 4 // of the themes; each is judged by what was fitted to the others
	named = 5 // themes of a text that are looked at
)

// evidence is what speaks for a theme that was found for a text.
type evidence struct {
	dedup.Evidence
	mix     string
	fold    int
	few     bool // of an index of few texts, in all or of a theme
	worded  bool // asked by its words alone
	first   bool // it is the decision
	right   bool
	belongs bool // the text has a theme in the index
}

// used reports whether its function is fitted to it: all themes found where words
// alone tell them apart, else the decision; that for a theme that nobody has joined
// only where there are few.
func (e *evidence) used() bool {
	return e.worded || e.first && (e.few || e.Voted >= dedup.LeastVoted)
}

// Fit fits the acceptance of dedup/accept.go anew: on sets of texts whole, cut to
// twelve and to four texts a theme, and on small indexes of a few texts, where half
// of the queries belong nowhere; each text asked as if it were not there.
func Fit(ctx context.Context, o Options, files []string) (*Fitted, error) {
	h, err := newHouse()
	if err != nil {
		return nil, err
	}
	var es []evidence
	for _, path := range files {
		s, err := h.load(ctx, o, path)
		if err != nil {
			return nil, err
		}
		for _, m := range s.mixes() {
			some, err := h.evidence(ctx, o, s, m)
			if err != nil {
				return nil, err
			}
			es = append(es, some...)
		}
	}
	f := &Fitted{By: map[string]Logistic{}, Table: Table{Measurement: "fit", Of: "function, on", Columns: counts("texts"),
		Conditions: fmt.Sprintf("each of %d parts of the themes judged by what was fitted to the others, beside the coefficients in use; joins: score ≥ %.2f and two of the theme's texts among the nearest; proposed: score ≥ %.2f", folds, dedup.AttachAt, dedup.SuggestAt)}}
	f.Table.Columns = append(f.Table.Columns, shares("right theme first", "log-loss", "log-loss in use", "joins: precision", "joins: recall", "joins in use: precision", "joins in use: recall",
		"proposed: precision", "proposed: recall", "proposed in use: precision", "proposed in use: recall")...)
	return f, f.fit(es)
}

// evidence asks the texts of a mix, by meaning and by words alone.
func (h *house) evidence(ctx context.Context, o Options, s *set, m mix) (es []evidence, err error) {
	progress := o.Progress(m.name)
	for k, held := range m.indexes {
		index, err := h.empty(true, 0)
		if err != nil {
			return nil, err
		}
		in := map[string]int{}
		for _, i := range held.holds {
			index.Put(s.item(i))
			in[s.texts[i].theme()]++
		}
		found := make([][]evidence, len(held.asked))
		err = each(ctx, func(done, total int) {
			if len(m.indexes) == 1 {
				progress(done, total)
			}
		}, len(held.asked), func(n int) error {
			t, q := s.texts[held.asked[n]], s.query(held.asked[n])
			e := evidence{mix: s.name + " " + m.name, fold: fold(t), few: m.few, belongs: t.Theme != nil && in[t.theme()] > one(!m.apart)}
			found[n] = e.of(index.Evidence(q, named), t.theme())
			q.Vector, e.worded = nil, true
			found[n] = append(found[n], e.of(index.Evidence(q, named), t.theme())...)
			return nil
		})
		if err != nil {
			return nil, err
		}
		es = slices.Concat(append([][]evidence{es}, found...)...)
		if len(m.indexes) > 1 {
			progress(k+1, len(m.indexes))
		}
	}
	return es, nil
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

// fit fits each function to what it is used for, and adds how that does on each
// mix.
func (f *Fitted) fit(es []evidence) error {
	var names, mixes []string
	by, of := map[string][]*evidence{}, map[string][]*evidence{}
	for i := range es {
		e := &es[i]
		if by[e.By] == nil {
			names = append(names, e.By)
		}
		by[e.By] = append(by[e.By], e)
		if e.first {
			mix := e.By + ", " + e.mix
			if of[mix] == nil {
				mixes = append(mixes, mix)
			}
			of[mix] = append(of[mix], e)
		}
	}
	if len(names) == 0 {
		return errTooFew
	}
	held := map[string][]Logistic{}
	for _, name := range names {
		for k := range folds {
			l, err := fitted(by[name], k)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			held[name] = append(held[name], l)
		}
		f.By[name], _ = fitted(by[name], -1) // what some of them were enough for
	}
	slices.SortStableFunc(mixes, func(a, b string) int { return cmp.Compare(of[a][0].By, of[b][0].By) })
	for _, m := range mixes {
		f.Table.judge(m, of[m], held[of[m][0].By])
	}
	return nil
}

var errTooFew = errors.New("too few texts to fit to: there must be several themes of several texts")

// fitted is a function fitted to all but a part of the themes.
func fitted(es []*evidence, out int) (Logistic, error) {
	var rows [][]float64
	var right []bool
	for _, e := range es {
		if e.fold != out && e.used() {
			rows, right = append(rows, e.Features), append(right, e.right)
		}
	}
	if len(rows) == 0 {
		return Logistic{}, errTooFew
	}
	var without []int
	for j := range rows[0] {
		if coef := es[0].Coef; j >= len(coef) || coef[j] == 0 {
			without = append(without, j)
		}
	}
	l := fitLogistic(rows, right, without)
	l.Coef = l.Coef[:len(es[0].Coef)]
	return l, nil
}

// judge adds a line on the decisions of a mix.
func (t *Table) judge(name string, es []*evidence, held []Logistic) {
	type kept struct{ all, right int }
	var joins, joinsNow, proposed, proposedNow kept
	belong, first, used := 0, 0, 0
	loss, lossNow := 0.0, 0.0
	keep := func(k *kept, e *evidence, score, at float64, voted int) {
		k.all += one(score >= at && e.Voted >= voted)
		k.right += one(score >= at && e.Voted >= voted && e.right)
	}
	for _, e := range es {
		p := held[e.fold].probability(e.Features)
		belong += one(e.belongs)
		first += one(e.belongs && e.right)
		if e.used() {
			used++
			loss += logLoss(p, e.right)
			lossNow += logLoss(e.Score, e.right)
		}
		keep(&joins, e, p, dedup.AttachAt, dedup.LeastVoted)
		keep(&joinsNow, e, e.Score, dedup.AttachAt, dedup.LeastVoted)
		keep(&proposed, e, p, dedup.SuggestAt, 0)
		keep(&proposedNow, e, e.Score, dedup.SuggestAt, 0)
	}
	figures := []float64{float64(len(es)), share(first, belong), loss / float64(used), lossNow / float64(used)}
	for _, k := range []kept{joins, joinsNow, proposed, proposedNow} {
		figures = append(figures, share(k.right, k.all), share(k.right, belong))
	}
	t.add(name, figures...)
}

func logLoss(p float64, right bool) float64 {
	if !right {
		p = 1 - p
	}
	return -math.Log(max(p, 1e-12))
}
