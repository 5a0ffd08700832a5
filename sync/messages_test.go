package issuesync

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

var literal = regexp.MustCompile(`(?:Fail\(models\.\w+|BadField\("[^"]*"|Busy\(|code\w+ += )[, ]*"(\w+)"`)

// Whatever this package refuses or complains of can be said in every language.
func TestEveryErrorHasItsMessage(t *testing.T) {
	var codes []string
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range literal.FindAllStringSubmatch(string(raw), -1) {
			codes = append(codes, m[1])
		}
	}
	if len(codes) < 25 {
		t.Fatalf("only %v found in the source", codes)
	}
	for _, locale := range []string{"en", "zh"} {
		said := map[string]bool{}
		files, err := filepath.Glob("../i18n/locales/" + locale + "/*.yaml")
		if err != nil || len(files) == 0 {
			t.Fatal(err, "no catalogs")
		}
		for _, f := range files {
			raw, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			var entries map[string]any
			if err := yaml.Unmarshal(raw, &entries); err != nil {
				t.Fatal(err)
			}
			for key := range entries {
				said[key] = true
				code, ok := strings.CutPrefix(key, "error.")
				if ok && filepath.Base(f) == "errors_github.yaml" && !slices.Contains(codes, code) {
					t.Errorf("%s: nothing here fails with %s", f, code)
				}
			}
		}
		for _, code := range codes {
			if !said["error."+code] {
				t.Errorf("%s lacks error.%s", locale, code)
			}
		}
	}
}
