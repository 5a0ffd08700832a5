//go:build unix

package e2e

import (
	"bytes"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/heedhq/heed/test/process"
)

// refusal is a request that must be refused, and how.
type refusal struct {
	name          string
	method, path  string // POST /api/v1/suggestions when empty
	body          any
	headers       map[string]string
	status        int
	code, pointer string // #/field of the body, or the name of a header or parameter; "" for neither
}

// problem is RFC 9457's body as CONTRACT has it.
type problem struct {
	Type, Title, Detail, Code string
	Status                    int
	RequestID                 string `json:"request_id"`
	Errors                    []struct{ Pointer, Code, Detail string }
}

// Bad input gets an answer that a program and a person understand, and leaves
// nothing behind.
func TestBadInput(t *testing.T) {
	h := &house{t: t, Process: process.New(t, process.Options{Env: map[string]string{"HEED_GITHUB__WEBHOOK_SECRET": "right"}}).Start()}
	if err := h.once("used", "/suggestions", map[string]any{"text": "Dark mode, please."}, nil); err != nil {
		t.Fatal(err)
	}
	var list struct{ Themes []struct{ ID string } }
	h.get("/themes", &list)
	if len(list.Themes) != 1 {
		t.Fatalf("%d themes, want the candidate", len(list.Themes))
	}
	before := h.contents()
	for _, r := range slices.Concat(badTexts(), badForms(), badCalls(), badDecisions(list.Themes[0].ID)) {
		t.Run(r.name, func(t *testing.T) { h.refuses(t, r) })
	}
	if after := h.contents(); !maps.Equal(before, after) {
		t.Errorf("something was stored: %v became %v", before, after)
	}
	h.sound()
	h.Stop()
}

// contents counts what the API shows.
func (h *house) contents() map[string]int {
	h.t.Helper()
	counts := map[string]int{"suggestions": len(h.everySuggestion(""))}
	for _, what := range []string{"themes", "activities", "deliveries"} {
		var list map[string]any
		h.get("/"+what, &list)
		rows, _ := list[what].([]any)
		counts[what] = len(rows)
	}
	return counts
}

func (h *house) refuses(t *testing.T, r refusal) process.Answer {
	t.Helper()
	if r.path == "" {
		r.method, r.path = http.MethodPost, api+"/suggestions"
	}
	a, err := h.Try(r.method, r.path, r.body, r.headers)
	if err != nil {
		t.Fatal(err)
	}
	what := r.method + " " + r.path
	if a.Status != r.status || a.Header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("%s: %d %s, want %d as problem+json: %.300s", what, a.Status, a.Header.Get("Content-Type"), r.status, a.Body)
	}
	var p problem
	a.Into(t, &p)
	if p.Code != r.code && (len(p.Errors) == 0 || p.Errors[0].Code != r.code) {
		t.Errorf("%s: code %q, want %q: %s", what, p.Code, r.code, a.Body)
	}
	if p.Status != r.status || p.Title == "" || p.Detail == "" || strings.Contains(p.Detail, "error.") || strings.Contains(p.Detail, "%!") || p.RequestID == "" || p.RequestID != a.Header.Get("X-Request-Id") {
		t.Errorf("%s: status, title, detail or request_id are not as they should be: %s", what, a.Body)
	}
	switch {
	case r.pointer == "" && len(p.Errors) > 0 && len(p.Errors[0].Pointer) > len("#/"):
		t.Errorf("%s: blames the field %s", what, p.Errors[0].Pointer)
	case r.pointer != "" && (len(p.Errors) == 0 || !strings.HasSuffix(p.Errors[0].Pointer, r.pointer) || p.Errors[0].Detail == ""):
		t.Errorf("%s: does not point to %s: %s", what, r.pointer, a.Body)
	}
	return a
}

func badTexts() []refusal {
	long := strings.Repeat("长", 20_001)
	return []refusal{
		{name: "no text", body: map[string]any{}, status: 422, code: "text_required", pointer: "#/text"},
		{name: "empty text", body: map[string]any{"text": " \n\t"}, status: 422, code: "text_required", pointer: "#/text"},
		{name: "over-long text", body: map[string]any{"text": long}, status: 422, code: "too_long", pointer: "#/text"},
		{name: "over-long title", body: map[string]any{"text": "x", "title": long[:603]}, status: 422, code: "too_long", pointer: "#/title"},
		{name: "over-long name", body: map[string]any{"text": "x", "person": map[string]any{"email": "a@example.test", "name": long}}, status: 422, code: "too_long", pointer: "#/person/name"},
		{name: "broken UTF-8", body: []byte("{\"text\": \"dark \xff\xfe mode\"}"), status: 422, code: "not_utf8"},
		{name: "half a character", body: []byte("{\"text\": \"\xe6\xb7\"}"), status: 422, code: "not_utf8"},
		{name: "NUL", body: []byte(`{"text": "dark \u0000 mode"}`), status: 422, code: "nul_character"},
		{name: "NUL in a field's name", body: []byte(`{"text": "x", "con\u0000text": {}}`), status: 422, code: "nul_character"},
	}
}

func badForms() []refusal {
	person := func(p map[string]any) map[string]any { return map[string]any{"text": "x", "person": p} }
	return []refusal{
		{name: "unknown field", body: map[string]any{"text": "x", "txet": "y"}, status: 422, code: "invalid", pointer: "#/txet"},
		{name: "unknown field of the person", body: person(map[string]any{"email": "a@example.test", "mail": "y"}), status: 422, code: "invalid", pointer: "#/person/mail"},
		{name: "text is a number", body: map[string]any{"text": 7}, status: 422, code: "invalid", pointer: "#/text"},
		{name: "text is a list", body: map[string]any{"text": []string{"x"}}, status: 422, code: "invalid", pointer: "#/text"},
		{name: "e-mail is a number", body: person(map[string]any{"email": 5}), status: 422, code: "invalid", pointer: "#/person/email"},
		{name: "person is a text", body: map[string]any{"text": "x", "person": "ann"}, status: 422, code: "invalid", pointer: "#/person"},
		{name: "body is a list", body: []byte(`["x"]`), status: 422, code: "invalid"},
		{name: "bad e-mail", body: person(map[string]any{"email": "ann at example"}), status: 422, code: "email_invalid", pointer: "#/person/email"},
		{name: "e-mail with a line break", body: person(map[string]any{"email": "ann@example.test\r\nBcc: b@example.test"}), status: 422, code: "email_invalid", pointer: "#/person/email"},
		{name: "person without an address", body: person(map[string]any{"name": "Ann"}), status: 422, code: "person_address_required", pointer: "#/person"},
		{name: "unknown time zone", body: person(map[string]any{"email": "a@example.test", "time_zone": "Mars/Olympus"}), status: 422, code: "time_zone_unknown", pointer: "#/person/time_zone"},
		{name: "unknown kind", body: map[string]any{"text": "x", "kind": "praise"}, status: 422, code: "kind_unknown", pointer: "#/kind"},
		{name: "script as source_url", body: map[string]any{"text": "x", "source_url": "javascript:alert(1)"}, status: 422, code: "url_invalid", pointer: "#/source_url"},
		{name: "JSON that ends too soon", body: []byte(`{"text": "x"`), status: 400, code: "body_unreadable"},
		{name: "no JSON at all", body: []byte(`text=x`), status: 400, code: "body_unreadable"},
		{name: "JSON nested a hundred thousand deep", body: []byte(strings.Repeat(`[`, 100_000)), status: 400, code: "body_unreadable"},
		{name: "another media type", body: []byte(`<text/>`), headers: map[string]string{"Content-Type": "application/xml"}, status: 415, code: "media_type"},
		{name: "3 MB", body: bytes.Repeat([]byte("x"), 3<<20), status: 413, code: "body_too_large"},
	}
}

func badCalls() []refusal {
	text := map[string]any{"text": "x"}
	auth := func(v string) map[string]string { return map[string]string{"Authorization": v} }
	return []refusal{
		{name: "no token", body: text, headers: auth(""), status: 401, code: "token_required"},
		{name: "wrong token", body: text, headers: auth("Bearer heed_nonsense"), status: 401, code: "token_invalid"},
		{name: "another scheme", body: text, headers: auth("Basic YTpi"), status: 401, code: "token_invalid"},
		{name: "wrong method", method: "PUT", path: api + "/suggestions", body: text, status: 405, code: "method_not_allowed"},
		{name: "no such path", method: "GET", path: api + "/nothing", status: 404, code: "address_unknown"},
		{name: "no such theme", method: "GET", path: api + "/themes/th_nothing", status: 404, code: "theme_not_found"},
		{name: "no such suggestion", method: "GET", path: api + "/suggestions/sg_nothing", status: 404, code: "suggestion_not_found"},
		{name: "unreadable cursor", method: "GET", path: api + "/suggestions?cursor=%25%25", status: 422, code: "cursor_unreadable", pointer: "cursor"},
		{name: "limit is a word", method: "GET", path: api + "/suggestions?limit=many", status: 422, code: "invalid", pointer: "limit"},
		{name: "key used for something else", body: text, headers: map[string]string{"Idempotency-Key": "used"}, status: 422, code: "key_reused", pointer: "Idempotency-Key"},
		{name: "over-long key", body: text, headers: map[string]string{"Idempotency-Key": strings.Repeat("k", 201)}, status: 422, code: "invalid", pointer: "Idempotency-Key"},
		{name: "webhook with a wrong signature", method: "POST", path: "/webhooks/github", body: []byte(`{"action":"closed"}`), status: 401, code: "webhook_signature",
			headers: map[string]string{"Authorization": "", "X-GitHub-Event": "issues", "X-GitHub-Delivery": "1", "X-Hub-Signature-256": "sha256=" + strings.Repeat("00", 32)}},
		{name: "webhook without a signature", method: "POST", path: "/webhooks/github", body: []byte(`{"action":"closed"}`), status: 401, code: "webhook_signature",
			headers: map[string]string{"Authorization": "", "X-GitHub-Event": "issues", "X-GitHub-Delivery": "2"}},
	}
}

func badDecisions(theme string) []refusal {
	to := func(path string) string { return api + "/themes/" + theme + path }
	return []refusal{
		{name: "declined without a reason", method: "POST", path: to("/status"), body: map[string]any{"status": "declined"}, status: 422, code: "reason_required", pointer: "#/reason"},
		{name: "postponed with an empty reason", method: "POST", path: to("/status"), body: map[string]any{"status": "postponed", "reason": map[string]any{"en": " "}}, status: 422, code: "reason_required", pointer: "#/reason"},
		{name: "unknown status", method: "POST", path: to("/status"), body: map[string]any{"status": "done"}, status: 422, code: "status_unknown", pointer: "#/status"},
		{name: "reason in an unknown language", method: "POST", path: to("/status"), body: map[string]any{"status": "planned", "reason": map[string]any{"fr": "oui"}}, status: 422, code: "invalid", pointer: "#/reason"},
		{name: "promise in the past", method: "POST", path: to("/status"), body: map[string]any{"status": "planned", "promise_date": "2020-01-01"}, status: 422, code: "date_past", pointer: "#/promise_date"},
		{name: "confirmed without a title", method: "POST", path: to("/confirm"), body: map[string]any{"public_title": ""}, status: 422, code: "public_title_required", pointer: "#/public_title"},
		{name: "published before it is confirmed", method: "PATCH", path: to(""), body: map[string]any{"public": true, "public_title": "x"}, status: 422, code: "confirm_first", pointer: "#/public"},
		{name: "merged into itself", method: "POST", path: to("/merge"), body: map[string]any{"into": theme}, status: 422, code: "merge_itself", pointer: "#/into"},
		{name: "issue both made and tied", method: "POST", path: to("/issues"), body: map[string]any{"create": true, "url": "https://github.com/a/b/issues/1"}, status: 422, code: "issue_one_way", pointer: "#/create"},
		{name: "theme made without a title", method: "POST", path: api + "/themes", body: map[string]any{}, status: 422, code: "title_required", pointer: "#/title"},
	}
}

// A mistake in the configuration stops the start and is named with its place.
func TestBadConfiguration(t *testing.T) {
	for _, c := range []struct {
		name, file string
		env        map[string]string
		says       []string
	}{
		{"a mistyped key", "server:\n  addr: \"127.0.0.1:0\"\nfollowups:\n  setle: 5m\n", nil, []string{"config.yaml:4", "followups.setle", "followups.settle"}},
		{"a wrong value", "followups:\n  settle: 5 minutes\n", nil, []string{"config.yaml:2", "followups.settle", "5 minutes"}},
		{"all at once", "mail:\n  connections: many\n\ngithub:\n  on_completed: shop\n", nil, []string{"config.yaml:2", "mail.connections", "config.yaml:5", "github.on_completed", "hold"}},
		{"a mistyped variable", "", map[string]string{"HEED_MAIL__SMPT_URL": "smtp://127.0.0.1:25"}, []string{"HEED_MAIL__SMPT_URL", "HEED_MAIL__SMTP_URL"}},
		{"no YAML", "server: [\n", nil, []string{"config.yaml:"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := process.New(t, process.Options{Env: c.env})
			if err := os.WriteFile(filepath.Join(p.Dir, "config.yaml"), []byte(c.file), 0o600); err != nil {
				t.Fatal(err)
			}
			out, said, code := p.TryCLI("", "serve")
			if code != 1 || out != "" {
				t.Errorf("exit code %d, printed %q, want 1 and nothing", code, out)
			}
			for _, want := range c.says {
				if !strings.Contains(said, want) {
					t.Errorf("stderr lacks %q:\n%s", want, said)
				}
			}
			if _, err := os.Stat(filepath.Join(p.Dir, "heed.db")); err == nil {
				t.Error("a database was made all the same")
			}
		})
	}
}
