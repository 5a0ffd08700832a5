package redact

import (
	"strings"
	"testing"
)

// Nobody is called by a secret, by a phrase with a slip, or by the mask of either.
func TestNoSecretIsAName(t *testing.T) {
	r := New(Options{Key: []byte("k")})
	const phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow"
	for name, rule := range map[string]string{
		phrase:                  "seed_phrase",
		"Mei " + phrase:         "seed_phrase",
		strings.ToUpper(phrase): "seed_phrase",
		strings.Replace(phrase, "yellow", "zebra", 1):   "seed_phrase", // wrong by its checksum
		strings.Replace(phrase, "sausage", "sausge", 1): "seed_phrase",
		"password=hunter2hunter2":                       "password",
		"‹seed_phrase ···›":                             "",
		"Mei ‹api_key ···›":                             "",
	} {
		kept, found := r.Name(name)
		if kept != "" {
			t.Errorf("%q is called %q", name, kept)
		}
		if (rule == "") != (len(found) == 0) || rule != "" && (found[0].Rule != rule || found[0].Warning || found[0].Digest == "") {
			t.Errorf("%q: %+v", name, found)
		}
	}
	for _, name := range []string{"", "Mei 陈美", "Jean-Luc O’Neill", "Will Young", "Rose Garden", "王安全", "Ana ‹3", "علی\u200cرضا", "क्\u200dष", "👩\u200d💻 Ada"} {
		if kept, found := r.Name(name); kept != name || found != nil {
			t.Errorf("%q became %q, %+v", name, kept, found)
		}
	}
	// What nobody sees turns no line around, and splits no secret.
	if kept, found := r.Name("\u200d \u200dMei\u202e\u2066 \u200bChen\u200c"); kept != "Mei Chen" || found != nil {
		t.Errorf("%q, %+v", kept, found)
	}
}
