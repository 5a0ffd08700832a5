package api

import (
	"context"
	"net/http"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/themes"
)

// wordView is what an agent proposes.
type wordView struct {
	ID          string                   `json:"id"`
	Kind        models.AgentProposalKind `json:"kind" doc:"same or different: whether suggestion belongs to theme; status: theme gets status; text: something that its people could be sent"`
	Theme       themeBrief               `json:"theme"`
	Suggestion  string                   `json:"suggestion,omitempty"`
	Status      models.Status            `json:"status,omitempty"`
	Text        text                     `json:"text" doc:"What people would read"`
	PromiseDate *time.Time               `json:"promise_date"`
	Version     string                   `json:"version,omitempty"`
	Note        string                   `json:"note" doc:"The agent's words to the team"`
	By          string                   `json:"by"`
	For         string                   `json:"for" doc:"The member behind the agent"`
	CreatedAt   time.Time                `json:"created_at"`
}

func wordOf(actor auth.Actor, w *themes.Word) wordView {
	return wordView{ID: w.ID, Kind: w.Kind, Theme: *briefIfSeen(actor, w.Theme), Suggestion: w.SuggestionID, Status: w.Status, Text: text(w.Text), PromiseDate: w.PromiseDate,
		Version: w.Version, Note: w.Why, By: w.ActorName, For: w.ActorFor, CreatedAt: w.CreatedAt.UTC()}
}

// agentWords: what agents propose and people decide.
func (a *API) agentWords() {
	type list struct {
		Cursor string `query:"cursor"`
		Limit  int    `query:"limit" doc:"Up to 100, 50 when missing"`
	}
	type words struct {
		Proposals []wordView `json:"proposals"`
		Next      string     `json:"next_cursor"`
	}
	register(a, http.MethodGet, "/agent-proposals", "List what agents propose and nobody has answered, the latest first", func(ctx context.Context, in *list) (words, error) {
		actor := web.Actor(ctx)
		rows, next, err := a.Themes.Words(ctx, actor, in.Cursor, in.Limit)
		out := words{Proposals: make([]wordView, 0, len(rows)), Next: next}
		for i := range rows {
			out.Proposals = append(out.Proposals, wordOf(actor, &rows[i]))
		}
		return out, err
	})
	type decide struct {
		Keyed
		ID   string `path:"id"`
		Body *struct{}
	}
	post(a, "/agent-proposals/{id}/accept", "Carry out what an agent proposes about a suggestion, or mark a text as taken up; a status is given by POST /themes/{id}/status", http.StatusOK,
		func(in *decide) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *decide) (changed, int, error) {
			act, th, err := a.Themes.AcceptWord(ctx, web.Actor(ctx), in.ID)
			return a.changed(ctx, act, th, err)
		})
	post(a, "/agent-proposals/{id}/dismiss", "Say no to what an agent proposes; it is not proposed again", http.StatusOK, func(in *decide) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *decide) (changed, int, error) {
			th, err := a.Themes.DismissWord(ctx, web.Actor(ctx), in.ID)
			return a.changed(ctx, "", th, err)
		})
}
