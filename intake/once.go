package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// KeyLife is how long the answer to an idempotency key is replayed.
const KeyLife = 24 * time.Hour

// Answer is an answer as it is replayed: status and JSON body.
type Answer struct {
	Status int
	Body   string
}

// Work is what Once does. Before runs outside of the transaction, for what takes
// time and stores nothing; nil for nothing. Do runs inside.
type Work struct {
	Before func(context.Context) error
	Do     func(context.Context) (Answer, error)
}

// Once does the work unless this actor has had an answer to the same key within
// KeyLife, which is then given again, whatever Before would say by now. The same
// key with another request is refused. Without a key the work is just done. An
// error is not remembered: the client may try again.
func (in *Intake) Once(ctx context.Context, a auth.Actor, key string, request []byte, w Work) (ans Answer, replayed bool, err error) {
	if w.Before == nil {
		w.Before = func(context.Context) error { return nil }
	}
	if key == "" {
		if err := w.Before(ctx); err != nil {
			return Answer{}, false, err
		}
		ans, err = w.Do(ctx)
		return ans, false, err
	}
	if len(key) > MaxShort {
		return Answer{}, false, models.BadField("Idempotency-Key", "too_long", MaxShort, len(key))
	}
	k := newKeyed(a, key, request)
	if ans, replayed, err := in.answered(in.db.Read(ctx), k); err != nil || replayed {
		return ans, replayed, err
	}
	if failed := w.Before(ctx); failed != nil {
		// The same request may have been answered meanwhile, and changed what Before saw.
		if ans, replayed, err := in.answered(in.db.Read(ctx), k); err == nil && replayed {
			return ans, true, nil
		}
		return Answer{}, false, failed
	}
	err = in.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) (err error) {
		if err := in.db.Lock(tx, "key:"+k.owner+"\x1f"+k.key); err != nil {
			return err
		}
		if ans, replayed, err = in.answered(tx, k); err != nil || replayed {
			return err
		}
		if ans, err = w.Do(ctx); err != nil {
			return err
		}
		return tx.Exec(`INSERT INTO idempotency_keys (actor_id, key, body_hash, status, answer, created_at) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (actor_id, key) DO UPDATE SET body_hash = excluded.body_hash, status = excluded.status, answer = excluded.answer, created_at = excluded.created_at`,
			k.owner, k.key, k.hash, ans.Status, ans.Body, in.db.Now()).Error
	})
	return ans, replayed, err
}

// keyed is a request that names a key. The key is somebody else's text, which may
// hold anything: what is kept is its hash. plain is how a version before kept it.
type keyed struct{ owner, key, plain, hash string }

func newKeyed(a auth.Actor, key string, request []byte) keyed {
	owner := a.TokenID // a key belongs to a token; a browser's to its member
	if owner == "" {
		owner = a.Kind + ":" + a.ID
	}
	sum, name := sha256.Sum256(request), sha256.Sum256([]byte(key))
	return keyed{owner, "sha256:" + hex.EncodeToString(name[:]), key, hex.EncodeToString(sum[:])}
}

// answered looks up the answer that was given to k; false for none. Another
// request under its key is refused.
func (in *Intake) answered(db *gorm.DB, k keyed) (Answer, bool, error) {
	var row models.IdempotencyKey
	res := db.Where("actor_id = ? AND key IN ? AND created_at > ?", k.owner, []string{k.key, k.plain}, in.db.Now().Add(-KeyLife)).Limit(1).Find(&row)
	if res.Error != nil || res.RowsAffected == 0 {
		return Answer{}, false, res.Error
	}
	if row.BodyHash != k.hash {
		return Answer{}, false, models.BadField("Idempotency-Key", "key_reused")
	}
	return Answer{row.Status, row.Answer}, true, nil
}

// Sweep forgets keys whose time is over, and which clocks were told of a year ago.
func (in *Intake) Sweep(ctx context.Context) error {
	return in.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := tx.Where("created_at < ?", in.db.Now().AddDate(-1, 0, 0)).Delete(&models.ClockMark{}).Error; err != nil {
			return err
		}
		return tx.Where("created_at < ?", in.db.Now().Add(-KeyLife)).Delete(&models.IdempotencyKey{}).Error
	})
}
