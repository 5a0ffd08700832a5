package dedup

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Normalise returns text as features see it: NFKC, lower case, simplified
// characters, without URLs, mail addresses and ids, white space folded to single spaces. Normalising
// twice is normalising once.
func Normalise(text string) string {
	for range 4 { // what is dropped may let its neighbours compose; that settles at once or never matters
		next := normaliseOnce(text)
		if next == text {
			break
		}
		text = next
	}
	return text
}

func normaliseOnce(text string) string {
	f := fold(strings.ToValidUTF8(text, " "), false)
	for _, c := range cuts(f.b) {
		for i := c.from; i < c.to; i++ {
			f.b[i] = ' '
		}
	}
	return strings.Join(strings.Fields(string(f.b)), " ")
}

// Language returns "zh" when Han is at least a fifth of the letters (a Han
// character says about as much as three letters, and product names stay Latin),
// "en" when Latin letters are most of the rest, else "und".
func Language(text string) string {
	han, latin, kana, other := 0, 0, 0, 0
	for _, r := range text {
		switch {
		case isHan(r):
			han++
		case r >= 0x3040 && r <= 0x30ff:
			kana++
		case unicode.Is(unicode.Latin, r) || r >= 'ａ' && r <= 'ｚ' || r >= 'Ａ' && r <= 'Ｚ':
			latin++
		case unicode.IsLetter(r):
			other++
		}
	}
	switch {
	case kana > 0 && kana*5 >= han:
		return "und"
	case han > 0 && han*5 >= han+latin+other:
		return "zh"
	case latin > 0 && latin > other:
		return "en"
	}
	return "und"
}

// enoughSaid is how many words (a Han character counts half) make the mail
// addresses and request ids beside them unimportant.
const enoughSaid = 5

// ExactKey returns the key two texts share only when they say the same: 32 hex
// digits, or "" when nothing is there. Texts without a word (emoji, punctuation or
// addresses only) share it when they are written the same, but for case and width.
//
// Texts with one key are merged without asking, so the key keeps whatever may
// matter: digits, "not", symbols, emoji, question marks, URLs (less their
// tracking parameters) and ids such as wallets, which may be the very thing
// asked about. It forgets case, width, traditional characters, spacing beside Han, the kind of
// punctuation between words and at the end; and, when at least five words are
// left, mail addresses and UUIDs, which name a person or a request.
func ExactKey(title, text string) string {
	title, text = strings.TrimSpace(title), strings.TrimSpace(text)
	said, more := Normalise(title), Normalise(text)
	if saidWords(said)+saidWords(more) == 0 {
		return wordlessKey(title, text)
	}
	if title == "" || said == more {
		title, text = text, ""
	}
	all := title
	if text != "" {
		all += "\n" + text
	}
	words := saidWords(Normalise(all))
	f := fold(strings.ToValidUTF8(all, " "), false)
	var b strings.Builder
	at := 0
	for _, c := range cuts(f.b) {
		b.Write(f.b[at:c.from])
		at = c.to
		switch {
		case c.kind == cutURL:
			b.WriteString(" " + withoutTracking(string(f.b[c.from:c.to])) + " ")
		case c.kind == cutID || words < enoughSaid:
			b.Write(f.b[c.from:c.to])
		default:
			b.WriteByte(' ')
		}
	}
	b.Write(f.b[at:])
	return key(canonical(b.String()))
}

// wordlessKey is ExactKey where no word is said: every character counts.
func wordlessKey(title, text string) string {
	written := func(s string) string {
		return strings.Join(strings.Fields(string(fold(strings.ToValidUTF8(s, " "), false).b)), " ")
	}
	if title, text = written(title), written(text); title == text {
		title = ""
	}
	if said := strings.TrimSpace(title + " " + text); said != "" {
		return key(said)
	}
	return ""
}

func key(said string) string {
	sum := sha256.Sum256([]byte(said))
	return hex.EncodeToString(sum[:16])
}

// saidWords counts the words of normalised text, a Han character as half.
func saidWords(s string) float64 {
	n, in := 0.0, false
	for _, r := range s {
		switch {
		case unspaced(r):
			n, in = n+.5, false
		case wordRune(r):
			if !in {
				n++
			}
			in = true
		default:
			in = false
		}
	}
	return n
}

func withoutTracking(url string) string {
	path, query, ok := strings.Cut(url, "?")
	if !ok {
		return strings.TrimSuffix(url, "/")
	}
	query, fragment, _ := strings.Cut(query, "#")
	var keep []string
	for p := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(p, "=")
		if !strings.HasPrefix(name, "utm_") && name != "gclid" && name != "fbclid" && name != "msclkid" {
			keep = append(keep, p)
		}
	}
	out := strings.TrimSuffix(path, "/")
	if len(keep) > 0 {
		out += "?" + strings.Join(keep, "&")
	}
	if fragment != "" {
		out += "#" + fragment
	}
	return out
}

// canonical makes differences of writing equal that never change what is said.
// Inside a word nothing changes ("1.5" is not "1,5"); between words every pause
// becomes one comma, because "不，要退款" is not "不要退款".
func canonical(s string) string {
	rs := []rune(s)
	var out []rune
	for i := 0; i < len(rs); i++ {
		r := rs[i]
		prev := lastRune(out)
		switch {
		case r == '\n' || pause(r) && between(rs, i):
			out = trimRight(out, ' ')
			if len(out) > 0 && lastRune(out) != ',' {
				out = append(out, ',')
			}
		case unicode.IsSpace(r):
			next := nextSolid(rs, i)
			if len(out) > 0 && prev != ' ' && prev != ',' && !(isHan(prev) && (isHan(next) || wordRune(next)) || wordRune(prev) && isHan(next)) {
				out = append(out, ' ')
			}
		case r == '"' || r == '“' || r == '”' || r == '「' || r == '」':
		case r == '?' && prev == '?':
		default:
			out = append(out, r)
		}
	}
	return string(trimRight(out, ' ', ','))
}

func pause(r rune) bool {
	switch r {
	case '.', ',', ';', ':', '!', '。', '、', '…':
		return true
	}
	return false
}

// between reports that the pause at i stands between words or ends the text,
// and not inside a number, a version or a name.
func between(rs []rune, i int) bool {
	if i+1 == len(rs) || i > 0 && isHan(rs[i-1]) {
		return true
	}
	n := rs[i+1]
	return unicode.IsSpace(n) || isHan(n) || pause(n)
}

func nextSolid(rs []rune, i int) rune {
	for ; i < len(rs); i++ {
		if !unicode.IsSpace(rs[i]) {
			return rs[i]
		}
	}
	return 0
}

func lastRune(rs []rune) rune {
	if len(rs) == 0 {
		return utf8.RuneError
	}
	return rs[len(rs)-1]
}

func trimRight(rs []rune, cut ...rune) []rune {
	for len(rs) > 0 && strings.ContainsRune(string(cut), lastRune(rs)) {
		rs = rs[:len(rs)-1]
	}
	return rs
}
