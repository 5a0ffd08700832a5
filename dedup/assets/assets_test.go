package assets

import (
	"strings"
	"testing"

	"github.com/heedhq/heed/dedup/q8"
)

// The weights are whole, and so is what their licences ask to go with them.
func TestEverythingIsThere(t *testing.T) {
	for name, raw := range map[string][]byte{"encoder": Encoder(), "student": Student()} {
		if f, err := q8.Read(raw); err != nil || f.Name != name || !strings.Contains(f.Note, "ATTRIBUTION.md") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(Pieces()) < 100_000 || len(Dictionary()) < 1_000_000 {
		t.Errorf("%d bytes of pieces, %d of dictionary", len(Pieces()), len(Dictionary()))
	}
	for _, owed := range []string{"Universal Sentence Encoder Lite", "Apache License", "CC-CEDICT", "CC BY-SA 4.0", "changed", "BANKING77", "CLINC150", "HWU64", "Tatoeba"} {
		if !strings.Contains(Attribution(), owed) {
			t.Errorf("the attribution does not name %s", owed)
		}
	}
	if s := ShareAlike(); !strings.Contains(s, "Attribution-ShareAlike 4.0 International") || !strings.Contains(s, "Section 8 -- Interpretation") {
		t.Error("the text of CC BY-SA 4.0 is not whole")
	}
}
