package issuesync

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/go-github/v60/github"
	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// NewHook gives the connection by token a new secret for webhooks and returns it, this once:
// from now on only what is signed with it counts. Needs auth.Administer. Errors: Conflict
// github_managed, github_not_connected and github_hook_of_app.
func (s *Sync) NewHook(ctx context.Context, a auth.Actor) (secret string, err error) {
	if err := s.mayConnect(a); err != nil {
		return "", err
	}
	secret = NewHookSecret()
	err = s.followed(ctx, s.change(ctx, a, didHook, func(_ *gorm.DB, row *models.GithubConnection) (err error) {
		switch row.Kind {
		case models.ConnectedByToken:
			row.WebhookSecret, err = s.opts.Vault.Seal([]byte(secret), sealedHook)
			return err
		case models.ConnectedByApp:
			return models.Fail(models.Conflict, "github_hook_of_app")
		}
		return models.Fail(models.Conflict, "github_not_connected")
	}))
	if err != nil {
		return "", err
	}
	return secret, nil
}

// MakeHook has GitHub make the webhook of the chosen repository, or mends the one that is
// there; the token must have the right to. Needs auth.Administer. Errors: those of NewHook,
// Conflict github_hook_unreachable, github_hook_no_repository and github_hook_refused,
// Unavailable while GitHub does not answer.
func (s *Sync) MakeHook(ctx context.Context, a auth.Actor) error {
	if err := s.mayConnect(a); err != nil {
		return err
	}
	switch now := s.now(); {
	case now.opts.AppID != 0:
		return models.Fail(models.Conflict, "github_hook_of_app")
	case now.opts.Token == "":
		return models.Fail(models.Conflict, "github_not_connected")
	case now.opts.Repository == "":
		return models.Fail(models.Conflict, "github_hook_no_repository")
	case reachOf(now.opts.PublicURL) == Unreachable:
		return models.Fail(models.Conflict, "github_hook_unreachable", now.opts.PublicURL)
	case now.opts.WebhookSecret == "":
		if _, err := s.NewHook(ctx, a); err != nil {
			return err
		}
	}
	err := s.now().hang(forPerson(ctx))
	if t := asTrouble(err); t != nil && t.end == refused {
		return models.Fail(models.Conflict, "github_hook_refused", t.detail())
	}
	return s.unanswered(err)
}

// hang makes the webhook, or sets the one that leads here right: asked for twice there is
// still one.
func (s *Sync) hang(ctx context.Context) error {
	hooks := "repos/" + s.opts.Repository + "/hooks"
	var all []*github.Hook
	if _, err := s.api.do(ctx, http.MethodGet, hooks+"?per_page=100", nil, &all); err != nil {
		return err
	}
	is := map[string]any{"active": true, "events": HookEvents(),
		"config": map[string]any{"url": s.hookURL(), "content_type": "json", "insecure_ssl": "0", "secret": s.opts.WebhookSecret}}
	for _, h := range all {
		if s.isOurs(hookConfig{URL: h.Config.GetURL()}) {
			_, err := s.api.do(ctx, http.MethodPatch, fmt.Sprintf("%s/%d", hooks, h.GetID()), is, nil)
			return err
		}
	}
	is["name"] = "web"
	_, err := s.api.do(ctx, http.MethodPost, hooks, is, nil)
	return err
}
