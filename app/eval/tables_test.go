package eval

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
)

// requests are n texts, in turn of each of several themes, in words of their own.
func requests(n int) []string {
	themes := []struct{ name, what string }{
		{"export", "export the board to a spreadsheet"}, {"dark", "a dark theme for the night"}, {"pin", "reset a forgotten PIN code"},
		{"invoice", "download last month's invoice"}, {"sync", "sync the calendar with the phone"}, {"upload", "upload photos larger than ten megabytes"},
		{"search", "search comments by their author"}, {"keyboard", "keyboard shortcuts for moving cards"},
	}
	ways := []string{"Please let me %s", "I would like to %s", "How do I %s?", "It should be possible to %s", "We need to %s every week", "There is no way to %s, sadly", "Customers ask us to %s", "Why can't we %s yet"}
	var out []string
	for i := range n {
		t := themes[i%len(themes)]
		out = append(out, fmt.Sprintf(`{"id":"t%d","text":%q,"lang":"en","theme":%q}`, i, fmt.Sprintf(ways[(i/len(themes)+i)%len(ways)], t.what), t.name))
	}
	return out
}

// figure is one of a table, by the names of its line and column.
func figure(t *testing.T, tb Table, line, column string) float64 {
	t.Helper()
	for _, l := range tb.Lines {
		if len(l.Figures) != len(tb.Columns) {
			t.Fatalf("%s: %d figures for %d columns", l.Name, len(l.Figures), len(tb.Columns))
		}
		for i, c := range tb.Columns {
			if l.Name == line && c.Name == column {
				return l.Figures[i]
			}
		}
	}
	t.Fatalf("no %q of %q", column, line)
	return 0
}

func TestAblationLeavesOutOneThingAtATime(t *testing.T) {
	ts, err := Ablation(context.Background(), Options{Progress: quiet}, []string{
		file(t, append(requests(48), `{"id":"none","text":"The weather in Lisbon is lovely","lang":"zh","theme":null}`)...),
		file(t, `{"id":"a","en":"Where is my wallet?","zh":"我的钱包在哪里？"}`, `{"id":"b","en":"The fee is too high.","zh":"手续费太高了。"}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(ts) != 2 {
		t.Fatalf("%d tables", len(ts))
	}
	themes, languages := ts[0], ts[1]
	if all := figure(t, themes, "everything", "right theme first"); all != 1 {
		t.Errorf("with everything %.2f have their theme first", all)
	}
	if n := figure(t, themes, "everything", "of no theme, would join unasked"); n != 0 {
		t.Errorf("%v of no theme would join", n)
	}
	for _, l := range themes.Lines {
		if first := figure(t, themes, l.Name, "right theme first"); !(first > .5) {
			t.Errorf("%s: %.2f", l.Name, first)
		}
	}
	if p := figure(t, themes, "neither vote nor acceptance", "at the threshold: recall"); !math.IsNaN(p) {
		t.Errorf("a score on another scale is held against the threshold: %v", p)
	}
	if r := figure(t, languages, "everything", "English → Chinese: right text first"); r != 1 {
		t.Errorf("across languages: %v", r)
	}
	if r := figure(t, languages, "no vectors of meaning", "English → Chinese: right text first"); r == 1 {
		t.Error("without vectors and with it is the same: nothing was left out")
	}
}

func TestLearningCountsFromTheFirstDecision(t *testing.T) {
	tb, err := Learning(context.Background(), Options{Progress: quiet}, file(t, requests(64)...), []int{24, 0})
	if err != nil {
		t.Fatal(err)
	}
	if len(tb.Lines) != 2 {
		t.Fatalf("lines: %v", tb.Lines)
	}
	if n := figure(t, tb, "0", "themes known"); n != 0 {
		t.Errorf("%v themes before any text came", n)
	}
	if first := figure(t, tb, "0", "right theme first, before learning"); !math.IsNaN(first) {
		t.Errorf("of no themes %v are right", first)
	}
	if n := figure(t, tb, "24", "themes known"); n != 8 {
		t.Errorf("%v themes after 24 decisions", n)
	}
	if first := figure(t, tb, "24", "right theme first, after learning"); first < .9 {
		t.Errorf("right theme first: %v", first)
	}
	if r := figure(t, tb, "24", "joins unasked: recall"); r != 0 {
		t.Errorf("%v join unasked after 24 decisions", r)
	}
}

func TestLearningNeedsTextsToAskAbout(t *testing.T) {
	for _, points := range [][]int{nil, {-1}, {16}, {0, 99}} {
		if _, err := Learning(context.Background(), Options{Progress: quiet}, file(t, requests(16)...), points); err == nil || !strings.Contains(err.Error(), "decisions") {
			t.Errorf("%v: %v", points, err)
		}
	}
}

func TestFalseMergesAreCounted(t *testing.T) {
	stray := `{"id":"stray","text":"Please let me export the board to a spreadsheet","theme":null}`
	in := file(t, append(requests(48), stray, `{"id":"none","text":"The weather in Lisbon is lovely","theme":null}`, `{"id":"alone","text":"Refund my train ticket","theme":"ticket"}`)...)
	tb, err := FalseMerge(context.Background(), Options{Progress: quiet}, []string{in})
	if err != nil {
		t.Fatal(err)
	}
	line := tb.Lines[0].Name
	if n := figure(t, tb, line, "texts of no theme"); n != 3 { // who is alone in a theme has nothing to join
		t.Errorf("%v texts of no theme", n)
	}
	if n := figure(t, tb, line, "score ≥ threshold"); n != 1 {
		t.Errorf("%v of no theme at the threshold: it is stray that says what a theme says", n)
	}
	if n := figure(t, tb, line, "of these wrongly"); n != 0 {
		t.Errorf("%v join another's", n)
	}
}

func TestFitTellsThemesApart(t *testing.T) {
	f, err := Fit(context.Background(), Options{Progress: quiet}, []string{file(t, append(requests(64), `{"id":"none","text":"The weather in Lisbon is lovely","theme":null}`)...)})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"byMeaning", "byWords"} {
		l, ok := f.By[name]
		if s := l.Go(); !ok || !strings.HasPrefix(s, "logistic{bias: ") || strings.Contains(s, "NaN") {
			t.Errorf("%s: %s", name, s)
		}
	}
	for j, c := range f.By["byMeaning"].Coef {
		if out := j == 2 || j == 7; out != (c == 0) { // as in the coefficients in use
			t.Errorf("feature %d weighs %v", j, c)
		}
	}
	for _, l := range f.Table.Lines {
		if loss := figure(t, f.Table, l.Name, "log-loss"); !(loss < math.Ln2) {
			t.Errorf("%s: log-loss %v is no better than a coin", l.Name, loss)
		}
	}
}

func TestFitSaysWhenThereIsTooLittle(t *testing.T) {
	_, err := Fit(context.Background(), Options{Progress: quiet}, []string{file(t, `{"id":"a","text":"x","theme":null}`)})
	if err == nil || !strings.Contains(err.Error(), "several themes") {
		t.Error(err)
	}
}

func TestLogisticFindsWhatMadeTheAnswers(t *testing.T) {
	var rows [][]float64
	var right []bool
	for i := range 4000 { // one feature decides, the other is noise
		x, noise := float64(i%40)/10-2, float64(i*7919%97)/97
		p := 1 / (1 + math.Exp(-(.5 + 2*x)))
		rows, right = append(rows, []float64{x, noise, 1}), append(right, float64(i/40)/100 < p)
	}
	l := fitLogistic(rows, right, nil)
	if math.Abs(l.Coef[0]-2) > .1 || math.Abs(l.Coef[1]) > .2 || math.Abs(l.Bias-.5) > .2 || math.Abs(l.Coef[2]) > 1e-9 {
		t.Errorf("%v", l)
	}
	if l := fitLogistic(rows, right, []int{0}); l.Coef[0] != 0 {
		t.Errorf("what stays out weighs: %v", l)
	}
}

func TestPairsLearnFromTheFirstDecisionsOnly(t *testing.T) {
	var decided []string
	for i := range 300 {
		decided = append(decided, fmt.Sprintf(`{"id":"d%d","a":"pay %d coins","b":"pay %d coins now","label":%d}`, i, i, i+i%2, 1-i%2))
	}
	in, learn := file(t, `{"id":"p","a":"pay 5 coins","b":"pay 6 coins now"}`), file(t, decided...)
	score := func(first int) float64 {
		return answers(t, Pairs, Options{In: in, Learn: learn, First: first})[0]["score"].(float64)
	}
	if few, none := score(20), answers(t, Pairs, Options{In: in})[0]["score"].(float64); math.Abs(few-none) > .3 {
		t.Errorf("%.3f after 20 decisions, %.3f before: from so few nothing is learned", few, none)
	}
	if all, same := score(0), score(300); all != same {
		t.Errorf("%.3f by all, %.3f by the first 300 of 300", all, same)
	}
}

func TestTypoIsOneSlip(t *testing.T) {
	for _, s := range []string{"Please export it", "the invoice is missing", "I forgot my PIN-code and password"} {
		with, ok := typo(s)
		again, _ := typo(s)
		if !ok || with != again || len(with) < len(s)-1 || len(with) > len(s)+1 || len(strings.Fields(with)) != len(strings.Fields(s)) {
			t.Errorf("%q becomes %q, %q", s, with, again)
		}
	}
	for _, s := range []string{"", "a b", "希望增加深色模式", "v1.2.3 10000"} {
		if with, ok := typo(s); ok || with != s {
			t.Errorf("%q becomes %q", s, with)
		}
	}
}

func TestTablesAreMarkdownAndJSON(t *testing.T) {
	tb := Table{Measurement: "m", Of: "set", Columns: append(counts("n"), shares("share", "gone")...)}
	tb.add("x", 3, .25, none())
	var b bytes.Buffer
	if err := tb.Print(&b); err != nil || !strings.Contains(b.String(), "| x | 3 | .250 | – |") {
		t.Errorf("%v\n%s", err, &b)
	}
	j, err := json.Marshal(tb)
	if err != nil || !strings.Contains(string(j), `"figures":[3,0.25,null]`) {
		t.Errorf("%v %s", err, j)
	}
}

func TestLearningFromPairs(t *testing.T) {
	var decided []string
	for i := range 400 { // here the amount decides, however alike the words
		label, amount := i%2, []int{9, 5}[i%2]
		decided = append(decided, fmt.Sprintf(`{"id":"d%d","a":"transfer of 5 coins to shop %d failed","b":"transfer of %d coins to shop %d failed","label":%d}`, i, i, amount, i+1000, label))
	}
	in := file(t, decided...)
	tb, err := Learning(context.Background(), Options{Progress: quiet}, in, []int{0, 320})
	if err != nil {
		t.Fatal(err)
	}
	if before, after := figure(t, tb, "0", "Spearman"), figure(t, tb, "320", "Spearman"); after < before || after < .8 {
		t.Errorf("Spearman %.2f before, %.2f after", before, after)
	}
	if _, err := Learning(context.Background(), Options{Progress: quiet}, in, []int{321}); err == nil {
		t.Error("learned from what is asked")
	}
}

func TestSpearman(t *testing.T) {
	for _, c := range []struct {
		a, b []float64
		want float64
	}{
		{[]float64{1, 2, 3}, []float64{10, 20, 90}, 1},
		{[]float64{1, 2, 3}, []float64{3, 2, 1}, -1},
		{[]float64{1, 2, 3, 4}, []float64{0, 1, 0, 1}, .4472},
		{[]float64{1, 1, 2, 2}, []float64{0, 1, 0, 1}, 0},
	} {
		if got := spearman(c.a, c.b); math.Abs(got-c.want) > 1e-4 {
			t.Errorf("%v %v: %.4f", c.a, c.b, got)
		}
	}
}
