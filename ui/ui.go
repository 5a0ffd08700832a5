package ui

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"strings"
	"text/template/parse"
	"time"

	"github.com/heedhq/heed/i18n"
)

// Options are what the pages need to know of their surroundings.
type Options struct {
	// Now tells the time for "3 h ago"; nil means the system's clock.
	Now func() time.Time
	// Dist replaces the embedded bundle, for tests; nil means the embedded one.
	Dist fs.FS
}

// UI renders pages. It is immutable and safe for concurrent use.
type UI struct {
	catalog *i18n.Catalog
	bundle  *bundle
	now     func() time.Time
	sets    map[i18n.Locale]map[string]*template.Template
}

// page is the dot of every page template: V the surroundings, D the content.
type page struct {
	V View
	D any
}

// New parses every page once per locale, so that a broken template fails at
// start and not at the first visitor.
func New(catalog *i18n.Catalog, opts Options) (*UI, error) {
	files := opts.Dist
	if files == nil {
		sub, err := fs.Sub(dist, "dist")
		if err != nil {
			return nil, fmt.Errorf("ui: open bundle: %w", err)
		}
		files = sub
	}
	b, err := readBundle(files)
	if err != nil {
		return nil, err
	}
	u := &UI{catalog: catalog, bundle: b, now: opts.Now, sets: map[i18n.Locale]map[string]*template.Template{}}
	if u.now == nil {
		u.now = time.Now
	}
	for _, locale := range i18n.Locales() {
		if u.sets[locale], err = u.parse(locale); err != nil {
			return nil, err
		}
	}
	return u, nil
}

// Built reports whether the bundle of scripts and styles is embedded.
func (u *UI) Built() bool { return u.bundle.built() }

// parse makes the pages of one locale. Each page is its own file with what that uses of
// the shared layouts and components, so pages may reuse define names.
func (u *UI) parse(locale i18n.Locale) (map[string]*template.Template, error) {
	funcs := u.funcs(u.catalog.For(locale))
	shared, err := template.New("shared").Funcs(funcs).ParseFS(templates, "templates/layout_*.html", "templates/part_*.html")
	if err != nil {
		return nil, fmt.Errorf("ui: parse shared templates: %w", err)
	}
	names, err := fs.Glob(templates, "templates/page_*.html")
	if err != nil {
		return nil, fmt.Errorf("ui: list pages: %w", err)
	}
	set := make(map[string]*template.Template, len(names))
	for _, name := range names {
		key := strings.TrimSuffix(strings.TrimPrefix(name, "templates/page_"), ".html")
		page, err := template.New(key).Funcs(funcs).ParseFS(templates, name)
		if err != nil {
			return nil, fmt.Errorf("ui: parse %s: %w", name, err)
		}
		if err := complete(page, shared); err != nil {
			return nil, fmt.Errorf("ui: complete %s: %w", name, err)
		}
		set[key] = page
	}
	return set, nil
}

// complete adds to a page what it uses of the shared templates. A clone of all of them for
// each page would be most of the memory of a server at rest.
func complete(page, shared *template.Template) error {
	for open := page.Templates(); len(open) > 0; open = open[1:] {
		if open[0].Tree == nil {
			continue
		}
		for _, name := range used(open[0].Tree.Root) {
			if page.Lookup(name) != nil {
				continue
			}
			from := shared.Lookup(name)
			if from == nil {
				return fmt.Errorf("%s names %s, which is not there", open[0].Name(), name)
			}
			added, err := page.AddParseTree(name, from.Tree.Copy())
			if err != nil {
				return err
			}
			open = append(open, added)
		}
	}
	return nil
}

// used are the names of the templates that a part of one calls.
func used(n parse.Node) (names []string) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil {
			return nil
		}
		for _, child := range n.Nodes {
			names = append(names, used(child)...)
		}
	case *parse.IfNode:
		names = append(used(n.List), used(n.ElseList)...)
	case *parse.RangeNode:
		names = append(used(n.List), used(n.ElseList)...)
	case *parse.WithNode:
		names = append(used(n.List), used(n.ElseList)...)
	case *parse.TemplateNode:
		names = []string{n.Name}
	}
	return names
}

// Render writes a whole page: data is the view struct the page's name asks for
// (see the constants of pages.go). Nothing is written when rendering fails.
func (u *UI) Render(w io.Writer, v View, name string, data any) error {
	return u.execute(w, v, name, "document", data)
}

// RenderFragment writes one named part of a page, for requests that replace
// only that region. Fragments are `{{define}}`s of the page's own file.
func (u *UI) RenderFragment(w io.Writer, v View, name, fragment string, data any) error {
	return u.execute(w, v, name, fragment, data)
}

func (u *UI) execute(w io.Writer, v View, name, define string, data any) error {
	set, ok := u.sets[v.Locale]
	if !ok {
		set = u.sets[i18n.EN]
		v.Locale = i18n.EN
	}
	t, ok := set[name]
	if !ok {
		return fmt.Errorf("ui: no page %q", name)
	}
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, define, page{V: v, D: data}); err != nil {
		return fmt.Errorf("ui: render %s: %w", name, err)
	}
	if _, err := out.WriteTo(w); err != nil {
		return fmt.Errorf("ui: write %s: %w", name, err)
	}
	return nil
}
