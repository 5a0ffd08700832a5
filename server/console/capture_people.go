package console

import (
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/ui"
)

// mostCustomers are offered at a time.
const mostCustomers = 8

// capturePeople are the options of the customer field: who is like what was
// typed, or whom one wrote for last.
func (c *Console) capturePeople(ec echo.Context) error {
	found, err := c.customersLike(ec, ec.QueryParam("q"))
	if err != nil {
		return err
	}
	return c.Fragment(ec, ui.PageCapture, ui.FragmentCustomers, found)
}

// capturePerson is who was chosen, with what they said last.
func (c *Console) capturePerson(ec echo.Context) error {
	found, err := c.s.Intake.Customer(contextOf(ec), actorOf(ec), ec.Param("id"))
	if err != nil {
		return err
	}
	v := customerOf(&found)
	for i := range found.Said {
		f := filingOf(&found.Said[i].Suggestion)
		f.Outcome = string(found.Said[i].Outcome)
		if th := found.Said[i].Theme; th != nil {
			ref := refOf(th, string(web.Locale(contextOf(ec))))
			f.Theme = &ref
		}
		v.Said = append(v.Said, f)
	}
	return c.Fragment(ec, ui.PageCapture, ui.FragmentCustomer, v)
}

func (c *Console) customersLike(ec echo.Context, q string) ([]ui.Customer, error) {
	out := []ui.Customer{}
	if strings.TrimSpace(q) == "" {
		found, err := c.s.Intake.RecentCustomers(contextOf(ec), actorOf(ec))
		for i := range found {
			out = append(out, customerOf(&found[i]))
		}
		return out, err
	}
	// A handle may be sought as it is written down here: "telegram:@mei".
	if channel, id, ok := strings.Cut(q, ":"); ok && !strings.ContainsAny(channel, " @") {
		q = id
	}
	hits, err := c.s.People.SearchPeople(contextOf(ec), actorOf(ec), q, mostCustomers)
	for _, h := range hits {
		out = append(out, customerOf(&intake.Customer{Person: models.Person{ID: h.ID, Name: h.Name, Locale: h.Locale, Segment: h.Segment},
			Address: models.Address{Channel: h.Channel, Value: h.Address}, Account: h.Account}))
	}
	return out, err
}

func customerOf(x *intake.Customer) ui.Customer {
	v := ui.Customer{ID: x.Person.ID, Name: x.Person.Name, Locale: x.Person.Locale, TimeZone: x.Person.TimeZone, Segment: x.Person.Segment, Address: x.Address.Value, Account: x.Account}
	switch {
	case x.Address.Value == "":
	case x.Address.Channel == models.ChannelEmail:
		v.Email = x.Address.Value
	default:
		v.Channel, v.Handle, v.Address = x.Address.Channel, x.Address.Value, x.Address.Channel+":"+x.Address.Value
	}
	if v.Name == "" {
		v.Name = v.Address
	}
	return v
}

// captureRecent is what one filed just now.
func (c *Console) captureRecent(ec echo.Context) error {
	rows, err := c.recent(ec)
	if err != nil {
		return err
	}
	return c.Fragment(ec, ui.PageCapture, ui.FragmentRecent, rows)
}

func (c *Console) recent(ec echo.Context) ([]ui.Filing, error) {
	rows, err := c.s.Intake.Withdrawable(contextOf(ec), actorOf(ec), recentFilings)
	if models.KindOf(err) == models.Forbidden {
		return nil, nil
	}
	out := make([]ui.Filing, 0, len(rows))
	for i := range rows {
		out = append(out, filingOf(&rows[i]))
	}
	return out, err
}

func filingOf(s *models.Suggestion) ui.Filing {
	return ui.Filing{ID: s.ID, URL: "/suggestions/" + s.ID, Title: titleOf(s), Lang: langOf(s.Lang), Receipt: s.Receipt, At: s.CreatedAt}
}
