package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/mail"
	"runtime/debug"
	"time"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/jobs"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/notifier/outbound"
	"github.com/heedhq/heed/notifier/webhooks"
	"github.com/heedhq/heed/server"
	"github.com/heedhq/heed/server/api"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/ui"
)

// productName stands on pages and in mails until settings hold one.
const productName = "Heed"

func (a *App) buildNotifier(node string) error {
	from, err := mail.ParseAddress(a.Config.Mail.From)
	if err != nil {
		return fmt.Errorf("mail.from: %w", err)
	}
	r, err := notifier.NewRenderer(a.catalog, notifier.RenderOptions{From: *from, Product: productName, PublicURL: a.publicURL()})
	if err != nil {
		return err
	}
	o := notifier.LedgerOptions{Renderer: r, Settle: a.Config.Followups.Settle, DefaultLocale: i18n.Locale(a.Config.I18n.DefaultLocale),
		PublicURL: a.publicURL(), From: from.Address, Owner: node, AlertTo: a.Config.Emergency.Alerted(),
		Window: a.Config.Followups.Window, DailyLimit: a.Config.Followups.DailyLimit, QuietHours: notifier.Hours(a.Config.Followups.QuietHours), Zone: a.Config.Followups.Zone()}
	if err = a.bounces(&o); err != nil {
		return err
	}
	if a.Config.Mail.SMTPURL != "" {
		if o.Pool, err = a.pool(a.Config.Mail.Connections); err != nil {
			return err
		}
		// Sign-in mail has a connection of its own: a relay that stalls a mailing
		// must not keep people out.
		if o.NowPool, err = a.pool(1); err != nil {
			return err
		}
	}
	a.Webhooks = webhooks.New(a.DB, a.Auth, webhooks.Options{KeepTexts: time.Duration(a.Config.Webhooks.KeepTextsDays) * 24 * time.Hour, Client: outbound.New(a.Config.Webhooks.AllowPrivate), Catalog: a.catalog,
		PublicURL: a.publicURL(), Product: productName, Settle: a.Config.Followups.Settle, Owner: node})
	o.Webhooks = a.Webhooks
	a.Notifier = notifier.New(a.DB, a.queue, a.Auth, o)
	a.Notifier.Register()
	return nil
}

func (a *App) pool(connections int) (*notifier.Pool, error) {
	p, err := notifier.NewPool(notifier.Options{URL: a.Config.Mail.SMTPURL, Connections: connections})
	if err != nil {
		return nil, fmt.Errorf("mail.smtp_url: %w", err)
	}
	a.pools = append(a.pools, p)
	return p, nil
}

func (a *App) newServer() (*server.Server, error) {
	pages, err := ui.New(a.catalog, ui.Options{Now: a.DB.Now})
	if err != nil {
		return nil, err
	}
	a.ui = pages
	m := server.NewMetrics()
	m.Gauge("heed_indexed_texts", "Texts in the index of similar suggestions.", func() float64 { return float64(a.Themes.Indexed()) })
	m.Gauge("heed_texts_without_vector", "Texts that wait for the vector of their meaning.", func() float64 { return float64(a.Themes.Encoding()) })
	a.metricsHandler = m.Handler()
	return server.New(server.Options{
		PublicURL: a.SiteURL(), DefaultLocale: i18n.Locale(a.Config.I18n.DefaultLocale), DB: a.DB, Auth: a.Auth, Metrics: m,
		Settle: a.Config.Followups.Settle, UI: pages, Mail: a.Mail, Demo: a.opts.Demo, Product: productName,
		TrustedProxies: a.Config.Server.Proxies(),
		API: api.Services{Intake: a.Intake, Themes: a.Themes, People: a.People, Notifier: a.Notifier, Webhooks: a.Webhooks, Sync: a.Sync, Catalog: a.catalog, Announce: a.Announce, Consider: a.Consider,
			WriteUpdate: a.WriteUpdate, Ship: a.Ship, Solved: a.Solved, Solve: a.Solve, Meant: a.Meant, NotMeant: a.NotMeant},
	}), nil
}

// newCron gives every job that exists its expression; the keys of later jobs
// are read and wait.
func (a *App) newCron() (*jobs.Cron, error) {
	c, k := jobs.NewCron(a.queue), a.Config.Cron
	return c, errors.Join(
		c.Add("deliver", k.Deliver, a.Notifier.TickDeliver),
		c.Add("settle", k.Settle, a.Notifier.TickSettle),
		c.Add("fan_out", k.FanOut, a.Notifier.TickFanOut),
		c.Add("bounces", k.Bounces, a.Notifier.TickBounces),
		c.Add("promises", k.Promises, func(ctx context.Context, _ models.Job) error { return a.Themes.KeepPromises(ctx) }),
		c.Add("staff_digest", k.StaffDigest, a.Notifier.TickStaffDigest),
		c.Add("digests", k.Digests, a.Notifier.TickDigests),
		c.Add("emergency", k.Emergency, a.Intake.TickAlerts),
		c.Add("sla", k.SLA, a.Intake.TickClocks),
		c.Add("github_recent", k.GitHubRecent, func(ctx context.Context, _ models.Job) error { return a.Sync.Reconcile(ctx) }),
		c.Add("github_hourly", k.GitHubHourly, func(ctx context.Context, _ models.Job) error { return a.Sync.Visit(ctx) }),
		c.Add("github_nightly", k.GitHubNightly, func(ctx context.Context, _ models.Job) error { return a.Sync.Sweep(ctx) }),
		c.Add("retention", k.Retention, a.retain),
		c.Add("proposals", k.Proposals, a.propose),
		c.Add("doctor", k.Doctor, a.checkUp),
	)
}

// retain removes what is kept for a time only.
func (a *App) retain(ctx context.Context, _ models.Job) error {
	_, err := a.Auth.Sweep(ctx)
	return errors.Join(err, a.Intake.Sweep(ctx), a.Sync.Forget(ctx), a.Webhooks.Forget(ctx))
}

// propose does a step of the nightly look for proposals and comes back for the
// next; the job carries how far it is, so any node goes on. The night also learns
// from the day's decisions.
func (a *App) propose(ctx context.Context, j models.Job) error {
	if j.Payload == "" {
		if err := a.askCalibrate(ctx); err != nil {
			return err
		}
	}
	next, wait, err := a.Themes.Look(ctx, j.Payload)
	if err != nil || next == "" {
		return err
	}
	return jobs.Later{At: a.DB.Now().Add(wait), Payload: next}
}

// checkUp is doctor's nightly visit.
func (a *App) checkUp(ctx context.Context, _ models.Job) error {
	invs, err := a.DB.Check(ctx)
	for _, i := range invs {
		if i.Broken != 0 {
			slog.Error("invariant broken", "invariant", i.Name, "rows", i.Broken)
		}
	}
	return err
}

// serveMetrics listens on an address of its own, when there is one.
func (a *App) serveMetrics() error {
	if a.Config.Server.MetricsAddr == "" {
		return nil
	}
	l, err := net.Listen("tcp", a.Config.Server.MetricsAddr)
	if err != nil {
		return fmt.Errorf("server.metrics_addr: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", a.metricsHandler)
	a.metrics = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	a.running.Go(func() {
		if err := a.metrics.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			slog.Error("metrics", "error", err)
		}
	})
	return nil
}

// SiteURL is the address that links lead to.
func (a *App) SiteURL() string {
	if a.Config.Server.PublicURL == "" && a.listener != nil {
		return a.URL() // port 0 was asked for
	}
	return a.publicURL()
}

// SignInURL is the page of a one-time link; it has a button that signs in.
func (a *App) SignInURL(secret string) string { return a.SiteURL() + "/sign-in/link/" + secret }

// Assets reports whether the pages' styles and scripts were built in.
func (a *App) Assets() bool { return a.ui != nil && a.ui.Built() }

// Explain turns an error of the vocabulary into its English sentence, for the
// command line.
func (a *App) Explain(err error) error {
	if err == nil || models.KindOf(err) == "" {
		return err
	}
	return errors.New(web.Problems{Catalog: a.catalog}.From(context.Background(), err).Detail)
}

// Version names the build: the module's version, or its commit.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && (v == "" || v == "(devel)") {
			v = s.Value[:min(12, len(s.Value))]
		}
	}
	return v
}
