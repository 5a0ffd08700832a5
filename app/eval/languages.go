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

// languages are texts in both languages, read.
type languages struct {
	texts        []translated
	en, zh       []meaning.Text
	enVec, zhVec [][]float32
}

// way is from which language the other is asked for.
type way struct {
	asks, among      []meaning.Text
	askVec, amongVec [][]float32
	asked, answering string // endings of ids
}

func (h *house) languages(ctx context.Context, o Options, texts []translated) (*languages, error) {
	l := &languages{texts: texts, en: make([]meaning.Text, len(texts)), zh: make([]meaning.Text, len(texts))}
	for i, t := range texts {
		l.en[i].Text, l.zh[i].Text = t.EN, t.ZH
	}
	var err error
	if l.enVec, err = h.vectors(ctx, o, l.en); err == nil {
		l.zhVec, err = h.vectors(ctx, o, l.zh)
	}
	return l, err
}

func (l *languages) ways() [2]way {
	return [2]way{{l.zh, l.en, l.zhVec, l.enVec, ":zh", ":en"}, {l.en, l.zh, l.enVec, l.zhVec, ":en", ":zh"}}
}

// ask puts the texts of one language into an index, in no theme, and calls f with
// what is nearest to each of the other.
func (l *languages) ask(index *dedup.Index, w way, vectors bool, limit int, f func(asked int, found []dedup.Neighbour)) {
	for i, t := range l.texts {
		it := dedup.Item{ID: t.ID + w.answering, Text: w.among[i].Text}
		if vectors {
			it.Vector = w.amongVec[i]
		}
		index.Put(it)
	}
	for i := range l.texts {
		f(i, index.Nearest(dedup.Query{Text: w.asks[i].Text, Vector: w.askVec[i], Loose: true}, limit))
	}
}

// Languages ranks, for every text in one language, the texts in the other.
func Languages(ctx context.Context, o Options) error {
	texts, err := read[translated](o.In)
	if err != nil {
		return err
	}
	h, err := newHouse()
	if err != nil {
		return err
	}
	l, err := h.languages(ctx, o, texts)
	if err != nil {
		return err
	}
	var lines []any
	for _, w := range l.ways() {
		index, err := h.empty(true, 0)
		if err != nil {
			return err
		}
		l.ask(index, w, true, ranks, func(asked int, found []dedup.Neighbour) {
			line := struct {
				Query  string   `json:"query"`
				Ranked []ranked `json:"ranked"`
			}{texts[asked].ID + w.asked, []ranked{}}
			for _, n := range found {
				line.Ranked = append(line.Ranked, ranked{n.Item, n.S})
			}
			lines = append(lines, line)
		})
	}
	return write(o.Out, len(lines), func(i int) any { return lines[i] })
}
