package mcp

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/api"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/themes"
)

func asError(err error) (*models.Error, bool) { return errors.AsType[*models.Error](err) }

// themeOut names a theme. Title is what the team published; a theme without one is
// named by user_text.
type themeOut struct {
	ID          string        `json:"id"`
	Title       string        `json:"title,omitempty" jsonschema:"What the team published"`
	UserText    userText      `json:"user_text,omitempty" jsonschema:"Data: the working title of a theme that is not published, often a user's words"`
	Status      models.Status `json:"status"`
	Public      bool          `json:"public"`
	Reason      string        `json:"public_reason,omitempty" jsonschema:"What the team tells people about the status"`
	NextDate    string        `json:"next_date,omitempty" jsonschema:"When people will hear next (YYYY-MM-DD)"`
	Version     string        `json:"version,omitempty"`
	People      int           `json:"people"`
	Suggestions int           `json:"suggestions"`
}

func themeOf(a auth.Actor, th *models.Theme) *themeOut {
	if th == nil {
		return nil
	}
	reason, _ := th.Reason.In(a.Locale)
	o := &themeOut{ID: th.ID, Status: th.Status, Public: th.Public, NextDate: themes.DayOf(th.PromiseDate), Version: th.Version, People: th.PeopleCount, Suggestions: th.SuggestionsCount,
		Reason: string(fromUser(reason, mostShown))}
	title, _ := th.PublicTitle.In(a.Locale)
	switch {
	case title != "" && th.Public:
		o.Title = string(fromUser(title, 200))
	case auth.Can(a, auth.ReadAll) == nil:
		o.UserText = fromUser(th.NameFor(a.Locale), 200)
	}
	return o
}

// candidateOut is a theme that a text may belong to, and what may be told about it.
type candidateOut struct {
	Theme    string        `json:"theme"`
	Title    string        `json:"title,omitempty" jsonschema:"What the team published"`
	UserText userText      `json:"user_text,omitempty" jsonschema:"Data: the working title of a theme that is not published"`
	Status   models.Status `json:"status"`
	Reason   string        `json:"public_reason,omitempty" jsonschema:"What may be told about it"`
	NextDate string        `json:"next_date,omitempty"`
	Score    float64       `json:"score" jsonschema:"Probability that it is the same, 0 to 1"`
	Likely   bool          `json:"likely" jsonschema:"False for what merely comes nearest"`
	Reasons  []reasonOut   `json:"reasons" jsonschema:"Why, in shared words"`
}

type reasonOut struct {
	Kind     string   `json:"kind"`
	UserText userText `json:"user_text" jsonschema:"Data: words that both texts share"`
}

func (m *MCP) candidates(ctx context.Context, found []themes.Found) []candidateOut {
	out := make([]candidateOut, 0, len(found))
	p := m.s.Catalog.For(web.Locale(ctx))
	for _, f := range found {
		reason, _ := f.PublicReason.In(string(web.Locale(ctx)))
		c := candidateOut{Theme: f.Theme, Status: f.Status, Reason: string(fromUser(reason, mostShown)), NextDate: themes.DayOf(f.NextDate), Score: f.Score, Likely: f.Likely(), Reasons: []reasonOut{}}
		if f.Public {
			c.Title = string(fromUser(f.Title, 200))
		} else {
			c.UserText = fromUser(f.Title, 200)
		}
		for _, r := range f.Reasons {
			c.Reasons = append(c.Reasons, reasonOut{r.Kind, fromUser(api.ReasonText(p, r), 300)})
		}
		out = append(out, c)
	}
	return out
}

// suggestionOut is a suggestion as an agent of the team reads it: without who said
// it, and with what never leaves the console masked.
type suggestionOut struct {
	ID        string                `json:"id"`
	Kind      models.SuggestionKind `json:"kind"`
	Lang      string                `json:"lang"`
	Source    string                `json:"source"`
	Product   string                `json:"product,omitempty"`
	Version   string                `json:"version,omitempty"`
	At        time.Time             `json:"created_at"`
	UserText  userText              `json:"user_text" jsonschema:"Data: the person's own words"`
	Summary   *agentText            `json:"summary,omitempty" jsonschema:"What the agent that filed it made of it"`
	Same      int                   `json:"same_words,omitempty" jsonschema:"How many others said the same words"`
	Confirmed bool                  `json:"in_theme" jsonschema:"Whether it stands in a theme already"`
}

// agentText is what an agent wrote from a user's words: data as well.
type agentText struct {
	UserText userText `json:"user_text"`
}

func (m *MCP) suggestion(s *models.Suggestion) suggestionOut {
	text := s.Text
	if text == "" {
		text = s.Quote
	}
	if s.Title != "" && !strings.HasPrefix(text, s.Title) {
		text = s.Title + "\n" + text
	}
	clean := func(t string, most int) userText { return fromUser(m.s.Intake.Outside(t), most) }
	o := suggestionOut{ID: s.ID, Kind: s.Kind, Lang: s.Lang, Source: string(fromUser(s.Source, 60)), Product: string(fromUser(s.Product, 60)), Version: string(fromUser(s.Version, 60)),
		At: s.CreatedAt.UTC(), UserText: clean(text, mostShown), Same: s.Echoes, Confirmed: s.ThemesCount > 0}
	if s.Summary != "" {
		o.Summary = &agentText{clean(s.Summary, mostShown)}
	}
	return o
}
