package intake

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Days of FirstReplies.
const (
	DefaultReplyDays = 90
	MaxReplyDays     = 366
)

// ReplyTimes are the times to first reply of one group of suggestions, round the
// clock. Within and Late count those whose clock is over: answered in time, or answered
// late or not at all by now. Waiting are not answered yet, in time or not.
type ReplyTimes struct {
	Name    string
	Filed   int
	Replied int
	Waiting int
	Within  int
	Late    int
	Median  time.Duration // 0 without Replied
	P90     time.Duration
	took    []time.Duration
}

// FirstReplies are the times to first reply of what was filed in the last Days.
type FirstReplies struct {
	Days      int
	Measured  time.Time
	All       ReplyTimes
	ByUrgency []ReplyTimes // the most urgent first
	ByTeam    []ReplyTimes
	BySource  []ReplyTimes
	ByWeek    []ReplyTimes // Name is the Monday's date in the clocks' zone, oldest first
}

// FirstReplies measures the times to first reply of the last days (DefaultReplyDays
// when 0) by urgency, team, source and week. What it reads is bounded by the window.
func (in *Intake) FirstReplies(ctx context.Context, a auth.Actor, days int) (FirstReplies, error) {
	out := FirstReplies{Days: days, Measured: in.db.Now()}
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return out, err
	}
	if days == 0 {
		out.Days = DefaultReplyDays
	}
	if out.Days < 1 || out.Days > MaxReplyDays {
		return out, models.BadField("days", "reply_days_range", MaxReplyDays)
	}
	zone := in.ClockZone(ctx)
	rows, err := guarded(a, in.db.Read(ctx).Model(&models.Suggestion{})).Select("created_at", "urgency", "team", "source", "reply_due_at", "first_replied_at", "state").
		Where("created_at >= ?", out.Measured.AddDate(0, 0, -out.Days)).Rows()
	if err != nil {
		return out, fmt.Errorf("first replies: %w", err)
	}
	defer rows.Close()
	by := [4]map[string]*ReplyTimes{{}, {}, {}, {}}
	for rows.Next() {
		var s models.Suggestion
		if err := in.db.Read(ctx).ScanRows(rows, &s); err != nil {
			return out, fmt.Errorf("first replies: %w", err)
		}
		if s.ReplyDueAt == nil && s.FirstRepliedAt == nil { // nobody was owed one
			continue
		}
		out.All.add(&s, out.Measured)
		for i, name := range []string{string(s.Urgency), s.Team, s.Source, monday(s.CreatedAt.In(zone))} {
			if by[i][name] == nil {
				by[i][name] = &ReplyTimes{Name: name}
			}
			by[i][name].add(&s, out.Measured)
		}
	}
	if err := rows.Err(); err != nil {
		return out, fmt.Errorf("first replies: %w", err)
	}
	out.All.measure()
	out.ByUrgency = measured(by[0], func(a, b *ReplyTimes) int { return urgencyAt(a.Name) - urgencyAt(b.Name) })
	out.ByTeam = measured(by[1], byFiled)
	out.BySource = measured(by[2], byFiled)
	out.ByWeek = measured(by[3], func(a, b *ReplyTimes) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

func monday(t time.Time) string {
	return t.AddDate(0, 0, -(int(t.Weekday())+6)%7).Format(time.DateOnly)
}

func urgencyAt(name string) int {
	if i := slices.Index(models.Urgencies(), models.Urgency(name)); i >= 0 {
		return i
	}
	return len(models.Urgencies())
}

func byFiled(a, b *ReplyTimes) int {
	return cmp.Or(cmp.Compare(b.Filed, a.Filed), cmp.Compare(a.Name, b.Name))
}

func (r *ReplyTimes) add(s *models.Suggestion, now time.Time) {
	r.Filed++
	due := s.ReplyDueAt
	switch {
	case s.FirstRepliedAt != nil:
		r.Replied++
		r.took = append(r.took, s.FirstRepliedAt.Sub(s.CreatedAt))
		if due != nil && !s.FirstRepliedAt.After(*due) {
			r.Within++
		} else if due != nil {
			r.Late++
		}
	case owed(s.State):
		r.Waiting++
		if due != nil && due.Before(now) {
			r.Late++
		}
	}
}

// measure takes the middle and the nine in ten.
func (r *ReplyTimes) measure() {
	n := len(r.took)
	if n == 0 {
		return
	}
	slices.Sort(r.took)
	r.Median = r.took[(n-1)/2]
	if n%2 == 0 {
		r.Median = (r.took[n/2-1] + r.took[n/2]) / 2
	}
	r.P90 = r.took[(n*9+9)/10-1]
	r.took = nil
}

func measured(groups map[string]*ReplyTimes, order func(a, b *ReplyTimes) int) []ReplyTimes {
	all := make([]*ReplyTimes, 0, len(groups))
	for _, g := range groups {
		g.measure()
		all = append(all, g)
	}
	slices.SortFunc(all, order)
	out := make([]ReplyTimes, 0, len(all))
	for _, g := range all {
		out = append(out, *g)
	}
	return out
}
