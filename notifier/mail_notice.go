package notifier

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
)

// Notice is the content of the two kinds of mail that belong to emergencies, as it
// is kept in the delivery. It holds no words of a person.
type Notice struct {
	// Cause belongs to KindSafety.
	Cause models.Cause `json:"cause,omitempty"`
	// Open counts the open emergencies, Items are the newest (KindEscalation).
	Open  int          `json:"open,omitempty"`
	Items []NoticeItem `json:"items,omitempty"`
	// Webhook belongs to KindWebhook.
	Webhook *WebhookOff `json:"webhook,omitempty"`
}

// NoticeItem is one open emergency.
type NoticeItem struct {
	Cause   models.Cause `json:"cause"`
	Receipt string       `json:"receipt"`
	Since   time.Time    `json:"since"`
}

// adviceSteps is how many sentences of advice a cause has.
var adviceSteps = map[models.Cause]int{models.CauseSecret: 5, models.CauseStolen: 5, models.CauseVulnerability: 4}

// Advice is what somebody should do now, in the printer's language; no steps for a
// cause that needs none.
func Advice(p *i18n.Printer, c models.Cause) (title string, steps []string) {
	n := adviceSteps[c]
	if n == 0 {
		return "", nil
	}
	for i := range n {
		steps = append(steps, p.T(fmt.Sprintf("safety.%s.%d", c, i+1)))
	}
	return p.T("safety." + string(c) + ".title"), steps
}

// noticeView is a notice as the templates see it. Ordered numbers the lines.
type noticeView struct {
	Title     string
	Text      string
	Lines     []string
	Ordered   bool
	After     string
	URL, Open string
}

// checkNotice refuses a notice without its content.
func checkNotice(m Message) error {
	if m.Notice == nil {
		return errors.New("a notice without content")
	}
	if m.Kind == KindSafety && adviceSteps[m.Notice.Cause] == 0 {
		return fmt.Errorf("no advice for %q", m.Notice.Cause)
	}
	if m.Kind == KindEscalation && (m.Notice.Open == 0 || len(m.Notice.Items) == 0) {
		return errors.New("an alert without an emergency")
	}
	if m.Kind == KindWebhook && (m.Notice.Webhook == nil || m.Notice.Webhook.Name == "") {
		return errors.New("a webhook's end without the webhook")
	}
	return nil
}

// notice lays a notice out.
func (r *Renderer) notice(p *i18n.Printer, v *view, m Message) {
	n := &noticeView{}
	v.Notice = n
	if m.Kind == KindSafety {
		n.Ordered = true
		n.Title, n.Lines = Advice(p, m.Notice.Cause)
		n.Text, n.After = p.T("safety.team"), p.T("mail.safety.why", r.product)
		v.Subject, v.Preview = p.T("mail.subject.safety."+string(m.Notice.Cause)), n.Lines[0]
		return
	}
	if m.Kind == KindWebhook {
		r.webhookOff(p, v, m)
		return
	}
	v.Subject = p.T("mail.subject.escalation", m.Notice.Open)
	n.Title, n.Text, v.Preview = v.Subject, p.T("mail.escalation.text"), p.T("mail.escalation.text")
	for _, i := range m.Notice.Items {
		n.Lines = append(n.Lines, p.T("mail.escalation.item", i.Receipt, p.T("emergency.cause."+string(i.Cause)), p.DateTime(i.Since.UTC())))
	}
	if more := m.Notice.Open - len(m.Notice.Items); more > 0 {
		n.Lines = append(n.Lines, p.T("mail.escalation.more", more))
	}
	n.URL, n.Open = r.scheme+"://"+r.host+"/emergencies", p.T("mail.escalation.open")
}

func (n Notice) encode() (string, error) {
	b, err := json.Marshal(n)
	return string(b), err
}
