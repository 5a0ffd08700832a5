package dedup

import (
	"fmt"
	"slices"
	"testing"
)

// However alike two texts are, what one of them denies, counts or names otherwise
// keeps it from joining the other's theme unasked, in Chinese as in English.
func TestOneWordThatDiffersKeepsATextFromJoining(t *testing.T) {
	for _, c := range []struct{ theirs, ours, kind string }{
		{"新版本能导出看板", "新版本不能导出看板", "negation"},
		{"可以用指纹登录", "无法用指纹登录", "negation"},
		{"转账成功到账", "转账没有成功到账", "negation"},
		{"打得开账单页面", "打不开账单页面", "negation"},
		{"導出可以成功", "導出無法成功", "negation"},
		{"希望增加夜间模式", "希望去掉夜间模式", "negation"},
		{"安卓上导出闪退", "苹果上导出闪退", "platform"},
		{"安卓手机收不到通知", "iPhone 收不到通知", "platform"},
		{"电脑上打不开看板", "小程序打不开看板", "platform"},
		{"提现三天没到账", "提现五天没到账", "number"},
		{"提现一天没到账", "提现三天没到账", "number"},
		{"提现二十天没到账", "提现三十天没到账", "number"},
		{"提现十五天没到账", "提现二十五天没到账", "number"},
		{"提现两周没到账", "提现 3 周没到账", "number"},
		{"扣了一百元", "扣了两百元", "number"},
		{"扣了三万元", "扣了三千元", "number"},
		{"版本 2.1 闪退", "版本 3.0 闪退", "version"},
		{"iOS 17 上闪退", "iOS 18 上闪退", "version"},
		{"I can export a board", "I can't export a board", "negation"},
		{"works on my iPhone", "works on my Samsung", "platform"},
		{"waited twenty days for it", "waited thirty days for it", "number"},
	} {
		x := NewIndex()
		for i := range 4 {
			x.Put(Item{ID: fmt.Sprint(i), Theme: "theirs", Text: c.theirs})
		}
		cs := x.Match(Query{Text: c.ours})
		if len(cs) == 0 || !slices.Contains(cs[0].Mismatch, c.kind) || cs[0].Attachable(.01) {
			t.Errorf("%s, %s: %+v, want a different %s", c.theirs, c.ours, cs, c.kind)
		}
	}
}

// What is only written otherwise differs in nothing.
func TestTheSameInOtherSignsDiffersInNothing(t *testing.T) {
	for _, c := range [][2]string{
		{"提现三天没到账", "提现3天没到账"}, {"提现两天没到账", "提现二天没到账"}, {"提现二十天没到账", "提现 20 天没到账"}, {"扣了一百元", "扣了100元"},
		{"能不能导出看板", "希望能导出看板"}, {"有没有夜间模式", "希望有夜间模式"}, {"安卓上闪退", "Android 上闪退"}, {"苹果手机闪退", "iPhone 闪退"},
		{"不好意思，导出很慢", "导出很慢"}, {"一个看板导出很慢", "看板导出很慢"}, {"無法登入", "无法登录"}, {"转账不到账", "转账无法到账"},
	} {
		x := NewIndex()
		x.Put(Item{ID: "1", Theme: "theirs", Text: c[0]})
		if cs := x.Match(Query{Text: c[1]}); len(cs) == 0 || len(cs[0].Mismatch) > 0 {
			t.Errorf("%s, %s: %+v", c[0], c[1], cs)
		}
	}
}

func TestNumbersInCharactersAreRead(t *testing.T) {
	for s, want := range map[string]int{"三": 3, "十": 10, "十五": 15, "二十": 20, "二十五": 25, "一百": 100, "一百零五": 105, "两千": 2000, "三万五千": 35000, "十万": 100000, "二零二四": 2024} {
		if v, n := hanNumber([]rune(s)); v != want || n != len([]rune(s)) {
			t.Errorf("%s: %d of %d characters", s, v, n)
		}
	}
	if _, n := hanNumber([]rune("看三天")); n != 0 {
		t.Error("no number is at its start")
	}
	if _, n := hanNumber([]rune("九九九九九九九九九九九九九九九九九九九九")); n > 12 {
		t.Error("a flood of digits is read to its end")
	}
}
