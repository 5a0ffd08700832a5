package dedup

import (
	"slices"
	"testing"
)

// What would join a theme unasked must not say its opposite, or speak of another
// platform, however alike the words are.
func TestOppositesAndOtherPlatformsDiffer(t *testing.T) {
	x := indexOf(map[string][]string{
		"dark":   {"Please add a dark mode", "dark mode would be nice", "希望增加深色模式"},
		"wallet": {"Hardware wallet disconnects on Android while signing", "wallet disconnects while signing on android phone", "hardware wallet disconnects while signing"},
	})
	for _, c := range []struct{ query, differs string }{
		{"Please remove dark mode", "negation"},
		{"disable dark mode", "negation"},
		{"请关闭深色模式", "negation"},
		{"Hardware wallet disconnects on iPhone while signing", "platform"},
		{"Please add a dark mode", ""},
		{"Hardware wallet disconnects on Android while signing", ""},
		{"Hardware wallet disconnects while signing", ""},
	} {
		got := x.Match(Query{Text: c.query})
		if len(got) == 0 {
			t.Errorf("%q: nothing found", c.query)
			continue
		}
		if c.differs == "" && len(got[0].Mismatch) > 0 || c.differs != "" && !slices.Contains(got[0].Mismatch, c.differs) {
			t.Errorf("%q against %s: differs in %v, want %q", c.query, got[0].Theme, got[0].Mismatch, c.differs)
		}
	}
}
