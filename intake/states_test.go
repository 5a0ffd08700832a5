package intake_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
)

// Every walk through states, replies and undos keeps to the table of steps, and an
// undo puts back state, team and clock.
func TestStatesKeepToTheirSteps(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		round := 0
		d.teams(t, "chain", "cards")
		rapid.Check(t, func(rt *rapid.T) { round++; walkStates(t, rt, d, fmt.Sprint("the very same words of ", round)) })
	})
}

// teams makes teams that are called "The … desk".
func (d door) teams(t *testing.T, keys ...string) {
	t.Helper()
	for _, k := range keys {
		if _, err := d.SaveTeam(ctx, auth.System(), intake.TeamOf{Team: models.Team{Key: k, Name: models.Text{EN: "The " + k + " desk"}}}); err != nil {
			t.Fatal(err)
		}
	}
}

func walkStates(t *testing.T, rt *rapid.T, d door, words string) {
	same := rapid.IntRange(1, 3).Draw(rt, "suggestions with the same words")
	var ids []string
	for i := range same {
		ids = append(ids, d.file(t, intake.Submission{Text: words, Person: &intake.PersonInput{Email: fmt.Sprintf("p%d@example.com", i)}}).Suggestion.ID)
	}
	allowed := map[string]string{"new": "answered handed_over closed", "answered": "handed_over closed", "handed_over": "answered closed", "closed": "new"}
	type undoable struct {
		act    string
		before models.Suggestion
	}
	last := map[string]undoable{}
	for range rapid.IntRange(1, 14).Draw(rt, "steps") {
		id := rapid.SampledFrom(ids).Draw(rt, "which")
		before := d.read(t, id)
		switch op := rapid.SampledFrom([]string{"state", "state", "reply", "answer", "undo"}).Draw(rt, "op"); op {
		case "state":
			to := rapid.SampledFrom([]string{"new", "answered", "handed_over", "closed"}).Draw(rt, "to")
			team := ""
			if to == "handed_over" {
				team = rapid.SampledFrom([]string{"", "chain", "cards"}).Draw(rt, "team")
			}
			act, err := d.SetState(ctx, pm, id, to, team)
			after := d.read(t, id)
			newTeam := team != "" && team != before.Team
			fine := string(before.State) == to && (to != "handed_over" || !newTeam) || strings.Contains(allowed[string(before.State)], to) || string(before.State) == to && newTeam
			if (err == nil) != fine {
				rt.Fatalf("%s to %s/%s: %v", before.State, to, team, err)
			}
			if err == nil && (string(after.State) != to || (act == "") != (before.State == after.State && !newTeam)) {
				rt.Fatalf("%s to %s: %s, activity %q", before.State, to, after.State, act)
			}
			if act != "" {
				last[id] = undoable{act, before}
			}
		case "reply":
			if _, err := d.Reply(ctx, sam, id, "hello"); err != nil {
				rt.Fatal(err)
			}
			if after := d.read(t, id); (before.State != models.StateClosed) != (after.State == models.StateAnswered) || after.FirstRepliedAt == nil {
				rt.Fatalf("%s replied to: %s", before.State, after.State)
			}
			delete(last, id)
		case "answer":
			if _, err := d.Answer(ctx, opened(id), id, models.MessageReply, "hello"); err != nil {
				rt.Fatal(err)
			}
			want := models.StateNew
			if before.State == models.StateHandedOver {
				want = models.StateHandedOver
			}
			if after := d.read(t, id); after.State != want {
				rt.Fatalf("%s answered: %s", before.State, after.State)
			}
			delete(last, id)
		case "undo":
			u, ok := last[id]
			if !ok {
				continue
			}
			if _, err := d.th.Undo(ctx, pm, u.act); err != nil {
				rt.Fatal(err)
			}
			after := d.read(t, id)
			if after.State != u.before.State || after.Team != u.before.Team || (after.FirstRepliedAt == nil) != (u.before.FirstRepliedAt == nil) || after.Waiting != u.before.Waiting {
				rt.Fatalf("undone: %+v, was %+v", after, u.before)
			}
			delete(last, id)
		}
	}
}

// An undo of an undo hands over again; a reply cannot be taken back.
func TestUndoSaysWhatItCannot(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		f := d.file(t, intake.Submission{Text: "x", Person: &intake.PersonInput{Email: "mei@example.com"}})
		id := f.Suggestion.ID
		d.teams(t, "chain", "cards")
		if _, err := d.SetState(ctx, pm, id, "handed_over", "chian"); codeOf(err) != "team_unknown" {
			t.Errorf("to a team that is none: %v", err)
		}
		act, err := d.SetState(ctx, pm, id, "handed_over", "  The CHAIN desk ")
		if s := d.read(t, id); err != nil || s.Team != "chain" {
			t.Fatalf("%v, team %q", err, s.Team)
		}
		undone, err := d.th.Undo(ctx, pm, act)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.th.Undo(ctx, pm, act); codeOf(err) != "already_undone" {
			t.Errorf("twice: %v", err)
		}
		if _, err := d.th.Undo(ctx, pm, undone); err != nil {
			t.Fatal(err)
		}
		if s := d.read(t, id); s.State != models.StateHandedOver || s.Team != "chain" {
			t.Errorf("%s, %q", s.State, s.Team)
		}
		said, err := d.Reply(ctx, sam, id, "hello")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.th.Undo(ctx, pm, said.Message.ActivityID); codeOf(err) != "cannot_undo" {
			t.Errorf("a reply: %v", err)
		}
		if _, err := d.th.Undo(ctx, pm, act); codeOf(err) == "" {
			t.Error("a step was taken back that others followed")
		}
		for state, code := range map[string]string{"gone": "state_unknown", "": "state_unknown", "new": "state_step"} {
			if _, err := d.SetState(ctx, pm, id, state, ""); codeOf(err) != code {
				t.Errorf("%q: %v", state, err)
			}
		}
		if _, err := d.SetState(ctx, pm, id, "closed", "chain"); codeOf(err) != "team_not_here" {
			t.Errorf("closing names a team: %v", err)
		}
	})
}
