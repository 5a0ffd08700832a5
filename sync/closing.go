package issuesync

import "regexp"

// mostNamed issues of one pull request are looked at.
const mostNamed = 50

var keyword = regexp.MustCompile(`(?i)(?:^|[\s(\[*_,;:.>"'])(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?[ \t]+([^\s<>]+)`)

// closes lists the issues that a text closes where GitHub would: by one of its nine keywords,
// outside of code and comments; each once.
func (s *Sync) closes(body string) (all []named) {
	seen := map[named]bool{}
	for _, m := range keyword.FindAllStringSubmatch(prose(body), -1) {
		n, ok := s.naming(m[1])
		if !ok || seen[n] {
			continue
		}
		if seen[n] = true; len(all) < mostNamed {
			all = append(all, n)
		}
	}
	return all
}
