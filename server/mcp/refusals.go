package mcp

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/heedhq/heed/server/web"
)

// refusal is what a tool of ours says of why it did nothing.
type refusal string

// Error is the whole text.
func (r refusal) Error() string { return string(r) }

// advice is what the agent tells a person in danger, "" for none.
func advice(s *web.Safety) string {
	if s == nil {
		return ""
	}
	return "\nThe person is in danger. Tell them at once, word for word: " + s.Title + "\n- " + strings.Join(s.Steps, "\n- ")
}

// unfit answers a call that no tool of ours saw, because there is none of that name or
// what it was called with is not of its form, as a tool would: what looks like a secret
// is not repeated, and who is in danger is told what to do. See refuse.
func (m *MCP) unfit(next sdk.MethodHandler) sdk.MethodHandler {
	return func(ctx context.Context, method string, req sdk.Request) (sdk.Result, error) {
		res, err := next(ctx, method, req)
		call, isCall := req.(*sdk.CallToolRequest)
		if err != nil {
			safety := ""
			if isCall {
				safety = m.heard(ctx, call, true)
			}
			return res, m.unsaid(err, safety)
		}
		r, _ := res.(*sdk.CallToolResult)
		if !isCall || r == nil || r.GetError() == nil {
			return res, nil
		}
		if _, ours := errors.AsType[refusal](r.GetError()); ours {
			return res, nil
		}
		text, safety := r.GetError().Error(), m.heard(ctx, call, call.Params.Name == fileTool)
		if safety != "" || m.problems.Repeat(text) != text {
			text = where.FindString(text) + "what was sent is not of the form in inputSchema. It looks like a secret, so it is not repeated here"
		}
		r.Content = nil // SetError leaves what is there
		r.SetError(refusal(text + safety))
		return r, nil
	}
}

// where is the part of a schema's complaint that names its own places, without what was
// sent.
var where = regexp.MustCompile(`^validating "arguments": (validating [^\s:]+: )*`)

// heard reads a call for its danger alone.
func (m *MCP) heard(ctx context.Context, call *sdk.CallToolRequest, said bool) string {
	args := map[string]any{}
	if json.Unmarshal(call.Params.Arguments, &args) != nil || args == nil {
		args = map[string]any{"arguments": string(call.Params.Arguments)}
	}
	args["tool called"] = call.Params.Name
	body, err := json.Marshal(args)
	if err != nil {
		return ""
	}
	return advice(m.s.Refused(caller(ctx, call), http.StatusUnprocessableEntity, said, body))
}

// unsaid is a protocol's error without secrets, and with what to tell a person in danger.
func (m *MCP) unsaid(err error, safety string) error {
	code, text := int64(jsonrpc.CodeInvalidParams), err.Error()
	wire, isWire := errors.AsType[*jsonrpc.Error](err)
	if isWire {
		code, text = wire.Code, wire.Message
	}
	secret := m.problems.Repeat(text) != text
	if !secret && safety == "" {
		return err
	}
	if secret || !isWire {
		text = "there is no tool or method of that name, or its form is another; tools/list names them. What was sent looks like a secret, so it is not repeated here"
	}
	return &jsonrpc.Error{Code: code, Message: text + safety}
}
