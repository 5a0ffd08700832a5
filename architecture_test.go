package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

const module = "github.com/heedhq/heed/"

// mayImport lists, for each room of the house, the rooms of ours it may
// import. A room stands for all folders below it. Every room may import what
// stands under "*".
var mayImport = map[string][]string{
	"*":        {"models", "auth", "i18n"},
	"models":   {},
	"i18n":     {},
	"redact":   {},
	"dedup":    {},
	"auth":     {"models"},
	"jobs":     {"models"},
	"themes":   {"dedup"},
	"people":   {"redact", "dedup"},
	"intake":   {"redact", "themes", "dedup"},
	"notifier": {"jobs", "redact"},
	"sync":     {"themes", "jobs", "redact"},
	"ui":       {"i18n"},
	"server":   {"ui", "people", "intake", "themes", "notifier", "sync", "app/devmail"},
	"app":      {"ui", "people", "intake", "themes", "notifier", "sync", "jobs", "redact", "dedup", "server"},
	"test":     {"app", "people", "intake", "themes", "notifier", "sync", "jobs", "redact", "dedup", "server", "ui"},
	".":        {"app/cli"},
}

// closed rooms may import nothing from "*".
var closed = map[string]bool{"models": true, "i18n": true, "redact": true, "dedup": true}

// edges that only one room may cross: HTTP frameworks stay in server, GitHub's
// client in sync.
var only = map[string][]string{
	"github.com/labstack/echo/":        {"server"},
	"github.com/danielgtaylor/huma/":   {"server"},
	"github.com/modelcontextprotocol/": {"server"},
	"github.com/google/go-github/":     {"sync"},
	"github.com/wneessen/go-mail":      {"notifier"},
	"github.com/alecthomas/kong":       {"app"},
	"github.com/getkin/kin-openapi/":   {"test"},
}

func TestArrowsRunOneWay(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if name := d.Name(); name == "node_modules" || name == ".git" || name == "testdata" {
				return filepath.SkipDir
			}
			return err
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		from := filepath.ToSlash(filepath.Dir(path))
		for _, spec := range f.Imports {
			imported := strings.Trim(spec.Path.Value, `"`)
			if to, ours := strings.CutPrefix(imported, module); ours && !allowed(from, to) {
				t.Errorf("%s imports %s: against the arrows of ARCHITECTURE", path, to)
			}
			for edge, rooms := range only {
				if strings.HasPrefix(imported, edge) && !in(room(from), rooms) && room(from) != "test" {
					t.Errorf("%s imports %s, which only %v may", path, imported, rooms)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func room(dir string) string {
	first, _, _ := strings.Cut(dir, "/")
	return first
}

func in(s string, list []string) bool {
	for _, x := range list {
		if s == x || strings.HasPrefix(s, x+"/") {
			return true
		}
	}
	return false
}

func allowed(from, to string) bool {
	home := room(from)
	if room(to) == home || in(to, mayImport[home]) {
		return true
	}
	return !closed[home] && in(to, mayImport["*"])
}
