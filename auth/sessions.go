package auth

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// How long sessions live. A member's ends when unused for memberIdle too.
const (
	memberIdle = 8 * time.Hour
	memberLife = 7 * 24 * time.Hour
	personLife = 30 * 24 * time.Hour
	seenEvery  = 5 * time.Minute // how exactly seen_at is kept: not a write per page
)

// enter opens a session with a fresh secret inside a Write. Every sign-in gets
// a new one, so a secret planted in a browser before is worth nothing.
func (a *Auth) enter(tx *gorm.DB, acc account, email string) (secret string, actor Actor, err error) {
	now := a.db.Now()
	secret = newSecret()
	s := models.Session{Hash: hash(secret), CreatedAt: now, SeenAt: now}
	if acc.member.ID != "" {
		s.MemberID, s.ExpiresAt = acc.member.ID, now.Add(memberLife)
		actor = memberActor(acc.member, acc.person.ID)
	} else {
		s.PersonID, s.ExpiresAt = acc.person.ID, now.Add(personLife)
		actor = personActor(acc.person, email)
	}
	return secret, actor, tx.Create(&s).Error
}

// BySession returns who the session's secret belongs to; Unauthenticated
// session_over when there is none (any more).
func (a *Auth) BySession(ctx context.Context, secret string) (Actor, error) {
	over := models.Fail(models.Unauthenticated, "session_over")
	if secret == "" {
		return Actor{}, over
	}
	db := a.db.Read(ctx)
	var s models.Session
	if err := db.Limit(1).Find(&s, "hash = ?", hash(secret)).Error; err != nil {
		return Actor{}, wrap("session", err)
	}
	now := a.db.Now()
	if s.Hash == "" || !now.Before(s.ExpiresAt) || s.MemberID != "" && now.Sub(s.SeenAt) >= memberIdle {
		return Actor{}, over
	}
	actor, err := sessionActor(db, s)
	if err != nil {
		return Actor{}, wrap("session", err)
	}
	if actor.ID == "" {
		return Actor{}, over
	}
	if now.Sub(s.SeenAt) >= seenEvery {
		// A page that could be read is not refused because the clock could
		// not be wound: the next one tries again.
		_ = a.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
			return tx.Model(&models.Session{}).Where("hash = ? AND seen_at < ?", s.Hash, now).Update("seen_at", now).Error
		})
	}
	return actor, nil
}

// sessionActor has ID "" when the member was disabled or the person is gone.
func sessionActor(db *gorm.DB, s models.Session) (Actor, error) {
	if s.MemberID != "" {
		var m models.Member
		if err := db.Limit(1).Find(&m, "id = ? AND disabled_at IS NULL", s.MemberID).Error; err != nil || m.ID == "" {
			return Actor{}, err
		}
		var ad models.Address
		err := db.Limit(1).Find(&ad, "channel = ? AND value = ?", models.ChannelEmail, m.Email).Error
		return memberActor(m, ad.PersonID), err
	}
	var p models.Person
	if err := db.Limit(1).Find(&p, "id = ?", s.PersonID).Error; err != nil || p.ID == "" {
		return Actor{}, err
	}
	var ad models.Address
	err := db.Order("verified_at IS NULL, created_at, value").Limit(1).
		Find(&ad, "person_id = ? AND channel = ?", p.ID, models.ChannelEmail).Error
	return personActor(p, ad.Value), err
}

// SignOut ends the session; one that is over already is no error.
func (a *Auth) SignOut(ctx context.Context, secret string) error {
	return wrap("sign out", a.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Delete(&models.Session{}, "hash = ?", hash(secret)).Error
	}))
}

// SignOutEverywhere ends every session of the member or person.
func (a *Auth) SignOutEverywhere(ctx context.Context, actor Actor) error {
	column := "person_id"
	if actor.Kind == models.ActorMember {
		column = "member_id"
	}
	if actor.ID == "" { // would match every session of the other kind
		return models.Fail(models.Unauthenticated, "sign_in_first")
	}
	return wrap("sign out everywhere", a.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Delete(&models.Session{}, column+" = ?", actor.ID).Error
	}))
}
