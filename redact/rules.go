package redact

import "strings"

// rule is one row of the table. Rows may share a name: the name says what a
// reader should know, the row how it is found.
type rule struct {
	name string
	// what it finds, for readers.
	what string
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
		if v.mayContain(l) && strings.Contains(v.lower, l) {
			return true
		}
	}
	return len(r.literals) == 0
}

// phraseRules find recovery phrases, whatever they are written in.
func phraseRules() []rule {
	english := englishList()
	simplified, traditional := hanLists()
	cut := english.cut()
	inEnglish := inTurn(findNumbered(cut), findFramed(cut), findParted(cut), findEnglishPhrases(english), findEnglishPhrases(cut), findUnspaced(english))
	inEnglish = inTurn(inEnglish, findEscaped(inEnglish))
	inHan := func(l *wordList) func(*view) []hit {
		plain := inTurn(findNumbered(l), findFramed(l), findParted(l), findPhrases(l, ""))
		return inTurn(plain, findEscaped(plain))
	}
	return []rule{
		{name: "seed_phrase", what: "recovery phrase of 12 to 24 English words (BIP-39, Electrum, TON), checksum verified, words cut to their first four letters included", final: true, find: inEnglish},
		{name: "seed_phrase", what: "the same in letters that only look like English ones, checksum verified", final: true, find: findAlike(inEnglish)},
		{name: "seed_phrase", what: "recovery phrase of 12 to 24 simplified Chinese characters (BIP-39), checksum verified", final: true, find: inHan(simplified)},
		{name: "seed_phrase", what: "recovery phrase of 12 to 24 traditional Chinese characters (BIP-39), checksum verified", final: true, find: ifAny(traditional.others(simplified), inHan(traditional))},
	}
}

// inTurn finds what any of the finders does. Where hits overlap, the phrase is that of the
// earlier finder, which asks for more than the later ones.
func inTurn(finders ...func(*view) []hit) func(*view) []hit {
	return func(v *view) (hits []hit) {
		for _, find := range finders {
			for _, h := range find(v) {
				for i := range hits {
					if hits[i].start < h.end && h.start < hits[i].end {
						h.secret = hits[i].secret
						hits[i].start, hits[i].end = min(hits[i].start, h.start), max(hits[i].end, h.end)
					}
				}
				hits = append(hits, h)
			}
		}
		return hits
	}
}

// allRules is the table. Where hits of one strength overlap, the longer secret,
// then the earlier row, gives the finding its name.
func allRules(o Options) []rule {
	rules := append(phraseRules(), []rule{
		{name: "private_key", what: "private key block: PEM, OpenSSH, PGP, SSH2", final: true, literals: []string{"private key"}, find: findPEM},
		{name: "private_key", what: "private part of a PuTTY key file", final: true, literals: []string{"private-lines:"}, find: findPuTTY},
		{name: "private_key", what: "private key in bare base64 (PKCS 8, PKCS 1, SEC 1), as 支付宝 and 微信支付 hand them out; must decode", final: true, literals: []string{"mi"}, find: findDER},
		{name: "private_key", what: "extended private key (xprv, yprv, zprv, tprv, uprv, vprv), checksum verified", final: true, literals: []string{"xprv", "yprv", "zprv", "tprv", "uprv", "vprv"}, find: findExtendedKeys},
		{name: "private_key", what: "wallet import format and BIP-38, checksum verified", final: true, find: findWIF},
		{name: "private_key", what: "ed25519 key pair (Solana) in base58 or as a list of numbers; the public half must belong to the private one", final: true, find: findPairs},
		{name: "private_key", what: "64 hexadecimal digits, or 64 bytes of base58, that a label beside them calls a private key", final: true, literals: keyLabels(), find: findLabelledKeys},
		{name: "keystore", what: "encrypted wallet file (keystore JSON), whole or cut off", final: true, literals: []string{"ciphertext"}, find: findKeystores},
		{name: "jwt", what: "signed token (JWT) whose header names an algorithm", literals: []string{"eyj"}, find: findJWT},
		{name: "card", what: "payment card: an issuer's range and length, check digit (Luhn)", find: findCards},
		{name: "identity_number", what: "Chinese resident identity number: province, date of birth, check character", find: findResidents},
		{name: "iban", what: "IBAN: country, length, check digits (mod 97)", find: findIBANs},
		{name: "api_key", what: "Telegram bot token", literals: []string{":aa"}, find: findTelegram},
		{name: "api_key", what: "Discord bot token; its first part must decode to a number", literals: []string{"."}, find: findDiscord},
		{name: "api_key", what: "Azure storage key (must decode), shared access signature, application secret", literals: []string{"==", "sig=", "8q~"}, find: findAzure},
		{name: "api_key", what: "AWS secret access key beside its label", literals: []string{"secret access key", "aws_secret", "aws secret", "secretaccesskey"}, find: findLabelledSecrets([]string{"secret access key", "aws_secret", "aws secret", "secretaccesskey"}, func(c byte) bool { return isBase64(c) && c != '=' }, 40)},
		{name: "api_key", what: "AccessKey secret of 阿里云 and 腾讯云 beside its label", literals: []string{"accesskeysecret", "access key secret", "secretkey", "accesskey secret"}, find: findLabelledSecrets([]string{"accesskeysecret", "access key secret", "accesskey secret", "secretkey"}, isAlnum, 30, 32)},
		{name: "api_key", what: "Twilio auth token and 微信支付 API key beside their label", literals: []string{"auth token", "authtoken", "apiv3", "商户密钥", "api密钥", "api 密钥"}, find: findLabelledSecrets([]string{"auth token", "authtoken", "apiv3", "商户密钥", "api密钥", "api 密钥"}, isAlnum, 32)},
	}...)
	for _, k := range apiKeys() {
		rules = append(rules, rule{name: "api_key", what: k.whose + " (" + k.prefix + "…)", literals: []string{strings.ToLower(k.prefix)}, find: k.find})
	}
	for _, k := range urlKeys() {
		rules = append(rules, rule{name: "api_key", what: k.whose + " (" + k.before + "…)", literals: []string{k.before}, find: k.find})
	}
	rules = append(rules, []rule{ // what says less stands behind what says more
		{name: "url_password", what: "password in scheme://user:password@host, connection strings included", literals: []string{"://"}, find: findURLPasswords},
		{name: "session", what: "Authorization header: Bearer, Basic (must decode), Token, Digest", literals: []string{"bearer ", "basic ", "token ", "digest "}, find: findHeaders},
		{name: "session", what: "Cookie and Set-Cookie header", literals: []string{"cookie:"}, find: findCookies},
		{name: "session", what: "session id, refresh token and API key header, by name", literals: sessionNames(), find: findSessions},
		{name: "password", what: "password=, secret:, access_key=, 密码是 and the like with a value that is no placeholder", literals: passwordLabels(), find: findPasswords},
	}...)
	if o.Email {
		rules = append(rules, rule{name: "email", what: "mail address (redact.email)", literals: []string{"@"}, find: findEmails})
	}
	if o.Phone {
		rules = append(rules, rule{name: "phone", what: "phone number: mobile numbers of China, international form (redact.phone)", find: findPhones})
	}
	return rules
}

// Rule describes a row of the table for readers.
type Rule struct {
	// Name is what a finding of it is called.
	Name string
	// What it finds, and what must be right about it.
	What string
	// Final: nobody may say that it is an example.
	Final bool
}

// Rules lists every rule, those that are switched on by Options included.
func Rules() []Rule {
	var out []Rule
	for _, r := range allRules(Options{Email: true, Phone: true}) {
		out = append(out, Rule{r.name, r.what, r.final})
	}
	return out
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
