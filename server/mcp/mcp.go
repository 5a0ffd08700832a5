package mcp

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
	tokens "github.com/modelcontextprotocol/go-sdk/auth"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/api"
	"github.com/heedhq/heed/server/web"
)

// Path is where the tools are.
const Path = "/mcp"

// instructions are what a client is told once.
const instructions = "Heed collects what users want of a product. File what a person asks for with file_suggestion: their own words in quote, yours in summary, several asks as several entries of asks. Look first with find_similar. You propose (propose_assignment, propose_status, draft_follow_up); people of the team decide, and only they tell users anything. Send an idempotency_key with every write and the same one when you repeat it. " + notice

// MCP holds what its tools need.
type MCP struct {
	s        api.Services
	problems web.Problems
	server   *sdk.Server
}

// Mount adds the tools to an echo that has found out who asks.
func Mount(e *echo.Echo, s api.Services) *MCP {
	m := &MCP{s: s, problems: web.Problems{Catalog: s.Catalog, Unsaid: s.Intake.Unsaid}}
	m.server = sdk.NewServer(&sdk.Implementation{Name: "heed", Title: "Heed", Version: "1"},
		&sdk.ServerOptions{Instructions: instructions, Capabilities: &sdk.ServerCapabilities{Tools: &sdk.ToolCapabilities{}}})
	m.server.AddReceivingMiddleware(noNulls, m.unfit)
	m.reading()
	m.writing()
	m.proposing()
	handler := sdk.NewStreamableHTTPHandler(func(*http.Request) *sdk.Server { return m.server }, &sdk.StreamableHTTPOptions{
		Stateless: true, JSONResponse: true, MaxRequestBodyBytes: 2 << 20, PropagateRequestCancellation: true,
		// A proxy on this machine names the site's host. Who has no token is nobody here,
		// and a browser that was led here has none.
		DisableLocalhostProtection: true,
	})
	known := tokens.RequireBearerToken(func(ctx context.Context, _ string, _ *http.Request) (*tokens.TokenInfo, error) {
		a := web.Actor(ctx)
		if a.TokenID == "" {
			return nil, tokens.ErrInvalidToken
		}
		return &tokens.TokenInfo{UserID: a.TokenID, Extra: map[string]any{callerKey: ctx}}, nil
	}, &tokens.RequireBearerTokenOptions{AllowMissingExpiration: true})
	e.Any(Path, func(c echo.Context) error {
		if web.Actor(c.Request().Context()).TokenID == "" { // also a member's browser: its cookie is not meant for programs
			return models.Fail(models.Unauthenticated, "token_required")
		}
		known(handler).ServeHTTP(c.Response(), c.Request())
		return nil
	})
	return m
}

// callerKey names in a token's info the context of its request: who asks, in
// which language, under which id.
const callerKey = "heed.context"

func caller(ctx context.Context, req *sdk.CallToolRequest) context.Context {
	if req.Extra == nil || req.Extra.TokenInfo == nil {
		return web.WithActor(ctx, auth.Anonymous())
	}
	from, _ := req.Extra.TokenInfo.Extra[callerKey].(context.Context)
	if from == nil {
		return web.WithActor(ctx, auth.Anonymous())
	}
	ctx = web.WithActor(ctx, web.Actor(from))
	return web.WithRequestID(web.WithLocale(ctx, web.Locale(from)), web.RequestID(from))
}

// answer is what a tool says: a sentence of our own, and its data.
type answer[O any] struct {
	said string
	out  O
}

// enums lists what a field of a tool's input may be.
type enums map[string][]any

func tool[I, O any](m *MCP, t *sdk.Tool, allowed enums, run func(context.Context, auth.Actor, I) (answer[O], bool, error)) {
	in := schemaOf[I]()
	for field, values := range allowed {
		in.Properties[field].Enum = values
	}
	t.InputSchema, t.OutputSchema = in, schemaOf[O]()
	sdk.AddTool(m.server, t, func(ctx context.Context, req *sdk.CallToolRequest, input I) (*sdk.CallToolResult, O, error) {
		ctx = caller(ctx, req)
		var none O
		if web.HasNUL(req.Params.Arguments) {
			return nil, none, m.refuse(ctx, models.BadField("", "nul_character"), false, nil)
		}
		a, again, err := run(ctx, web.Actor(ctx), input)
		if err != nil {
			return nil, none, m.refuse(ctx, err, t.Name == fileTool, req.Params.Arguments)
		}
		data, err := fence(a.out)
		if err != nil {
			return nil, none, m.refuse(ctx, err, false, nil)
		}
		res := &sdk.CallToolResult{Content: []sdk.Content{&sdk.TextContent{Text: a.said}, &sdk.TextContent{Text: data}}}
		if again {
			res.Meta = sdk.Meta{"heed/replayed": true}
		}
		return res, a.out, nil
	})
}

// read adds a tool that changes nothing.
func read[I, O any](m *MCP, name, title, description string, allowed enums, run func(context.Context, auth.Actor, I) (answer[O], error)) {
	no := false
	t := &sdk.Tool{Name: name, Title: title, Description: description, Annotations: &sdk.ToolAnnotations{Title: title, ReadOnlyHint: true, IdempotentHint: true, DestructiveHint: &no, OpenWorldHint: &no}}
	tool(m, t, allowed, func(ctx context.Context, a auth.Actor, in I) (answer[O], bool, error) {
		out, err := run(ctx, a, in)
		return out, false, err
	})
}

// keyed is an input with an idempotency key.
type keyed interface{ key() string }

// Keyed is the part of an input that makes a write safe to repeat.
type Keyed struct {
	IdempotencyKey string `json:"idempotency_key,omitempty" jsonschema:"Any text of up to 200 characters, a fresh one for each thing you do. Send the same one when you repeat a call: within 24 hours it gets the same answer and does nothing twice"`
}

func (k Keyed) key() string { return k.IdempotencyKey }

// write adds a tool that stores something, once for each key. before is outside of
// the transaction: what takes time and stores nothing.
func write[I keyed, O any](m *MCP, name, title, description string, allowed enums, before func(context.Context, auth.Actor, *I) error, run func(context.Context, auth.Actor, *I) (answer[O], error)) {
	no := false
	t := &sdk.Tool{Name: name, Title: title, Description: description, Annotations: &sdk.ToolAnnotations{Title: title, IdempotentHint: true, DestructiveHint: &no, OpenWorldHint: &no}}
	type stored struct {
		Said string `json:"said"`
		Out  O      `json:"out"`
	}
	tool(m, t, allowed, func(ctx context.Context, a auth.Actor, in I) (ans answer[O], again bool, err error) {
		asked, err := json.Marshal(in)
		if err != nil {
			return ans, false, err
		}
		w := intake.Work{Do: func(ctx context.Context) (intake.Answer, error) {
			var err error
			if ans, err = run(ctx, a, &in); err != nil {
				return intake.Answer{}, err
			}
			b, err := json.Marshal(stored{ans.said, ans.out})
			return intake.Answer{Status: http.StatusOK, Body: string(b)}, err
		}}
		if before != nil {
			w.Before = func(ctx context.Context) error { return before(ctx, a, &in) }
		}
		once := m.s.Intake.Once
		if p, ok := any(&in).(interface{ apart() bool }); ok && p.apart() {
			once = m.s.Intake.OnceApart
		}
		was, again, err := once(ctx, a, in.key(), append([]byte("mcp "+name+"\n"), asked...), w)
		if err != nil || !again {
			return ans, false, err
		}
		var s stored
		err = json.Unmarshal([]byte(was.Body), &s)
		return answer[O]{s.Said, s.Out}, true, err
	})
}

// refuse is an error as a model reads it: its code, the field, the way out, in
// English and in the caller's language, and when to try again. The SDK makes a
// tool's error of it.
//
// Where what was asked tells of danger, it says what the person should do now, too; said:
// it was somebody's words, which are then kept. See api.Services.Refused.
func (m *MCP) refuse(ctx context.Context, err error, said bool, asked []byte) error {
	p := m.problems.From(web.WithLocale(ctx, i18n.EN), err)
	var b strings.Builder
	b.WriteString("Error " + p.Code)
	for _, f := range p.Errors {
		b.WriteString(" in " + strings.TrimPrefix(f.Pointer, "#/"))
	}
	b.WriteString(": " + p.Detail)
	if l := web.Locale(ctx); l != i18n.EN {
		if _, ok := asError(err); ok {
			b.WriteString("\n" + m.problems.From(ctx, err).Detail)
		}
	}
	if after := p.GetHeaders().Get("Retry-After"); after != "" {
		b.WriteString("\nTry again in " + after + " seconds, not before.")
	}
	b.WriteString(advice(m.s.Refused(ctx, p.Status, said, asked)))
	if p.Status >= http.StatusInternalServerError {
		slog.Warn("tool failed", "request_id", web.RequestID(ctx), "code", p.Code)
	}
	return refusal(b.String())
}
