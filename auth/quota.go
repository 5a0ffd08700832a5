package auth

import (
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// Limits are how much a token may write in an hour and in a day; 0 is no limit.
type Limits struct{ Hour, Day int }

// spans are the windows that are counted, in the order of Limits. They are fixed:
// they begin with the hour and the day in UTC, the same on every node.
var spans = [2]time.Duration{time.Hour, 24 * time.Hour}

// MaxLimit bounds a limit of a token's own.
const MaxLimit = 1_000_000

func (l Limits) of(i int) int { return [2]int{l.Hour, l.Day}[i] }

// LimitsOf are a token's own limits, else those of the installation for agents.
func (a *Auth) LimitsOf(t *models.APIToken) Limits {
	var l Limits
	if tokenActorKind(t.Kind) == models.ActorAgent {
		l = a.limits
	}
	if t.HourlyLimit != nil {
		l.Hour = *t.HourlyLimit
	}
	if t.DailyLimit != nil {
		l.Day = *t.DailyLimit
	}
	return l
}

// Spend counts n writes of a token inside a Write, and refuses what passes its
// limits: RateLimited quota_spent with RetryAfter, of which nothing is counted.
// Who has no token, and whose token has no limit, is not counted.
func Spend(tx *gorm.DB, now time.Time, a Actor, n int) error {
	if a.TokenID == "" {
		return nil
	}
	for i, span := range spans {
		most := a.Limits.of(i)
		if most == 0 {
			continue
		}
		starts := now.UTC().Truncate(span)
		var sum int
		err := tx.Raw(`INSERT INTO token_windows (token_id, seconds, starts_at, n) VALUES (?, ?, ?, ?)
			ON CONFLICT (token_id, seconds, starts_at) DO UPDATE SET n = token_windows.n + excluded.n RETURNING n`,
			a.TokenID, int64(span/time.Second), starts.UnixMilli(), n).Scan(&sum).Error
		if err != nil {
			return wrap("quota", err)
		}
		if sum > most {
			e := models.Fail(models.RateLimited, "quota_hour", most)
			if i == 1 {
				e = models.Fail(models.RateLimited, "quota_day", most)
			}
			e.RetryAfter = starts.Add(span).Sub(now)
			return e
		}
	}
	return nil
}

// Left is what a token may still write in the window that ends it first: most of
// it, how much is left, and in how long it begins anew. most is 0 without limits.
func Left(db *gorm.DB, now time.Time, a Actor) (most, left int, again time.Duration, err error) {
	for i, span := range spans {
		limit := a.Limits.of(i)
		if a.TokenID == "" || limit == 0 {
			continue
		}
		starts := now.UTC().Truncate(span)
		var w models.TokenWindow
		err := db.Limit(1).Find(&w, "token_id = ? AND seconds = ? AND starts_at = ?", a.TokenID, int64(span/time.Second), starts.UnixMilli()).Error
		if err != nil {
			return 0, 0, 0, wrap("quota", err)
		}
		if rest := max(limit-int(w.N), 0); most == 0 || rest < left {
			most, left, again = limit, rest, starts.Add(span).Sub(now)
		}
	}
	return most, left, again, nil
}
