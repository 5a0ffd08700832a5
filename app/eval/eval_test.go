package eval

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func quiet(string) func(done, total int) { return func(_, _ int) {} }

// file writes lines into a file of the test's own.
func file(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "in.jsonl")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// answers runs a measurement and reads what it wrote.
func answers(t *testing.T, f func(context.Context, Options) error, o Options) []map[string]any {
	t.Helper()
	o.Out, o.Progress = filepath.Join(t.TempDir(), "out.jsonl"), quiet
	if err := f(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	lines, err := read[map[string]any](o.Out)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// themed are texts of three themes, in other words each, and one of none.
func themed() []string {
	var out []string
	for theme, texts := range map[string][]string{
		"export": {"Exporting a large board takes minutes", "The export of big boards is far too slow", "导出大看板非常慢"},
		"dark":   {"Please add a dark theme", "A night mode would be kinder to my eyes", "希望增加深色模式"},
		"pin":    {"I forgot my PIN code", "How can I reset my PIN?", "忘记了 PIN 码怎么重置"},
	} {
		for i, s := range texts {
			out = append(out, fmt.Sprintf(`{"id":%q,"text":%q,"theme":%q}`, fmt.Sprint(theme, i), s, theme))
		}
	}
	return append(out, `{"id":"none","text":"The weather in Lisbon is lovely","theme":null}`)
}

func TestRetrievalPutsTheThemeFirst(t *testing.T) {
	right, n := 0, 0
	for _, a := range answers(t, Retrieval, Options{In: file(t, themed()...)}) {
		query := a["query"].(string)
		list := a["ranked"].([]any)
		for _, r := range list {
			if r.([]any)[0] == query {
				t.Errorf("%s ranks itself", query)
			}
		}
		if query == "none" {
			continue
		}
		if n++; len(list) > 0 && strings.TrimRight(list[0].([]any)[0].(string), "012") == strings.TrimRight(query, "012") {
			right++
		}
	}
	if n != 9 || right < 8 {
		t.Errorf("%d of %d have their theme first", right, n)
	}
}

func TestAssignIsSureOfWhatBelongsAndAttachesLittle(t *testing.T) {
	for _, a := range answers(t, Assign, Options{In: file(t, themed()...)}) {
		score := a["score"].(float64)
		if score < 0 || score > 1 {
			t.Errorf("score %v", a)
		}
		if a["id"] == "none" && (score > .5 || a["attach"] == true) {
			t.Errorf("a text of no theme: %v", a)
		}
	}
}

func TestLanguagesFindEachOther(t *testing.T) {
	in := file(t, `{"id":"a","en":"Where is my wallet?","zh":"我的钱包在哪里？"}`, `{"id":"b","en":"The fee is too high.","zh":"手续费太高了。"}`, `{"id":"c","en":"I like music.","zh":"我喜欢音乐。"}`)
	lines := answers(t, Languages, Options{In: in})
	if len(lines) != 6 {
		t.Fatalf("%d lines", len(lines))
	}
	for _, a := range lines {
		query, best := a["query"].(string), a["ranked"].([]any)[0].([]any)[0].(string)
		if query[:1] != best[:1] || query == best {
			t.Errorf("%s finds %s", query, best)
		}
	}
}

func TestPairsLearnFromDecisions(t *testing.T) {
	var decisions []string
	for i := range 300 { // here the amount decides, however alike the words
		label := i % 2
		b := "transfer of 5 coins to shop %d failed"
		if label == 0 {
			b = "transfer of 9 coins to shop %d failed"
		}
		decisions = append(decisions, fmt.Sprintf(`{"id":"d%d","a":"transfer of 5 coins to shop %d failed","b":%q,"label":%d}`, i, i, fmt.Sprintf(b, i+1000), label))
	}
	in := file(t, `{"id":"same","a":"transfer of 5 coins to shop 7 failed","b":"transfer of 5 coins to shop 8 failed"}`, `{"id":"other","a":"transfer of 5 coins to shop 7 failed","b":"transfer of 9 coins to shop 8 failed"}`)
	gap := func(o Options) float64 {
		by := map[string]float64{}
		for _, a := range answers(t, Pairs, o) {
			by[a["id"].(string)] = a["score"].(float64)
		}
		return by["same"] - by["other"]
	}
	before, after := gap(Options{In: in}), gap(Options{In: in, Learn: file(t, decisions...)})
	if after < before+.08 {
		t.Errorf("same less other: %.2f before, %.2f after 300 decisions", before, after)
	}
}

func TestStreamGoesThroughTheDoor(t *testing.T) {
	in := file(t,
		`{"id":"1","text":"Exporting a large board takes minutes","theme":"a"}`,
		`{"id":"2","text":"Please add a dark theme","theme":"b"}`,
		`{"id":"3","text":"exporting a large board takes minutes!","theme":"a"}`,
	)
	by := map[string]map[string]any{}
	for _, a := range answers(t, Stream, Options{In: in}) {
		by[a["id"].(string)] = a
	}
	if len(by) != 3 || by["1"]["cluster"] != by["3"]["cluster"] || by["1"]["cluster"] == by["2"]["cluster"] {
		t.Errorf("%v", by)
	}
	if by["1"]["action"] != "new" || by["3"]["action"] != "attach" {
		t.Errorf("actions: %v", by)
	}
}

func TestWhatCannotBeReadIsNamed(t *testing.T) {
	for name, in := range map[string]string{"line 2": file(t, `{"id":"a","text":"x"}`, `{"id":`), "no lines": file(t), "no such file": filepath.Join(t.TempDir(), "gone")} {
		err := Assign(context.Background(), Options{In: in, Out: filepath.Join(t.TempDir(), "out"), Progress: quiet})
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestScoresAreWrittenAsPairs(t *testing.T) {
	b, err := json.Marshal(ranked{"x", .5})
	if err != nil || string(b) != `["x",0.5]` {
		t.Errorf("%s %v", b, err)
	}
}
