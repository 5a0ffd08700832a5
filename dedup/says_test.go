package dedup

import (
	"strings"
	"testing"
)

// What names nothing says nothing, however it is written and however long it is.
func TestWhatNamesNothingSaysNothing(t *testing.T) {
	x := NewIndex()
	for _, s := range []string{"", "!!!", "???", "👍", "👍👍👍 🎉", "test", "Test 123", "testing testing", "great app", "Great app, thanks!!", "love it", "I love this app so much", "thank you very much",
		"nice", "ok", "good job guys, keep going", "5 stars", "it does not work", "bug", "please help", "asdf", "aaaaaaaa", "hahaha", "...", "1", "12345", "a@b.example", "https://example.com/x",
		"好用", "很好用", "非常好用", "谢谢", "谢谢你们", "不错不错", "太棒了！", "点赞", "垃圾软件", "测试", "测试一下", "哈哈哈哈", "啊啊啊啊啊", "666", "好", "赞", "这个软件真的很好", "謝謝", "有问题", "加油！", "希望改进",
		strings.Repeat("a", 64<<10), strings.Repeat("！", 20<<10), strings.Repeat("啦", 20<<10), strings.Repeat("👍", 16<<10)} {
		if x.Says("", s) {
			t.Errorf("%.60q says something", s)
		}
	}
}

// A single word that names something is enough.
func TestOneNameSaysSomething(t *testing.T) {
	x := NewIndex()
	for _, s := range []string{"dark mode", "export", "great app but slow", "crash", "login", "thanks, but the export fails", "search does not work", "refund", "2FA", "iOS 17", "add more users", "Why do you not let me have both?", "I can do less than they can",
		"导出", "闪退", "很好用，就是太卡", "卡", "退款", "不能登录", "深色", "谢谢，但是收不到验证码", "无法付款", "字太小", "我不知道他在那里", "הייצוא איטי", "ログイン", "Экспорт"} {
		if !x.Says("", s) {
			t.Errorf("%q says nothing", s)
		}
	}
	if !x.Says("Export", "please!!!") {
		t.Error("a title names it")
	}
}
