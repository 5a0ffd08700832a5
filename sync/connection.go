package issuesync

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/heedhq/heed/jobs"
	"github.com/heedhq/heed/models"
)

// Vault seals secrets for the database, each for its place.
type Vault interface {
	Seal(plain []byte, context string) (string, error)
	Open(sealed, context string) ([]byte, error)
}

// connection is what depends on how we are known to GitHub. A Sync keeps the one that it began
// with: what is in flight ends under it, and the next to begin takes the one that counts then.
type connection struct {
	api  *api
	lane *lane
	rev  int64 // of the row; 0 is the configuration's own
	lost bool  // the row is there, but its secrets do not open
}

// Where the row's secrets are sealed for.
const (
	sealedKey   = "github_connection/private_key"
	sealedToken = "github_connection/token"
	sealedHook  = "github_connection/webhook_secret"
)

func (o Options) isConfigured() bool { return o.Token != "" || o.AppID != 0 }

// now is the service over the connection that counts. Who comes from outside begins with it.
func (s *Sync) now() *Sync { return s.live.Load() }

// with is the service over another connection. Errors name the option.
func (s *Sync) with(o Options, rev int64) (*Sync, error) {
	key, err := appKey(o)
	if err != nil {
		return nil, err
	}
	if o.isConfigured() && len(o.Secret) == 0 {
		return nil, errors.New("issuesync: a secret for the markers is missing")
	}
	next := *s
	next.opts = o
	next.connection = connection{api: newAPI(s.base, o, key, s.db.Now), rev: rev,
		lane: &lane{db: s.db, token: tokenDigest(o), gap: o.Pace.WriteGap, most: o.Pace.PerHour, hold: o.Pace.Timeout + 5*time.Second}}
	next.api.via.keep = next.lane.silence
	return &next, nil
}

// job is the handler of a job. Without a connection it waits for one. It follows first: the
// connection may have been made a moment ago, on another node, and with it what waited was
// woken.
func (s *Sync) job(do func(*Sync, context.Context, models.Job) error) jobs.Handler {
	return func(ctx context.Context, j models.Job) error {
		if err := s.Follow(ctx); err != nil {
			return err
		}
		s := s.now()
		if !s.opts.isConfigured() {
			return jobs.Later{At: s.db.Now().Add(s.opts.Pace.Refused)}
		}
		return do(s, ctx, j)
	}
}

// managed reports whether the configuration says how we are known to GitHub: the row then
// does not count.
func (s *Sync) managed() bool { return s.configured.isConfigured() || s.configured.Vault == nil }

// Follow takes the connection that was made, changed or ended on the page, here or on another
// node. Run does so all the time; who serves nothing calls it once. Never call it inside of a
// Write: what is not committed does not count.
func (s *Sync) Follow(ctx context.Context) error {
	if s.managed() {
		return nil
	}
	for {
		row, err := s.row(ctx)
		had := s.now()
		if err != nil || row.Rev <= had.rev {
			return err
		}
		next, err := s.over(row)
		if err != nil { // as without one; a person must connect again
			slog.Error("github: the stored connection cannot be used; connect again on the page GitHub", "error", err)
			if next, err = s.with(s.configured, row.Rev); err != nil {
				return err
			}
			next.lost = true
		}
		if s.live.CompareAndSwap(had, next) {
			return nil
		}
	}
}

func (s *Sync) row(ctx context.Context) (row models.GithubConnection, err error) {
	return row, s.db.Read(ctx).Limit(1).Find(&row, "id = ?", models.GithubConnectionID).Error
}

// over is the service over the row's connection.
func (s *Sync) over(row models.GithubConnection) (*Sync, error) {
	o := s.configured
	if o.Repository == "" && row.Kind != "" {
		o.Repository = row.Repository
	}
	var err error
	switch row.Kind {
	case models.ConnectedByApp:
		o.AppID, o.login = row.AppID, row.Slug+"[bot]"
		o.PrivateKey, err = o.Vault.Open(row.PrivateKey, sealedKey)
	case models.ConnectedByToken:
		var token []byte
		token, err = o.Vault.Open(row.Token, sealedToken)
		o.Token, o.login = string(token), row.Login
	}
	if err == nil && row.WebhookSecret != "" {
		var secret []byte
		secret, err = o.Vault.Open(row.WebhookSecret, sealedHook)
		o.WebhookSecret = string(secret)
	}
	if err != nil {
		return nil, err
	}
	return s.with(o, row.Rev)
}
