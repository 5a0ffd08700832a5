package redact

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// secretCase is a text with one secret in it; {} stands for the secret.
type secretCase struct {
	name, rule, text string
	make             func(*rand.Rand) string
}

func pemBlock(kind string, lines int, end bool) func(*rand.Rand) string {
	return func(rng *rand.Rand) string {
		var b strings.Builder
		fmt.Fprintf(&b, "-----BEGIN %s-----\n", kind)
		for range lines {
			b.WriteString(randomString(rng, alnum+"+/", 64) + "\n")
		}
		b.WriteString(randomString(rng, alnum, 10) + "9A==")
		if end {
			fmt.Fprintf(&b, "\n-----END %s-----", kind)
		}
		return b.String()
	}
}

func literal(format string, alphabet string, n int) func(*rand.Rand) string {
	return func(rng *rand.Rand) string { return fmt.Sprintf(format, randomString(rng, alphabet, n-1)+"7") }
}

func versioned(version string, n int, tail string) func(*rand.Rand) string {
	return func(rng *rand.Rand) string {
		return encodeBase58Check([]byte(version + string(randomBytes(rng, n)) + tail))
	}
}

func keystore(rng *rand.Rand) string {
	return fmt.Sprintf(`{"cipher":"aes-128-ctr","ciphertext":"%s","cipherparams":{"iv":"%s"},"kdf":"scrypt","kdfparams":{"dklen":32,"n":262144,"p":1,"r":8,"salt":"%s"},"mac":"%s"}`,
		randomHex(rng, 64), randomHex(rng, 32), randomHex(rng, 64), randomHex(rng, 64))
}

func secretCases() []secretCase {
	return []secretCase{
		{"RSA block", "private_key", "here:\n{}\nthanks", pemBlock("RSA PRIVATE KEY", 5, true)},
		{"OpenSSH block", "private_key", "{}", pemBlock("OPENSSH PRIVATE KEY", 3, true)},
		{"PKCS 8 block", "private_key", "a {} b", pemBlock("PRIVATE KEY", 1, true)},
		{"encrypted block", "private_key", "a {} b", pemBlock("ENCRYPTED PRIVATE KEY", 4, true)},
		{"PGP block", "private_key", "{}\n再见", pemBlock("PGP PRIVATE KEY BLOCK", 4, true)},
		{"block cut off", "private_key", "key:\n{}\n\nWhy is it refused?", pemBlock("EC PRIVATE KEY", 2, false)},
		{"block in JSON", "private_key", `{"key":"{}\n"}`, func(rng *rand.Rand) string {
			return strings.ReplaceAll(pemBlock("PRIVATE KEY", 3, true)(rng), "\n", `\n`)
		}},
		{"block in one line, cut off", "private_key", "{} ", func(rng *rand.Rand) string {
			return "-----BEGIN PRIVATE KEY----- " + randomString(rng, alnum, 80)
		}},
		{"SSH2 block", "private_key", "{}\nok", func(rng *rand.Rand) string {
			return "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n" + randomString(rng, alnum, 70) + "\n---- END SSH2 ENCRYPTED PRIVATE KEY ----"
		}},
		{"PuTTY", "private_key", "Private-Lines: 2\n{}\nPrivate-MAC: 00", func(rng *rand.Rand) string {
			return randomString(rng, alnum, 64) + "\n" + randomString(rng, alnum, 20) + "3="
		}},
		{"xprv", "private_key", "my key {}, see", versioned("\x04\x88\xad\xe4", 74, "")},
		{"zprv", "private_key", "私{}。", versioned("\x04\xb2\x43\x0c", 74, "")},
		{"tprv", "private_key", "{}", versioned("\x04\x35\x83\x94", 74, "")},
		{"WIF", "private_key", "import {} fails", versioned("\x80", 32, "")},
		{"compressed WIF", "private_key", "导入{}失败", versioned("\x80", 32, "\x01")},
		{"test network WIF", "private_key", "wif={}", versioned("\xef", 32, "\x01")},
		{"hex after a label", "private_key", "Private key: {}", literal("0x%s", hexDigits, 64)},
		{"hex in JSON", "private_key", `{"privateKey":"{}","address":"0x52908400098527886E0F7030069857D2E4169EE7"}`, literal("%s", hexDigits, 64)},
		{"hex before a label", "private_key", "{} is my private key", literal("0x%s", hexDigits, 64)},
		{"hex, Chinese label", "private_key", "私钥：{}，帮我看看", literal("%s", hexDigits, 64)},
		{"upper case hex", "private_key", "secret key = {}", literal("0X%s", "0123456789ABCDEF", 64)},
		{"keystore", "keystore", `{"version":3,"id":"x","crypto":{},"address":"0x0"}`, keystore},
		{"keystore cut off", "keystore", `"crypto":{"kdf":"scrypt","ciphertext":"{}`, literal("%s", hexDigits, 64)},
		{"JWT", "jwt", "Authorization: Bearer {} and", literal("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0.%s", alnum, 43)},
		{"Stripe", "api_key", "use {}.", literal("sk_live_%s", alnum, 24)},
		{"AWS", "api_key", "id {} ", literal("AKIA%s", "ABCDEFGHIJ234567", 16)},
		{"GitHub", "api_key", "token {}", literal("ghp_%s", alnum, 36)},
		{"GitHub fine-grained", "api_key", "token({})", literal("github_pat_%s", alnum+"_", 82)},
		{"Slack", "api_key", "令牌{}。", literal("xoxb-1234567890-%s", alnum, 24)},
		{"Google", "api_key", "key={}&q=1", literal("AIza%s", alnum+"-_", 35)},
		{"password assignment", "password", "DB_PASSWORD={} make run", literal("%s", alnum, 12)},
		{"password in YAML", "password", "password: \"{}\"\nuser: x", literal("%s", alnum+"!#%", 14)},
		{"password in Chinese", "password", "登录密码：{}，还是进不去", literal("%s", alnum, 9)},
		{"connection string", "password", "Server=db;User Id=sa;Password={};Encrypt=true", literal("%s", alnum+"!^", 12)},
		{"basic auth", "url_password", "clone https://ann:{}@git.example.test/x.git", literal("%s", alnum, 12)},
		{"database URL", "url_password", "postgres://heed:{}@db.example.test:5432/heed", literal("p%s", alnum, 12)},
	}
}

func TestEverySecretIsMaskedAndNothingElse(t *testing.T) {
	r := New(Options{})
	rng := rand.New(rand.NewPCG(11, 12))
	for _, c := range secretCases() {
		t.Run(c.name, func(t *testing.T) {
			for range 25 {
				secret := c.make(rng)
				wantSecret(t, r, strings.Replace(c.text, "{}", secret, 1), secret, c.rule)
			}
		})
	}
}

func TestFullWidthSecretsAreMasked(t *testing.T) {
	r := New(Options{})
	key := strings.Repeat("ab12", 16)
	wantSecret(t, r, "ｐｒｉｖａｔｅ ｋｅｙ："+widen(key)+"。", widen(key), "private_key")
	wantSecret(t, r, "密码＝ｈｕｎｔｅｒ２２", "ｈｕｎｔｅｒ２２", "password")
}

func TestOnlyPhrasesAndPrivateKeysAreFinal(t *testing.T) {
	r := New(Options{})
	rng := rand.New(rand.NewPCG(13, 14))
	for _, c := range secretCases() {
		_, found := r.Mask(strings.Replace(c.text, "{}", c.make(rng), 1))
		want := c.rule == "private_key" || c.rule == "keystore"
		if len(found) != 1 || found[0].Final != want {
			t.Errorf("%s: %+v, want Final %v", c.name, found, want)
		}
	}
}

func TestTheDigestKnowsTheSecretAgain(t *testing.T) {
	key := strings.Repeat("ab12", 16)
	digest := func(r *Redactor, text string) string {
		_, found := r.Mask(text)
		if len(found) != 1 {
			t.Fatalf("%q: %+v", text, found)
		}
		return found[0].Digest
	}
	a, b := New(Options{Key: []byte("a")}), New(Options{Key: []byte("b")})
	if digest(a, "private key 0x"+key) != digest(a, "私钥："+strings.ToUpper(key)) {
		t.Error("the same key written differently has another digest")
	}
	if digest(a, "private key "+key) == digest(b, "private key "+key) {
		t.Error("the digest does not depend on the key")
	}
	if got := digest(New(Options{}), "private key "+key); got != "" {
		t.Errorf("digest %q without a key", got)
	}
}

func TestLast3TellsLittleOfShortSecrets(t *testing.T) {
	for text, want := range map[string]string{
		"password=hunter22":                "22",
		"password=abcd":                    "d",
		"password=correct-horse-staple-9":  "e-9",
		"私钥：" + strings.Repeat("ab12", 16): "b12",
	} {
		_, found := New(Options{}).Mask(text)
		if len(found) != 1 || found[0].Last3 != want {
			t.Errorf("%q: %+v, want %q", text, found, want)
		}
	}
}

func TestASecretThatShowsOnlyOnceItsNeighbourIsMaskedGoesToo(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 16))
	text := versioned("\x04\x88\xad\xe4", 74, "")(rng) + versioned("\x80", 32, "\x01")(rng)
	masked, found := New(Options{}).Mask(text)
	if len(found) != 2 || masked != "‹private_key ···›‹private_key ···›" {
		t.Errorf("%q, %+v", masked, found)
	}
}

func TestOffsetsFallOnWholeCharacters(t *testing.T) {
	wif := versioned("\x80", 32, "")(rand.New(rand.NewPCG(17, 18)))
	if wif[0] != '5' {
		t.Fatalf("%q does not begin with 5", wif)
	}
	secret := "⑮" + wif[1:] // ⑮ reads 15
	wantSecret(t, New(Options{}), "key "+secret+" end", secret, "private_key")
}
