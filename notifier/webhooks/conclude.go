package webhooks

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier/outbound"
)

// Outcomes of a try.
const (
	OutcomeTaken  = "taken"
	OutcomeFailed = "failed"
	OutcomeLater  = "later" // it asked to be left alone for a while; no try is lost
	OutcomeGone   = "gone"  // it wants no more, for good
)

// waits are the pauses after the first try, the second …: eight tries in about 28
// hours.
var waits = []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 10 * time.Hour}

// Tries is how often a message is tried.
func Tries() int { return len(waits) + 1 }

const (
	// patience is how long an endpoint may fail without one success.
	patience = 5 * 24 * time.Hour
	// maxAsked bounds how long an endpoint may ask to be left alone.
	maxAsked = 12 * time.Hour
	// restAfter is how long an endpoint is left alone that asked for it without saying
	// how long.
	restAfter = time.Minute
	maxAnswer = 1 << 10
)

// result is what came of one try. After is what the endpoint asked for, 0 for nothing.
type result struct {
	outcome string
	status  int
	answer  string
	after   time.Duration
}

// resultOf reads an answer as a web server's; the chats look into it themselves.
func resultOf(a outbound.Answer, err error, now time.Time) result {
	if err != nil {
		return result{outcome: OutcomeFailed, answer: shown(err.Error())}
	}
	r := result{outcome: OutcomeFailed, status: a.Status, answer: shown(string(a.Body)), after: retryAfter(a.Header, now)}
	switch {
	case a.Status >= 200 && a.Status < 300:
		r.outcome = OutcomeTaken
	case a.Status == http.StatusGone:
		r.outcome = OutcomeGone
	case a.Status == http.StatusTooManyRequests:
		r.outcome, r.after = OutcomeLater, max(r.after, time.Second)
		if a.Header.Get("Retry-After") == "" {
			r.after = restAfter
		}
	}
	return r
}

// retryAfter reads seconds or a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if n, err := strconv.Atoi(v); err == nil && n >= 0 {
		return min(time.Duration(min(n, int(maxAsked/time.Second)))*time.Second, maxAsked)
	}
	if t, err := http.ParseTime(v); err == nil {
		return min(max(t.Sub(now), 0), maxAsked)
	}
	return 0
}

// shown keeps of an answer what can be stored and read.
func shown(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s[:min(len(s), maxAnswer)], ""))
	return strings.TrimSpace(s)
}

// conclude writes down what came of a try, if the message is still ours.
func (h *Hooks) conclude(ctx context.Context, tx *gorm.DB, m models.WebhookMessage, r result) error {
	var e models.WebhookEndpoint
	if err := h.db.Hold(tx).First(&e, "id = ?", m.EndpointID).Error; err != nil {
		return err
	}
	now := h.db.Now()
	set := map[string]any{"lease_owner": "", "lease_until": nil, "status": r.status, "answer": r.answer, "updated_at": now}
	round := m.Round
	if r.outcome != OutcomeLater {
		round++
		set["round"], set["tries"] = round, m.Tries+1
	}
	switch {
	case r.outcome == OutcomeTaken:
		set["state"], set["sent_at"] = models.WebhookSent, now
	case r.outcome == OutcomeLater:
		set["state"], set["run_at"] = models.WebhookReady, now.Add(r.after)
	case m.Type != string(Test) && (r.outcome == OutcomeGone || round <= len(waits)):
		set["state"], set["run_at"] = models.WebhookReady, now.Add(max(waits[min(round, len(waits))-1], r.after))
	default:
		set["state"] = models.WebhookFailed
	}
	res := tx.Model(&models.WebhookMessage{}).Where("id = ? AND lease_owner = ? AND fence = ? AND state = ?", m.ID, h.owner, m.Fence, models.WebhookLeased).Updates(set)
	if res.Error != nil || res.RowsAffected == 0 {
		return res.Error // it is another's now
	}
	if r.outcome != OutcomeLater {
		at := models.WebhookAttempt{MessageID: m.ID, N: m.Tries + 1, Outcome: r.outcome, Status: r.status, Answer: r.answer, CreatedAt: now}
		if err := tx.Create(&at).Error; err != nil {
			return err
		}
	}
	if set["state"] == models.WebhookFailed {
		if err := handBack(tx, m); err != nil {
			return err
		}
	}
	return h.judge(ctx, tx, &e, r, now)
}

// judge notes how the endpoint does, and switches it off where it is gone.
func (h *Hooks) judge(ctx context.Context, tx *gorm.DB, e *models.WebhookEndpoint, r result, now time.Time) error {
	if r.outcome == OutcomeTaken {
		if e.Fails == 0 && e.FailingSince == nil && e.NotBefore == nil && e.LastOkAt != nil && now.Sub(*e.LastOkAt) < time.Minute {
			return nil
		}
		return tx.Exec("UPDATE webhook_endpoints SET fails = 0, failing_since = NULL, not_before = NULL, last_ok_at = ? WHERE id = ?", now, e.ID).Error
	}
	if e.FailingSince == nil {
		e.FailingSince = &now
	}
	rest := r.after
	if r.outcome != OutcomeLater {
		if e.Fails++; e.Fails >= stumbles {
			rest = max(rest, min(probeMin<<min(e.Fails-stumbles, 10), probeMax))
		}
	}
	if rest > 0 && (e.NotBefore == nil || e.NotBefore.Before(now.Add(rest))) {
		e.NotBefore = new(models.Milli(now.Add(rest)))
	}
	err := tx.Exec("UPDATE webhook_endpoints SET fails = ?, failing_since = ?, not_before = ? WHERE id = ?", e.Fails, e.FailingSince, e.NotBefore, e.ID).Error
	if err != nil || e.DisabledAt != nil || e.GoneAt != nil {
		return err
	}
	switch {
	case r.outcome == OutcomeGone:
		return h.switchOff(ctx, tx, e, models.WebhookOffGone)
	case now.Sub(*e.FailingSince) >= patience:
		return h.switchOff(ctx, tx, e, models.WebhookOffFailing)
	}
	return nil
}

// switchOff ends the tries; who runs Heed hears of it from the activity. What waits
// goes on waiting, except what people were to be told: that is told by hand.
func (h *Hooks) switchOff(ctx context.Context, tx *gorm.DB, e *models.WebhookEndpoint, why string) error {
	now := h.db.Now()
	err := tx.Exec("UPDATE webhook_endpoints SET disabled_at = ?, disabled_why = ?, rev = rev + 1, updated_at = ? WHERE id = ?", now, why, now, e.ID).Error
	if err != nil {
		return err
	}
	if _, err := h.tellByHand(tx, e.ID); err != nil {
		return err
	}
	act := &models.Activity{Verb: models.WebhookOff, Snapshot: models.Change{Title: e.Name, Into: e.ID, Action: why}.Encode()}
	return h.db.Record(ctx, tx, auth.System().By(), act)
}
