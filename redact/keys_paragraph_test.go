package redact

import (
	"strings"
	"testing"
)

// "address" in another paragraph says nothing of a key that its own words call one; in the
// same one it does.
func TestAKeyIsWhatItsOwnParagraphCallsIt(t *testing.T) {
	const key = "0xc3308ea5c5c4a269a2676e1831697e033aa7826c1410817774d4c5cd80d74af7"
	r := New(Options{})
	if got, _ := r.Mask("{\"address\":\"0x0\"}\n\n" + key + " is my private key"); strings.Contains(got, key) {
		t.Errorf("not masked: %s", got)
	}
	if got, _ := r.Mask("The transaction " + key + ", no private key"); !strings.Contains(got, key) {
		t.Errorf("masked: %s", got)
	}
}
