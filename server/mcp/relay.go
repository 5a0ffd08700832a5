package mcp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// RelayOptions say where the tools are and who asks.
type RelayOptions struct {
	URL    string // of the site, without /mcp
	Token  string
	Locale string // of errors, "" for English
}

// Relay offers the tools of a Heed elsewhere over in and out, until in ends: for
// clients that start a program of their own. Nothing but the protocol is written
// to out. The server's answers are handed on as they are.
func Relay(ctx context.Context, o RelayOptions, in io.ReadCloser, out io.WriteCloser) error {
	client := sdk.NewClient(&sdk.Implementation{Name: "heed-mcp", Version: "1"}, nil)
	far, err := client.Connect(ctx, &sdk.StreamableClientTransport{Endpoint: strings.TrimRight(o.URL, "/") + Path, DisableStandaloneSSE: true,
		HTTPClient: &http.Client{Timeout: time.Minute, Transport: bearer{o}}}, nil)
	if err != nil {
		return fmt.Errorf("connect to %s: %w", o.URL, reached(err))
	}
	defer far.Close()
	said := &sdk.ServerOptions{Capabilities: &sdk.ServerCapabilities{Tools: &sdk.ToolCapabilities{}}}
	if r := far.InitializeResult(); r != nil {
		said.Instructions = r.Instructions
	}
	near := sdk.NewServer(&sdk.Implementation{Name: "heed", Title: "Heed", Version: "1"}, said)
	for t, err := range far.Tools(ctx, nil) {
		if err != nil {
			return fmt.Errorf("list the tools of %s: %w", o.URL, reached(err))
		}
		near.AddTool(t, func(ctx context.Context, req *sdk.CallToolRequest) (*sdk.CallToolResult, error) {
			res, err := far.CallTool(ctx, &sdk.CallToolParams{Name: req.Params.Name, Arguments: req.Params.Arguments})
			if err != nil { // a tool's error, so that the model may say it or try again
				res = &sdk.CallToolResult{IsError: true, Content: []sdk.Content{&sdk.TextContent{Text: "Error: " + reached(err).Error()}}}
			}
			return res, nil
		})
	}
	err = near.Run(ctx, &sdk.IOTransport{Reader: in, Writer: out})
	if errors.Is(err, io.EOF) || errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// reached says what to do about the two things that go wrong most.
func reached(err error) error {
	if s := err.Error(); strings.Contains(s, "Unauthorized") || strings.Contains(s, "401") {
		return errors.New("the token is unknown, revoked or expired: make another at /settings/tokens and set HEED_TOKEN")
	}
	return err
}

// bearer adds to each request who asks.
type bearer struct{ o RelayOptions }

// RoundTrip sends a request with the token.
func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+b.o.Token)
	if b.o.Locale != "" {
		r.Header.Set("Accept-Language", b.o.Locale)
	}
	return http.DefaultTransport.RoundTrip(r)
}
