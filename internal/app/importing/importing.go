// SPDX-License-Identifier: AGPL-3.0-or-later

// Package importing reads the CSV files in which a programme brings its
// history: it finds the columns, keeps the line of each cell, collects all
// that is wrong instead of stopping at the first, and gives each row an id made
// of its key, so that the same file read twice means the same things.
//
// It must never write anything: a verb checks the whole table first and then
// keeps all of it in one change, or nothing. It must never repeat a cell's
// content in an error beyond a few characters: files hold names.
//
// A Table is not safe for concurrent use.
package importing

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// The bounds of a file. They are far above a real history and keep a wrong file
// from filling the memory.
const (
	MaxBytes    = 64 << 20
	MaxRows     = 200_000
	maxProblems = 100
)

// Column is one column of a kind of file. Columns may stand in any order.
type Column struct {
	Name     string
	Required bool // the column must be there and no cell of it empty
}

// Table is a file as it was read.
type Table struct {
	Rows     []Row
	Problems Problems
}

// Row is one record; a record may take several lines.
type Row struct {
	Line  int // where it begins, 1 for the first line of the file
	Key   string
	cells map[string]cell
}

type cell struct {
	text string
	line int
}

// Get returns the text of a cell without the space around it, "" where the
// file has no such column.
func (r Row) Get(column string) string { return r.cells[column].text }

// List returns the parts of a cell that lists several, separated by sign.
func (r Row) List(column, sign string) []string {
	var parts []string
	for part := range strings.SplitSeq(r.Get(column), sign) {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// Problem is one thing that is wrong with a file.
type Problem struct {
	Line   int
	Column string // empty: the whole row
	Says   string // what is wrong and what would be right
}

// Error returns "line 7, column weight: …".
func (p Problem) Error() string {
	if p.Column == "" {
		return fmt.Sprintf("line %d: %s", p.Line, p.Says)
	}
	return fmt.Sprintf("line %d, column %s: %s", p.Line, p.Column, p.Says)
}

// Problems are all that is wrong with a file, in the order of its lines.
type Problems []Problem

// Error lists the first hundred problems, one a line, and says how many more
// there are.
func (p Problems) Error() string {
	sorted := slices.Clone(p)
	slices.SortStableFunc(sorted, func(a, b Problem) int { return a.Line - b.Line })
	var out strings.Builder
	for i, problem := range sorted {
		if i == maxProblems {
			fmt.Fprintf(&out, "and %d more\n", len(sorted)-i)
			break
		}
		out.WriteString(problem.Error() + "\n")
	}
	out.WriteString("nothing was imported")
	return out.String()
}

// Add notes something wrong with a cell of row, or with the whole row when
// column is empty.
func (t *Table) Add(row Row, column, says string, args ...any) {
	line := row.Line
	if c, ok := row.cells[column]; ok {
		line = c.line
	}
	t.Problems = append(t.Problems, Problem{Line: line, Column: column, Says: fmt.Sprintf(says, args...)})
}

// Err returns what is wrong as one error, nil when nothing is.
func (t *Table) Err() error {
	if len(t.Problems) == 0 {
		return nil
	}
	return t.Problems
}

// Read reads a file whose rows are named by the column key, in which no two
// rows may have the same value. Commas and semicolons separate cells, whichever
// the heading uses; a byte order mark, Windows line ends and quoted line breaks
// are all right. An error that is returned means that the file is no table at
// all; what is wrong with single cells is in the table's Problems.
func Read(in io.Reader, key string, columns ...Column) (*Table, error) {
	whole, err := io.ReadAll(io.LimitReader(in, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	if len(whole) > MaxBytes {
		return nil, fmt.Errorf("the file is larger than %d MiB: split it", MaxBytes>>20)
	}
	whole = bytes.TrimPrefix(whole, []byte("\ufeff"))
	if !utf8.Valid(whole) {
		return nil, Problems{{Line: badLine(whole), Says: "these bytes are no UTF-8 text: save the file as CSV in UTF-8"}}
	}
	r := csv.NewReader(bufio.NewReader(bytes.NewReader(whole)))
	r.Comma = separator(whole)
	r.FieldsPerRecord = -1
	heading, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, Problems{{Line: 1, Says: "the file is empty: the first line names the columns " + names(columns)}}
	}
	if err != nil {
		return nil, broken(err)
	}
	line, _ := r.FieldPos(0)
	for i := range heading {
		heading[i] = strings.TrimSpace(heading[i])
	}
	if faults := checkHeading(heading, line, columns); len(faults) > 0 {
		return nil, faults
	}
	t := &Table{}
	return t, t.readRows(r, heading, key, columns)
}

func (t *Table) readRows(r *csv.Reader, heading []string, key string, columns []Column) error {
	seen := map[string]int{}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return broken(err)
		}
		row := Row{cells: map[string]cell{}}
		row.Line, _ = r.FieldPos(0)
		if len(record) == 1 && strings.TrimSpace(record[0]) == "" {
			continue // a line of spaces
		}
		if len(t.Rows) == MaxRows {
			return Problems{{Line: row.Line, Says: fmt.Sprintf("the file has more than %d rows: split it", MaxRows)}}
		}
		if len(record) != len(heading) {
			t.Add(row, "", "this row has %d cells where the heading has %d: quote cells that hold the separator or a quotation mark", len(record), len(heading))
			continue
		}
		for i, text := range record {
			at, _ := r.FieldPos(i)
			text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
			row.cells[heading[i]] = cell{text, at}
			if strings.ContainsFunc(text, func(c rune) bool { return unicode.IsControl(c) && c != '\n' && c != '\t' }) {
				t.Add(row, heading[i], "it holds a control character: remove what can't be seen")
			}
		}
		for _, c := range columns {
			if c.Required && row.Get(c.Name) == "" {
				t.Add(row, c.Name, "it is empty and must not be")
			}
		}
		row.Key = row.Get(key)
		if first, twice := seen[row.Key]; twice && row.Key != "" {
			t.Add(row, key, "line %d has the same key: give each row one of its own", first)
		}
		seen[row.Key] = row.Line
		t.Rows = append(t.Rows, row)
	}
}

// ID returns the id of what a row with this key makes: the same for the same
// key, whatever file it is in, so that a second run finds what the first made.
func ID(kind string, programme id.ID, key string) id.ID {
	sum := sha256.Sum256([]byte("turnstone import\x00" + kind + "\x00" + programme.String() + "\x00" + key))
	return id.ID(sum[:id.Size])
}

func checkHeading(heading []string, line int, columns []Column) Problems {
	var faults Problems
	for i, name := range heading {
		known := slices.ContainsFunc(columns, func(c Column) bool { return c.Name == name })
		switch {
		case !known:
			faults = append(faults, Problem{Line: line, Says: fmt.Sprintf("there is no column %q: the columns are %s", cut(name), names(columns))})
		case slices.Contains(heading[:i], name):
			faults = append(faults, Problem{Line: line, Says: fmt.Sprintf("column %s is there twice: remove one", name)})
		}
	}
	for _, c := range columns {
		if c.Required && !slices.Contains(heading, c.Name) {
			faults = append(faults, Problem{Line: line, Says: fmt.Sprintf("column %s is missing: the first line names the columns", c.Name)})
		}
	}
	return faults
}

// separator is the sign that the heading uses: spreadsheets in countries with
// a decimal comma write semicolons.
func separator(whole []byte) rune {
	heading, _, _ := bytes.Cut(whole, []byte("\n"))
	if bytes.Count(heading, []byte(";")) > bytes.Count(heading, []byte(",")) {
		return ';'
	}
	return ','
}

func broken(err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		says := "a quotation mark stands where none belongs: quote the whole cell and double the marks inside"
		return Problems{{Line: parse.StartLine, Says: says}}
	}
	return fmt.Errorf("read the file: %w", err)
}

func badLine(text []byte) int {
	line := 1
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if r == utf8.RuneError && n == 1 {
			return line
		}
		if r == '\n' {
			line++
		}
		text = text[n:]
	}
	return line
}

func names(columns []Column) string {
	all := make([]string, len(columns))
	for i, c := range columns {
		all[i] = c.Name
	}
	return strings.Join(all, ", ")
}

func cut(name string) string {
	if r := []rune(name); len(r) > 30 {
		return string(r[:30]) + "…"
	}
	return name
}
