package themes_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/themes"
)

// Who decides on what a crowd is still saying waits for those who file, and never
// both for each other.
func TestDecisionsInABurstDoNotDeadlock(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		h := newHouse(t, db)
		const text = "The app shows a white screen since this morning"
		lead := h.file(text, "first@example.com")
		before := deadlocks(t, db)
		done := make(chan struct{})
		var wg sync.WaitGroup
		for w := range 8 {
			wg.Go(func() {
				for i := range 60 {
					select {
					case <-done:
						return
					default:
					}
					if _, err := h.in.File(ctx, pm, intake.Submission{Text: text, Person: &intake.PersonInput{Email: fmt.Sprintf("p%d-%d@example.com", w, i)}}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		id, at := lead.Suggestion.ID, lead.Theme.ID
		undone := func(what string, act string, err error) {
			if err == nil {
				_, err = h.th.Undo(ctx, pm, act)
			}
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
		for range 2 {
			act, _, err := h.th.Decide(ctx, pm, id, at, false)
			undone("said not to belong", act, err)
			act, _, err = h.th.Assign(ctx, pm, []string{id}, themes.Assignment{NewTitle: "White screen"})
			undone("assigned", act, err)
			act, _, err = h.th.Split(ctx, pm, at, []string{id}, "White screen")
			undone("split", act, err)
			other := h.theme("White screens")
			act, _, err = h.th.Merge(ctx, pm, at, other)
			undone("merged", act, err)
		}
		close(done)
		wg.Wait()
		time.Sleep(1500 * time.Millisecond) // PostgreSQL reports its counts once a second
		if n := deadlocks(t, db) - before; n > 0 {
			t.Errorf("%d deadlocks", n)
		}
		h.sound()
	})
}

func deadlocks(t *testing.T, db *models.DB) (n int64) {
	if db.Dialect() != "sqlite" {
		if err := db.Read(ctx).Raw("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").Scan(&n).Error; err != nil {
			t.Fatal(err)
		}
	}
	return n
}
