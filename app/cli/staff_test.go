package cli

import (
	"path/filepath"
	"strings"
	"testing"
)

// No token is called by a recovery phrase from the command line either.
func TestNoTokenIsCalledByAPhrase(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("HEED_DATABASE__URL", "sqlite:"+filepath.Join(dir, "heed.db"))
	t.Setenv("HEED_SECRETS__KEY_FILE", filepath.Join(dir, "heed.key"))
	const phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow"
	for _, name := range []string{phrase, strings.Replace(phrase, "sausage", "sausge", 1)} {
		code, out, errs := heed(t, "", "token", "create", "--name", name, "--kind", "agent", "--scopes", "suggestions:write")
		if code == 0 || !strings.Contains(errs, "reads like a recovery phrase") || strings.Contains(out+errs, "winner") {
			t.Errorf("%d %s %s", code, out, errs)
		}
	}
	if code, _, errs := heed(t, "", "token", "create", "--name", "Help desk", "--kind", "agent", "--scopes", "suggestions:write"); code != 0 {
		t.Errorf("%d %s", code, errs)
	}
}
