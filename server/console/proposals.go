package console

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/themes"
	"github.com/heedhq/heed/ui"
)

const (
	shownProposals = 20
	shownSaid      = 3 // suggestions of each side
)

// proposals shows what Heed proposes to merge, split or reopen.
func (c *Console) proposals(ec echo.Context) error {
	ctx, actor := contextOf(ec), actorOf(ec)
	kind := ec.QueryParam("kind")
	rows, next, err := c.s.Themes.Proposals(ctx, actor, models.ProposalKind(kind), ec.QueryParam("cursor"), shownProposals)
	if err != nil {
		return err
	}
	v := c.view(ec, c.Printer(ec).T("nav.proposals"))
	d := ui.Proposals{Total: max(v.ProposalCount, len(rows))}
	if d.Rows, err = c.proposalRows(ec, rows); err != nil {
		return err
	}
	if kind == "" && ec.QueryParam("cursor") == "" {
		if d.Words, err = c.agentWords(ec); err != nil {
			return err
		}
	}
	d.Total = max(d.Total, len(d.Rows)+len(d.Words))
	for i := range d.Rows {
		r := &d.Rows[i]
		r.OnKind, r.OnCursor = kind, ec.QueryParam("cursor")
		switch {
		case i+1 < len(d.Rows):
			r.Then = d.Rows[i+1].ID
		case i > 0:
			r.Then = d.Rows[i-1].ID
		}
	}
	if next != "" {
		more := url.Values{"cursor": {next}}
		if kind != "" {
			more.Set("kind", kind)
		}
		d.MoreURL = "/proposals?" + more.Encode()
	}
	return c.Show(ec, http.StatusOK, v, ui.PageProposals, d)
}

// proposalRows adds people's own words to proposals, in three reads whatever
// their number.
func (c *Console) proposalRows(ec echo.Context, rows []themes.Proposed) ([]ui.Proposal, error) {
	ctx, actor := contextOf(ec), actorOf(ec)
	ids := []string{}
	for i := range rows {
		items := &rows[i].Items.V
		ids = append(append(ids, first(items.Move)...), first(items.Keep)...)
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
	quote := func(ids []string) (out []ui.ThemeSuggestion) {
		for _, id := range first(ids) {
			if s, ok := words[id]; ok {
				out = append(out, ui.ThemeSuggestion{ID: s.ID, Text: themes.Headline(wordsOf(&s), 280), Lang: langOfWords(s.Lang), Provenance: said(c.Printer(ec), &s, people, where)})
			}
		}
		return out
	}
	out := make([]ui.Proposal, 0, len(rows))
	for i := range rows {
		p := proposalOf(ec, &rows[i])
		p.Here, p.There = quote(rows[i].Items.V.Move), quote(rows[i].Items.V.Keep)
		if p.Kind == string(models.ProposeSplit) && len(p.Here) > 0 {
			p.Title = themes.Headline(p.Here[0].Text, 80)
		}
		out = append(out, p)
	}
	return out, nil
}

func first(ids []string) []string { return ids[:min(len(ids), shownSaid)] }

func proposalOf(ec echo.Context, x *themes.Proposed) ui.Proposal {
	actor := actorOf(ec)
	p := ui.Proposal{ID: x.ID, Kind: string(x.Kind), Theme: refOf(x.Theme, actor.Locale), Moves: x.Moves(), Version: x.Theme.Version,
		HereCount: x.Theme.SuggestionsCount, CanDecide: auth.Can(actor, auth.Triage) == nil}
	switch x.Kind {
	case models.ProposeMerge:
		other := refOf(x.Other, actor.Locale)
		p.Other, p.ThereCount = &other, x.Other.SuggestionsCount
	case models.ProposeSplit:
		p.HereCount, p.ThereCount = x.Moves(), x.Theme.SuggestionsCount-x.Moves()
	case models.ProposeReopen:
		p.HereCount = x.Items.V.Of
		p.CanDecide = auth.Can(actor, auth.Announce) == nil
	}
	for _, r := range x.Reasons.V {
		if r.Kind == models.ReasonGitHub {
			p.Said = &ui.SaidThere{Issue: strings.Join(r.Words, " "), URL: r.URL}
		}
	}
	p.Reasons = likelyOf(nil, themes.Found{Reasons: shared(x.Reasons.V)}).Reasons
	return p
}

// shared are the reasons for and not against, but for what has a line of its own.
func shared(rs []models.Reason) (out []models.Reason) {
	for _, r := range rs {
		if r.Kind != models.ReasonDiffers && r.Kind != models.ReasonGitHub {
			out = append(out, r)
		}
	}
	return out
}

// acceptProposal carries a proposal out.
func (c *Console) acceptProposal(ec echo.Context) error {
	act, th, err := c.s.Themes.AcceptProposal(contextOf(ec), actorOf(ec), ec.Param("id"), ec.FormValue("title"))
	if err != nil {
		return c.notDecided(ec, err)
	}
	return c.finish(ec, afterProposal(ec), done{act, c.Printer(ec).T("toast.proposal.accepted", th.NameFor(actorOf(ec).Locale))})
}

// dismissProposal says no to one, for ever.
func (c *Console) dismissProposal(ec echo.Context) error {
	act, err := c.s.Themes.DismissProposal(contextOf(ec), actorOf(ec), ec.Param("id"))
	if err != nil {
		return c.notDecided(ec, err)
	}
	return c.finish(ec, afterProposal(ec), done{act, c.Printer(ec).T("toast.proposal.dismissed")})
}

// afterProposal is the page that the answer was given on, at the next proposal:
// its keys and its focus are there then.
func afterProposal(ec echo.Context) string {
	u := url.URL{Path: "/proposals"}
	q := url.Values{}
	for _, name := range []string{"kind", "cursor"} {
		if v := ec.FormValue(name); v != "" {
			q.Set(name, v)
		}
	}
	u.RawQuery = q.Encode()
	if then := ec.FormValue("then"); models.IsID(models.PrefixProposal, then) {
		u.Fragment = then
	}
	return u.String()
}

func (c *Console) notDecided(ec echo.Context, err error) error {
	if web.WantsJSON(ec.Request()) {
		return c.RefuseJSON(ec, err, nil)
	}
	return c.sorry(ec, "/proposals", err)
}
