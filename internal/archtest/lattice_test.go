// SPDX-License-Identifier: AGPL-3.0-or-later

package archtest_test

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/archtest"
)

const root = "../.."

func load(t *testing.T) ([]archtest.File, *token.FileSet) {
	t.Helper()
	files, fset, err := archtest.Load(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 10 {
		t.Fatalf("found only %d files: is the root right?", len(files))
	}
	return files, fset
}

func TestEveryImportIsOnThePlan(t *testing.T) {
	files, _ := load(t)
	rules := append(archtest.RoomRules(), archtest.Rules...)
	for _, f := range files {
		rule, ok := ruleFor(rules, f.Package)
		if !ok {
			t.Errorf("%s: the plan has no room for %s: think about the rooms", f.Path, f.Package)
			continue
		}
		for _, imp := range f.Imports {
			if !allowed(rule, f, imp) {
				t.Errorf("%s imports %s: %s", f.Path, imp, rule.Reason)
			}
		}
	}
}

// ruleFor returns the rule of the longest folder that holds pkg.
func ruleFor(rules []archtest.Rule, pkg string) (archtest.Rule, bool) {
	var best archtest.Rule
	for _, r := range rules {
		if archtest.Under(pkg, r.Folder) && len(r.Folder) > len(best.Folder) {
			best = r
		}
	}
	return best, best.Folder != ""
}

func allowed(rule archtest.Rule, f archtest.File, imp string) bool {
	if inner, ok := strings.CutPrefix(imp, archtest.Module+"/"); ok {
		if archtest.Under(inner, rule.Folder) {
			return true
		}
		for _, folder := range rule.Internal {
			if folder == "rooms" {
				for _, room := range archtest.Rooms {
					if archtest.Under(inner, "internal/"+room) {
						return true
					}
				}
			}
			if archtest.Under(inner, folder) {
				return true
			}
		}
		return false
	}
	if first, _, _ := strings.Cut(imp, "/"); !strings.Contains(first, ".") {
		return true // standard library
	}
	return archtest.Allows(rule, imp, f.Test)
}

func TestPortalReachesOnlyItsClosure(t *testing.T) {
	files, _ := load(t)
	imports := map[string][]string{}
	for _, f := range files {
		if f.Test && !archtest.Under(f.Package, "internal/web/portal") {
			continue
		}
		for _, imp := range f.Imports {
			if inner, ok := strings.CutPrefix(imp, archtest.Module+"/"); ok {
				imports[f.Package] = append(imports[f.Package], inner)
			}
		}
	}
	seen := map[string]bool{}
	var walk func(pkg, from string)
	walk = func(pkg, from string) {
		if seen[pkg] {
			return
		}
		seen[pkg] = true
		if !slices.ContainsFunc(archtest.PortalClosure, func(folder string) bool { return archtest.Under(pkg, folder) }) {
			t.Errorf("the portal reaches %s through %s", pkg, from)
		}
		if slices.ContainsFunc(archtest.PortalNever, func(folder string) bool { return archtest.Under(pkg, folder) }) {
			t.Errorf("the portal reaches %s, where drafts are, through %s", pkg, from)
		}
		for _, next := range imports[pkg] {
			walk(next, pkg)
		}
	}
	for pkg := range imports {
		if archtest.Under(pkg, "internal/web/portal") {
			walk(pkg, pkg)
		}
	}
}

func TestPortalNeverReadsWhoCalls(t *testing.T) {
	files, fset := load(t)
	for _, f := range files {
		if !archtest.Under(f.Package, "internal/web/portal") {
			continue
		}
		ast.Inspect(f.AST, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if reason, bad := archtest.PortalForbidden[sel.Sel.Name]; bad {
					t.Errorf("%s: %s: %s", fset.Position(sel.Pos()), sel.Sel.Name, reason)
				}
			}
			return true
		})
	}
}
