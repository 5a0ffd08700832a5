package notifier

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
)

func TestNothingAUserWritesReachesTheHeaders(t *testing.T) {
	r := newTestRenderer(t)
	evil := "x\r\nBcc: all@example.com\r\n\r\n<script>alert(1)</script>\u2028Bcc: b@example.com\x00\u202egnp"
	m := statusMessage(i18n.EN, models.StatusShipped)
	m.To.Name, m.Phrase = evil, evil
	c := &m.Themes[0]
	c.Title, c.Reason, c.Version = evil, evil, evil
	out, env := mustRender(t, r, m)
	if env.GetHeader("Bcc") != "" {
		t.Error("a Bcc header came in")
	}
	head, _, _ := strings.Cut(string(out.Body), "\r\n\r\n")
	for line := range strings.SplitSeq(head, "\r\n") {
		if !regexp.MustCompile(`^([A-Za-z-]+:( |$)| )`).MatchString(line) {
			t.Errorf("a header line that is none: %q", line)
		}
	}
	if strings.Contains(env.HTML, "<script") {
		t.Error("a script came in")
	}
	for part, text := range map[string]string{"text": env.Text, "html": env.HTML, "subject": out.Subject} {
		if strings.ContainsAny(text, "\x00\u202e\u2028") {
			t.Errorf("%s holds control or direction characters", part)
		}
	}
	if strings.Contains(out.Text, "b@example.com") {
		t.Error("a mailbox of the user's text can become a link")
	}
}

func TestMistakesOfTheCallerAreRefused(t *testing.T) {
	r := newTestRenderer(t)
	breaks := map[string]func(*Message){
		"message id with a line break":     func(m *Message) { m.MessageID = "a\r\nBcc: x@y.z" },
		"thread root with a line break":    func(m *Message) { m.ThreadRoot = "a@b\r\nX: y" },
		"address with a line break":        func(m *Message) { m.To.Email = "a@b.example\r\nBcc: x@y.z" },
		"reply address with a break":       func(m *Message) { m.ReplyTo = "a@b.example\r\nBcc: x@y.z" },
		"two addresses":                    func(m *Message) { m.To.Email = "a@b.example, c@d.example" },
		"link to another host":             func(m *Message) { m.Themes[0].URL = "https://evil.example/x" },
		"link with another user":           func(m *Message) { m.Themes[0].URL = "https://heed.acme.example@evil.example/" },
		"link without TLS":                 func(m *Message) { m.PreferencesURL = "http://heed.acme.example/me/a" },
		"script link":                      func(m *Message) { m.Themes[0].URL = "javascript:alert(1)" },
		"unsubscribe link with a comma":    func(m *Message) { m.UnsubscribeURL = "https://heed.acme.example/a>,<mailto:x@y.z" },
		"status mail that nobody can stop": func(m *Message) { m.UnsubscribeURL = "" },
		"no theme":                         func(m *Message) { m.Themes = nil },
		"candidate":                        func(m *Message) { m.Themes[0].Status = models.StatusCandidate },
		"no date":                          func(m *Message) { m.Date = time.Time{} },
		"unknown kind":                     func(m *Message) { m.Kind = "advert" },
		"short code":                       func(m *Message) { *m = signInMessage(i18n.EN); m.Code = "123" },
	}
	for name, spoil := range breaks {
		m := statusMessage(i18n.EN, models.StatusPlanned)
		spoil(&m)
		if out, err := r.Render(m); err == nil {
			t.Errorf("%s was rendered:\n%s", name, out.Body)
		}
	}
}

func TestTextOfUsersNeverBecomesALink(t *testing.T) {
	r := newTestRenderer(t)
	cases := map[string]string{
		"see https://evil.com/a?b=c":          "see evil[.]com/a?b=c",
		"HTTPS://EVIL.COM":                    "EVIL[.]COM",
		"www.evil.example now":                "www[.]evil[.]example now",
		"go to evil.com, quick":               "go to evil[.]com, quick",
		"访问evil.com吧":                         "访问evil[.]com吧",
		"write mailto:me@evil.com":            "write mailto me[at]evil[.]com",
		"me@evil.com":                         "me[at]evil[.]com",
		"https://heed.acme.example@evil.com/": "heed[.]acme[.]example[at]evil[.]com/",
		"http://localhost/x":                  "localhost/x",
		"https://1.2.3.4/x":                   "1[.]2[.]3[.]4/x",
		"javascript:alert(1)":                 "javascript alert(1)",
		"https://heed.acme.example/themes/1":  "https://heed.acme.example/themes/1",
		"Node.js 3.2 and v1.2.beta":           "Node.js 3.2 and v1.2.beta",
		"导出很慢。请修复。":                           "导出很慢。请修复。",
		"Ask evil.com.":                       "Ask evil[.]com.",
		"例子.中国":                               "例子[.]中国",
		"at 12:30: done. Thanks":              "at 12:30: done. Thanks",
	}
	for in, want := range cases {
		if got := r.delink(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func TestAddressesOutsideASCII(t *testing.T) {
	r := newTestRenderer(t)
	m := statusMessage(i18n.ZH, models.StatusPlanned)
	m.To.Email = "mei@例子.公司"
	out, env := mustRender(t, r, m)
	if to := env.GetHeader("To"); !strings.Contains(to, "mei@xn--fsqu00a.xn--55qx5d") || !isASCII(string(out.Body)) {
		t.Errorf("To: %q, want the domain in ASCII", to)
	}
	m.To.Email = "梅@例子.公司"
	out, _ = mustRender(t, r, m)
	if !bytes.Contains(out.Body, []byte("<梅@xn--fsqu00a.xn--55qx5d>")) {
		t.Error("a local part outside ASCII must stand as it is, not encoded")
	}
}

func TestNamesAndSubjectsInEveryScript(t *testing.T) {
	r := newTestRenderer(t)
	for _, name := range []string{"Mei Lin", "李梅", "José Ñandú", "Ольга Иванова", "محمد علي", "สมชาย ใจดี", "김민준", "नरेन्द्र", "👩🏽‍💻 Ada", `O"Neil, Pat <x>`, strings.Repeat("很长的名字", 40)} {
		m := statusMessage(i18n.EN, models.StatusPlanned)
		m.To.Name, m.Themes[0].Title, m.Themes[0].TitleLang = name, name, ""
		out, env := mustRender(t, r, m)
		to, err := env.AddressList("To")
		if err != nil || len(to) != 1 || to[0].Name != clip(name, 64) || to[0].Address != "mei@example.com" {
			t.Errorf("%q arrives as %v, %v", name, to, err)
		}
		if got := env.GetHeader("Subject"); got != out.Subject || !strings.Contains(got, clip(name, subjectTitle)) {
			t.Errorf("subject %q, want %q", got, out.Subject)
		}
		for line := range strings.Lines(string(out.Body)) {
			if len(line) > 998 || !isASCII(line) {
				t.Errorf("%q: a line of %d bytes, or not ASCII: %q", name, len(line), line)
			}
		}
	}
}
