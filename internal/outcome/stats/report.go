// SPDX-License-Identifier: AGPL-3.0-or-later

package stats

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// Ask chooses figures. Months are inclusive; 0 is since inception, and until now.
type Ask struct {
	By       By
	From, To Month
	Measures []string // only these of the rollups; empty: all
}

// Check says what is wrong with what is asked.
func (a Ask) Check() error {
	if a.By != ByNothing && !slices.Contains(Divisions, a.By) {
		return fault.Newf(fault.Invalid, "Figures can't be divided by %q. They can be by category, channel, partner, desk or reason.", a.By)
	}
	if a.From != 0 && a.To != 0 && a.From > a.To {
		return fault.Newf(fault.Invalid, "The period ends in %s, before it begins in %s. Exchange the two.", a.To, a.From)
	}
	return nil
}

// The measures of contacts, which the room report keeps.
const (
	Contacts = "contacts" // ended contacts
	Reports  = "reports"  // of those, the ones that told something: neither silent nor a prank
)

// ContactCounter counts ended contacts: by nothing, channel, desk or reason.
type ContactCounter func(ctx context.Context, s authz.Subject, programme id.ID, a Ask) ([]Figure, error)

// Reader reads figures for people.
type Reader struct {
	Rollups  Rollups
	Records  Records
	Inside   func(ctx context.Context, s authz.Subject, programme id.ID) ([]id.ID, error)
	Contacts ContactCounter
	Clock    clock.Clock
}

// Report is the figures that were asked for.
type Report struct {
	Ask
	Figures []Figure
}

// Read returns the figures that s may have: of compartments that s is outside
// of nothing is counted.
func (r *Reader) Read(ctx context.Context, s authz.Subject, programme id.ID, a Ask) (Report, error) {
	if err := authz.Check(s, authz.Read, authz.Object{Kind: authz.Statistics, Programme: programme}); err != nil {
		return Report{}, err
	}
	if err := a.Check(); err != nil {
		return Report{}, err
	}
	inside, err := r.Inside(ctx, s, programme)
	if err != nil {
		return Report{}, err
	}
	out := Report{Ask: a}
	if a.By != ByReason {
		out.Figures, err = r.Rollups.Sum(ctx, Query{Programme: programme, Inside: inside, By: a.By, From: a.From, To: a.To, Measures: a.Measures})
		if err != nil {
			return Report{}, err
		}
	}
	if a.By == ByCategory || a.By == ByPartner {
		return out, nil // left of the wall nobody knows them
	}
	contacts, err := r.Contacts(ctx, s, programme, r.span(a, out.Figures))
	if err != nil {
		return Report{}, fmt.Errorf("count contacts: %w", err)
	}
	out.Figures = append(out.Figures, contacts...)
	return out, nil
}

// mostYears bounds how far back contacts are looked for.
const mostYears = 50

// span gives an open period its ends: contacts are counted month by month.
func (r *Reader) span(a Ask, figures []Figure) Ask {
	now := MonthOf(int(r.Clock.Now().Unix() / 86400))
	if a.To == 0 || a.To > now {
		a.To = now
	}
	if a.From == 0 {
		a.From = now - 119
		for _, f := range figures {
			a.From = min(a.From, f.Month)
		}
	}
	a.From = max(a.From, now-mostYears*12)
	return a
}

// Total sums a measure over months and keys.
func (r Report) Total(measure string) (n int64) {
	for _, f := range r.Figures {
		if f.Measure == measure {
			n += f.N
		}
	}
	return n
}

// Of sums a measure of one key over months.
func (r Report) Of(measure, key string) (n int64) {
	for _, f := range r.Figures {
		if f.Measure == measure && f.Key == key {
			n += f.N
		}
	}
	return n
}

// Keys returns the keys of the report's dimension, in order.
func (r Report) Keys() []string {
	var keys []string
	for _, f := range r.Figures {
		if !slices.Contains(keys, f.Key) {
			keys = append(keys, f.Key)
		}
	}
	slices.Sort(keys)
	return keys
}

// Currencies returns the currencies in which a kind has values, in order.
func (r Report) Currencies(kind string) []string {
	var all []string
	for _, f := range r.Figures {
		if m := ParseMeasure(f.Measure); m.Sort == value && m.Kind == kind && !slices.Contains(all, m.In) {
			all = append(all, m.In)
		}
	}
	slices.Sort(all)
	return all
}

// Series returns a measure month by month, from the first month of the period
// (or in which anything was counted) to its last.
func (r Report) Series(measure string) (first Month, n []int64) {
	first, last := r.From, r.To
	for _, f := range r.Figures {
		if r.From == 0 && (first == 0 || f.Month < first) {
			first = f.Month
		}
		if r.To == 0 {
			last = max(last, f.Month)
		}
	}
	if first == 0 || last < first {
		return first, nil
	}
	n = make([]int64, last-first+1)
	for _, f := range r.Figures {
		if f.Measure == measure && f.Month >= first && f.Month <= last {
			n[f.Month-first] += f.N
		}
	}
	return first, n
}

// Measures returns all measures of the report, in order.
func (r Report) Measures() []string {
	var all []string
	for _, f := range r.Figures {
		if !slices.Contains(all, f.Measure) {
			all = append(all, f.Measure)
		}
	}
	slices.Sort(all)
	return all
}

// File is a report as it is exported (docs/formats.md): field names are stable.
type File struct {
	Format    string       `json:"format"`
	Programme string       `json:"programme"` // slug
	From      string       `json:"from"`      // empty: since inception
	To        string       `json:"to"`
	By        By           `json:"by"`
	Figures   []FileFigure `json:"figures"`
}

// FileFigure is one figure of a File.
type FileFigure struct {
	Month    string `json:"month"`
	Key      string `json:"key"`
	Measure  string `json:"measure"`
	Kind     string `json:"kind,omitempty"`
	Of       string `json:"of,omitempty"`
	Unit     string `json:"unit,omitempty"`     // base unit of a quantity: person, case, piece, ug, ul
	Currency string `json:"currency,omitempty"` // of a value, in its smallest unit
	Within   string `json:"within,omitempty"`   // of a time, in hours; "longer": more than a year
	N        int64  `json:"n"`
}

// Format is the version of File.
const Format = "turnstone-statistics/1"

// bases are the base units by dimension.
var bases = map[string]string{"person": "person", "case": "case", "piece": "piece", "mass": "ug", "volume": "ul"}

// Export writes a report as a File.
func (r Report) Export(slug string) File {
	f := File{Format: Format, Programme: slug, By: r.By, Figures: []FileFigure{}}
	if r.From != 0 {
		f.From = r.From.String()
	}
	if r.To != 0 {
		f.To = r.To.String()
	}
	for _, x := range r.Figures {
		m := ParseMeasure(x.Measure)
		out := FileFigure{Month: x.Month.String(), Key: x.Key, Measure: m.Sort, Kind: m.Kind, Of: m.Of, N: x.N}
		switch m.Sort {
		case quantity:
			out.Unit = bases[m.In]
		case value:
			out.Currency = m.In
		}
		if what, hours, ok := within(x.Measure); ok {
			if out.Measure, out.Within = what, strconv.Itoa(hours); hours == Longer {
				out.Within = "longer"
			}
		}
		f.Figures = append(f.Figures, out)
	}
	f.Figures = append(f.Figures, r.shares()...)
	return f
}

// shares are the spans within which half and nine in ten of the times of a
// month and part lie.
func (r Report) shares() []FileFigure {
	type part struct {
		month Month
		key   string
		what  string
	}
	counts := map[part]histogram{}
	for _, f := range r.Figures {
		if what, hours, ok := within(f.Measure); ok {
			p := part{f.Month, f.Key, what}
			if counts[p] == nil {
				counts[p] = histogram{}
			}
			counts[p][hours] += f.N
		}
	}
	parts := slices.SortedFunc(maps.Keys(counts), func(a, b part) int {
		return cmp.Or(cmp.Compare(a.what, b.what), cmp.Compare(a.key, b.key), cmp.Compare(a.month, b.month))
	})
	var out []FileFigure
	for _, p := range parts {
		for _, share := range []struct {
			name string
			of   int64
		}{{"-median", 50}, {"-p90", 90}} {
			took := counts[p].took(share.of)
			x := FileFigure{Month: p.month.String(), Key: p.key, Measure: p.what + share.name, Unit: "hour", N: int64(took.Hours)}
			if took.Hours == Longer {
				x.N, x.Within = int64(Spans[len(Spans)-1]), "longer"
			}
			out = append(out, x)
		}
	}
	return out
}
