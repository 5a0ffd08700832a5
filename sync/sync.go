package issuesync

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/jobs"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/redact"
	"github.com/heedhq/heed/themes"
)

// The kinds of jobs that this package does; but for one the key is the issue link's id.
const (
	CreateJob   = "github.create"
	PullJob     = "github.pull"
	OverhearJob = "github.overhear"
	CommentJob  = "github.comment"
	RecentJob   = "github.recent"   // of a repository, by its id
	ReleasesJob = "github.releases" // the key is the repository's id
	VisitJob    = "github.visit"    // the key is "all"
)

// What a completed issue does to its theme.
const (
	Hold = "hold" // a person or a release ships it
	Ship = "ship" // it is shipped at once
)

// Options of New.
type Options struct {
	APIURL        string        // "" is https://api.github.com
	Token         string        // "" and no App leaves the sync off
	AppID         int64         // of a GitHub App, instead of a token
	PrivateKey    []byte        // the App's, PEM
	WebhookSecret string        // "" refuses every webhook
	Repository    string        // owner/name, where issues go unless another is named
	OnCompleted   string        // Hold (also "") or Ship
	OnMerged      string        // MergedInProgress or MergedReady; "" and merged pull requests move nothing
	CreateOn      models.Status // the status that makes an issue of its theme; "" makes none
	Comments      string        // CommentsOut, CommentsIn, CommentsBoth; "" leaves comments where they are
	Milestones    string        // MilestonesMatch or MilestonesCreate; "" leaves milestones and targets alone
	Releases      bool          // what is released on GitHub becomes a draft of a release
	Secret        []byte        // key of the markers; must not change between starts
	PublicURL     string        // what links to public pages begin with; "" leaves them out
	// Redact masks secrets in outgoing text and leaves out whose addresses and
	// transactions it names; nil uses package redact's rules.
	Redact func(string) string
	// HTTPClient brings the transport and its pools; nil is the default one.
	HTTPClient *http.Client
	Pace       Pace
	// Vault seals what a connection that was made on the page keeps; nil has no such connections.
	Vault Vault
	// login is the account, where it is known without asking.
	login string
	// File takes in an issue that is brought in; nil leaves backfills off.
	File Door
}

// Pace is how fast things go; zero fields take the values of DefaultPace.
type Pace struct {
	WriteGap  time.Duration   // at least so long between two writes of this process
	Timeout   time.Duration   // of one request
	LimitBase time.Duration   // first pause after a rate limit without a date; doubles
	Refused   time.Duration   // when a refusal that may mend itself is tried again
	Changes   time.Duration   // how often what has changed here is looked for
	PerHour   int             // issues and comments that are created in an hour, at most
	Calm      time.Duration   // six writes of an issue in so long are enough
	Probes    []time.Duration // when, after an answer was lost, the issue is looked for
}

// DefaultPace is what GitHub asks of its callers.
func DefaultPace() Pace {
	return Pace{WriteGap: time.Second, Timeout: 30 * time.Second, LimitBase: time.Minute, Refused: time.Hour, Changes: 500 * time.Millisecond, Calm: 10 * time.Minute,
		PerHour: 450, // GitHub lets one account create 500; the rest is left to people
		Probes:  []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute}}
}

func (p Pace) orDefault() Pace {
	d := DefaultPace()
	for _, f := range []struct{ ours, std *time.Duration }{
		{&p.WriteGap, &d.WriteGap}, {&p.Timeout, &d.Timeout}, {&p.LimitBase, &d.LimitBase}, {&p.Refused, &d.Refused}, {&p.Changes, &d.Changes}, {&p.Calm, &d.Calm},
	} {
		if *f.ours == 0 {
			*f.ours = *f.std
		}
	}
	if p.PerHour == 0 {
		p.PerHour = d.PerHour
	}
	if len(p.Probes) == 0 {
		p.Probes = d.Probes
	}
	return p
}

// probeGap is the pause before the n-th look (from 0) after the one before it.
func (p Pace) probeGap(n int) time.Duration {
	if n == 0 {
		return p.Probes[0]
	}
	return p.Probes[n] - p.Probes[n-1]
}

// Sync is the service. Its methods are safe for concurrent use.
type Sync struct {
	db     *models.DB
	queue  *jobs.Queue
	themes *themes.Themes
	came   chan struct{}  // webhooks did
	opts   Options        // with what this connection shows
	hosts  *regexp.Regexp // addresses that GitHub would make references of
	connection
	configured Options // without the connection that is a row
	base       *url.URL
	live       *atomic.Pointer[Sync] // the one whose connection counts; see now
}

// New returns the service; it asks GitHub nothing yet. Errors name the option.
func New(db *models.DB, q *jobs.Queue, th *themes.Themes, o Options) (*Sync, error) {
	if o.APIURL == "" {
		o.APIURL = "https://api.github.com"
	}
	base, err := url.Parse(strings.TrimSuffix(o.APIURL, "/") + "/")
	if err != nil || base.Host == "" {
		return nil, fmt.Errorf("github.api_url: %q is no address", o.APIURL)
	}
	if o.Repository != "" && !isRepository(o.Repository) {
		return nil, fmt.Errorf("github.repository: %q is not owner/name", o.Repository)
	}
	switch o.OnCompleted {
	case "":
		o.OnCompleted = Hold
	case Hold, Ship:
	default:
		return nil, fmt.Errorf("github.on_completed: %q is neither hold nor ship", o.OnCompleted)
	}
	switch o.Milestones {
	case "", MilestonesMatch, MilestonesCreate:
	default:
		return nil, fmt.Errorf("github.milestones: %q is neither match nor create", o.Milestones)
	}
	switch o.OnMerged {
	case "", MergedInProgress, MergedReady:
	default:
		return nil, fmt.Errorf("github.on_merged: %q is neither in_progress nor ready", o.OnMerged)
	}
	if o.Redact == nil {
		masks := redact.New(redact.Options{})
		o.Redact = masks.Outgoing
	}
	o.Pace = o.Pace.orDefault()
	s, err := (&Sync{db: db, queue: q, themes: th, hosts: hostsOf(base), configured: o, base: base, live: new(atomic.Pointer[Sync]), came: make(chan struct{}, 1)}).with(o, 0)
	if err != nil {
		return nil, err
	}
	s.live.Store(s)
	return s, nil
}

// Configured reports whether there is a token or an App to work with.
func (s *Sync) Configured() bool { return s.now().opts.isConfigured() }

// Repository is where issues are made unless another is named, "" for none.
func (s *Sync) Repository() string { return s.now().opts.Repository }

// Register gives the queue the handlers of this package's jobs; call it before
// the queue runs.
func (s *Sync) Register() {
	for kind, do := range s.handlers() {
		s.queue.Handle(kind, do)
	}
}

func (s *Sync) handlers() map[string]jobs.Handler {
	return map[string]jobs.Handler{
		CreateJob: s.job((*Sync).createJob), PullJob: s.job((*Sync).pullJob), CommentJob: s.job((*Sync).commentJob), OverhearJob: s.job((*Sync).overhearJob),
		RecentJob: s.job((*Sync).recentJob), MergedJob: s.job((*Sync).mergedJob), DuplicateJob: s.job((*Sync).duplicateJob), ReleasesJob: s.job((*Sync).releasesJob),
		VisitJob: s.job((*Sync).visitJob), BackfillJob: s.job((*Sync).backfillJob),
	}
}

// ReleaseStale gives back the turn to write that a former life of the only node had; for a
// database that nobody else serves.
func (s *Sync) ReleaseStale(ctx context.Context) error {
	return s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Exec("UPDATE github_budgets SET holder = '', held_until = ?", s.db.Now()).Error
	})
}

// link reads a link; nil when it is there no more.
func (s *Sync) link(ctx context.Context, id string) (*models.IssueLink, error) {
	var l models.IssueLink
	err := s.db.Read(ctx).First(&l, "id = ?", id).Error
	if models.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read issue link: %w", err)
	}
	return &l, nil
}

var repositoryForm = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}$`)

func isRepository(s string) bool {
	return repositoryForm.MatchString(s) && !strings.HasSuffix(s, "/.") && !strings.HasSuffix(s, "/..")
}

// tokenDigest names a token in the database without telling it. An App keeps its name there
// while its tokens change: GitHub counts them together.
func tokenDigest(o Options) string {
	who := o.Token
	if o.AppID != 0 {
		who = fmt.Sprintf("app\x00%d", o.AppID)
	}
	sum := sha256.Sum256([]byte("github\x00" + o.APIURL + "\x00" + who))
	return hex.EncodeToString(sum[:12])
}
