package intake_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/redact/redacttest"
)

var (
	sam      = auth.Actor{Kind: models.ActorMember, ID: "mem_sam", Name: "Sam", Role: models.RoleSupport}
	robot    = auth.Actor{Kind: models.ActorAgent, ID: "tok_r", TokenID: "tok_r", Name: "kb-bot", Scopes: []auth.Scope{auth.ScopeSuggestionsWrite}}
	stranger = auth.Actor{Kind: models.ActorPerson, ID: "per_x", PersonID: "per_x"}
)

// their is the person behind a suggestion.
func their(f intake.Filed) auth.Actor {
	return auth.Actor{Kind: models.ActorPerson, ID: f.Suggestion.PersonID, PersonID: f.Suggestion.PersonID}
}

func opened(id string) auth.Actor {
	return auth.Actor{Kind: models.ActorAnonymous, Opened: id}
}

func (d door) read(t *testing.T, id string) models.Suggestion {
	t.Helper()
	var s models.Suggestion
	if err := d.db.Read(ctx).First(&s, "id = ?", id).Error; err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAReplyAnswersAndStopsTheClock(t *testing.T) {
	each(t, func(t *testing.T, d door, clock *modelstest.Clock) {
		f := d.file(t, intake.Submission{Text: "转账一直没有到账", Person: &intake.PersonInput{Email: "mei@example.com"}})
		clock.Add(7 * time.Minute)
		said, err := d.Reply(ctx, sam, f.Suggestion.ID, "  哪个网络？请把交易哈希发给我们。 ")
		if err != nil || said.State != models.StateAnswered || said.Message.Lang != "zh" || said.Message.Text != "哪个网络？请把交易哈希发给我们。" {
			t.Fatalf("%+v, %v", said, err)
		}
		first := clock.Now()
		clock.Add(time.Minute)
		if _, err := d.Reply(ctx, pm, f.Suggestion.ID, "Found it."); err != nil {
			t.Fatal(err)
		}
		s := d.read(t, f.Suggestion.ID)
		if s.State != models.StateAnswered || s.FirstRepliedAt == nil || !s.FirstRepliedAt.Equal(first) {
			t.Errorf("%s, first replied at %v, want %v", s.State, s.FirstRepliedAt, first)
		}
		// The person writes: it waits for staff again. Closed, it opens again.
		if _, err := d.Answer(ctx, their(f), s.ID, models.MessageReply, "以太坊"); err != nil {
			t.Fatal(err)
		}
		if s = d.read(t, s.ID); s.State != models.StateNew || s.FirstRepliedAt == nil {
			t.Errorf("after the person's word: %s", s.State)
		}
		if _, err := d.SetState(ctx, sam, s.ID, "closed", ""); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Answer(ctx, opened(s.ID), s.ID, models.MessageObjection, ""); err != nil {
			t.Fatal(err)
		}
		th, err := d.Thread(ctx, sam, s.ID)
		if err != nil || th.Suggestion.State != models.StateNew || !th.Objects || !th.Waits || len(th.Messages) != 4 {
			t.Fatalf("%+v, %v", th, err)
		}
		steps := []string{}
		for _, st := range th.Steps {
			steps = append(steps, string(st.From)+">"+string(st.To))
		}
		if !slices.Equal(steps, []string{"new>answered", "answered>new", "new>closed", "closed>new"}) {
			t.Errorf("steps %v", steps)
		}
		if _, err := d.Reply(ctx, sam, s.ID, "Sorry, we look again."); err != nil {
			t.Fatal(err)
		}
		if th, _ = d.Thread(ctx, sam, s.ID); th.Objects || th.Waits {
			t.Error("it still waits after staff's word")
		}
		var act models.Activity
		d.db.Read(ctx).Where("verb = ?", models.SuggestionReplied).Order("seq").Limit(1).Find(&act)
		if strings.Contains(act.Snapshot, "哪个网络") || !strings.Contains(act.Snapshot, said.Message.ID) {
			t.Errorf("the activity says %s", act.Snapshot)
		}
	})
}

func TestRepliesThatMustNotLeave(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		f := d.file(t, intake.Submission{Text: "help", Person: &intake.PersonInput{Email: "mei@example.com"}})
		phrase := redacttest.Phrase(t)
		for text, code := range map[string]string{"": "reply_required", " \u200b ": "reply_required", strings.Repeat("长", intake.MaxReply+1): "too_long",
			"Please send us your seed phrase.": "asks_for_secret", "请提供助记词": "asks_for_secret", "Try it with " + phrase: "secret_in_reply"} {
			if _, err := d.Reply(ctx, sam, f.Suggestion.ID, text); codeOf(err) != code {
				t.Errorf("%.30q: %v, want %s", text, err, code)
			}
		}
		if _, err := d.Reply(ctx, sam, "sug_00000000000000000000000000", "hello"); codeOf(err) != "suggestion_not_found" {
			t.Errorf("nobody's: %v", err)
		}
		var n int64
		d.db.Read(ctx).Model(&models.Message{}).Count(&n)
		if s := d.read(t, f.Suggestion.ID); n != 0 || s.State != models.StateNew || s.FirstRepliedAt != nil {
			t.Errorf("%d stored, %s", n, s.State)
		}
		// What controls no funds is masked and said; the person is never refused.
		said, err := d.Reply(ctx, sam, f.Suggestion.ID, "The staging key is "+leaked)
		if err != nil || len(said.Findings) != 1 || strings.Contains(said.Message.Text, leaked[10:40]) {
			t.Errorf("%+v, %v", said, err)
		}
		said, err = d.Answer(ctx, their(f), f.Suggestion.ID, models.MessageReply, "It is "+phrase)
		if err != nil || len(said.Findings) != 1 || said.Findings[0].N != 1 || strings.Contains(said.Message.Text, strings.Fields(phrase)[3]+" "+strings.Fields(phrase)[4]) {
			t.Errorf("%+v, %v", said, err)
		}
	})
}

// Who may read, write, step and attach: each row for somebody else's suggestion,
// and for the one they have to do with.
func TestWhoMaySeeAThread(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		f, err := d.File(ctx, robot, intake.Submission{Text: "hers", Person: &intake.PersonInput{Email: "mei@example.com"}})
		if err != nil {
			t.Fatal(err)
		}
		other := d.file(t, intake.Submission{Text: "of another", Person: &intake.PersonInput{Email: "wei@example.com"}})
		id := f.Suggestion.ID
		shot, err := d.Ready([]intake.Upload{{Name: "a.log", Body: []byte("a line")}})
		if err != nil {
			t.Fatal(err)
		}
		at, err := d.Attach(ctx, sam, id, "", shot)
		if err != nil {
			t.Fatal(err)
		}
		reader := auth.Actor{Kind: models.ActorService, ID: "tok_s", TokenID: "tok_s", Scopes: []auth.Scope{auth.ScopeThemesRead}}
		ai := auth.Actor{Kind: models.ActorAgent, ID: "tok_a", TokenID: "tok_a", Scopes: []auth.Scope{auth.ScopeAdmin}}
		for name, c := range map[string]struct {
			a    auth.Actor
			want string // reads, replies, answers, attaches, steps, reads the file
		}{
			"a visitor":                   {auth.Anonymous(), "......"},
			"another person":              {stranger, "......"},
			"its person":                  {their(f), "r.aa.f"},
			"who has the receipt":         {opened(id), "r.aa.f"},
			"who has another's receipt":   {opened(other.Suggestion.ID), "......"},
			"support":                     {sam, "rr.asf"},
			"a pm":                        {pm, "rr.asf"},
			"the agent that filed it":     {robot, "...a.."},
			"another agent":               {agent("tok_q", auth.ScopeSuggestionsWrite), "......"},
			"an AI agent with all scopes": {ai, "r..asf"},
			"an integration that reads":   {reader, "r....f"},
		} {
			got := ""
			ok := func(err error, yes string) {
				if err == nil {
					got += yes
				} else {
					got += "."
				}
				if err != nil && models.KindOf(err) == "" {
					t.Errorf("%s: %v", name, err)
				}
			}
			_, err := d.Thread(ctx, c.a, id)
			ok(err, "r")
			_, err = d.Reply(ctx, c.a, id, "hello from staff")
			ok(err, "r")
			_, err = d.Answer(ctx, c.a, id, models.MessageReply, "hello from the person")
			ok(err, "a")
			_, err = d.Attach(ctx, c.a, id, "", shot)
			ok(err, "a")
			_, err = d.SetState(ctx, c.a, id, "closed", "")
			ok(err, "s")
			_, _, err = d.Attachment(ctx, c.a, at[0].Attachment.ID)
			ok(err, "f")
			if got != c.want {
				t.Errorf("%s: %s, want %s", name, got, c.want)
			}
			if s := d.read(t, id); s.State == models.StateClosed {
				if _, err := d.SetState(ctx, pm, id, "new", ""); err != nil {
					t.Fatal(err)
				}
			}
			// No way leads from one's own to another's.
			if _, err := d.Thread(ctx, c.a, other.Suggestion.ID); (err == nil) != (c.a.IsStaff() || c.a.Opened == other.Suggestion.ID) {
				t.Errorf("%s reads another's: %v", name, err)
			}
		}
		if _, err := d.SetState(ctx, ai, id, "handed_over", ""); models.KindOf(err) != models.Forbidden {
			t.Errorf("an agent told a person: %v", err)
		}
	})
}

func TestFilesOfASuggestion(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		d.LimitFiles(intake.FileLimits{Size: 1 << 20, Count: 3})
		phrase := redacttest.Phrase(t)
		var shot bytes.Buffer
		png.Encode(&shot, image.NewGray(image.Rect(0, 0, 9, 9)))
		f, err := d.File(ctx, auth.Anonymous(), intake.Submission{Text: "see the log", Source: "portal", Files: []intake.Upload{{Name: "app.log", Body: []byte("restore failed: " + phrase + "\nrestore failed: " + phrase + "\n")}, {Name: "shot.png", Body: shot.Bytes()}}})
		if err != nil || len(f.Findings) != 1 || f.Findings[0].Rule != "seed_phrase" || f.Findings[0].Field != "attachment" {
			t.Fatalf("%+v, %v", f.Findings, err)
		}
		th, err := d.Thread(ctx, opened(f.Suggestion.ID), f.Suggestion.ID)
		if err != nil || len(th.Attachments) != 2 || th.Attachments[0].Masked != 2 || !th.Attachments[0].Checked || th.Attachments[1].Width != 9 || th.Attachments[1].Checked {
			t.Fatalf("%+v, %v", th.Attachments, err)
		}
		_, body, err := d.Attachment(ctx, sam, th.Attachments[0].ID)
		if err != nil || strings.Contains(string(body), strings.Join(strings.Fields(phrase)[2:5], " ")) || strings.Count(string(body), "‹seed_phrase ···›") != 2 {
			t.Errorf("%s, %v", body, err)
		}
		// With a file that cannot be kept nothing is filed.
		if _, err := d.File(ctx, auth.Anonymous(), intake.Submission{Text: "not this one", Source: "portal", Files: []intake.Upload{{Name: "a.zip", Body: []byte("PK\x03\x04")}}}); codeOf(err) != "file_archive" {
			t.Errorf("an archive: %v", err)
		}
		var n int64
		if d.db.Read(ctx).Model(&models.Suggestion{}).Where("text = 'not this one'").Count(&n); n != 0 {
			t.Error("it was filed all the same")
		}
		more := func(k int) error {
			ups := []intake.Upload{}
			for i := range k {
				ups = append(ups, intake.Upload{Name: "x.txt", Body: []byte(fmt.Sprint("line ", i))})
			}
			r, err := d.Ready(ups)
			if err == nil {
				_, err = d.Attach(ctx, sam, f.Suggestion.ID, "", r)
			}
			return err
		}
		if err := more(4); codeOf(err) != "too_many_files" {
			t.Errorf("four at once: %v", err)
		}
		if err := more(2); codeOf(err) != "too_many_files" {
			t.Errorf("two more than fit: %v", err)
		}
		if err := more(1); err != nil {
			t.Errorf("one more: %v", err)
		}
		if _, err := d.Ready([]intake.Upload{{Name: "big.log", Body: make([]byte, 1<<20+1)}}); codeOf(err) != "file_too_large" || models.KindOf(err) != models.TooLarge {
			t.Errorf("too large: %v", err)
		}
		if _, err := d.Attach(ctx, sam, "sug_00000000000000000000000000", "", intake.Ready{}); err != nil {
			t.Errorf("nothing to attach: %v", err)
		}
		for _, table := range []string{"suggestions", "findings", "activities", "attachments", "messages", "attachment_contents"} {
			var rows []map[string]any
			if err := d.db.Read(ctx).Table(table).Find(&rows).Error; err != nil {
				t.Fatal(err)
			}
			if strings.Contains(fmt.Sprintf("%s", rows), strings.Join(strings.Fields(phrase)[3:6], " ")) {
				t.Errorf("the phrase stands in %s", table)
			}
		}
	})
}
