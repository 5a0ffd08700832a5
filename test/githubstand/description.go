//go:build unix

package githubstand

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// kept are the paths of GitHub's description that a judge can be asked about: all of
// it takes many seconds to read.
var kept = regexp.MustCompile(`^(/user|/rate_limit|/search/issues|/app(/.*)?|/app-manifests/.*|/installation/repositories|/repos/\{owner\}/\{repo\}(/(issues|labels|milestones|hooks|installation|releases)(/.*)?)?)$`)

// description is GitHub's own description of its API, read once per process.
var description = sync.OnceValues(func() (routers.Router, error) {
	text, err := readModule("@octokit/openapi/generated/api.github.com.json")
	if err != nil {
		return nil, err
	}
	if text, err = trim(text); err != nil {
		return nil, fmt.Errorf("GitHub's description: %w", err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("GitHub's description: %w", err)
	}
	doc.Servers = nil // any host: the stand has its own
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		return nil, fmt.Errorf("GitHub's description: %w", err)
	}
	return router, nil
})

// readModule reads a file of an installed npm package.
func readModule(name string) ([]byte, error) {
	modules, err := modulesDir()
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(modules, filepath.FromSlash(name)))
	if os.IsNotExist(err) {
		return nil, fmt.Errorf("no %s: %w", name, ErrNotInstalled)
	}
	return text, err
}

// trim leaves of the description the kept paths and what they refer to. Only that
// much is decoded.
func trim(text []byte) ([]byte, error) {
	var whole struct {
		OpenAPI    string                                `json:"openapi"`
		Info       json.RawMessage                       `json:"info"`
		Paths      map[string]json.RawMessage            `json:"paths"`
		Components map[string]map[string]json.RawMessage `json:"components"`
	}
	if err := json.Unmarshal(text, &whole); err != nil {
		return nil, err
	}
	c := cutting{from: whole.Components, components: map[string]map[string]any{}}
	paths := map[string]any{}
	for path, item := range whole.Paths {
		if kept.MatchString(path) {
			v, err := c.take(item)
			if err != nil {
				return nil, err
			}
			paths[path] = v
		}
	}
	return json.Marshal(map[string]any{"openapi": whole.OpenAPI, "info": whole.Info, "paths": paths, "components": c.components})
}

// cutting is a description in the making: components holds what was referred to so far.
type cutting struct {
	from       map[string]map[string]json.RawMessage
	components map[string]map[string]any
}

// take decodes one part and, through the references in it, others.
func (c cutting) take(raw json.RawMessage) (v any, err error) {
	if err = json.Unmarshal(raw, &v); err == nil {
		err = c.follow(v)
	}
	return v, err
}

func (c cutting) follow(v any) error {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			if err := c.follow(x); err != nil {
				return err
			}
		}
	case map[string]any:
		if v["schema"] != nil {
			delete(v, "examples") // most of the text, and no rule
		}
		if ref, ok := v["$ref"].(string); ok {
			return c.fetch(ref)
		}
		for _, x := range v {
			if err := c.follow(x); err != nil {
				return err
			}
		}
	}
	return nil
}

// fetch takes the component that a reference names, once.
func (c cutting) fetch(ref string) error {
	kind, name, _ := strings.Cut(strings.TrimPrefix(ref, "#/components/"), "/")
	raw, known := c.from[kind][name]
	if !known {
		return fmt.Errorf("%s is not in it", ref)
	}
	if _, done := c.components[kind][name]; done {
		return nil
	}
	if c.components[kind] == nil {
		c.components[kind] = map[string]any{}
	}
	c.components[kind][name] = nil // begun: schemas refer to each other in circles
	v, err := c.take(raw)
	c.components[kind][name] = v
	return err
}
