package themes_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
)

// Whatever people decide in whatever order, what is proposed contradicts no
// decision, what was answered is not proposed again, and an acceptance that is
// taken back leaves the rows as they were.
func TestProposalsNeverContradictPeople(t *testing.T) {
	end := time.Now().Add(10 * time.Second)
	rapid.Check(t, func(rt *rapid.T) {
		if t.Failed() || time.Now().After(end) {
			return // each walk looks at all there is after every step
		}
		h := newHouse(t, modelstest.Open(t, modelstest.SQLiteURL(t), nil))
		w := &walk{T: rt, h: h}
		for i, texts := range [][]string{exports[:4], exports[4:], darks[:4], append(darks[4:], "The swap fee is too high", "Swap fees too high", "Fees for a swap are high")} {
			w.themes = append(w.themes, h.theme(fmt.Sprintf("theme %d", i)))
			w.suggestions = append(w.suggestions, h.into(w.themes[i], texts...)...)
		}
		answered := map[string]bool{} // keys
		rt.Repeat(map[string]func(*rapid.T){
			"decide": w.decide, "assign": w.assign, "merge": w.merge, "look": func(*rapid.T) { h.look() },
			"answer": func(t *rapid.T) {
				ps := h.proposals()
				if len(ps) == 0 {
					t.Skip("nothing is proposed")
				}
				p := rapid.SampledFrom(ps).Draw(t, "proposal")
				answered[p.Key] = true
				if rapid.Bool().Draw(t, "dismiss") {
					if _, err := h.th.DismissProposal(ctx, pm, p.ID); err != nil {
						t.Fatal(err)
					}
					return
				}
				before := h.stand()
				act, th, err := h.th.AcceptProposal(ctx, pm, p.ID, "")
				if err != nil {
					t.Fatal(err)
				}
				w.themes = append(w.themes, th.ID)
				if !rapid.Bool().Draw(t, "undo") {
					return
				}
				if _, err := h.th.Undo(ctx, pm, act); err != nil {
					t.Fatalf("undo: %v", err)
				}
				if after := live(h.stand()); after != live(before) {
					t.Fatalf("undo left\n%s\nwant\n%s", after, before)
				}
			},
			"": func(t *rapid.T) {
				w.check(t)
				for _, p := range h.proposals() {
					if answered[p.Key] {
						t.Fatalf("proposed again: %s", p.Key)
					}
					if p.Kind == models.ProposeMerge {
						w.mayBeOne(t, p.ThemeID, p.OtherID)
					}
				}
			},
		})
	})
}

// mayBeOne fails when somebody's last word keeps a suggestion of one theme out of
// the other.
func (w *walk) mayBeOne(t *rapid.T, a, b string) {
	var n int64
	err := w.h.db.Read(ctx).Raw(`SELECT COUNT(*) FROM decisions d JOIN suggestion_themes x ON x.suggestion_id = d.suggestion_id
		WHERE d.same = FALSE AND (x.theme_id = ? AND d.theme_id = ? OR x.theme_id = ? AND d.theme_id = ?)`, a, b, b, a).Scan(&n).Error
	if err != nil || n > 0 {
		t.Fatalf("a merge is proposed against %d decisions (%v)", n, err)
	}
}
