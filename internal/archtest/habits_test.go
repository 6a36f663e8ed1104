// SPDX-License-Identifier: AGPL-3.0-or-later

package archtest_test

import (
	"go/ast"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/archtest"
)

const (
	maxFileLines     = 700
	maxFunctionLines = 100
)

func TestEveryFileNamesItsLicence(t *testing.T) {
	files, _ := load(t)
	for _, f := range files {
		want := "// SPDX-License-Identifier: AGPL-3.0-or-later\n"
		if archtest.Under(f.Package, "engine") {
			want = "// SPDX-License-Identifier: Apache-2.0\n"
		}
		if !strings.HasPrefix(string(f.Text), want) {
			t.Errorf("%s: the first line is not %q", f.Path, strings.TrimSpace(want))
		}
	}
}

func TestFilesAndFunctionsFitAReader(t *testing.T) {
	files, fset := load(t)
	for _, f := range files {
		if f.Lines > maxFileLines {
			t.Errorf("%s has %d lines, more than %d: which noun should leave?", f.Path, f.Lines, maxFileLines)
		}
		for _, decl := range f.AST.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			lines := fset.Position(fn.End()).Line - fset.Position(fn.Pos()).Line + 1
			if lines > maxFunctionLines {
				t.Errorf("%s: %s has %d lines, more than %d", f.Path, fn.Name.Name, lines, maxFunctionLines)
			}
			if fn.Name.Name == "init" && fn.Recv == nil {
				t.Errorf("%s: init: nothing happens because of an import", f.Path)
			}
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	files, _ := load(t)
	documented := map[string]bool{}
	for _, f := range files {
		if !f.Test {
			documented[f.Package] = documented[f.Package] || f.AST.Doc != nil
		}
	}
	for pkg, ok := range documented {
		if !ok {
			t.Errorf("%s has no package comment", pkg)
		}
	}
}

func TestRoomsAskTheClock(t *testing.T) {
	files, fset := load(t)
	for _, f := range files {
		if f.Test || !archtest.Under(f.Package, "internal") || archtest.Under(f.Package, "internal/app") || archtest.Under(f.Package, "internal/kernel/clock") {
			continue
		}
		ast.Inspect(f.AST, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok || sel.Sel.Name != "Now" {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" {
				t.Errorf("%s: time.Now: ask the clock that was passed in", fset.Position(sel.Pos()))
			}
			return true
		})
	}
}
