package eval

import (
	"context"
	"fmt"

	"github.com/heedhq/heed/dedup"
)

// FalseMerge measures how often a text joins where it does not belong: those of no
// theme, which should join none, and those that join another's.
func FalseMerge(ctx context.Context, o Options, files []string) (Table, error) {
	t := Table{Measurement: "false merges", Of: "set", Conditions: fmt.Sprintf("each text asked as if it were not there; threshold %.2f; unasked: also two of the theme's texts among the nearest, and nothing differs", dedup.AttachAt),
		Columns: append(counts("texts of no theme", "score ≥ threshold", "would join unasked"), shares("share")...)}
	t.Columns = append(t.Columns, counts("texts with a theme", "would join unasked", "of these wrongly")...)
	t.Columns = append(t.Columns, shares("share")...)
	h, err := newHouse()
	if err != nil {
		return t, err
	}
	for _, path := range files {
		s, err := h.load(ctx, o, path)
		if err != nil {
			return t, err
		}
		index, err := h.empty(true, 0)
		if err != nil {
			return t, err
		}
		for i := range s.texts {
			index.Put(s.item(i))
		}
		vs := make([]verdict, len(s.texts))
		err = each(ctx, o.Progress("asking"), len(vs), func(i int) error {
			vs[i] = judge(index, s.query(i), s.texts[i].theme(), s.grouped(i))
			return nil
		})
		if err != nil {
			return t, err
		}
		at, un := count(vs, from(dedup.AttachAt)), count(vs, unasked(dedup.AttachAt))
		joined := un.joined - un.strayed // of those with a theme
		t.add(s.name, float64(un.strangers), float64(at.strayed), float64(un.strayed), share(un.strayed, un.strangers),
			float64(un.belong), float64(joined), float64(joined-un.right), share(joined-un.right, joined))
	}
	return t, nil
}
