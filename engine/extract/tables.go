// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"embed"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"sync"
)

//go:embed data/*.csv
var files embed.FS

// tables is the embedded data, read once and never changed afterwards.
type tables struct {
	codes     map[string][]numbering // by calling code
	countries map[string]numbering
	ibans     map[string]int
	plates    map[string]bool // forms without the dash
	districts map[string]bool // forms that need it
	notPlates map[string]bool
	cues      map[string]map[string]bool
	tlds      map[string]bool // true: a path must follow
}

// numbering is how a country's telephones are numbered.
type numbering struct {
	code, trunk string
	first       map[int]string // first digits of national numbers by their length
}

func (n numbering) takes(national string) bool {
	return national != "" && strings.IndexByte(n.first[len(national)], national[0]) >= 0
}

var data = sync.OnceValue(func() *tables {
	t := &tables{
		codes: map[string][]numbering{}, countries: map[string]numbering{}, ibans: map[string]int{}, plates: map[string]bool{},
		districts: map[string]bool{}, notPlates: map[string]bool{}, cues: map[string]map[string]bool{}, tlds: map[string]bool{},
	}
	for _, row := range rows("phones.csv", 4) {
		n := numbering{code: row[1], trunk: row[2], first: map[int]string{}}
		for form := range strings.FieldsSeq(row[3]) {
			length, first, _ := strings.Cut(form, ":")
			n.first[number(length)] = first
		}
		t.countries[row[0]] = n
		t.codes[n.code] = append(t.codes[n.code], n)
	}
	for _, row := range rows("ibans.csv", 2) {
		t.ibans[row[0]] = number(row[1])
	}
	for _, row := range rows("plates.csv", 2) {
		if strings.Contains(row[1], "-") {
			t.districts[row[1]] = true
		} else {
			t.plates[row[1]] = true
		}
	}
	for _, row := range rows("not_plates.csv", 2) {
		t.notPlates[row[0]] = true
	}
	for _, row := range rows("cues.csv", 2) {
		if t.cues[row[0]] == nil {
			t.cues[row[0]] = map[string]bool{}
		}
		t.cues[row[0]][row[1]] = true
	}
	for _, row := range rows("tlds.csv", 2) {
		t.tlds[row[0]] = row[1] == "only"
	}
	return t
})

// rows reads a table of plain fields. Its faults are a programmer's: the
// tables are part of the program.
func rows(name string, columns int) [][]string {
	b, err := files.ReadFile("data/" + name)
	if err != nil {
		panic(fmt.Sprintf("extract: %v", err))
	}
	var out [][]string
	for i, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		fields := strings.Split(line, ",")
		if len(fields) != columns {
			panic(fmt.Sprintf("extract: %s:%d: want %d fields", name, i+1, columns))
		}
		if i > 0 {
			out = append(out, fields)
		}
	}
	return out
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		panic(fmt.Sprintf("extract: %q is not a number", text))
	}
	return n
}

// Countries returns the countries whose telephones are known, in order.
func Countries() []string {
	var out []string
	for c := range data().countries {
		out = append(out, c)
	}
	sort.Strings(out)
	return out
}
