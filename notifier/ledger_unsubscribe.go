package notifier

import (
	"context"
	"fmt"
	"strings"
	"time"

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

// Stop is what keeps follow-ups from a person besides their wishes: Complained, that
// they called one spam, which they may take back; Bounced, that their mailbox refused
// one, until Until, when one mail tries again (nil: for good).
type Stop struct {
	Complained, Bounced bool
	Until               *time.Time
}

// Subscription is what the page behind an unsubscribe link shows. Email is
// masked ("m…@example.com", "" without an address): links are forwarded. Off
// says that the person gets no follow-ups, by their wish or complaint. Locale is the
// person's, or "". Zone is where their days are.
type Subscription struct {
	PersonID string
	Email    string
	Locale   string
	Off      bool
	Stop     Stop
	Zone     *time.Location
}

// UnsubscribePage looks at a link's token and changes nothing: scanners open
// links. NotFound unsubscribe_unknown.
func (n *Notifier) UnsubscribePage(ctx context.Context, token string) (Subscription, error) {
	x, err := n.PreferencesPage(ctx, token)
	if err != nil {
		return Subscription{}, err
	}
	return Subscription{PersonID: x.PersonID, Email: x.Email, Locale: x.Locale, Off: x.Off || x.Stop.Complained, Stop: x.Stop, Zone: x.Zone}, nil
}

// Unsubscribe stops all follow-ups to a person, at once and also for mail that
// waits. Twice is once. NotFound unsubscribe_unknown.
func (n *Notifier) Unsubscribe(ctx context.Context, token string) error {
	return n.SavePreferences(ctx, token, Wishes{Modes: map[string]string{models.AllKinds: models.ModeOff}})
}

// Resubscribe takes Unsubscribe back: each kind comes as it did before. It takes a
// complaint back, too. NotFound unsubscribe_unknown.
func (n *Notifier) Resubscribe(ctx context.Context, token string) error {
	return n.SavePreferences(ctx, token, Wishes{Again: true})
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

// ofPerson: the address of the suppression is one of the person's.
const ofPerson = "address IN (SELECT value FROM addresses WHERE person_id = @person AND channel = 'email')"

// stopped looks up what keeps follow-ups from the address that a person's mail goes to.
func (n *Notifier) stopped(db *gorm.DB, person string) (s Stop, err error) {
	var rows []models.Suppression
	err = db.Find(&rows, "address = "+fmt.Sprintf(emailOf, "?")+" AND (until IS NULL OR until > ?)", person, n.db.Now()).Error
	for _, r := range rows {
		switch r.Scope {
		case models.ScopeFollowUps:
			s.Complained = true
		case models.ScopeAllMail:
			s.Bounced, s.Until = true, r.Until
		}
	}
	return s, err
}
