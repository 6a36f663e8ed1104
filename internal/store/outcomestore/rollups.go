// SPDX-License-Identifier: AGPL-3.0-or-later

package outcomestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/outcome/stats"
	"github.com/turnstone-project/turnstone/internal/store"
)

// Rollups keeps figures in a database.
type Rollups struct{ db *store.DB }

// NewRollups returns the rollups in db.
func NewRollups(db *store.DB) *Rollups { return &Rollups{db} }

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
		_, err := q.Exec(ctx, `INSERT INTO outcome_rollup (programme, dimension, compartment, month, measure, part, n) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (programme, dimension, compartment, month, measure, part) DO UPDATE SET n = outcome_rollup.n + excluded.n`,
			r.Programme, string(r.By), r.Compartment, int(r.Month), r.Measure, r.Key, r.N)
		if err != nil {
			return fmt.Errorf("add to figures: %w", err)
		}
		if r.N > 0 {
			continue
		}
		_, err = q.Exec(ctx, `DELETE FROM outcome_rollup WHERE programme = ? AND dimension = ? AND compartment = ? AND month = ? AND measure = ? AND part = ? AND n = 0`,
			r.Programme, string(r.By), r.Compartment, int(r.Month), r.Measure, r.Key)
		if err != nil {
			return fmt.Errorf("drop an empty figure: %w", err)
		}
	}
	return nil
}

// Sum implements stats.Rollups.
func (s *Rollups) Sum(ctx context.Context, q stats.Query) ([]stats.Figure, error) {
	if len(q.Inside) == 0 {
		return nil, nil
	}
	args := append([]any{q.Programme, string(q.By)}, ids(q.Inside)...)
	args = append(args, int(q.From), int(orMost(q.To)))
	only := ""
	if len(q.Measures) > 0 {
		only = ` AND measure IN (` + places(len(q.Measures)) + `)`
		for _, m := range q.Measures {
			args = append(args, m)
		}
	}
	figures, err := store.Collect(ctx, s.db.Reader(ctx), func(rows *sql.Rows) (f stats.Figure, err error) {
		return f, rows.Scan(&f.Measure, &f.Key, &f.Month, &f.N)
	}, `SELECT measure, part, month, sum(n) FROM outcome_rollup WHERE programme = ? AND dimension = ? AND compartment IN (`+places(len(q.Inside))+`)
		AND month >= ? AND month <= ?`+only+` GROUP BY measure, part, month HAVING sum(n) <> 0 ORDER BY measure, part, month`, args...)
	if err != nil {
		return nil, fmt.Errorf("sum figures: %w", err)
	}
	return figures, nil
}

func orMost(m stats.Month) stats.Month {
	if m == 0 {
		return 1 << 30
	}
	return m
}

// Each implements stats.Rollups.
func (s *Rollups) Each(ctx context.Context, programme id.ID, do func(stats.Row) error) (err error) {
	rows, err := s.db.Reader(ctx).Query(ctx, `SELECT dimension, compartment, month, measure, part, n FROM outcome_rollup WHERE programme = ?`, programme)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		r := stats.Row{Programme: programme}
		if err := rows.Scan(&r.By, &r.Compartment, &r.Month, &r.Measure, &r.Key, &r.N); err != nil {
			return fmt.Errorf("read figure: %w", err)
		}
		if err := do(r); err != nil {
			return err
		}
	}
	return rows.Err()
}
