package intake

import (
	"regexp"
	"strings"
)

// A reply of ours never asks for a secret: whoever asks for one is a thief, or has
// taught people to believe thieves. Sentences are looked at one by one. A verb of
// telling must govern the secret itself ("send us your seed phrase"), so that
// advice on where to type it, or on what to leave out of a log, passes; a sentence
// that warns or looks back passes too.

const secretEN = `(?:(?:seed|recovery|secret|backup|mnemonic|wallet)(?: recovery)? ?(?:phrases?|words?)|seeds?|mnemonics?|private keys?|secret keys?|keystore(?: file)?|passwords?|passcodes?|pass ?phrases?|pin(?: codes?)?|(?:12|24|twelve|twenty-four)[ -]words?(?: phrases?)?|(?:verification|sign-?in|log-?in|one-?time|2fa|otp|sms) codes?)`

const fillEN = `(?:(?:(?:a|an|the|your|ur|his|her|their|all|full|complete|whole|own|existing|old|new|current|wallet|wallet's|account|12|24|twelve|of|these|those|exact|entire|photo|picture|screenshot|copy|scan|list|words?|in|also|both|address(?:es)? and|e-?mail and|name and) ?)){0,7}`

var (
	asksEN = regexp.MustCompile(`\b(?:send|give|tell|share|show (?:me|us)|provide|submit|forward|text|dm|message|e-?mail|post|attach|upload|reply with|respond with|disclose|reveal|confirm|verify|supply|let (?:me|us) (?:know|have|see))(?: (?:me|us|here|over|to (?:me|us)|our team|our support|back|please))*(?: with)? ` + fillEN + secretEN + `\b` +
		`|\b(?:enter|type|paste|put|write|fill in|input) ` + fillEN + secretEN + ` (?:here|below|in (?:your|this|the) (?:reply|chat|e-?mail|message|ticket|thread|conversation|form below)|at this link)\b` +
		`|\b(?:i|we|our team|support) (?:will |would |just |only |still )*(?:need|require|want|ask for)s?(?: to (?:know|see|have|check))? ` + fillEN + secretEN + `\b` +
		`|\b(?:what|which)(?: is|'s|’s| are) (?:your|the|ur) ` + fillEN + secretEN + `(?: please)?$` +
		`|\b(?:can|could|may) (?:i|we) (?:have|get|see) ` + fillEN + secretEN + `\b`)

	passesEN = regexp.MustCompile(`\b(?:never|not|no one|nobody|none|neither|avoid|without|beware|scam\w*|phish\w*|fraud\w*|thie\w+|whoever|anyone who|anybody who|someone who|if (?:anyone|anybody|someone|somebody)|asks? you|asked you|asking you|(?:did|have|had|has) (?:you|anyone|anybody|somebody|someone)\b|(?:to|with) (?:anyone|anybody|someone|somebody|strangers|others|a website|any website|any site|a site))\b|n['’]t\b`)

	secretZH = `(?:助记词|恢复短语|恢复词|助记符|种子短语|私钥|明文私钥|密钥文件|keystore|(?:钱包|支付|登录|交易|资金|账户|账号)?密码|口令|(?:短信|邮箱|登录|手机|动态|谷歌)?验证码|pin ?码)`
	fillZH   = `(?:给|到|送|至|一下|下|来|出来|我们?|客服|这里|这边|过来|您的?|你的?|的|完整|全部|所有|当前|原来|钱包|12|24|十二|二十四|个|位|单词|截图|照片|副本|[ ，,：:“”"])*`

	asksZH = regexp.MustCompile(`(?:发送|发|提供|告诉|告知|给|贴|截图|拍照|上传|回复|私信|报|交|出示|填写|核对|确认|说)` + fillZH + secretZH +
		`|` + secretZH + `(?:和[^，。]{1,6}|、[^，。]{1,6})?(?:也|都|请|再)?(?:发送|发|提供|告诉|告知|贴|截图|拍照|上传|私信|报)(?:给|到|一下|下|我|过来|至|出来|客服|这里)` +
		`|(?:把|将)` + fillZH + secretZH + `[^，。]{0,6}(?:发|提供|告诉|告知|贴|截|上传|私信|报|给我|交)` +
		`|(?:您|你)的?` + fillZH + secretZH + `(?:是(?:什么|多少|啥|哪些?)|是\?|是？)` +
		`|(?:需要|要|索取|看一下|看下)(?:知道|查看|核对|用到|一下)?(?:您|你)的?` + fillZH + secretZH + `(?:$|[，。,.]|才能|来|以便|核实|验证)`)

	passesZH = regexp.MustCompile(`不要|不会|不能|不得|不应|不可|不需|不用|无需|无须|切勿|请勿|勿|别|绝不|绝对不|从不|永不|永远不|避免|禁止|防止|以免|任何人|他人|别人|陌生|骗|诈|钓鱼|冒充|假冒|凡是|如有人|若有人|谁要|索要|是否|有没有|曾|过给|过吗|过了|给过|发过[^来]|发过$|说过|提供过|填过|泄露|泄漏|泄密`)

	// What is only about a secret: the field it is typed into, an error that names it.
	about = regexp.MustCompile(secretEN + ` (?:reset|field|manager|screen|page|prompt|error|dialog|form|import|export|step|issue|problem|setting|strength|box|button|menu|hint|feature|format|length|input|change)\w*|` +
		secretZH + `(?:页面|界面|输入框|框|错误|问题|报错|提示|重置|功能|设置|强度|格式|长度|(?:导入|导出|备份|恢复|输入|修改)(?:时|页|界面|失败|报错|的|功能|流程|步骤|后|之后))`)

	sentenceEnd = regexp.MustCompile(`[.!?;](?:\s|$)|[\n。！？；]+|\?`)
	spaces      = regexp.MustCompile(`\s+`)
)

// AsksForSecret reports whether a text asks its reader for a seed phrase, a private
// key, a password or a code.
func AsksForSecret(text string) bool {
	for _, s := range sentenceEnd.Split(strings.ToLower(text), -1) {
		s = about.ReplaceAllString(strings.TrimSpace(spaces.ReplaceAllString(s, " ")), "·")
		if asksEN.MatchString(s) && !passesEN.MatchString(s) || asksZH.MatchString(s) && !passesZH.MatchString(s) {
			return true
		}
	}
	return false
}
