//go:build unix

package githubstand

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"
)

// ask is an issue as callers send it.
type ask = github.IssueRequest

var text = github.String

// name is one nobody used yet.
func (c *caller) name(kind string) string {
	c.names++
	return fmt.Sprint(kind, " ", c.names)
}

// issue opens one for a row of its own.
func (c *caller) issue(labels ...string) *github.Issue {
	in := &ask{Title: text(c.name("issue")), Body: text("text")}
	if len(labels) > 0 {
		in.Labels = &labels
	}
	return got(c.bot.Issues.Create(c.ctx, "acme", "roadmap", in))
}

// create wants a new issue; what becomes of it is up to the row.
func (c *caller) create(by *github.Client, in *ask) error {
	return third(by.Issues.Create(c.ctx, "acme", "roadmap", in))
}

func (c *caller) edit(number int, in *ask) *github.Issue {
	return got(c.bot.Issues.Edit(c.ctx, "acme", "roadmap", number, in))
}

func (c *caller) editing(by *github.Client, number int, in *ask) error {
	return third(by.Issues.Edit(c.ctx, "acme", "roadmap", number, in))
}

func (c *caller) read(number int) *github.Issue {
	return got(c.bot.Issues.Get(c.ctx, "acme", "roadmap", number))
}

// labels are the names on an issue, in order.
func labels(is *github.Issue) string {
	var names []string
	for _, l := range is.Labels {
		names = append(names, l.GetName())
	}
	slices.Sort(names)
	return strings.Join(names, ",")
}

// closing closes an issue with the reason and wants both back.
func closing(reason string) func(c *caller) error {
	return func(c *caller) error {
		is1 := c.edit(c.issue().GetNumber(), &ask{State: text("closed"), StateReason: text(reason)})
		now := c.read(is1.GetNumber())
		return is(now.GetState() == "closed" && now.GetStateReason() == reason && now.ClosedAt != nil, "%s/%s, closed at %v", now.GetState(), now.GetStateReason(), now.ClosedAt)
	}
}

var issueRows = []row{
	{"an issue is made with title, body, labels and milestone", "", func(c *caller) error {
		m := got(c.bot.Issues.CreateMilestone(c.ctx, "acme", "roadmap", &github.Milestone{Title: text(c.name("m"))}))
		x := got(c.bot.Issues.Create(c.ctx, "acme", "roadmap", &ask{Title: text("t"), Body: text("b"), Labels: &[]string{"bug"}, Milestone: m.Number}))
		x = c.read(x.GetNumber())
		return is(x.GetTitle() == "t" && x.GetBody() == "b" && labels(x) == "bug" && x.GetMilestone().GetNumber() == m.GetNumber(), "%v", x)
	}},
	{"a new issue is open, for no reason, by its author", "", func(c *caller) error {
		x := c.issue()
		return is(x.GetState() == "open" && x.StateReason == nil && x.ClosedAt == nil && x.GetUser().GetLogin() == c.s.BotLogin && x.GetUser().GetType() == "User", "%v", x)
	}},
	{"labels that do not exist come into being with an issue", "", func(c *caller) error {
		l := c.name("new")
		c.issue(l)
		return third(c.bot.Issues.GetLabel(c.ctx, "acme", "roadmap", strings.ReplaceAll(l, " ", "%20")))
	}},
	{"an issue knows where it is: html_url, node id, repository", "", func(c *caller) error {
		x := c.issue()
		return is(strings.HasSuffix(x.GetHTMLURL(), fmt.Sprint("/acme/roadmap/issues/", x.GetNumber())) && x.GetNodeID() != "" && strings.HasSuffix(x.GetRepositoryURL(), "/repos/acme/roadmap"),
			"%s, %s, %s", x.GetHTMLURL(), x.GetNodeID(), x.GetRepositoryURL())
	}},
	{"an empty title is refused", "", func(c *caller) error { return refused(422, "", c.create(c.bot, &ask{Title: text("")})) }},
	{"no title is refused", "", func(c *caller) error { return refused(422, "", c.create(c.bot, &ask{Body: text("b")})) }},
	{"a title of 257 characters is refused", "", func(c *caller) error {
		return refused(422, "title", c.create(c.bot, &ask{Title: text(strings.Repeat("t", 257))}))
	}},
	{"a body of 65,537 characters is refused", "", func(c *caller) error {
		return refused(422, "body", c.create(c.bot, &ask{Title: text("t"), Body: text(strings.Repeat("b", 65537))}))
	}},
	{"a milestone that does not exist is refused", "", func(c *caller) error {
		return refused(422, "", c.create(c.bot, &ask{Title: text("t"), Milestone: github.Int(9999)}))
	}},
	{"an assignee who does not exist is refused", "", func(c *caller) error {
		return refused(422, "", c.create(c.bot, &ask{Title: text("t"), Assignees: &[]string{"nobody-of-that-name"}}))
	}},
	{"an edit leaves what it does not name", "", func(c *caller) error {
		x := c.issue("bug")
		now := c.edit(x.GetNumber(), &ask{Title: text("other")})
		return is(now.GetTitle() == "other" && now.GetBody() == "text" && labels(now) == "bug" && now.GetState() == "open", "%v", now)
	}},
	{"closed as completed", "", closing("completed")},
	{"closed as not planned", "", closing("not_planned")},
	{"closed as a duplicate", "", closing("duplicate")},
	{"a duplicate opened again and closed is none any more", "", func(c *caller) error {
		n := c.issue().GetNumber()
		c.edit(n, &ask{State: text("closed"), StateReason: text("duplicate")})
		c.edit(n, &ask{State: text("open")})
		c.edit(n, &ask{State: text("closed")})
		return is(c.read(n).GetStateReason() == "completed", "%q", c.read(n).GetStateReason())
	}},
	{"closed without a reason is completed", "", func(c *caller) error {
		now := c.edit(c.issue().GetNumber(), &ask{State: text("closed")})
		return is(now.GetStateReason() == "completed", "%q", now.GetStateReason())
	}},
	{"opened again is reopened", "", func(c *caller) error {
		n := c.issue().GetNumber()
		c.edit(n, &ask{State: text("closed"), StateReason: text("not_planned")})
		now := c.edit(n, &ask{State: text("open")})
		return is(now.GetState() == "open" && now.GetStateReason() == "reopened" && now.ClosedAt == nil, "%s/%s, closed at %v", now.GetState(), now.GetStateReason(), now.ClosedAt)
	}},
	{"a reason without a change of state is passed over", "emulate takes it", func(c *caller) error {
		now := c.edit(c.issue().GetNumber(), &ask{StateReason: text("not_planned")})
		return is(now.GetState() == "open" && now.StateReason == nil, "%s/%s", now.GetState(), now.GetStateReason())
	}},
	{"a reason that does not exist is refused", "", func(c *caller) error {
		return refused(422, "state_reason", c.editing(c.bot, c.issue().GetNumber(), &ask{State: text("closed"), StateReason: text("whim")}))
	}},
	{"a state that does not exist is refused", "", func(c *caller) error {
		return refused(422, "", c.editing(c.bot, c.issue().GetNumber(), &ask{State: text("frozen")}))
	}},
	{"who closed it and when is told", "", func(c *caller) error {
		n := c.issue().GetNumber()
		c.edit(n, &ask{State: text("closed")})
		now := c.read(n)
		return is(now.GetClosedBy().GetLogin() == c.s.BotLogin && time.Since(now.GetClosedAt().Time) < time.Minute, "%v at %v", now.GetClosedBy(), now.ClosedAt)
	}},
	{"adding a label leaves the others", "", func(c *caller) error {
		n := c.issue("bug").GetNumber()
		got(c.bot.Issues.AddLabelsToIssue(c.ctx, "acme", "roadmap", n, []string{"feedback"}))
		return is(labels(c.read(n)) == "bug,feedback", "%s", labels(c.read(n)))
	}},
	{"a label in other letters is the same label", "emulate compares names by their letters", func(c *caller) error {
		n := c.issue("bug").GetNumber()
		got(c.bot.Issues.AddLabelsToIssue(c.ctx, "acme", "roadmap", n, []string{"BUG"}))
		return is(labels(c.read(n)) == "bug", "%s", labels(c.read(n)))
	}},
	{"a label is taken away by its name", "", func(c *caller) error {
		n := c.issue("bug", "feedback").GetNumber()
		if err := second(c.bot.Issues.RemoveLabelForIssue(c.ctx, "acme", "roadmap", n, "bug")); err != nil {
			return err
		}
		return is(labels(c.read(n)) == "feedback", "%s", labels(c.read(n)))
	}},
	{"a label with a slash is taken away by its escaped name", "", func(c *caller) error {
		n := c.issue("bug/ux", "feedback").GetNumber()
		if err := second(c.bot.Issues.RemoveLabelForIssue(c.ctx, "acme", "roadmap", n, "bug%2Fux")); err != nil {
			return err
		}
		return is(labels(c.read(n)) == "feedback", "%s", labels(c.read(n)))
	}},
	{"a label that is not on the issue is refused", "emulate says Not Found only", func(c *caller) error {
		got(c.bot.Issues.AddLabelsToIssue(c.ctx, "acme", "roadmap", c.issue().GetNumber(), []string{"elsewhere"}))
		return refused(404, "Label does not exist", second(c.bot.Issues.RemoveLabelForIssue(c.ctx, "acme", "roadmap", c.issue("bug").GetNumber(), "elsewhere")))
	}},
	{"all labels are replaced in one", "", func(c *caller) error {
		n := c.issue("bug").GetNumber()
		got(c.bot.Issues.ReplaceLabelsForIssue(c.ctx, "acme", "roadmap", n, []string{"x", "y"}))
		return is(labels(c.read(n)) == "x,y", "%s", labels(c.read(n)))
	}},
	{"an issue that is not there is not found", "", func(c *caller) error {
		return refused(404, "Not Found", third(c.bot.Issues.Get(c.ctx, "acme", "roadmap", 99999)))
	}},
	{"a deleted issue is gone", "", func(c *caller) error {
		n := c.issue().GetNumber()
		c.s.DeleteIssue(roadmap, n)
		return refused(410, "deleted", third(c.bot.Issues.Get(c.ctx, "acme", "roadmap", n)))
	}},
	{"a transferred issue is found where it went", "", func(c *caller) error {
		n := c.issue().GetNumber()
		to, err := c.s.TransferIssue(c.ctx, roadmap, n, "acme/secret")
		if err != nil {
			return err
		}
		return is(c.read(n).GetID() == to.ID, "%d", c.read(n).GetID())
	}},
	{"changed at the time of its last change", "", func(c *caller) error {
		x := c.issue()
		time.Sleep(1100 * time.Millisecond) // whole seconds
		now := c.edit(x.GetNumber(), &ask{Title: text("later")})
		return is(now.GetUpdatedAt().After(x.GetUpdatedAt().Time) && now.GetCreatedAt().Equal(x.GetCreatedAt()), "%v, then %v", x.UpdatedAt, now.UpdatedAt)
	}},
	{"an assignee is set and taken away", "", func(c *caller) error {
		n := c.issue().GetNumber()
		now := c.edit(n, &ask{Assignees: &[]string{c.s.HumanLogin}})
		if len(now.Assignees) != 1 || now.Assignees[0].GetLogin() != c.s.HumanLogin {
			return fmt.Errorf("assigned to %v", now.Assignees)
		}
		now = c.edit(n, &ask{Assignees: &[]string{}})
		return is(len(now.Assignees) == 0, "still %v", now.Assignees)
	}},
}
