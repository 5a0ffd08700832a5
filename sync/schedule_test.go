package issuesync

import (
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/heedhq/heed/jobs"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/test/githubstand"
)

// TestMain keeps the random schedules few enough for every run; make test has more, and for
// very many say go test ./sync -run Schedule -rapid.checks=10000.
func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if !given {
		n := os.Getenv("HEED_TEST_SCHEDULES")
		if n == "" {
			n = "25"
		}
		flag.Set("rapid.checks", n)
	}
	os.Exit(m.Run())
}

// oneStand is how many schedules one stand plays: its lists grow with them.
const oneStand = 500

// Whatever staff do here and people do on GitHub, in whatever order, with lost and late and
// refused answers, lost and doubled webhooks, and the process killed at any request: once it is
// quiet there is one issue, both sides say the same, nobody's work is lost, and nothing is
// written any more.
func TestAnyScheduleEndsInStep(t *testing.T) {
	var stand *githubstand.Stand
	var db *models.DB
	var faults, kills, writes int
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		if round%oneStand == 0 {
			if stand != nil {
				t.Logf("%d schedules so far: %d faults met, %d kills, %d writes", round, faults, kills, writes)
				stand.Close()
			}
			stand, db = githubstand.StartT(t, githubstand.Options{}), sqlite(t)
			stand.SetLimits(githubstand.Limits{Primary: 1 << 30}) // budgets have tests of their own
		}
		round++
		stand.ResetLog()
		s := &schedule{bond: bond{world: newWorld(t, db, stand)}, outer: t, name: fmt.Sprintf("R%d", round), labels: map[string]bool{}, said: map[string]bool{}}
		s.t = rt
		s.restart()
		defer func() {
			stand.ClearFaults()
			for _, n := range stand.Stats().Faults {
				faults += n
			}
			kills, writes = kills+s.kills, writes+len(stand.Writes())
		}()
		s.begin()
		rt.Repeat(map[string]func(*rapid.T){"staff": s.staff, "people": s.people, "say": s.say, "hint": s.hint, "fault": s.fault, "kill": s.kill, "run": s.some})
		s.check()
	})
	t.Logf("%d schedules: %d faults met, %d kills, %d writes", round, faults, kills, writes)
}

// schedule is one walk, and what a reader of both sides knows of it.
type schedule struct {
	bond
	outer   *testing.T
	name    string
	killer  *killer
	kills   int
	edits   int
	title   string // the last that people gave there
	aim     string // the milestone that people gave there last
	target  string // the last that staff gave
	there   bool   // people have chosen a milestone
	before  string // what people wrote above the block
	noBlock bool
	labels  map[string]bool  // theirs
	second  models.IssueLink // in another repository, for some
	said    map[string]bool  // comments: whether staff wrote them, or people there
	state   string           // who changed the state since both were in step: "", "here", "there" or "both"
}

// killer lets the process die at a request: before it leaves, or after it was answered.
type killer struct {
	next  http.RoundTripper
	after bool
	left  atomic.Int64 // requests until then; 0 is never
}

func (k *killer) RoundTrip(r *http.Request) (*http.Response, error) {
	if k.left.Add(-1) != 0 {
		return k.next.RoundTrip(r)
	}
	if k.after {
		if res, err := k.next.RoundTrip(r); err == nil {
			res.Body.Close()
		}
	}
	runtime.Goexit() // what is in memory is gone with the goroutine; what is a row stays
	return nil, nil
}

// restart begins a new process on the same database.
func (s *schedule) restart() {
	s.killer = &killer{next: http.DefaultTransport}
	w := newWorld(s.outer, s.db, s.stand, func(o *Options) {
		o.HTTPClient, o.Comments, o.Milestones = &http.Client{Transport: s.killer}, CommentsBoth, MilestonesCreate
	})
	w.t = s.t
	s.world = w
}

func (s *schedule) begin() {
	s.th = s.world.theme(s.name)
	s.l = s.create(s.th)
	if s.edits = 0; rapid.IntRange(0, 2).Draw(s.t.(*rapid.T), "another repository") == 0 {
		s.second = must[models.IssueLink](s.t)(s.Create(s.t.Context(), pm, s.th.ID, "acme/secret"))
	}
}

// staff does something here.
func (s *schedule) staff(rt *rapid.T) {
	s.edits++
	switch what := rapid.SampledFrom([]string{"title", "text", "status", "undo", "target"}).Draw(rt, "staff"); what {
	case "title":
		s.deed(fmt.Sprintf("title:%s_here_%d", s.name, s.edits))
	case "text":
		s.deed(fmt.Sprintf("public:Ask_@octo_or_bob@x.test_about_#12,_%d", s.edits))
	case "target":
		s.target = rapid.SampledFrom([]string{"", "v1", "v2", s.name + " @octo"}).Draw(rt, "target")
		s.deed("target:" + strings.ReplaceAll(s.target, " ", "_"))
	case "status":
		s.deed("status:" + rapid.SampledFrom([]string{"planned", "in_progress", "shipped", "declined/no", "postponed/later", "under_review"}).Draw(rt, "status"))
		s.moved("here")
	case "undo":
		var act models.Activity
		s.db.Read(rt.Context()).Where("theme_id = ? AND verb = ? AND undone_by = '' AND actor_kind = ?", s.th.ID, models.ThemeStatus, models.ActorMember).Order("seq DESC").Limit(1).Find(&act)
		if act.ID == "" {
			rt.Skip("nothing to undo")
		}
		if _, err := s.world.th.Undo(rt.Context(), pm, act.ID); err == nil {
			s.moved("here")
		}
	}
}

func (s *schedule) moved(who string) {
	if s.state != "" && s.state != who {
		who = "both"
	}
	s.state = who
}

// say lets staff comment here, or somebody there.
func (s *schedule) say(rt *rapid.T) {
	s.edits++
	text := fmt.Sprintf("%s says %d", s.name, s.edits)
	if rapid.Bool().Draw(rt, "staff says") {
		if s.l = s.read(s.l.ID); s.l.State != models.LinkLinked {
			rt.Skip("there is no issue yet")
		}
		talk{&s.bond}.say(pm, text)
		s.said[text] = true
		return
	}
	if s.l = s.read(s.l.ID); s.l.Number == 0 {
		rt.Skip("there is no issue yet")
	}
	must[githubstand.IssueComment](rt)(s.stand.Comment(rt.Context(), roadmap, s.l.Number, text))
	s.said[text] = false
}

// people do something on GitHub, where there is an issue already.
func (s *schedule) people(rt *rapid.T) {
	s.l = s.read(s.l.ID)
	if s.l.Number == 0 {
		rt.Skip("there is no issue yet")
	}
	s.edits++
	if s.second.ID != "" && rapid.IntRange(0, 5).Draw(rt, "there") == 0 {
		if s.second = s.read(s.second.ID); s.second.Number == 0 {
			rt.Skip("there is no issue yet")
		}
		s.close(s.second, rapid.SampledFrom([]string{"completed", "not_planned"}).Draw(rt, "reason"))
		s.moved("there")
		return
	}
	what := rapid.SampledFrom([]string{"title", "close", "reopen", "label", "unlabel", "bug", "above", "inside", "noblock", "milestone", "rename"}).Draw(rt, "people")
	if what == "noblock" && rapid.IntRange(0, 4).Draw(rt, "seldom") > 0 {
		rt.Skip("seldom")
	}
	status := func() string {
		return "heed:_" + rapid.SampledFrom([]string{"planned", "in_progress", "under_review", "postponed"}).Draw(rt, "label")
	}
	switch what {
	case "title":
		s.title = fmt.Sprintf("%s there @octo %d", s.name, s.edits)
		s.deed("gh.title:" + strings.ReplaceAll(s.title, " ", "_"))
	case "milestone":
		s.there = true
		s.aim = rapid.SampledFrom([]string{"", "v1", "V3", s.name + " there"}).Draw(rt, "milestone")
		s.deed("gh.milestone:" + strings.ReplaceAll(s.aim, " ", "_"))
	case "rename":
		if m := s.issue().Milestone; m == nil || m.Title != s.name+" there" {
			rt.Skip("none of its own")
		}
		s.aim = fmt.Sprintf("%s moved %d", s.name, s.edits)
		s.deed("gh.rename:" + strings.ReplaceAll(s.aim, " ", "_"))
	case "close":
		s.deed("gh.close:" + rapid.SampledFrom([]string{"completed", "not_planned"}).Draw(rt, "reason"))
		s.moved("there")
	case "reopen":
		s.deed("gh.reopen")
		s.moved("there")
	case "label":
		s.deed("gh.label:" + status())
		s.moved("there")
	case "unlabel":
		s.deed("gh.unlabel:" + status())
		s.moved("there")
	case "bug":
		s.labels["bug"] = true
		s.deed("gh.label:bug")
	case "above":
		text := fmt.Sprintf("note %d", s.edits)
		s.deed("gh.above:" + strings.ReplaceAll(text, " ", "_"))
		s.before = text + "\r\n\r\n" + s.before
	case "inside":
		s.deed(fmt.Sprintf("gh.inside:scribble_%d", s.edits))
	case "noblock":
		s.deed("gh.noblock")
		s.noBlock, s.before = true, "all mine"
	}
}

// hint is a webhook, which may be forged, doubled, or speak of what is over.
func (s *schedule) hint(rt *rapid.T) {
	l := s.read(s.l.ID)
	body := fmt.Sprintf(`{"action":"edited","issue":{"number":%d},"repository":{"id":%d,"full_name":"acme/roadmap"}}`, l.Number, l.RepositoryID)
	d := Delivery{GUID: models.NewID("g"), Event: "issues", Body: []byte(body)}
	d.Signature256 = "sha256=" + signature(s.stand.WebhookSecret, d.Body)
	if rapid.IntRange(0, 4).Draw(rt, "forged") == 0 {
		d.Signature256 = "sha256=" + signature("old secret", d.Body)
		if _, err := s.Receive(rt.Context(), d); err == nil {
			rt.Fatal("a forged webhook was taken")
		}
		return
	}
	for range rapid.IntRange(1, 2).Draw(rt, "times") {
		if _, err := s.Receive(rt.Context(), d); err != nil {
			rt.Fatal(err)
		}
	}
}

// fault breaks one of the next requests.
func (s *schedule) fault(rt *rapid.T) {
	f := githubstand.Fault{
		Method: rapid.SampledFrom([]string{"", "GET", "PATCH", "POST", "DELETE"}).Draw(rt, "method"),
		Kind: rapid.SampledFrom([]githubstand.FaultKind{githubstand.DropBefore, githubstand.DropAfter, githubstand.CutJSON, githubstand.HTML502, githubstand.Unauthorized,
			githubstand.Status}).Draw(rt, "kind"),
		Skip: rapid.IntRange(0, 2).Draw(rt, "skip"),
	}
	if f.Kind == githubstand.Status {
		f.Status = rapid.SampledFrom([]int{403, 422, 429, 500, 503, 404, 410}).Draw(rt, "answer")
		if f.Status == 404 || f.Status == 410 {
			f.Message = "Not Found"
		}
	}
	s.stand.Fail(f)
}

// kill lets the process die at one of its next requests.
func (s *schedule) kill(rt *rapid.T) {
	s.killer.after = rapid.Bool().Draw(rt, "after")
	s.killer.left.Store(int64(rapid.IntRange(1, 5).Draw(rt, "request")))
}

// some runs a few of the jobs that are due.
func (s *schedule) some(rt *rapid.T) {
	for range rapid.IntRange(1, 3).Draw(rt, "jobs") {
		if !s.one() {
			return
		}
	}
}

// one reads what has changed and runs the first due job, as a worker would.
func (s *schedule) one() bool {
	if _, err := s.readChanges(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.takeHints(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	var j models.Job
	if s.db.Read(s.t.Context()).Where("kind LIKE 'github.%' AND run_at <= ?", s.db.Now()).Order("run_at, id").Limit(1).Find(&j); j.ID == "" {
		return false
	}
	do := s.handlers()[j.Kind]
	ended := make(chan error, 1)
	go func() {
		defer close(ended)
		ended <- do(s.t.Context(), j)
	}()
	err, lived := <-ended
	later, again := errors.AsType[jobs.Later](err)
	switch {
	case !lived:
		s.kills++
		s.restart()
	case again:
		s.exec("UPDATE jobs SET run_at = ? WHERE id = ?", models.Milli(later.At), j.ID)
	case err != nil:
		s.exec("UPDATE jobs SET run_at = ?, attempts = attempts + 1 WHERE id = ?", models.Milli(s.db.Now().Add(5*time.Millisecond)), j.ID)
	default:
		s.exec("DELETE FROM jobs WHERE id = ?", j.ID)
		if s.state != "" && j.Kind == PullJob {
			s.state = "both" // from here on what was before and what comes cannot be told apart
		}
	}
	return true
}

// quiet brings both sides in step with no more misfortune.
func (s *schedule) quiet() {
	s.stand.ClearFaults()
	s.killer.left.Store(0)
	for _, id := range []string{s.l.ID, s.second.ID} {
		if id == "" {
			continue
		}
		kinds := []string{CreateJob}
		if l := s.read(id); l.State == models.LinkLinked || l.State == models.LinkGone {
			kinds = []string{PullJob, OverhearJob}
		}
		for _, kind := range kinds {
			if err := s.queue.Enqueue(s.t.Context(), kind, id, "", s.db.Now()); err != nil {
				s.t.Fatal(err)
			}
		}
	}
	for end := time.Now().Add(10 * time.Second); ; {
		for s.one() {
			if time.Now().After(end) {
				s.t.Fatalf("it never ends: %+v", s.read(s.l.ID))
			}
		}
		if s.caughtUp() && s.jobs() == 0 {
			return
		}
		if time.Now().After(end) {
			var left []models.Job
			s.db.Read(s.t.Context()).Find(&left)
			s.t.Fatalf("it waits for ever: %+v\n%+v", s.read(s.l.ID), left)
		}
		time.Sleep(2 * time.Millisecond)
	}
}
