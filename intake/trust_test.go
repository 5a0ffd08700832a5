package intake_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
)

func agent(id string, scopes ...auth.Scope) auth.Actor {
	return auth.Actor{Kind: models.ActorAgent, ID: id, TokenID: id, Name: id, Scopes: scopes}
}

var mei = auth.Actor{Kind: models.ActorPerson, ID: "per_mei", PersonID: "per_mei", Email: "mei@example.com"}

func TestOnlyIntegrationsGiveIDs(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		filer := agent("tok_a", auth.ScopeSuggestionsWrite)
		s := intake.Submission{Text: "Words that nobody else should read", Source: "zendesk", ExternalID: "8812"}
		first, err := d.File(ctx, filer, s)
		if err != nil || first.Suggestion.Source != "zendesk" || first.Suggestion.ExternalID != "8812" {
			t.Fatalf("an integration: %v, %+v", err, first.Suggestion)
		}
		s.Text = "let me see"
		for name, a := range map[string]auth.Actor{"a visitor": auth.Anonymous(), "a person": {Kind: models.ActorPerson, ID: "per_1"}, "a token that only reads": agent("tok_r", auth.ScopeThemesRead)} {
			f, err := d.File(ctx, a, s)
			if err != nil || f.Again || f.Suggestion.ID == first.Suggestion.ID || f.Suggestion.Source != "portal" || f.Suggestion.ExternalID != "" {
				t.Errorf("%s: %v, again %v, %s %q", name, err, f.Again, f.Suggestion.Source, f.Suggestion.ExternalID)
			}
		}
		for name, c := range map[string]struct {
			by    auth.Actor
			taken bool
		}{
			"who filed it":         {filer, false},
			"who may read all":     {agent("tok_b", auth.ScopeSuggestionsWrite, auth.ScopeThemesRead), false},
			"another that may not": {agent("tok_c", auth.ScopeSuggestionsWrite), true},
		} {
			f, err := d.File(ctx, c.by, s)
			if c.taken {
				if codeOf(err) != "external_id_taken" || models.KindOf(err) != models.Conflict || f.Suggestion.ID != "" {
					t.Errorf("%s: %v, %+v", name, err, f.Suggestion)
				}
			} else if err != nil || !f.Again || f.Suggestion.ID != first.Suggestion.ID {
				t.Errorf("%s: %v, again %v", name, err, f.Again)
			}
		}
	})
}

const leaked = "sk-ant-api03-Zx81kQpL0mRt7VbN2cYw5HsD9eJf4GuA6iKo3TzXqWvBnMrPyLdSgEhCjFaUt7"

func TestNoFieldKeepsASecret(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		f := d.file(t, intake.Submission{Text: "all over", Product: leaked, Source: leaked, Version: leaked,
			Person:  &intake.PersonInput{Email: "a@example.com", Name: leaked, Segment: leaked},
			Context: map[string]any{leaked: map[string]any{"line": leaked}}})
		fields := map[string]bool{}
		for _, x := range f.Findings {
			fields[x.Field] = true
		}
		for _, want := range []string{"product", "source", "version", "person/name", "person/segment", "context"} {
			if !fields[want] {
				t.Errorf("nothing found in %s: %v", want, fields)
			}
		}
		product, version := leaked, "5 "+leaked
		if _, err := d.Edit(ctx, token, f.Suggestion.ID, intake.Patch{Product: &product, Version: &version}); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Person(ctx, token, intake.PersonInput{Email: "b@example.com", Name: leaked, Segment: leaked}); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			field string
			s     intake.Submission
		}{
			{"external_id", intake.Submission{Text: "x", ExternalID: leaked}},
			{"person/handle/id", intake.Submission{Text: "x", Person: &intake.PersonInput{Handle: &intake.Handle{Channel: "telegram", ID: leaked}}}},
		} {
			_, err := d.File(ctx, token, c.s)
			if e, ok := errors.AsType[*models.Error](err); !ok || e.Code != "secret_in_id" || e.Field != c.field {
				t.Errorf("%s: %v", c.field, err)
			}
		}
		if _, err := d.Person(ctx, token, intake.PersonInput{Handle: &intake.Handle{Channel: "telegram", ID: leaked}}); codeOf(err) != "secret_in_id" {
			t.Errorf("a handle that votes: %v", err)
		}
		for _, table := range []string{"suggestions", "people", "findings", "activities", "themes", "addresses"} {
			var rows []map[string]any
			if err := d.db.Read(ctx).Table(table).Find(&rows).Error; err != nil {
				t.Fatal(err)
			}
			if strings.Contains(fmt.Sprint(rows), leaked[10:40]) {
				t.Errorf("the key stands in %s: %v", table, rows)
			}
		}
		d.file(t, intake.Submission{Text: "ordinary ids", ExternalID: "5f0c2d9e-8a41-4a52-9d0e-0a1b2c3d4e5f", Person: &intake.PersonInput{Handle: &intake.Handle{Channel: "wechat", ID: "oK3xQ5h2mP9vT7"}}})
	})
}

func TestWhoAsksAboutPeople(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		f := d.file(t, intake.Submission{Text: "hers", Person: &intake.PersonInput{Email: "mei@example.com"}})
		ids, rows := []string{f.Suggestion.PersonID}, []models.Suggestion{f.Suggestion}
		writer := agent("tok_w", auth.ScopeSuggestionsWrite)
		for name, c := range map[string]struct {
			a           auth.Actor
			reads, acts bool
		}{
			"a visitor": {auth.Anonymous(), false, false}, "a person": {mei, false, false},
			"an agent that files": {writer, false, true}, "an agent that reads": {agent("tok_r", auth.ScopeThemesRead), true, false}, "an admin's token": {token, true, true},
		} {
			people, _, err := d.People(ctx, c.a, ids)
			named := c.reads && c.a.Kind != models.ActorAgent // who our people are is not for a model to browse
			if (err == nil) != c.reads || (len(people) == 1) != named {
				t.Errorf("%s, people: %v", name, err)
			}
			if filed, err := d.Complete(ctx, c.a, rows); (err == nil) != c.reads || (len(filed) == 1) != c.reads {
				t.Errorf("%s, complete: %v", name, err)
			}
			if _, err := d.Person(ctx, c.a, intake.PersonInput{Email: "other@example.com"}); (err == nil) != c.acts {
				t.Errorf("%s, for another: %v", name, err)
			}
		}
		if id, err := d.Person(ctx, mei, intake.PersonInput{Email: "Mei@Example.com"}); err != nil || id != f.Suggestion.PersonID {
			t.Errorf("herself: %s, %v", id, err)
		}
		if _, err := d.Person(ctx, mei, intake.PersonInput{Email: "mei@example.com", Handle: &intake.Handle{Channel: "telegram", ID: "other"}}); models.KindOf(err) != models.Forbidden {
			t.Errorf("herself and a handle of anybody's: %v", err)
		}
	})
}

// What Before sees may have changed since the first answer, through the request
// itself: the answer is the first one all the same.
func TestAKeyAnswersBeforeTheWorkBegins(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		var done, prepared int
		over := errors.New("over")
		once := func(key, body string, before func(context.Context) error) (intake.Answer, bool, error) {
			return d.Once(ctx, token, key, []byte(body), intake.Work{Before: before, Do: func(context.Context) (intake.Answer, error) {
				done++
				return intake.Answer{Status: 200, Body: body}, nil
			}})
		}
		fine := func(ctx context.Context) error {
			prepared++
			return nil
		}
		fails := func(context.Context) error { return over }
		if _, _, err := once("k", "a", fails); !errors.Is(err, over) || done != 0 {
			t.Errorf("not prepared, yet done %d times: %v", done, err)
		}
		if _, replayed, err := once("k", "a", fine); err != nil || replayed || done != 1 || prepared != 1 {
			t.Errorf("first: %v %v, done %d", replayed, err, done)
		}
		if ans, replayed, err := once("k", "a", fails); err != nil || !replayed || ans.Body != "a" || done != 1 {
			t.Errorf("again: %+v %v %v", ans, replayed, err)
		}
		if _, _, err := once("k", "b", fine); codeOf(err) != "key_reused" || prepared != 1 {
			t.Errorf("another request: %v, prepared %d", err, prepared)
		}
		// Answered while this one was preparing.
		meanwhile := func(context.Context) error {
			if _, _, err := once("l", "a", fine); err != nil {
				t.Error(err)
			}
			return over
		}
		if _, replayed, err := once("l", "a", meanwhile); err != nil || !replayed || done != 2 {
			t.Errorf("meanwhile: %v %v, done %d", replayed, err, done)
		}
		if _, _, err := once("", "a", fails); !errors.Is(err, over) || done != 2 {
			t.Errorf("without a key: %v, done %d", err, done)
		}
	})
}
