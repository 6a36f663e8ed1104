// SPDX-License-Identifier: AGPL-3.0-or-later

package desk_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/outcome"
	"github.com/turnstone-project/turnstone/internal/programme"
	"github.com/turnstone-project/turnstone/internal/web/desk"
	"github.com/turnstone-project/turnstone/internal/web/static"
)

// unseen are the files and folders whose sentences the desk never shows.
var unseen = map[string]string{
	"internal/app/ceremony":          "the founding of a programme, on the command line",
	"internal/app/content.go":        "the command line's content commands",
	"internal/app/danger_sources.go": "the command line names the sources of alerts",
	"internal/app/directory.go":      "the command line imports directories",
	"internal/app/export.go":         "the command line exports",
	"internal/app/hold.go":           "the command line holds reports",
	"internal/app/import_":           "the command line imports",
	"internal/app/persons.go":        "the command line reads lists of persons",
	"internal/app/schemes.go":        "the command line writes schemes",
	"internal/kernel/fault":          "it makes the sentences that others give it",
	"internal/prevent/directory":     "the command line imports directories",
	"internal/seal/archive":          "`turnstone unseal` reads archives",
	"internal/store/storetest":       "tests of the stores",
	"internal/web/api":               "machines that send alerts",
	"internal/web/portal":            "the public's site",
}

// patternless are the sentences that no pattern is written for, by file and
// expression.
var patternless = map[string]string{
	"internal/outcome/entry.go: format":                   "what problemf and failf are called with is read instead",
	"internal/outcome/entry.go: strings.Join(all, \" \")": "the problems are said one by one",
	"internal/outcome/service.go: format":                 "what fail is called with is read instead",
	"internal/programme/registry.go: err.Error()":         "the command line founds programmes",
}

// places says which argument of a function is the pattern.
var places = map[string]int{"fault.New": 1, "fault.Newf": 1, "fault.Wrap": 1, "fault.Wrapf": 2, "fault.Phrase": 0}

// ownPlaces are functions of packages that make a fault of a pattern.
var ownPlaces = map[string]map[string]int{
	"internal/outcome": {"problemf": 1, "r.failf": 1, "fail": 1},
}

// source is what the scan of the source finds.
type source struct {
	patterns map[string]string // to where it stands
	other    map[string]bool   // sentences that are no pattern
	out      map[string]bool   // entries of unseen that are there
}

func scan(t *testing.T) source {
	t.Helper()
	root := filepath.Join("..", "..", "..")
	fset := token.NewFileSet()
	found := source{map[string]string{}, map[string]bool{}, map[string]bool{}}
	byFolder := map[string]map[string]*ast.File{}
	for _, top := range []string{"internal", "engine"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				return err
			}
			rel, err := filepath.Rel(root, name)
			if err != nil {
				return err
			}
			rel = filepath.ToSlash(rel)
			tree, err := parser.ParseFile(fset, name, nil, 0)
			if err != nil {
				return err
			}
			if byFolder[path.Dir(rel)] == nil {
				byFolder[path.Dir(rel)] = map[string]*ast.File{}
			}
			byFolder[path.Dir(rel)][rel] = tree
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for folder, trees := range byFolder {
		constants := map[string]ast.Expr{}
		for _, tree := range trees {
			for name, o := range constantsOf(tree) {
				constants[name] = o
			}
		}
		for name, tree := range trees {
			if prefix, out := hidden(name); out {
				found.out[prefix] = true
				continue
			}
			found.read(name, tree, constants, ownPlaces[folder])
		}
	}
	return found
}

// hidden returns the entry of unseen that a file falls under.
func hidden(name string) (string, bool) {
	for prefix := range unseen {
		if strings.HasPrefix(name, prefix) {
			return prefix, true
		}
	}
	return "", false
}

func constantsOf(tree *ast.File) map[string]ast.Expr {
	all := map[string]ast.Expr{}
	for _, d := range tree.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, spec := range g.Specs {
			if v, ok := spec.(*ast.ValueSpec); ok && len(v.Values) == len(v.Names) {
				for i, n := range v.Names {
					all[n.Name] = v.Values[i]
				}
			}
		}
	}
	return all
}

func (s source) read(name string, tree *ast.File, constants map[string]ast.Expr, own map[string]int) {
	ast.Inspect(tree, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		callee := types.ExprString(call.Fun)
		at, ok := places[callee]
		if !ok {
			at, ok = own[callee]
		}
		if !ok || at >= len(call.Args) {
			return true
		}
		arg := call.Args[at]
		if id, ok := arg.(*ast.Ident); ok && constants[id.Name] != nil {
			arg = constants[id.Name]
		}
		lit, ok := arg.(*ast.BasicLit)
		if !ok {
			s.other[name+": "+types.ExprString(arg)] = true
			return true
		}
		if text, err := strconv.Unquote(lit.Value); err == nil && text != "" { // empty: the general sentence
			s.patterns[text] = name
		}
		return true
	})
}

var verb = regexp.MustCompile(`%(\[(\d+)\])?([-+# 0-9.]*[a-zA-Z%])`)

// verbs gives each argument of a format its verb.
func verbs(format string) map[int]string {
	all, next := map[int]string{}, 1
	for _, m := range verb.FindAllStringSubmatch(format, -1) {
		if m[3] == "%" {
			continue
		}
		if m[2] != "" {
			next, _ = strconv.Atoi(m[2]) // digits
		}
		all[next] = m[3]
		next++
	}
	return all
}

func TestEverySentenceOfAnErrorIsTranslated(t *testing.T) {
	found := scan(t)
	general, _ := fault.PatternOf(errors.New("a wire broke"))
	found.patterns[general] = "internal/kernel/fault"
	if len(found.patterns) < 300 {
		t.Fatalf("the scan finds only %d patterns", len(found.patterns))
	}
	all, err := desk.Faults()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"da"} {
		said := all[lang]
		for _, pattern := range slices.Sorted(maps.Keys(found.patterns)) {
			switch translated := said[pattern]; {
			case strings.TrimSpace(translated) == "":
				t.Errorf("faults/%s.yaml lacks %q (%s)", lang, pattern, found.patterns[pattern])
			case !maps.Equal(verbs(translated), verbs(pattern)):
				t.Errorf("faults/%s.yaml: %q has other verbs than %q", lang, translated, pattern)
			}
		}
		for pattern := range said {
			if found.patterns[pattern] == "" {
				t.Errorf("faults/%s.yaml translates %q, which nothing says any more", lang, pattern)
			}
		}
	}
	for where := range found.other {
		if patternless[where] == "" {
			t.Errorf("%s: the sentence is no pattern that can be translated: give fault.Newf or fault.Wrapf a literal", where)
		}
	}
	for where := range patternless {
		if !found.other[where] {
			t.Errorf("%s is excused but not there", where)
		}
	}
	for where := range unseen {
		if !found.out[where] {
			t.Errorf("%s is left out but not there", where)
		}
	}
}

func TestAnErrorIsSaidInTheVisitorsLanguage(t *testing.T) {
	assets, err := static.Load()
	if err != nil {
		t.Fatal(err)
	}
	s, err := desk.New(desk.Config{Assets: assets, Questions: &programme.Questionnaires{}})
	if err != nil {
		t.Fatal(err)
	}
	wrapped := func(err error) error { return fmt.Errorf("write item: %w", err) }
	secret := errors.New("dial tcp 10.0.0.7: 100%d")
	for name, c := range map[string]struct {
		err    error
		da, en string
	}{
		"a sentence":     {wrapped(fault.New(fault.Unsigned, "Log in first.")), "Log ind først.", "Log in first."},
		"with arguments": {wrapped(fault.Newf(fault.Invalid, "Statement %d names more than %d things.", 3, 40)), "Udsagn 3 nævner mere end 40 ting.", "Statement 3 names more than 40 things."},
		"in another order": {
			fault.Newf(fault.Invalid, "Write %s in at most %d letters.", fault.Phrase("why it is recalled"), 200),
			"Skriv med højst 200 tegn, hvorfor den kaldes tilbage.", "Write why it is recalled in at most 200 letters.",
		},
		"a fault in a sentence": {
			fault.Newf(fault.Invalid, "Statement %d: %s", 2, wrapped(fault.Wrap(fault.Invalid, "Log in first.", secret))),
			"Udsagn 2: Log ind først.", "Statement 2: Log in first.",
		},
		"an error in a sentence": {
			fault.Newf(fault.Invalid, "Statement %d: %s", 2, secret),
			"Udsagn 2: Noget gik galt hos os. Intet, du har sendt før, er tabt.", "Statement 2: Something went wrong on our side. Nothing that you sent before is lost.",
		},
		"verbs in what was typed": {fault.Newf(fault.NotFound, "There is no programme %q.", "%d%!s <b>"), `Der er intet program "%d%!s <b>".`, `There is no programme "%d%!s <b>".`},
		"a wrapped format":        {fault.Wrapf(fault.Invalid, secret, "Not yet: %s", "100% of it"), "Ikke endnu: 100% of it", "Not yet: 100% of it"},
		"nobody translated it":    {fault.Newf(fault.Invalid, "A made-up %s, 100%%.", "pattern"), "A made-up pattern, 100%.", "A made-up pattern, 100%."},
		"what broke":              {secret, "Noget gik galt hos os. Intet, du har sendt før, er tabt.", "Something went wrong on our side. Nothing that you sent before is lost."},
		"all that is wrong": {
			wrapped(&outcome.Invalid{Problems: []outcome.Problem{{Field: "date", Fault: fault.New(fault.Invalid, "Choose a year.")}, {Field: "unit", Fault: fault.New(fault.Invalid, "Choose a file.")}}}),
			"Vælg et år. Vælg en fil.", "Choose a year. Choose a file.",
		},
	} {
		for lang, want := range map[string]string{"da": c.da, "en": c.en, "fo": c.en} {
			if got := desk.Sentence(s, lang, c.err); got != want {
				t.Errorf("%s in %s: %q, want %q", name, lang, got, want)
			}
		}
	}
}

func TestWhoIsNotKnownYetReadsErrorsInTheBrowsersLanguage(t *testing.T) {
	h := site(t, false)
	for lang, want := range map[string]string{"da, en;q=0.5": "Den side findes ikke.", "en": "There is no such page.", "de": "There is no such page."} {
		for _, accept := range []string{"text/html", "application/json"} {
			r := httptest.NewRequest(http.MethodGet, "/nowhere", nil)
			r.Header.Set("Accept-Language", lang)
			r.Header.Set("Accept", accept)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s as %s: %d %s", lang, accept, w.Code, w.Body)
			}
		}
	}
}
