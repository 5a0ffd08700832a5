package intake_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/intake/routing"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
)

// told lists what was said of clocks since the last time, in order.
func (d door) told(t *testing.T) string {
	t.Helper()
	var acts []models.Activity
	d.must(t, d.db.Read(ctx).Where("verb IN ?", []models.Verb{models.ClockWarned, models.ClockBreached}).Order("seq").Find(&acts).Error)
	var out []string
	for _, a := range acts {
		var s models.Suggestion
		d.must(t, d.db.Read(ctx).First(&s, "id = ?", a.SuggestionID).Error)
		out = append(out, strings.TrimPrefix(string(a.Verb), "clock.")+" "+s.Text)
	}
	return strings.Join(out, ", ")
}

func (d door) tick(t *testing.T) { t.Helper(); d.must(t, d.TickClocks(ctx, models.Job{})) }

func TestAClockWarnsOnceAndIsLateOnce(t *testing.T) {
	each(t, func(t *testing.T, d door, clock *modelstest.Clock) {
		d.file(t, intake.Submission{Text: "a", Urgency: "critical"}) // 15 minutes, warned after 12
		answered := d.file(t, intake.Submission{Text: "b", Urgency: "critical"}).Suggestion
		closed := d.file(t, intake.Submission{Text: "c", Urgency: "critical"}).Suggestion
		d.reply(t, answered.ID, time.Minute)
		state := "closed"
		_, err := d.Edit(ctx, pm, closed.ID, intake.Patch{State: &state})
		d.must(t, err)
		for _, step := range []struct {
			after time.Duration
			want  string
		}{
			{11*time.Minute + 59*time.Second, ""},
			{time.Second, "warned a"},
			{time.Minute, "warned a"},
			{2 * time.Minute, "warned a, breached a"},
			{time.Hour, "warned a, breached a"},
		} {
			clock.Add(step.after)
			d.tick(t)
			d.tick(t)
			if got := d.told(t); got != step.want {
				t.Errorf("after %v: %q, want %q", step.after, got, step.want)
			}
		}
	})
}

// After a night without power, what is late is told as late, and not first as nearly so.
func TestAfterDowntimeWhatIsLateIsToldOnce(t *testing.T) {
	each(t, func(t *testing.T, d door, clock *modelstest.Clock) {
		d.file(t, intake.Submission{Text: "late", Urgency: "critical"})
		clock.Add(8 * time.Hour)
		d.file(t, intake.Submission{Text: "nearly", Urgency: "critical"})
		clock.Add(13 * time.Minute)
		d.tick(t)
		d.tick(t)
		if got := d.told(t); got != "breached late, warned nearly" {
			t.Errorf("%q", got)
		}
	})
}

// Another urgency is another clock, from when the person wrote; what is told is told of
// each due time once.
func TestAnotherUrgencyIsAnotherClock(t *testing.T) {
	each(t, func(t *testing.T, d door, clock *modelstest.Clock) {
		s := d.file(t, intake.Submission{Text: "x", Urgency: "high"}).Suggestion
		clock.Add(50 * time.Minute)
		d.tick(t)
		edit := func(urgency string) {
			f, err := d.Edit(ctx, pm, s.ID, intake.Patch{Urgency: &urgency})
			d.must(t, err)
			s = f.Suggestion
			d.tick(t)
		}
		edit("critical")
		if want := s.CreatedAt.Add(15 * time.Minute); !s.ReplyDueAt.Equal(want) {
			t.Errorf("due %v, want %v", s.ReplyDueAt, want)
		}
		if got := d.told(t); got != "warned x, breached x" {
			t.Errorf("%q", got)
		}
		edit("high") // warned of before
		if got := d.told(t); got != "warned x, breached x" {
			t.Errorf("again: %q", got)
		}
		clock.Add(10 * time.Minute)
		d.tick(t)
		if got := d.told(t); got != "warned x, breached x, breached x" {
			t.Errorf("late by its own clock: %q", got)
		}
	})
}

// Many sweeps at once, on several nodes: everything is told once.
func TestManySweepsTellOnce(t *testing.T) {
	each(t, func(t *testing.T, d door, clock *modelstest.Clock) {
		const many = 2100 // more than one batch
		due := d.db.Now().Add(-time.Second)
		d.must(t, d.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
			rows := []models.Suggestion{}
			for i := range many {
				rows = append(rows, models.Suggestion{ID: models.NewID(models.PrefixSuggestion), Text: "x", State: models.StateNew, Kind: models.KindProblem, Receipt: fmt.Sprint(i),
					Action: models.ActionNew, ReplyDueAt: &due, ReplyNextAt: &due, Waiting: true, CreatedAt: due, UpdatedAt: due})
			}
			return tx.CreateInBatches(rows, 50).Error
		}))
		errs := make(chan error, 4)
		for range cap(errs) {
			go func() { errs <- d.TickClocks(ctx, models.Job{}) }()
		}
		for range cap(errs) {
			d.must(t, <-errs)
		}
		d.tick(t)
		var acts, once int64
		d.must(t, d.db.Read(ctx).Model(&models.Activity{}).Where("verb = ?", models.ClockBreached).Count(&acts).Error)
		d.must(t, d.db.Read(ctx).Model(&models.Activity{}).Where("verb = ?", models.ClockBreached).Distinct("suggestion_id").Count(&once).Error)
		if acts != many || once != many {
			t.Errorf("told %d times of %d suggestions, want %d", acts, once, many)
		}
	})
}

// A changed calendar moves what is open, and only that; also when it takes several steps.
func TestAnotherCalendarMovesWhatIsOpen(t *testing.T) {
	each(t, func(t *testing.T, d door, clock *modelstest.Clock) {
		open := d.file(t, intake.Submission{Text: "open", Urgency: "normal"}).Suggestion // Tuesday nine o'clock: due at one
		done := d.file(t, intake.Submission{Text: "done", Urgency: "normal"}).Suggestion
		d.reply(t, done.ID, time.Minute)
		c := routing.DefaultClocks()
		c.Holidays = []string{"2026-11-24"}
		act, err := d.SetClocks(ctx, pm, c, 0)
		d.must(t, err)
		due := func(id string) string {
			f, err := d.Get(ctx, pm, id)
			d.must(t, err)
			return f.Suggestion.ReplyDueAt.Format("02 15:04")
		}
		if due(open.ID) != "25 13:00" || due(done.ID) != "24 13:00" {
			t.Errorf("open %s, done %s", due(open.ID), due(done.ID))
		}
		state, err := d.Clocks(ctx, support)
		if d.must(t, err); state.Pending || state.Rev != 1 || state.Holidays[0] != "2026-11-24" {
			t.Errorf("%+v", state)
		}
		if _, err := d.SetClocks(ctx, pm, c, 7); codeOf(err) != "clocks_changed" {
			t.Errorf("over another's change: %v", err)
		}
		_, err = d.th.Undo(ctx, pm, act)
		d.must(t, err)
		d.tick(t)
		if due(open.ID) != "24 13:00" {
			t.Errorf("undone: %s", due(open.ID))
		}
	})
}

func TestClocksThatCannotBe(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		for field, edit := range map[string]func(*models.Clocks){
			"zone":              func(c *models.Clocks) { c.Zone = "Mars/Olympus" },
			"week/1":            func(c *models.Clocks) { c.Week[1] = []models.Span{{From: 600, To: 540}} },
			"week/2":            func(c *models.Clocks) { c.Week[2] = []models.Span{{From: 540, To: 720}, {From: 700, To: 800}} },
			"week/3":            func(c *models.Clocks) { c.Week[3] = []models.Span{{From: 540, To: 1441}} },
			"holidays":          func(c *models.Clocks) { c.Holidays = []string{"1 October"} },
			"workdays":          func(c *models.Clocks) { c.Workdays = []string{"2026-02-30"} },
			"warn":              func(c *models.Clocks) { c.Warn = 100 },
			"warn_before":       func(c *models.Clocks) { c.WarnBefore = -1 },
			"policies/high":     func(c *models.Clocks) { c.Policies["high"] = models.ClockPolicy{Amount: 1, Unit: "weeks"} },
			"policies/critical": func(c *models.Clocks) { c.Policies["critical"] = models.ClockPolicy{Amount: -1, Unit: "hours"} },
			"policies/urgent":   func(c *models.Clocks) { c.Policies["urgent"] = models.ClockPolicy{} },
		} {
			c := routing.DefaultClocks()
			edit(&c)
			if _, err := d.SetClocks(ctx, pm, c, 0); fieldOf(err) != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		c := routing.DefaultClocks()
		c.Week = [7][]models.Span{}
		if _, err := d.SetClocks(ctx, pm, c, 0); codeOf(err) != "clock_no_hours" {
			t.Errorf("business hours of nobody: %v", err)
		}
	})
}

func TestFirstRepliesAreMeasured(t *testing.T) {
	each(t, func(t *testing.T, d door, clock *modelstest.Clock) {
		d.team(t, "payments")
		file := func(urgency, team, source string) models.Suggestion {
			return d.file(t, intake.Submission{Text: "x", Urgency: urgency, Team: team, Source: source}).Suggestion
		}
		d.reply(t, file("high", "payments", "telegram").ID, time.Minute) // long ago
		clock.Add(100 * 24 * time.Hour)
		for i := range 10 {
			d.reply(t, file("high", "payments", "telegram").ID, time.Duration(10*(i+1))*time.Minute) // due after 60
		}
		file("critical", "", "api")
		clock.Add(20 * time.Minute)
		file("critical", "", "api")
		got, err := d.FirstReplies(ctx, support, 0)
		d.must(t, err)
		show := func(r intake.ReplyTimes) string {
			return fmt.Sprint(r.Name, " ", r.Filed, r.Replied, r.Waiting, r.Within, r.Late, " ", r.Median, " ", r.P90)
		}
		if s := show(got.All); s != " 12 10 2 6 5 55m0s 1h30m0s" {
			t.Errorf("all: %s", s)
		}
		if s := show(got.ByUrgency[0]) + "; " + show(got.ByUrgency[1]); s != "critical 2 0 2 0 1 0s 0s; high 10 10 0 6 4 55m0s 1h30m0s" {
			t.Errorf("by urgency: %s", s)
		}
		if got.ByTeam[0].Name != "payments" || got.BySource[0].Name != "telegram" || len(got.ByWeek) != 1 || got.ByWeek[0].Name != "2027-03-01" {
			t.Errorf("%+v", got)
		}
		if _, err := d.FirstReplies(ctx, visitor, 0); err == nil {
			t.Error("a visitor read them")
		}
		if _, err := d.FirstReplies(ctx, pm, 1000); fieldOf(err) != "days" {
			t.Error("a thousand days")
		}
	})
}

// What is owed stands in the order in which it is due, whatever became of its theme.
func TestTheDeskByTeamUrgencyAndDue(t *testing.T) {
	each(t, func(t *testing.T, d door, clock *modelstest.Clock) {
		d.team(t, "payments")
		d.must(t, d.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
			return tx.Create(&models.Member{ID: support.ID, Email: "sam@example.com", Role: models.RoleSupport, CreatedAt: d.db.Now()}).Error
		}))
		_, err := d.SaveTeam(ctx, pm, intake.TeamOf{Team: models.Team{Key: "payments", Name: models.Text{EN: "Payments"}}, Members: []string{support.ID, support.ID}})
		d.must(t, err)
		d.team(t, "wallet")
		low := d.file(t, intake.Submission{Text: "about the colours of charts", Urgency: "low", Team: "payments"}).Suggestion
		clock.Add(time.Minute)
		high := d.file(t, intake.Submission{Text: "every transfer stays pending", Urgency: "high", Team: "wallet"}).Suggestion
		clock.Add(time.Minute)
		critical := d.file(t, intake.Submission{Text: "somebody else signs for me", Urgency: "critical"}).Suggestion
		answered := d.file(t, intake.Submission{Text: "an answered question about fees", Urgency: "critical"}).Suggestion
		d.reply(t, answered.ID, time.Second)
		for _, c := range []struct {
			name string
			f    intake.Sought
			want []string
		}{
			{"due", intake.Sought{Due: true}, []string{critical.ID, high.ID, low.ID}},
			{"due, page two", intake.Sought{Due: true, Cursor: critical.ID}, []string{high.ID, low.ID}},
			{"mine", intake.Sought{Due: true, Team: intake.Mine}, []string{critical.ID, low.ID}},
			{"a team's", intake.Sought{Team: "wallet"}, []string{high.ID}},
			{"an urgency's", intake.Sought{Urgency: "low"}, []string{low.ID}},
		} {
			desk, err := d.Desk(ctx, support, c.f)
			d.must(t, err)
			var got []string
			for _, r := range desk.Rows {
				got = append(got, r.ID)
			}
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
			}
		}
		if keys, err := d.MyTeams(ctx, support); err != nil || len(keys) != 1 || keys[0] != "payments" {
			t.Errorf("my teams: %v %v", keys, err)
		}
		act, err := d.RemoveTeam(ctx, pm, "payments")
		d.must(t, err)
		if f, _ := d.Get(ctx, pm, low.ID); f.Suggestion.Team != "" {
			t.Errorf("left with team %q", f.Suggestion.Team)
		}
		_, err = d.th.Undo(ctx, pm, act)
		d.must(t, err)
		if keys, _ := d.MyTeams(ctx, support); len(keys) != 1 {
			t.Errorf("undone: %v", keys)
		}
		if f, _ := d.Get(ctx, pm, low.ID); f.Suggestion.Team != "payments" {
			t.Errorf("what waited for the team is everybody's after the undo: %q", f.Suggestion.Team)
		}
	})
}
