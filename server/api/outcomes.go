package api

import (
	"context"
	"net/http"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/themes"
)

// OutcomeView is what became of one suggestion, for who filed it. It holds
// nothing of a theme that the reader may not see but its id and status.
type OutcomeView struct {
	Suggestion   string         `json:"suggestion"`
	Receipt      string         `json:"receipt"`
	Title        string         `json:"title" doc:"Its own, or its first words"`
	Source       string         `json:"source"`
	ExternalID   string         `json:"external_id"`
	FiledBy      string         `json:"filed_by" doc:"The member's or token's id"`
	Outcome      models.Outcome `json:"outcome" enum:"waiting,accepted,merged,shipped,postponed,declined,closed" doc:"accepted opened a theme, merged joined one that was there; closed without one"`
	Theme        *themeBrief    `json:"theme"`
	PublicReason text           `json:"public_reason" doc:"Of a published theme"`
	NextDate     *time.Time     `json:"next_date" doc:"By when people hear again, of a published theme"`
	FiledAt      time.Time      `json:"filed_at"`
	ChangedAt    time.Time      `json:"changed_at"`
	Unread       bool           `json:"unread" doc:"It changed since POST /outcomes/seen"`
}

// OutcomesView is a page of outcomes with their counts.
type OutcomesView struct {
	Counts   map[models.Outcome]int `json:"counts" doc:"Over the newest 10,000 suggestions of each filer"`
	Total    int                    `json:"total"`
	Capped   bool                   `json:"capped" doc:"There are more than were counted"`
	Unread   int                    `json:"unread" doc:"Changes since POST /outcomes/seen"`
	Newest   int64                  `json:"newest" doc:"What to give to POST /outcomes/seen when this page was read"`
	Outcomes []OutcomeView          `json:"outcomes"`
	Next     string                 `json:"next_cursor"`
}

// OutcomesOf is how the API and MCP show outcomes to an actor.
func OutcomesOf(actor auth.Actor, o intake.Outcomes) OutcomesView {
	v := OutcomesView{Counts: o.Counts, Total: o.Total, Capped: o.Capped, Unread: o.Unread, Newest: o.Newest, Next: o.Next, Outcomes: make([]OutcomeView, 0, len(o.Rows))}
	for _, r := range o.Rows {
		s := r.Suggestion
		x := OutcomeView{Suggestion: s.ID, Receipt: s.Receipt, Title: headline(&s), Source: s.Source, ExternalID: s.ExternalID, FiledBy: s.FilerID,
			Outcome: r.Outcome, Theme: briefIfSeen(actor, r.Theme), FiledAt: s.CreatedAt.UTC(), ChangedAt: r.ChangedAt.UTC(), Unread: r.Unread}
		if r.Theme != nil && r.Theme.Public {
			x.PublicReason, x.NextDate = text(r.Theme.Reason), r.Theme.PromiseDate
		}
		v.Outcomes = append(v.Outcomes, x)
	}
	return v
}

func (a *API) outcomes() {
	type list struct {
		Filer   string `query:"filer" doc:"One token that you stand behind, or your own id; everything that is yours when missing"`
		Outcome string `query:"outcome"`
		Cursor  string `query:"cursor"`
		Limit   int    `query:"limit" doc:"Up to 200, 50 when missing"`
	}
	register(a, http.MethodGet, "/outcomes", "What became of what you filed, newest first, with counts", func(ctx context.Context, in *list) (OutcomesView, error) {
		actor := web.Actor(ctx)
		o, err := a.Intake.Outcomes(ctx, actor, intake.OutcomeFilter{Filer: in.Filer, Outcome: in.Outcome, Cursor: in.Cursor, Limit: in.Limit})
		return OutcomesOf(actor, o), err
	})
	type see struct {
		Keyed
		Body struct {
			Newest int64 `json:"newest" doc:"As the page of outcomes said"`
		}
	}
	type seen struct {
		Newest int64 `json:"newest"`
	}
	post(a, "/outcomes/seen", "Say that you have seen the outcomes so far", http.StatusOK, func(in *see) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *see) (seen, int, error) {
			return seen{in.Body.Newest}, 0, a.Intake.SeeOutcomes(ctx, web.Actor(ctx), in.Body.Newest)
		})
}

// headline is a suggestion in one line, for who filed it.
func headline(s *models.Suggestion) string {
	switch {
	case s.Title != "":
		return s.Title
	case s.Text != "":
		return themes.Headline(s.Text, 100)
	}
	return themes.Headline(s.Quote, 100)
}
