package mcp

import (
	"context"
	"fmt"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

// decides is the end of every description here.
const decides = " It changes nothing and tells nobody: people of the team find it under Proposals and decide. What they have dismissed is not proposed again. Needs suggestions:write."

// wordOut is a proposal as it stands.
type wordOut struct {
	Notice   string                   `json:"data_notice"`
	Proposal string                   `json:"proposal"`
	Kind     models.AgentProposalKind `json:"kind"`
	State    models.ProposalState     `json:"state" jsonschema:"open: waits for a person; accepted or dismissed: what they said"`
	Again    bool                     `json:"again" jsonschema:"It had been proposed before"`
	Theme    *themeOut                `json:"theme"`
	Decides  string                   `json:"who_decides"`
}

func wordOf(a auth.Actor, w themes.Word, err error) (answer[wordOut], error) {
	if err != nil {
		return answer[wordOut]{}, err
	}
	said := fmt.Sprintf("Proposed (%s). Nothing has changed and nobody is told until a person of the team decides.", w.ID)
	if w.Again {
		said = fmt.Sprintf("This had been proposed before (%s) and is %s.", w.ID, w.State)
	}
	return answer[wordOut]{said, wordOut{notice, w.ID, w.Kind, w.State, w.Again, themeOf(a, w.Theme), "a person of the team, under Proposals"}}, nil
}

type localized struct {
	EN string `json:"en,omitempty" jsonschema:"In English"`
	ZH string `json:"zh,omitempty" jsonschema:"In Chinese"`
}

// textOf cleans and masks a text for people.
func (m *MCP) textOf(field string, l *localized) (t models.Text, err error) {
	if l == nil {
		return t, nil
	}
	if t.EN, err = m.s.Intake.Words(field+"/en", l.EN, themes.MaxReason); err != nil {
		return t, err
	}
	t.ZH, err = m.s.Intake.Words(field+"/zh", l.ZH, themes.MaxReason)
	return t, err
}

type assignIn struct {
	Keyed
	Suggestion string `json:"suggestion" jsonschema:"Its id, sug_…"`
	Theme      string `json:"theme" jsonschema:"Its id, thm_…"`
	Same       *bool  `json:"same,omitempty" jsonschema:"true (when missing): the suggestion belongs to the theme; false: it does not, whatever the words say"`
	Note       string `json:"note,omitempty" jsonschema:"Why, for the team"`
}

type statusIn struct {
	Keyed
	Theme   string     `json:"theme" jsonschema:"Its id, thm_…"`
	Status  string     `json:"status"`
	Reason  *localized `json:"reason,omitempty" jsonschema:"What people would read; required to decline or postpone"`
	Promise string     `json:"promise_date,omitempty" jsonschema:"When people would hear next: YYYY-MM-DD"`
	Version string     `json:"version,omitempty"`
	Note    string     `json:"note,omitempty" jsonschema:"Why, for the team"`
}

type draftIn struct {
	Keyed
	Theme string     `json:"theme" jsonschema:"Its id, thm_…"`
	Text  *localized `json:"text" jsonschema:"What people would read, in one language or both"`
	Note  string     `json:"note,omitempty" jsonschema:"Anything the team should know about it"`
}

func (m *MCP) proposing() {
	write(m, "propose_assignment", "Propose where a suggestion belongs", "Proposes that a suggestion belongs to a theme, or that it does not."+decides, nil, nil,
		func(ctx context.Context, a auth.Actor, in *assignIn) (answer[wordOut], error) {
			note, err := m.begin(ctx, a, in.Note)
			if err != nil {
				return answer[wordOut]{}, err
			}
			w, err := m.s.Themes.ProposeAssignment(ctx, a, in.Suggestion, in.Theme, in.Same == nil || *in.Same, note)
			return wordOf(a, w, err)
		})
	write(m, "propose_status", "Propose a status", "Proposes a status for a theme, with the reason that people would read."+decides,
		enums{"status": {"under_review", "planned", "in_progress", "shipped", "declined", "postponed"}}, nil,
		func(ctx context.Context, a auth.Actor, in *statusIn) (answer[wordOut], error) {
			note, err := m.begin(ctx, a, in.Note)
			if err != nil {
				return answer[wordOut]{}, err
			}
			c := themes.StatusChange{Status: models.Status(in.Status)}
			if c.Version, err = m.s.Intake.Words("version", in.Version, 100); err != nil {
				return answer[wordOut]{}, err
			}
			if c.Reason, err = m.textOf("reason", in.Reason); err != nil {
				return answer[wordOut]{}, err
			}
			if in.Promise != "" {
				date, err := themes.ParseDate(in.Promise)
				if err != nil {
					return answer[wordOut]{}, err
				}
				c.PromiseDate = &date
			}
			w, err := m.s.Themes.ProposeStatus(ctx, a, in.Theme, c, note)
			return wordOf(a, w, err)
		})
	write(m, "draft_follow_up", "Draft a text for the people behind a theme", "Keeps a text that the team could send to the people behind a theme."+decides, nil, nil,
		func(ctx context.Context, a auth.Actor, in *draftIn) (answer[wordOut], error) {
			note, err := m.begin(ctx, a, in.Note)
			if err != nil {
				return answer[wordOut]{}, err
			}
			text, err := m.textOf("text", in.Text)
			if err != nil {
				return answer[wordOut]{}, err
			}
			w, err := m.s.Themes.DraftText(ctx, a, in.Theme, text, note)
			return wordOf(a, w, err)
		})
}

// begin counts a proposal against the token's quota and masks its note.
func (m *MCP) begin(ctx context.Context, a auth.Actor, note string) (string, error) {
	if err := auth.Can(a, auth.Propose); err != nil {
		return "", err
	}
	if err := m.s.Intake.Spend(ctx, a); err != nil {
		return "", err
	}
	return m.s.Intake.Words("note", note, themes.MaxWhy)
}
