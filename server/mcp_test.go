package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/mcp"
)

// site is a rig that listens.
func (r *rig) site() string {
	r.t.Helper()
	s := httptest.NewServer(r.handler)
	r.t.Cleanup(s.Close)
	return s.URL
}

// token makes one and returns its secret.
func (r *rig) token(n auth.NewToken) string {
	r.t.Helper()
	if n.Name == "" {
		n.Name = "kb-bot"
	}
	if n.Kind == "" {
		n.Kind = models.TokenAgent
	}
	secret, _, err := r.auth.CreateToken(ctx, n)
	return must(secret, err)(r.t)
}

type shows struct{ token, language string }

func (s shows) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	if s.token != "" {
		r.Header.Set("Authorization", "Bearer "+s.token)
	}
	if s.language != "" {
		r.Header.Set("Accept-Language", s.language)
	}
	return http.DefaultTransport.RoundTrip(r)
}

// agent is a client of the tools.
type agent struct {
	t testing.TB
	*sdk.ClientSession
}

func (r *rig) agent(url, token, language string) agent {
	r.t.Helper()
	c := sdk.NewClient(&sdk.Implementation{Name: "test", Version: "1"}, nil)
	s, err := c.Connect(ctx, &sdk.StreamableClientTransport{Endpoint: url + mcp.Path, DisableStandaloneSSE: true, HTTPClient: &http.Client{Transport: shows{token, language}}}, nil)
	session := must(s, err)(r.t)
	r.t.Cleanup(func() { session.Close() })
	return agent{r.t, session}
}

type args map[string]any

// call calls a tool that must succeed, and returns its data and its text.
func (a agent) call(name string, in args) (map[string]any, string) {
	a.t.Helper()
	out, text, failed := a.try(name, in)
	if failed {
		a.t.Fatalf("%s: %s", name, text)
	}
	return out, text
}

func (a agent) try(name string, in args) (out map[string]any, text string, failed bool) {
	a.t.Helper()
	if in == nil {
		in = args{}
	}
	res, err := a.CallTool(ctx, &sdk.CallToolParams{Name: name, Arguments: in})
	if err != nil {
		return nil, err.Error(), true
	}
	for _, c := range res.Content {
		if tc, ok := c.(*sdk.TextContent); ok {
			text += tc.Text + "\n"
		}
	}
	b, err := json.Marshal(res.StructuredContent)
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	if err != nil {
		a.t.Fatal(err)
	}
	return out, text, res.IsError
}

var allTools = []string{"draft_follow_up", "file_suggestion", "find_similar", "get_theme", "list_themes", "my_outcomes", "propose_assignment", "propose_status", "triage_queue", "vote"}

var everything = []auth.Scope{auth.ScopeSuggestionsWrite, auth.ScopeThemesRead}

func TestEveryToolIsListedWithWhatItDoes(t *testing.T) {
	r := newRig(t)
	a := r.agent(r.site(), r.token(auth.NewToken{}), "")
	res := must(a.ListTools(ctx, nil))(t)
	names := []string{}
	for _, tool := range res.Tools {
		names = append(names, tool.Name)
		readOnly := tool.Annotations != nil && tool.Annotations.ReadOnlyHint
		schema, _ := json.Marshal(tool.InputSchema)
		if keyed := strings.Contains(string(schema), "idempotency_key"); keyed == readOnly {
			t.Errorf("%s: read-only %v, takes a key %v", tool.Name, readOnly, keyed)
		}
		if tool.Description == "" || tool.OutputSchema == nil || tool.Annotations == nil || tool.Annotations.DestructiveHint == nil || *tool.Annotations.DestructiveHint {
			t.Errorf("%s: %+v", tool.Name, tool)
		}
	}
	if fmt.Sprint(names) != fmt.Sprint(allTools) {
		t.Errorf("tools %v", names)
	}
}

// everyTool calls all of them and says what each answered.
func everyTool(t *testing.T, r *rig, a agent) {
	th := r.theme("Faster exports", "更快的导出", "Export of big boards takes minutes")
	waiting := r.file("My ledger device shows nothing when I plug it in", "jo@example.com")
	filed, _ := a.call("file_suggestion", args{"quote": "Exporting a big board takes minutes", "summary": "Slow export", "external_id": "chat-1", "person": args{"email": "mei@example.com"}, "idempotency_key": "k1"})
	item := filed["items"].([]any)[0].(map[string]any)
	if item["external_id"] != "chat-1" || item["receipt"] == "" {
		t.Errorf("filed %v", item)
	}
	if out, _ := a.call("find_similar", args{"text": "export of big boards is slow"}); len(out["candidates"].([]any)) == 0 {
		t.Errorf("similar %v", out)
	}
	if out, _ := a.call("get_theme", args{"theme": th.ID}); out["theme"].(map[string]any)["title"] != "Faster exports" {
		t.Errorf("theme %v", out)
	}
	if out, _ := a.call("list_themes", args{"query": "export"}); len(out["themes"].([]any)) == 0 {
		t.Errorf("themes %v", out)
	}
	if out, _ := a.call("vote", args{"theme": th.ID, "person": args{"email": "li@example.com"}, "idempotency_key": "k2"}); out["people"].(float64) < 1 {
		t.Errorf("vote %v", out)
	}
	if out, text := a.call("triage_queue", nil); len(out["waiting"].([]any)) == 0 || strings.Contains(text, "jo@example.com") {
		t.Errorf("queue %v", out)
	}
	for _, p := range []struct {
		tool string
		in   args
	}{
		{"propose_assignment", args{"suggestion": waiting.Suggestion.ID, "theme": th.ID, "note": "same export"}},
		{"propose_status", args{"theme": th.ID, "status": "planned", "reason": args{"en": "We plan it.", "zh": "已排期。"}}},
		{"draft_follow_up", args{"theme": th.ID, "text": args{"en": "Exports are faster in the beta."}}},
	} {
		p.in["idempotency_key"] = "k-" + p.tool
		if out, text := a.call(p.tool, p.in); out["state"] != "open" || !strings.Contains(text, "nobody is told") {
			t.Errorf("%s: %v", p.tool, out)
		}
	}
	if out, _ := a.call("my_outcomes", nil); out["total"].(float64) != 1 || out["proposals"].(map[string]any)["open"].(float64) != 3 {
		t.Errorf("outcomes %v", out)
	}
	now := must(r.themes.Get(ctx, ana, th.ID))(t)
	if now.Status != th.Status || now.SuggestionsCount > 1 {
		t.Errorf("a tool changed the theme: %+v", now)
	}
	if n := count(t, r, &models.Delivery{}); n != 0 {
		t.Errorf("%d mails", n)
	}
}

func count(t testing.TB, r *rig, model any) int64 {
	t.Helper()
	var n int64
	if err := r.db.Read(ctx).Model(model).Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

func TestEveryToolOverHTTP(t *testing.T) {
	r := newRig(t)
	everyTool(t, r, r.agent(r.site(), r.token(auth.NewToken{Scopes: everything}), ""))
}

func TestEveryToolOverTheRelay(t *testing.T) {
	r := newRig(t)
	toRelay, fromClient := io.Pipe()
	toClient, fromRelay := io.Pipe()
	run, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	site, token := r.site(), r.token(auth.NewToken{Scopes: everything})
	go func() { done <- mcp.Relay(run, mcp.RelayOptions{URL: site, Token: token}, toRelay, fromRelay) }()
	c := sdk.NewClient(&sdk.Implementation{Name: "test", Version: "1"}, nil)
	s := must(c.Connect(ctx, &sdk.IOTransport{Reader: toClient, Writer: fromClient}, nil))(t)
	a := agent{t, s}
	everyTool(t, r, a)
	if res := must(a.ListTools(ctx, nil))(t); len(res.Tools) != len(allTools) {
		t.Errorf("%d tools", len(res.Tools))
	}
	// Revoked in mid-run: the next call is refused, with what to do.
	ts := must(r.auth.ListTokens(ctx))(t)
	if err := r.auth.RevokeToken(ctx, ts[0].ID); err != nil {
		t.Fatal(err)
	}
	if _, text, failed := a.try("file_suggestion", args{"quote": "one more"}); !failed || !strings.Contains(text, "HEED_TOKEN") {
		t.Errorf("after it was revoked: %s", text)
	}
	s.Close()
	stop()
	<-done
}
