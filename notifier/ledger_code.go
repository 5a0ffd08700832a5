package notifier

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// sealFor names where a sealed code is stored; elsewhere it does not open.
func sealFor(deliveryID string) string { return "delivery/" + deliveryID }

// SendCode queues the mail with a sign-in code inside the caller's Write, in a
// lane that waits for no mailing. The code is stored sealed, and only until
// it is sent or too old. It is auth's SendCode.
func (n *Notifier) SendCode(ctx context.Context, tx *gorm.DB, email, locale, code string) error {
	d := n.newDelivery(KindSignInCode, models.LaneNow, email, string(n.localeOf(locale)), n.db.Now(), codeLife)
	d.DedupKey = d.Kind + "/" + d.ID
	var err error
	if d.Content, err = n.auth.Seal([]byte(code), sealFor(d.ID)); err != nil {
		return fmt.Errorf("queue a sign-in code: %w", err)
	}
	err = tx.Raw("SELECT person_id FROM addresses WHERE channel = 'email' AND value = ?", email).Scan(&d.PersonID).Error
	if err == nil {
		err = tx.Create(&d).Error
	}
	if err != nil {
		return fmt.Errorf("queue a sign-in code: %w", err)
	}
	n.db.AfterCommit(ctx, n.now.nudge)
	return nil
}
