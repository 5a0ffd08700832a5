package ui_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/ui"
)

// hostile stands in every field that a stranger can fill. If any of it reaches
// a page unescaped, the structure test finds a script, a style or a handler.
const hostile = `<script>alert(1)</script><b style="color:red" onclick="x()">`

var now = time.Date(2026, 11, 24, 10, 2, 0, 0, time.UTC)

// sample is one page in one state, as a handler would render it.
type sample struct {
	name string
	page string
	path string
	// staff pages have a user who works here.
	staff bool
	data  any
}

func pick(l i18n.Locale, en, zh string) string {
	if l == i18n.ZH {
		return zh
	}
	return en
}

func refs(l i18n.Locale) []ui.ThemeRef {
	return []ui.ThemeRef{
		{ID: "thm_export", URL: "/themes/thm_export", Title: pick(l, "Export performance", "导出性能"), Status: "planned", People: 31, Reasons: []string{"export", "slow", "board"}},
		{ID: "thm_limits", URL: "/themes/thm_limits", Title: pick(l, "Large board limits", "大型看板的上限"), Status: "under_review", People: 8, Reasons: []string{"board"}, Mismatch: []string{pick(l, "number: 500 / 4,000", "数字：500 / 4,000")}},
	}
}

func said(person, account, source, lang string, hours int) ui.Provenance {
	return ui.Provenance{Person: person, Account: account, Source: source, Lang: lang, At: now.Add(-time.Duration(hours) * time.Hour)}
}

func inboxRows(l i18n.Locale) []ui.InboxRow {
	likely := refs(l)[0]
	row := func(id, title, lang, person, account string, hours int) ui.InboxRow {
		return ui.InboxRow{ID: id, URL: "/inbox/" + id, Title: title, Lang: lang, Person: person, Account: account, At: now.Add(-time.Duration(hours) * time.Hour), Kind: "suggestion"}
	}
	first := row("sug_1", "Export is slow on large boards", "en", "Mei Lin", "Acme", 2)
	first.Likely, first.LikelyID, first.Current = likely.Title, likely.ID, true
	second := row("sug_2", "导出大型看板很慢", "zh", "王伟", "ByteCo", 3)
	third := row("sug_3", "CSV export times out after 4,000 cards", "en", "Jo Park", "Orbit", 5)
	stack := row("sug_2", "导出大型看板很慢", "zh", "王伟", "ByteCo", 3)
	stack.Likely, stack.LikelyID, stack.Members, stack.Languages = likely.Title, likely.ID, []ui.InboxRow{second, third}, 2
	urgent := row("sug_4", "钱包里的币被转走了，助记词好像泄露了", "zh", "匿名", "", 1)
	urgent.Urgent, urgent.Kind = true, "problem"
	urgent.Same = ui.Same{More: 9_999, People: 8_412, URL: "/inbox?same=sug_4"}
	sso := row("sug_5", "SSO with Okta", "en", "", "", 26)
	sso.Source = "agent:kb-bot"
	rows := []ui.InboxRow{urgent, first, stack, sso, row("sug_6", "Dark mode please", "en", "Ana Souza", "", 30), row("sug_7", hostile, "en", hostile, hostile, 50)}
	for i := range 14 {
		r := row(fmt.Sprintf("sug_more_%d", i), pick(l, "Let me reorder columns by dragging them", "希望看板的列可以拖动排序"), pick(l, "en", "zh"), "Kim", "Northwind", 60+i*9)
		if i%3 == 0 {
			r.Likely, r.LikelyID = pick(l, "Column order", "列的顺序"), "thm_columns"
		}
		rows = append(rows, r)
	}
	return rows
}

func pane(l i18n.Locale) *ui.InboxPane {
	p := said("Mei Lin", "Acme", "Zendesk #8812", "en", 2)
	p.Segment, p.SourceURL, p.Filer, p.Files = "Pro", "https://example.com/8812", "Sam", 2
	return &ui.InboxPane{
		ID: "sug_1", URL: "/inbox/sug_1", Title: "Export is slow on large boards", Lang: "en", Receipt: "HEED-7K2M-QX4D",
		Text:    "Export takes minutes on big boards, so we screenshot instead.\n\nWe have 4,000 cards and the CSV never arrives. " + hostile,
		Summary: pick(l, "Wants faster CSV export.", "希望 CSV 导出更快。"), Kind: "problem", Provenance: p,
		Redacted: []string{pick(l, "An API key was removed from the text.", "已从正文中去除一个 API 密钥。")},
		Context:  []ui.Pair{{Name: "app_version", Value: "4.2.0"}, {Name: "user_agent", Value: hostile}},
		Files:    []ui.File{{Name: "Export log.txt", URL: "/files/1", Size: "12 KB"}},
		Likely:   refs(l), Stack: []string{"sug_1"},
		Confirm:    &ui.ConfirmForm{Candidate: "thm_c", PublicTitle: ui.Localized{EN: "Faster exports"}},
		ThemeQuery: "", NextURL: "/inbox/sug_2", Desk: new(threadDesk(l)),
	}
}

func options(pairs ...string) []ui.Option {
	var out []ui.Option
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, ui.Option{Value: pairs[i], Label: pairs[i+1], Selected: i == 0})
	}
	return out
}

func inbox(l i18n.Locale) ui.Inbox {
	return ui.Inbox{
		Kinds: options("", pick(l, "All kinds", "全部类型"), "problem", pick(l, "Problem", "问题")), Sources: options("", pick(l, "All sources", "全部来源"), "api", "API"),
		Rows: inboxRows(l), Total: 42, MoreURL: "/inbox?cursor=x", Pane: pane(l), Recent: refs(l), Handled: 17,
	}
}

func themeList(l i18n.Locale) ui.ThemeList {
	list := ui.ThemeList{Statuses: options("", pick(l, "All statuses", "全部状态"), "planned", pick(l, "Planned", "已排期")), Sorts: options("people", pick(l, "Most people", "人数最多")), Total: 61, MoreURL: "/themes?cursor=x"}
	for i, status := range append(ui.Statuses(), "candidate") {
		ref := refs(l)[i%2]
		ref.Status, ref.People = status, 31-i*4
		list.Rows = append(list.Rows, ui.ThemeRow{ThemeRef: ref, Suggestions: 14 - i, Published: i%3 != 2, Promise: now.AddDate(0, 0, i*9-4), Overdue: i == 0, Target: []string{"", "2.4"}[i%2], Updated: now, Issue: fmt.Sprintf("api#%d", 480+i), IssueFailed: i == 3})
	}
	list.Rows[1].InternalTitle, list.Rows[5].Title = "limits: raise 4k cards?", hostile
	list.Rows[4].Promise, list.Rows[4].Issue = time.Time{}, ""
	return list
}

func theme(l i18n.Locale) ui.Theme {
	none := map[string]string{}
	return ui.Theme{
		Told: ui.ThemeTold{CanTell: true, Yes: 12, No: 3, Talk: talkSample(l, true), Updates: []ui.ToldUpdate{{At: now, By: "Ana", Text: hostile, Lang: "zh"}},
			Update: ui.UpdateForm{ThemeID: "thm_0", Errors: map[string]string{"update_en": hostile}, Preview: &ui.Consequence{People: 12, Mails: 12, EN: 6, ZH: 6}}},
		ID: "thm_export", Title: pick(l, "Export performance", "导出性能"), Status: "in_progress", Published: true, PublicURL: "/t/thm_export",
		Votes: 31, People: 24, Accounts: 9, Owner: "Ana", Promise: now.AddDate(0, 0, -2), Overdue: true, Updated: now,
		Reason: pick(l, "Streaming export is in beta.", "流式导出正在内测。"),
		Texts:  ui.TextsForm{Title: "Export performance", PublicTitle: ui.Localized{EN: "Faster exports", ZH: "更快的导出"}, PublicText: ui.Localized{EN: "Exporting big boards should take seconds, not minutes.", ZH: "导出大型看板应该只要几秒，而不是几分钟。"}, Target: "2.4", Errors: none},
		StatusForm: ui.StatusForm{ThemeID: "thm_export", Status: "planned", Reason: ui.Localized{EN: "We start in January."}, Promise: "2027-01-20",
			Preview: &ui.Consequence{People: 24, Mails: 23, EN: 15, ZH: 8, Lacking: 8, SettleMinutes: 5, Skipped: []ui.Skip{{Reason: pick(l, "muted", "已静音"), Count: 1}}}, Errors: none},
		SuggestionsCount: 3,
		Suggestions: []ui.ThemeSuggestion{
			{ID: "sug_1", Text: "Export takes minutes on big boards, so we screenshot instead.", Lang: "en", Provenance: said("Mei Lin", "Acme", "Zendesk #8812", "en", 50)},
			{ID: "sug_2", Text: "导出大型看板很慢，一直转圈。", Lang: "zh", Provenance: said("王伟", "ByteCo", pick(l, "Portal", "门户"), "zh", 80)},
			{ID: "sug_3", Text: hostile, Lang: "en", Provenance: said(hostile, "Orbit", "API", "en", 90)},
		},
		Split: ui.SplitForm{Errors: none},
		Timeline: []ui.TimelineEntry{
			{ID: "act_3", At: now.Add(-3 * time.Hour), Actor: "Ana", Text: pick(l, "set In progress", "将状态改为开发中"), Detail: pick(l, "Streaming export is in beta.", "流式导出正在内测。"), CanUndo: true},
			{ID: "act_2", At: now.Add(-50 * time.Hour), Actor: "GitHub", System: true, Text: pick(l, "closed api#482", "关闭了 api#482")},
			{ID: "act_1", At: now.Add(-90 * time.Hour), Actor: "Ana", Text: pick(l, "merged “Slow CSV” (5)", "合并了“CSV 很慢”（5 条）"), Undone: true},
		},
		Merge:        ui.MergeForm{ThemeID: "thm_export", Query: "limits", Matches: refs(l)[1:]},
		Repositories: options("1", "acme/api"),
		Issues: []ui.Issue{
			{ID: "lnk_1", Repository: "acme/api", Number: 482, URL: "https://github.com/acme/api/issues/482", Title: "Faster exports", State: "closed", StateReason: "completed", Synced: now.Add(-3 * time.Minute), Mends: &ui.Mends{Theme: "thm_export", Link: "lnk_1", Name: "api#482", Ours: true, Theirs: true}},
			{ID: "lnk_2", Repository: "acme/web", State: "failed", Error: pick(l, "403: the token may not write issues here.", "403：令牌没有写入 Issue 的权限。"), RetryAt: now.Add(3 * time.Minute), Mends: &ui.Mends{Theme: "thm_export", Link: "lnk_2", Name: "web", Again: true}},
		},
		Ready: "acme/api#482",
	}
}

func followUps(l i18n.Locale) ui.FollowUps {
	f := ui.FollowUps{States: options("", pick(l, "All states", "全部状态"), "failed", pick(l, "Failed", "失败")), MoreURL: "/followups?cursor=x", Held: []ui.HeldChange{{Event: "evt_1", People: 208}}}
	for i, state := range []string{"delivered", "sent", "bounced", "retrying", "collecting", "in_doubt", "skipped", "cancelled", "expired", "sending", "leased", "ready", "failed"} {
		d := ui.Delivery{ID: fmt.Sprintf("dlv_%d", i), At: now.Add(-time.Duration(i) * time.Minute), Person: fmt.Sprintf("person%d@example.com", i), Locale: []string{"en", "zh"}[i%2], Subject: refs(l)[0].Title, SubjectURL: "/themes/thm_export", Kind: "status", State: state, Tries: i % 4, Detail: "250 2.0.0 ok"}
		switch state {
		case "bounced", "failed":
			d.Detail, d.CanRetry = "550 5.1.1 no such user "+hostile, true
		case "retrying":
			d.Detail, d.CanRetry, d.NextTry = "421 try later", true, now.Add(30*time.Minute)
		case "collecting":
			d.Detail, d.CanCancel = "", true
		}
		f.Rows = append(f.Rows, d)
	}
	return f
}

func portalList(l i18n.Locale) ui.PortalList {
	p := ui.PortalList{CanVote: true, MoreURL: "/?cursor=x", Tabs: []ui.Tab{{Label: pick(l, "Top", "热门"), URL: "/", Current: true}, {Label: pick(l, "New", "最新"), URL: "/?tab=new"}, {Label: pick(l, "Planned", "已排期"), URL: "/?tab=planned"}, {Label: pick(l, "Shipped", "已上线"), URL: "/?tab=shipped"}}}
	for i, status := range []string{"in_progress", "planned", "under_review", "shipped", "declined"} {
		ref := refs(l)[i%2]
		ref.ID, ref.URL, ref.Status, ref.People = fmt.Sprintf("thm_%d", i), fmt.Sprintf("/t/thm_%d", i), status, 31-6*i
		p.Themes = append(p.Themes, ui.PortalCard{ThemeRef: ref, Text: pick(l, "Exporting big boards should take seconds, not minutes.", "导出大型看板应该只要几秒，而不是几分钟。"), Target: []string{"", "2.4"}[i%2], Voted: i == 1, Updated: now.AddDate(0, 0, -i*3)})
	}
	p.Themes[0].News = pick(l, "Streaming export is in beta for a few teams.", "流式导出正在几个团队中内测。")
	p.Themes[4].Title = hostile
	return p
}

func proposals(l i18n.Locale) ui.Proposals {
	r, t := refs(l), theme(l)
	return ui.Proposals{Total: 42, MoreURL: "/proposals?cursor=x", Words: agentWords(l), Rows: []ui.Proposal{
		{ID: "prp_1", Kind: "merge", Theme: r[1], Other: &r[0], Here: t.Suggestions[1:], There: t.Suggestions[:2], HereCount: 3, ThereCount: 14, Reasons: []string{"export", "导出"}, Said: &ui.SaidThere{Issue: "acme/api#482", URL: "https://github.com/acme/api/issues/481#issuecomment-1"}, Moves: 3, CanDecide: true},
		{ID: "prp_2", Kind: "split", Theme: r[0], Here: t.Suggestions[2:], There: t.Suggestions[:1], HereCount: 2, ThereCount: 12, Moves: 2, Title: hostile, CanDecide: true},
		{ID: "prp_3", Kind: "reopen", Theme: r[0], Here: t.Suggestions[:1], HereCount: 1, Version: "4.2.0"},
	}}
}

func samples(l i18n.Locale) []sample {
	failing := map[string]string{"title": pick(l, "Please fill this in.", "请填写这一项。"), "email": "x"}
	row := ui.MailRow{ID: "1", URL: "/dev/mail/1", To: "mei@example.com", Subject: hostile, Lang: "en", At: now}
	narrow := inbox(l)
	narrow.PaneFirst = true
	empty := ui.Inbox{Handled: 17}
	merging := theme(l)
	merging.Ready, merging.NotPlanned, merging.Candidate, merging.Published, merging.Conflict = "", "acme/api#482", true, false, true
	merging.Merge.Preview = &ui.MergePreview{Into: refs(l)[1], People: 35, Suggestions: 19, Both: 3}
	merging.Texts.Errors = map[string]string{"public_title_en": hostile}
	merging.StatusForm.Preview = &ui.Consequence{Silent: true}
	several := inbox(l)
	several.Pane.Asks = []ui.AskRef{{N: 0, Text: "Export takes minutes", Theme: &several.Pane.Likely[0]}, {N: 1, Text: hostile}}
	several.Pane.AsksTitle = hostile
	card := portalList(l).Themes[0]
	similar := ui.Similar{Themes: refs(l), CanVote: true}
	gallery := ui.NewGallery(l, now)
	galleryPortal := gallery
	galleryPortal.Portal = true
	return append(slices.Concat(toldSamples(l), peopleSamples(l), promiseSamples(l), mailSamples(l), qualitySamples(l), emergencySamples(l), threadSamples(l), routingSamples(l), webhookSamples(l), gitHubSamples(l), setupSamples(l)), []sample{
		{"inbox_clocked", ui.PageInbox, "/inbox", true, clocked(inbox(l))},
		{"inbox", ui.PageInbox, "/inbox", true, inbox(l)},
		{"inbox_pane_first", ui.PageInbox, "/inbox/sug_1", true, narrow},
		{"inbox_empty", ui.PageInbox, "/inbox", true, empty},
		{"inbox_several_asks", ui.PageInbox, "/inbox/sug_1", true, several},
		{"proposals", ui.PageProposals, "/proposals", true, proposals(l)},
		{"tokens", ui.PageTokens, "/settings/tokens", true, tokens(l)},
		{"consent", ui.PageConsent, "/oauth/authorize", true, consent()},
		{"proposals_empty", ui.PageProposals, "/proposals", true, ui.Proposals{}},
		{"capture", ui.PageCapture, "/capture", true, capture(l)},
		{"outcomes", ui.PageOutcomes, "/outcomes", true, outcomes(l)},
		{"outcomes_empty", ui.PageOutcomes, "/outcomes", true, ui.Outcomes{All: ui.Option{Value: "/outcomes", Label: "All"}}},
		{"capture_empty", ui.PageCapture, "/capture", true, ui.Capture{Errors: map[string]string{}}},
		{"themes", ui.PageThemes, "/themes", true, themeList(l)},
		{"themes_empty", ui.PageThemes, "/themes?q=x", true, ui.ThemeList{}},
		{"theme", ui.PageTheme, "/themes/thm_export", true, theme(l)},
		{"theme_not_planned", ui.PageTheme, "/themes/thm_export", true, merging},
		{"followups", ui.PageFollowUp, "/followups", true, followUps(l)},
		{"followups_empty", ui.PageFollowUp, "/followups", true, ui.FollowUps{Relay: &ui.Relay{Missing: true}}},
		{"followups_relay_down", ui.PageFollowUp, "/followups", true, ui.FollowUps{Relay: &ui.Relay{Since: now.Add(-time.Hour), RetryAt: now.Add(time.Minute), Problem: hostile}}},
		{"sign_in", ui.PageSignIn, "/sign-in", false, ui.SignIn{Next: "/inbox"}},
		{"sign_in_code", ui.PageSignInCode, "/sign-in/code", false, ui.SignInCode{Email: "mei@example.com", Minutes: 10, Error: pick(l, "This code does not work.", "验证码不对。")}},
		{"sign_in_link", ui.PageSignInLink, "/sign-in/link/x", false, ui.SignInLink{Token: "tok", Email: hostile}},
		{"sign_in_link_expired", ui.PageSignInLink, "/sign-in/link/x", false, ui.SignInLink{Expired: true}},
		{"portal_list", ui.PagePortalList, "/", false, portalList(l)},
		{"portal_list_nothing", ui.PagePortalList, "/?q=x", false, ui.PortalList{Query: hostile}},
		{"portal_theme", ui.PagePortalTheme, "/t/thm_0", false, ui.PortalTheme{Card: card, CanVote: true, Promise: now.AddDate(0, 1, 0), FeedURL: "/t/thm_0/updates.atom", Talk: talkSample(l, false), Updates: []ui.PortalUpdate{{At: now, Text: hostile, Lang: "zh"}}, History: []ui.PortalEvent{{At: now.AddDate(0, 0, -4), Status: "in_progress", Reason: pick(l, "Streaming export is in beta for a few teams.", "流式导出正在几个团队中内测。")}, {At: now.AddDate(0, -1, 0), Status: "planned"}}}},
		{"suggest", ui.PageSuggest, "/suggest", false, ui.Suggest{Title: "Export is slow", AskEmail: true, Similar: similar}},
		{"suggest_errors", ui.PageSuggest, "/suggest", false, ui.Suggest{Text: hostile, AskEmail: true, Errors: failing, Similar: ui.Similar{Themes: refs(l), Interstitial: true}}},
		{"thanks", ui.PageThanks, "/suggest/thanks", false, ui.Thanks{Receipt: "HEED-7K2M-QX4D", Email: "mei@example.com", Theme: &refs(l)[0], Redacted: []string{pick(l, "A recovery phrase was removed.", "已去除一段助记词。")}, Advice: []ui.Advice{advice(l)}}},
		{"unsubscribe", ui.PageUnsubscribe, "/unsubscribe/x", false, ui.Unsubscribe{Token: "tok", Email: "m…@example.com", Theme: hostile}},
		{"unsubscribe_done", ui.PageUnsubscribe, "/unsubscribe/x", false, ui.Unsubscribe{Done: true, Email: "m…@example.com"}},
		{"unsubscribe_invalid", ui.PageUnsubscribe, "/unsubscribe/x", false, ui.Unsubscribe{Invalid: true}},
		{"error_404", ui.PageError, "/nowhere", false, ui.Failure{Code: 404, RequestID: "req_1"}},
		{"error_403", ui.PageError, "/inbox", true, ui.Failure{Code: 403}},
		{"error_422", ui.PageError, "/inbox", false, ui.Failure{Code: 422}},
		{"error_500", ui.PageError, "/inbox", false, ui.Failure{Code: 502}},
		{"dev_mail", ui.PageMailList, "/dev/mail", false, ui.MailList{Messages: []ui.MailRow{row, {ID: "2", URL: "/dev/mail/2", To: "wei@example.com", Subject: "更快的导出：开发中", Lang: "zh", At: now.Add(-time.Hour)}}}},
		{"dev_mail_empty", ui.PageMailList, "/dev/mail", false, ui.MailList{}},
		{"dev_mail_message", ui.PageMailMessage, "/dev/mail/1", false, ui.MailMessage{MailRow: row, From: "Acme <no-reply@example.com>", Text: hostile, HTMLURL: "/dev/mail/1/html", Headers: []ui.Pair{{Name: "List-Id", Value: "<acme.example.com>"}}}},
		{"gallery", ui.PageGallery, "/_gallery", true, gallery},
		{"gallery_portal", ui.PageGallery, "/_gallery", false, galleryPortal},
	}...)
}
