package config

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// Whoever runs Heed finds every key of the configuration in the documentation, and in
// config.yaml beside its default.
func TestTheDocumentationKnowsEveryKey(t *testing.T) {
	var docs string
	for _, name := range []string{"operators", "integrators", "security", "support"} {
		b, err := os.ReadFile("../../docs/" + name + ".md")
		if err != nil {
			t.Fatal(err)
		}
		docs += string(b)
	}
	yaml, err := os.ReadFile("../../config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`^(  )?([a-z_0-9]+):`)
	section, keys := "", 0
	for l := range strings.Lines(string(yaml)) {
		m := line.FindStringSubmatch(l)
		switch {
		case m == nil:
		case m[1] == "":
			section = m[2]
		default:
			keys++
			if key := section + "." + m[2]; !strings.Contains(docs, key) {
				t.Errorf("not in the documentation: %s", key)
			}
		}
	}
	if keys < 50 {
		t.Errorf("config.yaml was not understood: %d keys", keys)
	}
}
