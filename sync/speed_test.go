package issuesync

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/heedhq/heed/jobs"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/test/githubstand"
)

// middle and slow are the 50th and the 99th of a hundred.
func quantiles(all []time.Duration) (middle, slow time.Duration) {
	slices.Sort(all)
	return all[len(all)/2], all[(len(all)*99+99)/100-1]
}

// A storm of webhooks – somebody edits a whole repository by a script – is answered as it comes,
// costs fewer calls than there are issues, and leaves every theme where its issue is. With
// HEED_TEST_GITHUB_STORM=10 it lasts ten seconds and brings a thousand a second about a thousand issues.
func TestAStormOfHooksCostsFewCalls(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	stand.SetLimits(githubstand.Limits{Primary: 1 << 30})
	seconds, perSecond, issues := 1, 300, 120
	if n, err := strconv.Atoi(os.Getenv("HEED_TEST_GITHUB_STORM")); err == nil {
		seconds, perSecond, issues = n, 1000, 1000
	}
	each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db, stand)
		w.opts.Pace.Changes = DefaultPace().Changes
		numbers := w.manyLinked(issues)
		if err := w.Reconcile(t.Context()); err != nil {
			t.Fatal(err)
		}
		repo := must[repository](t)(w.api.repository(t.Context(), roadmap))
		for _, n := range numbers {
			must[githubstand.Issue](t)(stand.CloseIssue(t.Context(), roadmap, n, "completed"))
		}
		url, outcomes := receiver(t, w)
		stop := w.start()
		stand.ResetLog()
		took := w.storm(url, repo.id, numbers, seconds*perSecond, time.Second/time.Duration(perSecond))
		if got := outcomes(); got["queued"] != len(took) {
			t.Errorf("of %d webhooks: %v", len(took), got)
		}
		w.settled()
		stop()
		var gets int
		for _, r := range stand.Requests() {
			if gets++; r.Method != http.MethodGet {
				t.Errorf("it wrote: %s %s", r.Method, r.Path)
			}
		}
		middle, slow := quantiles(took)
		t.Logf("%d webhooks about %d issues in %d s: answered in %s (p50), %s (p99); %d calls", len(took), issues, seconds, middle, slow, gets)
		if gets > issues {
			t.Errorf("%d calls for %d issues", gets, issues)
		}
		var ready int64
		if err := db.Read(t.Context()).Model(&models.Theme{}).Where("ready_at IS NOT NULL").Count(&ready).Error; err != nil || int(ready) != issues {
			t.Errorf("%d of %d themes are ready, %v", ready, issues, err)
		}
	})
}

// storm sends n webhooks, one every gap however long the answers take, and says how long each
// took from when it was due.
func (w *world) storm(url string, repository int64, numbers []int, n int, gap time.Duration) []time.Duration {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 512}}
	took := make([]time.Duration, n)
	var wg sync.WaitGroup
	begin := time.Now()
	for i := range n {
		body := fmt.Appendf(nil, `{"action":"edited","issue":{"number":%d},"repository":{"id":%d,"full_name":%q}}`, numbers[i%len(numbers)], repository, roadmap)
		req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, url, bytes.NewReader(body))
		if err != nil {
			w.t.Fatal(err)
		}
		req.Header = http.Header{"X-Github-Delivery": {models.NewID("g")}, "X-Github-Event": {"issues"}, "X-Hub-Signature-256": {"sha256=" + signature(w.opts.WebhookSecret, body)}}
		due := begin.Add(time.Duration(i) * gap)
		time.Sleep(time.Until(due))
		wg.Go(func() {
			res, err := client.Do(req)
			if err != nil {
				w.t.Error(err)
				return
			}
			res.Body.Close()
			took[i] = time.Since(due)
		})
	}
	wg.Wait()
	return took
}

// What happens on GitHub is to be seen here at once; HEED_TEST_GITHUB_FLIPS is how often that is
// measured, 20 times unless it says otherwise.
func TestAChangeThereIsSeenHere(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	n := 20
	if more, err := strconv.Atoi(os.Getenv("HEED_TEST_GITHUB_FLIPS")); err == nil {
		n = more
	}
	each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db, stand)
		w.opts.Pace = DefaultPace()
		th, l := w.linked("Seen " + db.Dialect())
		url, _ := receiver(t, w)
		stand.SetHookTarget(url)
		defer stand.SetHookTarget("")
		w.start()
		var took []time.Duration
		for i := range n {
			time.Sleep(time.Duration(20+i*37%500) * time.Millisecond)
			w.close(l, "completed")
			begin := time.Now()
			eventually(t, "the theme is ready", func() bool { return w.themeNow(th).ReadyAt != nil }, func() any { return w.themeNow(th) })
			took = append(took, time.Since(begin))
			w.reopen(l)
			eventually(t, "the theme is not ready", func() bool { return w.themeNow(th).ReadyAt == nil }, func() any { return w.themeNow(th) })
		}
		middle, slow := quantiles(took)
		t.Logf("%d changes on GitHub are seen here after %s (p50), %s (p99)", n, middle, slow)
	})
}

// The first export of a whole roadmap keeps to what GitHub allows, and says from its beginning
// when it will be over. Time is played: an hour of it passes in a moment.
func TestAnExportKeepsToTheBudgetsAndSaysWhenItEnds(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	stand.SetLimits(githubstand.Limits{Primary: 1 << 30})
	clock := modelstest.NewClock(time.Now().UTC().Truncate(time.Millisecond))
	const themesCount = 500
	w := newWorld(t, modelstest.Open(t, modelstest.SQLiteURL(t), clock), stand)
	w.opts.Pace = DefaultPace()
	w.lane.gap, w.lane.most = w.opts.Pace.WriteGap, w.opts.Pace.PerHour
	for i := range themesCount {
		w.create(w.theme(fmt.Sprint("Export ", i)))
	}
	begin := clock.Now()
	h := must[Health](t)(w.Health(t.Context(), pm))
	var sent []time.Time
	for w.byTheClock(clock, func(writes int) {
		for range writes {
			sent = append(sent, clock.Now())
		}
	}) {
	}
	var linked int64
	if err := w.db.Read(t.Context()).Model(&models.IssueLink{}).Where("state = ?", models.LinkLinked).Count(&linked).Error; err != nil || linked != themesCount {
		t.Fatalf("%d issues, %v", linked, err)
	}
	for i := range sent {
		if i > 0 && sent[i].Sub(sent[i-1]) < time.Second {
			t.Fatalf("writes %d and %d are %s apart", i-1, i, sent[i].Sub(sent[i-1]))
		}
		if i >= 450 && sent[i].Sub(sent[i-450]) < time.Hour {
			t.Fatalf("451 issues in %s", sent[i].Sub(sent[i-450]))
		}
	}
	took, said := clock.Now().Sub(begin), h.Until.Sub(begin)
	t.Logf("%d issues in %s; it had said %s", linked, took, said)
	if h.Waiting != themesCount || said < took*8/10 || said > took*12/10 {
		t.Errorf("%d wait until %s, it took %s", h.Waiting, said, took)
	}
}

// byTheClock does the next thing that is due, or lets the time pass until something is; false
// when nothing is left. wrote hears how many writes reached GitHub.
func (w *world) byTheClock(clock *modelstest.Clock, wrote func(int)) bool {
	w.t.Helper()
	if _, err := w.readChanges(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	var j models.Job
	if w.db.Read(w.t.Context()).Where("kind LIKE 'github.%'").Order("run_at, id").Limit(1).Find(&j); j.ID == "" {
		return false
	}
	if wait := j.RunAt.Sub(clock.Now()); wait > 0 {
		clock.Add(wait)
	}
	w.stand.ResetLog()
	err := w.handlers()[j.Kind](w.t.Context(), j)
	wrote(len(w.stand.Writes()))
	if later, again := errors.AsType[jobs.Later](err); again {
		w.exec("UPDATE jobs SET run_at = ? WHERE id = ?", models.Milli(later.At), j.ID)
	} else if err != nil {
		w.t.Fatal(err)
	} else {
		w.exec("DELETE FROM jobs WHERE id = ?", j.ID)
	}
	return true
}
