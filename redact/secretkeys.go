package redact

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"strconv"
	"strings"
)

// isPair tells whether 64 bytes are an ed25519 private key followed by its own
// public key, as Solana and others write it: nothing else is.
func isPair(b []byte) bool {
	return len(b) == ed25519.PrivateKeySize && bytes.Equal(ed25519.NewKeyFromSeed(b[:ed25519.SeedSize])[ed25519.SeedSize:], b[ed25519.SeedSize:])
}

// findPairs finds such keys in base58, and as the list of numbers of a key file;
// they need no label, for a transaction's signature has the same form but no pair.
func findPairs(v *view) []hit {
	var hits []hit
	for i := 0; i < len(v.plain); i++ {
		if !isBase58(v.plain[i]) {
			continue
		}
		end := runEnd(v.plain, i, isBase58)
		if n := end - i; n >= 86 && n <= 88 {
			if b, ok := base58(v.plain[i:end]); ok && isPair(b) {
				hits = append(hits, hit{start: i, end: end})
			}
		}
		i = end
	}
	eachIndex(v.plain, "[", func(i int) int {
		b, end := byteList(v.plain, i)
		if !isPair(b) {
			return i
		}
		hits = append(hits, hit{start: i, end: end})
		return end
	})
	return hits
}

// byteList reads "[12, 3, …]" of 64 numbers at i.
func byteList(s string, i int) (b []byte, end int) {
	const most = 64 * 5
	closing := strings.IndexByte(s[i:min(len(s), i+most)], ']')
	if closing < 0 {
		return nil, 0
	}
	parts := strings.Split(s[i+1:i+closing], ",")
	if len(parts) != ed25519.PrivateKeySize {
		return nil, 0
	}
	for _, p := range parts {
		n, err := strconv.ParseUint(strings.TrimSpace(p), 10, 8)
		if err != nil {
			return nil, 0
		}
		b = append(b, byte(n))
	}
	return b, i + closing + 1
}

// findDER finds private keys that are pasted as bare base64, as payment providers
// hand them out: it must read as PKCS 8, PKCS 1 or SEC 1.
func findDER(v *view) []hit {
	var hits []hit
	eachIndex(v.plain, "MI", func(i int) int {
		if i > 0 && isBase64(v.plain[i-1]) {
			return i
		}
		end := i
		for end < len(v.plain) && (isBase64(v.plain[end]) || v.plain[end] == '\n' || v.plain[end] == '\r') {
			end++
		}
		for end > i && isSpace(v.plain[end-1]) {
			end--
		}
		if end-i < 64 || end-i > 8192 {
			return max(i, end)
		}
		text := only(v.plain[i:end], isBase64)
		der, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			der, err = base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
		}
		if err == nil && isPrivateDER(der) {
			hits = append(hits, hit{start: i, end: end, secret: text})
		}
		return end
	})
	return hits
}

func isPrivateDER(der []byte) bool {
	if _, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return true
	}
	if _, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return true
	}
	_, err := x509.ParseECPrivateKey(der)
	return err == nil
}
