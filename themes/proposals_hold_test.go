package themes_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync/atomic"
	"testing"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
)

// A page of proposals is read in so many queries whatever their number, and so is
// the look at those that something happened to.
func TestManyProposalsCostNoMoreQueriesThanFew(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		var queries atomic.Int64
		count := func(*gorm.DB) { queries.Add(1) }
		read := db.Read(ctx)
		for _, err := range []error{read.Callback().Query().Register("count", count), read.Callback().Row().Register("count", count)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		h := newHouse(t, db) // which reads from now on
		page := func(want int) int64 {
			t.Helper()
			least := int64(math.MaxInt64) // the watch and the index read in between
			for range 20 {
				before := queries.Load()
				ps, _, err := h.th.Proposals(ctx, pm, "", "", 100)
				if err != nil || len(ps) != want {
					t.Fatalf("%d proposals, want %d: %v", len(ps), want, err)
				}
				least = min(least, queries.Load()-before)
			}
			return least
		}
		propose := func(n int) {
			var rows []models.Proposal
			for i := range n {
				a, b := h.theme("A"), h.theme("B")
				in := h.into(a, fmt.Sprintf("one thing %d of %s", i, a), fmt.Sprintf("two things %d of %s", i, a), fmt.Sprintf("three things %d of %s", i, a), fmt.Sprintf("four things %d of %s", i, a),
					fmt.Sprintf("five things %d of %s", i, a), fmt.Sprintf("six things %d of %s", i, a))
				now := h.db.Now()
				row := models.Proposal{ID: models.NewID(models.PrefixProposal), Kind: models.ProposeMerge, Key: "merge:" + a, ThemeID: a, OtherID: b, State: models.ProposalOpen, CreatedAt: now, UpdatedAt: now,
					Items: models.AsJSON(models.ProposalItems{Move: in[:1]}), Reasons: models.AsJSON([]models.Reason{})}
				split := row
				split.ID, split.Kind, split.Key, split.OtherID, split.Items = models.NewID(models.PrefixProposal), models.ProposeSplit, "split:"+a, "", models.AsJSON(models.ProposalItems{Move: in[:3], Keep: in[3:]})
				rows = append(rows, row, split)
			}
			if err := h.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error { return tx.Create(&rows).Error }); err != nil {
				t.Fatal(err)
			}
		}
		propose(1)
		few := page(2)
		propose(9)
		if many := page(20); many != few {
			t.Errorf("%d queries for 20 proposals, %d for 2", many, few)
		}
	})
}

// Two parts of a theme are held together by a split that was taken back, and no
// more once it is done again and the two are merged.
func TestASplitTakenBackHoldsWhicheverPartWouldLeave(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		th := h.theme("All sorts")
		few := exports[:6] // fewer, so that they are what is proposed to leave
		ids := h.into(th, append(slices.Clone(few), darks...)...)
		act, _, err := h.th.Split(ctx, pm, th, ids[len(few):], "Dark")
		if err != nil {
			t.Fatal(err)
		}
		h.undo(act)
		h.look()
		if ps := h.proposals(); len(ps) != 0 {
			t.Fatalf("proposed although it was taken back: %s", told(ps))
		}
	})
}

func TestASplitTakenBackHoldsUntilItIsDoneAgain(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		th := h.theme("All sorts")
		ids := h.into(th, append(slices.Clone(exports), darks...)...)
		act, apart, err := h.th.Split(ctx, pm, th, ids[len(exports):], "Dark")
		if err != nil {
			t.Fatal(err)
		}
		back := h.undo(act)
		h.look()
		if ps := h.proposals(); len(ps) != 0 {
			t.Fatalf("proposed although it was taken back: %s", told(ps))
		}
		h.undo(back)
		if _, _, err := h.th.Merge(ctx, pm, apart.ID, th); err != nil {
			t.Fatal(err)
		}
		h.look()
		if p := h.one(models.ProposeSplit); p.ThemeID != th {
			t.Errorf("proposed: %+v", p)
		}
	})
}
