package webhooks

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

const (
	maxEndpoints = 50
	secretSize   = 32 // bytes
	// bothSecrets is how long the old secret signs beside the new one.
	bothSecrets = 24 * time.Hour
)

var errUnknownKind = errors.New("no such kind of endpoint")

// Endpoints lists them by name, without those that are gone. Needs auth.Administer.
func (h *Hooks) Endpoints(ctx context.Context, a auth.Actor) (es []models.WebhookEndpoint, err error) {
	if err := auth.Can(a, auth.Administer); err != nil {
		return nil, err
	}
	err = h.db.Read(ctx).Where("gone_at IS NULL").Order("LOWER(name), id").Find(&es).Error
	return es, wrap("list endpoints", err)
}

// Endpoint reads one. Needs auth.Administer. NotFound webhook_not_found.
func (h *Hooks) Endpoint(ctx context.Context, a auth.Actor, id string) (e models.WebhookEndpoint, err error) {
	if err := auth.Can(a, auth.Administer); err != nil {
		return e, err
	}
	e, err = h.find(h.db.Read(ctx), id)
	return e, wrap("read an endpoint", err)
}

func (h *Hooks) find(tx *gorm.DB, id string) (e models.WebhookEndpoint, err error) {
	res := tx.Limit(1).Find(&e, "id = ? AND gone_at IS NULL", id)
	if res.Error == nil && res.RowsAffected == 0 {
		return e, models.Fail(models.NotFound, "webhook_not_found", id)
	}
	return e, res.Error
}

// Address is where an endpoint is, for the form of those who may change it: of
// programs the whole URL; that of a chat is itself a secret and stays sealed ("").
func (h *Hooks) Address(a auth.Actor, e models.WebhookEndpoint) (string, error) {
	if err := auth.Can(a, auth.Administer); err != nil || e.Kind != models.WebhookStandard {
		return "", err
	}
	b, err := h.auth.Open(e.URL, urlOf(e.ID))
	return string(b), wrap("read an endpoint's address", err)
}

// Save makes an endpoint (id "") or changes one. Of a new one that is signed by the
// Standard Webhooks scheme it returns the secret, this once. Needs auth.Administer.
// Errors: those of Patch's fields, Conflict webhook_changed, NotFound webhook_not_found.
func (h *Hooks) Save(ctx context.Context, a auth.Actor, id string, p Patch) (e models.WebhookEndpoint, secret string, err error) {
	if err := auth.Can(a, auth.Administer); err != nil {
		return e, "", err
	}
	err = h.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		e, secret = models.WebhookEndpoint{}, ""
		action := "edited"
		if id == "" {
			action = "created"
			if e, secret, err = h.fresh(tx, p); err != nil {
				return err
			}
		} else if e, err = h.find(h.db.Hold(tx), id); err != nil {
			return err
		} else if p.Rev != 0 && p.Rev != e.Rev {
			return models.Fail(models.Conflict, "webhook_changed")
		}
		if err := h.apply(tx, &e, p); err != nil {
			return err
		}
		e.UpdatedAt = h.db.Now()
		e.Rev++
		if err := tx.Save(&e).Error; err != nil {
			return err
		}
		if !e.Active() {
			if _, err := h.tellByHand(tx, e.ID); err != nil {
				return err
			}
		}
		h.db.AfterCommit(ctx, h.nudge)
		return h.record(ctx, tx, a, e, action)
	})
	return e, secret, wrap("save an endpoint", err)
}

// fresh is a new endpoint with its secret; it hears of what happens from now on.
func (h *Hooks) fresh(tx *gorm.DB, p Patch) (e models.WebhookEndpoint, secret string, err error) {
	var n int64
	if err := tx.Model(&e).Where("gone_at IS NULL").Count(&n).Error; err != nil {
		return e, "", err
	}
	if n >= maxEndpoints {
		return e, "", models.Fail(models.Conflict, "webhook_too_many", maxEndpoints)
	}
	e = models.WebhookEndpoint{ID: models.NewID(models.PrefixWebhook), Kind: models.WebhookStandard, Locale: "en", Events: models.AsJSON([]string{}), CreatedAt: h.db.Now()}
	if p.Kind != nil {
		e.Kind = *p.Kind
	}
	if e.Kind == models.WebhookStandard {
		if secret, err = newSecret(); err != nil {
			return e, "", err
		}
		if e.Secret, err = h.auth.Seal([]byte(secret), secretOf(e.ID)); err != nil {
			return e, "", err
		}
	}
	err = tx.Raw("SELECT n FROM counters WHERE name = 'activity'").Scan(&e.SinceSeq).Error
	return e, secret, err
}

// newSecret is a key of the Standard Webhooks scheme.
func newSecret() (string, error) {
	b := make([]byte, secretSize)
	if _, err := rand.Read(b); err != nil {
		return "", err
	}
	return "whsec_" + base64.StdEncoding.EncodeToString(b), nil
}

// Rotate gives a program's endpoint a new secret and returns it, this once. For a day
// the old one signs as well. Needs auth.Administer. Errors: NotFound
// webhook_not_found, Conflict webhook_no_secret for chats, whose secrets are theirs.
func (h *Hooks) Rotate(ctx context.Context, a auth.Actor, id string) (e models.WebhookEndpoint, secret string, err error) {
	if err := auth.Can(a, auth.Administer); err != nil {
		return e, "", err
	}
	if secret, err = newSecret(); err != nil {
		return e, "", wrap("rotate a secret", err)
	}
	err = h.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if e, err = h.find(h.db.Hold(tx), id); err != nil {
			return err
		}
		if e.Kind != models.WebhookStandard {
			return models.Fail(models.Conflict, "webhook_no_secret")
		}
		e.OldSecret, e.OldSecretUntil = e.Secret, new(h.db.Now().Add(bothSecrets))
		if e.Secret, err = h.auth.Seal([]byte(secret), secretOf(e.ID)); err != nil {
			return err
		}
		e.UpdatedAt = h.db.Now()
		e.Rev++
		if err := tx.Save(&e).Error; err != nil {
			return err
		}
		return h.record(ctx, tx, a, e, "rotated")
	})
	if err != nil {
		secret = ""
	}
	return e, secret, wrap("rotate a secret", err)
}

// Remove ends an endpoint. What people were to be told through it is told by hand; its
// past stays readable until it is too old. Needs auth.Administer. NotFound
// webhook_not_found.
func (h *Hooks) Remove(ctx context.Context, a auth.Actor, id string) error {
	if err := auth.Can(a, auth.Administer); err != nil {
		return err
	}
	err := h.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		e, err := h.find(h.db.Hold(tx), id)
		if err != nil {
			return err
		}
		if _, err := h.tellByHand(tx, e.ID); err != nil {
			return err
		}
		now := h.db.Now()
		e.GoneAt, e.UpdatedAt, e.Secret, e.OldSecret, e.URL = &now, now, "", "", ""
		if err := tx.Save(&e).Error; err != nil {
			return err
		}
		return h.record(ctx, tx, a, e, "removed")
	})
	return wrap("remove an endpoint", err)
}

// record says who changed what, without what is secret.
func (h *Hooks) record(ctx context.Context, tx *gorm.DB, a auth.Actor, e models.WebhookEndpoint, action string) error {
	act := &models.Activity{Verb: models.WebhookEdited, Snapshot: models.Change{Title: e.Name, Into: e.ID, Action: action}.Encode()}
	return h.db.Record(ctx, tx, a.By(), act)
}

func wrap(operation string, err error) error {
	if err == nil || models.KindOf(err) != "" {
		return err
	}
	return fmt.Errorf("%s: %w", operation, err)
}
