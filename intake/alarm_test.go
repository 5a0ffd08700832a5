package intake

import (
	"testing"

	"github.com/heedhq/heed/models"
)

func TestWhoWasRobbedIsHeard(t *testing.T) {
	for _, text := range []string{
		"My wallet was hacked", "my wallet got hacked!!", "All my funds have been stolen.", "my USDT was stolen last night", "Someone stole my coins", "HELP my crypto wallet has been drained",
		"I was scammed", "I've been hacked, all tokens gone", "they drained my account", "hackers took everything", "Hi. I opened the app today. My 2.5 ETH were stolen. What can I do?",
		"There was an unauthorized transaction from my address", "The customer's wallet was drained", "money was transferred without my permission", "Was my wallet hacked?",
		"If you can help please do, my wallet was hacked", "my seed phrase was stolen", "1,850 USDT left his wallet twenty minutes ago, he did not sign it", "I never authorized this", "Ｍｙ ｗａｌｌｅｔ ｗａｓ ｈａｃｋｅｄ",
		"我的钱包被盗了", "资产被盗怎么办", "我的币被转走了", "币被人偷走了！", "USDT 被盗，求助", "有人把我的钱转走了", "钱包里的币全部被盗", "我被骗了，转了 500 USDT", "账户被黑了", "黑客转走了我所有的 ETH",
		"資產被盜了", "我的幣被轉走", "余额被清空了", "我担心隐私问题，不过昨天钱包被盗了", "助记词被骗走了", "0.8 ETH 被转到陌生地址，本人没有操作", "这笔转账不是我操作的",
	} {
		if got := alarming(text); got != models.CauseStolen {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestWhoFoundAWeaknessIsHeard(t *testing.T) {
	for _, text := range []string{
		"I found a security vulnerability in your app", "Reporting a vulnerability: any user can read others' data", "There is a critical security flaw in the export", "XSS in the comment field",
		"Your login page is vulnerable to CSRF", "responsible disclosure: contact me", "SQL injection in /search",
		"发现一个漏洞，可以看到别人的余额", "我要提交一个安全漏洞", "登录页存在漏洞", "接口有越权访问", "评论区有 XSS 漏洞", "发现可以绕过验证",
	} {
		if got := alarming(text); got != models.CauseVulnerability {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestFearsWishesAndQuestionsAlarmNobody(t *testing.T) {
	for _, text := range []string{
		"", "Please add dark mode", "What if my phone is stolen?", "What happens if my wallet is hacked?", "How do I protect my wallet from being hacked?", "I am afraid my wallet will be hacked",
		"Can my wallet be hacked if I use public wifi?", "Add a PIN so that my funds can't be stolen", "If someone stole my phone, could they empty my wallet?", "My phone was stolen, how do I log in on a new one?",
		"My balance is wrong after the update", "my coins are missing from the list until I refresh", "the app drained my battery", "Battery is drained quickly", "I read that wallets were hacked at another company",
		"In case my wallet is compromised, a freeze button would help", "A warning when my account is compromised would be nice", "Do you have a bug bounty?", "Is there a vulnerability disclosure policy?",
		"I would like a security settings page", "Thanks for fixing the security issue", "hackathon next week", "I did not sign up yet", "the app did not sign it", "I never approved of the new colours", "growth hacks", "The stolen bike emoji is missing", "please let me report scam tokens",
		"如果手机被偷了，钱包里的币会不会被盗？", "万一助记词被盗怎么办", "担心资产被盗", "怎么防止钱包被盗", "希望增加防盗功能", "会不会被黑客攻击", "钱包安全吗", "手机被偷了怎么登录", "建议增加黑名单功能", "夜间模式太黑了",
		"能不能加个安全中心", "有没有漏洞奖励计划", "听说别的钱包被盗了", "转走一部分币要多少手续费", "我想把币转走，怎么操作？", "希望可以防止币被转走", "请增加骗子地址的提醒", "黑色主题", "偷偷更新了版本", "注入流动性失败", "操作太复杂", "授权页面看不懂", "没有操作记录",
	} {
		if got := alarming(text); got != "" {
			t.Errorf("%q: %q", text, got)
		}
	}
}
