package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEvalPrintsTablesAndJSON(t *testing.T) {
	in := filepath.Join(t.TempDir(), "texts, all.jsonl") // a comma is no separator
	lines := `{"id":"1","text":"Please add a dark theme","theme":"dark"}
{"id":"2","text":"A dark theme, please","theme":"dark"}
{"id":"3","text":"A dark theme would be kind","theme":"dark"}
{"id":"4","text":"Where is my invoice?","theme":null}
`
	if err := os.WriteFile(in, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	e := &env{ctx: context.Background(), out: &out, errs: &errs, in: &bytes.Buffer{}}
	if code := run(e, []string{"eval", "falsemerge", "--in", in, "--in", in}); code != exitOK || strings.Count(out.String(), "| texts, all | 1 | 0 | 0 | .000 | 3 |") != 2 {
		t.Errorf("exit %d: %s%s", code, out.String(), errs.String())
	}
	for _, command := range [][]string{{"eval", "ablation", "--json", "--in", in}, {"eval", "learning", "--json", "--decisions", "0,2", "--in", in}} {
		out.Reset()
		if code := run(e, command); code != exitOK || !json.Valid(out.Bytes()) {
			t.Errorf("%v: exit %d: %s%s", command, code, out.String(), errs.String())
		}
	}
	out.Reset()
	if code := run(e, []string{"eval", "learning", "--decisions", "9", "--in", in}); code == exitOK || !strings.Contains(errs.String(), "decisions: [9] of 4 texts") {
		t.Errorf("exit %d: %s%s", code, out.String(), errs.String())
	}
}
