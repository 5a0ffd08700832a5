package api

import (
	"context"
	"net/http"
	"time"

	"github.com/heedhq/heed/server/web"
)

// solvedWordView is one answer with words, or one that made a report.
type solvedWordView struct {
	ID         string    `json:"id"`
	Solved     bool      `json:"solved"`
	Words      string    `json:"words" doc:"What the person wrote beside it, without secrets; empty where their report has it"`
	Lang       string    `json:"lang,omitempty"`
	Person     string    `json:"person"`
	Name       string    `json:"name"`
	Suggestion string    `json:"suggestion,omitempty" doc:"The report that a no made"`
	At         time.Time `json:"at"`
}

// solved: what people say of what shipped.
func (a *API) solved() {
	type one struct {
		ID    string `path:"id"`
		Limit int    `query:"limit" minimum:"0" maximum:"100" doc:"How many answers, up to 100, 50 when missing"`
	}
	type solved struct {
		Yes     int              `json:"yes" doc:"People for whom it is solved"`
		No      int              `json:"no" doc:"People for whom it is not"`
		Answers []solvedWordView `json:"answers" doc:"Those with words beside them, or that made a report, newest first"`
	}
	register(a, http.MethodGet, "/themes/{id}/solved", "What people say of what shipped: whether it solves it for them, and in their own words", func(ctx context.Context, in *one) (solved, error) {
		who, out := web.Actor(ctx), solved{Answers: []solvedWordView{}}
		th, err := a.Themes.Get(ctx, who, in.ID)
		if err != nil {
			return out, err
		}
		n, err := a.Themes.SolvedOf(ctx, who, th.ID)
		if err != nil {
			return out, err
		}
		words, err := a.Themes.SolvedWords(ctx, who, th.ID, in.Limit)
		for _, w := range words {
			out.Answers = append(out.Answers, solvedWordView{w.ID, w.Solved, w.Words, w.Lang, w.PersonID, w.Name, w.SuggestionID, w.CreatedAt.UTC()})
		}
		out.Yes, out.No = n.Yes, n.No
		return out, err
	})
}
