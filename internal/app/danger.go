// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/turnstone-project/turnstone/internal/app/alert"
	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel/danger"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/people"
	"github.com/turnstone-project/turnstone/internal/report"
)

// bell rings for the room danger: notices without content to a circle of
// people.
type bell struct{ *Installation }

var errNobody = errors.New("ring for a life at risk: nobody of the circle has an address, and there is no webhook")

// Ring implements danger.Ringer. Where no way of alerting is configured there
// is nothing to try again: the pages of the desk ring beside it.
func (b bell) Ring(ctx context.Context, c danger.Call) error {
	p, ok := b.Programmes.ByID(c.Programme)
	if !ok {
		return fmt.Errorf("ring: there is no programme %s", c.Programme)
	}
	a := b.Config.Alerts
	if a.Webhook == "" && a.SMTP == "" {
		return nil
	}
	sender := alert.Sender{Webhook: a.Webhook, SMTP: a.SMTP, From: a.From, To: append([]string(nil), a.To...)}
	var circle []people.Alerts
	var err error
	switch c.Who {
	case danger.Duty:
		circle, err = b.People.ToAlert(ctx, c.Programme, c.Desk)
	case danger.Reviewers:
		circle, err = b.People.ToCall(ctx, c.Programme, c.Desk, authz.Reviewer)
	default:
		circle, err = b.People.ToCall(ctx, c.Programme, c.Desk, authz.Reviewer, authz.Administrator, authz.Director)
		sender.DangerTo = append([]string(nil), a.DangerTo...)
	}
	if err != nil {
		return fmt.Errorf("read whom to call: %w", err)
	}
	for _, w := range circle {
		if w.Email != "" {
			sender.To = append(sender.To, w.Email)
		}
	}
	if a.Webhook == "" && len(sender.To)+len(sender.DangerTo) == 0 {
		return errNobody
	}
	return sender.Send(ctx, alert.NoticeOf(alert.Danger, p.Slug))
}

// openAlarm starts the alarm of a report that says that somebody is in danger.
// The hour is the report's own, which may lie before a time without a worker.
func (i *Installation) openAlarm(ctx context.Context, programme id.ID, arrived report.Arrived) error {
	rep, err := i.Intake.Marks.Report(ctx, programme, arrived.Report)
	if fault.KindOf(err) == fault.NotFound {
		return nil // its reporter has deleted it meanwhile
	}
	if err != nil {
		return fmt.Errorf("open alarm: %w", err)
	}
	if rep.Marks.State == report.StateClosed {
		return nil // somebody has read it and ended it before the worker came
	}
	a := danger.OfReport(programme, rep.Desk, rep.ID, i.Clock.Now())
	a.Hour = rep.Arrived
	_, err = i.Danger.Open(ctx, a)
	return err
}

// lookEvery is how often the worker looks for alarms that are due.
const lookEvery = 3 * time.Second

// ring looks for alarms that are due until ctx ends. What fails is told and
// tried again: the clocks are in the database.
func (i *Installation) ring(ctx context.Context, onError func(error)) {
	t := time.NewTicker(lookEvery)
	defer t.Stop()
	for {
		if _, err := i.Danger.Tick(ctx); err != nil && ctx.Err() == nil {
			onError(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// noteDanger writes which alarms rang through the end of an hour.
func (i *Installation) noteDanger(ctx context.Context) error {
	for _, p := range i.Programmes.All() {
		if err := i.Danger.NoteHours(ctx, p.ID); err != nil {
			return fmt.Errorf("note alarms of %s: %w", p.Slug, err)
		}
	}
	return nil
}
