package redact

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Options configure a Redactor.
type Options struct {
	// Key is the HMAC-SHA256 key for digests. Empty: findings carry no digest.
	Key []byte
	// Email and Phone mask mail addresses and phone numbers, too.
	Email, Phone bool
}

// Finding is one masked secret.
type Finding struct {
	// Rule is the stable name of the rule, such as "seed_phrase".
	Rule string
	// Start and End are byte offsets in the original text, End exclusive.
	Start, End int
	// Last3 is the end of what was masked: three characters, fewer where
	// three would be more than a quarter of the secret, and none where a character
	// is a whole word: of a recovery phrase in Chinese.
	Last3 string
	// Digest is the hex HMAC-SHA256 of the normalised secret (a phrase: its
	// words in list spelling with single spaces), empty without a key.
	Digest string
	// Final tells that nobody may mark the finding "an example": a phrase with
	// a valid checksum or a private key.
	Final bool
	// Example: its author says that it is one, and it was not masked (MaskBut).
	Example bool
	// Warning: it only looks like a secret, and was not masked.
	Warning bool
}

// Redactor masks secrets. It is immutable and safe for concurrent use.
type Redactor struct {
	key   []byte
	rules []rule
	near  []func(*view) []hit
}

// New builds a Redactor with all rules; building takes about a millisecond, so
// keep one for the life of the process.
func New(o Options) *Redactor {
	simplified, traditional := hanLists()
	near := func(l *wordList) func(*view) []hit {
		return inTurn(findNearPhrases(l), findNearFramed(l), findNearNumbered(l))
	}
	english := near(englishList())
	return &Redactor{key: slices.Clone(o.Key), rules: allRules(o), near: []func(*view) []hit{english, findAlike(english), near(simplified), ifAny(traditional.others(simplified), near(traditional))}}
}

// span is a resolved hit: the stretch of the view to mask and the rule that won.
type span struct {
	hit
	rule *rule
}

// Mask replaces every secret in text by a token naming its rule and returns the
// findings in order, with offsets into text. Text without a finding is returned
// as it is. It never fails.
func (r *Redactor) Mask(text string) (masked string, findings []Finding) {
	return r.MaskBut(text, nil)
}

// MaskBut is Mask that leaves standing what keep calls an example; it is not asked
// about what is Final.
func (r *Redactor) MaskBut(text string, keep func(Finding) bool) (masked string, findings []Finding) {
	v := fold(text)
	for {
		spans := r.scan(v)
		if len(spans) == 0 {
			break
		}
		for _, s := range spans {
			f := r.finding(v, text, s)
			f.Example = keep != nil && !f.Final && keep(f)
			findings = append(findings, f)
		}
		v = v.blank(spans)
	}
	if len(findings) == 0 {
		return text, nil
	}
	slices.SortFunc(findings, func(a, b Finding) int { return a.Start - b.Start })
	var b strings.Builder
	last := 0
	for _, f := range findings {
		if f.Example {
			continue
		}
		b.WriteString(text[last:f.Start])
		b.WriteString(maskOpen + f.Rule + maskClose)
		last = f.End
	}
	b.WriteString(text[last:])
	return b.String(), findings
}

// scan runs every rule once and merges overlapping hits into disjoint spans in
// order. The span takes name and secret of its strongest hit: final first, then
// the longer one, then the earlier rule.
func (r *Redactor) scan(v *view) []span {
	var all []span
	for i := range r.rules {
		rl := &r.rules[i]
		if !rl.mayMatch(v) {
			continue
		}
		for _, h := range rl.find(v) {
			if h.secret == "" {
				h.secret = v.plain[h.start:h.end]
			}
			h.start, h.end = v.whole(h.start, h.end)
			all = append(all, span{h, rl})
		}
	}
	slices.SortStableFunc(all, func(a, b span) int { return a.start - b.start })
	var out []span
	for _, s := range all {
		if len(out) == 0 || s.start >= out[len(out)-1].end {
			out = append(out, s)
			continue
		}
		last := &out[len(out)-1]
		start, end := last.start, max(last.end, s.end)
		if s.stronger(*last) {
			*last = s
		}
		last.start, last.end = start, end
	}
	return out
}

func (s span) stronger(o span) bool {
	if s.rule.final != o.rule.final {
		return s.rule.final
	}
	return len(s.secret) > len(o.secret)
}

func (r *Redactor) finding(v *view, text string, s span) Finding {
	f := Finding{Rule: s.rule.name, Final: s.rule.final}
	f.Start, f.End = v.original(s.start, s.end)
	if f.Last3 = lastRunes(text[f.Start:f.End]); f.Rule == phraseRule && strings.ContainsFunc(f.Last3, isHan) {
		f.Last3 = ""
	}
	if len(r.key) > 0 {
		mac := hmac.New(sha256.New, r.key)
		mac.Write([]byte(s.secret))
		f.Digest = hex.EncodeToString(mac.Sum(nil))
	}
	return f
}

// phraseRule is the name of the rules that find recovery phrases.
const phraseRule = "seed_phrase"

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }

// lastRunes returns the last three characters of s, fewer when s is shorter than
// twelve: three characters of an eight-character password would be a gift.
func lastRunes(s string) string {
	n := min(3, utf8.RuneCountInString(s)/4)
	i := len(s)
	for ; n > 0; n-- {
		_, w := utf8.DecodeLastRuneInString(s[:i])
		i -= w
	}
	return strings.ToValidUTF8(s[i:], "\uFFFD")
}
