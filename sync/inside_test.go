package issuesync

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// Who is inside of a Write holds up every other one, so nothing there waits for GitHub: neither
// a request nor the lock that is held while one is on its way. The clock alone may be asked.
func TestNothingInsideOfAWriteWaitsForGitHub(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	writes := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if on, ok := call.Fun.(*ast.SelectorExpr); !ok || on.Sel.Name != "Write" || len(call.Args) != 2 {
				return true
			}
			writes++
			ast.Inspect(call.Args[1], func(n ast.Node) bool {
				inner, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if of, ok := inner.X.(*ast.SelectorExpr); ok && of.Sel.Name == "api" && inner.Sel.Name != "via" {
					t.Errorf("%s: api.%s inside of a Write", set.Position(inner.Pos()), inner.Sel.Name)
				}
				return true
			})
			return true
		})
	}
	if writes < 30 {
		t.Fatalf("%d Writes are found in the source", writes)
	}
}
