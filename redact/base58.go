package redact

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"strings"
)

const base58Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

func isBase58(c byte) bool { return isAlnum(c) && c != '0' && c != 'O' && c != 'I' && c != 'l' }

// base58 decodes s, at most 128 characters, into bytes. It works on 32-bit limbs
// and five characters at a time: hostile text may ask for it at every byte.
func base58(s string) ([]byte, bool) {
	if s == "" || len(s) > 128 {
		return nil, false
	}
	zeros := 0
	for zeros < len(s) && s[zeros] == '1' {
		zeros++
	}
	var limbs [24]uint32 // little end first
	used := 0
	for i := zeros; i < len(s); {
		mul, add := uint64(1), uint64(0)
		for n := 0; n < 5 && i < len(s); n, i = n+1, i+1 {
			d := strings.IndexByte(base58Alphabet, s[i])
			if d < 0 {
				return nil, false
			}
			mul, add = mul*58, add*58+uint64(d)
		}
		carry := add
		for j := range used {
			carry += uint64(limbs[j]) * mul
			limbs[j] = uint32(carry)
			carry >>= 32
		}
		if carry > 0 {
			limbs[used] = uint32(carry)
			used++
		}
	}
	out := make([]byte, zeros, zeros+len(limbs)*4)
	var number []byte
	for j := used - 1; j >= 0; j-- {
		number = binary.BigEndian.AppendUint32(number, limbs[j])
	}
	return append(out, bytes.TrimLeft(number, "\x00")...), true
}

// base58Check decodes s and verifies its last four bytes, the start of a double
// SHA-256 over the rest, which it returns.
func base58Check(s string) ([]byte, bool) {
	b, ok := base58(s)
	if !ok || len(b) < 5 {
		return nil, false
	}
	payload := b[:len(b)-4]
	sum := sha256.Sum256(payload)
	sum = sha256.Sum256(sum[:])
	return payload, bytes.Equal(sum[:4], b[len(b)-4:])
}

// findExtendedKeys finds BIP-32 private keys (xprv and its relatives).
func findExtendedKeys(v *view) []hit {
	const length, payload = 111, 78
	var hits []hit
	eachIndex(v.lower, "prv", func(i int) int {
		start := i - 1
		end := start + length
		if start < 0 || end > len(v.plain) || !strings.Contains("xyztuv", v.lower[start:i]) {
			return i
		}
		if b, ok := base58Check(v.plain[start:end]); ok && len(b) == payload {
			hits = append(hits, hit{start: start, end: end})
			return end
		}
		return i
	})
	return hits
}

// findWIF finds single private keys in wallet import format, and BIP-38 encrypted
// ones, also glued to a few other characters.
func findWIF(v *view) []hit {
	const shortest, longest = 51, 64
	var hits []hit
	for i := 0; i < len(v.plain); i++ {
		if !isBase58(v.plain[i]) {
			continue
		}
		end := runEnd(v.plain, i, isBase58)
		if n := end - i; n >= shortest && n <= longest {
			if h, ok := wifIn(v.plain, i, end); ok {
				hits = append(hits, h)
			}
		}
		i = end
	}
	return hits
}

func wifIn(s string, from, to int) (hit, bool) {
	for start := from; start < to; start++ {
		for _, n := range []int{51, 52, 58} {
			if start+n > to {
				break
			}
			if b, ok := base58Check(s[start : start+n]); ok && isWIF(b) {
				return hit{start: start, end: start + n}, true
			}
		}
	}
	return hit{}, false
}

// isWIF knows the version bytes of Bitcoin, its test network, Litecoin, Dogecoin
// and Dash, and of BIP-38.
func isWIF(b []byte) bool {
	switch len(b) {
	case 33:
		return strings.IndexByte("\x80\xef\xb0\x9e\xcc", b[0]) >= 0
	case 34:
		return strings.IndexByte("\x80\xef\xb0\x9e\xcc", b[0]) >= 0 && b[33] == 1
	case 39:
		return b[0] == 1 && (b[1] == 0x42 || b[1] == 0x43)
	}
	return false
}
