// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"context"
	"time"

	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/outcome/stats"
	"github.com/turnstone-project/turnstone/internal/report"
)

// timeFacts are the times of a report as figures count them: on the day on
// which the desk read or answered, under the category that is recorded right
// of the wall, as long as everybody may know that.
func timeFacts(r report.Report, category string) []intel.Fact {
	var facts []intel.Fact
	arrived := r.Arrived.Time()
	for _, x := range []struct {
		what string
		at   time.Time
	}{{stats.FirstRead, r.Marks.FirstRead}, {stats.FirstAnswer, r.Marks.FirstAnswer}} {
		if !x.at.IsZero() {
			facts = append(facts, intel.Fact{
				Programme: r.Programme, Record: r.ID, Desk: r.Desk, Day: int(x.at.Unix() / 86400), Measure: stats.TimeMeasure(x.what, x.at.Sub(arrived)),
				Category: category, Channel: string(r.Channel), N: 1,
			})
		}
	}
	return facts
}

// countTimes counts the times of a report as they stand now.
func (i *Installation) countTimes(ctx context.Context, r report.Report) error {
	category, err := i.Items.Store.CategoryOf(ctx, r.Programme, r.ID)
	if err != nil {
		return err
	}
	return i.Tally.Settle(ctx, r.Programme, r.ID, timeFacts(r, category)...)
}

// eachTime is the full count of times.
func (i *Installation) eachTime(ctx context.Context, programme id.ID, do func(intel.Fact) error) error {
	return i.Desk.Times(ctx, programme, func(r report.Report) error {
		category, err := i.Items.Store.CategoryOf(ctx, programme, r.ID)
		if err != nil {
			return err
		}
		for _, f := range timeFacts(r, category) {
			if err := do(f); err != nil {
				return err
			}
		}
		return nil
	})
}

// timesOfReports counts the times of reports anew when the items that rest on
// them change.
type timesOfReports struct{ *Installation }

// Changed implements intel.Follower.
func (t timesOfReports) Changed(ctx context.Context, _ *tx.Recorder, now intel.Standing) error {
	for _, of := range now.Reports {
		r, err := t.Desk.Store.Report(ctx, now.Programme, of)
		if fault.KindOf(err) == fault.NotFound {
			continue // deleted by its reporter, and its times with it
		}
		if err != nil {
			return err
		}
		if err := t.countTimes(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// Disposed implements intel.Follower.
func (t timesOfReports) Disposed(ctx context.Context, rec *tx.Recorder, was intel.Standing) error {
	return t.Changed(ctx, rec, was)
}
