package models_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/heedhq/heed/models"
)

func TestIDsSortByCreationAndAreChecked(t *testing.T) {
	var ids []string
	for range 1000 {
		ids = append(ids, models.NewID("sug"))
	}
	if !slices.IsSorted(ids) {
		t.Error("ids do not sort by creation")
	}
	for id, want := range map[string]bool{ids[0]: true, "thm" + ids[0][3:]: false, "sug_": false, ids[0] + "0": false, "sug_zzzzzzzzzzzzzzzzzzzzzzzzzz": false, "": false} {
		if models.IsID("sug", id) != want {
			t.Errorf("IsID(%q) = %v", id, !want)
		}
	}
}

func TestTextReadsBothForms(t *testing.T) {
	for _, c := range []struct{ in, en, zh, out string }{
		{`"faster"`, "faster", "faster", `"faster"`},
		{`{"en":"faster","zh":"更快"}`, "faster", "更快", `{"en":"faster","zh":"更快"}`},
		{`{"zh":"更快"}`, "更快", "更快", `{"zh":"更快"}`},
		{`""`, "", "", `""`},
		{`{}`, "", "", `""`},
	} {
		var x models.Text
		if err := json.Unmarshal([]byte(c.in), &x); err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		en, _ := x.In("en")
		zh, _ := x.In("zh")
		if b, _ := json.Marshal(x); en != c.en || zh != c.zh || string(b) != c.out {
			t.Errorf("%s: en %q zh %q, again %s", c.in, en, zh, b)
		}
		v, _ := x.Value()
		var y models.Text
		if err := y.Scan(v); err != nil || y != x {
			t.Errorf("%s: stored and read: %+v %v", c.in, y, err)
		}
	}
	for _, bad := range []string{`{"fr":"vite"}`, `3`, `["a"]`} {
		if json.Unmarshal([]byte(bad), new(models.Text)) == nil {
			t.Errorf("%s was read as a text", bad)
		}
	}
	if !(models.Text{EN: "a"}).Lacks("zh") || (models.Text{Any: "a"}).Lacks("zh") || (models.Text{}).Lacks("zh") {
		t.Error("Lacks")
	}
}
