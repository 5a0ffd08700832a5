package routing

import (
	"fmt"
	"slices"
	"strings"

	"github.com/heedhq/heed/dedup"
	"github.com/heedhq/heed/models"
)

// Facts are what rules look at. Kind, Urgency, Product and Team are those that the
// filer gave, "" for none. Told is the kind that the text reads as.
type Facts struct {
	Title, Text                  string
	Kind, Urgency, Product, Team string
	Told                         models.SuggestionKind
	Source, Lang, Version        string
	Segment, Account             string
	Context                      map[string]any
	Attached                     bool
}

// Outcome is what the rules make of a suggestion. Why names, for each field that the
// filer did not give, what decided it.
type Outcome struct {
	Kind    models.SuggestionKind
	Urgency models.Urgency
	Product string
	Team    string
	Why     []models.Routed
}

// Found is a phrase in a text, at the bytes From to To of it.
type Found struct {
	Phrase   string
	From, To int
}

// Rules are compiled: safe for concurrent use, and never changed.
type Rules struct {
	rules   []rule
	phrases *phrases
	persons bool
}

type rule struct {
	models.RoutingRule
	words []int // of phrases
	cond  []condition
	ctx   []contextCondition
}

// condition is one list of which an entry must hold.
type condition struct {
	of   func(*Facts, *Outcome) string
	any  []pattern
	name string
}

type contextCondition struct {
	key   string
	value pattern
}

// pattern is a folded text, with anything behind it where open.
type pattern struct {
	text string
	open bool
}

func patternOf(s string) pattern {
	p := pattern{text: folded(s)}
	if cut, ok := strings.CutSuffix(p.text, "*"); ok {
		p.text, p.open = cut, true
	}
	return p
}

func (p pattern) holds(s string) bool {
	return s == p.text || p.open && strings.HasPrefix(s, p.text)
}

// folded is a short text for comparing: case, width and script do not matter.
func folded(s string) string { return strings.TrimSpace(string(dedup.Read(s).Bytes())) }

// Compile prepares rules in their order; what is disabled says nothing, and keeps its
// number.
func Compile(rows []models.RoutingRule) *Rules {
	r := &Rules{phrases: newPhrases()}
	for _, row := range rows {
		if row.Disabled {
			continue
		}
		c := &row.Conditions.V
		one := rule{RoutingRule: row}
		for _, w := range c.Words {
			if n, ok := r.phrases.add(w); ok {
				one.words = append(one.words, n)
			}
		}
		one.cond = conditionsOf(c)
		for key, value := range c.Context {
			one.ctx = append(one.ctx, contextCondition{key, patternOf(value)})
		}
		r.persons = r.persons || len(c.Segments) > 0 || len(c.Accounts) > 0
		r.rules = append(r.rules, one)
	}
	return r
}

func conditionsOf(c *models.RuleIf) (out []condition) {
	add := func(list []string, of func(*Facts, *Outcome) string) {
		if len(list) == 0 {
			return
		}
		one := condition{of: of}
		for _, s := range list {
			one.any = append(one.any, patternOf(s))
		}
		out = append(out, one)
	}
	add(c.Sources, func(f *Facts, _ *Outcome) string { return f.Source })
	add(c.Products, func(_ *Facts, o *Outcome) string { return o.Product })
	add(c.Kinds, func(f *Facts, o *Outcome) string { return string(kindOf(f, o)) })
	add(c.Languages, func(f *Facts, _ *Outcome) string { return f.Lang })
	add(c.Versions, func(f *Facts, _ *Outcome) string { return f.Version })
	add(c.Segments, func(f *Facts, _ *Outcome) string { return f.Segment })
	add(c.Accounts, func(f *Facts, _ *Outcome) string { return f.Account })
	return out
}

func kindOf(f *Facts, o *Outcome) models.SuggestionKind {
	if o.Kind != "" {
		return o.Kind
	}
	return f.Told
}

// AskPerson reports whether a rule wants to know who the person is.
func (r *Rules) AskPerson() bool { return r.persons }

// Decide asks the rules in their order. What no rule says and nobody gave is the kind
// that the text reads as, and a normal urgency.
func (r *Rules) Decide(f Facts) Outcome {
	o := Outcome{Kind: models.SuggestionKind(f.Kind), Urgency: models.Urgency(f.Urgency), Product: f.Product, Team: f.Team}
	hits := r.phrases.find(f.Title + "\n" + f.Text)
	for i := range r.rules {
		rl := &r.rules[i]
		if o.says(rl.Outcome.V) && rl.matches(&f, &o, hits) {
			o.take(rl, r.words(rl, hits))
		}
	}
	if o.Kind == "" {
		o.Kind = f.Told
		o.Why = append(o.Why, models.Routed{Field: models.FieldKind, Value: string(o.Kind)})
	}
	if o.Urgency == "" {
		o.Urgency = models.UrgencyNormal
		o.Why = append(o.Why, models.Routed{Field: models.FieldUrgency, Value: string(o.Urgency)})
	}
	return o
}

// says reports whether the rule could still say something.
func (o *Outcome) says(t models.RuleThen) bool {
	return t.Kind != "" && o.Kind == "" || t.Urgency != "" && o.Urgency == "" || t.Product != "" && o.Product == "" || t.Team != "" && o.Team == ""
}

func (o *Outcome) take(r *rule, words []string) {
	say := func(field, value string, open bool) bool {
		if value == "" || !open {
			return false
		}
		o.Why = append(o.Why, models.Routed{Field: field, Value: value, Rule: r.ID, N: r.Position, Words: words})
		return true
	}
	t := r.Outcome.V
	if say(models.FieldKind, t.Kind, o.Kind == "") {
		o.Kind = models.SuggestionKind(t.Kind)
	}
	if say(models.FieldUrgency, t.Urgency, o.Urgency == "") {
		o.Urgency = models.Urgency(t.Urgency)
	}
	if say(models.FieldProduct, t.Product, o.Product == "") {
		o.Product = t.Product
	}
	if say(models.FieldTeam, t.Team, o.Team == "") {
		o.Team = t.Team
	}
}

func (r *rule) matches(f *Facts, o *Outcome, hits []span) bool {
	if len(r.Conditions.V.Words) > 0 && !slices.ContainsFunc(r.words, func(n int) bool { return hits[n].to > 0 }) {
		return false
	}
	for i := range r.cond {
		s := folded(r.cond[i].of(f, o))
		if s == "" || !slices.ContainsFunc(r.cond[i].any, func(p pattern) bool { return p.holds(s) }) {
			return false
		}
	}
	if a := r.Conditions.V.Attachment; a != nil && *a != f.Attached {
		return false
	}
	for _, c := range r.ctx {
		v, ok := f.Context[c.key]
		if !ok || c.value.text != "" && !c.value.holds(folded(fmt.Sprint(v))) {
			return false
		}
	}
	return true
}

// maxWords is how many of a rule's words are kept as its reason.
const maxWords = 5

// words are those of the rule that the text has, as the rule writes them.
func (r *Rules) words(rl *rule, hits []span) (out []string) {
	for _, n := range rl.words {
		if hits[n].to > 0 && len(out) < maxWords {
			out = append(out, r.phrases.list[n].written)
		}
	}
	return out
}

// Highlight finds the words of the rule with this id in a text, in their order.
func (r *Rules) Highlight(id, text string) (out []Found) {
	hits := r.phrases.find(text)
	for i := range r.rules {
		if r.rules[i].ID != id {
			continue
		}
		for _, n := range r.rules[i].words {
			if h := hits[n]; h.to > 0 {
				out = append(out, Found{r.phrases.list[n].written, h.from, h.to})
			}
		}
	}
	slices.SortFunc(out, func(a, b Found) int { return a.From - b.From })
	return out
}
