package dedup

import "bytes"

// cutKind says what an address-like stretch of text names.
type cutKind uint8

const (
	cutURL  cutKind = iota
	cutMail         // names a person
	cutUUID         // names a request, a device, a session
	cutID           // hash, wallet, transaction, order or phone number: may name the very thing asked about
)

// cut is a stretch of folded text that is no language.
type cut struct {
	from, to int
	kind     cutKind
}

// cuts finds URLs, mail addresses and ids in folded text, in order.
func cuts(b []byte) []cut {
	var out []cut
	for i := 0; i < len(b); {
		if !alnum(b[i]) {
			i++
			continue
		}
		// i starts a run of letters and digits, or a URL glued to one
		if n := urlAt(b[i:]); n > 0 {
			out = append(out, cut{i, i + n, cutURL})
			i += n
			continue
		}
		if n := mailAt(b[i:]); n > 0 {
			out = append(out, cut{i, i + n, cutMail})
			i += n
			continue
		}
		if uuidAt(b[i:]) {
			out = append(out, cut{i, i + 36, cutUUID})
			i += 36
			continue
		}
		n := 1
		for i+n < len(b) && alnum(b[i+n]) {
			n++
		}
		if s := schemeIn(b, i, i+n); s > i { // "seehttps://…"
			i = s
			continue
		}
		if isID(b[i : i+n]) {
			out = append(out, cut{i, i + n, cutID})
		}
		i += n
	}
	return out
}

func alnum(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }

func urlAt(b []byte) int {
	known := false
	for _, p := range []string{"http://", "https://", "ftp://", "www."} {
		known = known || len(b) > len(p) && string(b[:len(p)]) == p && alnum(b[len(p)])
	}
	if !known {
		return 0
	}
	n := 0
	for n < len(b) && b[n] > ' ' && b[n] < 0x7f && b[n] != '<' && b[n] != '>' && b[n] != '"' {
		n++
	}
	for n > 0 && bytes.IndexByte([]byte(".,;:!?)]}'"), b[n-1]) >= 0 {
		n--
	}
	return n
}

// schemeIn returns where in the run a URL begins whose scheme ends it, or -1.
func schemeIn(b []byte, from, to int) int {
	if to >= len(b) || b[to] != ':' {
		return -1
	}
	for _, p := range []string{"https", "http", "ftp"} {
		if s := to - len(p); s > from && string(b[s:to]) == p && urlAt(b[s:]) > 0 {
			return s
		}
	}
	return -1
}

// maxMail bounds the look ahead for an @, so that a long line costs linear time.
const maxMail = 80

func mailAt(b []byte) int {
	n := 0
	for n < len(b) && n < maxMail && (alnum(b[n]) || bytes.IndexByte([]byte("._%+-"), b[n]) >= 0) {
		n++
	}
	if n == 0 || n >= len(b) || b[n] != '@' {
		return 0
	}
	end, dot := n+1, false
	for end < len(b) && end < n+maxMail && (alnum(b[end]) || b[end] == '.' || b[end] == '-') {
		dot = dot || b[end] == '.' && end > n+1 && end+1 < len(b) && alnum(b[end+1])
		end++
	}
	for end > n && !alnum(b[end-1]) {
		end--
	}
	if !dot {
		return 0
	}
	return end
}

func uuidAt(b []byte) bool {
	if len(b) < 36 || len(b) > 36 && alnum(b[36]) {
		return false
	}
	for i, c := range b[:36] {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
		} else if !hexDigit(c) {
			return false
		}
	}
	return true
}

func hexDigit(c byte) bool { return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' }

// isID reports runs nobody would say aloud: ten digits and more, sixteen hex
// digits and more, or twenty letters mixed with digits.
func isID(run []byte) bool {
	if len(run) > 2 && run[0] == '0' && run[1] == 'x' {
		run = run[2:]
		if len(run) < 8 {
			return false
		}
	} else if len(run) < 10 {
		return false
	}
	digits, hex := 0, 0
	for _, c := range run {
		if c >= '0' && c <= '9' {
			digits++
		}
		if hexDigit(c) {
			hex++
		}
	}
	n := len(run)
	switch {
	case digits == n:
		return true
	case digits == 0:
		return false
	case hex == n && n >= 16:
		return true
	}
	return n >= 20 && digits >= 2
}
