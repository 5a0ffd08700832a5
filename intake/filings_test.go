package intake_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
)

// Agents that file chats of the same few asks at once, in whatever order: each
// ask is stored once, under its number, a chat that passes the limit leaves nothing,
// and nobody waits for ever.
func TestChatsOfSeveralAsksAtOnce(t *testing.T) {
	each(t, func(t *testing.T, d door, _ *modelstest.Clock) {
		asks := []string{"Please add dark mode", "导出很慢", "Let me set the fee by hand", "The balance is wrong until I restart"}
		const agents, chats = 6, 8
		var wg sync.WaitGroup
		for n := range agents {
			a := auth.Actor{Kind: models.ActorAgent, ID: fmt.Sprint("tok_", n), TokenID: fmt.Sprint("tok_", n), Scopes: []auth.Scope{auth.ScopeSuggestionsWrite}, Limits: auth.Limits{Hour: 4*chats - 2}}
			wg.Go(func() {
				for c := range chats {
					said := []intake.Said{}
					for i := range asks {
						said = append(said, intake.Said{Quote: asks[(i*(n%2*2+1)+n+c)%4]})
					}
					all, err := intake.Several(intake.Submission{Source: "chat", ExternalID: fmt.Sprintf("%d-%d", n, c)}, said)
					if err != nil {
						t.Error(err)
						return
					}
					ready, err := d.PrepareAll(ctx, a, all)
					if err != nil {
						t.Error(err)
						return
					}
					_, err = d.CommitAll(ctx, a, ready)
					if last := c == chats-1; last && codeOf(err) != "quota_hour" || !last && err != nil {
						t.Errorf("agent %d, chat %d: %v", n, c, err)
					}
				}
			})
		}
		wg.Wait()
		var rows []models.Suggestion
		if err := d.db.Read(ctx).Find(&rows).Error; err != nil || len(rows) != agents*(chats-1)*4 {
			t.Fatalf("%d stored, want %d: a chat that passed the limit leaves nothing (%v)", len(rows), agents*(chats-1)*4, err)
		}
		seen := map[string]bool{}
		for _, r := range rows {
			seen[r.ExternalID] = true
		}
		for n := range agents {
			for c := range chats - 1 {
				for i := range asks {
					if !seen[fmt.Sprintf("%d-%d#%d", n, c, i+1)] {
						t.Errorf("%d-%d#%d is missing", n, c, i+1)
					}
				}
			}
		}
	})
}
