package console

import (
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
	"github.com/heedhq/heed/ui"
)

// agentWords are what agents propose, with the words of the suggestions that it is
// about, in three reads whatever their number.
func (c *Console) agentWords(ec echo.Context) ([]ui.AgentWord, error) {
	ctx, actor, p := contextOf(ec), actorOf(ec), c.Printer(ec)
	rows, _, err := c.s.Themes.Words(ctx, actor, "", pageRows)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	ids := []string{}
	for _, r := range rows {
		if r.SuggestionID != "" {
			ids = append(ids, r.SuggestionID)
		}
	}
	words, err := c.s.Themes.Said(ctx, actor, ids)
	if err != nil {
		return nil, err
	}
	who := make([]models.Suggestion, 0, len(words))
	for _, s := range words {
		who = append(who, s)
	}
	people, where, err := c.s.Intake.People(ctx, actor, personsOf(who))
	if err != nil {
		return nil, err
	}
	out := make([]ui.AgentWord, 0, len(rows))
	for i := range rows {
		r := &rows[i]
		w := ui.AgentWord{ID: r.ID, Kind: string(r.Kind), By: r.ActorName, At: r.CreatedAt, Why: r.Why, Theme: refOf(r.Theme, actor.Locale), Status: string(r.Status),
			Text: localized(r.Text), Promise: themes.DayOf(r.PromiseDate), Version: r.Version, CanDecide: auth.Can(actor, auth.Triage) == nil}
		if r.ActorFor != "" {
			w.By = p.T("provenance.filer_for", r.ActorName, r.ActorFor)
		}
		if s, ok := words[r.SuggestionID]; ok {
			w.Said = &ui.ThemeSuggestion{ID: s.ID, Text: themes.Headline(wordsOf(&s), 280), Lang: langOfWords(s.Lang), Provenance: said(p, &s, people, where)}
		}
		if auth.Can(actor, auth.Announce) == nil {
			w.FormURL = statusFormOf(r)
		}
		out = append(out, w)
	}
	return out, nil
}

// statusFormOf is the theme's page with its status form filled in and its readers
// shown: a status or a text of an agent goes out by a person's hand alone.
func statusFormOf(r *themes.Word) string {
	status := r.Status
	switch {
	case r.Kind == models.ProposeText && r.Theme.Status.IsSettable():
		status = r.Theme.Status
	case r.Kind != models.ProposeStatus:
		return ""
	}
	t := localized(r.Text)
	q := url.Values{"status": {string(status)}, "reason_en": {t.EN}, "reason_zh": {t.ZH}, "promise_date": {themes.DayOf(r.PromiseDate)}, "version": {r.Version}}
	return "/themes/" + r.ThemeID + "?" + q.Encode() + "#status"
}

// acceptWord carries out what an agent proposes about a suggestion, or marks a
// text as taken up.
func (c *Console) acceptWord(ec echo.Context) error {
	act, th, err := c.s.Themes.AcceptWord(contextOf(ec), actorOf(ec), ec.Param("id"))
	if err != nil {
		return c.notDecided(ec, err)
	}
	return c.finish(ec, "/proposals", done{act, c.Printer(ec).T("toast.proposal.accepted", th.NameFor(actorOf(ec).Locale))})
}

// dismissWord says no to it.
func (c *Console) dismissWord(ec echo.Context) error {
	if _, err := c.s.Themes.DismissWord(contextOf(ec), actorOf(ec), ec.Param("id")); err != nil {
		return c.notDecided(ec, err)
	}
	return c.finish(ec, "/proposals", done{"", c.Printer(ec).T("toast.proposal.dismissed")})
}
