package api

import (
	"context"
	"net/http"
	"time"

	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/server/web"
)

// deliveryView is one mail to one address.
type deliveryView struct {
	ID       string     `json:"id"`
	Kind     string     `json:"kind"`
	Person   string     `json:"person"`
	Address  string     `json:"address"`
	Locale   string     `json:"locale"`
	Theme    string     `json:"theme"`
	State    string     `json:"state"`
	Attempts int        `json:"attempts"`
	Answer   string     `json:"answer" doc:"What the relay said last"`
	RunAt    time.Time  `json:"run_at"`
	SentAt   *time.Time `json:"sent_at"`
}

func deliveryOf(d notifier.DeliveryRow) deliveryView {
	return deliveryView{ID: d.ID, Kind: d.Kind, Person: d.PersonID, Address: d.Address, Locale: d.Locale, Theme: d.ThemeID, State: string(d.State),
		Attempts: d.Attempts, Answer: d.Answer, RunAt: d.RunAt, SentAt: d.SentAt}
}

// toldView says whether a person was told of a change, and why not.
type toldView struct {
	Event      string     `json:"event"`
	Theme      string     `json:"theme"`
	Status     string     `json:"status"`
	At         time.Time  `json:"at"`
	SkipReason string     `json:"skip_reason" doc:"Why not; empty when told or to be told"`
	Delivery   string     `json:"delivery"`
	State      string     `json:"state"`
	Hold       string     `json:"hold" doc:"Why it waits: window, ceiling, quiet, daily or weekly; empty while it settles"`
	DueAt      time.Time  `json:"due_at" doc:"When it is looked at next, while it waits"`
	SentAt     *time.Time `json:"sent_at"`
	ToldAt     *time.Time `json:"told_at" doc:"When a member told them by hand"`
}

func (a *API) followUps() {
	type list struct {
		State  string `query:"state"`
		Theme  string `query:"theme"`
		Cursor string `query:"cursor"`
		Limit  int    `query:"limit" doc:"Up to 100, 50 when missing"`
	}
	type deliveries struct {
		Deliveries []deliveryView `json:"deliveries"`
		Next       string         `json:"next_cursor"`
	}
	register(a, http.MethodGet, "/deliveries", "List mails, newest first", func(ctx context.Context, in *list) (deliveries, error) {
		rows, next, err := a.Notifier.Deliveries(ctx, web.Actor(ctx), notifier.Filter{State: in.State, Theme: in.Theme, Cursor: in.Cursor, Limit: in.Limit})
		out := deliveries{Deliveries: make([]deliveryView, 0, len(rows)), Next: next}
		for _, d := range rows {
			out.Deliveries = append(out.Deliveries, deliveryOf(d))
		}
		return out, err
	})
	type decideDelivery struct {
		Keyed
		ID   string `path:"id"`
		Body *struct{}
	}
	type done struct {
		ID string `json:"id"`
	}
	post(a, "/deliveries/{id}/retry", "Send a failed or doubtful mail again", http.StatusOK, func(in *decideDelivery) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *decideDelivery) (done, int, error) {
			return done{in.ID}, 0, a.Notifier.Retry(ctx, web.Actor(ctx), in.ID)
		})
	post(a, "/deliveries/{id}/cancel", "Hold a mail back that was not sent", http.StatusOK, func(in *decideDelivery) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *decideDelivery) (done, int, error) {
			return done{in.ID}, 0, a.Notifier.Cancel(ctx, web.Actor(ctx), in.ID)
		})
	type person struct {
		ID string `path:"id"`
	}
	type told struct {
		FollowUps []toldView `json:"follow_ups"`
	}
	register(a, http.MethodGet, "/people/{id}/follow-ups", "Why a person was told, or not", func(ctx context.Context, in *person) (told, error) {
		rows, err := a.Notifier.WhyTold(ctx, web.Actor(ctx), in.ID)
		out := told{FollowUps: make([]toldView, 0, len(rows))}
		for _, r := range rows {
			out.FollowUps = append(out.FollowUps, toldView{Event: r.EventID, Hold: r.Hold, DueAt: r.DueAt, Theme: r.ThemeID, Status: r.Status, At: r.At, SkipReason: r.SkipReason,
				Delivery: r.DeliveryID, State: r.State, SentAt: r.SentAt, ToldAt: r.ToldAt})
		}
		return out, err
	})
}
