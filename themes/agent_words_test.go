package themes_test

import (
	"testing"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

var bot = auth.Actor{Kind: models.ActorAgent, ID: "tok_1", TokenID: "tok_1", Name: "kb-bot", For: "Ana", Scopes: []auth.Scope{auth.ScopeSuggestionsWrite, auth.ScopeThemesRead}}

func (h *house) words(t *testing.T, n int) []themes.Word {
	t.Helper()
	ws, _, err := h.th.Words(ctx, pm, "", 0)
	open, err2 := h.th.OpenWords(ctx, pm)
	if err != nil || err2 != nil || len(ws) != n || int(open) != n {
		t.Fatalf("%d wait, counted as %d, want %d (%v, %v)", len(ws), open, n, err, err2)
	}
	return ws
}

// Whatever agents propose changes nothing; the same is asked once; and what a
// person says on their own answers it.
func TestWordsOfAgentsWaitForAPerson(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id, other := h.theme("Export performance"), h.theme("Dark mode")
		s := h.file("my ledger shows nothing when it is plugged in", "x@example.com").Suggestion.ID
		before, _ := h.th.Get(ctx, pm, id)
		propose := func(theme string, same bool) themes.Word {
			t.Helper()
			w, err := h.th.ProposeAssignment(ctx, bot, s, theme, same, "why")
			if err != nil {
				t.Fatal(err)
			}
			return w
		}
		first, second := propose(id, true), propose(id, true)
		if first.Again || !second.Again || first.ID != second.ID || first.ActorFor != "Ana" {
			t.Errorf("%+v, then %+v", first, second)
		}
		propose(other, false)
		if _, err := h.th.ProposeStatus(ctx, bot, id, themes.StatusChange{Status: models.StatusDeclined}, ""); models.KindOf(err) != models.Invalid {
			t.Errorf("declined without a reason: %v", err)
		}
		w, err := h.th.ProposeStatus(ctx, bot, id, themes.StatusChange{Status: models.StatusPlanned, Reason: models.Text{EN: "Soon."}}, "")
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.th.DraftText(ctx, bot, id, models.Text{EN: " "}, "")
		wantCode(t, err, "text_empty", "text")
		if _, err = h.th.DraftText(ctx, bot, id, models.Text{EN: "Soon."}, ""); err != nil {
			t.Fatal(err)
		}
		h.words(t, 4)
		if now, _ := h.th.Get(ctx, pm, id); now.Rev != before.Rev || now.SuggestionsCount != before.SuggestionsCount {
			t.Errorf("it changed: %+v", now)
		}
		for _, who := range []auth.Actor{bot, auth.Anonymous(), {Kind: models.ActorPerson, ID: "per_1"}} {
			if _, _, err := h.th.AcceptWord(ctx, who, first.ID); err == nil {
				t.Errorf("%s accepts", who.Kind)
			}
			if _, err := h.th.DismissWord(ctx, who, first.ID); err == nil {
				t.Errorf("%s dismisses", who.Kind)
			}
		}
		_, _, err = h.th.AcceptWord(ctx, pm, w.ID)
		wantCode(t, err, "status_by_hand", "")

		// On their own, without looking at the proposals.
		if _, _, err := h.th.Assign(ctx, pm, []string{s}, themes.Assignment{Theme: id}); err != nil {
			t.Fatal(err)
		}
		h.words(t, 3)
		if _, _, err := h.th.SetStatus(ctx, pm, id, themes.StatusChange{Status: models.StatusPlanned, Reason: models.Text{EN: "Soon."}}); err != nil {
			t.Fatal(err)
		}
		if again, err := h.th.ProposeStatus(ctx, bot, id, themes.StatusChange{Status: models.StatusPlanned, Reason: models.Text{EN: "Soon."}}, ""); models.KindOf(err) != models.Conflict {
			t.Errorf("it proposes what is so: %+v %v", again, err)
		}
		if _, _, err := h.th.Decide(ctx, pm, s, other, true); err != nil {
			t.Fatal(err)
		}
		_, err = h.th.ProposeAssignment(ctx, bot, s, other, false, "")
		wantCode(t, err, "pair_decided", "")
		ws := h.words(t, 1)
		if _, err := h.th.DismissWord(ctx, pm, ws[0].ID); err != nil {
			t.Fatal(err)
		}
		_, err = h.th.DismissWord(ctx, pm, ws[0].ID)
		wantCode(t, err, "proposal_decided", "")
		h.words(t, 0)
		counts, err := h.th.OwnWords(ctx, bot)
		if err != nil || counts[models.ProposalDismissed] != 2 || counts[models.ProposalAccepted] != 2 {
			t.Errorf("it hears %v (%v)", counts, err)
		}
	})
}

// Accepting is the person's own decision, which undo takes; a merged theme's
// proposals are gone.
func TestAcceptedWordsCanBeUndone(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id, other := h.theme("Export performance"), h.theme("Dark mode")
		s := h.file("my ledger shows nothing when it is plugged in", "x@example.com").Suggestion.ID
		w, err := h.th.ProposeAssignment(ctx, bot, s, id, true, "")
		if err != nil {
			t.Fatal(err)
		}
		act, th, err := h.th.AcceptWord(ctx, pm, w.ID)
		if err != nil || th.ID != id {
			t.Fatal(err)
		}
		if in, _ := h.th.Of(ctx, s); len(in) != 1 || in[0].ID != id {
			t.Errorf("it stands in %+v", in)
		}
		if _, err := h.th.Undo(ctx, pm, act); err != nil {
			t.Fatal(err)
		}
		if in, _ := h.th.Of(ctx, s); len(in) == 1 && in[0].ID == id {
			t.Error("it stands there still")
		}
		if _, err := h.th.DraftText(ctx, bot, other, models.Text{ZH: "快了。"}, ""); err != nil {
			t.Fatal(err)
		}
		h.words(t, 1)
		if _, _, err := h.th.Merge(ctx, pm, other, id); err != nil {
			t.Fatal(err)
		}
		h.words(t, 0)
	})
}
