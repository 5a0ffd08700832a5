package ui_test

import (
	"time"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/ui"
)

func promiseSamples(l i18n.Locale) []sample {
	r := refs(l)
	row := func(theme ui.ThemeRef, days int) ui.PromiseRow {
		return ui.PromiseRow{Theme: theme, Product: "Mobile", Date: now.AddDate(0, 0, days), Overdue: days <= 0, Sent: 1, Word: now.AddDate(0, -2, 0)}
	}
	held, next := row(r[0], -3), row(r[1], 12)
	held.Sent, held.Again, next.Sent, next.Again = 2, now.AddDate(0, 0, 30), 2, now.AddDate(0, 0, 60)
	bad := row(ui.ThemeRef{ID: "thm_9", URL: "/themes/thm_9", Title: hostile, Status: "planned", People: 1}, 5)
	bad.Product, bad.Checked = hostile, true
	board := ui.Promises{Decide: []ui.PromiseRow{held, next}, MoreToDecide: true, CanSet: true, CanSend: true, CanMail: true, Mail: true, Earliest: now, MoreURL: "/promises?cursor=x",
		Groups: []ui.PromiseGroup{{Name: "overdue", Rows: []ui.PromiseRow{row(r[1], -1)}}, {Name: "week", Rows: []ui.PromiseRow{bad}},
			{Name: "month", Rows: []ui.PromiseRow{row(r[0], 20)}}, {Name: "later", Rows: []ui.PromiseRow{row(r[1], 80)}}},
		Statuses: options("", pick(l, "Any status", "全部状态"), "planned", pick(l, "Planned", "已排期")), Products: options("", pick(l, "All products", "全部产品"), "Mobile", hostile)}
	wrong, reader := board, board
	wrong.Status, wrong.Product = "planned", hostile
	wrong.Form = ui.PromiseForm{Date: "2020-01-01", Errors: map[string]string{"date": pick(l, "That day is over.", "这一天已经过了。")}}
	reader.CanSet, reader.CanSend, reader.Decide = false, false, board.Decide[:1]
	return []sample{
		{"promises", ui.PagePromises, "/promises", true, board},
		{"promises_wrong", ui.PagePromises, "/promises", true, wrong},
		{"promises_reader", ui.PagePromises, "/promises", true, reader},
		{"promises_empty", ui.PagePromises, "/promises", true, ui.Promises{Earliest: time.Time{}}},
	}
}
