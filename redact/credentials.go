package redact

import (
	"encoding/base64"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// findJWT finds signed tokens: three base64url parts, the first of which is a
// JSON object that names an algorithm.
func findJWT(v *view) []hit {
	var hits []hit
	eachIndex(v.plain, "eyJ", func(i int) int {
		head := runEnd(v.plain, i, isToken)
		if head-i > 2048 || head == len(v.plain) || v.plain[head] != '.' {
			return head
		}
		body := runEnd(v.plain, head+1, isToken)
		if body-head < 3 || body == len(v.plain) || v.plain[body] != '.' {
			return head
		}
		end := runEnd(v.plain, body+1, isToken)
		json, err := base64.RawURLEncoding.DecodeString(v.plain[i:head])
		if err != nil || !strings.Contains(string(json), `"alg"`) || end-body < 10 {
			return head
		}
		hits = append(hits, hit{start: i, end: end})
		return end
	})
	return hits
}

// findURLPasswords finds the password in scheme://user:password@host. User and
// host stay: staff need to know which account to lock.
func findURLPasswords(v *view) []hit {
	const longest = 256
	var hits []hit
	eachIndex(v.plain, "://", func(i int) int {
		from := i + len("://")
		end, at := from, -1
		for end < len(v.plain) && end-from < longest && !isSpace(v.plain[end]) && strings.IndexByte("/?#\"'<>\x00", v.plain[end]) < 0 {
			if v.plain[end] == '@' {
				at = end
			}
			end++
		}
		if at < 0 || at+1 == end {
			return i
		}
		colon := strings.IndexByte(v.plain[from:at], ':')
		if colon < 0 {
			return i
		}
		start := from + colon + 1
		if isPlaceholder(v.lower[start:at]) {
			return i
		}
		hits = append(hits, hit{start: start, end: at})
		return at
	})
	return hits
}

func passwordLabels() []string {
	return []string{"password", "passwd", "passphrase", "pwd", "secret", "api_key", "api-key", "apikey", "access_token",
		"auth_token", "accountkey", "access_key", "sharedaccesskey", "密码", "密碼", "口令", "密钥", "密鑰", "秘钥", "令牌"}
}

// findPasswords finds assignments: a label, = or : or 是, and a value that looks
// like a password.
func findPasswords(v *view) []hit {
	var hits []hit
	for _, label := range passwordLabels() {
		eachIndex(v.lower, label, func(i int) int {
			h, ok := assigned(v, i+len(label))
			if !ok {
				return i
			}
			hits = append(hits, h)
			return h.end
		})
	}
	return hits
}

// assigned reads the sign and the value after a label that ends at i.
func assigned(v *view, i int) (hit, bool) {
	i = runEnd(v.lower, i, func(c byte) bool { return isToken(c) && c != '-' }) // password_hash=, secret_access_key=
	i = runEnd(v.lower, i, func(c byte) bool { return c == ' ' || c == '"' || c == '\'' })
	sign := ""
	for _, s := range []string{"=", ":", "是", "为", "為"} {
		if strings.HasPrefix(v.lower[i:], s) {
			sign = s
		}
	}
	if sign == "" {
		return hit{}, false
	}
	start := runEnd(v.lower, i+len(sign), func(c byte) bool { return strings.IndexByte(" \t\"'=>:", c) >= 0 })
	end := start
	for end < len(v.lower) && v.lower[end] > ' ' && v.lower[end] < 0x7F && strings.IndexByte("\"'&,;<>`|", v.lower[end]) < 0 {
		end++
	}
	for end > start && strings.IndexByte(".!?)]}", v.lower[end-1]) >= 0 {
		end--
	}
	r, _ := utf8.DecodeRuneInString(v.lower[end:])
	glued := end < len(v.lower) && unicode.Is(unicode.Han, r)
	return hit{start: start, end: end}, looksSecret(v.lower[start:end], sign, glued)
}

// looksSecret tells passwords from prose, placeholders and code. glued means a
// Chinese character follows at once ("密码：8-16位").
func looksSecret(s, sign string, glued bool) bool {
	letters := slices.ContainsFunc([]byte(s), isLower)
	digits := slices.ContainsFunc([]byte(s), isDigit)
	if len(s) < 4 || glued && len(s) < 7 || isPlaceholder(s) || strings.ContainsAny(s, "()") {
		return false
	}
	switch {
	case sign == "=":
		return !glued || digits
	case sign == ":":
		return digits && (letters || len(s) >= 6 || !glued) && !strings.HasPrefix(s, "//")
	}
	return digits && !glued && len(s) >= 6
}

// isFormat reports %s, %(name)s, %{name} and %NAME%; a password may begin with %,
// too.
func isFormat(s string) bool {
	return s[0] == '%' && (len(s) <= 3 || s[len(s)-1] == '%' || s[1] == '(' || s[1] == '{')
}

// isPlaceholder tells values that stand for a password in examples and code.
func isPlaceholder(s string) bool {
	if s == "" || strings.ContainsAny(s[:1], "<${[*.") || isFormat(s) || strings.Trim(s, "*x.•-_") == "" {
		return true
	}
	return slices.Contains([]string{"password", "passwd", "pass", "pwd", "secret", "null", "none", "nil", "true", "false",
		"undefined", "empty", "redacted", "changeme", "your_password", "yourpassword"}, s)
}
