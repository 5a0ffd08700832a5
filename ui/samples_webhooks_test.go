package ui_test

import (
	"time"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/ui"
)

func webhookForm(l i18n.Locale, id string) ui.WebhookForm {
	return ui.WebhookForm{ID: id, Revision: 3, Name: hostile, URL: "https://hooks.example.com/heed", Product: "wallet", Channel: "telegram", Host: "hooks.example.com", Kind: "feishu", TakesSecret: true,
		Kinds: options("feishu", pick(l, "Feishu", "飞书")), Locales: options("zh", "中文"), Events: []ui.Option{{Value: "theme.shipped", Label: pick(l, "A theme shipped", "一条需求已上线"), Selected: true}},
		Errors: map[string]string{"url": hostile, "events": "x"}}
}

func webhookSamples(l i18n.Locale) []sample {
	row := ui.WebhookRow{ID: "whk_1", URL: "/settings/webhooks/whk_1", Name: "Helpdesk" + hostile, Kind: "standard", Host: "hooks.example.com:8443", Channel: "telegram", Product: "wallet", Events: 3, LastOK: now, Waiting: 2}
	off := ui.WebhookRow{ID: "whk_2", URL: "/settings/webhooks/whk_2", Name: pick(l, "On call", "值班群"), Kind: "feishu", Host: "open.feishu.cn:443", Events: 1, Off: "failing", Failing: now}
	told := ui.WebhookDelivery{ID: "whm_1", URL: "/settings/webhooks/whk_1?message=whm_1", Type: "theme.shipped", State: "ready", Tries: 2, Status: 503, Answer: hostile, At: now, Next: now.Add(time.Hour), About: "thm_1", AboutURL: "/themes/thm_1"}
	return []sample{
		{"webhooks", ui.PageWebhooks, "/settings/webhooks", true, ui.Webhooks{Rows: []ui.WebhookRow{row, off}, Form: webhookForm(l, "")}},
		{"webhooks_empty", ui.PageWebhooks, "/settings/webhooks", true, ui.Webhooks{Form: ui.WebhookForm{Errors: map[string]string{}}}},
		{"webhook", ui.PageWebhook, "/settings/webhooks/whk_1", true, ui.Webhook{WebhookRow: row, Form: webhookForm(l, "whk_1"), Fresh: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", Old: now.Add(time.Hour), Rotates: true, MostTries: 8,
			Rows: []ui.WebhookDelivery{told, {ID: "whm_2", URL: "/x", Type: "webhook.test", State: "sent", Status: 204, Tries: 1, At: now, Sent: now}}, MoreURL: "/settings/webhooks/whk_1?cursor=x", SinceError: "x",
			One: &ui.WebhookOpened{WebhookDelivery: told, Payload: "{\n  \"type\": \"" + hostile + "\"\n}", Attempts: []ui.WebhookAttempt{{N: 1, Status: 503, Outcome: "failed", Answer: hostile, At: now}}}}},
		{"webhook_off", ui.PageWebhook, "/settings/webhooks/whk_2", true, ui.Webhook{WebhookRow: off, Form: webhookForm(l, "whk_2"), MostTries: 8}},
	}
}
