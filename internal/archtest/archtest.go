// SPDX-License-Identifier: AGPL-3.0-or-later

// Package archtest holds the house's plan: which room may know which, and the
// habits that every file keeps. The rules are data with their reasons; the
// tests beside them read every Go file of the module, whatever its build tags,
// so that files compiled to WebAssembly count too.
//
// It must never be imported by anything.
package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Module is the import path of the repository.
const Module = "github.com/turnstone-project/turnstone"

// File is one parsed Go file.
type File struct {
	Path    string // slash-separated, relative to the module's root
	Package string // directory, relative to the module's root
	Test    bool   // named *_test.go
	Lines   int
	Text    []byte
	AST     *ast.File
	Imports []string // import paths as written
}

// Load parses every Go file below root, skipping vendored, generated-asset and
// hidden folders.
func Load(root string) ([]File, *token.FileSet, error) {
	fset := token.NewFileSet()
	var files []File
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			name := d.Name()
			if path != root && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "testdata" || name == "bin") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		f, err := load(fset, root, path)
		if err != nil {
			return err
		}
		files = append(files, f)
		return nil
	})
	return files, fset, err
}

func load(fset *token.FileSet, root, path string) (File, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return File{}, err
	}
	tree, err := parser.ParseFile(fset, path, text, parser.ParseComments)
	if err != nil {
		return File{}, fmt.Errorf("parse %s: %w", path, err)
	}
	rel, err := filepath.Rel(root, path)
	if err != nil {
		return File{}, err
	}
	rel = filepath.ToSlash(rel)
	f := File{
		Path: rel, Test: strings.HasSuffix(rel, "_test.go"), Text: text, AST: tree,
		Package: filepath.ToSlash(filepath.Dir(rel)),
		Lines:   strings.Count(string(text), "\n"),
	}
	for _, spec := range tree.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return File{}, fmt.Errorf("parse %s: %w", path, err)
		}
		f.Imports = append(f.Imports, p)
	}
	return f, nil
}

// Under reports whether pkg is folder or lies below it.
func Under(pkg, folder string) bool {
	return pkg == folder || strings.HasPrefix(pkg, folder+"/")
}
