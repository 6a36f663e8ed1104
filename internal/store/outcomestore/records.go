// SPDX-License-Identifier: AGPL-3.0-or-later

package outcomestore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/outcome/stats"
	"github.com/turnstone-project/turnstone/internal/store"
)

var _ stats.Records = (*Rollups)(nil)

const recordColumns = `measure, compartment, day, record, desk, category, channel, partner`

func scanRecord(programme id.ID) func(rows *sql.Rows) (intel.Fact, error) {
	return func(rows *sql.Rows) (intel.Fact, error) {
		f := intel.Fact{Programme: programme, N: 1}
		return f, rows.Scan(&f.Measure, &f.Compartment, &f.Day, &f.Record, &f.Desk, &f.Category, &f.Channel, &f.Partner)
	}
}

// Of implements stats.Records.
func (s *Rollups) Of(ctx context.Context, programme, record id.ID) ([]intel.Fact, error) {
	return store.Collect(ctx, s.db.Reader(ctx), scanRecord(programme), `SELECT `+recordColumns+` FROM outcome_record WHERE programme = ? AND record = ?`, programme, record)
}

// Keep implements stats.Records.
func (s *Rollups) Keep(ctx context.Context, facts []intel.Fact) error {
	return s.eachRecord(ctx, facts, func(q store.Querier, f intel.Fact) error {
		_, err := q.Exec(ctx, `INSERT INTO outcome_record (programme, `+recordColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			f.Programme, f.Measure, f.Compartment, f.Day, f.Record, f.Desk, f.Category, f.Channel, f.Partner)
		return err
	})
}

// Drop implements stats.Records.
func (s *Rollups) Drop(ctx context.Context, facts []intel.Fact) error {
	return s.eachRecord(ctx, facts, func(q store.Querier, f intel.Fact) error {
		_, err := q.Exec(ctx, `DELETE FROM outcome_record WHERE programme = ? AND measure = ? AND compartment = ? AND day = ? AND record = ?`,
			f.Programme, f.Measure, f.Compartment, f.Day, f.Record)
		return err
	})
}

func (s *Rollups) eachRecord(ctx context.Context, facts []intel.Fact, do func(q store.Querier, f intel.Fact) error) error {
	if len(facts) == 0 {
		return nil
	}
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	for _, f := range facts {
		if err := do(q, f); err != nil {
			return fmt.Errorf("keep what a figure was counted from: %w", err)
		}
	}
	return nil
}

// List implements stats.Records. Each measure and compartment is one ordered
// run; a page is merged from as many rows of each as it could need.
func (s *Rollups) List(ctx context.Context, programme id.ID, q stats.RecordQuery) ([]intel.Fact, bool, error) {
	where, args := ``, []any{}
	and := func(condition string, values ...any) {
		where += ` AND ` + condition
		args = append(args, values...)
	}
	if q.From != 0 {
		and(`day >= ?`, q.From.FirstDay())
	}
	if q.To != 0 {
		and(`day < ?`, (q.To + 1).FirstDay())
	}
	if q.After != (stats.Cursor{}) {
		and(`(day, record) < (?, ?)`, q.After.Day, q.After.Record)
	}
	if q.Desks != nil {
		if len(q.Desks) == 0 {
			return nil, false, nil
		}
		and(`desk IN (`+places(len(q.Desks))+`)`, ids(q.Desks)...)
	}
	switch q.By {
	case stats.ByCategory:
		and(`category = ?`, q.Key)
	case stats.ByChannel:
		and(`channel = ?`, q.Key)
	case stats.ByPartner, stats.ByDesk:
		key, err := keyOf(q.Key)
		if err != nil {
			return nil, false, err
		}
		and(string(q.By)+` = ?`, key)
	}
	var all []intel.Fact
	for _, measure := range q.Measures {
		for _, compartment := range q.Inside {
			found, err := store.Collect(ctx, s.db.Reader(ctx), scanRecord(programme), `SELECT `+recordColumns+` FROM outcome_record
				WHERE programme = ? AND measure = ? AND compartment = ?`+where+` ORDER BY day DESC, record DESC LIMIT ?`,
				append(append([]any{programme, measure, compartment}, args...), q.Limit+1)...)
			if err != nil {
				return nil, false, fmt.Errorf("list records: %w", err)
			}
			all = append(all, found...)
		}
	}
	slices.SortFunc(all, func(a, b intel.Fact) int {
		return cmp.Or(cmp.Compare(b.Day, a.Day), slices.Compare(b.Record[:], a.Record[:]))
	})
	return all[:min(q.Limit, len(all))], len(all) > q.Limit, nil
}

// keyOf reads the key of a part that is an id; empty is not known.
func keyOf(key string) (id.ID, error) {
	if key == "" {
		return id.ID{}, nil
	}
	of, err := id.Parse(key)
	if err != nil {
		err = fault.Wrap(fault.Invalid, "There is no such part of a figure.", err)
	}
	return of, err
}

// EachRecord implements stats.Records.
func (s *Rollups) EachRecord(ctx context.Context, programme id.ID, do func(intel.Fact) error) (err error) {
	rows, err := s.db.Reader(ctx).Query(ctx, `SELECT `+recordColumns+` FROM outcome_record WHERE programme = ?`, programme)
	if err != nil {
		return fmt.Errorf("read records: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	scan := scanRecord(programme)
	for rows.Next() {
		f, err := scan(rows)
		if err != nil {
			return fmt.Errorf("read record: %w", err)
		}
		if err := do(f); err != nil {
			return err
		}
	}
	return rows.Err()
}
