package themes_test

import (
	"testing"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

// saidOnGitHub is what somebody said there on the issue of a link.
func saidOnGitHub(link string) models.Reason {
	return models.Reason{Kind: models.ReasonGitHub, Words: []string{"acme/roadmap#5"}, URL: "https://github.com/acme/roadmap/issues/7#issuecomment-1", Link: link}
}

func (h *house) said(from, into string, link string) models.ProposalState {
	h.t.Helper()
	state, err := h.th.ProposeMerge(ctx, auth.GitHub(), from, into, saidOnGitHub(link))
	if err != nil {
		h.t.Fatal(err)
	}
	return state
}

func TestTheNightLeavesWhatWasSaidOnGitHubAlone(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a, b := h.theme("Exports"), h.theme("The night")
		h.into(a, exports[:5]...)
		h.into(b, darks[:5]...)
		h.indexed()
		if state := h.said(a, b, "iss_1"); state != models.ProposalOpen {
			t.Fatal(state)
		}
		first := h.one(models.ProposeMerge)
		if first.ThemeID != a || first.OtherID != b || first.Items.V.Of != 5 || len(first.Items.V.Move) == 0 || !first.Reasons.V[0].Equal(saidOnGitHub("iss_1")) {
			t.Fatalf("%+v", first)
		}
		h.look() // which finds nothing in common
		if p := h.one(models.ProposeMerge); p.ID != first.ID || !p.UpdatedAt.Equal(first.UpdatedAt) {
			t.Errorf("after the night: %+v", p)
		}
		if err := h.th.WithdrawMerge(ctx, auth.GitHub(), "iss_2"); err != nil {
			t.Fatal(err)
		}
		h.one(models.ProposeMerge) // another link's word is another's
		if err := h.th.WithdrawMerge(ctx, auth.GitHub(), "iss_1"); err != nil {
			t.Fatal(err)
		}
		if ps := h.proposals(); len(ps) != 0 {
			t.Errorf("taken back, but proposed: %s", told(ps))
		}
		if state := h.said(b, a, "iss_2"); state != models.ProposalOpen {
			t.Error(state)
		}
		if p := h.one(models.ProposeMerge); p.ID != first.ID || p.ThemeID != b {
			t.Errorf("of two themes there is one proposal: %+v", p)
		}
		h.sound()
	})
}

func TestWhatTheNightFindsTooStaysOneProposal(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		big, small := h.theme("Exports"), h.theme("CSV")
		h.into(big, exports[:5]...)
		h.into(small, exports[5:]...)
		h.look()
		found := h.one(models.ProposeMerge)
		h.said(big, small, "iss_1")
		h.look()
		p := h.one(models.ProposeMerge)
		if p.ID != found.ID || p.ThemeID != big || p.Reasons.V[0].Kind != models.ReasonGitHub || len(p.Reasons.V) < 2 || p.Strength < found.Strength {
			t.Errorf("%s; %+v", told([]themes.Proposed{p}), p.Reasons.V)
		}
		if err := h.th.WithdrawMerge(ctx, auth.GitHub(), "iss_1"); err != nil {
			t.Fatal(err)
		}
		h.look() // and now by itself
		if p := h.one(models.ProposeMerge); p.ThemeID != small || p.Reasons.V[0].Kind == models.ReasonGitHub {
			t.Errorf("%s; %+v", told([]themes.Proposed{p}), p.Reasons.V)
		}
		if _, err := h.th.DismissProposal(ctx, pm, p.ID); err != nil {
			t.Fatal(err)
		}
		if state := h.said(big, small, "iss_1"); state != models.ProposalDismissed || len(h.proposals()) != 0 {
			t.Errorf("a person said no, and it is %q: %s", state, told(h.proposals()))
		}
	})
}

func TestAWordOfGitHubProposesNothingThatMayNotBe(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a, b, c := h.theme("Exports"), h.theme("CSV"), h.theme("Gone into CSV")
		if _, _, err := h.th.Merge(ctx, pm, c, b); err != nil {
			t.Fatal(err)
		}
		if state := h.said(c, b, "iss_1"); state != "" {
			t.Errorf("they are one already: %q", state)
		}
		if _, _, err := h.th.SetStatus(ctx, pm, b, themes.StatusChange{Status: models.StatusShipped}); err != nil {
			t.Fatal(err)
		}
		if state := h.said(a, b, "iss_1"); state != "" || len(h.proposals()) != 0 {
			t.Errorf("the public was told different ends: %q", state)
		}
		for _, who := range []auth.Actor{auth.Anonymous(), {Kind: models.ActorPerson, ID: "per_1", PersonID: "per_1"}, {Kind: models.ActorMember, ID: "mem_s", Role: models.RoleSupport}} {
			if _, err := h.th.ProposeMerge(ctx, who, a, b, saidOnGitHub("iss_1")); models.KindOf(err) != models.Forbidden && models.KindOf(err) != models.Unauthenticated {
				t.Errorf("%s proposes: %v", who.Kind, err)
			}
			if err := h.th.WithdrawMerge(ctx, who, "iss_1"); models.KindOf(err) != models.Forbidden && models.KindOf(err) != models.Unauthenticated {
				t.Errorf("%s withdraws: %v", who.Kind, err)
			}
		}
		_, err := h.th.ProposeMerge(ctx, auth.GitHub(), a, "thm_nonsense", saidOnGitHub("iss_1"))
		wantCode(t, err, "theme_not_found", "")
	})
}
