package redact

import "strings"

// findPEM finds private key blocks: PEM of all kinds, OpenSSH, PGP, SSH2, also in
// one line, with \n written out, quoted, or cut off before the end. A header with
// nothing behind it is no secret.
func findPEM(v *view) []hit {
	var hits []hit
	eachIndex(v.lower, "private key", func(i int) int {
		start, ok := pemStart(v.lower, i)
		if !ok {
			return i
		}
		body := headerEnd(v.lower, i+len("private key"))
		end, ok := pemEnd(v.lower, body)
		if !ok {
			if end = keyBody(v.lower, body); end == body {
				return i
			}
		}
		hits = append(hits, hit{start: start, end: end, secret: only(v.plain[body:end], isBase64)})
		return end
	})
	return hits
}

func isHeader(c byte) bool { return isAlnum(c) || c == ' ' || c == '-' }

// headerEnd returns the end of a BEGIN or END line of which words may follow at i.
func headerEnd(s string, i int) int {
	i = runEnd(s, i, func(c byte) bool { return isAlnum(c) || c == ' ' })
	return runEnd(s, i, func(c byte) bool { return c == '-' })
}

// pemStart finds the "-----BEGIN" of the header that "private key" at i is in.
func pemStart(s string, i int) (int, bool) {
	from := max(0, i-40)
	j := strings.LastIndex(s[from:i], "begin")
	if j < 0 || runEnd(s, from+j, isHeader) < i {
		return 0, false
	}
	start := from + j
	for start > 0 && (s[start-1] == '-' || s[start-1] == ' ') {
		start--
	}
	dashes := s[start : from+j]
	return start + len(dashes) - len(strings.TrimLeft(dashes, " ")), strings.Contains(dashes, "-")
}

// pemEnd finds the end of the END line of a block whose body begins at i. It does
// not look past a barrier or another block.
func pemEnd(s string, i int) (int, bool) {
	rest := s[i:]
	for _, stop := range []string{"begin ", "\x00"} {
		if j := strings.Index(rest, stop); j >= 0 {
			rest = rest[:j]
		}
	}
	j := strings.Index(rest, "-end ")
	if j < 0 {
		j = strings.Index(rest, "- end ")
	}
	if j < 0 || longestRun(rest[:j], isBase64) < 16 {
		return 0, false
	}
	return i + headerEnd(rest, j+2), true
}

// longestRun returns the length of the longest run of bytes that fit.
func longestRun(s string, fits func(byte) bool) int {
	longest := 0
	for i := 0; i < len(s); i++ {
		end := runEnd(s, i, fits)
		longest = max(longest, end-i)
		i = end
	}
	return longest
}

// only keeps the bytes that fit.
func only(s string, fits func(byte) bool) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 && fits(byte(r)) {
			return r
		}
		return -1
	}, s)
}

// keyBody returns where the base64 body that begins about i ends; i for none. The
// body may have headers first. A shorter piece is its last line when it stands
// alone on the line or holds what words do not.
func keyBody(s string, i int) int {
	const long, full = 24, 40
	end, previous := i, 0
	for at := i; at < len(s); {
		at = skipFiller(s, at)
		to := runEnd(s, at, isBase64)
		n := to - at
		switch {
		case n >= long:
			end, previous = to, n
		case previous == 0 && isHeaderLine(s, at):
			to = runEnd(s, to, func(c byte) bool { return c != '\n' && c != barrier })
		case n > 0 && (previous >= full && isLastPiece(s, at, to) || previous > 0 && s[at] == '='):
			end, previous = to, n
		default:
			return end
		}
		at = to
	}
	return end
}

// skipFiller skips white space, quoting and written-out line ends.
func skipFiller(s string, i int) int {
	for i < len(s) {
		switch {
		case isSpace(s[i]) || s[i] == '>' || s[i] == '"' || s[i] == '|':
			i++
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == 'n' || s[i+1] == 'r'):
			i += 2
		default:
			return i
		}
	}
	return i
}

// isHeaderLine tells lines such as "Proc-Type: 4,ENCRYPTED".
func isHeaderLine(s string, i int) bool {
	end := runEnd(s, i, isToken)
	return end > i && end < len(s) && s[end] == ':'
}

func isLastPiece(s string, from, to int) bool {
	if strings.ContainsAny(s[from:to], "0123456789+/=") {
		return true
	}
	return to == len(s) || strings.IndexByte("\n\r\\\"", s[to]) >= 0
}

// findPuTTY finds the private part of a PuTTY key file.
func findPuTTY(v *view) []hit {
	var hits []hit
	const label = "private-lines:"
	eachIndex(v.lower, label, func(i int) int {
		body := runEnd(v.lower, i+len(label), func(c byte) bool { return isDigit(c) || c == ' ' })
		end := keyBody(v.lower, body)
		if end == body {
			return i
		}
		start := skipFiller(v.lower, body)
		hits = append(hits, hit{start: start, end: end, secret: only(v.plain[start:end], isBase64)})
		return end
	})
	return hits
}
