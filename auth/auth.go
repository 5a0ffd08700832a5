package auth

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// Auth knows who somebody is. It is safe for concurrent use.
type Auth struct {
	db       *models.DB
	sealing  []byte // derived from the key, one per use
	digest   []byte
	sendCode SendCode
	locale   string
	limits   Limits
	tokens   tokenCache
	isSecret func(string) bool
}

// SendCode queues the mail with a sign-in code. It runs inside the Write that
// stores the code, so it only writes a row. locale is the reader's.
type SendCode func(ctx context.Context, tx *gorm.DB, email, locale, code string) error

// Options of New.
type Options struct {
	// Key is the installation's secret, KeySize bytes as LoadKey gives them.
	Key []byte
	// SendCode is needed by Ask alone.
	SendCode SendCode
	// Locale is for people whose own nobody knows; default "en".
	Locale string
	// Limits are of agents' tokens that have none of their own.
	Limits Limits
	// IsSecret tells that a text holds a secret or reads like one, so that nobody and
	// nothing may be called so; nil: none does.
	IsSecret func(string) bool
}

// New returns the service. A Key of another size than KeySize is a mistake of
// the program, not of its user, and panics: with a guessable key every sealed
// secret and every link in a mail would be open.
func New(db *models.DB, o Options) *Auth {
	if len(o.Key) != KeySize {
		panic("auth.New: Options.Key must be the 32 bytes that LoadKey gives")
	}
	if o.Locale == "" {
		o.Locale = "en"
	}
	if o.IsSecret == nil {
		o.IsSecret = func(string) bool { return false }
	}
	return &Auth{
		db: db, sendCode: o.SendCode, locale: o.Locale, limits: o.Limits, isSecret: o.IsSecret,
		sealing: derive(o.Key, "heed seal v1"),
		digest:  derive(o.Key, "heed digest v1"),
	}
}

// derive gives each use a key of its own, so that what one use shows says
// nothing about another.
func derive(key []byte, use string) []byte {
	k, err := hkdf.Key(sha256.New, key, nil, use, 32)
	if err != nil {
		panic(err) // only lengths that are constants here can be wrong
	}
	return k
}

// Digest is a keyed digest of s, 43 URL-safe characters, different for each
// purpose: what a link in a mail carries to show that Heed wrote it.
func (a *Auth) Digest(purpose, s string) string {
	m := hmac.New(sha256.New, a.digest)
	m.Write([]byte(purpose))
	m.Write([]byte{0})
	m.Write([]byte(s))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// IsDigest reports in constant time whether digest is that of s.
func (a *Auth) IsDigest(purpose, s, digest string) bool {
	return hmac.Equal([]byte(a.Digest(purpose, s)), []byte(digest))
}

// newSecret is 256 random bits, 43 URL-safe characters.
func newSecret() string {
	b := make([]byte, 32)
	rand.Read(b) // never fails: it would end the program
	return base64.RawURLEncoding.EncodeToString(b)
}

// hash is how a secret of 256 random bits is stored: nothing shorter can be
// guessed from it, so it needs no key and no salt.
func hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// sweepAfter keeps used and expired ways to sign in for as long as the limits
// per hour look back, and a little for whoever reads the table after trouble.
const sweepAfter = 24 * time.Hour

// Sweep deletes sessions and ways to sign in that are over, and returns how
// many. The retention job calls it.
func (a *Auth) Sweep(ctx context.Context) (int64, error) {
	var n int64
	err := a.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		now := a.db.Now()
		s := tx.Delete(&models.Session{}, "expires_at <= ? OR (member_id <> '' AND seen_at <= ?)", now, now.Add(-memberIdle))
		if s.Error != nil {
			return s.Error
		}
		i := tx.Delete(&models.SignIn{}, "expires_at <= ?", now.Add(-sweepAfter))
		n = s.RowsAffected + i.RowsAffected
		if i.Error != nil {
			return i.Error
		}
		if err := tx.Delete(&models.TokenWindow{}, "starts_at < ?", now.Add(-2*spans[1]).UnixMilli()).Error; err != nil {
			return err
		}
		return sweepConsents(tx, now)
	})
	return n, wrap("sweep sign-ins", err)
}
