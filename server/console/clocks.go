package console

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/ui"
)

// clocks shows how long first replies took, and by when they are due.
func (c *Console) clocks(ec echo.Context) error {
	s, err := c.s.Intake.Clocks(contextOf(ec), actorOf(ec))
	if err != nil {
		return err
	}
	return c.showClocks(ec, http.StatusOK, c.clockForm(ec, s, nil))
}

func (c *Console) showClocks(ec echo.Context, status int, form ui.ClockForm) error {
	p := c.Printer(ec)
	r, err := c.repliesOf(ec)
	if err != nil {
		return err
	}
	d := ui.Clocks{Measured: r.Measured, All: replyTimes(p, &r.All, ""), Form: form}
	for _, n := range []int{7, 30, 90, 365} {
		d.Days = append(d.Days, ui.Option{Value: strconv.Itoa(n), Label: p.T("quality.replay.days.n", n), Selected: n == r.Days})
	}
	tables, err := c.replyTables(ec, r)
	if err != nil {
		return err
	}
	d.Tables, d.Weeks = tables, tables[3].Rows
	longest := time.Duration(1)
	for _, w := range r.ByWeek {
		longest = max(longest, w.Median)
	}
	for i, w := range r.ByWeek {
		d.Weeks[i].Bar = int(100 * w.Median / longest)
	}
	return c.Show(ec, status, c.view(ec, p.T("nav.clocks")), ui.PageClocks, d)
}

func (c *Console) repliesOf(ec echo.Context) (intake.FirstReplies, error) {
	days, err := strconv.Atoi(ec.QueryParam("days"))
	if err != nil || days < 1 || days > intake.MaxReplyDays {
		days = 0
	}
	return c.s.Intake.FirstReplies(contextOf(ec), actorOf(ec), days)
}

// replyTables are the figures by urgency, team, source and week.
func (c *Console) replyTables(ec echo.Context, r intake.FirstReplies) ([]ui.ReplyTable, error) {
	p := c.Printer(ec)
	teams, err := c.s.Intake.Teams(contextOf(ec), actorOf(ec))
	if err != nil {
		return nil, err
	}
	names := teamNames(teams, p.Locale())
	out := []ui.ReplyTable{}
	for _, t := range []struct {
		name string
		rows []intake.ReplyTimes
		say  func(string) string
	}{
		{"urgency", r.ByUrgency, func(s string) string {
			if s == "" {
				return p.T("routing.none.short")
			}
			return p.T("urgency." + s)
		}},
		{"team", r.ByTeam, func(s string) string {
			if s == "" {
				return p.T("routing.none.team")
			}
			return orKey(names, s)
		}},
		{"source", r.BySource, func(s string) string { return sourceName(p, s) }},
		{"week", r.ByWeek, func(s string) string { day, _ := time.Parse(time.DateOnly, s); return p.Date(day) }},
	} {
		table := ui.ReplyTable{Name: t.name, CSV: "/clocks.csv?" + url.Values{"table": {t.name}, "days": {strconv.Itoa(r.Days)}}.Encode()}
		for i := range t.rows {
			table.Rows = append(table.Rows, replyTimes(p, &t.rows[i], t.say(t.rows[i].Name)))
		}
		out = append(out, table)
	}
	return out, nil
}

func replyTimes(p *i18n.Printer, r *intake.ReplyTimes, name string) ui.ReplyTimes {
	v := ui.ReplyTimes{Name: name, Filed: r.Filed, Replied: r.Replied, Waiting: r.Waiting, Late: r.Late, Within: ui.Ratio{N: r.Within, Of: r.Within + r.Late}}
	if r.Replied > 0 {
		v.Median, v.P90 = lasting(p, r.Median), lasting(p, r.P90)
	}
	return v
}

// lasting is a length of time in words: one unit where that is near enough.
func lasting(p *i18n.Printer, d time.Duration) string {
	switch m := int((d + 30*time.Second) / time.Minute); {
	case d < time.Minute:
		return p.T("clock.seconds", int(d/time.Second))
	case m < 120:
		return p.T("clock.minutes", m)
	case m < 48*60:
		return p.T("clock.hours", (m+30)/60)
	default:
		return p.T("clock.days", (m+12*60)/(24*60))
	}
}

// clockOf is the clock beside a suggestion; nil when nobody waits for a first reply.
func (c *Console) clockOf(p *i18n.Printer, s *models.Suggestion) *ui.Clock {
	if s.ReplyDueAt == nil || s.FirstRepliedAt != nil || s.State != models.StateNew && s.State != models.StateHandedOver {
		return nil
	}
	v := &ui.Clock{State: "waiting", Due: *s.ReplyDueAt}
	left := s.ReplyDueAt.Sub(c.now())
	switch {
	case left < 0:
		v.State, v.Words = "late", p.T("clock.late", lasting(p, -left))
	case s.ReplyNextAt != nil && s.ReplyNextAt.Equal(*s.ReplyDueAt): // warned of
		v.State, v.Words = "soon", p.T("clock.left", lasting(p, left))
	default:
		v.Words = p.T("clock.left", lasting(p, left))
	}
	return v
}

// clockForm is the form as the clocks hold, with what is wrong in what was typed.
func (c *Console) clockForm(ec echo.Context, s intake.ClockState, errs map[string]string) ui.ClockForm {
	p := c.Printer(ec)
	if errs == nil {
		errs = map[string]string{}
	}
	f := ui.ClockForm{Rev: s.Rev, Zone: s.Zone, Holidays: strings.Join(s.Holidays, "\n"), Workdays: strings.Join(s.Workdays, "\n"), Warn: strconv.Itoa(s.Warn),
		WarnBefore: strconv.Itoa(s.WarnBefore), Pending: s.Pending, CanEdit: auth.Can(actorOf(ec), auth.EditRouting) == nil, Errors: errs}
	for _, u := range models.Urgencies() {
		x := s.Policies[u]
		row := ui.PolicyRow{Urgency: string(u), Amount: strconv.Itoa(x.Amount), Error: errs["policies_"+string(u)]}
		for _, unit := range []string{models.UnitMinutes, models.UnitHours, models.UnitDays} {
			row.Units = append(row.Units, ui.Option{Value: unit, Label: p.T("clocks.unit." + unit), Selected: unit == x.Unit})
		}
		for _, b := range []string{"", "1"} {
			row.Business = append(row.Business, ui.Option{Value: b, Label: p.T("clocks.counts." + map[string]string{"": "always", "1": "business"}[b]), Selected: (b != "") == x.Business})
		}
		f.Policies = append(f.Policies, row)
	}
	for n := 1; n <= 7; n++ {
		d := n % 7
		f.Days = append(f.Days, ui.DayRow{N: d, Label: p.T(fmt.Sprintf("clocks.day.%d", d)), Hours: hoursOf(s.Week[d]), Error: errs[fmt.Sprintf("week_%d", d)]})
	}
	return f
}

func hoursOf(spans []models.Span) string {
	out := []string{}
	for _, s := range spans {
		out = append(out, fmt.Sprintf("%02d:%02d-%02d:%02d", s.From/60, s.From%60, s.To/60, s.To%60))
	}
	return strings.Join(out, ", ")
}

// saveClocks changes the clocks as the form says.
func (c *Console) saveClocks(ec echo.Context) error {
	ctx, actor := contextOf(ec), actorOf(ec)
	old, err := c.s.Intake.Clocks(ctx, actor)
	if err != nil {
		return err
	}
	next, errs := clocksOf(ec)
	for name := range errs {
		errs[name] = c.Message(ctx, models.BadField(name, errs[name]))
	}
	rev, _ := strconv.ParseInt(ec.FormValue("rev"), 10, 64)
	if len(errs) > 0 {
		return c.badClocks(ec, next, rev, errs, http.StatusUnprocessableEntity)
	}
	act, err := c.s.Intake.SetClocks(ctx, actor, next, rev)
	if err == nil {
		return c.Back(ec, "/clocks", &ui.Toast{Message: c.Printer(ec).T("toast.clocks.saved"), Activity: act})
	}
	switch models.KindOf(err) {
	case models.Invalid, models.Conflict:
	default:
		return err
	}
	messages, ok := c.Fields(ctx, err, nil)
	if !ok {
		messages = map[string]string{"": c.Message(ctx, err)}
		rev = old.Rev
	}
	return c.badClocks(ec, next, rev, messages, c.Problems.From(ctx, err).Status)
}

func (c *Console) badClocks(ec echo.Context, typed models.Clocks, rev int64, errs map[string]string, status int) error {
	f := c.clockForm(ec, intake.ClockState{Clocks: typed, Rev: rev}, errs)
	for i := range f.Days { // as it was typed
		f.Days[i].Hours = ec.FormValue(fmt.Sprintf("week_%d", f.Days[i].N))
	}
	for i := range f.Policies {
		f.Policies[i].Amount = ec.FormValue("amount_" + f.Policies[i].Urgency)
	}
	f.Warn, f.WarnBefore = ec.FormValue("warn"), ec.FormValue("warn_before")
	return c.showClocks(ec, status, f)
}

// clocksOf reads the form; errs names fields that hold no number or no hours, with
// their error's code.
func clocksOf(ec echo.Context) (models.Clocks, map[string]string) {
	errs := map[string]string{}
	number := func(field, name, code string) int {
		s := strings.TrimSpace(ec.FormValue(name))
		if s == "" {
			return 0
		}
		n, err := strconv.Atoi(s)
		if err != nil {
			errs[field] = code
		}
		return n
	}
	k := models.Clocks{Policies: map[models.Urgency]models.ClockPolicy{}, Zone: strings.TrimSpace(ec.FormValue("zone")), Holidays: entries(ec.FormValue("holidays"), true), Workdays: entries(ec.FormValue("workdays"), true)}
	for _, u := range models.Urgencies() {
		s := string(u)
		k.Policies[u] = models.ClockPolicy{Amount: number("policies_"+s, "amount_"+s, "clock_policy"), Unit: ec.FormValue("unit_" + s), Business: ec.FormValue("business_"+s) != ""}
	}
	for d := range k.Week {
		name := fmt.Sprintf("week_%d", d)
		spans, ok := spansOf(ec.FormValue(name))
		if !ok {
			errs[name] = "clock_hours"
		}
		k.Week[d] = spans
	}
	k.Warn, k.WarnBefore = number("warn", "warn", "clock_warn"), number("warn_before", "warn_before", "clock_warn_before")
	return k, errs
}

// spansOf reads hours such as "09:00-12:00, 13:00-18:00", also as Chinese types them.
func spansOf(s string) ([]models.Span, bool) {
	out := []models.Span{}
	s = strings.NewReplacer("：", ":", "–", "-", "—", "-", "－", "-", "至", "-", "~", "-", "～", "-").Replace(s)
	for _, e := range entries(s, true) {
		var h1, m1, h2, m2 int
		if n, err := fmt.Sscanf(strings.ReplaceAll(e, " ", ""), "%d:%d-%d:%d", &h1, &m1, &h2, &m2); err != nil || n != 4 || m1 > 59 || m2 > 59 || min(h1, m1, h2, m2) < 0 {
			return out, false
		}
		out = append(out, models.Span{From: h1*60 + m1, To: h2*60 + m2})
	}
	return out, true
}

// clocksCSV gives one of the page's tables to be opened in a spreadsheet.
func (c *Console) clocksCSV(ec echo.Context) error {
	r, err := c.repliesOf(ec)
	if err != nil {
		return err
	}
	groups := map[string][]intake.ReplyTimes{"urgency": r.ByUrgency, "team": r.ByTeam, "source": r.BySource, "week": r.ByWeek}
	table := ec.QueryParam("table")
	rows, ok := groups[table]
	if !ok {
		return models.BadField("table", "table_unknown", table)
	}
	p := c.Printer(ec)
	out := [][]string{{p.T("clocks.col." + table), p.T("clocks.filed"), p.T("clocks.replied"), p.T("clocks.csv.median"), p.T("clocks.csv.p90"), p.T("clocks.csv.within"), p.T("clocks.late"), p.T("clocks.waiting")}}
	for _, x := range rows {
		took := []string{"", ""}
		if x.Replied > 0 {
			took = []string{strconv.Itoa(int(x.Median.Seconds())), strconv.Itoa(int(x.P90.Seconds()))}
		}
		out = append(out, slices.Concat([]string{inert(x.Name), strconv.Itoa(x.Filed), strconv.Itoa(x.Replied)}, took, []string{strconv.Itoa(x.Within), strconv.Itoa(x.Late), strconv.Itoa(x.Waiting)}))
	}
	h := ec.Response().Header()
	h.Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="heed-first-replies-`+table+`-`+r.Measured.Format(time.DateOnly)+`.csv"`)
	h.Set(echo.HeaderCacheControl, "private, no-store")
	ec.Response().WriteHeader(http.StatusOK)
	if _, err := ec.Response().Write([]byte("\ufeff")); err != nil { // without it Excel takes UTF-8 for something else
		return err
	}
	return csv.NewWriter(ec.Response()).WriteAll(out)
}
