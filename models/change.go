package models

import (
	"encoding/json"
	"time"
)

// ThemeFacts are the parts of a theme that a person decides, as they stood at
// one moment.
type ThemeFacts struct {
	Title          string     `json:"title"`
	PublicTitle    Text       `json:"public_title"`
	PublicText     Text       `json:"public_text"`
	Public         bool       `json:"public"`
	Status         Status     `json:"status"`
	PreviousStatus Status     `json:"previous_status,omitempty"`
	Reason         Text       `json:"reason"`
	PromiseDate    *time.Time `json:"promise_date,omitempty"`
	PromisesSent   int        `json:"promises_sent,omitempty"`
	DecideAt       *time.Time `json:"decide_at,omitempty"`
	WordAt         *time.Time `json:"word_at,omitempty"`
	Version        string     `json:"version,omitempty"`
	Product        string     `json:"product,omitempty"`
	Target         string     `json:"target,omitempty"`
	ReadyAt        *time.Time `json:"ready_at,omitempty"`
	WantsReasonAt  *time.Time `json:"wants_reason_at,omitempty"`
	StatusAt       *time.Time `json:"status_at,omitempty"` // since when it has the status; nil in old snapshots
	Rev            int64      `json:"rev"`
}

// Facts returns what a person decided about the theme, as it stands.
func (t *Theme) Facts() ThemeFacts {
	return ThemeFacts{
		Title: t.Title, PublicTitle: t.PublicTitle, PublicText: t.PublicText, Public: t.Public, Status: t.Status,
		PreviousStatus: t.PreviousStatus, Reason: t.Reason, PromiseDate: t.PromiseDate, Version: t.Version, Product: t.Product,
		ReadyAt: t.ReadyAt, WantsReasonAt: t.WantsReasonAt, StatusAt: new(t.StatusAt), Rev: t.Rev,
		PromisesSent: t.PromisesSent, DecideAt: t.DecideAt, WordAt: t.WordAt, Target: t.Target,
	}
}

// Same reports whether two facts differ in nothing but their revision and since
// when they are so.
func (f ThemeFacts) Same(g ThemeFacts) bool {
	sameTime := func(a, b *time.Time) bool {
		return a == nil && b == nil || a != nil && b != nil && a.Equal(*b)
	}
	ok := sameTime(f.PromiseDate, g.PromiseDate) && sameTime(f.DecideAt, g.DecideAt) && sameTime(f.ReadyAt, g.ReadyAt) && sameTime(f.WantsReasonAt, g.WantsReasonAt)
	for _, x := range []*ThemeFacts{&f, &g} {
		x.PromiseDate, x.DecideAt, x.WordAt, x.ReadyAt, x.WantsReasonAt, x.StatusAt, x.Rev = nil, nil, nil, nil, nil, nil, 0
	}
	return ok && f == g
}

// Says reports whether two facts tell a reader the same.
func (f ThemeFacts) Says(g ThemeFacts) bool {
	date := f.PromiseDate == nil && g.PromiseDate == nil || f.PromiseDate != nil && g.PromiseDate != nil && f.PromiseDate.Equal(*g.PromiseDate)
	return date && f.Status == g.Status && f.Reason == g.Reason && f.Version == g.Version
}

// Restore puts facts back; Rev goes on growing.
func (t *Theme) Restore(f ThemeFacts) {
	t.Title, t.PublicTitle, t.PublicText, t.Public = f.Title, f.PublicTitle, f.PublicText, f.Public
	t.Status, t.PreviousStatus, t.Reason, t.PromiseDate, t.Version = f.Status, f.PreviousStatus, f.Reason, f.PromiseDate, f.Version
	t.PromisesSent, t.DecideAt, t.WordAt = f.PromisesSent, f.DecideAt, f.WordAt
	t.ReadyAt, t.WantsReasonAt, t.Product, t.Target = f.ReadyAt, f.WantsReasonAt, f.Product, f.Target
	if f.StatusAt != nil {
		t.StatusAt = *f.StatusAt
	}
}

// Change is the snapshot of an activity: what readers by cursor, the timeline
// and undo need, without asking the rows that have moved on since.
type Change struct {
	Before      *ThemeFacts          `json:"before,omitempty"`
	After       *ThemeFacts          `json:"after,omitempty"`
	Notify      bool                 `json:"notify,omitempty"`      // people hear of a status
	Into        string               `json:"into,omitempty"`        // merge: the theme that stays; split: the new one
	Title       string               `json:"title,omitempty"`       // the other theme's title, for reading
	Suggestions int                  `json:"suggestions,omitempty"` // how many were moved
	Undoes      string               `json:"undoes,omitempty"`      // the activity that this one takes back
	UndoneVerb  Verb                 `json:"undone_verb,omitempty"`
	Again       bool                 `json:"again,omitempty"`   // it takes an undo back: UndoneVerb is carried out again
	Same        *bool                `json:"same,omitempty"`    // a decision
	Decided     *DecisionStep        `json:"decided,omitempty"` // the word that came with it
	Reasons     []Reason             `json:"reasons,omitempty"` // why it joined by itself
	Action      string               `json:"action,omitempty"`
	States      map[string]StateStep `json:"states,omitempty"` // closing, as it was recorded before moves did: what each suggestion's state was and became
	Issue       string               `json:"issue,omitempty"`  // the issue link's id
	URL         string               `json:"url,omitempty"`
	Event       string               `json:"event,omitempty"`      // what somebody was told of by hand
	State       *StateStep           `json:"state,omitempty"`      // one suggestion's state
	Team        *TeamStep            `json:"team,omitempty"`       // who answers it
	Clock       bool                 `json:"clock,omitempty"`      // it stopped the first-reply clock
	Message     string               `json:"message,omitempty"`    // the message's id
	Attachment  string               `json:"attachment,omitempty"` // the attachment's id
	With        []string             `json:"with,omitempty"`       // activities of the same step, which are undone with this one
	Text        *Text                `json:"text,omitempty"`       // of an update, or a release's notes
	Update      string               `json:"update,omitempty"`     // the update's id
	Promised    string               `json:"promised,omitempty"`   // the activity by which an update began the theme's promise anew
	Bulk        string               `json:"bulk,omitempty"`       // the activity that ends the decision which this is a part of
	Release     *ReleaseStep         `json:"release,omitempty"`
	Comment     *CommentStep         `json:"comment,omitempty"`
	Solved      *bool                `json:"solved,omitempty"`   // what the person said of it
	StayOut     []string             `json:"stay_out,omitempty"` // suggestions that an undo left where their people had taken them
}

// DecisionStep is a word on a suggestion and a theme before and after; nil is
// none. Activity is the one that records it, where that is another.
type DecisionStep struct {
	Activity string    `json:"activity,omitempty"`
	From     *Decision `json:"from,omitempty"`
	To       *Decision `json:"to,omitempty"`
}

// StateStep is a suggestion's state before and after.
type StateStep struct{ From, To SuggestionState }

// TeamStep is who answers a suggestion before and after; "" is everybody.
type TeamStep struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Encode returns the snapshot as it is stored.
func (c Change) Encode() string {
	b, err := json.Marshal(c)
	if err != nil {
		panic(err) // only plain fields: cannot fail
	}
	return string(b)
}

// Change reads the activity's snapshot; the zero Change when it has none.
func (a *Activity) Change() (Change, error) {
	var c Change
	if a.Snapshot == "" || a.Verb.IsSetting() {
		return c, nil
	}
	err := json.Unmarshal([]byte(a.Snapshot), &c)
	return c, err
}

// TakesBack reports whether an activity with this snapshot is an undo; one that
// takes an undo back carries out again what that took back, and is none.
func (c Change) TakesBack() bool { return c.Undoes != "" && !c.Again }
