package auth

import (
	"context"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// TokensFor lists the tokens that an actor may manage, newest first: all of them
// for who administers, a member's own for others.
func (a *Auth) TokensFor(ctx context.Context, by Actor) ([]models.APIToken, error) {
	ts := []models.APIToken{}
	q := a.db.Read(ctx).Order("revoked_at IS NOT NULL, created_at DESC, id DESC").Limit(500)
	if Can(by, Administer) != nil {
		if err := isMember(by); err != nil {
			return nil, err
		}
		q = q.Where("member_id = ?", by.ID)
	}
	return ts, wrap("list tokens", q.Find(&ts).Error)
}

// isMember: tokens are managed by signed-in members, never by tokens.
func isMember(by Actor) error {
	if by.Kind != models.ActorMember || by.TokenID != "" {
		return models.Fail(models.Forbidden, "not_allowed", string(Administer))
	}
	return nil
}

// GiveToken is CreateToken by a signed-in member: an admin makes any, others an
// agent's or their own with themselves behind it, of scopes that their role
// bounds, and with no limits but the installation's.
func (a *Auth) GiveToken(ctx context.Context, by Actor, n NewToken) (secret string, row models.APIToken, err error) {
	if err := isMember(by); err != nil {
		return "", row, err
	}
	if Can(by, Administer) != nil {
		if n.Kind == models.TokenService {
			return "", row, models.BadField("kind", "token_kind_own")
		}
		n.MemberEmail, n.HourlyLimit, n.DailyLimit = by.Email, nil, nil
	}
	if n.Kind != models.TokenService && n.MemberEmail == "" {
		n.MemberEmail = by.Email
	}
	err = a.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) (err error) {
		if secret, row, err = a.CreateToken(ctx, n); err != nil {
			return err
		}
		return a.audit(ctx, tx, by, models.TokenCreated, &row)
	})
	if err != nil {
		return "", models.APIToken{}, err
	}
	return secret, row, nil
}

// TakeToken revokes a token that the member may manage.
func (a *Auth) TakeToken(ctx context.Context, by Actor, id string) (models.APIToken, error) {
	var t models.APIToken
	if err := isMember(by); err != nil {
		return t, err
	}
	err := a.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		t = models.APIToken{}
		if err := tx.Limit(1).Find(&t, "id = ?", id).Error; err != nil {
			return err
		}
		if t.ID == "" || t.MemberID != by.ID && Can(by, Administer) != nil {
			return models.Fail(models.NotFound, "token_unknown", id)
		}
		if t.RevokedAt != nil {
			return nil
		}
		if err := a.end(tx, t.ID); err != nil {
			return err
		}
		return a.audit(ctx, tx, by, models.TokenRevoked, &t)
	})
	a.tokens.clear()
	return t, wrap("revoke token", err)
}

// audit keeps who made or ended a token.
func (a *Auth) audit(ctx context.Context, tx *gorm.DB, by Actor, verb models.Verb, t *models.APIToken) error {
	return a.db.Record(ctx, tx, by.By(), &models.Activity{Verb: verb, Snapshot: models.Change{Title: t.Name, Action: t.ID}.Encode()})
}
