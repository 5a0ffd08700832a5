//go:build unix

package githubstand

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"
)

func (c *caller) label(in *github.Label) error {
	return third(c.bot.Issues.CreateLabel(c.ctx, "acme", "roadmap", in))
}

var repositoryRows = []row{
	{"by its name", "", func(c *caller) error {
		r := got(c.bot.Repositories.Get(c.ctx, "acme", "roadmap"))
		return is(r.GetFullName() == roadmap && r.GetID() != 0 && r.GetHasIssues() && !r.GetPrivate(), "%v", r)
	}},
	{"by its name in other letters", "", func(c *caller) error {
		return third(c.bot.Repositories.Get(c.ctx, "ACME", "Roadmap"))
	}},
	{"by its id", "", func(c *caller) error {
		r := got(c.bot.Repositories.Get(c.ctx, "acme", "roadmap"))
		return is(got(c.bot.Repositories.GetByID(c.ctx, r.GetID())).GetFullName() == roadmap, "another")
	}},
	{"one that is not there is not found", "", func(c *caller) error {
		return refused(404, "Not Found", third(c.bot.Repositories.Get(c.ctx, "acme", "nothing")))
	}},
	{"an id that is not there is not found", "", func(c *caller) error {
		return refused(404, "Not Found", third(c.bot.Repositories.GetByID(c.ctx, 987654321)))
	}},
	{"the former name is followed by reads and by writes", "", func(c *caller) error {
		n := c.issue().GetNumber()
		now, err := c.s.Rename(c.ctx, roadmap, "renamed")
		if err != nil {
			return err
		}
		defer c.s.Rename(c.ctx, now, "roadmap")
		return is(c.read(n).GetNumber() == n && c.edit(n, &ask{Title: text("by the former name")}).GetTitle() == "by the former name", "not followed")
	}},
	{"the former name answers 301 to a read and 307 to a write", "", func(c *caller) error {
		now, err := c.s.Rename(c.ctx, roadmap, "renamed")
		if err != nil {
			return err
		}
		defer c.s.Rename(c.ctx, now, "roadmap")
		read, write := c.raw("GET", "/repos/acme/roadmap", c.s.BotToken, ""), c.raw("PATCH", "/repos/acme/roadmap/issues/1", c.s.BotToken, `{"title":"t"}`)
		return is(read.status == 301 && write.status == 307 && strings.Contains(read.header.Get("Location"), "/repositories/"), "%d to %s, %d", read.status, read.header.Get("Location"), write.status)
	}},
	{"with its issues switched off, making one is gone", "", func(c *caller) error {
		got(c.bot.Repositories.Edit(c.ctx, "acme", "secret", &github.Repository{HasIssues: github.Bool(false)}))
		defer c.bot.Repositories.Edit(c.ctx, "acme", "secret", &github.Repository{HasIssues: github.Bool(true)})
		return refused(410, "Issues", third(c.bot.Issues.Create(c.ctx, "acme", "secret", &ask{Title: text("t")})))
	}},
	{"who may write is told", "", func(c *caller) error {
		r := got(c.bot.Repositories.Get(c.ctx, "acme", "roadmap"))
		return is(r.GetPermissions()["push"], "%v", r.GetPermissions())
	}},
}

var labelRows = []row{
	{"a label is made with colour and description", "", func(c *caller) error {
		l := got(c.bot.Issues.CreateLabel(c.ctx, "acme", "roadmap", &github.Label{Name: text(c.name("l")), Color: text("00ff00"), Description: text("d")}))
		return is(l.GetColor() == "00ff00" && l.GetDescription() == "d" && l.GetID() != 0 && !l.GetDefault(), "%v", l)
	}},
	{"a label without a colour gets one", "", func(c *caller) error {
		l := got(c.bot.Issues.CreateLabel(c.ctx, "acme", "roadmap", &github.Label{Name: text(c.name("l"))}))
		return is(len(l.GetColor()) == 6, "%v", l)
	}},
	{"a label twice is refused as already there", "emulate refuses it without saying why", func(c *caller) error {
		l := &github.Label{Name: text(c.name("l")), Color: text("00ff00")}
		return refused(422, "already_exists", firstThen(c.label(l), c.label(l)))
	}},
	{"a label twice, in other letters, is refused", "emulate compares names by their letters", func(c *caller) error {
		l := &github.Label{Name: text(c.name("l")), Color: text("00ff00")}
		return refused(422, "already_exists", firstThen(c.label(l), c.label(&github.Label{Name: text(strings.ToUpper(l.GetName())), Color: l.Color})))
	}},
	{"a name of 51 characters is refused", "", func(c *caller) error {
		return refused(422, "name", c.label(&github.Label{Name: text(strings.Repeat("x", 51)), Color: text("00ff00")}))
	}},
	{"a name of 51 characters with an issue is refused", "", func(c *caller) error {
		return refused(422, "", c.create(c.bot, &ask{Title: text("t"), Labels: &[]string{strings.Repeat("x", 51)}}))
	}},
	{"a colour that is none is refused", "emulate refuses it without saying why", func(c *caller) error {
		return refused(422, "color", c.label(&github.Label{Name: text(c.name("l")), Color: text("invalid")}))
	}},
	{"a description of 101 characters is refused", "emulate has no such limit", func(c *caller) error {
		return refused(422, "description", c.label(&github.Label{Name: text(c.name("l")), Color: text("00ff00"), Description: text(strings.Repeat("d", 101))}))
	}},
	{"a label with a slash is read by its escaped name", "", func(c *caller) error {
		if err := c.label(&github.Label{Name: text("read/me"), Color: text("00ff00")}); err != nil {
			return err
		}
		return third(c.bot.Issues.GetLabel(c.ctx, "acme", "roadmap", "read%2Fme"))
	}},
	{"a label with a colon is read by its name", "", func(c *caller) error {
		if err := c.label(&github.Label{Name: text("status: planned"), Color: text("00ff00")}); err != nil {
			return err
		}
		return third(c.bot.Issues.GetLabel(c.ctx, "acme", "roadmap", "status:%20planned"))
	}},
	{"a renamed label is renamed on its issues", "emulate keeps the old name there", func(c *caller) error {
		n := c.issue("before").GetNumber()
		got(c.bot.Issues.EditLabel(c.ctx, "acme", "roadmap", "before", &github.Label{Name: text("after")}))
		return is(labels(c.read(n)) == "after", "%s", labels(c.read(n)))
	}},
	{"a deleted label is away from its issues", "", func(c *caller) error {
		n := c.issue("passing").GetNumber()
		if err := second(c.bot.Issues.DeleteLabel(c.ctx, "acme", "roadmap", "passing")); err != nil {
			return err
		}
		return is(labels(c.read(n)) == "", "%s", labels(c.read(n)))
	}},
	{"a label that is not there is not found", "", func(c *caller) error {
		return refused(404, "Not Found", third(c.bot.Issues.GetLabel(c.ctx, "acme", "roadmap", "nothing")))
	}},
	{"labels are listed in pages", "", func(c *caller) error {
		c.issue(c.name("l"), c.name("l"), c.name("l"))
		list, res, err := c.bot.Issues.ListLabels(c.ctx, "acme", "roadmap", &github.ListOptions{PerPage: 2})
		return firstThen(err, is(len(list) == 2 && res.NextPage == 2, "%d, next %d", len(list), res.NextPage))
	}},
	{"a milestone is made with description and due date", "", func(c *caller) error {
		due := time.Now().Add(240 * time.Hour)
		m := got(c.bot.Issues.CreateMilestone(c.ctx, "acme", "roadmap", &github.Milestone{Title: text(c.name("m")), Description: text("d"), DueOn: &github.Timestamp{Time: due}}))
		return is(m.GetState() == "open" && m.GetDescription() == "d" && m.DueOn != nil && m.GetNumber() > 0, "%v", m)
	}},
	{"a milestone twice is refused as already there", "", func(c *caller) error {
		m := &github.Milestone{Title: text(c.name("m"))}
		return refused(422, "already_exists", firstThen(third(c.bot.Issues.CreateMilestone(c.ctx, "acme", "roadmap", m)), third(c.bot.Issues.CreateMilestone(c.ctx, "acme", "roadmap", m))))
	}},
	{"a milestone counts its open and closed issues", "", func(c *caller) error {
		m := got(c.bot.Issues.CreateMilestone(c.ctx, "acme", "roadmap", &github.Milestone{Title: text(c.name("m"))}))
		var n int
		for range 3 {
			n = c.issue().GetNumber()
			c.edit(n, &ask{Milestone: m.Number})
		}
		c.edit(n, &ask{State: text("closed")})
		m = got(c.bot.Issues.GetMilestone(c.ctx, "acme", "roadmap", m.GetNumber()))
		return is(m.GetOpenIssues() == 2 && m.GetClosedIssues() == 1, "%d open, %d closed", m.GetOpenIssues(), m.GetClosedIssues())
	}},
	{"a closed milestone is left out of the list", "", func(c *caller) error {
		m := got(c.bot.Issues.CreateMilestone(c.ctx, "acme", "roadmap", &github.Milestone{Title: text(c.name("m"))}))
		got(c.bot.Issues.EditMilestone(c.ctx, "acme", "roadmap", m.GetNumber(), &github.Milestone{State: text("closed")}))
		for _, one := range got(c.bot.Issues.ListMilestones(c.ctx, "acme", "roadmap", nil)) {
			if one.GetNumber() == m.GetNumber() {
				return fmt.Errorf("still listed as %s", one.GetState())
			}
		}
		return nil
	}},
	{"a milestone that is not there is not found", "", func(c *caller) error {
		return refused(404, "Not Found", third(c.bot.Issues.GetMilestone(c.ctx, "acme", "roadmap", 9999)))
	}},
}

// firstThen is the second error, unless there was a first.
func firstThen(first, then error) error {
	if first != nil {
		return unexpected{first}
	}
	return then
}
