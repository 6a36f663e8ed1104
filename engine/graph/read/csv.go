// SPDX-License-Identifier: Apache-2.0

package read

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/turnstone-project/turnstone/engine/graph"
)

// endNames are the headings under which the ends of an edge are found.
var endNames = [][2]string{
	{"source", "target"},
	{"from", "to"},
	{"src", "dst"},
	{"i", "j"},
	{"u", "v"},
	{"a", "b"},
	{"node1", "node2"},
	{"node_1", "node_2"},
	{"person1", "person2"},
	{"caller", "callee"},
	{"sender", "receiver"},
	{"payer", "beneficiary"},
	{"start", "end"},
	{":start_id", ":end_id"},
	{"_from", "_to"},
	{"subject", "object"},
}

// columns are the places of what is read from each line; -1 is not there.
type columns struct {
	source, target, weight int
	kept                   []int
	into                   []*graph.Column
}

func (l *loader) csv(in *bufio.Reader) error {
	if l.opts.Nodes != nil {
		if err := l.nodes(l.opts.Nodes); err != nil {
			return err
		}
	}
	r := newRecords(in)
	head, _ := in.Peek(64 << 10)
	r.comma = separator(head)
	sample := sampleOf(head, r.comma)
	first, err := r.read()
	if errors.Is(err, io.EOF) {
		return ErrEmpty
	}
	if err != nil {
		return &Error{[]Problem{{r.line, err.Error()}}, 1}
	}
	names := make([]string, len(first))
	for i, f := range first {
		names[i] = string(f)
	}
	if isMatrix(names, sample) {
		return l.matrix(r, names)
	}
	header, err := l.hasHeader(names, sample)
	if err != nil {
		return err
	}
	cols, err := l.columns(names, header)
	if err != nil {
		return err
	}
	if !header {
		l.row(r.line, first, &cols)
	}
	return l.rows(r, &cols)
}

// rows reads all lines that are left.
func (l *loader) rows(r *records, cols *columns) error {
	for {
		fields, err := r.read()
		switch {
		case errors.Is(err, io.EOF):
			l.b.EdgeColumns(cols.into...)
			return nil
		case errors.Is(err, errQuote), errors.Is(err, errLine):
			l.problem(r.line, "%v", err)
			l.b.EdgeColumns(cols.into...)
			if errors.Is(err, errLine) {
				return &Error{l.report.Problems, l.total}
			}
			return nil
		case err != nil:
			return fmt.Errorf("read line %d: %w", r.line, err)
		}
		l.row(r.line, fields, cols)
	}
}

// row takes one edge, or notes why it can't.
func (l *loader) row(line int, fields [][]byte, cols *columns) {
	l.report.Lines++
	if need := max(cols.source, cols.target); need >= len(fields) {
		l.problem(line, "%s, but an end of the edge is expected in column %d", count(len(fields), "column"), need+1)
		return
	}
	from, to := fields[cols.source], fields[cols.target]
	if len(from) == 0 || len(to) == 0 {
		l.problem(line, "one end of the edge is empty: %q to %q", from, to)
		return
	}
	weight, err := weightAt(fields, cols.weight)
	if err != nil {
		l.problem(line, "%v", err)
		return
	}
	u, v, ok := l.ends(line, from, to)
	if !ok {
		return
	}
	if err := keep(fields, cols); err != nil {
		l.problem(line, "%v", err)
		return
	}
	if err := l.b.Edge(u, v, weight); err != nil {
		l.problem(line, "%v", err) // weightAt refuses all that Edge refuses, but for underflow
	}
}

// keep appends the attributes of a row; after an error no column has grown.
func keep(fields [][]byte, cols *columns) error {
	for k, at := range cols.kept {
		text := ""
		if at < len(fields) {
			text = string(fields[at])
		}
		if err := cols.into[k].Append(text); err != nil {
			for _, done := range cols.into[:k] {
				done.Truncate(done.Len() - 1)
			}
			return err
		}
	}
	return nil
}

func weightAt(fields [][]byte, at int) (float64, error) {
	if at < 0 {
		return 1, nil
	}
	if at >= len(fields) || len(fields[at]) == 0 {
		return 0, errors.New("the weight is missing")
	}
	text := fields[at]
	if len(text) < 8 { // most weights are small counts
		n, digits := 0, true
		for _, c := range text {
			digits = digits && c >= '0' && c <= '9'
			n = 10*n + int(c-'0')
		}
		if digits && n > 0 {
			return float64(n), nil
		}
	}
	w, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return 0, fmt.Errorf("the weight %q is no number", text)
	}
	if f := float32(w); !(f > 0) || f > 3.4e38 {
		return 0, fmt.Errorf("the weight %s is not a positive number", text)
	}
	return w, nil
}

// separator is the likeliest of tab, semicolon and comma, else a space.
func separator(head []byte) byte {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	best, most := byte(','), 0
	for _, c := range []byte{'\t', ';', ',', '|'} {
		if n := bytes.Count(line, []byte{c}); n > most {
			best, most = c, n
		}
	}
	if most == 0 && len(bytes.Fields(line)) > 1 && !bytes.ContainsRune(line, '"') {
		return ' '
	}
	return best
}

// sampleOf splits the whole lines of the file's head, the first left out.
func sampleOf(head []byte, comma byte) [][]string {
	lines := strings.Split(string(head), "\n")
	if len(head) == 64<<10 {
		lines = lines[:len(lines)-1]
	}
	var sample [][]string
	for _, line := range lines[min(1, len(lines)):] {
		if len(sample) == 50 {
			break
		}
		if strings.TrimSpace(line) == "" {
			continue
		}
		fields := strings.Split(line, string(comma))
		for i := range fields {
			fields[i] = strings.Trim(fields[i], "\" \r")
		}
		sample = append(sample, fields)
	}
	return sample
}

// hasHeader finds out whether the first line names the columns: it does if it
// holds names that we know or were told, it doesn't if a field is empty, twice
// there or a number, or if one of its ends comes again below. Otherwise nobody
// can tell an edge from two names, and the reader asks.
func (l *loader) hasHeader(first []string, sample [][]string) (bool, error) {
	if len(first) < 2 {
		return false, &Error{[]Problem{{1, "only one column: an edge needs two ends"}}, 1}
	}
	if l.opts.Header != Guess {
		return l.opts.Header == Yes, nil
	}
	for _, name := range []string{l.opts.Source, l.opts.Target, l.opts.Weight, l.opts.Relation, l.opts.Time, l.opts.Grade} {
		if _, err := strconv.Atoi(name); err != nil && indexOf(first, name) >= 0 {
			return true, nil
		}
	}
	source, _, known := knownEnds(first)
	if known && len(first[source]) > 1 {
		return true, nil
	}
	seen := map[string]bool{}
	for _, f := range first {
		if _, err := strconv.ParseFloat(f, 64); err == nil || f == "" || seen[f] {
			return false, nil
		}
		seen[f] = true
	}
	for _, fields := range sample {
		if len(fields) < 2 {
			continue
		}
		for _, f := range first[:min(2, len(first))] {
			if f == fields[0] || f == fields[1] {
				return false, nil
			}
		}
	}
	for i := range first {
		if known || numeric(sample, i) {
			return true, nil
		}
	}
	return false, &Error{[]Problem{{1, fmt.Sprintf(
		"%q may be the names of the columns or an edge: say which with --header=yes or --header=no", strings.Join(first, ", "))}}, 1}
}

// numeric reports whether column i of the sample holds only numbers.
func numeric(sample [][]string, i int) bool {
	for _, fields := range sample {
		if i >= len(fields) {
			return false
		}
		if _, err := strconv.ParseFloat(fields[i], 64); err != nil {
			return false
		}
	}
	return len(sample) > 0
}

func knownEnds(names []string) (source, target int, ok bool) {
	for _, pair := range endNames {
		source, target = indexOf(names, pair[0]), indexOf(names, pair[1])
		if source >= 0 && target >= 0 {
			return source, target, true
		}
	}
	return 0, 1, false
}

// indexOf finds a column by its heading, in any case; -1 if there is none.
func indexOf(names []string, name string) int {
	if name == "" {
		return -1
	}
	return slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}

// columns finds the places of all that the options name.
func (l *loader) columns(names []string, header bool) (columns, error) {
	cols := columns{weight: -1}
	cols.source, cols.target = 0, 1
	if header {
		cols.source, cols.target, _ = knownEnds(names)
	}
	place := func(name string, into *int) error {
		if name == "" {
			return nil
		}
		at := -1
		if header {
			at = indexOf(names, name)
		}
		if n, err := strconv.Atoi(name); at < 0 && err == nil && n >= 1 && n <= len(names) {
			at = n - 1
		}
		if at < 0 && header {
			return fmt.Errorf("there is no column %q; the columns are %s", name, strings.Join(names, ", "))
		}
		if at < 0 {
			return fmt.Errorf("there is no column %q: the file has no headings, so name a column by its number, 1 to %d", name, len(names))
		}
		*into = at
		return nil
	}
	kept := []struct {
		name string
		kind graph.Kind
	}{{l.opts.Relation, graph.Text}, {l.opts.Time, graph.Moment}, {l.opts.Grade, graph.Graded}}
	err := errors.Join(place(l.opts.Source, &cols.source), place(l.opts.Target, &cols.target), place(l.opts.Weight, &cols.weight))
	for _, k := range kept {
		if k.name == "" {
			continue
		}
		at := -1
		err = errors.Join(err, place(k.name, &at))
		cols.kept = append(cols.kept, at)
		cols.into = append(cols.into, graph.NewColumn(k.name, k.kind))
	}
	return cols, err
}

// count returns "1 column" or "3 columns".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
