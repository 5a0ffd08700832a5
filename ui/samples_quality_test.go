package ui_test

import (
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/ui"
)

func quality(l i18n.Locale) ui.Quality {
	r := refs(l)
	q := ui.Quality{Model: "use-lite-heed-1", Waiting: 120, Mode: "auto", Decisions: 143, Needed: 200, Promised: 97,
		Precision: ui.Ratio{N: 87, Of: 99}, Recall: ui.Ratio{N: 87, Of: 110}, Pairs: 214, LearnedUsed: true, Before: 84, After: 91,
		Bands: []ui.QualityBand{{Name: "attach", Filed: 12, Right: 10, Wrong: 1, Open: 1}, {Name: "suggest", Filed: 210, Right: 77, Wrong: 11, Open: 122}, {Name: "new", Filed: 90, Right: 30, Wrong: 14, Open: 46}}}
	for i := range 12 {
		w := ui.QualityWeek{Start: now.AddDate(0, 0, 7*(i-12)), Decisions: 6 + i, Precision: ui.Ratio{N: 4 + i, Of: 6 + i}, Recall: ui.Ratio{N: 3 + i, Of: 7 + i}}
		if i == 3 || i == 5 { // nobody decided: the week between them is a dot
			w.Decisions, w.Precision, w.Recall = 0, ui.Ratio{}, ui.Ratio{}
		}
		q.Weeks = append(q.Weeks, w)
	}
	q.Replay = ui.Replay{Sure: "93", Days: options("30", pick(l, "30 days", "30 天"), "90", pick(l, "90 days", "90 天")),
		Result: &ui.Replayed{Sure: 93, Days: 30, Filed: 310, Joined: 42, Right: ui.Ratio{N: 29, Of: 30}, Spared: 39, Returned: 1, Doubtful: []ui.Doubtful{
			{Title: "导出大型看板很慢", Lang: "zh", URL: "/inbox/sug_2", Theme: r[0], Outcome: "wrong", Chosen: r[1]},
			{Title: hostile, Lang: "en", URL: "/inbox/sug_7", Theme: r[1], Outcome: "refused"},
			{Title: "CSV export times out", Lang: "en", URL: "/inbox/sug_3", Theme: r[0], Outcome: "right"},
			{Title: "Export?", URL: "/inbox/sug_4", Theme: r[0], Outcome: "open"}}}}
	return q
}

func qualitySamples(l i18n.Locale) []sample {
	started, off, fixed := quality(l), quality(l), quality(l)
	started.Decisions, started.Sure, started.Would, started.Reach, started.Waiting = 512, 93, ui.Ratio{N: 238, Of: 240}, ui.Ratio{N: 238, Of: 390}, 0
	started.Replay.Result = &ui.Replayed{Off: true, Filed: 310, Returned: 42}
	off.Mode, off.LearnedUsed, off.StandIn, off.Model = "off", false, true, ""
	off.Replay.Error, off.Replay.Sure, off.Replay.Result = pick(l, "Give a whole number from 50 to 100, or nothing.", "请填写 50 到 100 之间的数字。"), hostile, nil
	fixed.Mode, fixed.Sure, fixed.Before = "fixed", 95, 0
	fixed.LearnedUsed = false
	never := started
	never.Sure = 0
	return []sample{
		{"quality", ui.PageQuality, "/quality", true, quality(l)},
		{"quality_started", ui.PageQuality, "/quality?sure=", true, started},
		{"quality_never", ui.PageQuality, "/quality", true, never},
		{"quality_off", ui.PageQuality, "/quality?sure=x", true, off},
		{"quality_fixed", ui.PageQuality, "/quality", true, fixed},
		{"quality_empty", ui.PageQuality, "/quality", true, ui.Quality{Mode: "auto", Needed: 200, Promised: 97, Replay: ui.Replay{Sure: "90"}}},
	}
}
