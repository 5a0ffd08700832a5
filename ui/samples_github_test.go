package ui_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/ui"
)

func gitHub(l i18n.Locale) ui.GitHub {
	r := refs(l)
	whole := pick(l, "Exporting big boards should take seconds, not minutes. ", "导出大型看板应该只要几秒，而不是几分钟。")
	mends := func(link string, sides bool) *ui.Mends {
		return &ui.Mends{Theme: "thm_export", Link: link, Name: "acme/api#482", Again: true, Skip: sides, Ours: sides, Theirs: sides}
	}
	text := func(s string) ui.LedgerValue { return ui.LedgerValue{Text: s} }
	is := func(statuses ...string) ui.LedgerValue { return ui.LedgerValue{Statuses: statuses} }
	g := ui.GitHub{
		Health: ui.GitHubHealth{CanSetUp: true, Silent: now.Add(4 * time.Hour), Waiting: 3, Until: now.Add(5 * time.Hour), Hook: now.Add(-2 * time.Minute), Repositories: []ui.RepositoryHealth{
			{Name: "acme/api", Linked: 482, Checked: now.Add(-30 * time.Second), Hook: ui.HookHealth{Again: 3}},
			{Name: "acme/docs", Hook: ui.HookHealth{Quiet: []string{hostile}, Problems: []string{pick(l, "The webhook is switched off. Tick “Active” on its page on GitHub.", "Webhook 已停用，请在 GitHub 的 Webhook 页面勾选 Active。"), hostile}}},
			{Name: "acme/web", Linked: 77, Troubled: 2, Checked: now.Add(-3 * time.Hour), LastError: "502 " + hostile},
			{Name: "acme/secret", Linked: 5, Troubled: 5, Problem: pick(l, "The repository acme/secret was private and is public now. Heed writes nothing to it until an administrator agrees, on the GitHub page.", "仓库 acme/secret 由私有变为公开。在管理员于 GitHub 页面确认之前，Heed 不会写入任何内容。"), CanAgree: true},
		}, App: ui.HookHealth{Problems: []string{hostile}, Quiet: []string{hostile}, Again: 1}, CanVisit: true},
		Troubled: []ui.TroubledLink{
			{Theme: &r[0], Issue: ui.Issue{Repository: "acme/web", State: "failed", Error: pick(l, "The token may not do this (Resource not accessible). Give it the right to write issues; Heed tries again each hour.", "令牌权限不足（Resource not accessible）。请授予写入 Issue 的权限，Heed 每小时会重试一次。"), RetryAt: now.Add(time.Hour), Mends: mends("lnk_3", false)}},
			{Theme: &r[1], Issue: ui.Issue{Repository: "acme/api", Number: 77, URL: "https://github.com/acme/api/issues/77", State: "gone", Error: hostile, Mends: &ui.Mends{Theme: "thm_limits", Link: "lnk_4", Name: "acme/api#77", Again: true, Skip: true}}},
			{Issue: ui.Issue{Repository: "acme/api", State: "failed"}},
		}, TroubledCount: 7,
		Which: options("", pick(l, "Everything", "全部记录"), "open", pick(l, "Not done yet", "尚未完成"), "failed", pick(l, "Failed", "失败"), "conflict", pick(l, "Both had changed", "两边都改过")), MoreURL: "/github?cursor=x",
		Rows: []ui.LedgerRow{
			{Field: "title", Way: "out", Was: text("Export"), Becomes: text(pick(l, "Faster exports", "更快的导出")), State: "failed", Tries: 3, Mends: mends("lnk_1", true),
				Problem: pick(l, "GitHub did not accept this (title is too long (maximum is 256 characters)). Change it here and Heed asks again, or leave it as it is.", "GitHub 没有接受这次修改（title is too long (maximum is 256 characters)）。请在这里修改后重试，或保持现状。")},
			{Field: "state", Way: "in", Was: is("in_progress"), Becomes: text(pick(l, "closed · completed", "已关闭 · 已完成")), State: "done"},
			{Field: "block", Way: "out", Conflict: true, Was: ui.LedgerValue{Text: strings.TrimSpace(whole) + "…", Whole: strings.Repeat(whole, 12) + hostile}, Becomes: text(pick(l, "the theme's public text", "需求的公开说明")), State: "sent", Tries: 2},
			{Field: "label", Way: "out", Was: is("planned", "in_progress"), Becomes: is("in_progress"), State: "planned"},
			{Field: "title", Way: "in", Conflict: true, Was: text(hostile), Becomes: text(hostile), State: "done"},
			{Field: "issue", Way: "out", Becomes: text(pick(l, "Large board limits", "大型看板的上限")), State: "failed", Tries: 1, Mends: mends("lnk_2", false), Problem: pick(l, "Issues are switched off in this repository.", "这个仓库关闭了 Issue 功能。")},
			{Field: "comment", Way: "in", Becomes: text(pick(l, "Does this cover PDF too?", "PDF 也支持吗？")), State: "done"},
			{Field: "milestone", FieldName: "milestone", Way: "none", Was: is("shipped"), State: "dropped"},
		},
	}
	for i := range g.Rows {
		row := &g.Rows[i]
		row.ID, row.At, row.Theme, row.Issue, row.URL = fmt.Sprintf("iop_%d", i), now.Add(-time.Duration(i*i)*17*time.Minute), &r[i%2], "acme/api#482", "https://github.com/acme/api/issues/482"
	}
	g.Rows[5].Issue, g.Rows[5].URL = "acme/web", ""
	g.Rows[7].Issue, g.Rows[7].URL, g.Rows[7].Theme = "", "", nil
	return g
}

func backfills(l i18n.Locale) *ui.Backfills {
	return &ui.Backfills{Running: true, CanBegin: true, Repository: "acme/api", Look: &ui.BackfillLook{Repository: "acme/api", Open: 482, Linked: 12, Private: true}, Rows: []ui.Backfill{
		{Repository: "acme/web", State: "running", Done: 120, Total: 250, Made: 90, Joined: 20, Skipped: 10, By: "Ada Min", Started: now.Add(-2 * time.Minute), Until: now.Add(3 * time.Minute), CanCancel: true,
			Problem: pick(l, "GitHub wants fewer requests. Heed waits until 14:05, then goes on by itself.", "GitHub 要求放慢速度，Heed 会等到 14:05 再自动继续。")},
		{Repository: "acme/docs", State: "done", Done: 40, Total: 40, Made: 30, Joined: 9, Failed: 1, By: hostile, Started: now.Add(-48 * time.Hour), Ended: now.Add(-47 * time.Hour), Problem: hostile},
		{Repository: "acme/old", State: "cancelled", Done: 3, Total: 900, Skipped: 3, By: "Ada Min", Started: now.Add(-72 * time.Hour)},
	}}
}

func gitHubSamples(l i18n.Locale) []sample {
	one := gitHub(l)
	one.Health, one.Theme, one.Narrowed, one.Rows, one.MoreURL, one.Troubled = ui.GitHubHealth{Repositories: one.Health.Repositories[:1]}, &refs(l)[0], true, one.Rows[:2], "", nil
	return []sample{
		{"github", ui.PageGitHub, "/github", true, gitHub(l)},
		{"github_theme", ui.PageGitHub, "/github?theme=thm_export", true, one},
		{"github_backfill", ui.PageGitHub, "/github?backfill=acme/api", true, ui.GitHub{Which: one.Which, Health: one.Health, Backfills: backfills(l)}},
		{"github_backfill_error", ui.PageGitHub, "/github?backfill=acme/nowhere", true, ui.GitHub{Which: one.Which, Health: one.Health,
			Backfills: &ui.Backfills{CanBegin: true, Repository: "acme/nowhere", Error: hostile}}},
		{"github_none", ui.PageGitHub, "/github?which=failed", true, ui.GitHub{Which: one.Which, Narrowed: true}},
		{"github_empty", ui.PageGitHub, "/github", true, ui.GitHub{Which: one.Which, Health: ui.GitHubHealth{Missing: true, CanSetUp: true}}},
	}
}
