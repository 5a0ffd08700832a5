package auth

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// How long one-time links live. The first owner's is printed when Heed is
// installed, and whoever installs it may be called away.
const (
	linkLife      = time.Hour
	firstLinkLife = 24 * time.Hour
)

// Link is what the page of a one-time link says before its button is pressed.
type Link struct {
	Email     string
	ExpiresAt time.Time
}

// NewLink returns the secret of a one-time link for a member or person with
// the address; earlier links of theirs stop working. It is for the command line
// of whoever runs Heed: possession signs in. NotFound email_unknown.
func (a *Auth) NewLink(ctx context.Context, email string) (secret string, err error) {
	email, err = NormalEmail(email)
	if err != nil {
		return "", err
	}
	secret = newSecret()
	err = a.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		acc, err := accountOf(tx, email)
		if err != nil {
			return err
		}
		if acc.member.ID == "" && acc.person.ID == "" {
			return models.Fail(models.NotFound, "email_unknown", email)
		}
		life, err := a.linkLife(tx, acc.member)
		if err != nil {
			return err
		}
		now := a.db.Now()
		err = tx.Model(&models.SignIn{}).Where("kind = ? AND email = ? AND used_at IS NULL AND expires_at > ?", models.SignInLink, email, now).
			Update("expires_at", now).Error
		if err != nil {
			return err
		}
		return tx.Create(&models.SignIn{
			ID: models.NewID(prefixSignIn), Kind: models.SignInLink, Email: email, SecretHash: hash(secret), CreatedAt: now, ExpiresAt: now.Add(life),
		}).Error
	})
	if err != nil {
		return "", wrap("new sign-in link", err)
	}
	return secret, nil
}

// linkLife is longer for an owner who is alone and has never been in: a
// session row, or a used way to sign in, says that somebody has.
func (a *Auth) linkLife(tx *gorm.DB, m models.Member) (time.Duration, error) {
	if m.Role != models.RoleOwner {
		return linkLife, nil
	}
	var others, entered int64
	if err := tx.Model(&models.Member{}).Where("id <> ?", m.ID).Count(&others).Error; err != nil {
		return 0, err
	}
	if err := tx.Model(&models.SignIn{}).Where("email = ? AND used_at IS NOT NULL", m.Email).Count(&entered).Error; err != nil {
		return 0, err
	}
	var sessions int64
	if err := tx.Model(&models.Session{}).Where("member_id = ?", m.ID).Count(&sessions).Error; err != nil {
		return 0, err
	}
	if others+entered+sessions > 0 {
		return linkLife, nil
	}
	return firstLinkLife, nil
}

// PeekLink says whose link it is and changes nothing: scanners open links, and
// a GET signs nobody in. Unauthenticated link_over.
func (a *Auth) PeekLink(ctx context.Context, secret string) (Link, error) {
	s, err := a.liveLink(a.db.Read(ctx), secret)
	return Link{Email: s.Email, ExpiresAt: s.ExpiresAt}, wrap("look at a sign-in link", err)
}

// UseLink signs in, once, and returns the new session's secret. Unauthenticated
// link_over.
func (a *Auth) UseLink(ctx context.Context, secret string) (session string, actor Actor, err error) {
	err = a.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		s, err := a.liveLink(tx, secret)
		if err != nil {
			return err
		}
		// Of many at once, one changes the row.
		used := tx.Model(&models.SignIn{}).Where("id = ? AND used_at IS NULL", s.ID).Update("used_at", a.db.Now())
		if used.Error != nil {
			return used.Error
		}
		acc, err := accountOf(tx, s.Email)
		if err != nil {
			return err
		}
		if used.RowsAffected == 0 || acc.member.ID == "" && acc.person.ID == "" {
			return models.Fail(models.Unauthenticated, "link_over")
		}
		session, actor, err = a.enter(tx, acc, s.Email)
		return err
	})
	if err != nil {
		return "", Actor{}, wrap("use a sign-in link", err)
	}
	return session, actor, nil
}

func (a *Auth) liveLink(db *gorm.DB, secret string) (models.SignIn, error) {
	var s models.SignIn
	err := db.Limit(1).Find(&s, "secret_hash = ? AND kind = ? AND used_at IS NULL AND expires_at > ?", hash(secret), models.SignInLink, a.db.Now()).Error
	if err == nil && s.ID == "" {
		err = models.Fail(models.Unauthenticated, "link_over")
	}
	return s, err
}
