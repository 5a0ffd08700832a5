package eval

import (
	"context"
	"strconv"

	"github.com/heedhq/heed/dedup"
	"github.com/heedhq/heed/dedup/learn"
	"github.com/heedhq/heed/dedup/meaning"
)

// pair is two texts and whether they say the same; in a file of decisions the
// label is what a person said.
type pair struct {
	ID    string `json:"id"`
	A     string `json:"a"`
	B     string `json:"b"`
	Label int    `json:"label"`
}

// Pairs scores how alike the texts of each pair are, after learning from the
// decisions of another file where one is given. The labels of In are not read.
func Pairs(ctx context.Context, o Options) error {
	asked, err := read[pair](o.In)
	if err != nil {
		return err
	}
	var decided []pair
	if o.Learn != "" {
		if decided, err = read[pair](o.Learn); err != nil {
			return err
		}
		if o.First > 0 {
			decided = decided[:min(o.First, len(decided))]
		}
	}
	h, err := newHouse()
	if err != nil {
		return err
	}
	examples, err := h.examples(ctx, o, append(append([]pair{}, decided...), asked...))
	if err != nil {
		return err
	}
	for i := range decided {
		examples[i].Same = decided[i].Label == 1
	}
	var model *learn.Model
	if len(decided) > 0 {
		model = learn.Fit(examples[:len(decided)])
	}
	examples = examples[len(decided):]
	return write(o.Out, len(asked), func(i int) any {
		e := &examples[i]
		return struct {
			ID    string  `json:"id"`
			Score float64 `json:"score"`
		}{asked[i].ID, model.Score(e.Dense, e.A, e.B)}
	})
}

// examples puts all texts into the index, so that it knows which words are rare,
// and compares each pair.
func (h *house) examples(ctx context.Context, o Options, pairs []pair) ([]learn.Example, error) {
	texts := make([]meaning.Text, 0, 2*len(pairs))
	for _, p := range pairs {
		texts = append(texts, meaning.Text{Text: p.A}, meaning.Text{Text: p.B})
	}
	vecs, err := h.vectors(ctx, o, texts)
	if err != nil {
		return nil, err
	}
	for i, t := range texts {
		id := strconv.Itoa(i)
		h.index.Put(dedup.Item{ID: id, Theme: id, Text: t.Text, Vector: vecs[i]})
	}
	out := make([]learn.Example, len(pairs))
	err = each(ctx, o.Progress("comparing"), len(pairs), func(i int) error {
		out[i], _ = h.index.Example(dedup.Query{Text: texts[2*i].Text, Vector: vecs[2*i]}, strconv.Itoa(2*i+1), false)
		return nil
	})
	return out, err
}
