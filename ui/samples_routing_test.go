package ui_test

import (
	"time"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/ui"
)

func routingSamples(l i18n.Locale) []sample {
	rule := func(n int, off bool) ui.RuleRow {
		return ui.RuleRow{ID: "rul_" + string(rune('0'+n)), URL: "/settings/routing/rules/rul_1", N: n, Name: hostile, First: n == 1, Last: n == 3, Disabled: off,
			When: []ui.RulePart{{Label: pick(l, "it says any of", "提到以下任一词语："), Values: []string{"refund*", "退款", hostile}, More: 12}, {Label: pick(l, "it is a", "类型是"), Values: []string{pick(l, "Problem", "问题")}}},
			Then: []ui.RulePart{{Label: pick(l, "it goes to", "分派给"), Values: []string{hostile}}}}
	}
	members := options("mem_1", hostile, "mem_2", "Sam")
	routing := ui.Routing{CanEdit: true, Rules: []ui.RuleRow{rule(1, false), rule(2, true), rule(3, false)}, Apply: &ui.Applied{Changed: 12, Next: "sug_1"},
		History: []ui.RoutingChange{{Activity: "act_1", By: hostile, What: hostile, At: now}, {By: "x", What: "y", Undone: true, At: now}},
		Teams:   []ui.TeamRow{{Key: "payments", Name: hostile, Members: []string{hostile}, Form: ui.TeamForm{Key: "payments", NameEN: hostile, NameZH: hostile, Members: members, Errors: map[string]string{}}}, {Key: "empty", Name: "x"}},
		Team:    ui.TeamForm{New: true, Key: hostile, Members: members, Errors: map[string]string{"key": "x", "name": "x"}},
		Try: ui.TryForm{Text: hostile, Source: hostile, Error: "x", Result: &ui.Tried{Lang: "zh", Parts: []ui.MarkedText{{Text: "a "}, {Text: hostile, Marked: true}},
			Fields: []ui.TriedField{{Label: pick(l, "Team", "团队"), Value: hostile, Why: hostile}}}}}
	bare := ui.Routing{}
	form := ui.RuleForm{ID: "rul_1", Rev: 3, Name: hostile, Position: 2, Count: 7, Words: hostile, Sources: hostile, Products: hostile, Versions: hostile, Segments: hostile, Accounts: hostile,
		Context: hostile, Kinds: options("problem", "P"), Languages: options("en", "E"), Attachment: options("", "A"), Kind: options("", "-"), Urgency: options("", "-"), Team: options("", hostile),
		Product: hostile, CanEdit: true, Errors: map[string]string{"": "x", "words": "x", "outcome": "x", "position": "x"},
		Replay: &ui.RuleReplay{State: hostile, Seen: 5_000, Total: 12_000, Changed: 12, Open: 3, Shifts: []ui.ShiftRow{{Field: "Team", From: hostile, To: hostile, N: 4}},
			Examples: []ui.ReplayExample{{URL: "/inbox/sug_1", Title: hostile, Lang: "en", Changes: []ui.ShiftRow{{Field: "Team", From: "a", To: hostile}, {Field: "x", From: "a", To: "b"}}}}}}
	fresh := ui.RuleForm{Position: 1, Count: 1, CanEdit: true, Errors: map[string]string{}, Replay: &ui.RuleReplay{Seen: 10, Total: 10}}
	times := ui.ReplyTimes{Name: hostile, Filed: 20, Replied: 12, Waiting: 8, Late: 2, Bar: 60, Within: ui.Ratio{N: 10, Of: 12}, Median: "42 min", P90: "3 h"}
	clocks := ui.Clocks{Measured: now, Days: options("90", pick(l, "90 days", "90 天")), All: times, Weeks: []ui.ReplyTimes{times, {Name: "x"}},
		Tables: []ui.ReplyTable{{Name: "urgency", Rows: []ui.ReplyTimes{times}, CSV: "/clocks.csv?table=urgency"}, {Name: "week", Rows: []ui.ReplyTimes{times, {Name: "x"}}, CSV: "/clocks.csv?table=week"}},
		Form: ui.ClockForm{Rev: 2, Zone: hostile, Pending: true, CanEdit: true, Warn: "80", WarnBefore: "0", Holidays: hostile, Workdays: hostile,
			Errors:   map[string]string{"": "x", "zone": "x", "holidays": "x"},
			Policies: []ui.PolicyRow{{Urgency: "critical", Amount: "15", Units: options("minutes", "m"), Business: options("", "b"), Error: "x"}, {Urgency: "high", Amount: "1", Units: options("minutes", "m"), Business: options("", "b")}},
			Days:     []ui.DayRow{{N: 1, Label: pick(l, "Monday", "星期一"), Hours: hostile, Error: "x"}, {N: 2, Label: pick(l, "Tuesday", "星期二")}}}}
	empty := ui.Clocks{Days: options("90", "90"), Form: ui.ClockForm{Errors: map[string]string{}}}
	return []sample{
		{"routing", ui.PageRouting, "/settings/routing", true, routing},
		{"routing_bare", ui.PageRouting, "/settings/routing", true, bare},
		{"rule", ui.PageRule, "/settings/routing/rules/rul_1", true, form},
		{"rule_new", ui.PageRule, "/settings/routing/rules/new", true, fresh},
		{"clocks", ui.PageClocks, "/clocks", true, clocks},
		{"clocks_empty", ui.PageClocks, "/clocks", true, empty},
	}
}

// clocked is an inbox whose suggestions owe a first reply.
func clocked(in ui.Inbox) ui.Inbox {
	in.Routes = ui.RouteFilters{Teams: options("mine", "x"), Urgencies: options("", "x"), Sorts: options("due", "x")}
	in.Rows = append([]ui.InboxRow{}, in.Rows...)
	for i, state := range []string{"late", "soon", "waiting"} {
		if i < len(in.Rows) {
			in.Rows[i].Clock = &ui.Clock{State: state, Words: hostile, Due: now.Add(time.Hour)}
			in.Rows[i].Urgency = "high"
		}
	}
	if in.Pane != nil {
		pane := *in.Pane
		pane.Clock = &ui.Clock{State: "late", Words: "3 h", Due: now}
		pane.Route = ui.Route{ID: pane.ID, Urgency: "critical", Team: hostile, Why: []string{hostile}, Urgencies: options("high", "x"), Teams: options("", hostile), CanEdit: true}
		in.Pane = &pane
	}
	return in
}
