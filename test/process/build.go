//go:build unix

package process

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// BinaryVariable names a binary to test instead of building one, e.g. the one of
// `make build` or of a release.
const BinaryVariable = "HEED_TEST_BINARY"

// built is the one build of this test run.
var built = sync.OnceValues(build)

// Build gives the path of the binary, built once in a test run without cgo.
func Build(t testing.TB) string {
	t.Helper()
	if given := os.Getenv(BinaryVariable); given != "" {
		return given
	}
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// build puts the binary where every package's tests of this checkout find it again,
// so that a run leaves one file behind and not one for each package.
func build() (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(root))
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("heed-test-%d-%s", os.Getuid(), hex.EncodeToString(sum[:6])))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("build heed: %w", err)
	}
	workshop, err := os.MkdirTemp(dir, "building-")
	if err != nil {
		return "", fmt.Errorf("build heed: %w", err)
	}
	defer os.RemoveAll(workshop)
	fresh := filepath.Join(workshop, "heed")
	cmd := exec.Command("go", "build", "-o", fresh, ".")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	path := filepath.Join(dir, "heed")
	// A rename, since another package's tests may be running the former file.
	if err := os.Rename(fresh, path); err != nil {
		return "", fmt.Errorf("build heed: %w", err)
	}
	return path, nil
}

// moduleRoot is found from this file, or from the working folder with -trimpath.
func moduleRoot() (string, error) {
	if _, here, _, ok := runtime.Caller(0); ok && filepath.IsAbs(here) {
		return filepath.Dir(filepath.Dir(filepath.Dir(here))), nil
	}
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("find the module: %w", err)
	}
	return filepath.Dir(strings.TrimSpace(string(out))), nil
}
