package issuesync

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/test/githubstand"
	"github.com/heedhq/heed/themes"
)

// bond is a theme with its issue, moved by deeds of one word:
//
//	title:X public:X status:S          what staff do here; S may have a reason behind /
//	gh.title:X gh.close:R gh.reopen    what people do there
//	gh.label:L gh.unlabel:L gh.above:X gh.inside:X gh.noblock gh.crlf
//	target:X gh.milestone:X gh.rename:X
//	mend:M                             a person mends the link
//	~                                  time goes by: GitHub's clock has whole seconds
//	.                                  both are brought in step
type bond struct {
	*world
	th *models.Theme
	l  models.IssueLink
}

func (b *bond) deed(word string) {
	b.t.Helper()
	name, what, _ := strings.Cut(word, ":")
	what = strings.ReplaceAll(what, "_", " ")
	edit := func(fields map[string]any) {
		must[githubstand.Issue](b.t)(b.stand.EditIssue(b.t.Context(), roadmap, b.l.Number, fields))
	}
	body := func(f func(string) string) { edit(map[string]any{"body": f(b.issue().Body)}) }
	var err error
	switch name {
	case "title", "public":
		d := themes.Draft{PublicTitle: &models.Text{EN: what}}
		if name == "public" {
			d = themes.Draft{PublicText: &models.Text{EN: what}}
		}
		_, _, err = b.world.th.Edit(b.t.Context(), pm, b.th.ID, 0, d)
	case "status":
		st, reason, _ := strings.Cut(strings.ReplaceAll(what, " ", "_"), "/")
		_, _, err = b.world.th.SetStatus(b.t.Context(), pm, b.th.ID, themes.StatusChange{Status: models.Status(st), Reason: models.Text{EN: reason}})
	case "undo":
		acts := b.verbs(b.th.ID)
		i := slices.IndexFunc(acts, func(a models.Activity) bool { return string(a.Verb) == "theme."+what })
		for j := range acts {
			if string(acts[j].Verb) == "theme."+what {
				i = j
			}
		}
		_, err = b.world.th.Undo(b.t.Context(), pm, acts[i].ID)
	case "mend":
		err = b.Repair(b.t.Context(), pm, b.th.ID, b.l.ID, Mend(what))
	case "gh.title":
		edit(map[string]any{"title": what})
	case "gh.close":
		b.close(b.l, strings.ReplaceAll(what, " ", "_"))
	case "gh.reopen":
		b.reopen(b.l)
	case "gh.label":
		err = b.stand.AddLabels(b.t.Context(), roadmap, b.l.Number, what)
	case "gh.unlabel":
		edit(map[string]any{"labels": slices.DeleteFunc(b.issue().LabelNames(), func(l string) bool { return l == what })})
	case "gh.above":
		body(func(s string) string { return what + "\r\n\r\n" + s })
	case "gh.inside":
		body(func(s string) string { return strings.Replace(s, blockBegin, blockBegin+"\n"+what, 1) })
	case "gh.noblock":
		body(func(s string) string { return "all mine" })
	case "gh.crlf":
		body(func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") })
	case "~":
		time.Sleep(1100 * time.Millisecond)
	case ".":
		b.step()
	case "target":
		_, _, err = b.world.th.Edit(b.t.Context(), pm, b.th.ID, 0, themes.Draft{Target: &what})
	case "gh.milestone":
		edit(map[string]any{"milestone": b.milestone(roadmap, what)})
	case "gh.rename":
		err = b.stand.RenameMilestone(b.t.Context(), roadmap, b.issue().Milestone.Number, what)
	default:
		b.t.Fatal("no deed ", word)
	}
	if err != nil {
		b.t.Fatal(word, ": ", err)
	}
}

func (b *bond) issue() githubstand.Issue {
	b.t.Helper()
	return must[githubstand.Issue](b.t)(b.stand.GetIssue(b.t.Context(), roadmap, b.l.Number))
}

// step lets a process live until it has nothing left to do; it begins with a hint.
func (b *bond) step() {
	b.t.Helper()
	if err := b.queue.Enqueue(b.t.Context(), PullJob, b.l.ID, "", b.db.Now()); err != nil {
		b.t.Fatal(err)
	}
	stop := b.start()
	b.settled()
	stop()
}

// says is how both sides stand: here | there.
func (b *bond) says() string {
	b.t.Helper()
	th, is := b.themeNow(b.th), b.issue()
	here := th.PublicTitle.EN + " " + string(th.Status)
	if th.ReadyAt != nil {
		here += " ready"
	}
	if th.WantsReasonAt != nil {
		here += " wants_reason"
	}
	there := is.Title + " " + is.State
	if is.State == "closed" {
		there += " " + is.StateReason
	}
	labels := is.LabelNames()
	slices.Sort(labels)
	for _, l := range labels {
		there += " [" + l + "]"
	}
	return here + " | " + there
}

// wrote counts the writes to the issue since the log was emptied.
func (b *bond) wrote() (all []string) {
	for _, r := range b.stand.Writes() {
		all = append(all, r.Method)
	}
	return all
}

func bound(t *testing.T, w *world, title string) *bond {
	t.Helper()
	th, l := w.linked(title)
	w.stand.ResetLog()
	return &bond{w, th, l}
}

func TestAThemeAndItsIssueComeToSayTheSame(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	for _, c := range []struct{ deeds, says, wrote string }{
		{".", "A in_progress | A open [heed: in progress]", ""},
		{"title:B .", "B in_progress | B open [heed: in progress]", "PATCH"},
		{"title:B title:C public:More title:D .", "D in_progress | D open [heed: in progress]", "PATCH"},
		{"title:B title:A .", "A in_progress | A open [heed: in progress]", ""},
		{"gh.title:B .", "B in_progress | B open [heed: in progress]", ""},
		{"gh.title:B . title:C .", "C in_progress | C open [heed: in progress]", "PATCH"},
		{"title:B ~ gh.title:C .", "C in_progress | C open [heed: in progress]", ""},
		{"gh.title:C ~ title:B ~ gh.label:bug .", "B in_progress | B open [bug] [heed: in progress]", "PATCH"}, // the label is later, the title is not
		{"gh.title:C ~ title:B .", "B in_progress | B open [heed: in progress]", "PATCH"},
		{"title:B gh.title:B .", "B in_progress | B open [heed: in progress]", ""},
		{"status:planned .", "A planned | A open [heed: planned]", "POST DELETE"},
		{"status:shipped .", "A shipped | A closed completed", "PATCH DELETE"},
		{"status:declined/no .", "A declined | A closed not_planned", "PATCH DELETE"},
		{"status:postponed/later .", "A postponed | A open [heed: postponed]", "POST DELETE"},
		{"status:shipped . status:planned .", "A planned | A open [heed: planned]", "PATCH DELETE PATCH POST"},
		{"status:shipped . undo:status .", "A in_progress | A open [heed: in progress]", "PATCH DELETE PATCH POST"},
		{"title:B status:shipped .", "B shipped | B closed completed", "PATCH DELETE"},
		{"gh.label:heed:_planned gh.unlabel:heed:_in_progress .", "A planned | A open [heed: planned]", ""},
		{"gh.label:heed:_planned .", "A in_progress | A open [heed: in progress] [heed: planned]", ""}, // two say nothing
		{"gh.unlabel:heed:_in_progress .", "A in_progress | A open", ""},
		{"gh.unlabel:heed:_in_progress gh.label:heed:_postponed .", "A in_progress wants_reason | A open [heed: postponed]", ""},
		{"gh.label:bug gh.label:heed:_mine status:planned .", "A planned | A open [bug] [heed: mine] [heed: planned]", "POST DELETE"},
		{"gh.close:completed .", "A in_progress ready | A closed completed [heed: in progress]", ""},
		{"gh.close:completed . status:shipped .", "A shipped | A closed completed", "DELETE"},
		{"gh.close:completed . status:planned .", "A planned | A open [heed: planned]", "PATCH POST DELETE"},
		{"gh.close:not_planned . status:declined/no .", "A declined | A closed not_planned", "DELETE"},
		{"status:shipped . ~ gh.reopen .", "A shipped | A open", "PATCH DELETE"},
		{"status:planned ~ gh.close:completed .", "A planned ready | A closed completed [heed: planned]", "POST DELETE"},
		{"gh.close:completed ~ status:planned .", "A planned | A open [heed: planned]", "PATCH POST DELETE"},
		{"gh.unlabel:heed:_in_progress . mend:ours .", "A in_progress | A open [heed: in progress]", "POST"},
		{"gh.close:completed . mend:ours .", "A in_progress | A open [heed: in progress]", "PATCH"},
		{"gh.title:B . title:C gh.close:not_planned . mend:theirs .", "C in_progress wants_reason | C closed not_planned [heed: in progress]", "PATCH"},
		{"status:shipped . ~ gh.reopen . mend:theirs .", "A in_progress | A open [heed: in progress]", "PATCH DELETE POST"},
		{"status:shipped . ~ gh.reopen . mend:ours .", "A shipped | A closed completed", "PATCH DELETE PATCH"},
		{"mend:again . mend:skip . mend:ours . mend:theirs .", "A in_progress | A open [heed: in progress]", ""},
	} {
		t.Run(c.deeds, func(t *testing.T) {
			b := bound(t, newWorld(t, sqlite(t), stand), "A")
			for _, word := range strings.Fields(c.deeds) {
				b.deed(word)
			}
			wrote := strings.Join(b.wrote(), " ")
			b.deed(".") // and then nothing is written any more
			if got := b.says(); got != c.says {
				t.Errorf("they say\n%s, want\n%s", got, c.says)
			}
			if wrote != c.wrote || len(b.wrote()) != len(strings.Fields(wrote)) {
				t.Errorf("it took %q, want %q; then %q", wrote, c.wrote, b.wrote())
			}
			var open int64
			if err := b.db.Read(t.Context()).Model(&models.IssueOp{}).Where("state IN ? OR done_at IS NULL", openOps).Count(&open).Error; err != nil || open != 0 {
				t.Errorf("%d writes are open, %v", open, err)
			}
		})
	}
}

// The block is ours; what people write around it stays as they wrote it, and what they write
// into it is kept here.
func TestOnlyTheBlockOfABodyIsOurs(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	b := bound(t, newWorld(t, sqlite(t), stand), "Body")
	around := func() string {
		body := b.issue().Body
		if block := b.blockIn(body, b.l.ID); block != "" {
			return strings.Replace(body, block, "#", 1)
		}
		return body
	}
	for _, c := range []struct{ deeds, around, has, kept string }{
		{"gh.above:Notes_of_<b>ours</b>_ . public:New_words .", "Notes of <b>ours</b> \r\n\r\n#", "New words", ""},
		{"gh.crlf .", "Notes of <b>ours</b> \r\r\n\r\r\n#", "New words", ""},
		{"gh.inside:Vandal .", "Notes of <b>ours</b> \r\r\n\r\r\n#", "New words", "Vandal"},
		{"gh.noblock . public:Unheard .", "all mine", "", ""},
		{"mend:ours .", "all mine\n\n#", "Unheard", ""},
	} {
		for _, word := range strings.Fields(c.deeds) {
			b.deed(word)
		}
		body := b.issue().Body
		if got := around(); got != c.around {
			t.Errorf("%s: around it stands %q, want %q", c.deeds, got, c.around)
		}
		if !strings.Contains(b.blockIn(body, b.l.ID), c.has) || strings.Contains(body, "Vandal") {
			t.Errorf("%s: the body is %q", c.deeds, body)
		}
		var ops []models.IssueOp
		if err := b.db.Read(t.Context()).Find(&ops, "conflict = TRUE AND was LIKE ?", "%"+c.kept+"%").Error; err != nil || c.kept != "" && len(ops) != 1 {
			t.Errorf("%s: kept in %+v, %v", c.deeds, ops, err)
		}
	}
	if n := len(b.wrote()); n != 3 {
		t.Errorf("%d writes: %v", n, b.wrote())
	}
}

// An answer that is lost, or a process that dies with a write on its way, repeats nothing
// and undoes nobody's work.
func TestAWriteWhoseEndNobodyKnows(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	labels := regexp.MustCompile("/labels")
	for _, c := range []struct {
		fault githubstand.Fault
		deeds string
		then  string // what people do on GitHub before the next look
		says  string
		wrote int
	}{
		{githubstand.Fault{Method: "PATCH", Kind: githubstand.DropAfter}, "title:B status:shipped", "", "B shipped | B closed completed", 2},
		{githubstand.Fault{Method: "PATCH", Kind: githubstand.DropBefore}, "title:B status:shipped", "", "B shipped | B closed completed", 3},
		{githubstand.Fault{Method: "PATCH", Kind: githubstand.CutJSON}, "title:B status:shipped", "", "B shipped | B closed completed", 2},
		{githubstand.Fault{Method: "PATCH", Kind: githubstand.HTML502}, "title:B", "", "B in_progress | B open [heed: in progress]", 2},
		{githubstand.Fault{Method: "POST", Path: labels, Kind: githubstand.DropAfter}, "status:planned", "", "A planned | A open [heed: planned]", 2},
		{githubstand.Fault{Method: "DELETE", Path: labels, Kind: githubstand.DropAfter}, "status:planned", "", "A planned | A open [heed: planned]", 2},
		{githubstand.Fault{Method: "PATCH", Kind: githubstand.DropAfter}, "status:shipped", "~ gh.reopen", "A shipped | A open", 2},
		{githubstand.Fault{Method: "PATCH", Kind: githubstand.DropAfter}, "title:B", "~ gh.title:A", "A in_progress | A open [heed: in progress]", 1},
		{githubstand.Fault{Method: "PATCH", Kind: githubstand.DropAfter}, "title:B", "~ gh.title:C", "C in_progress | C open [heed: in progress]", 1},
		{githubstand.Fault{Method: "PATCH", Kind: githubstand.DropBefore}, "title:B", "~ gh.label:bug", "B in_progress | B open [bug] [heed: in progress]", 2},
	} {
		t.Run(string(c.fault.Kind)+" "+c.deeds+" "+c.then, func(t *testing.T) {
			b := bound(t, newWorld(t, sqlite(t), stand), "A")
			defer stand.ClearFaults()
			for _, word := range strings.Fields(c.deeds) {
				b.deed(word)
			}
			stand.Fail(c.fault)
			for len(b.wrote()) == 0 { // until it is its turn; and then the process dies
				_ = b.pullJob(t.Context(), models.Job{Key: b.l.ID})
			}
			for _, word := range strings.Fields(c.then) {
				b.deed(word)
			}
			b.deed(".")
			b.deed(".")
			if got := b.says(); got != c.says {
				t.Errorf("they say\n%s, want\n%s", got, c.says)
			}
			if n := len(b.wrote()); n != c.wrote {
				t.Errorf("%d writes: %v", n, b.wrote())
			}
		})
	}
}

// What GitHub refuses is said and not asked again by itself.
func TestAWriteThatIsRefusedWaitsForAPerson(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	b := bound(t, newWorld(t, sqlite(t), stand), "A")
	stand.Fail(githubstand.Fault{Method: "PATCH", Kind: githubstand.Status, Status: 422, Message: "Validation Failed"})
	b.deed("title:B")
	b.deed(".")
	b.deed(".")
	if n := len(b.wrote()); n != 1 {
		t.Errorf("it was asked %d times", n)
	}
	if e := Explain(new(b.read(b.l.ID))); e == nil || e.Code != codeRejected {
		t.Errorf("the link says %+v", e)
	}
	rows, _, err := b.Ledger(t.Context(), pm, LedgerFilter{Theme: b.th.ID, Which: "failed"})
	if err != nil || len(rows) != 1 || rows[0].Field != fieldTitle || rows[0].Becomes != "B" || rows[0].Number != b.l.Number || ExplainNote(rows[0].Note) == nil {
		t.Errorf("the ledger says %+v, %v", rows, err)
	}
	stand.Fail(githubstand.Fault{Method: "PATCH", Kind: githubstand.Status, Status: 422, Message: "Validation Failed"})
	b.deed("mend:again")
	b.deed(".")
	if n := len(b.wrote()); n != 2 {
		t.Errorf("it was asked %d times", n)
	}
	b.deed("mend:again")
	b.deed(".")
	if got := b.says(); got != "B in_progress | B open [heed: in progress]" {
		t.Error(got)
	}
	stand.Fail(githubstand.Fault{Method: "PATCH", Kind: githubstand.Status, Status: 422, Message: "Validation Failed"})
	b.deed("title:D")
	b.deed(".")
	b.deed("mend:skip")
	b.deed(".")
	if got := b.says(); got != "D in_progress | B open [heed: in progress]" {
		t.Error(got)
	}
	b.deed("title:C")
	b.deed(".")
	if got := b.says(); got != "C in_progress | C open [heed: in progress]" {
		t.Error(got)
	}
	if e := Explain(new(b.read(b.l.ID))); e != nil {
		t.Errorf("the link still says %+v", e)
	}
}

// What a theme cannot take is a failure of that field, which a person sees and mends; the
// other fields come all the same.
func TestATitleThatCannotBeTakenHoldsUpNothingElse(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	db := sqlite(t)
	w := newWorld(t, db, stand)
	w.th = themes.New(db, themes.Options{Unfit: func(s string) string {
		return map[bool]string{true: "secret_in_text"}[strings.Contains(s, "hunter2")]
	}})
	w.Sync.themes = w.th
	b := bound(t, w, "A")
	b.deed("gh.title:hunter2")
	b.deed("gh.close:completed")
	b.deed(".")
	b.deed(".")
	if got := b.says(); got != "A in_progress ready | hunter2 closed completed [heed: in progress]" {
		t.Error(got)
	}
	if e := Explain(new(b.read(b.l.ID))); e == nil || e.Code != codeUntaken {
		t.Errorf("the link says %+v", e)
	}
	rows, _, err := b.Ledger(t.Context(), pm, LedgerFilter{Which: "failed"})
	if err != nil || len(rows) != 1 || rows[0].Field != fieldTitle || rows[0].Way != models.WayIn {
		t.Errorf("the ledger says %+v, %v", rows, err)
	}
	for _, how := range []string{"again", "theirs"} { // neither writes it there, nor here
		b.deed("mend:" + how)
		b.deed(".")
		if got := b.says(); !strings.HasPrefix(got, "A in_progress ready | hunter2") || len(b.wrote()) != 0 {
			t.Errorf("%s: %s, %v", how, got, b.wrote())
		}
	}
	b.deed("gh.title:B")
	b.deed(".")
	if got := b.says(); got != "B in_progress ready | B closed completed [heed: in progress]" {
		t.Error(got)
	}
	b.deed(".")
	if e := Explain(new(b.read(b.l.ID))); e != nil {
		t.Errorf("the link still says %+v", e)
	}
}
