package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/ui"
)

// fillWishes adds what a person hears, to be set at their request by who may.
func (c *Console) fillWishes(ec echo.Context, d *ui.Person, typed notifier.Wishes, errors map[string]string) error {
	actor, p := actorOf(ec), c.Printer(ec)
	if auth.Can(actor, auth.EditPeople) != nil || auth.Can(actor, auth.ReadPeople) != nil {
		return nil
	}
	x, err := c.s.Notifier.PersonPreferences(contextOf(ec), actor, d.ID)
	if err != nil {
		return err
	}
	d.Wishes = &ui.PersonWishes{PersonID: d.ID, PreferenceForm: web.WishesForm(p, x, true, typed, errors), Stops: web.WishStops(p, "person.stop", x, false), Open: len(errors) > 0 || ec.QueryParam("wishes") != ""}
	return nil
}

func (c *Console) readWishes(ec echo.Context, d *ui.Person) error {
	return c.fillWishes(ec, d, notifier.Wishes{}, nil)
}

// saveWishes sets what a person hears at their request; nobody is mailed about it.
func (c *Console) saveWishes(ec echo.Context) error {
	ctx, actor, id := contextOf(ec), actorOf(ec), ec.Param("id")
	form, err := ec.FormParams()
	if err != nil {
		return err
	}
	w, _ := web.Wishes(form)
	if err = c.s.Notifier.SetPreferences(ctx, actor, id, w); err == nil {
		return c.Back(ec, "/people/"+id+"#wishes", &ui.Toast{Message: c.Printer(ec).T("toast.person.saved")})
	}
	messages, ok := c.Fields(ctx, err, web.WishFields())
	if !ok {
		return err
	}
	d, _, err := c.personPage(ec)
	if err == nil {
		err = c.fillWishes(ec, d, w, messages)
	}
	if err != nil {
		return err
	}
	return c.showPerson(ec, http.StatusUnprocessableEntity, d)
}
