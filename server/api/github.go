package api

import (
	"context"
	"net/http"
	"time"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	issuesync "github.com/heedhq/heed/sync"
)

// gitHubView is how the connection to GitHub is.
type gitHubView struct {
	Configured   bool               `json:"configured" doc:"false without a token or a GitHub App"`
	SilentUntil  *time.Time         `json:"silent_until" doc:"When GitHub may be asked again; null for now"`
	Waiting      int                `json:"waiting" doc:"Issues that are still to be made or written to"`
	WaitingUntil *time.Time         `json:"waiting_until" doc:"When that will be so, if nothing comes in between"`
	WebhookAt    *time.Time         `json:"webhook_at" doc:"When the last webhook came"`
	AppWebhook   *gitHubHook        `json:"app_webhook" doc:"The App's own webhook; null without an App"`
	Repositories []gitHubRepository `json:"repositories"`
}

// gitHubHook is how a webhook of GitHub's is.
type gitHubHook struct {
	LookedAt *time.Time `json:"looked_at"`
	Problems []string   `json:"problems" doc:"What is wrong with it: codes with details"`
	Quiet    []string   `json:"quiet" doc:"What Heed may not see or do, which is no error: codes with details"`
	Again    int        `json:"asked_again" doc:"How many deliveries were lost and asked for again in the last day"`
}

type gitHubRepository struct {
	Repository string      `json:"repository"`
	Linked     int         `json:"linked"`
	Troubled   int         `json:"troubled" doc:"Links that need a person"`
	CheckedAt  *time.Time  `json:"checked_at" doc:"When its changes were read last"`
	LastError  string      `json:"last_error" doc:"Why they could not be read last; empty when they could"`
	Trouble    string      `json:"trouble" doc:"A code, or one with details: what keeps issues out of it"`
	Webhook    *gitHubHook `json:"webhook" doc:"null until it was looked at"`
}

// ledgerView is a field that was brought to the other side, or is to be.
type ledgerView struct {
	ID         string              `json:"id"`
	Theme      string              `json:"theme"`
	Issue      string              `json:"issue" doc:"The issue link's id"`
	Repository string              `json:"repository" doc:"Empty once it is unlinked, as number and url"`
	Number     int                 `json:"number"`
	URL        string              `json:"url"`
	Field      string              `json:"field" doc:"title, block, state, label, target, milestone (one that was made), issue, comment:… or merged:repository id/number (a pull request that closes it)"`
	Way        string              `json:"way" doc:"out (to GitHub), in or none"`
	Conflict   bool                `json:"conflict" doc:"Both sides had changed; the later one counts"`
	Was        string              `json:"was" doc:"What gave way"`
	Becomes    string              `json:"becomes" doc:"Of a block its digest"`
	State      models.IssueOpState `json:"state" doc:"planned, sent, done, failed (a person must act) or dropped"`
	Note       string              `json:"note" doc:"Why it failed: a code with details"`
	Attempts   int                 `json:"attempts"`
	CreatedAt  time.Time           `json:"created_at"`
	SentAt     *time.Time          `json:"sent_at"`
	DoneAt     *time.Time          `json:"done_at"`
}

// ledgerOf repeats no secret that somebody wrote on GitHub.
func (a *API) ledgerOf(r issuesync.LedgerRow) ledgerView {
	return ledgerView{ID: r.ID, Theme: r.ThemeID, Issue: r.LinkID, Repository: r.Repository, Number: r.Number, URL: r.URL, Field: r.Field, Way: r.Way, Conflict: r.Conflict,
		Was: a.Intake.Unsaid(r.Was), Becomes: a.Intake.Unsaid(r.Becomes), State: r.State, Note: r.Note, Attempts: r.Attempts, CreatedAt: r.CreatedAt, SentAt: r.SentAt, DoneAt: r.DoneAt}
}

func healthOf(h issuesync.Health) gitHubView {
	v := gitHubView{Configured: h.Configured, SilentUntil: unlessZero(h.SilentUntil), Waiting: h.Waiting, WaitingUntil: unlessZero(h.Until), WebhookAt: h.HookAt, AppWebhook: hookOf(h.App),
		Repositories: make([]gitHubRepository, 0, len(h.Repositories))}
	for _, r := range h.Repositories {
		v.Repositories = append(v.Repositories, gitHubRepository{Repository: r.Repository, Linked: r.Linked, Troubled: r.Troubled, CheckedAt: r.CheckedAt, LastError: r.LastError, Trouble: r.Trouble, Webhook: hookOf(r.Hook)})
	}
	return v
}

func hookOf(h *issuesync.HookHealth) *gitHubHook {
	if h == nil {
		return nil
	}
	return &gitHubHook{LookedAt: unlessZero(h.LookedAt), Problems: append([]string{}, h.Problems...), Quiet: append([]string{}, h.Quiet...), Again: h.Again}
}

func unlessZero(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (a *API) gitHub() {
	a.backfills()
	register(a, http.MethodGet, "/github", "How the connection to GitHub is", func(ctx context.Context, _ *struct{}) (gitHubView, error) {
		h, err := a.Sync.Health(ctx, web.Actor(ctx))
		return healthOf(h), err
	})
	type list struct {
		Which  string `query:"which" doc:"open (planned, sent or failed), failed or conflict; all when missing"`
		Theme  string `query:"theme"`
		Cursor string `query:"cursor"`
		Limit  int    `query:"limit" minimum:"0" maximum:"200" doc:"Up to 200, 50 when missing"`
	}
	type ledger struct {
		Rows []ledgerView `json:"rows"`
		Next string       `json:"next_cursor"`
	}
	register(a, http.MethodGet, "/github/ledger", "What went between themes and issues, the latest first", func(ctx context.Context, in *list) (ledger, error) {
		rows, next, err := a.Sync.Ledger(ctx, web.Actor(ctx), issuesync.LedgerFilter{Theme: in.Theme, Which: in.Which, Cursor: in.Cursor, Limit: in.Limit})
		out := ledger{Rows: make([]ledgerView, 0, len(rows)), Next: next}
		for _, r := range rows {
			out.Rows = append(out.Rows, a.ledgerOf(r))
		}
		return out, err
	})
	a.gitHubConnection()
	type agree struct {
		Keyed
		Body struct {
			Repository string `json:"repository" doc:"owner/name"`
		}
	}
	type agreed struct {
		Repository string `json:"repository"`
	}
	post(a, "/github/agree", "Write to a repository although it has become public", http.StatusOK, func(in *agree) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *agree) (agreed, int, error) {
			return agreed{in.Body.Repository}, 0, a.Sync.Agree(ctx, web.Actor(ctx), in.Body.Repository)
		})
	type visit struct{ Keyed }
	type visiting struct {
		Queued bool `json:"queued"`
	}
	post(a, "/github/visit", "Look at the repositories, their webhooks and releases now", http.StatusAccepted, func(in *visit) *Keyed { return &in.Keyed },
		func(ctx context.Context, _ *visit) (visiting, int, error) {
			err := a.Sync.LookAgain(ctx, web.Actor(ctx))
			return visiting{err == nil}, 0, err
		})
}
