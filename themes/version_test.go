package themes

import "testing"

func TestAVersionAtOrAfterTheOneThatShipped(t *testing.T) {
	for _, c := range []struct {
		reported, shipped string
		want              bool
	}{
		{"1.2.0", "1.2.0", true}, {"1.2", "1.2.0", true}, {"v1.2.0", "1.2", true}, {"V1.10", "v1.9", true}, {"1.9", "1.10", false},
		{"2", "1.99.99", true}, {"1.2.0-beta", "1.2.0", false}, {"1.2.0", "1.2.0-beta", true}, {"1.2.0-beta.10", "1.2.0-beta.9", true},
		{"1.2.0-alpha", "1.2.0-beta", false}, {"1.2.0b1", "1.2.0", false}, {"1.3.0-beta", "1.2.0", true}, {"4.2.0 (812)", "4.2.0", true},
		{"4.2.0+812", "4.2.0", true}, {"4.2.0 beta", "4.2.0", false}, {"1.2.0-rc.1", "1.2.0-rc.1", true},
		{"", "1.2", false}, {"1.2", "", false}, {"latest", "1.2", false}, {"iPhone 15", "1.2", false}, {"1..2", "1.2", false},
		{"99999999999999999999", "1.2", false}, {"-", "1.2", false}, {"1.2-", "1.2", false}, {"1.2.", "1.2", true},
	} {
		if got := reachedVersion(c.reported, c.shipped); got != c.want {
			t.Errorf("%q after %q: %v", c.reported, c.shipped, got)
		}
	}
}
