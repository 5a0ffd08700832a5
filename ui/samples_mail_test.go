package ui_test

import (
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/ui"
)

// mailSamples are the pages of what comes back, of the set-up and of the mail before it is sent.
func mailSamples(l i18n.Locale) []sample {
	list := ui.Bounces{Outcomes: options("", pick(l, "Any decision", "全部处理结果"), "suppressed", "x"), MoreURL: "/followups/bounces?cursor=x", Mailbox: &ui.BounceMailbox{CheckedAt: now, Problem: hostile}}
	for i, reason := range []string{"no_mailbox", "trial_failed", "for_good", "five_soft", "soft", "already", "policy", "not_final", "repeated", "complaint", "not_spam", "no_proof", "wrong_proof",
		"unknown_delivery", "never_sent", "other_address", "auto_reply", "letter", "unreadable", "no_recipient"} {
		b := ui.Bounce{ID: "bnc_" + reason, Kind: []string{"bounce", "complaint", "other"}[i%3], Via: "hook", At: now, Address: "mei@acme.com", Status: "5.1.1", Diagnostic: "550 5.1.1 no such user",
			Outcome: notifier.BounceOutcomes()[i%6], Reason: reason}
		if i%4 == 0 {
			b.Person, b.PersonURL, b.Diagnostic, b.Address = hostile, "/people/per_1", hostile, ""
		}
		list.Rows = append(list.Rows, b)
	}
	setup := ui.MailSetup{From: "heed@acme.com", Email: "ana@acme.com", Bounces: "bounces@acme.com", Hook: true, Mailbox: &ui.BounceMailbox{CheckedAt: now, Problem: hostile}, Probe: true, Looked: true, Selector: "s1",
		Sent: &ui.SentNow{To: "ana@acme.com", Answer: "250 2.0.0 Ok: queued as 4XqN"}}
	for i, problem := range []string{"spf_two", "spf_all", "spf_lacks", "spf_unsure", "spf_unaligned", "dkim_selector", "dkim_two", "dkim_broken", "dkim_revoked", "dkim_short", "dmarc_two", "dmarc_none", "dmarc_broken", "dns_failed", ""} {
		setup.Records = append(setup.Records, ui.MailRecord{Kind: []string{"spf", "dkim", "dmarc", "mx"}[i%4], Name: "acme.com", Type: "TXT", Value: "v=spf1 a:mx.acme.com ~all", Found: []string{hostile},
			State: []string{"right", "lacks", "missing", "unknown"}[i%4], Problem: problem, What: "x"})
	}
	for i := range setup.Records { // ids are one of a kind on the real page
		setup.Records[i].Kind = []string{"spf", "dkim", "dmarc", "mx"}[i%4]
	}
	whole := setup
	whole.Records = setup.Records[:4]
	out := []sample{
		{"bounces", ui.PageBounces, "/followups/bounces", true, list},
		{"bounces_empty", ui.PageBounces, "/followups/bounces", true, ui.Bounces{}},
		{"mail_setup", ui.PageMailSetup, "/settings/mail", true, whole},
		{"mail_setup_local", ui.PageMailSetup, "/settings/mail", true, ui.MailSetup{From: "heed@localhost", Email: hostile, Local: true, Relay: &ui.Relay{Missing: true}}},
		{"mail_setup_down", ui.PageMailSetup, "/settings/mail", true, ui.MailSetup{From: "heed@acme.com", Relay: &ui.Relay{Since: now, RetryAt: now, Problem: hostile}, Records: []ui.MailRecord{{Kind: "dkim", Type: "TXT", Name: "s1._domainkey.acme.com", State: "missing"}}}},
	}
	for _, problem := range []string{"no_relay", "no_address", "unfound", "unreached", "tls", "sign_in", "sender", "recipient", "content", "later", "doubt"} {
		out = append(out, sample{"mail_trial_" + problem, ui.PageMailSetup, "/settings/mail", true, ui.MailSetup{From: "heed@acme.com", Local: true, Sent: &ui.SentNow{Problem: problem, Detail: hostile}}})
	}
	for start := 4; start < len(setup.Records); start += 4 {
		out = append(out, sample{"mail_records_" + setup.Records[start].Problem, ui.PageMailSetup, "/settings/mail", true, ui.MailSetup{From: "heed@acme.com", Records: setup.Records[start:min(start+4, len(setup.Records))]}})
	}
	preview := ui.MailPreview{Theme: refs(l)[0], Back: "/themes/thm_1?status=declined#status-title", LacksReason: []string{"zh"}, LacksTitle: []string{"en"}, Sent: &ui.SentNow{To: "ana@acme.com", Answer: "250 ok"},
		Form: ui.StatusForm{ThemeID: "thm_1", Status: "declined", Reason: ui.Localized{EN: hostile}, Silent: true, Preview: &ui.Consequence{Everybody: 312, People: 287, Mails: 287, EN: 190, ZH: 97, Skipped: []ui.Skip{{Reason: "x", Count: 25}}}},
		Mails: []ui.PreviewedMail{{Locale: "en", Subject: hostile, Text: hostile, Source: hostile, OwnWords: true, LightURL: "/themes/thm_1/mail/html?look=light", DarkURL: "/themes/thm_1/mail/html?look=dark"},
			{Locale: "zh", Subject: "进度通知", Text: "x", Source: "y", LightURL: "/themes/thm_1/mail/html?look=light", DarkURL: "/themes/thm_1/mail/html?look=dark"}}}
	wrong := ui.MailPreview{Theme: refs(l)[0], Form: ui.StatusForm{Status: "declined", Errors: map[string]string{"reason_en": pick(l, "A reason is missing.", "缺少原因。")}}, Back: "/themes/thm_1"}
	return append(out, sample{"mail_preview", ui.PageMailPreview, "/themes/thm_1/mail", true, preview}, sample{"mail_preview_wrong", ui.PageMailPreview, "/themes/thm_1/mail", true, wrong})
}
