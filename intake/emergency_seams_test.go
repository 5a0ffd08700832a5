package intake_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/themes"
)

// Whose words stand in a theme stays there when they are robbed later: the team is
// alerted all the same, and the store is sound.
func TestWhatStandsInAThemeBecomesAnEmergency(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		f := d.file(t, intake.Submission{Text: "Please add dark mode to the wallet", Person: &intake.PersonInput{Email: "ann@example.com"}})
		if _, err := d.Answer(ctx, their(f), f.Suggestion.ID, models.MessageReply, "all my coins have been stolen since"); err != nil {
			t.Fatal(err)
		}
		got, err := d.Get(ctx, token, f.Suggestion.ID)
		if err != nil || got.Cause != models.CauseStolen || got.Suggestion.Confidential || got.Suggestion.Urgency != models.UrgencyCritical || got.Theme == nil {
			t.Errorf("cause %q, %+v, %v", got.Cause, got.Suggestion, err)
		}
		if n := len(d.alarms(t)); n != 1 {
			t.Errorf("%d alerts", n)
		}
	})
}

// What became confidential is put into no theme again, by no undo either.
func TestNoUndoPutsAnEmergencyIntoATheme(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		f := d.file(t, intake.Submission{Text: "Please add dark mode to the wallet", Person: &intake.PersonInput{Email: "ann@example.com"}})
		out, _, err := d.th.Assign(ctx, sam, []string{f.Suggestion.ID}, themes.Assignment{Remove: []string{f.Theme.ID}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Answer(ctx, their(f), f.Suggestion.ID, models.MessageReply, "all my coins have been stolen since"); err != nil {
			t.Fatal(err)
		}
		if s := d.read(t, f.Suggestion.ID); !s.Confidential {
			t.Fatalf("not confidential: %+v", s)
		}
		if _, err := d.th.Undo(ctx, sam, out); models.KindOf(err) != models.Conflict {
			t.Errorf("taken back: %v", err)
		}
	})
}

// Who files emergencies, sends files with secrets and takes care of them never waits
// for each other in a ring.
func TestEmergenciesInEveryOrder(t *testing.T) {
	each(t, func(t *testing.T, d door, clock *modelstest.Clock) {
		var ids []string
		for i := range 8 {
			f := d.file(t, intake.Submission{Text: fmt.Sprintf("Wish number %d for the wallet", i), Person: &intake.PersonInput{Email: fmt.Sprintf("p%d@example.com", i)}})
			ids = append(ids, f.Suggestion.ID)
		}
		ready, err := d.Ready([]intake.Upload{{Name: "a.log", Body: []byte("nothing in it")}, {Name: "b.log", Body: []byte("words=" + seed(t))}})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		var wg sync.WaitGroup
		for i, id := range ids {
			wg.Go(func() {
				if _, err := d.Attach(ctx, sam, id, "", ready); err != nil {
					t.Error(err)
				}
			})
			wg.Go(func() {
				f, err := d.File(ctx, auth.Anonymous(), intake.Submission{Text: fmt.Sprintf("my wallet number %d was hacked", i)})
				if err != nil {
					t.Error(err)
					return
				}
				if err := d.Acknowledge(ctx, sam, f.Suggestion.ID); err != nil {
					t.Error(err)
				}
			})
			wg.Go(func() {
				if err := d.TickAlerts(ctx, models.Job{}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		t.Log(time.Since(began))
		_, open, err := d.Emergencies(ctx, token, false, 0)
		if err != nil || open != int64(len(ids)) {
			t.Errorf("%d are open, %v", open, err)
		}
	})
}

// A clock that passed while its suggestion was closed is told of when it is open again.
func TestAClockSurvivesAClosingThatIsTakenBack(t *testing.T) {
	for name, open := range map[string]func(d door, f intake.Filed, act string) error{
		"undone": func(d door, f intake.Filed, act string) error { _, err := d.th.Undo(ctx, sam, act); return err },
		"by its person": func(d door, f intake.Filed, _ string) error {
			_, err := d.Answer(ctx, their(f), f.Suggestion.ID, models.MessageReply, "still so")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, d door, clock *modelstest.Clock) {
				f := d.file(t, intake.Submission{Text: "I cannot log in at all", Urgency: "high", Person: &intake.PersonInput{Email: "ann@example.com"}})
				act, err := d.th.Close(ctx, sam, []string{f.Suggestion.ID})
				if err != nil {
					t.Fatal(err)
				}
				clock.Add(9 * 24 * time.Hour)
				d.tick(t)
				if got := d.told(t); got != "" {
					t.Fatalf("told of what is closed: %s", got)
				}
				if err := open(d, f, act); err != nil {
					t.Fatal(err)
				}
				d.tick(t)
				first := d.told(t)
				if first == "" {
					t.Fatal("nothing is told of a clock that is over")
				}
				d.tick(t)
				if got := d.told(t); got != first {
					t.Errorf("told twice: %s", got)
				}
			})
		})
	}
}
