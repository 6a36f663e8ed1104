// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// pruned are the style sheets that lose the rules which no page can use, with
// the package that makes their pages and the folder of their scripts: three
// quarters of a library of patterns are for what a site doesn't have.
var pruned = map[string]struct{ pages, scripts string }{
	"portal": {pages: "./internal/web/portal", scripts: "portal"},
}

var (
	word  = regexp.MustCompile(`[A-Za-z_](?:[A-Za-z0-9_-]|!-)*`)
	class = regexp.MustCompile(`\.((?:\\.|[A-Za-z0-9_-])+)`)
)

// vocabulary is every word that the sources of a site's pages hold. A class
// that is none of them stands on no page.
type vocabulary struct {
	words  map[string]bool
	starts []string // of classes whose end is put in when the page is made
}

// add takes the words of a source.
func (v *vocabulary) add(source []byte) {
	for _, w := range word.FindAllString(string(source), -1) {
		if strings.HasSuffix(w, "-") && strings.Contains(strings.TrimRight(w, "-"), "-") {
			v.starts = append(v.starts, w)
			continue
		}
		v.words[w] = true
	}
}

// has reports whether a page may have the class.
func (v *vocabulary) has(name string) bool {
	if v.words[name] {
		return true
	}
	for _, start := range v.starts {
		if strings.HasPrefix(name, start) {
			return true
		}
	}
	return false
}

// vocabularyOf reads all sources that the pages of a site are made of: the
// packages of ours that make them, with what is embedded in them, and scripts.
func vocabularyOf(web, pages, scripts string) (*vocabulary, error) {
	root := filepath.Dir(web)
	cmd := exec.Command("go", "list", "-deps", "-json=Dir,GoFiles,EmbedFiles,Module", pages)
	cmd.Dir = root
	listed, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("list what %s consists of: %w", pages, err)
	}
	var files []string
	for lines := json.NewDecoder(bytes.NewReader(listed)); ; {
		var p struct {
			Dir                 string
			GoFiles, EmbedFiles []string
			Module              *struct{ Main bool }
		}
		if err := lines.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("list what %s consists of: %w", pages, err)
		}
		if p.Module == nil || !p.Module.Main || filepath.Base(p.Dir) == "static" { // which holds what is built here
			continue
		}
		for _, name := range p.GoFiles {
			files = append(files, filepath.Join(p.Dir, name))
		}
		for _, name := range p.EmbedFiles {
			if filepath.Ext(name) == ".tmpl" {
				files = append(files, filepath.Join(p.Dir, name))
			}
		}
	}
	ours, err := filepath.Glob(filepath.Join(web, scripts, "*.ts"))
	if err != nil {
		return nil, err
	}
	v := &vocabulary{words: map[string]bool{}}
	for _, path := range append(files, ours...) {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read for classes: %w", err)
		}
		v.add(b)
	}
	return v, nil
}

// lostFile lists the classes that pruning took every rule from: whoever wants
// one of them on a page has to build anew, and a test says so.
const lostFile = "tools/assets/lost.txt"

// pruneFor prunes a site's style sheet and returns the classes that it lost too.
func pruneFor(web string, css []byte, pages, scripts string) (kept []byte, lost []string, err error) {
	v, err := vocabularyOf(web, pages, scripts)
	if err != nil {
		return nil, nil, err
	}
	left, err := prune(string(css), v)
	for _, m := range class.FindAllStringSubmatch(outside(headsOf(string(css))), -1) {
		if name := strings.ReplaceAll(m[1], `\`, ""); !v.has(name) {
			lost = append(lost, name)
		}
	}
	slices.Sort(lost)
	return []byte(left), slices.Compact(lost), err
}

var block = regexp.MustCompile(`\{[^{}]*\}`)

// headsOf returns css without what is declared in it.
func headsOf(css string) string { return block.ReplaceAllString(withoutComments(css), "{}") }

// prune returns css, as Sass writes it, without the rules that no page can use.
func prune(css string, v *vocabulary) (string, error) {
	var out strings.Builder
	for rest := css; ; {
		at := next(rest, "{;")
		if at < 0 {
			if strings.TrimSpace(rest) != "" {
				return "", fmt.Errorf("a rule without an end: %.60s", rest)
			}
			return out.String(), nil
		}
		if rest[at] == ';' { // @charset, @import
			out.WriteString(rest[:at+1])
			rest = rest[at+1:]
			continue
		}
		head := strings.TrimSpace(withoutComments(rest[:at]))
		length := closing(rest[at:])
		if length < 0 {
			return "", fmt.Errorf("a block without an end: %.60s", rest)
		}
		block := rest[at+1 : at+length-1]
		rest = rest[at+length:]
		switch {
		case strings.HasPrefix(head, "@media"), strings.HasPrefix(head, "@supports"), strings.HasPrefix(head, "@layer"), strings.HasPrefix(head, "@container"):
			inner, err := prune(block, v)
			if err != nil {
				return "", err
			}
			if strings.TrimSpace(inner) != "" {
				out.WriteString(head + " {" + inner + "}\n")
			}
		case strings.HasPrefix(head, "@"):
			out.WriteString(head + " {" + block + "}\n")
		default:
			if kept := selectable(head, v); kept != "" {
				out.WriteString(kept + " {" + block + "}\n")
			}
		}
	}
}

// selectable returns those selectors of a list that may select something. What
// stands in brackets is not looked at: what :not() names need not be there.
func selectable(list string, v *vocabulary) string {
	var kept []string
	for list != "" {
		at := next(list, ",")
		one := list
		if at >= 0 {
			one, list = list[:at], list[at+1:]
		} else {
			list = ""
		}
		may := true
		for _, m := range class.FindAllStringSubmatch(outside(one), -1) {
			may = may && v.has(strings.ReplaceAll(m[1], `\`, ""))
		}
		if may {
			kept = append(kept, strings.TrimSpace(one))
		}
	}
	return strings.Join(kept, ", ")
}

// next returns where the first of the characters stands that is in no string,
// comment or bracket; below 0 when there is none.
func next(css, characters string) int {
	depth := 0
	for i := 0; i < len(css); i++ {
		switch c := css[i]; {
		case c == '\\':
			i++
		case c == '"' || c == '\'':
			i += quoted(css[i:]) - 1
		case strings.HasPrefix(css[i:], "/*"):
			end := strings.Index(css[i+2:], "*/")
			if end < 0 {
				return -1
			}
			i += end + 3
		case depth == 0 && strings.IndexByte(characters, c) >= 0:
			return i
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
		}
	}
	return -1
}

// quoted returns the length of the string that css begins with.
func quoted(css string) int {
	for i := 1; i < len(css); i++ {
		switch css[i] {
		case '\\':
			i++
		case css[0]:
			return i + 1
		}
	}
	return len(css)
}

// closing returns the length of the block that css begins with, braces and all.
func closing(css string) int {
	depth := 0
	for at := 0; at < len(css); at++ {
		step := next(css[at:], "{}")
		if step < 0 {
			return -1
		}
		at += step
		if css[at] == '{' {
			depth++
		} else if depth--; depth == 0 {
			return at + 1
		}
	}
	return -1
}

// outside returns what of a selector stands in no bracket.
func outside(selector string) string {
	var out strings.Builder
	depth := 0
	for _, c := range selector {
		switch c {
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		default:
			if depth == 0 {
				out.WriteRune(c)
			}
		}
	}
	return out.String()
}

func withoutComments(css string) string {
	var out strings.Builder
	for {
		before, after, found := strings.Cut(css, "/*")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		_, css, _ = strings.Cut(after, "*/")
	}
}
