package themes

import (
	"regexp"
	"slices"
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
	links = regexp.MustCompile(`(?i)\bh(?:tt|xx)ps?://|\bwww\.|\b[a-z0-9-]{2,}(?:\.|\[\.\]|\(\.\)|。|点)(?:com|net|org|io|me|app|xyz|cn|ru|co|info|link|top|site|online|shop|club|vip|cc|gg|ly|to)\b` +
		`|\b[a-z0-9-]{2,}\s*(?:\.|\[\.\]|\(\.\)|。)\s*(?:com|org|xyz|cn|ru|cc|vip)\b` + // apart, only what begins no sentence
		`|\b[a-z0-9-]{2,}\s*[\[({]\s*(?:dot|点)\s*[\])}]\s*[a-z]{2,}\b|\b[a-z0-9-]{3,} (?:dot|d0t) (?:com|org|xyz|ru|cc|vip|top|io)\b`)
	mails   = regexp.MustCompile(`(?i)[a-z0-9._%+-]+\s*(?:@|\[at\]|\(at\))\s*[a-z0-9-]+\s*(?:\.|\[\.\])\s*[a-z]{2,}`)
	handles = regexp.MustCompile(`(?i)(?:^|[^a-z0-9_.])@[a-z0-9_]{3,}|\bt\.me\b|\b(?:telegram|whats\s?app|discord|wechat|weixin|vx|skype|viber)\b|\b(?:on|via|my|use) signal\b|\bsignal (?:me|group|number)\b` +
		`|(?:微信|[加我]威信|薇信|徽信|嶶信|[vV]信|电报群?|飞机号|企鹅号|扣扣|加群|进群|私聊|私信我)|加[微薇威徽vV](?:[^\p{Han}a-zA-Z]|$)|联系我(?:[^们]|$)|\bqq\s*[:：群]?\s*\d{5,}`)
	phones  = regexp.MustCompile(`(?:\+|\b00)\d[\d\s().-]{7,}\d|\b1[3-9]\d[ -]?\d{4}[ -]?\d{4}\b|\(?\b\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}\b`)
	wallets = regexp.MustCompile(`\b(?:0x[0-9a-fA-F]{16,}|[0-9a-fA-F]{40,}|(?:bc1|tb1|ltc1|addr1|cosmos1)[0-9a-z]{20,}|[1-9A-HJ-NP-Za-km-z]{32,88})\b`)
)

// wishes are what people ask of the product by the same names: they lead nowhere.
var wishes = regexp.MustCompile(`(?i)微信(?:支付|登录|登陆|分享|通知|小程序|公众号|扫码|授权|推送|绑定|提醒|收款)|\b(?:sign|log)(?:ging|ing)?[ -]?in (?:with|via|by|using) (?:telegram|wechat|discord|whatsapp)\b` +
	`|\b(?:telegram|wechat|discord|whatsapp) (?:pay|login|bots?|integrations?|alerts?|notifications?|exports?|imports?|support|webhooks?)\b`)

// apart are letters with something between each of them; hanApart are such Han.
var (
	apart    = regexp.MustCompile(`(?i)(?:^|[^a-z0-9])((?:[a-z0-9.@]\.?[ _*~·|/-]{1,2}|[a-z0-9]\.){3,}(?:\.[a-z]{2,4}|[a-z0-9@]))(?:[^a-z0-9]|$)`)
	between  = regexp.MustCompile(`[ _*~·|/-]+`)
	hanApart = regexp.MustCompile(`(\p{Han})[ .·*_~|/-]+(\p{Han})`)
)

// services are where others are led to, as an eye in a hurry reads them.
var services = func() (out []string) {
	for _, s := range []string{"telegram", "whatsapp", "wechat", "weixin", "discord", "viber", "skype"} {
		out = append(out, folded(s))
	}
	return out
}()

// disguised are other readings of a text: with letters of other alphabets read as ours,
// and with what stands apart read as the word that it is.
func disguised(text string) []string {
	plain := foreign.Replace(strings.ToLower(text))
	joined := apart.ReplaceAllStringFunc(plain, func(s string) string {
		s = between.ReplaceAllString(s, "")
		if strings.Count(s, ".") > 3 { // a dot between each
			s = strings.ReplaceAll(s, ".", "")
		}
		return " " + s + " "
	})
	for range 2 { // each match takes the character that the next begins with
		joined = hanApart.ReplaceAllString(joined, "$1$2")
	}
	return []string{plain, joined}
}

// namesService reports words that pass for the name of a service.
func namesService(text string) bool {
	for w := range strings.FieldsFuncSeq(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("|!$@", r) || unicode.Is(unicode.Han, r)
	}) {
		if f := strings.ReplaceAll(folded(w), "vv", "w"); slices.Contains(services, f) {
			return true
		}
	}
	return false
}

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
	if wallets.MatchString(text) && !links.MatchString(text) {
		return heldAddress
	}
	for _, reading := range append([]string{text}, disguised(text)...) {
		reading = wishes.ReplaceAllString(reading, " ")
		switch {
		case links.MatchString(reading), mails.MatchString(reading):
			return heldLink
		case handles.MatchString(reading), phones.MatchString(reading), namesService(reading):
			return heldHandle
		}
	}
	return ""
}

// staffWords in a name claim to speak for the team.
var staffWords = []string{"official", "support", "admin", "administrator", "moderator", "staff", "helpdesk", "customerservice", "security", "team",
	"官方", "客服", "管理员", "工作人员", "技术支持", "版主", "团队"}

// lookAlikes are letters that pass for another; what one case or one alphabet makes
// alike is folded before.
var lookAlikes = strings.NewReplacer(append(slices.Clone(alphabets),
	"0", "o", "1", "l", "3", "e", "4", "a", "5", "s", "7", "t", "|", "l", "!", "i", "$", "s", "@", "a", "i", "l")...)

// foreign reads only the letters of other alphabets as ours.
var foreign = strings.NewReplacer(alphabets...)

var alphabets = []string{"а", "a", "е", "e", "о", "o", "р", "p", "с", "c", "х", "x", "у", "y", "і", "i", "ѕ", "s", "ԁ", "d", "ո", "n", "м", "m", "т", "t", "к", "k", "в", "b", "н", "h",
	"α", "a", "ο", "o", "ρ", "p", "τ", "t", "υ", "u", "ι", "i", "ν", "v", "κ", "k", "ε", "e", "ı", "i", "ł", "l"}

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
