package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/models"
)

const (
	codeLength = 8
	codeLife   = 10 * time.Minute
	codeTries  = 5

	limitWindow = time.Hour
	limitEmail  = 5  // codes per address
	limitFrom   = 20 // codes per network address

	// codeAlphabet has no character that looks like another.
	codeAlphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
)

// Ask mails a sign-in code to the address and returns the secret that binds it
// to the browser that asked; it belongs into a cookie. ip is the caller's and
// locale the page's; a known reader's own language wins. Any address is treated
// alike: who it belongs to is decided when its code comes back. RateLimited
// too_many_codes has RetryAfter.
func (a *Auth) Ask(ctx context.Context, email, ip, locale string) (browserSecret string, err error) {
	email, err = NormalEmail(email)
	if err != nil {
		return "", err
	}
	if a.sendCode == nil {
		return "", errors.New("ask for a code: Options.SendCode is missing")
	}
	if locale == "" {
		locale = a.locale
	}
	browserSecret = newSecret()
	code := newCode()
	from := a.Digest("asked from", network(ip)) // the limit needs no readable address
	err = a.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		// Always in this order, so two askers never wait for each other.
		for _, name := range []string{"sign-in:" + email, "sign-in from:" + from} {
			if err := a.db.Lock(tx, name); err != nil {
				return err
			}
		}
		if err := a.limit(tx, "email", email, limitEmail); err != nil {
			return err
		}
		if err := a.limit(tx, "asked_from", from, limitFrom); err != nil {
			return err
		}
		now := a.db.Now()
		s := models.SignIn{
			ID: models.NewID(prefixSignIn), Kind: models.SignInCode, Email: email, BrowserHash: hash(browserSecret),
			AskedFrom: from, CreatedAt: now, ExpiresAt: now.Add(codeLife),
		}
		s.SecretHash = a.codeHash(s.ID, code)
		if err := tx.Create(&s).Error; err != nil {
			return err
		}
		acc, err := accountOf(tx, email)
		if err != nil {
			return err
		}
		return a.sendCode(ctx, tx, email, acc.locale(locale), code)
	})
	if err != nil {
		return "", wrap("ask for a code", err)
	}
	return browserSecret, nil
}

const prefixSignIn = "sgn"

// limit refuses one code more than most within the window.
func (a *Auth) limit(tx *gorm.DB, column, value string, most int) error {
	now := a.db.Now()
	var earlier []models.SignIn
	err := tx.Select("created_at").Where(column+" = ? AND kind = ? AND created_at > ?", value, models.SignInCode, now.Add(-limitWindow)).
		Order("created_at DESC").Offset(most - 1).Limit(1).Find(&earlier).Error
	if err != nil || len(earlier) == 0 {
		return err
	}
	wait := earlier[0].CreatedAt.Add(limitWindow).Sub(now)
	e := models.Fail(models.RateLimited, "too_many_codes", int((wait+time.Minute-1)/time.Minute))
	e.RetryAfter = wait
	return e
}

// network is what counts as one asker: an IPv4 address, or the /64 that an
// IPv6 line has to itself.
func network(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return "unknown"
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is4() {
		return addr.String()
	}
	p, err := addr.Prefix(64)
	if err != nil {
		return "unknown"
	}
	return p.String()
}

// newCode draws a code; bytes that would favour some letters are drawn again.
func newCode() string {
	const fair = 256 - 256%len(codeAlphabet)
	code := make([]byte, 0, codeLength)
	for len(code) < codeLength {
		var b [codeLength]byte
		rand.Read(b[:])
		for _, x := range b {
			if int(x) < fair && len(code) < codeLength {
				code = append(code, codeAlphabet[int(x)%len(codeAlphabet)])
			}
		}
	}
	return string(code)
}

// codeHash is keyed: 40 bits could be guessed from a plain hash in a stolen
// copy of the database.
func (a *Auth) codeHash(id, code string) string { return a.Digest("sign-in code", id+" "+code) }

// typedCode reads a code as people type it: lower case, in groups, or in the
// full-width letters of a Chinese keyboard.
func typedCode(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(codeAlphabet, r) {
			return r
		}
		if strings.ContainsRune(" -\u2010\u2011\u2013\t\r\n", r) {
			return -1
		}
		return '?'
	}, strings.ToUpper(norm.NFKC.String(s)))
}

// Confirm signs in with the code that Ask mailed, once, in the browser that
// asked, and returns the new session's secret. An address that nobody has
// becomes a person's. Errors are Invalid for the field "code": code_wrong with
// the number of tries left, code_over when another code is needed.
func (a *Auth) Confirm(ctx context.Context, email, code, browserSecret string) (session string, actor Actor, err error) {
	email, err = NormalEmail(email)
	if err != nil {
		return "", Actor{}, err
	}
	var refused error
	err = a.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		// A refusal is kept beside, not returned: the wrong try must be counted.
		session, actor, refused = "", Actor{}, nil
		if err := a.db.Lock(tx, "sign-in:"+email); err != nil {
			return err
		}
		refused, err = a.spend(tx, email, typedCode(code), browserSecret)
		if err != nil || refused != nil {
			return err
		}
		acc, err := a.arrive(tx, email)
		if err != nil {
			return err
		}
		session, actor, err = a.enter(tx, acc, email)
		return err
	})
	if err != nil {
		return "", Actor{}, wrap("confirm a code", err)
	}
	return session, actor, refused
}

// spend uses up the code, or counts a wrong try.
func (a *Auth) spend(tx *gorm.DB, email, code, browserSecret string) (refused, err error) {
	now := a.db.Now()
	var s models.SignIn
	err = tx.Order("created_at DESC").Limit(1).Find(&s, "kind = ? AND email = ? AND browser_hash = ?", models.SignInCode, email, hash(browserSecret)).Error
	if err != nil {
		return nil, err
	}
	if s.ID == "" || s.UsedAt != nil || s.Wrong >= codeTries || !now.Before(s.ExpiresAt) {
		return models.BadField("code", "code_over"), nil
	}
	row := tx.Model(&models.SignIn{}).Where("id = ? AND used_at IS NULL", s.ID)
	if s.SecretHash == a.codeHash(s.ID, code) { // digests under a key: their order tells nothing
		return nil, row.Update("used_at", now).Error
	}
	if left := codeTries - s.Wrong - 1; left > 0 {
		refused = models.BadField("code", "code_wrong", left)
	} else {
		refused = models.BadField("code", "code_over")
	}
	return refused, row.Update("wrong", gorm.Expr("wrong + 1")).Error
}

// arrive finds who has the address, which its code has just proven, and makes
// a person of somebody new. A member needs no person.
func (a *Auth) arrive(tx *gorm.DB, email string) (account, error) {
	acc, err := accountOf(tx, email)
	if err != nil {
		return acc, err
	}
	now := a.db.Now()
	if acc.member.ID == "" && acc.person.ID == "" {
		p := models.Person{ID: models.NewID(models.PrefixPerson), Rev: 1, CreatedAt: now, UpdatedAt: now}
		if err := tx.Create(&p).Error; err != nil {
			return acc, err
		}
		ad := tx.Clauses(clause.OnConflict{DoNothing: true}).
			Create(&models.Address{Channel: models.ChannelEmail, Value: email, PersonID: p.ID, CreatedAt: now})
		if ad.Error != nil {
			return acc, ad.Error
		}
		if ad.RowsAffected == 1 {
			acc.person = p
		} else { // a suggestion of theirs came in meanwhile
			if err := tx.Delete(&p).Error; err != nil {
				return acc, err
			}
			if acc, err = accountOf(tx, email); err != nil {
				return acc, err
			}
		}
	}
	return acc, tx.Model(&models.Address{}).Where("channel = ? AND value = ? AND verified_at IS NULL", models.ChannelEmail, email).
		Update("verified_at", now).Error
}
