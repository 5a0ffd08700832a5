package dedup

import "strings"

// englishStop are words that say nothing about the subject, feedback's own
// courtesies included: never a reason.
const englishStop = ` a about above after again all also am an and any anyone are as at be because been before being below
 between both but by came can can't cannot cant come could couldn't did didn't do does doesn't doing don't done dont down
 during each either else even ever every few for from further get gets getting give given go goes going gone got had has hasn't have
 haven't having he hello help her here hers hey hi him his how however i i'd i'll i'm i've if im in into is isn't it it's
 its itself just keep know let let's like make makes making many may maybe me might mine more most much must my myself
 need needs no nor not now of off ok okay on once one only or other our ours out over own please same say she should
 shouldn't since so some something still such take than thank thanks that that's the their them then there these they
 thing things this those though through to too try trying under until up upon us use used using very via want wanted
 wants was wasn't way we well were weren't what what's when where which while who whom whose why will with within without won't
 would wouldn't yes yet you your you're yours there's they're
 able add added adding always app apps best better bug cool currently feature features feedback good great issue issues love nice
 option possible problem problems really request suggestion support today user users work working works `

// chineseStop are words that carry grammar, courtesy or a question; a shared
// phrase is cut where one stands.
const chineseStop = ` 请问 你好 您好 谢谢 麻烦 大家 怎么 怎么办 怎样 怎么样 如何 为什么 为何 为啥 什么 啥 哪个 哪里 哪些 多少 几个 是否
 是不是 能不能 可不可以 有没有 要不要 会不会 可以 能否 可否 能够 应该 需要 想要 知道 觉得 感觉 我们 你们 您们 他们 它们 自己 别人
 这个 那个 这些 那些 这里 那里 这样 那样 这么 那么 一个 一下 一直 一些 一点 已经 现在 还是 还有 还没 或者 以及 而且 但是 不过 可是 因为
 所以 如果 的话 的时候 时候 之后 以后 之前 以前 然后 就是 不是 没有 不能 不会 不了 无法 希望 建议 增加 添加 新增 加上 功能 问题 支持 优化 改进 软件 应用 今天 出现 进行 关于 对于 由于 为了 `

// chineseStopChars are single characters of the same kind, cut off at the ends
// of a shared phrase.
const chineseStopChars = "的了吗呢啊吧呀嘛哦么地得着过是在我你您他她它这那有和与或就都也还很太再又把被给让从到对为要会能想请个些不没无"

// grammar are the English words that only join others: what Chinese meanings are
// never compared by. Who, what, where, whether and not are said in every language;
// being common they count little, but among short texts they tell.
const grammar = ` a an the to of in on for and or is are was were be been am do does did as by so `

// stopwords answers whether something may be a reason. It is built once per
// index, for there are no globals here.
type stopwords struct {
	english map[string]bool
	chinese map[string]bool
	chars   map[rune]bool
	grammar map[string]bool

	praise      map[string]bool
	subject     map[string]bool
	praiseChars map[rune]bool
}

func newStopwords() *stopwords {
	s := &stopwords{english: map[string]bool{}, chinese: map[string]bool{}, chars: map[rune]bool{}, grammar: map[string]bool{},
		praise: map[string]bool{}, subject: map[string]bool{}, praiseChars: map[rune]bool{}}
	for w := range strings.FieldsSeq(grammar) {
		s.grammar[w] = true
	}
	for w := range strings.FieldsSeq(englishStop) {
		s.english[w] = true
	}
	for w := range strings.FieldsSeq(chineseStop) {
		s.chinese[w] = true
	}
	for w := range strings.FieldsSeq(englishPraise + chinesePraise) {
		s.praise[w] = true
	}
	for w := range strings.FieldsSeq(subject) {
		s.subject[w] = true
	}
	for _, r := range praiseChars {
		s.praiseChars[r] = true
	}
	for _, r := range chineseStopChars {
		s.chars[r] = true
	}
	return s
}

// longestChinese is the length of the longest stop word in characters.
const longestChinese = 4

// chineseAt returns the length of the stop word at the start of rs, or 0.
func (s *stopwords) chineseAt(rs []rune) int {
	for n := min(longestChinese, len(rs)); n >= 1; n-- {
		if s.chinese[string(rs[:n])] {
			return n
		}
	}
	return 0
}

// mass is how much the n-grams of a word count.
func (s *stopwords) mass(w string) float32 {
	if s.english[w] {
		return filler
	}
	return 1
}

const (
	charMass   = 3  // makes a Han character count as the three letters it replaces
	letterMass = .1 // of a single kana or Thai letter, which says nothing
)

// chineseMass is how much an n-gram of characters counts.
func (s *stopwords) chineseMass(rs []rune) float32 {
	if len(rs) > 1 && s.chinese[string(rs)] {
		return filler * charMass
	}
	if !isHan(rs[0]) || !isHan(rs[len(rs)-1]) { // kana, Thai: letters
		if len(rs) == 1 {
			return letterMass
		}
		return 1
	}
	for _, r := range rs {
		if !s.chars[r] {
			return charMass
		}
	}
	return filler * charMass
}
