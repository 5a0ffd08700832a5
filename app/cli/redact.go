package cli

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/heedhq/heed/redact"
)

// redactCmd masks standard input as every door does, without a server.
type redactCmd struct {
	Rules bool `help:"List the rules instead: what each finds, and what must be right about it."`
	JSON  bool `help:"Print JSON."`
	Email bool `help:"Mask mail addresses, too."`
	Phone bool `help:"Mask phone numbers, too."`
}

// found is a finding as it is printed: no part of it but its end.
type found struct {
	Rule    string `json:"rule"`
	Start   int    `json:"start"`
	End     int    `json:"end"`
	Last3   string `json:"last3,omitempty"`
	Final   bool   `json:"final,omitempty"`
	Warning bool   `json:"warning,omitempty"`
}

// Run prints the masked text, and on the other stream what was found.
func (c *redactCmd) Run(e *env) error {
	if c.Rules {
		return c.list(e)
	}
	text, err := io.ReadAll(io.LimitReader(e.in, 16<<20))
	if err != nil {
		return err
	}
	r := redact.New(redact.Options{Email: c.Email, Phone: c.Phone})
	masked, hits := r.Mask(string(text))
	out := []found{}
	for _, f := range append(hits, r.Warn(masked)...) {
		out = append(out, found{f.Rule, f.Start, f.End, f.Last3, f.Final, f.Warning})
	}
	if c.JSON {
		return json.NewEncoder(e.out).Encode(map[string]any{"masked": masked, "findings": out})
	}
	fmt.Fprint(e.out, masked)
	for _, f := range out {
		word := "removed"
		if f.Warning {
			word = "looks like"
		}
		fmt.Fprintf(e.errs, "%s: %s\n", word, f.Rule)
	}
	return nil
}

func (c *redactCmd) list(e *env) error {
	rules := redact.Rules()
	if c.JSON {
		return json.NewEncoder(e.out).Encode(rules)
	}
	for _, r := range rules {
		final := ""
		if r.Final {
			final = " (never an example)"
		}
		fmt.Fprintf(e.out, "%-16s %s%s\n", r.Name, r.What, final)
	}
	return nil
}
