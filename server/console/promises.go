package console

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/themes"
	"github.com/heedhq/heed/ui"
)

// promises is the board of what the people behind open themes were promised.
func (c *Console) promises(ec echo.Context) error {
	return c.showPromises(ec, http.StatusOK, promiseFilter(ec), ui.PromiseForm{}, nil)
}

func promiseFilter(ec echo.Context) themes.PromiseFilter {
	return themes.PromiseFilter{Product: ec.FormValue("product"), Status: models.Status(ec.FormValue("status")), Cursor: ec.FormValue("cursor"), Limit: 2 * pageRows}
}

// promisesURL is the board as it is filtered.
func promisesURL(f themes.PromiseFilter, cursor string) string {
	q := url.Values{}
	for name, value := range map[string]string{"product": f.Product, "status": string(f.Status), "cursor": cursor} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return "/promises"
	}
	return "/promises?" + q.Encode()
}

// showPromises shows the board; chosen are themes that stay checked.
func (c *Console) showPromises(ec echo.Context, status int, f themes.PromiseFilter, form ui.PromiseForm, chosen []string) error {
	ctx, actor, p := contextOf(ec), actorOf(ec), c.Printer(ec)
	kept, decide := f, f
	kept.State, decide.State, decide.Cursor = themes.PromisesKept, themes.PromisesDecide, ""
	rows, next, err := c.s.Themes.Promises(ctx, actor, kept)
	if err != nil {
		return err
	}
	d := ui.Promises{Form: form, CanSet: auth.Can(actor, auth.EditTheme) == nil, CanSend: auth.Can(actor, auth.Announce) == nil, Earliest: c.now().In(c.s.Intake.ClockZone(ctx)).AddDate(0, 0, 1), Status: string(f.Status), Product: f.Product}
	if f.Cursor == "" {
		waiting, more, err := c.s.Themes.Promises(ctx, actor, decide)
		if err != nil {
			return err
		}
		for i := range waiting {
			r := c.promiseRow(ec, &waiting[i])
			if r.Again = c.s.Themes.DefaultPromise(waiting[i].Status); r.Again.IsZero() {
				r.Again = c.now().AddDate(0, 0, 30)
			}
			d.Decide = append(d.Decide, r)
		}
		d.MoreToDecide = more != ""
	}
	d.Groups = c.promiseGroups(ec, rows, chosen)
	d.Statuses = append(d.Statuses, ui.Option{Label: p.T("themes.any_status"), Selected: f.Status == ""})
	for _, s := range models.Settable() {
		if s.IsOpen() {
			d.Statuses = append(d.Statuses, ui.Option{Value: string(s), Label: p.T("status." + string(s)), Selected: s == f.Status})
		}
	}
	products, err := c.s.Themes.PromisedProducts(ctx, actor)
	if err != nil {
		return err
	}
	if len(products) > 0 {
		d.Products = append(d.Products, ui.Option{Label: p.T("promises.any_product"), Selected: f.Product == ""})
		for _, name := range products {
			d.Products = append(d.Products, ui.Option{Value: name, Label: name, Selected: name == f.Product})
		}
	}
	if d.Mail, d.CanMail, err = c.s.Notifier.WantsDigest(ctx, actor); err != nil {
		return err
	}
	if next != "" {
		d.MoreURL = promisesURL(f, next)
	}
	return c.Show(ec, status, c.view(ec, p.T("nav.promises")), ui.PagePromises, d)
}

func (c *Console) promiseRow(ec echo.Context, th *models.Theme) ui.PromiseRow {
	r := ui.PromiseRow{Theme: refOf(th, actorOf(ec).Locale), Product: th.Product, Sent: th.PromisesSent, Word: th.StatusAt}
	if th.PromiseDate != nil {
		r.Date, r.Overdue = *th.PromiseDate, !th.PromiseDate.After(c.now())
	}
	if th.WordAt != nil {
		r.Word = *th.WordAt
	}
	return r
}

// promiseGroups puts rows in order of their day under how near it is.
func (c *Console) promiseGroups(ec echo.Context, rows []models.Theme, chosen []string) []ui.PromiseGroup {
	checked := map[string]bool{}
	for _, id := range chosen {
		checked[id] = true
	}
	now := c.now()
	var groups []ui.PromiseGroup
	for i := range rows {
		name := "later"
		switch until := rows[i].PromiseDate.Sub(now); {
		case until <= 0:
			name = "overdue"
		case until <= 7*24*time.Hour:
			name = "week"
		case until <= 30*24*time.Hour:
			name = "month"
		}
		if len(groups) == 0 || groups[len(groups)-1].Name != name {
			groups = append(groups, ui.PromiseGroup{Name: name})
		}
		r := c.promiseRow(ec, &rows[i])
		r.Checked = checked[r.Theme.ID]
		g := &groups[len(groups)-1]
		g.Rows = append(g.Rows, r)
	}
	return groups
}

// setPromises gives the chosen themes a date, or more days.
func (c *Console) setPromises(ec echo.Context) error {
	f, chosen := promiseFilter(ec), web.IDs(ec, "theme")
	form := ui.PromiseForm{Date: strings.TrimSpace(ec.FormValue("date"))}
	s := themes.PromiseSet{Themes: chosen}
	var err error
	if days := ec.FormValue("days"); days != "" {
		if s.Days, err = strconv.Atoi(days); err != nil || s.Days <= 0 {
			err = models.BadField("days", "promise_days_range", 730)
		}
	}
	if err == nil {
		s.Date, err = themes.ParseDate(form.Date)
	}
	var act string
	var ths []models.Theme
	if err == nil {
		act, ths, err = c.s.Themes.SetPromises(contextOf(ec), actorOf(ec), s)
	}
	if err != nil {
		messages, ok := c.Fields(contextOf(ec), err, map[string]string{"promise_date": "date", "days": "date"})
		if !ok {
			return err
		}
		for field, message := range messages { // what a theme is refused for is said where all are
			if strings.HasPrefix(field, "themes/") {
				messages["themes"] = message
			}
		}
		form.Errors = messages
		return c.showPromises(ec, http.StatusUnprocessableEntity, f, form, chosen)
	}
	return c.Back(ec, promisesURL(f, ""), &ui.Toast{Message: c.Printer(ec).T("toast.promises", len(ths)), Activity: act})
}

// sendPromise tells the people behind a theme once more where it stands.
func (c *Console) sendPromise(ec echo.Context) error {
	date, err := themes.ParseDate(strings.TrimSpace(ec.FormValue("date")))
	var th *models.Theme
	if err == nil {
		_, th, err = c.s.Themes.SendPromise(contextOf(ec), actorOf(ec), ec.Param("id"), date)
	}
	if err != nil {
		return c.sorry(ec, "/promises", err)
	}
	p := c.Printer(ec)
	return c.Back(ec, "/promises", &ui.Toast{Message: p.T("toast.promise_sent", th.NameFor(actorOf(ec).Locale), p.Date(*th.PromiseDate))})
}

// mailDigest switches the weekly mail of the member.
func (c *Console) mailDigest(ec echo.Context) error {
	on := ec.FormValue("on") == "1"
	if err := c.s.Notifier.MailDigest(contextOf(ec), actorOf(ec), on); err != nil {
		return err
	}
	message := c.Printer(ec).T("toast.digest.off")
	if on {
		message = c.Printer(ec).T("toast.digest.on")
	}
	return c.Back(ec, "/promises", &ui.Toast{Message: message})
}
