// SPDX-License-Identifier: AGPL-3.0-or-later

package report

import (
	"context"
	"fmt"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/seal/archive"
)

// Opened is a report released to a member.
type Opened struct {
	Report    Report
	Envelopes []Envelope
	Grants    []Grant // to the desk and to this member, unwrapped
	Acts      []Act   // newest first
	Named     []id.ID // accounts that a restricted report is sealed to
	// Files are those of an exported report, still sealed.
	Files []archive.File
}

// Open releases a whole report: its first opening stops the clock of the first
// read.
func (d *Desk) Open(ctx context.Context, s authz.Subject, programme, report id.ID) (Opened, error) {
	return d.release(ctx, s, authz.Read, programme, report, "opened")
}

// Export releases a report for `turnstone unseal`.
func (d *Desk) Export(ctx context.Context, s authz.Subject, programme, report id.ID) (Opened, error) {
	o, err := d.release(ctx, s, authz.Export, programme, report, "exported")
	if err != nil {
		return Opened{}, err
	}
	o.Files, err = d.exportedFiles(ctx, programme, report)
	return o, err
}

func (d *Desk) release(ctx context.Context, s authz.Subject, act authz.Act, programme, report id.ID, what string) (Opened, error) {
	seen, err := d.may(ctx, s, act, programme, report)
	if err != nil {
		return Opened{}, err
	}
	o := Opened{Report: seen.report, Named: seen.named}
	if seen.report.Marks.FirstRead.IsZero() && what == "opened" {
		o.Report.Marks, err = d.firstRead(ctx, programme, report)
		if err != nil {
			return Opened{}, err
		}
	}
	if err := d.record(ctx, s, programme, what, "", report); err != nil {
		return Opened{}, err
	}
	if o.Envelopes, err = d.Reports.Envelopes(ctx, programme, report); err != nil {
		return Opened{}, fmt.Errorf("read messages: %w", err)
	}
	for _, to := range []string{ToDesk, ToMember} {
		grants, err := d.Reports.Grants(ctx, programme, report, to)
		if err != nil {
			return Opened{}, fmt.Errorf("read grants: %w", err)
		}
		o.Grants = append(o.Grants, forReader(grants, s.Account)...)
	}
	if err := unwrap(d.Slots, seen.report.Slot, o.Grants); err != nil {
		return Opened{}, err
	}
	if o.Acts, err = d.Log.Acts(ctx, programme, report); err != nil {
		return Opened{}, fmt.Errorf("read history: %w", err)
	}
	return o, nil
}

func (d *Desk) firstRead(ctx context.Context, programme, report id.ID) (Marks, error) {
	var m Marks
	err := d.Tx.Do(ctx, func(ctx context.Context, _ *tx.Recorder) error {
		rep, err := d.Store.Report(ctx, programme, report)
		if err != nil {
			return err
		}
		m = rep.Marks
		if !m.FirstRead.IsZero() {
			return nil
		}
		m.Version++
		m.FirstRead = d.Clock.Now()
		if m.State == StateNew {
			m.State = StateOpen
		}
		if err := d.Store.SaveMarks(ctx, programme, report, m); err != nil {
			return err
		}
		rep.Marks = m
		return d.timed(ctx, rep)
	})
	if err != nil {
		return Marks{}, fmt.Errorf("note the first read: %w", err)
	}
	return m, nil
}

// History returns what was done to a report; auditors may see it of every one.
func (d *Desk) History(ctx context.Context, s authz.Subject, programme, report id.ID) ([]Act, error) {
	if _, err := d.may(ctx, s, authz.History, programme, report); err != nil {
		return nil, err
	}
	return d.Log.Acts(ctx, programme, report)
}

// forReader keeps the grants to a desk and to the reader.
func forReader(grants []Grant, account id.ID) []Grant {
	var out []Grant
	for _, g := range grants {
		if g.To == ToDesk || g.To == ToMember && g.Recipient == account {
			out = append(out, g)
		}
	}
	return out
}
