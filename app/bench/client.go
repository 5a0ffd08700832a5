package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const patience = time.Minute // with one answer

// client asks a running Heed over connections that are kept.
type client struct {
	base, token string
	http        *http.Client
}

func newClient(base, token string, connections int) *client {
	t := &http.Transport{MaxIdleConns: connections, MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections, DisableCompression: true}
	return &client{base: base, token: token, http: &http.Client{Transport: t, Timeout: patience}}
}

func (c *client) close() { c.http.CloseIdleConnections() }

// ask sends a request and reads the whole answer. A nil body is a GET.
func (c *client) ask(ctx context.Context, path string, body []byte) (int, []byte, error) {
	method := http.MethodGet
	if body != nil {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept", "application/json, text/event-stream") // as /mcp wants it
	}
	res, err := c.http.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	return res.StatusCode, answer, err
}

// fileByTool files what a POST to /suggestions would, by an agent's tool and with
// a key of its own, and gives the answer of the POST: 201, or 500 for a tool's error.
func (c *client) fileByTool(ctx context.Context, i int, body []byte) (int, []byte, error) {
	var args map[string]any
	if err := json.Unmarshal(body, &args); err != nil {
		return 0, nil, err
	}
	args["quote"], args["idempotency_key"] = args["text"], fmt.Sprint("bench-", i)
	delete(args, "text")
	call, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": i, "method": "tools/call", "params": map[string]any{"name": "file_suggestion", "arguments": args}})
	if err != nil {
		return 0, nil, err
	}
	status, raw, err := c.ask(ctx, "/mcp", call)
	if err != nil || status != http.StatusOK {
		return status, raw, err
	}
	var answer struct {
		Result struct {
			IsError           bool
			StructuredContent struct{ Items []json.RawMessage }
		}
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return 0, nil, err
	}
	if answer.Result.IsError || len(answer.Result.StructuredContent.Items) != 1 {
		return http.StatusInternalServerError, raw, nil
	}
	return http.StatusCreated, answer.Result.StructuredContent.Items[0], nil
}

// outcome is one request's: how long it took and its status, 0 when there was
// no whole answer.
type outcome struct {
	took   time.Duration
	status int
}

// drive makes n requests from so many clients, each waiting for its answer
// before it asks again. do returns the status; only its time counts, not that
// of after, which may look at the answer.
func drive(ctx context.Context, clients, n int, progress func(done, total int), do func(ctx context.Context, i int) (status int, answer []byte, err error), after func(i, status int, answer []byte)) ([]outcome, time.Duration, error) {
	out := make([]outcome, n)
	var next, done atomic.Int64
	var said sync.Mutex
	var wg sync.WaitGroup
	began := time.Now()
	for range clients {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				start := time.Now()
				status, answer, err := do(ctx, i)
				out[i].took = time.Since(start)
				if err == nil {
					out[i].status = status
				}
				after(i, out[i].status, answer)
				if d := done.Add(1); d%max(1, int64(n/100)) == 0 {
					said.Lock()
					progress(int(d), n)
					said.Unlock()
				}
			}
		})
	}
	wg.Wait()
	return out, time.Since(began), ctx.Err()
}
