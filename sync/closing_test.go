package issuesync

import (
	"fmt"
	"strings"
	"testing"
)

// What closes an issue on GitHub counts, and nothing else does.
func TestAKeywordNamesTheIssueThatItCloses(t *testing.T) {
	w := newWorld(t, sqlite(t), nil, func(o *Options) { o.APIURL = "https://api.github.com" })
	for _, c := range []struct{ body, want string }{
		{"Fixes #7", "#7"},
		{"close #1 closes #2 closed #3 fix #4 fixes #5 fixed #6 resolve #7 resolves #8 resolved #9", "#1 #2 #3 #4 #5 #6 #7 #8 #9"},
		{"CLOSES: #10, Fixes:\t#11.", "#10 #11"},
		{"Resolves acme/Roadmap#12 (fixes #13) **fixes #14** _closes #15_ fixes #16\r\nfixes #16", "acme/roadmap#12 #13 #14 #15 #16"},
		{"fixes https://github.com/acme/roadmap/issues/17, fixes http://GitHub.com/a/b/issues/18#issuecomment-1", "acme/roadmap#17 a/b#18"},
		{"- [x] fixes #19\n> closes #20\n\"fixes #21\"", "#19 #20 #21"},
		{"#22, see #23, fixing #24, prefixes #25, unclosed #26, hotfix #27, fixer #28, bug-fix #29", ""},
		{"fixes #30a, fixes #x, fixes #, fixes #0, fixes #12345678901, fixes#31, fixes the #32, fixes\n#33", ""},
		{"fixes https://github.example.org/a/b/issues/34 fixes https://github.com/a/b/pull/35 fixes github.com/a/b/issues/36", ""},
		{"```\nfixes #37\n```\nfixes #38\n~~~~ text\nfixes #39\n~~~\nfixes #40\n~~~~\nfixes #41", "#38 #41"},
		{"```go\nfixes #42", ""},
		{"`fixes #43` ``a ` fixes #44`` fixes `#45` ` fixes #46", "#46"},
		{"<!-- fixes #47 --> fixes #48 <!-- fixes\n#49 fixes #50", "#48"},
		{"fixes acme/#51 fixes /roadmap#52 fixes a/b/c#53 fixes ../b#54", ""},
		{"", ""},
		{strings.Repeat("`", 100_000) + strings.Repeat("<!--", 10_000), ""},
		{strings.Repeat("`a", 30_000) + " fixes #53", "#53"}, // in no time
	} {
		var got []string
		for _, n := range w.closes(c.body) {
			got = append(got, fmt.Sprintf("%s#%d", n.repository, n.number))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%.90q names %v, want %s", c.body, got, c.want)
		}
	}
	var many strings.Builder
	for i := range 500 {
		fmt.Fprintf(&many, "fixes #%d\n", i+1)
	}
	if n := len(w.closes(many.String())); n != mostNamed {
		t.Errorf("%d of one pull request are looked at", n)
	}
}
