package api

import (
	"context"
	"net/http"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/themes"
)

// promiseView is what the people behind a theme were promised.
type promiseView struct {
	Theme       themeBrief `json:"theme"`
	People      int        `json:"people"`
	Product     string     `json:"product"`
	PromiseDate *time.Time `json:"promise_date" doc:"When its people hear next"`
	Unchanged   int        `json:"unchanged" doc:"Promise mails since they were last told something new"`
	WordAt      time.Time  `json:"word_at" doc:"When they were last told something new: a status, a reason, an update"`
	DecideAt    *time.Time `json:"decide_at" doc:"Since when the next mail waits for a person; null when it goes out by itself"`
	Overdue     bool       `json:"overdue"`
}

func promiseOf(actor auth.Actor, th *models.Theme, now time.Time) promiseView {
	v := promiseView{Theme: *briefIfSeen(actor, th), People: th.PeopleCount, Product: th.Product, PromiseDate: th.PromiseDate, Unchanged: th.PromisesSent,
		WordAt: th.StatusAt.UTC(), DecideAt: th.DecideAt, Overdue: th.PromiseDate != nil && !th.PromiseDate.After(now)}
	if th.WordAt != nil {
		v.WordAt = th.WordAt.UTC()
	}
	return v
}

func (a *API) promises() {
	type list struct {
		State   string `query:"state" doc:"overdue, due (within a week) or decide (the next mail waits for a person); all when missing"`
		Product string `query:"product"`
		Status  string `query:"status"`
		Cursor  string `query:"cursor"`
		Limit   int    `query:"limit" doc:"Up to 100, 50 when missing"`
	}
	type promisesPage struct {
		Promises []promiseView `json:"promises"`
		Waiting  int64         `json:"waiting" doc:"How many are overdue or wait for a person, whatever was asked for"`
		Next     string        `json:"next_cursor"`
	}
	register(a, http.MethodGet, "/promises", "When the people behind open themes hear next, the first day first", func(ctx context.Context, in *list) (promisesPage, error) {
		actor := web.Actor(ctx)
		rows, next, err := a.Themes.Promises(ctx, actor, themes.PromiseFilter{State: in.State, Product: in.Product, Status: models.Status(in.Status), Cursor: in.Cursor, Limit: in.Limit})
		if err != nil {
			return promisesPage{}, err
		}
		out := promisesPage{Promises: make([]promiseView, 0, len(rows)), Next: next}
		for i := range rows {
			out.Promises = append(out.Promises, promiseOf(actor, &rows[i], a.Themes.Now()))
		}
		out.Waiting, err = a.Themes.PromisesWaiting(ctx, actor)
		return out, err
	})
}

func (a *API) promiseWrites() {
	type setDates struct {
		Keyed
		Body struct {
			Themes []string `json:"themes" maxItems:"500"`
			Date   date     `json:"date,omitempty" doc:"The day for all of them: from tomorrow on, in the time zone of the team's clocks"`
			Days   int      `json:"days,omitempty" doc:"Instead of date: so many days after each one's own date, or after today where that has passed"`
		}
	}
	type datesSet struct {
		Activity string        `json:"activity" doc:"Takes all of it back: POST /activities/{id}/undo; empty when nothing changed"`
		Promises []promiseView `json:"promises"`
	}
	post(a, "/promises", "Set the dates of several themes; nobody is told", http.StatusOK, func(in *setDates) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *setDates) (datesSet, int, error) {
			actor := web.Actor(ctx)
			act, rows, err := a.Themes.SetPromises(ctx, actor, themes.PromiseSet{Themes: in.Body.Themes, Date: themes.Date(in.Body.Date), Days: in.Body.Days})
			out := datesSet{Activity: act, Promises: make([]promiseView, 0, len(rows))}
			for i := range rows {
				out.Promises = append(out.Promises, promiseOf(actor, &rows[i], a.Themes.Now()))
			}
			return out, 0, err
		})
	type send struct {
		Keyed
		ID   string `path:"id"`
		Body struct {
			Date date `json:"date" doc:"When its people hear next"`
		}
	}
	post(a, "/themes/{id}/promise", "Tell the people behind a theme that waits for a decision once more where it stands", http.StatusOK, func(in *send) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *send) (promiseView, int, error) {
			actor := web.Actor(ctx)
			_, th, err := a.Themes.SendPromise(ctx, actor, in.ID, themes.Date(in.Body.Date))
			if err != nil {
				return promiseView{}, 0, err
			}
			return promiseOf(actor, th, a.Themes.Now()), 0, nil
		})
}
