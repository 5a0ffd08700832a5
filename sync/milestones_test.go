package issuesync

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/test/githubstand"
)

func matching(o *Options) { o.Milestones = MilestonesMatch }
func creating(o *Options) { o.Milestones = MilestonesCreate }

// milestone is how a person on GitHub names the one with that title, which is made where it
// is missing; nil for none.
func (w *world) milestone(repo, title string) any {
	w.t.Helper()
	if title == "" {
		return nil
	}
	for _, m := range must[[]githubstand.Milestone](w.t)(w.stand.Milestones(w.t.Context(), repo)) {
		if m.Title == title {
			return m.Number
		}
	}
	return must[githubstand.Milestone](w.t)(w.stand.CreateMilestone(w.t.Context(), repo, title, time.Time{})).Number
}

// aims is what the theme is planned for and what its issue's milestone says: here | there.
func (b *bond) aims() string {
	b.t.Helper()
	there := ""
	if m := b.issue().Milestone; m != nil {
		there = m.Title
	}
	return b.themeNow(b.th).Target + " | " + there
}

// titled counts a repository's milestones of a title.
func (w *world) titled(repo, title string) (n int) {
	w.t.Helper()
	for _, m := range must[[]githubstand.Milestone](w.t)(w.stand.Milestones(w.t.Context(), repo)) {
		if strings.EqualFold(m.Title, title) {
			n++
		}
	}
	return n
}

func TestATargetAndAMilestoneComeToSayTheSame(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	(&world{t: t, stand: stand}).prepare("Ready", "Q1 2027")
	for _, c := range []struct {
		mode               func(*Options)
		deeds, says, wrote string
	}{
		{func(*Options) {}, "target:Ready . gh.milestone:Q1_2027 .", "Ready | Q1 2027", ""},
		{matching, ".", " | ", ""},
		{matching, "target:Ready .", "Ready | Ready", "PATCH"},
		{matching, "target:q1__2027 .", "q1 2027 | Q1 2027", "PATCH"},
		{matching, "target:Ready . target: .", " | ", "PATCH PATCH"},
		{matching, "target:Ready title:B status:shipped .", "Ready | Ready", "PATCH DELETE"},
		{matching, "target:Unheard_of .", "Unheard of | ", ""},
		{matching, "target:Unheard_of title:B .", "Unheard of | ", "PATCH"},
		{matching, "target:Unheard_of . target:Ready .", "Ready | Ready", "PATCH"},
		{matching, "gh.milestone:Ready .", "Ready | Ready", ""},
		{matching, "gh.milestone:Ready . gh.milestone: .", " | ", ""},
		{matching, "gh.milestone:Renamed_1 . gh.rename:Renamed_2 .", "Renamed 2 | Renamed 2", ""},
		{matching, "gh.milestone:Ready . ~ target:Q1_2027 .", "Q1 2027 | Q1 2027", "PATCH"},
		{matching, "target:Ready ~ gh.milestone:Q1_2027 .", "Q1 2027 | Q1 2027", ""},
		{matching, "gh.milestone:Ready ~ ~ target:Q1_2027 .", "Q1 2027 | Q1 2027", "PATCH"},
		{matching, "target:Ready gh.milestone:Ready .", "Ready | Ready", ""},
		{matching, "target:Ready . target:Q1_2027 undo:edited .", "Ready | Ready", "PATCH"},
		{matching, "target:Ready . gh.milestone:Q1_2027 . mend:ours .", "Q1 2027 | Q1 2027", "PATCH"},
		{creating, "target:Made_1 .", "Made 1 | Made 1", "POST PATCH"},
		{creating, "target:Made_1 .", "Made 1 | Made 1", "PATCH"},
		{creating, "target:made_1 . target:Made_2 . target:MADE_1 .", "MADE 1 | Made 1", "PATCH POST PATCH PATCH"},
	} {
		t.Run(c.deeds, func(t *testing.T) {
			b := bound(t, newWorld(t, sqlite(t), stand, c.mode), "A")
			for _, word := range strings.Fields(c.deeds) {
				b.deed(word)
			}
			wrote := strings.Join(b.wrote(), " ")
			b.deed(".")
			if err := b.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			b.deed(".")
			if got := b.aims(); got != c.says {
				t.Errorf("they say %q, want %q", got, c.says)
			}
			if wrote != c.wrote || len(b.wrote()) != len(strings.Fields(wrote)) {
				t.Errorf("it took %q, want %q; then %q", wrote, c.wrote, b.wrote())
			}
			if now := b.themeNow(b.th); now.Status != models.StatusInProgress && !strings.Contains(c.deeds, "status:") {
				t.Errorf("the theme is %s", now.Status)
			}
		})
	}
}

// prepare has milestones there before the test begins.
func (w *world) prepare(titles ...string) {
	for _, title := range titles {
		must[githubstand.Milestone](w.t)(w.stand.CreateMilestone(w.t.Context(), roadmap, title, time.Time{}))
	}
}

// What no milestone is called is said to a person, and set by itself once there is one.
func TestATargetWithoutItsMilestoneWaitsForOne(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand, matching)
	b := bound(t, w, "A")
	b.deed("target:Not_yet_there")
	b.deed(".")
	rows, _, err := b.Ledger(t.Context(), pm, LedgerFilter{Theme: b.th.ID, Which: "failed"})
	if err != nil || len(rows) != 1 || rows[0].Field != fieldTarget || rows[0].Becomes != "Not yet there" {
		t.Fatalf("the ledger says %+v, %v", rows, err)
	}
	if e := ExplainNote(rows[0].Note); e == nil || e.Code != codeNoMilestone || Explain(new(b.read(b.l.ID))) == nil {
		t.Errorf("it is explained as %+v", e)
	}
	url, _ := receiver(t, w)
	stand.SetHookTarget(url)
	defer stand.SetHookTarget("")
	b.prepare("Not yet there")
	if err := stand.FlushHooks(t.Context()); err != nil {
		t.Fatal(err)
	}
	stop := b.start()
	b.settled()
	stop()
	if got := b.aims(); got != "Not yet there | Not yet there" {
		t.Error(got)
	}
	if e := Explain(new(b.read(b.l.ID))); e != nil {
		t.Errorf("the link still says %+v", e)
	}
}

// A milestone is renamed or removed without its issues: its webhook says where to look, and
// where that is lost the night finds it.
func TestARenamedMilestoneRenamesTheTargetsOfItsThemes(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand, matching)
	url, _ := receiver(t, w)
	one, two, other := bound(t, w, "One"), bound(t, w, "Two"), bound(t, w, "Other")
	all := func(deeds string) {
		for _, b := range []*bond{one, two} {
			for _, word := range strings.Fields(deeds) {
				b.deed(word)
			}
		}
	}
	aims := func(want string) {
		t.Helper()
		for _, b := range []*bond{one, two} {
			if got := b.aims(); got != want {
				t.Errorf("%s: %q, want %q", b.th.PublicTitle.EN, got, want)
			}
		}
		if got := other.aims(); got != " | " {
			t.Errorf("another theme is planned for %q", got)
		}
	}
	all("gh.milestone:2.4 .")
	aims("2.4 | 2.4")
	stand.SetHookTarget(url)
	one.deed("gh.rename:2.5")
	if err := stand.FlushHooks(t.Context()); err != nil {
		t.Fatal(err)
	}
	stand.SetHookTarget("")
	stand.ResetLog()
	stop := w.start()
	w.settled()
	stop()
	aims("2.5 | 2.5")
	for _, r := range stand.Requests() {
		if strings.HasSuffix(r.Path, "/issues/"+itoa(other.l.Number)) {
			t.Errorf("an issue without it was read: %s", r.Path)
		}
	}
	one.deed("gh.rename:2.6") // nobody is told
	if err := w.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	aims("2.6 | 2.6")
	if err := stand.DeleteMilestone(t.Context(), roadmap, one.issue().Milestone.Number); err != nil {
		t.Fatal(err)
	}
	if err := w.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	aims(" | ")
	if len(stand.Writes()) != 0 {
		t.Errorf("it wrote %+v", stand.Writes())
	}
}

// A milestone whose making had no answer is looked for and not made twice, on both databases.
func TestAMilestoneIsMadeOnce(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	made := regexp.MustCompile("/milestones$")
	each(t, func(t *testing.T, db *models.DB) {
		for _, f := range []githubstand.Fault{
			{Method: "POST", Path: made, Kind: githubstand.DropAfter},
			{Method: "POST", Path: made, Kind: githubstand.DropBefore},
			{Method: "POST", Path: made, Kind: githubstand.CutJSON},
			{Method: "GET", Path: made, Kind: githubstand.HTML502},
		} {
			title := strings.ReplaceAll(string(f.Kind), "_", "-") + f.Method + db.Dialect()
			w := newWorld(t, db, stand, creating)
			one, two := bound(t, w, "One "+title), bound(t, w, "Two "+title)
			one.deed("target:" + title)
			two.deed("target:" + title)
			stand.Fail(f)
			one.deed(".")
			two.deed(".")
			stand.ClearFaults()
			for _, b := range []*bond{one, two} {
				if got := b.aims(); got != title+" | "+title {
					t.Errorf("%s: %q", title, got)
				}
			}
			if n := one.titled(roadmap, title); n != 1 {
				t.Errorf("%s: %d milestones", title, n)
			}
		}
	})
}

// The milestone was set, the answer was lost, and somebody took it away before the next look:
// that word counts.
func TestAMilestoneThatWasTakenAwayAgainStaysAway(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	for kind, c := range map[githubstand.FaultKind]struct {
		aims  string
		wrote int
	}{githubstand.DropAfter: {" | ", 1}, githubstand.DropBefore: {"v1 | v1", 2}} {
		b := bound(t, newWorld(t, sqlite(t), stand, matching), "A")
		b.milestone(roadmap, "v1")
		b.deed("target:v1")
		stand.Fail(githubstand.Fault{Method: "PATCH", Kind: kind})
		for len(b.wrote()) == 0 { // until it is its turn; and then the process dies
			_ = b.pullJob(t.Context(), models.Job{Key: b.l.ID})
		}
		if kind == githubstand.DropAfter {
			b.deed("~")
			b.deed("gh.milestone:")
		}
		b.deed(".")
		b.deed(".")
		if got := b.aims(); got != c.aims || len(b.wrote()) != c.wrote {
			t.Errorf("%s: %q after %v, want %q", kind, got, b.wrote(), c.aims)
		}
		stand.ClearFaults()
	}
}

// A milestone is made between the look and the request: GitHub refuses a second one, and the
// first is taken.
func TestAMilestoneThatSomebodyMadeFirstIsTaken(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	w := newWorld(t, sqlite(t), stand, creating)
	b := bound(t, w, "A")
	b.prepare("Raced")
	m, err := w.met(t.Context(), w.db.Read(t.Context()), b.l.ID, must[issue](t)(w.api.issue(t.Context(), b.l.RepositoryID, b.l.Repository, b.l.Number)))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.makeMilestone(t.Context(), m, "raced"); err == nil || !strings.Contains(err.Error(), "again at") {
		t.Errorf("it says %v, want a time to come back", err)
	}
	b.deed("target:raced")
	b.deed(".")
	if got := b.aims(); got != "raced | Raced" || b.titled(roadmap, "raced") != 1 {
		t.Errorf("%q, %d milestones", got, b.titled(roadmap, "raced"))
	}
}

// GitHub does not let the account make milestones: that is said, and the rest is written.
func TestAMilestoneThatMayNotBeMadeHoldsNothingUp(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	b := bound(t, newWorld(t, sqlite(t), stand, creating), "A")
	stand.Fail(githubstand.Fault{Method: "POST", Path: regexp.MustCompile("/milestones$"), Kind: githubstand.Status, Status: 403, Message: "Resource not accessible"})
	b.deed("target:Forbidden")
	b.deed("title:B")
	b.deed(".")
	if got := b.says() + b.aims(); got != "B in_progress | B open [heed: in progress]Forbidden | " {
		t.Error(got)
	}
	if e := Explain(new(b.read(b.l.ID))); e == nil || e.Code != codeForbidden {
		t.Errorf("the link says %+v", e)
	}
	b.deed("mend:again")
	b.deed(".")
	if got := b.aims(); got != "Forbidden | Forbidden" {
		t.Error(got)
	}
}

// The list of milestones is refused: the target is left, and the issue keeps what it has.
func TestMilestonesThatAreNotToldChangeNothing(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	b := bound(t, newWorld(t, sqlite(t), stand, matching), "A")
	b.deed("gh.milestone:Kept")
	b.deed(".")
	b.milestone(roadmap, "Other")
	stand.Fail(githubstand.Fault{Method: "GET", Path: regexp.MustCompile("/milestones$"), Kind: githubstand.Status, Status: 422, Message: "no"})
	b.deed("target:Other")
	b.deed("title:B")
	b.deed(".")
	if got := b.says() + " " + b.aims(); got != "B in_progress | B open [heed: in progress] Other | Kept" {
		t.Error(got)
	}
	for _, r := range stand.Writes() {
		if strings.Contains(string(r.Body), "milestone") {
			t.Errorf("it wrote %s", r.Body)
		}
	}
	b.deed("mend:again")
	b.deed(".")
	if got := b.aims(); got != "Other | Other" {
		t.Error(got)
	}
}

// What was there before milestones were kept in step stays as it is, on both sides; what is
// done afterwards is brought over.
func TestLinksFromBeforeAreTakenAsTheyAre(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	db := sqlite(t)
	old := newWorld(t, db, stand)
	one, two := bound(t, old, "One"), bound(t, old, "Two")
	one.deed("target:Ours")
	one.deed("gh.milestone:Theirs")
	two.deed("target:Ours_alone")
	one.deed(".")
	two.deed(".")
	if err := old.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, db, stand, creating)
	if err := w.beginTargets(t.Context()); err != nil {
		t.Fatal(err)
	}
	one.world, two.world = w, w
	stand.ResetLog()
	one.deed(".")
	if got := one.aims(); got != "Ours | Theirs" || len(stand.Writes()) != 0 {
		t.Errorf("the first meeting: %q, %d writes", got, len(stand.Writes()))
	}
	two.deed("target:Now") // before the two have met
	two.deed(".")
	if got := two.aims(); got != "Now | Now" {
		t.Errorf("set since: %q", got)
	}
	one.deed("gh.rename:Theirs_2")
	one.deed(".")
	if got := one.aims(); got != "Theirs 2 | Theirs 2" {
		t.Errorf("renamed since: %q", got)
	}
}
