package notifier

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
)

// WebhookOff is a webhook that Heed switched off: Why is one of models.WebhookOff….
type WebhookOff struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Why  string `json:"why"`
}

// tellWebhookOff queues a mail to each owner and administrator.
func (n *Notifier) tellWebhookOff(ctx context.Context, tx *gorm.DB, act *models.Activity) error {
	c, err := act.Change()
	if err != nil {
		return fmt.Errorf("activity %s: %w", act.ID, err)
	}
	var to []models.Member
	err = tx.Where("disabled_at IS NULL AND role IN ?", []models.Role{models.RoleOwner, models.RoleAdmin}).Order("id").Find(&to).Error
	if err != nil {
		return fmt.Errorf("read members: %w", err)
	}
	for _, m := range to {
		d := n.newDelivery(KindWebhook, models.LaneNow, m.Email, string(n.localeOf(m.Locale)), n.db.Now(), mailLife)
		d.DedupKey = fmt.Sprintf("%s/%s/%s", KindWebhook, act.ID, m.ID)
		if err := n.queueNotice(ctx, tx, d, Notice{Webhook: &WebhookOff{ID: c.Into, Name: c.Title, Why: c.Action}}); err != nil {
			return err
		}
	}
	return nil
}

// webhookOff lays the mail out.
func (r *Renderer) webhookOff(p *i18n.Printer, v *view, m Message) {
	off := m.Notice.Webhook
	name := clip(r.delink(oneLine(off.Name)), bodyTitle)
	n := v.Notice
	v.Subject = p.T("mail.subject.webhook", name)
	n.Title, n.Text = v.Subject, p.T("mail.webhook.failing")
	if off.Why == models.WebhookOffGone {
		n.Text = p.T("mail.webhook.gone")
	}
	n.Lines, v.Preview = []string{p.T("mail.webhook.text")}, n.Text
	n.URL, n.Open = r.scheme+"://"+r.host+"/settings/webhooks/"+off.ID, p.T("mail.webhook.open")
}
