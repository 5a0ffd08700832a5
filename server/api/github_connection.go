package api

import (
	"context"
	"net/http"
	"time"

	"github.com/heedhq/heed/server/web"
	issuesync "github.com/heedhq/heed/sync"
)

// connectionView is how Heed is known to GitHub. No secret is read out.
type connectionView struct {
	Managed           bool       `json:"managed" doc:"The configuration says it: nothing can be changed here"`
	Kind              string     `json:"kind" enum:",app,token" doc:"Empty while there is no connection"`
	Name              string     `json:"name" doc:"The App's slug, or the account that the token belongs to; empty where the configuration says it"`
	AppID             int64      `json:"app_id" doc:"0 for a token"`
	URL               string     `json:"url" doc:"The App's page on GitHub"`
	Repository        string     `json:"repository" doc:"Where issues are made unless another is named"`
	RepositoryManaged bool       `json:"repository_managed" doc:"The configuration names the repository"`
	WebhookSecretSet  bool       `json:"webhook_secret_set" doc:"Without one webhooks are refused"`
	WebhookURL        string     `json:"webhook_url" doc:"Where GitHub is to send webhooks"`
	Unreadable        bool       `json:"unreadable" doc:"The key file does not open what was stored: connect again"`
	ChangedAt         *time.Time `json:"changed_at"`
}

func connectionOf(c issuesync.Connection) connectionView {
	return connectionView{Managed: c.Managed, Kind: c.Kind, Name: c.Name, AppID: c.AppID, URL: c.URL, Repository: c.Repository, RepositoryManaged: c.RepositoryManaged,
		WebhookSecretSet: c.Hook, WebhookURL: c.HookURL, Unreadable: c.Lost, ChangedAt: unlessZero(c.ChangedAt)}
}

// gitHubConnection connects by token; Apps are made in a browser.
func (a *API) gitHubConnection() {
	now := func(ctx context.Context, err error) (connectionView, error) {
		if err != nil {
			return connectionView{}, err
		}
		c, err := a.Sync.Connection(ctx, web.Actor(ctx))
		return connectionOf(c), err
	}
	register(a, http.MethodGet, "/github/connection", "How Heed is known to GitHub", func(ctx context.Context, _ *struct{}) (connectionView, error) {
		return now(ctx, nil)
	})
	type connect struct {
		Body struct {
			Token         string `json:"token" doc:"It is tried at once, then sealed; nothing reads it out"`
			Repository    string `json:"repository,omitempty" doc:"owner/name; needed unless the configuration names one"`
			WebhookSecret string `json:"webhook_secret,omitempty" doc:"16 to 200 characters; without it the one of the last token stays"`
		}
	}
	register(a, http.MethodPut, "/github/connection", "Connect to GitHub by token", func(ctx context.Context, in *connect) (connectionView, error) {
		f := issuesync.TokenForm{Token: in.Body.Token, Repository: in.Body.Repository, HookSecret: in.Body.WebhookSecret}
		return now(ctx, a.Sync.ConnectToken(ctx, web.Actor(ctx), f))
	})
	register(a, http.MethodDelete, "/github/connection", "Disconnect from GitHub; links stay", func(ctx context.Context, _ *struct{}) (connectionView, error) {
		return now(ctx, a.Sync.Disconnect(ctx, web.Actor(ctx)))
	})
}
