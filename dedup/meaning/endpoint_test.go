package meaning

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

type request struct {
	Model string
	Input []string
}

// serve runs a real server that answers with answer and returns its model.
func serve(t *testing.T, answer func(w http.ResponseWriter, r *http.Request, q request)) (*Endpoint, *httptest.Server) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q request
		raw, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(raw, &q); err != nil || r.Method != http.MethodPost {
			t.Errorf("%s %s: %s", r.Method, raw, err)
		}
		answer(w, r, q)
	}))
	t.Cleanup(s.Close)
	return NewEndpoint(EndpointOptions{URL: s.URL, Model: "bge-m3", Key: "hunter2"}), s
}

// vectors is a proper answer with dim numbers a text: its length, then noughts.
func vectors(q request, dim int) string {
	var out []string
	for i := len(q.Input) - 1; i >= 0; i-- { // the index says which is which
		out = append(out, fmt.Sprintf(`{"object":"embedding","index":%d,"embedding":[%d,1%s]}`, i, len(q.Input[i]), strings.Repeat(",0", dim-2)))
	}
	return `{"object":"list","data":[` + strings.Join(out, ",") + `],"model":"m","usage":{"prompt_tokens":8}}`
}

func TestAnEndpointIsAskedInBatchesAndItsVectorsFitTheIndex(t *testing.T) {
	batches := 0
	e, _ := serve(t, func(w http.ResponseWriter, r *http.Request, q request) {
		batches++
		if r.URL.Path != "/v1/embeddings" || r.Header.Get("Authorization") != "Bearer hunter2" || q.Model != "bge-m3" || len(q.Input) > endpointBatch {
			t.Errorf("asked %s with %q for %d of %s", r.URL.Path, r.Header.Get("Authorization"), len(q.Input), q.Model)
		}
		io.WriteString(w, vectors(q, 100))
	})
	var texts []Text
	for i := range 80 {
		texts = append(texts, Text{Title: strings.Repeat("a", i), Text: "b"})
	}
	texts[7] = Text{Text: "🎉"}
	vecs, err := e.Embed(ctx, texts)
	if err != nil || len(vecs) != len(texts) || batches != 3 {
		t.Fatal(len(vecs), batches, err)
	}
	for i, v := range vecs {
		if i == 7 {
			if v != nil {
				t.Error("what says nothing has a vector")
			}
			continue
		}
		if len(v) != 128 || math.Abs(dot(v, v)-1) > 1e-5 {
			t.Fatalf("%d numbers, length %f", len(v), dot(v, v))
		}
		if n := texts[i].head(endpointMost); math.Abs(float64(v[0]/v[1])-float64(len(n))) > .01 {
			t.Errorf("text %d has the vector of another", i)
		}
	}
}

func TestAnEndpointIsFoundUnderEveryWayToWriteIt(t *testing.T) {
	for given, want := range map[string]string{
		"http://h:11434":                   "http://h:11434/v1/embeddings",
		"http://h:11434/":                  "http://h:11434/v1/embeddings",
		"http://h/v1":                      "http://h/v1/embeddings",
		"https://h/v1/embeddings":          "https://h/v1/embeddings",
		"https://h/openai/v3/":             "https://h/openai/v3/embeddings",
		"https://h/some/deploy/embeddings": "https://h/some/deploy/embeddings",
	} {
		if got := address(given); got != want {
			t.Errorf("%s became %s, want %s", given, got, want)
		}
	}
}

func TestWhatIsNoProperAnswerIsRefused(t *testing.T) {
	var body string
	e, _ := serve(t, func(w http.ResponseWriter, _ *http.Request, _ request) { io.WriteString(w, body) })
	vec := strings.Repeat("0.5,", 63) + "0.5"
	good := `{"data":[{"index":0,"embedding":[` + vec + `]},{"index":1,"embedding":[` + vec + `]}]}`
	texts := []Text{{Text: "one"}, {Text: "two"}}
	body = good
	if _, err := e.Embed(ctx, texts); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string]string{
		"nothing": "", "a page": "<html>", "cut": good[:len(good)-20], "no data": `{}`, "one for two": `{"data":[{"index":0,"embedding":[` + vec + `]}]}`,
		"three for two": strings.Replace(good, `[{`, `[{"index":0,"embedding":[1]},{`, 1), "twice the first": strings.Replace(good, `"index":1`, `"index":0`, 1),
		"out of range": strings.Replace(good, `"index":1`, `"index":2`, 1), "negative": strings.Replace(good, `"index":1`, `"index":-1`, 1),
		"NaN": strings.Replace(good, "0.5", "NaN", 1), "beyond a float": strings.Replace(good, "0.5", "1e60", 1), "no numbers": strings.Replace(good, vec, "", 1),
		"all zero": strings.ReplaceAll(good, "0.5", "0"), "another length": strings.ReplaceAll(good, vec, vec+",1"), "of text": strings.Replace(good, "0.5", `"a"`, 1),
		"far too long": strings.Replace(good, vec, vec+strings.Repeat(",0", maxDim), 1), "a flood": strings.Repeat(" ", maxAnswer+10) + good,
	} {
		body = b
		if vecs, err := e.Embed(ctx, texts); err == nil {
			t.Errorf("%s: taken for %d vectors", name, len(vecs))
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error tells the key: %v", name, err)
		}
	}
	body = good
	if _, err := e.Embed(ctx, texts); err != nil {
		t.Errorf("after all that: %v", err)
	}
}

func TestWhyAnEndpointFailedIsToldApart(t *testing.T) {
	status := 0
	e, s := serve(t, func(w http.ResponseWriter, _ *http.Request, q request) {
		http.Error(w, "the input was "+q.Input[0], status)
	})
	for code, refused := range map[int]bool{400: true, 413: true, 422: true, 401: false, 404: false, 429: false, 500: false, 503: false, 302: false} {
		status = code
		_, err := e.Embed(ctx, []Text{{Text: "a private word"}})
		if err == nil || errors.Is(err, ErrRefused) != refused || strings.Contains(err.Error(), "private") {
			t.Errorf("%d: %v", code, err)
		}
	}
	s.Close()
	if _, err := e.Embed(ctx, []Text{{Text: "a"}}); err == nil || errors.Is(err, ErrRefused) {
		t.Errorf("gone: %v", err)
	}
}

// A key must not follow a redirect to another house.
func TestTheKeyGoesNowhereElse(t *testing.T) {
	_, other := serve(t, func(_ http.ResponseWriter, r *http.Request, _ request) { t.Error("asked elsewhere with ", r.Header) })
	e, _ := serve(t, func(w http.ResponseWriter, r *http.Request, _ request) {
		http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
	})
	if _, err := e.Embed(ctx, []Text{{Text: "a"}}); err == nil {
		t.Error("a redirect was an answer")
	}
}

func TestASlowEndpointIsNotWaitedForLongerThanTheCallerDoes(t *testing.T) {
	release := make(chan struct{})
	e, _ := serve(t, func(_ http.ResponseWriter, r *http.Request, _ request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	defer close(release)
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := e.Embed(short, []Text{{Text: "a"}}); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 3*time.Second {
		t.Errorf("%v after %v", err, time.Since(began))
	}
	e.client.Timeout = 50 * time.Millisecond
	if _, err := e.Embed(ctx, []Text{{Text: "a"}}); err == nil {
		t.Error("waited for ever")
	}
}

// A server that breaks off in the middle is no answer.
func TestABrokenAnswerIsAnError(t *testing.T) {
	e, _ := serve(t, func(w http.ResponseWriter, _ *http.Request, q request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n%s", vectors(q, 64))
		conn.(*net.TCPConn).SetLinger(0)
	})
	if _, err := e.Embed(ctx, []Text{{Text: "a"}}); err == nil {
		t.Error("taken for an answer")
	}
}
