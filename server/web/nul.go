package web

import "bytes"

var escapedNUL = []byte(`\u0000`)

// HasNUL finds in JSON a NUL, raw or escaped; "\\u0000" is a backslash and text.
func HasNUL(body []byte) bool {
	if bytes.IndexByte(body, 0) >= 0 {
		return true
	}
	for i := 0; ; {
		at := bytes.Index(body[i:], escapedNUL)
		if at < 0 {
			return false
		}
		at += i
		slashes := 0
		for at-1-slashes >= 0 && body[at-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return true
		}
		i = at + 1
	}
}
