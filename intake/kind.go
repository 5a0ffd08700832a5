package intake

import (
	"regexp"
	"strings"

	"github.com/heedhq/heed/models"
)

// Signs by which a kind is told where nobody said it. A question asks how
// something is done; a problem says that something does not do what it should.
var (
	questionSigns = regexp.MustCompile(`(?i)\b(how (do|can|to|does|would)|where (do|can|is|are)|is (it|there) (a way|possible)|can i\b|what (is|does|are)|why (is|are|do|does)|when will|which)\b|怎么|如何|怎样|哪里|在哪|什么时候|为什么|请问|能不能告诉|是什么`)
	problemSigns  = regexp.MustCompile(`(?i)\b(bug|error|crash(es|ed|ing)?|fail(s|ed|ing|ure)?|broken|wrong|stuck|missing|lost|disappear(s|ed)?|freez(e|es|ing)|hangs?|slow|pending|incorrect|(doesn|don|won|can|isn)['’]?t (work|load|open|show|send|sync|connect|find|see)|not (working|loading|showing|syncing|received|arrived)|no longer|stopped working|unable to)\b|报错|错误|失败|闪退|崩溃|卡死|卡住|卡在|打不开|不见了|丢失|没了|没到账|未到账|不到账|不对|不显示|无法|不能用|用不了|很慢|太慢|一直(处理|等待|转圈|加载|显示)|异常|没反应`)
	wishSigns     = regexp.MustCompile(`(?i)\b(please (add|make|let|support|allow|give)|would (be (nice|great|good|helpful|useful)|love|like)|i wish|wish list|feature request|could you (add|make|support)|it['’]?d be|should (have|support|allow|be able)|want(ed)? (a|an|to|the)|suggest(ion)?)\b|希望|建议|能不能(加|增加|支持|做|出)|可以(加|增加|支持)|增加|支持一下|加个|加一个|最好能|求(加|支持)|想要`)
)

// TellKind tells the kind of a text in English or Chinese: a wish for
// something is a suggestion even when it complains, a complaint is a problem
// even when it ends with a question mark.
func TellKind(text string) models.SuggestionKind {
	wish, problem, question := wishSigns.MatchString(text), problemSigns.MatchString(text), questionSigns.MatchString(text)
	switch {
	case wish && !problem:
		return models.KindSuggestion
	case problem:
		return models.KindProblem
	case question, strings.ContainsAny(text, "?？"):
		return models.KindQuestion
	}
	return models.KindSuggestion
}
