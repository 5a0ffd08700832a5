package auth

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// NewToken says what to create. Scopes may be empty for an agent alone, which
// then files suggestions. MemberEmail names the human behind the token, "" for
// none: it never may more than they. ExpiresAt nil is never. HourlyLimit and
// DailyLimit bound its writes; nil is the installation's limit for agents, 0 none.
type NewToken struct {
	Name        string
	Kind        string // models.Token…
	Scopes      []Scope
	MemberEmail string
	ExpiresAt   *time.Time
	HourlyLimit *int
	DailyLimit  *int
}

// CreateToken stores a new token and returns its secret, which nobody can read
// again. Errors are Invalid with the field. Callers ask Can(actor, Administer)
// first; the command line is trusted.
func (a *Auth) CreateToken(ctx context.Context, n NewToken) (secret string, row models.APIToken, err error) {
	if n, err = a.checkToken(n); err != nil {
		return "", row, err
	}
	scopes := make([]string, len(n.Scopes))
	for i, s := range n.Scopes {
		scopes[i] = string(s)
	}
	secret = newToken(n.Kind)
	err = a.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		row = models.APIToken{
			ID: models.NewID(models.PrefixToken), Name: n.Name, Kind: n.Kind, Hash: hash(secret), Scopes: strings.Join(scopes, " "),
			CreatedAt: a.db.Now(), ExpiresAt: n.ExpiresAt, HourlyLimit: n.HourlyLimit, DailyLimit: n.DailyLimit,
		}
		row.Prefix, row.Last4 = shownParts(secret)
		if n.MemberEmail != "" {
			m, err := a.MemberByEmail(ctx, n.MemberEmail)
			if models.KindOf(err) == models.NotFound || err == nil && m.DisabledAt != nil {
				return models.BadField("member", "member_unknown", n.MemberEmail)
			}
			if err != nil {
				return err
			}
			row.MemberID = m.ID
		}
		return tx.Create(&row).Error
	})
	if err != nil {
		return "", models.APIToken{}, wrap("create token", err)
	}
	return secret, row, nil
}

func (a *Auth) checkToken(n NewToken) (NewToken, error) {
	n.Name = strings.TrimSpace(n.Name)
	switch {
	case n.Name == "":
		return n, models.BadField("name", "required")
	case utf8.RuneCountInString(n.Name) > maxName:
		return n, models.BadField("name", "too_long", maxName)
	case a.isSecret(n.Name):
		return n, models.BadField("name", "secret_in_name")
	case !slices.Contains(TokenKinds(), n.Kind):
		return n, models.BadField("kind", "token_kind_unknown")
	}
	if len(n.Scopes) == 0 && n.Kind == models.TokenAgent {
		n.Scopes = []Scope{ScopeSuggestionsWrite}
	}
	if len(n.Scopes) == 0 {
		return n, models.BadField("scopes", "scopes_missing")
	}
	known := Scopes()
	for _, s := range n.Scopes {
		if !slices.Contains(known, s) {
			return n, models.BadField("scopes", "scope_unknown", string(s))
		}
	}
	n.Scopes = slices.DeleteFunc(known, func(s Scope) bool { return !slices.Contains(n.Scopes, s) })
	for field, limit := range map[string]*int{"hourly_limit": n.HourlyLimit, "daily_limit": n.DailyLimit} {
		if limit != nil && (*limit < 0 || *limit > MaxLimit) {
			return n, models.BadField(field, "limit_range", MaxLimit)
		}
	}
	if n.ExpiresAt != nil {
		at := models.Milli(*n.ExpiresAt)
		if !at.After(a.db.Now()) {
			return n, models.BadField("expires_at", "expiry_past")
		}
		n.ExpiresAt = &at
	}
	return n, nil
}

// ByToken returns who speaks through the token. Unauthenticated token_invalid
// when it is unknown, revoked or expired, or its member was disabled. A change
// by another node takes up to ten seconds to be seen.
func (a *Auth) ByToken(ctx context.Context, secret string) (Actor, error) {
	invalid := models.Fail(models.Unauthenticated, "token_invalid")
	if !isToken(secret) {
		return Actor{}, invalid
	}
	h, now := hash(secret), a.db.Now()
	if actor, ok := a.tokens.get(h, now); ok {
		return actor, nil
	}
	age := a.tokens.generation()
	t, until, err := a.tokenOf(ctx, h, now)
	if err != nil {
		return Actor{}, wrap("token", err)
	}
	if t.ID == "" {
		return Actor{}, invalid
	}
	actor, err := a.speaker(ctx, &t)
	if err != nil {
		return Actor{}, wrap("token", err)
	}
	if actor.ID == "" {
		return Actor{}, invalid
	}
	a.tokens.put(h, cachedToken{actor, until}, age, now)
	a.noteUse(ctx, &t, now)
	return actor, nil
}

// tokenOf reads the token that a secret speaks for, and until when it does for
// sure; ID "" for none.
func (a *Auth) tokenOf(ctx context.Context, h string, now time.Time) (t models.APIToken, until time.Time, err error) {
	db := a.db.Read(ctx)
	until = now.Add(cachedFor)
	if err = db.Limit(1).Find(&t, "hash = ? AND revoked_at IS NULL", h).Error; err != nil {
		return t, until, err
	}
	if t.ID == "" { // one that a member gave by consent
		var s models.OAuthSecret
		if err = db.Limit(1).Find(&s, "hash = ? AND kind = ? AND expires_at > ?", h, models.SecretAccess, now).Error; err != nil || s.Hash == "" {
			return t, until, err
		}
		if s.ExpiresAt.Before(until) {
			until = s.ExpiresAt
		}
		if err = db.Limit(1).Find(&t, "id = ? AND revoked_at IS NULL", s.TokenID).Error; err != nil {
			return t, until, err
		}
	}
	if t.ExpiresAt != nil && !now.Before(*t.ExpiresAt) {
		return models.APIToken{}, until, nil
	}
	if t.ExpiresAt != nil && t.ExpiresAt.Before(until) {
		until = *t.ExpiresAt
	}
	return t, until, nil
}

// speaker is who speaks through a token; ID "" when the member behind it is gone.
func (a *Auth) speaker(ctx context.Context, t *models.APIToken) (Actor, error) {
	actor := Actor{Kind: tokenActorKind(t.Kind), ID: t.ID, Name: t.Name, TokenID: t.ID, Limits: a.LimitsOf(t), Resource: t.Resource}
	for s := range strings.FieldsSeq(t.Scopes) {
		actor.Scopes = append(actor.Scopes, Scope(s))
	}
	if t.MemberID != "" {
		behind, err := sessionActor(a.db.Read(ctx), models.Session{MemberID: t.MemberID})
		if err != nil || behind.ID == "" {
			return Actor{}, err
		}
		actor = actor.speaksFor(behind)
	}
	actor.Scopes = slices.Clip(actor.Scopes) // shared by requests: an append must copy
	return actor, nil
}

// noteUse keeps when a token was last used, to some minutes. A request that was
// let in is not refused because the note could not be written.
func (a *Auth) noteUse(ctx context.Context, t *models.APIToken, now time.Time) {
	if t.LastUsedAt != nil && now.Sub(*t.LastUsedAt) < seenEvery {
		return
	}
	_ = a.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Model(&models.APIToken{}).Where("id = ?", t.ID).Update("last_used_at", now).Error
	})
}

// speaksFor gives a token the role of the member behind it, which bounds its
// scopes. A member's own token acts as the member; an agent stays itself.
func (a Actor) speaksFor(m Actor) Actor {
	a.Role, a.MemberID = m.Role, m.ID
	if a.Kind != models.ActorMember {
		a.For = m.Name
	}
	if a.Kind == models.ActorMember {
		a.ID, a.Name, a.Email, a.Locale, a.PersonID = m.ID, m.Name, m.Email, m.Locale, m.PersonID
	}
	return a
}

func tokenActorKind(kind string) string {
	switch kind {
	case models.TokenMember:
		return models.ActorMember
	case models.TokenService:
		return models.ActorService
	}
	return models.ActorAgent // the least
}

// ListTokens lists every token, revoked ones too, oldest first.
func (a *Auth) ListTokens(ctx context.Context) ([]models.APIToken, error) {
	ts := []models.APIToken{}
	err := a.db.Read(ctx).Order("created_at, id").Find(&ts).Error
	return ts, wrap("list tokens", err)
}

// RevokeToken ends the token with the id; one that was revoked stays as it is.
// NotFound token_unknown.
func (a *Auth) RevokeToken(ctx context.Context, id string) error {
	err := a.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		var t models.APIToken
		if err := tx.Limit(1).Find(&t, "id = ?", id).Error; err != nil {
			return err
		}
		if t.ID == "" {
			return models.Fail(models.NotFound, "token_unknown", id)
		}
		return a.end(tx, id)
	})
	a.tokens.clear()
	return wrap("revoke token", err)
}
