package redact

import (
	"strings"
	"time"
)

// digitRun is a number as people write it: digits with single spaces or dashes
// between them.
type digitRun struct {
	start, end int
	digits     string
}

// eachNumber calls f for every number of at least least digits that stands alone.
func eachNumber(s string, least int, f func(digitRun)) {
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) {
			continue
		}
		start, end := i, i
		digits := make([]byte, 0, 24)
		for j := i; j < len(s) && (isDigit(s[j]) || (s[j] == ' ' || s[j] == '-') && j+1 < len(s) && isDigit(s[j+1])); j++ {
			if isDigit(s[j]) {
				digits = append(digits, s[j])
				end = j + 1
			}
		}
		i = end
		if len(digits) < least || start > 0 && (isAlnum(s[start-1]) || strings.IndexByte("._#/=-", s[start-1]) >= 0 && start > 1 && isAlnum(s[start-2])) {
			continue
		}
		f(digitRun{start, end, string(digits)})
	}
}

// findCards finds payment cards: a length and a range that an issuer has, and a
// check digit that is right.
func findCards(v *view) []hit {
	var hits []hit
	eachNumber(v.plain, 13, func(n digitRun) {
		if end := n.end; end < len(v.plain) && (isAlnum(v.plain[end]) || v.plain[end] == '.' && end+1 < len(v.plain) && isDigit(v.plain[end+1])) {
			return
		}
		if isCard(n.digits) {
			hits = append(hits, hit{start: n.start, end: n.end, secret: n.digits})
		}
	})
	return hits
}

func isCard(d string) bool {
	return isIssued(d) && luhn(d) && !strings.HasSuffix(d, "00000000")
}

// cardRanges are the first digits of issuers with the lengths of their numbers.
var cardRanges = []struct {
	from, to string
	lengths  string // as characters 'a'+length
}{
	{"4", "4", lengths(13, 16, 19)}, {"51", "55", lengths(16)}, {"2221", "2720", lengths(16)}, {"34", "34", lengths(15)}, {"37", "37", lengths(15)},
	{"6011", "6011", lengths(16, 19)}, {"644", "659", lengths(16, 19)}, {"62", "62", lengths(16, 17, 18, 19)}, {"81", "81", lengths(16, 17, 18, 19)},
	{"3528", "3589", lengths(16, 19)}, {"300", "305", lengths(14)}, {"36", "36", lengths(14)}, {"38", "39", lengths(14)},
}

func lengths(ns ...int) string {
	b := make([]byte, len(ns))
	for i, n := range ns {
		b[i] = byte('a' + n)
	}
	return string(b)
}

func isIssued(d string) bool {
	for _, r := range cardRanges {
		if head := d[:len(r.from)]; r.from <= head && head <= r.to && strings.IndexByte(r.lengths, byte('a'+len(d))) >= 0 {
			return true
		}
	}
	return false
}

func luhn(d string) bool {
	sum := 0
	for i := range len(d) {
		n := int(d[len(d)-1-i] - '0')
		if i%2 == 1 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}

// findResidents finds Chinese resident identity numbers: a province, a date of
// birth and a check character that is right.
func findResidents(v *view) []hit {
	var hits []hit
	for i := 0; i+18 <= len(v.plain); i++ {
		if !isDigit(v.plain[i]) {
			continue
		}
		end := runEnd(v.plain, i, isDigit)
		switch n := end - i; {
		case n == 17 && end < len(v.plain) && v.lower[end] == 'x':
			end++
		case n != 18:
			i = end
			continue
		}
		alone := (i == 0 || !isAlnum(v.plain[i-1]) && v.plain[i-1] != '.') && (end == len(v.plain) || !isAlnum(v.plain[end]))
		if s := v.lower[i:end]; alone && isResident(s) {
			hits = append(hits, hit{start: i, end: end, secret: s})
		}
		i = end
	}
	return hits
}

func isResident(s string) bool {
	const provinces = " 11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 91 "
	if len(s) != 18 || !strings.Contains(provinces, " "+s[:2]+" ") {
		return false
	}
	born, err := time.Parse("20060102", s[6:14])
	if err != nil || born.Year() < 1900 || born.Year() > 2100 {
		return false
	}
	weights, sum := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}, 0
	for i, w := range weights {
		sum += w * int(s[i]-'0')
	}
	return "10x98765432"[sum%11] == s[17]
}

// ibanLengths are the countries with an IBAN, each with its length.
var ibanLengths = map[string]int{
	"AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24,
	"DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28,
	"HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20,
	"LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25,
	"QA": 29, "RO": 24, "RS": 22, "SA": 24, "SC": 31, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}

// findIBANs finds account numbers by country, length and check digits, also in
// groups of four.
func findIBANs(v *view) []hit {
	var hits []hit
	for i := 0; i+15 <= len(v.plain); i++ {
		if !isDigit(v.plain[i+2]) || !isLower(v.lower[i]) || !isLower(v.lower[i+1]) || !isDigit(v.plain[i+3]) || i > 0 && isAlnum(v.plain[i-1]) {
			continue
		}
		n := ibanLengths[strings.ToUpper(v.plain[i:i+2])]
		if n == 0 {
			continue
		}
		text, end := make([]byte, 0, 34), i
		for end < len(v.plain) && len(text) < n && (isAlnum(v.plain[end]) || v.plain[end] == ' ' && len(text)%4 == 0 || v.plain[end] == '-' && len(text)%4 == 0) {
			if isAlnum(v.plain[end]) {
				text = append(text, v.lower[end])
			}
			end++
		}
		if len(text) == n && (end == len(v.plain) || !isAlnum(v.plain[end])) && mod97(string(text[4:])+string(text[:4])) == 1 {
			hits = append(hits, hit{start: i, end: end, secret: string(text)})
			i = end
		}
	}
	return hits
}

// mod97 is the remainder of s read as a number, where a letter is its place in the
// alphabet from 10.
func mod97(s string) int {
	n := 0
	for i := range len(s) {
		if c := s[i]; isDigit(c) {
			n = (n*10 + int(c-'0')) % 97
		} else {
			n = (n*100 + int(c-'a') + 10) % 97
		}
	}
	return n
}

// findEmails finds mail addresses, where the installation wants them masked.
func findEmails(v *view) []hit {
	local := func(c byte) bool { return isAlnum(c) || strings.IndexByte("._%+-", c) >= 0 }
	var hits []hit
	eachIndex(v.plain, "@", func(i int) int {
		start, end := i, runEnd(v.plain, i+1, func(c byte) bool { return isAlnum(c) || c == '.' || c == '-' })
		for start > 0 && i-start < 64 && local(v.plain[start-1]) {
			start--
		}
		for end > i && strings.IndexByte(".-", v.plain[end-1]) >= 0 {
			end--
		}
		dot := strings.LastIndexByte(v.plain[i+1:end], '.')
		if start == i || dot < 1 || end-(i+1+dot) < 3 || runEnd(v.lower, i+2+dot, isLower) < end {
			return i
		}
		hits = append(hits, hit{start: start, end: end})
		return end
	})
	return hits
}

// findPhones finds mobile numbers of China and numbers in international form, where
// the installation wants them masked.
func findPhones(v *view) []hit {
	var hits []hit
	eachNumber(v.plain, 8, func(n digitRun) {
		plus := n.start > 0 && v.plain[n.start-1] == '+'
		d := n.digits
		mobile := len(d) == 13 && strings.HasPrefix(d, "86") && d[2] == '1' && d[3] >= '3' || len(d) == 11 && d[0] == '1' && d[1] >= '3'
		if n.end < len(v.plain) && (isAlnum(v.plain[n.end]) || v.plain[n.end] == '.' && n.end+1 < len(v.plain) && isDigit(v.plain[n.end+1])) || !mobile && (!plus || len(d) > 15) {
			return
		}
		h := hit{start: n.start, end: n.end, secret: d}
		if plus {
			h.start--
		}
		hits = append(hits, h)
	})
	return hits
}
