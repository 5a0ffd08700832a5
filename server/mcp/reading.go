package mcp

import (
	"context"
	"fmt"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

var statuses = []any{"candidate", "received", "under_review", "planned", "in_progress", "shipped", "declined", "postponed"}

func (m *MCP) reading() {
	type similarIn struct {
		Text  string `json:"text" jsonschema:"What the person wants, in their words or yours, English or Chinese"`
		Limit int    `json:"limit,omitempty" jsonschema:"1 to 5; 5 when missing"`
	}
	type similarOut struct {
		Notice     string         `json:"data_notice"`
		Candidates []candidateOut `json:"candidates"`
	}
	read(m, "find_similar", "Find similar themes", "Finds the themes that a text may be about, with status, the reason that was made public and when people will hear next: what you may tell a person. Stores nothing.", nil,
		func(ctx context.Context, a auth.Actor, in similarIn) (answer[similarOut], error) {
			found, err := m.s.Themes.Similar(ctx, a, in.Text, in.Limit)
			out := similarOut{notice, m.candidates(ctx, found)}
			likely := 0
			for _, c := range out.Candidates {
				if c.Likely {
					likely++
				}
			}
			return answer[similarOut]{fmt.Sprintf("%d candidates, %d of them likely. Nothing was stored.", len(out.Candidates), likely), out}, err
		})
	m.themeTools()
	m.queueTool()
	m.outcomesTool()
}

func (m *MCP) themeTools() {
	type themeIn struct {
		Theme string `json:"theme" jsonschema:"Its id, thm_…"`
	}
	type themeRead struct {
		Notice string          `json:"data_notice"`
		Theme  *themeOut       `json:"theme"`
		Latest []suggestionOut `json:"latest" jsonschema:"The latest suggestions in it, for tokens with themes:read"`
	}
	read(m, "get_theme", "Read a theme", "Reads one theme: status, public reason, next date, how many people are behind it and, for tokens with themes:read, some of what they said. A merged theme leads to where it went.", nil,
		func(ctx context.Context, a auth.Actor, in themeIn) (answer[themeRead], error) {
			th, err := m.s.Themes.Get(ctx, a, in.Theme)
			if err != nil {
				return answer[themeRead]{}, err
			}
			out := themeRead{notice, themeOf(a, th), []suggestionOut{}}
			if auth.Can(a, auth.ReadAll) == nil {
				rows, err := m.s.Themes.Suggestions(ctx, a, th.ID, 5)
				if err != nil {
					return answer[themeRead]{}, err
				}
				for i := range rows {
					if !rows[i].Confidential {
						out.Latest = append(out.Latest, m.suggestion(&rows[i]))
					}
				}
			}
			return answer[themeRead]{fmt.Sprintf("Theme %s, %s, %d people.", th.ID, th.Status, th.PeopleCount), out}, nil
		})
	type listIn struct {
		Status string `json:"status,omitempty"`
		Query  string `json:"query,omitempty" jsonschema:"Words, or what is meant"`
		Sort   string `json:"sort,omitempty"`
		Cursor string `json:"cursor,omitempty" jsonschema:"next_cursor of the page before"`
		Limit  int    `json:"limit,omitempty" jsonschema:"Up to 100; 20 when missing"`
	}
	type listOut struct {
		Notice string      `json:"data_notice"`
		Themes []*themeOut `json:"themes"`
		Next   string      `json:"next_cursor"`
	}
	read(m, "list_themes", "List themes", "Lists themes: those that are published, or all for tokens with themes:read.", enums{"status": statuses, "sort": {"people", "new", "updated"}},
		func(ctx context.Context, a auth.Actor, in listIn) (answer[listOut], error) {
			if in.Limit == 0 {
				in.Limit = 20
			}
			rows, next, err := m.s.Themes.List(ctx, a, themes.Filter{Status: models.Status(in.Status), Query: in.Query, Sort: in.Sort, Cursor: in.Cursor, Limit: in.Limit})
			out := listOut{notice, make([]*themeOut, 0, len(rows)), next}
			for i := range rows {
				out.Themes = append(out.Themes, themeOf(a, &rows[i]))
			}
			return answer[listOut]{fmt.Sprintf("%d themes on this page.", len(rows)), out}, err
		})
}

func (m *MCP) queueTool() {
	type queueIn struct {
		Cursor string `json:"cursor,omitempty" jsonschema:"next_cursor of the page before"`
		Limit  int    `json:"limit,omitempty" jsonschema:"Up to 50; 20 when missing"`
	}
	type waiting struct {
		suggestionOut
		Candidates []candidateOut `json:"candidates"`
	}
	type queueOut struct {
		Notice  string    `json:"data_notice"`
		Waiting []waiting `json:"waiting"`
		Next    string    `json:"next_cursor"`
	}
	read(m, "triage_queue", "What waits for triage", "Lists the suggestions that stand in no confirmed theme yet, newest first, each with the themes it may belong to. Needs themes:read. Propose with propose_assignment; people decide.", nil,
		func(ctx context.Context, a auth.Actor, in queueIn) (answer[queueOut], error) {
			if in.Limit <= 0 {
				in.Limit = 20
			}
			rows, next, err := m.s.Intake.List(ctx, a, intake.Filter{State: intake.StateInbox, Cursor: in.Cursor, Limit: min(in.Limit, 50)})
			out := queueOut{notice, make([]waiting, 0, len(rows)), next}
			for i := range rows {
				s := &rows[i]
				if s.Confidential {
					continue
				}
				found, err := m.s.Themes.Likely(ctx, a, s.ID, s.Candidates.V)
				if err != nil {
					return answer[queueOut]{}, err
				}
				out.Waiting = append(out.Waiting, waiting{m.suggestion(s), m.candidates(ctx, found)})
			}
			return answer[queueOut]{fmt.Sprintf("%d suggestions on this page.", len(out.Waiting)), out}, err
		})
}

func (m *MCP) outcomesTool() {
	type outcomesIn struct {
		Outcome string `json:"outcome,omitempty" jsonschema:"Only these"`
		Since   string `json:"since,omitempty" jsonschema:"Only what changed after this RFC 3339 time"`
		Cursor  string `json:"cursor,omitempty" jsonschema:"next_cursor of the page before"`
		Limit   int    `json:"limit,omitempty" jsonschema:"Up to 200; 50 when missing"`
	}
	type row struct {
		ID         string         `json:"id"`
		Receipt    string         `json:"receipt"`
		ExternalID string         `json:"external_id,omitempty"`
		Source     string         `json:"source"`
		Outcome    models.Outcome `json:"outcome"`
		Theme      *themeOut      `json:"theme,omitempty"`
		ChangedAt  time.Time      `json:"changed_at"`
		UserText   userText       `json:"user_text" jsonschema:"Data: how it begins"`
	}
	type outcomesOut struct {
		Notice    string                       `json:"data_notice"`
		Counts    map[models.Outcome]int       `json:"counts" jsonschema:"waiting; accepted: opened a theme; merged: joined one that was there; shipped, postponed, declined; closed: spam or nothing to do"`
		Total     int                          `json:"total"`
		Proposals map[models.ProposalState]int `json:"proposals" jsonschema:"What became of what you proposed"`
		Items     []row                        `json:"items"`
		Next      string                       `json:"next_cursor"`
		Left      *leftOut                     `json:"quota,omitempty" jsonschema:"What you may still write"`
	}
	read(m, "my_outcomes", "What became of what you filed", "Counts and lists what became of the suggestions that this token filed, and of what it proposed. The member behind the token sees the same.", enums{"outcome": outcomes()},
		func(ctx context.Context, a auth.Actor, in outcomesIn) (answer[outcomesOut], error) {
			var since time.Time
			if in.Since != "" {
				var err error
				if since, err = time.Parse(time.RFC3339, in.Since); err != nil {
					return answer[outcomesOut]{}, models.BadField("since", "date_unreadable", in.Since)
				}
			}
			o, err := m.s.Intake.Outcomes(ctx, a, intake.OutcomeFilter{Outcome: in.Outcome, Cursor: in.Cursor, Limit: in.Limit})
			if err != nil {
				return answer[outcomesOut]{}, err
			}
			out := outcomesOut{Notice: notice, Counts: o.Counts, Total: o.Total, Items: []row{}, Next: o.Next}
			if out.Proposals, err = m.s.Themes.OwnWords(ctx, a); err != nil {
				return answer[outcomesOut]{}, err
			}
			if out.Left, err = m.left(ctx, a); err != nil {
				return answer[outcomesOut]{}, err
			}
			for i := range o.Rows {
				r := &o.Rows[i]
				if r.ChangedAt.After(since) {
					s := &r.Suggestion
					out.Items = append(out.Items, row{s.ID, s.Receipt, string(fromUser(s.ExternalID, 200)), string(fromUser(s.Source, 60)), r.Outcome, themeOf(a, r.Theme), r.ChangedAt.UTC(),
						fromUser(themes.Headline(m.s.Intake.Outside(s.Text), 120), 120)})
				}
			}
			return answer[outcomesOut]{fmt.Sprintf("%d filed: %d waiting, %d accepted, %d merged, %d closed.", o.Total, o.Counts[models.OutcomeWaiting], o.Counts[models.OutcomeAccepted], o.Counts[models.OutcomeMerged], o.Counts[models.OutcomeClosed]), out}, nil
		})
}

func outcomes() (out []any) {
	for _, o := range models.OutcomeList() {
		out = append(out, string(o))
	}
	return out
}

// leftOut is what a token may still write.
type leftOut struct {
	Limit   int `json:"limit"`
	Left    int `json:"left"`
	Seconds int `json:"resets_in_seconds"`
}

func (m *MCP) left(ctx context.Context, a auth.Actor) (*leftOut, error) {
	most, left, seconds, err := m.s.Intake.Left(ctx, a)
	if err != nil || most == 0 {
		return nil, err
	}
	return &leftOut{most, left, seconds}, nil
}
