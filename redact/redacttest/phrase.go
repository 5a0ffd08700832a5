// Package redacttest draws secrets for the tests of other packages.
package redacttest

import (
	"strings"
	"testing"

	"github.com/tyler-smith/go-bip39"

	"github.com/heedhq/heed/redact"
)

// Phrase draws a recovery phrase of twelve English words. About one in 9,000 reads so
// much like prose that it is left standing, as package redact says and its own tests
// count; such a one is drawn again, but not for ever: were phrases no longer found, the
// test that asked fails.
func Phrase(t testing.TB) string {
	t.Helper()
	phrase := ""
	for range 5 {
		entropy, err := bip39.NewEntropy(128)
		if err != nil {
			t.Fatal(err)
		}
		if phrase, err = bip39.NewMnemonic(entropy); err != nil {
			t.Fatal(err)
		}
		// Twice, since two that follow each other may also be taken for one.
		masked, findings := redact.New(redact.Options{}).Mask("restore failed: " + phrase + "\nrestore failed: " + phrase + "\n")
		if len(findings) == 2 && strings.HasPrefix(masked, "restore failed: ‹") {
			break
		}
	}
	return phrase
}
