package asks

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// short are words that end in a point within a sentence.
var short = map[string]bool{"e.g": true, "i.e": true, "etc": true, "vs": true, "mr": true, "mrs": true, "dr": true, "no": true, "approx": true, "ver": true}

// openers begin another thing. English ones are followed by no letter.
var (
	openersEN = []string{"also", "and also", "another thing", "another issue", "another problem", "another request", "another question", "one more thing", "one more",
		"besides", "additionally", "in addition", "furthermore", "separately", "on another note", "secondly", "second", "second thing", "thirdly", "third", "finally", "lastly",
		"plus", "ps", "p.s.", "oh and", "by the way", "btw", "the other thing"}
	openersZH = []string{"另外", "另", "此外", "还有", "第二", "第三", "第四", "其二", "其次", "再者", "再就是", "再有", "除此之外", "同时", "顺便", "最后", "对了", "補充", "补充"}
	leanersEN = []string{"it", "its", "it's", "this", "that", "these", "those", "they", "them", "which", "because", "so", "then", "but", "otherwise", "i mean", "for example", "e.g.", "thanks", "thank you", "please help", "and"}
	leanersZH = []string{"它", "这", "那", "因为", "所以", "但", "然后", "导致", "否则", "不然", "而且", "比如", "例如", "谢谢", "请尽快", "希望尽快", "結果", "结果", "于是"}
)

// opens reports whether a text begins with the words for another thing.
func opens(s string) bool { return begins(s, openersEN, openersZH) }

// goesOn are the words after which "And" at the beginning of a sentence asks for
// more; before others it tells on: "And then", "And it", "And I".
var goesOn = []string{"the", "a", "an", "my", "your", "our", "please", "can", "could", "add", "let", "make", "allow", "support", "fix", "why", "how about", "what about", "another", "there should"}

// opensSentence is opens for what begins a sentence or a line.
func opensSentence(s string) bool {
	return opens(s) || len(s) > 4 && strings.EqualFold(s[:4], "and ") && begins(strings.TrimLeft(s[4:], " "), goesOn, nil)
}

// leans reports whether a sentence is about what was said before it.
func leans(s string) bool { return begins(s, leanersEN, leanersZH) }

func begins(s string, english, chinese []string) bool {
	for _, w := range chinese {
		if strings.HasPrefix(s, w) {
			return true
		}
	}
	for _, w := range english {
		if len(s) > len(w) && strings.EqualFold(s[:len(w)], w) {
			if r, _ := utf8.DecodeRuneInString(s[len(w):]); !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' && r != '-' {
				return true
			}
		}
	}
	return false
}

// bullet is the length of the list marker that a line begins with and its number;
// 0 for none.
func bullet(line string) (length, value int) {
	s := strings.TrimLeft(line, " \t\u3000")
	lead := len(line) - len(s)
	r, size := utf8.DecodeRuneInString(s)
	rest := s[min(size, len(s)):]
	switch {
	case strings.ContainsRune("•·‣▪◦●○■□▶►✓✔", r):
		return lead + size, 0
	case strings.ContainsRune("-*+–—", r) && strings.HasPrefix(rest, " "):
		return lead + size + 1, 0
	}
	if n, value := numbered(s); n > 0 {
		return lead + n, value
	}
	return 0, 0
}

const numerals = "一二三四五六七八九十"

// numbered is the length of "1. ", "2、", "(3)", "④" or "五、" at the beginning and
// the number; 0 for none.
func numbered(s string) (length, value int) {
	r, size := utf8.DecodeRuneInString(s)
	if r >= '①' && r <= '⑳' {
		return size, int(r-'①') + 1
	}
	n := 0
	open := r == '(' || r == '（'
	if open {
		n = size
	}
	from := n
	for n < len(s) {
		r, size = utf8.DecodeRuneInString(s[n:])
		if n-from > 6 {
			break
		}
		if r >= '0' && r <= '9' {
			value = 10*value + int(r-'0')
		} else if i := strings.IndexRune(numerals, r); i >= 0 {
			value += i/3 + 1
		} else {
			break
		}
		n += size
	}
	if n == from || n == len(s) {
		return 0, 0
	}
	han := s[from] >= utf8.RuneSelf
	r, size = utf8.DecodeRuneInString(s[n:])
	after, _ := utf8.DecodeRuneInString(s[n+size:])
	switch {
	case open && (r == ')' || r == '）'), !open && (r == '、' || r == '）') && n-from < 6:
		return n + size, value
	case !open && !han && n-from <= 2 && (r == '.' || r == ')' || r == ':' || r == '．') && (after == ' ' || unicode.Is(unicode.Han, after)):
		return n + size, value
	}
	return 0, 0
}

// hasCode reports whether a text holds code, a log or a stack trace.
func hasCode(text string) bool {
	if strings.Contains(text, "```") || strings.Contains(text, "Traceback (") {
		return true
	}
	lines := 0
	for line := range strings.Lines(text) {
		if isCode(strings.TrimSpace(line)) {
			if lines++; lines == 2 {
				return true
			}
		}
	}
	return false
}

func isCode(line string) bool {
	for _, p := range []string{"at ", "File \"", "Caused by", "goroutine ", "panic:", "#0 ", "#1 ", "$ ", "> ", "{", "}", "import ", "func ", "def ", "class ", "var ", "const ", "SELECT ", "curl ", "<?", "</"} {
		if strings.HasPrefix(line, p) && (len(p) > 3 || p == "at " && strings.Contains(line, "(") || p != "at ") {
			return true
		}
	}
	for _, p := range []string{"{", "}", ";", "=>", "/>", "</", "()"} {
		if strings.HasSuffix(line, p) {
			return true
		}
	}
	if strings.Contains(line, "Exception") || strings.Contains(line, "Error:") || strings.Contains(line, " = ") || strings.Contains(line, "::") {
		return true
	}
	return isLog(line)
}

// isLog reports whether a line begins with a time or a level.
func isLog(line string) bool {
	line = strings.TrimLeft(line, "[")
	for _, p := range []string{"INFO", "WARN", "ERROR", "DEBUG", "TRACE", "FATAL"} {
		if strings.HasPrefix(line, p) {
			return true
		}
	}
	digits, marks := 0, 0
	for _, r := range line[:min(len(line), 10)] {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == '-' || r == ':' || r == '/':
			marks++
		}
	}
	return digits >= 6 && marks >= 2
}
