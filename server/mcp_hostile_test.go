package server_test

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

var (
	openFence  = regexp.MustCompile(`(?m)^<<<DATA ([0-9a-f]{32})>>>$`)
	closeFence = regexp.MustCompile(`(?m)^<<<END DATA ([0-9a-f]{32})>>>$`)
)

// holds checks that everything users wrote is inside one fence whose mark was not
// seen before, and that nothing unseen is in the whole answer.
func holds(t *testing.T, what, answer string, marks map[string]bool) {
	t.Helper()
	open, shut := openFence.FindAllStringSubmatchIndex(answer, -1), closeFence.FindAllStringSubmatchIndex(answer, -1)
	if len(open) != 1 || len(shut) != 1 || strings.Count(answer, "<<<") != 2 || strings.Count(answer, ">>>") != 2 {
		t.Fatalf("%s: %d fences opened, %d closed:\n%s", what, len(open), len(shut), answer)
	}
	mark := answer[open[0][2]:open[0][3]]
	if mark != answer[shut[0][2]:shut[0][3]] || marks[mark] {
		t.Fatalf("%s: the fence's mark is not its own", what)
	}
	marks[mark] = true
	inside := answer[open[0][1]:shut[0][0]]
	var data any
	if err := json.Unmarshal([]byte(inside), &data); err != nil {
		t.Fatalf("%s: between the fences is no data: %v", what, err)
	}
	if strings.ContainsAny(inside, "<>") || strings.Count(strings.TrimSpace(inside), "\n") != 0 {
		t.Errorf("%s: the data could look like a fence", what)
	}
	checkSeen(t, what, data)
}

func checkSeen(t *testing.T, what string, v any) {
	t.Helper()
	switch x := v.(type) {
	case string:
		for _, r := range x {
			if unicode.In(r, unicode.Cf, unicode.Co, unicode.Variation_Selector) || unicode.IsControl(r) && r != '\n' && r != '\t' {
				t.Errorf("%s: it holds %U, which nobody sees", what, r)
			}
		}
		if strings.Contains(x, "<<<") || strings.Contains(x, "＜＜＜") || strings.Contains(x, "《《《") {
			t.Errorf("%s: it holds something like a fence: %s", what, x)
		}
	case []any:
		for _, e := range x {
			checkSeen(t, what, e)
		}
	case map[string]any:
		for _, e := range x {
			checkSeen(t, what, e)
		}
	}
}

func injections(t *testing.T) (all []string) {
	t.Helper()
	raw := must(os.ReadFile("testdata/injections.json"))(t)
	if err := json.Unmarshal(raw, &all); err != nil || len(all) < 60 {
		t.Fatalf("%d injections (%v)", len(all), err)
	}
	return all
}

// Sixty texts that try to be obeyed, in both languages, go through every tool that
// takes or gives text. Nothing happens but what was called, nobody's data comes
// along, no fence is left, and nothing of it is published.
func TestInjectionsAreData(t *testing.T) {
	r := newRig(t)
	site := r.site()
	secret := r.token(auth.NewToken{Scopes: everything})
	a := r.agent(site, secret, "")
	filer := r.agent(site, r.token(auth.NewToken{Name: "filer"}), "")
	th := r.theme("Dark mode", "深色模式", "A dark mode for the night")
	r.file("Please add dark mode for my private vault 7731", "victim@private.example")
	before := activities(t, r)
	marks, called := map[string]bool{}, map[models.Verb]int{}
	for i, text := range injections(t) {
		what := fmt.Sprintf("injection %d", i)
		canary := fmt.Sprintf(" canary%03d", i)
		for j, try := range []struct {
			by   agent
			tool string
			in   args
		}{
			{filer, "file_suggestion", args{"quote": text + canary, "summary": text, "title": text, "product": text, "source": text, "external_id": "inj-" + fmt.Sprint(i), "version": text[:min(len(text), 30)], "context": args{text: text}, "person": args{"email": fmt.Sprintf("p%d@example.com", i), "name": text}, "idempotency_key": what}},
			{filer, "find_similar", args{"text": text}},
			{a, "triage_queue", args{"limit": 5}},
			{a, "draft_follow_up", args{"theme": th.ID, "text": args{"en": text + canary}, "note": text}},
			{a, "propose_status", args{"theme": th.ID, "status": "planned", "reason": args{"zh": text}, "note": text}},
			{a, "get_theme", args{"theme": th.ID}},
			{a, "list_themes", args{"query": text}},
			{filer, "my_outcomes", args{"limit": 3}},
		} {
			_, answer, failed := try.by.try(try.tool, try.in)
			if failed && (strings.Contains(answer, "too_long") || strings.Contains(answer, "not_utf8")) {
				try.in["title"], try.in["product"], try.in["source"], try.in["version"] = "x", "x", "x", "1"
				_, answer, failed = try.by.try(try.tool, try.in)
			}
			if failed {
				t.Errorf("%s, step %d: %s", what, j, answer)
				continue
			}
			holds(t, what+" in "+try.tool, answer, marks)
			for _, private := range []string{secret, "p1@example.com", `"person`} {
				if strings.Contains(answer, private) {
					t.Errorf("%s in %s: it tells %s", what, try.tool, private)
				}
			}
			if try.by.ClientSession == filer.ClientSession && strings.Contains(answer, "vault 7731") {
				t.Errorf("%s in %s: another's words", what, try.tool)
			}
		}
	}
	for _, act := range activities(t, r)[len(before):] {
		called[act.Verb]++
		if act.Verb != models.SuggestionFiled && act.Verb != models.ThemeCreated && act.Verb != models.SuggestionAttached && act.Verb != models.VoteAdded &&
			act.Verb != models.EmergencyOpened && act.Verb != models.EmergencyAlerted { // of two the words report a theft: people look
			t.Errorf("%s happened, which nobody called", act.Verb)
		}
	}
	t.Logf("%d injections, %d answers, activities %v", len(injections(t)), len(marks), called)
	if called[models.SuggestionFiled] != len(injections(t)) {
		t.Errorf("%d were filed", called[models.SuggestionFiled])
	}
	for _, m := range []any{&models.Delivery{}, &models.IssueLink{}, &models.FollowUpEvent{}} {
		if n := count(t, r, m); n != 0 {
			t.Errorf("%d of %T", n, m)
		}
	}
	// What the public reads.
	v := r.visitor()
	for _, path := range []string{"/", "/?lang=zh", "/t/" + th.ID, "/suggest"} {
		v.get(path).want(http.StatusOK).hides("canary", "evil.example", "忽略之前", "private.example")
	}
	var public []models.Theme
	if err := r.db.Read(ctx).Find(&public, "public = TRUE").Error; err != nil || len(public) != 1 || public[0].PublicTitle != th.PublicTitle || public[0].Status != th.Status || !public[0].Reason.IsEmpty() {
		t.Errorf("published: %+v (%v)", public, err)
	}
	// The console shows it as text, and who proposed it.
	pm := r.member(models.RolePM)
	pm.get("/proposals").want(http.StatusOK).says("Proposed by kb-bot").hides("<script>fetch", "href=\"javascript:", "<img")
	pm.get("/inbox").want(http.StatusOK).hides("<script>fetch")
}

func activities(t testing.TB, r *rig) []models.Activity {
	t.Helper()
	var acts []models.Activity
	if err := r.db.Read(ctx).Order("seq").Find(&acts).Error; err != nil {
		t.Fatal(err)
	}
	return acts
}

// What an agent writes for people is masked as everything else is.
func TestAnAgentsWordsAreMaskedToo(t *testing.T) {
	r := newRig(t)
	th := r.theme("Exports", "导出", "Exports")
	a := r.agent(r.site(), r.token(auth.NewToken{Scopes: everything}), "")
	const secret = "AKIAIOSFODNN7EXAMPLE"
	key := "ghp_" + strings.Repeat("a1B2", 9)
	a.call("draft_follow_up", args{"theme": th.ID, "text": args{"en": "Use " + secret + " or " + key}, "note": key})
	a.call("propose_status", args{"theme": th.ID, "status": "planned", "reason": args{"en": "With " + key}})
	out, text := a.call("file_suggestion", args{"asks": []args{{"quote": "My key is " + key}, {"quote": "Dark mode", "summary": "they use " + key}}, "external_id": "s"})
	if strings.Contains(text, key) {
		t.Error("the answer holds the key")
	}
	for i, item := range out["items"].([]any) {
		if len(item.(map[string]any)["redactions"].([]any)) == 0 {
			t.Errorf("item %d does not say what was removed", i)
		}
	}
	var stored []string
	if err := r.db.Read(ctx).Raw("SELECT text || why FROM agent_proposals UNION ALL SELECT text || quote || summary FROM suggestions").Scan(&stored).Error; err != nil || len(stored) != 4 {
		t.Fatalf("%d rows (%v)", len(stored), err)
	}
	for _, s := range stored {
		if strings.Contains(s, key) || strings.Contains(s, secret) {
			t.Errorf("stored: %s", s)
		}
	}
}

func TestSeveralAsksOfOneConversationAreSeveral(t *testing.T) {
	r := newRig(t)
	a := r.agent(r.site(), r.token(auth.NewToken{}), "zh")
	in := args{"asks": []args{{"quote": "Exporting takes minutes", "summary": "slow export", "kind": "problem"}, {"quote": "请支持深色模式"}, {"quote": "How do I change the language?", "kind": "question"}},
		"external_id": "zendesk-8812", "source": "zendesk", "person": args{"email": "mei@example.com"}, "lang": nil, "context": nil, "idempotency_key": "k"}
	first, _ := a.call("file_suggestion", in)
	again, _ := a.call("file_suggestion", in)
	if fmt.Sprint(first) != fmt.Sprint(again) {
		t.Error("the same key got another answer")
	}
	var rows []models.Suggestion
	if err := r.db.Read(ctx).Order("external_id").Find(&rows).Error; err != nil || len(rows) != 3 {
		t.Fatalf("%d stored (%v)", len(rows), err)
	}
	for i, s := range rows {
		if s.ExternalID != fmt.Sprintf("zendesk-8812#%d", i+1) || s.PersonID != rows[0].PersonID || s.FilerKind != models.ActorAgent {
			t.Errorf("stored %+v", s)
		}
	}
	if rows[0].Text != "Exporting takes minutes" || rows[0].Summary != "slow export" || rows[0].Kind != models.KindProblem || rows[2].Kind != models.KindQuestion {
		t.Errorf("stored %+v", rows)
	}
	delete(in, "idempotency_key") // another try, by the ids alone
	third, _ := a.call("file_suggestion", in)
	for _, item := range third["items"].([]any) {
		if item.(map[string]any)["again"] != true {
			t.Errorf("filed anew: %v", item)
		}
	}
	for what, x := range map[string]struct {
		in   args
		says []string
	}{
		"another body under the key": {args{"quote": "else", "idempotency_key": "k"}, []string{"key_reused", "换一个"}},
		"nothing said":               {args{"summary": "they want it"}, []string{"text_required", "text"}},
		"both forms":                 {args{"quote": "a", "asks": []args{{"quote": "b"}}}, []string{"asks_or_quote"}},
		"an ask without words":       {args{"asks": []args{{"quote": "a"}, {"quote": " "}}}, []string{"text_required", "asks/1/quote"}},
		"a stem with a number":       {args{"asks": []args{{"quote": "a"}}, "external_id": "x#1"}, []string{"stem_taken"}},
		"too many":                   {args{"asks": slices.Repeat([]args{{"quote": "a"}}, 21)}, []string{"asks_many"}},
		"a wrong address":            {args{"quote": "a", "person": args{"email": "nobody"}}, []string{"person/email"}},
		"an unknown field":           {args{"quote": "a", "announce": true}, []string{"announce"}},
		"a kind there is not":        {args{"quote": "a", "kind": "wish"}, []string{"kind"}},
		"NUL":                        {args{"quote": "a\x00b"}, []string{"nul_character"}},
	} {
		_, text, failed := a.try("file_suggestion", x.in)
		if !failed {
			t.Errorf("%s: accepted", what)
		}
		for _, s := range x.says {
			if s != "换一个" && !strings.Contains(text, s) {
				t.Errorf("%s: %s does not say %q", what, text, s)
			}
		}
		if strings.Contains(text, "nobody") {
			t.Errorf("%s: it repeats what was sent", what)
		}
	}
	if _, text, _ := a.try("get_theme", args{"theme": "thm_x"}); !strings.Contains(text, "There is no such theme.") || !regexp.MustCompile(`\p{Han}`).MatchString(text) {
		t.Errorf("not in both languages: %s", text)
	}
	if n := count(t, r, &models.Suggestion{}); n != 3 {
		t.Errorf("%d stored", n)
	}
}

// A flood ends at the limit; who else files does not notice.
func TestAFloodOfOneAgent(t *testing.T) {
	r := newRig(t)
	site := r.site()
	five := 5
	secret := r.token(auth.NewToken{Name: "flood", HourlyLimit: &five})
	flood, calm := r.agent(site, secret, ""), r.agent(site, r.token(auth.NewToken{Name: "calm"}), "")
	filed, last := 0, ""
	for i := range 40 {
		_, text, failed := flood.try("file_suggestion", args{"quote": fmt.Sprintf("flood number %d", i)})
		if !failed {
			filed++
		} else {
			last = text
		}
		if i%8 == 0 {
			calm.call("file_suggestion", args{"quote": fmt.Sprintf("calm number %d", i)})
		}
	}
	if filed != 5 || !strings.Contains(last, "quota_hour") || !regexp.MustCompile(`Try again in \d+ seconds`).MatchString(last) {
		t.Errorf("%d of 40 were taken; the last answer: %s", filed, last)
	}
	if _, text, failed := flood.try("propose_status", args{"theme": r.theme("X", "", "x").ID, "status": "planned"}); !failed || !strings.Contains(text, "quota_hour") {
		t.Errorf("it may still propose: %s", text)
	}
	flood.call("find_similar", args{"text": "flood"})
	if out, _ := flood.call("my_outcomes", nil); out["total"].(float64) != 5 || out["quota"].(map[string]any)["left"].(float64) != 0 {
		t.Errorf("outcomes %v", out)
	}
	rest := r.visitor()
	rest.header = http.Header{"Authorization": {"Bearer " + secret}, "Content-Type": {"application/json"}}
	rest.accept = "application/json"
	res := restPost(rest, `{"text":"one more"}`).want(http.StatusTooManyRequests).says("quota_hour")
	if res.header.Get("Retry-After") == "" || res.header.Get("RateLimit-Limit") != "5" || res.header.Get("RateLimit-Remaining") != "0" {
		t.Errorf("headers %v", res.header)
	}
	if n := count(t, r, &models.Suggestion{}); n != 10 {
		t.Errorf("%d stored, want 5 of each", n)
	}
}

func TestARevokedTokenEndsInMidRun(t *testing.T) {
	r := newRig(t)
	secret, row, err := r.auth.CreateToken(ctx, auth.NewToken{Name: "kb-bot", Kind: models.TokenAgent})
	if err != nil {
		t.Fatal(err)
	}
	a := r.agent(r.site(), secret, "")
	a.call("file_suggestion", args{"quote": "one"})
	if err := r.auth.RevokeToken(ctx, row.ID); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := a.CallTool(ctx, &sdk.CallToolParams{Name: "file_suggestion", Arguments: args{"quote": "two"}}); err == nil {
			t.Fatal("it files on")
		}
	}
	if n := count(t, r, &models.Suggestion{}); n != 1 {
		t.Errorf("%d stored", n)
	}
}

// What an agent proposes waits for a person, who decides in their own name; what
// they dismissed does not come back.
func TestPeopleDecideWhatAgentsPropose(t *testing.T) {
	r := newRig(t)
	must(r.auth.AddMember(ctx, "support@team.example", models.RoleSupport, "Sam"))(t)
	a := r.agent(r.site(), r.token(auth.NewToken{Scopes: everything, MemberEmail: "support@team.example"}), "")
	th, other := r.theme("Exports", "导出", "Exports"), r.theme("Imports", "导入", "Imports")
	s := r.file("My boards leave so slowly", "mei@example.com").Suggestion
	word, _ := a.call("propose_assignment", args{"suggestion": s.ID, "theme": th.ID, "note": "same as exports"})
	a.call("propose_assignment", args{"suggestion": s.ID, "theme": other.ID, "same": false})
	status, _ := a.call("propose_status", args{"theme": th.ID, "status": "planned", "reason": args{"en": "Next quarter.", "zh": "下季度。"}, "promise_date": "2099-01-31"})
	draft, _ := a.call("draft_follow_up", args{"theme": th.ID, "text": args{"zh": "快了。"}})
	pm := r.member(models.RolePM)
	page := pm.get("/proposals").says("kb-bot, for Sam", "same as exports", "My boards leave so slowly", "Next quarter.", "下季度。", "快了。", `<span class="count">4</span>`, "status=planned", "promise_date=2099-01-31")
	pm.in("zh").get("/proposals").says("智能体提议更改状态", "kb-bot（代 Sam）")
	pm.in("en")
	for _, id := range []any{word["proposal"], draft["proposal"]} {
		pm.post("/proposals/agents/" + id.(string) + "/accept").to("/proposals")
	}
	pm.post("/proposals/agents/" + status["proposal"].(string) + "/accept").want(http.StatusSeeOther)
	if now := must(r.themes.Get(ctx, ana, th.ID))(t); now.Status != th.Status || now.SuggestionsCount != 1 {
		t.Errorf("after accepting: %+v", now)
	}
	var last models.Activity
	if err := r.db.Read(ctx).Last(&last, "verb = ?", models.SuggestionAssigned).Error; err != nil || last.ActorKind != models.ActorMember {
		t.Errorf("decided by %+v (%v)", last, err)
	}
	// The status form comes filled in, with its readers; giving it answers the proposal.
	form := html.UnescapeString(regexp.MustCompile(`href="(/themes/[^"]*status=planned[^"#]*)#`).FindStringSubmatch(page.body)[1])
	pm.get(form).want(http.StatusOK).says("Next quarter.", "2099-01-31")
	pm.post("/themes/"+th.ID+"/status", "status", "planned", "reason_en", "Next quarter.", "step", "confirm").want(http.StatusSeeOther)
	pm.get("/proposals").says(`<span class="count">1</span>`).hides("Next quarter.")
	if out, _ := a.call("my_outcomes", nil); fmt.Sprint(out["proposals"]) != "map[accepted:3 dismissed:0 open:1]" {
		t.Errorf("it hears %v", out["proposals"])
	}
	again, text := a.call("propose_assignment", args{"suggestion": s.ID, "theme": th.ID})
	if again["state"] != "accepted" || again["again"] != true || !strings.Contains(text, "is accepted") {
		t.Errorf("again: %v", again)
	}
	rows, _, err := r.themes.Words(ctx, ana, "", 0)
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d wait (%v)", len(rows), err)
	}
	pm.post("/proposals/agents/" + rows[0].ID + "/dismiss").to("/proposals")
	if out, _ := a.call("propose_assignment", args{"suggestion": s.ID, "theme": other.ID, "same": false}); out["state"] != "dismissed" {
		t.Errorf("it may ask again: %v", out)
	}
	pm.get("/proposals").says("Nothing to decide")
}

// restPost files through REST.
func restPost(b *browser, body string) *page {
	req := httptest.NewRequest(http.MethodPost, "/api/v1/suggestions", strings.NewReader(body))
	for name, values := range b.header {
		req.Header[name] = values
	}
	rec := httptest.NewRecorder()
	b.r.handler.ServeHTTP(rec, req)
	return &page{t: b.r.t, what: "POST /suggestions", code: rec.Code, header: rec.Header(), body: rec.Body.String()}
}
