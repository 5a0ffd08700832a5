package config

import (
	"fmt"
	"strings"
)

// Problem is one thing to mend. Source is the file or the variable; Line is 0
// for a variable; Key is "" where none is meant; Allowed is what would be
// right, "" where Text says it.
type Problem struct {
	Source  string
	Line    int
	Key     string
	Text    string
	Allowed string
}

// String is a line such as
// `config.yaml:12: followups.settle: "5 minutes" is not a duration; allowed: …`.
func (p Problem) String() string {
	s := p.Source
	if p.Line > 0 {
		s += fmt.Sprintf(":%d", p.Line)
	}
	s += ": "
	if p.Key != "" {
		s += p.Key + ": "
	}
	s += p.Text
	if p.Allowed != "" {
		s += "; allowed: " + p.Allowed
	}
	return s
}

// Problems is everything that is wrong with a configuration.
type Problems []Problem

// Error lists the problems, one a line.
func (ps Problems) Error() string {
	lines := make([]string, 0, len(ps)+1)
	lines = append(lines, "the configuration is wrong:")
	for _, p := range ps {
		lines = append(lines, "  "+p.String())
	}
	return strings.Join(lines, "\n")
}

// wrong describes a refused value. What may be a secret is not repeated.
func (k key) wrong(source string, line int, value string, err error) Problem {
	shown := fmt.Sprintf("%q", value)
	if k.secret || k.url {
		shown = "the value"
	}
	return Problem{Source: source, Line: line, Key: k.name, Text: shown + " " + err.Error(), Allowed: k.allowed}
}

// nearest is the candidate that a mistyped name most likely meant, "" when none
// is close: a few letters off, or the same key in another section.
func nearest(name string, candidates []string) string {
	best, least := "", max(2, len(name)/4)+1
	for _, c := range candidates {
		if d := distance(strings.ToLower(name), strings.ToLower(c)); d < least {
			best, least = c, d
		}
	}
	if best != "" {
		return best
	}
	last := name[strings.LastIndexAny(name, "._")+1:]
	for _, c := range candidates {
		if last != "" && (strings.HasSuffix(c, "."+last) || strings.HasSuffix(c, "__"+last)) {
			return c
		}
	}
	return ""
}

// distance counts the letters to add, drop or change between a and b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			d := diagonal
			if a[i] != b[j] {
				d++
			}
			diagonal = row[j+1]
			row[j+1] = min(d, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
