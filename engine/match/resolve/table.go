// SPDX-License-Identifier: Apache-2.0

package resolve

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxProblems bounds how many broken lines are kept one by one.
const maxProblems = 1000

// Table is a CSV file in memory. Equal values of a column are kept once.
type Table struct {
	Name    string   // of the file, for messages
	Columns []string // header, trimmed; never empty names
	cells   [][]uint32
	pools   []pool
	rows    int
}

// Problem is a line that could not be read as it stands.
type Problem struct {
	Line int    // 1 is the header
	What string // what was wrong and what was done about it
}

// String puts the line before what was wrong.
func (p Problem) String() string { return fmt.Sprintf("line %d: %s", p.Line, p.What) }

// pool interns the values of one column; value 0 is the missing one.
type pool struct {
	ids    map[string]uint32
	values []string
}

func newPool() pool { return pool{ids: map[string]uint32{"": 0}, values: []string{""}} }

func (p *pool) intern(value []byte) uint32 {
	if id, ok := p.ids[string(value)]; ok {
		return id
	}
	id := uint32(len(p.values))
	s := string(value)
	p.ids[s] = id
	p.values = append(p.values, s)
	return id
}

// Rows returns the number of records.
func (t *Table) Rows() int { return t.rows }

// Cell returns the trimmed value of a column in a row, "" when it is missing.
// It panics when either is out of range.
func (t *Table) Cell(row, column int) string { return t.pools[column].values[t.cells[column][row]] }

// ReadTable reads a CSV file with a header line. The separator (comma,
// semicolon, tab or bar) is seen from the header; UTF-16 is seen from its mark
// or its zeros, and other text that is not UTF-8 is read as Windows-1252. Short lines are filled with missing values, long ones
// cut, unreadable ones left out: each is reported with its line, the first
// thousand one by one. The error is about the whole file: no header, or a
// reader that fails.
func ReadTable(ctx context.Context, r io.Reader, name string) (*Table, []Problem, error) {
	buffered, err := plain(bufio.NewReaderSize(r, 1<<16))
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", name, err)
	}
	head, err := buffered.Peek(1 << 12)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, fmt.Errorf("read %s: %w", name, err)
	}
	reader := csv.NewReader(buffered)
	reader.Comma = separator(head)
	reader.FieldsPerRecord = -1
	reader.ReuseRecord = true
	reader.TrimLeadingSpace = reader.Comma != '\t' // a tab is a blank too, and would be lost
	header, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, nil, fmt.Errorf("read %s: the file is empty: a header line is needed", name)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: header: %w", name, err)
	}
	t := newTable(name, header)
	problems, err := t.fill(ctx, reader)
	if err != nil {
		return nil, problems, fmt.Errorf("read %s: %w", name, err)
	}
	return t, problems, nil
}

func newTable(name string, header []string) *Table {
	t := &Table{Name: name, cells: make([][]uint32, len(header)), pools: make([]pool, len(header))}
	for i, column := range header {
		column = strings.TrimSpace(toUTF8(column))
		if column == "" {
			column = fmt.Sprintf("column%d", i+1)
		}
		for slices.Contains(t.Columns, column) {
			column += "_2"
		}
		t.Columns = append(t.Columns, column)
		t.pools[i] = newPool()
	}
	return t
}

// fill reads the records. Only the caller's context and the reader itself end
// it early.
func (t *Table) fill(ctx context.Context, reader *csv.Reader) ([]Problem, error) {
	var problems []Problem
	report := func(line int, format string, args ...any) {
		if len(problems) < maxProblems {
			problems = append(problems, Problem{Line: line, What: fmt.Sprintf(format, args...)})
		}
	}
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return problems, nil
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			report(broken.StartLine, "left out: %v", broken.Err)
			continue
		}
		if err != nil {
			return problems, err
		}
		if t.rows&0xfff == 0 && ctx.Err() != nil {
			return problems, ctx.Err()
		}
		if len(record) != len(t.Columns) {
			if blank(record) {
				continue // a 0x1A or spaces at the end of a file
			}
			line, _ := reader.FieldPos(0)
			if len(record) < len(t.Columns) {
				report(line, "%d of %d fields: the rest is taken as missing", len(record), len(t.Columns))
			} else {
				report(line, "%d fields where the header has %d: the rest is left out", len(record), len(t.Columns))
			}
		}
		t.add(record)
	}
}

func (t *Table) add(record []string) {
	var buffer []byte
	for i := range t.Columns {
		value := ""
		if i < len(record) {
			value = strings.TrimSpace(record[i])
		}
		if isMissing(value) {
			value = ""
		}
		if !utf8.ValidString(value) {
			value = toUTF8(value)
		}
		buffer = append(buffer[:0], value...)
		t.cells[i] = append(t.cells[i], t.pools[i].intern(buffer))
	}
	t.rows++
}

func blank(record []string) bool {
	for _, field := range record {
		if strings.Trim(field, " \t\x1a") != "" {
			return false
		}
	}
	return true
}

// isMissing reports whether a value is one of the ways to write "nothing".
func isMissing(value string) bool {
	switch len(value) {
	case 0:
		return true
	case 1:
		return value == "-" || value == "?" || value == "."
	case 2:
		return value == "NA" || value == "--"
	case 3:
		return value == "N/A" || value == "n/a" || value == "nan" || value == "NaN" || value == "-0-"
	case 4:
		return value == "null" || value == "NULL" || value == "None" || value == "<NA>"
	}
	return false
}

// separator returns the one that the first line has most of.
func separator(head []byte) rune {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	best, most := ',', 0
	for _, c := range []rune{',', ';', '\t', '|'} {
		if n := bytes.Count(line, []byte(string(c))); n > most {
			best, most = c, n
		}
	}
	return best
}
