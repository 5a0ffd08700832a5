package server_test

import (
	"net/http"
	"net/smtp"
	"strings"
	"testing"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/redact/redacttest"
)

func (r *rig) suggestions() (out []models.Suggestion) {
	r.t.Helper()
	if err := r.db.Read(ctx).Order("id").Find(&out).Error; err != nil {
		r.t.Fatal(err)
	}
	return out
}

func TestAVisitorSuggests(t *testing.T) {
	s := newRig(t)
	b := s.visitor()
	b.post("/suggest", "title", " ", "text", "").want(http.StatusUnprocessableEntity).says("Please fill this in.")
	b.post("/suggest", "title", "Larger text", "text", "for my eyes", "email", "not an address", "confirmed", "1").want(http.StatusUnprocessableEntity).
		says("does not look like an e-mail address", `value="Larger text"`, "for my eyes", `value="not an address"`)
	b.post("/suggest", "title", strings.Repeat("x", 201), "text", "kept", "confirmed", "1").want(http.StatusUnprocessableEntity).says("Keep it to 200 characters", "kept")
	if n := len(s.suggestions()); n != 0 {
		t.Fatalf("%d suggestions were filed by refused forms", n)
	}
	p := b.in("zh").post("/suggest", "kind", "problem", "title", "字太小", "email", "Wei@Example.com", "name", "王伟").want(http.StatusSeeOther)
	got := s.suggestions()[0]
	if got.Text != "字太小" || got.Title != "" || got.Kind != models.KindProblem || got.Source != "portal" || got.PersonID == "" || got.FilerName != "" {
		t.Errorf("filed: %+v", got)
	}
	if to := p.header.Get("Location"); to != "/suggest/thanks" {
		t.Errorf("leads to %s", to)
	}
	b.get(p.header.Get("Location")).want(http.StatusOK).says(got.Receipt, "Wei@Example.com").hides("字太小", "王伟")
	// It is the page of the browser that sent it.
	if to := s.visitor().get("/suggest/thanks").want(http.StatusSeeOther).header.Get("Location"); to != "/receipt" {
		t.Errorf("others are sent to %s", to)
	}

	known := s.signedIn("wei@example.com")
	known.get("/suggest").hides(`name="email"`)
	known.post("/suggest", "title", "And a darker one", "email", "eve@example.com", "confirmed", "1").want(http.StatusSeeOther)
	if again := s.suggestions()[1]; again.PersonID != got.PersonID {
		t.Errorf("filed for %q, signed in as %q", again.PersonID, got.PersonID)
	}
	s.member(models.RoleSupport).post("/suggest", "title", "From the team", "confirmed", "1").want(http.StatusSeeOther)
	if team := s.suggestions()[2]; team.PersonID == "" {
		t.Error("a member's own suggestion is nobody's")
	}
}

func TestWhatIsSimilarIsShownBeforeItIsFiled(t *testing.T) {
	s := newStreet(t)
	b, before := s.visitor(), len(s.suggestions())
	form := []string{"title", "Exporting big boards takes minutes", "text", "We wait and wait.", "email", "new@example.com"}
	b.post("/suggest", form...).want(http.StatusOK).says("Is it one of these?", "Faster exports", `name="confirmed" value="1"`, "We wait and wait.", "new@example.com")
	if len(s.suggestions()) != before {
		t.Fatal("filed before it was shown")
	}
	b.get("/similar-fragment?text=Exporting+big+boards+takes+minutes").says("Faster exports", `name="confirmed"`).hides("<html", "Umbrella")
	b.get("/similar-fragment?text=qqqq").hides("confirmed")
	b.post("/suggest", append(form, "confirmed", "1")...).want(http.StatusSeeOther)
	if len(s.suggestions()) != before+1 {
		t.Error("not filed")
	}
}

func TestASecretIsRemovedAndSaidSo(t *testing.T) {
	s := newRig(t)
	phrase := redacttest.Phrase(t)
	b := s.visitor()
	p := b.post("/suggest", "title", "My wallet is empty", "text", "This is my phrase: "+phrase).want(http.StatusSeeOther)
	b.get(p.header.Get("Location")).says("move your assets now", "Make a new wallet", "we will never ask for it", "A recovery phrase was removed").hides(phrase, "请当作密钥已经泄露")
	b.in("zh").get(p.header.Get("Location")).says("立即转移资产", "我们绝不会索要", "保存前已去除一组助记词。", "move your assets now")
	id := s.suggestions()[0].ID
	staff := s.member(models.RolePM)
	staff.get("/inbox/"+id).says("A recovery phrase was removed", "Urgent", "assets may be at risk").hides(phrase)
}

func TestAVoteNeedsAPerson(t *testing.T) {
	s := newStreet(t)
	vote := "/t/" + s.public.ID + "/vote"
	people := func() int { return s.themeNow(s.public.ID).PeopleCount }
	before := people()
	b := s.visitor()
	b.get("/").says(vote, `aria-pressed="false"`)
	b.post(vote, "on", "1", "next", "/#"+s.public.ID).to("/sign-in?next=%2Ft%2F" + s.public.ID)
	if people() != before {
		t.Fatal("nobody voted")
	}
	b.post("/sign-in", "email", "Eve@example.com", "next", "/t/"+s.public.ID).to("/sign-in/code")
	b.get("/sign-in/code").says("Eve@example.com", "10 minutes")
	b.post("/sign-in/code", "code", "WRONGCOD", "next", "/t/"+s.public.ID).want(http.StatusUnprocessableEntity).says("The code is wrong")
	b.post("/sign-in/code", "code", strings.ToLower(s.codes["eve@example.com"]), "next", "/t/"+s.public.ID).to("/t/" + s.public.ID)
	b.post(vote, "on", "1", "next", "/?tab=top#"+s.public.ID).to("/?tab=top#" + s.public.ID)
	b.post(vote, "on", "1").to("/t/" + s.public.ID)
	if people() != before+1 {
		t.Errorf("%d people, want %d", people(), before+1)
	}
	b.get("/").says(`aria-pressed="true"`)
	b.post(vote, "on", "0").to("/t/" + s.public.ID)
	if people() != before {
		t.Errorf("taken back: %d people, want %d", people(), before)
	}
	b.post("/t/"+s.hidden.ID+"/vote", "on", "1").want(http.StatusNotFound)
	staff := s.member(models.RolePM)
	staff.post(vote, "on", "1").to("/t/" + s.public.ID)
	staff.get("/t/" + s.public.ID).says(`aria-pressed="true"`)
	staff.post("/t/"+s.hidden.ID+"/vote", "on", "1").want(http.StatusNotFound)
	b.post("/sign-out").to("/")
	b.get("/inbox").want(http.StatusSeeOther)
	b.get("/").hides("Sign out")
}

func TestSigningInIsNoOracleAndHasItsPace(t *testing.T) {
	s := newRig(t)
	must(s.auth.AddMember(ctx, "ana@team.example", models.RolePM, "Ana"))(t)
	known := s.visitor().post("/sign-in", "email", "ana@team.example").to("/sign-in/code")
	unknown := s.visitor().post("/sign-in", "email", "nobody@example.com").to("/sign-in/code")
	if known.body != unknown.body {
		t.Error("the answer tells who has an account")
	}
	s.visitor().post("/sign-in", "email", "nonsense").want(http.StatusUnprocessableEntity).says("does not look like an e-mail address", `value="nonsense"`)
	s.visitor().get("/sign-in/code").to("/sign-in")
	b := s.visitor()
	for range 4 {
		b.post("/sign-in", "email", "ana@team.example")
	}
	if p := b.post("/sign-in", "email", "ana@team.example").want(http.StatusTooManyRequests).says("Too many codes"); p.header.Get("Retry-After") == "" {
		t.Error("does not say when to come back")
	}
	for range 30 {
		if p := b.post("/sign-in/code", "code", "AAAAAAAA"); p.code == http.StatusTooManyRequests {
			p.says("A little slower", "</html>")
			return
		}
	}
	t.Error("codes may be guessed without end")
}

func TestFilingHasItsPace(t *testing.T) {
	s := newRig(t)
	for i := range 40 {
		p := s.visitor().post("/suggest", "title", strings.Repeat("word ", i+1), "confirmed", "1")
		if p.code == http.StatusTooManyRequests {
			if p.header.Get("Retry-After") == "" || i < 10 {
				t.Errorf("refused after %d, Retry-After %q", i, p.header.Get("Retry-After"))
			}
			return
		}
	}
	t.Error("anybody may fill the inbox")
}

func TestTheDemosMailIsHarmless(t *testing.T) {
	s := newRig(t)
	msg := "From: heed@example.com\r\nTo: mei@example.com\r\nSubject: News\r\nContent-Language: zh\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Hello</p><script>alert(1)</script>\r\n"
	if err := smtp.SendMail(strings.TrimPrefix(s.box.URL(), "smtp://"), nil, "heed@example.com", []string{"mei@example.com"}, []byte(msg)); err != nil {
		t.Fatal(err)
	}
	b := s.visitor()
	b.get("/dev/mail").says("News", "mei@example.com")
	b.get("/dev/mail/1").says(`src="/dev/mail/1/html"`, "Content-Language").hides("<script>alert")
	p := b.get("/dev/mail/1/html").want(http.StatusOK).says("<p>Hello</p>")
	if csp := p.header.Get("Content-Security-Policy"); !strings.Contains(csp, "sandbox") || strings.Contains(csp, "script-src") {
		t.Errorf("policy: %s", csp)
	}
	b.get("/dev/mail/2").want(http.StatusNotFound)
	b.get("/dev/mail/x/html").want(http.StatusNotFound)
}

func TestAssetsAndPolicies(t *testing.T) {
	s := newRig(t)
	p := s.visitor().get("/")
	for name, want := range map[string]string{"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Vary": "Cookie"} {
		if !strings.Contains(p.header.Get(name), want) {
			t.Errorf("%s: %q", name, p.header.Get(name))
		}
	}
	p.says(`rel="canonical" href="http://heed.test/"`, `hreflang="zh-CN" href="http://heed.test/?lang=zh"`)
	s.visitor().get("/?lang=zh").says(`<html lang="zh-CN"`)
	s.visitor().get("/assets/../go.mod").want(http.StatusNotFound)
	s.visitor().get("/assets/manifest.json").want(http.StatusNotFound)
	s.visitor().get("/sign-in").says(`name="robots" content="noindex"`)
}

func TestStoppingMailTakesOnePress(t *testing.T) {
	s := newStreet(t)
	person := must(s.intake.ByReceipt(ctx, s.receipt))(t).Suggestion.PersonID
	path := "/unsubscribe/" + person + "." + s.auth.Digest("unsubscribe", person)
	off := func() (n int64) {
		s.db.Read(ctx).Model(&models.Preference{}).Where("person_id = ? AND mode = 'off'", person).Count(&n)
		return n
	}
	b := s.visitor()
	b.get(path).want(http.StatusOK).says("m…@example.com", "Stop them").hides("mei@example.com")
	if off() != 0 {
		t.Fatal("opening the page stopped the mail")
	}
	b.post(path, "List-Unsubscribe", "One-Click").want(http.StatusOK)
	if off() != 1 {
		t.Error("the mail program's own form did not stop the mail")
	}
	b.get(path).says("Stopped", "Receive them again")
	b.post(path, "again", "1").want(http.StatusOK).says("You receive them again").hides("Receive them again")
	b.get(path).says("Stop them")
	if off() != 0 {
		t.Error("mail does not come again")
	}
	b.get("/unsubscribe/" + person + ".nonsense").want(http.StatusNotFound).says("This link does not work")
	b.post("/unsubscribe/"+person+".nonsense", "List-Unsubscribe", "One-Click").want(http.StatusNotFound)
}
