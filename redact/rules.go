package redact

import "strings"

// rule is one row of the table. Rows may share a name: the name says what a
// reader should know, the row how it is found.
type rule struct {
	name string
	// final marks secrets nobody may declare an example.
	final bool
	// literals is the prefilter: one of them must occur in the lower-case view.
	// Empty: the finder always runs and must be fast on ordinary text.
	literals []string
	// find returns validated hits, in any order. It must not look across a
	// barrier and must take about linear time on hostile text.
	find func(*view) []hit
}

// hit is a stretch of the view that holds a secret.
type hit struct {
	start, end int
	// secret is the normalised secret for the digest; empty: the stretch itself.
	secret string
}

func (r *rule) mayMatch(v *view) bool {
	for _, l := range r.literals {
		if strings.Contains(v.lower, l) {
			return true
		}
	}
	return len(r.literals) == 0
}

// allRules is the table. Where hits of one strength overlap, the longer secret,
// then the earlier row, gives the finding its name.
func allRules() []rule {
	english := englishList()
	simplified, traditional := hanLists()
	rules := []rule{
		{name: "seed_phrase", final: true, find: findEnglishPhrases(english)},
		{name: "seed_phrase", final: true, find: findPhrases(simplified, "")},
		{name: "seed_phrase", final: true, find: findPhrases(traditional, "")},
		{name: "private_key", final: true, literals: []string{"private key"}, find: findPEM},
		{name: "private_key", final: true, literals: []string{"private-lines:"}, find: findPuTTY},
		{name: "private_key", final: true, literals: []string{"xprv", "yprv", "zprv", "tprv", "uprv", "vprv"}, find: findExtendedKeys},
		{name: "private_key", final: true, find: findWIF},
		{name: "private_key", final: true, literals: keyLabels(), find: findLabelledKeys},
		{name: "keystore", final: true, literals: []string{"ciphertext"}, find: findKeystores},
		{name: "jwt", literals: []string{"eyj"}, find: findJWT},
		{name: "url_password", literals: []string{"://"}, find: findURLPasswords},
		{name: "password", literals: passwordLabels(), find: findPasswords},
	}
	for _, k := range apiKeys() {
		rules = append(rules, rule{name: "api_key", literals: []string{strings.ToLower(k.prefix)}, find: k.find})
	}
	return rules
}

func isLower(c byte) bool { return 'a' <= c && c <= 'z' }
func isDigit(c byte) bool { return '0' <= c && c <= '9' }
func isAlnum(c byte) bool { return isLower(c|0x20) || isDigit(c) }
func isHex(c byte) bool   { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }
func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func isBase64(c byte) bool { return isAlnum(c) || c == '+' || c == '/' || c == '=' }

// isToken tells the characters of API keys and of unpadded base64url.
func isToken(c byte) bool { return isAlnum(c) || c == '_' || c == '-' }

// runEnd returns the end of the run of bytes that fit, beginning at i.
func runEnd(s string, i int, fits func(byte) bool) int {
	for i < len(s) && fits(s[i]) {
		i++
	}
	return i
}

// eachIndex calls at for the offset of every occurrence of literal in s. at
// returns where to go on searching.
func eachIndex(s, literal string, at func(i int) int) {
	for i := 0; i < len(s); {
		j := strings.Index(s[i:], literal)
		if j < 0 {
			return
		}
		i = max(i+j+1, at(i+j))
	}
}
