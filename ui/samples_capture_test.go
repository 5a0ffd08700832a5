package ui_test

import (
	"time"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/ui"
)

func filings(l i18n.Locale) []ui.Filing {
	r := refs(l)
	return []ui.Filing{
		{ID: "sug_1", URL: "/inbox/sug_1", Title: "Export is slow " + hostile, Lang: "en", Receipt: "R1", Outcome: "shipped", Theme: &r[0], At: now, Unread: true},
		{ID: "sug_2", URL: "/inbox/sug_2", Title: "导出很慢", Lang: "zh", Receipt: "R2", Outcome: "waiting", At: now.Add(-time.Hour), Filer: "kb-bot " + hostile},
	}
}

func customer() ui.Customer {
	return ui.Customer{ID: "per_1", Name: "Mei " + hostile, Address: "mei@example.com", Email: "mei@example.com", Locale: "zh", TimeZone: "Asia/Shanghai", Segment: "Pro"}
}

func capture(l i18n.Locale) ui.Capture {
	r := refs(l)
	return ui.Capture{Text: "Export is slow " + hostile, Who: "mei", Email: "mei@example.com", SourceURL: "https://example.com/8812", Conversation: "Zendesk #8812", Key: "k",
		Errors: map[string]string{"email": hostile, "who": hostile}, Channels: []ui.Option{{Label: "None"}, {Value: "telegram", Label: "Telegram", Selected: true}},
		Customers: []ui.Customer{customer()}, Filed: &filings(l)[0], Recent: filings(l),
		Similar: ui.CaptureSimilar{Asked: true, Secret: true, Funds: true, Same: r[0].ID, Themes: []ui.SayRef{
			{ThemeRef: r[0], N: 1, SayLang: "en", Say: pick(l, "“Export performance”: Planned. You will hear from us again by 20 January.", "“导出性能”：已排期。") + hostile}, {ThemeRef: r[1], N: 2}}}}
}

func outcomes(l i18n.Locale) ui.Outcomes {
	return ui.Outcomes{All: ui.Option{Value: "/outcomes", Label: "All", Count: 2, Selected: true}, Counts: []ui.Option{{Value: "/outcomes?outcome=shipped", Label: "Shipped", Count: 1}},
		Rows: filings(l), Unread: 1, Newest: 7, Mail: true, Filers: []ui.Option{{Label: "All"}, {Value: "tok_1", Label: hostile}}, MoreURL: "/outcomes?cursor=x"}
}
