package console

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	issuesync "github.com/heedhq/heed/sync"
	"github.com/heedhq/heed/ui"
)

const setupPath = issuesync.SetUpPath

// gitHubSetupWrites are what the forms of the set-up do, by the path that they are sent to.
func (c *Console) gitHubSetupWrites() map[string]echo.HandlerFunc {
	return map[string]echo.HandlerFunc{
		setupPath + "/app":        c.beginApp,
		setupPath + "/finish":     c.finishApp,
		setupPath + "/token":      c.connectToken,
		setupPath + "/repository": c.chooseRepository,
		setupPath + "/hook":       c.makeGitHubHook,
		setupPath + "/secret":     c.newGitHubSecret,
		setupPath + "/disconnect": c.disconnectGitHub,
	}
}

// shownSetup is what a form adds to the page.
type shownSetup struct {
	typed, errs map[string]string
	way         *ui.GitHubWay
	back        *ui.GitHubReturn
	fresh       string
}

// gitHubSetup shows where one is on the way to a connection.
func (c *Console) gitHubSetup(ec echo.Context) error {
	return c.showSetup(ec, http.StatusOK, shownSetup{})
}

func (c *Console) showSetup(ec echo.Context, status int, s shownSetup) error {
	ctx, actor := contextOf(ec), actorOf(ec)
	is, err := c.s.Sync.Connection(ctx, actor)
	if err != nil {
		return err
	}
	h, err := c.s.Sync.Health(ctx, actor)
	if err != nil {
		return err
	}
	d := ui.GitHubSetup{Managed: is.Managed, RepositoryManaged: is.RepositoryManaged, Kind: is.Kind, Name: is.Name, URL: is.URL, AppID: is.AppID, Repository: is.Repository, Changed: is.ChangedAt,
		Address: is.PublicURL, Reach: is.Reach, Lost: is.Lost, Half: is.Half, Apps: is.Apps, Typed: s.typed, Errors: s.errs, Way: s.way, Return: s.back,
		Hook: ui.GitHubHook{Set: is.Hook, URL: is.HookURL, Fresh: s.fresh, Events: issuesync.HookEvents(), Last: timeOf(h.HookAt), Can: is.Reach != issuesync.Unreachable && is.Repository != ""}}
	if _, typed := s.typed["name"]; !typed { // the form of the App was not sent
		d.Typed = map[string]string{"name": appNameFor(is.PublicURL), "repository": s.typed["repository"]}
	}
	if d.Errors == nil {
		d.Errors = map[string]string{}
	}
	if is.Kind == models.ConnectedByApp && !is.Managed {
		d.Reached = c.reached(ec, is)
	}
	d.Step = stepOf(&d)
	v := c.view(ec, c.Printer(ec).T("setup.title"))
	v.Path = setupPath // what came behind it is good once
	return c.Show(ec, status, v, ui.PageGitHubSetup, d)
}

func stepOf(d *ui.GitHubSetup) int {
	switch {
	case d.Return != nil:
		return 2
	case d.Kind == models.ConnectedByApp && d.Repository != "" && len(d.Installations) > 0:
		return 4
	case d.Kind == models.ConnectedByApp:
		return 3
	}
	return 1
}

// appNameFor is a name that nobody else's App is likely to have: GitHub wants one of its own.
func appNameFor(public string) string {
	name := "Heed"
	if u, err := url.Parse(public); err == nil && u.Hostname() != "" {
		name += " " + u.Hostname()
	}
	return name[:min(len(name), 34)]
}

// reached is what the App can get at. That GitHub does not say so is no reason to show
// nothing.
func (c *Console) reached(ec echo.Context, is issuesync.Connection) ui.Reached {
	out := ui.Reached{Install: is.Install}
	r, err := c.s.Sync.Reach(contextOf(ec), actorOf(ec))
	if err != nil {
		out.Problem = c.Message(contextOf(ec), err)
		return out
	}
	out.More = r.More
	for _, in := range r.Installations {
		out.Installations = append(out.Installations, ui.GitHubInstallation(in))
	}
	for _, repo := range r.Repositories {
		row := ui.GitHubRepository{Name: repo.Name, Private: repo.Private, Selected: strings.EqualFold(repo.Name, is.Repository)}
		switch {
		case repo.Archived:
			row.Why = "archived"
		case repo.IssuesOff:
			row.Why = "issues_off"
		}
		out.Repositories = append(out.Repositories, row)
	}
	return out
}

// setupErrors are messages by field; what belongs to none stands above the page.
func (c *Console) setupErrors(ec echo.Context, err error) (messages map[string]string, status int, ok bool) {
	switch models.KindOf(err) {
	case models.Conflict:
		return map[string]string{"row": c.Message(contextOf(ec), err)}, http.StatusConflict, true
	case models.Unavailable:
		return map[string]string{"row": c.Message(contextOf(ec), err)}, http.StatusServiceUnavailable, true
	}
	messages, ok = c.Fields(contextOf(ec), err, nil)
	return messages, http.StatusUnprocessableEntity, ok
}

func (c *Console) setupFailed(ec echo.Context, err error, s shownSetup) error {
	errs, status, ok := c.setupErrors(ec, err)
	if !ok {
		return err
	}
	s.errs = errs
	return c.showSetup(ec, status, s)
}

func (c *Console) session(ec echo.Context) string { return c.Cookies.SessionCookie(ec.Request()) }

// beginApp opens the way to GitHub and shows where it leads: the browser takes the App's
// description there itself.
func (c *Console) beginApp(ec echo.Context) error {
	f := issuesync.AppForm{Name: ec.FormValue("name"), Organisation: ec.FormValue("organisation")}
	w, err := c.s.Sync.BeginApp(contextOf(ec), actorOf(ec), c.session(ec), f)
	if err != nil {
		return c.setupFailed(ec, err, shownSetup{typed: map[string]string{"name": f.Name, "organisation": f.Organisation}})
	}
	to, err := url.Parse(w.Address)
	if err != nil {
		return err
	}
	h := ec.Response().Header()
	h.Set("Content-Security-Policy", strings.Replace(h.Get("Content-Security-Policy"), "form-action 'self'", "form-action 'self' "+to.Scheme+"://"+to.Host, 1))
	return c.showSetup(ec, http.StatusOK, shownSetup{way: &ui.GitHubWay{Address: w.Address, Host: w.Host, Name: strings.TrimSpace(f.Name), Manifest: w.Manifest}})
}

// gitHubMade is where GitHub sends the browser back to. It changes nothing: whoever came by a
// link of somebody else's only reads that it leads nowhere, and who came by their own presses
// the button.
func (c *Console) gitHubMade(ec echo.Context) error {
	back := &ui.GitHubReturn{Code: ec.QueryParam("code"), State: ec.QueryParam("state")}
	done, err := c.s.Sync.CanReturn(contextOf(ec), actorOf(ec), c.session(ec), back.State)
	if done {
		return c.Back(ec, setupPath, nil)
	}
	if err == nil && back.Code == "" {
		err = models.BadField("code", "github_code_form")
	}
	return c.showReturn(ec, back, err)
}

func (c *Console) showReturn(ec echo.Context, back *ui.GitHubReturn, err error) error {
	status := http.StatusOK
	switch models.KindOf(err) {
	case "":
		if err != nil {
			return err
		}
	case models.Conflict:
		status, back.Problem = http.StatusConflict, c.Message(contextOf(ec), err)
	case models.Invalid:
		fields, _ := c.Fields(contextOf(ec), err, nil)
		status, back.Problem = http.StatusUnprocessableEntity, fields["code"]
	case models.Unavailable: // it may be tried again with the same button
		return c.showSetup(ec, http.StatusServiceUnavailable, shownSetup{back: back, errs: map[string]string{"row": c.Message(contextOf(ec), err)}})
	default:
		return err
	}
	return c.showSetup(ec, status, shownSetup{back: back})
}

// finishApp takes the App over.
func (c *Console) finishApp(ec echo.Context) error {
	back := &ui.GitHubReturn{Code: ec.FormValue("code"), State: ec.FormValue("state")}
	if err := c.s.Sync.FinishApp(contextOf(ec), actorOf(ec), c.session(ec), back.State, back.Code); err != nil {
		return c.showReturn(ec, back, err)
	}
	return c.finish(ec, setupPath, done{"", c.Printer(ec).T("setup.said.made")})
}

// connectToken keeps a token and shows the secret of the webhook that belongs to it, this
// once: nothing reads it out again.
func (c *Console) connectToken(ec echo.Context) error {
	f := issuesync.TokenForm{Token: ec.FormValue("token"), Repository: ec.FormValue("repository")}
	if ec.FormValue("keep") == "" {
		f.HookSecret = issuesync.NewHookSecret()
	}
	var tried issuesync.TriedToken
	fresh := ""
	end, err := web.Once(ec, c.s.Intake, actorOf(ec), nil, web.Form{Before: func(ctx context.Context) (err error) {
		tried, err = c.s.Sync.TryToken(ctx, actorOf(ec), f)
		return err
	}, Do: func(ctx context.Context) (web.Ending, error) {
		if err := c.s.Sync.KeepToken(ctx, actorOf(ec), tried); err != nil {
			return web.Ending{}, err
		}
		fresh = f.HookSecret
		shut, err := web.Shut(ec, fresh)
		return web.Ending{Note: shut}, err
	}})
	if err != nil {
		return c.setupFailed(ec, err, shownSetup{typed: map[string]string{"repository": f.Repository}})
	}
	if fresh == "" && f.HookSecret != "" && end.Note != "" { // the button was pressed twice
		if fresh, err = web.Unshut(ec, end.Note); err != nil {
			return err
		}
	}
	if fresh == "" {
		return c.finish(ec, setupPath, done{"", c.Printer(ec).T("setup.said.token")})
	}
	return c.showSetup(ec, http.StatusOK, shownSetup{fresh: fresh})
}

// chooseRepository says where issues are made.
func (c *Console) chooseRepository(ec echo.Context) error {
	name := ec.FormValue("repository")
	if err := c.s.Sync.ChooseRepository(contextOf(ec), actorOf(ec), name); err != nil {
		return c.setupFailed(ec, err, shownSetup{})
	}
	return c.finish(ec, setupPath, done{"", c.Printer(ec).T("setup.said.repository", c.s.Sync.Repository())})
}

// makeGitHubHook has GitHub make the webhook.
func (c *Console) makeGitHubHook(ec echo.Context) error {
	if err := c.s.Sync.MakeHook(contextOf(ec), actorOf(ec)); err != nil {
		return c.setupFailed(ec, err, shownSetup{})
	}
	return c.finish(ec, setupPath, done{"", c.Printer(ec).T("setup.said.hook")})
}

// newGitHubSecret changes the secret of webhooks and shows the new one, this once.
func (c *Console) newGitHubSecret(ec echo.Context) error {
	secret, err := c.s.Sync.NewHook(contextOf(ec), actorOf(ec))
	if err != nil {
		return c.setupFailed(ec, err, shownSetup{})
	}
	return c.showSetup(ec, http.StatusOK, shownSetup{fresh: secret})
}

// disconnectGitHub ends the connection.
func (c *Console) disconnectGitHub(ec echo.Context) error {
	if err := c.s.Sync.Disconnect(contextOf(ec), actorOf(ec)); err != nil {
		return c.setupFailed(ec, err, shownSetup{})
	}
	return c.finish(ec, setupPath, done{"", c.Printer(ec).T("setup.said.end")})
}
