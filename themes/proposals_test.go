package themes_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/themes"
)

var exports = []string{
	"Export to CSV is slow", "CSV export is slow", "The slow export to CSV", "Slow CSV export please fix", "Export to CSV is so slow",
	"Why is export to CSV slow", "CSV export is very slow", "Exporting to CSV is slow",
}

var darks = []string{
	"Dark mode for the night", "A dark mode please, night", "Night dark mode wanted", "Dark mode at night", "Dark night mode please",
	"I want dark mode for night", "Please add dark mode night", "Dark mode, night",
}

// into files texts and puts them into a theme.
func (h *house) into(theme string, texts ...string) (ids []string) {
	h.t.Helper()
	for i, text := range texts {
		ids = append(ids, h.file(text, fmt.Sprintf("p%d@example.com", i)).Suggestion.ID)
	}
	h.assign(theme, ids...)
	return ids
}

// look is the whole nightly look, as its job does it.
func (h *house) look() {
	h.t.Helper()
	h.indexed()
	state := ""
	for range 100 {
		next, wait, err := h.th.Look(ctx, state)
		if err != nil {
			h.t.Fatal(err)
		}
		if next == "" {
			return
		}
		if wait > time.Second {
			time.Sleep(10 * time.Millisecond)
		}
		state = next
	}
	h.t.Fatal("the look does not end")
}

// indexed waits until the index has read all that was written.
func (h *house) indexed() {
	time.Sleep(30 * time.Millisecond)
	h.th.Match(ctx, "", "anything")
}

func (h *house) proposals() []themes.Proposed {
	h.t.Helper()
	ps, _, err := h.th.Proposals(ctx, pm, "", "", 0)
	if err != nil {
		h.t.Fatal(err)
	}
	return ps
}

func (h *house) one(kind models.ProposalKind) themes.Proposed {
	h.t.Helper()
	ps := h.proposals()
	if len(ps) != 1 || ps[0].Kind != kind {
		h.t.Fatalf("proposals: %s, want one to %s", told(ps), kind)
	}
	return ps[0]
}

func told(ps []themes.Proposed) string {
	out := []string{}
	for _, p := range ps {
		out = append(out, fmt.Sprintf("%s %s %s %v", p.Kind, p.ThemeID, p.OtherID, p.Items.V))
	}
	return strings.Join(out, "; ")
}

func TestTwoThemesThatSayTheSameAreProposedToMerge(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		big, small := h.theme("Exports"), h.theme("CSV")
		h.into(big, exports[:5]...)
		h.into(small, exports[5:]...)
		h.into(h.theme("Dark mode"), darks...)
		h.look()
		p := h.one(models.ProposeMerge)
		if p.ThemeID != small || p.OtherID != big || p.Moves() != 3 || len(p.Items.V.Move) == 0 || len(p.Items.V.Keep) == 0 {
			t.Fatalf("%+v", p)
		}
		if words := fmt.Sprint(p.Reasons.V); !strings.Contains(strings.ToLower(words), "csv") {
			t.Errorf("reasons: %s", words)
		}
		before := h.stand()
		act, th, err := h.th.AcceptProposal(ctx, pm, p.ID, "")
		if err != nil || th.ID != big || th.SuggestionsCount != 8 {
			t.Fatal(act, th, err)
		}
		if _, _, err := h.th.AcceptProposal(ctx, pm, p.ID, ""); err == nil {
			t.Error("accepted twice")
		} else {
			wantCode(t, err, "proposal_decided", "")
		}
		if _, err := h.th.Undo(ctx, pm, act); err != nil {
			t.Fatal(err)
		}
		if after := h.stand(); after != before {
			t.Errorf("undo left\n%s\nwant\n%s", after, before)
		}
		h.look() // what was taken back is for good
		if ps := h.proposals(); len(ps) != 0 {
			t.Errorf("proposed again: %s", told(ps))
		}
	})
}

func TestAThemeOfTwoSubjectsIsProposedToSplit(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		mixed := h.theme("Everything")
		h.into(mixed, exports...)
		moving := h.into(mixed, darks[:4]...)
		h.look()
		p := h.one(models.ProposeSplit)
		got := slices.Clone(p.Items.V.Move)
		slices.Sort(got)
		if !slices.Equal(got, moving) || p.Moves() != 4 {
			t.Fatalf("would move %v, want %v", got, moving)
		}
		before := h.stand()
		act, th, err := h.th.AcceptProposal(ctx, pm, p.ID, " Dark mode ")
		if err != nil || th.Title != "Dark mode" || th.SuggestionsCount != 4 {
			t.Fatal(th, err)
		}
		if _, err := h.th.Undo(ctx, pm, act); err != nil {
			t.Fatal(err)
		}
		if after := live(h.stand()); after != live(before) {
			t.Errorf("undo left\n%s\nwant\n%s", after, before)
		}
		h.into(mixed, darks[4])
		h.look()
		if ps := h.proposals(); len(ps) != 0 {
			t.Errorf("proposed again: %s", told(ps))
		}
	})
}

func TestAThemeInTwoLanguagesIsOne(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		th := h.theme("Exports")
		h.into(th, exports...)
		h.into(th, "导出看板太慢了", "看板导出很慢", "导出大型看板太慢", "看板导出太慢，等了很久")
		h.look()
		if ps := h.proposals(); len(ps) != 0 {
			t.Errorf("proposed: %s", told(ps))
		}
	})
}

func TestWhatWasDismissedNeverComesBack(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a, b, mixed := h.theme("Exports"), h.theme("CSV"), h.theme("Everything")
		h.into(a, exports[:4]...)
		h.into(b, exports[4:]...)
		h.into(mixed, "Fees for swaps are too high", "The swap fee is too high", "Swap fees too high")
		h.into(mixed, darks...)
		h.look()
		acts := []string{}
		for range 2 {
			h.look()
			for _, p := range h.proposals() {
				act, err := h.th.DismissProposal(ctx, pm, p.ID)
				if err != nil {
					t.Fatal(err)
				}
				acts = append(acts, act)
			}
			h.into(mixed, "Dark mode in the evening and at night")
			h.look()
			if ps := h.proposals(); len(ps) != 0 {
				t.Fatalf("proposed again: %s", told(ps))
			}
		}
		if len(acts) != 2 {
			t.Fatalf("%d proposals dismissed, want a merge and a split", len(acts))
		}
		for _, act := range acts { // taking the answer back is a person's own word
			again, err := h.th.Undo(ctx, pm, act)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := h.th.Undo(ctx, pm, again); err != nil {
				t.Fatal(err)
			}
		}
		if ps := h.proposals(); len(ps) != 0 {
			t.Errorf("dismissed again, but open: %s", told(ps))
		}
	})
}

func TestNothingIsProposedAgainstADecision(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		big, small := h.theme("Exports"), h.theme("CSV")
		h.into(big, exports[:5]...)
		ids := h.into(small, exports[5:]...)
		h.look()
		p := h.one(models.ProposeMerge)
		if _, _, err := h.th.Decide(ctx, pm, ids[1], big, false); err != nil {
			t.Fatal(err)
		}
		if ps := h.proposals(); len(ps) != 0 {
			t.Errorf("still listed: %s", told(ps))
		}
		_, _, err := h.th.AcceptProposal(ctx, pm, p.ID, "")
		wantCode(t, err, "proposal_withdrawn", "")
		h.eventually("the proposal is withdrawn", func() bool {
			n, err := h.th.OpenProposals(ctx, pm)
			return err == nil && n == 0
		})
		h.look()
		if ps := h.proposals(); len(ps) != 0 {
			t.Errorf("proposed against a decision: %s", told(ps))
		}

		mixed := h.theme("Everything")
		h.into(mixed, "Fees for swaps are too high", "The swap fee is too high", "Swap fees too high", "The fee of swaps is high")
		dark := h.into(mixed, darks[:3]...)
		if _, _, err := h.th.Decide(ctx, pm, dark[0], mixed, true); err != nil {
			t.Fatal(err)
		}
		h.look()
		if ps := h.proposals(); len(ps) != 0 {
			t.Errorf("would take away what belongs there: %s", told(ps))
		}
	})
}

func (h *house) eventually(what string, is func() bool) {
	h.t.Helper()
	for range 500 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	h.t.Errorf("not so within five seconds: %s", what)
}

// A look that dies goes on where it was, and a step may be done twice.
func TestALookGoesOnWhereItWas(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		big, small := h.theme("Exports"), h.theme("CSV")
		h.into(big, exports[:5]...)
		h.into(small, exports[5:]...)
		h.indexed()
		state, _, err := h.th.Look(ctx, "")
		if err != nil || state == "" {
			t.Fatal(state, err)
		}
		dead, cancel := context.WithCancel(ctx)
		cancel()
		if _, _, err := h.th.Look(dead, state); err == nil {
			t.Error("a cancelled step ends well")
		}
		second := newHouse(t, h.db) // another node takes over
		second.indexed()
		next, _, err := second.th.Look(ctx, state)
		if err != nil || next != "" {
			t.Fatal(next, err)
		}
		h.one(models.ProposeMerge)
		var left int64
		h.db.Read(ctx).Model(&models.ProposalStep{}).Count(&left)
		if left != 0 {
			t.Errorf("%d steps are left", left)
		}
		if _, _, err := h.th.Look(ctx, "no progress at all"); err != nil {
			t.Error(err)
		}
	})
}

func TestAReportAfterTheShippingProposesToReopen(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, clock *modelstest.Clock) {
		h := newHouse(t, db)
		th := h.theme("Exports")
		h.into(th, exports[:5]...)
		if _, _, err := h.th.SetStatus(ctx, pm, th, themes.StatusChange{Status: models.StatusShipped, Version: "v4.2"}); err != nil {
			t.Fatal(err)
		}
		report := func(text, version string) intake.Filed {
			h.indexed()
			f, err := h.in.File(ctx, pm, intake.Submission{Text: text, Version: version})
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
		for _, before := range []string{"", "4.1.9", "4.2.0-beta.1", "nightly"} {
			report("The CSV export is slow "+before, before)
		}
		if ps := h.proposals(); len(ps) != 0 {
			t.Fatalf("proposed: %s", told(ps))
		}
		first := report("CSV export is still slow", "4.2.0").Suggestion
		report(exports[0], "5.0") // the same words as the first: it joins the theme
		p := h.one(models.ProposeReopen)
		if p.ThemeID != th || p.Items.V.Of != 2 || !slices.Contains(p.Items.V.Move, first.ID) || p.Theme.Status != models.StatusShipped {
			t.Fatalf("%+v", p)
		}
		support := auth.Actor{Kind: models.ActorMember, ID: "mem_s", Role: models.RoleSupport}
		if _, _, err := h.th.AcceptProposal(ctx, support, p.ID, ""); models.KindOf(err) != models.Forbidden {
			t.Errorf("support gives a status: %v", err)
		}
		act, now, err := h.th.AcceptProposal(ctx, pm, p.ID, "")
		if err != nil || now.Status != models.StatusUnderReview {
			t.Fatal(now, err)
		}
		if _, err := h.th.Undo(ctx, pm, act); err != nil {
			t.Fatal(err)
		}
		report("CSV export is slow again today", "5.1")
		if ps := h.proposals(); len(ps) != 0 {
			t.Errorf("answered, but proposed again: %s", told(ps))
		}
		clock.Add(time.Hour) // it ships anew: that may fail anew
		for _, s := range []themes.StatusChange{{Status: models.StatusInProgress}, {Status: models.StatusShipped, Version: "5.2"}} {
			if _, _, err := h.th.SetStatus(ctx, pm, th, s); err != nil {
				t.Fatal(err)
			}
		}
		report("Export to CSV is slow in the new version", "5.2")
		p = h.one(models.ProposeReopen)
		if _, err := h.th.DismissProposal(ctx, pm, p.ID); err != nil {
			t.Fatal(err)
		}
		report("Export to CSV is slow in the newest version", "5.3")
		if ps := h.proposals(); len(ps) != 0 {
			t.Errorf("dismissed, but proposed again: %s", told(ps))
		}
		h.sound()
	})
}

func TestProposalsAreForTheTeam(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for _, a := range []auth.Actor{auth.Anonymous(), {Kind: models.ActorPerson, ID: "per_1", PersonID: "per_1"}} {
			_, _, err := h.th.Proposals(ctx, a, "", "", 0)
			_, err2 := h.th.OpenProposals(ctx, a)
			_, _, err3 := h.th.AcceptProposal(ctx, a, "prp_x", "")
			_, err4 := h.th.DismissProposal(ctx, a, "prp_x")
			for _, err := range []error{err, err2, err3, err4} {
				if k := models.KindOf(err); k != models.Forbidden && k != models.Unauthenticated {
					t.Errorf("%s: %v", a.Kind, err)
				}
			}
		}
		_, _, err := h.th.AcceptProposal(ctx, pm, "prp_nonsense", "")
		wantCode(t, err, "proposal_not_found", "")
		_, err = h.th.DismissProposal(ctx, pm, models.NewID(models.PrefixProposal))
		wantCode(t, err, "proposal_not_found", "")
		_, _, err = h.th.Proposals(ctx, pm, "divorce", "", 0)
		wantCode(t, err, "proposal_kind_unknown", "kind")
		if errors.Is(err, nil) {
			t.Error("no error")
		}
	})
}
