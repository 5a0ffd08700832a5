package ui_test

import (
	"time"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/ui"
)

func talkSample(l i18n.Locale, team bool) ui.Talk {
	return ui.Talk{URL: "/t/thm_1/comments", SignInNext: "/t/thm_1", CanSay: true, Team: team, Comments: []ui.TalkComment{
		{ID: "cmt_1", Name: "Mei Lin", Text: pick(l, "We need this too.", "我们也需要。"), At: now.Add(-time.Hour)},
		{ID: "cmt_2", Name: "Ana", Official: true, Text: hostile, Lang: "zh", At: now, To: "Mei Lin", ToURL: "#cmt_1"},
		{ID: "cmt_3", Name: hostile, Text: hostile, At: now},
	}}
}

// toldSamples are the pages of what people hear besides a status, and answer.
func toldSamples(l i18n.Locale) []sample {
	r := refs(l)
	preview := &ui.Consequence{People: 312, Mails: 287, EN: 190, ZH: 97, Lacking: 97, SettleMinutes: 5, Skipped: []ui.Skip{{Reason: hostile, Count: 25}}}
	form := ui.ReleaseForm{Version: "4.2", Product: hostile, Notes: ui.Localized{EN: "Exports stream now.", ZH: "导出改为流式处理。"}, Chosen: 1, Errors: map[string]string{},
		Themes: []ui.ReleaseChoice{{ThemeRef: r[0], Ready: true, Chosen: true}, {ThemeRef: r[1]}}}
	seen, wrong, drafted := form, form, form
	drafted.Draft, drafted.Drafted, drafted.Wrong = "rdr_1", hostile, []string{hostile}
	drafted.Themes = []ui.ReleaseChoice{{ThemeRef: r[0], Ready: true, Named: true, Chosen: true}}
	drafts := []ui.ReleaseDraftRow{{ID: "rdr_1", Version: hostile, Name: hostile, Repository: "acme/api", URL: "https://github.com/acme/api/releases/tag/v2.4.0", At: now, Themes: 5, Named: 2, Chosen: true},
		{ID: "rdr_2", Version: "2.3.9", Repository: "acme/web", At: now.Add(-30 * time.Hour)}}
	seen.Preview = preview
	wrong.Errors, wrong.Wrong = map[string]string{"version": pick(l, "This is not right.", "这里不对。")}, []string{hostile}
	rows := []ui.ReleaseRow{{ID: "rel_1", Version: "4.1", Product: hostile, Notes: hostile, By: "Ana", Activity: "act_1", At: now, Themes: r, CanUndo: true}, {ID: "rel_2", Version: "4.0", By: hostile, At: now}}
	held := talkSample(l, true).Comments
	for i := range held {
		held[i].Why, held[i].Theme = pick(l, "has a link", "含链接"), r[0]
	}
	meant := []ui.MeantRow{{ID: "sug_1", Text: hostile, Theme: r[0].Title, ThemeLang: "zh"}, {ID: "sug_2", Text: "导出太慢"}}
	return []sample{
		{"releases", ui.PageReleases, "/releases", true, ui.Releases{CanShip: true, Rows: rows, MoreURL: "/releases?cursor=rel_2", Form: form}},
		{"releases_draft", ui.PageReleases, "/releases?draft=rdr_1", true, ui.Releases{CanShip: true, Form: drafted, Drafts: drafts}},
		{"releases_preview", ui.PageReleases, "/releases", true, ui.Releases{CanShip: true, Form: seen}},
		{"releases_wrong", ui.PageReleases, "/releases", true, ui.Releases{CanShip: true, Form: wrong}},
		{"releases_empty", ui.PageReleases, "/releases", true, ui.Releases{DraftsCome: true}},
		{"comments", ui.PageComments, "/comments", true, ui.Moderation{Rows: held}},
		{"comments_empty", ui.PageComments, "/comments", true, ui.Moderation{}},
		{"solved", ui.PageSolved, "/solved/x", false, ui.SolvedPage{Token: "x", Title: hostile, TitleLang: "zh", Version: "4.2", Answer: "no", Words: hostile, Over: true}},
		{"solved_unchosen", ui.PageSolved, "/solved/x", false, ui.SolvedPage{Token: "x", Title: hostile, TitleLang: "zh", Words: hostile, Choose: hostile}},
		{"solved_yes", ui.PageSolved, "/solved/x", false, ui.SolvedPage{Token: "x", Title: hostile, Done: "yes", At: now}},
		{"solved_no", ui.PageSolved, "/solved/x", false, ui.SolvedPage{Token: "x", Title: hostile, Done: "no", At: now, SaidURL: "/s/sug_1"}},
		{"solved_again", ui.PageSolved, "/solved/x", false, ui.SolvedPage{Token: "x", Title: hostile, Done: "yes", At: now, Again: true, More: true, SaidURL: "/s/sug_1", Found: []string{pick(l, "A recovery phrase was removed.", "已去除一段助记词。")}, Words: hostile, Error: hostile}},
		{"solved_danger", ui.PageSolved, "/solved/x", false, ui.SolvedPage{Token: "x", Title: hostile, Done: "yes", At: now, Advice: []ui.Advice{advice(l)}}},
		{"solved_invalid", ui.PageSolved, "/solved/x", false, ui.SolvedPage{Invalid: true}},
		{"meant", ui.PageMeant, "/meant/x", false, ui.MeantPage{Token: "x", Rows: meant, Error: hostile}},
		{"meant_done", ui.PageMeant, "/meant/x", false, ui.MeantPage{Token: "x", Done: true, Found: []string{pick(l, "A recovery phrase was removed.", "已去除一段助记词。")}}},
		{"meant_invalid", ui.PageMeant, "/meant/x", false, ui.MeantPage{Invalid: true}},
	}
}
