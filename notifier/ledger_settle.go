package notifier

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// settleLock is held by who decides what people get: settling, and who changes when.
const settleLock = "settle"

// settleBatch rows are settled in one transaction.
const settleBatch = 200

// gather is how far ahead of its own time a change joins a mail that is due to
// the same person: the changes of one bulk decision are milliseconds apart.
func (n *Notifier) gather() time.Duration { return min(n.o.Settle/10, 5*time.Second) }

// waiting are the items that are to be told and have no mail yet. It is
// written as the partial index has it.
const waiting = "delivery_id = '' AND skip_reason = ''"

// settleDue turns one batch of what is due into deliveries, one a person.
func (n *Notifier) settleDue(ctx context.Context) (busy bool, pause time.Duration, err error) {
	var next []time.Time
	err = n.db.Read(ctx).Model(&models.FollowUpItem{}).Where(waiting).Order("due_at").Limit(1).Pluck("due_at", &next).Error
	if err != nil {
		return false, 0, fmt.Errorf("settle: %w", err)
	}
	if len(next) == 0 {
		return false, 0, nil
	}
	if pause = next[0].Sub(n.db.Now()); pause > 0 {
		return false, pause, nil
	}
	err = n.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		busy = false
		// One node settles at a time, or two would write to the same person.
		if err := n.db.Lock(tx, settleLock); err != nil {
			return err
		}
		if err := n.db.LockShared(tx, models.LockPeople); err != nil {
			return err
		}
		people, full, err := n.duePeople(tx)
		if err != nil || len(people) == 0 {
			return err
		}
		busy = full
		n.db.AfterCommit(ctx, n.normal.nudge)
		return n.settlePeople(tx, people)
	})
	if err != nil {
		return false, 0, fmt.Errorf("settle: %w", err)
	}
	return busy, 0, nil
}

// duePeople names who has something due, the longest waiting first. full says
// that there may be more.
func (n *Notifier) duePeople(tx *gorm.DB) (people []string, full bool, err error) {
	err = tx.Model(&models.FollowUpItem{}).Where(waiting).Where("due_at <= ?", n.db.Now()).Order("due_at").Limit(settleBatch).Pluck("person_id", &people).Error
	full = len(people) == settleBatch
	slices.Sort(people)
	return slices.Compact(people), full, err
}

// kindOf is the kind of the one mail that tells of all the items: theirs, or a digest
// where they differ or are many.
func kindOf(items []models.FollowUpItem) Kind {
	if len(items) > maxFull {
		return KindDigest
	}
	for _, i := range items {
		if i.Kind != items[0].Kind {
			return KindDigest
		}
	}
	return Kind(items[0].Kind)
}

// newDelivery is a delivery that is ready now. Its Message-ID is its own for
// good: a mail that is sent again can be recognised by it.
func (n *Notifier) newDelivery(kind Kind, laneName, address, locale string, now time.Time, life time.Duration) models.Delivery {
	id := models.NewID(models.PrefixDelivery)
	return models.Delivery{
		ID: id, Kind: string(kind), Lane: laneName, Address: address, Locale: locale, MessageID: id + "@" + n.domain,
		State: models.DeliveryReady, RunAt: now, NotAfter: now.Add(life), CreatedAt: now, UpdatedAt: now,
	}
}

func tieItems(tx *gorm.DB, items []models.FollowUpItem, column, value string) error {
	for _, i := range items {
		err := tx.Exec("UPDATE follow_up_items SET "+column+" = ? WHERE event_id = ? AND person_id = ?", value, i.EventID, i.PersonID).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// tieAll ties items to their deliveries: each names the event, the person and the delivery.
func tieAll(tx *gorm.DB, tied [][3]string) error {
	for _, size := range []int{50, 10, 1} {
		for ; len(tied) >= size; tied = tied[size:] {
			args := make([]any, 0, 3*size)
			for _, t := range tied[:size] {
				args = append(args, t[0], t[1], t[2])
			}
			err := tx.Exec("UPDATE follow_up_items SET delivery_id = v.column3 FROM (VALUES (?, ?, ?)"+strings.Repeat(", (?, ?, ?)", size-1)+
				") v WHERE event_id = v.column1 AND person_id = v.column2", args...).Error
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// unsaid are the columns that a delivery which nobody has tried leaves to their defaults.
var unsaid = []string{"Content", "Attempts", "Doubts", "LeaseOwner", "LeaseUntil", "Fence", "BodyHash", "Answer", "SentAt"}

// createAll inserts new follow-ups in few sizes, since each is a prepared statement of its own.
func createAll(tx *gorm.DB, ds []models.Delivery) error {
	for _, size := range []int{50, 10, 1} {
		for ; len(ds) >= size; ds = ds[size:] {
			if err := tx.Omit(unsaid...).Create(ds[:size]).Error; err != nil {
				return err
			}
		}
	}
	return nil
}

// reached is where a person is and what they read; Email is "" where none is known.
type reached struct{ ID, Locale, TimeZone, Email string }

// reach looks people up, by their ids.
func reach(tx *gorm.DB, people []string) (map[string]reached, error) {
	var rows []reached
	err := tx.Raw(`SELECT p.id, p.locale, p.time_zone, COALESCE(`+strings.Replace(emailOf, "%s", "p.id", 1)+`, '') AS email FROM people p WHERE p.id IN ?`, people).Scan(&rows).Error
	return byID(rows, func(r reached) string { return r.ID }), err
}
