package api

import (
	"context"
	"net/http"
	"time"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
)

// utc is a time as the API says it; nil stays nil.
func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}

// teamView is a team and who belongs to it.
type teamView struct {
	Key     string   `json:"key" doc:"What rules and suggestions name it by"`
	Name    text     `json:"name"`
	Members []string `json:"members" doc:"Their ids"`
}

func (a *API) teams() {
	type teamList struct {
		Teams []teamView `json:"teams"`
	}
	register(a, http.MethodGet, "/teams", "List the teams that suggestions are routed to", func(ctx context.Context, _ *struct{}) (teamList, error) {
		rows, err := a.Intake.Teams(ctx, web.Actor(ctx))
		out := teamList{Teams: make([]teamView, 0, len(rows))}
		for _, t := range rows {
			out.Teams = append(out.Teams, teamView{t.Key, text(t.Name), t.Members})
		}
		return out, err
	})
	type save struct {
		Key  string `path:"key"`
		Body struct {
			Name    text     `json:"name"`
			Members []string `json:"members,omitempty"`
		}
	}
	register(a, http.MethodPut, "/teams/{key}", "Make a team, or give it another name and other members", func(ctx context.Context, in *save) (settingChanged, error) {
		act, err := a.Intake.SaveTeam(ctx, web.Actor(ctx), intake.TeamOf{Team: models.Team{Key: in.Key, Name: models.Text(in.Body.Name)}, Members: in.Body.Members})
		return settingChanged{act}, err
	})
	type one struct {
		Key string `path:"key"`
	}
	register(a, http.MethodDelete, "/teams/{key}", "Delete a team that no rule names: what waits for it is everybody's", func(ctx context.Context, in *one) (settingChanged, error) {
		act, err := a.Intake.RemoveTeam(ctx, web.Actor(ctx), in.Key)
		return settingChanged{act}, err
	})
}

// clocksView is the first-reply clocks as they hold.
type clocksView struct {
	models.Clocks
	Rev     int64 `json:"rev"`
	Pending bool  `json:"pending" doc:"Open suggestions still get their time after the last change"`
}

func (a *API) clocks() {
	register(a, http.MethodGet, "/clocks", "Read by when first replies are due", func(ctx context.Context, _ *struct{}) (clocksView, error) {
		s, err := a.Intake.Clocks(ctx, web.Actor(ctx))
		return clocksView{s.Clocks, s.Rev, s.Pending}, err
	})
	type set struct {
		IfMatch string `header:"If-Match" doc:"The revision that was seen"`
		Body    models.Clocks
	}
	register(a, http.MethodPut, "/clocks", "Change by when first replies are due; open suggestions get their new time", func(ctx context.Context, in *set) (settingChanged, error) {
		rev, err := revision(in.IfMatch, 0)
		if err != nil {
			return settingChanged{}, err
		}
		act, err := a.Intake.SetClocks(ctx, web.Actor(ctx), in.Body, rev)
		return settingChanged{act}, err
	})
	type ask struct {
		Days int `query:"days" doc:"Of what was filed in so many days, 90 when missing"`
	}
	register(a, http.MethodGet, "/first-replies", "Times to first reply, by urgency, team, source and week", func(ctx context.Context, in *ask) (firstReplies, error) {
		r, err := a.Intake.FirstReplies(ctx, web.Actor(ctx), in.Days)
		v := firstReplies{Days: r.Days, Measured: r.Measured.UTC(), All: replyTimesOf(&r.All)}
		for _, g := range []struct {
			from []intake.ReplyTimes
			to   *[]replyTimes
		}{{r.ByUrgency, &v.ByUrgency}, {r.ByTeam, &v.ByTeam}, {r.BySource, &v.BySource}, {r.ByWeek, &v.ByWeek}} {
			*g.to = make([]replyTimes, 0, len(g.from))
			for i := range g.from {
				*g.to = append(*g.to, replyTimesOf(&g.from[i]))
			}
		}
		return v, err
	})
}

// firstReplies are times to first reply.
type firstReplies struct {
	Days      int          `json:"days"`
	Measured  time.Time    `json:"measured"`
	All       replyTimes   `json:"all"`
	ByUrgency []replyTimes `json:"by_urgency"`
	ByTeam    []replyTimes `json:"by_team"`
	BySource  []replyTimes `json:"by_source"`
	ByWeek    []replyTimes `json:"by_week" doc:"Named by their Mondays"`
}

type replyTimes struct {
	Name    string   `json:"name"`
	Filed   int      `json:"filed"`
	Replied int      `json:"replied"`
	Waiting int      `json:"waiting"`
	Within  int      `json:"within" doc:"Answered in time"`
	Late    int      `json:"late" doc:"Answered late, or not yet though it is"`
	Share   *float64 `json:"within_share" doc:"Of within and late; null without either"`
	Median  *float64 `json:"median_seconds" doc:"Round the clock; null without a reply"`
	P90     *float64 `json:"p90_seconds"`
}

func replyTimesOf(r *intake.ReplyTimes) replyTimes {
	v := replyTimes{Name: r.Name, Filed: r.Filed, Replied: r.Replied, Waiting: r.Waiting, Within: r.Within, Late: r.Late}
	if n := r.Within + r.Late; n > 0 {
		v.Share = new(float64(r.Within) / float64(n))
	}
	if r.Replied > 0 {
		v.Median, v.P90 = new(r.Median.Seconds()), new(r.P90.Seconds())
	}
	return v
}
