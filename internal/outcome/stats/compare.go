// SPDX-License-Identifier: AGPL-3.0-or-later

package stats

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// Counter calls do with every fact that a room's records stand for now.
type Counter func(ctx context.Context, programme id.ID, do func(intel.Fact) error) error

// Difference is a cell of the rollups that is not what the records give.
type Difference struct {
	Row        // N is what the rollups say
	Full int64 // what the records give
}

// String names the cell and both numbers.
func (d Difference) String() string {
	by := ""
	if d.By != ByNothing {
		by = fmt.Sprintf(", %s %q", d.By, d.Key)
	}
	closed := ""
	if !d.Compartment.IsZero() {
		closed = ", in a compartment"
	}
	return fmt.Sprintf("%s %s%s%s: the rollups say %d, the records %d", d.Month, d.Measure, by, closed, d.N, d.Full)
}

// FullCount counts every fact anew and returns the cells that are not zero.
func FullCount(ctx context.Context, programme id.ID, counters ...Counter) ([]Row, error) {
	cells := map[Row]int64{}
	for _, count := range counters {
		err := count(ctx, programme, func(f intel.Fact) error {
			for _, r := range Rows(f) {
				n := r.N
				r.N = 0
				cells[r] += n
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("count the records: %w", err)
		}
	}
	var rows []Row
	for r, n := range cells {
		if n != 0 {
			r.N = n
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, order)
	return rows, nil
}

func order(a, b Row) int {
	return cmp.Or(cmp.Compare(a.Month, b.Month), cmp.Compare(a.Measure, b.Measure), cmp.Compare(a.By, b.By), cmp.Compare(a.Key, b.Key), slices.Compare(a.Compartment[:], b.Compartment[:]))
}

// Compare returns every cell in which the rollups and a full count differ. The
// counters are of all rooms that are counted.
func Compare(ctx context.Context, rollups Rollups, programme id.ID, counters ...Counter) ([]Difference, error) {
	full, err := FullCount(ctx, programme, counters...)
	if err != nil {
		return nil, err
	}
	cells := map[Row]Difference{}
	for _, r := range full {
		n := r.N
		r.N = 0
		cells[r] = Difference{Row: r, Full: n}
	}
	err = rollups.Each(ctx, programme, func(r Row) error {
		n := r.N
		r.N = 0
		d := cells[r]
		d.Row = r
		d.N = n
		cells[r] = d
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the rollups: %w", err)
	}
	var differ []Difference
	for _, d := range cells {
		if d.N != d.Full {
			differ = append(differ, d)
		}
	}
	slices.SortFunc(differ, func(a, b Difference) int { return order(a.Row, b.Row) })
	return differ, nil
}

// Repair returns the rows that, added, make the rollups what the records give.
func Repair(differ []Difference) []Row {
	rows := make([]Row, len(differ))
	for i, d := range differ {
		rows[i] = d.Row
		rows[i].N = d.Full - d.N
	}
	return rows
}
