// SPDX-License-Identifier: AGPL-3.0-or-later

package hsds

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
)

// packageFile describes a package of tables (Frictionless Data Package).
const packageFile = "datapackage.json"

// datapackage is what is read of that file.
type datapackage struct {
	Resources []struct {
		Name    string          `json:"name"`
		Path    json.RawMessage `json:"path"`
		Dialect struct {
			Delimiter string `json:"delimiter"`
		} `json:"dialect"`
	} `json:"resources"`
}

// sheet is one file that holds a table.
type sheet struct {
	file  string
	table *Table
	comma rune
	old   bool // a file of version 2
}

// tables reads a package of tables; owners come before what they own.
func (r *reader) tables(files map[string][]byte) error {
	sheets, err := r.sheets(files)
	if err != nil {
		return err
	}
	if len(sheets) == 0 {
		return fault.New(fault.Invalid, "There is no table of the standard in it, such as services.csv.")
	}
	var done, total int64
	for _, s := range sheets {
		total += int64(len(files[s.file]))
	}
	for _, s := range sheets {
		if err := r.sheet(s, files[s.file], done, total); err != nil {
			return err
		}
		done += int64(len(files[s.file]))
		r.Progress("reading", done, total)
	}
	return nil
}

// sheets finds the table that each file holds: as datapackage.json says, else
// by its name.
func (r *reader) sheets(files map[string][]byte) ([]sheet, error) {
	named := map[string]sheet{}
	if b, ok := files[packageFile]; ok {
		var d datapackage
		if err := json.Unmarshal(b, &d); err != nil {
			return nil, unreadable(packageFile+" is no JSON that describes a package.", err)
		}
		for _, res := range d.Resources {
			var path string
			t, known := byName()[res.Name]
			if json.Unmarshal(res.Path, &path) != nil || !known {
				continue
			}
			comma, _ := utf8.DecodeRuneInString(res.Dialect.Delimiter)
			if res.Dialect.Delimiter == "" {
				comma = ','
			}
			base := path[strings.LastIndexAny(path, `/\`)+1:]
			if _, here := files[base]; here {
				named[base] = sheet{base, t, comma, false}
			}
		}
	}
	var sheets []sheet
	for _, file := range slices.Sorted(maps.Keys(files)) {
		if file == packageFile {
			continue
		}
		s, ok := named[file]
		if !ok {
			s, ok = r.byFile(file)
		}
		if !ok {
			r.report.Add(Problem{Place: Place{File: short(file, 60)}, Wrong: "the standard has no such table", Right: "tables are called organizations.csv, services.csv, …", Effect: RestOut})
			continue
		}
		if s.comma == '"' || s.comma == '\n' || s.comma == '\r' || s.comma == utf8.RuneError {
			return nil, fault.Newf(fault.Invalid, "%s: nothing can be divided by the delimiter of %s.", packageFile, file)
		}
		sheets = append(sheets, s)
	}
	slices.SortStableFunc(sheets, func(a, b sheet) int { return slices.Index(Tables(), a.table) - slices.Index(Tables(), b.table) })
	return sheets, nil
}

func (r *reader) byFile(file string) (sheet, bool) {
	lower := strings.ToLower(file)
	for _, t := range Tables() {
		if lower == t.File || lower == t.Plural+".csv" {
			return sheet{file, t, ',', false}, true
		}
	}
	name, ok := oldFiles[lower]
	if !ok {
		return sheet{}, false
	}
	return sheet{file, TableOf(name), ',', true}, true
}

// column is where a column of a file goes.
type column struct {
	field int    // -1: nowhere
	old   string // the name in version 2, if it has another one now
}

// sheet reads one table.
func (r *reader) sheet(s sheet, b []byte, done, total int64) error {
	start := len(b)
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	in := csv.NewReader(bytes.NewReader(b))
	in.FieldsPerRecord, in.Comma, in.ReuseRecord = -1, s.comma, true
	head, err := in.Read()
	if errors.Is(err, io.EOF) {
		r.report.Add(Problem{Place: Place{s.file, 1, 1}, Table: s.table.Name, Wrong: "the file is empty", Right: "the first line names the columns", Effect: Noted})
		return nil
	}
	if err != nil {
		r.broken(s, err)
		return nil
	}
	columns := r.columns(s, in, head)
	for n := 0; ; n++ {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			r.broken(s, err)
			return nil
		}
		if n%1000 == 0 {
			r.Progress("reading", done+in.InputOffset()+int64(start-len(b)), total)
		}
		if err := r.row(s, in, columns, row); err != nil {
			return err
		}
	}
}

// broken tells of a table that can't be divided into cells.
func (r *reader) broken(s sheet, err error) {
	p := Problem{Place: Place{File: s.file}, Table: s.table.Name, Wrong: "the table can't be divided into cells", Right: `a cell that has " or a line end in it stands in "…", with "" for each "`, Effect: RestOut}
	var bad *csv.ParseError
	if errors.As(err, &bad) {
		p.Line, p.Column = bad.Line, bad.Column
		if errors.Is(bad.Err, csv.ErrQuote) {
			p.Wrong = `a cell that begins with " does not end with it` // the usual reason, and the rest of the file is in that cell
		}
	}
	r.report.Add(p)
}

func (r *reader) columns(s sheet, in *csv.Reader, head []string) []column {
	columns := make([]column, len(head))
	seen := map[int]bool{}
	for i, name := range head {
		name = strings.ToLower(strings.TrimSpace(name))
		f := s.table.Field(name)
		c := column{field: f}
		if f < 0 {
			if now, ok := oldFields[s.table.Name][name]; ok {
				c = column{s.table.Field(now), name}
			}
		}
		line, col := in.FieldPos(i)
		p := Problem{Place: Place{s.file, line, col}, Table: s.table.Name, Field: short(name, 60), Effect: ValueOut}
		switch {
		case c.field < 0:
			p.Wrong, p.Right = "the standard has no such column", "the whole column is left out"
		case seen[c.field]:
			p.Wrong, p.Right = "the column is there twice", "the first one counts"
			c.field = -1
		default:
			seen[c.field] = true
			columns[i] = c
			continue
		}
		r.report.Add(p)
		columns[i] = column{field: -1}
	}
	return columns
}

func (r *reader) row(s sheet, in *csv.Reader, columns []column, row []string) error {
	line, col := in.FieldPos(0)
	rec := NewRecord(s.table)
	rec.At = Place{s.file, line, col}
	if len(row) == 1 && strings.TrimSpace(row[0]) == "" {
		return nil // an empty line
	}
	if err := r.count(s.table); err != nil {
		return err
	}
	if len(row) != len(columns) {
		r.report.Add(Problem{
			Place: rec.At, Table: s.table.Name, Wrong: fmt.Sprintf("the line has %d cells, the first line %d", len(row), len(columns)),
			Right: "give each line as many cells; one with a comma in it stands in \"…\"", Effect: RecordOut,
		})
		return nil
	}
	for pass := range 2 { // the id first: problems name it
		for i, cell := range row {
			c := columns[i]
			if c.field < 0 || (c.field == 0) != (pass == 0) || cell == "" {
				continue
			}
			line, col := in.FieldPos(i)
			if c.old != "" {
				r.old(rec, c.field, c.old, cell, Place{s.file, line, col})
				continue
			}
			r.set(rec, c.field, cell, Place{s.file, line, col}, nil)
		}
	}
	if s.old {
		r.fromOld(s, rec)
	}
	if rec.ID() == "" {
		r.makeID(rec)
	}
	r.moveZone(rec)
	if r.complete(rec) {
		r.keep(rec, false)
	}
	return nil
}

// fromOld writes what version 2 said by the name of the file.
func (r *reader) fromOld(s sheet, rec *Record) {
	if s.table.Name == "address" && rec.Get("address_type") == "" {
		kind := "physical"
		if strings.HasPrefix(strings.ToLower(s.file), "postal") {
			kind = "postal"
		}
		rec.Set("address_type", kind)
	}
}
