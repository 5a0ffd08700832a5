package intake

import (
	"fmt"
	"slices"
	"strings"

	"github.com/heedhq/heed/intake/routing"
	"github.com/heedhq/heed/models"
)

// Limits of a rule.
const (
	MaxRuleWords = 200 // entries of a list
	maxRuleEntry = 100 // characters of one
	maxRuleKeys  = 20
)

// checkRule tidies a draft and refuses what could never match or says nothing.
func (in *Intake) checkRule(d *RuleDraft) error {
	if err := clean("name", &d.Name, MaxShort); err != nil {
		return err
	}
	d.Name = oneLine(d.Name)
	c := &d.Conditions
	for _, l := range []struct {
		name string
		list *[]string
		of   []string
	}{
		{"words", &c.Words, nil}, {"sources", &c.Sources, nil}, {"products", &c.Products, nil}, {"kinds", &c.Kinds, kinds}, {"languages", &c.Languages, languages},
		{"versions", &c.Versions, nil}, {"segments", &c.Segments, nil}, {"accounts", &c.Accounts, nil},
	} {
		if err := checkEntries("conditions/"+l.name, l.list, l.of); err != nil {
			return err
		}
	}
	if len(c.Context) > maxRuleKeys {
		return models.BadField("conditions/context", "too_many", maxRuleKeys, len(c.Context))
	}
	for key, value := range c.Context {
		if strings.TrimSpace(key) == "" || len(key) > MaxShort || len(value) > MaxShort {
			return models.BadField("conditions/context", "rule_context")
		}
	}
	for field, s := range map[string]string{"name": d.Name, "conditions/words": strings.Join(c.Words, "\n"), "conditions/context": fmt.Sprint(c.Context)} {
		if in.isSecret(s) { // rules are shown, recorded and exported
			return models.BadField(field, "rule_secret")
		}
	}
	return checkOutcome(&d.Outcome)
}

var (
	kinds     = []string{string(models.KindSuggestion), string(models.KindProblem), string(models.KindQuestion)}
	languages = []string{"en", "zh", "und"}
)

func checkEntries(field string, list *[]string, of []string) error {
	out := make([]string, 0, len(*list))
	for _, s := range *list {
		if err := clean(field, &s, maxRuleEntry); err != nil {
			return err
		}
		if s = oneLine(s); s == "" || slices.Contains(out, s) {
			continue
		}
		if of != nil && !slices.Contains(of, s) {
			return models.BadField(field, "rule_entry_unknown", s, strings.Join(of, ", "))
		}
		if of == nil && !routing.Finds(s) {
			return models.BadField(field, "rule_word_empty", s)
		}
		out = append(out, s)
	}
	if len(out) > MaxRuleWords {
		return models.BadField(field, "too_many", MaxRuleWords, len(out))
	}
	if *list = out; len(out) == 0 {
		*list = nil
	}
	return nil
}

func checkOutcome(t *models.RuleThen) error {
	k, err := ParseKind(t.Kind)
	if err != nil {
		return models.BadField("outcome/kind", "kind_unknown", t.Kind)
	}
	u, err := ParseUrgency(t.Urgency)
	if err != nil {
		return models.BadField("outcome/urgency", "urgency_unknown", t.Urgency)
	}
	t.Kind, t.Urgency = string(k), string(u)
	if err := clean("outcome/product", &t.Product, MaxShort); err != nil {
		return err
	}
	if *t == (models.RuleThen{}) {
		return models.BadField("outcome", "rule_says_nothing")
	}
	return nil
}
