package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
)

// A wrong flag is named, with what it may be, before anything is made.
func TestBenchRefusesWrongFlags(t *testing.T) {
	for args, says := range map[string]string{
		"bench similar --filled":              "--filled needs --url",
		"bench similar --queries 0":           "--queries must be 1 or more",
		"bench similar --adding=-1":           "--adding must be 0 or more",
		"bench ingest --items=-1":             "--items must be 0 or more",
		"bench ingest --clients 0":            "--clients must be from 1",
		"bench ingest --clients 1000000":      "--clients must be from 1",
		"bench ingest --posts 0":              "--posts must be 1 or more",
		"bench ingest --url http://127.0.0.1": "--url must be sqlite:PATH or postgres://",
		"bench similar --filled --url x.db":   "--url must be sqlite:PATH or postgres://",
		"bench ingest --clients many":         "--clients",
	} {
		var out, errs bytes.Buffer
		e := &env{ctx: context.Background(), out: &out, errs: &errs, in: &bytes.Buffer{}}
		if code := run(e, strings.Fields(args)); code != exitUsage || !strings.Contains(errs.String(), says) || out.Len() > 0 {
			t.Errorf("heed %s: exit %d, %q %q", args, code, errs.String(), out.String())
		}
	}
}

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
