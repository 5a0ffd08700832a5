package dedup

import (
	"strings"
	"testing"
)

// Whatever a word is written with, it is one word: traditional or simplified, a
// variant, a common misprint, as Taiwan, Hong Kong or the mainland call the thing.
func TestOneThingHasOneName(t *testing.T) {
	for _, c := range [][]string{
		{"转账一直失败", "轉帳一直失敗", "轉賬一直失敗", "转帐一直失败"},
		{"登录不了账号", "登入不了帳號", "登陆不了帐号", "登入不了賬號"},
		{"软件网络设置", "軟體網路設定", "软体网路设定"},
		{"默认支持视频消息", "預設支援影片訊息"},
		{"点击链接打开文件", "點選連結打開檔案"},
		{"打印机和鼠标", "印表機和滑鼠"},
		{"用户的屏幕质量", "使用者的螢幕品質"},
		{"为什么看着里面回复", "爲甚麼看著裏面回覆", "為什麼看著裡面回復"},
		{"在线客服的程序代码", "線上客服的程序程式碼"},
	} {
		for _, s := range c[1:] {
			if a, b := Normalise(c[0]), Normalise(s); a != b {
				t.Errorf("%s and %s: %q, %q", c[0], s, a, b)
			}
			if ExactKey("", c[0]) != ExactKey("", s) {
				t.Errorf("%s and %s have two keys", c[0], s)
			}
			if a, b := Mainland(c[0]), Mainland(s); a != b {
				t.Errorf("%s and %s are read as %q, %q", c[0], s, a, b)
			}
		}
	}
}

// What only looks like a regional word stays what it is.
func TestWhatOnlyLooksRegionalStays(t *testing.T) {
	for _, s := range []string{"联网路由器", "解方程式", "先安装置顶插件", "增加值班", "参加值班", "无线上网", "价格曲线上涨", "产品质量太差", "有点选择困难", "来自订单页", "电影片段", "应当机动", "相当机械", "鲁迅的名著", "覆盖和颠覆", "帐篷和蚊帐", "个人资料", "当机立断", "著名"} {
		if got := Normalise(s); got != s {
			t.Errorf("%s became %s", s, got)
		}
	}
}

// The table's own words never meet a second replacement, and a reason still shows
// what somebody wrote.
func TestRegionalWordsAreReplacedOnceAndShownAsWritten(t *testing.T) {
	for r := rune(0x3400); r <= 0x9fff; r++ {
		pairs := strings.Fields(elsewhere[r])
		for i := 0; i+1 < len(pairs); i += 2 {
			if !strings.HasPrefix(pairs[i], string(r)) {
				t.Errorf("%s stands under %c", pairs[i], r)
			}
			if got := Normalise(pairs[i+1]); got != pairs[i+1] {
				t.Errorf("%s becomes %s, and that %s", pairs[i], pairs[i+1], got)
			}
			for k := i + 2; k < len(pairs); k += 2 {
				if strings.HasPrefix(pairs[k], pairs[i]) {
					t.Errorf("%s is never reached after %s", pairs[k], pairs[i])
				}
			}
		}
	}
	x := NewIndex()
	x.Put(Item{ID: "1", Theme: "a", Text: "用户登录不了"})
	text := "使用者登入不了"
	cs := x.Match(Query{Text: text})
	if len(cs) == 0 || cs[0].Theme != "a" || len(cs[0].Reasons) == 0 {
		t.Fatalf("%+v", cs)
	}
	for _, r := range cs[0].Reasons {
		for i, w := range r.Words {
			if text[r.Spans[i][0]:r.Spans[i][1]] != w {
				t.Errorf("%q is shown as %q", text[r.Spans[i][0]:r.Spans[i][1]], w)
			}
		}
	}
}
