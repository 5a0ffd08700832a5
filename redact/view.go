package redact

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The mask is ‹rule ···›: no language, no Markdown or HTML meaning, and nothing
// of the secret. Reading text, a mask folds to one barrier byte.
const (
	maskOpen  = "‹"
	maskClose = " ···›"
	barrier   = 0
)

// view is the text as the rules see it. plain is folded with its case kept,
// lower is plain with ASCII letters in lower case; both have the same length.
// Control characters and invalid bytes read as spaces, so a zero byte is always
// a barrier: a secret that is already masked. No hit may contain one.
type view struct {
	plain, lower string
	// at[i] is the offset in the original text of the character that byte i
	// came from; at[len(plain)] is the length of the original.
	at     []int
	source string // the original text
	grams  *grams // of lower

	items    []item // see framed
	itemized bool
}

// grams is which pairs of bytes stand in a text: who asks for hundreds of literals
// mostly learns from it that they are not there.
type grams [1024]uint64

func gramsOf(s string) *grams {
	g := new(grams)
	for i := 1; i < len(s); i++ {
		n := uint16(s[i-1])<<8 | uint16(s[i])
		g[n>>6] |= 1 << (n & 63)
	}
	return g
}

// mayContain is false for what is certainly not in the lower-case view.
func (v *view) mayContain(literal string) bool {
	for i := 1; i < len(literal); i++ {
		n := uint16(literal[i-1])<<8 | uint16(literal[i])
		if v.grams[n>>6]&(1<<(n&63)) == 0 {
			return false
		}
	}
	return true
}

func fold(text string) *view {
	out := make([]byte, 0, len(text)+8)
	at := make([]int, 0, len(text)+9)
	var tmp []byte
	for i := 0; i < len(text); {
		c, w := text[i], 1
		if c < utf8.RuneSelf {
			if c < ' ' && c != '\n' && c != '\r' && c != '\t' {
				c = ' '
			}
			out, at = append(out, c), append(at, i)
			i++
			continue
		}
		if n := maskLen(text[i:]); n > 0 {
			out, at = append(out, barrier), append(at, i)
			i += n
			continue
		}
		tmp, w = foldRune(tmp[:0], text[i:])
		for range tmp {
			at = append(at, i)
		}
		out = append(out, tmp...)
		i += w
	}
	plain := string(out)
	for i, c := range out {
		if 'A' <= c && c <= 'Z' {
			out[i] = c + 'a' - 'A'
		}
	}
	return &view{plain: plain, lower: string(out), at: append(at, len(text)), source: text, grams: gramsOf(string(out))}
}

// foldRune appends the folded form of the first character of s, which is not
// ASCII, and returns how many bytes of s it took.
func foldRune(dst []byte, s string) ([]byte, int) {
	r, w := utf8.DecodeRuneInString(s)
	switch {
	case r == utf8.RuneError && w == 1:
		return append(dst, ' '), w
	case 0x4E00 <= r && r <= 0x9FFF:
		return append(dst, s[:w]...), w
	case 0xFF01 <= r && r <= 0xFF5E:
		return append(dst, byte(r-0xFEE0)), w
	case r == 0x85 || r == 0x2028 || r == 0x2029:
		return append(dst, '\n'), w
	case unicode.Is(unicode.Zs, r) || r < 0xA0:
		return append(dst, ' '), w
	case 0x2010 <= r && r <= 0x2015 || r == 0x2212:
		return append(dst, '-'), w
	case r == '“' || r == '”':
		return append(dst, '"'), w
	case r == '‘' || r == '’':
		return append(dst, '\''), w
	case unicode.Is(unicode.Cf, r) || 0xFE00 <= r && r <= 0xFE0F || r == 0x034F:
		return dst, w
	}
	return norm.NFKC.AppendString(dst, s[:w]), w
}

// maskLen returns the length of the mask s begins with, 0 for none.
func maskLen(s string) int {
	if !strings.HasPrefix(s, maskOpen) {
		return 0
	}
	i := len(maskOpen)
	for i < len(s) && i < 40 && (s[i] == '_' || 'a' <= s[i] && s[i] <= 'z') {
		i++
	}
	if i == len(maskOpen) || !strings.HasPrefix(s[i:], maskClose) {
		return 0
	}
	return i + len(maskClose)
}

// whole widens a stretch of the view so that it covers whole characters of the
// original: ① or a ligature folds to several bytes, of which a hit may take some.
func (v *view) whole(start, end int) (int, int) {
	for start > 0 && v.at[start-1] == v.at[start] {
		start--
	}
	for end < len(v.plain) && v.at[end] == v.at[end-1] {
		end++
	}
	return start, end
}

// original maps a non-empty stretch of the view to offsets in the original text.
func (v *view) original(start, end int) (int, int) {
	_, w := utf8.DecodeRuneInString(v.source[v.at[end-1]:])
	return v.at[start], v.at[end-1] + w
}

// blank returns the view with every span, in order, replaced by a barrier: the
// view that folding the masked text would give.
func (v *view) blank(spans []span) *view {
	var plain, lower strings.Builder
	at := make([]int, 0, len(v.at))
	last := 0
	add := func(to int) {
		plain.WriteString(v.plain[last:to])
		lower.WriteString(v.lower[last:to])
		at = append(at, v.at[last:to]...)
	}
	for _, s := range spans {
		add(s.start)
		plain.WriteByte(barrier)
		lower.WriteByte(barrier)
		at = append(at, v.at[s.start])
		last = s.end
	}
	add(len(v.plain))
	return &view{plain: plain.String(), lower: lower.String(), at: append(at, v.at[len(v.plain)]), source: v.source, grams: gramsOf(lower.String())}
}
