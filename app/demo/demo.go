// Package demo is the sample data of "make demo": invented suggestions of a
// wallet's users in English and Chinese, with the decisions a team took on
// them. It goes through the same services as real ones, on a clock that is set
// back.
package demo

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

//go:embed suggestions.jsonl themes.json members.json
var files embed.FS

// Clock is the system's clock, set back while the sample data is filled in.
type Clock struct{ at atomic.Pointer[time.Time] }

// Now is the time the clock was set to, or the system's.
func (c *Clock) Now() time.Time {
	if t := c.at.Load(); t != nil {
		return *t
	}
	return time.Now()
}

// House is what Fill works on.
type House struct {
	DB     *models.DB
	Auth   *auth.Auth
	Themes *themes.Themes
	Intake *intake.Intake
	Clock  *Clock
}

type suggestion struct {
	Text, Title, Kind, Lang, Source, Version string
	DaysAgo                                  float64 `json:"days_ago"`
	Person                                   struct {
		Email, Name, Locale string
		Handle              *struct{ Channel, ID string }
		TimeZone            string `json:"time_zone"`
	}
	Theme   string
	Triaged *bool
	// Talk is what was said afterwards, an hour apart.
	Talk []talk
}

// talk is one of: a reply, the person's word, the team it is handed over to.
type talk struct{ Staff, Person, Team string }

type theme struct {
	Key, Title  string
	PublicTitle models.Text `json:"public_title"`
	PublicText  models.Text `json:"public_text"`
	Public      bool
	History     []step
}

type step struct {
	Status        models.Status
	DaysAgo       float64 `json:"days_ago"`
	Reason        models.Text
	PromiseInDays int `json:"promise_in_days"`
	Version       string
}

type member struct {
	Role  models.Role
	Email string
	Name  models.Text
}

// happening is a moment of the story: a suggestion filed or a step taken.
type happening struct {
	daysAgo float64
	do      func(context.Context) error
}

// teller tells the story in order of time.
type teller struct {
	House
	pm      auth.Actor
	now     time.Time
	ids     map[string]string            // theme key → id
	waiting map[string][]string          // theme key → suggestions that came before it was made
	filed   map[string]models.Suggestion // by their text
}

// Fill puts the sample data into an empty store and says how far it is; a
// store that holds suggestions is left as it is.
func Fill(ctx context.Context, h House, progress func(done, total int)) error {
	var n int64
	if err := h.DB.Read(ctx).Model(&models.Suggestion{}).Count(&n).Error; err != nil || n > 0 {
		return err
	}
	run, stop := context.WithCancel(ctx)
	defer stop()
	go h.Themes.Run(run) // suggestions find what came before them
	t := &teller{House: h, now: h.DB.Now(), ids: map[string]string{}, waiting: map[string][]string{}, filed: map[string]models.Suggestion{}}
	defer h.Clock.at.Store(nil)
	if err := t.staff(ctx); err != nil {
		return fmt.Errorf("demo staff: %w", err)
	}
	story, err := t.story()
	if err != nil {
		return fmt.Errorf("demo data: %w", err)
	}
	for i, s := range story {
		at := models.Milli(t.now.Add(-time.Duration(s.daysAgo * 24 * float64(time.Hour))))
		h.Clock.at.Store(&at)
		if err := s.do(ctx); err != nil {
			return fmt.Errorf("demo data, entry %d: %w", i+1, err)
		}
		progress(i+1, len(story))
	}
	return nil
}

func (t *teller) staff(ctx context.Context) error {
	var members []member
	if err := read("members.json", &members); err != nil {
		return err
	}
	for _, m := range members {
		name, _ := m.Name.In("en")
		row, err := t.Auth.AddMember(ctx, m.Email, m.Role, name)
		if err != nil {
			return err
		}
		if m.Role == models.RolePM {
			t.pm = auth.Actor{Kind: models.ActorMember, ID: row.ID, Name: row.Name, Email: row.Email, Role: row.Role}
		}
	}
	return nil
}

func read(name string, v any) error {
	b, err := files.ReadFile(name)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, v)
}

// story lays everything that happened on one line of time.
func (t *teller) story() ([]happening, error) {
	var out []happening
	b, err := files.ReadFile("suggestions.jsonl")
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	for dec.More() {
		var s suggestion
		if err := dec.Decode(&s); err != nil {
			return nil, err
		}
		out = append(out, happening{s.DaysAgo, func(ctx context.Context) error { return t.file(ctx, s) }})
		for i, said := range s.Talk {
			out = append(out, happening{s.DaysAgo - float64(i+1)/24, func(ctx context.Context) error { return t.say(ctx, s.Text, said) }})
		}
	}
	var ths []theme
	if err := read("themes.json", &ths); err != nil {
		return nil, err
	}
	for _, th := range ths {
		for i, st := range th.History {
			do := func(ctx context.Context) error { return t.step(ctx, th, st) }
			if i == 0 {
				do = func(ctx context.Context) error { return t.open(ctx, th) }
			}
			out = append(out, happening{st.DaysAgo, do})
		}
	}
	slices.SortStableFunc(out, func(a, b happening) int { return cmp.Compare(b.daysAgo, a.daysAgo) })
	return out, nil
}

func (t *teller) file(ctx context.Context, s suggestion) error {
	p := &intake.PersonInput{Email: s.Person.Email, Name: s.Person.Name, Locale: s.Person.Locale, TimeZone: s.Person.TimeZone}
	if h := s.Person.Handle; h != nil {
		p.Handle = &intake.Handle{Channel: h.Channel, ID: h.ID}
	}
	f, err := t.Intake.File(ctx, t.pm, intake.Submission{Text: s.Text, Title: s.Title, Kind: s.Kind, Lang: s.Lang, Source: s.Source, Version: s.Version, Person: p})
	if err != nil {
		return err
	}
	t.filed[s.Text] = f.Suggestion
	if s.Theme == "" || s.Triaged != nil && !*s.Triaged {
		return nil
	}
	if id := t.ids[s.Theme]; id != "" {
		return t.assign(ctx, id, f.Suggestion.ID)
	}
	t.waiting[s.Theme] = append(t.waiting[s.Theme], f.Suggestion.ID)
	return nil
}

func (t *teller) assign(ctx context.Context, theme string, suggestions ...string) error {
	_, _, err := t.Themes.Assign(ctx, t.pm, suggestions, themes.Assignment{Theme: theme})
	return err
}

// open makes a theme and takes in what was waiting for it.
func (t *teller) open(ctx context.Context, th theme) error {
	row, err := t.Themes.Create(ctx, t.pm, themes.Draft{Title: &th.Title})
	if err != nil {
		return err
	}
	t.ids[th.Key] = row.ID
	if _, _, err := t.Themes.Confirm(ctx, t.pm, row.ID, th.PublicTitle, &th.Public); err != nil {
		return err
	}
	if _, _, err := t.Themes.Edit(ctx, t.pm, row.ID, 0, themes.Draft{PublicText: &th.PublicText}); err != nil {
		return err
	}
	if ids := t.waiting[th.Key]; len(ids) > 0 {
		return t.assign(ctx, row.ID, ids...)
	}
	return nil
}

func (t *teller) step(ctx context.Context, th theme, st step) error {
	c := themes.StatusChange{Status: st.Status, Reason: st.Reason, Version: st.Version, Notify: true}
	if st.PromiseInDays > 0 {
		c.PromiseDate = &themes.Date{Time: t.now.AddDate(0, 0, st.PromiseInDays)}
	}
	_, _, err := t.Themes.SetStatus(ctx, t.pm, t.ids[th.Key], c)
	return err
}

// say goes on with what was filed.
func (t *teller) say(ctx context.Context, text string, said talk) (err error) {
	s := t.filed[text]
	switch {
	case said.Staff != "":
		_, err = t.Intake.Reply(ctx, t.pm, s.ID, said.Staff)
	case said.Person != "":
		_, err = t.Intake.Answer(ctx, auth.Actor{Kind: models.ActorPerson, ID: s.PersonID, PersonID: s.PersonID}, s.ID, models.MessageReply, said.Person)
	default:
		_, err = t.Intake.SetState(ctx, t.pm, s.ID, string(models.StateHandedOver), said.Team)
	}
	return err
}
