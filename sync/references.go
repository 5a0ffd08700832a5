package issuesync

import (
	"regexp"
	"strconv"
	"strings"
)

// named is an issue that a text names. Repository is "" for that of the text, else in small
// letters.
type named struct {
	repository string
	number     int
}

var (
	htmlComment = regexp.MustCompile(`(?s)<!--.*?(?:-->|\z)`)
	fence       = regexp.MustCompile("^ {0,3}(`{3,}|~{3,})")
	ticks       = regexp.MustCompile("`+")
	shortForm   = regexp.MustCompile(`^(?:([A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+)?#|(?i:GH-))([0-9]{1,9})(?:[^\w/#].*|_*)$`)
	longForm    = regexp.MustCompile(`^https?://([^/?#@\s]+)/([^/?#\s]+/[^/?#\s]+)/issues/([0-9]{1,9})(?:[^\w].*)?$`)
)

// naming reads #N, GH-N, owner/repo#N or the address of an issue, and whatever punctuation
// stands behind it.
func (s *Sync) naming(text string) (named, bool) {
	var name, digits string
	if m := shortForm.FindStringSubmatch(text); m != nil {
		name, digits = m[1], m[2]
	} else if m := longForm.FindStringSubmatch(text); m != nil && strings.EqualFold(m[1], webHost(s.api.via.base)) {
		name, digits = m[2], m[3]
	}
	number, err := strconv.Atoi(digits)
	return named{strings.ToLower(name), number}, err == nil && number > 0
}

// prose is a Markdown text without its comments and its code.
func prose(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	var kept []string
	open := ""
	for line := range strings.SplitSeq(text, "\n") {
		m := fence.FindStringSubmatch(line)
		switch {
		case open != "":
			if m != nil && m[1][0] == open[0] && len(m[1]) >= len(open) && strings.TrimSpace(line) == m[1] {
				open = ""
			}
			continue
		case m != nil && !(m[1][0] == '`' && strings.Contains(line[len(m[0]):], "`")): // else it is code within a line
			open = m[1]
			continue
		}
		kept = append(kept, line)
	}
	return withoutCode(htmlComment.ReplaceAllString(strings.Join(kept, "\n"), " "))
}

// withoutCode takes out what stands between as many backticks as it began with, within one
// paragraph.
func withoutCode(text string) string {
	paragraphs := strings.Split(text, "\n\n")
	for i, p := range paragraphs {
		var out strings.Builder
		for {
			from := ticks.FindStringIndex(p)
			if from == nil {
				break
			}
			out.WriteString(p[:from[0]])
			mark, rest := p[from[0]:from[1]], p[from[1]:]
			to := closingTicks(rest, len(mark))
			if to == nil {
				out.WriteString(mark)
				p = rest
				continue
			}
			out.WriteByte('`') // a keyword does not reach over it
			p = rest[to[1]:]
		}
		out.WriteString(p)
		paragraphs[i] = out.String()
	}
	return strings.Join(paragraphs, "\n\n")
}

// closingTicks looks no further than it must: a text of nothing but backticks is as long to
// read as any.
func closingTicks(text string, n int) []int {
	for from := 0; ; {
		at := ticks.FindStringIndex(text[from:])
		if at == nil {
			return nil
		}
		if at[1]-at[0] == n {
			return []int{from + at[0], from + at[1]}
		}
		from += at[1]
	}
}
