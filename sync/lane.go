package issuesync

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/jobs"
	"github.com/heedhq/heed/models"
)

// lane is the one way of writes of a token, whichever node they come from: one at a time,
// with a pause between them. A job that is not due gets a time to come back at instead of
// waiting in it: the workers have other things to do. All of it is rows, so a restart asks
// no sooner.
type lane struct {
	db    *models.DB
	token string        // digest
	gap   time.Duration // between two writes
	most  int           // issues and comments in an hour
	hold  time.Duration // after so long a write is over, whatever became of its process
}

// enter takes the lane for one kind of a link's writes, which must leave it; or says, as
// jobs.Later, when to come back.
func (n *lane) enter(ctx context.Context, link, kind string, creates bool) error {
	var at time.Time
	var ok bool
	err := n.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		at, ok = time.Time{}, false
		b, err := n.budget(tx)
		if err != nil {
			return err
		}
		now := n.db.Now()
		var l models.IssueLink
		if err := tx.Select("id", "slot_at").Limit(1).Find(&l, "id = ?", link).Error; err != nil {
			return err
		}
		if at, err = n.slot(tx, b, l.SlotAt, creates); err != nil {
			return err
		}
		switch {
		case b.SilentUntil.After(now):
			at = later(at, b.SilentUntil)
		case at.After(now):
		case b.Holder != turnOf(link, kind) && b.HeldUntil.After(now): // a slow answer, or one that has just come: the slot stays due
			if at = now.Add(n.gap); b.HeldUntil.Before(at) {
				at = b.HeldUntil
			}
		default:
			ok = true
			b.Holder, b.HeldUntil = turnOf(link, kind), now.Add(n.hold)
		}
		slot := &at
		if ok {
			slot = nil
		}
		if err := tx.Exec("UPDATE issue_links SET slot_at = ? WHERE id = ?", slot, link).Error; err != nil {
			return err
		}
		return tx.Save(b).Error
	})
	if err != nil {
		return fmt.Errorf("github: take turns: %w", err)
	}
	if !ok {
		return jobs.Later{At: at}
	}
	return nil
}

// slot is when a link may be written to: the slot it has, or the next free one.
func (n *lane) slot(tx *gorm.DB, b *models.GithubBudget, has *time.Time, creates bool) (at time.Time, err error) {
	now := n.db.Now()
	if has != nil {
		at = *has
	} else {
		at = later(b.NextAt, now)
		b.NextAt = at.Add(n.gap)
	}
	if !creates || at.After(now) {
		return at, nil
	}
	var sent []time.Time
	err = tx.Raw("SELECT sent_at FROM issue_ops WHERE (field IN ('issue', 'milestone') OR field LIKE 'comment:%') AND sent_at > ? ORDER BY sent_at DESC LIMIT 1 OFFSET ?",
		now.Add(-time.Hour), n.most-1).Scan(&sent).Error
	if err == nil && len(sent) > 0 {
		at = sent[0].Add(time.Hour)
	}
	return at, err
}

// leave lets the next one in, a gap from now.
func (n *lane) leave(ctx context.Context, link, kind string) {
	err := n.db.Write(context.WithoutCancel(ctx), func(_ context.Context, tx *gorm.DB) error {
		b, err := n.budget(tx)
		if err != nil || b.Holder != turnOf(link, kind) {
			return err
		}
		b.Holder, b.HeldUntil = "", n.db.Now().Add(n.gap)
		return tx.Save(b).Error
	})
	if err != nil { // it leaves by itself after a while
		slog.Warn("github: take turns", "error", err)
	}
}

// budget reads and holds the token's row.
func (n *lane) budget(tx *gorm.DB) (*models.GithubBudget, error) {
	b := models.GithubBudget{Token: n.token, NextAt: n.db.Now(), HeldUntil: n.db.Now(), SilentUntil: n.db.Now()}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&b).Error; err != nil {
		return nil, err
	}
	return &b, n.db.Hold(tx).First(&b, "token = ?", n.token).Error
}

// silence keeps what GitHub wants, for other nodes and for the next start.
func (n *lane) silence(ctx context.Context, until time.Time) {
	err := n.db.Write(context.WithoutCancel(ctx), func(_ context.Context, tx *gorm.DB) error {
		b, err := n.budget(tx)
		if err != nil {
			return err
		}
		b.SilentUntil = later(b.SilentUntil, models.Milli(until))
		return tx.Save(b).Error
	})
	if err != nil {
		slog.Warn("github: keep a rate limit", "error", err)
	}
}

// silent reads it.
func (n *lane) silent(ctx context.Context) (until time.Time, err error) {
	var b models.GithubBudget
	err = n.db.Read(ctx).Limit(1).Find(&b, "token = ?", n.token).Error
	return b.SilentUntil, err
}

func turnOf(link, kind string) string { return link + " " + kind }
