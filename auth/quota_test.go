package auth_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
)

// A flood of one agent ends at its limit, on whichever node it arrives, and
// costs another agent nothing.
func TestAnAgentWritesAsMuchAsItsLimitsAllow(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, clock *modelstest.Clock) {
		nodes := [2]*auth.Auth{}
		for i := range nodes {
			nodes[i] = auth.New(db, auth.Options{Key: testKey, Limits: auth.Limits{Hour: 5, Day: 8}})
		}
		who := func(n auth.NewToken) auth.Actor {
			n.Name = "kb-bot"
			secret, _, err := nodes[0].CreateToken(ctx, n)
			if err != nil {
				t.Fatal(err)
			}
			return must[auth.Actor](t)(nodes[1].ByToken(ctx, secret))
		}
		spend := func(a auth.Actor, n int) error {
			return db.Write(ctx, func(_ context.Context, tx *gorm.DB) error { return auth.Spend(tx, db.Now(), a, n) })
		}
		bot, other := who(auth.NewToken{Kind: models.TokenAgent}), who(auth.NewToken{Kind: models.TokenAgent})
		if n := together(20, func(int) bool { return spend(bot, 1) == nil }); n != 5 {
			t.Errorf("%d of 20 were let through, want 5", n)
		}
		fails(t, "the other agent", spend(other, 5), "")
		fails(t, "more than is left", spend(other, 1), "quota_hour")
		e, ok := errors.AsType[*models.Error](spend(bot, 1))
		if !ok || e.Kind != models.RateLimited || e.RetryAfter <= 0 || e.RetryAfter > time.Hour {
			t.Errorf("refused as %v", e)
		}
		clock.Add(e.RetryAfter)
		fails(t, "the next hour", spend(bot, 3), "")
		fails(t, "the same day", spend(bot, 1), "quota_day")
		if most, left, _, err := auth.Left(db.Read(ctx), db.Now(), bot); err != nil || most != 8 || left != 0 {
			t.Errorf("%d of %d left: %v", left, most, err)
		}
		clock.Add(24 * time.Hour)
		fails(t, "the next day", spend(bot, 5), "")

		none, two := 0, 2
		for _, c := range []struct {
			what string
			n    auth.NewToken
			most int
		}{
			{"a service", auth.NewToken{Kind: models.TokenService, Scopes: []auth.Scope{auth.ScopeSuggestionsWrite}}, 1000},
			{"limits of its own", auth.NewToken{Kind: models.TokenAgent, HourlyLimit: &two}, 2},
			{"a service with its own", auth.NewToken{Kind: models.TokenService, Scopes: []auth.Scope{auth.ScopeSuggestionsWrite}, DailyLimit: &two}, 2},
			{"none for this one", auth.NewToken{Kind: models.TokenAgent, HourlyLimit: &none, DailyLimit: &none}, 1000},
		} {
			a := who(c.n)
			fails(t, c.what, spend(a, c.most), "")
			if c.most < 1000 && spend(a, 1) == nil {
				t.Errorf("%s: more than %d", c.what, c.most)
			}
		}
		fails(t, "who has no token", spend(auth.Actor{Kind: models.ActorMember, ID: "mem_1", Limits: auth.Limits{Hour: 1}}, 10), "")
		clock.Add(72 * time.Hour)
		must[int64](t)(nodes[0].Sweep(ctx))
		if n := count(t, db, &models.TokenWindow{}); n != 0 {
			t.Errorf("%d windows that are over were kept", n)
		}
	})
}
