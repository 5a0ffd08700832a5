package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func heed(t *testing.T, in string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(&env{ctx: context.Background(), out: &o, errs: &e, in: strings.NewReader(in)}, args)
	return code, o.String(), e.String()
}

const answered = `{"id":"sug_1","receipt":"ABCDE-FGHJK","action":"suggested","theme":null,"candidates":[{"theme":"thm_1","title":"Exports","status":"planned","reasons":[{"kind":"shared","text":"shares: export"}]}],"redactions":[{"rule":"aws_key","field":"text"}]}`

func TestSuggestFilesAndSaysWhatBecameOfIt(t *testing.T) {
	var body map[string]any
	var header http.Header
	cut := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		if cut--; cut == 0 { // it breaks off once: sent again under the same key
			header = r.Header.Clone()
			panic(http.ErrAbortHandler)
		}
		if k := header.Get("Idempotency-Key"); cut < 0 && k != "" && k != r.Header.Get("Idempotency-Key") {
			t.Errorf("sent again under %q, was %q", r.Header.Get("Idempotency-Key"), k)
		}
		header = r.Header.Clone()
		body = nil
		_ = json.Unmarshal(raw, &body)
		if body["text"] == "flood" {
			w.Header().Set("Retry-After", "60")
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = io.WriteString(w, `{"detail":"Too much.","code":"quota_hour","errors":[],"safety":{"title":"Move your assets","steps":["Now"]}}`)
			return
		}
		_, _ = io.WriteString(w, answered)
	}))
	defer s.Close()
	t.Setenv("HEED_URL", s.URL+"/")
	t.Setenv("HEED_TOKEN", "heed_agent_x")
	t.Setenv("LC_ALL", "zh_CN.UTF-8")

	cut = 1
	code, out, errs := heed(t, "", "suggest", "--person", "mei@example.com", "--kind", "problem", "--summary", "slow", "--external-id", "c-1", "Export is slow")
	if code != exitOK || errs != "" {
		t.Fatalf("exit %d: %s", code, errs)
	}
	for _, says := range []string{"sug_1", "ABCDE-FGHJK", "thm_1", "Exports", "planned", "shares: export", "Removed before storing: aws_key in text"} {
		if !strings.Contains(out, says) {
			t.Errorf("%s does not say %q", out, says)
		}
	}
	if body["text"] != "Export is slow" || body["kind"] != "problem" || body["summary"] != "slow" || body["external_id"] != "c-1" || header.Get("Accept-Language") != "zh-CN" || header.Get("Authorization") != "Bearer heed_agent_x" {
		t.Errorf("sent %v %v", body, header)
	}
	header = nil
	if code, out, _ := heed(t, "from a pipe\n", "suggest", "--json", "--person", "telegram:@mei", "-"); code != exitOK || strings.TrimSpace(out) != answered {
		t.Errorf("exit %d: %s", code, out)
	}
	if p := body["person"].(map[string]any)["handle"].(map[string]any); p["channel"] != "telegram" || p["id"] != "@mei" || strings.TrimSpace(body["text"].(string)) != "from a pipe" {
		t.Errorf("sent %v", body)
	}
	header = nil
	if code, out, errs := heed(t, "", "suggest", "flood"); code != exitFailed || out != "" || !strings.Contains(errs, "quota_hour") || !strings.Contains(errs, "60 s") || !strings.Contains(errs, "Move your assets\n  1. Now") {
		t.Errorf("exit %d: %s %s", code, out, errs)
	}
	if code, _, errs := heed(t, "", "suggest", "--kind", "wish", "x"); code != exitUsage || !strings.Contains(errs, "--kind") {
		t.Errorf("exit %d: %s", code, errs)
	}
	t.Setenv("HEED_TOKEN", "")
	for _, command := range []string{"suggest", "mcp"} {
		if code, _, errs := heed(t, "", command); code != exitFailed || !strings.Contains(errs, "HEED_TOKEN") {
			t.Errorf("%s: exit %d: %s", command, code, errs)
		}
	}
}
