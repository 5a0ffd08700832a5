//go:build unix

package githubstand

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// duplicates are the issues closed as one, by id. emulate closes them as completed.
// The proxy's lock guards them.
type duplicates map[int64]bool

// learn takes note of an edit that was carried out.
func (d duplicates) learn(method string, sent, answered []byte) {
	var in struct {
		State  string
		Reason string `json:"state_reason"`
	}
	var issue struct{ ID int64 }
	if method != http.MethodPatch || json.Unmarshal(sent, &in) != nil || json.Unmarshal(answered, &issue) != nil {
		return
	}
	switch {
	case in.State == "closed" && in.Reason == "duplicate":
		d[issue.ID] = true
	case in.State == "open" || in.State == "closed" && in.Reason != "":
		delete(d, issue.ID)
	}
}

// show gives an answer, or a payload, with the reason where it belongs.
func (d duplicates) show(body []byte) []byte {
	var v any
	numbers := json.NewDecoder(bytes.NewReader(body))
	numbers.UseNumber()
	if len(d) == 0 || numbers.Decode(&v) != nil {
		return body
	}
	d.mark(v)
	out, err := json.Marshal(v)
	if err != nil {
		return body // it was JSON a moment ago
	}
	return out
}

func (d duplicates) mark(v any) {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			d.mark(x)
		}
	case map[string]any:
		id, _ := v["id"].(json.Number)
		n, _ := id.Int64() // no number is nobody's id
		if _, issue := v["state_reason"]; issue && d[n] && v["state"] == "closed" {
			v["state_reason"] = "duplicate"
		}
		for _, x := range v {
			d.mark(x)
		}
	}
}
