package api

import (
	"context"
	"net/http"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/server/web"
)

// bounceView is a report of a bounce or a complaint, with what was decided.
type bounceView struct {
	ID         string    `json:"id"`
	Kind       string    `json:"kind" doc:"bounce, complaint or other"`
	Via        string    `json:"via" doc:"hook or mailbox"`
	Status     string    `json:"status" doc:"Such as 5.1.1; a complaint's feedback type"`
	Diagnostic string    `json:"diagnostic"`
	Address    string    `json:"address" doc:"What the report claims where it is refused"`
	Delivery   string    `json:"delivery" doc:"Empty unless the report is shown to be about it"`
	Person     string    `json:"person"`
	Outcome    string    `json:"outcome" doc:"suppressed, counted, unsubscribed, noted, refused or ignored"`
	Reason     string    `json:"reason"`
	At         time.Time `json:"at"`
}

// bounces: what came back.
func (a *API) bounces() {
	type listBounces struct {
		Outcome  string `query:"outcome"`
		Delivery string `query:"delivery"`
		Cursor   string `query:"cursor"`
		Limit    int    `query:"limit" doc:"Up to 100, 50 when missing"`
	}
	type bouncePage struct {
		Bounces []bounceView `json:"bounces"`
		Next    string       `json:"next_cursor"`
	}
	register(a, http.MethodGet, "/bounces", "What came back, what was decided and why", func(ctx context.Context, in *listBounces) (bouncePage, error) {
		rows, next, err := a.Notifier.Bounces(ctx, web.Actor(ctx), notifier.BounceFilter{Outcome: in.Outcome, Delivery: in.Delivery, Cursor: in.Cursor, Limit: in.Limit})
		out := bouncePage{Bounces: make([]bounceView, 0, len(rows)), Next: next}
		for _, r := range rows {
			out.Bounces = append(out.Bounces, bounceView{ID: r.ID, Kind: r.Kind, Via: r.Via, Status: r.Status, Diagnostic: r.Diagnostic, Address: r.Address, Delivery: r.DeliveryID,
				Person: r.PersonID, Outcome: r.Outcome, Reason: r.Reason, At: r.CreatedAt})
		}
		return out, err
	})
}

// mailView is a mail as it would be sent, without anything of one reader's own.
type mailView struct {
	Locale  string `json:"locale"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
	HTML    string `json:"html"`
}

// mailsOf are the mails of a status that is not given yet, in the languages of its readers.
func (a *API) mailsOf(ctx context.Context, actor auth.Actor, would Announced) ([]mailView, error) {
	var out []mailView
	if auth.Can(actor, auth.ReadAll) != nil { // they say what is not published
		return out, nil
	}
	for _, l := range i18n.Locales() {
		if would.Audience.ByLocale[string(l)] == 0 {
			continue
		}
		m, err := a.Notifier.PreviewMail(ctx, actor, *would.Theme, l)
		if err != nil {
			return nil, err
		}
		out = append(out, mailView{Locale: string(l), Subject: m.Subject, Text: m.Text, HTML: m.HTML})
	}
	return out, nil
}
