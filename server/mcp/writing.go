package mcp

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/api"
	"github.com/heedhq/heed/server/web"
)

var kinds = []any{"suggestion", "problem", "question"}

// fileTool takes in what people say.
const fileTool = "file_suggestion"

// source is where a suggestion comes from when the agent does not say.
const source = "mcp"

type askIn struct {
	Quote   string `json:"quote" jsonschema:"The person's own words about this one thing"`
	Summary string `json:"summary,omitempty" jsonschema:"What you make of it"`
	Kind    string `json:"kind,omitempty" jsonschema:"suggestion, problem or question; told from the words when missing"`
}

type fileIn struct {
	Keyed
	Quote      string          `json:"quote,omitempty" jsonschema:"The person's own words, verbatim, up to 20,000 characters"`
	Text       string          `json:"text,omitempty" jsonschema:"The same as quote, for clients that know REST"`
	Summary    string          `json:"summary,omitempty" jsonschema:"Your own words; never mixed into the person's"`
	Title      string          `json:"title,omitempty" jsonschema:"Up to 200 characters"`
	Asks       []askIn         `json:"asks,omitempty" jsonschema:"Where a conversation asks for several things: one entry each, up to 20, instead of quote. Each becomes a suggestion of its own, external_id followed by #1, #2 …; a call that broke off is finished by repeating it"`
	Kind       string          `json:"kind,omitempty" jsonschema:"Told from the words when missing"`
	Lang       string          `json:"lang,omitempty"`
	Product    string          `json:"product,omitempty"`
	Source     string          `json:"source,omitempty" jsonschema:"Where the conversation was, such as zendesk; mcp when missing"`
	SourceURL  string          `json:"source_url,omitempty"`
	ExternalID string          `json:"external_id,omitempty" jsonschema:"The conversation's id there: with source, nothing is filed twice. With asks it is the stem"`
	Version    string          `json:"version,omitempty" jsonschema:"Of the product, that it is about"`
	Person     *api.PersonBody `json:"person,omitempty" jsonschema:"Who said it, by email or handle: they hear what becomes of it"`
	Context    map[string]any  `json:"context,omitempty"`

	prepared []*intake.Prepared
}

// apart: several asks are several transactions.
func (f *fileIn) apart() bool { return len(f.Asks) > 1 }

func (f *fileIn) submissions(a auth.Actor) ([]intake.Submission, error) {
	if len(f.Asks) > 0 && f.Quote+f.Text != "" {
		return nil, models.BadField("quote", "asks_or_quote")
	}
	s := intake.Submission{Text: f.Text, Quote: f.Quote, Summary: f.Summary, Title: f.Title, Kind: f.Kind, Lang: f.Lang, Product: f.Product, Source: f.Source, SourceURL: f.SourceURL,
		ExternalID: f.ExternalID, Version: f.Version, Person: f.Person.Input(), Context: f.Context}
	if s.Source == "" {
		s.Source = source
	}
	if f.apart() && s.ExternalID == "" && f.IdempotencyKey != "" { // so that a call that broke off can be finished
		sum := sha256.Sum256([]byte(a.TokenID + "\x00" + f.IdempotencyKey))
		s.ExternalID = "key-" + hex.EncodeToString(sum[:12])
	}
	asks := make([]intake.Said, 0, len(f.Asks))
	for _, a := range f.Asks {
		asks = append(asks, intake.Said(a))
	}
	return intake.Several(s, asks)
}

type filedOut struct {
	ID         string         `json:"id"`
	Receipt    string         `json:"receipt" jsonschema:"With it the person can look up where it stands"`
	ExternalID string         `json:"external_id,omitempty"`
	Action     string         `json:"action" jsonschema:"attached: it joined its theme; suggested: a person decides; new: nothing is like it"`
	Again      bool           `json:"again" jsonschema:"It had been filed before under this external_id"`
	Theme      *themeOut      `json:"theme,omitempty"`
	Candidates []candidateOut `json:"candidates" jsonschema:"What it may be the same as, and what may be told about each"`
	Redactions []redactionOut `json:"redactions" jsonschema:"Secrets that were removed before anything was stored. Never ask a person for a secret"`
	Escalated  bool           `json:"escalated" jsonschema:"An emergency: the team is alerted, and it is theirs alone from here on"`
	Safety     *web.Safety    `json:"safety,omitempty" jsonschema:"What the person should do now, in their language. Tell them at once, word for word"`
}

type redactionOut struct {
	Rule  string `json:"rule"`
	Field string `json:"field"`
}

func (m *MCP) writing() {
	type fileOut struct {
		Notice string     `json:"data_notice"`
		Items  []filedOut `json:"items" jsonschema:"One for each ask, in their order"`
	}
	write(m, fileTool, "File what a person asks for", "Files what a person said: a suggestion, a problem or a question. Answers with the likely duplicates, why, and what may be told about each. The person hears what becomes of it, from the team. Needs suggestions:write.",
		enums{"kind": kinds},
		func(ctx context.Context, a auth.Actor, in *fileIn) error {
			all, err := in.submissions(a)
			if err != nil {
				return err
			}
			in.prepared, err = m.s.Intake.PrepareAll(ctx, a, all)
			return err
		},
		func(ctx context.Context, a auth.Actor, in *fileIn) (answer[fileOut], error) {
			filed, err := m.s.Intake.CommitAll(ctx, a, in.prepared)
			if err != nil {
				return answer[fileOut]{}, err
			}
			out := fileOut{notice, make([]filedOut, 0, len(filed))}
			counts := map[string]int{}
			for i := range filed {
				out.Items = append(out.Items, m.filed(ctx, a, &filed[i]))
				counts[filed[i].Suggestion.Action]++
			}
			return answer[fileOut]{fmt.Sprintf("Filed %d: %d joined a theme, %d wait for a person's decision, %d are new.", len(filed), counts[models.ActionAttached]+counts[models.ActionAssigned], counts[models.ActionSuggested], counts[models.ActionNew]), out}, nil
		})
	m.voteTool()
}

func (m *MCP) filed(ctx context.Context, a auth.Actor, f *intake.Filed) filedOut {
	s := &f.Suggestion
	o := filedOut{ID: s.ID, Receipt: s.Receipt, ExternalID: string(fromUser(s.ExternalID, 200)), Action: s.Action, Again: f.Again, Theme: themeOf(a, f.Theme), Candidates: []candidateOut{}, Redactions: []redactionOut{},
		Escalated: f.Cause != "", Safety: m.s.Safety(ctx, *f)}
	found, err := m.s.Themes.Likely(ctx, a, s.ID, s.Candidates.V)
	if err != nil { // it is stored: an error now would make the caller file it again
		slog.Error("candidates of a filed suggestion", "request_id", web.RequestID(ctx), "error", err)
	}
	o.Candidates = m.candidates(ctx, found)
	for _, r := range f.Findings {
		o.Redactions = append(o.Redactions, redactionOut{r.Rule, string(fromUser(r.Field, 100))})
	}
	return o
}

type voteIn struct {
	Keyed
	Theme  string          `json:"theme" jsonschema:"Its id, thm_…"`
	Person *api.PersonBody `json:"person" jsonschema:"Who stands behind it, by email or handle"`
}

func (m *MCP) voteTool() {
	type voteOut struct {
		Theme  string `json:"theme"`
		People int    `json:"people"`
	}
	write(m, "vote", "Stand behind a theme for a person", "Says that a person stands behind a theme, once however often you say it. File a suggestion instead when they say something new about it. Needs suggestions:write.", nil, nil,
		func(ctx context.Context, a auth.Actor, in *voteIn) (answer[voteOut], error) {
			if in.Person == nil {
				return answer[voteOut]{}, models.BadField("person", "person_required")
			}
			if _, err := m.s.Themes.Get(ctx, a, in.Theme); err != nil {
				return answer[voteOut]{}, err
			}
			if err := m.s.Intake.Spend(ctx, a); err != nil {
				return answer[voteOut]{}, err
			}
			person, err := m.s.Intake.Person(ctx, a, *in.Person.Input())
			if err != nil {
				return answer[voteOut]{}, err
			}
			th, err := m.s.Themes.Vote(ctx, a, in.Theme, person)
			if err != nil {
				return answer[voteOut]{}, err
			}
			return answer[voteOut]{fmt.Sprintf("%d people stand behind %s.", th.PeopleCount, th.ID), voteOut{th.ID, th.PeopleCount}}, nil
		})
}
