package api

import (
	"context"
	"net/http"
	"time"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	issuesync "github.com/heedhq/heed/sync"
)

// backfillView is how far the open issues of a repository have been brought in.
type backfillView struct {
	Repository string               `json:"repository"`
	State      models.BackfillState `json:"state" doc:"running, done or cancelled"`
	Total      int                  `json:"total" doc:"Open issues, about: pull requests may be counted until they have been passed"`
	Done       int                  `json:"done" doc:"made, joined, skipped and failed together"`
	Made       int                  `json:"made" doc:"Issues of which a theme was made"`
	Joined     int                  `json:"joined" doc:"Issues that joined a theme"`
	Skipped    int                  `json:"skipped" doc:"Issues that had a theme, or had been brought in"`
	Failed     int                  `json:"failed" doc:"Issues that could not be brought in"`
	StartedBy  string               `json:"started_by"`
	LastError  string               `json:"last_error" doc:"A code with details; empty when nothing is wrong"`
	StartedAt  time.Time            `json:"started_at"`
	NotBefore  *time.Time           `json:"not_before" doc:"When it goes on; null for now"`
	Until      *time.Time           `json:"until" doc:"About when it will be done; null when nobody knows, or it has ended"`
	EndedAt    *time.Time           `json:"ended_at"`
}

func backfillOf(p issuesync.Progress) backfillView {
	return backfillView{Repository: p.Repository, State: p.State, Total: p.Total, Done: p.Done(), Made: p.Made, Joined: p.Joined, Skipped: p.Skipped, Failed: p.Failed,
		StartedBy: p.StartedName, LastError: p.LastError, StartedAt: p.StartedAt.UTC(), NotBefore: p.NotBefore, Until: unlessZero(p.Until), EndedAt: p.EndedAt}
}

// lookView is what a backfill would find.
type lookView struct {
	Repository string        `json:"repository"`
	Open       int           `json:"open" doc:"Open issues"`
	Exact      bool          `json:"exact" doc:"false: pull requests are counted too, though they are left out"`
	Linked     int           `json:"linked" doc:"Of them have a theme already"`
	Private    bool          `json:"private"`
	Running    *backfillView `json:"running" doc:"The one under way, of which nothing else is said; null for none"`
}

func (a *API) backfills() {
	type backfillList struct {
		Backfills []backfillView `json:"backfills"`
	}
	register(a, http.MethodGet, "/github/backfill", "How far repositories have been brought in, the latest first", func(ctx context.Context, _ *struct{}) (backfillList, error) {
		rows, err := a.Sync.Backfills(ctx, web.Actor(ctx))
		out := backfillList{Backfills: make([]backfillView, 0, len(rows))}
		for _, r := range rows {
			out.Backfills = append(out.Backfills, backfillOf(r))
		}
		return out, err
	})
	type lookAt struct {
		Repository string `query:"repository" required:"true" doc:"owner/name"`
	}
	register(a, http.MethodGet, "/github/backfill/look", "What bringing in a repository's open issues would find; nothing is begun", func(ctx context.Context, in *lookAt) (lookView, error) {
		l, err := a.Sync.LookAt(ctx, web.Actor(ctx), in.Repository)
		out := lookView{Repository: l.Repository, Open: l.Open, Exact: l.Exact, Linked: l.Linked, Private: l.Private}
		if l.Running != nil {
			out.Running = new(backfillOf(a.Sync.ProgressOf(*l.Running, time.Time{})))
		}
		return out, err
	})
	a.beginBackfill()
}

func (a *API) beginBackfill() {
	type repositoryNamed struct {
		Keyed
		Body struct {
			Repository string `json:"repository" doc:"owner/name"`
		}
		looked issuesync.Looked
	}
	post(a, "/github/backfill", "Bring in the open issues of a repository: each becomes or joins a theme; nothing is written to GitHub, and nobody is told", http.StatusAccepted, func(in *repositoryNamed) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *repositoryNamed) (backfillView, int, error) {
			b, err := a.Sync.Backfill(ctx, web.Actor(ctx), in.looked)
			return backfillOf(a.Sync.ProgressOf(b, time.Time{})), 0, err
		},
		func(ctx context.Context, in *repositoryNamed) (err error) {
			in.looked, err = a.Sync.LookAt(ctx, web.Actor(ctx), in.Body.Repository)
			return err
		})
	post(a, "/github/backfill/cancel", "Stop bringing in issues; what is here stays", http.StatusOK, func(in *repositoryNamed) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *repositoryNamed) (backfillView, int, error) {
			b, err := a.Sync.CancelBackfill(ctx, web.Actor(ctx), in.Body.Repository)
			return backfillOf(a.Sync.ProgressOf(b, time.Time{})), 0, err
		})
}
