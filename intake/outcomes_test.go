package intake_test

import (
	"context"
	"fmt"
	"testing"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
)

var (
	samira = auth.Actor{Kind: models.ActorMember, ID: "mem_sam", Name: "Sam", Role: models.RoleSupport, Locale: "en"}
	ana    = auth.Actor{Kind: models.ActorMember, ID: "mem_ana", Name: "Ana", Role: models.RoleOwner, Locale: "en"}
	bot    = auth.Actor{Kind: models.ActorAgent, ID: "tok_bot", TokenID: "tok_bot", MemberID: "mem_sam", Name: "kb-bot", Scopes: []auth.Scope{auth.ScopeSuggestionsWrite}, Role: models.RoleSupport}
	lone   = auth.Actor{Kind: models.ActorAgent, ID: "tok_lone", TokenID: "tok_lone", Name: "lone", Scopes: []auth.Scope{auth.ScopeSuggestionsWrite}}
)

func (d door) as(t *testing.T, a auth.Actor, text string) models.Suggestion {
	t.Helper()
	f, err := d.File(ctx, a, intake.Submission{Text: text, Source: "zendesk"})
	if err != nil {
		t.Fatal(err)
	}
	return f.Suggestion
}

func (d door) tokens(t *testing.T) {
	t.Helper()
	rows := []models.APIToken{
		{ID: bot.ID, Name: bot.Name, Kind: models.TokenAgent, Hash: "1", MemberID: samira.ID, CreatedAt: d.db.Now()},
		{ID: lone.ID, Name: lone.Name, Kind: models.TokenAgent, Hash: "2", CreatedAt: d.db.Now()},
	}
	if err := d.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error { return tx.Create(&rows).Error }); err != nil {
		t.Fatal(err)
	}
}

func (d door) outcomes(t *testing.T, a auth.Actor, f intake.OutcomeFilter) intake.Outcomes {
	t.Helper()
	o, err := d.Outcomes(ctx, a, f)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestAFilerSeesWhatBecameOfTheirOwnAndOfTheirTokens(t *testing.T) {
	each(t, func(t *testing.T, d door, clock *modelstest.Clock) {
		d.tokens(t)
		dark := d.as(t, samira, "Please add dark mode to the wallet")
		spam := d.as(t, bot, "Buy cheap followers on our site today")
		clock.Add(1e9)
		again := d.as(t, lone, "Please add dark mode to the wallet")
		other := d.as(t, lone, "The CSV export of transactions takes minutes")
		of := func(a auth.Actor) map[string]models.Outcome {
			m := map[string]models.Outcome{}
			for _, r := range d.outcomes(t, a, intake.OutcomeFilter{}).Rows {
				m[r.Suggestion.ID] = r.Outcome
			}
			return m
		}
		if got, want := fmt.Sprint(of(samira)), fmt.Sprint(map[string]models.Outcome{dark.ID: "waiting", spam.ID: "waiting"}); got != want {
			t.Errorf("sam: %s, want %s", got, want)
		}
		if got, want := fmt.Sprint(of(bot)), fmt.Sprint(map[string]models.Outcome{spam.ID: "waiting"}); got != want {
			t.Errorf("the token: %s, want %s", got, want)
		}
		ths, err := d.th.Of(ctx, dark.ID)
		if err != nil || len(ths) != 1 {
			t.Fatal(ths, err)
		}
		if _, _, err := d.th.Confirm(ctx, ana, ths[0].ID, models.Text{EN: "Dark mode"}, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := d.th.Close(ctx, ana, []string{spam.ID}); err != nil {
			t.Fatal(err)
		}
		if got, want := fmt.Sprint(of(samira)), fmt.Sprint(map[string]models.Outcome{dark.ID: "accepted", spam.ID: "closed"}); got != want {
			t.Errorf("sam: %s, want %s", got, want)
		}
		if got, want := fmt.Sprint(of(lone)), fmt.Sprint(map[string]models.Outcome{again.ID: "merged", other.ID: "waiting"}); got != want {
			t.Errorf("another: %s, want %s", got, want)
		}
		o := d.outcomes(t, samira, intake.OutcomeFilter{Outcome: "closed", Filer: bot.ID})
		if len(o.Rows) != 1 || o.Rows[0].Suggestion.ID != spam.ID || o.Counts["closed"] != 1 || o.Total != 1 || o.Capped {
			t.Errorf("narrowed: %+v", o)
		}
		if o := d.outcomes(t, ana, intake.OutcomeFilter{Filer: lone.ID}); o.Total != 2 {
			t.Errorf("who administers sees %d of a token's", o.Total)
		}
		for _, c := range []struct {
			a    auth.Actor
			f    intake.OutcomeFilter
			kind models.Kind
		}{
			{samira, intake.OutcomeFilter{Filer: lone.ID}, models.NotFound},
			{bot, intake.OutcomeFilter{Filer: samira.ID}, models.NotFound},
			{auth.Anonymous(), intake.OutcomeFilter{}, models.Unauthenticated},
			{auth.Actor{Kind: models.ActorPerson, ID: "per_1"}, intake.OutcomeFilter{}, models.Forbidden},
			{samira, intake.OutcomeFilter{Outcome: "won"}, models.Invalid},
			{samira, intake.OutcomeFilter{Cursor: "x"}, models.Invalid},
		} {
			if _, err := d.Outcomes(ctx, c.a, c.f); models.KindOf(err) != c.kind {
				t.Errorf("%s %+v: %v", c.a.ID, c.f, err)
			}
		}
	})
}

func TestOutcomesArePagedAndEveryOneComesOnce(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		d.tokens(t)
		want := map[string]bool{}
		for i := range 11 {
			who := samira
			if i%3 == 0 {
				who = bot
			}
			want[d.as(t, who, fmt.Sprintf("Wish number %d about the address book of colour %d", i, i*i)).ID] = true
		}
		cursor, last := "", "~"
		for range 20 {
			o := d.outcomes(t, samira, intake.OutcomeFilter{Cursor: cursor, Limit: 3})
			if o.Total != 11 {
				t.Errorf("total %d", o.Total)
			}
			for _, r := range o.Rows {
				if !want[r.Suggestion.ID] || r.Suggestion.ID >= last {
					t.Errorf("%s twice, foreign or out of order", r.Suggestion.ID)
				}
				last = r.Suggestion.ID
				delete(want, r.Suggestion.ID)
			}
			if cursor = o.Next; cursor == "" {
				break
			}
		}
		if len(want) > 0 {
			t.Errorf("%d were not given", len(want))
		}
	})
}

func TestWhatChangedIsUnreadUntilSaidToBeSeen(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		d.tokens(t)
		a, b := d.as(t, samira, "Please add dark mode to the wallet"), d.as(t, samira, "The CSV export of transactions takes minutes")
		byBot := d.as(t, bot, "Let me rename my accounts on the home screen")
		news := func(seq int64, act string, filer auth.Actor, verb models.Verb, theme string) {
			t.Helper()
			row := models.OutcomeNews{ActivityID: act, FilerKind: filer.Kind, FilerID: filer.ID, Seq: seq, MemberID: samira.ID, Verb: verb, Became: "x", ThemeID: theme, DueAt: d.db.Now(), CreatedAt: d.db.Now()}
			if err := d.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error { return tx.Create(&row).Error }); err != nil {
				t.Fatal(err)
			}
		}
		themeOf := func(s models.Suggestion) string {
			ths, err := d.th.Of(ctx, s.ID)
			if err != nil || len(ths) != 1 {
				t.Fatal(ths, err)
			}
			return ths[0].ID
		}
		unread := func(who auth.Actor, want int, rows ...string) int64 {
			t.Helper()
			o := d.outcomes(t, who, intake.OutcomeFilter{})
			got := []string{}
			for _, r := range o.Rows {
				if r.Unread {
					got = append(got, r.Suggestion.ID)
				}
			}
			if n, err := d.UnreadOutcomes(ctx, who); err != nil || n != want || o.Unread != want || fmt.Sprint(got) != fmt.Sprint(append([]string{}, rows...)) {
				t.Errorf("%s: %d (%d, %v) unread, marked %v; want %d, %v", who.ID, o.Unread, n, err, got, want, rows)
			}
			return o.Newest
		}
		unread(samira, 0)
		news(5, "act_5", samira, models.ThemeConfirmed, themeOf(a))
		closed, err := d.th.Close(ctx, ana, []string{b.ID})
		if err != nil {
			t.Fatal(err)
		}
		news(6, closed, samira, models.SuggestionClosed, "")
		newest := unread(samira, 2, b.ID, a.ID)
		news(9, "act_9", bot, models.ThemeStatus, themeOf(byBot)) // comes while the page is read
		if err := d.SeeOutcomes(ctx, samira, newest); err != nil {
			t.Fatal(err)
		}
		unread(samira, 1, byBot.ID)
		unread(bot, 1, byBot.ID) // what Sam has seen the token has not
		if err := d.SeeOutcomes(ctx, bot, 9); err != nil {
			t.Fatal(err)
		}
		unread(bot, 0)
		if err := d.MailOutcomes(ctx, samira, false); err != nil {
			t.Fatal(err)
		}
		unread(samira, 1, byBot.ID)
		if !d.outcomes(t, samira, intake.OutcomeFilter{}).NoMail {
			t.Error("the choice of no mail is not kept")
		}
		if err := d.SeeOutcomes(ctx, lone, 100); err != nil {
			t.Fatal(err)
		}
		unread(samira, 1, byBot.ID)
		if err := d.SeeOutcomes(ctx, auth.Anonymous(), 1); models.KindOf(err) != models.Unauthenticated {
			t.Errorf("anybody says to have seen: %v", err)
		}
	})
}
