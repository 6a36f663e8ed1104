// SPDX-License-Identifier: AGPL-3.0-or-later

package prevent

import (
	"context"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/programme"
)

// Publication is a snapshot of figures for the public. Whoever makes it has
// suppressed it already: what is not to be known is not in it.
type Publication struct {
	Format    string         `json:"format"` // Format, the version of this form
	Programme id.ID          `json:"programme"`
	Number    int            `json:"number"` // 1, 2, 3 … within the programme; Publish gives it when it is 0
	Made      string         `json:"made"`   // day, 2026-11-26; Publish gives it when it is empty
	Title     programme.Text `json:"title"`
	Period    Period         `json:"period"`
	K         int            `json:"k"` // no count from 1 to K-1 is told
	Tables    []Table        `json:"tables"`
}

// Format is the version of the publication's form.
const Format = "turnstone-publication/1"

// Period is what the figures cover, whole days, both ends included.
type Period struct {
	From  string `json:"from"` // 2026-01-01
	Until string `json:"until"`
}

// Table is one table, which a chart may stand beside.
type Table struct {
	ID         string         `json:"id"` // one of the known ids (tables.yaml)
	Title      programme.Text `json:"title"`
	Definition programme.Text `json:"definition"` // what was counted, and how
	Notes      programme.Text `json:"notes,omitempty"`
	Columns    []Column       `json:"columns"`
	Rows       []Row          `json:"rows"`
	Chart      Chart          `json:"chart,omitempty"`
}

// Chart says how a table is drawn: its first column that holds figures.
type Chart string

// The charts.
const (
	NoChart   Chart = ""
	BarChart  Chart = "bars" // one bar for each row
	LineChart Chart = "line" // rows are points in time, in order
)

// Column is one column of figures; the rows' labels are no column.
type Column struct {
	Name programme.Text `json:"name"`
	Kind ColumnKind     `json:"kind"`
	Unit string         `json:"unit,omitempty"` // "EUR", "kg", "%"; empty for counts
	// Decimals says how many of a value's last digits stand after the point.
	Decimals int  `json:"decimals,omitempty"`
	Total    bool `json:"total,omitempty"` // the sum of the count columns beside it
}

// ColumnKind says what a column's figures are.
type ColumnKind string

// The kinds of columns.
const (
	Count  ColumnKind = "count"  // of people, reports, acts: suppressed below K
	Amount ColumnKind = "amount" // of money or weight
	Share  ColumnKind = "share"  // a part of something, in percent
)

// Row is one row of figures, as many as there are columns.
type Row struct {
	Label programme.Text `json:"label"`
	Cells []Cell         `json:"cells"`
	Total bool           `json:"total,omitempty"` // the sum of the rows above
}

// Cell is one figure, or the mark that stands in its place.
type Cell struct {
	Value int64 `json:"value"` // 0 when there is a mark
	Mark  Mark  `json:"mark,omitempty"`
}

// Mark says why a figure is not told.
type Mark string

// The marks.
const (
	Fewer    Mark = "fewer"    // more than none, fewer than K
	Withheld Mark = "withheld" // another figure could be worked out from it
	Unknown  Mark = "unknown"  // nobody counted
)

// Publisher takes publications in; rooms that make figures ask for one. Who
// may publish is decided, and recorded with the person's name, by the room
// that calls it.
type Publisher interface {
	// Publish checks, signs and keeps p; fault.Invalid names everything that
	// is wrong, and then nothing is kept.
	Publish(ctx context.Context, p Publication) error
}

// Publisheds gives publications out.
type Publisheds interface {
	// Latest returns the newest publication of a programme, its signature
	// checked; fault.NotFound when there is none.
	Latest(ctx context.Context, programme id.ID) (Publication, error)
}

// day is the form of dates.
const day = time.DateOnly
