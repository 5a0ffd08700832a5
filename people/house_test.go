package people_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/people"
	"github.com/heedhq/heed/redact"
	"github.com/heedhq/heed/themes"
)

// TestMain keeps the random walks short enough for every run.
func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if !given {
		flag.Set("rapid.checks", "25")
	}
	os.Exit(m.Run())
}

// house is the door, the team's decisions and people over a real store.
type house struct {
	t  testing.TB
	db *models.DB
	th *themes.Themes
	in *intake.Intake
	p  *people.People
}

func newHouse(t testing.TB, db *models.DB) *house {
	h := &house{t: t, db: db, th: themes.New(db, themes.Options{Remeasure: -1, Wait: 5 * time.Second}), p: newPeople(db)}
	h.in = intake.New(db, h.th, redact.New(redact.Options{Key: []byte("test")}), "en")
	h.th.UndoWith(models.PersonMerged, h.p.TakeBack)
	run, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { h.th.Run(run); close(done) }()
	t.Cleanup(sync.OnceFunc(func() { stop(); <-done }))
	for h.th.Warming() {
		time.Sleep(time.Millisecond)
	}
	return h
}

func each(t *testing.T, run func(t *testing.T, h *house)) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		h := newHouse(t, db)
		run(t, h)
		h.sound(t)
	})
}

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

func (h *house) sound(t fataler) {
	t.Helper()
	invs, err := h.db.Check(ctx)
	if err != nil {
		t.Fatalf("check: %v", err)
	}
	for _, i := range invs {
		if i.Broken != 0 {
			t.Fatalf("broken: %s (%d rows)", i.Name, i.Broken)
		}
	}
}

func (h *house) file(text, email string) intake.Filed {
	h.t.Helper()
	f, err := h.in.File(ctx, pm, intake.Submission{Text: text, Person: &intake.PersonInput{Email: email}})
	if err != nil {
		h.t.Fatal(err)
	}
	return f
}

func (h *house) theme(title string) string {
	h.t.Helper()
	th, err := h.th.Create(ctx, pm, themes.Draft{Title: &title})
	if err != nil {
		h.t.Fatal(err)
	}
	if _, _, err := h.th.Confirm(ctx, pm, th.ID, models.Text{EN: title}, nil); err != nil {
		h.t.Fatal(err)
	}
	return th.ID
}

// person is who an address belongs to.
func (h *house) person(email string) string {
	h.t.Helper()
	id, err := h.in.Person(ctx, pm, intake.PersonInput{Email: email})
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

func (h *house) merge(id, into string) string {
	h.t.Helper()
	act, _, err := h.p.Merge(ctx, pm, id, into)
	if err != nil {
		h.t.Fatal(err)
	}
	return act
}

func (h *house) undo(act string) string {
	h.t.Helper()
	made, err := h.th.Undo(ctx, pm, act)
	if err != nil {
		h.t.Fatalf("undo: %v", err)
	}
	return made
}

func (h *house) vote(theme, person string) {
	h.t.Helper()
	if _, err := h.th.Vote(ctx, pm, theme, person); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) peopleOf(theme string) int {
	h.t.Helper()
	th, err := h.th.Get(ctx, pm, theme)
	if err != nil {
		h.t.Fatal(err)
	}
	return th.PeopleCount
}

// tell writes an event of a theme with a row for each who stands behind it: as
// states say in turn, "waiting", "ready", "sent" or a reason why not.
func (h *house) tell(theme string, rev int64, states ...string) string {
	h.t.Helper()
	now := h.db.Now()
	e := models.FollowUpEvent{ID: models.NewID(models.PrefixEvent), ActivityID: models.NewID(models.PrefixActivity), Kind: "status", ThemeID: theme, Rev: rev,
		Notify: true, Snapshot: `{"to":"planned"}`, CreatedAt: now}
	err := h.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		var voters []string
		if err := tx.Model(&models.Vote{}).Where("theme_id = ?", theme).Order("person_id").Pluck("person_id", &voters).Error; err != nil {
			return err
		}
		if err := tx.Create(&e).Error; err != nil {
			return err
		}
		for i, who := range voters {
			item := models.FollowUpItem{EventID: e.ID, PersonID: who, ThemeID: theme, DueAt: now, CreatedAt: now}
			switch s := states[i%len(states)]; s {
			case "waiting":
			case "ready", "sent":
				d := models.Delivery{ID: models.NewID(models.PrefixDelivery), Kind: "status", Lane: models.LaneNormal, PersonID: who, Address: who + "@x.test", Locale: "en",
					State: models.DeliveryState(s), RunAt: now, NotAfter: now.Add(time.Hour), CreatedAt: now, UpdatedAt: now}
				d.DedupKey, d.MessageID = d.ID, d.ID
				if s == "sent" {
					d.SentAt = &now
				}
				if err := tx.Create(&d).Error; err != nil {
					return err
				}
				item.DeliveryID = d.ID
			default:
				item.SkipReason = s
			}
			if err := tx.Create(&item).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return e.ID
}

// stand is every row that a merge of people may touch.
func (h *house) stand() string {
	h.t.Helper()
	var b strings.Builder
	for _, q := range []string{
		"SELECT id, name, locale, time_zone, segment, phrase, account_id, merged_into FROM people ORDER BY id",
		"SELECT channel, value, person_id FROM addresses ORDER BY channel, value",
		"SELECT id, person_id, echo_of, echoes, echo_people, themes_count FROM suggestions ORDER BY id",
		"SELECT theme_id, person_id, origin, created_at FROM votes ORDER BY theme_id, person_id",
		"SELECT id, people_count, suggestions_count, merged_into FROM themes ORDER BY id",
		"SELECT event_id, person_id, delivery_id, skip_reason, told_by FROM follow_up_items ORDER BY event_id, person_id",
		"SELECT id, person_id, state, address FROM deliveries ORDER BY id",
		"SELECT person_id, kind, mode FROM preferences ORDER BY person_id, kind",
		"SELECT hash, person_id FROM sessions ORDER BY hash",
		"SELECT activity_id, what, row_id, from_theme, to_theme FROM moves WHERE what IN ('vote', 'author') ORDER BY activity_id, what, row_id, from_theme, to_theme",
	} {
		var rows []map[string]any
		if err := h.db.Read(ctx).Raw(q).Scan(&rows).Error; err != nil {
			h.t.Fatal(err)
		}
		for _, r := range rows {
			if at, ok := r["created_at"].(time.Time); ok {
				r["created_at"] = at.UnixMilli()
			}
			fmt.Fprintln(&b, r)
		}
		fmt.Fprintln(&b)
	}
	return b.String()
}

// index brings the terms in step.
func (h *house) index() {
	h.t.Helper()
	if _, err := h.p.Index(ctx); err != nil {
		h.t.Fatal(err)
	}
}
