package server_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server"
)

// The tests' requests come from 192.0.2.1.
func TestOnlyATrustedProxySaysWhoAsks(t *testing.T) {
	const oneEach, same = "198.51.100.%d", "198.51.100.7"
	for name, c := range map[string]struct {
		trusted, forwarded string
		limited            bool
	}{
		"no proxy is trusted, the header is forged":      {"", oneEach, true},
		"another proxy is trusted, the header is forged": {"192.0.2.2/32", oneEach, true},
		"a trusted proxy's clients":                      {"192.0.2.0/24", oneEach, false},
		"a trusted proxy's one client":                   {"192.0.2.1/32", same, true},
		"a client forges before the trusted proxy adds":  {"192.0.2.1/32", oneEach + ", " + same, true},
		"two trusted proxies in a row":                   {"192.0.2.1/32 203.0.113.0/24", oneEach + ", 203.0.113.9", false},
		"a private address is no proxy by itself":        {"192.0.2.1/32", oneEach + ", 10.0.0.9", true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newRigWith(t, func(o *server.Options) {
				for _, p := range strings.Fields(c.trusted) {
					o.TrustedProxies = append(o.TrustedProxies, netip.MustParsePrefix(p))
				}
			}, nil)
			limited := false
			for i := range 40 {
				b := s.visitor()
				b.header = http.Header{"X-Forwarded-For": {strings.ReplaceAll(c.forwarded, "%d", fmt.Sprint(i+10))}}
				limited = limited || b.post("/sign-in/code", "code", "AAAAAAAA").code == http.StatusTooManyRequests
			}
			if limited != c.limited {
				t.Errorf("limited: %v, want %v", limited, c.limited)
			}
		})
	}
}

func onHTTPS(o *server.Options) { o.PublicURL = "https://heed.test" }

func TestASiteOnHTTPSAsksForHTTPS(t *testing.T) {
	const name = "Strict-Transport-Security"
	for _, path := range []string{"/", "/livez", "/nothing-here", "/api/v1/themes"} {
		if got := newRigWith(t, onHTTPS, nil).visitor().get(path).header.Get(name); !strings.Contains(got, "max-age=31536000") {
			t.Errorf("https %s: %q", path, got)
		}
		if got := newRig(t).visitor().get(path).header.Get(name); got != "" {
			t.Errorf("http %s: %q", path, got)
		}
	}
}

// A sibling host can set cookies for this one, but none with the prefix.
func TestACookieOfASiblingHostSignsNobodyIn(t *testing.T) {
	s := newRigWith(t, onHTTPS, nil)
	b := s.member(models.RolePM)
	session := b.cookies["__Host-heed_session"]
	if session == "" || b.cookies["heed_session"] != "" {
		t.Fatalf("cookies: %v", b.cookies)
	}
	b.get("/inbox").want(http.StatusOK)
	victim := s.visitor()
	victim.cookies["heed_session"] = session
	victim.get("/inbox").to("/sign-in?next=%2Finbox")

	victim.post("/sign-in", "email", "pm@team.example").want(http.StatusSeeOther)
	victim.cookies["heed_browser"] = victim.cookies["__Host-heed_browser"]
	delete(victim.cookies, "__Host-heed_browser")
	victim.post("/sign-in/code", "code", s.codes["pm@team.example"]).want(http.StatusUnprocessableEntity)

	plain := newRig(t)
	known := plain.member(models.RolePM)
	known.get("/inbox").want(http.StatusOK)
	known.cookies = map[string]string{"__Host-heed_session": known.cookies["heed_session"]}
	known.get("/inbox").to("/sign-in?next=%2Finbox")
}

func TestNothingUnstorableGetsPastTheDoor(t *testing.T) {
	s := newRig(t)
	for _, c := range []struct {
		path, key, code string
		page            int // what a browser is shown; 0: no page there
	}{
		{"/?q=%00", "", "nul_character", 422},
		{"/?q=%ff", "", "not_utf8", 422},
		{"/?q=%zz", "", "invalid", 422},
		{"/?%00=1", "", "nul_character", 422},
		{"/nothing-here?x=%c3%28", "", "not_utf8", 422},
		{"/t/%ff", "", "not_utf8", 404},
		{"/t/%FF", "", "not_utf8", 404},
		{"/t/thm%00", "", "nul_character", 404},
		{"/s/a%2Fb%00", "", "nul_character", 404},
		{"/api/v1/suggestions/%ff", "", "not_utf8", 0},
		{"/api/v1/suggestions/%00", "", "nul_character", 0},
		{"/api/v1/suggestions?q=%00", "", "nul_character", 0},
		{"/api/v1/themes?cursor=a&cursor=%ff", "", "not_utf8", 0},
		{"/api/v1/themes", "k\xff", "not_utf8", 0},
		{"/api/v1/themes", "k\x00", "nul_character", 0},
		{"/webhooks/github?x=%00", "", "nul_character", 0},
		{"/livez?x=%00", "", "nul_character", 0},
	} {
		b := s.visitor()
		if c.key != "" {
			b.header = http.Header{"Idempotency-Key": {c.key}}
		}
		b.accept = "application/json"
		p := b.get(c.path).want(422).says(`"code":"` + c.code + `"`).hides("error.")
		if got := p.header.Get("Content-Type"); got != "application/problem+json" {
			t.Errorf("%s: %s", c.path, got)
		}
		if c.page != 0 {
			b.accept = ""
			b.get(c.path).want(c.page).says("</html>")
		}
	}
	asked := s.visitor()
	asked.cookies["heed_asked"] = base64.RawURLEncoding.EncodeToString([]byte(`{"Email":"a\u0000@example.com"}`))
	asked.get("/sign-in/code").to("/sign-in")
	asked.post("/sign-in/code", "code", "AAAAAAAA").to("/sign-in")
	for _, path := range []string{"/?q=%E5%AF%BC%E5%87%BA", "/?q=%25ff%2500", "/?q=a+b%26c", "/?", "/livez?x"} {
		s.visitor().get(path).want(http.StatusOK)
	}
}
