package redact

import (
	"encoding/base64"
	"strings"
)

// apiKey describes keys with a prefix of their own: at least min and at most max
// characters that fit follow, and the word ends there.
type apiKey struct {
	prefix   string
	fits     func(byte) bool
	min, max int
	whose    string // for the list of rules
}

func isUpperAlnum(c byte) bool { return 'A' <= c && c <= 'Z' || isDigit(c) }

func isLowerHex(c byte) bool { return isDigit(c) || 'a' <= c && c <= 'f' }

// apiKeys lists the forms that the issuers document or that their scanners look
// for. A form is enough: where a key carries a checksum and it is wrong, it was
// mistyped and is still most of a key.
func apiKeys() []apiKey {
	dotted := func(c byte) bool { return isToken(c) || c == '.' }
	return []apiKey{
		{"AKIA", isUpperAlnum, 16, 16, "AWS access key id"}, {"ASIA", isUpperAlnum, 16, 16, "AWS temporary key id"},
		{"ABIA", isUpperAlnum, 16, 16, "AWS bearer token id"}, {"ACCA", isUpperAlnum, 16, 16, "AWS context key id"},
		{"AIza", isToken, 35, 35, "Google API key"}, {"GOCSPX-", isToken, 28, 28, "Google OAuth client secret"}, {"ya29.", dotted, 30, 255, "Google access token"},
		{"LTAI", isAlnum, 12, 26, "阿里云 AccessKey"}, {"AKID", isAlnum, 32, 36, "腾讯云 SecretId"}, {"ALTAK", isAlnum, 16, 32, "百度智能云 AccessKey"},
		{"dop_v1_", isLowerHex, 64, 64, "DigitalOcean token"}, {"doo_v1_", isLowerHex, 64, 64, "DigitalOcean OAuth token"}, {"dor_v1_", isLowerHex, 64, 64, "DigitalOcean refresh token"},
		{"dapi", isLowerHex, 32, 32, "Databricks token"}, {"hvs.", isToken, 24, 255, "Vault token"}, {"glc_", isBase64, 32, 400, "Grafana Cloud token"}, {"glsa_", isToken, 32, 64, "Grafana service account token"},
		{"ghp_", isAlnum, 36, 255, "GitHub token"}, {"gho_", isAlnum, 36, 255, "GitHub OAuth token"}, {"ghu_", isAlnum, 36, 255, "GitHub user token"},
		{"ghs_", isAlnum, 36, 255, "GitHub server token"}, {"ghr_", isAlnum, 36, 255, "GitHub refresh token"}, {"github_pat_", isToken, 22, 255, "GitHub fine-grained token"},
		{"glpat-", dotted, 20, 255, "GitLab token"}, {"gldt-", isToken, 20, 64, "GitLab deploy token"}, {"glrt-", dotted, 20, 255, "GitLab runner token"},
		{"glptt-", isAlnum, 40, 40, "GitLab trigger token"}, {"glcbt-", dotted, 20, 80, "GitLab job token"}, {"glsoat-", isToken, 20, 64, "GitLab SCIM token"}, {"glft-", isToken, 20, 64, "GitLab feed token"},
		{"ATATT3", func(c byte) bool { return isToken(c) || c == '=' }, 40, 255, "Atlassian token"}, {"dckr_pat_", isToken, 27, 40, "Docker Hub token"},
		{"npm_", isAlnum, 36, 36, "npm token"}, {"pypi-", isToken, 50, 255, "PyPI token"}, {"rubygems_", isLowerHex, 48, 48, "RubyGems key"},
		{"xoxb-", isToken, 10, 255, "Slack bot token"}, {"xoxp-", isToken, 10, 255, "Slack user token"}, {"xoxa-", isToken, 10, 255, "Slack app token"},
		{"xoxs-", isToken, 10, 255, "Slack session token"}, {"xoxr-", isToken, 10, 255, "Slack refresh token"}, {"xapp-", isToken, 20, 255, "Slack app-level token"},
		{"sk_live_", isAlnum, 16, 128, "Stripe secret key"}, {"rk_live_", isAlnum, 16, 128, "Stripe restricted key"}, {"sk_test_", isAlnum, 16, 128, "Stripe test key"}, {"whsec_", isBase64, 24, 80, "webhook secret"},
		{"shpat_", isHex, 32, 32, "Shopify token"}, {"shpss_", isHex, 32, 32, "Shopify secret"}, {"shpca_", isHex, 32, 32, "Shopify custom app token"}, {"sq0csp-", isToken, 43, 43, "Square secret"}, {"sq0atp-", isToken, 22, 22, "Square token"},
		{"SK", isLowerHex, 32, 32, "Twilio API key"}, {"SG.", dotted, 40, 80, "SendGrid key"}, {"key-", isLowerHex, 32, 32, "Mailgun key"}, {"re_", isToken, 24, 48, "Resend key"},
		{"hf_", isAlnum, 30, 40, "Hugging Face token"}, {"sk-proj-", isToken, 20, 255, "OpenAI project key"}, {"sk-svcacct-", isToken, 20, 255, "OpenAI service key"}, {"sk-admin-", isToken, 20, 255, "OpenAI admin key"},
		{"sk-ant-", isToken, 20, 255, "Anthropic key"}, {"sk-or-v1-", isLowerHex, 64, 64, "OpenRouter key"}, {"sk-", isAlnum, 32, 64, "OpenAI or DeepSeek key"}, {"gsk_", isAlnum, 48, 60, "Groq key"},
		{"xai-", isAlnum, 70, 90, "xAI key"}, {"r8_", isAlnum, 37, 40, "Replicate token"}, {"pplx-", isAlnum, 40, 64, "Perplexity key"},
		{"lin_api_", isAlnum, 32, 48, "Linear key"}, {"ntn_", isAlnum, 40, 56, "Notion token"}, {"PMAK-", isToken, 50, 70, "Postman key"}, {"figd_", isToken, 36, 60, "Figma token"}, {"sbp_", isLowerHex, 40, 40, "Supabase token"},
		{"NRAK-", isUpperAlnum, 27, 27, "New Relic key"}, {"sntrys_", isBase64, 40, 400, "Sentry token"}, {"heed_", isToken, 40, 80, "Heed token"},
	}
}

func (k apiKey) find(v *view) []hit {
	var hits []hit
	eachIndex(v.plain, k.prefix, func(i int) int {
		if i > 0 && isToken(v.plain[i-1]) {
			return i
		}
		end := runEnd(v.plain, i+len(k.prefix), k.fits)
		for end > i && strings.IndexByte(".-_", v.plain[end-1]) >= 0 { // the end of a sentence
			end--
		}
		n := end - i - len(k.prefix)
		if n < k.min || n > k.max || end < len(v.plain) && isAlnum(v.plain[end]) {
			return i
		}
		if longestRun(v.plain[i+len(k.prefix):end], isDigit) == 0 { // words, not a key
			return i
		}
		hits = append(hits, hit{start: i, end: end})
		return end
	})
	return hits
}

// urlKeys are keys that stand in the path or the query of an address: whoever has
// the address has the key. Where the host says too little, sign is what must stand
// in front of the key.
type urlKey struct {
	before   string
	fits     func(byte) bool
	min, max int
	whose    string
}

func urlKeys() []urlKey {
	path := func(c byte) bool { return isToken(c) || c == '/' }
	return []urlKey{
		{"hooks.slack.com/services/", path, 30, 90, "Slack webhook"},
		{"discord.com/api/webhooks/", path, 60, 120, "Discord webhook"}, {"discordapp.com/api/webhooks/", path, 60, 120, "Discord webhook"},
		{"open.feishu.cn/open-apis/bot/v2/hook/", isToken, 30, 40, "飞书 webhook"}, {"open.larksuite.com/open-apis/bot/v2/hook/", isToken, 30, 40, "Lark webhook"},
		{"qyapi.weixin.qq.com/cgi-bin/webhook/send?key=", isToken, 30, 40, "企业微信 webhook"},
		{"oapi.dingtalk.com/robot/send?access_token=", isHex, 64, 64, "钉钉 webhook"},
		{".infura.io/v3/", isLowerHex, 32, 32, "Infura key"}, {".infura.io/ws/v3/", isLowerHex, 32, 32, "Infura key"}, {".g.alchemy.com/v2/", isToken, 32, 40, "Alchemy key"},
		{".quiknode.pro/", isLowerHex, 40, 64, "QuickNode key"},
	}
}

func (k urlKey) find(v *view) []hit {
	var hits []hit
	eachIndex(v.lower, k.before, func(i int) int {
		start := i + len(k.before)
		end := runEnd(v.plain, start, k.fits)
		for end > start && strings.IndexByte("/-_", v.plain[end-1]) >= 0 {
			end--
		}
		if n := end - start; n < k.min || n > k.max {
			return i
		}
		hits = append(hits, hit{start: start, end: end})
		return end
	})
	return hits
}

// findTelegram finds the tokens of Telegram bots: the bot's number, a colon and 35
// characters, of which the first are AA.
func findTelegram(v *view) []hit {
	var hits []hit
	eachIndex(v.plain, ":AA", func(i int) int {
		start := i
		for start > 0 && isDigit(v.plain[start-1]) {
			start--
		}
		end := runEnd(v.plain, i+1, isToken)
		if n := i - start; n < 8 || n > 10 || end-i-1 != 35 || start > 0 && isAlnum(v.plain[start-1]) && !strings.HasSuffix(v.lower[:start], "bot") {
			return i
		}
		hits = append(hits, hit{start: start, end: end})
		return end
	})
	return hits
}

// findDiscord finds the tokens of Discord bots: three parts, of which the first is
// the bot's number in base64.
func findDiscord(v *view) []hit {
	var hits []hit
	for i := 0; i < len(v.plain); i++ {
		if strings.IndexByte("MNO", v.plain[i]) < 0 || i > 0 && (isToken(v.plain[i-1]) || v.plain[i-1] == '.') {
			continue
		}
		first := runEnd(v.plain, i, isToken)
		if n := first - i; n < 23 || n > 28 || first == len(v.plain) || v.plain[first] != '.' {
			i = max(i, first-1)
			continue
		}
		second := runEnd(v.plain, first+1, isToken)
		if n := second - first - 1; n < 6 || n > 7 || second == len(v.plain) || v.plain[second] != '.' {
			i = first
			continue
		}
		end := runEnd(v.plain, second+1, isToken)
		number, err := base64.RawURLEncoding.DecodeString(v.plain[i:first])
		if err == nil && runEnd(string(number), 0, isDigit) == len(number) && end-second > 27 {
			hits = append(hits, hit{start: i, end: end})
		}
		i = end - 1
	}
	return hits
}

// findAzure finds what opens Azure: the storage account's key, 64 bytes in base64,
// the signature of a shared access URL, and the secret of an application.
func findAzure(v *view) []hit {
	var hits []hit
	eachIndex(v.plain, "==", func(i int) int { // a storage key ends so
		end := i + 2
		start := i
		for start > 0 && i-start < 87 && isBase64(v.plain[start-1]) && v.plain[start-1] != '=' {
			start--
		}
		if i-start != 86 {
			return i
		}
		if b, err := base64.StdEncoding.DecodeString(v.plain[start:end]); err == nil && len(b) == 64 {
			hits = append(hits, hit{start: start, end: end})
			return end
		}
		return i
	})
	eachIndex(v.lower, "sig=", func(i int) int {
		if i == 0 || strings.IndexByte("?&;", v.plain[i-1]) < 0 {
			return i
		}
		start := i + len("sig=")
		end := runEnd(v.plain, start, func(c byte) bool { return isBase64(c) || c == '%' || c == '-' || c == '_' })
		if end-start < 43 || end-start > 80 {
			return i
		}
		hits = append(hits, hit{start: start, end: end})
		return end
	})
	eachIndex(v.plain, "8Q~", func(i int) int {
		start, end := i-3, runEnd(v.plain, i+3, func(c byte) bool { return isToken(c) || c == '.' || c == '~' })
		if start < 0 || !isAlnum(v.plain[start]) || end-i-3 < 31 || end-i-3 > 36 {
			return i
		}
		hits = append(hits, hit{start: start, end: end})
		return end
	})
	return hits
}

// findLabelledSecrets finds keys without a form of their own where the label beside
// them names whose they are: n characters that fit, of more than one kind.
func findLabelledSecrets(labels []string, fits func(byte) bool, sizes ...int) func(*view) []hit {
	return func(v *view) []hit {
		var hits []hit
		for _, label := range labels {
			eachIndex(v.lower, label, func(i int) int {
				from := i + len(label)
				to := ahead(v.lower, from, near+sizes[len(sizes)-1])
				for at := from; at < to; at++ {
					if !fits(v.plain[at]) {
						continue
					}
					end := runEnd(v.plain, at, fits)
					for _, n := range sizes {
						if end-at == n && longestRun(v.plain[at:end], isDigit) > 0 && longestRun(v.lower[at:end], isLower) > 0 {
							hits = append(hits, hit{start: at, end: end})
							return end
						}
					}
					at = end
				}
				return i
			})
		}
		return hits
	}
}
