package api

import (
	"context"
	"net/http"
	"time"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/server/web"
)

// Safety is the advice for an emergency; nil for none. It is in the person's language:
// the one that is known of them, else what came with the request, else that of the words.
func (a Services) Safety(ctx context.Context, f intake.Filed) *web.Safety {
	if f.Cause == "" {
		return nil
	}
	locale, ok := i18n.Parse(f.Suggestion.Lang)
	if l, known := i18n.Parse(f.Locale); known && f.Locale != "" {
		locale, ok = l, true
	}
	if !ok {
		locale = web.Locale(ctx)
	}
	v := &web.Safety{Cause: f.Cause, Lang: string(locale)}
	v.Title, v.Steps = notifier.Advice(a.Catalog.For(locale), f.Cause)
	return v
}

// emergencyView is an emergency as the team reads it.
type emergencyView struct {
	Suggestion     string       `json:"suggestion"`
	Receipt        string       `json:"receipt"`
	Cause          models.Cause `json:"cause" enum:"secret,stolen,vulnerability"`
	ReplyDueAt     *time.Time   `json:"reply_due_at"`
	Alerts         int          `json:"alerts"`
	AlertAt        *time.Time   `json:"alert_at" doc:"When the team is alerted next; null once acknowledged"`
	AcknowledgedAt *time.Time   `json:"acknowledged_at"`
	AcknowledgedBy string       `json:"acknowledged_by"`
	CreatedAt      time.Time    `json:"created_at"`
}

func (a *API) emergencies() {
	type list struct {
		All   bool `query:"all" doc:"Also those that were acknowledged or closed"`
		Limit int  `query:"limit" doc:"Up to 200, 50 when missing"`
	}
	type emergencies struct {
		Open        int64           `json:"open"`
		Emergencies []emergencyView `json:"emergencies"`
	}
	register(a, http.MethodGet, "/emergencies", "List emergencies, newest first", func(ctx context.Context, in *list) (emergencies, error) {
		rows, open, err := a.Intake.Emergencies(ctx, web.Actor(ctx), in.All, in.Limit)
		out := emergencies{Open: open, Emergencies: make([]emergencyView, 0, len(rows))}
		for _, r := range rows {
			e := r.Emergency
			out.Emergencies = append(out.Emergencies, emergencyView{Suggestion: e.SuggestionID, Receipt: r.Suggestion.Receipt, Cause: e.Cause, ReplyDueAt: r.Suggestion.ReplyDueAt,
				Alerts: e.Alerts, AlertAt: e.AlertAt, AcknowledgedAt: e.AcknowledgedAt, AcknowledgedBy: e.AcknowledgedName, CreatedAt: e.CreatedAt.UTC()})
		}
		return out, err
	})
	type acknowledge struct {
		Keyed
		ID   string `path:"id"`
		Body *struct{}
	}
	type acknowledged struct {
		Suggestion string `json:"suggestion"`
	}
	post(a, "/suggestions/{id}/acknowledge", "Say that somebody takes care of an emergency: its alerts stop", http.StatusOK, func(in *acknowledge) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *acknowledge) (acknowledged, int, error) {
			return acknowledged{in.ID}, 0, a.Intake.Acknowledge(ctx, web.Actor(ctx), in.ID)
		})
}
