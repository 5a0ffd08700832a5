//go:build unix

package githubstand

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// HookSettings are what an owner sets on a webhook's page.
type HookSettings struct {
	Active   bool
	Events   []string // "*" is every event
	Form     bool     // application/x-www-form-urlencoded instead of JSON
	Insecure bool     // does not verify the receiver's certificate
	Secret   string
}

// ChangeHooks lets an owner change the webhooks that SetHookTarget and SetAppHook have made.
func (s *Stand) ChangeHooks(change func(*HookSettings)) {
	s.proxy.mu.Lock()
	defer s.proxy.mu.Unlock()
	for _, h := range s.proxy.relay.hooks {
		if !h.byHand {
			continue
		}
		set := HookSettings{h.active, h.events, h.form, h.trustee, h.secret}
		change(&set)
		h.active, h.events, h.form, h.trustee, h.secret = set.Active, set.Events, set.Form, set.Insecure, set.Secret
	}
}

// SetAppHook sets up the App's webhook, which hears of every repository; "" takes it away.
func (s *Stand) SetAppHook(target string) {
	s.proxy.mu.Lock()
	defer s.proxy.mu.Unlock()
	l := s.proxy.relay
	l.hooks = slices.DeleteFunc(l.hooks, func(h *hook) bool { return h.ofApp })
	if target != "" {
		l.add(&hook{active: true, events: []string{"*"}, url: target, secret: s.WebhookSecret, byHand: true, ofApp: true})
	}
}

var appHookAPI = regexp.MustCompile(`^/app/hook/(?:(config)|deliveries(?:/(\d+)/attempts)?)$`)

// serveApp answers what emulate lacks: the App's own webhook, for its signed assertion alone.
func (l *relay) serveApp(r *http.Request) (rep reply, ok bool) {
	m := appHookAPI.FindStringSubmatch(r.URL.Path)
	if m == nil {
		return reply{}, false
	}
	if token := scheme.ReplaceAllString(r.Header.Get("Authorization"), ""); !strings.HasPrefix(token, "eyJ") {
		return refusal(http.StatusUnauthorized, "A JSON web token could not be decoded", docREST), true
	}
	l.p.mu.Lock()
	defer l.p.mu.Unlock()
	i := slices.IndexFunc(l.hooks, func(h *hook) bool { return h.ofApp })
	switch {
	case i < 0:
		return notFound(), true
	case m[1] != "" && r.Method == http.MethodGet:
		return jsonReply(http.StatusOK, l.hooks[i].config()), true
	case m[2] != "" && r.Method == http.MethodPost:
		return l.redeliver(l.hooks[i], m[2]), true
	case m[1] == "" && m[2] == "" && r.Method == http.MethodGet:
		return l.listDeliveries(l.hooks[i], r.URL), true
	}
	return notFound(), true
}

// paged is a page of a list by number.
func (l *relay) paged(u *url.URL, list []any) reply {
	q := u.Query()
	size, page := min(atLeast(q.Get("per_page"), 30), 100), atLeast(q.Get("page"), 1)
	from, to := min(len(list), (page-1)*size), min(len(list), page*size)
	rep := jsonReply(http.StatusOK, list[from:to])
	if to < len(list) {
		q.Set("page", itoa(page+1))
		rep.header.Set("Link", fmt.Sprintf(`<%s%s?%s>; rel="next"`, l.p.base, u.Path, q.Encode()))
	}
	return rep
}

// inForm is the body as it goes out, with its content type.
func (l *relay) inForm(d *delivery) (body []byte, contentType string) {
	l.p.mu.Lock()
	defer l.p.mu.Unlock()
	if d.hook.form {
		return []byte(url.Values{"payload": {string(d.body)}}.Encode()), "application/x-www-form-urlencoded"
	}
	return d.body, "application/json"
}

// repositoryID is told of an App's deliveries alone.
func (d *delivery) repositoryID() any {
	var of struct{ Repository struct{ ID int64 } }
	if !d.hook.ofApp || json.Unmarshal(d.body, &of) != nil || of.Repository.ID == 0 {
		return nil
	}
	return of.Repository.ID
}
