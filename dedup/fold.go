package dedup

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// folded is a text prepared for reading: NFKC, lower case, simplified
// characters and the mainland's words, one kind of apostrophe, invisible
// characters dropped. Where findings are to be shown in the source, byte i of b was
// made from its bytes from[i] to to[i].
type folded struct {
	b        []byte
	spans    bool
	from, to []int32
}

func fold(text string, spans bool) folded {
	f := folded{b: make([]byte, 0, len(text)), spans: spans}
	if spans {
		f.from, f.to = make([]int32, 0, len(text)), make([]int32, 0, len(text))
	}
	for i := 0; i < len(text); {
		if n := f.wide(text[i:], i); n > 0 {
			i += n
			continue
		}
		n := plain(text[i:])
		if n > 0 {
			c := text[i]
			if n == 1 && c >= 'A' && c <= 'Z' {
				f.add(i, i+1, c+'a'-'A')
			} else {
				f.same(text[i:i+n], i)
			}
			i += n
			continue
		}
		n = norm.NFKC.NextBoundaryInString(text[i:], true)
		if n <= 0 {
			n = 1
		}
		f.segment(text[i:i+n], i)
		i += n
	}
	f.regionalise()
	return f
}

// wide adds the full-width form of an ASCII character that a Han character or ASCII
// follows, as Chinese is punctuated, and returns its length; 0 where s begins
// otherwise.
func (f *folded) wide(s string, at int) int {
	if len(s) < 3 || s[0] != 0xef {
		return 0
	}
	r, n := utf8.DecodeRuneInString(s)
	if r < 0xff01 || r > 0xff5e {
		return 0
	}
	if len(s) > n && s[n] >= utf8.RuneSelf {
		if next, _ := utf8.DecodeRuneInString(s[n:]); next < 0x4e00 || next > 0x9fff {
			return 0
		}
	}
	c := byte(r - 0xff01 + '!')
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	f.add(at, at+n, c)
	return n
}

// plain returns the length of the first character when folding it alone is safe
// and trivial: ASCII, a common Han character, or one that stays as it is, and
// nothing combines with it.
func plain(s string) int {
	n := 0
	if s[0] < utf8.RuneSelf {
		n = 1
	} else if r, w := utf8.DecodeRuneInString(s); r >= 0x4e00 && r <= 0x9fff {
		n = w
	} else if p := norm.NFKC.PropertiesString(s); r != utf8.RuneError && p.Decomposition() == nil && p.BoundaryBefore() &&
		unicode.ToLower(r) == r && !invisible(r) && r != '’' && r != '‘' && r != 'ʼ' {
		n = w
	}
	if n == 0 || len(s) == n || s[n] < utf8.RuneSelf {
		return n
	}
	if r, _ := utf8.DecodeRuneInString(s[n:]); r >= 0x4e00 && r <= 0x9fff || r >= 0x3001 && r <= 0x3020 {
		return n
	}
	if norm.NFKC.PropertiesString(s[n:]).BoundaryBefore() {
		return n
	}
	return 0
}

func (f *folded) add(from, to int, c byte) {
	f.b = append(f.b, c)
	if !f.spans {
		return
	}
	f.from = append(f.from, int32(from))
	f.to = append(f.to, int32(to))
}

// span is what bytes i to j were made from, nothing where nobody asks.
func (f *folded) span(i, j int) (from, to int) {
	if !f.spans {
		return 0, 0
	}
	return int(f.from[i]), int(f.to[j-1])
}

// same adds a character that normalising leaves alone, a traditional one in its
// simplified form.
func (f *folded) same(s string, at int) {
	if r, _ := utf8.DecodeRuneInString(s); len(s) == 3 {
		if c := simplify(r); c != r {
			s = string(c)
		}
	}
	for k := range len(s) {
		f.add(at, at+len(s), s[k])
	}
}

// segment folds characters that belong together. It is normalised again after
// lower-casing, because a lower-case letter may compose where its capital does
// not.
func (f *folded) segment(s string, at int) {
	var lower []rune
	for _, r := range norm.NFKC.String(s) {
		switch {
		case r == '’' || r == '‘' || r == 'ʼ':
			r = '\''
		case invisible(r):
			continue
		}
		lower = append(lower, simplify(unicode.ToLower(r)))
	}
	for _, c := range norm.NFKC.Bytes([]byte(string(lower))) {
		f.add(at, at+len(s), c)
	}
}

// invisible reports characters that carry no meaning here and would make equal
// words unequal: format characters, variation selectors, soft hyphens.
func invisible(r rune) bool {
	return unicode.Is(unicode.Cf, r) || r >= 0xfe00 && r <= 0xfe0f || r >= 0xe0100 && r <= 0xe01ef
}

// unspaced reports scripts that write words without spaces between them; they
// are read character by character.
func unspaced(r rune) bool {
	if r < 0x0e00 {
		return false
	}
	return isHan(r) || r >= 0x3040 && r <= 0x30ff && r != '・' || // kana
		r >= 0x0e00 && r <= 0x0eff && !unicode.IsDigit(r) || // Thai, Lao
		r >= 0x1000 && r <= 0x109f && !unicode.IsDigit(r) || r >= 0x1780 && r <= 0x17ff && !unicode.IsDigit(r) // Myanmar, Khmer
}

func isHan(r rune) bool {
	return r >= 0x3400 && r <= 0x9fff || r >= 0xf900 && r <= 0xfaff || r >= 0x20000 && r <= 0x323af || r == '々'
}

func wordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z' || r >= '0' && r <= '9'
	}
	return (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)) && !unspaced(r)
}
