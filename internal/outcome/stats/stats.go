// SPDX-License-Identifier: AGPL-3.0-or-later

// Package stats is the programme's figures: rollups of what rooms report as
// facts, by month and by one dimension at a time, and the reading of them.
//
// It must never give a figure that counts a compartment outside of which the
// reader is, and never cross two dimensions: a rollup that did would have a
// cell for every record. Rows are plain values; everything is safe for
// concurrent use.
package stats

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// Month counts months: year × 12 + month − 1.
type Month int

// MonthOf returns the month of a day since the Unix epoch.
func MonthOf(day int) Month {
	t := time.Unix(int64(day)*86400, 0).UTC()
	return Month(t.Year()*12 + int(t.Month()) - 1)
}

// ParseMonth reads 2026-01.
func ParseMonth(text string) (Month, error) {
	t, err := time.Parse("2006-01", text)
	if err != nil {
		return 0, fault.Newf(fault.Invalid, "%q is not a month. Write it as 2026-01.", text)
	}
	return Month(t.Year()*12 + int(t.Month()) - 1), nil
}

// Year returns the year of m.
func (m Month) Year() int { return int(m) / 12 }

// String writes m as 2026-01.
func (m Month) String() string { return fmt.Sprintf("%04d-%02d", int(m)/12, int(m)%12+1) }

// FirstDay returns the first day of m since the Unix epoch.
func (m Month) FirstDay() int {
	return int(time.Date(int(m)/12, time.Month(int(m)%12+1), 1, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// By is a dimension along which figures are divided.
type By string

// The dimensions; the empty one divides nothing.
const (
	ByNothing  By = ""
	ByCategory By = "category"
	ByChannel  By = "channel"
	ByPartner  By = "partner"
	ByDesk     By = "desk"
	ByReason   By = "reason" // of ended contacts only; kept by the room report
)

// Divisions lists what figures can be divided by.
var Divisions = []By{ByCategory, ByChannel, ByPartner, ByDesk, ByReason}

// Row is one cell of the rollups.
type Row struct {
	Programme   id.ID
	Compartment id.ID
	Month       Month
	By          By
	Key         string // of the dimension; empty: not known
	Measure     string
	N           int64
}

// Rows returns the cells that a fact adds to: one for the whole and one for
// each dimension.
func Rows(f intel.Fact) []Row {
	row := Row{Programme: f.Programme, Compartment: f.Compartment, Month: MonthOf(f.Day), Measure: f.Measure, N: f.N}
	rows := make([]Row, 0, 5)
	for _, d := range []struct {
		by  By
		key string
	}{{ByNothing, ""}, {ByCategory, f.Category}, {ByChannel, f.Channel}, {ByPartner, keyOf(f.Partner)}, {ByDesk, keyOf(f.Desk)}} {
		row.By, row.Key = d.by, d.key
		rows = append(rows, row)
	}
	return rows
}

func keyOf(v id.ID) string {
	if v.IsZero() {
		return ""
	}
	return v.String()
}

// Query asks for figures of one programme.
type Query struct {
	Programme id.ID
	Inside    []id.ID // compartments of the reader, the open one included
	By        By
	From, To  Month    // inclusive; 0: since inception, until now
	Measures  []string // only these; empty: all
}

// Figure is a sum over the compartments of the reader.
type Figure struct {
	Month   Month
	Key     string
	Measure string
	N       int64
}

// Rollups keeps the cells.
type Rollups interface {
	// Add adds each row's N to its cell; a cell that comes to zero goes.
	Add(ctx context.Context, rows []Row) error
	// Sum returns the figures that a query asks for, by measure, key and month.
	Sum(ctx context.Context, q Query) ([]Figure, error)
	// Each calls do with every cell of a programme.
	Each(ctx context.Context, programme id.ID, do func(Row) error) error
}

// Records keeps what figures were counted from: each fact of a record, with N
// always 1.
type Records interface {
	// Of returns the facts of a record.
	Of(ctx context.Context, programme, record id.ID) ([]intel.Fact, error)
	// Keep adds facts and Drop removes them.
	Keep(ctx context.Context, facts []intel.Fact) error
	Drop(ctx context.Context, facts []intel.Fact) error
	// List returns a page, newest day first, and whether there are more.
	List(ctx context.Context, programme id.ID, q RecordQuery) ([]intel.Fact, bool, error)
	// EachRecord calls do with every fact of a programme.
	EachRecord(ctx context.Context, programme id.ID, do func(intel.Fact) error) error
}

// Tally implements intel.Tally on rollups.
type Tally struct {
	Rollups Rollups
	Records Records
}

// Settle implements intel.Tally: call it inside the change. What stays as it
// was is not written again.
func (t Tally) Settle(ctx context.Context, programme, record id.ID, facts ...intel.Fact) error {
	had, err := t.Records.Of(ctx, programme, record)
	if err != nil {
		return fmt.Errorf("read what was counted: %w", err)
	}
	gone := slices.DeleteFunc(slices.Clone(had), func(f intel.Fact) bool { return slices.Contains(facts, f) })
	come := slices.DeleteFunc(slices.Clone(facts), func(f intel.Fact) bool { return slices.Contains(had, f) })
	if len(gone)+len(come) == 0 {
		return nil
	}
	if err := t.Records.Drop(ctx, gone); err != nil {
		return fmt.Errorf("take back what was counted: %w", err)
	}
	if err := t.Records.Keep(ctx, come); err != nil {
		return fmt.Errorf("keep what is counted: %w", err)
	}
	for i := range gone {
		gone[i].N = -1
	}
	return t.Count(ctx, append(gone, come...)...)
}

// Count implements intel.Tally: call it inside the change.
func (t Tally) Count(ctx context.Context, facts ...intel.Fact) error {
	rows := make([]Row, 0, 5*len(facts))
	for _, f := range facts {
		if f.N != 0 {
			rows = append(rows, Rows(f)...)
		}
	}
	if err := t.Rollups.Add(ctx, rows); err != nil {
		return fmt.Errorf("count: %w", err)
	}
	return nil
}

// The measures of outcomes are spelled out of parts, so that a kind that an
// operator adds is counted without code.
const (
	Success  = "success"  // outcomes that are no later stage of another
	counted  = "outcome"  // outcome/<kind>/<of>
	quantity = "quantity" // quantity/<kind>/<of>/<dimension>
	value    = "value"    // value/<kind>/<currency>
)

// Measure is a measure taken apart.
type Measure struct {
	Sort string // outcome, quantity, value, or a whole measure of another room
	Kind string
	Of   string
	In   string // dimension or currency
}

// OutcomeMeasure counts outcomes of a kind.
func OutcomeMeasure(kind, of string) string { return counted + "/" + kind + "/" + of }

// QuantityMeasure sums quantities in base units.
func QuantityMeasure(kind, of, dimension string) string {
	return quantity + "/" + kind + "/" + of + "/" + dimension
}

// ValueMeasure sums values in minor units.
func ValueMeasure(kind, currency string) string { return value + "/" + kind + "/" + currency }

// ParseMeasure takes a measure apart.
func ParseMeasure(text string) Measure {
	p := strings.Split(text, "/")
	switch {
	case len(p) == 3 && p[0] == counted:
		return Measure{Sort: counted, Kind: p[1], Of: p[2]}
	case len(p) == 4 && p[0] == quantity:
		return Measure{Sort: quantity, Kind: p[1], Of: p[2], In: p[3]}
	case len(p) == 3 && p[0] == value:
		return Measure{Sort: value, Kind: p[1], In: p[2]}
	}
	return Measure{Sort: text}
}
