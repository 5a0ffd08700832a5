package people

import (
	"context"
	"regexp"
	"strings"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

var channelForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`)

// Normal brings an address into the form that is stored. The error is Invalid on
// email, channel or handle.
func Normal(channel, value string) (string, string, error) {
	channel = strings.ToLower(strings.TrimSpace(channel))
	if channel == models.ChannelEmail || channel == "" {
		email, err := auth.NormalEmail(value)
		return models.ChannelEmail, email, err
	}
	if !channelForm.MatchString(channel) {
		return "", "", models.BadField("channel", "channel_invalid")
	}
	value = strings.TrimSpace(value)
	if value == "" || len(value) > 200 || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f || r == 0xfffd }) {
		return "", "", models.BadField("handle", "handle_required")
	}
	return channel, value, nil
}

// AddAddress lets a person be found at one address more: channel "email" or that of
// a handle. It is not proven by this, so nobody signs in by it without a code. Needs
// auth.EditPeople. Conflict address_taken when it is another person's: those two can
// be merged.
func (p *People) AddAddress(ctx context.Context, a auth.Actor, id, channel, value string) (w Whole, err error) {
	if err := auth.Can(a, auth.EditPeople); err != nil {
		return w, err
	}
	if channel, value, err = Normal(channel, value); err != nil {
		return w, err
	}
	if _, found := p.redact.Name(value); len(found) > 0 && channel != models.ChannelEmail {
		return w, models.BadField("handle", "secret_in_id")
	}
	return p.changeAddresses(ctx, a, id, func(tx *gorm.DB, person string) error {
		res := tx.Exec("INSERT INTO addresses (channel, value, person_id, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (channel, value) DO NOTHING",
			channel, value, person, p.db.Now())
		if res.Error != nil || res.RowsAffected > 0 {
			return res.Error
		}
		var there models.Address
		if err := tx.First(&there, "channel = ? AND value = ?", channel, value).Error; err != nil {
			return err
		}
		if there.PersonID != person {
			return models.Fail(models.Conflict, "address_taken")
		}
		return nil
	})
}

// RemoveAddress takes an address away from a person; the last one stays, or nobody
// could say who they are. Needs auth.EditPeople. Errors: NotFound
// address_not_found, Conflict address_last.
func (p *People) RemoveAddress(ctx context.Context, a auth.Actor, id, channel, value string) (Whole, error) {
	if err := auth.Can(a, auth.EditPeople); err != nil {
		return Whole{}, err
	}
	return p.changeAddresses(ctx, a, id, func(tx *gorm.DB, person string) error {
		var n int64
		if err := tx.Model(&models.Address{}).Where("person_id = ?", person).Count(&n).Error; err != nil {
			return err
		}
		res := tx.Delete(&models.Address{}, "channel = ? AND value = ? AND person_id = ?", channel, value, person)
		switch {
		case res.Error != nil:
			return res.Error
		case res.RowsAffected == 0:
			return models.Fail(models.NotFound, "address_not_found")
		case n == 1:
			return models.Fail(models.Conflict, "address_last")
		}
		return nil
	})
}

func (p *People) changeAddresses(ctx context.Context, a auth.Actor, id string, change func(*gorm.DB, string) error) (w Whole, err error) {
	err = p.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		r, err := p.held(tx, id)
		if err != nil {
			return err
		}
		if err := change(tx, r.ID); err != nil {
			return err
		}
		if err := tx.Model(r).Updates(map[string]any{"indexed": false, "rev": r.Rev + 1, "updated_at": p.db.Now()}).Error; err != nil {
			return err
		}
		if err := p.db.Record(ctx, tx, a.By(), &models.Activity{Verb: models.PersonEdited, PersonID: r.ID}); err != nil {
			return err
		}
		w, err = p.whole(tx, r.ID)
		return err
	})
	return w, wrap("change addresses", err)
}

// At names the person at an address. Needs auth.ReadPeople. NotFound
// person_not_found.
func (p *People) At(ctx context.Context, a auth.Actor, channel, value string) (string, error) {
	if err := auth.Can(a, auth.ReadPeople); err != nil {
		return "", err
	}
	channel, value, err := Normal(channel, value)
	if err != nil {
		return "", err
	}
	var ids []string
	err = p.db.Read(ctx).Model(&models.Address{}).Where("channel = ? AND value = ?", channel, value).Pluck("person_id", &ids).Error
	if err == nil && len(ids) == 0 {
		return "", models.Fail(models.NotFound, "person_not_found")
	}
	if err != nil {
		return "", wrap("find person", err)
	}
	return ids[0], nil
}
