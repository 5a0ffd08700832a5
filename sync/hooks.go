package issuesync

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/models"
)

// HookPath is where GitHub sends its webhooks, below our public address.
const HookPath = "/webhooks/github"

// hook is a webhook of GitHub's that sends to us. via is who may ask about it, at where.
type hook struct {
	ID     int64      `json:"id"`
	Active bool       `json:"active"`
	Events []string   `json:"events"`
	Config hookConfig `json:"config"`
	at     string
	via    *api
}

type hookConfig struct {
	URL         string          `json:"url"`
	ContentType string          `json:"content_type"`
	InsecureSSL json.RawMessage `json:"insecure_ssl"` // a text or a number
}

// hookEvents are those that a webhook has to send, by what is set. Whatever concerns takes a
// hint from is here.
func (s *Sync) hookEvents() []string {
	all := []string{"issues"}
	for _, e := range []struct {
		name   string
		wanted bool
	}{{"issue_comment", s.commentsIn()}, {"milestone", s.opts.Milestones != ""}, {"pull_request", s.opts.OnMerged != ""}, {"release", s.opts.Releases}} {
		if e.wanted {
			all = append(all, e.name)
		}
	}
	return all
}

// wantsHooks: without a secret webhooks are refused, and nobody misses them.
func (s *Sync) wantsHooks() bool { return s.opts.WebhookSecret != "" && s.opts.PublicURL != "" }

func (s *Sync) hookURL() string { return strings.TrimSuffix(s.opts.PublicURL, "/") + HookPath }

// isOurs compares addresses as the web does.
func (s *Sync) isOurs(c hookConfig) bool {
	a, errA := url.Parse(strings.TrimSuffix(c.URL, "/"))
	b, errB := url.Parse(s.hookURL())
	return errA == nil && errB == nil && strings.EqualFold(a.Host, b.Host) && strings.EqualFold(a.Scheme, b.Scheme) && a.Path == b.Path
}

// hooks sees to the webhook of a repository. An App has one for all.
func (s *Sync) hooks(ctx context.Context, w watched) error {
	if !s.wantsHooks() || s.api.app != nil {
		return nil
	}
	return s.seeTo(ctx, w, func() (*hook, error) { return s.repositoryHook(ctx, w) }, codeHookMissing)
}

// appHook sees to the webhook of the App.
func (s *Sync) appHook(ctx context.Context) error {
	if !s.wantsHooks() || s.api.app == nil {
		return nil
	}
	err := s.seeTo(ctx, watched{}, func() (*hook, error) { return s.hookOfApp(ctx) }, codeAppHookMissing)
	return laterIfLimited(err)
}

// repositoryHook finds the webhook that sends to us, an active one before others; nil for
// none.
func (s *Sync) repositoryHook(ctx context.Context, w watched) (found *hook, err error) {
	for path := at(w.RepositoryID, w.Repository) + "/hooks?per_page=100"; path != ""; {
		var all []hook
		res, err := s.api.do(ctx, http.MethodGet, path, nil, &all)
		if err != nil {
			return nil, err
		}
		for _, h := range all {
			if s.isOurs(h.Config) && (found == nil || h.Active && !found.Active) {
				h.at, h.via = fmt.Sprintf("%s/hooks/%d", at(w.RepositoryID, w.Repository), h.ID), s.api
				found = &h
			}
		}
		path = s.api.following(res.Header.Get("Link"))
	}
	return found, nil
}

// hookOfApp is the App's webhook, nil when it has none or sends it elsewhere. GitHub does not
// tell whether it is switched on.
func (s *Sync) hookOfApp(ctx context.Context) (*hook, error) {
	h := hook{Active: true, at: "app/hook", via: s.api.app}
	_, err := s.api.app.do(ctx, http.MethodGet, "app/hook/config", nil, &h.Config)
	if t := asTrouble(err); t != nil && t.vanished() || err == nil && !s.isOurs(h.Config) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	_, err = s.api.app.do(ctx, http.MethodGet, "app", nil, &h)
	return &h, err
}

// seeTo looks at a webhook, notes what is wrong with it, and asks again for what it lost.
// That we may not look is no error. missing is the code for one that is not there.
func (s *Sync) seeTo(ctx context.Context, w watched, find func() (*hook, error), missing string) error {
	row := models.GithubHook{RepositoryID: w.RepositoryID}
	res := s.db.Read(ctx).Limit(1).Find(&row, "repository_id = ?", w.RepositoryID)
	if res.Error != nil {
		return res.Error
	}
	oldest := s.api.via.gitHubNow().Add(-keptThere)
	row.Repository, row.Since = w.Repository, later(row.Since, oldest)
	var problems []string
	row.Quiet = ""
	h, err := find()
	switch {
	case err == nil && h == nil:
		problems = []string{note(missing, s.hookURL())}
	case err == nil:
		problems = s.wrongWith(h)
		var failing string
		if failing, row.Quiet, err = s.recover(ctx, h, &row); failing != "" {
			problems = append(problems, failing)
		}
	}
	if t := asTrouble(err); t != nil && t.end == refused {
		row.Quiet, err = note(codeHooksUnread, t.detail()), nil
	}
	if err != nil && h == nil {
		return err // nothing was seen: what is noted stands
	}
	row.Problems, row.LookedAt = models.AsJSON(problems), s.db.Now()
	row.Since = models.Milli(row.Since.UTC())
	return errors.Join(err, s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "repository_id"}}, UpdateAll: true}).Create(&row).Error
	}))
}

// wrongWith lists what a webhook's settings lack.
func (s *Sync) wrongWith(h *hook) (problems []string) {
	if !h.Active {
		problems = append(problems, note(codeHookInactive, ""))
	}
	if !slices.Contains(h.Events, "*") {
		missing := slices.DeleteFunc(s.hookEvents(), func(e string) bool { return slices.Contains(h.Events, e) })
		if len(missing) > 0 {
			problems = append(problems, note(codeHookEvents, strings.Join(missing, ", ")))
		}
	}
	if h.Config.ContentType != "json" {
		problems = append(problems, note(codeHookForm, ""))
	}
	if strings.Trim(string(h.Config.InsecureSSL), `"`) == "1" && strings.HasPrefix(s.hookURL(), "https:") {
		problems = append(problems, note(codeHookInsecure, ""))
	}
	return problems
}

// Codes of what may be wrong with a webhook.
const (
	codeHookMissing    = "github_hook_missing"
	codeAppHookMissing = "github_app_hook_missing"
	codeHookInactive   = "github_hook_inactive"
	codeHookEvents     = "github_hook_events"
	codeHookForm       = "github_hook_form"
	codeHookInsecure   = "github_hook_insecure"
	codeHookSecret     = "github_hook_secret"
	codeHookFailing    = "github_hook_failing"

	codeHooksUnread = "github_hooks_unread" // quiet, as the next
	codeHookNoAgain = "github_hook_no_redelivery"
)

// HookHealth is how a webhook is. Problems and Quiet are for ExplainNote: what is wrong, and
// what Heed may not see or do, which is no error. Again counts what was lost and asked for
// again in the last day.
type HookHealth struct {
	LookedAt time.Time
	Problems []string
	Quiet    []string
	Again    int
}

// hooks adds to the health how the webhooks are, and the repositories that have no issues yet.
func (h *Health) hooks(db *gorm.DB, now time.Time) error {
	var rows []struct {
		models.GithubHook
		Again int
	}
	err := db.Raw(`SELECT h.repository_id, COALESCE(g.name, h.repository) AS repository, h.problems, h.quiet, h.looked_at,
			(SELECT COUNT(*) FROM github_redeliveries r WHERE r.repository_id = h.repository_id AND r.asked_at > ?) AS again
		FROM github_hooks h LEFT JOIN github_repositories g ON g.id = h.repository_id WHERE h.looked_at > ? ORDER BY 2`, now.Add(-24*time.Hour), now.Add(-keepLooks)).Scan(&rows).Error
	if err != nil {
		return err
	}
	for _, r := range rows {
		hook := HookHealth{LookedAt: r.LookedAt, Problems: r.Problems.V, Again: r.Again}
		if r.Quiet != "" {
			hook.Quiet = []string{r.Quiet}
		}
		if r.RepositoryID == 0 {
			h.App = &hook
			continue
		}
		*h.hookOf(r.Repository) = hook
	}
	var lists []models.GithubReleaseList
	err = db.Raw(`SELECT l.repository_id, COALESCE(g.name, l.repository) AS repository, l.trouble FROM github_release_lists l
		LEFT JOIN github_repositories g ON g.id = l.repository_id WHERE l.trouble <> '' ORDER BY 2`).Scan(&lists).Error
	if err != nil {
		return err
	}
	for _, l := range lists {
		hook := h.hookOf(l.Repository)
		hook.Quiet = append(hook.Quiet, l.Trouble)
	}
	return nil
}

// hookOf is the place for the webhook of a repository, with a row of its own where it has no
// issues.
func (h *Health) hookOf(repository string) *HookHealth {
	for i := range h.Repositories {
		if r := &h.Repositories[i]; strings.EqualFold(r.Repository, repository) {
			if r.Hook == nil {
				r.Hook = &HookHealth{}
			}
			return r.Hook
		}
	}
	h.Repositories = append(h.Repositories, RepositoryHealth{Repository: repository, Hook: &HookHealth{}})
	return h.Repositories[len(h.Repositories)-1].Hook
}
