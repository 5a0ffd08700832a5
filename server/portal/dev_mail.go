package portal

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/app/devmail"
	"github.com/heedhq/heed/ui"
)

// mailList shows what the demo sent.
func (p *Portal) mailList(ec echo.Context) error {
	d := ui.MailList{}
	for _, m := range p.mail.Mails() {
		d.Messages = append(d.Messages, mailRow(m))
	}
	return p.Show(ec, http.StatusOK, p.quiet(ec, p.Printer(ec).T("mailbox.title")), ui.PageMailList, d)
}

func mailRow(m devmail.Mail) ui.MailRow {
	row := ui.MailRow{ID: strconv.Itoa(m.ID), URL: "/dev/mail/" + strconv.Itoa(m.ID), To: m.To, Subject: m.Subject, At: m.At}
	for _, h := range m.Header {
		if h.Name == "Content-Language" {
			row.Lang = h.Value
		}
	}
	return row
}

func (p *Portal) mailOf(ec echo.Context) (devmail.Mail, bool) {
	id, err := strconv.Atoi(ec.Param("id"))
	if err != nil {
		return devmail.Mail{}, false
	}
	return p.mail.Mail(id)
}

// mailMessage shows one mail; its HTML is a document of its own in a frame.
func (p *Portal) mailMessage(ec echo.Context) error {
	m, ok := p.mailOf(ec)
	if !ok {
		return echo.ErrNotFound
	}
	d := ui.MailMessage{MailRow: mailRow(m), From: m.From, Text: m.Text}
	for _, h := range m.Header {
		d.Headers = append(d.Headers, ui.Pair{Name: h.Name, Value: h.Value})
	}
	if m.HTML != "" {
		d.HTMLURL = d.URL + "/html"
	}
	return p.Show(ec, http.StatusOK, p.quiet(ec, m.Subject), ui.PageMailMessage, d)
}

// mailDocument is a mail's HTML under a policy that lets it do nothing.
func (p *Portal) mailDocument(ec echo.Context) error {
	m, ok := p.mailOf(ec)
	if !ok || m.HTML == "" {
		return echo.ErrNotFound
	}
	h := ec.Response().Header()
	h.Set("Content-Security-Policy", ui.MailPolicy)
	h.Set("Cache-Control", "no-store")
	return ec.HTML(http.StatusOK, m.HTML)
}
