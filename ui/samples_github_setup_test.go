package ui_test

import (
	"time"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/ui"
)

func setupSamples(l i18n.Locale) []sample {
	hook := ui.GitHubHook{URL: "https://feedback.acme.example/webhooks/github", Events: []string{"issues", "issue_comment", "pull_request", "release", "milestone", "label", "repository"}, Can: true}
	set := hook
	set.Set, set.Last = true, now.Add(-2*time.Minute)
	fresh := hook
	fresh.Set, fresh.Fresh = true, "7f3c9a5e2b8d4f6071829304a5b6c7d8e9f00112233445566"
	typed := map[string]string{"name": "Heed feedback.acme.example", "organisation": ""}
	none := map[string]string{}
	app := ui.GitHubSetup{Kind: "app", Name: "heed-feedback-acme", URL: "https://github.com/apps/heed-feedback-acme", AppID: 4242, Step: 3, Changed: now.Add(-time.Hour), Address: "https://feedback.acme.example",
		Typed: none, Errors: none, Hook: set, Reached: ui.Reached{Install: "https://github.com/apps/heed-feedback-acme/installations/new"}}
	installed := app
	installed.Step, installed.Repository = 4, "acme/roadmap"
	installed.Reached.Installations = []ui.GitHubInstallation{{Account: "acme", All: true}, {Account: "acme-labs"}, {Account: hostile, Suspended: true}}
	installed.Reached.Repositories = []ui.GitHubRepository{{Name: "acme/archive", Why: "archived"}, {Name: "acme/roadmap", Selected: true}, {Name: "acme/secret", Private: true}, {Name: "acme/wiki", Why: "issues_off"}}
	installed.Reached.More = true
	installed.Errors = map[string]string{"repository": hostile}
	unread := app
	unread.Reached.Problem = pick(l, "GitHub refused the App (401). If it was deleted on GitHub, disconnect and make it again.", "GitHub 不接受这个 App（401）。如果 App 已在 GitHub 上删除，请断开连接后重新创建。")
	fixed := installed
	fixed.RepositoryManaged = true
	page := func(name string, d ui.GitHubSetup) sample {
		return sample{name, ui.PageGitHubSetup, "/github/setup", true, d}
	}
	return []sample{
		page("github_setup", ui.GitHubSetup{Step: 1, Typed: typed, Errors: none, Address: "http://127.0.0.1:8080", Reach: "local", Hook: hook}),
		page("github_setup_wrong", ui.GitHubSetup{Step: 1, Typed: typed, Errors: map[string]string{"name": hostile, "organisation": hostile, "token": hostile, "repository": hostile, "row": hostile}, Address: "http://feedback.acme.example", Reach: "plain", Lost: true, Half: true,
			Apps: "https://github.com/settings/apps", Hook: hook}),
		page("github_setup_way", ui.GitHubSetup{Step: 1, Typed: none, Errors: none, Way: &ui.GitHubWay{Address: "https://github.com/settings/apps/new?state=x", Host: "github.com", Name: "Heed" + hostile, Manifest: `{"name":"` + hostile + `"}`}}),
		page("github_setup_return", ui.GitHubSetup{Step: 2, Typed: none, Errors: none, Return: &ui.GitHubReturn{Code: hostile, State: "x"}}),
		page("github_setup_no_way", ui.GitHubSetup{Step: 2, Typed: none, Errors: none, Return: &ui.GitHubReturn{Problem: hostile}}),
		page("github_setup_install", app),
		page("github_setup_done", installed),
		page("github_setup_unread", unread),
		page("github_setup_fixed", fixed),
		page("github_setup_token", ui.GitHubSetup{Kind: "token", Name: "heed-bot", Repository: "acme/roadmap", Changed: now, Typed: none, Errors: none, Hook: fresh}),
		page("github_setup_token_kept", ui.GitHubSetup{Kind: "token", Name: "heed-bot", Repository: "acme/roadmap", Changed: now, Typed: none, Errors: map[string]string{"row": hostile}, Hook: set}),
		page("github_setup_managed", ui.GitHubSetup{Managed: true, Kind: "app", AppID: 4242, Repository: "acme/roadmap", Typed: none, Errors: none, Hook: set}),
	}
}
