package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/ui"
)

// mailSetup shows how mail leaves and what the sender's domain has to publish; it asks the
// DNS when it is told to look.
func (c *Console) mailSetup(ec echo.Context) error { return c.showMailSetup(ec, nil) }

// testMail sends a mail to the reader and shows what the relay said.
func (c *Console) testMail(ec echo.Context) error {
	sent, err := c.s.Notifier.SendTest(contextOf(ec), actorOf(ec))
	if err != nil {
		return err
	}
	return c.showMailSetup(ec, &sent)
}

func (c *Console) showMailSetup(ec echo.Context, sent *notifier.SentNow) error {
	ctx, actor := contextOf(ec), actorOf(ec)
	s, err := c.s.Notifier.SenderSetup(ctx, actor, ec.QueryParam("selector"), ec.QueryParam("look") != "")
	if err != nil {
		return err
	}
	ways, err := c.s.Notifier.BounceWays(ctx, actor)
	if err != nil {
		return err
	}
	d := ui.MailSetup{Relay: relayOf(c.s.Notifier.Status()), From: s.From, Email: actor.Email, Bounces: ways.Address, Hook: ways.Hook, Mailbox: mailboxOf(ways),
		Probe: ways.Probe, Sent: sentOf(sent), Local: s.Local, Looked: s.Looked, Selector: s.Selector}
	for _, r := range s.Records {
		d.Records = append(d.Records, ui.MailRecord(r))
	}
	v := c.view(ec, c.Printer(ec).T("nav.mail_setup"))
	if sent != nil {
		v.Path = "/settings/mail"
	}
	return c.Show(ec, http.StatusOK, v, ui.PageMailSetup, d)
}

func sentOf(s *notifier.SentNow) *ui.SentNow {
	if s == nil {
		return nil
	}
	out := ui.SentNow(*s)
	return &out
}
