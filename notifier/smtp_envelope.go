package notifier

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/mail"
	"strings"

	"golang.org/x/net/idna"
)

// Envelope is who a mail comes from and goes to, as the relay sees it: bare
// addresses, one recipient. An empty From is the null sender.
type Envelope struct{ From, To string }

// transmission is a mail as it goes over the wire.
type transmission struct {
	from, to string // in angle brackets, domains as A-labels
	body     []byte
	utf8     bool // a local part needs SMTPUTF8
	eightBit bool // the body needs 8BITMIME
}

// prepare checks an envelope and its body. What it refuses will never work, so
// its errors are permanent refusals.
func prepare(env Envelope, body []byte) (transmission, error) {
	t := transmission{from: "<>", body: body}
	var err error
	if env.From != "" {
		if t.from, err = t.path(env.From); err != nil {
			return t, refusedHere("5.1.7", "sender: "+err.Error())
		}
	}
	if t.to, err = t.path(env.To); err != nil {
		return t, refusedHere("5.1.3", "recipient: "+err.Error())
	}
	if isNobody(env.To) { // it would be answered by a machine, for ever
		return t, refusedHere("5.1.3", "recipient: nobody reads mail there")
	}
	if len(body) == 0 {
		return t, refusedHere("5.6.0", "empty message")
	}
	t.body = canonicalLines(body)
	t.eightBit = hasEightBits(body)
	return t, nil
}

// path writes an address as SMTP wants it, and notes whether it needs
// SMTPUTF8: a domain can be written in ASCII, a local part cannot.
func (t *transmission) path(address string) (string, error) {
	local, domain, err := splitAddress(address)
	if err != nil {
		return "", err
	}
	if !isASCII(local) {
		t.utf8 = true
	}
	return "<" + local + "@" + domain + ">", nil
}

// splitAddress checks a bare address and returns its parts, the domain in
// ASCII. Quoted local parts are refused: no provider gives them out, and they
// are a way to smuggle.
func splitAddress(address string) (local, domain string, err error) {
	at := strings.LastIndexByte(address, '@')
	if at <= 0 || at == len(address)-1 || len(address) > 254 || at > 64 {
		return "", "", fmt.Errorf("%q is not an address", address)
	}
	local, domain = address[:at], address[at+1:]
	if strings.ContainsFunc(address, func(r rune) bool {
		return r <= ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || strings.ContainsRune(`<>()[]\,;:"`, r) || r == '\u2028' || r == '\u2029' || r == '\ufffd'
	}) || strings.ContainsRune(local, '@') {
		return "", "", fmt.Errorf("%q is not an address", address)
	}
	if parsed, perr := mail.ParseAddress(address); perr != nil || parsed.Address != address {
		return "", "", fmt.Errorf("%q is not an address", address)
	}
	if !isASCII(domain) {
		if domain, err = idna.Lookup.ToASCII(domain); err != nil {
			return "", "", fmt.Errorf("%q has a domain that cannot exist", address)
		}
	}
	return local, domain, nil
}

// refusedHere is a permanent refusal made before the relay was asked.
func refusedHere(enhanced, text string) *ErrRefused {
	return &ErrRefused{Code: 553, Enhanced: enhanced, Text: text, Stage: StageAddress}
}

// canonicalLines returns the body with every line ended by CRLF and no stray
// CR or LF, which relays read differently from each other (SMTP smuggling). A
// body that is right already is not copied.
func canonicalLines(body []byte) []byte {
	// Every LF belongs to a CRLF, and so does every CR.
	ends := bytes.Count(body, []byte("\r\n"))
	clean := bytes.HasSuffix(body, []byte("\r\n")) && bytes.Count(body, []byte("\n")) == ends && bytes.Count(body, []byte("\r")) == ends
	if clean {
		return body
	}
	body = bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n"))
	body = bytes.ReplaceAll(body, []byte("\r"), []byte("\n"))
	body = append(bytes.TrimSuffix(body, []byte("\n")), '\n')
	return bytes.ReplaceAll(body, []byte("\n"), []byte("\r\n"))
}

// hasEightBits looks at a whole mail, eight bytes at a time.
func hasEightBits(b []byte) bool {
	for ; len(b) >= 8; b = b[8:] {
		if binary.NativeEndian.Uint64(b)&0x8080808080808080 != 0 {
			return true
		}
	}
	return !isASCII(string(b))
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
