package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier/webhooks"
	"github.com/heedhq/heed/server/web"
)

// webhookView is an endpoint. Its address and its secret are not read out.
type webhookView struct {
	ID           string     `json:"id"`
	Name         string     `json:"name"`
	Kind         string     `json:"kind" enum:"standard,slack,feishu,wecom,dingtalk"`
	Host         string     `json:"host" doc:"Of its address; the rest may be a secret"`
	Locale       string     `json:"locale" doc:"The language of what chats are told"`
	Events       []string   `json:"events"`
	Product      string     `json:"product" doc:"Only what is about this product; empty for all"`
	Channel      string     `json:"channel" doc:"People who are known by a handle there are told through it"`
	Enabled      bool       `json:"enabled"`
	DisabledWhy  string     `json:"disabled_why,omitempty" enum:"by_hand,failing,gone"`
	FailingSince *time.Time `json:"failing_since,omitempty"`
	LastOK       *time.Time `json:"last_success_at,omitempty"`
	Rev          int64      `json:"rev"`
	CreatedAt    time.Time  `json:"created_at"`
	Secret       string     `json:"secret,omitempty" doc:"Shown once: when it is made, and when it is changed"`
}

func webhookOf(e models.WebhookEndpoint, secret string) webhookView {
	v := webhookView{ID: e.ID, Name: e.Name, Kind: e.Kind, Host: e.Host, Locale: e.Locale, Events: e.Events.V, Product: e.Product, Channel: e.Channel,
		Enabled: e.DisabledAt == nil, DisabledWhy: e.DisabledWhy, FailingSince: utc(e.FailingSince), LastOK: utc(e.LastOkAt), Rev: e.Rev, CreatedAt: e.CreatedAt.UTC(), Secret: secret}
	if v.Events == nil {
		v.Events = []string{}
	}
	return v
}

// WebhookBody is what POST and PATCH take; missing parts stay as they are.
type WebhookBody struct {
	Name    *string   `json:"name,omitempty"`
	URL     *string   `json:"url,omitempty"`
	Secret  *string   `json:"secret,omitempty" doc:"Of feishu and dingtalk alone: the one that their robot was given"`
	Locale  *string   `json:"locale,omitempty"`
	Events  *[]string `json:"events,omitempty"`
	Product *string   `json:"product,omitempty"`
	Channel *string   `json:"channel,omitempty"`
	Enabled *bool     `json:"enabled,omitempty"`
}

func (b WebhookBody) patch() webhooks.Patch {
	return webhooks.Patch{Name: b.Name, URL: b.URL, Secret: b.Secret, Locale: b.Locale, Events: b.Events, Product: b.Product, Channel: b.Channel, Enabled: b.Enabled}
}

// webhookMessageView is one message; Payload and Attempts are in an answer about one
// alone.
type webhookMessageView struct {
	ID         string               `json:"id" doc:"The webhook-id of every try"`
	Webhook    string               `json:"webhook"`
	Type       string               `json:"type"`
	State      string               `json:"state" enum:"ready,leased,sent,failed"`
	Tries      int                  `json:"tries"`
	Status     int                  `json:"status,omitempty" doc:"The HTTP status that came back last"`
	Answer     string               `json:"answer,omitempty" doc:"The beginning of what came back last"`
	NextTry    *time.Time           `json:"next_try_at,omitempty"`
	SentAt     *time.Time           `json:"sent_at,omitempty"`
	Theme      string               `json:"theme,omitempty"`
	Suggestion string               `json:"suggestion,omitempty"`
	CreatedAt  time.Time            `json:"created_at"`
	Payload    json.RawMessage      `json:"payload,omitempty"`
	Attempts   []webhookAttemptView `json:"attempts,omitempty"`
}

type webhookAttemptView struct {
	N       int       `json:"n"`
	Outcome string    `json:"outcome" enum:"taken,failed,gone"`
	Status  int       `json:"status,omitempty"`
	Answer  string    `json:"answer,omitempty"`
	At      time.Time `json:"at"`
}

func webhookMessageOf(m models.WebhookMessage) webhookMessageView {
	v := webhookMessageView{ID: m.ID, Webhook: m.EndpointID, Type: m.Type, State: string(m.State), Tries: m.Tries, Status: m.Status, Answer: m.Answer,
		SentAt: utc(m.SentAt), Theme: m.ThemeID, Suggestion: m.SuggestionID, CreatedAt: m.CreatedAt.UTC()}
	if m.State == models.WebhookReady {
		v.NextTry = new(m.RunAt.UTC())
	}
	return v
}

func (a *API) webhooks() {
	type none struct{}
	type one struct {
		ID string `path:"id"`
	}
	type allWebhooks struct {
		Webhooks []webhookView `json:"webhooks"`
	}
	register(a, http.MethodGet, "/webhooks", "List outgoing webhooks", func(ctx context.Context, _ *none) (allWebhooks, error) {
		es, err := a.Webhooks.Endpoints(ctx, web.Actor(ctx))
		out := allWebhooks{Webhooks: make([]webhookView, 0, len(es))}
		for _, e := range es {
			out.Webhooks = append(out.Webhooks, webhookOf(e, ""))
		}
		return out, err
	})
	register(a, http.MethodGet, "/webhooks/{id}", "Read an outgoing webhook", func(ctx context.Context, in *one) (webhookView, error) {
		e, err := a.Webhooks.Endpoint(ctx, web.Actor(ctx), in.ID)
		return webhookOf(e, ""), err
	})
	type create struct {
		Body struct {
			Kind string `json:"kind,omitempty" doc:"standard unless said"`
			WebhookBody
		}
	}
	// Answers to keys are stored, and a secret is not: these two take no key.
	post(a, "/webhooks", "Make an outgoing webhook; the answer has its secret, this once", http.StatusCreated, func(*create) *Keyed { return &Keyed{} },
		func(ctx context.Context, in *create) (webhookView, int, error) {
			p := in.Body.patch()
			if in.Body.Kind != "" {
				p.Kind = &in.Body.Kind
			}
			e, secret, err := a.Webhooks.Save(ctx, web.Actor(ctx), "", p)
			return webhookOf(e, secret), 0, err
		})
	a.webhookChanges()
	a.webhookMessages()
}

func (a *API) webhookChanges() {
	type one struct {
		ID string `path:"id"`
	}
	type edit struct {
		ID      string `path:"id"`
		IfMatch string `header:"If-Match" doc:"The revision that was seen"`
		Body    struct {
			WebhookBody
			Rev int64 `json:"rev,omitempty" doc:"The revision that was seen; or If-Match"`
		}
	}
	register(a, http.MethodPatch, "/webhooks/{id}", "Change an outgoing webhook, or switch it on or off", func(ctx context.Context, in *edit) (webhookView, error) {
		rev, err := revision(in.IfMatch, in.Body.Rev)
		if err != nil {
			return webhookView{}, err
		}
		p := in.Body.patch()
		p.Rev = rev
		e, _, err := a.Webhooks.Save(ctx, web.Actor(ctx), in.ID, p)
		return webhookOf(e, ""), err
	})
	register(a, http.MethodDelete, "/webhooks/{id}", "Remove an outgoing webhook", func(ctx context.Context, in *one) (gone, error) {
		return gone{in.ID}, a.Webhooks.Remove(ctx, web.Actor(ctx), in.ID)
	})
	post(a, "/webhooks/{id}/secret", "Change the secret; the answer has the new one, this once", http.StatusOK, func(*one) *Keyed { return &Keyed{} },
		func(ctx context.Context, in *one) (webhookView, int, error) {
			e, secret, err := a.Webhooks.Rotate(ctx, web.Actor(ctx), in.ID)
			return webhookOf(e, secret), 0, err
		})
}

func (a *API) webhookMessages() {
	type list struct {
		ID     string `path:"id"`
		State  string `query:"state" enum:"ready,leased,sent,failed"`
		Cursor string `query:"cursor"`
		Limit  int    `query:"limit" minimum:"0" maximum:"100"`
	}
	type webhookDeliveries struct {
		Deliveries []webhookMessageView `json:"deliveries"`
		NextCursor string               `json:"next_cursor"`
	}
	register(a, http.MethodGet, "/webhooks/{id}/deliveries", "List what an outgoing webhook was told", func(ctx context.Context, in *list) (webhookDeliveries, error) {
		ms, next, err := a.Webhooks.Messages(ctx, web.Actor(ctx), webhooks.Filter{Endpoint: in.ID, State: models.WebhookState(in.State), Cursor: in.Cursor, Limit: in.Limit})
		out := webhookDeliveries{Deliveries: make([]webhookMessageView, 0, len(ms)), NextCursor: next}
		for _, m := range ms {
			out.Deliveries = append(out.Deliveries, webhookMessageOf(m))
		}
		return out, err
	})
	type one struct {
		ID string `path:"id"`
	}
	register(a, http.MethodGet, "/webhooks/deliveries/{id}", "Read what was told, with each try", func(ctx context.Context, in *one) (webhookMessageView, error) {
		m, tries, err := a.Webhooks.Message(ctx, web.Actor(ctx), in.ID)
		if err != nil {
			return webhookMessageView{}, err
		}
		v := webhookMessageOf(m)
		v.Payload = json.RawMessage(m.Content)
		for _, t := range tries {
			v.Attempts = append(v.Attempts, webhookAttemptView{N: t.N, Outcome: t.Outcome, Status: t.Status, Answer: t.Answer, At: t.CreatedAt.UTC()})
		}
		return v, nil
	})
	a.webhookReplays()
}

func (a *API) webhookReplays() {
	type replay struct {
		Keyed
		ID string `path:"id"`
	}
	post(a, "/webhooks/deliveries/{id}/replay", "Send one delivery again, with the same webhook-id", http.StatusOK, func(in *replay) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *replay) (webhookMessageView, int, error) {
			m, err := a.Webhooks.Replay(ctx, web.Actor(ctx), in.ID)
			return webhookMessageOf(m), 0, err
		})
	type since struct {
		Keyed
		ID   string `path:"id"`
		Body struct {
			Since time.Time `json:"since" doc:"What was told at or after it; deliveries are kept for 30 days"`
		}
	}
	type webhooksReplayed struct {
		Replayed int  `json:"replayed"`
		More     bool `json:"more" doc:"There are others: ask again once these are through"`
	}
	post(a, "/webhooks/{id}/replay", "Send everything since a time again, each with its webhook-id", http.StatusOK, func(in *since) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *since) (webhooksReplayed, int, error) {
			n, more, err := a.Webhooks.ReplaySince(ctx, web.Actor(ctx), in.ID, in.Body.Since)
			return webhooksReplayed{n, more}, 0, err
		})
	type one struct {
		ID string `path:"id"`
	}
	register(a, http.MethodPost, "/webhooks/{id}/test", "Send a test at once, also to one that is off", func(ctx context.Context, in *one) (webhookMessageView, error) {
		m, err := a.Webhooks.SendTest(ctx, web.Actor(ctx), in.ID)
		return webhookMessageOf(m), err
	})
}
