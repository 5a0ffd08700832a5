package issuesync

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// A door that forgets to take the connection that counts would go on under the one of the
// start: whatever comes from outside, and every job, begins with it.
func TestEveryDoorTakesTheConnectionThatCounts(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	doors, jobs := 0, 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv == nil {
				continue
			}
			told := usesOf(fn)
			if told["s.queue.Handle"] > 0 && told["s.handlers"] == 0 {
				t.Errorf("%s: %s: a job is handled that is none of handlers", name, fn.Name)
			}
			if jobs += told["s.job"]; !fn.Name.IsExported() {
				continue
			}
			depends := told["s.api"]+told["s.lane"]+told["s.opts.Token"]+told["s.opts.AppID"]+told["s.opts.Repository"]+told["s.opts.WebhookSecret"]+told["s.signed"]+told["s.each"] > 0
			if depends && told["s.now"] == 0 {
				t.Errorf("%s: %s does not begin with s.now()", name, fn.Name)
			}
			if depends {
				doors++
			}
		}
	}
	if doors < 6 || jobs < 10 {
		t.Fatalf("%d doors and %d jobs are found in the source", doors, jobs)
	}
}

// usesOf counts what a method says of s, as "s.api" or "s.opts.Token".
func usesOf(fn *ast.FuncDecl) map[string]int {
	told := map[string]int{}
	ast.Inspect(fn, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		switch x := sel.X.(type) {
		case *ast.Ident:
			if x.Name == "s" {
				told["s."+sel.Sel.Name]++
			}
		case *ast.SelectorExpr:
			if of, ok := x.X.(*ast.Ident); ok && of.Name == "s" {
				told["s."+x.Sel.Name+"."+sel.Sel.Name]++
			}
		}
		return true
	})
	return told
}
