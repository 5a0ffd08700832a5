package issuesync

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/test/githubstand"
)

// linkedThemes is how many themes the calls are counted for; HEED_TEST_GITHUB_THEMES=10000 is what
// the documentation says.
func linkedThemes(t *testing.T) int {
	n, err := strconv.Atoi(os.Getenv("HEED_TEST_GITHUB_THEMES"))
	if err != nil {
		return 250
	}
	return n
}

// Quiet hours cost next to nothing, and the night's sweep a page where something has changed:
// GitHub says for free that a page is as it was.
func TestWhatTheHoursAndTheNightCost(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	stand.SetLimits(githubstand.Limits{Primary: 1 << 30})
	w := newWorld(t, sqlite(t), stand)
	n := linkedThemes(t)
	numbers := w.manyLinked(n)
	pages := (n + 99) / 100
	count := func(what string, do func() error, most, mostCounted int) {
		t.Helper()
		stand.ResetLog()
		if err := do(); err != nil {
			t.Fatal(what, ": ", err)
		}
		var all, counted int
		for _, r := range stand.Requests() {
			if all++; r.Status != http.StatusNotModified {
				counted++
			}
		}
		t.Logf("%s: %d calls, %d of them counted", what, all, counted)
		if all > most || counted > mostCounted || len(stand.Writes()) > 0 {
			t.Errorf("%s: %d calls, %d counted, %d writes; want %d, %d and none", what, all, counted, len(stand.Writes()), most, mostCounted)
		}
	}
	hour := func() error {
		for range 60 {
			if err := w.Reconcile(t.Context()); err != nil {
				return err
			}
		}
		return nil
	}
	ctx := t.Context()
	quiet := func() { // what came together is older than lists may lag behind
		time.Sleep(1100 * time.Millisecond)
		if err := stand.AddLabels(ctx, roadmap, numbers[0], "bug"); err != nil { // alone in its second
			t.Fatal(err)
		}
		if err := w.Reconcile(ctx); err != nil {
			t.Fatal(err)
		}
		var last githubstand.Issue
		for _, is := range must[[]githubstand.Issue](t)(stand.ListIssues(ctx, roadmap)) {
			if is.UpdatedAt.After(last.UpdatedAt) {
				last = is
			}
		}
		w.exec("UPDATE github_repositories SET since = ?", models.Milli(last.UpdatedAt))
	}
	quiet()
	count("a quiet hour", hour, 70, 10)
	count("the first night", func() error { return w.Sweep(ctx) }, pages+1, pages+1)
	count("a quiet night", func() error { return w.Sweep(ctx) }, pages+1, 1)
	for _, i := range []int{3, n / 2, n/2 + 1} { // two pages, or three where the middle is between two
		must[githubstand.Issue](t)(stand.CloseIssue(ctx, roadmap, numbers[i], "completed"))
	}
	count("a night after three changes", func() error { return w.Sweep(ctx) }, pages+1, 4)
	var ready int64
	if err := w.db.Read(ctx).Model(&models.Theme{}).Where("ready_at IS NOT NULL").Count(&ready).Error; err != nil || ready != 3 {
		t.Errorf("%d themes are ready, %v", ready, err)
	}
	quiet()
	count("an hour after three changes", hour, 70, 10)
}

// manyLinked makes themes with issues, by the shortest way: the issues as people would.
func (w *world) manyLinked(n int) (numbers []int) {
	w.t.Helper()
	repo, err := w.api.repository(w.t.Context(), roadmap)
	if err != nil {
		w.t.Fatal(err)
	}
	issues := make([]githubstand.Issue, n)
	var wg sync.WaitGroup
	for k := range 8 {
		wg.Go(func() {
			for i := k; i < n; i += 8 {
				var err error
				if issues[i], err = w.stand.CreateIssue(context.Background(), roadmap, fmt.Sprint("Theme ", i), ""); err != nil {
					w.t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	now := w.db.Now()
	for from := 0; from < n; from += 500 {
		err := w.db.Write(w.t.Context(), func(_ context.Context, tx *gorm.DB) error {
			for _, is := range issues[from:min(n, from+500)] {
				th := models.Theme{ID: models.NewID(models.PrefixTheme), Title: is.Title, PublicTitle: models.Text{EN: is.Title}, Status: models.StatusReceived, StatusAt: now, CreatedAt: now, UpdatedAt: now, Rev: 1}
				if err := tx.Create(&th).Error; err != nil {
					return err
				}
				l := models.IssueLink{ID: models.NewID(models.PrefixIssueLink), ThemeID: th.ID, Repository: roadmap, RepositoryID: repo.id, IssueID: is.ID, Number: is.Number,
					URL: is.HTMLURL, State: models.LinkLinked, IssueState: "open", CreatedAt: now, UpdatedAt: now}
				if err := tx.Create(&l).Error; err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	for _, is := range issues {
		numbers = append(numbers, is.Number)
	}
	return numbers
}
