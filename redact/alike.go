package redact

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// alikes are the letters of other alphabets that look like ours.
var alikes = map[rune]byte{
	'а': 'a', 'в': 'b', 'е': 'e', 'һ': 'h', 'і': 'i', 'ї': 'i', 'ј': 'j', 'к': 'k', 'м': 'm', 'н': 'h', 'о': 'o', 'р': 'p', 'с': 'c', 'ѕ': 's', 'т': 't',
	'у': 'y', 'ү': 'y', 'х': 'x', 'ԁ': 'd', 'ԛ': 'q', 'ԝ': 'w', 'ь': 'b', 'г': 'r', 'п': 'n', 'ӏ': 'l',
	'α': 'a', 'β': 'b', 'ε': 'e', 'η': 'n', 'ι': 'i', 'κ': 'k', 'ν': 'v', 'ο': 'o', 'ρ': 'p', 'σ': 'o', 'τ': 't', 'υ': 'u', 'χ': 'x', 'ω': 'w', 'γ': 'y',
	'ı': 'i', 'ł': 'l', 'ø': 'o', 'đ': 'd', 'ħ': 'h', 'ɡ': 'g', 'ɑ': 'a', 'ʏ': 'y',
}

// findAlike finds what others find, in a text with letters that only look like those of
// English: of other alphabets, and with accents.
func findAlike(find func(*view) []hit) func(*view) []hit {
	return func(v *view) []hit {
		if !strings.ContainsFunc(v.lower, foreign) {
			return nil
		}
		read, from := latin(v)
		hits := find(read)
		for i := range hits {
			end := from[hits[i].end-1]
			for first := true; end < len(v.lower); first = false {
				r, w := utf8.DecodeRuneInString(v.lower[end:])
				if !first && !unicode.Is(unicode.Mn, r) {
					break
				}
				end += w
			}
			hits[i].start, hits[i].end = from[hits[i].start], end
		}
		return hits
	}
}

// foreign tells letters and marks outside ASCII that are not Chinese.
func foreign(r rune) bool {
	return r >= utf8.RuneSelf && (unicode.Is(unicode.Mn, r) || unicode.In(r, unicode.Latin, unicode.Cyrillic, unicode.Greek))
}

// latin reads a view without accents and with the letters of other alphabets as ours.
// from[i] is where byte i of it stands in the view.
func latin(v *view) (read *view, from []int) {
	var out []byte
	for i, r := range v.lower {
		_, w := utf8.DecodeRuneInString(v.lower[i:])
		switch {
		case !foreign(r):
			out = append(out, v.lower[i:i+w]...)
		case alikes[unicode.ToLower(r)] != 0:
			out = append(out, alikes[unicode.ToLower(r)])
		default:
			for _, d := range norm.NFD.String(string(unicode.ToLower(r))) {
				if b, ok := alikes[d]; ok {
					d = rune(b)
				}
				if !unicode.Is(unicode.Mn, d) {
					out = utf8.AppendRune(out, d)
				}
			}
		}
		for len(from) < len(out) {
			from = append(from, i)
		}
	}
	return &view{plain: string(out), lower: string(out), grams: gramsOf(string(out))}, from
}
