//go:build unix

package githubstand

import (
	"errors"
	"fmt"
	"slices"

	"github.com/google/go-github/v60/github"
)

// hooked makes a hook for the events and takes it away after use.
func (c *caller) hooked(use func(h *github.Hook) error, events ...string) error {
	h := got(c.bot.Repositories.CreateHook(c.ctx, "acme", "roadmap", c.hookTo(events...)))
	defer c.bot.Repositories.DeleteHook(c.ctx, "acme", "roadmap", h.GetID())
	c.flush()
	return use(h)
}

func (c *caller) hookTo(events ...string) *github.Hook {
	return &github.Hook{Name: text("web"), Active: github.Bool(true), Events: events,
		Config: &github.HookConfig{URL: &c.hook.URL, Secret: &c.hook.secret, ContentType: text("json")}}
}

func (c *caller) flush() {
	if err := c.s.FlushHooks(c.ctx); err != nil {
		panic(unexpected{err})
	}
}

// hears wants the events to be delivered once that is done.
func hears(do func(c *caller, n int), want string) func(c *caller) error {
	return func(c *caller) error {
		n := c.issue().GetNumber()
		return c.hooked(func(*github.Hook) error {
			before := len(c.hook.seen())
			do(c, n)
			c.flush()
			heard := c.hook.seen()[before:]
			return is(slices.Contains(heard, want), "only %v", heard)
		}, "*")
	}
}

func (c *caller) deliveries(h *github.Hook) []*github.HookDelivery {
	return got(c.bot.Repositories.ListHookDeliveries(c.ctx, "acme", "roadmap", h.GetID(), nil))
}

var hookRows = []row{
	{"a new hook is pinged", "", func(c *caller) error {
		before := len(c.hook.seen())
		return c.hooked(func(*github.Hook) error {
			return is(slices.Contains(c.hook.seen()[before:], "ping"), "%v", c.hook.seen()[before:])
		}, "issues")
	}},
	{"a hook is pinged when asked", "", func(c *caller) error {
		return c.hooked(func(h *github.Hook) error {
			before := len(c.hook.seen())
			err := second(c.bot.Repositories.PingHook(c.ctx, "acme", "roadmap", h.GetID()))
			c.flush()
			return firstThen(err, is(slices.Contains(c.hook.seen()[before:], "ping"), "not"))
		}, "issues")
	}},
	{"a hook never shows its secret", "", func(c *caller) error {
		return c.hooked(func(h *github.Hook) error {
			h = got(c.bot.Repositories.GetHook(c.ctx, "acme", "roadmap", h.GetID()))
			return is(h.GetConfig().GetSecret() == "********" && h.GetConfig().GetURL() == c.hook.URL, "%v", h.GetConfig())
		}, "issues")
	}},
	{"the same hook twice is refused", "", func(c *caller) error {
		return c.hooked(func(*github.Hook) error {
			return refused(422, "Hook already exists", third(c.bot.Repositories.CreateHook(c.ctx, "acme", "roadmap", c.hookTo("issues"))))
		}, "issues")
	}},
	{"an event that does not exist is refused", "the proxy takes any name", func(c *caller) error {
		h, _, err := c.bot.Repositories.CreateHook(c.ctx, "acme", "roadmap", c.hookTo("no_such_event"))
		if err == nil {
			defer c.bot.Repositories.DeleteHook(c.ctx, "acme", "roadmap", h.GetID())
		}
		return refused(422, "", err)
	}},
	{"a hook is listed, changed and deleted", "", func(c *caller) error {
		return c.hooked(func(h *github.Hook) error {
			in := c.hookTo("issues", "label")
			h = got(c.bot.Repositories.EditHook(c.ctx, "acme", "roadmap", h.GetID(), in))
			all := len(got(c.bot.Repositories.ListHooks(c.ctx, "acme", "roadmap", nil)))
			err := second(c.bot.Repositories.DeleteHook(c.ctx, "acme", "roadmap", h.GetID()))
			if err != nil || all != 1 || len(h.Events) != 2 {
				return fmt.Errorf("%d listed, events %v, %v", all, h.Events, err)
			}
			return refused(404, "Not Found", third(c.bot.Repositories.GetHook(c.ctx, "acme", "roadmap", h.GetID())))
		}, "issues")
	}},
	{"issues.opened", "", hears(func(c *caller, _ int) { c.issue() }, "issues.opened")},
	{"issues.edited", "", hears(func(c *caller, n int) { c.edit(n, &ask{Title: text("t")}) }, "issues.edited")},
	{"issues.closed", "", hears(func(c *caller, n int) { c.edit(n, &ask{State: text("closed")}) }, "issues.closed")},
	{"issues.reopened", "", hears(func(c *caller, n int) {
		c.edit(n, &ask{State: text("closed")})
		c.edit(n, &ask{State: text("open")})
	}, "issues.reopened")},
	{"issues.labeled", "", hears(func(c *caller, n int) {
		got(c.bot.Issues.AddLabelsToIssue(c.ctx, "acme", "roadmap", n, []string{"bug"}))
	}, "issues.labeled")},
	{"issues.transferred", "", hears(func(c *caller, n int) { _, _ = c.s.TransferIssue(c.ctx, roadmap, n, "acme/secret") }, "issues.transferred")},
	{"issues.deleted", "the verb of the stand raises no event", hears(func(c *caller, n int) { c.s.DeleteIssue(roadmap, n) }, "issues.deleted")},
	{"issue_comment", "", hears(func(c *caller, n int) { c.comment(n) }, "issue_comment")},
	{"label", "", hears(func(c *caller, _ int) { _ = c.label(&github.Label{Name: text(c.name("l")), Color: text("00ff00")}) }, "label")},
	{"milestone", "", hears(func(c *caller, _ int) {
		got(c.bot.Issues.CreateMilestone(c.ctx, "acme", "roadmap", &github.Milestone{Title: text(c.name("m"))}))
	}, "milestone")},
	{"an event nobody asked for is not delivered", "", func(c *caller) error {
		n := c.issue().GetNumber()
		return c.hooked(func(*github.Hook) error {
			before := len(c.hook.seen())
			c.comment(n)
			c.flush()
			return is(len(c.hook.seen()) == before, "%v", c.hook.seen()[before:])
		}, "issues")
	}},
	{"deliveries are on record, newest first", "", func(c *caller) error {
		return c.hooked(func(h *github.Hook) error {
			c.issue()
			c.flush()
			list := c.deliveries(h)
			return is(len(list) == 2 && list[0].GetEvent() == "issues" && list[0].GetAction() == "opened" && list[0].GetStatusCode() == 202 && list[1].GetEvent() == "ping", "%v", list)
		}, "issues")
	}},
	{"one delivery is read with what was sent", "the proxy lists deliveries, but shows none by itself", func(c *caller) error {
		return c.hooked(func(h *github.Hook) error {
			d := got(c.bot.Repositories.GetHookDelivery(c.ctx, "acme", "roadmap", h.GetID(), c.deliveries(h)[0].GetID()))
			return is(d.GetRequest() != nil && len(d.Request.GetRawPayload()) > 0, "%v", d)
		}, "issues")
	}},
	{"a delivery is repeated under its GUID", "", func(c *caller) error {
		return c.hooked(func(h *github.Hook) error {
			first := c.deliveries(h)[0]
			err := third(c.bot.Repositories.RedeliverHookDelivery(c.ctx, "acme", "roadmap", h.GetID(), first.GetID()))
			var accepted *github.AcceptedError
			if !errors.As(err, &accepted) && err != nil {
				return err
			}
			c.flush()
			again := c.deliveries(h)[0]
			return is(again.GetID() != first.GetID() && again.GetGUID() == first.GetGUID() && again.GetRedelivery(), "%v", again)
		}, "issues")
	}},
}

var appRows = []row{
	{"the App by its own signature", "", func(c *caller) error {
		a := got(c.app.Apps.Get(c.ctx, ""))
		return is(a.GetID() == c.s.AppID && a.GetSlug() == "heed", "%v", a)
	}},
	{"an App nobody made has no credentials", "", func(c *caller) error {
		return refused(401, "", third(c.as(assertion(c.t, c.s, 999)).Apps.Get(c.ctx, "")))
	}},
	{"the installation of a repository", "", func(c *caller) error {
		in := got(c.app.Apps.FindRepositoryInstallation(c.ctx, "acme", "roadmap"))
		return is(in.GetID() == c.s.InstallationID, "%v", in)
	}},
	{"an installation's token says what it may and for how long", "", func(c *caller) error {
		token := got(c.app.Apps.CreateInstallationToken(c.ctx, c.s.InstallationID, &github.InstallationTokenOptions{}))
		return is(token.GetPermissions().GetIssues() == "write" && token.ExpiresAt != nil, "%v", token)
	}},
	{"an installation that is not there is not found", "", func(c *caller) error {
		return refused(404, "", third(c.app.Apps.CreateInstallationToken(c.ctx, 999, &github.InstallationTokenOptions{})))
	}},
	{"an issue by the App is by its bot", "", func(c *caller) error {
		x := got(c.installation.Issues.Create(c.ctx, "acme", "roadmap", &ask{Title: text("t")}))
		return is(x.GetUser().GetLogin() == "heed[bot]" && x.GetUser().GetType() == "Bot", "%v", x.GetUser())
	}},
	{"what the App was not allowed is refused", "the proxy serves hooks to every token", func(c *caller) error {
		h, _, err := c.installation.Repositories.CreateHook(c.ctx, "acme", "roadmap", c.hookTo("issues"))
		if err == nil {
			defer c.bot.Repositories.DeleteHook(c.ctx, "acme", "roadmap", h.GetID())
		}
		return refused(403, "not accessible by integration", err)
	}},
	{"the App of a manifest is given for its code, once, to whoever knows that", "", func(c *caller) error {
		made := c.s.MakeApp()
		app, _, err := c.as("").Apps.CompleteAppManifest(c.ctx, made.Code)
		if err != nil || app.GetID() != c.s.AppID || app.GetPEM() == "" || app.GetWebhookSecret() != made.WebhookSecret {
			return fmt.Errorf("%v, %v", app, err)
		}
		return refused(404, "", third(c.as("").Apps.CompleteAppManifest(c.ctx, made.Code)))
	}},
	{"the repositories of an installation", "", func(c *caller) error {
		list := got(c.installation.Apps.ListRepos(c.ctx, nil))
		return is(len(list.Repositories) == 2, "%d", len(list.Repositories))
	}},
	{"deliveries to the App are on record, with the repository, and repeated", "", func(c *caller) error {
		c.s.SetAppHook(c.hook.URL)
		defer c.s.SetAppHook("")
		c.issue()
		c.flush()
		first := got(c.app.Apps.ListHookDeliveries(c.ctx, nil))[0]
		var accepted *github.AcceptedError
		if err := third(c.app.Apps.RedeliverHookDelivery(c.ctx, first.GetID())); err != nil && !errors.As(err, &accepted) {
			return err
		}
		c.flush()
		again := got(c.app.Apps.ListHookDeliveries(c.ctx, nil))[0]
		return is(first.GetEvent() == "issues" && first.GetRepositoryID() != 0 && again.GetGUID() == first.GetGUID() && again.GetRedelivery(), "%v, then %v", first, again)
	}},
	{"where the App's webhook sends to", "", func(c *caller) error {
		c.s.SetAppHook(c.hook.URL)
		defer c.s.SetAppHook("")
		h := got(c.app.Apps.GetHookConfig(c.ctx))
		return is(h.GetURL() == c.hook.URL && h.GetContentType() == "json" && h.GetInsecureSSL() == "0" && h.GetSecret() == "********", "%v", h)
	}},
	{"the App's webhook is for the App alone", "", func(c *caller) error {
		c.s.SetAppHook(c.hook.URL)
		defer c.s.SetAppHook("")
		return refused(401, "", third(c.bot.Apps.GetHookConfig(c.ctx)))
	}},
	{"hooks are listed by pages", "", func(c *caller) error {
		return c.hooked(func(*github.Hook) error {
			in := c.hookTo("issues")
			in.Config.URL = text(c.hook.URL + "/other")
			h := got(c.bot.Repositories.CreateHook(c.ctx, "acme", "roadmap", in))
			defer c.bot.Repositories.DeleteHook(c.ctx, "acme", "roadmap", h.GetID())
			c.flush()
			one, res, err := c.bot.Repositories.ListHooks(c.ctx, "acme", "roadmap", &github.ListOptions{PerPage: 1})
			return firstThen(err, is(len(one) == 1 && res.NextPage == 2, "%d, then page %d", len(one), res.NextPage))
		}, "issues")
	}},
	{"an installation's token does not ask for the App", "", func(c *caller) error {
		return is(third(c.installation.Apps.Get(c.ctx, "")) != nil, "told")
	}},
}
