package cli

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/heedhq/heed/app"
	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/people"
)

type personCmd struct {
	Find  personFindCmd  `cmd:"" help:"Find people by any beginning of a name, an address or their account."`
	Merge personMergeCmd `cmd:"" help:"Make two people one; nobody is mailed, and it can be taken back for 30 days."`
}

type personFindCmd struct {
	Query string `arg:"" help:"Such as mei, mei@acme.com, 小明 or acme."`
	Limit int    `help:"At most so many, up to 50." default:"20"`
	JSON  bool   `help:"Print JSON."`
}

// foundPerson is how a person is printed.
type foundPerson struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Channel string `json:"channel"`
	Address string `json:"address"`
	Account string `json:"account"`
	Segment string `json:"segment"`
}

// Run finds people in the database.
func (c *personFindCmd) Run(e *env) error {
	return e.offline(func(a *app.App) error {
		if _, err := a.People.Index(e.ctx); err != nil { // who came since the server ran
			return err
		}
		hits, err := a.People.SearchPeople(e.ctx, auth.System(), c.Query, c.Limit)
		if err != nil {
			return a.Explain(err)
		}
		out := make([]foundPerson, 0, len(hits))
		for _, h := range hits {
			out = append(out, foundPerson{h.ID, h.Name, h.Channel, h.Address, h.Account, h.Segment})
		}
		if c.JSON {
			return e.json(out)
		}
		if len(out) == 0 {
			fmt.Fprintln(e.errs, "Nobody begins like this.")
			return errSaid
		}
		w := tabwriter.NewWriter(e.out, 0, 4, 2, ' ', 0)
		for _, p := range out {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", p.ID, p.Name, at(p.Channel, p.Address), p.Account, p.Segment)
		}
		return w.Flush()
	})
}

func at(channel, value string) string {
	if channel == models.ChannelEmail || channel == "" {
		return value
	}
	return channel + ":" + value
}

type personMergeCmd struct {
	Who    string `arg:"" help:"The person whose everything moves: an id, an e-mail address or channel:handle."`
	Into   string `arg:"" help:"The person who stays."`
	DryRun bool   `help:"Only say what would be moved."`
	JSON   bool   `help:"Print JSON."`
}

// mergedPeople is how a merge is printed.
type mergedPeople struct {
	Activity    string `json:"activity"`
	From        string `json:"from"`
	Into        string `json:"into"`
	Suggestions int    `json:"suggestions"`
	Votes       int    `json:"votes"`
	InCommon    int    `json:"in_common"`
	Addresses   int    `json:"addresses"`
}

// Run merges in the database.
func (c *personMergeCmd) Run(e *env) error {
	return e.offline(func(a *app.App) error {
		m, err := c.merge(e.ctx, a.People)
		if err != nil {
			return a.Explain(err)
		}
		if c.JSON {
			return e.json(m)
		}
		moved := "Moved"
		if c.DryRun {
			moved = "Would move"
		}
		fmt.Fprintf(e.out, "%s %d suggestions, %d votes (%d in common, there they count once) and %d addresses to %s; nobody is mailed.\n",
			moved, m.Suggestions, m.Votes, m.InCommon, m.Addresses, m.Into)
		if !c.DryRun {
			fmt.Fprintf(e.out, "Taken back for 30 days by POST /api/v1/activities/%s/undo\n", m.Activity)
		}
		return nil
	})
}

func (c *personMergeCmd) merge(ctx context.Context, p *people.People) (m mergedPeople, err error) {
	who := auth.System()
	if m.From, err = named(ctx, p, c.Who); err != nil {
		return m, err
	}
	if m.Into, err = named(ctx, p, c.Into); err != nil {
		return m, err
	}
	would, err := p.Foresee(ctx, who, m.From, m.Into)
	if err != nil {
		return m, err
	}
	m.Suggestions, m.Votes, m.InCommon, m.Addresses = would.Suggestions, would.Votes, would.InCommon, would.Addresses
	if c.DryRun {
		return m, nil
	}
	act, kept, err := p.Merge(ctx, who, m.From, m.Into)
	if err != nil {
		return m, err
	}
	m.Activity, m.Into = act, kept.ID
	return m, nil
}

// named is the id of whom the command line names.
func named(ctx context.Context, p *people.People, s string) (string, error) {
	if models.IsID(models.PrefixPerson, s) {
		return s, nil
	}
	channel, value, handle := strings.Cut(s, ":")
	if !handle {
		channel, value = models.ChannelEmail, s
	}
	return p.At(ctx, auth.System(), channel, value)
}
