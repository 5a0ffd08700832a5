package issuesync

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/jobs"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/redact"
	"github.com/heedhq/heed/test/githubstand"
)

// importer is a world with the door for issues, as package app puts it together.
type importer struct {
	*world
	in *intake.Intake
}

func newImporter(t *testing.T, db *models.DB, stand *githubstand.Stand, change ...func(*Options)) *importer {
	t.Helper()
	i := &importer{}
	i.world = newWorld(t, db, stand, append(change, func(o *Options) { o.File = i.door })...)
	i.in = intake.New(db, i.th, redact.New(redact.Options{}), "en")
	return i
}

func (i *importer) door(ctx context.Context, f Filing) (func(context.Context) (Filed, error), error) {
	p, err := i.in.PrepareIssue(ctx, auth.GitHub(), intake.Issue{Title: f.Title, Text: f.Text, URL: f.URL, ExternalID: f.ExternalID, Author: f.Author, Name: f.Name})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (Filed, error) {
		x, err := i.in.Commit(ctx, auth.GitHub(), p)
		return Filed{Suggestion: x.Suggestion.ID, Theme: x.Theme, New: x.Suggestion.Action == models.ActionNew, Again: x.Again}, err
	}, nil
}

// run is start with the index that finds what is alike.
func (i *importer) run() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { i.th.Run(ctx) })
	halt := i.start()
	stop = sync.OnceFunc(func() { halt(); cancel(); running.Wait() })
	i.t.Cleanup(stop)
	return stop
}

func (i *importer) begin(repository string) models.GithubBackfill {
	i.t.Helper()
	l := must[Looked](i.t)(i.LookAt(i.t.Context(), admin, repository))
	return must[models.GithubBackfill](i.t)(i.Backfill(i.t.Context(), admin, l))
}

func (i *importer) row() (b models.GithubBackfill) {
	i.t.Helper()
	if err := i.db.Read(i.t.Context()).Limit(1).Find(&b).Error; err != nil {
		i.t.Fatal(err)
	}
	return b
}

func (i *importer) until(what string, ok func(models.GithubBackfill) bool) {
	i.t.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if ok(i.row()) {
			return
		}
	}
	i.t.Fatalf("never: %s; it is %+v", what, i.row())
}

func (i *importer) done() {
	i.t.Helper()
	i.until("done", func(b models.GithubBackfill) bool { return b.State == models.BackfillDone })
}

func (i *importer) file(text string) intake.Filed {
	i.t.Helper()
	f, err := i.in.File(i.t.Context(), pm, intake.Submission{Text: text})
	if err != nil {
		i.t.Fatal(err)
	}
	return f
}

// topics are what issues are about, in two languages.
var topics = []string{
	"Export of reports to a spreadsheet", "Night colours in the editor", "Keyboard shortcuts for the inbox", "Reminders before a deadline", "Offline maps on the phone",
	"导出报表到电子表格", "编辑器的夜间模式", "收件箱的快捷键", "截止日期前提醒我", "手机离线地图",
}

// wishes makes n issues: some say the same in the same words, some are of people who know what
// an address or a key is.
func wishes(t *testing.T, stand *githubstand.Stand, n int) (open []githubstand.Issue) {
	t.Helper()
	for k := range n {
		title, body := fmt.Sprintf("%s %d", topics[k%len(topics)], k), fmt.Sprintf("<!-- describe it -->\nPart %d of it: %s", k, strings.Repeat("why ", k%7))
		switch {
		case k%25 == 7: // the same words
			title, body = topics[3], "It would help me every day."
		case k%25 == 8: // title alone
			title, body = topics[5]+fmt.Sprint("第", k, "次"), ""
		case k%50 == 9:
			body += "\nmy key is ghp_0123456789abcdefghijABCDEFGHIJ012345 and I am somebody@example.com"
		}
		open = append(open, must[githubstand.Issue](t)(stand.CreateIssue(t.Context(), roadmap, title, body)))
	}
	return open
}

func TestEachOpenIssueBecomesOrJoinsAThemeWhoeverStops(t *testing.T) {
	each(t, func(t *testing.T, db *models.DB) {
		stand := githubstand.StartT(t, githubstand.Options{})
		i := newImporter(t, db, stand)
		ours, mine := i.linked("Ours already")
		stopped := i.run()
		first := i.file(topics[3] + "\nIt would help me every day.") // in the words of an issue to come
		confirmed, _, err := i.th.Confirm(t.Context(), pm, first.Theme.ID, models.Text{EN: "Reminders"}, new(true))
		if err != nil {
			t.Fatal(err)
		}
		open := wishes(t, stand, 250)
		for _, k := range []int{11, 120} {
			must[githubstand.Issue](t)(stand.CloseIssue(t.Context(), roadmap, open[k].Number, "completed"))
		}
		byHand := i.theme("Tied by hand")
		must[models.IssueLink](t)(i.Link(t.Context(), pm, byHand.ID, open[30].HTMLURL))
		i.settled()
		stand.ResetLog()

		l := must[Looked](t)(i.LookAt(t.Context(), admin, strings.ToUpper(roadmap)))
		if l.Repository != roadmap || l.Open != 249 || l.Linked != 2 || l.Private || l.Running != nil {
			t.Errorf("it looks as if %+v", l)
		}
		if b := i.row(); b.RepositoryID != 0 || i.jobs() != 0 {
			t.Errorf("a look began something: %+v", b)
		}
		b := must[models.GithubBackfill](t)(i.Backfill(t.Context(), admin, l))
		again := i.begin(roadmap)
		if b.State != models.BackfillRunning || b.StartedName != admin.Name || again.RepositoryID != b.RepositoryID || !again.StartedAt.Equal(b.StartedAt) {
			t.Errorf("began %+v, and again %+v", b, again)
		}
		for _, n := range []int{20, 95, 140, 248} { // stopped in the middle, and another process goes on
			i.until(fmt.Sprint(n, " done"), func(b models.GithubBackfill) bool { return b.Done() >= n || b.State == models.BackfillDone })
			stopped()
			i = newImporter(t, db, stand)
			i.exec("UPDATE jobs SET lease_until = NULL, lease_owner = ''")
			stopped = i.run()
		}
		i.done()
		i.settled()
		whole(t, i, open, mine, ours, confirmed)
		if writes := stand.Writes(); len(writes) != 0 {
			t.Errorf("GitHub was written to: %v", writes)
		}

		var acts, after int64
		db.Read(t.Context()).Model(&models.Activity{}).Count(&acts)
		i.begin(roadmap)
		i.done()
		i.settled()
		db.Read(t.Context()).Model(&models.Activity{}).Count(&after)
		if b := i.row(); b.Made+b.Joined+b.Failed != 0 || b.Skipped != 249 || b.Total != 249 || after != acts || len(stand.Writes()) != 0 {
			t.Errorf("a second run: %+v, %d activities more, %d writes", b, after-acts, len(stand.Writes()))
		}
	})
}

// whole looks whether each open issue is here once.
func whole(t *testing.T, i *importer, open []githubstand.Issue, mine models.IssueLink, ours, confirmed *models.Theme) {
	t.Helper()
	db := i.db.Read(t.Context())
	b := i.row()
	if b.Made+b.Joined != 247 || b.Skipped != 2 || b.Failed != 0 || b.Total != 249 || b.LastError != "" || b.Joined < 9 {
		t.Errorf("it counted %+v", b)
	}
	var rows []models.Suggestion
	if err := db.Find(&rows, "source = 'github'").Error; err != nil {
		t.Fatal(err)
	}
	said := map[string]models.Suggestion{}
	for _, r := range rows {
		if _, twice := said[r.ExternalID]; twice || r.PersonID != "" || r.ReplyDueAt != nil || r.Confidential {
			t.Errorf("%+v: twice (%v), somebody's, or a matter of a reply", r, twice)
		}
		said[r.ExternalID] = r
		if strings.Contains(r.Text, "describe it") || strings.Contains(r.Text, "ghp_01") || r.Context.V["github_author"] == "" {
			t.Errorf("brought in as %q by %v", r.Text, r.Context.V)
		}
	}
	for k, is := range open {
		s, there := said[fmt.Sprintf("%s:%d:%d", webHost(i.api.via.base), b.RepositoryID, is.ID)]
		if there == (k == 11 || k == 120 || k == 30) {
			t.Errorf("issue %d (%s): brought in %v", k, is.Title, there)
			continue
		}
		if !there {
			continue
		}
		if s.SourceURL != is.HTMLURL || s.ThemesCount != 1 {
			t.Errorf("issue %d: %q, in %d themes", k, s.SourceURL, s.ThemesCount)
		}
		if k%25 == 7 {
			if ths, err := i.th.Of(t.Context(), s.ID); err != nil || len(ths) != 1 || ths[0].ID != confirmed.ID {
				t.Errorf("issue %d says what %s asks for, and stands in %v (%v)", k, confirmed.ID, ths, err)
			}
		}
	}
	if len(rows) != 247 {
		t.Errorf("%d suggestions, want 247", len(rows))
	}
	tallied(t, i, b)
	if now := i.read(mine.ID); now.ThemeID != ours.ID || i.count(ours.ID, models.SuggestionAttached) != 0 {
		t.Errorf("our own issue was brought in: %+v", now)
	}
	if i.themeNow(confirmed).PeopleCount != 0 || i.themeNow(confirmed).SuggestionsCount != 11 {
		t.Errorf("the confirmed theme has %d suggestions of %d people", i.themeNow(confirmed).SuggestionsCount, i.themeNow(confirmed).PeopleCount)
	}
}

// tallied looks whether each theme has one issue of the repository, and nobody heard of anything.
func tallied(t *testing.T, i *importer, b models.GithubBackfill) {
	t.Helper()
	db := i.db.Read(t.Context())
	var links, twice, loose, votes, told, alike int64
	if db.Model(&models.Activity{}).Where("verb = ? AND actor_kind = ?", models.SuggestionAssigned, models.ActorGitHub).Count(&alike); alike == 0 {
		t.Error("nothing was like anything: no issue got a theme of its own beside one that it is like")
	}
	db.Model(&models.IssueLink{}).Where("state = 'linked' AND issue_state = 'open' AND last_error = ''").Count(&links)
	db.Raw("SELECT COUNT(*) FROM (SELECT theme_id FROM issue_links GROUP BY theme_id, repository_id HAVING COUNT(*) > 1) x").Scan(&twice)
	db.Raw(`SELECT COUNT(*) FROM suggestions s WHERE s.source = 'github' AND NOT EXISTS (SELECT 1 FROM suggestion_themes x JOIN issue_links l ON l.theme_id = x.theme_id
		WHERE x.suggestion_id = s.id AND l.repository_id = ?)`, b.RepositoryID).Scan(&loose)
	db.Model(&models.Vote{}).Count(&votes)
	db.Model(&models.Delivery{}).Count(&told)
	if int(links) != b.Made+2+1 || twice != 0 || loose != 0 || votes != 0 || told != 0 { // what was tied by hand, what was made here, and the confirmed one's
		t.Errorf("%d links for %d made, %d themes with two, %d issues without one, %d votes, %d mails", links, b.Made, twice, loose, votes, told)
	}
}

func TestABackfillIsForAdministratorsAndForRepositoriesThatAreThere(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	i := newImporter(t, sqlite(t), stand)
	for _, a := range []auth.Actor{pm, auth.Anonymous(), auth.GitHub(), {Kind: models.ActorPerson, ID: "per_1", PersonID: "per_1"}} {
		_, err := i.LookAt(t.Context(), a, roadmap)
		_, err2 := i.Backfill(t.Context(), a, Looked{})
		_, err3 := i.CancelBackfill(t.Context(), a, roadmap)
		for _, err := range []error{err, err2, err3} {
			if k := models.KindOf(err); k != models.Forbidden && k != models.Unauthenticated {
				t.Errorf("%s: %v", a.Kind, err)
			}
		}
	}
	for name, want := range map[string]string{"nonsense": "repository repository_invalid", "acme/nowhere": "repository connect_repository_unseen", "": "repository repository_invalid"} {
		if _, err := i.LookAt(t.Context(), admin, name); code(err) != want {
			t.Errorf("%q: %v, want %s", name, err, want)
		}
	}
	if _, err := i.CancelBackfill(t.Context(), admin, roadmap); code(err) != " backfill_not_running" {
		t.Error(err)
	}
	off := newWorld(t, sqlite(t), stand) // without a door
	if _, err := off.LookAt(t.Context(), admin, roadmap); code(err) != "repository github_not_configured" {
		t.Error(err)
	}
	stand.ExhaustPrimary(stand.BotToken, time.Minute)
	if _, err := i.LookAt(t.Context(), admin, "acme/secret"); models.KindOf(err) != models.Unavailable {
		t.Errorf("behind the limit: %v", err)
	}
	stand.SetLimits(githubstand.Limits{})
	fresh := newImporter(t, sqlite(t), stand)
	l, err := fresh.LookAt(t.Context(), admin, "acme/secret")
	if err != nil || !l.Private || !l.Exact || l.Open != 0 {
		t.Errorf("a private repository without issues: %+v, %v", l, err)
	}
	fresh.run()
	fresh.begin("acme/secret")
	fresh.done()
	if b := fresh.row(); b.Done() != 0 || b.EndedAt == nil || len(stand.Writes()) != 0 {
		t.Errorf("nothing to bring in: %+v", b)
	}
}

func TestABackfillWaitsSaysSoAndIsCancelled(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	i := newImporter(t, sqlite(t), stand)
	wishes(t, stand, 12)
	i.begin(roadmap)
	stand.Fail(githubstand.Fault{Method: "GET", Kind: githubstand.HTML502})
	job := models.Job{Key: backfillKey(i.row().RepositoryID)}
	if err := i.backfillJob(t.Context(), job); asTrouble(err) == nil || !strings.HasPrefix(i.row().LastError, codeUnreachable+":") {
		t.Errorf("a page that did not come: %v, it says %q", err, i.row().LastError)
	}
	stand.ExhaustPrimary(stand.BotToken, 2*time.Second)
	_ = i.backfillJob(t.Context(), job) // one request tells of the limit
	err := i.backfillJob(t.Context(), job)
	if _, later := err.(jobs.Later); !later || i.row().NotBefore == nil || !strings.HasPrefix(i.row().LastError, codeLimited+":") {
		t.Errorf("behind the limit: %v, %+v", err, i.row())
	}
	if ps := must[[]Progress](t)(i.Backfills(t.Context(), pm)); len(ps) != 1 || !ps[0].Until.IsZero() {
		t.Errorf("nobody knows yet how long it takes: %+v", ps)
	}
	stand.SetLimits(githubstand.Limits{})
	b := must[models.GithubBackfill](t)(i.CancelBackfill(t.Context(), admin, strings.ToUpper(roadmap)))
	if b.State != models.BackfillCancelled || b.EndedAt == nil || b.NotBefore != nil {
		t.Errorf("cancelled: %+v", b)
	}
	stand.ResetLog()
	if err := i.backfillJob(t.Context(), job); err != nil || len(stand.Requests()) != 0 {
		t.Errorf("cancelled, and it goes on: %v, %d requests", err, len(stand.Requests()))
	}
	i.run()
	eventually(t, "GitHub's budget is back", func() bool { _, err := i.LookAt(t.Context(), admin, roadmap); return err == nil }, func() any { return i.row() })
	i.begin(roadmap)
	i.done()
	if b := i.row(); b.Made+b.Joined != 12 || b.LastError != "" || b.NotBefore != nil {
		t.Errorf("begun again: %+v", b)
	}
}
