package ui_test

import (
	"time"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/ui"
)

func thread(l i18n.Locale, staff bool) ui.Thread {
	files := []ui.ThreadFile{
		{Name: "Screenshot 2026-11-24.png", URL: "/attachments/att_1", Size: "312 KB", Image: true, Width: 1170, Height: 2532},
		{Name: "App log.txt", URL: "/attachments/att_2", Size: "1.2 MB", Checked: true, Masked: 2},
		{Name: hostile, URL: "/attachments/att_3", Size: "80 KB"},
	}
	at := func(hours int) time.Time { return now.Add(-time.Duration(hours) * time.Hour) }
	return ui.Thread{Staff: staff, Objects: true, Files: files, Entries: []ui.ThreadEntry{
		{Author: "staff", Kind: "reply", Name: "Sam", Text: "Which network did you use?\nPlease send the transaction id.", Lang: "en", At: at(5)},
		{Author: "person", Kind: "reply", Name: "王伟", Text: "用的是以太坊主网。" + hostile, Lang: "zh", At: at(4), Files: files[:1]},
		{Author: "system", Kind: "state", State: "handed_over", Name: "Sam", Team: "Chain desk", At: at(3)},
		{Author: "system", Kind: "state", State: "new", Undo: true, Name: "Sam", At: at(2)},
		{Author: "person", Kind: "objection", Name: hostile, Text: pick(l, "I meant the other button.", "我说的是另一个按钮。"), Lang: string(l), At: at(1)},
	}}
}

func threadDesk(l i18n.Locale) ui.ThreadDesk {
	return ui.ThreadDesk{ID: "sug_1", URL: "/suggestions/sug_1", Next: "/suggestions/sug_1", State: "new", Team: "Chain desk", Due: now.Add(-time.Hour), Late: true, Thread: thread(l, true),
		States: []string{"answered", "handed_over", "closed"}, CanReply: true, CanStep: true, Reads: "zh", Key: "key_1", Limit: 5}
}

func threadSamples(l i18n.Locale) []sample {
	alone := threadDesk(l)
	alone.Alone = true
	p := pane(l)
	p.Files = nil
	refused := alone
	refused.Draft, refused.Error, refused.NoMail, refused.Reads = "Send me your seed phrase", pick(l, "This asks for a secret.", "这段话在索要机密信息。"), true, "en"
	read := alone
	read.CanReply, read.CanStep, read.Replied, read.Thread = false, false, now, ui.Thread{Staff: true}
	person := ui.PersonPage{ID: "sug_1", Receipt: "7K2MQ-X4DHN", Title: "Export is slow on large boards", Text: "Export takes minutes. " + hostile, Lang: "en", State: "answered", At: now.Add(-50 * time.Hour),
		Themes: []ui.PersonTheme{{ThemeRef: refs(l)[0], Reason: pick(l, "Streaming export is in beta.", "流式导出正在内测。"), Next: now.AddDate(0, 1, 0), Version: "4.2"}},
		Thread: thread(l, false), Redacted: []string{pick(l, "A recovery phrase was removed.", "已去除一段助记词。")}, Advice: []ui.Advice{advice(l)}, Errors: map[string]string{}, Key: "key_1", Limit: 5}
	failing := person
	failing.Draft, failing.Errors, failing.Thread, failing.Themes = hostile, map[string]string{"text": pick(l, "Write something first.", "请先填写内容。"), "file": pick(l, "That is an archive.", "这是压缩包。")}, ui.Thread{}, nil
	own := []ui.OwnSuggestion{{URL: "/s/sug_1", Title: hostile, State: "handed_over", At: now}, {URL: "/s/sug_2", Title: "导出大型看板很慢", Lang: "zh", State: "closed", At: now}}
	return []sample{
		{"suggestion", ui.PageSuggestion, "/suggestions/sug_1", true, ui.SuggestionPage{Pane: *p, Themes: refs(l), Desk: alone}},
		{"suggestion_refused", ui.PageSuggestion, "/suggestions/sug_1", true, ui.SuggestionPage{Pane: *p, Desk: refused}},
		{"suggestion_read_only", ui.PageSuggestion, "/suggestions/sug_1", true, ui.SuggestionPage{Pane: *p, Desk: read}},
		{"threads", ui.PageThreads, "/suggestions", true, ui.Threads{MoreURL: "/suggestions?cursor=x", Rows: []ui.ThreadRow{
			{URL: "/suggestions/sug_1", Title: "导出大型看板很慢", Lang: "zh", State: "new", Person: hostile, Words: hostile, Objection: true, At: now, Due: now, Late: true},
			{URL: "/suggestions/sug_2", Title: hostile, State: "answered", Staff: true, Name: "Sam", Words: "Which network?", At: now}}}},
		{"threads_none", ui.PageThreads, "/suggestions?all=1", true, ui.Threads{All: true}},
		{"receipt", ui.PageReceipt, "/receipt", false, ui.Receipt{Next: "/s/sug_1"}},
		{"receipt_wrong", ui.PageReceipt, "/receipt", false, ui.Receipt{Error: pick(l, "We find nothing under this code.", "没有找到这个回执码。"), SignedIn: true, Own: own}},
		{"said", ui.PageSaid, "/s/sug_1", false, person},
		{"said_errors", ui.PageSaid, "/s/sug_1", false, failing},
	}
}
