package ui_test

import (
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/ui"
)

func agentWords(l i18n.Locale) []ui.AgentWord {
	r, t := refs(l), theme(l)
	by := pick(l, "kb-bot, for Ana", "kb-bot（代 Ana）")
	return []ui.AgentWord{
		{ID: "agp_1", Kind: "same", By: by, At: now, Why: hostile, Theme: r[0], Said: &t.Suggestions[0], CanDecide: true},
		{ID: "agp_2", Kind: "different", By: by, At: now, Theme: r[1], Said: &t.Suggestions[1], CanDecide: true},
		{ID: "agp_3", Kind: "status", By: by, At: now, Theme: r[0], Status: "shipped", Text: ui.Localized{EN: "Exports take seconds now. " + hostile, ZH: "现在导出只要几秒。"}, Promise: "2026-12-24", Version: "4.2", FormURL: "/themes/thm_export?status=shipped", CanDecide: true},
		{ID: "agp_4", Kind: "text", By: by, At: now, Theme: r[0], Text: ui.Localized{ZH: "下周内测。"}},
	}
}

func tokens(l i18n.Locale) ui.Tokens {
	return ui.Tokens{Admin: true, Endpoint: "http://heed.test/mcp", Fresh: &ui.FreshToken{Name: "kb-bot", Secret: "heed_agent_0123456789"},
		Rows: []ui.TokenRow{
			{ID: "tok_1", Name: "kb-bot" + hostile, Kind: "agent", Shown: "heed_agent_0123…abcd", Member: "Ana", Scopes: []string{"suggestions:write", "themes:read"}, PerHour: 1000, PerDay: 10000, Created: now, Used: now, Filed: 50, Accepted: 8, Merged: 30, Waiting: 10, Closed: 2, CanRevoke: true},
			{ID: "tok_2", Name: "Desktop", Kind: "agent", Consent: true, Member: "Ana", Scopes: []string{"themes:read"}, Created: now, Expires: now, Revoked: now},
			{ID: "tok_3", Name: "ci", Kind: "service", Shown: "heed_service_4567…efgh", Scopes: []string{"admin"}, Created: now, CanRevoke: true},
		},
		Form: ui.TokenForm{Name: hostile, Kind: "agent", Kinds: options("agent", pick(l, "Agent", "智能体")), Scopes: []ui.Option{{Value: "themes:read", Label: pick(l, "Read", "查看"), Selected: true}},
			Errors: map[string]string{"name": hostile, "scopes": "x"}}}
}

func consent() ui.Consent {
	return ui.Consent{Client: "Desktop " + hostile, Host: "127.0.0.1:3334", Local: true, Member: "Ana", Email: "ana@example.com", Error: "x", Seal: "s",
		Scopes: []ui.Option{{Value: "themes:read", Label: "Read", Selected: true}}, Hidden: []ui.Option{{Label: "state", Value: hostile}}}
}
