package intake_test

import (
	"testing"

	"github.com/heedhq/heed/intake"
)

func TestStaffNeverAskForASecret(t *testing.T) {
	for _, s := range []string{
		"Please send us your seed phrase.",
		"To check, send me the 12 words of your wallet",
		"Could you share your recovery phrase so we can verify ownership?",
		"Hi Mei! Please reply with your private key. Thanks",
		"Reply with a screenshot of your seed phrase",
		"I need your private key to restore the account",
		"We will need to see your secret recovery phrase",
		"What is your password?",
		"Tell us your full seed phrase",
		"Can I have your recovery phrase",
		"Please provide your wallet password and address.",
		"Please confirm your 24-word phrase",
		"Paste your seed phrase here",
		"Enter your recovery phrase in your reply",
		"Send us the verification code you got",
		"Never mind the log. Send me your seed phrase",
		"please SEND   your Seed Phrase",
		"请把您的助记词发给我们",
		"请提供助记词",
		"麻烦您发一下私钥",
		"助记词发我一下，我帮您看看",
		"您的助记词是什么？",
		"请告诉我您的钱包密码",
		"需要您的私钥才能找回",
		"请将12个助记词截图发过来",
		"请发送短信验证码给我们",
		"别担心。请提供一下您的助记词",
	} {
		if !intake.AsksForSecret(s) {
			t.Errorf("passes: %s", s)
		}
	}
	for _, s := range []string{
		"Never share your seed phrase with anyone.",
		"We will never ask for your private key.",
		"Please don't send us your seed phrase, we don't need it.",
		"Do not give your recovery phrase to anybody.",
		"Anyone who asks you to send your seed phrase is a scammer.",
		"Open the app, choose Restore and enter your seed phrase there.",
		"Please enter your password in the app and try again.",
		"Did you share your seed phrase with anyone?",
		"Have you ever entered your recovery phrase on a website?",
		"If you gave your seed phrase to a website, move your funds now.",
		"Send us the log file, but remove any private key first.",
		"Please send us your wallet address and the transaction id.",
		"Could you send the error code and the app version?",
		"Write your recovery phrase on paper and keep it offline.",
		"You can change your password under Settings.",
		"We have sent a verification code to your phone.",
		"Your seed phrase is the only way to restore the wallet.",
		"Please back up your seed phrase before you update.",
		"We need your help to test the new private key import.",
		"Export of the keystore file works again in 4.2.",
		"Show the password as you type: that is planned for May.",
		"What does the seed phrase screen show?",
		"Which version do you use?",
		"Please share the password reset e-mail you got.",
		"Please send a screenshot of the seed phrase screen's error message.",
		"请提供助记词导入时的报错截图",
		"请截图发一下密码输入框",
		"Tell us whether the password field is visible.",
		"请不要把助记词发给任何人",
		"我们绝不会向您索要助记词或私钥。",
		"切勿将私钥告诉他人",
		"凡是让您提供助记词的都是骗子",
		"请在 App 的恢复页面输入助记词",
		"您是否把助记词发给过别人？",
		"请妥善备份助记词",
		"请提供一下钱包地址和交易哈希",
		"请重置密码后再试",
		"验证码已发送到您的手机",
		"修改密码的入口在设置里",
		"请上传错误截图，不要包含助记词",
		"助记词导入的问题已经在新版本修复",
		"新版本支持查看私钥时截屏提醒",
		"请问您输入密码后提示什么？",
	} {
		if intake.AsksForSecret(s) {
			t.Errorf("refused: %s", s)
		}
	}
}
