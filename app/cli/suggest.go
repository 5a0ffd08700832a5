package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

type suggestCmd struct {
	Text    string   `arg:"" optional:"" help:"What the person said; - or nothing reads standard input."`
	Title   string   `help:"A title."`
	Person  string   `help:"The person's e-mail address."`
	Locale  string   `help:"The person's language: en or zh."`
	Kind    string   `help:"suggestion, problem or question."`
	Source  string   `help:"Where it came from; default cli." default:"cli"`
	Version string   `help:"The version it is about."`
	Example []string `help:"Keep what was removed at an earlier try, named as rule:end; it is only an example." placeholder:"RULE:END"`
	JSON    bool     `help:"Print the answer as JSON."`
}

// filed is the part of the answer that is printed.
type filed struct {
	ID, Receipt, Action string
	Theme               *struct{ ID, Title, Status string }
	Candidates          []struct {
		Theme, Title, Status string
		Reasons              []struct{ Text string }
	}
	Redactions, Warnings []struct{ Rule, Field, Last3 string }
	Safety               *struct {
		Title string
		Steps []string
	}
}

// Run files through REST.
func (c *suggestCmd) Run(e *env) error {
	base, token, err := remote()
	if err != nil {
		return err
	}
	text, err := c.read(e)
	if err != nil {
		return err
	}
	body := map[string]any{"text": text, "source": c.Source}
	for k, v := range map[string]string{"title": c.Title, "kind": c.Kind, "version": c.Version} {
		if v != "" {
			body[k] = v
		}
	}
	if len(c.Example) > 0 {
		body["examples"] = c.Example
	}
	if c.Person != "" {
		person := map[string]any{"email": c.Person}
		if c.Locale != "" {
			person["locale"] = c.Locale
		}
		body["person"] = person
	} else if c.Locale != "" {
		body["lang"] = c.Locale
	}
	raw, err := e.post(base+"/api/v1/suggestions", token, body)
	if err != nil {
		return err
	}
	if c.JSON {
		_, err := fmt.Fprintln(e.out, string(raw))
		return err
	}
	return e.tell(raw)
}

func (c *suggestCmd) read(e *env) (string, error) {
	if c.Text != "" && c.Text != "-" {
		return c.Text, nil
	}
	if f, ok := e.in.(*os.File); ok && c.Text == "" && term.IsTerminal(int(f.Fd())) {
		fmt.Fprintln(e.errs, "What did the person say? End with Ctrl-D.")
	}
	b, err := io.ReadAll(io.LimitReader(e.in, 1<<20))
	return string(b), err
}

func (e *env) post(url, token string, body any) ([]byte, error) {
	b, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(e.ctx, http.MethodPost, url, bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := (&http.Client{Timeout: 30 * time.Second}).Do(req)
	if err != nil {
		return nil, fmt.Errorf("cannot reach Heed: %w", err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, 4<<20))
	if err != nil {
		return nil, err
	}
	if res.StatusCode >= 300 {
		var p struct{ Detail, Code string }
		if json.Unmarshal(raw, &p) == nil && p.Code != "" {
			return nil, fmt.Errorf("%s (%s)", p.Detail, p.Code)
		}
		return nil, fmt.Errorf("the server answered %s", res.Status)
	}
	return raw, nil
}

func (e *env) tell(raw []byte) error {
	var f filed
	if err := json.Unmarshal(raw, &f); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	fmt.Fprintf(e.out, "Filed as %s (receipt %s)\n", f.ID, f.Receipt)
	switch {
	case f.Safety != nil:
		fmt.Fprintln(e.out, "EMERGENCY: the team has been alerted. Tell the person at once:")
		fmt.Fprintln(e.out, f.Safety.Title)
		for i, s := range f.Safety.Steps {
			fmt.Fprintf(e.out, "  %d. %s\n", i+1, s)
		}
	case f.Action == "attached":
		fmt.Fprintf(e.out, "It joined “%s” (%s), %s\n", f.Theme.Title, f.Theme.Status, f.Theme.ID)
	case f.Theme != nil:
		fmt.Fprintf(e.out, "Nothing like it was there: a candidate was made, %s\n", f.Theme.ID)
	default:
		fmt.Fprintln(e.out, "It waits in the inbox; likely themes:")
	}
	for _, c := range f.Candidates {
		var why []string
		for _, r := range c.Reasons {
			why = append(why, r.Text)
		}
		fmt.Fprintf(e.out, "  %s  %s (%s)  %s\n", c.Theme, c.Title, c.Status, strings.Join(why, "; "))
	}
	for _, r := range f.Redactions {
		fmt.Fprintf(e.out, "Removed before storing: %s in %s; an example? Repeat with --example %s:%s\n", r.Rule, r.Field, r.Rule, r.Last3)
	}
	for _, r := range f.Warnings {
		fmt.Fprintf(e.out, "Looks like a %s with a mistake, and was kept: %s\n", r.Rule, r.Field)
	}
	return nil
}
