package api

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
)

// suggestionBody is what POST /suggestions takes.
type suggestionBody struct {
	Text       string         `json:"text,omitempty" doc:"The person's own words, up to 20,000 characters; an agent's quote serves where it is missing"`
	Title      string         `json:"title,omitempty" doc:"Up to 200 characters"`
	Quote      string         `json:"quote,omitempty" doc:"The person's words, from an agent"`
	Summary    string         `json:"summary,omitempty" doc:"The agent's own words"`
	Kind       string         `json:"kind,omitempty" doc:"suggestion, problem or question; told from the text when missing"`
	Lang       string         `json:"lang,omitempty"`
	Product    string         `json:"product,omitempty"`
	Source     string         `json:"source,omitempty" doc:"Default: api; portal for callers without suggestions:write"`
	SourceURL  string         `json:"source_url,omitempty"`
	ExternalID string         `json:"external_id,omitempty" doc:"With source: the same suggestion is not filed twice. Only kept with suggestions:write; 409 when another caller has it"`
	Version    string         `json:"version,omitempty"`
	Person     *PersonBody    `json:"person,omitempty"`
	Context    map[string]any `json:"context,omitempty"`
	Urgency    string         `json:"urgency,omitempty" doc:"low, normal, high or critical; told by the rules when missing. Only taken with suggestions:write"`
	Team       string         `json:"team,omitempty" doc:"A team's key; told by the rules when missing. Only taken with suggestions:write"`
	Examples   []string       `json:"examples,omitempty" doc:"What was masked at an earlier try and is an example: rule:last3 of its redaction, such as api_key:4f2. It is then kept; never a recovery phrase with a right checksum or a private key"`
}

// PersonBody is who said something, as programs and agents name them: by email, or
// by the handle on a channel. Its tags describe it to OpenAPI (doc) and to MCP
// (jsonschema).
type PersonBody struct {
	Email    string      `json:"email,omitempty"`
	Handle   *HandleBody `json:"handle,omitempty"`
	Name     string      `json:"name,omitempty"`
	Locale   string      `json:"locale,omitempty" doc:"en or zh; wins over lang" jsonschema:"en or zh: the language they are written to in"`
	TimeZone string      `json:"time_zone,omitempty" doc:"IANA name such as Asia/Shanghai" jsonschema:"IANA name such as Asia/Shanghai"`
	Segment  string      `json:"segment,omitempty"`
}

// HandleBody is somebody's name on a channel.
type HandleBody struct {
	Channel string `json:"channel" jsonschema:"Such as telegram or zendesk"`
	ID      string `json:"id"`
}

// Input is the person as the service takes them; nil of nil.
func (p *PersonBody) Input() *intake.PersonInput {
	if p == nil {
		return nil
	}
	in := &intake.PersonInput{Email: p.Email, Name: p.Name, Locale: p.Locale, TimeZone: p.TimeZone, Segment: p.Segment}
	if p.Handle != nil {
		in.Handle = &intake.Handle{Channel: p.Handle.Channel, ID: p.Handle.ID}
	}
	return in
}

func (b suggestionBody) submission() intake.Submission {
	return intake.Submission{Text: b.Text, Title: b.Title, Quote: b.Quote, Summary: b.Summary, Kind: b.Kind, Lang: b.Lang, Product: b.Product,
		Source: b.Source, SourceURL: b.SourceURL, ExternalID: b.ExternalID, Version: b.Version, Person: b.Person.Input(), Context: b.Context,
		Urgency: b.Urgency, Team: b.Team, Examples: b.Examples}
}

// filedView is the answer to a new suggestion.
type filedView struct {
	ID         string       `json:"id"`
	Receipt    string       `json:"receipt"`
	Action     string       `json:"action" enum:"attached,suggested,new,assigned"`
	Theme      *themeBrief  `json:"theme"`
	Themes     []placedView `json:"themes"`
	Candidates []candidate  `json:"candidates"`
	Asks       []askView    `json:"asks" doc:"Where it asks for several things: each by its own words. POST /suggestions/{id}/assign with asks puts it into their themes"`
	Redactions []redaction  `json:"redactions"`
	Warnings   []redaction  `json:"warnings" doc:"What was kept but looks like a recovery phrase with a slip: ask the person to treat it as known to others"`
	Answers    []answerView `json:"answers"`
	Escalated  bool         `json:"escalated" doc:"An emergency: a secret was sent, assets were stolen or a weakness was reported. The team was alerted; it is confidential, has no candidates and joins no theme"`
	Safety     *web.Safety  `json:"safety" doc:"What the person should do now, in their language; null when it is no emergency. Tell them at once"`
}

// placedView is one of the themes a suggestion was placed in.
type placedView struct {
	ID     string `json:"id"`
	Span   [2]int `json:"span" doc:"The part of the text in bytes; 0,0 is the whole"`
	Action string `json:"action"`
}

// answerView is a knowledge-base answer.
type answerView struct {
	Title string `json:"title"`
	URL   string `json:"url"`
}

func (a *API) suggestions() {
	type fileSuggestion struct {
		Keyed
		Body     suggestionBody
		prepared *intake.Prepared
	}
	post(a, "/suggestions", "File a suggestion", http.StatusCreated, func(in *fileSuggestion) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *fileSuggestion) (filedView, int, error) {
			f, err := a.Intake.Commit(ctx, web.Actor(ctx), in.prepared)
			if err != nil {
				return filedView{}, 0, err
			}
			status := http.StatusCreated
			if f.Again {
				status = http.StatusOK
			}
			return a.filed(ctx, f), status, nil
		},
		func(ctx context.Context, in *fileSuggestion) (err error) {
			in.prepared, err = a.Intake.Prepare(ctx, web.Actor(ctx), in.Body.submission())
			return err
		})
	type similar struct {
		Text  string `query:"text" doc:"What to compare"`
		Limit int    `query:"limit" doc:"1 to 5"`
	}
	type candidates struct {
		Candidates []candidate `json:"candidates"`
	}
	register(a, http.MethodGet, "/similar", "Find likely themes for a text; nothing is stored", func(ctx context.Context, in *similar) (candidates, error) {
		found, err := a.Themes.Similar(ctx, web.Actor(ctx), in.Text, in.Limit)
		return candidates{a.candidates(ctx, found)}, err
	})
	a.suggestionList()
	a.suggestionOne()
}

func (a *API) filed(ctx context.Context, f intake.Filed) filedView {
	actor := web.Actor(ctx)
	s := f.Suggestion
	found, err := a.Themes.Likely(ctx, actor, s.ID, s.Candidates.V)
	if err != nil { // it is stored: an error now would make the caller file it again
		slog.Error("candidates of a filed suggestion", "request_id", web.RequestID(ctx), "error", err)
	}
	v := filedView{ID: s.ID, Receipt: s.Receipt, Action: s.Action, Theme: briefIfSeen(actor, f.Theme), Themes: []placedView{},
		Candidates: a.candidates(ctx, found), Asks: []askView{}, Redactions: redactions(f.Findings, models.FindingMasked), Warnings: redactions(f.Findings, models.FindingWarning), Answers: []answerView{},
		Escalated: f.Cause != "", Safety: a.Safety(ctx, f)}
	for _, th := range f.Themes {
		v.Themes = append(v.Themes, placedView{ID: th.ID, Action: s.Action})
	}
	if err := a.heard(ctx, &s, &v); err != nil { // the same
		slog.Error("asks of a filed suggestion", "request_id", web.RequestID(ctx), "error", err)
	}
	return v
}

func (a *API) suggestionList() {
	type listSuggestions struct {
		Theme  string `query:"theme"`
		State  string `query:"state" doc:"inbox (not yet in a confirmed theme; without echoes), new, answered, handed_over or closed"`
		Query  string `query:"q" doc:"Finds these characters in titles and texts, literally: no words, no wildcards"`
		Source string `query:"source"`
		EchoOf string `query:"echo_of" doc:"Those that this suggestion stands for"`
		Team   string `query:"team" doc:"A team's key"`
		Urgent string `query:"urgency" doc:"low, normal, high or critical"`
		Cursor string `query:"cursor"`
		Limit  int    `query:"limit" doc:"Up to 500, 50 when missing"`
	}
	type suggestions struct {
		Suggestions []suggestionView `json:"suggestions"`
		Next        string           `json:"next_cursor"`
	}
	register(a, http.MethodGet, "/suggestions", "List suggestions, newest first", func(ctx context.Context, in *listSuggestions) (suggestions, error) {
		actor := web.Actor(ctx)
		rows, next, err := a.Intake.List(ctx, actor, intake.Filter{Theme: in.Theme, State: in.State, Query: in.Query, Source: in.Source, EchoOf: in.EchoOf, Team: in.Team, Urgency: in.Urgent, Cursor: in.Cursor, Limit: in.Limit})
		if err != nil {
			return suggestions{}, err
		}
		filed, err := a.Intake.Complete(ctx, actor, rows)
		if err != nil {
			return suggestions{}, err
		}
		out := suggestions{Suggestions: make([]suggestionView, 0, len(rows)), Next: next}
		for _, f := range filed {
			out.Suggestions = append(out.Suggestions, suggestionOf(f, actor))
		}
		return out, a.people(ctx, filed, out.Suggestions)
	})
}

func (a *API) suggestionOne() {
	type one struct {
		ID string `path:"id"`
	}
	register(a, http.MethodGet, "/suggestions/{id}", "Read a suggestion", func(ctx context.Context, in *one) (suggestionView, error) {
		f, err := a.Intake.Get(ctx, web.Actor(ctx), in.ID)
		if err != nil {
			return suggestionView{}, err
		}
		return a.suggestion(ctx, f)
	})
	type editSuggestion struct {
		ID      string `path:"id"`
		IfMatch string `header:"If-Match" doc:"The revision that was seen"`
		Body    struct {
			Kind    *string `json:"kind,omitempty"`
			State   *string `json:"state,omitempty"`
			Product *string `json:"product,omitempty"`
			Version *string `json:"version,omitempty"`
			Urgency *string `json:"urgency,omitempty"`
			Team    *string `json:"team,omitempty" doc:"A team's key, empty for everybody"`
			Rev     int64   `json:"rev,omitempty" doc:"The revision that was seen; or If-Match"`
		}
	}
	register(a, http.MethodPatch, "/suggestions/{id}", "Change a suggestion's classification", func(ctx context.Context, in *editSuggestion) (suggestionView, error) {
		rev, err := revision(in.IfMatch, in.Body.Rev)
		if err != nil {
			return suggestionView{}, err
		}
		b := in.Body
		f, err := a.Intake.Edit(ctx, web.Actor(ctx), in.ID, intake.Patch{Kind: b.Kind, State: b.State, Product: b.Product, Version: b.Version, Urgency: b.Urgency, Team: b.Team, Rev: rev})
		if err != nil {
			return suggestionView{}, err
		}
		return a.suggestion(ctx, f)
	})
}

func (a *API) suggestion(ctx context.Context, f intake.Filed) (suggestionView, error) {
	v := []suggestionView{suggestionOf(f, web.Actor(ctx))}
	err := a.people(ctx, []intake.Filed{f}, v)
	return v[0], err
}

// people fills in who said each suggestion, and what it asks for.
func (a *API) people(ctx context.Context, filed []intake.Filed, views []suggestionView) (err error) {
	ids := make([]string, 0, len(filed))
	for _, f := range filed {
		if f.Suggestion.PersonID != "" {
			ids = append(ids, f.Suggestion.PersonID)
		}
	}
	people, where, err := a.Intake.People(ctx, web.Actor(ctx), ids)
	if err != nil {
		return err
	}
	for i, f := range filed {
		if views[i].Asks, err = a.asks(ctx, &f.Suggestion); err != nil {
			return err
		}
		if p, ok := people[f.Suggestion.PersonID]; ok {
			views[i].Person = &personView{ID: p.ID, Name: p.Name, Address: where[p.ID], Locale: p.Locale}
		}
	}
	return nil
}
