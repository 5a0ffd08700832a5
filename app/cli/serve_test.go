package cli

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
)

// The demo's mail viewer needs no sign-in and shows sign-in codes.
func TestTheDemoIsForThisMachineOnly(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:8080", ":8080", "[::]:8080", "192.0.2.7:8080", "demo.example.com:80"} {
		folder := t.TempDir()
		t.Setenv("HEED_SERVER__ADDR", addr)
		t.Setenv("HEED_DATABASE__URL", "sqlite:"+filepath.Join(folder, "demo.db"))
		t.Setenv("HEED_SECRETS__KEY_FILE", filepath.Join(folder, "demo.key"))
		var out, errs bytes.Buffer
		code := run(&env{ctx: context.Background(), out: &out, errs: &errs, in: &bytes.Buffer{}}, []string{"demo"})
		if said := errs.String(); code != exitFailed || !strings.Contains(said, "server.addr: the demo listens on this machine only") || !strings.Contains(said, addr) {
			t.Errorf("%s: exit %d: %s", addr, code, said)
		}
		if left, err := filepath.Glob(filepath.Join(folder, "*")); err != nil || len(left) > 0 {
			t.Errorf("%s: refused and yet made %v (%v)", addr, left, err)
		}
	}
	for _, addr := range []string{"127.0.0.1:8080", "127.0.0.2:0", "localhost:8080", "[::1]:8080"} {
		if !isLoopback(addr) {
			t.Errorf("%s is this machine", addr)
		}
	}
}
