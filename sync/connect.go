package issuesync

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/google/go-github/v60/github"
	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// What the activity says of a change of the connection.
const (
	didConnect    = "connected"
	didDisconnect = "disconnected"
	didChoose     = "repository"
	didHook       = "webhook"
)

// TokenForm is what a connection by token is made of. Without a HookSecret the one that is
// there stays.
type TokenForm struct{ Token, Repository, HookSecret string }

// TriedToken is a token as GitHub spoke of it to TryToken.
type TriedToken struct {
	token, login, repository, hook string
}

// ConnectToken tries a token and its repository, and keeps them if they do: TryToken, then
// KeepToken.
func (s *Sync) ConnectToken(ctx context.Context, a auth.Actor, f TokenForm) error {
	t, err := s.TryToken(ctx, a, f)
	if err != nil {
		return err
	}
	return s.followed(ctx, s.KeepToken(ctx, a, t))
}

// TryToken asks GitHub whose the token is and whether it does. It takes as long as GitHub
// does: never call it inside of a Write. Needs auth.Administer. Errors: Invalid for token,
// repository and webhook_secret with what is missing, Conflict github_managed, Unavailable
// while GitHub does not answer.
func (s *Sync) TryToken(ctx context.Context, a auth.Actor, f TokenForm) (t TriedToken, err error) {
	if err := s.mayConnect(a); err != nil {
		return t, err
	}
	f.Token, f.Repository, f.HookSecret = strings.TrimSpace(f.Token), strings.TrimSpace(f.Repository), strings.TrimSpace(f.HookSecret)
	if s.configured.Repository != "" {
		f.Repository = s.configured.Repository
	}
	switch {
	case f.Token == "" || len(f.Token) > 255 || strings.ContainsFunc(f.Token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return t, models.BadField("token", "connect_token_form")
	case !isRepository(f.Repository):
		return t, models.BadField("repository", "repository_invalid")
	case f.HookSecret != "" && (len(f.HookSecret) < 16 || len(f.HookSecret) > 200):
		return t, models.BadField("webhook_secret", "connect_secret_form")
	}
	t = TriedToken{token: f.Token, hook: f.HookSecret}
	t.login, t.repository, err = s.tryToken(forPerson(ctx), f)
	return t, err
}

// KeepToken keeps what was tried. Inside of a Write it counts once that is through and
// somebody follows. Needs auth.Administer. Errors: Conflict github_managed.
func (s *Sync) KeepToken(ctx context.Context, a auth.Actor, t TriedToken) error {
	if err := s.mayConnect(a); err != nil {
		return err
	}
	return s.change(ctx, a, didConnect, func(_ *gorm.DB, row *models.GithubConnection) (err error) {
		had := *row
		*row = models.GithubConnection{ID: row.ID, Rev: row.Rev, CreatedAt: row.CreatedAt, Kind: models.ConnectedByToken, Login: t.login, Repository: t.repository}
		if had.Kind == models.ConnectedByToken {
			row.WebhookSecret = had.WebhookSecret
		}
		if row.Token, err = s.opts.Vault.Seal([]byte(t.token), sealedToken); err == nil && t.hook != "" {
			row.WebhookSecret, err = s.opts.Vault.Seal([]byte(t.hook), sealedHook)
		}
		return err
	})
}

// tryToken asks GitHub. That a token may write is not to be seen of a fine-grained token before it has.
func (s *Sync) tryToken(ctx context.Context, f TokenForm) (login, repository string, err error) {
	o := s.configured
	o.Token, o.Repository = f.Token, f.Repository
	try, err := s.with(o, 0)
	if err != nil {
		return "", "", err
	}
	var u github.User
	res, err := try.api.do(ctx, http.MethodGet, "user", nil, &u)
	if t := asTrouble(err); t != nil && t.end == refused {
		return "", "", models.BadField("token", "connect_token_refused", t.detail())
	}
	if err != nil {
		return "", "", s.unanswered(err)
	}
	if u.GetLogin() == "" {
		return "", "", s.unanswered(&trouble{end: unsent, message: cutShort})
	}
	if scopes := res.Header.Values("X-OAuth-Scopes"); len(scopes) > 0 && !mayWrite(scopes[0]) {
		return "", "", models.BadField("token", "connect_scope", scopes[0])
	}
	name, err := try.usable(ctx, f.Repository)
	if err != nil {
		return "", "", err
	}
	_, err = try.api.list(ctx, "repos/"+name+"/issues?state=all&per_page=1", "")
	if t := asTrouble(err); t != nil && t.end == refused {
		return "", "", models.BadField("token", "connect_no_issues", name, t.detail())
	}
	return u.GetLogin(), name, s.unanswered(err)
}

// mayWrite reads the scopes of a classic token. Whether public_repo is enough is said by the
// repository itself: what such a token does not see is not there.
func mayWrite(scopes string) bool {
	for _, scope := range strings.Split(scopes, ",") {
		if scope = strings.TrimSpace(scope); scope == "repo" || scope == "public_repo" {
			return true
		}
	}
	return false
}

// usable is a repository's name as GitHub writes it, where issues may be made in it.
func (s *Sync) usable(ctx context.Context, name string) (string, error) {
	var r github.Repository
	_, err := s.api.do(ctx, http.MethodGet, "repos/"+name, nil, &r)
	if t := asTrouble(err); t != nil && t.end == refused {
		return "", models.BadField("repository", "connect_repository_unseen", name, t.detail())
	}
	if err != nil {
		return "", s.unanswered(err)
	}
	may := r.GetPermissions()
	switch {
	case !isRepository(r.GetFullName()):
		return "", s.unanswered(&trouble{end: unsent, message: cutShort})
	case r.GetArchived():
		return "", models.BadField("repository", "connect_archived", r.GetFullName())
	case r.HasIssues != nil && !*r.HasIssues:
		return "", models.BadField("repository", "connect_issues_off", r.GetFullName())
	case s.opts.Token != "" && len(may) > 0 && !may["triage"] && !may["push"] && !may["maintain"] && !may["admin"]:
		return "", models.BadField("repository", "connect_read_only", r.GetFullName())
	}
	return r.GetFullName(), nil
}

// unanswered is what a person hears when GitHub gave no answer that says anything.
func (s *Sync) unanswered(err error) error {
	t := asTrouble(err)
	switch {
	case t == nil:
		return err
	case t.end == limited:
		return models.Busy("github_busy", t.until.Sub(s.db.Now()), t)
	}
	return models.Busy("github_busy", s.opts.Pace.LimitBase, t)
}

// Disconnect ends the connection and forgets its secrets. Themes stay tied to their issues:
// they go on with the next connection. Needs auth.Administer.
func (s *Sync) Disconnect(ctx context.Context, a auth.Actor) error {
	if err := s.mayConnect(a); err != nil {
		return err
	}
	return s.followed(ctx, s.change(ctx, a, didDisconnect, func(_ *gorm.DB, row *models.GithubConnection) error {
		*row = models.GithubConnection{ID: row.ID, Rev: row.Rev, CreatedAt: row.CreatedAt, Repository: row.Repository}
		return nil
	}))
}

// mayConnect answers nil where the actor may change the connection, and there is one to
// change.
func (s *Sync) mayConnect(a auth.Actor) error {
	if err := auth.Can(a, auth.Administer); err != nil {
		return err
	}
	if s.managed() {
		return models.Fail(models.Conflict, "github_managed")
	}
	return nil
}

// change writes the row. What waits for one, or failed without, is
// tried again at once.
func (s *Sync) change(ctx context.Context, a auth.Actor, did string, do func(*gorm.DB, *models.GithubConnection) error) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if err := s.db.Lock(tx, "github_connection"); err != nil {
			return err
		}
		now := s.db.Now()
		row := models.GithubConnection{ID: models.GithubConnectionID, CreatedAt: now}
		if err := tx.Limit(1).Find(&row, "id = ?", row.ID).Error; err != nil {
			return err
		}
		who := nameOf(row)
		if err := do(tx, &row); err != nil {
			return err
		}
		row.Rev, row.UpdatedAt = row.Rev+1, now
		if err := tx.Save(&row).Error; err != nil {
			return err
		}
		if row.Kind != "" {
			who = nameOf(row)
			if err := s.wake(ctx, tx); err != nil {
				return err
			}
		}
		act := &models.Activity{Verb: models.GitHubConnected, Snapshot: models.Change{Title: who, Into: row.Repository, Action: did}.Encode()}
		return s.db.Record(ctx, tx, a.By(), act)
	})
	if err != nil && models.KindOf(err) == "" {
		return fmt.Errorf("change the connection to GitHub: %w", err)
	}
	return err
}

// followed takes the connection after a change without error.
func (s *Sync) followed(ctx context.Context, err error) error {
	if err != nil {
		return err
	}
	if err := s.Follow(ctx); err != nil { // Run comes to it in a moment
		slog.Warn("github: follow the connection", "error", err)
	}
	return nil
}

// nameOf is who a connection is on GitHub.
func nameOf(row models.GithubConnection) string {
	if row.Kind == models.ConnectedByApp {
		return row.Slug
	}
	return row.Login
}

// wake has everything done at once that waits for better times, or is being tried under the
// connection from before.
func (s *Sync) wake(ctx context.Context, tx *gorm.DB) error {
	now := s.db.Now()
	var waiting []models.Job
	if err := tx.Select("kind", "key").Find(&waiting, "kind LIKE 'github.%'").Error; err != nil {
		return err
	}
	var held []string
	if err := tx.Model(&models.IssueLink{}).Where("state = ?", models.LinkHeld).Pluck("id", &held).Error; err != nil {
		return err
	}
	for _, id := range held {
		waiting = append(waiting, models.Job{Kind: CreateJob, Key: id})
	}
	for _, j := range waiting {
		if err := s.queue.Enqueue(ctx, j.Kind, j.Key, "", now); err != nil {
			return err
		}
	}
	return nil
}
