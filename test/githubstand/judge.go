//go:build unix

package githubstand

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// exceptions are what GitHub does and its description leaves out. Each is judged as
// the path that means the same.
var exceptions = []struct {
	path    *regexp.Regexp
	as, why string
}{
	{regexp.MustCompile(`^/repositories/\d+(/|$)`), "/repos/by/id$1",
		"a repository by its id: where GitHub's own redirects and links to further pages lead, and the only name that outlives a rename"},
}

// judge holds the requests of one stand to GitHub's description.
type judge struct {
	router   routers.Router
	mu       sync.Mutex
	judged   int
	excepted int
	invalid  map[string]int // method, path and problem → how often
}

// judgeUntil judges every request up to the end of the test, when the stand has stopped.
func (s *Stand) judgeUntil(t testing.TB) error {
	router, err := description()
	if err != nil {
		return err
	}
	s.judge = &judge{router: router, invalid: map[string]int{}}
	t.Cleanup(func() {
		s.Close()
		s.ResetLog()
		s.judge.tell(t)
	})
	return nil
}

// hear judges requests. The log hands them over before it forgets them.
func (j *judge) hear(requests []*Request) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, r := range requests {
		j.judged++
		path, excepted := inDescription(r.escaped)
		if excepted {
			j.excepted++
		}
		if err := judgeRequest(j.router, r, path); err != nil {
			j.invalid[fmt.Sprintf("%s %s: %v", r.Method, r.uri(), err)]++
		}
	}
}

// tell fails the test with every invalid request.
func (j *judge) tell(t testing.TB) {
	t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, problem := range slices.Sorted(maps.Keys(j.invalid)) {
		t.Errorf("invalid by GitHub's description, %d times: %s", j.invalid[problem], problem)
	}
	t.Logf("%d requests judged by GitHub's description, %d of them by a path it does not have but GitHub does", j.judged, j.excepted)
}

// inDescription gives the path under which the description has the request.
func inDescription(path string) (string, bool) {
	for _, e := range exceptions {
		if e.path.MatchString(path) {
			return e.path.ReplaceAllString(path, e.as), true
		}
	}
	return path, false
}

func (r *Request) uri() string {
	if r.Query == "" {
		return r.escaped
	}
	return r.escaped + "?" + r.Query
}

// judged is a request as the judges take it.
type judged struct {
	*openapi3filter.RequestValidationInput
	body []byte
}

// find looks up what the description says about the request at that path.
func find(router routers.Router, r *Request, path string) (judged, error) {
	u := &url.URL{RawQuery: r.Query}
	var err error
	if u.Path, err = url.PathUnescape(path); err != nil {
		return judged{}, err
	}
	u.RawPath = path
	in, err := http.NewRequest(r.Method, u.String(), bytes.NewReader(r.Body))
	if err != nil {
		return judged{}, err
	}
	in.Header.Set("Content-Type", r.ContentType)
	route, params, err := router.FindRoute(in)
	if err != nil {
		return judged{}, fmt.Errorf("not described: %w", err)
	}
	options := &openapi3filter.Options{MultiError: true, IncludeResponseStatus: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}
	options.WithCustomSchemaErrorFunc(func(e *openapi3.SchemaError) string {
		return strings.Join(e.JSONPointer(), "/") + ": " + e.Reason
	})
	return judged{&openapi3filter.RequestValidationInput{Request: in, PathParams: params, Route: route, Options: options}, r.Body}, nil
}

// judgeRequest says what is wrong with a request.
func judgeRequest(router routers.Router, r *Request, path string) error {
	j, err := find(router, r, path)
	if err != nil {
		return err
	}
	err = openapi3filter.ValidateRequest(context.Background(), j.RequestValidationInput)
	return errors.Join(err, j.unnamedParameters(), j.unnamedFields())
}

// judgeAnswer says what is wrong with the answer to a request.
func judgeAnswer(router routers.Router, r *Request, status int, header http.Header, body []byte) error {
	path, _ := inDescription(r.escaped)
	j, err := find(router, r, path)
	if err != nil {
		return err
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: j.RequestValidationInput, Status: status, Header: header, Options: j.Options}
	return openapi3filter.ValidateResponse(context.Background(), out.SetBodyBytes(body))
}

// unnamedParameters finds what GitHub would pass over in silence: a parameter it does
// not know. kin-openapi passes over it as well.
func (j judged) unnamedParameters() error {
	for name := range j.Request.URL.Query() {
		if j.Route.Operation.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil {
			return fmt.Errorf("no parameter %s is described", name)
		}
	}
	return nil
}

// unnamedFields finds the same in the body.
func (j judged) unnamedFields() error {
	if len(j.body) == 0 {
		return nil
	}
	if j.Route.Operation.RequestBody == nil {
		return errors.New("no body is described")
	}
	content := j.Route.Operation.RequestBody.Value.Content.Get("application/json")
	var fields map[string]json.RawMessage
	if content == nil || json.Unmarshal(j.body, &fields) != nil {
		return nil // ValidateRequest says more about it
	}
	for name := range fields {
		if !names(content.Schema.Value, name) {
			return fmt.Errorf("no field %s is described", name)
		}
	}
	return nil
}

// names says whether an object of that schema may have a field of that name.
func names(s *openapi3.Schema, field string) bool {
	if s.Properties[field] != nil {
		return true
	}
	return slices.ContainsFunc(slices.Concat(s.OneOf, s.AnyOf, s.AllOf), func(one *openapi3.SchemaRef) bool { return names(one.Value, field) })
}
