package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/intake/routing"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/ui"
)

const routingPage = "/settings/routing"

// shownWords is how many words of a rule its line shows.
const shownWords = 12

// routing shows the rules and the teams.
func (c *Console) routing(ec echo.Context) error {
	return c.showRouting(ec, http.StatusOK, ui.TryForm{}, nil)
}

// showRouting renders the page with the test box and, where a team could not be saved,
// its form as it was typed.
func (c *Console) showRouting(ec echo.Context, status int, try ui.TryForm, form *ui.TeamForm) error {
	ctx, actor, p := contextOf(ec), actorOf(ec), c.Printer(ec)
	rules, err := c.s.Intake.Rules(ctx, actor)
	if err != nil {
		return err
	}
	teams, err := c.s.Intake.Teams(ctx, actor)
	if err != nil {
		return err
	}
	names := teamNames(teams, p.Locale())
	d := ui.Routing{Try: try, CanEdit: auth.Can(actor, auth.EditRouting) == nil, Apply: appliedOf(ec)}
	for i := range rules {
		d.Rules = append(d.Rules, ruleRow(p, &rules[i], len(rules), names))
	}
	if err := c.teamRows(ec, &d, teams, form); err != nil {
		return err
	}
	if d.History, err = c.routingHistory(ec); err != nil {
		return err
	}
	return c.Show(ec, status, c.view(ec, p.T("nav.routing")), ui.PageRouting, d)
}

// shownChanges is how many of the latest changes the page lists.
const shownChanges = 15

func (c *Console) routingHistory(ec echo.Context) (out []ui.RoutingChange, err error) {
	changes, err := c.s.Intake.RoutingHistory(contextOf(ec), actorOf(ec), shownChanges)
	p, may := c.Printer(ec), auth.Can(actorOf(ec), auth.EditRouting) == nil
	for _, x := range changes {
		v := ui.RoutingChange{By: x.By, What: p.T("routing.did."+x.What, x.Name), Undone: x.Undone, At: x.At}
		if x.What == "clocks.edited" {
			v.What = p.T("routing.did.clocks.edited")
		}
		if may && !x.Undone {
			v.Activity = x.Activity
		}
		out = append(out, v)
	}
	return out, err
}

// teamNames are the teams' names in the reader's language, by key.
func teamNames(teams []intake.TeamOf, l i18n.Locale) map[string]string {
	names := map[string]string{}
	for _, t := range teams {
		if names[t.Key], _ = t.Name.In(string(l)); names[t.Key] == "" {
			names[t.Key] = t.Key
		}
	}
	return names
}

func appliedOf(ec echo.Context) *ui.Applied {
	n, err := strconv.Atoi(ec.QueryParam("changed"))
	if err != nil {
		return nil
	}
	return &ui.Applied{Changed: n, Next: ec.QueryParam("cursor")}
}

// ruleRow says a rule in the reader's words.
func ruleRow(p *i18n.Printer, r *models.RoutingRule, of int, teams map[string]string) ui.RuleRow {
	c, t := &r.Conditions.V, r.Outcome.V
	v := ui.RuleRow{ID: r.ID, URL: routingPage + "/rules/" + r.ID, Name: r.Name, N: r.Position, Disabled: r.Disabled, First: r.Position == 1, Last: r.Position == of}
	when := func(key string, values []string) {
		if len(values) == 0 {
			return
		}
		part := ui.RulePart{Label: p.T("routing.when." + key), Values: values}
		if more := len(values) - shownWords; more > 0 {
			part.Values, part.More = values[:shownWords], more
		}
		v.When = append(v.When, part)
	}
	when("words", ownLanguageFirst(p.Locale(), c.Words))
	when("kinds", named(p, "kind.", c.Kinds))
	when("languages", named(p, "routing.lang.", c.Languages))
	sources := []string{}
	for _, s := range c.Sources {
		sources = append(sources, sourceName(p, s))
	}
	when("sources", sources)
	when("products", c.Products)
	when("versions", c.Versions)
	when("segments", c.Segments)
	when("accounts", c.Accounts)
	if c.Attachment != nil {
		v.When = append(v.When, ui.RulePart{Label: p.T("routing.when.attachment." + strconv.FormatBool(*c.Attachment))})
	}
	when("context", contextLines(c.Context))
	for _, x := range []struct{ key, value string }{{"urgency", name(p, "urgency.", t.Urgency)}, {"team", orKey(teams, t.Team)}, {"kind", name(p, "kind.", t.Kind)}, {"product", t.Product}} {
		if x.value != "" {
			v.Then = append(v.Then, ui.RulePart{Label: p.T("routing.then." + x.key), Values: []string{x.value}})
		}
	}
	return v
}

// ownLanguageFirst lists what the reader reads most easily first, else in the rule's order.
func ownLanguageFirst(l i18n.Locale, words []string) []string {
	out := slices.Clone(words)
	other := func(s string) int {
		if strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) }) == (l == i18n.ZH) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(out, func(a, b string) int { return other(a) - other(b) })
	return out
}

func orKey(names map[string]string, key string) string {
	if n := names[key]; n != "" {
		return n
	}
	return key
}

func name(p *i18n.Printer, prefix, value string) string {
	if value == "" {
		return ""
	}
	return p.T(prefix + value)
}

func named(p *i18n.Printer, prefix string, values []string) (out []string) {
	for _, v := range values {
		out = append(out, p.T(prefix+v))
	}
	return out
}

// contextLines are key=value, or the key alone where any value will do; by key.
func contextLines(m map[string]string) (out []string) {
	for k, v := range m {
		if v != "" {
			k += "=" + v
		}
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// tryRules answers the test box.
func (c *Console) tryRules(ec echo.Context) error {
	p := c.Printer(ec)
	f := ui.TryForm{Text: strings.TrimSpace(ec.FormValue("text")), Source: strings.TrimSpace(ec.FormValue("source"))}
	if f.Text == "" {
		f.Error = p.T("routing.try.empty")
		return c.showRouting(ec, http.StatusUnprocessableEntity, f, nil)
	}
	o, err := c.s.Intake.TryRules(contextOf(ec), actorOf(ec), intake.Trial{Text: f.Text, Source: f.Source}, "", nil)
	if models.KindOf(err) == models.Invalid {
		f.Error = c.Message(contextOf(ec), err)
		return c.showRouting(ec, http.StatusUnprocessableEntity, f, nil)
	}
	if err != nil {
		return err
	}
	teams, err := c.s.Intake.Teams(contextOf(ec), actorOf(ec))
	if err != nil {
		return err
	}
	f.Result = triedOf(p, &o, teamNames(teams, p.Locale()))
	return c.showRouting(ec, http.StatusOK, f, nil)
}

func triedOf(p *i18n.Printer, o *intake.Tried, teams map[string]string) *ui.Tried {
	v := &ui.Tried{Parts: marked(o.Text, o.Found), Lang: langOfWords(o.Lang)}
	why := map[string]string{}
	for _, w := range o.Why {
		why[w.Field] = whyOf(p, w)
	}
	for _, x := range []struct{ field, value string }{{models.FieldKind, name(p, "kind.", string(o.Kind))}, {models.FieldUrgency, name(p, "urgency.", string(o.Urgency))},
		{models.FieldProduct, o.Product}, {models.FieldTeam, orKey(teams, o.Team)}} {
		if x.value == "" {
			x.value, why[x.field] = p.T("routing.none."+x.field), p.T("routing.why.none")
		}
		v.Fields = append(v.Fields, ui.TriedField{Label: p.T("routing." + x.field), Value: x.value, Why: why[x.field]})
	}
	v.Fields = append(v.Fields, ui.TriedField{Label: p.T("routing.language"), Value: p.T("routing.lang." + o.Lang), Why: p.T("routing.why.lang")})
	return v
}

// whyOf says what decided a field.
func whyOf(p *i18n.Printer, w models.Routed) string {
	switch {
	case w.Rule == "" && w.Field == models.FieldKind:
		return p.T("routing.why.kind")
	case w.Rule == "":
		return p.T("routing.why.default")
	case len(w.Words) == 0:
		return p.T("routing.why.rule", w.N)
	}
	return p.T("routing.why.words", w.N, strings.Join(w.Words, p.T("list.words")))
}

// marked cuts a text where the words that decided stand; what overlaps is one.
func marked(text string, found []routing.Found) (out []ui.MarkedText) {
	slices.SortFunc(found, func(a, b routing.Found) int { return a.From - b.From })
	at := 0
	for _, f := range found {
		if f.From < at {
			continue
		}
		if f.From > at {
			out = append(out, ui.MarkedText{Text: text[at:f.From]})
		}
		out = append(out, ui.MarkedText{Text: text[f.From:f.To], Marked: true})
		at = f.To
	}
	if at < len(text) {
		out = append(out, ui.MarkedText{Text: text[at:]})
	}
	return out
}

// applyRules lets the rules decide again on what is open, a part at a time.
func (c *Console) applyRules(ec echo.Context) error {
	before, _ := strconv.Atoi(ec.FormValue("changed"))
	n, next, err := c.s.Intake.Apply(contextOf(ec), actorOf(ec), ec.FormValue("cursor"))
	if err != nil {
		return c.sorry(ec, routingPage, err)
	}
	q := url.Values{"changed": {strconv.Itoa(max(0, before) + n)}}
	if next != "" {
		q.Set("cursor", next)
	}
	return ec.Redirect(http.StatusSeeOther, routingPage+"?"+q.Encode())
}

// routeOf is who answers a suggestion and how soon, and what decided so.
func (c *Console) routeOf(ec echo.Context, s *models.Suggestion) (ui.Route, error) {
	p := c.Printer(ec)
	teams, err := c.s.Intake.Teams(contextOf(ec), actorOf(ec))
	if err != nil {
		return ui.Route{}, err
	}
	names := teamNames(teams, p.Locale())
	v := ui.Route{ID: s.ID, Urgency: string(s.Urgency), Team: orKey(names, s.Team), CanEdit: auth.Can(actorOf(ec), auth.Triage) == nil}
	for _, w := range s.Routed.V {
		if w.Rule == "" || overruled(s, w) {
			continue
		}
		value := w.Value
		switch w.Field {
		case models.FieldTeam:
			value = orKey(names, value)
		case models.FieldKind:
			value = p.T("kind." + value)
		case models.FieldUrgency:
			value = p.T("urgency." + value)
		}
		v.Why = append(v.Why, p.T("routing.said."+w.Field, value, whyOf(p, w)))
	}
	v.Urgencies = urgencyOptions(p, string(s.Urgency), "")
	v.Teams = teamOptions(p, teams, s.Team, p.T("routing.none.team"))
	return v, nil
}

// overruled: somebody, or the emergency path, decided otherwise since, and what the
// rule said would stand against what is shown.
func overruled(s *models.Suggestion, w models.Routed) bool {
	switch w.Field {
	case models.FieldTeam:
		return w.Value != s.Team
	case models.FieldKind:
		return w.Value != string(s.Kind)
	case models.FieldUrgency:
		return w.Value != string(s.Urgency)
	}
	return false
}

// urgencyOptions are the urgencies with what stands for none first, where it has words.
func urgencyOptions(p *i18n.Printer, selected, none string) (out []ui.Option) {
	if none != "" {
		out = append(out, ui.Option{Label: none, Selected: selected == ""})
	}
	for _, u := range models.Urgencies() {
		out = append(out, ui.Option{Value: string(u), Label: p.T("urgency." + string(u)), Selected: string(u) == selected})
	}
	return out
}

func teamOptions(p *i18n.Printer, teams []intake.TeamOf, selected, none string) []ui.Option {
	out := []ui.Option{{Label: none, Selected: selected == ""}}
	names := teamNames(teams, p.Locale())
	for _, t := range teams {
		out = append(out, ui.Option{Value: t.Key, Label: names[t.Key], Selected: t.Key == selected})
	}
	return out
}

// reroute changes a suggestion's urgency and team.
func (c *Console) reroute(ec echo.Context) error {
	next := web.Next(ec.FormValue("next"), "/inbox/"+ec.Param("id"))
	urgency, team := ec.FormValue("urgency"), ec.FormValue("team")
	s, err := c.s.Intake.Get(contextOf(ec), actorOf(ec), ec.Param("id"))
	if err != nil {
		return c.sorry(ec, next, err)
	}
	patch := intake.Patch{}
	if urgency != "" && urgency != string(s.Suggestion.Urgency) {
		patch.Urgency = &urgency
	}
	if team != s.Suggestion.Team {
		patch.Team = &team
	}
	if patch.Urgency != nil || patch.Team != nil {
		if _, err := c.s.Intake.Edit(contextOf(ec), actorOf(ec), ec.Param("id"), patch); err != nil {
			return c.sorry(ec, next, err)
		}
	}
	return c.Back(ec, next, &ui.Toast{Message: c.Printer(ec).T("toast.rerouted")})
}
