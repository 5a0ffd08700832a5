package api

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/themes"
)

// text is a text for people: a string or {en, zh}.
type text models.Text

// Schema describes both forms.
func (text) Schema(huma.Registry) *huma.Schema {
	part := func() *huma.Schema { return &huma.Schema{Type: huma.TypeString} }
	return &huma.Schema{OneOf: []*huma.Schema{
		part(), {Type: huma.TypeObject, Properties: map[string]*huma.Schema{"en": part(), "zh": part()}, AdditionalProperties: false},
	}, Description: "A text for people: a string, or one per language"}
}

func (t text) MarshalJSON() ([]byte, error)  { return models.Text(t).MarshalJSON() }
func (t *text) UnmarshalJSON(b []byte) error { return (*models.Text)(t).UnmarshalJSON(b) }
func (t *text) model() *models.Text          { return (*models.Text)(t) }

// date is a day or an RFC 3339 time.
type date themes.Date

// Schema describes it.
func (date) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Description: "A day such as 2026-12-24, or an RFC 3339 time; empty takes it away"}
}

func (d *date) UnmarshalJSON(b []byte) error { return (*themes.Date)(d).UnmarshalJSON(b) }

// themeBrief names a theme in another answer.
type themeBrief struct {
	ID     string        `json:"id"`
	Title  string        `json:"title"`
	Status models.Status `json:"status"`
}

// briefIfSeen names a theme, without a title for who may not see it; nil for nil.
func briefIfSeen(a auth.Actor, th *models.Theme) *themeBrief {
	if th == nil {
		return nil
	}
	b := &themeBrief{ID: th.ID, Title: th.NameFor(a.Locale), Status: th.Status}
	if !th.Public && auth.Can(a, auth.ReadAll) != nil { // its title may be another person's words
		b.Title = ""
	}
	return b
}

// candidate is a theme that a text may belong to.
type candidate struct {
	Theme        string        `json:"theme"`
	Title        string        `json:"title"`
	Status       models.Status `json:"status"`
	PublicReason text          `json:"public_reason"`
	NextDate     *time.Time    `json:"next_date"`
	Score        float64       `json:"score" doc:"Calibrated probability, 0 to 1"`
	Reasons      []reasonView  `json:"reasons"`
}

// reasonView is why, in the reader's language.
type reasonView struct {
	Kind string `json:"kind"`
	Text string `json:"text"`
	URL  string `json:"url,omitempty" doc:"Of kind github: where it was said"`
}

func (a *API) candidates(ctx context.Context, found []themes.Found) []candidate {
	out := make([]candidate, 0, len(found))
	p := a.Catalog.For(web.Locale(ctx))
	for _, f := range found {
		c := candidate{Theme: f.Theme, Title: f.Title, Status: f.Status, PublicReason: text(f.PublicReason), NextDate: f.NextDate, Score: f.Score, Reasons: []reasonView{}}
		for _, r := range f.Reasons {
			c.Reasons = append(c.Reasons, reasonView{Kind: r.Kind, Text: ReasonText(p, r)})
		}
		out = append(out, c)
	}
	return out
}

// ReasonText says why a candidate was proposed, in words: "shares: export,
// slow".
func ReasonText(p *i18n.Printer, r models.Reason) string {
	sep := ", "
	if p.Locale() == i18n.ZH {
		sep = "、"
	}
	words := slices.Clone(r.Words)
	for i, w := range words {
		switch r.Kind {
		case models.ReasonDiffers:
			words[i] = p.T("reason.mismatch." + w)
		case models.ReasonMeaning:
			words[i] = w + " = " + r.Said(i)
		}
	}
	if r.Kind == models.ReasonSense {
		return p.T("reason.sense")
	}
	return p.T("reason."+r.Kind, strings.Join(words, sep))
}

// suggestionView is a suggestion as staff read it.
type suggestionView struct {
	ID         string                 `json:"id"`
	Receipt    string                 `json:"receipt"`
	Title      string                 `json:"title"`
	Text       string                 `json:"text"`
	Quote      string                 `json:"quote"`
	Summary    string                 `json:"summary"`
	Kind       models.SuggestionKind  `json:"kind"`
	Lang       string                 `json:"lang"`
	Product    string                 `json:"product"`
	Source     string                 `json:"source"`
	SourceURL  string                 `json:"source_url"`
	ExternalID string                 `json:"external_id"`
	Version    string                 `json:"version"`
	Context    map[string]any         `json:"context"`
	Person     *personView            `json:"person"`
	Filer      string                 `json:"filer"`
	FilerFor   string                 `json:"filer_for" doc:"The member behind the agent that filed it"`
	State      models.SuggestionState `json:"state"`
	Action     string                 `json:"action"`
	Themes     []themeBrief           `json:"themes"`
	Asks       []askView              `json:"asks"`
	EchoOf     string                 `json:"echo_of" doc:"The suggestion with the same words and in the same place that stands for this one; empty for one that stands for itself"`
	Echoes     int                    `json:"echoes" doc:"How many others this one stands for; what is decided on it holds for them"`
	Redactions []redaction            `json:"redactions"`
	Urgency    models.Urgency         `json:"urgency"`
	Team       string                 `json:"team" doc:"Who answers; empty for everybody"`
	Routed     []models.Routed        `json:"routed" doc:"Which rule decided which field; a field that was given or changed by a person has none"`
	ReplyDueAt *time.Time             `json:"reply_due_at" doc:"By when the first reply is due; null without a clock"`
	RepliedAt  *time.Time             `json:"first_replied_at"`
	Rev        int64                  `json:"rev"`
	CreatedAt  time.Time              `json:"created_at"`
	UpdatedAt  time.Time              `json:"updated_at"`
}

type personView struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Address string `json:"address"`
	Locale  string `json:"locale"`
}

type redaction struct {
	Rule  string `json:"rule"`
	Field string `json:"field"`
	Last3 string `json:"last3" doc:"The end of what was masked, at most three characters"`
}

func redactions(fs []models.Finding, kind string) []redaction {
	out := make([]redaction, 0, len(fs))
	for _, f := range fs {
		if f.Kind == kind {
			out = append(out, redaction{Rule: f.Rule, Field: f.Field, Last3: f.Last3})
		}
	}
	return out
}

func suggestionOf(f intake.Filed, actor auth.Actor) suggestionView {
	s := f.Suggestion
	v := suggestionView{ID: s.ID, Receipt: s.Receipt, Title: s.Title, Text: s.Text, Quote: s.Quote, Summary: s.Summary, Kind: s.Kind, Lang: s.Lang,
		Product: s.Product, Source: s.Source, SourceURL: s.SourceURL, ExternalID: s.ExternalID, Version: s.Version, Context: s.Context.V,
		Filer: s.FilerName, FilerFor: s.FilerFor, State: s.State, Action: s.Action, Themes: []themeBrief{}, Asks: []askView{}, EchoOf: s.EchoOf, Echoes: s.Echoes, Redactions: redactions(f.Findings, models.FindingMasked), Rev: s.Rev,
		Urgency: s.Urgency, Team: s.Team, Routed: append([]models.Routed{}, s.Routed.V...), ReplyDueAt: utc(s.ReplyDueAt), RepliedAt: utc(s.FirstRepliedAt),
		CreatedAt: s.CreatedAt.UTC(), UpdatedAt: s.UpdatedAt.UTC()}
	for i := range f.Themes {
		v.Themes = append(v.Themes, *briefIfSeen(actor, &f.Themes[i]))
	}
	return v
}

// themeView is a theme as staff read it; publicTheme is what others get.
type themeView struct {
	ID               string        `json:"id"`
	Title            string        `json:"title"`
	PublicTitle      text          `json:"public_title"`
	PublicText       text          `json:"public_text"`
	Public           bool          `json:"public"`
	Status           models.Status `json:"status"`
	Reason           text          `json:"reason"`
	PromiseDate      *time.Time    `json:"promise_date"`
	Version          string        `json:"version"`
	Product          string        `json:"product"`
	Target           string        `json:"target" doc:"What it is planned for, such as a release"`
	ReadyAt          *time.Time    `json:"ready_at" doc:"GitHub has completed it; a person or a release ships it"`
	WantsReasonAt    *time.Time    `json:"wants_reason_at" doc:"GitHub will not do it; staff must say why"`
	SuggestionsCount int           `json:"suggestions"`
	PeopleCount      int           `json:"people"`
	Rev              int64         `json:"rev"`
	StatusAt         time.Time     `json:"status_at"`
	CreatedAt        time.Time     `json:"created_at"`
	UpdatedAt        time.Time     `json:"updated_at"`
}

func themeOf(a auth.Actor, th *models.Theme) themeView {
	v := themeView{ID: th.ID, Title: th.Title, PublicTitle: text(th.PublicTitle), PublicText: text(th.PublicText), Public: th.Public, Status: th.Status,
		Reason: text(th.Reason), PromiseDate: th.PromiseDate, Version: th.Version, Product: th.Product, Target: th.Target, ReadyAt: th.ReadyAt, WantsReasonAt: th.WantsReasonAt,
		SuggestionsCount: th.SuggestionsCount, PeopleCount: th.PeopleCount, Rev: th.Rev, StatusAt: th.StatusAt, CreatedAt: th.CreatedAt, UpdatedAt: th.UpdatedAt}
	if auth.Can(a, auth.ReadAll) != nil {
		v.Title, _ = th.PublicTitle.In(a.Locale)
		v.ReadyAt, v.WantsReasonAt = nil, nil
	}
	return v
}
