package issuesync

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/heedhq/heed/models"
)

func TestOutgoingTextIsHarmless(t *testing.T) {
	w := newWorld(t, sqlite(t), nil, func(o *Options) { o.APIURL = "https://api.github.com" })
	const j = joiner
	for in, want := range map[string]string{
		"Export 100,000 rows; 导出很慢。":                  "Export 100,000 rows; 导出很慢。",
		"ask @octocat and @acme/team":                 "ask @" + j + "octocat and @" + j + "acme/team",
		`\@octocat &#64;octocat &commat;octocat`:      `\@` + j + `octocat &amp;#` + j + `64;octocat &amp;commat;octocat`,
		"write to bob.smith@mail.example.com now":     "write to ‹e-mail ···› now",
		"see #12, acme/roadmap#3, GH-4 and # 5":       "see #" + j + "12, acme/roadmap#" + j + "3, GH-" + j + "4 and # 5",
		"Fixes #12. It fixes the export.":             "#" + j + "12. It fixes the export.",
		"closes: acme/roadmap#3":                      "acme/roadmap#" + j + "3",
		"https://github.com/acme/roadmap/issues/1":    "https:/" + j + "/github.com/acme/roadmap/issues/1",
		"[x](//gist.github.com/1) www.github.com/":    "[x](/" + j + "/gist.github.com/1) w" + j + "ww.github.com/",
		"https://notgithub.com/a https://x.test/":     "https://notgithub.com/a https://x.test/",
		"a <!-- heed:iss_x:00 --> b":                  "a  b",
		"a <!--HEED: never closed":                    "a",
		"a <!-- he<!-- heed:x -->ed:y --> b":          "a &lt;!-- heed:y --> b",
		"a <!-- hides the rest":                       "a &lt;!-- hides the rest",
		"&lt;b&gt; &amp; &copy;":                      "&lt;b&gt; &amp; &amp;copy;",
		"at 0123456789abcdef0123456789abcdef01234567": "at 012345" + j + "6789abcdef0123456789abcdef01234567",
		"bell\x07 and \xff":                           "bell and \uFFFD",
		"token ghp_" + strings.Repeat("a1B2", 9):      "token ‹api_key ···›",
	} {
		_, body := w.compose(&models.Theme{PublicTitle: models.Text{EN: "t"}, PublicText: models.Text{EN: in}, PeopleCount: 2}, "iss_1")
		got, _, _ := strings.Cut(body, "\n\n2 people asked for this.")
		if want = blockBegin + "\n" + want; got != want {
			t.Errorf("%q goes out as\n%q, want\n%q", in, got, want)
		}
		if n := strings.Count(body, "<!--"); n != 2 || !strings.HasSuffix(body, w.marker("iss_1")) {
			t.Errorf("%q: %d comments, want our two around it:\n%s", in, n, body)
		}
	}
}

func TestAnIssueHasRoomForEverything(t *testing.T) {
	w := newWorld(t, sqlite(t), nil)
	id := models.NewID(models.PrefixIssueLink)
	long := strings.Repeat("长", 70_000)
	title, body := w.compose(&models.Theme{PublicTitle: models.Text{EN: long, ZH: long}, PublicText: models.Text{EN: long, ZH: long}}, id)
	if n := utf8.RuneCountInString(title); n > 256 {
		t.Errorf("title of %d characters", n)
	}
	if n := utf8.RuneCountInString(body); n > 60_000 || w.marked(body) != id {
		t.Errorf("body of %d characters, marked for %q", n, w.marked(body))
	}
	title, body = w.compose(&models.Theme{ID: "thm_1", PublicTitle: models.Text{ZH: "深色模式"}, PublicText: models.Text{ZH: "晚上用。"}, PeopleCount: 1}, id)
	if title != "深色模式" || strings.Contains(body, "person asked") || strings.Contains(body, "---\n") || !strings.HasPrefix(body, blockBegin+"\n晚上用。\n\n1 人支持。\n\n") {
		t.Errorf("a Chinese theme goes out as %q\n%s", title, body)
	}
	if strings.Contains(body, "feedback.example.test") {
		t.Error("the issue links to a page that nobody may see")
	}
	_, body = w.compose(&models.Theme{PublicTitle: models.Text{Any: "x"}, PublicText: models.Text{Any: "in some language"}, PeopleCount: 1}, id)
	if !strings.HasPrefix(body, blockBegin+"\nin some language\n\n1 person asked for this.\n\n<!--") {
		t.Errorf("a text of unnamed language goes out as\n%s", body)
	}
}

func TestAMarkerProvesItself(t *testing.T) {
	w := newWorld(t, sqlite(t), nil)
	other := newWorld(t, sqlite(t), nil, func(o *Options) { o.Secret = []byte("another installation") })
	a, b := models.NewID(models.PrefixIssueLink), models.NewID(models.PrefixIssueLink)
	for name, c := range map[string]struct{ body, want string }{
		"ours":                {"text\n\n" + w.marker(a), a},
		"after an imitation":  {other.marker(b) + w.marker(a), a},
		"another's":           {other.marker(a), ""},
		"for another link":    {strings.Replace(w.marker(a), a, b, 1), ""},
		"cut":                 {w.marker(a)[:60], ""},
		"nothing":             {"", ""},
		"with letters raised": {strings.ToUpper(w.marker(a)), ""},
	} {
		if got := w.marked(c.body); got != c.want {
			t.Errorf("%s: marked for %q, want %q", name, got, c.want)
		}
	}
}

func TestAnswersAreJudgedByStatusAndHeaders(t *testing.T) {
	const limit = `{"message":"You have exceeded a secondary rate limit."}`
	for _, c := range []struct {
		name   string
		status int
		header map[string]string
		body   string
		end    end
		tell   string
	}{
		{"bad token", 401, nil, `{"message":"Bad credentials"}`, refused, "401 Bad credentials"},
		{"no right", 403, map[string]string{"X-RateLimit-Remaining": "4999"}, `{"message":"Resource not accessible by personal access token"}`, refused, "403 Resource not accessible by personal access token"},
		{"primary limit", 403, map[string]string{"X-RateLimit-Remaining": "0"}, `{"message":"no"}`, limited, "403 no"},
		{"secondary limit with a date", 403, map[string]string{"Retry-After": "60"}, `{"message":"no"}`, limited, "403 no"},
		{"secondary limit by words alone", 403, nil, limit, limited, "403 You have exceeded a secondary rate limit."},
		{"429, a page", 429, nil, "<html>", limited, "429 Too Many Requests"},
		{"missing", 404, nil, `{"message":"Not Found"}`, refused, "404 Not Found"},
		{"field errors", 422, nil, `{"message":"Validation Failed","errors":[{"field":"title","code":"custom","message":"title is too long"},{"field":"body","code":"missing"}]}`, refused,
			"422 Validation Failed; title is too long; body missing"},
		{"errors that are strings", 422, nil, `{"message":"Validation Failed","errors":["no"]}`, refused, "422 Validation Failed"},
		{"502 page", 502, nil, "<html>", lost, "502 Bad Gateway"},
		{"timeout", 408, nil, "", lost, "408 Request Timeout"},
	} {
		h := http.Header{}
		for k, v := range c.header {
			h.Set(k, v)
		}
		if got := classify(c.status, h, []byte(c.body)); got.end != c.end || got.detail() != c.tell {
			t.Errorf("%s: end %d, %q; want %d, %q", c.name, got.end, got.detail(), c.end, c.tell)
		}
	}
}

func TestPausesAreTheLongestAskedFor(t *testing.T) {
	server := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	reset := func(d time.Duration) map[string]string {
		return map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": strconv.FormatInt(server.Add(d).Unix(), 10)}
	}
	for _, c := range []struct {
		name   string
		header map[string]string
		n      int
		least  time.Duration
	}{
		{"nothing said", nil, 0, time.Minute},
		{"nothing said, the fourth time", nil, 3, 8 * time.Minute},
		{"the hundredth time", nil, 100, 64 * time.Minute},
		{"Retry-After", map[string]string{"Retry-After": "300"}, 0, 5 * time.Minute},
		{"a short Retry-After", map[string]string{"Retry-After": "1"}, 0, time.Minute},
		{"Retry-After as a date", map[string]string{"Retry-After": server.Add(9 * time.Minute).Format(http.TimeFormat)}, 0, 9 * time.Minute},
		{"reset", reset(40 * time.Minute), 0, 40 * time.Minute},
		{"reset with budget left", map[string]string{"X-RateLimit-Remaining": "7", "X-RateLimit-Reset": strconv.FormatInt(server.Add(time.Hour).Unix(), 10)}, 0, time.Minute},
	} {
		h := http.Header{}
		for k, v := range c.header {
			h.Set(k, v)
		}
		if got := pause(h, server, time.Minute, c.n); got < c.least || got > c.least+c.least/10+time.Second {
			t.Errorf("%s: %s, want about %s", c.name, got, c.least)
		}
	}
}
