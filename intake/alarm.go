package intake

import (
	"regexp"
	"strings"

	"golang.org/x/text/width"

	"github.com/heedhq/heed/models"
)

// The words by which somebody reports that assets were stolen, or that the product
// can be attacked. A wish, a fear and a "what if" use the same words: they are told
// by what stands before them, in the same clause or, for a condition, in the same
// sentence. Better a false alarm than a missed one: a question about one's own
// wallet ("was my wallet hacked?") alarms.
var (
	// alarmHints is a prefilter: without one of them nothing below can match.
	alarmHints = []string{"stol", "steal", "hack", "drain", "emptied", "compromis", "phish", "scam", "swept", "unauthori", "authoris", "authoriz", "sign", "approve", "without my", "robbed", "vulnerab", "security", "exploit",
		"xss", "csrf", "ssrf", "injection", "rce", "remote code", "zero-day", "zero day", "0day", "0-day", "disclos", "bypass",
		"盗", "盜", "偷", "黑", "骗", "騙", "转走", "轉走", "转移", "轉移", "清空", "洗劫", "钓鱼", "釣魚", "漏洞", "越权", "越權", "注入", "绕过", "繞過", "安全", "操作", "授权", "授權", "签名", "簽名"}

	own    = `(?:my|our|his|her|their|all (?:of )?(?:my|our|the)|the (?:customer|user|client)['’]?s?|customer['’]?s?|user['’]?s?)`
	assets = `(?:wallets?|accounts?|funds?|coins?|crypto|money|assets?|tokens?|nfts?|balance|savings|btc|bitcoins?|eth|ether|usdt|usdc|sol|trx|bnb|seed(?: phrase)?|recovery phrase|private keys?)`
	taken  = `(?:stolen|hacked|drained|emptied|compromised|swept|phished|robbed)`
	stolen = regexp.MustCompile(`\b` + own + `\s(?:[\w$.,]+\s){0,3}?` + assets + `\s(?:[\w$.,]+\s){0,4}?(?:got|was|were|is|are|has been|have been|had been|are being|is being|been|being)\s(?:just\s|all\s|completely\s)?` + taken + `\b` +
		`|\b(?:was|were|is|are|has|have|did|got)\s` + own + `\s(?:[\w$.,]+\s){0,3}?` + assets + `\s(?:been\s|get\s)?` + taken + `\b` +
		`|\b(?:stole|drained|emptied|hacked|swept|phished|stealing|draining|hacking)\s(?:all\s)?(?:of\s)?(?:everything|[\d.,]+\s?` + assets + `|` + own + `\s(?:[\w$.,]+\s){0,3}?` + assets + `)` +
		`|\b(?:i|we)(?:['’]ve|\shave)?\s(?:got|been|was|were|just got|have been)\s(?:hacked|scammed|phished|robbed|drained)\b` +
		`|\b(?:someone|somebody|hackers?|thief|thieves|scammers?|attackers?|they)\s(?:has\s|have\s|just\s)?(?:stole|stolen|took|taken|drained|emptied|transferred|withdrew|hacked)\s(?:all\s)?(?:of\s)?(?:everything|the funds|` + own + `\s(?:[\w$.,]+\s){0,3}?` + assets + `)` +
		`|\b(?:i|he|she|we|they|customer|user)\s(?:did not|didn['’]t|never)\s(?:sign|signed|authori[sz]ed?|approved?)\s(?:it|this|that|them|any|the (?:transfer|transaction|withdrawal))\b` +
		`|\b(?:unauthori[sz]ed|fraudulent)\s(?:transfers?|transactions?|withdrawals?)\b|\b(?:transferred|withdrawn|moved|sent|gone)\s(?:out\s|away\s)?without my (?:permission|consent|knowledge|authori[sz]ation)`)
	stolenZH = regexp.MustCompile(`(?:资产|資產|币|幣|钱|錢|账户|帳戶|账号|帳號|帐号|usdt|usdc|eth|btc|trx|bnb|代币|代幣|余额|餘額|nft|资金|資金|助记词|助記詞|私钥|私鑰)[^，。！？；,.!?;\n]{0,10}?(?:被(?:人|黑客|駭客|别人|別人|骗子|騙子|陌生人|全部|都|给|給|恶意|惡意)*(?:盗|盜|偷|转走|轉走|转移|轉移|转出|轉出|骗|騙|黑|清空|洗劫)|失窃|失竊)` +
		`|(?:我|我们|我們|客户|客戶|用户|用戶)[^，。！？；,.!?;\n]{0,6}?被(?:人|黑客|骗子|騙子)?(?:盗|盜|骗|騙|黑了|钓鱼|釣魚|洗劫)` +
		`|(?:黑客|駭客|骗子|騙子|有人|别人|別人|对方|對方|小偷)[^，。！？；,.!?;\n]{0,8}?(?:转走|轉走|盗走|盜走|偷走|骗走|騙走|盗取|盜取|盗了|盜了|偷了|清空)` +
		`|(?:不是|并非)(?:我|本人)(?:本人)?(?:操作|转|轉|授权|授權)|(?:我|本人)(?:并)?(?:没有|沒有|未)(?:操作|授权|授權|签名|簽名)` +
		`|被(?:盗|盜)(?:了|号|號|刷|币|幣|取)|(?:币|幣|钱|錢|资产|資產|全部|都)(?:被)?(?:盗走|盜走|偷走|洗劫一空)`)
	weakness = regexp.MustCompile(`\b(?:found|find|discovered|discover|report|reporting|noticed|identified|spotted|there is|there's|has|have|disclose|disclosing|submit)\s(?:[\w-]+\s){0,5}?(?:vulnerabilit(?:y|ies)|security (?:issue|flaw|hole|bug|problem|weakness)|exploit|zero[- ]day|0[- ]?day)\b` +
		`|\b(?:xss|csrf|ssrf|idor|sql injection|remote code execution|rce)\b|\bresponsible disclosure\b|\bauth(?:entication|orization)? bypass\b`)
	weaknessZH = regexp.MustCompile(`(?:发现|發現|存在|有个|有個|有一个|有一個|报告|報告|提交|反馈|反饋|上报|上報)[^，。！？；,.!?;\n]{0,12}?(?:漏洞|安全缺陷|安全隐患|安全隱患|后门|後門)|越权(?:访问|漏洞|操作)|越權(?:訪問|漏洞)|(?:sql|脚本|命令) ?注入|绕过(?:了)?(?:验证|认证|登录|密码)|(?:xss|csrf|ssrf|rce) ?漏洞`)

	// A condition counts for the whole sentence, a fear or a wish for its clause.
	condition = regexp.MustCompile(`\b(?:what if|what happens (?:if|when)|in case|even if|suppose|imagine|if (?:my|our|the|a|an|your|someone|somebody|it|i get|i am|i['’]m|anyone|hackers?|they)|when(?:ever)? (?:my|a|an|the|your|someone|somebody)\s(?:[\w]+\s){0,3}?(?:is|gets|are|get)\b)|如果|万一|萬一|假如|假设|假設|要是|倘若|若是|若被|一旦|的话|的話`)
	fear      = regexp.MustCompile(`\b(?:can|could|might|may|would|will|cannot|can['’]t|won['’]t|wouldn['’]t|never (?:be|get)|not (?:be|get)|isn['’]t|wasn['’]t|weren['’]t|prevent\w*|protect\w*|avoid\w*|afraid|worr\w+|scared|risk|so that|without (?:being|getting)|from being|to be|safe from|do you have|is there|are there|fixed?|patched|news|heard|read (?:about|that))\b` +
		`|会不会|會不會|会被|會被|能不能|可能|防止|避免|防范|防|担心|擔心|害怕|怕|以防|是否|容易|不会|不會|没有被|沒有被|没被|沒被|有没有|有沒有|预防|預防|风险|風險|保护|保護|免得|新闻|新聞|听说|聽說|修复|修復`)
)

// alarming tells whether a text reports stolen assets or a weakness of the product,
// "" for neither. It reads what is left after masking.
func alarming(text string) models.Cause {
	text = strings.ToLower(width.Narrow.String(text))
	if !containsAny(text, alarmHints) {
		return ""
	}
	cause := models.Cause("")
	for sentence := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune("\n\r!?;。！？；｡", r) }) {
		for sentence := range strings.SplitSeq(sentence, ". ") {
			switch {
			case reports(sentence, stolen) || reports(sentence, stolenZH):
				return models.CauseStolen
			case reports(sentence, weakness) || reports(sentence, weaknessZH):
				cause = models.CauseVulnerability
			}
		}
	}
	return cause
}

// reports tells whether a sentence matches without being a condition, a fear or a
// wish.
func reports(sentence string, what *regexp.Regexp) bool {
	for from := 0; from < len(sentence); {
		at := what.FindStringIndex(sentence[from:])
		if at == nil {
			return false
		}
		start, end := from+at[0], from+at[1]
		clause := start
		for clause > 0 && !strings.ContainsRune(",:，：、", rune(sentence[clause-1])) && !strings.HasSuffix(sentence[:clause], "，") && !strings.HasSuffix(sentence[:clause], "：") {
			clause--
		}
		if !condition.MatchString(sentence[:end]) && !fear.MatchString(sentence[clause:end]) {
			return true
		}
		from = end
	}
	return false
}

func containsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}
