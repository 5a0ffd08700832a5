package dedup

import (
	"slices"
	"strconv"
	"strings"
)

// traits are what makes two otherwise like texts say different things.
type traits struct {
	negated   bool
	numbers   []string
	platforms []string
	versions  []string
}

// witnesses are the items of a theme that are asked whether they differ.
const witnesses = 8

// mismatch names what differs between the query and the theme's nearest items.
// One near item that agrees is enough: themes hold many ways of saying it. Of
// platforms and versions an item that names none says nothing either way.
func (x *Index) mismatch(t text, v *verdict) []string {
	q := x.lexicon.traits(t.tokens)
	var agreed, against [4]bool // negation, number, platform, version
	for i, h := range v.items[:min(witnesses, len(v.items))] {
		if i > 0 && h.s < v.items[0].s*.6 {
			break
		}
		o := x.lexicon.traits(x.restore(h.doc))
		for k, differs := range []bool{q.negated != o.negated, apart(q.numbers, o.numbers), apart(q.platforms, o.platforms), apart(q.versions, o.versions)} {
			silent := k == 2 && len(q.platforms)*len(o.platforms) == 0 || k == 3 && len(q.versions)*len(o.versions) == 0
			against[k] = against[k] || differs
			agreed[k] = agreed[k] || !differs && !silent
		}
	}
	var out []string
	for k, kind := range []string{"negation", "number", "platform", "version"} {
		if against[k] && !agreed[k] {
			out = append(out, kind)
		}
	}
	return out
}

// apart reports that both name something and each names what the other does
// not.
func apart(a, b []string) bool {
	return !within(a, b) && !within(b, a)
}

func within(a, b []string) bool {
	for _, s := range a {
		if !slices.Contains(b, s) {
			return false
		}
	}
	return true
}

// lexicon is what traits are read with. It is built once per index.
type lexicon struct {
	negations map[string]bool
	platforms map[string]string
	numerals  map[string]string
	hanNames  [][2]string // Chinese name, platform
	hanFalse  []string    // words that hold a negating character and do not negate
	hanTrue   []string    // words that say that something fails, or should go
}

func newLexicon() *lexicon {
	l := &lexicon{negations: map[string]bool{}, platforms: map[string]string{}, numerals: map[string]string{}}
	for w := range strings.FieldsSeq(`not no never cannot cant without unable none nothing neither nor nobody nowhere dont doesnt didnt
	 isnt wasnt wont wouldnt couldnt arent hasnt havent fail fails failed failing failure broken breaks broke impossible remove removed removing disable disabled disabling stop stopped`) {
		l.negations[w] = true
	}
	for name, words := range map[string]string{
		"android": "android samsung pixel huawei xiaomi oppo", "ios": "ios iphone iphones ipad ipados", "windows": "windows win10 win11",
		"mac": "mac macos macbook osx", "linux": "linux ubuntu debian fedora", "chrome": "chrome chromium", "firefox": "firefox",
		"safari": "safari", "edge": "edge", "web": "web website browser", "desktop": "desktop pc laptop", "mobile": "mobile",
	} {
		for w := range strings.FieldsSeq(words) {
			l.platforms[w] = name
		}
	}
	for i, w := range strings.Fields("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen") {
		if w != "one" { // rarely counts
			l.numerals[w] = strconv.Itoa(i)
		}
	}
	for i, w := range strings.Fields("twenty thirty forty fifty sixty seventy eighty ninety hundred") {
		l.numerals[w] = strconv.Itoa(20 + 10*i)
	}
	l.hanNames = [][2]string{{"安卓", "android"}, {"鸿蒙", "harmony"}, {"华为", "android"}, {"小米", "android"}, {"苹果", "ios"}, {"苹果电脑", "mac"}, {"视窗", "windows"}, {"三星", "android"}, {"平板", "tablet"}, {"微软", "windows"},
		{"电脑", "desktop"}, {"桌面", "desktop"}, {"网页", "web"}, {"浏览器", "web"}, {"谷歌浏览器", "chrome"}, {"火狐", "firefox"}, {"小程序", "mini"}}
	l.hanFalse = strings.Fields(`不过 不错 不仅 不但 不管 不断 不论 不如 不同 不好意思 差不多 对不起 了不起 要不 不然 无论 无线 无非 非常 未来 没错 没事 没关系 没问题
	 特别 别的 别人 级别 类别 区别 识别 分别 个别 性别 告别 是否 能否 可否 否则`)
	l.hanTrue = strings.Fields(`失败 报错 出错 失效 坏了 关闭 关掉 去掉 去除 移除 取消 停用 禁用 别再`)
	return l
}

const hanNegations = "不没沒无無未别勿甭否"

// traits reads what a text negates, counts and names.
func (l *lexicon) traits(ts []token) traits {
	var o traits
	for i := 0; i < len(ts); {
		if ts[i].word == "" {
			n := run(ts[i:])
			l.han(&o, ts[i:i+n])
			i += n
			continue
		}
		var before, after token
		if i > 0 {
			before = ts[i-1]
		}
		if i+1 < len(ts) {
			after = ts[i+1]
		}
		l.word(&o, ts[i].word, before, after)
		i++
	}
	return o
}

// run is how many characters follow one another at the start of ts.
func run(ts []token) int {
	n := 1
	for n < len(ts) && ts[n].joined {
		n++
	}
	return n
}

func (l *lexicon) word(o *traits, w string, before, after token) {
	flat := strings.ReplaceAll(w, "'", "")
	if l.negations[flat] || strings.HasSuffix(w, "n't") {
		o.negated = o.negated || !(w == "not" && after.word == "only") && !(w == "no" && after.word == "matter")
		return
	}
	if p := l.platforms[w]; p != "" {
		o.platforms = append(o.platforms, p)
		return
	}
	if n := l.numerals[w]; n != "" {
		o.numbers = append(o.numbers, n)
		return
	}
	digits := strings.TrimPrefix(w, "v")
	if digits == "" || digits[0] < '0' || digits[0] > '9' {
		if rest := strings.TrimLeft(w, "abcdefghijklmnopqrstuvwxyz"); rest != "" && l.platforms[strings.TrimSuffix(w, rest)] != "" {
			o.platforms = append(o.platforms, l.platforms[strings.TrimSuffix(w, rest)])
			o.versions = append(o.versions, rest)
		}
		return
	}
	number := strings.TrimRight(digits, "abcdefghijklmnopqrstuvwxyz")
	versioned := len(digits) < len(w) || strings.Count(number, ".") > 1 || l.platforms[before.word] != "" ||
		before.word == "version" || before.word == "v" || before.char == '本' || after.char == '版'
	switch {
	case versioned:
		o.versions = append(o.versions, number)
	case len(digits)-len(number) <= 2: // 30s, 10k; not 2factor
		o.numbers = append(o.numbers, strings.ReplaceAll(number, ",", ""))
	}
}

// han reads a run of characters.
func (l *lexicon) han(o *traits, ts []token) {
	rs := make([]rune, len(ts))
	for i, t := range ts {
		rs[i] = t.char
	}
	s := string(rs)
	for _, n := range l.hanNames {
		if strings.Contains(s, n[0]) {
			o.platforms = append(o.platforms, n[1])
		}
	}
	for _, w := range l.hanTrue {
		o.negated = o.negated || strings.Contains(s, w)
	}
	for _, w := range l.hanFalse {
		s = strings.ReplaceAll(s, w, strings.Repeat("口", len([]rune(w))))
	}
	rs = []rune(s)
	for i, r := range rs {
		asks := i > 0 && i+1 < len(rs) && rs[i-1] == rs[i+1] // 能不能, 有没有
		if strings.ContainsRune(hanNegations, r) && !asks {
			o.negated = true
		}
	}
	for i := 0; i < len(rs); {
		value, n := hanNumber(rs[i:])
		if n > 0 && i+n < len(rs) && (strings.ContainsRune(hanUnits, rs[i+n]) || value != 1 && strings.ContainsRune("个小分条人种次", rs[i+n])) {
			o.numbers = append(o.numbers, strconv.Itoa(value))
		}
		i += max(1, n)
	}
}

const (
	hanDigits = "零一二三四五六七八九"
	hanUnits  = "天月年周张倍元块秒号楼岁折页位" // with 一 they count; 一个 and 一次 rarely do
)

// hanNumber reads the number in characters at the start of rs, up to 99,999,999:
// its value and length, 0 for none.
func hanNumber(rs []rune) (value, n int) {
	part, digit := 0, 0 // below ten thousand, and before its place
	for ; n < len(rs) && n < 12; n++ {
		r := rs[n]
		if r == '两' {
			r = '二'
		}
		if at := slices.Index([]rune(hanDigits), r); at >= 0 {
			digit = digit*10 + at // 二零二四
			continue
		}
		place := map[rune]int{'十': 10, '百': 100, '千': 1000}[r]
		switch {
		case place > 0:
			part, digit = part+max(1, digit)*place, 0
		case r == '万' && n > 0:
			value, part, digit = value+(part+digit)*10_000, 0, 0
		default:
			return value + part + digit, n
		}
	}
	return value + part + digit, n
}
