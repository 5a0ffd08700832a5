package redact

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha512"
)

// maxCostly is how many phrases of one text are asked for TON's checksum: each costs
// half a millisecond.
const maxCostly = 8

// otherChecksum verifies the phrases that use the English list with another
// checksum: Electrum's of twelve words, of which one in 204 random ones passes, and
// TON's of twenty-four, one in 256.
func otherChecksum(l *wordList, words []phraseWord, costly *int) bool {
	if len(words) != minWords && (len(words) != maxWords || *costly == 0) {
		return false
	}
	phrase := l.join(words)
	if len(words) == minWords {
		return isElectrum(phrase)
	}
	*costly--
	return isTON(phrase)
}

// isElectrum reads the version that Electrum's phrases begin with when they are
// hashed: 01 standard, 100 segwit, 101 and 102 with a second factor.
func isElectrum(phrase string) bool {
	mac := hmac.New(sha512.New, []byte("Seed version"))
	mac.Write([]byte(phrase))
	sum := mac.Sum(nil)
	return sum[0] == 0x01 || sum[0] == 0x10 && sum[1]>>4 <= 2
}

// isTON is the check of TON's wallets for a phrase without a password.
func isTON(phrase string) bool {
	mac := hmac.New(sha512.New, []byte(phrase))
	seed, err := pbkdf2.Key(sha512.New, string(mac.Sum(nil)), []byte("TON seed version"), 100000/256, 64)
	return err == nil && seed[0] == 0
}
