//go:build unix

package process

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// Answer is what the API said.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	what   string // method and path, for messages
}

// Want fails the test unless the status is that one.
func (a Answer) Want(t testing.TB, status int) Answer {
	t.Helper()
	if a.Status != status {
		t.Fatalf("%s: %d, want %d: %s", a.what, a.Status, status, a.Body)
	}
	return a
}

// Into reads the JSON body into v.
func (a Answer) Into(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal(a.Body, v); err != nil {
		t.Fatalf("%s: %v in %s", a.what, err, a.Body)
	}
}

// JSON reads the body as an object.
func (a Answer) JSON(t testing.TB) map[string]any {
	t.Helper()
	var v map[string]any
	a.Into(t, &v)
	return v
}

// Call asks the API with the token; the test fails when there is no answer at all,
// whatever its status. The body is nil, []byte, or anything JSON can say.
func (p *Process) Call(method, path string, body any) Answer {
	p.t.Helper()
	a, err := p.Try(method, path, body, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	return a
}

// Try is Call for tests that kill the server meanwhile, and for other headers: an
// Authorization given here, be it empty, replaces the token. It may be used by
// several goroutines.
func (p *Process) Try(method, path string, body any, headers map[string]string) (Answer, error) {
	what := method + " " + path
	raw, isRaw := body.([]byte)
	if body != nil && !isRaw {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			return Answer{}, fmt.Errorf("%s: %w", what, err)
		}
	}
	req, err := http.NewRequest(method, p.URL+path, bytes.NewReader(raw))
	if err != nil {
		return Answer{}, fmt.Errorf("%s: %w", what, err)
	}
	req.Header.Set("Content-Type", "application/json")
	if p.Token != "" {
		req.Header.Set("Authorization", "Bearer "+p.Token)
	}
	for k, v := range headers {
		if v == "" && strings.EqualFold(k, "Authorization") {
			req.Header.Del(k)
			continue
		}
		req.Header.Set(k, v)
	}
	res, err := p.client.Do(req)
	if err != nil {
		return Answer{}, fmt.Errorf("%s: %w", what, err)
	}
	defer res.Body.Close()
	a := Answer{Status: res.StatusCode, Header: res.Header, what: what}
	if a.Body, err = io.ReadAll(res.Body); err != nil {
		return Answer{}, fmt.Errorf("%s: %w", what, err)
	}
	return a, nil
}
