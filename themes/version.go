package themes

import (
	"cmp"
	"strconv"
	"strings"
)

// version is a release as its name says: 4.10.0-beta.2 has numbers and a stage
// before the release of these numbers.
type version struct {
	numbers []int
	stage   []string
}

// parseVersion reads "4.10", "v4.10.0", "4.10.0-beta.2", "4.10.0 (812)" and
// "4.10.0+812"; what stands in brackets or after a plus names a build. ok is
// false for what is no version.
func parseVersion(s string) (v version, ok bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	s = strings.TrimSpace(strings.TrimPrefix(s, "v"))
	if i := strings.IndexAny(s, "+("); i >= 0 {
		s = strings.TrimSpace(s[:i])
	}
	numbers, stage := s, ""
	if i := strings.IndexFunc(s, func(r rune) bool { return r != '.' && (r < '0' || r > '9') }); i >= 0 {
		numbers, stage = s[:i], strings.TrimLeft(s[i:], "- _")
		if stage == "" {
			return v, false
		}
		v.stage = strings.FieldsFunc(stage, func(r rune) bool { return r == '.' || r == '-' || r == ' ' || r == '_' })
	}
	for part := range strings.SplitSeq(strings.TrimSuffix(numbers, "."), ".") {
		n, err := strconv.Atoi(part)
		if err != nil || len(v.numbers) == 8 {
			return v, false
		}
		v.numbers = append(v.numbers, n)
	}
	return v, len(v.numbers) > 0
}

// compare orders versions: missing numbers are 0, and a stage stands before its
// release.
func (v version) compare(w version) int {
	for i := range max(len(v.numbers), len(w.numbers)) {
		if c := cmp.Compare(at(v.numbers, i), at(w.numbers, i)); c != 0 {
			return c
		}
	}
	if len(v.stage) == 0 || len(w.stage) == 0 {
		return cmp.Compare(len(w.stage), len(v.stage))
	}
	for i := range max(len(v.stage), len(w.stage)) {
		a, b := at(v.stage, i), at(w.stage, i)
		n, errA := strconv.Atoi(a)
		m, errB := strconv.Atoi(b)
		c := cmp.Compare(a, b)
		if errA == nil && errB == nil {
			c = cmp.Compare(n, m)
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

func at[T any](list []T, i int) (zero T) {
	if i < len(list) {
		return list[i]
	}
	return zero
}

// reachedVersion reports whether a version is the one that shipped, or a later one;
// false when either is no version.
func reachedVersion(reported, shipped string) bool {
	a, ok := parseVersion(reported)
	b, ok2 := parseVersion(shipped)
	return ok && ok2 && a.compare(b) >= 0
}
