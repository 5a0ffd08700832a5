package eval

import (
	"context"

	"github.com/heedhq/heed/dedup"
	"github.com/heedhq/heed/dedup/meaning"
)

// translated is a text in both languages.
type translated struct {
	ID string `json:"id"`
	EN string `json:"en"`
	ZH string `json:"zh"`
}

// Languages ranks, for every text in one language, the texts in the other.
func Languages(ctx context.Context, o Options) error {
	texts, err := read[translated](o.In)
	if err != nil {
		return err
	}
	en, zh := make([]meaning.Text, len(texts)), make([]meaning.Text, len(texts))
	for i, t := range texts {
		en[i].Text, zh[i].Text = t.EN, t.ZH
	}
	var lines []any
	for _, way := range []struct {
		ask, among       []meaning.Text
		asked, answering string
	}{{zh, en, ":zh", ":en"}, {en, zh, ":en", ":zh"}} {
		h, err := newHouse()
		if err != nil {
			return err
		}
		asks, err := h.vectors(ctx, o, way.ask)
		if err != nil {
			return err
		}
		among, err := h.vectors(ctx, o, way.among)
		if err != nil {
			return err
		}
		for i, t := range texts {
			id := t.ID + way.answering
			h.index.Put(dedup.Item{ID: id, Theme: id, Text: way.among[i].Text, Vector: among[i]})
		}
		for i, t := range texts {
			line := struct {
				Query  string   `json:"query"`
				Ranked []ranked `json:"ranked"`
			}{t.ID + way.asked, []ranked{}}
			for _, n := range h.index.Nearest(dedup.Query{Text: way.ask[i].Text, Vector: asks[i]}, ranks) {
				line.Ranked = append(line.Ranked, ranked{n.Item, n.S})
			}
			lines = append(lines, line)
		}
	}
	return write(o.Out, len(lines), func(i int) any { return lines[i] })
}
