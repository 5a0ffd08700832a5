package eval

import (
	"context"
	"encoding/json"

	"github.com/heedhq/heed/dedup"
)

// ranked is an item with its score, written as [id, score].
type ranked struct {
	id    string
	score float64
}

// MarshalJSON writes the pair.
func (r ranked) MarshalJSON() ([]byte, error) { return json.Marshal([]any{r.id, r.score}) }

const ranks = 100 // items named for a query

// Retrieval ranks, for every text, the others: first the best of the theme that
// would be named first, then all by how alike they are.
func Retrieval(ctx context.Context, o Options) error {
	return leaveOneOut(ctx, o, func(h *house, t text, q dedup.Query) any {
		line := struct {
			Query  string   `json:"query"`
			Ranked []ranked `json:"ranked"`
		}{t.ID, []ranked{}}
		for _, n := range h.index.Nearest(q, ranks) {
			line.Ranked = append(line.Ranked, ranked{n.Item, n.S})
		}
		return line
	})
}

// Assign says, for every text, which item's theme it would join, how sure that
// is (0 for a theme that nobody has joined yet), and whether it would join unasked
// at the threshold a new installation has.
func Assign(ctx context.Context, o Options) error {
	return leaveOneOut(ctx, o, func(h *house, t text, q dedup.Query) any {
		line := struct {
			ID     string  `json:"id"`
			Best   *string `json:"best"`
			Score  float64 `json:"score"`
			Attach bool    `json:"attach"`
		}{ID: t.ID}
		if cs := h.index.Match(q); len(cs) > 0 {
			c := &cs[0]
			line.Best, line.Attach = &c.Item, c.Attachable(dedup.AttachAt)
			if c.Voted >= dedup.LeastVoted { // of a theme nobody has joined too little is known
				line.Score = c.Score
			}
		}
		return line
	})
}

// leaveOneOut puts all texts into an index and asks for each as if it were not
// there.
func leaveOneOut(ctx context.Context, o Options, ask func(*house, text, dedup.Query) any) error {
	h, err := newHouse()
	if err != nil {
		return err
	}
	s, err := h.load(ctx, o, o.In)
	if err != nil {
		return err
	}
	for i := range s.texts {
		h.index.Put(s.item(i))
	}
	lines := make([]any, len(s.texts))
	err = each(ctx, o.Progress("asking"), len(s.texts), func(i int) error {
		lines[i] = ask(h, s.texts[i], s.query(i))
		return nil
	})
	if err != nil {
		return err
	}
	return write(o.Out, len(lines), func(i int) any { return lines[i] })
}
