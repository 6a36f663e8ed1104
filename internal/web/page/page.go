// SPDX-License-Identifier: AGPL-3.0-or-later

// Package page is what the portal's and the desk's pages have in common: the
// document around a page, the texts in each language, the headers of every
// answer, and handlers that return their errors to one place.
//
// It must never know a room, and never write part of a page before the whole
// page has been made. Everything that Parse and LoadCatalogue return is
// read-only afterwards and safe for concurrent use.
package page

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/template/parse"

	"github.com/turnstone-project/turnstone/internal/web/static"
)

//go:embed shell/*.tmpl
var shell embed.FS

// Shell is what the document around every page needs. A page's struct embeds
// it, so that templates reach it as .Shell.
type Shell struct {
	Lang, Dir string
	Sheet     string   // style sheet without its ending: portal, desk
	Scripts   []string // names of built scripts
	Problems  []Problem
	Robots    bool // whether search engines may list the page
}

// NewShell returns the Shell of a page in lang.
func NewShell(lang, sheet string, scripts ...string) Shell {
	return Shell{Lang: lang, Dir: Direction(lang), Sheet: sheet, Scripts: scripts}
}

// SheetFile returns the name of the style sheet for the page's direction.
func (s Shell) SheetFile() string {
	if s.Dir == "rtl" {
		return s.Sheet + ".rtl.css"
	}
	return s.Sheet + ".css"
}

// Problem is one thing wrong with what a person sent: the id of the field,
// and what to do about it.
type Problem struct{ Field, Message string }

// Problem returns what is wrong with a field, "" when nothing is.
func (s Shell) Problem(field string) string {
	for _, p := range s.Problems {
		if p.Field == field {
			return p.Message
		}
	}
	return ""
}

// Templates is every page of a site in every language.
type Templates struct {
	pages map[string]map[string]*onePage // language, page
	texts []string
}

// onePage is a page in one language.
type onePage struct {
	*template.Template
	folder folder
	once   sync.Once
}

// Parse reads a site's templates: layoutDir/_*.tmpl are partials for all its
// pages, every other *.tmpl is a page that defines at least "title" and
// "main" for the shared "layout", or a "layout" of its own. extra are the site's own functions.
//
// Templates have the functions t (a text of the catalogue), asset and
// integrity (address and hash of a built file), number, and dict (a map from
// pairs, to hand several values to a partial).
func Parse(files fs.FS, dir string, texts *Catalogue, assets *static.Set, extra template.FuncMap) (*Templates, error) {
	names, err := fs.Glob(files, path.Join(dir, "*.tmpl"))
	if err != nil {
		return nil, fmt.Errorf("list templates: %w", err)
	}
	t := &Templates{pages: map[string]map[string]*onePage{}}
	seen := map[string]bool{}
	for _, lang := range texts.Languages() {
		funcs, fixed := functions(texts.In(lang), assets)
		base := template.New("").Funcs(funcs).Funcs(extra).Option("missingkey=error")
		if _, err := base.ParseFS(shell, "shell/*.tmpl"); err != nil {
			return nil, fmt.Errorf("read the shell: %w", err)
		}
		for _, name := range names {
			if strings.HasPrefix(path.Base(name), "_") {
				if _, err := base.ParseFS(files, name); err != nil {
					return nil, fmt.Errorf("read templates: %w", err)
				}
			}
		}
		t.pages[lang] = map[string]*onePage{}
		for _, name := range names {
			if strings.HasPrefix(path.Base(name), "_") {
				continue
			}
			one, err := template.Must(base.Clone()).ParseFS(files, name) // a fresh base can always be cloned
			if err != nil {
				return nil, fmt.Errorf("read templates: %w", err)
			}
			t.pages[lang][strings.TrimSuffix(path.Base(name), ".tmpl")] = &onePage{Template: one, folder: fixed}
			if lang == Base {
				for _, part := range one.Templates() {
					if part.Tree != nil && part.Tree.Root != nil {
						walk(part.Tree.Root, seen)
					}
				}
			}
		}
	}
	t.texts = slices.Sorted(maps.Keys(seen))
	return t, nil
}

// functions returns what templates may call, and which of it gives the same for
// the same word each time.
func functions(words *Words, assets *static.Set) (template.FuncMap, folder) {
	file := func(name string) (*static.File, error) {
		f, ok := assets.Get(name)
		if !ok {
			return nil, fmt.Errorf("no built file %q: run make assets", name)
		}
		return f, nil
	}
	asset := func(name string) (string, error) {
		f, err := file(name)
		if err != nil {
			return "", err
		}
		return f.URL, nil
	}
	integrity := func(name string) (string, error) {
		f, err := file(name)
		if err != nil {
			return "", err
		}
		return f.Integrity(), nil
	}
	fixed := folder{"t": func(key string) (string, error) { return words.Say(key) }, "asset": asset, "integrity": integrity}
	return template.FuncMap{
		"t":         words.Say,
		"number":    func(n int) string { return strconv.Itoa(n) },
		"asset":     asset,
		"integrity": integrity,
		"dict": func(pairs ...any) (map[string]any, error) {
			m := map[string]any{}
			for i := 0; i+1 < len(pairs); i += 2 {
				key, ok := pairs[i].(string)
				if !ok {
					return nil, fmt.Errorf("dict: argument %d is not a name", i)
				}
				m[key] = pairs[i+1]
			}
			if len(pairs)%2 != 0 {
				return nil, errors.New("dict: the last name has no value")
			}
			return m, nil
		},
	}, fixed
}

// Names returns the names of all pages in order.
func (t *Templates) Names() []string { return slices.Sorted(maps.Keys(t.pages[Base])) }

// Execute returns the page as bytes.
func (t *Templates) Execute(lang, name string, data any) ([]byte, error) {
	var b bytes.Buffer
	err := t.execute(&b, lang, name, data)
	return b.Bytes(), err
}

func (t *Templates) execute(b *bytes.Buffer, lang, name string, data any) error {
	one, ok := t.pages[lang][name]
	if !ok {
		return fmt.Errorf("render %s in %q: no such page", name, lang)
	}
	var err error
	first := false
	one.once.Do(func() {
		// The first time html/template works out what must be escaped; then
		// everything that is now known can be put in its place.
		first, err = true, one.ExecuteTemplate(b, "layout", data)
		one.folder.fold(one.Template)
	})
	if !first {
		err = one.ExecuteTemplate(b, "layout", data)
	}
	if err != nil {
		return fmt.Errorf("render %s in %s: %w", name, lang, err)
	}
	return nil
}

// Write makes the page and, only when all of it could be made, sends it.
func (t *Templates) Write(w http.ResponseWriter, status int, lang, name string, data any) error {
	b := borrow()
	defer giveBack(b)
	if err := t.execute(b, lang, name, data); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the browser left: nobody to tell
	return nil
}

// Texts returns the keys that the templates ask the catalogue for, as far as
// they are written out, in order: whichever branch they stand in.
func (t *Templates) Texts() []string { return t.texts }

func walk(n parse.Node, seen map[string]bool) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, child := range n.Nodes {
				walk(child, seen)
			}
		}
	case *parse.ActionNode:
		walk(n.Pipe, seen)
	case *parse.IfNode:
		walkBranch(&n.BranchNode, seen)
	case *parse.RangeNode:
		walkBranch(&n.BranchNode, seen)
	case *parse.WithNode:
		walkBranch(&n.BranchNode, seen)
	case *parse.TemplateNode:
		walk(n.Pipe, seen)
	case *parse.PipeNode:
		if n != nil {
			for _, cmd := range n.Cmds {
				walk(cmd, seen)
			}
		}
	case *parse.CommandNode:
		if id, ok := n.Args[0].(*parse.IdentifierNode); ok && id.Ident == "t" && len(n.Args) > 1 {
			if key, ok := n.Args[1].(*parse.StringNode); ok {
				seen[key.Text] = true
			}
		}
		for _, arg := range n.Args {
			walk(arg, seen)
		}
	}
}

func walkBranch(n *parse.BranchNode, seen map[string]bool) {
	walk(n.Pipe, seen)
	walk(n.List, seen)
	walk(n.ElseList, seen)
}
