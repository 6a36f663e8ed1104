// SPDX-License-Identifier: AGPL-3.0-or-later

package report

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
)

// Desk is the desk's side: every method asks authz before it asks a store, and
// every release of sealed material is in the ledger before it is answered.
type Desk struct {
	Reports   IntakeStore
	Store     DeskStore
	Log       ActStore
	Slots     Slots
	Tx        tx.Runner
	Clock     clock.Clock
	Files     *Files        // nil: there are no files
	Originals OriginalStore // nil: there are no originals
	Pepper    func(use string, token []byte) [32]byte
	// Timed is told, inside the change, that a report was first read or first
	// answered; nil: nobody counts.
	Timed func(ctx context.Context, r Report) error
}

func (d *Desk) timed(ctx context.Context, r Report) error {
	if d.Timed == nil {
		return nil
	}
	return d.Timed(ctx, r)
}

// seen is a report with what authz needs of it.
type seen struct {
	report Report
	named  []id.ID
}

// may loads a report and asks authz; a report that is not there answers like
// one that is hidden.
func (d *Desk) may(ctx context.Context, s authz.Subject, act authz.Act, programme, report id.ID) (seen, error) {
	rep, err := d.Store.Report(ctx, programme, report)
	if fault.KindOf(err) == fault.NotFound {
		return seen{}, fault.New(fault.NotFound, "There is no such thing here, or it is not for you.")
	}
	if err != nil {
		return seen{}, fmt.Errorf("read report: %w", err)
	}
	v := seen{report: rep}
	if rep.Marks.Restricted {
		grants, err := d.Reports.Grants(ctx, programme, report, ToMember)
		if err != nil {
			return seen{}, fmt.Errorf("read who is named: %w", err)
		}
		for _, g := range grants {
			v.named = append(v.named, g.Recipient)
		}
	}
	return v, authz.Check(s, act, authz.Object{
		Kind: authz.Report, Programme: programme, Desk: rep.Desk, Handling: authz.Sealed,
		Compartment: authz.Compartment{Closed: rep.Marks.Restricted, Named: v.named},
	})
}

// record writes a release to history and ledger in a change of its own.
func (d *Desk) record(ctx context.Context, s authz.Subject, programme id.ID, what, detail string, reports ...id.ID) error {
	return d.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		return d.note(ctx, rec, s, programme, what, detail, "release", reports...)
	})
}

// note writes an act to the history of each report and one entry to the ledger.
func (d *Desk) note(ctx context.Context, rec *tx.Recorder, s authz.Subject, programme id.ID, what, detail, kind string, reports ...id.ID) error {
	now := d.Clock.Now()
	if what != "covers" {
		for _, report := range reports {
			act := Act{ID: id.New(), Report: report, Who: s.Account, At: now, What: what, Detail: detail}
			if err := d.Log.AddAct(ctx, programme, act); err != nil {
				return fmt.Errorf("write history: %w", err)
			}
		}
	}
	payload, err := json.Marshal(struct {
		At      time.Time `json:"at"`
		Who     id.ID     `json:"who"`
		What    string    `json:"what"`
		Detail  string    `json:"detail,omitempty"`
		Reports []id.ID   `json:"reports,omitempty"`
	}{now, s.Account, what, detail, reports})
	if err != nil {
		return fmt.Errorf("write ledger entry: %w", err)
	}
	rec.Entry(tx.Entry{Programme: programme, Kind: kind, Payload: payload})
	return nil
}
