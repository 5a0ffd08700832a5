package issuesync

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/go-github/v60/github"
	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Where the pages are that GitHub is told of.
const (
	SetUpPath  = "/github/setup"
	ReturnPath = "/github/setup/made"
)

// returnWithin is how long the way to GitHub and back may take: as long as the code is good
// that GitHub sends along.
const returnWithin = time.Hour

// longestAppName is GitHub's.
const longestAppName = 34

// AppForm is what the App is to be called, and whose it is: an organisation's, or "" for the
// own account's.
type AppForm struct{ Name, Organisation string }

// Way is the way to GitHub: Address takes a POST of Manifest, JSON, as the field "manifest".
// Host is where it leads.
type Way struct{ Address, Manifest, Host string }

// HookEvents are what GitHub is to tell Heed of.
func HookEvents() []string {
	return []string{"issues", "issue_comment", "pull_request", "release", "milestone", "repository"}
}

// BeginApp opens a way to GitHub for the session that asks; the App is made there, and
// FinishApp is the way back. Needs auth.Administer. Errors: Invalid for name and organisation,
// Conflict github_managed.
func (s *Sync) BeginApp(ctx context.Context, a auth.Actor, session string, f AppForm) (w Way, err error) {
	if err := s.mayConnect(a); err != nil {
		return w, err
	}
	f.Name, f.Organisation = strings.TrimSpace(f.Name), strings.TrimSpace(f.Organisation)
	if n := utf8.RuneCountInString(f.Name); n == 0 || n > longestAppName {
		return w, models.BadField("name", "connect_app_name", longestAppName)
	}
	if f.Organisation != "" && !organisationForm.MatchString(f.Organisation) {
		return w, models.BadField("organisation", "connect_organisation")
	}
	state := rand.Text() + rand.Text()
	now := s.db.Now()
	err = s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := tx.Delete(&models.GithubState{}, "expires_at < ?", now.Add(-24*time.Hour)).Error; err != nil {
			return err
		}
		return tx.Create(&models.GithubState{ID: hidden("state", state), Session: hidden("session", session), CreatedAt: now, ExpiresAt: now.Add(returnWithin)}).Error
	})
	if err != nil {
		return w, fmt.Errorf("begin to make an App: %w", err)
	}
	w.Host = webHost(s.base)
	owner := ""
	if f.Organisation != "" {
		owner = "/organizations/" + f.Organisation
	}
	w.Address = s.web() + owner + "/settings/apps/new?" + url.Values{"state": {state}}.Encode()
	w.Manifest, err = s.manifest(f.Name)
	return w, err
}

var organisationForm = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})$`)

// web is where GitHub's pages are.
func (s *Sync) web() string { return s.base.Scheme + "://" + webHost(s.base) }

// hidden is what the database knows a secret of a browser's by.
func hidden(what, secret string) string {
	sum := sha256.Sum256([]byte("github " + what + "\x00" + secret))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// manifest describes the App. GitHub refuses an App whose webhook's address only we can
// reach: such an App has none.
func (s *Sync) manifest(name string) (string, error) {
	m := map[string]any{
		"name": name, "url": s.opts.PublicURL, "public": false,
		"redirect_url": s.opts.PublicURL + ReturnPath, "setup_url": s.opts.PublicURL + SetUpPath, "setup_on_update": true,
		"description":         "Keeps the themes of Heed and the issues of GitHub in step.",
		"default_permissions": map[string]string{"issues": "write", "metadata": "read", "pull_requests": "read", "contents": "read"},
	}
	if reachOf(s.opts.PublicURL) != Unreachable {
		m["hook_attributes"] = map[string]any{"url": s.hookURL(), "active": true}
		m["default_events"] = HookEvents()
	}
	b, err := json.Marshal(m)
	return string(b), err
}

// CanReturn reports whether FinishApp would let the session back in, done where it has; it
// changes nothing. Errors: Conflict github_state_unknown, github_state_over and
// github_state_used.
func (s *Sync) CanReturn(ctx context.Context, a auth.Actor, session, state string) (done bool, err error) {
	if err := s.mayConnect(a); err != nil {
		return false, err
	}
	row, err := s.way(s.db.Read(ctx), session, state)
	if err == nil && row.UsedAt != nil && row.DoneAt == nil {
		return false, models.Fail(models.Conflict, "github_state_used", s.appsPage())
	}
	return row.DoneAt != nil, err
}

// way is the way that the session went, still open.
func (s *Sync) way(db *gorm.DB, session, state string) (row models.GithubState, err error) {
	res := db.Limit(1).Find(&row, "id = ? AND session = ?", hidden("state", state), hidden("session", session))
	switch {
	case res.Error != nil:
		return row, res.Error
	case res.RowsAffected == 0 || session == "":
		return row, models.Fail(models.Conflict, "github_state_unknown")
	case !row.ExpiresAt.After(s.db.Now()):
		return row, models.Fail(models.Conflict, "github_state_over", s.appsPage())
	}
	return row, nil
}

// appsPage is where GitHub lists a person's Apps.
func (s *Sync) appsPage() string { return s.web() + "/settings/apps" }

// FinishApp takes over the App that GitHub made: its code is exchanged for the App's key,
// once. Coming back a second time with what was done is no error. Needs auth.Administer.
// Errors: those of CanReturn, Conflict github_code_spent, Invalid for code, Unavailable where
// it may be tried again.
func (s *Sync) FinishApp(ctx context.Context, a auth.Actor, session, state, code string) error {
	if err := s.mayConnect(a); err != nil {
		return err
	}
	if !codeForm.MatchString(code) {
		return models.BadField("code", "github_code_form")
	}
	done, err := s.comeBack(ctx, session, state)
	if err != nil || done {
		return err
	}
	made, err := s.exchange(forPerson(context.WithoutCancel(ctx)), code) // the code is spent, whoever still waits for the answer
	if err != nil {
		if models.KindOf(err) == models.Unavailable { // nothing says that the code was spent
			err = joinFirst(err, s.reopen(context.WithoutCancel(ctx), state))
		}
		return err
	}
	ctx = context.WithoutCancel(ctx)
	return s.followed(ctx, s.change(ctx, a, didConnect, func(tx *gorm.DB, row *models.GithubConnection) (err error) {
		*row = models.GithubConnection{ID: row.ID, Rev: row.Rev, CreatedAt: row.CreatedAt, Repository: row.Repository,
			Kind: models.ConnectedByApp, AppID: made.GetID(), Slug: made.GetSlug(), ClientID: clip(made.GetClientID(), 100), URL: s.appURL(made.GetHTMLURL(), made.GetSlug())}
		if row.PrivateKey, err = s.opts.Vault.Seal([]byte(made.GetPEM()), sealedKey); err != nil {
			return err
		}
		if made.GetWebhookSecret() != "" {
			if row.WebhookSecret, err = s.opts.Vault.Seal([]byte(made.GetWebhookSecret()), sealedHook); err != nil {
				return err
			}
		}
		return tx.Model(&models.GithubState{}).Where("id = ?", hidden("state", state)).Update("done_at", s.db.Now()).Error
	}))
}

var (
	codeForm = regexp.MustCompile(`^[A-Za-z0-9_-]{8,200}$`)
	slugForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$`)
)

// comeBack closes the way: nobody else comes back on it. Done says that its App is here.
func (s *Sync) comeBack(ctx context.Context, session, state string) (done bool, err error) {
	err = s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		row, err := s.way(s.db.Hold(tx), session, state)
		if done = row.DoneAt != nil; err != nil || done {
			return err
		}
		if row.UsedAt != nil {
			return models.Fail(models.Conflict, "github_state_used", s.appsPage())
		}
		return tx.Model(&models.GithubState{}).Where("id = ?", row.ID).Update("used_at", s.db.Now()).Error
	})
	if err != nil && models.KindOf(err) == "" {
		err = fmt.Errorf("come back from GitHub: %w", err)
	}
	return done, err
}

func (s *Sync) reopen(ctx context.Context, state string) error {
	return s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Model(&models.GithubState{}).Where("id = ? AND done_at IS NULL", hidden("state", state)).Update("used_at", nil).Error
	})
}

func joinFirst(first, second error) error {
	if second != nil {
		return fmt.Errorf("%w (and: %v)", first, second)
	}
	return first
}

// exchange asks GitHub for the App that belongs to the code. It shows nobody's token: the code
// is enough.
func (s *Sync) exchange(ctx context.Context, code string) (*github.AppConfig, error) {
	var made github.AppConfig
	_, err := s.now().api.showing(personal("")).do(ctx, http.MethodPost, "app-manifests/"+url.PathEscape(code)+"/conversions", nil, &made)
	t := asTrouble(err)
	switch {
	case t != nil && t.end == refused && t.status == http.StatusNotFound:
		return nil, models.Fail(models.Conflict, "github_code_spent", s.appsPage())
	case t != nil && t.end == refused:
		return nil, models.Fail(models.Conflict, "github_code_refused", t.detail())
	case err != nil:
		return nil, s.unanswered(err)
	}
	if _, err := appKey(Options{AppID: made.GetID(), PrivateKey: []byte(made.GetPEM())}); err != nil || made.GetID() <= 0 || !slugForm.MatchString(made.GetSlug()) {
		return nil, models.Fail(models.Conflict, "github_app_unreadable", s.appsPage())
	}
	return &made, nil
}

// appURL is the App's public page: GitHub's word for it where it leads to GitHub.
func (s *Sync) appURL(said, slug string) string {
	if u, err := url.Parse(said); err == nil && u.Scheme == s.base.Scheme && strings.EqualFold(u.Host, webHost(s.base)) && len(said) < 300 {
		return u.String()
	}
	return s.web() + "/apps/" + slug
}

// NewHookSecret is one that nobody guesses.
func NewHookSecret() string {
	b := make([]byte, 24)
	rand.Read(b)
	return hex.EncodeToString(b)
}
