package intake_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/redact"
	"github.com/heedhq/heed/redact/redacttest"
	"github.com/heedhq/heed/themes"
)

var ctx = context.Background()

var token = auth.Actor{Kind: models.ActorMember, ID: "tok_1", TokenID: "tok_1", Name: "script", Scopes: []auth.Scope{auth.ScopeAdmin}}

type door struct {
	*intake.Intake
	db *models.DB
	th *themes.Themes
}

func each(t *testing.T, run func(t *testing.T, d door, clock *modelstest.Clock)) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, clock *modelstest.Clock) {
		th := themes.New(db, themes.Options{Wait: 5 * time.Second})
		in := intake.New(db, th, redact.New(redact.Options{Key: []byte("k")}), "en")
		run1, stop := context.WithCancel(ctx)
		done := make(chan struct{})
		go func() { th.Run(run1); close(done) }()
		t.Cleanup(func() { stop(); <-done })
		for th.Warming() {
			time.Sleep(time.Millisecond)
		}
		run(t, door{in, db, th}, clock)
		invs, err := db.Check(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range invs {
			if i.Broken != 0 {
				t.Errorf("broken: %s (%d)", i.Name, i.Broken)
			}
		}
	})
}

func (d door) file(t *testing.T, s intake.Submission) intake.Filed {
	t.Helper()
	f, err := d.File(ctx, token, s)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestWhatIsLikeNothingOpensACandidateAndItsLikeIsSuggested(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		a := d.file(t, intake.Submission{Text: "Please add dark mode to the wallet", Person: &intake.PersonInput{Email: "Ann@Example.com", Locale: "en-GB"}})
		if a.Suggestion.Action != models.ActionNew || a.Theme == nil || a.Theme.Status != models.StatusCandidate || a.Theme.Public {
			t.Fatalf("first: %+v", a)
		}
		b := d.file(t, intake.Submission{Text: "I want a dark mode please, for the wallet", Person: &intake.PersonInput{Email: "bob@example.com"}})
		if b.Suggestion.Action != models.ActionSuggested || b.Theme != nil || b.Suggestion.LikelyTheme != a.Theme.ID {
			t.Errorf("alike: %s, theme %v, likely %s", b.Suggestion.Action, b.Theme, b.Suggestion.LikelyTheme)
		}
		if len(b.Suggestion.Candidates.V) == 0 || len(b.Suggestion.Candidates.V[0].Reasons) == 0 {
			t.Errorf("no reasons: %+v", b.Suggestion.Candidates.V)
		}
		c := d.file(t, intake.Submission{Text: "  please add DARK mode to the wallet! ", Person: &intake.PersonInput{Email: "cy@example.com"}})
		if c.Suggestion.Action != models.ActionAttached || c.Theme == nil || c.Theme.ID != a.Theme.ID {
			t.Errorf("the same words: %s %v", c.Suggestion.Action, c.Theme)
		}
		z := d.file(t, intake.Submission{Text: "导出账单的速度太慢了"})
		if z.Suggestion.Action != models.ActionNew || z.Suggestion.Lang != "zh" {
			t.Errorf("unlike: %s %s", z.Suggestion.Action, z.Suggestion.Lang)
		}
		var n int64
		d.db.Read(ctx).Model(&models.Address{}).Where("value = ?", "ann@example.com").Count(&n)
		if n != 1 {
			t.Error("the address was not folded")
		}
	})
}

func TestTheSameTwiceIsOnce(t *testing.T) {
	each(t, func(t *testing.T, d door, clock *modelstest.Clock) {
		s := intake.Submission{Text: "once only", Source: "zendesk", ExternalID: "8812"}
		a, b := d.file(t, s), d.file(t, s)
		if a.Suggestion.ID != b.Suggestion.ID || a.Again || !b.Again {
			t.Errorf("external id: %s %v, %s %v", a.Suggestion.ID, a.Again, b.Suggestion.ID, b.Again)
		}
		s.Source = "intercom"
		if c := d.file(t, s); c.Suggestion.ID == a.Suggestion.ID {
			t.Error("another source's id is the same")
		}
		var ran int
		once := func(key, body string) (intake.Answer, bool, error) {
			return d.Once(ctx, token, key, []byte(body), intake.Work{Do: func(ctx context.Context) (intake.Answer, error) {
				ran++
				f, err := d.File(ctx, token, intake.Submission{Text: "keyed " + body})
				return intake.Answer{Status: 201, Body: f.Suggestion.ID}, err
			}})
		}
		x, _, err := once("k", "one")
		y, replayed, err2 := once("k", "one")
		if err != nil || err2 != nil || x != y || !replayed || ran != 1 {
			t.Errorf("keyed: %v %v %v %v, ran %d", x, y, err, err2, ran)
		}
		if _, _, err := once("k", "two"); codeOf(err) != "key_reused" {
			t.Errorf("same key, other body: %v", err)
		}
		clock.Add(25 * time.Hour)
		if z, replayed, err := once("k", "two"); err != nil || replayed || z == x {
			t.Errorf("a day later: %v %v %v", z, replayed, err)
		}
	})
}

func codeOf(err error) string {
	if e, ok := errors.AsType[*models.Error](err); ok {
		return e.Code
	}
	return ""
}

// Forty clients at once, many with the same key, the same external id or the
// same words: nothing is lost, nothing is doubled.
func TestManyAtOnce(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		var wg sync.WaitGroup
		for c := range 40 {
			wg.Go(func() {
				for i := range 5 {
					subs := []intake.Submission{
						{Text: fmt.Sprintf("words of client %d in round %d about topic %d", c, i, c*31+i), Person: &intake.PersonInput{Email: fmt.Sprintf("p%d@example.com", c%7)}},
						{Text: "external", Source: "x", ExternalID: fmt.Sprint(i)},
						{Text: "Everyone says exactly this", Person: &intake.PersonInput{Email: fmt.Sprintf("q%d@example.com", c)}},
					}
					for _, s := range subs {
						if _, err := d.File(ctx, token, s); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		wg.Wait()
		count := func(q string) (n int64) { d.db.Read(ctx).Raw(q).Scan(&n); return n }
		if n := count("SELECT COUNT(*) FROM suggestions"); n != 40*5+5+40*5 {
			t.Errorf("%d suggestions", n)
		}
		if n := count("SELECT COUNT(DISTINCT theme_id) FROM suggestion_themes x JOIN suggestions s ON s.id = x.suggestion_id WHERE s.text = 'Everyone says exactly this'"); n > 1 {
			t.Errorf("the same words stand in %d themes", n)
		}
		if n := count("SELECT COUNT(*) FROM people"); n != 47 {
			t.Errorf("%d people, want 47", n)
		}
	})
}

func TestASeedPhraseIsNowhere(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		phrase := redacttest.Phrase(t)
		f := d.file(t, intake.Submission{Title: "help " + phrase, Text: "My wallet is empty, here is my phrase: " + phrase, Quote: phrase,
			Context: map[string]any{"log": []any{map[string]any{"line": phrase}}}, Person: &intake.PersonInput{Email: "a@example.com", Name: phrase}})
		if len(f.Findings) < 4 {
			t.Errorf("findings: %+v", f.Findings)
		}
		middle := strings.Join(strings.Fields(phrase)[3:6], " ")
		for _, table := range []string{"suggestions", "people", "findings", "activities", "themes", "addresses"} {
			var rows []map[string]any
			if err := d.db.Read(ctx).Table(table).Find(&rows).Error; err != nil {
				t.Fatal(err)
			}
			if strings.Contains(fmt.Sprint(rows), middle) {
				t.Errorf("the phrase stands in %s", table)
			}
		}
	})
}

func TestBadInputNamesTheField(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		long := strings.Repeat("长", intake.MaxText+1)
		for _, c := range []struct {
			name, code, field string
			s                 intake.Submission
		}{
			{"empty", "text_required", "text", intake.Submission{Text: " \n "}},
			{"invisible", "text_required", "text", intake.Submission{Text: "\u200b\u200b\u202e \ufeff"}},
			{"too long", "too_long", "text", intake.Submission{Text: long}},
			{"title too long", "too_long", "title", intake.Submission{Text: "x", Title: long[:900]}},
			{"broken UTF-8", "not_utf8", "text", intake.Submission{Text: "a\xffb"}},
			{"NUL", "nul_character", "title", intake.Submission{Text: "a", Title: "a\x00b"}},
			{"kind", "kind_unknown", "kind", intake.Submission{Text: "a", Kind: "rant"}},
			{"address", "email_invalid", "person/email", intake.Submission{Text: "a", Person: &intake.PersonInput{Email: "not an address"}}},
			{"two addresses", "email_invalid", "person/email", intake.Submission{Text: "a", Person: &intake.PersonInput{Email: "a@b.com, c@d.com"}}},
			{"nobody", "person_address_required", "person", intake.Submission{Text: "a", Person: &intake.PersonInput{Name: "Ann"}}},
			{"channel", "channel_invalid", "person/handle/channel", intake.Submission{Text: "a", Person: &intake.PersonInput{Handle: &intake.Handle{Channel: "e mail", ID: "x"}}}},
			{"time zone", "time_zone_unknown", "person/time_zone", intake.Submission{Text: "a", Person: &intake.PersonInput{Email: "a@b.com", TimeZone: "Mars/Base"}}},
			{"url", "url_invalid", "source_url", intake.Submission{Text: "a", SourceURL: "javascript:alert(1)"}},
		} {
			_, err := d.File(ctx, token, c.s)
			e, ok := errors.AsType[*models.Error](err)
			if !ok || e.Code != c.code || e.Field != c.field {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		var n int64
		d.db.Read(ctx).Model(&models.Suggestion{}).Count(&n)
		if n != 0 {
			t.Errorf("%d of the refused were stored", n)
		}
		for _, fine := range []string{"🎉🎉", "\u202eمرحبا", strings.Repeat("a", intake.MaxText), "<script>alert(1)</script>"} {
			d.file(t, intake.Submission{Text: fine})
		}
	})
}

func TestKindIsToldFromTheText(t *testing.T) {
	for text, want := range map[string]models.SuggestionKind{
		"Please add dark mode": models.KindSuggestion, "希望能支持深色模式": models.KindSuggestion, "dark mode": models.KindSuggestion,
		"The app crashes when I open it": models.KindProblem, "转账一直处理中": models.KindProblem, "余额不显示了，怎么办？": models.KindProblem, "My balance is wrong": models.KindProblem,
		"How do I export my history?": models.KindQuestion, "怎么切换网络": models.KindQuestion, "Which network is cheapest?": models.KindQuestion,
	} {
		if got := intake.TellKind(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// Anybody can type anybody's address into a form: that tells nothing about the
// person there.
func TestAVisitorDoesNotRenameAnotherPerson(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		d.file(t, intake.Submission{Text: "first words", Person: &intake.PersonInput{Email: "mei@example.com", Name: "Mei", Locale: "zh"}})
		if _, err := d.File(ctx, auth.Anonymous(), intake.Submission{Text: "other words", Source: "portal",
			Person: &intake.PersonInput{Email: "mei@example.com", Name: "Mallory", Locale: "en", Handle: &intake.Handle{Channel: "x", ID: "mallory"}}}); err != nil {
			t.Fatal(err)
		}
		var p models.Person
		d.db.Read(ctx).First(&p)
		var n int64
		d.db.Read(ctx).Model(&models.Address{}).Count(&n)
		if p.Name != "Mei" || p.Locale != "zh" || n != 1 {
			t.Errorf("the person is now %s, %s, with %d addresses", p.Name, p.Locale, n)
		}
		d.file(t, intake.Submission{Text: "third words", Person: &intake.PersonInput{Email: "mei@example.com", Name: "Mei Lin"}})
		d.db.Read(ctx).First(&p)
		if p.Name != "Mei Lin" {
			t.Errorf("staff's word was not taken: %s", p.Name)
		}
	})
}
