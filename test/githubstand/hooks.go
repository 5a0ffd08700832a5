//go:build unix

package githubstand

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// hook is one webhook of one repository.
type hook struct {
	id      int64
	repo    string // full name
	active  bool
	events  []string
	url     string
	secret  string
	made    time.Time
	changed time.Time
	byHand  bool // set up by SetHookTarget, as an owner would in the settings
	form    bool // sends application/x-www-form-urlencoded
	trustee bool // does not verify the receiver's certificate
	ofApp   bool // the App's own, for every repository
}

// hookBody is what callers send to make or change a hook.
type hookBody struct {
	Active *bool    `json:"active"`
	Events []string `json:"events"`
	Config *struct {
		URL         *string `json:"url"`
		Secret      *string `json:"secret"`
		ContentType *string `json:"content_type"`
		InsecureSSL any     `json:"insecure_ssl"`
	} `json:"config"`
}

// SetHookTarget sets up a webhook for every event in every repository, signed with
// WebhookSecret, as an owner does by hand. "" takes it away again.
func (s *Stand) SetHookTarget(target string) {
	p := s.proxy
	p.mu.Lock()
	defer p.mu.Unlock()
	p.relay.hooks = slices.DeleteFunc(p.relay.hooks, func(h *hook) bool { return h.byHand && !h.ofApp })
	if target == "" {
		return
	}
	for _, repo := range p.repos {
		p.relay.add(&hook{repo: repo, active: true, events: []string{"*"}, url: target, secret: s.WebhookSecret, byHand: true})
	}
}

// add gives the hook its id; the lock is held.
func (l *relay) add(h *hook) {
	l.lastID++
	h.id, h.made, h.changed = l.lastID, time.Now(), time.Now()
	l.hooks = append(l.hooks, h)
}

var hookAPI = regexp.MustCompile(`^/repos/([^/]+/[^/]+)/hooks(?:/(\d+))?(?:/(pings|deliveries)(?:/(\d+)(/attempts)?)?)?$`)

// serveAPI answers the webhook part of the API, which emulate has without
// redelivery and without a ping on creation. ok is false for any other path.
func (l *relay) serveAPI(r *http.Request, body []byte) (rep reply, ok bool) {
	if rep, ok := l.serveApp(r); ok {
		return rep, true
	}
	m := hookAPI.FindStringSubmatch(r.URL.Path)
	if m == nil {
		return reply{}, false
	}
	repo, id, part, deliveryID, attempts := m[1], m[2], m[3], m[4], m[5]
	l.p.mu.Lock()
	defer l.p.mu.Unlock()
	if r.Header.Get("Authorization") == "" || !l.hasRepository(repo) {
		return notFound(), true
	}
	if id == "" {
		return l.serveHooks(r, repo, body), true
	}
	i := slices.IndexFunc(l.hooks, func(h *hook) bool { return fmt.Sprint(h.id) == id && strings.EqualFold(h.repo, repo) })
	if i < 0 {
		return notFound(), true
	}
	switch {
	case part == "":
		return l.serveHook(r, i, body), true
	case part == "pings" && r.Method == http.MethodPost:
		l.ping(l.hooks[i])
		return reply{status: http.StatusNoContent, header: http.Header{}}, true
	case attempts != "" && r.Method == http.MethodPost:
		return l.redeliver(l.hooks[i], deliveryID), true
	case part == "deliveries" && deliveryID == "" && r.Method == http.MethodGet:
		return l.listDeliveries(l.hooks[i], r.URL), true
	}
	return notFound(), true
}

func notFound() reply { return refusal(http.StatusNotFound, "Not Found", docREST) }

func (l *relay) hasRepository(full string) bool {
	for _, name := range l.p.repos {
		if strings.EqualFold(name, full) {
			return true
		}
	}
	return false
}

// serveHooks lists the hooks of a repository, or adds one.
func (l *relay) serveHooks(r *http.Request, repo string, body []byte) reply {
	if r.Method == http.MethodGet {
		list := []any{}
		for _, h := range l.hooks {
			if strings.EqualFold(h.repo, repo) {
				list = append(list, l.show(h))
			}
		}
		return l.paged(r.URL, list)
	}
	var b hookBody
	if json.Unmarshal(body, &b) != nil || b.Config == nil || b.Config.URL == nil {
		return invalid("Hook", "url", "missing_field")
	}
	for _, h := range l.hooks {
		if strings.EqualFold(h.repo, repo) && h.url == *b.Config.URL {
			return jsonReply(http.StatusUnprocessableEntity, map[string]any{
				"message": "Validation Failed", "documentation_url": docREST, "status": "422",
				"errors": []map[string]string{{"resource": "Hook", "code": "custom", "message": "Hook already exists on this repository"}},
			})
		}
	}
	h := &hook{repo: repo, active: true, events: []string{"push"}}
	h.apply(b)
	l.add(h)
	l.ping(h)
	return jsonReply(http.StatusCreated, l.show(h))
}

// serveHook reads, changes or removes the hook at that place.
func (l *relay) serveHook(r *http.Request, i int, body []byte) reply {
	h := l.hooks[i]
	switch r.Method {
	case http.MethodGet:
	case http.MethodPatch:
		var b hookBody
		if err := json.Unmarshal(body, &b); err != nil {
			return refusal(http.StatusBadRequest, "Problems parsing JSON", docREST)
		}
		h.apply(b)
	case http.MethodDelete:
		l.hooks = slices.Delete(l.hooks, i, i+1)
		return reply{status: http.StatusNoContent, header: http.Header{}}
	default:
		return notFound()
	}
	return jsonReply(http.StatusOK, l.show(h))
}

// apply changes only what the body names.
func (h *hook) apply(b hookBody) {
	if b.Active != nil {
		h.active = *b.Active
	}
	if b.Events != nil {
		h.events = b.Events
	}
	if b.Config != nil && b.Config.URL != nil {
		h.url = *b.Config.URL
	}
	if b.Config != nil && b.Config.Secret != nil {
		h.secret = *b.Config.Secret
	}
	if b.Config != nil && b.Config.ContentType != nil {
		h.form = *b.Config.ContentType != "json"
	}
	if b.Config != nil && b.Config.InsecureSSL != nil {
		h.trustee = fmt.Sprint(b.Config.InsecureSSL) == "1"
	}
	h.changed = time.Now()
}

// show is the hook as GitHub shows it: the secret only as stars.
func (l *relay) show(h *hook) map[string]any {
	self := fmt.Sprintf("%s/repos/%s/hooks/%d", l.p.base, h.repo, h.id)
	last := map[string]any{"code": nil, "status": "unused", "message": nil}
	for _, d := range l.deliveries {
		if d.hook == h && d.status != 0 {
			last = map[string]any{"code": d.status, "status": outcome(d.status), "message": outcome(d.status)}
		}
	}
	return map[string]any{"type": "Repository", "id": h.id, "name": "web", "active": h.active, "events": h.events,
		"config": h.config(), "created_at": stamp(h.made), "updated_at": stamp(h.changed), "url": self,
		"test_url": self + "/test", "ping_url": self + "/pings", "deliveries_url": self + "/deliveries", "last_response": last}
}

// config is the part that GitHub shows of an App's hook, too.
func (h *hook) config() map[string]any {
	c := map[string]any{"url": h.url, "content_type": "json", "insecure_ssl": "0"}
	if h.form {
		c["content_type"] = "form"
	}
	if h.trustee {
		c["insecure_ssl"] = "1"
	}
	if h.secret != "" {
		c["secret"] = "********"
	}
	return c
}

// ping sends GitHub's greeting; the lock is held. No plan applies to it.
func (l *relay) ping(h *hook) {
	body, err := json.Marshal(map[string]any{"zen": "Keep it logically awesome.", "hook_id": h.id, "hook": l.show(h),
		"repository": map[string]any{"full_name": h.repo}})
	if err != nil {
		return // built from plain values above
	}
	l.pending++
	go l.send([]*delivery{l.record(h, "ping", "", body, guid())}, 0)
}

// redeliver makes a new attempt with the same GUID, as GitHub does.
func (l *relay) redeliver(h *hook, id string) reply {
	for _, d := range l.deliveries {
		if d.hook == h && strconv.FormatInt(d.id, 10) == id {
			again := l.record(h, d.event, d.action, d.body, d.guid)
			again.redelivery = true
			l.pending++
			go l.send([]*delivery{again}, 0)
			return jsonReply(http.StatusAccepted, map[string]any{})
		}
	}
	return notFound()
}

// listDeliveries is newest first, paged by an opaque cursor.
func (l *relay) listDeliveries(h *hook, u *url.URL) reply {
	q := u.Query()
	size, before := min(atLeast(q.Get("per_page"), 30), 100), int64(atLeast(q.Get("cursor"), math.MaxInt))
	list, more := []any{}, false
	for _, d := range slices.Backward(l.deliveries) {
		if d.hook != h || d.id >= before {
			continue
		}
		if len(list) == size {
			more = true
			break
		}
		q.Set("cursor", strconv.FormatInt(d.id, 10))
		list = append(list, map[string]any{"id": d.id, "guid": d.guid, "delivered_at": stamp(d.at), "redelivery": d.redelivery,
			"duration": 0.1, "status": outcome(d.status), "status_code": d.status, "event": d.event, "action": d.action,
			"installation_id": nil, "repository_id": d.repositoryID(), "throttled_at": nil})
	}
	rep := jsonReply(http.StatusOK, list)
	if more {
		rep.header.Set("Link", fmt.Sprintf(`<%s%s?%s>; rel="next"`, l.p.base, u.Path, q.Encode()))
	}
	return rep
}

// outcome is GitHub's word for a delivery's status code.
func outcome(status int) string {
	switch {
	case status == 0:
		return "pending"
	case status < 300:
		return "OK"
	case status == http.StatusBadGateway:
		return "failed to connect to host"
	}
	return "Invalid HTTP Response: " + itoa(status)
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
