package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/redact/redacttest"
)

type upload struct {
	name string
	body []byte
}

// send posts a form with files, as a browser without script does.
func (b *browser) send(path string, pairs []string, files ...upload) *page {
	b.r.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i < len(pairs); i += 2 {
		w.WriteField(pairs[i], pairs[i+1])
	}
	for _, f := range files {
		part, _ := w.CreateFormFile("file", f.name)
		part.Write(f.body)
	}
	w.Close()
	req := httptest.NewRequest(http.MethodPost, path, &body)
	req.Header.Set("Content-Type", w.FormDataContentType())
	req.Header.Set("Accept", "text/html")
	for name, values := range b.header {
		req.Header[name] = values
	}
	for name, value := range b.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	rec := httptest.NewRecorder()
	b.r.handler.ServeHTTP(rec, req)
	for _, ck := range rec.Result().Cookies() {
		b.cookies[ck.Name] = ck.Value
	}
	return &page{t: b.r.t, what: "POST " + path, code: rec.Code, header: rec.Header(), body: rec.Body.String()}
}

func screenshot() upload {
	var b bytes.Buffer
	png.Encode(&b, image.NewGray(image.Rect(0, 0, 12, 8)))
	return upload{"shot.png", b.Bytes()}
}

var keyField = regexp.MustCompile(`name="key" value="([^"]+)"`)

func keyOf(p *page) string {
	p.t.Helper()
	m := keyField.FindStringSubmatch(p.body)
	if m == nil {
		p.t.Fatal("no key in the form")
	}
	return m[1]
}

// From the form to the answer without script: a visitor files with a log, staff
// reply, the visitor reads it by the receipt and writes back.
func TestAConversationBehindAReceipt(t *testing.T) {
	s := newStreet(t)
	phrase := redacttest.Phrase(t)
	v := s.visitor().in("zh")
	v.send("/suggest", []string{"title", "恢复钱包失败", "text", "日志见附件", "confirmed", "1"}, upload{"app.log", []byte("restore: " + phrase + "\n")}, screenshot()).to("/suggest/thanks")
	thanks := v.get("/suggest/thanks").want(http.StatusOK).says("转移", "/s/sug_")
	if c := thanks.header.Get("Cache-Control"); c != "no-store" {
		t.Errorf("the page with the receipt may be kept: %s", c)
	}
	var row models.Suggestion
	s.db.Read(ctx).First(&row, "title = '恢复钱包失败'")
	thanks.says(row.Receipt)
	v.get("/s/"+row.ID).want(http.StatusOK).says("恢复钱包失败", "app.log", "已去除 1 处", "待处理", row.Receipt).hides(phrase)

	support := s.member(models.RoleSupport)
	pane := support.get("/inbox/"+row.ID).want(http.StatusOK).says("app.log", "shot.png", `<img src="/attachments/att_`, "your reply waits on their page")
	key := keyOf(pane)
	support.post("/suggestions/"+row.ID+"/replies", "text", "Please send us your seed phrase.", "key", key).want(http.StatusUnprocessableEntity).says("never ask", "Please send us your seed phrase.")
	for range 3 { // pressed three times
		support.post("/suggestions/"+row.ID+"/replies", "text", "请更新到 4.2 再试。<script>", "key", key, "next", "/inbox/"+row.ID).to("/inbox/" + row.ID)
	}
	support.get("/suggestions/"+row.ID).want(http.StatusOK).says("请更新到 4.2 再试。&lt;script&gt;", "Answered", "First reply")
	var n int64
	if s.db.Read(ctx).Model(&models.Message{}).Count(&n); n != 1 {
		t.Errorf("%d messages", n)
	}

	// Another browser, with the code as somebody would type it.
	w := s.visitor()
	w.get("/s/" + row.ID).to("/receipt?next=/s/" + row.ID)
	code := strings.ToLower(strings.ReplaceAll(row.Receipt, "-", " "))
	opened := w.post("/receipt", "code", code).to("/s/" + row.ID)
	for name, values := range opened.header {
		if strings.Contains(strings.Join(values, " "), row.Receipt) {
			t.Errorf("the code stands in %s", name)
		}
	}
	if strings.Contains(w.cookies["heed_opened"], row.Receipt) {
		t.Error("the code stands in the cookie")
	}
	theirs := w.get("/s/"+row.ID).want(http.StatusOK).says("请更新到 4.2 再试。&lt;script&gt;", "Answered", "Ana").hides("<script>", "chain desk")
	if theirs.header.Get("Cache-Control") != "no-store" || !strings.Contains(theirs.body, `content="noindex"`) {
		t.Errorf("kept or indexed: %s", theirs.header.Get("Cache-Control"))
	}
	w.send("/s/"+row.ID, []string{"text", "", "kind", "reply"}).want(http.StatusUnprocessableEntity).says("Write something first")
	w.send("/s/"+row.ID, []string{"text", "kept words", "kind", "reply"}, upload{"a.zip", []byte("PK\x03\x04")}).want(http.StatusUnprocessableEntity).says("is an archive", "kept words")
	w.send("/s/"+row.ID, []string{"text", "Still fails: " + phrase, "kind", "reply", "key", keyOf(theirs)}, screenshot()).to("/s/" + row.ID)
	w.get("/s/"+row.ID).says("Still fails: ‹seed_phrase ···›", "move your assets now").hides(phrase)
	w.post("/s/"+row.ID, "kind", "objection", "text", "").to("/s/" + row.ID)
	support.get("/suggestions/"+row.ID).says("Still fails", "this is not what I meant", "New")
	// A secret alerts again, whoever took care before, and who wrote last waits in one list.
	support.get("/emergencies").says(row.Receipt, "A secret was sent", "I take care of it").hides(phrase)
	support.get("/suggestions").want(http.StatusOK).says("恢复钱包失败", "This is not what I meant").hides(phrase)
	support.post("/suggestions/"+row.ID+"/replies", "text", "We look again.").want(http.StatusSeeOther)
	support.get("/suggestions").hides("恢复钱包失败")
	support.get("/suggestions?all=1").says("恢复钱包失败", "We look again.")
}

func TestAFileIsForItsPeopleAndIsOnlySaved(t *testing.T) {
	s := newStreet(t)
	f := s.file("with a file", "mei@example.com")
	ready := must(s.intake.Ready([]intake.Upload{{Name: "运行 日志.log", Body: []byte("<b>a line</b>")}, {Name: "shot.png", Body: screenshot().body}, {Name: "a.pdf", Body: []byte("%PDF-1.7")}}))(t)
	at := must(s.intake.Attach(ctx, ana, f.Suggestion.ID, "", ready))(t)
	mei, wei := s.signedIn("mei@example.com"), s.signedIn("wei@example.com")
	mei.get("/receipt").says("with a file", "/s/"+f.Suggestion.ID)
	wei.get("/receipt").hides("with a file")
	mei.get("/s/" + f.Suggestion.ID).want(http.StatusOK)
	wei.get("/s/" + f.Suggestion.ID).to("/receipt?next=/s/" + f.Suggestion.ID)
	for i, x := range at {
		path := "/attachments/" + x.Attachment.ID
		p := mei.get(path).want(http.StatusOK)
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "private, no-store",
			"Cross-Origin-Resource-Policy": "same-origin", "Content-Type": []string{"text/plain; charset=utf-8", "image/png", "application/pdf"}[i]} {
			if got := p.header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		if d := p.header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment; filename") {
			t.Errorf("%s: %s", path, d)
		}
		s.member2(t).get(path).want(http.StatusOK)
		wei.get(path).want(http.StatusNotFound)
		s.visitor().get(path).want(http.StatusNotFound)
	}
	s.visitor().get("/attachments/att_00000000000000000000000000").want(http.StatusNotFound)
}

// member2 is a browser of a member, the same each time.
func (r *rig) member2(t *testing.T) *browser {
	t.Helper()
	if ms := must(r.auth.Members(ctx))(t); len(ms) == 0 {
		return r.member(models.RolePM)
	}
	return r.signedIn("pm@team.example")
}

// A cookie that nobody signed, or that is another's, opens nothing; wrong codes
// all look alike, and are tried at a slow pace.
func TestAReceiptIsNotGuessed(t *testing.T) {
	s := newStreet(t)
	b := s.visitor()
	b.post("/receipt", "code", s.receipt)
	good := b.cookies["heed_opened"]
	for _, forged := range []string{"", good + "x", strings.Replace(good, ".", ".9", 1), s.single + good[strings.IndexByte(good, '.'):], s.single + ".9999999999.x"} {
		b.cookies["heed_opened"] = forged
		b.get("/s/" + s.single).want(http.StatusSeeOther)
	}
	answers := map[string]bool{}
	v := s.visitor()
	for _, code := range []string{"AAAAA-22222", "", "no", strings.Repeat("A", 40), "' OR 1=1 --", s.receipt[:9], "<b>"} {
		p := v.post("/receipt", "code", code).want(http.StatusUnprocessableEntity)
		answers[p.body] = true
	}
	if len(answers) != 1 {
		t.Errorf("%d different answers", len(answers))
	}
	for range 12 {
		if p := v.post("/receipt", "code", "AAAAA-22222"); p.code == http.StatusTooManyRequests {
			return
		}
	}
	t.Error("codes can be tried without end")
}

// chain makes a team.
func chain(t *testing.T, s *street) {
	t.Helper()
	team := intake.TeamOf{Team: models.Team{Key: "chain", Name: models.Text{EN: "Chain desk", ZH: "链上组"}}}
	if _, err := s.intake.SaveTeam(t.Context(), auth.System(), team); err != nil {
		t.Fatal(err)
	}
}

func TestStatesInTheConsole(t *testing.T) {
	s := newStreet(t)
	pm := s.member(models.RolePM)
	path := "/suggestions/" + s.single
	chain(t, s)
	pm.post(path+"/state", "state", "handed_over", "team", "chain").to(path)
	done := pm.get(path).says("Handed over.", "Chain desk", "Answered elsewhere", `action="/activities/act_`)
	undo := regexp.MustCompile(`/activities/act_[0-9a-v]+/undo`).FindString(done.body)
	pm.post(undo, "next", path).to(path)
	pm.get(path).says("Taken back.", "New")
	pm.post(path+"/state", "state", "closed", "next", "/inbox/"+s.single).to(path)
	pm.get(path).says("Open again").hides("Answered elsewhere")
	pm.post(path+"/state", "state", "answered").to(path)
	pm.get(path).says("cannot become answered")
	s.visitor().get(path).want(http.StatusSeeOther)
	s.signedIn("mei@example.com").get(path).want(http.StatusForbidden)
	pm.send(path+"/attachments", []string{"next", path}, screenshot(), upload{"a.svg", []byte("<svg onload=alert(1)>")}).to(path)
	pm.get(path).says("none of the files we take").hides("a.svg.txt", "shot.png")
	pm.send(path+"/attachments", []string{"next", path}, screenshot()).to(path)
	pm.get(path).says("shot.png")
}

// call asks the REST API.
func (r *rig) call(token, method, path, contentType string, body io.Reader, header ...string) (int, map[string]any) {
	r.t.Helper()
	req := httptest.NewRequest(method, "/api/v1"+path, body)
	req.Header.Set("Authorization", "Bearer "+token)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	r.handler.ServeHTTP(rec, req)
	out := map[string]any{}
	if strings.Contains(rec.Header().Get("Content-Type"), "json") {
		if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil {
			r.t.Fatalf("%s %s: %v\n%s", method, path, err, rec.Body)
		}
	} else {
		out["body"] = rec.Body.String()
	}
	return rec.Code, out
}

// endless is a body of a size that nobody reads to its end.
type endless struct{ left, read int }

func (e *endless) Read(p []byte) (int, error) {
	n := min(len(p), e.left)
	if n == 0 {
		return 0, io.EOF
	}
	for i := range p[:n] {
		p[i] = 'x'
	}
	e.left, e.read = e.left-n, e.read+n
	return n, nil
}

func TestFilesAndRepliesByREST(t *testing.T) {
	s := newStreet(t)
	token := func(name, kind string, scopes ...auth.Scope) string {
		secret, _, err := s.auth.CreateToken(ctx, auth.NewToken{Name: name, Kind: kind, Scopes: scopes})
		return must(secret, err)(t)
	}
	desk := token("desk", models.TokenService, auth.ScopeFollowupsSend, auth.ScopeThemesRead, auth.ScopeThemesWrite)
	bot := token("bot", models.TokenAgent, auth.ScopeSuggestionsWrite)
	ai := token("ai", models.TokenAgent, auth.ScopeAdmin)
	jsonType := "application/json"

	code, filed := s.call(bot, "POST", "/suggestions", jsonType, strings.NewReader(`{"text":"The export of 4,000 cards hangs","source":"zendesk","person":{"email":"kim@example.com","locale":"en"}}`))
	id, _ := filed["id"].(string)
	if code != http.StatusCreated || id == "" {
		t.Fatal(code, filed)
	}
	form := func(u upload) (string, io.Reader) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		part, _ := w.CreateFormFile("file", u.name)
		part.Write(u.body)
		w.Close()
		return w.FormDataContentType(), &b
	}
	var first map[string]any
	for i := range 2 { // the same key, another boundary
		ct, body := form(upload{"app.log", []byte("password: hunter2hunter2!x\nline")})
		code, out := s.call(bot, "POST", "/suggestions/"+id+"/attachments", ct, body, "Idempotency-Key", "f1")
		if code != http.StatusCreated || len(out["attachments"].([]any)) != 1 || len(out["redactions"].([]any)) != 1 {
			t.Fatalf("%d: %v", code, out)
		}
		if i == 1 && fmt.Sprint(out["attachments"]) != fmt.Sprint(first["attachments"]) {
			t.Errorf("not the first answer: %v", out)
		}
		first = out
	}
	ct, body := form(upload{"other.log", []byte("another")})
	if code, out := s.call(bot, "POST", "/suggestions/"+id+"/attachments", ct, body, "Idempotency-Key", "f1"); code != 422 || out["code"] != "key_reused" {
		t.Errorf("another file under the key: %d %v", code, out)
	}
	for _, c := range []struct {
		u    upload
		code int
		say  string
	}{
		{upload{"a.zip", []byte("PK\x03\x04")}, 422, "file_archive"},
		{upload{"nul.bin", []byte("a\x00\xff\x00b")}, 422, "file_type"},
		{upload{"big.log", bytes.Repeat([]byte("x"), 5<<20+1)}, 413, "file_too_large"},
	} {
		ct, body := form(c.u)
		code, out := s.call(bot, "POST", "/suggestions/"+id+"/attachments", ct, body)
		if errs, _ := out["errors"].([]any); code != c.code || out["code"] != c.say || len(errs) != 1 || errs[0].(map[string]any)["pointer"] != "#/file" {
			t.Errorf("%s: %d %v", c.u.name, code, out)
		}
	}
	// Fifty megabytes are refused before they are read, said beforehand or not.
	ct, _ = form(upload{"x", nil})
	big := &endless{left: 50 << 20}
	req := httptest.NewRequest("POST", "/api/v1/suggestions/"+id+"/attachments", big)
	req.ContentLength = 50 << 20
	req.Header.Set("Authorization", "Bearer "+bot)
	req.Header.Set("Content-Type", ct)
	rec := httptest.NewRecorder()
	s.handler.ServeHTTP(rec, req)
	if rec.Code != 413 || big.read != 0 || !strings.Contains(rec.Body.String(), "5 MB") {
		t.Errorf("said beforehand: %d, %d bytes read: %s", rec.Code, big.read, rec.Body)
	}
	big = &endless{left: 50 << 20}
	if code, out := s.call(bot, "POST", "/suggestions/"+id+"/attachments", ct, big); code != 413 || big.read > 8<<20 {
		t.Errorf("not said: %d, %d bytes read: %v", code, big.read, out)
	}
	if code, out := s.call(bot, "POST", "/suggestions/"+id+"/attachments", jsonType, strings.NewReader(`{}`)); code/100 != 4 {
		t.Errorf("no form: %d %v", code, out)
	}

	reply := func(token, text, key string) (int, map[string]any) {
		b, _ := json.Marshal(map[string]string{"text": text})
		return s.call(token, "POST", "/suggestions/"+id+"/replies", jsonType, bytes.NewReader(b), "Idempotency-Key", key)
	}
	for name, c := range map[string]struct {
		token string
		code  int
	}{"an agent": {bot, 403}, "an AI agent with all scopes": {ai, 403}, "the desk": {desk, 201}, "the desk again": {desk, 201}} {
		if code, out := reply(c.token, "Update to 4.2, please.", "r1"); code != c.code || code == 201 && out["state"] != "answered" {
			t.Errorf("%s: %d %v", name, code, out)
		}
	}
	if code, out := reply(desk, "Send us your private key", "r2"); code != 422 || out["code"] != "asks_for_secret" {
		t.Errorf("%d %v", code, out)
	}
	chain(t, s)
	if code, out := s.call(desk, "POST", "/suggestions/"+id+"/state", jsonType, strings.NewReader(`{"state":"handed_over","team":"Chian"}`)); code != 422 || out["code"] != "team_unknown" {
		t.Errorf("%d %v", code, out)
	}
	if code, out := s.call(desk, "POST", "/suggestions/"+id+"/state", jsonType, strings.NewReader(`{"state":"handed_over","team":"Chain desk"}`)); code != 200 || out["activity"] == "" {
		t.Errorf("%d %v", code, out)
	}
	code, thread := s.call(desk, "GET", "/suggestions/"+id+"/thread", "", nil)
	if ms := thread["messages"].([]any); code != 200 || thread["state"] != "handed_over" || thread["team"] != "chain" || thread["locale"] != "en" || len(ms) != 3 {
		t.Errorf("%d %v", code, thread)
	}
	if code, _ := s.call(bot, "GET", "/suggestions/"+id+"/thread", "", nil); code != 403 {
		t.Errorf("an agent that only files reads: %d", code)
	}
	att := first["attachments"].([]any)[0].(map[string]any)["id"].(string)
	code, raw := s.call(desk, "GET", "/suggestions/"+id+"/attachments/"+att, "", nil)
	if code != 200 || !strings.Contains(fmt.Sprint(raw["body"]), "‹password ···›") || strings.Contains(fmt.Sprint(raw["body"]), "hunter2hunter2") {
		t.Errorf("%d %v", code, raw)
	}
	if code, _ := s.call(desk, "GET", "/suggestions/"+s.single+"/attachments/"+att, "", nil); code != 404 {
		t.Errorf("under another suggestion: %d", code)
	}
	if code, _ := s.call(bot, "GET", "/suggestions/"+id+"/attachments/"+att, "", nil); code != 404 {
		t.Errorf("an agent that only files: %d", code)
	}
}
