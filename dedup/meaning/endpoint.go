package meaning

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

const (
	endpointMost     = 2000 // characters read of a text
	endpointBatch    = 32   // texts in a request
	endpointPatience = 10 * time.Second
	maxAnswer        = 16 << 20 // bytes; 32 vectors of 8,192 numbers in full length have 6 MB
	maxDim           = 8192
	dimStep          = 64 // the index needs a multiple of it
)

// ErrRefused says that the endpoint works and will not have this text.
var ErrRefused = errors.New("the embeddings endpoint refuses the text")

// ErrBusy says that the endpoint has no time for anything right now.
var ErrBusy = errors.New("the embeddings endpoint is busy")

// EndpointOptions of NewEndpoint. URL is the server's, or its …/v1, or the whole
// …/v1/embeddings. Key is sent as a bearer token when it is not empty.
type EndpointOptions struct {
	URL, Model, Key string
}

// Endpoint is a model behind an HTTP server that speaks OpenAI's embeddings API
// (Ollama, vLLM, text-embeddings-inference and others). It is safe for concurrent
// use. It asks once: whoever may wait tries again.
type Endpoint struct {
	url, model, key string
	client          *http.Client
	dim             atomic.Int64 // of the first answer; 0 before
}

// NewEndpoint returns the model; nothing is asked of the server yet.
func NewEndpoint(o EndpointOptions) *Endpoint {
	return &Endpoint{url: address(o.URL), model: o.Model, key: o.Key, client: &http.Client{
		Timeout:       endpointPatience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the key goes nowhere else
	}}
}

// address completes what an operator wrote.
func address(url string) string {
	url = strings.TrimRight(url, "/")
	if strings.HasSuffix(url, "/embeddings") {
		return url
	}
	if _, rest, ok := strings.Cut(url, "://"); ok && !strings.Contains(rest, "/") {
		url += "/v1"
	}
	return url + "/embeddings"
}

// Model names the vectors of this model; no built-in one has such a name.
func (e *Endpoint) Model() string { return "endpoint/" + e.model }

// Embed returns a vector for each text, in their order: length 1, filled up with
// zeros to a multiple of 64 numbers, nil for a text that says nothing. Errors:
// ErrRefused, ErrBusy, ctx's, or what is wrong with the server or its answer.
func (e *Endpoint) Embed(ctx context.Context, texts []Text) ([][]float32, error) {
	out := make([][]float32, len(texts))
	var input []string
	var at []int
	flush := func() error {
		if len(input) == 0 {
			return nil
		}
		vecs, err := e.ask(ctx, input)
		for i, v := range vecs {
			out[at[i]] = v
		}
		input, at = input[:0], at[:0]
		return err
	}
	for i, t := range texts {
		if s := t.head(endpointMost); s != "" {
			input, at = append(input, s), append(at, i)
		}
		if len(input) == endpointBatch {
			if err := flush(); err != nil {
				return nil, fmt.Errorf("embeddings endpoint: %w", err)
			}
		}
	}
	if err := flush(); err != nil {
		return nil, fmt.Errorf("embeddings endpoint: %w", err)
	}
	return out, nil
}

// ask makes one request. What the server says of an error is not passed on: it
// may repeat the text, and a log is no place for that.
func (e *Endpoint) ask(ctx context.Context, input []string) ([][]float32, error) {
	body, err := json.Marshal(map[string]any{"model": e.model, "input": input})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if e.key != "" {
		req.Header.Set("Authorization", "Bearer "+e.key)
	}
	res, err := e.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	switch res.StatusCode {
	case http.StatusOK:
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return nil, fmt.Errorf("%w (%s)", ErrRefused, res.Status)
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return nil, fmt.Errorf("%w (%s)", ErrBusy, res.Status)
	default:
		return nil, fmt.Errorf("the server answered %s", res.Status)
	}
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxAnswer {
		return nil, errors.New("the answer is too long")
	}
	return e.read(raw, len(input))
}

// read takes n vectors out of an answer.
func (e *Endpoint) read(raw []byte, n int) ([][]float32, error) {
	var answer struct {
		Data []struct {
			Index     *int
			Embedding []float32
		}
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return nil, errors.New("the answer is not what /v1/embeddings gives")
	}
	if len(answer.Data) != n {
		return nil, fmt.Errorf("%d vectors for %d texts", len(answer.Data), n)
	}
	out := make([][]float32, n)
	for i, d := range answer.Data {
		if d.Index != nil {
			i = *d.Index
		}
		if i < 0 || i >= n || out[i] != nil {
			return nil, errors.New("the answer's vectors are not numbered one by one")
		}
		v, err := e.shape(d.Embedding)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

// shape makes a vector of the server's fit the index. All have the length of the
// first.
func (e *Endpoint) shape(v []float32) ([]float32, error) {
	if len(v) == 0 || len(v) > maxDim {
		return nil, fmt.Errorf("a vector of %d numbers", len(v))
	}
	if !e.dim.CompareAndSwap(0, int64(len(v))) && e.dim.Load() != int64(len(v)) {
		return nil, fmt.Errorf("a vector of %d numbers after one of %d: was the model changed under its name?", len(v), e.dim.Load())
	}
	if !unit(v) {
		return nil, errors.New("a vector without a direction")
	}
	if over := len(v) % dimStep; over != 0 {
		v = append(v, make([]float32, dimStep-over)...)
	}
	return v, nil
}
