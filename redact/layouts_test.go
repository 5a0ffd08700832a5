package redact

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// oddLayouts are ways of writing a phrase down in which its words do not follow each
// other with a blank, a mark or a number between: whoever writes them means well, or
// means to get past us.
func oddLayouts(han bool) map[string]func([]string) string {
	space := " "
	if han {
		space = ""
	}
	counted := func(format string, names ...string) func([]string) string {
		return func(w []string) string {
			var b strings.Builder
			for i, s := range w {
				n := fmt.Sprint(i + 1)
				if len(names) > 0 {
					n = names[i]
				}
				b.WriteString(strings.NewReplacer("#", n, "$", s).Replace(format))
			}
			return strings.TrimSpace(b.String())
		}
	}
	parts := func(size int, labels ...string) func([]string) string {
		return func(w []string) string {
			var b strings.Builder
			for i := 0; i*size < len(w); i++ {
				b.WriteString(labels[min(i, len(labels)-1)] + strings.Join(w[i*size:min(len(w), (i+1)*size)], space))
			}
			return b.String()
		}
	}
	between := func(sep, last string) func([]string) string {
		return func(w []string) string {
			return strings.Join(w[:len(w)-1], sep) + last + w[len(w)-1]
		}
	}
	columns := func(n int, numbered bool) func([]string) string {
		return func(w []string) string {
			var b strings.Builder
			rows := (len(w) + n - 1) / n
			for r := range rows {
				for c := range n {
					if i := c*rows + r; i < len(w) && numbered {
						fmt.Fprintf(&b, "%d. %s   ", i+1, w[i])
					} else if i < len(w) {
						b.WriteString(w[i] + "   ")
					}
				}
				b.WriteString("\n")
			}
			return strings.TrimSpace(b.String())
		}
	}
	noted := func(format, note string, at int) func([]string) string {
		return func(w []string) string {
			lines := strings.Split(counted(format)(w), "\n")
			lines[at] += note
			return strings.Join(lines, "\n")
		}
	}
	english, roman, letters, chinese := numerals[0].names, numerals[3].names, numerals[2].names, numerals[5].names
	first := numerals[1].names
	th := make([]string, 24)
	for i := range th {
		th[i] = fmt.Sprint(i+1) + []string{"st", "nd", "rd", "th"}[min(i%20, 3)]
	}
	m := map[string]func([]string) string{
		"a) w": counted("#) $ ", letters...), "a. w": counted("#. $\n", letters...), "(a) w": counted("(#) $, ", letters...),
		"I. w": counted("#. $ ", roman...), "(iv) w": counted("(#) $\n", roman...),
		"1st w": counted("# $, ", th...), "1st word: w": counted("# word: $\n", th...), "No. 1 w": counted("No. # $\n"),
		"Word 1 is w": counted("Word # is $, "), "first w": counted("# $, ", first...), "the first word is w": counted("The # word is $. ", first...),
		"one w": counted("# $ ", english...), "one: w": counted("#: $\n", english...), "w (1)": counted("$ (#) "), "#1 w": counted("number # => $; "),
		"第1个词：w": counted("第#个词：$，"), "第1个：w": counted("第#个：$\n"), "第一个词是w": counted("第#个词是$。", chinese...), "第一个w": counted("第#个 $ ", chinese...),
		"一、w": counted("#、$ ", chinese...), "（一）w": counted("（#）$\n", chinese...), "一：w": counted("#：$；", chinese...),
		"halves": parts(6, "First half: ", "\nSecond half: ", "\nThird half: ", "\nLast: "), "halves inline": parts(12, "first half: ", "; second half: "),
		"rows": parts(3, "Row one: ", "\nRow two: ", "\nRow three: ", "\nRow four: ", "\nRow: "), "then": parts(6, "", "\nthen:\n"), "continued": parts(6, "", "\n(continued)\n"),
		"own line": parts(6, "First half\n", "\nSecond half\n"), "前六个": parts(6, "前六个：", "\n后六个：", "\n再六个："), "第一行": parts(4, "第一行：", "\n第二行：", "\n第三行："),
		"wide lines": between("\n"+strings.Repeat(" ", 70), "\n"), "ruled lines": between("\n"+strings.Repeat("-", 78)+"\n", "\n"),
		"<br>": between("<br>", "<br>"), "<br/> lines": between("<br/>\n", "<br/>\n"), "&nbsp;": between("&nbsp;", "&nbsp;"),
		"<li>": counted("<li>$</li>\n"), "<td>": counted("<tr><td>#</td><td>$</td></tr>"), "JSON": counted(`{"i":#,"w":"$"},`), "YAML": counted("- position: #\n  value: $\n"),
		"one with a remark": noted("#. $\n", " (I think)", 4), "first with a remark": noted("#. $\n", " <- maybe", 0), "last with another": noted("#. $\n", " or zebra", 11), "translations": counted("#. $ – Wort #\n"),
		"#/24 w": counted("[info] #/24 $\n"), "boxed": counted("│ # │ $ │\n├──────────────────┼──────────────────┼──────────────────┤\n"),
		"HTML cells": counted(`<div class="cell"><span class="n">#</span><span class="w">$</span></div>`), "JSON objects": counted(`{"index":#,"word":"$","confirmed":true,"time":1723456121},`),
		"\\n": between(`\n`, `\n`), "%2C": between("%2C", "%2C"), "console.log": counted("console.log('$');\n"), "words are": parts(6, "words 1 to 6 are ", ", words 7 to 12 are ", ", the others are "),
		"quoted halves": parts(6, "> ", "\nyes, and here are the others:\n> "), "壹、w": counted("#、$ ", numerals[4].names...),
		"left and right":    parts(6, "Left:\n", "\nRight:\n"),
		"zero-width spaces": between("\u200b", "\u200b"), "word joiners": between("\u2060", "\u2060"),
		"two numbered columns": columns(2, true), "three numbered columns": columns(3, true),
		"w and w": between(" and ", " and "), "w, then w": between(", then ", ", then "), "w + w": between(" + ", " + "), "w -> w": between(" -> ", " -> "),
	}
	if han {
		m["和 before the last"], m["w和w"] = between("、", "和"), between("、", "、")
		return m
	}
	m["and before the last"], m["& before the last"], m[", and before the last"] = between(", ", " and "), between(" ", " & "), between(", ", ", and ")
	m["two columns"] = columns(2, false)
	m["nothing between"] = between("", "")
	m["CamelCase"] = func(w []string) string {
		var b strings.Builder
		for _, s := range w {
			b.WriteString(strings.ToUpper(s[:1]) + s[1:])
		}
		return b.String()
	}
	m["some cut to four letters"] = func(w []string) string {
		out := make([]string, len(w))
		for i, s := range w {
			if out[i] = s; i%2 == 0 {
				out[i] = s[:min(4, len(s))]
			}
		}
		return strings.Join(out, " ")
	}
	m["Cyrillic а, е, о"] = func(w []string) string {
		return strings.NewReplacer("a", "а", "e", "е", "o", "о").Replace(strings.Join(w, " "))
	}
	m["accents"] = func(w []string) string {
		return strings.NewReplacer("a", "á", "e", "é", "o", "ö").Replace(strings.Join(w, " "))
	}
	m["combining accents"] = func(w []string) string {
		return strings.NewReplacer("a", "a\u0301", "e", "e\u0300").Replace(strings.Join(w, " "))
	}
	return m
}

// Whoever finds another way to write a phrase down finds it masked all the same: no two
// of its words that follow each other stay readable, and the digest is that of the phrase.
func TestEveryPhraseIsMaskedInOddLayoutsToo(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 32))
	r := New(Options{Key: []byte("k")})
	for name, list := range byName(lists()) {
		for layout, write := range oddLayouts(name != "english") {
			missed, total, other := 0, 0, 0
			example := ""
			for _, n := range phraseSizes {
				for k := range 40 {
					words := randomPhrase(rng, list, n)
					text := []string{"Help, it is empty!\n\n", "My seed phrase:\n", "Please help\n", "我的助记词是：\n"}[k%4] + write(words) + []string{"\n\n@", "\nHide seed phrase", "\n谢谢"}[k%3]
					masked, found := r.Mask(text)
					total++
					if len(found) == 0 || !found[0].Final || len(readable(masked, words, write)) > 0 {
						missed++
						example = masked
					} else if found[0].Digest != mac("k", strings.Join(words, " ")) {
						other++
					}
				}
			}
			// What reads like prose stays where no frame tells, see parts.go; where words that mean
			// something else stand beside a phrase, its digest is by accident that of both.
			if missed > total/20 || other > total/10 {
				t.Errorf("%s/%s: missed %d, another digest %d of %d, for one\n%s", name, layout, missed, other, total, example)
			}
		}
	}
}

// readable are the words that a masked text says more often than how it was written does.
func readable(masked string, words []string, write func([]string) string) (out []string) {
	labels := "Help, it is empty! My seed phrase: Please help 我的助记词是 Hide seed phrase 谢谢 seed_phrase I think maybe or zebra" + write(slices.Repeat([]string{"@@@@@@@@"}, len(words)))
	for _, w := range words {
		if strings.Count(strings.ToLower(masked), w) > strings.Count(strings.ToLower(labels), w) {
			out = append(out, w)
		}
	}
	return out
}
