package auth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// How long what a consent hands out lives.
const (
	codeValid    = time.Minute
	AccessValid  = time.Hour
	refreshValid = 30 * 24 * time.Hour // since it was last exchanged
)

// Allow gives a program, in the member's name, the scopes that they chose of what
// was asked, and returns the code to be sent to asked.RedirectURI.
func (a *Auth) Allow(ctx context.Context, by Actor, asked Asked, r ConsentRequest, chosen []Scope, resource string) (code string, err error) {
	if by.Kind != models.ActorMember || by.TokenID != "" || by.ID == "" { // a token cannot make itself another
		return "", models.Fail(models.Forbidden, "not_allowed", "consent")
	}
	given := []string{}
	for _, s := range ConsentScopes() {
		if slices.Contains(asked.Scopes, s) && slices.Contains(chosen, s) {
			given = append(given, string(s))
		}
	}
	if len(given) == 0 {
		return "", models.BadField("scopes", "scopes_missing")
	}
	code = newSecret()
	err = a.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		now := a.db.Now()
		t := models.APIToken{ID: models.NewID(models.PrefixToken), Name: asked.Client.Name, Kind: models.TokenAgent, Prefix: "oauth", Scopes: strings.Join(given, " "),
			MemberID: by.ID, CreatedAt: now, ClientID: asked.Client.ID, Resource: resource}
		t.Hash = "consent:" + t.ID // no secret has this hash: those of a consent are oauth_secrets
		if err := tx.Create(&t).Error; err != nil {
			return err
		}
		if err := tx.Model(&models.OAuthClient{}).Where("id = ?", asked.Client.ID).Update("used_at", now).Error; err != nil {
			return err
		}
		s := models.OAuthSecret{Hash: hash(code), Kind: models.SecretCode, TokenID: t.ID, ClientID: asked.Client.ID, RedirectURI: asked.RedirectURI, Challenge: r.Challenge,
			CreatedAt: now, ExpiresAt: now.Add(codeValid)}
		if err := tx.Create(&s).Error; err != nil {
			return err
		}
		return a.audit(ctx, tx, by, models.TokenCreated, &t)
	})
	return code, wrap("allow", err)
}

// Exchange is what a program shows to get secrets: a code with its verifier, or a
// refresh secret.
type Exchange struct {
	Grant, Code, RedirectURI, ClientID, Verifier, Refresh, Resource, Scope string
}

// Granted are the secrets that a program gets; Scopes are what they are good for.
type Granted struct {
	Access, Refresh, Scopes string
	ExpiresIn               time.Duration
}

// Redeem exchanges a code or a refresh secret, each once: one that is shown again
// was stolen, and ends the token it belongs to. Errors are *GrantError.
func (a *Auth) Redeem(ctx context.Context, x Exchange) (Granted, error) {
	kind, secret := models.SecretCode, x.Code
	switch x.Grant {
	case "authorization_code":
	case "refresh_token":
		kind, secret = models.SecretRefresh, x.Refresh
	default:
		return Granted{}, &GrantError{Code: "unsupported_grant_type", Detail: "grant_type is authorization_code or refresh_token"}
	}
	if secret == "" || x.ClientID == "" {
		return Granted{}, &GrantError{Code: "invalid_request", Detail: "client_id and the code or refresh_token are required"}
	}
	var g Granted
	var refused *GrantError
	err := a.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) (err error) {
		g, refused, err = a.redeem(ctx, tx, kind, hash(secret), x)
		return err
	})
	if refused != nil || err != nil {
		a.tokens.clear()
	}
	if err != nil {
		return Granted{}, wrap("redeem", err)
	}
	if refused != nil { // apart from the error, so that what it ends stays ended
		return Granted{}, refused
	}
	return g, nil
}

func (a *Auth) redeem(ctx context.Context, tx *gorm.DB, kind, h string, x Exchange) (g Granted, refused *GrantError, err error) {
	bad := func(detail string) (Granted, *GrantError, error) {
		return Granted{}, &GrantError{Code: "invalid_grant", Detail: detail}, nil
	}
	if err := a.db.Lock(tx, "oauth:"+h); err != nil {
		return g, nil, err
	}
	now := a.db.Now()
	var s models.OAuthSecret
	if err := tx.Limit(1).Find(&s, "hash = ? AND kind = ?", h, kind).Error; err != nil {
		return g, nil, err
	}
	if s.Hash == "" || s.ClientID != x.ClientID {
		return bad("it is unknown, or another client's")
	}
	var t models.APIToken
	if err := tx.Limit(1).Find(&t, "id = ?", s.TokenID).Error; err != nil {
		return g, nil, err
	}
	if s.UsedAt != nil {
		if err := a.end(tx, t.ID); err != nil {
			return g, nil, err
		}
		return bad("it was used before: everything that came of it has ended")
	}
	if t.RevokedAt != nil || !now.Before(s.ExpiresAt) {
		return bad("it has ended")
	}
	// From here on it is used up, whether or not what comes with it is right.
	if err := tx.Model(&models.OAuthSecret{}).Where("hash = ?", s.Hash).Update("used_at", now).Error; err != nil {
		return g, nil, err
	}
	if refused := x.fits(&s, &t); refused != nil {
		return g, refused, nil
	}
	if who, err := a.speaker(ctx, &t); err != nil || who.ID == "" {
		if err != nil {
			return g, nil, err
		}
		return bad("the member behind it is gone")
	}
	g = Granted{Access: newToken(models.TokenAgent), Refresh: newSecret(), Scopes: t.Scopes, ExpiresIn: AccessValid}
	rows := []models.OAuthSecret{
		{Hash: hash(g.Access), Kind: models.SecretAccess, TokenID: t.ID, ClientID: s.ClientID, CreatedAt: now, ExpiresAt: now.Add(AccessValid)},
		{Hash: hash(g.Refresh), Kind: models.SecretRefresh, TokenID: t.ID, ClientID: s.ClientID, CreatedAt: now, ExpiresAt: now.Add(refreshValid)},
	}
	return g, nil, tx.Create(&rows).Error
}

// fits says what is wrong with an exchange of a secret for a token; nil for nothing.
func (x Exchange) fits(s *models.OAuthSecret, t *models.APIToken) *GrantError {
	if x.Resource != "" && !sameResource(x.Resource, t.Resource) {
		return &GrantError{Code: "invalid_target", Detail: "it was given for another resource"}
	}
	if s.Kind == models.SecretCode {
		if s.RedirectURI != x.RedirectURI {
			return &GrantError{Code: "invalid_grant", Detail: "redirect_uri is not the one that the code was sent to"}
		}
		if !verifies(x.Verifier, s.Challenge) {
			return &GrantError{Code: "invalid_grant", Detail: "code_verifier does not fit"}
		}
	}
	for scope := range strings.FieldsSeq(x.Scope) {
		if scope != "offline_access" && !slices.Contains(strings.Fields(t.Scopes), scope) {
			return &GrantError{Code: "invalid_scope", Detail: "a refresh gives no more than the consent did"}
		}
	}
	return nil
}

// verifies reports whether a PKCE verifier is the one of the challenge (S256).
func verifies(verifier, challenge string) bool {
	if len(verifier) < 43 || len(verifier) > 128 {
		return false
	}
	sum := sha256.Sum256([]byte(verifier))
	return subtle.ConstantTimeCompare([]byte(base64.RawURLEncoding.EncodeToString(sum[:])), []byte(challenge)) == 1
}

// end ends a token and everything that speaks for it.
func (a *Auth) end(tx *gorm.DB, token string) error {
	err := tx.Model(&models.APIToken{}).Where("id = ? AND revoked_at IS NULL", token).Update("revoked_at", a.db.Now()).Error
	if err != nil {
		return err
	}
	return tx.Delete(&models.OAuthSecret{}, "token_id = ? AND kind = ?", token, models.SecretAccess).Error
}

// GiveUp ends the consent that an access or refresh secret came of, when it is
// that client's; one that is none is no error (RFC 7009).
func (a *Auth) GiveUp(ctx context.Context, secret, client string) error {
	err := a.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		var s models.OAuthSecret
		if err := tx.Limit(1).Find(&s, "hash = ? AND kind <> ? AND client_id = ?", hash(secret), models.SecretCode, client).Error; err != nil || s.Hash == "" {
			return err
		}
		return a.end(tx, s.TokenID)
	})
	a.tokens.clear()
	return wrap("give up", err)
}
