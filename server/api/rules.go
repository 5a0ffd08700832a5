package api

import (
	"context"
	"net/http"
	"time"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
)

// ruleView is a rule as staff read it.
type ruleView struct {
	ID         string          `json:"id"`
	Position   int             `json:"position" doc:"From 1: the first that matches says each field"`
	Name       string          `json:"name"`
	Conditions models.RuleIf   `json:"conditions"`
	Outcome    models.RuleThen `json:"outcome"`
	Disabled   bool            `json:"disabled"`
	Rev        int64           `json:"rev"`
	UpdatedAt  time.Time       `json:"updated_at"`
}

func ruleOf(r *models.RoutingRule) ruleView {
	return ruleView{ID: r.ID, Position: r.Position, Name: r.Name, Conditions: r.Conditions.V, Outcome: r.Outcome.V, Disabled: r.Disabled, Rev: r.Rev, UpdatedAt: r.UpdatedAt.UTC()}
}

// ruleBody is a rule as it is written.
type ruleBody struct {
	Name       string          `json:"name,omitempty"`
	Conditions models.RuleIf   `json:"conditions,omitempty"`
	Outcome    models.RuleThen `json:"outcome"`
	Disabled   bool            `json:"disabled,omitempty"`
	Position   int             `json:"position,omitempty" doc:"From 1; a new rule without one stands last, another stays where it is"`
	Rev        int64           `json:"rev,omitempty" doc:"The revision that was seen"`
}

func (b *ruleBody) draft() intake.RuleDraft {
	return intake.RuleDraft{Name: b.Name, Conditions: b.Conditions, Outcome: b.Outcome, Disabled: b.Disabled, Position: b.Position, Rev: b.Rev}
}

// ruleChanged is a rule and the activity that undo takes, "" when nothing changed.
type ruleChanged struct {
	Activity string   `json:"activity"`
	Rule     ruleView `json:"rule"`
}

// settingChanged names the activity that records a change, which undo takes.
type settingChanged struct {
	Activity string `json:"activity"`
}

func (a *API) rules() {
	type one struct {
		ID string `path:"id"`
	}
	type ruleList struct {
		Rules []ruleView `json:"rules"`
	}
	register(a, http.MethodGet, "/rules", "List the rules that classify suggestions, in their order", func(ctx context.Context, _ *struct{}) (ruleList, error) {
		rows, err := a.Intake.Rules(ctx, web.Actor(ctx))
		out := ruleList{Rules: make([]ruleView, 0, len(rows))}
		for i := range rows {
			out.Rules = append(out.Rules, ruleOf(&rows[i]))
		}
		return out, err
	})
	register(a, http.MethodGet, "/rules/{id}", "Read a rule", func(ctx context.Context, in *one) (ruleView, error) {
		r, err := a.Intake.Rule(ctx, web.Actor(ctx), in.ID)
		return ruleOf(&r), err
	})
	type add struct {
		Keyed
		Body ruleBody
	}
	post(a, "/rules", "Add a rule", http.StatusCreated, func(in *add) *Keyed { return &in.Keyed }, func(ctx context.Context, in *add) (ruleChanged, int, error) {
		r, act, err := a.Intake.AddRule(ctx, web.Actor(ctx), in.Body.draft())
		return ruleChanged{act, ruleOf(&r)}, 0, err
	})
	type edit struct {
		ID   string `path:"id"`
		Body ruleBody
	}
	register(a, http.MethodPut, "/rules/{id}", "Write a rule anew", func(ctx context.Context, in *edit) (ruleChanged, error) {
		r, act, err := a.Intake.EditRule(ctx, web.Actor(ctx), in.ID, in.Body.draft())
		return ruleChanged{act, ruleOf(&r)}, err
	})
	register(a, http.MethodDelete, "/rules/{id}", "Delete a rule; undo puts it back", func(ctx context.Context, in *one) (settingChanged, error) {
		act, err := a.Intake.RemoveRule(ctx, web.Actor(ctx), in.ID)
		return settingChanged{act}, err
	})
	a.ruleTrials()
	a.teams()
	a.clocks()
}

// tryBody is a text that nobody filed.
type tryBody struct {
	Text       string         `json:"text"`
	Kind       string         `json:"kind,omitempty"`
	Lang       string         `json:"lang,omitempty"`
	Product    string         `json:"product,omitempty"`
	Source     string         `json:"source,omitempty"`
	Version    string         `json:"version,omitempty"`
	Segment    string         `json:"segment,omitempty"`
	Account    string         `json:"account,omitempty"`
	Attachment bool           `json:"attachment,omitempty"`
	Context    map[string]any `json:"context,omitempty"`
	Rule       *ruleBody      `json:"rule,omitempty" doc:"Also ask this rule, which is not saved"`
	RuleID     string         `json:"rule_id,omitempty" doc:"In place of the one with this id"`
}

// triedView is what the rules make of a text.
type triedView struct {
	Kind    models.SuggestionKind `json:"kind"`
	Urgency models.Urgency        `json:"urgency"`
	Product string                `json:"product"`
	Team    string                `json:"team"`
	Lang    string                `json:"lang"`
	Routed  []models.Routed       `json:"routed" doc:"Which rule decided each field, by which words; without a rule: how Heed tells by itself"`
	Found   []foundView           `json:"found" doc:"Where the words stand in the text, in bytes"`
	Text    string                `json:"text" doc:"As it would be stored"`
}

type foundView struct {
	Phrase string `json:"phrase"`
	Span   [2]int `json:"span"`
}

// replayView is what a part of the last month would have become.
type replayView struct {
	Total    int             `json:"total" doc:"Suggestions of the last 30 days"`
	Seen     int             `json:"seen" doc:"In this answer; add answers up"`
	Changed  int             `json:"changed"`
	Open     int             `json:"open" doc:"Of changed, those still owed a first reply: what applying would change"`
	Shifts   []intake.Shift  `json:"shifts"`
	Examples []replayExample `json:"examples"`
	Next     string          `json:"next_cursor" doc:"Goes on from here; empty at the end"`
}

type replayExample struct {
	Suggestion string         `json:"suggestion"`
	Title      string         `json:"title"`
	Text       string         `json:"text"`
	Shifts     []intake.Shift `json:"shifts"`
}

func draftOf(b *ruleBody) *intake.RuleDraft {
	if b == nil {
		return nil
	}
	d := b.draft()
	return &d
}

func (a *API) ruleTrials() {
	type try struct{ Body tryBody }
	register(a, http.MethodPost, "/rules/try", "Ask what the rules make of a text; nothing is stored", func(ctx context.Context, in *try) (triedView, error) {
		b := &in.Body
		o, err := a.Intake.TryRules(ctx, web.Actor(ctx), intake.Trial{Text: b.Text, Source: b.Source, Product: b.Product, Kind: b.Kind, Lang: b.Lang, Version: b.Version,
			Segment: b.Segment, Account: b.Account, Attached: b.Attachment, Context: b.Context}, b.RuleID, draftOf(b.Rule))
		v := triedView{Kind: o.Kind, Urgency: o.Urgency, Product: o.Product, Team: o.Team, Lang: o.Lang, Routed: append([]models.Routed{}, o.Why...), Found: []foundView{}, Text: o.Text}
		for _, f := range o.Found {
			v.Found = append(v.Found, foundView{f.Phrase, [2]int{f.From, f.To}})
		}
		return v, err
	})
	type replay struct {
		Body struct {
			Rule   *ruleBody `json:"rule,omitempty" doc:"With this rule, which is not saved; without one: with the rules as they hold"`
			RuleID string    `json:"rule_id,omitempty" doc:"In place of the one with this id"`
			Cursor string    `json:"cursor,omitempty"`
		}
	}
	register(a, http.MethodPost, "/rules/replay", "Look back at the last month with a rule; changes nothing, and answers within about a second, a part at a time", func(ctx context.Context, in *replay) (replayView, error) {
		r, err := a.Intake.Replay(ctx, web.Actor(ctx), intake.ReplayAsk{ID: in.Body.RuleID, Draft: draftOf(in.Body.Rule), Cursor: in.Body.Cursor})
		v := replayView{Total: r.Total, Seen: r.Seen, Changed: r.Changed, Open: r.Open, Shifts: append([]intake.Shift{}, r.Shifts...), Examples: []replayExample{}, Next: r.Cursor}
		for _, e := range r.Examples {
			v.Examples = append(v.Examples, replayExample{e.ID, e.Title, e.Text, e.Shifts})
		}
		return v, err
	})
	type apply struct {
		Body struct {
			Cursor string `json:"cursor,omitempty"`
		}
	}
	type rulesApplied struct {
		Changed int    `json:"changed"`
		Next    string `json:"next_cursor" doc:"Goes on from here; empty at the end"`
	}
	register(a, http.MethodPost, "/rules/apply", "Let the rules decide again on the last month's suggestions that are still owed a first reply; a part at a time", func(ctx context.Context, in *apply) (rulesApplied, error) {
		n, next, err := a.Intake.Apply(ctx, web.Actor(ctx), in.Body.Cursor)
		return rulesApplied{n, next}, err
	})
}
