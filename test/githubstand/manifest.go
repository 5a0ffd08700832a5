//go:build unix

package githubstand

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
)

// MadeApp is what a person has made of an App's manifest in the browser: Code is what
// GitHub sends the browser back with, WebhookSecret what the App's webhooks are signed with.
type MadeApp struct{ Code, WebhookSecret string }

// MakeApp plays the person who has an App made by manifest. There is one App in the stand:
// it gets a new webhook secret, and its code is good once.
func (s *Stand) MakeApp() MadeApp {
	made := MadeApp{Code: guid()[:20], WebhookSecret: guid()}
	s.proxy.mu.Lock()
	defer s.proxy.mu.Unlock()
	if s.proxy.codes == nil {
		s.proxy.codes = map[string]map[string]any{}
	}
	s.proxy.codes[made.Code] = map[string]any{"id": s.AppID, "slug": "heed", "node_id": "A_kw" + made.Code, "client_id": "Iv1." + made.Code[:16], "name": "Heed",
		"owner":       map[string]any{"login": "acme", "id": 1, "node_id": "O_1", "type": "Organization", "url": s.BaseURL + "/orgs/acme"},
		"description": nil, "external_url": "https://feedback.example.test", "html_url": s.BaseURL + "/apps/heed",
		"created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-02T03:04:05Z",
		"permissions": map[string]string{"issues": "write", "metadata": "read"}, "events": []string{"issues"},
		"client_secret": guid(), "webhook_secret": made.WebhookSecret, "pem": s.AppKey}
	return made
}

var conversion = regexp.MustCompile(`^/app-manifests/([^/]+)/conversions$`)

// convert gives the App that belongs to a code, once. ok is false for any other path.
func (p *proxy) convert(r *http.Request) (rep reply, ok bool) {
	m := conversion.FindStringSubmatch(r.URL.Path)
	if m == nil || r.Method != http.MethodPost {
		return reply{}, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	made := p.codes[m[1]]
	delete(p.codes, m[1])
	if made == nil {
		return notFound(), true
	}
	return jsonReply(http.StatusCreated, made), true
}

// reached lists the repositories of an installation, which emulate does not. ok is false for
// any other path. Installations of the stand reach every repository.
func (p *proxy) reached(ctx context.Context, r *http.Request, token string) (rep reply, ok bool) {
	if r.URL.Path != "/installation/repositories" || r.Method != http.MethodGet {
		return reply{}, false
	}
	if len(token) < 4 || token[:4] != "ghs_" {
		return refusal(http.StatusForbidden, "You must authenticate with an installation access token in order to list repositories for an installation.", docREST), true
	}
	p.mu.Lock()
	var names []string
	for _, name := range p.repos {
		names = append(names, name)
	}
	p.mu.Unlock()
	list := []json.RawMessage{}
	for _, name := range names {
		one, err := p.forward(ctx, http.MethodGet, "/repos/"+name, token, http.Header{}, nil)
		if err != nil {
			return refusal(http.StatusBadGateway, err.Error(), docREST), true
		}
		if one.status == http.StatusOK {
			list = append(list, one.body)
		}
	}
	return jsonReply(http.StatusOK, map[string]any{"total_count": len(list), "repositories": list}), true
}
