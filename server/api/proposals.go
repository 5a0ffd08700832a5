package api

import (
	"context"
	"net/http"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/themes"
)

// proposalView is a change of themes that is proposed.
type proposalView struct {
	ID          string              `json:"id"`
	Kind        models.ProposalKind `json:"kind" doc:"merge: theme goes into other; split: suggestions leave theme for a new one; reopen: theme shipped, and suggestions report it at that version or later"`
	Theme       themeBrief          `json:"theme"`
	Other       *themeBrief         `json:"other"`
	Suggestions []string            `json:"suggestions" doc:"Of a merge: some of theme's; of a split: all that move; of a reopening: those that report it"`
	Beside      []string            `json:"beside" doc:"Some of what they are compared with: other's, or what stays"`
	Moves       int                 `json:"moves" doc:"How many suggestions change their theme"`
	Reasons     []reasonView        `json:"reasons"`
	CreatedAt   time.Time           `json:"created_at"`
}

func proposalOf(p *i18n.Printer, actor auth.Actor, x *themes.Proposed) proposalView {
	v := proposalView{ID: x.ID, Kind: x.Kind, Theme: *briefIfSeen(actor, x.Theme), Other: briefIfSeen(actor, x.Other), Moves: x.Moves(),
		Suggestions: append([]string{}, x.Items.V.Move...), Beside: append([]string{}, x.Items.V.Keep...), Reasons: []reasonView{}, CreatedAt: x.CreatedAt.UTC()}
	for _, r := range x.Reasons.V {
		v.Reasons = append(v.Reasons, reasonView{Kind: r.Kind, Text: ReasonText(p, r), URL: r.URL})
	}
	return v
}

func (a *API) proposals() {
	type list struct {
		Kind   string `query:"kind" doc:"merge, split or reopen"`
		Cursor string `query:"cursor"`
		Limit  int    `query:"limit"`
	}
	type proposals struct {
		Proposals []proposalView `json:"proposals"`
		Next      string         `json:"next_cursor"`
	}
	register(a, http.MethodGet, "/proposals", "List what Heed proposes to merge, split or reopen, the most convincing first", func(ctx context.Context, in *list) (proposals, error) {
		actor, p := web.Actor(ctx), a.Catalog.For(web.Locale(ctx))
		rows, next, err := a.Themes.Proposals(ctx, actor, models.ProposalKind(in.Kind), in.Cursor, in.Limit)
		out := proposals{Proposals: make([]proposalView, 0, len(rows)), Next: next}
		for i := range rows {
			out.Proposals = append(out.Proposals, proposalOf(p, actor, &rows[i]))
		}
		return out, err
	})
	type accept struct {
		Keyed
		ID   string `path:"id"`
		Body *struct {
			Title string `json:"title,omitempty" doc:"Of a split's new theme; its first suggestion's when missing"`
		}
	}
	post(a, "/proposals/{id}/accept", "Carry a proposal out", http.StatusOK, func(in *accept) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *accept) (changed, int, error) {
			title := ""
			if in.Body != nil {
				title = in.Body.Title
			}
			act, th, err := a.Themes.AcceptProposal(ctx, web.Actor(ctx), in.ID, title)
			return a.changed(ctx, act, th, err)
		})
	type dismiss struct {
		Keyed
		ID   string `path:"id"`
		Body *struct{}
	}
	type dismissed struct {
		Activity string `json:"activity" doc:"Takes it back: POST /activities/{id}/undo"`
	}
	post(a, "/proposals/{id}/dismiss", "Say no to a proposal, for ever", http.StatusOK, func(in *dismiss) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *dismiss) (dismissed, int, error) {
			act, err := a.Themes.DismissProposal(ctx, web.Actor(ctx), in.ID)
			return dismissed{act}, 0, err
		})
}

// askView is one of several things that a suggestion asks for.
type askView struct {
	Span       [2]int      `json:"span" doc:"Its part of the text in bytes"`
	Text       string      `json:"text"`
	Candidates []candidate `json:"candidates" doc:"Empty when it is like nothing known"`
}

func (a *API) asks(ctx context.Context, s *models.Suggestion) ([]askView, error) {
	out := []askView{}
	for _, ask := range s.Asks.V {
		if ask.Start < 0 || ask.End > len(s.Text) || ask.Start >= ask.End {
			continue
		}
		found, err := a.Themes.Likely(ctx, web.Actor(ctx), s.ID, ask.Candidates)
		if err != nil {
			return nil, err
		}
		out = append(out, askView{Span: [2]int{ask.Start, ask.End}, Text: s.Text[ask.Start:ask.End], Candidates: a.candidates(ctx, found)})
	}
	return out, nil
}

// heard adds to the answer to a new suggestion what it asks for, where that is
// several things, and which words stand in which theme.
func (a *API) heard(ctx context.Context, s *models.Suggestion, v *filedView) error {
	var err error
	if v.Asks, err = a.asks(ctx, s); err != nil || len(v.Asks) == 0 {
		return err
	}
	rows, err := a.Themes.Placed(ctx, s.ID)
	for _, r := range rows {
		for i := range v.Themes {
			if v.Themes[i].ID == r.ThemeID {
				v.Themes[i].Span, v.Themes[i].Action = [2]int{r.SpanStart, r.SpanEnd}, r.Action
			}
		}
	}
	return err
}
