package notifier

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

const unsubscribePurpose = "unsubscribe"

// unsubscribeToken names the person and shows that Heed wrote it. It lasts: a
// mail of years ago must still be stoppable.
func (n *Notifier) unsubscribeToken(person string) string {
	return person + "." + n.auth.Digest(unsubscribePurpose, person)
}

// subscriber returns whose token it is. NotFound unsubscribe_unknown.
func (n *Notifier) subscriber(tx *gorm.DB, token string) (models.Person, error) {
	var p models.Person
	id, digest, _ := strings.Cut(token, ".")
	if !n.auth.IsDigest(unsubscribePurpose, id, digest) {
		return p, models.Fail(models.NotFound, "unsubscribe_unknown")
	}
	id, err := models.StandingPerson(tx, id) // a mail of before they were merged
	if err == nil {
		err = tx.First(&p, "id = ?", id).Error
	}
	if models.IsNotFound(err) {
		return p, models.Fail(models.NotFound, "unsubscribe_unknown")
	}
	return p, err
}

// Subscription is what the page behind an unsubscribe link shows. Email is
// masked ("m…@example.com", "" without an address): links are forwarded. Off
// says that the person gets no follow-ups. Locale is the person's, or "".
type Subscription struct {
	PersonID string
	Email    string
	Locale   string
	Off      bool
}

// UnsubscribePage looks at a link's token and changes nothing: scanners open
// links. NotFound unsubscribe_unknown.
func (n *Notifier) UnsubscribePage(ctx context.Context, token string) (Subscription, error) {
	db := n.db.Read(ctx)
	p, err := n.subscriber(db, token)
	if err != nil {
		return Subscription{}, wrapLedger("unsubscribe page", err)
	}
	s := Subscription{PersonID: p.ID, Locale: p.Locale}
	emails, _, err := reach(db, []string{p.ID})
	if err != nil {
		return s, wrapLedger("unsubscribe page", err)
	}
	s.Email = maskEmail(emails[p.ID])
	var off int64
	err = db.Model(&models.Preference{}).Where("person_id = ? AND kind = ? AND mode = ?", p.ID, models.AllKinds, models.ModeOff).Count(&off).Error
	if s.Off = off > 0; err == nil && !s.Off {
		s.Off, err = complained(db, p.ID)
	}
	return s, wrapLedger("unsubscribe page", err)
}

// Unsubscribe stops all follow-ups to a person, at once and also for mail that
// waits. Twice is once. NotFound unsubscribe_unknown.
func (n *Notifier) Unsubscribe(ctx context.Context, token string) error {
	return n.setMode(ctx, token, models.ModeOff)
}

// Resubscribe takes Unsubscribe back. NotFound unsubscribe_unknown.
func (n *Notifier) Resubscribe(ctx context.Context, token string) error {
	return n.setMode(ctx, token, models.ModeInstant)
}

func (n *Notifier) setMode(ctx context.Context, token, mode string) error {
	err := n.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		p, err := n.subscriber(tx, token)
		if err != nil {
			return err
		}
		if mode != models.ModeOff { // who comes back takes a complaint back, too
			err := tx.Exec("DELETE FROM suppressions WHERE scope = ? AND address IN (SELECT value FROM addresses WHERE person_id = ? AND channel = 'email')",
				models.ScopeFollowUps, p.ID).Error
			if err != nil {
				return err
			}
		}
		return tx.Exec(`INSERT INTO preferences (person_id, kind, mode, updated_at) VALUES (?, ?, ?, ?)
			ON CONFLICT (person_id, kind) DO UPDATE SET mode = excluded.mode, updated_at = excluded.updated_at`,
			p.ID, models.AllKinds, mode, n.db.Now()).Error
	})
	return wrapLedger("set preference", err)
}

// maskEmail shows enough to recognise one's own address.
func maskEmail(email string) string {
	local, domain, ok := strings.Cut(email, "@")
	if !ok {
		return ""
	}
	for _, first := range local {
		return string(first) + "…@" + domain
	}
	return ""
}

// wrapLedger names the operation in an error that is not of the vocabulary.
func wrapLedger(operation string, err error) error {
	if err == nil || models.KindOf(err) != "" {
		return err
	}
	return fmt.Errorf("%s: %w", operation, err)
}

// complained reports whether follow-ups to a person's address were called spam.
func complained(db *gorm.DB, person string) (bool, error) {
	var n int64
	err := db.Model(&models.Suppression{}).Where("scope = ? AND address = "+fmt.Sprintf(emailOf, "?"), models.ScopeFollowUps, person).Count(&n).Error
	return n > 0, err
}
