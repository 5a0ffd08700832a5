package redact

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
)

// fitting draws n bytes that fit, the last of them a digit.
func fitting(rng *rand.Rand, fits func(byte) bool, n int) string {
	var alphabet []byte
	for c := byte('!'); c < 0x7F; c++ {
		if fits(c) && (isAlnum(c) || c == '_') {
			alphabet = append(alphabet, c)
		}
	}
	return randomString(rng, string(alphabet), n-1) + "7"
}

func encodeBase58(b []byte) string {
	n, mod, base := new(big.Int).SetBytes(b), new(big.Int), big.NewInt(58)
	var out []byte
	for n.Sign() > 0 {
		n.DivMod(n, base, mod)
		out = append([]byte{base58Alphabet[mod.Int64()]}, out...)
	}
	for i := 0; i < len(b) && b[i] == 0; i++ {
		out = append([]byte{'1'}, out...)
	}
	return string(out)
}

func solanaKey(rng *rand.Rand) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(randomBytes(rng, 32))
}

func derKey(rng *rand.Rand) string {
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), append([]byte{1}, randomBytes(rng, 31)...))
	if err != nil {
		panic(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

// card draws a number of an issuer's range and completes it with its check digit.
func card(prefix string, n int) func(*rand.Rand) string {
	return func(rng *rand.Rand) string {
		for {
			d := prefix + randomString(rng, "0123456789", n-len(prefix))
			if isCard(d) && luhn(d) {
				return d
			}
		}
	}
}

func grouped(sep string, size int, f func(*rand.Rand) string) func(*rand.Rand) string {
	return func(rng *rand.Rand) string {
		s := f(rng)
		var parts []string
		for ; len(s) > size; s = s[size:] {
			parts = append(parts, s[:size])
		}
		return strings.Join(append(parts, s), sep)
	}
}

func resident(rng *rand.Rand) string {
	head := []string{"110105", "310104", "440305", "510107"}[rng.IntN(4)] + fmt.Sprintf("%04d%02d%02d%03d", 1950+rng.IntN(60), 1+rng.IntN(12), 1+rng.IntN(28), rng.IntN(1000))
	for _, c := range "0123456789X" {
		if s := head + string(c); isResident(strings.ToLower(s)) {
			return s
		}
	}
	panic("no check character")
}

func iban(country string) func(*rand.Rand) string {
	return func(rng *rand.Rand) string {
		body := randomString(rng, "0123456789", ibanLengths[country]-4)
		check := 98 - mod97(body+strings.ToLower(country)+"00")
		return fmt.Sprintf("%s%02d%s", country, check, body)
	}
}

// electrum draws phrases until one has Electrum's version.
func electrum(rng *rand.Rand) string {
	for {
		words := randomWords(rng, lists()["english"], 12)
		phrase := strings.Join(words, " ")
		mac := hmac.New(sha512.New, []byte("Seed version"))
		mac.Write([]byte(phrase))
		if sum := mac.Sum(nil); sum[0] == 1 || sum[0] == 0x10 && sum[1] < 0x30 {
			return phrase
		}
	}
}

func ton(rng *rand.Rand) string {
	for {
		if phrase := strings.Join(randomWords(rng, lists()["english"], 24), " "); isTON(phrase) {
			return phrase
		}
	}
}

func alikeWords(rng *rand.Rand) string {
	return oddLayouts(false)["Cyrillic а, е, о"](randomPhrase(rng, lists()["english"], 24))
}

func cutWords(rng *rand.Rand) string {
	words := randomPhrase(rng, lists()["english"], 12)
	for i, w := range words {
		words[i] = w[:min(4, len(w))]
	}
	return strings.Join(words, " ")
}

// moreCases are those of the rules that have no table of prefixes.
func moreCases() []secretCase {
	return []secretCase{
		{"Electrum", "seed_phrase", "My wallet: {}.", electrum},
		{"TON", "seed_phrase", "tonkeeper\n{}\nplease help", ton},
		{"cut to four letters", "seed_phrase", "my backup: {}", cutWords},
		{"look-alike letters", "seed_phrase", "моя фраза: {}", alikeWords},
		{"DER", "private_key", "应用私钥\n{}\n验签失败", derKey},
		{"Solana key", "private_key", "phantom export {} fails", func(rng *rand.Rand) string { return encodeBase58(solanaKey(rng)) }},
		{"Solana file", "private_key", "id.json {}", func(rng *rand.Rand) string {
			return strings.ReplaceAll(fmt.Sprint([]byte(solanaKey(rng))), " ", ", ")
		}},
		{"bearer", "session", `curl -H "Authorization: Bearer {}" x`, literal("%s", alnum, 32)},
		{"basic", "session", "Authorization: Basic {}\n", func(rng *rand.Rand) string {
			return base64.StdEncoding.EncodeToString([]byte("ann:" + randomString(rng, alnum, 12)))
		}},
		{"cookie header", "session", "Cookie: {}\nHost: x", literal("lang=en; sid=%s", alnum, 24)},
		{"session id", "session", "see session_id={}; and", literal("%sa", alnum, 30)},
		{"API key header", "session", "X-Api-Key: {}", literal("%sa", alnum, 30)},
		{"Visa", "card", "my card {} was refused", card("4", 16)},
		{"Visa in groups", "card", "卡号 {}，付款失败", grouped(" ", 4, card("4", 16))},
		{"Mastercard", "card", "{}", grouped("-", 4, card("53", 16))},
		{"Amex", "card", "({})", card("37", 15)},
		{"UnionPay", "card", "银行卡{}扣款了", card("62", 19)},
		{"resident", "identity_number", "身份证号：{}，实名失败", resident},
		{"IBAN", "iban", "pay to {}.", iban("DE")},
		{"IBAN in groups", "iban", "IBAN {}, please", grouped(" ", 4, iban("GB"))},
		{"Telegram", "api_key", "bot token {} here", func(rng *rand.Rand) string {
			return "5" + randomString(rng, "0123456789", 9) + ":AA" + randomString(rng, alnum, 33)
		}},
		{"Discord", "api_key", "token: {}", func(rng *rand.Rand) string {
			return base64.RawURLEncoding.EncodeToString([]byte("1"+randomString(rng, "0123456789", 17))) + "." + randomString(rng, alnum, 6) + "." + randomString(rng, alnum, 27)
		}},
		{"Azure storage", "api_key", "key {} ok", func(rng *rand.Rand) string { return base64.StdEncoding.EncodeToString(randomBytes(rng, 64)) }},
		{"Azure SAS", "api_key", "https://x.blob.core.windows.net/a?sv=2022&sig={}&se=1", literal("%s%%3D", alnum, 43)},
		{"Azure application", "api_key", "client {}", literal("aB3"+"8Q~%s", alnum, 34)},
		{"AWS secret", "api_key", "secret access key {}", literal("a%s", alnum+"/+", 39)},
		{"阿里云 secret", "api_key", "AccessKeySecret {}", literal("a%s", alnum, 29)},
		{"微信支付", "api_key", "APIv3 {} 报错", literal("a%s", alnum, 31)},
		{"e-mail", "email", "write to {}, thanks", func(rng *rand.Rand) string { return "ann." + randomString(rng, "abcdef", 6) + "@mail.example.com" }},
		{"mobile", "phone", "打 {} 给我", func(rng *rand.Rand) string { return "13" + randomString(rng, "0123456789", 9) }},
		{"mobile with prefix", "phone", "call {}", func(rng *rand.Rand) string {
			return "+86 138 " + randomString(rng, "0123456789", 4) + " " + randomString(rng, "0123456789", 4)
		}},
		{"international", "phone", "call {} now", func(rng *rand.Rand) string { return "+44 20 7946 0" + randomString(rng, "0123456789", 3) }},
	}
}

// tableCases makes a case of each row of the tables of prefixes.
func tableCases() (out []secretCase) {
	for _, k := range apiKeys() {
		for _, n := range []int{k.min, k.max} {
			out = append(out, secretCase{k.whose, "api_key", "use {}, it fails", func(rng *rand.Rand) string { return k.prefix + fitting(rng, k.fits, n) }})
		}
	}
	for _, k := range urlKeys() {
		out = append(out, secretCase{k.whose, "api_key", "see https://" + strings.TrimPrefix(k.before, ".") + "{} now", func(rng *rand.Rand) string { return fitting(rng, k.fits, k.min) }})
		if strings.HasPrefix(k.before, ".") {
			out[len(out)-1].text = "see https://mainnet" + k.before + "{} now"
		}
	}
	return out
}

func TestEveryRuleFindsItsTrueCases(t *testing.T) {
	r := New(Options{Email: true, Phone: true})
	rng := rand.New(rand.NewPCG(51, 52))
	total := 0
	for _, c := range append(moreCases(), tableCases()...) {
		t.Run(c.name, func(t *testing.T) {
			for range 20 {
				secret := c.make(rng)
				wantSecret(t, r, strings.Replace(c.text, "{}", secret, 1), secret, c.rule)
				total++
			}
		})
	}
	t.Logf("%d generated cases of %d rules, all found whole", total, len(Rules()))
}

// A rule that no case calls for might as well not be there.
func TestEveryRuleHasACase(t *testing.T) {
	rng := rand.New(rand.NewPCG(53, 54))
	cases := append(append(secretCases(), moreCases()...), tableCases()...)
	for name, list := range byName(lists()) {
		sep := map[bool]string{true: " ", false: ""}[name == "english"]
		cases = append(cases, secretCase{name, "seed_phrase", "{}", func(rng *rand.Rand) string { return strings.Join(randomPhrase(rng, list, 24), sep) }})
	}
	rules := allRules(Options{Email: true, Phone: true})
	found := make([]bool, len(rules))
	for _, c := range cases {
		v := fold(strings.Replace(c.text, "{}", c.make(rng), 1))
		for i := range rules {
			found[i] = found[i] || rules[i].mayMatch(v) && len(rules[i].find(v)) > 0
		}
	}
	for i, r := range rules {
		if !found[i] {
			t.Errorf("no case for %s: %s", r.name, r.what)
		}
		if r.what == "" || r.name == "" {
			t.Errorf("rule %d does not say what it finds", i)
		}
	}
	t.Logf("%d rules", len(rules))
}

// What has the form of a secret and is none.
func TestWhatOnlyLooksLikeASecretIsLeftAlone(t *testing.T) {
	for _, text := range []string{
		"card 4111 1111 1111 1112 has a wrong check digit", "order 1234567890123456", "0x4111111111111111", "id 4111111111111111abc", "9999999999999995", "4000000000000000000 wei", "1.4111111111111111",
		"身份证 11010519491231002A", "11010519491331002X", "99010519491231002X", "订单号 110105194912310021", "DE89370400440532013001", "GB82 WEST 1234 5698 7654 33", "AB12 3456",
		"Bearer tokens are sent in a header", "Basic auth is not supported", "basic understanding", "token economics matter", "the cookie: chocolate", "session_id: none", "refresh_token=xxx",
		"12:34:AA", "see docs at hooks.slack.com/services/", "sig=short", "MIT license", "MINIMUM amount", "[1, 2, 3]", "key-value-store", "SKxx", "re_use", "sk-learn-pipeline-something-else",
		"2LMtBnqmqqfEkwRVyJZ6aKg2z4w3JSdKSMNFVqHyLmMSaMCGu5NxTPzyHJSdMTvkbY9XDVhFZRkP5kKwVB6DCYXm", // base58, no key pair
	} {
		wantNothing(t, New(Options{}), text)
	}
	wantNothing(t, New(Options{}), "write to ann@example.com or +86 138 0013 8000")
	wantNothing(t, New(Options{Email: true, Phone: true}), "@ann and a@b and 2026-11-26 and 12345678 and 1.13800138000 and v138.0013.8000")
}
