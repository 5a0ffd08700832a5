package console

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/themes"
	"github.com/heedhq/heed/ui"
)

// newRule is the form for one more rule.
func (c *Console) newRule(ec echo.Context) error {
	return c.showRule(ec, http.StatusOK, "", intake.RuleDraft{}, nil, nil)
}

// oneRule is the form of a rule.
func (c *Console) oneRule(ec echo.Context) error {
	r, err := c.s.Intake.Rule(contextOf(ec), actorOf(ec), ec.Param("id"))
	if err != nil {
		return err
	}
	return c.showRule(ec, http.StatusOK, r.ID, intake.RuleDraft{Name: r.Name, Conditions: r.Conditions.V, Outcome: r.Outcome.V, Disabled: r.Disabled, Position: r.Position, Rev: r.Rev}, nil, nil)
}

func (c *Console) showRule(ec echo.Context, status int, id string, d intake.RuleDraft, errs map[string]string, replay *ui.RuleReplay) error {
	ctx, actor, p := contextOf(ec), actorOf(ec), c.Printer(ec)
	rules, err := c.s.Intake.Rules(ctx, actor)
	if err != nil {
		return err
	}
	teams, err := c.s.Intake.Teams(ctx, actor)
	if err != nil {
		return err
	}
	k := &d.Conditions
	commas := func(list []string) string { return strings.Join(list, ", ") }
	f := ui.RuleForm{ID: id, Rev: d.Rev, Name: d.Name, Position: d.Position, Count: len(rules), Words: strings.Join(k.Words, "\n"), Sources: commas(k.Sources), Products: commas(k.Products),
		Versions: commas(k.Versions), Segments: commas(k.Segments), Accounts: commas(k.Accounts), Context: strings.Join(contextLines(k.Context), "\n"),
		Product: d.Outcome.Product, Disabled: d.Disabled, Errors: errs, Replay: replay, CanEdit: auth.Can(actor, auth.EditRouting) == nil}
	if f.Errors == nil {
		f.Errors = map[string]string{}
	}
	if id == "" {
		f.Count++
	}
	if f.Position == 0 {
		f.Position = 1 // what is new is looked at first: it says what the others left wrong
	}
	f.Kinds = choices(p, "kind.", []string{"suggestion", "problem", "question"}, k.Kinds)
	f.Languages = choices(p, "routing.lang.", []string{"en", "zh", "und"}, k.Languages)
	f.Kind = append([]ui.Option{{Label: p.T("routing.leave"), Selected: d.Outcome.Kind == ""}}, choices(p, "kind.", []string{"suggestion", "problem", "question"}, []string{d.Outcome.Kind})...)
	f.Urgency = urgencyOptions(p, d.Outcome.Urgency, p.T("routing.leave"))
	f.Team = teamOptions(p, teams, d.Outcome.Team, p.T("routing.leave"))
	has := ""
	if k.Attachment != nil {
		has = strconv.FormatBool(*k.Attachment)
	}
	for _, v := range []string{"", "true", "false"} {
		f.Attachment = append(f.Attachment, ui.Option{Value: v, Label: p.T("routing.attachment." + map[string]string{"": "any", "true": "yes", "false": "no"}[v]), Selected: v == has})
	}
	title := p.T("routing.rule.new")
	if id != "" {
		title = p.T("routing.rule.title", d.Position)
	}
	return c.Show(ec, status, c.view(ec, title), ui.PageRule, f)
}

func choices(p *i18n.Printer, prefix string, values, selected []string) (out []ui.Option) {
	for _, v := range values {
		out = append(out, ui.Option{Value: v, Label: p.T(prefix + v), Selected: slices.Contains(selected, v)})
	}
	return out
}

// draftOf reads the form of a rule.
func draftOf(ec echo.Context) (id string, d intake.RuleDraft) {
	params, _ := ec.FormParams()
	d = intake.RuleDraft{Name: ec.FormValue("name"), Outcome: models.RuleThen{Kind: ec.FormValue("kind"), Urgency: ec.FormValue("urgency"), Product: ec.FormValue("product"), Team: ec.FormValue("team")}}
	d.Position, _ = strconv.Atoi(strings.NewReplacer(",", "", "，", "").Replace(ec.FormValue("position")))
	d.Rev, _ = strconv.ParseInt(ec.FormValue("rev"), 10, 64)
	k := &d.Conditions
	k.Words = entries(ec.FormValue("words"), false)
	k.Kinds, k.Languages = params["kinds"], params["languages"]
	for name, list := range map[string]*[]string{"sources": &k.Sources, "products": &k.Products, "versions": &k.Versions, "segments": &k.Segments, "accounts": &k.Accounts} {
		*list = entries(ec.FormValue(name), true)
	}
	if has := ec.FormValue("attachment"); has != "" {
		k.Attachment = new(has == "true")
	}
	for _, line := range entries(ec.FormValue("context"), false) {
		if k.Context == nil {
			k.Context = map[string]string{}
		}
		key, value, _ := strings.Cut(line, "=")
		k.Context[strings.TrimSpace(key)] = strings.TrimSpace(value)
	}
	return ec.FormValue("id"), d
}

// entries cuts what was typed at its line ends, and at commas of both languages.
func entries(s string, commas bool) (out []string) {
	for _, e := range strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' || commas && (r == ',' || r == '，' || r == '、') }) {
		if e = strings.TrimSpace(e); e != "" {
			out = append(out, e)
		}
	}
	return out
}

// saveRule writes the rule of the form, and applies it where that was asked for.
func (c *Console) saveRule(ec echo.Context) error {
	ctx, actor, p := contextOf(ec), actorOf(ec), c.Printer(ec)
	id, d := draftOf(ec)
	if id != "" {
		if old, err := c.s.Intake.Rule(ctx, actor, id); err == nil {
			d.Disabled = old.Disabled
		}
	}
	end, err := c.once(ec, nil, func(ctx context.Context) (web.Ending, error) {
		var r models.RoutingRule
		var act string
		var err error
		if id == "" {
			r, act, err = c.s.Intake.AddRule(ctx, actor, d)
		} else {
			r, act, err = c.s.Intake.EditRule(ctx, actor, id, d)
		}
		return web.Ending{Path: routingPage + "#" + r.ID, Toast: &ui.Toast{Message: p.T("toast.rule.saved", r.Position), Activity: act}, Note: strconv.Itoa(r.Position)}, err
	})
	if err != nil {
		return c.badRule(ec, id, d, err)
	}
	if ec.FormValue("apply") != "" {
		n, next, err := c.s.Intake.Apply(ctx, actor, "")
		if err != nil {
			return c.sorry(ec, routingPage, err)
		}
		if next != "" { // the page goes on from there
			return c.Back(ec, routingPage+"?changed="+strconv.Itoa(n)+"&cursor="+next, end.Toast)
		}
		position, _ := strconv.Atoi(end.Note)
		end.Toast.Message = p.T("toast.rule.applied", position, n)
	}
	return c.Back(ec, end.Path, end.Toast)
}

// badRule shows the form again with what is wrong.
func (c *Console) badRule(ec echo.Context, id string, d intake.RuleDraft, err error) error {
	problem := c.Problems.From(contextOf(ec), err)
	switch models.KindOf(err) {
	case models.Conflict, models.NotFound:
		return c.showRule(ec, problem.Status, id, d, map[string]string{"": c.Message(contextOf(ec), err)}, nil)
	case models.Invalid:
	default:
		return err
	}
	messages, ok := c.Fields(contextOf(ec), err, ruleFields)
	if !ok {
		messages = map[string]string{"": c.Message(contextOf(ec), err)}
	}
	return c.showRule(ec, problem.Status, id, d, messages, nil)
}

// ruleFields are the form's names for the service's.
var ruleFields = map[string]string{"conditions/words": "words", "conditions/sources": "sources", "conditions/products": "products", "conditions/versions": "versions",
	"conditions/segments": "segments", "conditions/accounts": "accounts", "conditions/context": "context", "conditions/kinds": "", "conditions/languages": "",
	"outcome": "outcome", "outcome/product": "product", "outcome/team": "outcome", "outcome/kind": "outcome", "outcome/urgency": "outcome", "name": "name"}

// replayState is how far a look back has come, as the form carries it.
type replayState struct {
	Cursor string
	Sum    intake.Replayed
}

// replayRule looks back at the last month with the form's rule: a second at a time,
// and never further than whoever asks waits.
func (c *Console) replayRule(ec echo.Context) error {
	id, d := draftOf(ec)
	var st replayState
	step := ec.FormValue("replay")
	if step != "start" {
		if err := json.Unmarshal([]byte(ec.FormValue("state")), &st); err != nil || len(st.Sum.Shifts) > 500 || len(st.Sum.Examples) > 20 {
			st = replayState{}
		}
	}
	if step != "stop" {
		r, err := c.s.Intake.Replay(contextOf(ec), actorOf(ec), intake.ReplayAsk{ID: id, Draft: &d, Cursor: st.Cursor})
		if err != nil {
			return c.badRule(ec, id, d, err)
		}
		st.add(&r)
	}
	v, err := c.replayOf(ec, &st)
	if err != nil {
		return err
	}
	v.Stopped = step == "stop"
	return c.showRule(ec, http.StatusOK, id, d, nil, v)
}

func (s *replayState) add(r *intake.Replayed) {
	s.Cursor = r.Cursor
	s.Sum.Total, s.Sum.Seen, s.Sum.Changed, s.Sum.Open = r.Total, s.Sum.Seen+r.Seen, s.Sum.Changed+r.Changed, s.Sum.Open+r.Open
	for _, x := range r.Shifts {
		i := slices.IndexFunc(s.Sum.Shifts, func(y intake.Shift) bool { return x.Field == y.Field && x.From == y.From && x.To == y.To })
		if i < 0 {
			s.Sum.Shifts = append(s.Sum.Shifts, x)
			continue
		}
		s.Sum.Shifts[i].N += x.N
	}
	for _, e := range r.Examples {
		if len(s.Sum.Examples) < 10 {
			if e.Title == "" {
				e.Title = themes.Headline(e.Text, 120)
			}
			e.Text = ""
			s.Sum.Examples = append(s.Sum.Examples, e)
		}
	}
}

func (c *Console) replayOf(ec echo.Context, s *replayState) (*ui.RuleReplay, error) {
	p := c.Printer(ec)
	teams, err := c.s.Intake.Teams(contextOf(ec), actorOf(ec))
	if err != nil {
		return nil, err
	}
	names := teamNames(teams, p.Locale())
	v := &ui.RuleReplay{Seen: s.Sum.Seen, Total: max(s.Sum.Total, s.Sum.Seen), Changed: s.Sum.Changed, Open: s.Sum.Open}
	if s.Cursor != "" {
		b, err := json.Marshal(s)
		if err != nil {
			return nil, err
		}
		v.State = string(b)
	}
	slices.SortStableFunc(s.Sum.Shifts, func(a, b intake.Shift) int { return b.N - a.N })
	for _, x := range s.Sum.Shifts {
		v.Shifts = append(v.Shifts, shiftRow(p, x, names))
	}
	for _, e := range s.Sum.Examples {
		if !models.IsID(models.PrefixSuggestion, e.ID) {
			continue
		}
		row := ui.ReplayExample{URL: "/inbox/" + e.ID, Title: e.Title, Lang: langOfWords(e.Lang)}
		for _, x := range e.Shifts {
			row.Changes = append(row.Changes, shiftRow(p, x, names))
		}
		v.Examples = append(v.Examples, row)
	}
	return v, nil
}

func shiftRow(p *i18n.Printer, s intake.Shift, teams map[string]string) ui.ShiftRow {
	say := func(value string) string {
		switch {
		case value == "":
			return p.T("routing.none.short")
		case s.Field == models.FieldTeam:
			return orKey(teams, value)
		case s.Field == models.FieldKind && p.Has("kind."+value):
			return p.T("kind." + value)
		case s.Field == models.FieldUrgency && p.Has("urgency."+value):
			return p.T("urgency." + value)
		}
		return value
	}
	field := s.Field
	if p.Has("routing." + field) {
		field = p.T("routing." + field)
	}
	return ui.ShiftRow{Field: field, From: say(s.From), To: say(s.To), N: s.N}
}

// moveRule moves a rule one place.
func (c *Console) moveRule(ec echo.Context) error {
	by, _ := strconv.Atoi(ec.FormValue("by"))
	r, err := c.s.Intake.Rule(contextOf(ec), actorOf(ec), ec.Param("id"))
	if err != nil {
		return c.sorry(ec, routingPage, err)
	}
	r, act, err := c.s.Intake.MoveRule(contextOf(ec), actorOf(ec), r.ID, r.Position+by)
	if err != nil {
		return c.sorry(ec, routingPage, err)
	}
	return c.Back(ec, routingPage+"#"+r.ID, &ui.Toast{Message: c.Printer(ec).T("toast.rule.moved", r.Position), Activity: act})
}

// switchRule turns a rule off or on.
func (c *Console) switchRule(ec echo.Context) error {
	off := ec.FormValue("off") != ""
	r, act, err := c.s.Intake.SwitchRule(contextOf(ec), actorOf(ec), ec.Param("id"), off)
	if err != nil {
		return c.sorry(ec, routingPage, err)
	}
	key := "toast.rule.on"
	if off {
		key = "toast.rule.off"
	}
	return c.Back(ec, routingPage+"#"+r.ID, &ui.Toast{Message: c.Printer(ec).T(key, r.Position), Activity: act})
}

// deleteRule takes a rule out; the toast puts it back.
func (c *Console) deleteRule(ec echo.Context) error {
	act, err := c.s.Intake.RemoveRule(contextOf(ec), actorOf(ec), ec.Param("id"))
	if err != nil {
		return c.sorry(ec, routingPage, err)
	}
	return c.Back(ec, routingPage, &ui.Toast{Message: c.Printer(ec).T("toast.rule.deleted"), Activity: act})
}
