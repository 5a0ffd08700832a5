//go:build unix

package e2e

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// asked are people whom a mail asks something, with the address of the page that takes
// their answer. Each of them answers once.
type asked struct {
	solved []string
	meant  []struct{ path, suggestion string }
}

var answerLinks = regexp.MustCompile(`/(?:solved|meant)/evt_[A-Za-z0-9._-]+`)

// askPeople ships one theme and merges another, and reads the mails: n people are asked
// whether it solves it, and n are told that what they said was put with something else.
func (h *house) askPeople(t *testing.T, n int) *asked {
	t.Helper()
	theme := func(title string) string {
		var made struct{ ID string }
		h.Call("POST", api+"/themes", map[string]any{"title": title}).Want(t, http.StatusCreated).Into(t, &made)
		h.Call("POST", api+"/themes/"+made.ID+"/confirm", map[string]any{"public_title": bilingual{title, title}, "public": true}).Want(t, http.StatusOK)
		return made.ID
	}
	file := func(text, email, theme string) string {
		var made struct{ ID string }
		h.Call("POST", api+"/suggestions", map[string]any{"text": text, "person": map[string]any{"email": email}}).Want(t, http.StatusCreated).Into(t, &made)
		h.Call("POST", api+"/suggestions/"+made.ID+"/assign", map[string]any{"theme": theme}).Want(t, http.StatusOK)
		return made.ID
	}
	shipped, from, into := theme("Colours for labels"), theme("Bigger fonts"), theme("Larger letters")
	out, said := &asked{}, map[string]string{}
	for i := range n {
		file("Give labels a colour "+string(rune('a'+i)), h.address("solved", i), shipped)
		said[h.address("meant", i)] = file("The letters are too small "+string(rune('a'+i)), h.address("meant", i), from)
	}
	h.Call("POST", api+"/themes/"+shipped+"/status", map[string]any{"status": "shipped", "version": "2.0"}).Want(t, http.StatusOK)
	h.Call("POST", api+"/themes/"+from+"/merge", map[string]any{"into": into, "notify": true}).Want(t, http.StatusOK)
	link := func(to string) (path string) {
		waitFor(t, "a question to "+to, 60*time.Second, func() bool {
			for _, m := range h.sink.For(to) {
				for _, l := range answerLinks.FindAllString(m.Read(t).Text, -1) {
					if l[1] == to[0] { // a mail that they have it may lead to /meant/, too
						path = l
					}
				}
			}
			return path != ""
		})
		return path
	}
	for i := range n {
		out.solved = append(out.solved, link(h.address("solved", i)))
		to := h.address("meant", i)
		out.meant = append(out.meant, struct{ path, suggestion string }{link(to), said[to]})
	}
	return out
}

func (h *house) address(who string, i int) string { return who + string(rune('0'+i)) + "@asked.test" }

// talkDoors are the ways in below a theme and behind the links of mails.
func talkDoors(theme string, talker *http.Client, a *asked) []door {
	answer := func(yes string) func(*house, *testing.T, string) []byte {
		return func(h *house, t *testing.T, s string) []byte {
			path := a.solved[0]
			a.solved = a.solved[1:]
			b := h.form(t, visitor(t), path, "answer", yes, "words", "It is so: "+s)
			return slices.Concat(b, h.form(t, visitor(t), path, "answer", yes, "words", s)) // once
		}
	}
	comment := func(field string) func(*house, *testing.T, string) []byte {
		return func(h *house, t *testing.T, s string) []byte {
			b := map[string]any{"text": "We need it too", "person": map[string]any{"email": "talk@example.test", "name": "Jo"}}
			if field == "name" {
				b["person"] = map[string]any{"email": "talk2@example.test", "name": s}
			} else {
				b[field] = "We need it: " + s
			}
			return h.rest("POST", "/themes/"+theme+"/comments", b)(t)
		}
	}
	return []door{
		{"REST comment", comment("text"), true},
		{"REST comment, person's name", comment("name"), true},
		{"REST comment, answer", comment("reply_to"), true},
		{"REST comment of the team", func(h *house, t *testing.T, s string) []byte {
			return h.rest("POST", "/themes/"+theme+"/comments", map[string]any{"text": "He said " + s})(t)
		}, false},
		{"REST comments, cursor", func(h *house, t *testing.T, s string) []byte {
			return h.rest("GET", "/themes/"+theme+"/comments?cursor="+url.QueryEscape(s), nil)(t)
		}, false},
		{"portal comment", func(h *house, t *testing.T, s string) []byte {
			return h.form(t, talker, "/t/"+theme+"/comments", "text", "Mine is "+s)
		}, true},
		{"portal comment, answer", func(h *house, t *testing.T, s string) []byte {
			return h.form(t, talker, "/t/"+theme+"/comments", "text", "Indeed", "reply_to", s)
		}, true},
		{"portal settings, name", func(h *house, t *testing.T, s string) []byte {
			return h.form(t, talker, "/me/settings", "name", s, "locale", "en")
		}, true},
		{"portal settings, phrase", func(h *house, t *testing.T, s string) []byte {
			return h.form(t, talker, "/me/settings", "name", "Jo", "phrase", s, "locale", "en")
		}, true},
		{"solved, yes", answer("yes"), true},
		{"solved, no", answer("no"), true},
		{"not meant", func(h *house, t *testing.T, s string) []byte {
			m := a.meant[0]
			a.meant = a.meant[1:]
			return h.form(t, visitor(t), m.path, "suggestion", m.suggestion, "words", "I meant "+s)
		}, true},
	}
}

var signInCode = regexp.MustCompile(`\b[2-9A-HJ-NP-Z]{4}-?[2-9A-HJ-NP-Z]{4}\b`)

// talker is a browser of somebody who signed in by the code of a mail.
func (h *house) talker(t *testing.T, email string) *http.Client {
	t.Helper()
	c := visitor(t)
	h.form(t, c, "/sign-in", "email", email)
	code := ""
	waitFor(t, "a code", 15*time.Second, func() bool {
		for _, m := range h.sink.For(email) {
			if found := signInCode.FindString(m.Read(t).Text); found != "" {
				code = found
			}
		}
		return code != ""
	})
	h.form(t, c, "/sign-in/code", "email", email, "code", code)
	return c
}

// staff is a browser of the owner, signed in by the printed link.
func (h *house) staff(t *testing.T) *http.Client {
	t.Helper()
	h.CLI("member", "add", "--email", "owner@team.test", "--role", "owner")
	link := strings.TrimSpace(h.CLI("signin-link", "--email", "owner@team.test"))
	link = link[strings.Index(link, "http"):]
	link = strings.Fields(link)[0]
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Jar: jar}
	h.form(t, c, strings.TrimPrefix(link, h.URL))
	res, err := c.Get(h.URL + "/inbox")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.Request.URL.Path != "/inbox" {
		t.Fatalf("not signed in: %s", res.Request.URL)
	}
	return c
}
