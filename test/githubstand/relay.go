//go:build unix

package githubstand

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// HookPlan is what befalls deliveries. "Every n" counts deliveries from the moment
// the plan was set; 0 switches a misfortune off.
type HookPlan struct {
	LoseEvery   int           // the nth is recorded as failed and not sent
	DoubleEvery int           // the nth is sent twice with the same GUID
	ForgeEvery  int           // before the nth comes a forged one with a wrong signature
	Delay       time.Duration // how late each one is sent
	Reorder     int           // so many are held and then sent in reverse; see FlushHooks
}

// delivery is one attempt to tell one hook about one event.
type delivery struct {
	id         int64
	guid       string
	hook       *hook
	event      string
	action     string
	at         time.Time
	status     int // 0 until answered; 502 when it did not arrive
	redelivery bool
	body       []byte
}

// relay takes emulate's events and delivers them as GitHub would. The proxy's lock
// guards its fields.
type relay struct {
	p            *proxy
	client       *http.Client
	installation int64 // added to payloads when an App is seeded
	hooks        []*hook
	deliveries   []*delivery
	lastID       int64
	plan         HookPlan
	planned      int
	held         []*delivery
	pending      int
}

// PlanHooks replaces the plan and starts its counting anew.
func (s *Stand) PlanHooks(plan HookPlan) {
	s.proxy.mu.Lock()
	defer s.proxy.mu.Unlock()
	s.proxy.relay.plan, s.proxy.relay.planned = plan, 0
}

// settled is how long no delivery may be under way before FlushHooks believes it:
// emulate raises some events only after it has answered.
const settled = 120 * time.Millisecond

// FlushHooks sends what Reorder still holds and waits until every delivery under
// way has been answered or given up.
func (s *Stand) FlushHooks(ctx context.Context) error {
	quietSince := time.Now()
	for {
		pending := s.proxy.relay.releaseHeld(time.Since(quietSince) >= settled)
		if pending > 0 {
			quietSince = time.Now()
		} else if time.Since(quietSince) >= settled {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d deliveries still under way: %w", pending, ctx.Err())
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// releaseHeld gives the number of deliveries under way. When all is quiet it first
// sends what waits to be reordered, so that a late event still joins its batch.
func (l *relay) releaseHeld(quiet bool) int {
	l.p.mu.Lock()
	defer l.p.mu.Unlock()
	if quiet && len(l.held) > 0 {
		batch := l.held
		l.held = nil
		slices.Reverse(batch)
		l.pending += len(batch)
		go l.send(batch, 0)
	}
	return l.pending
}

// Deliver sends any payload as any event to the URL with GitHub's headers, signed
// with the secret, and gives the answer's status. It is how a test forges, sends an
// old secret or an event GitHub will only invent next year.
func (s *Stand) Deliver(ctx context.Context, url, event, secret string, payload []byte) (int, error) {
	return s.proxy.relay.post(ctx, url, secret, &delivery{guid: guid(), event: event, body: payload, hook: &hook{id: 1}})
}

// receive takes one delivery of emulate's.
func (l *relay) receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		cut(w)
		return
	}
	var payload map[string]any
	if err := json.Unmarshal(body, &payload); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	l.raise(r.Header.Get("X-GitHub-Event"), payload)
	w.WriteHeader(http.StatusNoContent)
}

// raise tells every hook that asked for the event.
func (l *relay) raise(event string, payload map[string]any) {
	repairChanges(payload)
	if l.installation != 0 {
		payload["installation"] = map[string]any{"id": l.installation, "node_id": "MDIzOkludGVncmF0aW9u"}
	}
	body, err := json.Marshal(payload)
	if err != nil {
		return // it was JSON a moment ago
	}
	body = wholeSeconds(body)
	repository, _ := payload["repository"].(map[string]any)
	name, _ := repository["full_name"].(string)
	action, _ := payload["action"].(string)
	l.p.mu.Lock()
	defer l.p.mu.Unlock()
	l.p.stats.HooksSeen++
	body = l.p.doubles.show(body)
	asked := false
	for _, h := range l.hooks {
		if h.wants(name, event) {
			asked = true
			l.schedule(l.record(h, event, action, body, guid()))
		}
	}
	if !asked {
		l.p.stats.HooksUnsubscribed++
	}
}

// repairChanges: emulate says only that a field changed, GitHub what it was before.
func repairChanges(payload map[string]any) {
	changes, _ := payload["changes"].(map[string]any)
	for field, v := range changes {
		switch v {
		case true:
			changes[field] = map[string]any{"from": ""}
		case false:
			delete(changes, field)
		}
	}
}

// record makes a delivery and keeps it for the redelivery API; the lock is held.
func (l *relay) record(h *hook, event, action string, body []byte, guid string) *delivery {
	l.lastID++
	d := &delivery{id: l.lastID, guid: guid, hook: h, event: event, action: action, at: time.Now(), body: body}
	l.deliveries = append(l.deliveries, d)
	return d
}

// schedule applies the plan to one delivery; the lock is held.
func (l *relay) schedule(d *delivery) {
	l.planned++
	every := func(n int) bool { return n > 0 && l.planned%n == 0 }
	if every(l.plan.LoseEvery) {
		d.status = http.StatusBadGateway
		l.p.stats.HooksLost++
		return
	}
	batch := []*delivery{d}
	if every(l.plan.DoubleEvery) {
		batch = append(batch, d)
		l.p.stats.HooksDoubled++
	}
	if every(l.plan.ForgeEvery) {
		batch = append([]*delivery{d.forged()}, batch...)
		l.p.stats.HooksForged++
	}
	if l.plan.Reorder > 1 {
		l.held = append(l.held, batch...)
		if len(l.held) < l.plan.Reorder {
			return
		}
		batch, l.held = l.held, nil
		slices.Reverse(batch)
	}
	l.pending += len(batch)
	go l.send(batch, l.plan.Delay)
}

// forged is a copy that claims something else and is signed with a guessed secret.
func (d *delivery) forged() *delivery {
	body := bytes.ReplaceAll(d.body, []byte(`"state":"open"`), []byte(`"state":"closed"`))
	secretless := *d.hook
	secretless.secret = "a guessed secret"
	return &delivery{guid: guid(), hook: &secretless, event: d.event, action: d.action, at: d.at, body: body}
}

// send delivers a batch one after the other; pending was raised by its length.
func (l *relay) send(batch []*delivery, late time.Duration) {
	if late > 0 {
		time.Sleep(late)
	}
	for _, d := range batch {
		l.p.mu.Lock()
		url, secret := d.hook.url, d.hook.secret
		l.p.mu.Unlock()
		status, err := l.post(context.Background(), url, secret, d)
		if err != nil {
			status = http.StatusBadGateway // GitHub's record of a receiver it could not reach
		}
		l.p.mu.Lock()
		d.status = status
		l.pending--
		l.p.stats.HooksSent++
		l.p.mu.Unlock()
	}
}

// post is the wire format of a delivery.
func (l *relay) post(ctx context.Context, url, secret string, d *delivery) (int, error) {
	body, kind := l.inForm(d)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("deliver %s: %w", d.event, err)
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("User-Agent", "GitHub-Hookshot/"+d.guid[:7])
	req.Header.Set("X-GitHub-Event", d.event)
	req.Header.Set("X-GitHub-Delivery", d.guid)
	req.Header.Set("X-GitHub-Hook-ID", fmt.Sprint(d.hook.id))
	req.Header.Set("X-GitHub-Hook-Installation-Target-Type", "repository")
	if secret != "" {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		req.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	}
	res, err := l.client.Do(req)
	if err != nil {
		return 0, fmt.Errorf("deliver %s: %w", d.event, err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body) // only so that the connection is used again
	return res.StatusCode, nil
}

// wants says whether the hook is for this repository and event.
func (h *hook) wants(repo, event string) bool {
	if !h.active || !h.ofApp && !strings.EqualFold(h.repo, repo) {
		return false
	}
	return slices.Contains(h.events, "*") || slices.Contains(h.events, event)
}
