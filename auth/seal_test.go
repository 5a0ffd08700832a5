package auth_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/heedhq/heed/auth"
)

func TestSealedTextsOpenOnlyWithTheirKeyAndInTheirPlace(t *testing.T) {
	a := auth.New(nil, auth.Options{Key: testKey})
	other := auth.New(nil, auth.Options{Key: bytes.Repeat([]byte{7}, auth.KeySize)})
	one := must[string](t)(a.Seal([]byte("hunter2"), "webhook/1"))
	if two := must[string](t)(a.Seal([]byte("hunter2"), "webhook/1")); one == two || strings.Contains(one, "hunter2") {
		t.Error("sealed texts show what they hold")
	}
	if plain, err := a.Open(one, "webhook/1"); err != nil || string(plain) != "hunter2" {
		t.Errorf("opened %q: %v", plain, err)
	}
	changed := []byte(one)
	changed[len(changed)/2] ^= 1
	for what, open := range map[string]func() ([]byte, error){
		"other key":     func() ([]byte, error) { return other.Open(one, "webhook/1") },
		"other context": func() ([]byte, error) { return a.Open(one, "webhook/2") },
		"changed":       func() ([]byte, error) { return a.Open(string(changed), "webhook/1") },
		"cut":           func() ([]byte, error) { return a.Open(one[:10], "webhook/1") },
		"no version":    func() ([]byte, error) { return a.Open(one[3:], "webhook/1") },
		"empty":         func() ([]byte, error) { return a.Open("", "webhook/1") },
	} {
		if plain, err := open(); err == nil || plain != nil {
			t.Errorf("%s: opened %q", what, plain)
		}
	}
}

func TestDigestsBelongToAPurposeAndAKey(t *testing.T) {
	a := auth.New(nil, auth.Options{Key: testKey})
	other := auth.New(nil, auth.Options{Key: bytes.Repeat([]byte{7}, auth.KeySize)})
	d := a.Digest("unsubscribe", "per_1")
	if len(d) != 43 || d != a.Digest("unsubscribe", "per_1") || !a.IsDigest("unsubscribe", "per_1", d) {
		t.Errorf("digest %q", d)
	}
	for what, same := range map[string]bool{
		"other purpose":   a.IsDigest("preferences", "per_1", d),
		"other text":      a.IsDigest("unsubscribe", "per_2", d),
		"other key":       other.IsDigest("unsubscribe", "per_1", d),
		"moved boundary":  a.Digest("ab", "c") == a.Digest("a", "bc"),
		"nothing":         a.IsDigest("unsubscribe", "per_1", ""),
		"sealing and it":  d == must[string](t)(a.Seal(nil, "unsubscribe")),
		"cut to a prefix": a.IsDigest("unsubscribe", "per_1", d[:20]),
	} {
		if same {
			t.Errorf("%s: accepted", what)
		}
	}
}

func TestTheKeyFileIsMadeOnceAndForItsOwnerAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "heed.key")
	keys := make([][]byte, 20)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			var err error
			if keys[i], err = auth.LoadKey(path); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, k := range keys {
		if len(k) != auth.KeySize || !bytes.Equal(k, keys[0]) {
			t.Fatalf("key %x, first %x", k, keys[0])
		}
	}
	if bytes.Equal(keys[0], make([]byte, auth.KeySize)) {
		t.Error("the key is empty")
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(left) != 1 {
		t.Errorf("left beside it: %v", left)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".key-*")); len(left) != 0 {
		t.Errorf("left beside it: %v", left)
	}
}

func TestABadKeyFileIsSaidWithTheWayOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "heed.key")
	for _, c := range []struct {
		text string
		mode os.FileMode
		part string
	}{
		{strings.Repeat("ab", 32), 0o640, "chmod 600 " + path},
		{strings.Repeat("ab", 32), 0o604, "chmod 600 " + path},
		{strings.Repeat("ab", 31), 0o600, "64 hexadecimal digits"},
		{strings.Repeat("xy", 32), 0o600, "64 hexadecimal digits"},
		{"", 0o600, "64 hexadecimal digits"},
	} {
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, c.mode); err != nil {
			t.Fatal(err)
		}
		key, err := auth.LoadKey(path)
		if err == nil || key != nil || !strings.Contains(err.Error(), c.part) || c.text != "" && strings.Contains(err.Error(), c.text) {
			t.Errorf("%q %o: %v", c.text, c.mode, err)
		}
		if raw, _ := os.ReadFile(path); string(raw) != c.text {
			t.Error("a bad file was replaced")
		}
	}
}
