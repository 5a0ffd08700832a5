package api

import (
	"context"
	"net/http"
	"time"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/server/web"
)

// preferencesView is what a person hears, and when.
type preferencesView struct {
	Person        string            `json:"person"`
	All           string            `json:"all" doc:"What a kind without its own mode has: instant, daily, weekly or off"`
	Modes         map[string]string `json:"modes" doc:"By kind: status, update, promise, merged, comment; off for each while all is off"`
	Chosen        map[string]string `json:"chosen" doc:"By kind, what each comes back as once all is not off any more"`
	Complained    bool              `json:"complained" doc:"A mail was reported as spam: no follow-ups, until the person takes it back"`
	Bounced       bool              `json:"bounced" doc:"Their mailbox refused mail"`
	BouncedUntil  *time.Time        `json:"bounced_until" doc:"When one mail tries again; null with bounced is for good"`
	DigestHour    int               `json:"digest_hour" doc:"0 to 23, in the person's time"`
	DigestWeekday int               `json:"digest_weekday" doc:"0 is Sunday"`
	QuietHours    string            `json:"quiet_hours" doc:"Such as 22:00-07:00, off, or empty for the installation's"`
	Zone          string            `json:"zone" doc:"Where their days are counted"`
	HasPhrase     bool              `json:"has_phrase"`
	NextDaily     *time.Time        `json:"next_daily_at"`
	NextWeekly    *time.Time        `json:"next_weekly_at"`
	Muted         []string          `json:"muted" doc:"Themes they hear nothing more of"`
}

func preferencesOf(x notifier.Preferences) preferencesView {
	v := preferencesView{Person: x.PersonID, All: x.All, Modes: map[string]string{}, Chosen: map[string]string{},
		Complained: x.Stop.Complained, Bounced: x.Stop.Bounced, BouncedUntil: x.Stop.Until, DigestHour: x.DigestHour, DigestWeekday: int(x.DigestWeekday), QuietHours: x.QuietHours,
		HasPhrase: x.HasPhrase, NextDaily: x.NextDaily, NextWeekly: x.NextWeekly, Muted: make([]string, 0, len(x.Muted))}
	if x.Zone != nil {
		v.Zone = x.Zone.String()
	}
	for k, mode := range x.Modes {
		v.Modes[string(k)], v.Chosen[string(k)] = mode, x.Chosen[k]
	}
	for _, th := range x.Muted {
		v.Muted = append(v.Muted, th.ID)
	}
	return v
}

// preferences are the routes of what people wish, and of what is taken back out of
// their mail.
func (a *API) preferences() {
	type one struct {
		ID string `path:"id"`
	}
	register(a, http.MethodGet, "/people/{id}/preferences", "What a person hears, and when", func(ctx context.Context, in *one) (preferencesView, error) {
		x, err := a.Notifier.PersonPreferences(ctx, web.Actor(ctx), in.ID)
		return preferencesOf(x), err
	})
	type wish struct {
		ID   string `path:"id"`
		Body struct {
			All           *string           `json:"all,omitempty" doc:"instant, daily, weekly or off"`
			Again         bool              `json:"again,omitempty" doc:"Takes off back: each kind comes as it did before"`
			Modes         map[string]string `json:"modes,omitempty" doc:"Kinds to change; an empty mode follows all again"`
			DigestHour    *int              `json:"digest_hour,omitempty"`
			DigestWeekday *int              `json:"digest_weekday,omitempty"`
			QuietHours    *string           `json:"quiet_hours,omitempty"`
			Mute          []string          `json:"mute,omitempty" doc:"Themes"`
			Unmute        []string          `json:"unmute,omitempty" doc:"Themes"`
		}
	}
	register(a, http.MethodPut, "/people/{id}/preferences", "Set what a person hears, on their behalf; parts left out stay", func(ctx context.Context, in *wish) (preferencesView, error) {
		b := in.Body
		w := notifier.Wishes{Modes: map[string]string{}, Again: b.Again, DigestHour: b.DigestHour, QuietHours: b.QuietHours, Mute: b.Mute, Unmute: b.Unmute}
		for kind, mode := range b.Modes {
			w.Modes[kind] = mode
		}
		if b.All != nil {
			w.Modes[models.AllKinds] = *b.All
		}
		if b.DigestWeekday != nil {
			day := time.Weekday(*b.DigestWeekday)
			w.DigestWeekday = &day
		}
		if err := a.Notifier.SetPreferences(ctx, web.Actor(ctx), in.ID, w); err != nil {
			return preferencesView{}, err
		}
		x, err := a.Notifier.PersonPreferences(ctx, web.Actor(ctx), in.ID)
		return preferencesOf(x), err
	})
	type recall struct {
		Keyed
		Event string `path:"event" doc:"As /people/{id}/follow-ups names it"`
		Body  *struct{}
	}
	type recalled struct {
		Event string `json:"event"`
		Held  int    `json:"held" doc:"People who hear nothing of it"`
		Sent  int    `json:"sent" doc:"People who had been told"`
		Done  bool   `json:"done" doc:"False while people are still being taken out; nothing more is sent meanwhile, and asking again says how far it is"`
	}
	post(a, "/follow-ups/{event}/recall", "Take a change back out of all mail that was not sent", http.StatusOK, func(in *recall) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *recall) (recalled, int, error) {
			x, err := a.Notifier.Recall(ctx, web.Actor(ctx), in.Event)
			return recalled{in.Event, x.Held, x.Sent, x.Done}, 0, err
		})
}
