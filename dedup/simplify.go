package dedup

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/heedhq/heed/dedup/assets"
)

// simplify returns the simplified form of a traditional character and the usual
// form of a variant, or r.
func simplify(r rune) rune {
	const first, last = 0x3400, 0x9fff // of the table
	if r < first || r > last {
		return r
	}
	table, i := assets.Simplified(), 2*int(r-first)
	if s := rune(table[i]) | rune(table[i+1])<<8; s != 0 {
		r = s
	}
	return usual(r)
}

// usual is how most write a character that is written in two ways; the table
// knows no such variants. 帐 and 账 are the pair that matters: money's is 账 in
// print, 帐 in half of what people type, and 帳 becomes 帐.
func usual(r rune) rune {
	switch r {
	case '帐':
		return '账'
	case '説':
		return '说'
	case '閲':
		return '阅'
	case '録':
		return '录'
	case '卽':
		return '即'
	case '緑':
		return '绿'
	case '麪':
		return '面'
	case '祂':
		return '它'
	}
	return r
}

// Mainland returns a Chinese text in simplified characters and in the words of the
// mainland: 登入 is 登录, 軟體 is 软件. Case and width stay as they are.
func Mainland(text string) string {
	var b strings.Builder
	for _, r := range text {
		b.WriteRune(simplify(r))
	}
	s := b.String()
	b.Reset()
	for i := 0; i < len(s); {
		n, word := regional(s[i:])
		if n == 0 {
			_, n = utf8.DecodeRuneInString(s[i:])
			word = s[i : i+n]
		}
		b.WriteString(word)
		i += n
	}
	return b.String()
}

// regional returns the length of the regional word at the start of s, which is
// simplified, and the mainland's word for it; 0 when there is none.
func regional(s string) (int, string) {
	r, n := utf8.DecodeRuneInString(s)
	if n != 3 { // no Han of the table
		return 0, ""
	}
	for pairs := elsewhere[r]; pairs != ""; {
		var word, ours string
		word, pairs, _ = strings.Cut(pairs, " ")
		ours, pairs, _ = strings.Cut(pairs, " ")
		if strings.HasPrefix(s, word) {
			return len(word), ours
		}
	}
	return 0, ""
}

// regionalise replaces regional words.
func (f *folded) regionalise() {
	if !slices.ContainsFunc(f.b, func(c byte) bool { return c >= 0xe3 }) {
		return
	}
	s := string(f.b)
	out := folded{spans: f.spans}
	done := 0 // of s is in out
	for i := 0; i < len(s); {
		if s[i] < 0xe3 { // no Han
			i++
			continue
		}
		n, word := regional(s[i:])
		if n == 0 {
			i += 3
			continue
		}
		out.copy(f, done, i)
		for k := range len(word) {
			at, end := i+k, i+k
			if n != len(word) { // the whole stands for the whole
				at, end = i, i+n-1
			}
			from, to := f.span(at, end+1)
			out.add(from, to, word[k])
		}
		i += n
		done = i
	}
	if done > 0 {
		out.copy(f, done, len(s))
		*f = out
	}
}

// copy adds bytes i to j of another.
func (f *folded) copy(o *folded, i, j int) {
	f.b = append(f.b, o.b[i:j]...)
	if f.spans {
		f.from, f.to = append(f.from, o.from[i:j]...), append(f.to, o.to[i:j]...)
	}
}
