package config

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// appKeyFile makes the file that GitHub gives whoever makes an App.
func appKeyFile(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "heed.private-key.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// GitHub is shown a token or a whole App. What is half or twice is told by its key, and with
// a way out.
func TestATokenOrAWholeApp(t *testing.T) {
	file := "HEED_GITHUB__PRIVATE_KEY_FILE=" + appKeyFile(t)
	const token, id = "HEED_GITHUB__TOKEN=hunter2", "HEED_GITHUB__APP_ID=4242"
	for _, c := range []struct {
		environ []string
		want    string // what the one problem begins with, "" for none
	}{
		{nil, ""},
		{[]string{token}, ""},
		{[]string{id, file}, ""},
		{[]string{id}, "config.yaml or HEED_GITHUB__APP_ID: github.app_id: is set without github.private_key_file: name the file"},
		{[]string{file}, "config.yaml or HEED_GITHUB__PRIVATE_KEY_FILE: github.private_key_file: is set without github.app_id: add the number"},
		{[]string{token, id, file}, "config.yaml or HEED_GITHUB__TOKEN: github.token: is set beside github.app_id: an App needs no token; empty one"},
	} {
		got, err := Load("", c.environ)
		if ps, ok := err.(Problems); ok != (c.want != "") || ok && (len(ps) != 1 || !strings.HasPrefix(ps[0].String(), c.want)) {
			t.Errorf("%q: %v, want %q", c.environ, err, c.want)
		}
		if len(c.environ) == 2 && (got.GitHub.AppID != 4242 || !strings.HasSuffix(file, got.GitHub.PrivateKeyFile)) {
			t.Errorf("it is read as %+v", got.GitHub)
		}
	}
}
