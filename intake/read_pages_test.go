package intake_test

import (
	"testing"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
)

func TestTheDeskHoldsWhatWaits(t *testing.T) {
	each(t, func(t *testing.T, d door, clock *modelstest.Clock) {
		first := d.file(t, intake.Submission{Text: "Please add dark mode to the wallet", Kind: "suggestion", Source: "zendesk"}).Suggestion
		for len(d.th.Match(ctx, "", "dark mode for the wallet").Candidates) == 0 { // it is indexed in a moment
			time.Sleep(time.Millisecond)
		}
		like := d.file(t, intake.Submission{Text: "I want a dark mode please, for the wallet", Kind: "problem"}).Suggestion
		last := d.file(t, intake.Submission{Text: "导出 100% 的账单太慢", Kind: "problem"}).Suggestion
		seen := func(f intake.Sought) (ids []string) {
			desk, err := d.Desk(ctx, token, f)
			if err != nil {
				t.Fatal(err)
			}
			if f.Limit == 0 && int(desk.Total) != len(desk.Rows) {
				t.Errorf("%+v: %d of %d", f, len(desk.Rows), desk.Total)
			}
			for _, r := range desk.Rows {
				ids = append(ids, r.ID)
			}
			return ids
		}
		same := func(what string, got []string, want ...string) {
			t.Helper()
			if len(got) != len(want) {
				t.Errorf("%s: %v, want %v", what, got, want)
				return
			}
			for i := range got {
				if got[i] != want[i] {
					t.Errorf("%s: %v, want %v", what, got, want)
				}
			}
		}
		same("all", seen(intake.Sought{}), last.ID, like.ID, first.ID)
		same("kind", seen(intake.Sought{Kind: "problem"}), last.ID, like.ID)
		same("source", seen(intake.Sought{Source: "zendesk"}), first.ID)
		same("words", seen(intake.Sought{Query: "DARK"}), like.ID, first.ID)
		same("a percent sign is no wildcard", seen(intake.Sought{Query: "100%"}), last.ID)
		same("page", seen(intake.Sought{Limit: 1, Cursor: last.ID}), like.ID)
		newer, older, err := d.Neighbours(ctx, token, like.ID)
		if err != nil || newer != last.ID || older != first.ID {
			t.Errorf("neighbours: %s %s %v", newer, older, err)
		}
		stack, err := d.Stack(ctx, token, like.LikelyTheme, 10)
		if err != nil || len(stack) != 2 || stack[0].ID != like.ID || stack[1].ID != first.ID {
			t.Errorf("stack: %+v %v", stack, err)
		}

		closed := string(models.StateClosed)
		if _, err := d.Edit(ctx, token, last.ID, intake.Patch{State: &closed}); err != nil {
			t.Fatal(err)
		}
		same("closed", seen(intake.Sought{}), like.ID, first.ID)
		if n, err := d.Inbox(ctx, token); n != 2 || err != nil {
			t.Errorf("%d wait, %v", n, err)
		}
		desk, err := d.Desk(ctx, token, intake.Sought{Query: "nothing says this"})
		if err != nil || desk.Handled != 1 || len(desk.Sources) != 2 {
			t.Errorf("desk: %+v %v", desk, err)
		}
		clock.Add(8 * 24 * time.Hour)
		if desk, _ := d.Desk(ctx, token, intake.Sought{Query: "nothing says this"}); desk.Handled != 0 {
			t.Errorf("%d handled this week", desk.Handled)
		}
		for name, err := range map[string]error{
			"cursor": deskErr(d, intake.Sought{Cursor: "x"}), "kind": deskErr(d, intake.Sought{Kind: "x"}),
		} {
			if models.KindOf(err) != models.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := d.Desk(ctx, auth.Anonymous(), intake.Sought{}); models.KindOf(err) != models.Unauthenticated {
			t.Errorf("anybody reads the desk: %v", err)
		}
	})
}

func deskErr(d door, f intake.Sought) error {
	_, err := d.Desk(ctx, token, f)
	return err
}

func TestAReceiptIsAKey(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		s := d.file(t, intake.Submission{Text: "once only"}).Suggestion
		for _, code := range []string{s.Receipt, " " + s.Receipt} {
			if f, err := d.ByReceipt(ctx, code); err != nil || f.Suggestion.ID != s.ID {
				t.Errorf("%q: %v", code, err)
			}
		}
		if _, err := d.ByReceipt(ctx, "AAAAA-AAAAA"); models.KindOf(err) != models.NotFound {
			t.Errorf("unknown: %v", err)
		}
	})
}
