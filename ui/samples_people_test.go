package ui_test

import (
	"time"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/ui"
)

func peopleSamples(l i18n.Locale) []sample {
	rows := []ui.PersonRow{
		{ID: "per_1", URL: "/people/per_1", Name: "Mei Lin", Address: "mei@acme.com", Account: "Acme", Segment: "Pro", Suggestions: 12, Since: now.AddDate(0, -3, 0)},
		{ID: "per_2", URL: "/people/per_2", Name: "王小明", Address: "@wang_xm", Channel: "telegram", Suggestions: 1, Since: now.Add(-time.Hour)},
		{ID: "per_3", URL: "/people/per_3", Name: hostile, Address: hostile, Account: hostile, Segment: hostile, Since: now},
	}
	wrong := func(names ...string) map[string]string {
		m := map[string]string{}
		for _, n := range names {
			m[n] = pick(l, "This is not right.", "这里不对。")
		}
		return m
	}
	list := ui.People{Query: "mei", Rows: rows, MoreURL: "/people?cursor=50&q=mei", Filtered: true,
		Accounts: options("", pick(l, "All accounts", "全部企业客户"), "acc_1", "Acme"), Segments: options("", pick(l, "All segments", "全部分群"), "Pro", hostile)}
	at := []ui.PersonAddress{{Channel: "email", ChannelName: pick(l, "e-mail", "邮箱"), Value: "mei@acme.com", Verified: true, CanRemove: true},
		{Channel: "telegram", ChannelName: "telegram", Value: hostile, CanRemove: true}}
	r := refs(l)
	whole := ui.Person{ID: "per_1", Name: "Mei Lin", Since: now.AddDate(0, -3, 0), HasPhrase: true, Segment: "Pro", Account: "Acme", Addresses: at, CanEdit: true,
		Form:        ui.PersonForm{Name: "Mei Lin", TimeZone: "Asia/Shanghai", Segment: "Pro", Locales: options("", "–", "en", "English"), Accounts: options("", "–", "acc_1", "Acme"), Segments: []string{"Pro", hostile}, Revision: 3},
		Suggestions: []ui.PersonSuggestion{{URL: "/inbox/sug_1", Title: "导出大型看板很慢", Lang: "zh", State: "new", At: now, Themes: r}, {URL: "/inbox/sug_2", Title: hostile, State: "closed", At: now}},
		MoreURL:     "/people/per_1?cursor=sug_2", Votes: []ui.PersonVote{{Theme: r[0], Said: true, At: now}, {Theme: r[1], At: now}},
		Told:   []ui.PersonTold{{Theme: r[0], Status: "planned", At: now, State: "sent"}, {Theme: r[0], Status: "shipped", At: now, Why: hostile}, {Theme: r[1], Status: "declined", At: now, State: "by_hand"}},
		Merge:  ui.PersonMerge{PersonID: "per_1", Query: "mei", Matches: rows[1:]},
		Merged: []ui.PersonMerged{{Activity: "act_1", Name: hostile, Actor: "Ana", At: now, CanUndo: true}, {Activity: "act_2", Name: "Old", Actor: hostile, At: now}}}
	whole.Wishes = &ui.PersonWishes{PersonID: "per_1", PreferenceForm: samplePreferenceForm(l), Stops: sampleStops(), Open: true}
	whole.Wishes.Staff = true
	whole.Told = append(whole.Told, ui.PersonTold{Theme: r[1], Kind: "update", At: now, State: "sent"}, ui.PersonTold{Kind: "reply", At: now, State: "sent"})
	merging, bare, bad := whole, ui.Person{ID: "per_4", Name: pick(l, "Somebody", "某人"), Since: now, Merge: ui.PersonMerge{PersonID: "per_4"}}, whole
	merging.Merge = ui.PersonMerge{PersonID: "per_1", Query: hostile, Preview: &ui.PersonMergePreview{Into: rows[0], Suggestions: 3, Votes: 2, Both: 1, Addresses: 1}}
	bad.Form.Errors, bad.AddressForm = wrong("name", "time_zone", "account", "segment", "rev"), ui.AddressForm{Channel: hostile, Value: hostile, Errors: wrong("channel", "value")}
	form := ui.AccountForm{ID: "acc_1", Name: "Acme", Plan: "Enterprise", Revenue: "120000", Weight: "5.5", Domains: "acme.com acme.cn", Revision: 2}
	accounts := ui.Accounts{CanEdit: true, New: ui.AccountForm{Weight: "1"}, Rows: []ui.AccountRow{
		{ID: "acc_1", Name: "Acme", Plan: "Enterprise", Revenue: 120_000, Weight: "5.5", Domains: []string{"acme.com"}, People: 12, PeopleURL: "/people?account=acc_1", Form: form},
		{ID: "acc_2", Name: hostile, Plan: hostile, Weight: "0", PeopleURL: "/people?account=acc_2", Form: ui.AccountForm{ID: "acc_2", Name: hostile, Domains: hostile}}},
		Segments: []ui.SegmentRow{{Name: "Pro", Weight: "3", People: 4, Listed: true, Revision: 1, PeopleURL: "/people?segment=Pro"}, {Name: hostile, Weight: "1", PeopleURL: "/people?segment=x"}, {Name: "高净值", Weight: "2", Listed: true}}}
	badAccounts := accounts
	badAccounts.New.Errors = wrong("name", "domains", "weight", "plan", "revenue", "rev")
	badAccounts.Segment = ui.SegmentForm{Name: hostile, Weight: "x", Errors: wrong("name", "weight", "row")}
	byHand := ui.ByHand{CanTell: true, Theme: &r[0], MoreURL: "/tell-by-hand?cursor=x", Receipts: []ui.Receipts{{Theme: r[1], N: 12}}, Rows: []ui.ToTell{
		{EventID: "evt_1", PersonID: "per_2", PersonURL: "/people/per_2", Name: "王小明", Theme: r[0], Status: "planned", Text: "关于“导出性能”：已排期\n我们决定做这条需求。", Lang: "zh", Addresses: at[1:], At: now},
		{EventID: "evt_1", PersonID: "per_3", PersonURL: "/people/per_3", Name: hostile, Theme: r[0], Status: "declined", Text: hostile, Lang: "en", Mail: "mei@acme.com", At: now}}}
	return []sample{
		{"people", ui.PagePeople, "/people?q=mei", true, list},
		{"people_none", ui.PagePeople, "/people?q=x", true, ui.People{Query: hostile, Filtered: true}},
		{"people_empty", ui.PagePeople, "/people", true, ui.People{}},
		{"person", ui.PagePerson, "/people/per_1?merge_q=mei", true, whole},
		{"person_merging", ui.PagePerson, "/people/per_1?merge_into=per_2", true, merging},
		{"person_bare", ui.PagePerson, "/people/per_4", true, bare},
		{"person_wrong", ui.PagePerson, "/people/per_1", true, bad},
		{"accounts", ui.PageAccounts, "/accounts", true, accounts},
		{"accounts_wrong", ui.PageAccounts, "/accounts", true, badAccounts},
		{"accounts_empty", ui.PageAccounts, "/accounts", true, ui.Accounts{}},
		{"by_hand", ui.PageByHand, "/tell-by-hand", true, byHand},
		{"by_hand_empty", ui.PageByHand, "/tell-by-hand", true, ui.ByHand{}},
		{"me", ui.PageMe, "/me/settings", false, ui.Me{Name: "Mei", Phrase: hostile, TimeZone: "Asia/Shanghai", Locales: options("en", "English", "zh", pick(l, "Chinese", "中文")), Product: "Acme"}},
		{"preferences", ui.PagePreferences, "/preferences/x", false, samplePreferences(l)},
		{"preferences_invalid", ui.PagePreferences, "/preferences/x", false, ui.Preferences{Invalid: true}},
		{"me_wrong", ui.PageMe, "/me/settings", false, ui.Me{Name: hostile, Errors: wrong("name", "phrase", "time_zone"), Product: "Acme"}},
	}
}

func samplePreferences(l i18n.Locale) ui.Preferences {
	return ui.Preferences{Token: "tok", Email: "m…@example.com", Product: "Acme", HasPhrase: true, PreferenceForm: samplePreferenceForm(l), Stops: sampleStops(),
		TimeZone: hostile, Locales: options("en", "English", "zh", pick(l, "Chinese", "中文")),
		Told: []ui.PreferenceTold{{Title: hostile, TitleLang: "en", URL: "/t/thm_1", Status: "planned", Sentence: pick(l, "The mail is on its way.", "邮件正在发送。"), At: now}, {Title: pick(l, "A theme", "一个需求"), Kind: "update", At: now}}}
}

func sampleStops() []ui.PreferenceStop {
	return []ui.PreferenceStop{{Sentence: hostile, Again: true}, {Sentence: hostile}}
}

func samplePreferenceForm(l i18n.Locale) ui.PreferenceForm {
	modes := options("instant", pick(l, "At once", "及时发送"), "daily", pick(l, "Once a day", "每天一次"))
	return ui.PreferenceForm{Quiet: "own", QuietFrom: "22:00", QuietTo: "07:00", HouseQuiet: "21:00–08:00", Zone: "Asia/Shanghai", NextDaily: "25", NextWeekly: "30",
		Kinds: []ui.PreferenceKind{{Name: "mode_status", Label: pick(l, "A theme changes", "需求状态变化"), Modes: modes}}, Hours: options("9", "09:00"), Weekdays: options("1", pick(l, "Monday", "星期一")),
		Muted: []ui.PreferenceTheme{{ID: "thm_1", Title: hostile, TitleLang: "en"}}, Themes: []ui.PreferenceTheme{{ID: "thm_2", Title: hostile, TitleLang: "en"}},
		Errors: map[string]string{"mode_status": hostile, "digest_hour": hostile, "digest_weekday": hostile, "quiet_hours": hostile, "phrase": hostile, "time_zone": hostile, "mute": hostile}}
}
