package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
)

func TestBenchPrintsJSONAndNothingElse(t *testing.T) {
	var out, errs bytes.Buffer
	e := &env{ctx: context.Background(), out: &out, errs: &errs, in: &bytes.Buffer{}}
	if code := run(e, []string{"bench", "similar", "--items", "60", "--queries", "20", "--json"}); code != exitOK {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	var r struct {
		Bench, Texts string
		Items        int
		ByStatus     map[string]int `json:"by_status"`
	}
	if err := json.Unmarshal(out.Bytes(), &r); err != nil || r.Bench != "similar" || r.Texts != "generated" || r.Items != 60 || r.ByStatus["200"] != 20 {
		t.Errorf("%v: %s", err, out.String())
	}
	if errs.Len() > 0 {
		t.Errorf("said on a file: %s", errs.String())
	}
}
