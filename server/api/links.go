package api

import (
	"context"
	"net/http"
	"time"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	issuesync "github.com/heedhq/heed/sync"
)

// issueView is an issue link as staff read it.
type issueView struct {
	ID          string           `json:"id"`
	Repository  string           `json:"repository"`
	Number      int              `json:"number"`
	URL         string           `json:"url"`
	State       models.LinkState `json:"state" doc:"wanted, creating, uncertain, linked, held (a person must act) or gone"`
	IssueState  string           `json:"issue_state" doc:"open or closed, as GitHub last said"`
	StateReason string           `json:"state_reason"`
	LastError   string           `json:"last_error"`
	NotBefore   *time.Time       `json:"not_before" doc:"When it is tried again"`
	SyncedAt    *time.Time       `json:"synced_at"`
}

func issueOf(l models.IssueLink) issueView {
	return issueView{ID: l.ID, Repository: l.Repository, Number: l.Number, URL: l.URL, State: l.State, IssueState: l.IssueState,
		StateReason: l.StateReason, LastError: l.LastError, NotBefore: l.NotBefore, SyncedAt: l.GithubAt}
}

func (a *API) links() {
	type of struct {
		ID string `path:"id"`
	}
	type issues struct {
		Issues []issueView `json:"issues"`
	}
	register(a, http.MethodGet, "/themes/{id}/issues", "List a theme's GitHub issues", func(ctx context.Context, in *of) (issues, error) {
		rows, err := a.Sync.Links(ctx, web.Actor(ctx), in.ID)
		out := issues{Issues: make([]issueView, 0, len(rows))}
		for _, l := range rows {
			out.Issues = append(out.Issues, issueOf(l))
		}
		return out, err
	})
	a.addIssue()
	a.mendIssue()
	a.gitHub()
}

func (a *API) addIssue() {
	type createIssue struct {
		Keyed
		ID   string `path:"id"`
		Body struct {
			Repository string `json:"repository,omitempty" doc:"owner/name; the configured one when missing"`
			Create     bool   `json:"create,omitempty" doc:"true makes an issue"`
			URL        string `json:"url,omitempty" doc:"Ties an issue that exists"`
		}
		found issuesync.Found
	}
	post(a, "/themes/{id}/issues", "Create or link a GitHub issue; one per theme and repository", http.StatusCreated, func(in *createIssue) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *createIssue) (issueView, int, error) {
			var l models.IssueLink
			var err error
			if in.Body.Create {
				l, err = a.Sync.Create(ctx, web.Actor(ctx), in.ID, in.Body.Repository)
			} else {
				l, err = a.Sync.Tie(ctx, web.Actor(ctx), in.ID, in.found)
			}
			return issueOf(l), 0, err
		},
		func(ctx context.Context, in *createIssue) (err error) {
			if in.Body.Create == (in.Body.URL != "") {
				return models.BadField("create", "issue_one_way")
			}
			if !in.Body.Create {
				in.found, err = a.Sync.Find(ctx, web.Actor(ctx), in.Body.URL)
			}
			return err
		})
}

func (a *API) mendIssue() {
	type repairIssue struct {
		Keyed
		ID    string `path:"id"`
		Issue string `path:"issue"`
		Body  *struct {
			How issuesync.Mend `json:"how,omitempty" enum:"again,skip,ours,theirs" doc:"again (also when missing) does now what it waits for; skip leaves both sides as they are; ours and theirs let that side win"`
		}
	}
	post(a, "/themes/{id}/issues/{issue}/repair", "Mend a link: try again, skip, or let one side win", http.StatusOK, func(in *repairIssue) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *repairIssue) (issueView, int, error) {
			actor := web.Actor(ctx)
			var how issuesync.Mend
			if in.Body != nil {
				how = in.Body.How
			}
			if err := a.Sync.Repair(ctx, actor, in.ID, in.Issue, how); err != nil {
				return issueView{}, 0, err
			}
			rows, err := a.Sync.Links(ctx, actor, in.ID)
			for _, l := range rows {
				if l.ID == in.Issue {
					return issueOf(l), 0, nil
				}
			}
			return issueView{}, 0, err
		})
	type unlink struct {
		ID    string `path:"id"`
		Issue string `path:"issue"`
	}
	type unlinked struct {
		Issue string `json:"issue"`
	}
	register(a, http.MethodDelete, "/themes/{id}/issues/{issue}", "Untie an issue; it stays on GitHub", func(ctx context.Context, in *unlink) (unlinked, error) {
		return unlinked{in.Issue}, a.Sync.Unlink(ctx, web.Actor(ctx), in.ID, in.Issue)
	})
}
