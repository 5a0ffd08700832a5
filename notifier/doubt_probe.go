package notifier

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// Acceptance is what the relay says about a mail in doubt.
type Acceptance string

// The answers of a Prober.
const (
	AcceptedSent    Acceptance = "sent"     // the relay took it
	AcceptedNot     Acceptance = "not_sent" // the relay never took it
	AcceptedUnknown Acceptance = "unknown"  // it cannot say (yet)
)

// Prober asks the relay whether it took the mail with a Message-ID (without angle
// brackets). words are the relay's own about it, or "". An error counts as AcceptedUnknown.
type Prober interface {
	Accepted(ctx context.Context, messageID string) (a Acceptance, words string, err error)
}

const (
	probeTime    = 5 * time.Second
	probePause   = 20 * time.Second // before an unknown is asked again
	probeHeld    = time.Hour        // and once the mail waits for a person
	probeWaits   = 5 * time.Minute  // how long an unknown delays what would be sent again
	probeWaitNow = 15 * time.Second // the same in the lane that waits for nothing
	probeBatch   = 100
)

// messageIDPlace stands for the Message-ID in a probe's URL.
const (
	messageIDPlace = "{message_id}"
	probeSample    = "heed-message-id"
)

// HTTPProber asks by HTTP: GET of a URL in which {message_id} stands for the id, answered by JSON
// {"result": "sent" | "not_sent" | "unknown", "answer": "250 2.0.0 queued as 4Xq"}; 404 is unknown.
type HTTPProber struct {
	url    string
	client *http.Client
}

// NewHTTPProber checks the URL. It follows no redirect: the relay is asked, nobody
// else.
func NewHTTPProber(raw string) (*HTTPProber, error) {
	u, err := url.Parse(strings.ReplaceAll(raw, messageIDPlace, probeSample))
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return nil, errors.New("probe url: not http:// or https:// and a host")
	case strings.Contains(u.Host, probeSample) || !strings.Contains(u.Path+u.RawQuery, probeSample):
		return nil, errors.New("probe url: has no " + messageIDPlace + " in its path or query")
	}
	return &HTTPProber{url: raw, client: &http.Client{Timeout: probeTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}, nil
}

// Accepted asks once.
func (p *HTTPProber) Accepted(ctx context.Context, messageID string) (Acceptance, string, error) {
	path, query, _ := strings.Cut(p.url, "?")
	target := strings.ReplaceAll(path, messageIDPlace, url.PathEscape(messageID))
	if query != "" {
		target += "?" + strings.ReplaceAll(query, messageIDPlace, url.QueryEscape(messageID))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return AcceptedUnknown, "", err
	}
	req.Header.Set("Accept", "application/json")
	res, err := p.client.Do(req)
	if err != nil {
		return AcceptedUnknown, "", err
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusNotFound {
		return AcceptedUnknown, "", nil
	}
	if res.StatusCode != http.StatusOK {
		return AcceptedUnknown, "", fmt.Errorf("probe: status %d", res.StatusCode)
	}
	var said struct {
		Result Acceptance `json:"result"`
		Answer string     `json:"answer"`
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, 64<<10)).Decode(&said); err != nil {
		return AcceptedUnknown, "", fmt.Errorf("probe: %w", err)
	}
	switch said.Result {
	case AcceptedSent, AcceptedNot, AcceptedUnknown:
		return said.Result, parseAnswer(0, said.Answer).Text, nil
	}
	return AcceptedUnknown, "", fmt.Errorf("probe: result %q", clip(string(said.Result), 40))
}

// askRelay settles doubts by asking the relay about each. What it knows decides; what it does
// not know is asked again for a while, and then the policy decides. The relay is asked outside
// of any transaction; a doubt that somebody settled meanwhile stays as they did.
func (n *Notifier) askRelay(ctx context.Context) error {
	var doubts []models.Delivery
	err := n.db.Read(ctx).Where("state = 'in_doubt' AND run_at <= ?", n.db.Now()).Order("run_at").Limit(probeBatch).Find(&doubts).Error
	if err != nil {
		return fmt.Errorf("read doubts: %w", err)
	}
	silent := false
	for _, d := range doubts {
		answer, words := AcceptedUnknown, ""
		if !silent { // a relay that cannot be asked is not asked a hundred times
			asking, cancel := context.WithTimeout(ctx, probeTime)
			var err error
			answer, words, err = n.o.Prober.Accepted(asking, d.MessageID)
			cancel()
			if err != nil {
				answer, silent = AcceptedUnknown, true
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := n.settleDoubt(ctx, d, answer, words); err != nil {
			return err
		}
	}
	return nil
}

// settleDoubt writes down what the relay said about one mail.
func (n *Notifier) settleDoubt(ctx context.Context, d models.Delivery, answer Acceptance, words string) error {
	err := n.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		now := n.db.Now()
		const mine = " WHERE id = ? AND state = 'in_doubt' AND fence = ? AND attempts = ?"
		args := []any{d.ID, d.Fence, d.Attempts}
		switch answer {
		case AcceptedSent:
			words = strings.TrimSpace("the relay has it " + words)
			return tx.Exec("UPDATE deliveries SET state = 'sent', sent_at = ?, answer = ?, attempts = attempts + 1, content = '', updated_at = ?"+mine,
				append([]any{now, words, now}, args...)...).Error
		case AcceptedNot:
			n.db.AfterCommit(ctx, n.laneOf(d.Lane).nudge)
			return tx.Exec("UPDATE deliveries SET state = 'ready', doubts = 0, run_at = ?, answer = 'the relay does not have it', updated_at = ?"+mine,
				append([]any{now, now}, args...)...).Error
		}
		waits := probeWaits
		if d.Lane == models.LaneNow {
			waits = probeWaitNow
		}
		switch {
		case now.Sub(d.UpdatedAt) < waits:
			return tx.Exec("UPDATE deliveries SET run_at = ?"+mine, append([]any{now.Add(probePause)}, args...)...).Error
		case sendsAgain(d):
			n.db.AfterCommit(ctx, n.laneOf(d.Lane).nudge)
			return tx.Exec("UPDATE deliveries SET state = 'ready', updated_at = ?"+mine, append([]any{now}, args...)...).Error
		}
		return tx.Exec("UPDATE deliveries SET run_at = ?"+mine, append([]any{now.Add(probeHeld)}, args...)...).Error
	})
	if err != nil {
		return fmt.Errorf("settle a doubt: %w", err)
	}
	return nil
}
