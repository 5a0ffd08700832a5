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

// Once runs fn in a transaction unless this actor has had an answer to the same
// key within KeyLife, which is then given again. The same key with another
// request is refused. Without a key fn just runs. An error of fn is not
// remembered: the client may try again.
func (in *Intake) Once(ctx context.Context, a auth.Actor, key string, request []byte, fn func(context.Context) (Answer, error)) (ans Answer, replayed bool, err error) {
	if key == "" {
		ans, err = fn(ctx)
		return ans, false, err
	}
	if len(key) > MaxShort {
		return Answer{}, false, models.BadField("Idempotency-Key", "too_long", MaxShort, len(key))
	}
	owner := a.TokenID // a key belongs to a token; a browser's to its member or person
	if owner == "" {
		owner = a.Kind + ":" + a.ID
	}
	sum := sha256.Sum256(request)
	hash := hex.EncodeToString(sum[:])
	err = in.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		replayed = false
		if err := in.db.Lock(tx, "key:"+owner+"\x1f"+key); err != nil {
			return err
		}
		var row models.IdempotencyKey
		res := tx.Where("actor_id = ? AND key = ? AND created_at > ?", owner, key, in.db.Now().Add(-KeyLife)).Limit(1).Find(&row)
		if res.Error != nil {
			return res.Error
		}
		if res.RowsAffected == 1 {
			if row.BodyHash != hash {
				return models.BadField("Idempotency-Key", "key_reused")
			}
			ans, replayed = Answer{row.Status, row.Answer}, true
			return nil
		}
		var err error
		if ans, err = fn(ctx); err != nil {
			return err
		}
		return tx.Exec(`INSERT INTO idempotency_keys (actor_id, key, body_hash, status, answer, created_at) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (actor_id, key) DO UPDATE SET body_hash = excluded.body_hash, status = excluded.status, answer = excluded.answer, created_at = excluded.created_at`,
			owner, key, hash, ans.Status, ans.Body, in.db.Now()).Error
	})
	return ans, replayed, err
}

// Sweep forgets keys whose time is over.
func (in *Intake) Sweep(ctx context.Context) error {
	return in.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Where("created_at < ?", in.db.Now().Add(-KeyLife)).Delete(&models.IdempotencyKey{}).Error
	})
}
