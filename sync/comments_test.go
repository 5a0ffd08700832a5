package issuesync

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/jobs"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/test/githubstand"
	"github.com/heedhq/heed/themes"
)

func both(o *Options) { o.Comments = CommentsBoth }

// talk is a theme and its issue, with what is said on both.
type talk struct{ *bond }

// person makes one who comments.
func (k talk) person(name string) auth.Actor {
	k.t.Helper()
	p := models.Person{ID: models.NewID(models.PrefixPerson), Name: name, CreatedAt: k.db.Now(), UpdatedAt: k.db.Now()}
	err := k.db.Write(k.t.Context(), func(_ context.Context, tx *gorm.DB) error { return tx.Create(&p).Error })
	if err != nil {
		k.t.Fatal(err)
	}
	return auth.Actor{Kind: models.ActorPerson, ID: p.ID, PersonID: p.ID}
}

func (k talk) say(a auth.Actor, text string) *models.Comment {
	k.t.Helper()
	return must[*models.Comment](k.t)(k.world.th.Comment(k.t.Context(), a, k.th.ID, themes.NewComment{Text: text}))
}

func (k talk) settle(id string, show bool) {
	k.t.Helper()
	if _, err := k.world.th.SettleComment(k.t.Context(), pm, id, show); err != nil {
		k.t.Fatal(err)
	}
}

// there are the comments on the issue, without their markers.
func (k talk) there() (all []string) {
	k.t.Helper()
	for _, c := range must[[]githubstand.IssueComment](k.t)(k.stand.Comments(k.t.Context(), roadmap, k.l.Number)) {
		text, _, _ := strings.Cut(c.Body, "\n\n<!--")
		all = append(all, text)
	}
	return all
}

// here are the comments below the theme: state, why they wait, name and text.
func (k talk) here() (all []string) {
	k.t.Helper()
	var cs []models.Comment
	if err := k.db.Read(k.t.Context()).Order("id").Find(&cs, "theme_id = ?", k.th.ID).Error; err != nil {
		k.t.Fatal(err)
	}
	for _, c := range cs {
		all = append(all, fmt.Sprintf("%s %s %s: %s", c.State, c.HeldFor, c.Name, c.Text))
	}
	return all
}

func (k talk) listen() {
	k.t.Helper()
	if err := k.queue.Enqueue(k.t.Context(), OverhearJob, k.l.ID, "", k.db.Now()); err != nil {
		k.t.Fatal(err)
	}
	k.step()
}

func (k talk) want(what string, got []string, want ...string) {
	k.t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		k.t.Errorf("%s\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// What people see below a theme stands on its issue: once, without who wrote it, mentioning
// nobody, and gone from there when it is removed here.
func TestCommentsGoOutOnce(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	each(t, func(t *testing.T, db *models.DB) {
		k := talk{bound(t, newWorld(t, db, stand, both), "Talk "+db.Dialect())}
		first := k.say(pm, "Try the beta, @octo: see #12")
		waits := k.say(k.person("Ann Walker"), "call me at ann@x.test")
		second := k.say(k.person("Bo Nkosi"), "谢谢，我们也需要")
		k.step()
		team, zh := "**The team:** Try the beta, @\u200docto: see #\u200d12", "**一位提出需求的用户：** 谢谢，我们也需要"
		k.want("on the issue stand", k.there(), team, zh)
		k.settle(first.ID, false)
		k.step()
		k.want("after one was removed", k.there(), takenBack, zh)
		k.settle(first.ID, true)
		k.settle(waits.ID, true)
		k.settle(second.ID, false)
		k.step()
		got := k.there()
		k.want("after moderation", got, team, takenBack, "**Somebody who asked for this:** call me at ‹e-mail ···›")
		stand.ResetLog()
		k.listen()
		k.listen()
		if n := len(stand.Writes()); n != 0 || len(k.here()) != 3 {
			t.Errorf("it goes in circles: %d writes, %q", n, k.here())
		}
	})
}

func TestACommentWhoseAnswerIsLostIsNotMadeTwice(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	posts := regexp.MustCompile("/comments$")
	for i, kind := range []githubstand.FaultKind{githubstand.DropAfter, githubstand.DropBefore, githubstand.CutJSON, githubstand.HTML502, githubstand.Unauthorized} {
		t.Run(string(kind), func(t *testing.T) {
			defer stand.ClearFaults()
			k := talk{bound(t, newWorld(t, sqlite(t), stand, both), "Lost "+string(kind))}
			c := k.say(pm, "once")
			stand.Fail(githubstand.Fault{Method: "POST", Path: posts, Kind: kind})
			_, _ = k.readChanges(t.Context())
			for sent := false; !sent; { // until it is its turn; then the process dies
				err := k.commentJob(t.Context(), models.Job{Key: k.l.ID})
				if later, ok := errors.AsType[jobs.Later](err); ok && len(stand.Writes()) == 0 {
					time.Sleep(time.Until(later.At))
				}
				sent = len(stand.Writes()) > 0
			}
			if i%2 == 0 {
				k.step()
				k.want("on the issue stand", k.there(), "**The team:** once")
			}
			k.settle(c.ID, false) // perhaps before it is known that it stands there
			k.step()
			if got := strings.Join(k.there(), "\n"); got != takenBack && (i%2 == 0 || got != "") {
				t.Errorf("after it was removed there stands %q", got)
			}
		})
	}
}

// What staff say among themselves below a hidden theme stays here, and what everybody read
// is taken back there when the theme is hidden.
func TestNothingIsSaidThereOfAHiddenTheme(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	each(t, func(t *testing.T, db *models.DB) {
		k := talk{bound(t, newWorld(t, db, stand, both), "Hidden "+db.Dialect())}
		public := func(yes bool) {
			t.Helper()
			if _, _, err := k.world.th.Edit(t.Context(), pm, k.th.ID, 0, themes.Draft{Public: &yes}); err != nil {
				t.Fatal(err)
			}
			k.step()
		}
		k.say(pm, "for everybody")
		k.step()
		public(false)
		k.want("of a hidden theme stand", k.there(), takenBack)
		k.say(pm, "customer Acme pays for it")
		k.step()
		k.want("after staff spoke", k.there(), takenBack)
		public(true)
		k.want("after it was published", k.there(), "**The team:** for everybody", "**The team:** customer Acme pays for it")
	})
}

// A comment that is taken back is taken back, although the token was refused meanwhile.
func TestATakebackIsNotGivenUp(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	k := talk{bound(t, newWorld(t, sqlite(t), stand, both), "Taken back")}
	c := k.say(pm, "oh no")
	k.step()
	stand.Fail(githubstand.Fault{Method: "PATCH", Kind: githubstand.Unauthorized})
	k.settle(c.ID, false)
	k.step()
	k.want("on the issue stands", k.there(), takenBack)
}

// A comment that GitHub refuses holds up no other, is told of, and goes when a person asks again.
func TestARefusedCommentWaitsForAPerson(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	k := talk{bound(t, newWorld(t, sqlite(t), stand, both), "Refused")}
	stand.Fail(githubstand.Fault{Method: "POST", Path: regexp.MustCompile("/comments$"), Kind: githubstand.Status, Status: 422, Message: "Validation Failed"})
	k.say(pm, "first")
	k.say(pm, "second")
	k.step()
	k.want("on the issue stand", k.there(), "**The team:** second")
	rows, _, err := k.Ledger(t.Context(), pm, LedgerFilter{Which: "failed"})
	if err != nil || len(rows) != 1 || !strings.HasPrefix(rows[0].Field, opComment) || ExplainNote(rows[0].Note) == nil {
		t.Errorf("the ledger says %+v, %v", rows, err)
	}
	k.deed("mend:again")
	k.step()
	k.want("after it was asked for again", k.there(), "**The team:** second", "**The team:** first")
	if rows, _, err = k.Ledger(t.Context(), pm, LedgerFilter{Which: "open"}); err != nil || len(rows) != 0 {
		t.Errorf("the ledger still says %+v, %v", rows, err)
	}
}

// What is said while an issue is out of sight is not lost when it comes back.
func TestCommentsWaitForAnIssueThatComesBack(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	k := talk{bound(t, newWorld(t, sqlite(t), stand, both), "Back again")}
	must[githubstand.IssueComment](t)(stand.Comment(t.Context(), roadmap, k.l.Number, "from there"))
	stand.Fail(githubstand.Fault{Method: "GET", Path: regexp.MustCompile("/issues/[0-9]+$"), Kind: githubstand.Status, Status: 404, Message: "Not Found"})
	k.step()
	if l := k.read(k.l.ID); l.State != models.LinkGone {
		t.Fatalf("the link is %s", l.State)
	}
	k.say(pm, "from here")
	stop := k.start() // with no hint
	k.settled()
	stop()
	k.listen()
	k.want("here stand", k.here()[:1], "visible  "+pm.Name+": from here")
	k.step()
	if there, here := k.there(), k.here(); len(there) != 2 || there[1] != "**The team:** from here" || len(here) != 2 {
		t.Errorf("there %q, here %q", there, here)
	}
}

// What people write on the issue waits for staff; what they change or delete there follows.
func TestCommentsComeInForStaffToDecide(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	each(t, func(t *testing.T, db *models.DB) {
		k := talk{bound(t, newWorld(t, db, stand, both), "Heard "+db.Dialect())}
		c := must[githubstand.IssueComment](t)(stand.Comment(t.Context(), roadmap, k.l.Number, "I can do that\r\nnext week"))
		name := must[[]githubstand.IssueComment](t)(stand.Comments(t.Context(), roadmap, k.l.Number))[0].User.Login + " (GitHub)"
		if err := k.Reconcile(t.Context()); err != nil { // no webhook came
			t.Fatal(err)
		}
		k.step()
		k.want("here stand", k.here(), "waiting github "+name+": I can do that\nnext week")
		var id string
		db.Read(t.Context()).Raw("SELECT id FROM comments WHERE theme_id = ?", k.th.ID).Scan(&id)
		k.settle(id, true)
		k.listen()
		if n := len(k.there()); n != 1 {
			t.Errorf("%d comments on the issue: it came back", n)
		}
		if err := stand.EditComment(t.Context(), roadmap, c.ID, "I cannot"); err != nil {
			t.Fatal(err)
		}
		k.listen()
		k.want("after it was edited", k.here(), "waiting github "+name+": I cannot")
		if err := stand.DeleteComment(t.Context(), roadmap, c.ID); err != nil {
			t.Fatal(err)
		}
		k.listen()
		k.listen()
		k.want("after it was deleted", k.here(), "removed github "+name+": I cannot")
	})
}
