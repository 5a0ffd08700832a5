//go:build unix

package githubstand

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"
)

// answer is what came back to a plain request.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// raw asks without go-github; header is "Name: value" pairs.
func (c *caller) raw(method, path, token, body string, header ...string) answer {
	req, err := http.NewRequestWithContext(c.ctx, method, c.s.BaseURL+path, strings.NewReader(body))
	if err != nil {
		panic(unexpected{err})
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	client := http.Client{CheckRedirect: sameAnswer}
	res, err := client.Do(req)
	if err != nil {
		panic(unexpected{err})
	}
	defer res.Body.Close()
	a := answer{status: res.StatusCode, header: res.Header}
	if a.body, err = io.ReadAll(res.Body); err != nil {
		panic(unexpected{err})
	}
	return a
}

// message is GitHub's text of a refusal.
func (a answer) message() string {
	var m struct{ Message string }
	_ = json.Unmarshal(a.body, &m) // no JSON has no message
	return m.Message
}

// served wants a path to be there.
func served(method, path, body string) func(c *caller) error {
	return func(c *caller) error {
		a := c.raw(method, strings.Replace(path, "{issue}", fmt.Sprint(c.issue().GetNumber()), 1), c.s.BotToken, body)
		return is(a.status < 300, "%d %s", a.status, a.message())
	}
}

var httpRows = []row{
	{"what has not changed is 304 by its ETag", "", func(c *caller) error {
		path := fmt.Sprint("/repos/acme/roadmap/issues/", c.issue().GetNumber())
		tag := c.raw("GET", path, c.s.BotToken, "").header.Get("ETag")
		again := c.raw("GET", path, c.s.BotToken, "", "If-None-Match: "+tag)
		return is(tag != "" && again.status == 304 && len(again.body) == 0, "%q, then %d", tag, again.status)
	}},
	{"a list is 304 by its ETag, and is not after a change", "", func(c *caller) error {
		l, all := c.several(1)
		path := "/repos/acme/roadmap/issues?labels=" + strings.ReplaceAll(l, " ", "%20")
		tag := c.raw("GET", path, c.s.BotToken, "").header.Get("ETag")
		same := c.raw("GET", path, c.s.BotToken, "", "If-None-Match: "+tag)
		c.edit(all[0].GetNumber(), &ask{Title: text("changed")})
		changed := c.raw("GET", path, c.s.BotToken, "", "If-None-Match: "+tag)
		return is(same.status == 304 && changed.status == 200, "%d and %d", same.status, changed.status)
	}},
	{"304 costs nothing", "", func(c *caller) error {
		path := fmt.Sprint("/repos/acme/roadmap/issues/", c.issue().GetNumber())
		first := c.raw("GET", path, c.s.BotToken, "")
		again := c.raw("GET", path, c.s.BotToken, "", "If-None-Match: "+first.header.Get("ETag"))
		return is(first.header.Get("X-RateLimit-Used") == again.header.Get("X-RateLimit-Used"), "%s, then %s", first.header.Get("X-RateLimit-Used"), again.header.Get("X-RateLimit-Used"))
	}},
	{"an ETag is for one token", "", func(c *caller) error {
		path := fmt.Sprint("/repos/acme/roadmap/issues/", c.issue().GetNumber())
		a, b := c.raw("GET", path, c.s.BotToken, ""), c.raw("GET", path, c.s.HumanToken, "")
		return is(a.header.Get("ETag") != b.header.Get("ETag"), "the same")
	}},
	{"what has not changed is 304 by its Last-Modified", "the proxy sends no Last-Modified", func(c *caller) error {
		path := fmt.Sprint("/repos/acme/roadmap/issues/", c.issue().GetNumber())
		at := c.raw("GET", path, c.s.BotToken, "").header.Get("Last-Modified")
		again := c.raw("GET", path, c.s.BotToken, "", "If-Modified-Since: "+at)
		return is(at != "" && again.status == 304, "%q, then %d", at, again.status)
	}},
	{"every answer tells the budget", "", func(c *caller) error {
		h := c.raw("GET", "/repos/acme/roadmap", c.s.BotToken, "").header
		for _, name := range []string{"Limit", "Remaining", "Used", "Reset", "Resource"} {
			if h.Get("X-RateLimit-"+name) == "" {
				return fmt.Errorf("no %s in %v", name, h)
			}
		}
		return nil
	}},
	{"every answer has a request id, a media type and a date", "", func(c *caller) error {
		h := c.raw("GET", "/repos/acme/roadmap", c.s.BotToken, "").header
		return is(h.Get("X-GitHub-Request-Id") != "" && h.Get("X-GitHub-Media-Type") != "" && h.Get("Date") != "", "%v", h)
	}},
	{"times are whole seconds in UTC", "", func(c *caller) error {
		var x struct {
			At string `json:"created_at"`
		}
		err := json.Unmarshal(c.raw("GET", fmt.Sprint("/repos/acme/roadmap/issues/", c.issue().GetNumber()), c.s.BotToken, "").body, &x)
		_, bad := time.Parse("2006-01-02T15:04:05Z", x.At)
		return firstThen(err, is(bad == nil && len(x.At) == 20, "%s", x.At))
	}},
	{"a refusal has message, documentation and status", "", func(c *caller) error {
		var m struct {
			Message, Status string
			Doc             string `json:"documentation_url"`
		}
		a := c.raw("GET", "/repos/acme/roadmap/issues/99999", c.s.BotToken, "")
		err := json.Unmarshal(a.body, &m)
		return firstThen(err, is(m.Message == "Not Found" && m.Status == "404" && m.Doc != "", "%s", a.body))
	}},
	{"a path that is not there is not found", "", func(c *caller) error {
		a := c.raw("GET", "/nothing/here", c.s.BotToken, "")
		return is(a.status == 404 && a.message() == "Not Found", "%d %s", a.status, a.body)
	}},
	{"what is no JSON is refused", "", func(c *caller) error {
		a := c.raw("POST", "/repos/acme/roadmap/issues", c.s.BotToken, `{"title":`)
		return is(a.status == 400 && a.message() == "Problems parsing JSON", "%d %s", a.status, a.message())
	}},
	{"a request without a User-Agent is refused", "the proxy does not look for one", func(c *caller) error {
		a := c.raw("GET", "/repos/acme/roadmap", c.s.BotToken, "", "User-Agent: ")
		return is(a.status == 403, "%d", a.status)
	}},
	{"a token as basic password is a token", "the proxy knows bearers only", func(c *caller) error {
		a := c.raw("GET", "/user", "", "", "Authorization: Basic "+basic("x", c.s.BotToken))
		return is(a.status == 200, "%d", a.status)
	}},
	{"the account behind a token", "", func(c *caller) error {
		u := got(c.bot.Users.Get(c.ctx, ""))
		return is(u.GetLogin() == c.s.BotLogin && u.GetType() == "User", "%v", u)
	}},
	{"a token says what it may", "the proxy does not hand on X-OAuth-Scopes", func(c *caller) error {
		return is(c.raw("GET", "/user", c.s.BotToken, "").header.Get("X-OAuth-Scopes") != "", "not told")
	}},
	{"the budget can be asked for, free of charge", "the proxy counts it, and emulate tells its own", func(c *caller) error {
		before := c.raw("GET", "/repos/acme/roadmap", c.s.BotToken, "").header.Get("X-RateLimit-Remaining")
		told := got(c.bot.RateLimit.Get(c.ctx)).GetCore().Remaining
		after := c.raw("GET", "/rate_limit", c.s.BotToken, "").header.Get("X-RateLimit-Remaining")
		return is(before == fmt.Sprint(told) && before == after, "%s, told %d, then %s", before, told, after)
	}},
	{"without budget: 403, nothing left, when it starts again", "", func(c *caller) error {
		defer c.s.SetLimits(Limits{})
		c.s.ExhaustPrimary(c.s.BotToken, time.Hour)
		err := third(c.as(c.s.BotToken).Repositories.Get(c.ctx, "acme", "roadmap")) // go-github remembers a limit
		rate, ok := err.(*github.RateLimitError)
		return is(ok && rate.Rate.Remaining == 0 && time.Until(rate.Rate.Reset.Time) > 50*time.Minute, "%v", err)
	}},
	{"too many made in a minute: 403 and when to come back", "", func(c *caller) error {
		defer c.s.SetLimits(Limits{})
		c.s.SetLimits(Limits{PerMinute: 1})
		fresh := c.as(c.s.BotToken) // go-github remembers a limit
		err := firstThen(c.create(fresh, &ask{Title: text("t")}), c.create(fresh, &ask{Title: text("t")}))
		abuse, ok := err.(*github.AbuseRateLimitError)
		return is(ok && abuse.GetRetryAfter() == time.Minute, "%v", err)
	}},
}

func basic(user, password string) string {
	req := http.Request{Header: http.Header{}}
	req.SetBasicAuth(user, password)
	return strings.TrimPrefix(req.Header.Get("Authorization"), "Basic ")
}

var besideRows = []row{
	{"a phrase of a body is found by searching", "", func(c *caller) error {
		phrase := strings.ReplaceAll(c.name("needle"), " ", "")
		got(c.bot.Issues.Create(c.ctx, "acme", "roadmap", &ask{Title: text("t"), Body: text("before " + phrase + " after")}))
		found := got(c.bot.Search.Issues(c.ctx, `repo:acme/roadmap is:issue in:body "`+phrase+`"`, nil))
		return is(found.GetTotal() == 1, "%d", found.GetTotal())
	}},
	{"a phrase of no body is not found", "", func(c *caller) error {
		found := got(c.bot.Search.Issues(c.ctx, `repo:acme/roadmap is:issue in:body "nobody-wrote-this"`, nil))
		return is(found.GetTotal() == 0, "%d", found.GetTotal())
	}},
	{"an issue's events tell that it was closed", "", func(c *caller) error {
		n := c.issue().GetNumber()
		c.edit(n, &ask{State: text("closed")})
		return happened(got(c.bot.Issues.ListIssueEvents(c.ctx, "acme", "roadmap", n, nil)), "closed")
	}},
	{"an issue's events tell that it was renamed, from what to what", "", func(c *caller) error {
		x := c.issue()
		c.edit(x.GetNumber(), &ask{Title: text("after")})
		for _, e := range got(c.bot.Issues.ListIssueEvents(c.ctx, "acme", "roadmap", x.GetNumber(), nil)) {
			if e.GetEvent() == "renamed" {
				return is(e.GetRename().GetFrom() == x.GetTitle() && e.GetRename().GetTo() == "after" && e.GetActor().GetLogin() == c.s.BotLogin, "%v", e)
			}
		}
		return fmt.Errorf("no such event")
	}},
	{"an issue's events tell which milestone it was given, and lost", "", func(c *caller) error {
		n := c.issue().GetNumber()
		m := got(c.bot.Issues.CreateMilestone(c.ctx, "acme", "roadmap", &github.Milestone{Title: text(c.name("m"))}))
		c.edit(n, &ask{Milestone: m.Number})
		got(c.bot.Issues.RemoveMilestone(c.ctx, "acme", "roadmap", n))
		told := ""
		for _, e := range got(c.bot.Issues.ListIssueEvents(c.ctx, "acme", "roadmap", n, nil)) {
			if e.Milestone != nil && e.GetMilestone().GetTitle() == m.GetTitle() {
				told += e.GetEvent() + " "
			}
		}
		return is(strings.Contains(told, "demilestoned ") && strings.Contains(" "+told, " milestoned "), "%s", told)
	}},
	{"an issue's events tell that it was labelled", "emulate writes no such event", func(c *caller) error {
		return happened(got(c.bot.Issues.ListIssueEvents(c.ctx, "acme", "roadmap", c.issue("bug").GetNumber(), nil)), "labeled")
	}},
	{"a repository's issue events", "emulate has no such list", func(c *caller) error {
		c.edit(c.issue().GetNumber(), &ask{State: text("closed")})
		return happened(got(c.bot.Issues.ListRepositoryEvents(c.ctx, "acme", "roadmap", nil)), "closed")
	}},
	{"an issue's timeline has its comments", "emulate leaves them out", func(c *caller) error {
		n := c.issue().GetNumber()
		c.comment(n)
		for _, e := range got(c.bot.Issues.ListIssueTimeline(c.ctx, "acme", "roadmap", n, nil)) {
			if e.GetEvent() == "commented" {
				return nil
			}
		}
		return fmt.Errorf("no such event")
	}},
	{"GraphQL", "emulate has none", served("POST", "/graphql", `{"query":"{viewer{login}}"}`)},
	{"sub-issues", "emulate has none", served("GET", "/repos/acme/roadmap/issues/{issue}/sub_issues", "")},
	{"reactions", "emulate has none", served("GET", "/repos/acme/roadmap/issues/{issue}/reactions", "")},
	{"issue types", "emulate has none", served("GET", "/orgs/acme/issue-types", "")},
	{"a pull request is made", "", func(c *caller) error { return is(c.pull().GetNumber() > 0, "no number") }},
}

func happened(events []*github.IssueEvent, what string) error {
	var all []string
	for _, e := range events {
		if e.GetEvent() == what {
			return nil
		}
		all = append(all, e.GetEvent())
	}
	return fmt.Errorf("only %v", all)
}
