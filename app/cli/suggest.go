package cli

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
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
	Person  string   `help:"The person's e-mail address, or CHANNEL:ID of a handle such as telegram:@mei."`
	Locale  string   `help:"The person's language: en or zh." enum:",en,zh" default:""`
	Kind    string   `help:"suggestion, problem or question; told from the text when missing." enum:",suggestion,problem,question,complaint" default:""`
	Summary string   `help:"Your own words, apart from the person's."`
	Source  string   `help:"Where it came from." default:"cli"`
	ID      string   `name:"external-id" help:"Its id there: with the source, nothing is filed twice."`
	Key     string   `name:"idempotency-key" help:"Any text: within 24 hours the same key files nothing twice. One is made up when missing, for this call's own retry."`
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
	Safety               *advice
}

// advice is what a person in danger should do.
type advice struct {
	Title string
	Steps []string
}

func (a *advice) print(w io.Writer) {
	fmt.Fprintln(w, a.Title)
	for i, s := range a.Steps {
		fmt.Fprintf(w, "  %d. %s\n", i+1, s)
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
	for k, v := range map[string]string{"title": c.Title, "kind": c.Kind, "version": c.Version, "summary": c.Summary, "external_id": c.ID} {
		if v != "" {
			body[k] = v
		}
	}
	if len(c.Example) > 0 {
		body["examples"] = c.Example
	}
	if c.Person != "" {
		person := map[string]any{"email": c.Person}
		if channel, id, ok := strings.Cut(c.Person, ":"); ok {
			person = map[string]any{"handle": map[string]any{"channel": channel, "id": id}}
		}
		if c.Locale != "" {
			person["locale"] = c.Locale
		}
		body["person"] = person
	} else if c.Locale != "" {
		body["lang"] = c.Locale
	}
	if c.Key == "" {
		c.Key = "cli-" + rand.Text()
	}
	raw, err := e.post(base+"/api/v1/suggestions", token, c.Key, body)
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

// unreached is a request of which nobody knows whether it arrived.
type unreached struct{ error }

// post sends a JSON body; one that may not have arrived is sent once more, with
// the same key, so that nothing is stored twice.
func (e *env) post(url, token, key string, body any) ([]byte, error) {
	b, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	raw, err := e.send(url, token, key, b)
	if _, ok := errors.AsType[unreached](err); ok && e.ctx.Err() == nil {
		raw, err = e.send(url, token, key, b)
	}
	return raw, err
}

func (e *env) send(url, token, key string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(e.ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Idempotency-Key", key)
	if l := languageOf(os.Getenv); l != "" {
		req.Header.Set("Accept-Language", l)
	}
	res, err := (&http.Client{Timeout: 30 * time.Second}).Do(req)
	if err != nil {
		return nil, unreached{fmt.Errorf("cannot reach Heed: %w", err)}
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, 4<<20))
	if err != nil {
		return nil, unreached{fmt.Errorf("the answer broke off: %w", err)}
	}
	if res.StatusCode < 300 {
		return raw, nil
	}
	var p struct {
		Detail, Code string
		Errors       []struct{ Pointer string }
		Safety       *advice
	}
	if json.Unmarshal(raw, &p) != nil || p.Code == "" {
		return nil, fmt.Errorf("the server answered %s", res.Status)
	}
	if p.Safety != nil {
		fmt.Fprintln(e.errs, "Nothing was filed as it is, but its person is in danger. Tell them at once:")
		p.Safety.print(e.errs)
	}
	where := ""
	for _, f := range p.Errors {
		where += " " + f.Pointer
	}
	if after := res.Header.Get("Retry-After"); after != "" {
		where += ", try again in " + after + " s"
	}
	return nil, fmt.Errorf("%s (%s%s)", p.Detail, p.Code, where)
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
		f.Safety.print(e.out)
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
