package server_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/server"
	"github.com/heedhq/heed/themes"
)

// street is a store with something of everything.
type street struct {
	*rig
	public, declined, hidden *models.Theme
	stack                    []string // three that are likely the same, in no confirmed theme
	single                   string
	receipt                  string
}

// What people said in private. None of it may ever stand on a public page.
const (
	secretInPublic    = "The zebra export of Umbrella Corporation stalls each Friday at noon"
	secretInCandidate = "Our giraffe department wants nightly rhubarb synchronisation with Initech"
	secretTitle       = "Internal codename Walrus"
)

func newStreet(t *testing.T) *street { return newStreetWith(t, nil, nil) }

func newStreetWith(t *testing.T, site func(*server.Options), post func(*notifier.LedgerOptions)) *street {
	s := &street{rig: newRigWith(t, site, post)}
	s.public = s.theme("Faster exports", "更快的导出", "Exporting big boards should take seconds, not minutes.")
	f := s.file(secretInPublic, "mei@example.com")
	s.assign(s.public.ID, f.Suggestion.ID)
	s.receipt = f.Suggestion.Receipt
	s.declined = s.theme("Fax output", "传真输出", "")
	no := models.Text{EN: "Nobody has a fax machine any more.", ZH: "已经没有人用传真机了。"}
	if _, _, err := s.themes.SetStatus(ctx, ana, s.declined.ID, themes.StatusChange{Status: models.StatusDeclined, Reason: no, Notify: true}); err != nil {
		t.Fatal(err)
	}
	title := secretTitle
	s.hidden = must(s.themes.Create(ctx, ana, themes.Draft{Title: &title}))(t)
	for i, text := range []string{"Please add dark mode to the wallet", "I want a dark mode, please, for the wallet", "dark mode for the wallet please"} {
		s.stack = append(s.stack, s.file(text, fmt.Sprintf("p%d@example.com", i)).Suggestion.ID)
	}
	s.single = s.file(secretInCandidate, "").Suggestion.ID
	return s
}

func (s *street) consolePages() []string {
	th := "/themes/" + s.public.ID
	form := "?status=declined&reason_en=Because&reason_zh=&promise_date=&version="
	return []string{"/suggestions", "/suggestions?all=1", "/suggestions/" + s.single, "/inbox", "/inbox?q=dark", "/inbox?kind=problem&source=api", "/inbox/" + s.single, "/inbox/" + s.stack[0] + "?stack=1", "/inbox/" + s.stack[1] + "?theme_q=fax",
		"/themes", "/themes?status=declined&sort=updated", "/themes?q=export", th, th + form, th + "?status=shipped", th + "?merge_q=fax", th + "?merge_into=" + s.declined.ID,
		"/themes/" + s.hidden.ID, "/followups", "/followups?state=sent&theme=" + s.public.ID + "&person=mei", "/followups/bounces", "/followups/bounces?outcome=refused", "/github", "/github?which=open&theme=" + s.public.ID, th + "/mail" + form}
}

func (s *street) consoleFragments() []string {
	th := "/themes/" + s.public.ID
	return []string{"/inbox/" + s.single + "/pane", "/inbox/" + s.stack[2] + "/pane?stack=1", "/inbox/themes?q=", "/inbox/themes?q=fax",
		th + "/consequence?status=planned", th + "/consequence?status=declined", th + "/merge?merge_q=fax", th + "/merge?merge_into=" + s.declined.ID}
}

func (s *street) portalPages() []string {
	return []string{"/", "/?tab=new", "/?tab=planned", "/?tab=shipped", "/?q=export", "/?q=zzzz", "/t/" + s.public.ID, "/t/" + s.declined.ID, "/suggest", "/suggest?title=dark",
		"/receipt", "/sign-in", "/sign-in?next=/inbox", "/dev/mail", "/_gallery", "/_gallery?portal=1"}
}

func (s *street) portalFragments() []string {
	return []string{"/similar-fragment?text=" + url.QueryEscape("exporting big boards is slow"), "/similar-fragment?text="}
}

// A sentence that is missing shows as its key.
var missingKey = regexp.MustCompile(`>\s*(status|timeline|toast|inbox|theme|themes|skip|source|removed|reason|delivery|issue|github|page_error|error|lang|kind|role)\.[a-z_.]+\s*<`)

func TestEveryPageAnswersInBothLanguages(t *testing.T) {
	s := newStreet(t)
	staff := s.member(models.RolePM)
	for locale, lang := range map[string]string{"en": `<html lang="en"`, "zh": `<html lang="zh-CN"`} {
		for who, paths := range map[*browser][]string{staff: s.consolePages(), s.visitor(): s.portalPages()} {
			for _, path := range paths {
				p := who.in(locale).get(path).want(http.StatusOK).says(lang, "</html>")
				if found := missingKey.FindString(p.body); found != "" {
					t.Errorf("%s %s: no sentence for %q", locale, path, found)
				}
			}
		}
		for _, path := range append(s.consoleFragments(), s.portalFragments()...) {
			p := staff.in(locale).get(path).want(http.StatusOK).hides("<html")
			if found := missingKey.FindString(p.body); found != "" {
				t.Errorf("%s %s: no sentence for %q", locale, path, found)
			}
			if !strings.Contains(p.header.Get("Cache-Control"), "no-store") || !strings.Contains(strings.Join(p.header.Values("Vary"), ","), "HX-Request") {
				t.Errorf("%s: a fragment may be kept", path)
			}
		}
	}
}

// rows counts what every table holds, but how far the readers in the background
// have come.
func (s *street) rows() map[string]int64 {
	var names []string
	s.db.Read(ctx).Raw("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'cursors'").Scan(&names)
	out := map[string]int64{}
	for _, name := range names {
		var n int64
		if err := s.db.Read(ctx).Table(name).Count(&n).Error; err != nil {
			s.t.Fatal(err)
		}
		out[name] = n
	}
	var seq int64
	s.db.Read(ctx).Raw("SELECT n FROM counters WHERE name = 'activity'").Scan(&seq)
	out["the activity counter"] = seq
	return out
}

func TestAGetChangesNothing(t *testing.T) {
	s := newStreet(t)
	must(s.auth.AddMember(ctx, "owner@team.example", models.RoleOwner, "Olga"))(t)
	link := must(s.auth.NewLink(ctx, "owner@team.example"))(t)
	staff, visitor := s.member(models.RolePM), s.visitor()
	before := s.rows()
	if len(before) < 15 {
		t.Fatalf("only %d tables counted", len(before))
	}
	paths := append(s.consolePages(), s.consoleFragments()...)
	paths = append(append(paths, s.portalPages()...), s.portalFragments()...)
	paths = append(paths, "/sign-in/link/"+link, "/sign-in/code", "/unsubscribe/nonsense")
	for _, path := range paths {
		staff.get(path)
		visitor.get(path)
	}
	if p := visitor.get("/sign-in/link/" + link).want(http.StatusOK).says("owner@team.example"); visitor.cookies["heed_session"] != "" {
		t.Errorf("%s: opening a link signed somebody in", p.what)
	}
	after := s.rows()
	for name, n := range before {
		if after[name] != n {
			t.Errorf("%s: %d rows before, %d after", name, n, after[name])
		}
	}
	visitor.post("/sign-in/link/" + link).to("/inbox")
	visitor.get("/inbox").want(http.StatusOK)
	s.visitor().post("/sign-in/link/" + link).want(http.StatusGone)
}

// The hostile reader: asks every public page, also with the private words
// themselves, and as somebody who signed in.
func TestNobodyReadsAnotherPersonsWords(t *testing.T) {
	s := newStreet(t)
	private := []string{"zebra", "Umbrella", "giraffe", "rhubarb", "Initech", "Walrus", "mei@example.com", "p0@example.com", "dark mode to the wallet"}
	paths := append(s.portalPages(), s.portalFragments()...)
	for _, q := range []string{secretInPublic, secretInCandidate, secretTitle, "zebra", "Please add dark mode to the wallet"} {
		paths = append(paths, "/similar-fragment?text="+url.QueryEscape(q))
	}
	paths = append(paths, "/t/"+s.hidden.ID, "/t/"+s.single, "/t/thm_00000000000000000000000000", "/s/AAAAA-BBBBB")
	for who, b := range map[string]*browser{"a visitor": s.visitor(), "another person": s.signedIn("eve@example.com")} {
		for _, path := range paths {
			p := b.get(path)
			for _, words := range private {
				if strings.Contains(p.body, words) && !strings.Contains(path, "gallery") {
					t.Errorf("%s reads %q on %s", who, words, path)
				}
			}
		}
		b.get("/t/" + s.hidden.ID).want(http.StatusNotFound)
		p := b.post("/suggest", "title", secretInPublic, "text", "")
		for _, words := range []string{"Friday at noon</b>", "mei@example.com", secretInCandidate} {
			p.hides(words)
		}
		for _, path := range append(s.consolePages(), s.consoleFragments()...) {
			if p := b.get(path); p.code == http.StatusOK {
				t.Errorf("%s reads %s", who, path)
			}
			b.get(path).hides(private...)
		}
	}
}

// On the portal the team sees what everybody sees.
func TestStaffSeeThePortalAsOthersDo(t *testing.T) {
	s := newStreet(t)
	b := s.member(models.RoleOwner)
	for _, path := range append(s.portalPages(), "/similar-fragment?text="+url.QueryEscape("Please add dark mode to the wallet"), "/similar-fragment?text="+url.QueryEscape(secretInCandidate), "/?q=wallet") {
		b.get(path).want(http.StatusOK).hides("dark mode to the wallet", "giraffe", "Walrus", "zebra", "thm_"+strings.TrimPrefix(s.hidden.ID, "thm_"))
	}
	b.get("/t/" + s.hidden.ID).want(http.StatusNotFound)
	b.post("/suggest", "title", "Please add dark mode to the wallet").want(http.StatusSeeOther) // nothing public is like it
}

func TestTheConsoleIsForTheTeam(t *testing.T) {
	s := newStreet(t)
	v := s.visitor()
	v.get("/inbox?q=dark").to("/sign-in?next=%2Finbox%3Fq%3Ddark")
	v.post("/inbox/assign", "suggestion", s.single, "theme", s.public.ID, "next", "/inbox").to("/sign-in?next=%2Finbox")
	v.header = http.Header{"Hx-Request": {"true"}}
	if p := v.get("/inbox/" + s.single + "/pane").want(http.StatusUnauthorized); p.header.Get("HX-Redirect") == "" {
		t.Error("a fragment does not lead to the sign-in page")
	}
	v.header, v.accept = nil, "application/json"
	v.post("/inbox/close", "suggestion", s.single).want(http.StatusUnauthorized).says(`"message"`)
	person := s.signedIn("eve@example.com")
	person.get("/inbox").want(http.StatusForbidden).says("</html>", "403")
	person.in("zh").get("/themes").want(http.StatusForbidden).says("您没有权限")
	person.post("/themes/"+s.public.ID+"/status", "status", "shipped", "step", "confirm").want(http.StatusForbidden)
	support := s.member(models.RoleSupport)
	support.get("/inbox").want(http.StatusOK)
	support.post("/themes/"+s.public.ID+"/status", "status", "shipped", "step", "confirm").want(http.StatusForbidden)
	if th := must(s.themes.Get(ctx, ana, s.public.ID))(t); th.Status == models.StatusShipped {
		t.Error("somebody without the right shipped a theme")
	}
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	s := newStreet(t)
	b := s.member(models.RolePM)
	before := s.rows()
	for _, h := range []http.Header{{"Origin": {"https://evil.example"}}, {"Sec-Fetch-Site": {"cross-site"}}} {
		b.header = h
		b.post("/inbox/close", "suggestion", s.single).want(http.StatusForbidden)
		b.post("/suggest", "title", "planted", "confirmed", "1").want(http.StatusForbidden)
		b.post("/sign-out").want(http.StatusForbidden)
	}
	b.header = nil
	b.get("/inbox").want(http.StatusOK)
	if after := s.rows(); after["suggestions"] != before["suggestions"] || after["the activity counter"] != before["the activity counter"] {
		t.Error("another site's form changed something")
	}
}

func TestNobodyIsLedAway(t *testing.T) {
	s := newRig(t)
	for _, next := range []string{"https://evil.example", "//evil.example", `/\evil.example`, `\/evil.example`, "/\t/evil.example", "javascript:alert(1)", "/%5c..", "evil", "", " /inbox", "/\r\nSet-Cookie: a=b", "http:/evil.example", "///evil.example"} {
		b := s.visitor()
		p := b.post("/preferences/locale", "locale", "zh", "next", next).want(http.StatusSeeOther)
		if to := p.header.Get("Location"); !regexp.MustCompile(`^/([^/\\]|$)`).MatchString(to) {
			t.Errorf("next %q leads to %q", next, to)
		}
		b.post("/sign-in", "email", "eve@example.com", "next", next)
		if p := b.post("/sign-in/code", "code", s.codes["eve@example.com"], "next", next); p.code == http.StatusSeeOther && strings.Contains(p.header.Get("Location"), "evil") {
			t.Errorf("next %q leads to %q after signing in", next, p.header.Get("Location"))
		}
	}
	s.visitor().post("/preferences/locale", "locale", "zh", "next", "/?tab=new&lang=en#thm_1").to("/?tab=new#thm_1")
	s.visitor().post("/preferences/locale", "locale", "fr").want(http.StatusUnprocessableEntity)
	s.visitor().post("/preferences/appearance", "appearance", "dark", "next", "/suggest").to("/suggest")
	dark := s.visitor()
	dark.post("/preferences/appearance", "appearance", "dark")
	dark.get("/").says(`class="dark"`)
}

func TestWhatCannotBeStoredIsRefused(t *testing.T) {
	s := newRig(t)
	for _, path := range []string{"/?q=%ff", "/?q=%00", "/similar-fragment?text=%ff", "/t/%ff", "/t/thm%00"} {
		if p := s.visitor().get(path); p.code < 400 || p.code >= 500 {
			t.Errorf("%s: %d", path, p.code)
		}
	}
	s.visitor().post("/suggest", "title", "a\xff", "confirmed", "1").want(http.StatusUnprocessableEntity)
	s.visitor().post("/suggest", "title", "a\x00b", "confirmed", "1").want(http.StatusUnprocessableEntity)
	s.visitor().get("/nothing-here").want(http.StatusNotFound).says("404", "</html>")
	s.visitor().in("zh").get("/nothing-here").want(http.StatusNotFound).says("这里什么都没有")
}
