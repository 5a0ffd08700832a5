package issuesync

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"
	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// How GitHub's webhooks reach Heed's public address.
const (
	Reachable   = ""
	Unreachable = "local" // the address counts in this house only
	PlainHTTP   = "plain" // it does, and everybody on the way reads along
)

// reachOf reads it from the address alone.
func reachOf(public string) string {
	u, err := url.Parse(public)
	if err != nil || u.Hostname() == "" {
		return Unreachable
	}
	host := strings.ToLower(u.Hostname())
	if ip := net.ParseIP(host); ip != nil && (ip.IsLoopback() || ip.IsPrivate() || ip.IsUnspecified() || ip.IsLinkLocalUnicast()) {
		return Unreachable
	} else if ip == nil && (!strings.Contains(host, ".") || strings.HasSuffix(host, ".localhost") || strings.HasSuffix(host, ".local") || strings.HasSuffix(host, ".internal")) {
		return Unreachable
	}
	if u.Scheme != "https" {
		return PlainHTTP
	}
	return Reachable
}

// Connection is how Heed is known to GitHub, without what is secret. Managed says that the
// configuration says so and not the page; RepositoryManaged that it names the repository. Lost
// says that the key file no longer opens what was stored. Name is an App's slug or a token's
// account. Install is where the App is installed. Hook says whether there is a secret for
// webhooks, HookURL where they come to, Reach how they get there. Half says that GitHub made an App whose key did not come
// here; Apps is where GitHub lists such.
type Connection struct {
	Managed, RepositoryManaged, Lost bool
	Kind                             string // models.ConnectedBy…, "" for none
	Name, URL, Install               string
	AppID                            int64
	Repository                       string
	Hook                             bool
	PublicURL, HookURL, Reach        string
	Half                             bool
	Apps                             string
	ChangedAt                        time.Time
}

// Connection tells it. GitHub is asked nothing. Needs auth.Administer.
func (s *Sync) Connection(ctx context.Context, a auth.Actor) (c Connection, err error) {
	if err := auth.Can(a, auth.Administer); err != nil {
		return c, err
	}
	if err := s.Follow(ctx); err != nil {
		return c, fmt.Errorf("read the connection to GitHub: %w", err)
	}
	now := s.now()
	c = Connection{Managed: s.managed(), RepositoryManaged: s.configured.Repository != "", Lost: now.lost, AppID: now.opts.AppID, Repository: now.opts.Repository,
		Hook: now.opts.WebhookSecret != "", PublicURL: now.opts.PublicURL, HookURL: now.opts.PublicURL + HookPath, Reach: reachOf(now.opts.PublicURL), Apps: s.appsPage()}
	switch {
	case now.opts.AppID != 0:
		c.Kind = models.ConnectedByApp
	case now.opts.Token != "":
		c.Kind = models.ConnectedByToken
	}
	if c.Managed {
		return c, nil
	}
	row, err := s.row(ctx)
	if err != nil {
		return c, fmt.Errorf("read the connection to GitHub: %w", err)
	}
	c.Name, c.URL, c.ChangedAt = nameOf(row), row.URL, row.UpdatedAt
	if c.Repository == "" {
		c.Repository = row.Repository
	}
	if row.Kind == models.ConnectedByApp {
		c.Install = strings.TrimSuffix(row.URL, "/") + "/installations/new"
	}
	since := later(row.UpdatedAt, s.db.Now().Add(-24*time.Hour))
	var half int64
	err = s.db.Read(ctx).Model(&models.GithubState{}).Where("used_at < ? AND done_at IS NULL AND created_at > ?", s.db.Now().Add(-halfAfter), since).Count(&half).Error
	c.Half = half > 0
	return c, err
}

// halfAfter is when an exchange with GitHub is no longer on its way.
const halfAfter = 2 * time.Minute

// Installation is where the App is installed. All says that it reaches every repository
// there.
type Installation struct {
	Account        string
	All, Suspended bool
}

// Reach is what an App can get at. More says that there are repositories that are not named.
type Reach struct {
	Installations []Installation
	Repositories  []ReachedRepository
	More          bool
}

// ReachedRepository is one of them.
type ReachedRepository struct {
	Name              string
	Private, Archived bool
	IssuesOff         bool
}

// At most so many are asked for: a page that a person waits for.
const (
	mostInstallations = 20
	mostLists         = 5 // of a hundred repositories
)

// Reach asks GitHub what the App can get at. Needs auth.Administer. Errors: Conflict
// github_not_by_app and github_app_refused, Unavailable while GitHub does not answer.
func (s *Sync) Reach(ctx context.Context, a auth.Actor) (r Reach, err error) {
	s = s.now()
	if err := auth.Can(a, auth.Administer); err != nil {
		return r, err
	}
	if s.api.app == nil {
		return r, models.Fail(models.Conflict, "github_not_by_app")
	}
	ctx = forPerson(ctx)
	var all []*github.Installation
	if _, err := s.api.app.do(ctx, http.MethodGet, "app/installations?per_page=100", nil, &all); err != nil {
		if t := asTrouble(err); t != nil && t.end == refused {
			return r, models.Fail(models.Conflict, "github_app_refused", t.detail())
		}
		return r, s.unanswered(err)
	}
	for n, in := range all {
		suspended := in.SuspendedAt != nil
		r.Installations = append(r.Installations, Installation{Account: clip(in.GetAccount().GetLogin(), 100), All: in.GetRepositorySelection() == "all", Suspended: suspended})
		if suspended {
			continue
		}
		if n >= mostInstallations {
			r.More = true
			continue
		}
		if err := s.reached(ctx, in.GetID(), &r); err != nil {
			return r, err
		}
	}
	slices.SortFunc(r.Repositories, func(a, b ReachedRepository) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return r, nil
}

// reached adds the repositories of one installation.
func (s *Sync) reached(ctx context.Context, id int64, r *Reach) error {
	there := s.api.showing(&installation{app: s.api.app, id: id, turn: make(chan struct{}, 1)})
	for n := 1; ; n++ {
		var page struct {
			Repositories []*github.Repository `json:"repositories"`
		}
		res, err := there.do(ctx, http.MethodGet, fmt.Sprintf("installation/repositories?per_page=100&page=%d", n), nil, &page)
		if t := asTrouble(err); t != nil && t.end == refused { // taken away a moment ago
			return nil
		}
		if err != nil {
			return s.unanswered(err)
		}
		for _, x := range page.Repositories {
			if isRepository(x.GetFullName()) {
				r.Repositories = append(r.Repositories, ReachedRepository{Name: x.GetFullName(), Private: x.GetPrivate(), Archived: x.GetArchived(), IssuesOff: x.HasIssues != nil && !*x.HasIssues})
			}
		}
		if there.following(res.Header.Get("Link")) == "" {
			return nil
		}
		if n == mostLists {
			r.More = true
			return nil
		}
	}
}

// ChooseRepository says where issues are made unless another repository is named, after a look
// at it. Needs auth.Administer. Errors: Invalid for repository with what is wrong about it,
// Conflict github_managed, github_repository_managed and github_not_connected.
func (s *Sync) ChooseRepository(ctx context.Context, a auth.Actor, name string) error {
	if err := s.mayConnect(a); err != nil {
		return err
	}
	now := s.now()
	name = strings.TrimSpace(name)
	switch {
	case s.configured.Repository != "":
		return models.Fail(models.Conflict, "github_repository_managed", s.configured.Repository)
	case !now.opts.isConfigured():
		return models.Fail(models.Conflict, "github_not_connected")
	case !isRepository(name):
		return models.BadField("repository", "repository_invalid")
	}
	o := now.opts
	o.Repository = name
	try, err := now.with(o, now.rev)
	if err != nil {
		return err
	}
	if name, err = try.usable(forPerson(ctx), name); err != nil {
		return err
	}
	return s.followed(ctx, s.change(ctx, a, didChoose, func(_ *gorm.DB, row *models.GithubConnection) error {
		if row.Kind == "" { // ended meanwhile
			return models.Fail(models.Conflict, "github_not_connected")
		}
		row.Repository = name
		return nil
	}))
}
