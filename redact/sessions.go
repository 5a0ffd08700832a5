package redact

import (
	"encoding/base64"
	"strings"
)

// findHeaders finds what signs a request in: Authorization, Cookie and API key
// headers as they stand in logs and in commands.
func findHeaders(v *view) []hit {
	var hits []hit
	for _, scheme := range []string{"bearer ", "basic ", "token ", "digest "} {
		eachIndex(v.lower, scheme, func(i int) int {
			if i > 0 && isAlnum(v.lower[i-1]) {
				return i
			}
			start := i + len(scheme)
			end := runEnd(v.plain, start, func(c byte) bool { return isToken(c) || strings.IndexByte(".~+/=", c) >= 0 })
			value := v.plain[start:end]
			switch scheme {
			case "basic ":
				b, err := base64.StdEncoding.DecodeString(value)
				if err != nil || len(b) < 3 || strings.IndexByte(string(b), ':') < 0 {
					return i
				}
			case "bearer ":
				if len(value) < 16 || longestRun(value, isDigit) == 0 {
					return i
				}
			default:
				if len(value) < 24 || longestRun(value, isDigit) == 0 || !strings.HasSuffix(strings.TrimRight(v.lower[:i], " \"'"), "authorization:") {
					return i
				}
			}
			hits = append(hits, hit{start: start, end: end})
			return end
		})
	}
	return hits
}

// findCookies masks the whole value of a Cookie or Set-Cookie header, and of cookies
// that hold a session.
func findCookies(v *view) []hit {
	var hits []hit
	for _, header := range []string{"cookie:", "set-cookie:"} {
		eachIndex(v.lower, header, func(i int) int {
			start := runEnd(v.plain, i+len(header), func(c byte) bool { return c == ' ' || c == '\t' })
			end := runEnd(v.plain, start, func(c byte) bool {
				return c > ' ' && c < 0x7F && c != '"' && c != '\'' && c != barrier || c == ' '
			})
			for end > start && v.plain[end-1] == ' ' {
				end--
			}
			eq := strings.IndexByte(v.plain[start:end], '=')
			if eq < 1 || runEnd(v.plain, start, isToken) < start+eq || end-start-eq < 9 {
				return i
			}
			hits = append(hits, hit{start: start, end: end})
			return end
		})
	}
	return hits
}

func sessionNames() []string {
	return []string{"sessionid", "session_id", "session-id", "sessid", "jsessionid", "connect.sid", "session_token", "session-token", "sessiontoken",
		"refresh_token", "refresh-token", "refreshtoken", "id_token", "csrftoken", "xsrf-token", "laravel_session", "asp.net_sessionid", "x-api-key", "x-auth-token", "x-access-token"}
}

// findSessions finds what an assignment calls a session or a token and is as long
// and as mixed as one.
func findSessions(v *view) []hit {
	var hits []hit
	for _, name := range sessionNames() {
		eachIndex(v.lower, name, func(i int) int {
			j := runEnd(v.lower, i+len(name), func(c byte) bool { return c == '"' || c == '\'' || c == ' ' })
			if j == len(v.lower) || v.lower[j] != '=' && v.lower[j] != ':' {
				return i
			}
			start := runEnd(v.lower, j+1, func(c byte) bool { return c == '"' || c == '\'' || c == ' ' })
			end := runEnd(v.plain, start, func(c byte) bool { return isToken(c) || strings.IndexByte(".~+/=%", c) >= 0 })
			if value := v.lower[start:end]; end-start < 12 || longestRun(value, isDigit) == 0 || longestRun(value, isLower) == 0 {
				return i
			}
			hits = append(hits, hit{start: start, end: end})
			return end
		})
	}
	return hits
}
