//go:build unix

package githubstand

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"
)

var accessRows = []row{
	{"a token nobody gave out has bad credentials", "", func(c *caller) error {
		return refused(401, "Bad credentials", third(c.stranger.Repositories.Get(c.ctx, "acme", "roadmap")))
	}},
	{"a repository says what one may do there", "", func(c *caller) error {
		theirs := got(c.outsider.Repositories.Get(c.ctx, "acme", "roadmap")).GetPermissions()
		return is(theirs["pull"] && !theirs["triage"] && !theirs["push"], "%v", theirs)
	}},
	{"a visitor reads what is public", "", func(c *caller) error {
		return third(c.visitor.Issues.Get(c.ctx, "acme", "roadmap", c.issue().GetNumber()))
	}},
	{"a visitor does not find what is private", "", func(c *caller) error {
		return refused(404, "Not Found", third(c.visitor.Repositories.Get(c.ctx, "acme", "secret")))
	}},
	{"a visitor may not write", "", func(c *caller) error {
		return refused(401, "Requires authentication", c.create(c.visitor, &ask{Title: text("t")}))
	}},
	{"an outsider does not find what is private", "", func(c *caller) error {
		return refused(404, "Not Found", third(c.outsider.Repositories.Get(c.ctx, "acme", "secret")))
	}},
	{"an outsider may open an issue where all can read", "", func(c *caller) error { return c.create(c.outsider, &ask{Title: text("t")}) }},
	{"an outsider may not edit another's issue", "", func(c *caller) error {
		return refused(403, "", c.editing(c.outsider, c.issue().GetNumber(), &ask{Title: text("t")}))
	}},
	{"an outsider may comment", "", func(c *caller) error {
		return third(c.outsider.Issues.CreateComment(c.ctx, "acme", "roadmap", c.issue().GetNumber(), &github.IssueComment{Body: text("me too")}))
	}},
	{"an outsider may not comment on a locked issue", "", func(c *caller) error {
		n := c.issue().GetNumber()
		if err := second(c.bot.Issues.Lock(c.ctx, "acme", "roadmap", n, &github.LockIssueOptions{LockReason: "resolved"})); err != nil {
			return unexpected{err}
		}
		return refused(403, "", third(c.outsider.Issues.CreateComment(c.ctx, "acme", "roadmap", n, &github.IssueComment{Body: text("x")})))
	}},
	{"an outsider may not make a label", "", func(c *caller) error {
		err := third(c.outsider.Issues.CreateLabel(c.ctx, "acme", "roadmap", &github.Label{Name: text(c.name("l")), Color: text("00ff00")}))
		return is(status(err) == 403 || status(err) == 404, "%v", err)
	}},
	{"an outsider does not find the webhooks", "", func(c *caller) error {
		return refused(404, "Not Found", third(c.outsider.Repositories.ListHooks(c.ctx, "acme", "roadmap", nil)))
	}},
	{"what was made private is not found by an outsider any more", "", func(c *caller) error {
		if err := c.s.SetPrivate(c.ctx, roadmap, true); err != nil {
			return err
		}
		defer c.s.SetPrivate(c.ctx, roadmap, false)
		return refused(404, "Not Found", third(c.outsider.Repositories.Get(c.ctx, "acme", "roadmap")))
	}},
	{"a lock is told and taken away", "", func(c *caller) error {
		n := c.issue().GetNumber()
		if err := second(c.bot.Issues.Lock(c.ctx, "acme", "roadmap", n, nil)); err != nil || !c.read(n).GetLocked() {
			return fmt.Errorf("not locked: %v", err)
		}
		err := second(c.bot.Issues.Unlock(c.ctx, "acme", "roadmap", n))
		return firstThen(err, is(!c.read(n).GetLocked(), "still locked"))
	}},
}

func (c *caller) comment(n int) *github.IssueComment {
	return got(c.bot.Issues.CreateComment(c.ctx, "acme", "roadmap", n, &github.IssueComment{Body: text(c.name("comment"))}))
}

func (c *caller) commenting(n int, body string) error {
	return third(c.bot.Issues.CreateComment(c.ctx, "acme", "roadmap", n, &github.IssueComment{Body: &body}))
}

var commentRows = []row{
	{"a comment is made, read and counted", "", func(c *caller) error {
		n := c.issue().GetNumber()
		x := got(c.bot.Issues.GetComment(c.ctx, "acme", "roadmap", c.comment(n).GetID()))
		return is(x.GetUser().GetLogin() == c.s.BotLogin && strings.HasSuffix(x.GetIssueURL(), fmt.Sprint("/issues/", n)) && c.read(n).GetComments() == 1, "%v, %d counted", x, c.read(n).GetComments())
	}},
	{"a comment is edited", "", func(c *caller) error {
		x := got(c.bot.Issues.EditComment(c.ctx, "acme", "roadmap", c.comment(c.issue().GetNumber()).GetID(), &github.IssueComment{Body: text("edited")}))
		return is(x.GetBody() == "edited", "%v", x)
	}},
	{"a deleted comment is not found and not counted", "", func(c *caller) error {
		n := c.issue().GetNumber()
		id := c.comment(n).GetID()
		if err := second(c.bot.Issues.DeleteComment(c.ctx, "acme", "roadmap", id)); err != nil || c.read(n).GetComments() != 0 {
			return fmt.Errorf("%v, %d counted", err, c.read(n).GetComments())
		}
		return refused(404, "Not Found", third(c.bot.Issues.GetComment(c.ctx, "acme", "roadmap", id)))
	}},
	{"a comment of 65,537 characters is refused", "", func(c *caller) error {
		return refused(422, "body", c.commenting(c.issue().GetNumber(), strings.Repeat("c", 65537)))
	}},
	{"an empty comment is refused", "", func(c *caller) error { return refused(422, "", c.commenting(c.issue().GetNumber(), "")) }},
	{"a comment on an issue that is not there is not found", "", func(c *caller) error { return refused(404, "Not Found", c.commenting(99999, "x")) }},
	{"comments of an issue, oldest first, changed since", "", func(c *caller) error {
		n := c.issue().GetNumber()
		a, b := c.comment(n), c.comment(n)
		since := time.Now().Add(-time.Hour)
		list := got(c.bot.Issues.ListComments(c.ctx, "acme", "roadmap", n, &github.IssueListCommentsOptions{Since: &since}))
		return is(len(list) == 2 && list[0].GetID() == a.GetID() && list[1].GetID() == b.GetID(), "%v", list)
	}},
	{"comments of a repository, changed since", "", func(c *caller) error {
		c.comment(c.issue().GetNumber())
		future := time.Now().Add(time.Hour)
		all := got(c.bot.Issues.ListComments(c.ctx, "acme", "roadmap", 0, nil))
		none := got(c.bot.Issues.ListComments(c.ctx, "acme", "roadmap", 0, &github.IssueListCommentsOptions{Since: &future}))
		return is(len(all) > 0 && len(none) == 0, "%d, %d from the future", len(all), len(none))
	}},
	{"comments of a repository, last changed first", "", func(c *caller) error {
		c.comment(c.issue().GetNumber())
		time.Sleep(5 * time.Millisecond) // emulate orders by the millisecond
		last := c.comment(c.issue().GetNumber())
		list := got(c.bot.Issues.ListComments(c.ctx, "acme", "roadmap", 0, &github.IssueListCommentsOptions{Sort: text("updated"), Direction: text("desc")}))
		return is(list[0].GetID() == last.GetID(), "%v", list[0])
	}},
}

// list is the issues with that label, as the options say.
func (c *caller) list(label string, o github.IssueListByRepoOptions) ([]*github.Issue, *github.Response) {
	o.Labels = append(o.Labels, label)
	list, res, err := c.bot.Issues.ListByRepo(c.ctx, "acme", "roadmap", &o)
	if err != nil {
		panic(unexpected{err})
	}
	return list, res
}

// several are issues with a label of their own, which is given back.
func (c *caller) several(n int) (label string, all []*github.Issue) {
	label = c.name("several")
	for range n {
		all = append(all, c.issue(label))
		time.Sleep(5 * time.Millisecond) // emulate orders by the millisecond
	}
	return label, all
}

// numbers are those of the issues, in their order.
func numbers(list []*github.Issue) (all []int) {
	for _, x := range list {
		all = append(all, x.GetNumber())
	}
	return all
}

var listRows = []row{
	{"open issues only, newest first, unless asked otherwise", "", func(c *caller) error {
		l, all := c.several(3)
		c.edit(all[1].GetNumber(), &ask{State: text("closed")})
		list, _ := c.list(l, github.IssueListByRepoOptions{})
		return is(slices.Equal(numbers(list), []int{all[2].GetNumber(), all[0].GetNumber()}), "%v", numbers(list))
	}},
	{"open and closed ones", "", func(c *caller) error {
		l, all := c.several(2)
		c.edit(all[1].GetNumber(), &ask{State: text("closed")})
		list, _ := c.list(l, github.IssueListByRepoOptions{State: "all"})
		return is(len(list) == 2, "%v", numbers(list))
	}},
	{"those with all of several labels", "", func(c *caller) error {
		l, all := c.several(2)
		got(c.bot.Issues.AddLabelsToIssue(c.ctx, "acme", "roadmap", all[0].GetNumber(), []string{"both"}))
		list, _ := c.list(l, github.IssueListByRepoOptions{Labels: []string{"both"}})
		return is(len(list) == 1 && list[0].GetNumber() == all[0].GetNumber(), "%v", numbers(list))
	}},
	{"last changed last", "", func(c *caller) error {
		l, all := c.several(2)
		time.Sleep(1100 * time.Millisecond) // whole seconds
		c.edit(all[0].GetNumber(), &ask{Title: text("touched")})
		list, _ := c.list(l, github.IssueListByRepoOptions{Sort: "updated", Direction: "asc"})
		return is(len(list) == 2 && list[1].GetNumber() == all[0].GetNumber(), "%v", numbers(list))
	}},
	{"changed in that second or later", "", func(c *caller) error {
		l, all := c.several(1)
		now := all[0].GetUpdatedAt().Time
		same, _ := c.list(l, github.IssueListByRepoOptions{Since: now})
		later, _ := c.list(l, github.IssueListByRepoOptions{Since: now.Add(time.Second)})
		return is(len(same) == 1 && len(later) == 0, "%d in the second, %d later", len(same), len(later))
	}},
	{"by who opened them", "", func(c *caller) error {
		l, _ := c.several(1)
		bots, _ := c.list(l, github.IssueListByRepoOptions{Creator: c.s.BotLogin})
		humans, _ := c.list(l, github.IssueListByRepoOptions{Creator: c.s.HumanLogin})
		return is(len(bots) == 1 && len(humans) == 0, "%d and %d", len(bots), len(humans))
	}},
	{"by milestone", "", func(c *caller) error {
		m := got(c.bot.Issues.CreateMilestone(c.ctx, "acme", "roadmap", &github.Milestone{Title: text(c.name("m"))}))
		l, all := c.several(2)
		c.edit(all[1].GetNumber(), &ask{Milestone: m.Number})
		with, _ := c.list(l, github.IssueListByRepoOptions{Milestone: fmt.Sprint(m.GetNumber())})
		without, _ := c.list(l, github.IssueListByRepoOptions{Milestone: "none"})
		return is(len(with) == 1 && len(without) == 1, "%d with, %d without", len(with), len(without))
	}},
	{"in pages, with links to the next and the last", "", func(c *caller) error {
		l, _ := c.several(5)
		o := github.IssueListByRepoOptions{ListOptions: github.ListOptions{PerPage: 2}}
		_, first := c.list(l, o)
		o.Page = 3
		list, last := c.list(l, o)
		return is(first.NextPage == 2 && first.LastPage == 3 && len(list) == 1 && last.NextPage == 0 && last.PrevPage == 2 && last.FirstPage == 1, "next %d, last %d; %d on it, previous %d, first %d",
			first.NextPage, first.LastPage, len(list), last.PrevPage, last.FirstPage)
	}},
	{"the links keep what was asked and lead to the repository by its id", "emulate's links lead to it by name", func(c *caller) error {
		l, _ := c.several(2)
		_, res := c.list(l, github.IssueListByRepoOptions{State: "all", ListOptions: github.ListOptions{PerPage: 1}})
		link := res.Header.Get("Link")
		return is(strings.Contains(link, "state=all") && strings.Contains(link, "/repositories/"), "%s", link)
	}},
	{"100 on a page at most", "", func(c *caller) error {
		label := c.name("many")
		for range 101 {
			if _, err := c.s.CreateIssue(c.ctx, roadmap, "many", "", label); err != nil {
				return err
			}
		}
		list, _ := c.list(label, github.IssueListByRepoOptions{ListOptions: github.ListOptions{PerPage: 200}})
		return is(len(list) == 100, "%d", len(list))
	}},
	{"nothing on a page after the last", "", func(c *caller) error {
		l, _ := c.several(1)
		list, res := c.list(l, github.IssueListByRepoOptions{ListOptions: github.ListOptions{Page: 7}})
		return is(len(list) == 0 && res.StatusCode == 200, "%d with %d", len(list), res.StatusCode)
	}},
	{"deleted and transferred ones are left out", "", func(c *caller) error {
		l, all := c.several(3)
		c.s.DeleteIssue(roadmap, all[0].GetNumber())
		if _, err := c.s.TransferIssue(c.ctx, roadmap, all[1].GetNumber(), "acme/secret"); err != nil {
			return err
		}
		list, _ := c.list(l, github.IssueListByRepoOptions{State: "all"})
		return is(slices.Equal(numbers(list), []int{all[2].GetNumber()}), "%v", numbers(list))
	}},
	{"a pull request is among the issues, marked as one", "", func(c *caller) error {
		n := c.pull().GetNumber()
		for _, x := range got(c.bot.Issues.ListByRepo(c.ctx, "acme", "roadmap", &github.IssueListByRepoOptions{State: "all"})) {
			if x.GetNumber() == n {
				return is(x.IsPullRequest(), "not marked")
			}
		}
		return fmt.Errorf("#%d is not listed", n)
	}},
}

// merged are rows about pull requests that were merged.
var mergedRows = []row{
	{"a pull request is read as the issue that it is", "", func(c *caller) error {
		n := c.pull().GetNumber()
		x := c.read(n)
		return is(x.IsPullRequest() && x.GetNumber() == n && x.GetState() == "open" && x.PullRequestLinks.MergedAt == nil && x.GetBody() == "fixes #1", "%v", x)
	}},
	{"a merged one says when, and is closed", "", func(c *caller) error {
		n := c.pull().GetNumber()
		got(c.bot.PullRequests.Merge(c.ctx, "acme", "roadmap", n, "", nil))
		x := c.read(n)
		return is(x.GetState() == "closed" && time.Since(x.PullRequestLinks.GetMergedAt().Time) < time.Minute, "%v", x)
	}},
	{"a merged one is among those that changed", "", func(c *caller) error {
		time.Sleep(1100 * time.Millisecond) // whole seconds
		n := c.pull().GetNumber()
		since := c.read(n).GetUpdatedAt().Time
		got(c.bot.PullRequests.Merge(c.ctx, "acme", "roadmap", n, "", nil))
		list := got(c.bot.Issues.ListByRepo(c.ctx, "acme", "roadmap", &github.IssueListByRepoOptions{State: "all", Sort: "updated", Direction: "asc", Since: since}))
		return is(len(list) == 1 && list[0].GetNumber() == n && list[0].PullRequestLinks.MergedAt != nil, "%v", list)
	}},
	{"one that was closed was not merged", "", func(c *caller) error {
		n := c.pull().GetNumber()
		got(c.bot.PullRequests.Edit(c.ctx, "acme", "roadmap", n, &github.PullRequest{State: text("closed")}))
		return is(c.read(n).PullRequestLinks.MergedAt == nil && c.read(n).GetState() == "closed", "%v", c.read(n))
	}},
	{"a merge closes the issues that its body closes", "emulate leaves them open", func(c *caller) error {
		closed := c.issue().GetNumber()
		n := c.pull().GetNumber()
		got(c.bot.PullRequests.Edit(c.ctx, "acme", "roadmap", n, &github.PullRequest{Body: text(fmt.Sprint("fixes #", closed))}))
		got(c.bot.PullRequests.Merge(c.ctx, "acme", "roadmap", n, "", nil))
		return is(c.read(closed).GetState() == "closed", "it is %s", c.read(closed).GetState())
	}},
}

// pull opens a pull request from a branch of its own.
func (c *caller) pull() *github.PullRequest {
	repo := got(c.bot.Repositories.Get(c.ctx, "acme", "roadmap"))
	base := got(c.bot.Git.GetRef(c.ctx, "acme", "roadmap", "heads/"+repo.GetDefaultBranch()))
	branch := strings.ReplaceAll(c.name("branch"), " ", "-")
	got(c.bot.Git.CreateRef(c.ctx, "acme", "roadmap", &github.Reference{Ref: text("refs/heads/" + branch), Object: base.Object}))
	got(c.bot.Repositories.CreateFile(c.ctx, "acme", "roadmap", branch+".txt", &github.RepositoryContentFileOptions{Message: text("m"), Content: []byte("x"), Branch: &branch}))
	return got(c.bot.PullRequests.Create(c.ctx, "acme", "roadmap", &github.NewPullRequest{Title: text("p"), Body: text("fixes #1"), Head: &branch, Base: repo.DefaultBranch}))
}
