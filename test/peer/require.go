package peer

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// RequireVariable is the environment variable that lists, separated by commas, the
// peers without which a test run must fail instead of skipping: "github,postgres".
const RequireVariable = "HEED_TEST_REQUIRE"

// Required says whether this run insists on the peer of that name.
func Required(name string) bool {
	names := strings.FieldsFunc(os.Getenv(RequireVariable), func(r rune) bool { return r == ',' || r == ' ' })
	return slices.Contains(names, name)
}

// Missing ends the test because the peer cannot be had: a failure when the run
// requires it, else a skip that says why and what would help.
func Missing(t testing.TB, name string, why error) {
	t.Helper()
	if Required(name) {
		t.Fatalf("%s is required (%s): %v", name, RequireVariable, why)
	}
	t.Skipf("SKIPPED without %s: %v", name, why)
}
