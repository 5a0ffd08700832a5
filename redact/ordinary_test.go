package redact

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestOrdinaryTextIsLeftAlone(t *testing.T) {
	hash := strings.Repeat("9f3c", 16)
	for _, text := range []string{
		"", " ", "\xff\xfe", "‹", "‹seed_phrase ···›", "‹seed_phrase ···›\n‹password ···›",
		"Please add dark mode to the wallet, the white screen hurts at night.",
		"I forgot my password: the reset mail never comes.",
		"Password: must be at least 8 characters. The password field = too short!",
		"Set password=<your password> or password=${DB_PASSWORD} or password=********",
		"The secret key is where? My private key page is blank, and the seed phrase screen too.",
		"How do I export my private key and seed phrase of 12 or 24 words?",
		"the app should never show again this photo when people wait there because they just want some help now",
		"people always want more time because they just work all day then walk home very slow again tomorrow night",
		"abandon ability able about above absent absorb abstract absurd abuse access accident",
		"tx 0x" + hash + " is pending for two days",
		"Transaction hash: " + hash + ", block hash 0x" + hash,
		"I still have my private key, but tx 0x" + hash + " never arrived",
		"private key import works; transaction id " + hash,
		"tx 0x" + hash + " was not signed by my private key",
		"交易哈希：0x" + hash + "，一直在确认中",
		"私钥没问题，但是交易 0x" + hash + " 一直不到账",
		"sha256 " + hash, hash,
		"0x52908400098527886E0F7030069857D2E4169EE7", "private key of 0x52908400098527886E0F7030069857D2E4169EE7",
		"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa and bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
		"xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8",
		"-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ0Jx\n-----END CERTIFICATE-----",
		"-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----",
		"My file begins with -----BEGIN RSA PRIVATE KEY----- and is refused.",
		"https://example.test/a?b=c:d@e and mailto:ann@example.test and https://ann@example.test/",
		"sk_live_ keys start with sk_live_ and AKIA is for AWS, ghp_ for GitHub",
		"eyJ is how a token begins. eyJhbGciOiJIUzI1NiJ9 alone is only its header.",
		"希望增加夜间模式的开关，晚上用太亮了。",
		"忘记密码：无法找回，请问怎么办？密码：8-16位，必须包含数字和字母",
		"我的助记词导入失败了，提示格式不对，怎么办？",
		"密码是123吗？口令为空可以吗？",
		"我想把钱包里的币转出去了，但是一直不成功，请问这是什么原因？我们已经等了一个多小时了，还是没有到账。",
		"使 用 手 机 播 放 音 乐", "为什么转账这么慢呢我等了三天了还没有收到",
		"為什麼轉帳這麼慢，我等了三天還沒有收到，請問該怎麼辦？",
		"请问一下，这个月的账单什么时候可以出来？\n我想提前还款，但是页面上没有这个选项。\n谢谢。",
	} {
		wantNothing(t, New(Options{}), text)
	}
}

// The generated corpora are sentences from templates with everyday words: they
// keep the rules honest about runs of list words, which random letters never make.
func TestGeneratedProseStaysBelowTheCeiling(t *testing.T) {
	const texts, ceiling = 20000, 2 // 1 in 10,000
	rng := rand.New(rand.NewPCG(21, 22))
	r := New(Options{})
	english := strings.Fields(englishProse)
	pairs := strings.Fields(hanPairs)[:1600]
	glue := []string{"the", "of", "and", "to", "a", "my", "is", "it", "was", "for"}
	for name, sentence := range map[string]func() string{
		"English": func() string {
			var b []string
			for range 6 + rng.IntN(30) {
				if rng.IntN(3) == 0 {
					b = append(b, glue[rng.IntN(len(glue))])
				} else {
					b = append(b, english[rng.IntN(len(english))])
				}
			}
			return strings.Join(b, " ") + "."
		},
		"Chinese": func() string {
			var b strings.Builder
			for range 3 + rng.IntN(10) {
				b.WriteString(pairs[rng.IntN(len(pairs))])
				if k := rng.IntN(8); k < 4 {
					b.WriteString([]string{"，", "的", "了", "不"}[k])
				}
			}
			return b.String() + "。"
		},
	} {
		masked, warned := 0, 0
		for range texts {
			clean, found := r.Mask(sentence())
			if len(found) > 0 {
				masked++
			}
			if len(r.Warn(clean)) > 0 {
				warned++
			}
		}
		t.Logf("%s: %d of %d texts masked, %d warned of", name, masked, texts, warned)
		if warned > ceiling {
			t.Errorf("%s: %d of %d ordinary texts warned of, want at most %d", name, warned, texts, ceiling)
		}
		if masked > ceiling {
			t.Errorf("%s: %d of %d ordinary texts masked, want at most %d", name, masked, texts, ceiling)
		}
	}
}
