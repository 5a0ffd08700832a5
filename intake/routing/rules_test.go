package routing_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/heedhq/heed/intake/routing"
	"github.com/heedhq/heed/models"
)

func ruleOf(n int, c models.RuleIf, t models.RuleThen) models.RoutingRule {
	return models.RoutingRule{ID: fmt.Sprintf("rul_%d", n), Position: n, Conditions: models.AsJSON(c), Outcome: models.AsJSON(t)}
}

// Words are found as the search finds them: whole words in Latin script, anywhere in
// Chinese, whatever their case, width and script.
func TestWordsAreFound(t *testing.T) {
	for _, c := range []struct {
		word, text string
		want       bool
	}{
		{"refund", "Where is my REFUND?", true},
		{"refund", "Ｒｅｆｕｎｄ please", true},
		{"refund", "they refunded me", false},
		{"refund*", "they refunded me", true},
		{"fund", "a refund", false},
		{"退款", "我要退款！", true},
		{"退款", "我要 退 款", true},
		{"沒到賬", "钱没到账", true},
		{"没到账", "錢沒到賬", true},
		{"登录", "無法登入", true},
		{"can't open", "I can’t   open\nit", true},
		{"can't open", "I cannot open it", false},
		{"打不开App", "打不开 app 了", true},
		{"app", "打不开app了", true},
		{"app", "打不开apps了", false},
		{"2fa", "lost 2FA device", true},
		{"a", "a b", true},
		{"a", "b", false},
		{"ab", "xx ab", true},
		{"?", "what?", true},
		{"*", "anything", false},
		{"c++", "a c++ app", true},
		{"é", "cafe\u0301 is not é", true},
	} {
		r := routing.Compile([]models.RoutingRule{ruleOf(1, models.RuleIf{Words: []string{c.word}}, models.RuleThen{Urgency: "high"})})
		o := r.Decide(routing.Facts{Text: c.text, Told: models.KindQuestion})
		if got := o.Urgency == models.UrgencyHigh; got != c.want {
			t.Errorf("%q in %q: %v", c.word, c.text, got)
		}
		for _, f := range r.Highlight("rul_1", c.text) {
			if f.From < 0 || f.To > len(c.text) || f.From >= f.To {
				t.Errorf("%q in %q stands at %d–%d", c.word, c.text, f.From, f.To)
			}
		}
	}
}

func TestTheWordsFoundAreShownInTheTextAsItIsWritten(t *testing.T) {
	r := routing.Compile([]models.RoutingRule{ruleOf(1, models.RuleIf{Words: []string{"退款", "refund"}}, models.RuleThen{Team: "pay"})})
	const text = "請問 ＲＥＦＵＮＤ 退 款 在哪"
	var got []string
	for _, f := range r.Highlight("rul_1", text) {
		got = append(got, text[f.From:f.To])
	}
	if strings.Join(got, "|") != "ＲＥＦＵＮＤ|退 款" {
		t.Errorf("%q", got)
	}
}

// The first rule that matches says each field; what was given stays.
func TestTheFirstRuleSaysEachField(t *testing.T) {
	yes := true
	rules := routing.Compile([]models.RoutingRule{
		ruleOf(1, models.RuleIf{Words: []string{"refund"}}, models.RuleThen{Team: "payments"}),
		ruleOf(2, models.RuleIf{Words: []string{"refund", "fee"}}, models.RuleThen{Team: "fees", Urgency: "high", Product: "pay"}),
		ruleOf(3, models.RuleIf{Kinds: []string{"suggestion"}}, models.RuleThen{Urgency: "low"}),
		ruleOf(4, models.RuleIf{Products: []string{"pay"}, Languages: []string{"zh"}}, models.RuleThen{Team: "china"}),
		ruleOf(5, models.RuleIf{Segments: []string{"VIP*"}}, models.RuleThen{Urgency: "high"}),
		ruleOf(6, models.RuleIf{Context: map[string]string{"screen": ""}}, models.RuleThen{Team: "apps"}),
		ruleOf(7, models.RuleIf{Context: map[string]string{"os": "android*"}, Attachment: &yes}, models.RuleThen{Team: "android"}),
		ruleOf(8, models.RuleIf{Sources: []string{"Telegram"}, Versions: []string{"5.*"}, Accounts: []string{"acme"}}, models.RuleThen{Kind: "question"}),
	})
	for _, c := range []struct {
		name string
		f    routing.Facts
		want string
	}{
		{"the first of two", routing.Facts{Text: "refund fee"}, "problem high pay payments"},
		{"the second alone", routing.Facts{Text: "a fee"}, "problem high pay fees"},
		{"given wins", routing.Facts{Text: "refund", Team: "vip", Urgency: "low", Product: "x"}, "problem low x vip"},
		{"nothing", routing.Facts{Text: "hello"}, "problem normal  "},
		{"kind as given", routing.Facts{Text: "hello", Kind: "suggestion"}, "suggestion low  "},
		{"kind as it reads", routing.Facts{Text: "hello", Told: models.KindSuggestion}, "suggestion low  "},
		{"product of an earlier rule", routing.Facts{Text: "费 fee", Lang: "zh", Team: ""}, "problem high pay fees"},
		{"product as given", routing.Facts{Text: "hi", Lang: "zh", Product: "PAY"}, "problem normal PAY china"},
		{"segment with anything behind", routing.Facts{Text: "hi", Segment: "vip gold"}, "problem high  "},
		{"a key alone", routing.Facts{Text: "hi", Context: map[string]any{"screen": 3}}, "problem normal  apps"},
		{"a value and a file", routing.Facts{Text: "hi", Context: map[string]any{"os": "Android 14"}, Attached: true}, "problem normal  android"},
		{"a value without the file", routing.Facts{Text: "hi", Context: map[string]any{"os": "Android 14"}}, "problem normal  "},
		{"all of several", routing.Facts{Text: "hi", Source: "telegram", Version: "5.2", Account: "ACME"}, "question normal  "},
		{"not all of several", routing.Facts{Text: "hi", Source: "telegram", Version: "4.2", Account: "ACME"}, "problem normal  "},
	} {
		if c.f.Told == "" {
			c.f.Told = models.KindProblem
		}
		o := rules.Decide(c.f)
		if got := fmt.Sprintf("%s %s %s %s", o.Kind, o.Urgency, o.Product, o.Team); got != c.want {
			t.Errorf("%s: %q, want %q (%+v)", c.name, got, c.want, o.Why)
		}
	}
	why := rules.Decide(routing.Facts{Text: "refund fee", Told: models.KindProblem}).Why
	if len(why) != 4 || why[0].N != 1 || why[0].Field != models.FieldTeam || why[0].Words[0] != "refund" || why[3].Rule != "" || why[3].Field != models.FieldKind {
		t.Errorf("why: %+v", why)
	}
}

func TestADisabledRuleSaysNothingAndKeepsItsNumber(t *testing.T) {
	off := ruleOf(1, models.RuleIf{Words: []string{"x"}}, models.RuleThen{Team: "a"})
	off.Disabled = true
	o := routing.Compile([]models.RoutingRule{off, ruleOf(2, models.RuleIf{Words: []string{"x"}}, models.RuleThen{Team: "b"})}).Decide(routing.Facts{Text: "x"})
	if o.Team != "b" || o.Why[0].N != 2 {
		t.Errorf("%+v", o)
	}
}

// One walk finds what looking for each phrase alone finds.
func TestOneWalkFindsWhatEachAloneFinds(t *testing.T) {
	letters := rapid.SampledFrom([]string{"a", "b", "ab", " ", "款", "退", "退款", "-", "1", "é"})
	text := rapid.Custom(func(t *rapid.T) string { return strings.Join(rapid.SliceOfN(letters, 1, 12).Draw(t, "parts"), "") })
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(text, 1, 8).Draw(t, "words")
		in := text.Draw(t, "text")
		var all []models.RoutingRule
		for i, w := range words {
			all = append(all, ruleOf(i+1, models.RuleIf{Words: []string{w}}, models.RuleThen{Team: "x"}))
		}
		together := routing.Compile(all)
		for i, r := range all {
			alone := routing.Compile([]models.RoutingRule{r})
			if a, b := alone.Highlight(r.ID, in), together.Highlight(r.ID, in); fmt.Sprint(a) != fmt.Sprint(b) {
				t.Fatalf("%q in %q: alone %v, together %v", words[i], in, a, b)
			}
		}
	})
}

func FuzzDecide(f *testing.F) {
	f.Add("退款*", "我要退款")
	f.Add("can't\x00", "\xff\xfe can’t")
	f.Fuzz(func(t *testing.T, word, text string) {
		r := routing.Compile([]models.RoutingRule{ruleOf(1, models.RuleIf{Words: []string{word}, Sources: nil}, models.RuleThen{Team: "x"})})
		r.Decide(routing.Facts{Text: text})
		for _, h := range r.Highlight("rul_1", text) {
			_ = text[h.From:h.To]
		}
	})
}

func BenchmarkDecide(b *testing.B) {
	var all []models.RoutingRule
	for i := range 500 {
		all = append(all, ruleOf(i+1, models.RuleIf{Words: []string{fmt.Sprintf("word%d", i), fmt.Sprintf("two words%d", i), fmt.Sprintf("词语%d", i), "退款" + string(rune(0x4e00+i)), "refund x"}},
			models.RuleThen{Team: "x"}))
	}
	r := routing.Compile(all)
	text := strings.Repeat("The transfer is pending since yesterday and 转账一直没到账，请帮忙看看。", 20)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		r.Decide(routing.Facts{Text: text})
	}
}
