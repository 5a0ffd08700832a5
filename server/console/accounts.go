package console

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/people"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/ui"
)

// accounts shows accounts and segments with their weights.
func (c *Console) accounts(ec echo.Context) error {
	d, err := c.accountsPage(ec)
	if err != nil {
		return err
	}
	return c.showAccounts(ec, http.StatusOK, d)
}

func (c *Console) showAccounts(ec echo.Context, status int, d *ui.Accounts) error {
	v := c.view(ec, c.Printer(ec).T("people.accounts"))
	if status != http.StatusOK {
		v.Path = "/accounts"
	}
	return c.Show(ec, status, v, ui.PageAccounts, *d)
}

func (c *Console) accountsPage(ec echo.Context) (*ui.Accounts, error) {
	ctx, actor := contextOf(ec), actorOf(ec)
	rows, err := c.s.People.Accounts(ctx, actor)
	if err != nil {
		return nil, err
	}
	segments, err := c.s.People.Segments(ctx, actor)
	if err != nil {
		return nil, err
	}
	d := &ui.Accounts{New: ui.AccountForm{Weight: "1"}, CanEdit: auth.Can(actor, auth.EditAccounts) == nil}
	for _, r := range rows {
		d.Rows = append(d.Rows, ui.AccountRow{ID: r.ID, Name: r.Name, Plan: r.Plan, Revenue: int(r.Revenue), Weight: decimal(r.Weight), Domains: r.Domains, People: r.People,
			PeopleURL: "/people?" + url.Values{"account": {r.ID}}.Encode(),
			Form:      ui.AccountForm{ID: r.ID, Name: r.Name, Plan: r.Plan, Revenue: whole(r.Revenue), Weight: decimal(r.Weight), Domains: strings.Join(r.Domains, " "), Revision: r.Rev}})
	}
	for _, s := range segments {
		d.Segments = append(d.Segments, ui.SegmentRow{Name: s.Name, Weight: decimal(s.Weight), People: s.People, Listed: s.Listed, Revision: s.Rev,
			PeopleURL: "/people?" + url.Values{"segment": {s.Name}}.Encode()})
	}
	return d, nil
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func whole(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// weightOf reads a number as people write it; what is none is not between the
// bounds either.
func weightOf(s string) float64 {
	f, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(s), ",", ".", 1), 64)
	if err != nil {
		return -1
	}
	return f
}

func revenueOf(s string) int64 {
	s = strings.NewReplacer(",", "", " ", "", "，", "").Replace(s)
	if s == "" {
		return 0
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// saveAccount makes or changes an account.
func (c *Console) saveAccount(ec echo.Context) error {
	rev, _ := strconv.ParseInt(ec.FormValue("revision"), 10, 64)
	f := ui.AccountForm{ID: ec.FormValue("id"), Name: ec.FormValue("name"), Plan: ec.FormValue("plan"), Revenue: ec.FormValue("revenue"), Weight: ec.FormValue("weight"),
		Domains: ec.FormValue("domains"), Revision: rev}
	domains := strings.FieldsFunc(f.Domains, func(r rune) bool { return strings.ContainsRune(" ,;，；、\t\r\n", r) })
	weight, revenue := weightOf(f.Weight), revenueOf(f.Revenue)
	_, err := c.once(ec, nil, func(ctx context.Context) (web.Ending, error) {
		_, err := c.s.People.SaveAccount(ctx, actorOf(ec), f.ID, people.AccountPatch{Name: &f.Name, Plan: &f.Plan, Revenue: &revenue, Weight: &weight, Domains: &domains, Rev: rev})
		return web.Ending{}, err
	})
	if err == nil {
		return c.Back(ec, "/accounts", &ui.Toast{Message: c.Printer(ec).T("toast.account.saved")})
	}
	messages, ok := c.formErrors(ec, err)
	if !ok {
		return err
	}
	d, err := c.accountsPage(ec)
	if err != nil {
		return err
	}
	f.Errors = messages
	if f.ID == "" {
		d.New = f
	}
	for i := range d.Rows {
		if d.Rows[i].ID == f.ID {
			f.Revision = d.Rows[i].Form.Revision
			d.Rows[i].Form = f
		}
	}
	return c.showAccounts(ec, http.StatusUnprocessableEntity, d)
}

func (c *Console) deleteAccount(ec echo.Context) error {
	if err := c.s.People.DeleteAccount(contextOf(ec), actorOf(ec), ec.Param("id")); err != nil {
		return c.sorry(ec, "/accounts", err)
	}
	return c.Back(ec, "/accounts", &ui.Toast{Message: c.Printer(ec).T("toast.account.deleted")})
}

// setSegment gives a segment a weight.
func (c *Console) setSegment(ec echo.Context) error {
	rev, _ := strconv.ParseInt(ec.FormValue("revision"), 10, 64)
	f := ui.SegmentForm{Name: ec.FormValue("name"), Weight: ec.FormValue("weight")}
	_, err := c.s.People.SetSegment(contextOf(ec), actorOf(ec), f.Name, weightOf(f.Weight), rev)
	if err == nil {
		return c.Back(ec, "/accounts", &ui.Toast{Message: c.Printer(ec).T("toast.person.saved")})
	}
	messages, ok := c.formErrors(ec, err)
	if !ok {
		return err
	}
	d, err := c.accountsPage(ec)
	if err != nil {
		return err
	}
	if f.Errors = messages; ec.FormValue("add") == "" { // a line of the list has no place for a message of its own
		message := messages["rev"]
		for _, name := range []string{"name", "weight"} {
			if messages[name] != "" {
				message = f.Name + ": " + messages[name]
			}
		}
		f = ui.SegmentForm{Errors: map[string]string{"row": message}}
	}
	d.Segment = f
	return c.showAccounts(ec, http.StatusUnprocessableEntity, d)
}

func (c *Console) deleteSegment(ec echo.Context) error {
	err := c.s.People.DeleteSegment(contextOf(ec), actorOf(ec), ec.FormValue("name"))
	if err != nil && models.KindOf(err) != "" {
		return c.sorry(ec, "/accounts", err)
	}
	if err != nil {
		return err
	}
	return c.Back(ec, "/accounts", &ui.Toast{Message: c.Printer(ec).T("toast.account.deleted")})
}
