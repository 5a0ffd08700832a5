package notifier

import (
	"context"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// Who stops all follow-ups and comes back hears as they did before, whatever they saved
// meanwhile; both are on record once, and looking changes nothing.
func TestWhoComesBackHearsAsBefore(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n := h.timed(func(o *LedgerOptions) { o.Pool = nil })
		a, b := h.theme(exports, models.StatusReceived), h.theme(exports, models.StatusReceived)
		p := h.people(1, a, b)[0]
		token := n.unsubscribeToken(p)
		h.setRhythm(p, "all=weekly, status=daily, comment=off, weekday 3")
		h.give(a, models.StatusPlanned, nil)
		h.at(h.db.Now().Add(settleTime+time.Minute), true)
		look := func() Preferences {
			t.Helper()
			before := h.count("activities", "1 = 1")
			x, err := n.PreferencesPage(t.Context(), token)
			if _, e := n.UnsubscribePage(t.Context(), token); err != nil || e != nil {
				t.Fatal(err, e)
			}
			if h.count("activities", "1 = 1") != before {
				t.Error("looking left a trace")
			}
			return x
		}
		wish := func(w Wishes) {
			t.Helper()
			if err := n.SavePreferences(t.Context(), token, w); err != nil {
				t.Fatal(err)
			}
		}
		chosen := func(x Preferences) map[string]string {
			out := map[string]string{}
			for k, m := range x.Chosen {
				out[string(k)] = m
			}
			return out
		}
		for range 2 {
			if err := n.Unsubscribe(t.Context(), token); err != nil {
				t.Fatal(err)
			}
		}
		h.wantReasons(p, SkipPreference)
		if got := h.count("activities", "verb = ? AND person_id = ? AND actor_kind = 'person'", models.PersonEdited, p); got != 1 {
			t.Errorf("%d activities say that they stopped it", got)
		}
		x := look()
		if !x.Off || x.Modes[KindUpdate] != models.ModeOff || x.Chosen[KindStatus] != models.ModeDaily || x.Chosen[KindUpdate] != models.ModeWeekly || x.Chosen[KindComment] != models.ModeOff || x.NextDaily != nil {
			t.Errorf("%+v", x)
		}
		hour := 7
		wish(Wishes{Modes: chosen(x), DigestHour: &hour}) // the page, saved as it was shown
		if x = look(); !x.Off || x.Chosen[KindUpdate] != models.ModeWeekly || x.DigestHour != 7 {
			t.Errorf("%+v", x)
		}
		h.give(b, models.StatusPlanned, nil)
		h.at(h.db.Now().Add(settleTime+time.Minute), true)
		h.wantReasons(p, SkipPreference, SkipPreference)
		if err := n.Resubscribe(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		if x = look(); x.Off || x.All != models.ModeWeekly || x.Modes[KindStatus] != models.ModeDaily || x.Modes[KindUpdate] != models.ModeWeekly || x.Modes[KindComment] != models.ModeOff || x.DigestWeekday != 3 {
			t.Errorf("%+v", x)
		}
		// Who had switched each off by itself hears of all again.
		off := map[string]string{}
		for _, k := range Choosable() {
			off[string(k)] = models.ModeOff
		}
		wish(Wishes{Modes: off})
		wish(Wishes{Again: true})
		if x = look(); x.Modes[KindStatus] == models.ModeOff {
			t.Errorf("%+v", x)
		}
		if h.count("preferences", "kind = ?", allBefore) != 0 {
			t.Error("what all was before outlives its use")
		}
	})
}

// The page says why nothing comes; a complaint is the person's to take back and nobody
// else's, a mailbox that refuses mail is nobody's.
func TestWhyNothingComesIsSaidAndAComplaintIsTakenBackByWhoMadeIt(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n := h.timed(nil)
		p := h.people(1, h.theme(exports, models.StatusReceived))[0]
		token := n.unsubscribeToken(p)
		until := models.Milli(h.db.Now().Add(30 * day))
		h.write(func(_ context.Context, tx *gorm.DB) error {
			return tx.Create([]models.Suppression{{Address: h.email(0), Scope: models.ScopeFollowUps, Reason: "complaint: abuse", CreatedAt: h.db.Now()},
				{Address: h.email(0), Scope: models.ScopeAllMail, Reason: "bounce: 5.1.1", Until: &until, Strikes: 1, CreatedAt: h.db.Now()}}).Error
		})
		want := func(complained, bounced bool) {
			t.Helper()
			x, err := n.PreferencesPage(t.Context(), token)
			if err != nil || x.Stop.Complained != complained || x.Stop.Bounced != bounced || bounced && !x.Stop.Until.Equal(until) {
				t.Errorf("%+v, %v", x.Stop, err)
			}
			if s, err := n.UnsubscribePage(t.Context(), token); err != nil || s.Off != complained {
				t.Errorf("%+v, %v", s, err)
			}
		}
		want(true, true)
		if err := n.SavePreferences(t.Context(), token, Wishes{Modes: map[string]string{"status": models.ModeDaily}}); err != nil {
			t.Fatal(err)
		}
		want(true, true)
		if err := n.SetPreferences(t.Context(), staff, p, Wishes{Again: true}); err != nil {
			t.Fatal(err)
		}
		want(true, true)
		if err := n.SavePreferences(t.Context(), token, Wishes{Again: true}); err != nil {
			t.Fatal(err)
		}
		want(false, true)
		h.clock.Add(31 * day)
		want(false, false)
		if h.count("activities", "verb = ? AND actor_kind = 'person'", models.PersonEdited) != 2 {
			t.Error("what they did is not on record")
		}
	})
}

// Only what is theirs can be muted; what was muted can be heard of again, also once it
// is not public any more, and then without its name.
func TestAMuteIsTheirsToMakeAndToTakeBack(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n := h.timed(nil)
		a, other := h.theme(exports, models.StatusReceived), h.theme(exports, models.StatusReceived)
		p := h.people(1, a)[0]
		token := n.unsubscribeToken(p)
		for _, w := range []Wishes{{Mute: []string{other}}, {Mute: []string{a, "thm_none"}}, {Unmute: []string{"thm_none"}}} {
			if err := n.SavePreferences(t.Context(), token, w); models.KindOf(err) != models.Invalid {
				t.Error(w, err)
			}
		}
		if h.count("theme_mutes", "1 = 1") != 0 {
			t.Error("half of a refused wish is kept")
		}
		if err := n.SavePreferences(t.Context(), token, Wishes{Mute: []string{a}}); err != nil {
			t.Fatal(err)
		}
		h.write(func(_ context.Context, tx *gorm.DB) error {
			return tx.Exec("UPDATE themes SET public = FALSE WHERE id = ?", a).Error
		})
		x, err := n.PreferencesPage(t.Context(), token)
		if err != nil || len(x.Muted) != 1 || x.Muted[0].ID != a || !x.Muted[0].Title.IsEmpty() || len(x.Themes) != 0 {
			t.Errorf("%+v, %v", x, err)
		}
		if err := n.SavePreferences(t.Context(), token, Wishes{Unmute: []string{a}}); err != nil {
			t.Fatal(err)
		}
		if h.count("theme_mutes", "1 = 1") != 0 {
			t.Error("it is still muted")
		}
	})
}

// What else the page saves is kept with the wishes or not at all.
func TestAPageIsSavedWholeOrNotAtAll(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n := h.timed(nil)
		p := h.people(1, h.theme(exports, models.StatusReceived))[0]
		refused := models.BadField("time_zone", "time_zone_unknown")
		err := n.SavePage(t.Context(), n.unsubscribeToken(p), Wishes{Modes: map[string]string{"status": models.ModeOff}}, func(context.Context) error { return refused })
		if models.KindOf(err) != models.Invalid || h.count("preferences", "1 = 1") != 0 || h.count("activities", "1 = 1") != 0 {
			t.Error(err, h.tally("preferences", "mode"))
		}
	})
}
