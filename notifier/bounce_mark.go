package notifier

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"github.com/heedhq/heed/models"
)

const (
	bouncePurpose = "bounce"
	markBytes     = 10 // 80 bits: 16 characters, so that the local part stays within 64
)

var markAlphabet = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// bounceAddress is where bounces come back to, "" when they come to the sender.
type bounceAddress struct{ local, domain string }

func newBounceAddress(address string) bounceAddress {
	local, domain, err := splitAddress(address)
	if err != nil {
		return bounceAddress{}
	}
	return bounceAddress{local: strings.ToLower(local), domain: strings.ToLower(domain)}
}

func (b bounceAddress) isSet() bool { return b.domain != "" }

// envelopeFrom is the sender of one delivery on the envelope, which a bounce is
// sent to: it names the delivery and shows that Heed wrote it (VERP). Letters are
// small, since some servers do not keep their case. "" without a bounce address.
func (n *Notifier) envelopeFrom(delivery string) string {
	id, ours := strings.CutPrefix(delivery, models.PrefixDelivery+"_")
	if !n.bounces.isSet() || !ours {
		return ""
	}
	return n.bounces.local + "+" + id + "." + n.bounceMark(delivery) + "@" + n.bounces.domain
}

func (n *Notifier) bounceMark(delivery string) string {
	sum := sha256.Sum256([]byte(n.auth.Digest(bouncePurpose, delivery)))
	return markAlphabet.EncodeToString(sum[:markBytes])
}

// isBounceAddress reports whether mail to the address comes back to us.
func (n *Notifier) isBounceAddress(address string) bool {
	local, domain, ok := cutLast(strings.ToLower(address), "@")
	base, _, _ := strings.Cut(local, "+")
	return ok && n.bounces.isSet() && domain == n.bounces.domain && base == n.bounces.local
}

// readMark returns the delivery that an envelope's sender names. marked says that it has
// the form of ours; delivery is "" unless its mark is right, too.
func (n *Notifier) readMark(address string) (delivery string, marked bool) {
	address = strings.ToLower(strings.Trim(strings.TrimSpace(address), "<>"))
	local, _, _ := cutLast(address, "@")
	_, tag, tagged := strings.Cut(local, "+")
	id, mark, ok := strings.Cut(tag, ".")
	if !n.isBounceAddress(address) || !tagged || !ok {
		return "", false
	}
	delivery = models.PrefixDelivery + "_" + id
	if !models.IsID(models.PrefixDelivery, delivery) || !equalMarks(mark, n.bounceMark(delivery)) {
		return "", true
	}
	return delivery, true
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}
