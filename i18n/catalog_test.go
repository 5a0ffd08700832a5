package i18n

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
	"testing/fstest"
)

func mustLoad(t *testing.T) *Catalog {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestLocalesSayTheSame(t *testing.T) {
	c := mustLoad(t)
	if !reflect.DeepEqual(c.Keys(EN), c.Keys(ZH)) {
		t.Errorf("only in en: %v\nonly in zh: %v", without(c.Keys(EN), c.Keys(ZH)), without(c.Keys(ZH), c.Keys(EN)))
	}
	for _, key := range c.Keys(EN) {
		zh, ok := c.entries[ZH][key]
		if !ok {
			continue
		}
		if want, got := allVerbs(c.entries[EN][key]), allVerbs(zh); !reflect.DeepEqual(want, got) {
			t.Errorf("%s: en fills %v, zh fills %v", key, want, got)
		}
		for _, text := range append(c.entries[EN][key].texts(), zh.texts()...) {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s: empty sentence", key)
			}
		}
	}
}

// Chinese is typeset by its own rules: full-width punctuation beside Han, and a
// space between Han and Latin letters, digits or what will be filled in.
func TestChineseIsTypesetAsChinese(t *testing.T) {
	c := mustLoad(t)
	halfWidth := regexp.MustCompile(`\p{Han}[,;:!?()]|[,;:!?()]\p{Han}|\p{Han}\.(\s|$)`)
	anything, numbers := regexp.MustCompile(`%(\[\d+\])?[sv]`), regexp.MustCompile(`%(\[\d+\])?d`)
	tight := regexp.MustCompile(`\p{Han}[A-Za-z0-9]|[A-Za-z0-9]\p{Han}`)
	for _, key := range c.Keys(ZH) {
		for _, text := range c.entries[ZH][key].texts() {
			// %s may be filled with Han, so it stands as its author wrote it; a
			// number is one digit here.
			text = numbers.ReplaceAllString(anything.ReplaceAllString(text, "□"), "0")
			if found := halfWidth.FindString(text); found != "" {
				t.Errorf("%s: half-width punctuation %q in %q", key, found, text)
			}
			if found := tight.FindString(text); found != "" {
				t.Errorf("%s: no space in %q of %q", key, found, text)
			}
		}
	}
}

// words the product does not use, in the languages it speaks.
func TestWordsOfTheGlossary(t *testing.T) {
	c := mustLoad(t)
	banned := regexp.MustCompile(`(?i)\b(posts?|ideas?|tickets?|upvotes?|notifications?)\b|!|！`)
	for _, l := range Locales() {
		for _, key := range c.Keys(l) {
			for _, text := range c.entries[l][key].texts() {
				if found := banned.FindString(text); found != "" {
					t.Errorf("%s %s: %q in %q", l, key, found, text)
				}
			}
		}
	}
}

var (
	inTemplate = regexp.MustCompile(`\bt "([a-z0-9_.]+)"`)
	inGo       = regexp.MustCompile(`\.T\("([a-z0-9_.]+)"`)
	inPrefix   = regexp.MustCompile(`\bt \(print "([a-z0-9_.]+\.)" `)
)

// Every key that the project's sources name has its sentence.
func TestUsedKeysExist(t *testing.T) {
	c := mustLoad(t)
	p := c.For(EN)
	for name, text := range sources(t) {
		for _, m := range append(inTemplate.FindAllStringSubmatch(text, -1), inGo.FindAllStringSubmatch(text, -1)...) {
			// A key that ends in a dot is completed by a value.
			if !p.Has(m[1]) && !(strings.HasSuffix(m[1], ".") && anyHasPrefix(c.Keys(EN), m[1])) {
				t.Errorf("%s: no sentence for %q", name, m[1])
			}
		}
	}
}

// What ui.yaml and time.yaml say is said somewhere.
func TestNoKeyIsLeftOver(t *testing.T) {
	all := sources(t)
	used, prefixes := map[string]bool{}, []string{"page_error.", "portal.tab."}
	for _, text := range all {
		for _, m := range append(inTemplate.FindAllStringSubmatch(text, -1), inGo.FindAllStringSubmatch(text, -1)...) {
			if used[m[1]] = true; strings.HasSuffix(m[1], ".") { // completed by a value
				prefixes = append(prefixes, m[1])
			}
		}
		for _, m := range inPrefix.FindAllStringSubmatch(text, -1) {
			prefixes = append(prefixes, m[1])
		}
	}
	raw, err := fs.ReadFile(locales, "locales/en/ui.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^([a-z0-9_.]+):`).FindAllStringSubmatch(string(raw), -1) {
		key := m[1]
		if used[key] || hasPrefix(key, prefixes) {
			continue
		}
		t.Errorf("ui.yaml: nothing says %q", key)
	}
}

func TestLoadRefusesWhatWouldBeLost(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{
		"a key twice":       {"locales/en/a.yaml": file(`a: "x"`), "locales/en/b.yaml": file(`a: "y"`), "locales/zh/a.yaml": file(`a: "x"`)},
		"no other form":     {"locales/en/a.yaml": file(`a: {one: "x"}`), "locales/zh/a.yaml": file(`a: "x"`)},
		"an unknown form":   {"locales/en/a.yaml": file(`a: {other: "x", few: "y"}`), "locales/zh/a.yaml": file(`a: "x"`)},
		"a locale missing":  {"locales/en/a.yaml": file(`a: "x"`)},
		"a file not a map":  {"locales/en/a.yaml": file(`- a`), "locales/zh/a.yaml": file(`a: "x"`)},
		"a nested sentence": {"locales/en/a.yaml": file("a:\n  b:\n    other: x"), "locales/zh/a.yaml": file(`a: "x"`)},
	} {
		if _, err := load(files); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestVerbs(t *testing.T) {
	for text, want := range map[string][]string{
		"no verb, 100%%":        {},
		"%d people":             {"1:d"},
		"%[2]s from %[1]d":      {"1:d", "2:s"},
		"%s and %s":             {"1:s", "2:s"},
		"%[1]s and again %[1]s": {"1:s"},
	} {
		if got := verbs(text); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

func allVerbs(e entry) []string {
	seen := map[string]bool{}
	for _, text := range e.texts() {
		for _, v := range verbs(text) {
			seen[v] = true
		}
	}
	out := make([]string, 0, len(seen))
	for v := range seen {
		out = append(out, v)
	}
	sort.Strings(out)
	return out
}

func without(a, b []string) []string {
	in := map[string]bool{}
	for _, k := range b {
		in[k] = true
	}
	var out []string
	for _, k := range a {
		if !in[k] {
			out = append(out, k)
		}
	}
	return out
}

func hasPrefix(key string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(key, p) {
			return true
		}
	}
	return false
}

func anyHasPrefix(keys []string, prefix string) bool {
	return slices.ContainsFunc(keys, func(key string) bool { return strings.HasPrefix(key, prefix) })
}

// sources reads the project's templates, scripts and Go files, tests apart.
func sources(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "dist" || d.Name() == ".git" || d.Name() == "data") {
			return fs.SkipDir
		}
		switch ext := filepath.Ext(name); {
		case ext == ".html", ext == ".ts", ext == ".go" && !strings.HasSuffix(name, "_test.go"):
			raw, err := os.ReadFile(name)
			if err != nil {
				return fmt.Errorf("read %s: %w", name, err)
			}
			out[name] = string(raw)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 20 {
		t.Fatalf("found only %d sources", len(out))
	}
	return out
}
