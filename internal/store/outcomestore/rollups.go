// SPDX-License-Identifier: AGPL-3.0-or-later

package outcomestore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/outcome/stats"
	"github.com/turnstone-project/turnstone/internal/store"
)

// Rollups keeps figures in a database: a row for a year, with its twelve months.
type Rollups struct{ db *store.DB }

// NewRollups returns the rollups in db.
func NewRollups(db *store.DB) *Rollups { return &Rollups{db} }

// year is the months of a row.
type year [12]int64

// months are the columns of a row's months.
var months = []string{"m01", "m02", "m03", "m04", "m05", "m06", "m07", "m08", "m09", "m10", "m11", "m12"}

var (
	allMonths   = strings.Join(months, ", ")
	cell        = `programme = ? AND dimension = ? AND compartment = ? AND measure = ? AND year = ? AND part = ?`
	dropEmpty   = `DELETE FROM outcome_figure WHERE ` + cell + ` AND ` + strings.Join(months, ` = 0 AND `) + ` = 0`
	addToMonths = func() (queries [12]string) {
		for i, m := range months {
			queries[i] = `INSERT INTO outcome_figure (programme, dimension, compartment, measure, year, part, ` + m + `) VALUES (?, ?, ?, ?, ?, ?, ?)
				ON CONFLICT (programme, dimension, compartment, measure, year, part) DO UPDATE SET ` + m + ` = outcome_figure.` + m + ` + excluded.` + m
		}
		return queries
	}()
)

// Add implements stats.Rollups.
func (s *Rollups) Add(ctx context.Context, rows []stats.Row) error {
	if len(rows) == 0 {
		return nil
	}
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	for _, r := range rows {
		at := []any{r.Programme, string(r.By), r.Compartment, r.Measure, r.Month.Year(), r.Key}
		if _, err := q.Exec(ctx, addToMonths[r.Month%12], append(at, r.N)...); err != nil {
			return fmt.Errorf("add to figures: %w", err)
		}
		if r.N > 0 {
			continue
		}
		if _, err = q.Exec(ctx, dropEmpty, at...); err != nil {
			return fmt.Errorf("drop an empty figure: %w", err)
		}
	}
	return nil
}

// Sum implements stats.Rollups. Compartments are added up here: a database that
// groups sorts all rows once more.
func (s *Rollups) Sum(ctx context.Context, q stats.Query) (_ []stats.Figure, err error) {
	if len(q.Inside) == 0 {
		return nil, nil
	}
	args := append([]any{q.Programme, string(q.By)}, ids(q.Inside)...)
	only := ""
	if len(q.Measures) > 0 {
		only = ` AND measure IN (` + places(len(q.Measures)) + `)`
		for _, m := range q.Measures {
			args = append(args, m)
		}
	}
	args = append(args, q.From.Year(), orMost(q.To).Year())
	rows, err := s.db.Reader(ctx).Query(ctx, `SELECT measure, part, year, `+allMonths+` FROM outcome_figure
		WHERE programme = ? AND dimension = ? AND compartment IN (`+places(len(q.Inside))+`)`+only+` AND year >= ? AND year <= ?`, args...)
	if err != nil {
		return nil, fmt.Errorf("sum figures: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	sums := sums{}
	var measure, part string
	var of int
	var n cells
	into := append([]any{&measure, &part, &of}, n.places()...)
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, fmt.Errorf("read figure: %w", err)
		}
		sums.add(measure, part, of, n.year())
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("sum figures: %w", err)
	}
	return sums.figures(q.From, orMost(q.To)), nil
}

// cells is a year as the database gives it: a value is taken over as it is,
// where one of a named type would be converted by reflection.
type cells [12]any

func (c *cells) places() []any {
	into := make([]any, len(c))
	for i := range c {
		into[i] = &c[i]
	}
	return into
}

func (c *cells) year() (n year) {
	for i, v := range c {
		n[i], _ = v.(int64)
	}
	return n
}

// sums are figures by measure, part and year.
type sums map[string]map[string]map[int]*year

func (s sums) add(measure, part string, of int, n year) {
	parts := s[measure]
	if parts == nil {
		parts = map[string]map[int]*year{}
		s[measure] = parts
	}
	years := parts[part]
	if years == nil {
		years = map[int]*year{}
		parts[part] = years
	}
	if had := years[of]; had != nil {
		for i := range n {
			had[i] += n[i]
		}
		return
	}
	years[of] = &n
}

// figures returns what isn't zero, by measure, part and month.
func (s sums) figures(from, to stats.Month) []stats.Figure {
	var out []stats.Figure
	for _, measure := range slices.Sorted(maps.Keys(s)) {
		for _, part := range slices.Sorted(maps.Keys(s[measure])) {
			years := s[measure][part]
			for _, of := range slices.Sorted(maps.Keys(years)) {
				for i, n := range years[of] {
					month := stats.Month(of*12 + i)
					if n != 0 && month >= from && month <= to {
						out = append(out, stats.Figure{Month: month, Key: part, Measure: measure, N: n})
					}
				}
			}
		}
	}
	return out
}

func orMost(m stats.Month) stats.Month {
	if m == 0 {
		return 1 << 30
	}
	return m
}

// Each implements stats.Rollups.
func (s *Rollups) Each(ctx context.Context, programme id.ID, do func(stats.Row) error) (err error) {
	rows, err := s.db.Reader(ctx).Query(ctx, `SELECT dimension, compartment, measure, year, part, `+allMonths+` FROM outcome_figure WHERE programme = ?`, programme)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	r := stats.Row{Programme: programme}
	var of int
	var c cells
	into := append([]any{&r.By, &r.Compartment, &r.Measure, &of, &r.Key}, c.places()...)
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("read figure: %w", err)
		}
		for i, n := range c.year() {
			if r.Month, r.N = stats.Month(of*12+i), n; r.N == 0 {
				continue
			}
			if err := do(r); err != nil {
				return err
			}
		}
	}
	return rows.Err()
}
