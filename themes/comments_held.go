package themes

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Why a comment waits for moderation.
const (
	heldLink    = "link"
	heldHandle  = "handle"
	heldAddress = "address"
	heldSecret  = "secret" // it was masked, or reads like one with a slip
)

var (
	links   = regexp.MustCompile(`(?i)\bh(?:tt|xx)ps?://|\bwww\.|\b[a-z0-9-]{2,}\s*(?:\.|\[\.\]|\(\.\)|。)\s*(?:com|net|org|io|me|app|xyz|cn|ru|co|info|link|top|site|online|shop|club|vip|cc|gg|ly|to)\b`)
	mails   = regexp.MustCompile(`(?i)[a-z0-9._%+-]+\s*(?:@|\[at\]|\(at\))\s*[a-z0-9-]+\s*(?:\.|\[\.\])\s*[a-z]{2,}`)
	handles = regexp.MustCompile(`(?i)(?:^|[^a-z0-9_.])@[a-z0-9_]{3,}|\bt\.me\b|\b(?:telegram|whats\s?app|discord|signal|wechat|weixin|vx|skype|viber)\b|(?:微信|加微|威信|薇信|电报群?|飞机号|企鹅号|扣扣|加群|进群|私聊|私信我|联系我)|\bqq\s*[:：群]?\s*\d{5,}`)
	phones  = regexp.MustCompile(`(?:\+|\b00)\d[\d\s().-]{7,}\d|\b1[3-9]\d[ -]?\d{4}[ -]?\d{4}\b|\(?\b\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}\b`)
	wallets = regexp.MustCompile(`\b(?:0x[0-9a-fA-F]{16,}|[0-9a-fA-F]{40,}|(?:bc1|tb1|ltc1|addr1|cosmos1)[0-9a-z]{20,}|[1-9A-HJ-NP-Za-km-z]{32,88})\b`)
)

// heldFor says why a comment of a person waits for moderation, "" when it does not:
// whoever wants to lead others away has to name where to.
func heldFor(text string) string {
	text = norm.NFKC.String(text)
	text = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) { // what is not seen splits no word
			return -1
		}
		return r
	}, text)
	switch {
	case links.MatchString(text), mails.MatchString(text):
		return heldLink
	case wallets.MatchString(text):
		return heldAddress
	case handles.MatchString(text), phones.MatchString(text):
		return heldHandle
	}
	return ""
}

// staffWords in a name claim to speak for the team.
var staffWords = []string{"official", "support", "admin", "administrator", "moderator", "staff", "helpdesk", "customerservice", "security", "team",
	"官方", "客服", "管理员", "工作人员", "技术支持", "版主", "团队"}

// lookAlikes are letters that pass for another; what one case or one alphabet makes
// alike is folded before.
var lookAlikes = strings.NewReplacer("а", "a", "е", "e", "о", "o", "р", "p", "с", "c", "х", "x", "у", "y", "і", "i", "ѕ", "s", "ԁ", "d", "ո", "n", "м", "m", "т", "t", "к", "k", "в", "b", "н", "h",
	"α", "a", "ο", "o", "ρ", "p", "τ", "t", "υ", "u", "ι", "i", "ν", "v", "κ", "k", "ε", "e", "ı", "i", "ł", "l",
	"0", "o", "1", "l", "3", "e", "4", "a", "5", "s", "7", "t", "|", "l", "!", "i", "$", "s", "@", "a", "i", "l")

// folded is a name as an eye in a hurry reads it.
func folded(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(name))
	name = lookAlikes.Replace(name)
	name = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, name)
	return strings.ReplaceAll(name, "rn", "m")
}

// looksLikeStaff reports names that pass for one of the team or for the product.
func looksLikeStaff(name string, taken []string) bool {
	n := folded(name)
	if n == "" {
		return false
	}
	for _, s := range taken {
		if f := folded(s); f != "" && (n == f || len([]rune(f)) >= 4 && strings.Contains(n, f)) {
			return true
		}
	}
	for _, w := range staffWords {
		f := folded(w)
		if n == f || strings.HasPrefix(n, f) || strings.HasSuffix(n, f) {
			return true
		}
	}
	return false
}
