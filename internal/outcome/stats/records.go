// SPDX-License-Identifier: AGPL-3.0-or-later

package stats

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// RecordQuery asks for the records behind a figure.
type RecordQuery struct {
	Measures []string
	Inside   []id.ID // compartments of the reader, the open one included; empty finds nothing
	Desks    []id.ID // only theirs; nil: all
	By       By      // with Key, the part of a divided figure
	Key      string
	From, To Month // inclusive; 0: since inception, until now
	After    Cursor
	Limit    int
}

// Cursor is the place after which a page begins: the last row of the one before.
type Cursor struct {
	Day    int
	Record id.ID
}

// MostRecords is the most that a page of records has.
const MostRecords = 500

// List returns a page of the records that a figure was counted from, as far as
// s may list what is of kind: a reviewer those of their own desks.
func (r *Reader) List(ctx context.Context, s authz.Subject, programme id.ID, kind authz.Kind, q RecordQuery) ([]intel.Fact, bool, error) {
	if err := authz.Check(s, authz.Read, authz.Object{Kind: authz.Statistics, Programme: programme}); err != nil {
		return nil, false, err
	}
	q.Desks = nil
	if !s.Holds(programme, authz.Analyst) || kind == authz.Report {
		if q.Desks = s.Desks(programme, authz.Reviewer); len(q.Desks) == 0 {
			return nil, false, authz.Check(s, authz.List, authz.Object{Kind: kind, Programme: programme})
		}
	}
	var err error
	if q.Inside, err = r.Inside(ctx, s, programme); err != nil {
		return nil, false, err
	}
	q.Limit = min(max(q.Limit, 1), MostRecords)
	found, more, err := r.Records.List(ctx, programme, q)
	if err != nil {
		return nil, false, fmt.Errorf("list records: %w", err)
	}
	return found, more, nil
}

// Astray is a record that is counted and shouldn't be, or the other way round.
type Astray struct {
	intel.Fact
	Missing bool // it should be counted and isn't
}

// String names the record.
func (a Astray) String() string {
	what := "is listed and stands for nothing"
	if a.Missing {
		what = "is missing from the lists"
	}
	return fmt.Sprintf("%s of %s: %s %s", a.Measure, MonthOf(a.Day), a.Record, what)
}

// CompareRecords returns what the lists behind the figures and the records
// themselves don't agree on.
func CompareRecords(ctx context.Context, records Records, programme id.ID, counters ...Counter) ([]Astray, error) {
	stand := map[intel.Fact]bool{}
	for _, count := range counters {
		err := count(ctx, programme, func(f intel.Fact) error {
			if !f.Record.IsZero() {
				stand[f] = true
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("count the records: %w", err)
		}
	}
	var astray []Astray
	err := records.EachRecord(ctx, programme, func(f intel.Fact) error {
		if !stand[f] {
			astray = append(astray, Astray{Fact: f})
		}
		delete(stand, f)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the lists: %w", err)
	}
	for f := range stand {
		astray = append(astray, Astray{Fact: f, Missing: true})
	}
	slices.SortFunc(astray, func(a, b Astray) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Measure, b.Measure), slices.Compare(a.Record[:], b.Record[:]))
	})
	return astray, nil
}

// RepairRecords puts right what CompareRecords found.
func RepairRecords(ctx context.Context, records Records, astray []Astray) error {
	var come, gone []intel.Fact
	for _, a := range astray {
		if a.Missing {
			come = append(come, a.Fact)
		} else {
			gone = append(gone, a.Fact)
		}
	}
	if err := records.Drop(ctx, gone); err != nil {
		return err
	}
	return records.Keep(ctx, come)
}
