package webhooks

import (
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/redact"
)

// Payload is what an endpoint is told, as the Standard Webhooks scheme lays it out.
type Payload struct {
	Type      Type      `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      Data      `json:"data"`
}

// Data is what happened. Parts that do not belong to the type are missing.
type Data struct {
	Activity   string      `json:"activity,omitempty"`
	Theme      *Theme      `json:"theme,omitempty"`
	Suggestion *Suggestion `json:"suggestion,omitempty"`
	// From and To are states or statuses; Into is the theme that stays of two.
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
	Into string `json:"into,omitempty"`
	// Reason is what people are told of a status, NextDate when they hear again.
	Reason   *models.Text `json:"public_reason,omitempty"`
	NextDate *time.Time   `json:"next_date,omitempty"`
	Version  string       `json:"version,omitempty"`
	// Told says whether people are told of a status.
	Told *bool `json:"people_are_told,omitempty"`
	// Open counts emergencies that nobody has acknowledged, Suggestions are theirs, or
	// those whose state changed.
	Open        int        `json:"open,omitempty"`
	Suggestions []string   `json:"suggestions,omitempty"`
	DueAt       *time.Time `json:"due_at,omitempty"`
	// Source, ExternalID and SourceURL name the ticket that a suggestion came from.
	Source     string `json:"source,omitempty"`
	ExternalID string `json:"external_id,omitempty"`
	SourceURL  string `json:"source_url,omitempty"`
	Status     string `json:"status,omitempty"`
	// These belong to follow_up.message alone: what to say to whom on which channel.
	FollowUp string `json:"follow_up,omitempty"`
	Channel  string `json:"channel,omitempty"`
	Handle   string `json:"handle,omitempty"`
	Locale   string `json:"locale,omitempty"`
	Subject  string `json:"subject,omitempty"`
	Text     string `json:"text,omitempty"`
	// URL is the page of the console about it; of what a person is told, their own.
	URL string `json:"url,omitempty"`
}

// Theme is a theme as it leaves: by its public title, never by the team's own.
type Theme struct {
	ID        string       `json:"id"`
	Title     *models.Text `json:"public_title,omitempty"`
	Status    string       `json:"status"`
	Public    bool         `json:"public"`
	PublicURL string       `json:"public_url,omitempty"`
	Product   string       `json:"product,omitempty"`
}

// Suggestion is a suggestion as it leaves. Of a confidential one there is the id
// alone.
type Suggestion struct {
	ID      string `json:"id"`
	Kind    string `json:"kind,omitempty"`
	State   string `json:"state,omitempty"`
	Lang    string `json:"lang,omitempty"`
	Source  string `json:"source,omitempty"`
	Product string `json:"product,omitempty"`
	Urgency string `json:"urgency,omitempty"`
	Team    string `json:"team,omitempty"`
}

func (p Payload) encode() (string, error) {
	b, err := json.Marshal(p)
	return string(b), err
}

func readPayload(content string) (Payload, error) {
	var p Payload
	err := json.Unmarshal([]byte(content), &p)
	return p, err
}

// outgoing takes chips out of a text; nil when there is none.
func outgoing(t models.Text) *models.Text {
	if t.IsEmpty() {
		return nil
	}
	return new(t.Map(func(s string) string { return redact.WithoutChips(s) }))
}

// described is an activity made ready to be told: products are those it is about.
type described struct {
	data     Data
	products []string
}

// describe says what an activity is about, without what must not leave.
func (h *Hooks) describe(tx *gorm.DB, act *models.Activity, c models.Change) (d described, err error) {
	d.data = Data{Activity: act.ID}
	var th models.Theme
	if act.ThemeID != "" {
		if err := tx.Limit(1).Find(&th, "id = ?", act.ThemeID).Error; err != nil {
			return d, err
		}
	}
	if c.After != nil && th.ID != "" {
		th.PublicTitle, th.Public, th.Status, th.Product = c.After.PublicTitle, c.After.Public, c.After.Status, c.After.Product
	}
	var s models.Suggestion
	if act.SuggestionID != "" {
		err := tx.Select("id", "kind", "state", "lang", "source", "product", "urgency", "team", "confidential").Limit(1).Find(&s, "id = ?", act.SuggestionID).Error
		if err != nil {
			return d, err
		}
	}
	d.add(h, th, s)
	switch act.Verb {
	case models.ThemeStatus, models.ThemeConfirmed:
		d.status(c)
	case models.ThemeMerged:
		d.data.Into = c.Into
	case models.ThemePromiseMissed:
		if c.After != nil {
			d.data.DueAt = c.After.PromiseDate
		}
	case models.SuggestionStepped, models.SuggestionClosed, models.ActivityUndone:
		if !s.Confidential {
			err = d.steps(tx, act, c)
		}
	case models.EmergencyAlerted:
		var al models.Alarm
		al, err = act.Alarm()
		d.data.Open, d.data.Suggestions, d.data.URL = al.Open, al.Suggestions, h.o.PublicURL+"/emergencies"
	case models.ClockWarned, models.ClockBreached:
		var step models.ClockStep
		if err = json.Unmarshal([]byte(act.Snapshot), &step); err == nil {
			d.data.DueAt = &step.DueAt
		}
	}
	if err != nil {
		return d, fmt.Errorf("activity %s: %w", act.ID, err)
	}
	return d, nil
}

// add puts the theme and the suggestion in that an activity is about.
func (d *described) add(h *Hooks, th models.Theme, s models.Suggestion) {
	if th.ID != "" {
		d.data.Theme = h.theme(&th)
		d.data.URL = h.o.PublicURL + "/themes/" + th.ID
		d.products = append(d.products, th.Product)
	}
	if s.ID == "" {
		return
	}
	d.products = append(d.products, s.Product)
	d.data.URL = h.o.PublicURL + "/suggestions/" + s.ID
	if s.Confidential {
		d.data.Suggestion = &Suggestion{ID: s.ID}
		return
	}
	d.data.Suggestion = &Suggestion{ID: s.ID, Kind: string(s.Kind), State: string(s.State), Lang: s.Lang, Source: s.Source, Product: s.Product, Urgency: string(s.Urgency), Team: s.Team}
}

func (h *Hooks) theme(th *models.Theme) *Theme {
	v := &Theme{ID: th.ID, Title: outgoing(th.PublicTitle), Status: string(th.Status), Public: th.Public, Product: th.Product}
	if th.Public && th.IsLive() {
		v.PublicURL = h.o.PublicURL + "/t/" + th.ID
	}
	return v
}

func (d *described) status(c models.Change) {
	if c.Before != nil {
		d.data.From = string(c.Before.Status)
	}
	if c.After != nil {
		d.data.To, d.data.Reason, d.data.NextDate, d.data.Version = string(c.After.Status), outgoing(c.After.Reason), c.After.PromiseDate, c.After.Version
		d.data.Told = &c.Notify
	}
}

// maxNamed bounds how many suggestions one payload names.
const maxNamed = 1000

func (d *described) steps(tx *gorm.DB, act *models.Activity, c models.Change) error {
	if c.State != nil {
		d.data.From, d.data.To = string(c.State.From), string(c.State.To)
		return nil
	}
	if d.data.Suggestion != nil {
		d.data.To = d.data.Suggestion.State
	}
	of := act.ID
	if c.Undoes != "" {
		of = c.Undoes
	}
	return tx.Model(&models.Move{}).Where("activity_id = ? AND what = ?", of, models.MoveState).Order("row_id").Limit(maxNamed).Pluck("row_id", &d.data.Suggestions).Error
}
