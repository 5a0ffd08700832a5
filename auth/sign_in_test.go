package auth_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
)

var codeForm = regexp.MustCompile(`^[2-9A-HJKMNP-Z]{8}$`)

func TestACodeSignsInOnceInTheBrowserThatAsked(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		a, p := newAuth(db)
		browser := must[string](t)(a.Ask(ctx, "Ann@X.test", "10.0.0.1", "zh"))
		mail := p.last["ann@x.test"]
		if !codeForm.MatchString(mail.code) || mail.locale != "zh" || len(browser) != 43 {
			t.Fatalf("%+v %q", mail, browser)
		}
		var row models.SignIn
		if err := db.Read(ctx).First(&row).Error; err != nil {
			t.Fatal(err)
		}
		if s := fmt.Sprintf("%+v", row); strings.Contains(s, mail.code) || strings.Contains(s, browser) || strings.Contains(s, "10.0.0.1") {
			t.Errorf("stored in clear: %s", s)
		}
		for what, b := range map[string]string{"another browser": must[string](t)(a.Ask(ctx, "eve@x.test", "10.0.0.2", "")), "no browser": ""} {
			_, _, err := a.Confirm(ctx, "ann@x.test", mail.code, b)
			fails(t, what, err, "code_over")
		}
		_, _, err := a.Confirm(ctx, "eve@x.test", mail.code, browser)
		fails(t, "another address", err, "code_over")
		if n := count(t, db, &models.Person{}); n != 0 {
			t.Errorf("%d people before anybody signed in", n)
		}
		session, actor, err := a.Confirm(ctx, " ANN@x.test ", mail.code, browser)
		if err != nil || actor.Kind != models.ActorPerson || actor.Email != "ann@x.test" || actor.PersonID != actor.ID || actor.ID == "" {
			t.Fatalf("%+v %v", actor, err)
		}
		if again, err := a.BySession(ctx, session); err != nil || again.ID != actor.ID || again.Email != "ann@x.test" {
			t.Errorf("%+v %v", again, err)
		}
		if n := count(t, db, &models.Session{}, "hash = ?", session); n != 0 {
			t.Error("the session's secret is stored in clear")
		}
		if n := count(t, db, &models.Address{}, "value = 'ann@x.test' AND verified_at IS NOT NULL"); n != 1 {
			t.Error("the address is not marked as proven")
		}
		_, _, err = a.Confirm(ctx, "ann@x.test", mail.code, browser)
		fails(t, "a second time", err, "code_over")
		browser = must[string](t)(a.Ask(ctx, "ann@x.test", "10.0.0.1", ""))
		if s, again, err := a.Confirm(ctx, "ann@x.test", p.code("ann@x.test"), browser); err != nil || again.ID != actor.ID || s == session {
			t.Errorf("the same person again: %+v %v", again, err)
		}
	})
}

func TestCodesAreReadAsPeopleTypeThem(t *testing.T) {
	db := modelstest.Open(t, modelstest.SQLiteURL(t), nil)
	a, p := newAuth(db)
	for i, typed := range []func(string) string{
		strings.ToLower,
		func(s string) string { return " " + s[:4] + "-" + s[4:] + "\n" },
		func(s string) string { return s[:4] + " " + s[4:] },
		func(s string) string { // full-width letters
			return strings.Map(func(r rune) rune { return r + 0xFEE0 }, s)
		},
	} {
		email := fmt.Sprintf("p%d@x.test", i)
		b := must[string](t)(a.Ask(ctx, email, "10.0.0.1", ""))
		_, _, err := a.Confirm(ctx, email, typed(p.code(email)), b)
		fails(t, fmt.Sprint("typing ", i), err, "")
	}
}

func TestWrongAndLateCodesEnd(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, clock *modelstest.Clock) {
		a, p := newAuth(db)
		b := must[string](t)(a.Ask(ctx, "p@x.test", "10.0.0.1", ""))
		for left := 4; left >= 0; left-- {
			_, _, err := a.Confirm(ctx, "p@x.test", "22222222", b)
			want := "code_wrong"
			if left == 0 {
				want = "code_over"
			}
			fails(t, fmt.Sprint(left, " left"), err, want)
			if e, _ := errors.AsType[*models.Error](err); left > 0 && (len(e.Args) != 1 || e.Args[0] != left || e.Field != "code") {
				t.Errorf("%d left: %+v", left, e)
			}
		}
		_, _, err := a.Confirm(ctx, "p@x.test", p.code("p@x.test"), b)
		fails(t, "the right one after five wrong ones", err, "code_over")

		b = must[string](t)(a.Ask(ctx, "p@x.test", "10.0.0.1", ""))
		_, _, err = a.Confirm(ctx, "p@x.test", "", b)
		fails(t, "empty", err, "code_wrong")
		clock.Add(10 * time.Minute)
		_, _, err = a.Confirm(ctx, "p@x.test", p.code("p@x.test"), b)
		fails(t, "after ten minutes", err, "code_over")
		if n := count(t, db, &models.Session{}); n != 0 {
			t.Errorf("%d sessions", n)
		}
	})
}

func TestCodesPerAddressAndNetworkAreLimited(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, clock *modelstest.Clock) {
		a, _ := newAuth(db)
		limited := func(what, email, ip string, wait time.Duration) {
			t.Helper()
			b, err := a.Ask(ctx, email, ip, "")
			if wait == 0 {
				fails(t, what, err, "")
				return
			}
			fails(t, what, err, "too_many_codes")
			if e, _ := errors.AsType[*models.Error](err); b != "" || e == nil || e.Kind != models.RateLimited || e.RetryAfter != wait || e.Args[0] != int(wait/time.Minute) {
				t.Errorf("%s: %+v", what, e)
			}
		}
		for i := range 5 {
			limited(fmt.Sprint("code ", i), "p@x.test", fmt.Sprintf("10.0.1.%d", i), 0)
			clock.Add(time.Minute)
		}
		limited("a sixth", "P@X.test", "10.0.1.9", 55*time.Minute)
		limited("another address", "q@x.test", "10.0.1.9", 0)
		clock.Add(55 * time.Minute)
		limited("after the first is an hour old", "p@x.test", "10.0.1.9", 0)
		limited("but no second", "p@x.test", "10.0.1.9", time.Minute)

		for i := range 20 {
			ip := []string{"10.9.9.9", "::ffff:10.9.9.9"}[i%2]
			limited(fmt.Sprint("network ", i), fmt.Sprintf("n%d@x.test", i), ip, 0)
			limited(fmt.Sprint("line ", i), fmt.Sprintf("l%d@x.test", i), fmt.Sprintf("2001:db8:0:1::%x", i), 0)
		}
		limited("a 21st from the network", "n20@x.test", "10.9.9.9", time.Hour)
		limited("a 21st from the line", "l20@x.test", "2001:db8:0:1:ffff::1", time.Hour)
		limited("the line beside it", "l20@x.test", "2001:db8:0:2::1", 0)
	})
}

// Nobody learns from the answer, nor from what is stored, who is known.
func TestKnownAndUnknownAddressesAreAnsweredAlike(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		a, p := newAuth(db)
		must[models.Member](t)(a.AddMember(ctx, "member@x.test", models.RoleOwner, ""))
		addPerson(t, db, "person@x.test", "")
		for _, email := range []string{"member@x.test", "person@x.test", "nobody@x.test"} {
			b := must[string](t)(a.Ask(ctx, email, "10.0.0.1", "zh"))
			if len(b) != 43 || p.last[email].locale != "zh" || !codeForm.MatchString(p.code(email)) {
				t.Errorf("%s: %q %+v", email, b, p.last[email])
			}
			_, _, err := a.Confirm(ctx, email, "22222222", b)
			fails(t, email, err, "code_wrong")
		}
		_, err := a.Ask(ctx, "not an address", "10.0.0.1", "")
		fails(t, "no address", err, "email_invalid")
	})
}

func TestACodeThatCannotBeMailedIsNotStored(t *testing.T) {
	db := modelstest.Open(t, modelstest.SQLiteURL(t), nil)
	a := auth.New(db, auth.Options{Key: testKey, SendCode: func(context.Context, *gorm.DB, string, string, string) error { return errors.New("boom") }})
	if _, err := a.Ask(ctx, "p@x.test", "10.0.0.1", ""); err == nil || models.KindOf(err) != "" {
		t.Errorf("%v", err)
	}
	if n := count(t, db, &models.SignIn{}); n != 0 {
		t.Errorf("%d stored", n)
	}
	if _, err := auth.New(db, auth.Options{Key: testKey}).Ask(ctx, "p@x.test", "", ""); err == nil {
		t.Error("a code was asked for and nobody mails it")
	}
}

func TestOfTwentyAtOnceOneSignsIn(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		a, p := newAuth(db)
		b := must[string](t)(a.Ask(ctx, "p@x.test", "10.0.0.1", ""))
		in := together(20, func(int) bool {
			s, _, err := a.Confirm(ctx, "p@x.test", p.code("p@x.test"), b)
			if (err == nil) != (s != "") {
				t.Errorf("%q %v", s, err)
			}
			if err != nil {
				fails(t, "late", err, "code_over")
			}
			return err == nil
		})
		if n := count(t, db, &models.Session{}); in != 1 || n != 1 {
			t.Errorf("by code: %d signed in, %d sessions", in, n)
		}
		link := must[string](t)(a.NewLink(ctx, "p@x.test"))
		in = together(20, func(int) bool {
			_, _, err := a.UseLink(ctx, link)
			if err != nil {
				fails(t, "late", err, "link_over")
			}
			return err == nil
		})
		if n := count(t, db, &models.Session{}); in != 1 || n != 2 {
			t.Errorf("by link: %d signed in, %d sessions", in, n)
		}
		if n := count(t, db, &models.Person{}); n != 1 {
			t.Errorf("%d people", n)
		}
	})
}

// Guessing from many connections at once gets no more tries than from one.
func TestOfFiftyGuessesAtOnceFiveCount(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		a, _ := newAuth(db)
		b := must[string](t)(a.Ask(ctx, "p@x.test", "10.0.0.1", ""))
		wrong := together(50, func(int) bool {
			_, _, err := a.Confirm(ctx, "p@x.test", "22222222", b)
			e, _ := errors.AsType[*models.Error](err)
			return e != nil && e.Code == "code_wrong"
		})
		var row models.SignIn
		if err := db.Read(ctx).First(&row).Error; err != nil || wrong != 4 || row.Wrong != 5 {
			t.Errorf("%d told to try again, %d counted: %v", wrong, row.Wrong, err)
		}
	})
}

// Asking at once from one browser farm does not slip under the limit.
func TestOfThirtyAsksAtOnceFiveAreMailed(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		a, _ := newAuth(db)
		mailed := together(30, func(i int) bool {
			_, err := a.Ask(ctx, "p@x.test", fmt.Sprintf("10.0.0.%d", i%3), "")
			return err == nil
		})
		if mailed != 5 {
			t.Errorf("%d codes", mailed)
		}
	})
}

func TestALinkSignsInOnceAndLookingChangesNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, clock *modelstest.Clock) {
		a, _ := newAuth(db)
		owner, _, err := a.FirstOwner(ctx, "owner@x.test")
		if err != nil {
			t.Fatal(err)
		}
		first := must[string](t)(a.NewLink(ctx, "owner@x.test"))
		link := must[string](t)(a.NewLink(ctx, "OWNER@x.test"))
		if n := count(t, db, &models.SignIn{}, "secret_hash = ?", link); n != 0 {
			t.Error("the link's secret is stored in clear")
		}
		_, err = a.PeekLink(ctx, first)
		fails(t, "an earlier link", err, "link_over")
		for range 3 {
			l, err := a.PeekLink(ctx, link)
			if err != nil || l.Email != "owner@x.test" || !l.ExpiresAt.Equal(clock.Now().Add(24*time.Hour)) {
				t.Errorf("%+v %v", l, err)
			}
		}
		if n := count(t, db, &models.Session{}); n != 0 {
			t.Error("looking signed somebody in")
		}
		clock.Add(23 * time.Hour)
		session, actor, err := a.UseLink(ctx, link)
		if err != nil || actor.ID != owner.ID || actor.Role != models.RoleOwner || actor.Kind != models.ActorMember {
			t.Fatalf("%+v %v", actor, err)
		}
		if again, err := a.BySession(ctx, session); err != nil || again.ID != owner.ID {
			t.Errorf("%+v %v", again, err)
		}
		for what, s := range map[string]string{"used": link, "unknown": "x", "empty": ""} {
			_, _, err := a.UseLink(ctx, s)
			fails(t, what, err, "link_over")
			_, err = a.PeekLink(ctx, s)
			fails(t, "look, "+what, err, "link_over")
		}
		link = must[string](t)(a.NewLink(ctx, "owner@x.test"))
		clock.Add(time.Hour)
		_, _, err = a.UseLink(ctx, link)
		fails(t, "a later link after an hour", err, "link_over")
		_, err = a.NewLink(ctx, "nobody@x.test")
		fails(t, "nobody's", err, "email_unknown")
	})
}

func TestSessionsEnd(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, clock *modelstest.Clock) {
		a, _ := newAuth(db)
		must[models.Member](t)(a.AddMember(ctx, "m@x.test", models.RolePM, ""))
		addPerson(t, db, "p@x.test", "")
		enter := func(email string) string {
			s, _, err := a.UseLink(ctx, must[string](t)(a.NewLink(ctx, email)))
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		alive := func(what, session string, want bool) {
			t.Helper()
			_, err := a.BySession(ctx, session)
			fails(t, what, err, map[bool]string{true: "", false: "session_over"}[want])
		}
		idle, busy, person := enter("m@x.test"), enter("m@x.test"), enter("p@x.test")
		for range 23 { // 7 h each: 161 h, within 7 days
			clock.Add(7 * time.Hour)
			alive("a member at work", busy, true)
		}
		alive("idle for long", idle, false)
		clock.Add(7 * time.Hour)
		alive("after seven days", busy, false)
		alive("a person after seven idle days", person, true)
		clock.Add(23*24*time.Hour - time.Millisecond)
		alive("a person just before thirty days", person, true)
		clock.Add(time.Millisecond)
		alive("a person after thirty days", person, false)
		alive("no secret", "", false)

		one, two := enter("m@x.test"), enter("m@x.test")
		p := enter("p@x.test")
		clock.Add(8*time.Hour - time.Millisecond)
		alive("just before eight idle hours", one, true)
		clock.Add(time.Millisecond)
		alive("seen a moment ago", one, true)
		alive("eight idle hours", two, false)
		two = enter("m@x.test")
		fails(t, "sign out", a.SignOut(ctx, one), "")
		fails(t, "sign out again", a.SignOut(ctx, one), "")
		alive("signed out", one, false)
		alive("the other browser", two, true)
		actor := must[auth.Actor](t)(a.BySession(ctx, two))
		fails(t, "everywhere, nobody", a.SignOutEverywhere(ctx, auth.Anonymous()), "sign_in_first")
		fails(t, "everywhere", a.SignOutEverywhere(ctx, actor), "")
		alive("signed out everywhere", two, false)
		alive("somebody else", p, true)
	})
}

// Reading pages is not writing: seen_at moves every five minutes at most.
func TestASessionIsTouchedRarely(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, clock *modelstest.Clock) {
		a, _ := newAuth(db)
		addPerson(t, db, "p@x.test", "")
		s, _, err := a.UseLink(ctx, must[string](t)(a.NewLink(ctx, "p@x.test")))
		if err != nil {
			t.Fatal(err)
		}
		began := clock.Now()
		for _, c := range []struct{ after, seen time.Duration }{{time.Minute, 0}, {299 * time.Second, 0}, {300 * time.Second, 300 * time.Second}, {599 * time.Second, 300 * time.Second}, {time.Hour, time.Hour}} {
			clock.Add(began.Add(c.after).Sub(clock.Now()))
			if _, err := a.BySession(ctx, s); err != nil {
				t.Fatal(err)
			}
			var row models.Session
			if err := db.Read(ctx).First(&row).Error; err != nil || !row.SeenAt.Equal(began.Add(c.seen)) {
				t.Errorf("after %v seen at +%v, want +%v (%v)", c.after, row.SeenAt.Sub(began), c.seen, err)
			}
		}
	})
}
