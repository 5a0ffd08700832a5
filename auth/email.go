package auth

import (
	"net/mail"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/heedhq/heed/models"
)

const (
	maxEmail = 254 // RFC 5321, 4.5.3.1.3 less the brackets
	maxLocal = 64
)

// NormalEmail brings an e-mail address into the form that is stored and
// compared: trimmed, NFC, lower case. Mail goes to this form too, so that an
// address that only resembles another after folding never gets its mail. The
// error is Invalid for the field "email".
func NormalEmail(s string) (string, error) {
	s = strings.ToLower(norm.NFC.String(strings.TrimSpace(s)))
	if s == "" {
		return "", models.BadField("email", "required")
	}
	if len(s) > maxEmail {
		return "", models.BadField("email", "too_long", maxEmail)
	}
	a, err := mail.ParseAddress(s)
	at := strings.LastIndexByte(s, '@')
	// a.Address differs for "Name <a@b>", comments and quoted local parts;
	// [ opens an address literal, which is no place to write to people.
	if err != nil || a.Name != "" || a.Address != s || at > maxLocal || strings.ContainsAny(s, "[]\"\\") {
		return "", models.BadField("email", "email_invalid")
	}
	return s, nil
}
