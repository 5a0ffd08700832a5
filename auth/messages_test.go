package auth

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// Whatever this package refuses, it can be said in every language.
func TestEveryErrorHasItsMessage(t *testing.T) {
	codes := codesUsed(t)
	if len(codes) < 15 {
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
				if ok && filepath.Base(f) == "errors_auth.yaml" && !slices.Contains(codes, code) {
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

// codesUsed finds the code of every models.Fail and models.BadField.
func codesUsed(t *testing.T) []string {
	var codes []string
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 2 {
				return true
			}
			fn, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || fn.Sel.Name != "Fail" && fn.Sel.Name != "BadField" {
				return true
			}
			lit, ok := call.Args[1].(*ast.BasicLit)
			if !ok {
				t.Errorf("%s: a code that is no literal", name)
				return true
			}
			code, _ := strconv.Unquote(lit.Value)
			codes = append(codes, code)
			return true
		})
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}
