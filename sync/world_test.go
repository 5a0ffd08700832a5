package issuesync

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/jobs"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/test/githubstand"
	"github.com/heedhq/heed/themes"
)

const roadmap = "acme/roadmap"

var pm = auth.Actor{Kind: models.ActorMember, ID: "mem_1", Name: "Pia Manager", Role: models.RolePM}

// quick makes minutes out of days.
func quick() Pace {
	return Pace{WriteGap: time.Millisecond, Timeout: time.Second, LimitBase: 20 * time.Millisecond, Refused: 150 * time.Millisecond, Changes: 5 * time.Millisecond, Calm: 200 * time.Millisecond, PerHour: 1 << 30,
		Probes: []time.Duration{10 * time.Millisecond, 30 * time.Millisecond, 60 * time.Millisecond, 100 * time.Millisecond}}
}

// tb is a test, or one walk of a random one.
type tb interface {
	Helper()
	Error(...any)
	Errorf(string, ...any)
	Fatal(...any)
	Fatalf(string, ...any)
	Context() context.Context
	Cleanup(func())
}

// world is an installation that talks to a stand. Its workers run from start to
// stop, as a process does.
type world struct {
	*Sync
	t     tb
	stand *githubstand.Stand
	th    *themes.Themes
	q     *jobs.Queue
}

// each runs the test on both databases, by the machine's clock: the stand has
// no other.
func each(t *testing.T, run func(t *testing.T, db *models.DB)) {
	t.Run("sqlite", func(t *testing.T) { run(t, modelstest.Open(t, modelstest.SQLiteURL(t), nil)) })
	t.Run("postgres", func(t *testing.T) { run(t, modelstest.Open(t, modelstest.PostgresURL(t), nil)) })
}

func sqlite(t *testing.T) *models.DB { return modelstest.Open(t, modelstest.SQLiteURL(t), nil) }

func newWorld(t *testing.T, db *models.DB, stand *githubstand.Stand, change ...func(*Options)) *world {
	t.Helper()
	o := Options{APIURL: "http://127.0.0.1:1", Token: "ghp_none", WebhookSecret: "hook secret", Repository: roadmap, Secret: []byte("0123456789abcdef"),
		PublicURL: "https://feedback.example.test", Pace: quick()}
	if stand != nil {
		o.APIURL, o.Token, o.WebhookSecret = stand.BaseURL, stand.BotToken, stand.WebhookSecret
	}
	for _, f := range change {
		f(&o)
	}
	w := &world{t: t, stand: stand, th: themes.New(db, themes.Options{}), q: jobs.New(db, models.NewID("n"), 4)}
	s, err := New(db, w.q, w.th, o)
	if err != nil {
		t.Fatal(err)
	}
	s.Register()
	w.Sync = s
	return w
}

// start runs the workers, which look for work all the time, until stop.
func (w *world) start() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { w.q.Run(ctx) })
	running.Go(func() { w.Run(ctx) })
	running.Go(func() {
		for ctx.Err() == nil {
			w.q.Nudge()
			time.Sleep(5 * time.Millisecond)
		}
	})
	stop = sync.OnceFunc(func() { cancel(); running.Wait() })
	w.t.Cleanup(stop)
	return stop
}

// theme makes a confirmed theme that people may see.
func (w *world) theme(title string) *models.Theme {
	w.t.Helper()
	internal := "internal name of " + title
	th, err := w.th.Create(w.t.Context(), pm, themes.Draft{Title: &internal})
	if err != nil {
		w.t.Fatal(err)
	}
	public := true
	if th, _, err = w.th.Confirm(w.t.Context(), pm, th.ID, models.Text{EN: title}, &public); err != nil {
		w.t.Fatal(err)
	}
	return th
}

func (w *world) create(th *models.Theme) models.IssueLink {
	w.t.Helper()
	l, err := w.Create(w.t.Context(), pm, th.ID, "")
	if err != nil {
		w.t.Fatal(err)
	}
	return l
}

func (w *world) read(id string) models.IssueLink {
	w.t.Helper()
	l, err := w.link(w.t.Context(), id)
	if err != nil || l == nil {
		w.t.Fatalf("link %s: %v, %v", id, l, err)
	}
	return *l
}

func (w *world) themeNow(th *models.Theme) *models.Theme {
	w.t.Helper()
	now, err := w.th.Get(w.t.Context(), auth.System(), th.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return now
}

// waitFor waits until the link is in the state.
func (w *world) waitFor(id string, state models.LinkState) models.IssueLink {
	w.t.Helper()
	eventually(w.t, "link "+string(state), func() bool { return w.read(id).State == state },
		func() any { return w.read(id) })
	return w.read(id)
}

// settled waits until no job of this package waits or runs.
func (w *world) settled() {
	w.t.Helper()
	eventually(w.t, "no job", func() bool { return w.caughtUp() && w.jobs() == 0 }, func() any {
		var left []models.Job
		w.db.Read(w.t.Context()).Find(&left)
		return left
	})
}

// caughtUp reports whether every activity was read, and every webhook.
func (w *world) caughtUp() (all bool) {
	w.t.Helper()
	if err := w.db.Read(w.t.Context()).Raw("SELECT n = COALESCE((SELECT seq FROM cursors WHERE name = ?), 0) AND NOT EXISTS (SELECT 1 FROM hook_deliveries WHERE taken_at IS NULL) FROM counters WHERE name = 'activity'", changesCursor).Scan(&all).Error; err != nil {
		w.t.Fatal(err)
	}
	return all
}

func (w *world) jobs() (n int64) {
	w.t.Helper()
	if err := w.db.Read(w.t.Context()).Model(&models.Job{}).Where("kind LIKE 'github.%'").Count(&n).Error; err != nil {
		w.t.Fatal(err)
	}
	return n
}

// verbs lists what happened to a theme since its making, in order.
func (w *world) verbs(themeID string) []models.Activity {
	w.t.Helper()
	var acts []models.Activity
	if err := w.db.Read(w.t.Context()).Order("seq").Find(&acts, "theme_id = ?", themeID).Error; err != nil {
		w.t.Fatal(err)
	}
	return acts
}

func (w *world) count(themeID string, verb models.Verb) (n int) {
	w.t.Helper()
	for _, a := range w.verbs(themeID) {
		if a.Verb == verb {
			n++
		}
	}
	return n
}

// issues lists the stand's issues with that title.
func (w *world) issues(title string) (out []githubstand.Issue) {
	w.t.Helper()
	for _, repo := range []string{roadmap, "acme/secret"} {
		all, err := w.stand.ListIssues(w.t.Context(), repo)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, is := range all {
			if is.Title == title {
				out = append(out, is)
			}
		}
	}
	return out
}

func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	err := w.db.Write(w.t.Context(), func(_ context.Context, tx *gorm.DB) error { return tx.Exec(sql, args...).Error })
	if err != nil {
		w.t.Fatal(err)
	}
}

func eventually(t tb, what string, ok func() bool, state func() any) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("never: %s; it is %+v", what, state())
}

func must[T any](t tb) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func code(err error) string {
	if e, ok := err.(*models.Error); ok {
		return e.Field + " " + e.Code
	}
	if err == nil {
		return ""
	}
	return "not of the vocabulary: " + err.Error()
}

func contains(s string, all ...string) (missing []string) {
	for _, x := range all {
		if !strings.Contains(s, x) {
			missing = append(missing, x)
		}
	}
	return missing
}
