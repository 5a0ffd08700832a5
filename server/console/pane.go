package console

import (
	"fmt"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/themes"
	"github.com/heedhq/heed/ui"
)

// maxStack is how many suggestions one decision takes at most.
const maxStack = 200

// pane is the reading pane alone.
func (c *Console) pane(ec echo.Context) error {
	p, err := c.paneOf(ec, ec.Param("id"), ec.QueryParam("stack") != "")
	if err != nil {
		return err
	}
	return c.Fragment(ec, ui.PageInbox, ui.FragmentInboxPane, p)
}

// paneOf is one suggestion as it is read and decided, alone or with its stack.
func (c *Console) paneOf(ec echo.Context, id string, stack bool) (*ui.InboxPane, error) {
	ctx, actor, p := contextOf(ec), actorOf(ec), c.Printer(ec)
	f, err := c.s.Intake.Get(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	s := &f.Suggestion
	people, where, err := c.s.Intake.People(ctx, actor, personsOf([]models.Suggestion{*s}))
	if err != nil {
		return nil, err
	}
	v := &ui.InboxPane{ID: s.ID, URL: "/inbox/" + s.ID, Title: titleOf(s), Text: wordsOf(s), Lang: langOfWords(s.Lang), Receipt: s.Receipt, Summary: s.Summary,
		Kind: string(s.Kind), Urgent: urgent(f.Findings), Provenance: said(p, s, people, where), Redacted: web.Removed(p, f.Findings), Context: pairs(s.Context.V),
		Stack: []string{s.ID}, Takes: 1 + s.Echoes, Same: sameOf(s)}
	if s.EchoOf != "" {
		v.SameAs = "/inbox/" + s.EchoOf
	}
	if stack {
		v.URL += "?stack=1"
		if v.Stack, v.Takes, err = c.stackOf(ec, f); err != nil {
			return nil, err
		}
	}
	if v.Likely, err = c.likely(ec, f, len(v.Stack) > 1); err != nil {
		return nil, err
	}
	if len(v.Stack) == 1 {
		if v.Asks, v.AsksTitle, err = c.asksOf(ec, f); err != nil {
			return nil, err
		}
	}
	if v.Desk, err = c.deskOf(ec, s.ID, "/inbox/"+s.ID+"#thread"); err != nil {
		return nil, err
	}
	if auth.Can(actor, auth.Triage) == nil {
		v.Confirm = confirmOf(f)
	}
	if v.ThemeQuery = ec.QueryParam("theme_q"); v.ThemeQuery != "" {
		found, err := c.s.Themes.Named(ctx, actor, v.ThemeQuery, 10)
		if err != nil {
			return nil, err
		}
		v.Matches = refsOf(found, actor.Locale)
	}
	newer, older, err := c.s.Intake.Neighbours(ctx, actor, s.ID)
	if newer != "" {
		v.PrevURL = "/inbox/" + newer
	}
	if older != "" {
		v.NextURL = "/inbox/" + older
	}
	return v, err
}

// langOfWords is the lang attribute of a quotation: only a language we know.
func langOfWords(lang string) string {
	if lang == "en" || lang == "zh" {
		return lang
	}
	return ""
}

// stackOf names the suggestions that a decision on f takes along, f first, and
// counts them with those that say the same words.
func (c *Console) stackOf(ec echo.Context, f intake.Filed) ([]string, int, error) {
	out, n := []string{f.Suggestion.ID}, 1+f.Suggestion.Echoes
	key := likelyOne(f)
	if key == "" {
		return out, n, nil
	}
	rows, err := c.s.Intake.Stack(contextOf(ec), actorOf(ec), key, maxStack)
	for _, r := range rows {
		if r.ID != f.Suggestion.ID {
			out, n = append(out, r.ID), n+1+r.Echoes
		}
	}
	return out, n, err
}

// likely are the themes a suggestion may belong to, best first. The theme that
// a stack is stacked by comes first, so that one key accepts it.
func (c *Console) likely(ec echo.Context, f intake.Filed, stack bool) ([]ui.ThemeRef, error) {
	cands := slices.Clone(f.Suggestion.Candidates.V)
	own := ""
	if len(f.Themes) > 0 {
		own = f.Themes[0].ID
	}
	if stack {
		key := likelyOne(f)
		if i := slices.IndexFunc(cands, func(m models.Candidate) bool { return m.Theme == key }); i > 0 {
			cands = slices.Insert(slices.Delete(cands, i, i+1), 0, cands[i])
		} else if i < 0 {
			cands = slices.Insert(cands, 0, models.Candidate{Theme: key})
		}
		own = ""
	}
	found, err := c.s.Themes.Likely(contextOf(ec), actorOf(ec), f.Suggestion.ID, cands)
	if err != nil {
		return nil, err
	}
	out := []ui.ThemeRef{}
	for _, th := range found {
		if th.Theme != own && len(out) < themes.MaxCandidates {
			out = append(out, likelyOf(c.Printer(ec), th))
		}
	}
	return out, nil
}

// confirmOf is the form for a new theme. What a member wrote for the candidate
// before is filled in; a person's own words never are.
func confirmOf(f intake.Filed) *ui.ConfirmForm {
	form := &ui.ConfirmForm{Errors: map[string]string{}}
	if len(f.Themes) > 0 && f.Themes[0].Status == models.StatusCandidate {
		th := f.Themes[0]
		form.Candidate = th.ID
		form.PublicTitle = ui.Localized{EN: th.PublicTitle.EN, ZH: th.PublicTitle.ZH}
		form.PublicText = ui.Localized{EN: th.PublicText.EN, ZH: th.PublicText.ZH}
	}
	return form
}

// pairs lists what the app sent along, by name.
func pairs(context map[string]any) []ui.Pair {
	names := make([]string, 0, len(context))
	for name := range context {
		names = append(names, name)
	}
	slices.Sort(names)
	out := make([]ui.Pair, 0, len(names))
	for _, name := range names {
		value := []rune(fmt.Sprint(context[name]))
		if len(value) > 2000 {
			value = append(value[:2000], '…')
		}
		out = append(out, ui.Pair{Name: name, Value: string(value)})
	}
	return out
}
