package mcp

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"

	"github.com/google/jsonschema-go/jsonschema"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// schemaOf describes a struct with one type a field, which every model provider
// reads; Go's nil would make two of it.
func schemaOf[T any]() *jsonschema.Schema {
	s, err := jsonschema.For[T](nil)
	if err != nil {
		panic(err) // a mistake in a struct of ours
	}
	oneType(s)
	return s
}

func oneType(s *jsonschema.Schema) {
	if s == nil {
		return
	}
	if types := slices.DeleteFunc(slices.Clone(s.Types), func(t string) bool { return t == "null" }); len(types) == 1 {
		s.Type, s.Types = types[0], nil
	}
	for _, p := range s.Properties {
		oneType(p)
	}
	oneType(s.Items)
	oneType(s.AdditionalProperties)
}

// noNulls takes fields that are null out of what a tool is called with: to models
// that is "nothing to say".
func noNulls(next sdk.MethodHandler) sdk.MethodHandler {
	return func(ctx context.Context, method string, req sdk.Request) (sdk.Result, error) {
		if p, ok := req.GetParams().(*sdk.CallToolParamsRaw); ok && bytes.Contains(p.Arguments, []byte("null")) {
			d := json.NewDecoder(bytes.NewReader(p.Arguments))
			d.UseNumber()
			var args map[string]any
			if d.Decode(&args) == nil && args != nil {
				if b, err := json.Marshal(drop(args)); err == nil {
					p.Arguments = b
				}
			}
		}
		return next(ctx, method, req)
	}
}

func drop(v any) any {
	switch x := v.(type) {
	case map[string]any:
		for k, e := range x {
			if e == nil {
				delete(x, k)
				continue
			}
			x[k] = drop(e)
		}
	case []any:
		for i := range x {
			x[i] = drop(x[i])
		}
	}
	return v
}
