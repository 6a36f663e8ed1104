// SPDX-License-Identifier: Apache-2.0

package stream

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/turnstone-project/turnstone/engine/ftm"
	"github.com/turnstone-project/turnstone/engine/match"
)

// Names reads a CSV with the columns schema, left and right, in any order and
// among others, and writes it with two more: score, and match as true or
// false. A schema that is empty counts as Person; a line with one that the model
// lacks is broken. The order and the other columns stay.
func Names(ctx context.Context, in io.Reader, out io.Writer, workers int) (Report, error) {
	var report Report
	r := csv.NewReader(in)
	r.FieldsPerRecord = -1
	r.LazyQuotes = true
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return report, errors.New("read names: the file is empty; a header with schema, left and right was expected")
	}
	if err != nil {
		return report, fmt.Errorf("read names: header: %w", err)
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	columns, err := nameColumns(header)
	if err != nil {
		return report, err
	}
	w := csv.NewWriter(out)
	if err := w.Write(append(slices.Clone(header), "score", "match")); err != nil {
		return report, fmt.Errorf("write scores: %w", err)
	}
	next := func() (nameRow, error) {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nameRow{}, io.EOF
		}
		var broken *csv.ParseError
		if err != nil && !errors.As(err, &broken) {
			return nameRow{}, fmt.Errorf("read names: %w", err)
		}
		report.Lines++
		line := 0
		if len(row) > 0 {
			line, _ = r.FieldPos(0)
		}
		switch {
		case broken != nil:
			report.bad(broken.Line, broken.Err)
		case len(row) != len(header):
			err = fmt.Errorf("%d fields where the header has %d", len(row), len(header))
			report.bad(line, err)
		case columns.schema >= 0:
			if err = ftm.Default().Known(row[columns.schema]); err != nil {
				report.bad(line, err)
			}
		}
		return nameRow{row: row, broken: err != nil}, nil
	}
	work := func(n nameRow) []string {
		if n.broken {
			row := slices.Grow(slices.Clone(n.row), len(header))
			for len(row) < len(header) {
				row = append(row, "")
			}
			return append(row[:len(header)], "", "")
		}
		score := columns.score(n.row)
		return append(n.row, strconv.FormatFloat(score, 'f', 6, 64), strconv.FormatBool(score >= match.Threshold))
	}
	if err := ordered(ctx, workers, next, work, w.Write); err != nil {
		return report, err
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return report, fmt.Errorf("write scores: %w", err)
	}
	return report, nil
}

type nameRow struct {
	row    []string
	broken bool
}

type nameFields struct{ schema, left, right int }

func nameColumns(header []string) (nameFields, error) {
	find := func(names ...string) int {
		return slices.IndexFunc(header, func(h string) bool {
			return slices.Contains(names, strings.ToLower(strings.TrimSpace(h)))
		})
	}
	c := nameFields{find("schema"), find("left", "name1"), find("right", "name2")}
	var missing []string
	for name, at := range map[string]int{"left": c.left, "right": c.right} {
		if at < 0 {
			missing = append(missing, name)
		}
	}
	slices.Sort(missing)
	if len(missing) > 0 {
		return c, fmt.Errorf("read names: the header %q has no column %s", strings.Join(header, ","), strings.Join(missing, " and no column "))
	}
	return c, nil
}

func (c nameFields) score(row []string) float64 {
	schema := "Person"
	if c.schema >= 0 && row[c.schema] != "" {
		schema = row[c.schema]
	}
	a, b := match.Prepare(schema, row[c.left]), match.Prepare(schema, row[c.right])
	return match.ScoreNames(&a, &b)
}
