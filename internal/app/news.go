// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/turnstone-project/turnstone/internal/app/alert"
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/intel/referral"
	"github.com/turnstone-project/turnstone/internal/outcome"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/store"
)

// news translates the rooms' events for those who wait for them.
type news struct {
	*Installation
	log *slog.Logger
}

// Dispatch implements store.Dispatcher. An alert that can't be sent is logged
// and dropped after that: a broken mail server must not hold up others, and the
// inbox's own clocks stand beside it.
func (n news) Dispatch(ctx context.Context, e store.Event) error {
	switch e.Topic {
	case report.TopicArrived, report.TopicReplied:
	case referral.TopicTell:
		return n.tellPartner(ctx, e)
	case referral.TopicHeard:
		return n.tellDesk(ctx, e)
	case intel.TopicDisposed:
		return n.DB.EmptyLog(ctx)
	case outcome.TopicConfirmed:
		return nil // the outcome's page says so; nobody has to be called
	default:
		return fmt.Errorf("dispatch: nobody waits for %q", e.Topic)
	}
	var body report.Arrived
	if err := json.Unmarshal(e.Body, &body); err != nil {
		return fmt.Errorf("read event: %w", err)
	}
	if e.Topic == report.TopicReplied {
		if err := n.Referrals.Replied(ctx, e.Programme, body.Report); err != nil {
			return fmt.Errorf("note the answer to a partner's question: %w", err)
		}
	}
	p, ok := n.Programmes.ByID(e.Programme)
	if !ok {
		return fmt.Errorf("dispatch: there is no programme %s", e.Programme)
	}
	if body.Danger && e.Topic == report.TopicArrived {
		if err := n.openAlarm(ctx, e.Programme, body); err != nil {
			return err
		}
		if _, err := n.Danger.Tick(ctx); err != nil { // it rings at once; what fails now, the worker tries again
			n.log.Warn("an alarm could not ring", "err", err)
		}
		return nil
	}
	sender := n.sender()
	wishes, err := n.People.ToAlert(ctx, e.Programme, body.Desk)
	if err != nil {
		return fmt.Errorf("read whom to alert: %w", err)
	}
	for _, w := range wishes {
		if w.Email != "" {
			sender.To = append(sender.To, w.Email)
		}
	}
	if err := sender.Send(ctx, alert.NoticeOf(alert.Arrived, p.Slug)); err != nil {
		n.log.Warn("an alert could not be sent", "err", err)
	}
	return nil
}

// sender returns a sender of the configuration whose lists may be added to.
func (n news) sender() alert.Sender {
	a := n.Config.Alerts
	return alert.Sender{
		Webhook: a.Webhook, SMTP: a.SMTP, From: a.From,
		To: append([]string(nil), a.To...),
	}
}
