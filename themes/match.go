package themes

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/dedup"
	"github.com/heedhq/heed/models"
)

// MaxCandidates is how many themes a match names at most.
const MaxCandidates = 5

// Found is a theme that a text may belong to, with what may be told about it.
type Found struct {
	Theme        string
	Title        string
	PublicTitle  models.Text
	Status       models.Status
	PublicReason models.Text
	NextDate     *time.Time
	Score        float64
	Reasons      []models.Reason
	Public       bool
	People       int
	Own          bool // of Similar, for who may not see all: its published text alone would be proposed
}

// Likely reports whether it is worth proposing: below that line a theme is what
// comes nearest, and mostly another.
func (f *Found) Likely() bool { return f.Score >= dedup.SuggestAt }

// Matched is what the index says of a text: the candidates, best first, and
// whether the text is confident enough to attach or to suggest.
type Matched struct {
	Candidates []models.Candidate
	Attach     bool
	Suggest    bool
	Asks       []models.Ask   // where the text asks for several things
	model      string         // that was asked
	vector     *models.Vector // of the text, to be stored with it; nil when there is none
	silent     bool           // the text names nothing: it has no candidates and makes none
}

// Match looks for the themes a text may belong to, whoever may see them; the
// door decides with it. Found filters it for a reader.
func (t *Themes) Match(ctx context.Context, title, text string) Matched {
	if !t.index.view.Load().index.Says(title, text) {
		return Matched{silent: true}
	}
	v, vec := t.index.ask(ctx, title, text)
	found := v.index.Match(dedup.Query{Title: title, Text: text, Vector: vec, Limit: MaxCandidates})
	m := Matched{Candidates: convert(found), model: asked(v, vec), vector: row(v, vec, title, text)}
	if len(found) > 0 {
		m.Suggest = dedup.Suggests(found)
		sure := m.Candidates[0]
		sure.Score -= found[0].Doubt
		m.Attach = t.joins(m.model, &sure)
	}
	m.hear(t.several(ctx, text, len(found) > 0 && found[0].Score >= surelyOne))
	return m
}

// Similar is Match for somebody who asks: what they may see, at most limit. For a
// reader from outside the published texts are asked for themselves as well: a
// theme that one of them stands for is named whatever else is nearer.
func (t *Themes) Similar(ctx context.Context, a auth.Actor, text string, limit int) ([]Found, error) {
	if limit <= 0 || limit > MaxCandidates {
		limit = MaxCandidates
	}
	v, vec := t.index.ask(ctx, "", text)
	q := dedup.Query{Text: text, Vector: vec, Limit: limit, PublicOnly: auth.Can(a, auth.ReadAll) != nil}
	qs := []dedup.Query{q}
	if q.PublicOnly {
		q.OwnText = true
		qs = append(qs, q)
	}
	all := v.index.MatchAll(qs)
	found, own := all[0], []dedup.Candidate{}
	if len(all) > 1 {
		own = slices.DeleteFunc(all[1], func(c dedup.Candidate) bool { return c.Score < ownAt })
	}
	out, err := t.Found(ctx, a, convert(merged(found, own, limit)))
	for i := range out {
		out[i].Own = names(own, out[i].Theme)
	}
	return out, err
}

// ownAt is the score from which a published text is shown to who writes: less than
// what is proposed to the team, for it stands alone for its theme and costs a
// glance.
const ownAt = .25

func names(cs []dedup.Candidate, theme string) bool {
	return slices.ContainsFunc(cs, func(c dedup.Candidate) bool { return c.Theme == theme })
}

// merged adds own to what was found, in place of the last ones.
func merged(found, own []dedup.Candidate, limit int) []dedup.Candidate {
	own = slices.DeleteFunc(slices.Clone(own), func(c dedup.Candidate) bool { return names(found, c.Theme) })
	own = own[:min(len(own), limit)]
	return append(slices.Clip(found[:min(len(found), limit-len(own))]), own...)
}

func convert(found []dedup.Candidate) []models.Candidate {
	out := make([]models.Candidate, 0, len(found))
	for _, c := range found {
		m := models.Candidate{Theme: c.Theme, Score: c.Score, Voted: c.Voted, Reasons: []models.Reason{}}
		for _, r := range c.Reasons {
			m.Reasons = append(m.Reasons, models.Reason{Kind: r.Kind, Words: r.Words, Theirs: r.Theirs})
		}
		for _, kind := range c.Mismatch {
			m.Reasons = append(m.Reasons, models.Reason{Kind: models.ReasonDiffers, Words: []string{kind}})
		}
		out = append(out, m)
	}
	return out
}

// Found adds to candidates what may be told about each, as things stand now,
// and leaves out what the actor may not see. A reader from outside is given no
// words but those of the published text: what others wrote stays private.
func (t *Themes) Found(ctx context.Context, a auth.Actor, cs []models.Candidate) ([]Found, error) {
	ids := make([]string, len(cs))
	for i, c := range cs {
		ids[i] = c.Theme
	}
	var rows []models.Theme
	if len(ids) > 0 {
		if err := t.db.Read(ctx).Find(&rows, "id IN ?", ids).Error; err != nil {
			return nil, fmt.Errorf("read candidates: %w", err)
		}
	}
	byID := make(map[string]*models.Theme, len(rows))
	for i := range rows {
		byID[rows[i].ID] = &rows[i]
	}
	staff := auth.Can(a, auth.ReadAll) == nil
	out := []Found{}
	seen := map[string]bool{}
	for _, c := range cs {
		th := byID[c.Theme]
		if th != nil && th.MergedInto != "" { // merged since it was found
			if th, _ = t.live(t.db.Read(ctx), th.ID); th != nil {
				byID[c.Theme] = th
			}
		}
		if th == nil || !th.IsLive() || !staff && !th.Public || seen[th.ID] {
			continue
		}
		seen[th.ID] = true
		out = append(out, tell(th, c, a.Locale, staff))
	}
	return out, nil
}

func tell(th *models.Theme, c models.Candidate, locale string, staff bool) Found {
	f := Found{Theme: th.ID, PublicTitle: th.PublicTitle, Status: th.Status, PublicReason: th.Reason, NextDate: th.PromiseDate, Score: c.Score, Reasons: c.Reasons, Public: th.Public, People: th.PeopleCount}
	if f.Title, _ = th.PublicTitle.In(locale); f.Title == "" {
		f.Title = th.Title
	}
	if !staff {
		f.Reasons = published(th, c.Reasons)
	}
	return f
}

// published keeps the words that stand in the theme's own public text.
func published(th *models.Theme, reasons []models.Reason) []models.Reason {
	text := dedup.Normalise(join(th.PublicTitle) + "\n" + join(th.PublicText))
	out := []models.Reason{}
	for _, r := range reasons {
		kept := models.Reason{Kind: r.Kind}
		for i, w := range r.Words {
			said := r.Said(i)
			if r.Kind == models.ReasonDiffers || contains(text, dedup.Normalise(said)) {
				kept.Words = append(kept.Words, w)
				if r.Kind == models.ReasonMeaning {
					kept.Theirs = append(kept.Theirs, said)
				}
			}
		}
		if len(kept.Words) > 0 || r.Kind == models.ReasonSense {
			out = append(out, kept)
		}
	}
	return out
}
