package i18n

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"sort"
	"strings"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"
)

//go:embed locales/*/*.yaml
var locales embed.FS

// Catalog is the complete set of sentences of every locale. It is immutable and
// safe for concurrent use.
type Catalog struct {
	entries  map[Locale]map[string]entry
	printers map[Locale]*Printer
}

// entry is one sentence: a single text, or plural forms by CLDR name.
type entry struct {
	text  string
	forms map[string]string
}

// UnmarshalYAML accepts a string or a map of plural forms.
func (e *entry) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		return node.Decode(&e.text)
	}
	if err := node.Decode(&e.forms); err != nil {
		return err
	}
	if e.forms["other"] == "" {
		return fmt.Errorf("line %d: plural forms need %q", node.Line, "other")
	}
	for form := range e.forms {
		if form != "one" && form != "other" {
			return fmt.Errorf("line %d: unknown plural form %q", node.Line, form)
		}
	}
	return nil
}

// texts returns every form of the sentence, the main one last.
func (e entry) texts() []string {
	if e.forms == nil {
		return []string{e.text}
	}
	out := make([]string, 0, len(e.forms))
	if one, ok := e.forms["one"]; ok {
		out = append(out, one)
	}
	return append(out, e.forms["other"])
}

// message converts the entry into what golang.org/x/text selects from.
func (e entry) message() catalog.Message {
	if e.forms == nil {
		return catalog.String(e.text)
	}
	cases := make([]any, 0, 4)
	if one, ok := e.forms["one"]; ok {
		cases = append(cases, plural.One, one)
	}
	cases = append(cases, plural.Other, e.forms["other"])
	return plural.Selectf(1, "%d", cases...)
}

// Load reads the embedded catalogs. It fails on a key that two files of one
// locale both define, so that no sentence silently replaces another.
func Load() (*Catalog, error) { return load(locales) }

func load(files fs.FS) (*Catalog, error) {
	c := &Catalog{entries: map[Locale]map[string]entry{}, printers: map[Locale]*Printer{}}
	builder := catalog.NewBuilder(catalog.Fallback(EN.Tag()))
	for _, locale := range Locales() {
		entries, err := readLocale(files, locale)
		if err != nil {
			return nil, err
		}
		for key, e := range entries {
			if err := builder.Set(locale.Tag(), key, e.message()); err != nil {
				return nil, fmt.Errorf("i18n: %s %q: %w", locale, key, err)
			}
		}
		c.entries[locale] = entries
		c.printers[locale] = &Printer{
			locale:  locale,
			entries: entries,
			out:     message.NewPrinter(locale.Tag(), message.Catalog(builder)),
		}
	}
	return c, nil
}

func readLocale(files fs.FS, locale Locale) (map[string]entry, error) {
	names, err := fs.Glob(files, path.Join("locales", string(locale), "*.yaml"))
	if err != nil {
		return nil, fmt.Errorf("i18n: list %s: %w", locale, err)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("i18n: no catalog for %s", locale)
	}
	entries := map[string]entry{}
	for _, name := range names {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("i18n: read %s: %w", name, err)
		}
		var area map[string]entry
		if err := yaml.Unmarshal(raw, &area); err != nil {
			return nil, fmt.Errorf("i18n: parse %s: %w", name, err)
		}
		for key, e := range area {
			if _, taken := entries[key]; taken {
				return nil, fmt.Errorf("i18n: %s: key %q is already defined by another file", name, key)
			}
			entries[key] = e
		}
	}
	return entries, nil
}

// For returns the printer of a locale; an unknown locale gets English.
func (c *Catalog) For(l Locale) *Printer {
	if p, ok := c.printers[l]; ok {
		return p
	}
	return c.printers[EN]
}

// Keys returns every key of a locale in order.
func (c *Catalog) Keys(l Locale) []string {
	keys := make([]string, 0, len(c.entries[l]))
	for key := range c.entries[l] {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

var verb = regexp.MustCompile(`%(?:\[(\d+)\])?[-+# 0]*\d*(?:\.\d+)?([a-zA-Z%])`)

// verbs returns the arguments a text formats, as "position:verb" in order of
// position, so that two languages may place them differently.
func verbs(text string) []string {
	next, seen := 1, map[string]bool{}
	for _, m := range verb.FindAllStringSubmatch(text, -1) {
		if m[2] == "%" {
			continue
		}
		if m[1] != "" {
			fmt.Sscanf(m[1], "%d", &next)
		}
		seen[fmt.Sprintf("%d:%s", next, strings.ToLower(m[2]))] = true
		next++
	}
	out := make([]string, 0, len(seen))
	for v := range seen {
		out = append(out, v)
	}
	sort.Strings(out)
	return out
}
