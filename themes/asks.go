package themes

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/dedup"
	"github.com/heedhq/heed/dedup/asks"
	"github.com/heedhq/heed/dedup/meaning"
	"github.com/heedhq/heed/models"
)

// A message may ask for several things. Where it does so for all we can tell, it
// is proposed as several themes, each by its own words; a person decides.

const (
	surelyOne = .8  // score of the whole from which it is about one thing unless it says so itself
	plainPart = .7  // the same for a part that only a full stop sets apart
	surePart  = .5  // least score of a part's own theme
	otherPart = .5  // share of that score from which another part's theme is no other
	unlike    = .35 // most cosine of parts that are two subjects
)

// heard is a part of a message while it is told from the others.
type heard struct {
	asks.Span
	vec  []float32
	cs   []models.Candidate
	sure bool
}

func (h *heard) top() string { return h.cs[0].Theme }

// several returns what a text asks for when that is more than one thing, nil
// otherwise. one says that the whole has its theme: then its author must have set
// them apart. It costs at most asks.Most matches of short texts, and nothing where
// nothing parts the text.
func (t *Themes) several(ctx context.Context, text string, one bool) []models.Ask {
	spans := asks.Split(text)
	if len(spans) < 2 || one && !slices.ContainsFunc(spans, func(s asks.Span) bool { return s.Apart }) {
		return nil
	}
	parts := united(text, t.hear(ctx, text, spans))
	if len(parts) < 2 {
		return nil
	}
	out := make([]models.Ask, 0, len(parts))
	for _, p := range parts {
		a := models.Ask{Start: p.Start, End: p.End, Candidates: []models.Candidate{}}
		for _, c := range p.cs {
			if c.Score >= surePart {
				a.Candidates = append(a.Candidates, c)
			}
		}
		out = append(out, a)
	}
	return out
}

// hear keeps several asks: a message that has them joins nothing unasked, and
// waits for a person when one of them has a theme, which is among the candidates
// then.
func (m *Matched) hear(several []models.Ask) {
	if len(several) < 2 {
		return
	}
	m.Asks, m.Attach = several, false
	for _, ask := range several {
		if len(ask.Candidates) == 0 {
			continue
		}
		top := ask.Candidates[0]
		switch known := slices.ContainsFunc(m.Candidates, func(c models.Candidate) bool { return c.Theme == top.Theme }); {
		case !m.Suggest: // what the whole is a little like says less
			m.Suggest, m.Candidates = true, []models.Candidate{top}
		case !known && len(m.Candidates) < MaxCandidates:
			m.Candidates = append(m.Candidates, top)
		}
	}
}

// hear matches the parts of a text, which are read at once.
func (t *Themes) hear(ctx context.Context, text string, spans []asks.Span) []heard {
	words := make([]meaning.Text, len(spans))
	for i, s := range spans {
		words[i].Text = text[s.Start:s.End]
	}
	v, vecs := t.index.askAll(ctx, words...)
	qs := make([]dedup.Query, len(spans))
	for i := range qs {
		qs[i] = dedup.Query{Text: words[i].Text, Vector: vecs[i], Limit: 3}
	}
	found := v.index.MatchAll(qs)
	out := make([]heard, len(spans))
	for i, s := range spans {
		h := heard{Span: s, vec: vecs[i], cs: convert(found[i])}
		h.sure = len(h.cs) > 0 && h.cs[0].Score >= surePart
		out[i] = h
	}
	return out
}

// united gives what is no ask of its own to the one before it: what is about the
// same theme, and what neither has a theme nor was set apart and is unlike the
// others. What comes before the first ask and is none is left out.
func united(text string, parts []heard) (out []heard) {
	for _, p := range parts {
		same := slices.IndexFunc(out, func(o heard) bool { return p.sure && o.sure && sameSubject(o, p) })
		switch {
		case same >= 0 && same == len(out)-1:
			out[same].End = p.End
		case same >= 0: // said again later: it stands in the first
		case p.sure && (p.Apart || len(out) == 0 || clearly(text, out, p)):
			out = append(out, p)
		case p.Apart && !slices.ContainsFunc(out, func(o heard) bool { return !differs(text, o, p) }):
			out = append(out, p)
		case len(out) > 0:
			out[len(out)-1].End = p.End
		case len(parts) > 1 && p.Start > 0:
			out = append(out, p)
		}
	}
	return slices.DeleteFunc(out, func(h heard) bool { return !h.sure && !h.Apart })
}

// clearly reports whether a part that its author did not set apart is another
// subject all the same: surely about its own theme, and unlike all before it.
func clearly(text string, before []heard, p heard) bool {
	return p.cs[0].Score >= plainPart && !slices.ContainsFunc(before, func(o heard) bool {
		return o.sure && o.cs[0].Score < plainPart || !differs(text, o, p)
	})
}

// sameSubject reports whether two parts may be about one theme: the best of one
// is nearly as good for the other.
func sameSubject(a, b heard) bool {
	near := func(a, b heard) bool {
		return slices.ContainsFunc(a.cs, func(c models.Candidate) bool {
			return c.Theme == b.top() && c.Score >= otherPart*a.cs[0].Score
		})
	}
	return a.top() == b.top() || near(a, b) || near(b, a)
}

// differs reports whether two parts are clearly about different things: neither
// by their words nor by what they mean alike.
func differs(text string, a, b heard) bool {
	if shareWords(text[a.Start:a.End], text[b.Start:b.End]) {
		return false
	}
	if a.vec == nil || b.vec == nil {
		return true
	}
	var dot, aa, bb float64
	for i := range min(len(a.vec), len(b.vec)) {
		x, y := float64(a.vec[i]), float64(b.vec[i])
		dot, aa, bb = dot+x*y, aa+x*x, bb+y*y
	}
	return dot < unlike*math.Sqrt(aa*bb)
}

// shareWords reports whether two texts have a word of four letters or two Han
// characters in a row in common.
func shareWords(a, b string) bool {
	theirs := map[string]bool{}
	for _, w := range telling(b) {
		theirs[w] = true
	}
	return slices.ContainsFunc(telling(a), func(w string) bool { return theirs[w] })
}

func telling(s string) (out []string) {
	last := rune(0)
	for _, w := range strings.FieldsFunc(dedup.Normalise(s), func(r rune) bool { return r == ' ' }) {
		for _, r := range w {
			if r >= 0x4e00 && r <= 0x9fff {
				if last != 0 && !common(string([]rune{last, r})) {
					out = append(out, string([]rune{last, r}))
				}
				last = r
			} else {
				last = 0
			}
		}
		last = 0
		if len(w) >= 4 && w[0] < 0x80 && !common(w) {
			out = append(out, strings.TrimSuffix(w, "s"))
		}
	}
	return out
}

// common reports words that say nothing of a subject.
func common(w string) bool {
	switch w {
	case "please", "also", "another", "thing", "would", "could", "like", "want", "need", "have", "with", "when", "that", "this",
		"from", "your", "second", "there", "should", "able", "make", "more",
		"希望", "另外", "还有", "能不", "不能", "可以", "一个", "功能", "支持", "没有", "增加", "我的", "第二", "一下":
		return true
	}
	return false
}

// AssignAsks puts a suggestion into the theme of each of its asks, by the span of
// its words, in one activity, and its echoes with it: those that which names by their place, all of them
// when it is empty. An ask that is like nothing opens a candidate. The candidate
// that the whole message opened is left.
func (t *Themes) AssignAsks(ctx context.Context, a auth.Actor, suggestion string, which []int) (string, []models.Theme, error) {
	if err := auth.Can(a, auth.Triage); err != nil {
		return "", nil, err
	}
	var act *models.Activity
	var now []models.Theme
	err := t.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) (err error) {
		if act, err = t.assignAsks(ctx, tx, a, suggestion, which); err != nil {
			return err
		}
		now, err = themesOf(tx, suggestion)
		return err
	})
	if err != nil || act == nil {
		return "", now, err
	}
	return act.ID, now, nil
}

func (t *Themes) assignAsks(ctx context.Context, tx *gorm.DB, a auth.Actor, suggestion string, which []int) (*models.Activity, error) {
	var s models.Suggestion
	if err := tx.First(&s, "id = ?", suggestion).Error; models.IsNotFound(err) {
		return nil, models.Fail(models.NotFound, "suggestion_not_found", suggestion)
	} else if err != nil {
		return nil, fmt.Errorf("read suggestion: %w", err)
	}
	if len(s.Asks.V) < 2 {
		return nil, models.BadField("asks", "asks_none")
	}
	for _, i := range which {
		if i < 0 || i >= len(s.Asks.V) {
			return nil, models.BadField("asks", "asks_none")
		}
	}
	spans, err := t.askThemes(ctx, tx, a, &s, which)
	if err != nil {
		return nil, err
	}
	var rows []models.SuggestionTheme
	if err := tx.Order("created_at, theme_id").Find(&rows, "suggestion_id = ?", s.ID).Error; err != nil {
		return nil, fmt.Errorf("read themes of a suggestion: %w", err)
	}
	act := &models.Activity{ID: models.NewID(models.PrefixActivity), Verb: models.SuggestionAssigned, SuggestionID: s.ID}
	p := plan{activity: act.ID}
	for _, r := range rows {
		if r.Action == models.ActionNew && !slices.ContainsFunc(spans, func(x models.SuggestionTheme) bool { return x.ThemeID == r.ThemeID }) {
			p.suggestion(r, "")
		}
	}
	for _, x := range spans {
		to := x.ThemeID
		if !slices.ContainsFunc(rows, func(r models.SuggestionTheme) bool { return r.ThemeID == to }) {
			x.ThemeID = ""
			p.suggestion(x, to)
			act.ThemeID = to
		}
	}
	if len(p.moves) == 0 {
		return nil, nil
	}
	echoes, err := p.echo(tx, nil)
	if err != nil {
		return nil, err
	}
	act.Snapshot = models.Change{Suggestions: 1 + echoes}.Encode()
	return act, t.carryOut(ctx, tx, a, &p, act)
}

// askThemes are the rows that the asks would have, one for each theme.
func (t *Themes) askThemes(ctx context.Context, tx *gorm.DB, a auth.Actor, s *models.Suggestion, which []int) ([]models.SuggestionTheme, error) {
	no, err := forbidden(tx, s.ID)
	if err != nil {
		return nil, err
	}
	var out []models.SuggestionTheme
	for i, ask := range s.Asks.V {
		if len(which) > 0 && !slices.Contains(which, i) {
			continue
		}
		th, err := t.askTheme(tx, ask, no[s.ID])
		if err != nil {
			return nil, err
		}
		if th == nil {
			th = t.fresh(Headline(asks.Title(s.Text[ask.Start:min(ask.End, len(s.Text))]), 80))
			th.Product = s.Product
			if err := t.open(ctx, tx, a, th); err != nil {
				return nil, err
			}
		}
		if !slices.ContainsFunc(out, func(x models.SuggestionTheme) bool { return x.ThemeID == th.ID }) {
			out = append(out, models.SuggestionTheme{SuggestionID: s.ID, ThemeID: th.ID, SpanStart: ask.Start, SpanEnd: ask.End,
				Action: models.ActionAssigned, CreatedAt: t.db.Now()})
		}
	}
	return out, nil
}

// askTheme is the theme proposed for an ask as it stands now, nil for none.
func (t *Themes) askTheme(tx *gorm.DB, ask models.Ask, no map[string]bool) (*models.Theme, error) {
	for _, c := range ask.Candidates {
		th, err := t.held(tx, c.Theme)
		if models.KindOf(err) == models.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		if !no[th.ID] {
			return th, nil
		}
	}
	return nil, nil
}

// Placed are the places of a suggestion, each with the span of its words; 0,0 is
// all of them.
func (t *Themes) Placed(ctx context.Context, suggestion string) ([]models.SuggestionTheme, error) {
	var rows []models.SuggestionTheme
	if err := t.db.Read(ctx).Order("created_at, theme_id").Find(&rows, "suggestion_id = ?", suggestion).Error; err != nil {
		return nil, fmt.Errorf("read themes of a suggestion: %w", err)
	}
	return rows, nil
}
