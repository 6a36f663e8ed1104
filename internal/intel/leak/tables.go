// SPDX-License-Identifier: AGPL-3.0-or-later

package leak

import (
	"embed"
	"fmt"
	"strings"
	"sync"
)

//go:embed data/*.txt
var files embed.FS

// table is the embedded data, read once and never changed.
type table struct {
	rules    []rule
	first    map[string][]int           // rules by the literal word they begin with
	open     []int                      // rules that begin with something else
	classes  map[string]map[string]bool // @class by language and name: "en kin"
	common   map[string]bool            // words that say nothing by themselves
	mine     map[string]map[string]bool // words that tie the next one to the writer, by language
	spelling map[string]bool            // misspellings and dialect
}

// rule is a sequence of words that is marked.
type rule struct {
	kind     Kind
	reason   string
	lang     string
	severity Severity
	parts    []part
}

// part is one word of a rule: itself, a number (#), any word (*), a class
// (@kin) or an ending (~vej).
type part struct {
	text string
	what byte // '=', '#', '*', '@', '~'
}

var tables = sync.OnceValue(func() *table {
	t := &table{
		first: map[string][]int{}, classes: map[string]map[string]bool{}, common: map[string]bool{},
		mine: map[string]map[string]bool{}, spelling: map[string]bool{},
	}
	for _, f := range lines("classes.txt", 3) {
		name := f[0] + " " + f[1]
		if t.classes[name] == nil {
			t.classes[name] = map[string]bool{}
		}
		for w := range strings.FieldsSeq(f[2]) {
			t.classes[name][foldWord(w)] = true
		}
	}
	for _, f := range lines("words.txt", 3) {
		for w := range strings.FieldsSeq(f[2]) {
			w = foldWord(w)
			switch f[1] {
			case "common":
				t.common[w] = true
			case "mine":
				if t.mine[f[0]] == nil {
					t.mine[f[0]] = map[string]bool{}
				}
				t.mine[f[0]][w] = true
			case "spelling":
				t.spelling[f[0]+" "+w] = true
			default:
				panic("leak: words.txt: no list " + f[1])
			}
		}
	}
	for _, f := range lines("rules.txt", 5) {
		r := rule{kind: Kind(f[0]), reason: f[1], lang: f[2], severity: Severity(f[3])}
		for w := range strings.FieldsSeq(f[4]) {
			switch w[0] {
			case '#', '@', '*':
				r.parts = append(r.parts, part{what: w[0], text: w[1:]})
			case '~':
				r.parts = append(r.parts, part{what: '~', text: foldWord(w[1:])})
			default:
				r.parts = append(r.parts, part{what: '=', text: foldWord(w)})
			}
		}
		if r.parts[0].what == '=' {
			t.first[r.parts[0].text] = append(t.first[r.parts[0].text], len(t.rules))
		} else {
			t.open = append(t.open, len(t.rules))
		}
		t.rules = append(t.rules, r)
	}
	return t
})

// lines reads a table of fields with | between them; # begins a remark. Its
// faults are a programmer's: the tables are part of the program.
func lines(name string, fields int) [][]string {
	b, err := files.ReadFile("data/" + name)
	if err != nil {
		panic(fmt.Sprintf("leak: %v", err))
	}
	var out [][]string
	for i, line := range strings.Split(string(b), "\n") {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "# ") {
			continue
		}
		f := strings.Split(line, "|")
		if len(f) != fields {
			panic(fmt.Sprintf("leak: %s:%d: want %d fields", name, i+1, fields))
		}
		for k := range f {
			f[k] = strings.TrimSpace(f[k])
		}
		out = append(out, f)
	}
	return out
}

// has reports whether a word is of a class in a language.
func (t *table) has(lang, class, word string) bool { return t.classes[lang+" "+class][word] }
