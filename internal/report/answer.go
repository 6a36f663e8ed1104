// SPDX-License-Identifier: AGPL-3.0-or-later

package report

import (
	"context"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// Answer appends a sealed message of the desk after prev. With ask the report
// then waits for its reporter. What also does is kept with it or not at all.
func (d *Desk) Answer(ctx context.Context, s authz.Subject, programme, report id.ID, prev Hash, e Envelope, ask bool, also ...func(ctx context.Context, rec *tx.Recorder) error) error {
	if _, err := d.may(ctx, s, authz.Answer, programme, report); err != nil {
		return err
	}
	if err := checkAppend(e, seal.RoleDesk); err != nil {
		return err
	}
	now := d.Clock.Now()
	e.Hour = clock.HourOf(now)
	what := "answered"
	if ask {
		what = "asked"
	}
	return d.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		if err := d.Reports.Append(ctx, programme, report, prev, e); err != nil {
			return err
		}
		rep, err := d.Store.Report(ctx, programme, report)
		if err != nil {
			return err
		}
		m := rep.Marks
		m.Version++
		m.Answered = now
		first := m.FirstAnswer.IsZero()
		if first {
			m.FirstAnswer = now
		}
		if m.State == StateNew || m.State == StateWaiting || ask {
			m.State = StateOpen
		}
		if ask {
			m.State, m.Reason = StateWaiting, ReasonUnassigned
		}
		if err := d.Store.SaveMarks(ctx, programme, report, m); err != nil {
			return err
		}
		if rep.Marks = m; first {
			if err := d.timed(ctx, rep); err != nil {
				return err
			}
		}
		for _, do := range also {
			if err := do(ctx, rec); err != nil {
				return err
			}
		}
		return d.note(ctx, rec, s, programme, what, "", "audit", report)
	})
}
