// SPDX-License-Identifier: AGPL-3.0-or-later

package reportstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/store"
)

// AddAct implements report.ActStore.
func (s *Store) AddAct(ctx context.Context, programme id.ID, a report.Act) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, `INSERT INTO report_act (programme, report, id, who, at, what, detail) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		programme, a.Report, a.ID, a.Who, numberOf(a.At), a.What, a.Detail)
	if err != nil {
		return fmt.Errorf("keep act: %w", err)
	}
	return nil
}

// SaveHold implements report.ActStore.
func (s *Store) SaveHold(ctx context.Context, programme, rep id.ID, hold bool) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	n, err := q.Exec(ctx, `UPDATE report SET hold = ? WHERE programme = ? AND id = ?`, flag(hold), programme, rep)
	if err != nil {
		return fmt.Errorf("keep hold: %w", err)
	}
	if n == 0 {
		return fault.New(fault.NotFound, "There is no such report.")
	}
	return nil
}

// Acts implements report.ActStore.
func (s *Store) Acts(ctx context.Context, programme, rep id.ID) ([]report.Act, error) {
	return store.Collect(ctx, s.db.Reader(ctx), func(rows *sql.Rows) (report.Act, error) {
		a := report.Act{Report: rep}
		var at int64
		err := rows.Scan(&a.ID, &a.Who, &at, &a.What, &a.Detail)
		a.At = timeOf(at)
		return a, err
	}, `SELECT id, who, at, what, detail FROM report_act WHERE programme = ? AND report = ? ORDER BY at DESC, id`, programme, rep)
}

// ArrivalsOf implements report.ActStore. It walks the inbox index from desk to
// desk, so it needs no index of its own that each arrival would have to write.
func (s *Store) ArrivalsOf(ctx context.Context, programme id.ID, hour int64) ([]id.ID, error) {
	q := s.db.Reader(ctx)
	var all []id.ID
	desk := []byte{}
	for {
		next, err := store.Collect(ctx, q, scanID, `SELECT desk FROM report WHERE programme = ? AND desk > ? ORDER BY desk LIMIT 1`, programme, desk)
		if err != nil {
			return nil, fmt.Errorf("walk desks: %w", err)
		}
		if len(next) == 0 {
			break
		}
		desk = next[0][:]
		for _, state := range append(openStates, report.StateClosed) {
			for alarmed := range 2 {
				found, err := store.Collect(ctx, q, scanID, `SELECT id FROM report WHERE programme = ? AND desk = ? AND state = ? AND alarm = ? AND arrived = ?`,
					programme, desk, string(state), alarmed, hour)
				if err != nil {
					return nil, fmt.Errorf("read arrivals: %w", err)
				}
				all = append(all, found...)
			}
		}
	}
	slices.SortFunc(all, func(a, b id.ID) int { return slices.Compare(a[:], b[:]) })
	return all, nil
}
