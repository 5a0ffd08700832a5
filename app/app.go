package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/app/config"
	"github.com/heedhq/heed/app/devmail"
	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/jobs"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/notifier/webhooks"
	"github.com/heedhq/heed/people"
	"github.com/heedhq/heed/redact"
	"github.com/heedhq/heed/server"
	issuesync "github.com/heedhq/heed/sync"
	"github.com/heedhq/heed/themes"
	"github.com/heedhq/heed/ui"
)

// shutdownPatience is how long what is in flight may take to end.
const shutdownPatience = 20 * time.Second

// App is one node of Heed.
type App struct {
	Config   config.Config
	DB       *models.DB
	Auth     *auth.Auth
	Themes   *themes.Themes
	Intake   *intake.Intake
	People   *people.People
	Notifier *notifier.Notifier
	Webhooks *webhooks.Hooks
	Sync     *issuesync.Sync
	Mail     *devmail.Box // the demo's mail viewer, nil otherwise

	opts    Options
	catalog *i18n.Catalog
	queue   *jobs.Queue
	cron    *jobs.Cron
	pools   []*notifier.Pool
	server  *server.Server
	metrics *http.Server
	ui      *ui.UI

	metricsHandler http.Handler

	listener net.Listener
	stop     context.CancelFunc
	running  sync.WaitGroup
	failed   chan error
}

// Options of New that are not configuration.
type Options struct {
	Clock models.Clock // nil: the system's
	Demo  bool         // keep mail in a viewer at /dev/mail
}

// New opens the store and puts the parts together. Nothing runs and nothing
// listens yet, so the command line uses it as well.
func New(ctx context.Context, cfg config.Config, o Options) (*App, error) {
	a := &App{Config: cfg, opts: o, failed: make(chan error, 1)}
	if err := a.build(ctx); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

func (a *App) build(ctx context.Context) (err error) {
	if a.catalog, err = i18n.Load(); err != nil {
		return err
	}
	_, missing := os.Stat(a.Config.Secrets.KeyFile)
	key, err := auth.LoadKey(a.Config.Secrets.KeyFile)
	if err != nil {
		return err
	}
	if a.DB, err = models.Open(ctx, models.Options{URL: a.Config.Database.URL, Clock: a.opts.Clock}); err != nil {
		return err
	}
	if a.opts.Demo {
		if a.Mail, err = devmail.Start(); err != nil {
			return err
		}
		a.Config.Mail.SMTPURL = a.Mail.URL()
	}
	owner := nodeName()
	a.queue = jobs.New(a.DB, owner, 4)
	a.Auth = auth.New(a.DB, auth.Options{Key: key, Locale: a.Config.I18n.DefaultLocale, SendCode: a.sendCode, IsSecret: a.isSecret,
		Limits: auth.Limits{Hour: a.Config.Agents.PerHour, Day: a.Config.Agents.PerDay}})
	if missing != nil {
		a.warnOfNewKey(ctx)
	}
	masks := redact.New(redact.Options{Key: key, Email: a.Config.Redact.Email, Phone: a.Config.Redact.Phone})
	a.Themes = themes.New(a.DB, a.themesOptions(masks))
	a.Intake = intake.New(a.DB, a.Themes, masks, a.Config.I18n.DefaultLocale)
	a.People = people.New(a.DB, masks)
	a.Themes.UndoWith(models.PersonMerged, a.People.TakeBack)
	a.Intake.SetAlarms(intake.Alarms{ReplyWithin: a.Config.Emergency.ReplyWithin, Realert: a.Config.Emergency.Realert})
	a.Intake.LimitFiles(intake.FileLimits{Size: a.Config.Attachments.MaxMB << 20, Count: a.Config.Attachments.PerSuggestion})
	if err = a.buildNotifier(owner); err != nil {
		return err
	}
	a.Themes.UndoWith(models.FollowUpTold, a.Notifier.TakeBackTold)
	return a.buildSync(ctx, key, masks)
}

// isSecret tells that nobody and nothing may be called so.
func (a *App) isSecret(s string) bool { return a.Intake.Unsaid(s) != s }

// warnOfNewKey says what a lost key file means for a database that is in use.
func (a *App) warnOfNewKey(ctx context.Context) {
	if members, err := a.Auth.Members(ctx); err == nil && len(members) > 0 {
		slog.Warn("secrets.key_file was not there and was made anew: unsubscribe links in mails sent before no longer work; put the old file back if you have it",
			"file", a.Config.Secrets.KeyFile)
	}
}

func (a *App) buildSync(ctx context.Context, key []byte, masks *redact.Redactor) (err error) {
	gh := a.Config.GitHub
	var appKey []byte
	if gh.PrivateKeyFile != "" {
		if appKey, err = os.ReadFile(gh.PrivateKeyFile); err != nil {
			return fmt.Errorf("github.private_key_file: %w", err)
		}
	}
	a.Sync, err = issuesync.New(a.DB, a.queue, a.Themes, issuesync.Options{
		APIURL: gh.APIURL, Token: gh.Token, AppID: gh.AppID, PrivateKey: appKey, WebhookSecret: gh.WebhookSecret, Repository: gh.Repository, OnCompleted: gh.OnCompleted, CreateOn: models.Status(gh.CreateOn), Comments: gh.Comments,
		Milestones: gh.Milestones, Releases: gh.Releases, OnMerged: gh.OnMerged,
		Secret: key, PublicURL: a.publicURL(),
		Redact: masks.Outgoing, Vault: a.Auth, File: FileIssues(a.Intake),
	})
	if err != nil {
		return err
	}
	a.Sync.Register()
	return a.Sync.Follow(ctx)
}

// nodeName tells this process from others, also from its own former life.
func nodeName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "node"
	}
	return fmt.Sprintf("%s/%s", host, models.NewID("n"))
}

// sendCode lets auth mail a code: one row in its own transaction.
func (a *App) sendCode(ctx context.Context, tx *gorm.DB, email, locale, code string) error {
	return a.Notifier.SendCode(ctx, tx, email, locale, code)
}

// Start listens and runs everything that works in the background. Wait tells
// when it ended by itself.
func (a *App) Start(ctx context.Context) (err error) {
	if err := a.DB.ServeAlone(ctx); err != nil {
		return err
	}
	if a.listener, err = net.Listen("tcp", a.Config.Server.Addr); err != nil {
		return fmt.Errorf("server.addr: %w", err)
	}
	if a.server, err = a.newServer(); err != nil {
		return err
	}
	if a.DB.Dialect() == "sqlite" { // nobody else serves from this file: all leases are of the dead
		if err := errors.Join(a.queue.ReleaseStale(ctx), a.Notifier.ReleaseStale(ctx), a.Webhooks.ReleaseStale(ctx), a.Sync.ReleaseStale(ctx)); err != nil {
			return err
		}
	}
	if a.cron, err = a.newCron(); err != nil {
		return err
	}
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	a.stop = cancel
	for _, part := range []func(context.Context){a.Themes.Run, a.Notifier.Run, a.Webhooks.Run, a.People.Run, a.Sync.Run, a.queue.Run, boundMemory} {
		a.running.Go(func() { part(run) })
	}
	if err := a.cron.Start(ctx); err != nil {
		return err
	}
	if err := a.serveMetrics(); err != nil {
		return err
	}
	a.running.Go(func() {
		if err := a.server.Serve(a.listener); err != nil {
			a.failed <- err
		}
	})
	slog.Info("serving", "url", a.URL(), "database", a.DB.Dialect())
	return nil
}

// URL is where the server listens.
func (a *App) URL() string { return config.PublicURL(a.listener.Addr().String()) }

// publicURL is where people find it.
func (a *App) publicURL() string {
	if a.Config.Server.PublicURL != "" {
		return a.Config.Server.PublicURL
	}
	return config.PublicURL(a.Config.Server.Addr)
}

// Wait returns when ctx ends (nil) or the server died (its error).
func (a *App) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-a.failed:
		return err
	}
}

// Close ends in order: no new requests, no new ticks, the work in flight, the
// mail connections, the store. What is not done is a row and goes on at the
// next start.
func (a *App) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownPatience)
	defer cancel()
	var errs []error
	if a.server != nil {
		errs = append(errs, a.server.Shutdown(ctx))
	} else if a.listener != nil {
		errs = append(errs, a.listener.Close())
	}
	if a.metrics != nil {
		errs = append(errs, a.metrics.Shutdown(ctx))
	}
	if a.cron != nil {
		a.cron.Stop()
	}
	if a.stop != nil {
		a.stop()
	}
	a.running.Wait()
	for _, p := range a.pools {
		p.Close()
	}
	if a.Mail != nil {
		errs = append(errs, a.Mail.Close())
	}
	if a.DB != nil {
		errs = append(errs, a.DB.Close())
	}
	return errors.Join(errs...)
}
