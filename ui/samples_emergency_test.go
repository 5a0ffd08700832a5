package ui_test

import (
	"time"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/ui"
)

func advice(l i18n.Locale) ui.Advice {
	return ui.Advice{Lang: string(l), Title: pick(l, "Move your assets now", "请立即转移资产"), Team: pick(l, "Our team has been alerted.", "团队已经收到警报。"),
		Steps: []string{pick(l, "Make a new wallet.", "新建一个钱包。"), pick(l, "Move everything.", "转移全部资产。")}}
}

func emergencySamples(l i18n.Locale) []sample {
	open := ui.Emergency{ID: "sug_1", URL: "/inbox/sug_1", Receipt: "7K2MQ-X4D9P", Cause: "secret", Lang: "zh", Title: "助记词导入失败 " + hostile, Words: []ui.Piece{{Text: hostile}, {Text: "0x52908400098527886E0F7030069857D2E4169EE7", Chip: "address"}},
		Provenance: said("王伟", "", "portal", "zh", 1), Redacted: []string{pick(l, "A recovery phrase was removed.", "已去除一段助记词。")}, Since: now, Due: now.Add(-time.Minute), Late: true, Alerts: 3, Next: now.Add(time.Minute), Advice: advice(l)}
	taken := ui.Emergency{ID: "sug_2", URL: "/inbox/sug_2", Receipt: "7K2MQ-X4D9Q", Cause: "stolen", Lang: "en", Title: "My wallet was drained", Provenance: said("Jo", "", "api", "en", 2),
		Since: now, Due: now.Add(time.Hour), Alerts: 1, By: "Ana " + hostile, At: now, HandedOver: true}
	over := ui.Emergency{ID: "sug_3", URL: "/inbox/sug_3", Receipt: "7K2MQ-X4D9R", Cause: "vulnerability", Title: "XSS", Provenance: said("", "", "portal", "", 3), Since: now, Replied: now, Alerts: 1, By: "Ana", At: now, Closed: true}
	tabs := []ui.Tab{{Label: pick(l, "Open", "待处理"), URL: "/emergencies", Current: true}, {Label: pick(l, "All", "全部"), URL: "/emergencies?all=1"}}
	return []sample{
		{"emergencies", ui.PageEmergency, "/emergencies", true, ui.Emergencies{Rows: []ui.Emergency{open, taken, over}, Open: 1, OpenIDs: []string{"sug_1", "sug_9"}, Tabs: tabs, CanAct: true}},
		{"suggest_found", ui.PageSuggest, "/suggest", false, ui.Suggest{Title: hostile, AskEmail: true, Warned: true, Found: []ui.Found{{Rule: "api_key", End: "4f2", Key: "api_key:4f2"}, {Rule: "password", Key: hostile, Kept: true}}}},
		{"emergencies-none", ui.PageEmergency, "/emergencies", true, ui.Emergencies{Tabs: tabs}},
	}
}
