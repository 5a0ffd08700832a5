package intake

import (
	"context"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/dedup"
	"github.com/heedhq/heed/intake/routing"
	"github.com/heedhq/heed/models"
)

// Trial is a text that nobody filed, to see what the rules make of it.
type Trial struct {
	Text, Source, Product, Kind, Lang, Version, Segment, Account string
	Attached                                                     bool
	Context                                                      map[string]any
}

// Tried is what the rules made of a trial. Text is the trial's, masked as it would be
// stored; Found are the words that decided, at their bytes in it.
type Tried struct {
	Text  string
	Lang  string
	Found []routing.Found
	routing.Outcome
}

// TryRules asks the rules as they hold, or with a draft in place of the rule id (a new
// one for ""), what they make of a text. Nothing is stored.
func (in *Intake) TryRules(ctx context.Context, a auth.Actor, t Trial, id string, draft *RuleDraft) (Tried, error) {
	var out Tried
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return out, err
	}
	for _, f := range []struct {
		name string
		s    *string
		most int
	}{{"text", &t.Text, MaxText}, {"source", &t.Source, MaxShort}, {"product", &t.Product, MaxShort}, {"version", &t.Version, MaxShort}, {"segment", &t.Segment, MaxShort}, {"account", &t.Account, MaxShort}} {
		if err := clean(f.name, f.s, f.most); err != nil {
			return out, err
		}
	}
	k, err := ParseKind(t.Kind)
	if err != nil {
		return out, err
	}
	rules, err := in.drafted(ctx, id, draft)
	if err != nil {
		return out, err
	}
	out.Text, _ = in.redact.Mask(t.Text)
	if out.Lang = locale(t.Lang); out.Lang == "" {
		out.Lang = dedup.Language(out.Text)
	}
	out.Outcome = rules.Decide(routing.Facts{Text: out.Text, Kind: string(k), Product: t.Product, Told: TellKind(out.Text), Source: t.Source, Lang: out.Lang,
		Version: t.Version, Segment: t.Segment, Account: t.Account, Context: t.Context, Attached: t.Attached})
	for i, w := range out.Why {
		if w.Rule != "" && !decidedBefore(out.Why[:i], w.Rule) {
			out.Found = append(out.Found, rules.Highlight(w.Rule, out.Text)...)
		}
	}
	return out, nil
}

func decidedBefore(why []models.Routed, rule string) bool {
	for _, w := range why {
		if w.Rule == rule {
			return true
		}
	}
	return false
}

// drafted compiles the rules with a draft in its place; nil is none.
func (in *Intake) drafted(ctx context.Context, id string, draft *RuleDraft) (*routing.Rules, error) {
	if draft == nil {
		p, err := in.planned(ctx)
		if err != nil {
			return nil, err
		}
		return p.rules, nil
	}
	if err := in.checkRule(draft); err != nil {
		return nil, err
	}
	var rows, order []models.RoutingRule
	if err := in.db.Read(ctx).Order("position, id").Find(&rows).Error; err != nil {
		return nil, err
	}
	row := models.RoutingRule{ID: id}
	for _, r := range rows {
		if r.ID == id && id != "" {
			row = r
			continue
		}
		order = append(order, r)
	}
	draft.write(&row)
	if row.ID == "" {
		row.ID = "draft"
	}
	at := row.Position
	if at <= 0 || at > len(order) {
		at = len(order) + 1
	}
	order = append(order[:at-1:at-1], append([]models.RoutingRule{row}, order[at-1:]...)...)
	for i := range order {
		order[i].Position = i + 1
	}
	return routing.Compile(order), nil
}
