package notifier

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

var exports = models.Text{EN: "Faster exports", ZH: "更快的导出"}

func TestEverybodyBehindAThemeIsToldOnceInTheirLanguage(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		th := h.theme(exports, models.StatusReceived)
		other := h.theme(exports, models.StatusReceived)
		h.people(20, th)
		h.people(5, other)
		h.start(nil)
		h.give(th, models.StatusPlanned, func(t *models.Theme, _ *models.Change) {
			t.Reason = models.Text{EN: "It is next.", ZH: "接下来就做。"}
		})
		h.fannedOut(1)
		time.Sleep(50 * time.Millisecond)
		if len(h.sink.Mails()) != 0 {
			t.Error("told before the change had settled")
		}
		h.clock.Add(settleTime)
		h.sent(20)
		h.exactly(1, h.emails(0, 20)...)
		for i, m := range h.sink.Mails() {
			p := m.Read(t)
			want, never := []string{"Faster exports", "It is next."}, []string{"更快", "接下来", "our own words"}
			if zh := m.To[4] == '1' || m.To[4] == '3' || m.To[4] == '5' || m.To[4] == '7' || m.To[4] == '9'; zh {
				want, never = []string{"更快的导出", "接下来就做。"}, []string{"Faster", "It is next", "our own words"}
			}
			for _, w := range want {
				if !strings.Contains(p.Text, w) {
					t.Errorf("mail %d to %s lacks %q", i, m.To, w)
				}
			}
			for _, w := range never {
				if strings.Contains(p.Text+p.Subject, w) {
					t.Errorf("mail %d to %s says %q", i, m.To, w)
				}
			}
			if !strings.Contains(p.Header.Get("List-Unsubscribe"), "https://heed.acme.example/unsubscribe/per_") {
				t.Errorf("no way to stop: %q", p.Header.Get("List-Unsubscribe"))
			}
		}
	})
}

type step struct {
	status models.Status
	reason string
	quiet  bool
	wait   time.Duration // after it
}

type settling struct {
	name  string
	steps []step
	mails int // to each person
	says  string
	why   string // skip reasons by event
}

func settlings() []settling {
	const later = settleTime + time.Second
	return []settling{
		{"one change", []step{{models.StatusPlanned, "", false, later}}, 1, "Planned", ""},
		{"there and back", []step{{models.StatusPlanned, "", false, 0}, {models.StatusReceived, "", false, later}}, 0, "", "superseded,unchanged"},
		{"a long way round", []step{{models.StatusPlanned, "", false, 0}, {models.StatusInProgress, "", false, 0}, {models.StatusReceived, "", false, later}}, 0, "",
			"superseded,superseded,unchanged"},
		{"there and back, after it was told", []step{{models.StatusPlanned, "", false, later}, {models.StatusInProgress, "", false, 0}, {models.StatusPlanned, "", false, later}}, 1,
			"Planned", ",superseded,unchanged"},
		{"back only after it was told", []step{{models.StatusPlanned, "", false, later}, {models.StatusReceived, "", false, later}}, 2, "Received", ","},
		{"there, back and there again", []step{{models.StatusPlanned, "", false, 0}, {models.StatusReceived, "", false, 0}, {models.StatusPlanned, "", false, later}}, 1,
			"Planned", "superseded,unchanged,"},
		{"the last state wins", []step{{models.StatusPlanned, "", false, 0}, {models.StatusInProgress, "", false, later}}, 1, "In progress", "superseded,"},
		{"a new reason is news", []step{{models.StatusPlanned, "first", false, later}, {models.StatusPlanned, "second", false, later}}, 2, "second", ","},
		{"the last reason wins", []step{{models.StatusPlanned, "first", false, 0}, {models.StatusPlanned, "second", false, later}}, 1, "second", "superseded,"},
		{"the same again is no event", []step{{models.StatusPlanned, "", false, 0}, {models.StatusPlanned, "", false, later}}, 1, "Planned", ""},
		{"quiet", []step{{models.StatusPlanned, "", true, later}}, 0, "", "quiet"},
		{"quiet takes back what waits", []step{{models.StatusPlanned, "", false, 0}, {models.StatusInProgress, "", true, later}}, 0, "", "superseded,quiet"},
	}
}

func TestWhatSettlesTogetherIsTold(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.start(nil)
		defer func() { h.t = t }()
		for _, c := range settlings() {
			t.Run(c.name, func(t *testing.T) {
				h.t = t
				h.sink.Reset()
				th := h.theme(exports, models.StatusReceived)
				first := h.made
				people := h.people(3, th)
				for _, s := range c.steps {
					h.give(th, s.status, func(t *models.Theme, ch *models.Change) {
						ch.Notify = !s.quiet
						if s.reason != "" {
							t.Reason = models.Text{Any: s.reason}
						}
					})
					h.until("read", h.cursorAtEnd)
					h.until("fanned out", func() bool { return h.count("fanouts", "done_at IS NULL") == 0 })
					h.clock.Add(max(s.wait, time.Second))
					h.quietNow()
				}
				for i := range people {
					h.exactly(c.mails, h.emails(first, first+3)...)
					h.wantReasons(people[i], strings.Split(c.why, ",")...)
				}
				if got := h.sink.For(h.email(first)); c.says != "" && !strings.Contains(got[len(got)-1].Read(t).Text, c.says) {
					t.Errorf("the last mail does not say %q", c.says)
				}
			})
		}
	})
}

func (h *house) cursorAtEnd() bool {
	return h.count("counters", "name = 'activity' AND n = (SELECT seq FROM cursors WHERE name = 'notifier')") == 1
}

// quietNow waits until nothing is due and nothing on its way.
func (h *house) quietNow() {
	h.t.Helper()
	h.until("quiet", func() bool {
		return h.count("follow_up_items", waiting+" AND due_at <= ?", h.db.Now()) == 0 && h.count("deliveries", "state IN ('ready', 'leased', 'sending')") == 0
	})
}

func TestSeveralThemesDueTogetherAreOneMail(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		var themes []string
		for i := range 3 {
			themes = append(themes, h.theme(models.Text{EN: fmt.Sprintf("Wish %d", i), ZH: fmt.Sprintf("愿望 %d", i)}, models.StatusReceived))
		}
		h.people(4, themes...)
		h.people(1, themes[0])
		h.start(nil)
		for _, th := range themes {
			h.give(th, models.StatusPlanned, nil)
			h.clock.Add(40 * time.Millisecond)
		}
		h.fannedOut(3)
		h.clock.Add(settleTime)
		h.sent(5)
		h.exactly(1, h.emails(0, 5)...)
		text := h.sink.For(h.email(0))[0].Read(t).Text
		for i := range 3 {
			if w := fmt.Sprintf("Wish %d", i); !strings.Contains(text, w) {
				t.Errorf("the mail lacks %q", w)
			}
		}
		if alone := h.sink.For(h.email(4))[0].Read(t).Text; strings.Contains(alone, "Wish 1") {
			t.Error("a theme they do not stand behind was told")
		}
	})
}

func TestEverybodyHasARowThatSaysWhy(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		th := h.theme(exports, models.StatusReceived)
		p := h.people(6, th)
		h.write(func(_ context.Context, tx *gorm.DB) error {
			until := h.db.Now().Add(time.Hour)
			over := h.db.Now().Add(-time.Hour)
			for _, row := range []any{
				&models.Preference{PersonID: p[1], Kind: models.AllKinds, Mode: models.ModeOff, UpdatedAt: h.db.Now()},
				&models.Suppression{Address: h.email(3), Scope: models.AllKinds, Reason: "bounce", Until: &until, CreatedAt: h.db.Now()},
				&models.Suppression{Address: h.email(4), Scope: models.AllKinds, Reason: "bounce", Until: &over, CreatedAt: h.db.Now()},
			} {
				if err := tx.Create(row).Error; err != nil {
					return err
				}
			}
			return tx.Exec("UPDATE addresses SET channel = 'telegram', value = '@someone' WHERE person_id = ?", p[2]).Error
		})
		n := h.start(nil)
		preview, err := n.Preview(t.Context(), staff, th, models.Text{EN: "Soon."}, true)
		want := "{6 3 [{no_channel 1} {preference 1} {suppressed 1}] map[] 1 0 map[en:2 zh:1] 1 " + h.db.Now().String() + "}"
		if err != nil || fmt.Sprintf("%v", preview) != want {
			t.Errorf("preview %+v %v, want %s", preview, err, want)
		}
		quiet, err := n.Preview(t.Context(), staff, th, models.Text{}, false)
		if want := "{6 0 [{quiet 6}] map[] 0 0 map[] 0 " + h.db.Now().String() + "}"; err != nil || fmt.Sprintf("%v", quiet) != want {
			t.Errorf("quiet preview %+v %v, want %s", quiet, err, want)
		}
		h.give(th, models.StatusPlanned, nil)
		h.fannedOut(1)
		h.clock.Add(settleTime)
		h.sent(3)
		h.exactly(1, h.email(0), h.email(4), h.email(5))
		for i, why := range []string{"", SkipPreference, SkipNoChannel, SkipSuppressed, "", ""} {
			h.wantReasons(p[i], why)
		}
	})
}

// Where very many follow a theme, a change is answered by the last count, and says of
// when that is; a preview counts, and the cron job counts what was counted long ago.
func TestManyAreCountedBeforehand(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		th := h.theme(exports, models.StatusReceived)
		h.people(2, th)
		many := func(n int) {
			h.write(func(_ context.Context, tx *gorm.DB) error {
				return tx.Exec("UPDATE themes SET people_count = ? WHERE id = ?", n, th).Error
			})
		}
		n := h.start(nil)
		estimated := func(when string, people int, counted time.Time) {
			t.Helper()
			p, err := n.Estimate(t.Context(), staff, th, models.Text{EN: "Soon."}, true)
			if err != nil || p.People != people || p.Mails != people || !p.CountedAt.Equal(counted) {
				t.Errorf("%s: %+v, %v; want %d of %s", when, p, err, people, counted)
			}
			if u, err := n.EstimateOf(t.Context(), staff, KindUpdate, th, models.Text{EN: "Soon."}, true); err != nil || u.People != people || !u.CountedAt.Equal(counted) {
				t.Errorf("an update %s: %+v, %v; want %d of %s", when, u, err, people, counted)
			}
		}
		few := h.db.Now()
		estimated("few", 2, few)
		many(countedAtOnce + 1) // as if they were: what counts is when they are looked at
		estimated("many, never counted", 2, few)
		h.people(1, th)
		many(countedAtOnce + 1)
		h.clock.Add(time.Minute)
		estimated("many, counted a minute ago", 2, few)
		if p, err := n.Preview(t.Context(), staff, th, models.Text{}, true); err != nil || p.People != 3 || !p.CountedAt.Equal(h.db.Now()) {
			t.Errorf("a preview: %+v, %v; want all three, now", p, err)
		}
		h.people(1, th)
		many(countedAtOnce + 1)
		h.clock.Add(countedAnew + time.Minute)
		if err := n.TickFanOut(t.Context(), models.Job{}); err != nil {
			t.Fatal(err)
		}
		estimated("after the cron job", 4, h.db.Now())
		many(4)
	})
}

// Counted in parts, nobody is left out or counted twice, wherever a part ends and however
// many of the themes they stand behind.
func TestEverybodyIsCountedOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n, _ := h.ledger(h.db, nil)
		other := models.Theme{ID: h.theme(exports, models.StatusReceived), PublicTitle: models.Text{EN: "Another", ZH: "另一个"}}
		others := len(h.people(partSize+1, other.ID))
		for _, many := range []int{1, partSize - 1, partSize, partSize + 1, 2*partSize + 3} {
			th := models.Theme{ID: h.theme(exports, models.StatusReceived), PublicTitle: other.PublicTitle}
			h.people(many-many/4, th.ID)
			both := len(h.people(many/4, th.ID, other.ID))
			others += both
			right := func(p Preview, err error, of int) {
				t.Helper()
				if err != nil || p.People != of || p.Mails != of || p.ByLocale["zh"]+p.ByLocale["en"] != of {
					t.Errorf("%d: %+v, %v", of, p, err)
				}
			}
			p, err := n.Preview(t.Context(), staff, th.ID, models.Text{EN: "Soon."}, true)
			right(p, err, many)
			p, err = n.PreviewOf(t.Context(), staff, KindStatus, []models.Theme{th, other}, models.Text{EN: "Soon.", ZH: "很快。"}, true)
			right(p, err, many+others-both)
		}
	})
}

func TestOnlyWhoStoodBehindTheThemeThenIsTold(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		th, from := h.theme(exports, models.StatusReceived), h.theme(exports, models.StatusReceived)
		away := h.theme(exports, models.StatusReceived)
		h.people(3, th)         // 0–2
		h.people(2, from)       // 3–4: merged in after the change
		gone := h.people(2, th) // 5–6: moved away after the change
		h.give(th, models.StatusPlanned, nil)
		h.clock.Add(time.Second)
		h.move(models.ThemeMerged, from, th, h.peopleOf(from))
		h.move(models.ThemeSplit, th, away, gone)
		h.people(2, th) // 7–8: came later
		h.start(nil)
		h.fannedOut(1)
		h.clock.Add(settleTime)
		h.sent(5)
		h.exactly(1, append(h.emails(0, 3), h.emails(5, 7)...)...)
	})
}

func (h *house) peopleOf(theme string) (people []string) {
	h.t.Helper()
	if err := h.db.Read(context.Background()).Model(&models.Vote{}).Where("theme_id = ?", theme).Pluck("person_id", &people).Error; err != nil {
		h.t.Fatal(err)
	}
	return people
}

// move moves votes between themes as package themes does.
func (h *house) move(verb models.Verb, from, to string, people []string) {
	h.t.Helper()
	h.write(func(ctx context.Context, tx *gorm.DB) error {
		act := &models.Activity{ID: models.NewID(models.PrefixActivity), Verb: verb, ThemeID: from}
		for _, p := range people {
			if err := tx.Create(&models.Move{ActivityID: act.ID, What: models.MoveVote, RowID: p, FromTheme: from, ToTheme: to}).Error; err != nil {
				return err
			}
			if err := tx.Exec("UPDATE votes SET theme_id = ? WHERE theme_id = ? AND person_id = ?", to, from, p).Error; err != nil {
				return err
			}
		}
		if err := tx.Exec("UPDATE themes SET people_count = (SELECT COUNT(*) FROM votes v WHERE v.theme_id = themes.id)").Error; err != nil {
			return err
		}
		return h.db.Record(ctx, tx, staff.By(), act)
	})
}

func TestAThemeWithoutAPublicTitleIsNamedByThePersonsOwnWords(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		th := h.theme(models.Text{}, models.StatusReceived)
		p := h.people(2, th)
		h.write(func(_ context.Context, tx *gorm.DB) error {
			now := h.db.Now()
			s := models.Suggestion{ID: models.NewID(models.PrefixSuggestion), Text: "Please let me export my board as PDF.", Lang: "en", Kind: models.KindSuggestion, Source: "api",
				State: models.StateNew, Receipt: "R1", Action: models.ActionAttached, PersonID: p[0], ThemesCount: 1, CreatedAt: now, UpdatedAt: now}
			if err := tx.Create(&s).Error; err != nil {
				return err
			}
			if err := tx.Create(&models.SuggestionTheme{SuggestionID: s.ID, ThemeID: th, Action: models.ActionAttached, CreatedAt: now}).Error; err != nil {
				return err
			}
			return tx.Exec("UPDATE themes SET suggestions_count = 1 WHERE id = ?", th).Error
		})
		h.start(nil)
		h.give(th, models.StatusPlanned, nil)
		h.fannedOut(1)
		h.clock.Add(settleTime)
		h.sent(2)
		own, unnamed := h.sink.For(h.email(0))[0].Read(t), h.sink.For(h.email(1))[0].Read(t)
		if !strings.Contains(own.Subject, "Please let me export") || !strings.Contains(unnamed.Subject, "您关注的一条需求") {
			t.Errorf("subjects %q, %q", own.Subject, unnamed.Subject)
		}
		if all := own.Text + own.HTML + unnamed.Text + unnamed.HTML; strings.Contains(all, "our own words") || strings.Contains(all, "/t/") {
			t.Error("a private theme's title or page got out")
		}
		if strings.Contains(unnamed.Text+unnamed.Subject, "export") {
			t.Error("one person's words reached another")
		}
	})
}
