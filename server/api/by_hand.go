package api

import (
	"context"
	"net/http"
	"time"

	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/server/web"
)

// toTellView is what one person is to be told by hand.
type toTellView struct {
	Event     string        `json:"event"`
	Person    string        `json:"person"`
	Name      string        `json:"name"`
	Theme     string        `json:"theme"`
	Status    string        `json:"status"`
	Locale    string        `json:"locale"`
	Text      string        `json:"text" doc:"What to say, in the person's language"`
	Addresses []addressView `json:"addresses" doc:"Where they may be found"`
	At        time.Time     `json:"at"`
}

// tellByHand: whom no mail reaches.
func (a *API) tellByHand() {
	type listToTell struct {
		Theme  string `query:"theme"`
		Cursor string `query:"cursor"`
		Limit  int    `query:"limit" doc:"Up to 100, 50 when missing"`
	}
	type toTellPage struct {
		ToTell []toTellView `json:"to_tell"`
		Next   string       `json:"next_cursor"`
	}
	register(a, http.MethodGet, "/tell-by-hand", "Who has no address for mail and is to be told by hand", func(ctx context.Context, in *listToTell) (toTellPage, error) {
		rows, next, err := a.Notifier.ByHand(ctx, web.Actor(ctx), notifier.ByHandFilter{Theme: in.Theme, Cursor: in.Cursor, Limit: in.Limit})
		out := toTellPage{ToTell: make([]toTellView, 0, len(rows)), Next: next}
		for _, r := range rows {
			v := toTellView{Event: r.EventID, Person: r.PersonID, Name: r.PersonName, Theme: r.ThemeID, Status: string(r.Status), Locale: r.Locale, Text: r.Text, At: r.At, Addresses: []addressView{}}
			for _, ad := range r.Addresses {
				v.Addresses = append(v.Addresses, addressView{ad.Channel, ad.Value, ad.VerifiedAt != nil})
			}
			out.ToTell = append(out.ToTell, v)
		}
		return out, err
	})
	type tellPerson struct {
		Keyed
		Body struct {
			Event  string `json:"event"`
			Person string `json:"person"`
		}
	}
	type toldByHand struct {
		Activity string `json:"activity" doc:"Takes it back: POST /activities/{id}/undo"`
	}
	post(a, "/tell-by-hand", "Record that somebody was told by hand", http.StatusOK, func(in *tellPerson) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *tellPerson) (toldByHand, int, error) {
			act, err := a.Notifier.ToldByHand(ctx, web.Actor(ctx), in.Body.Event, in.Body.Person)
			return toldByHand{act}, 0, err
		})
}
