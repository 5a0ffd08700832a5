package redact

import (
	"strings"
	"unicode/utf8"
)

// near is how many characters may lie between a label and its key.
const near = 40

func keyLabels() []string {
	return []string{"private key", "privatekey", "private_key", "private-key", "privkey", "priv key", "priv_key",
		"secret key", "secretkey", "secret_key", "secret-key", "私钥", "私鑰", "密钥", "密鑰", "金鑰"}
}

// otherLabels name public 64-digit numbers: one of them between a private-key
// label and a number says the number is not the key.
func otherLabels() []string {
	return []string{"tx", "transaction", "hash", "block", "public", "address", "checksum", "sha256", "root",
		"交易", "哈希", "雜湊", "区块", "區塊", "公钥", "公鑰", "地址"}
}

// labelled is the state of the search for keys near a label.
type labelled struct {
	v             *view
	labels, other []string
	previous      int // end of the last key found, 0 for none
}

// findLabelledKeys finds 64 hex digits (Ethereum and relatives) and 64 bytes of
// base58 (Solana) that a label within 40 characters calls a private key. Alone
// they are transaction ids.
func findLabelledKeys(v *view) []hit {
	l := labelled{v: v, labels: keyLabels(), other: otherLabels()}
	var hits []hit
	for i := 0; i < len(v.plain); i++ {
		if !isAlnum(v.plain[i]) {
			continue
		}
		end := runEnd(v.plain, i, isAlnum)
		if secret, ok := rawKey(v.plain[i:end]); ok && (l.before(i) || l.after(i, end)) {
			hits = append(hits, hit{start: i, end: end, secret: secret})
			l.previous = end
		}
		i = end
	}
	return hits
}

// rawKey tells whether a word has the form of a key; hex comes back without 0x
// and in lower case.
func rawKey(s string) (string, bool) {
	if len(s) == 66 && s[0] == '0' && s[1]|0x20 == 'x' {
		s = s[2:]
	}
	switch len(s) {
	case 64:
		return strings.ToLower(s), runEnd(s, 0, isHex) == 64
	case 87, 88:
		b, ok := base58(s)
		return s, ok && len(b) == 64
	}
	return "", false
}

// before tells whether a label, or a key that has one, stands before i.
func (l *labelled) before(i int) bool {
	from := back(l.v.lower, i, near)
	label := -1
	for _, s := range l.labels {
		if j := strings.LastIndex(l.v.lower[from:i], s); j >= 0 {
			label = max(label, from+j+len(s))
		}
	}
	if l.previous > 0 && l.previous >= from {
		label = max(label, l.previous)
	}
	return label >= 0 && !containsAny(l.v.lower[label:i], l.other)
}

// after tells whether a label follows the key that is not the label of another
// one ("0x… is my private key").
func (l *labelled) after(start, end int) bool {
	to := ahead(l.v.lower, end, near)
	text := l.v.lower[end:to]
	first, size := len(text), 0
	for _, s := range l.labels {
		if j := strings.Index(text, s); j >= 0 && j < first {
			first, size = j, len(s)
		}
	}
	if size == 0 || containsAny(text[:first], l.other) || longestRun(text[:first], isAlnum) >= 32 {
		return false
	}
	said := l.v.lower[back(l.v.lower, start, near):start]
	if at := strings.LastIndex(said, "\n\n"); at >= 0 { // what stands in another paragraph is of something else
		said = said[at:]
	}
	if containsAny(said, l.other) {
		return false
	}
	label := end + first + size
	return longestRun(l.v.lower[label:min(label+3*near, len(l.v.lower))], isAlnum) < 64
}

func containsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// back returns the offset n characters before i, or just after a barrier.
func back(s string, i, n int) int {
	for ; n > 0 && i > 0 && s[i-1] != barrier; n-- {
		_, w := utf8.DecodeLastRuneInString(s[:i])
		i -= w
	}
	return i
}

// ahead returns the offset n characters after i, or that of a barrier.
func ahead(s string, i, n int) int {
	for ; n > 0 && i < len(s) && s[i] != barrier; n-- {
		_, w := utf8.DecodeRuneInString(s[i:])
		i += w
	}
	return i
}

// findKeystores finds encrypted wallet files: the crypto object where its braces
// match, else (cut off) the ciphertext alone, without which the rest is useless.
func findKeystores(v *view) []hit {
	const reach, label = 1500, "ciphertext"
	var hits []hit
	eachIndex(v.lower, label, func(i int) int {
		value := runEnd(v.lower, i+len(label), func(c byte) bool { return isSpace(c) || strings.IndexByte(`"':=\`, c) >= 0 })
		end := runEnd(v.lower, value, isHex)
		from, to := back(v.lower, i, reach), ahead(v.lower, end, reach)
		around := v.lower[from:to]
		if end-value < 32 || !strings.Contains(around, "kdf") || !strings.Contains(around, "crypto") && !strings.Contains(around, "cipherparams") {
			return i
		}
		h := hit{start: value, end: end, secret: v.lower[value:end]}
		if crypto := strings.LastIndex(v.lower[from:i], "crypto"); crypto >= 0 {
			if start, stop, ok := object(v.lower, from+crypto, to); ok && stop > end {
				h.start, h.end = start, stop
			}
		}
		hits = append(hits, h)
		return h.end
	})
	return hits
}

// object returns the bounds of the first braces after i, matched before limit.
func object(s string, i, limit int) (start, end int, ok bool) {
	open := strings.IndexByte(s[i:limit], '{')
	if open < 0 {
		return 0, 0, false
	}
	depth := 0
	for j := i + open; j < limit; j++ {
		switch s[j] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i + open, j + 1, true
			}
		}
	}
	return 0, 0, false
}
