package eval

import (
	"context"
	"fmt"
	"slices"

	"github.com/heedhq/heed/dedup"
	"github.com/heedhq/heed/dedup/meaning"
)

// variation is an index that lacks one thing.
type variation struct {
	name       string
	without    dedup.Ablation
	vectors    bool // has them
	dictionary bool
}

// variations are those that texts in one language can tell apart; bilingual, the
// one more that texts in both can.
func variations(bilingual bool) []variation {
	vs := []variation{
		{"everything", 0, true, true},
		{"no vectors of meaning", 0, false, true},
		{"no character n-grams in common (Jaccard)", dedup.NoJaccard, true, true},
		{"no rarity of character n-grams (TF-IDF cosine)", dedup.NoCosine, true, true},
		{"neither of the two", dedup.NoJaccard | dedup.NoCosine, true, true},
		{"no correction of typos", dedup.NoTypos, true, true},
		{"no correction of typos and no vectors", dedup.NoTypos, false, true},
		{"the nearest text's theme, no vote", dedup.NoVote, true, true},
		{"score is the nearest text's likeness, no acceptance", dedup.NoAcceptance, true, true},
		{"neither vote nor acceptance", dedup.NoVote | dedup.NoAcceptance, true, true},
	}
	if bilingual {
		vs = append(vs, variation{"no dictionary", 0, true, false})
	}
	return vs
}

// everyTypo is how many texts there are to one that is also asked with a typo.
const everyTypo = 4

// Ablation measures what each part of the decision is worth: the same texts, each
// asked as if it were not there, with one thing left out. A file of texts in both
// languages is asked from the one for the other.
func Ablation(ctx context.Context, o Options, files []string) ([]Table, error) {
	h, err := newHouse()
	if err != nil {
		return nil, err
	}
	var out []Table
	for _, path := range files {
		both, err := read[translated](path)
		if err != nil {
			return nil, err
		}
		var t Table
		if both[0].EN != "" && both[0].ZH != "" {
			t, err = h.ablateLanguages(ctx, o, path, both)
		} else {
			t, err = h.ablateThemes(ctx, o, path)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

func (h *house) ablateThemes(ctx context.Context, o Options, path string) (Table, error) {
	s, err := h.load(ctx, o, path)
	if err != nil {
		return Table{}, err
	}
	wrong, err := h.misspelt(ctx, o, s)
	if err != nil {
		return Table{}, err
	}
	t := Table{Measurement: "ablation", Of: "left out", Columns: shares("right theme first", "at the threshold: precision", "at the threshold: recall", "joins unasked: precision", "joins unasked: recall",
		fmt.Sprintf("best recall at precision %.2f", promised), "one typo: right theme first", "one typo: in the first five")}
	t.Columns = append(t.Columns, counts("of no theme, would join unasked")...)
	bilingual := slices.ContainsFunc(s.texts, func(t text) bool { return t.Lang == "zh" })
	for _, v := range variations(bilingual) {
		clean, typed, err := h.ablate(ctx, o, s, wrong, v)
		if err != nil {
			return Table{}, err
		}
		at, un, ty := count(clean, from(dedup.AttachAt)), count(clean, unasked(dedup.AttachAt)), count(typed, unasked(dedup.AttachAt))
		if v.without&dedup.NoAcceptance != 0 { // its score is on another scale
			at.precision, at.recall, un.precision, un.recall = none(), none(), none(), none()
		}
		line := func(name string, un tally) {
			strayed := float64(un.strayed)
			if un.strangers == 0 || v.without&dedup.NoAcceptance != 0 {
				strayed = none()
			}
			t.add(name, at.rightFirst, at.precision, at.recall, un.precision, un.recall, most(clean), ty.rightFirst, ty.withFive, strayed)
		}
		line(v.name, un)
		if len(t.Lines) == 1 {
			t.Conditions = fmt.Sprintf("%s, %d texts (%d of no theme), each asked as if it were not there; threshold %.2f; every %dth asked with a typo too", s.name, at.asked, at.strangers, dedup.AttachAt, everyTypo)
			line("no veto of what differs", count(clean, from(dedup.AttachAt)))
			line("one of the theme's texts among the nearest is enough", count(clean, func(v *verdict) bool { return v.score >= dedup.AttachAt && !v.mismatch }))
		}
	}
	return t, nil
}

// misspelt are some texts of a set with a typo, by their place; those without are
// not asked.
func (h *house) misspelt(ctx context.Context, o Options, s *set) (map[int]dedup.Query, error) {
	var at []int
	var in []meaning.Text
	for i := 0; i < len(s.texts); i += everyTypo {
		t := s.in[i]
		var ok bool
		if t.Text, ok = typo(t.Text); ok {
			at, in = append(at, i), append(in, t)
		}
	}
	vecs, err := h.vectors(ctx, o, in)
	out := map[int]dedup.Query{}
	for k, i := range at {
		out[i] = dedup.Query{Title: in[k].Title, Text: in[k].Text, Vector: vecs[k], Except: s.texts[i].ID}
	}
	return out, err
}

// ablate asks every text, and those with a typo, by a variation.
func (h *house) ablate(ctx context.Context, o Options, s *set, wrong map[int]dedup.Query, v variation) (clean, typed []verdict, err error) {
	index, err := h.empty(v.dictionary, v.without)
	if err != nil {
		return nil, nil, err
	}
	for i := range s.texts {
		it := s.item(i)
		if !v.vectors {
			it.Vector = nil
		}
		index.Put(it)
	}
	clean, typed = make([]verdict, len(s.texts)), make([]verdict, len(s.texts))
	err = each(ctx, o.Progress(v.name), len(s.texts), func(i int) error {
		clean[i] = judge(index, s.query(i), s.texts[i].theme(), s.grouped(i))
		if q, ok := wrong[i]; ok {
			typed[i] = judge(index, q, s.texts[i].theme(), s.grouped(i))
		}
		return nil
	})
	return clean, typed, err
}

func (h *house) ablateLanguages(ctx context.Context, o Options, path string, texts []translated) (Table, error) {
	t := Table{Measurement: "ablation", Conditions: fmt.Sprintf("%s, %d texts in both languages", name(path), len(texts)), Of: "left out",
		Columns: shares("Chinese → English: right text first", "English → Chinese: right text first")}
	l, err := h.languages(ctx, o, texts)
	if err != nil {
		return t, err
	}
	for _, v := range []variation{
		{"everything", 0, true, true},
		{"no vectors of meaning", 0, false, true},
		{"no dictionary", 0, true, false},
	} {
		var right [2]int
		for i, way := range l.ways() {
			index, err := h.empty(v.dictionary, v.without)
			if err != nil {
				return t, err
			}
			l.ask(index, way, v.vectors, 1, func(asked int, found []dedup.Neighbour) {
				right[i] += one(len(found) > 0 && found[0].Item == texts[asked].ID+way.answering)
			})
		}
		t.add(v.name, share(right[0], len(texts)), share(right[1], len(texts)))
	}
	return t, nil
}
