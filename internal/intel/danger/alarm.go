// SPDX-License-Identifier: AGPL-3.0-or-later

package danger

import (
	"crypto/sha256"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// MaxText bounds what people write about an alarm, in letters.
const MaxText = 2000

// OfReport is the alarm of a report. It keeps the hour and, while it rings,
// when to ring next.
func OfReport(programme, desk, report id.ID, now time.Time) Alarm {
	return Alarm{
		Programme: programme, ID: id.New(), Desk: desk, Key: keyOf("report", report.String()), State: Ringing,
		Hour: clock.HourOf(now), Version: 1, Due: second(now), Body: Body{Origin: FromReport, Report: report},
	}
}

// OfSource is the alarm of a source's message; raw is the message as it was
// signed.
func OfSource(programme, desk id.ID, source string, a Alert, raw []byte, now time.Time) Alarm {
	return Alarm{
		Programme: programme, ID: id.New(), Desk: desk, Key: keyOf("source", source, a.ID), State: Ringing,
		Hour: clock.HourOf(now), Version: 1, Due: second(now),
		Body: Body{Origin: FromSource, Source: source, Reference: a.ID, Digest: sha256.Sum256(raw), Alert: a, Opened: second(now)},
	}
}

func keyOf(parts ...string) Key { return sha256.Sum256([]byte(strings.Join(parts, "\x00"))) }

// second cuts to what the store keeps.
func second(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

// object describes the alarm to authz: what its sender said is for those who
// took it on.
func (a Alarm) object() authz.Object {
	o := authz.Object{Kind: authz.Alarm, Programme: a.Programme, Desk: a.Desk, Compartment: authz.Compartment{Closed: true}}
	for _, who := range []id.ID{a.AckBy, a.Holder} {
		if !who.IsZero() && !slices.Contains(o.Compartment.Named, who) {
			o.Compartment.Named = append(o.Compartment.Named, who)
		}
	}
	return o
}

// rung is the alarm after it rang: the next step, and when it rings again.
func (a Alarm) rung(p Policy, now time.Time, reached bool) Alarm {
	if a.Step < maxSteps {
		a.Step++
	}
	wait := time.Duration(p.step(a.Step).Minutes) * time.Minute
	if !reached {
		wait = min(wait, retry)
	}
	a.Due = second(now).Add(wait)
	return a
}

// acknowledge stops the ringing. Of a report's alarm only hours remain. A
// colleague may take over later; the first time stays.
func (a Alarm) acknowledge(who id.ID, now time.Time) (Alarm, error) {
	if a.State == Closed {
		return a, fault.New(fault.Conflict, "This alarm is closed already.")
	}
	if a.Holder == who {
		return a, nil
	}
	a.Version++
	a.Holder = who
	if a.State != Ringing {
		return a, nil
	}
	a.State, a.AckBy, a.AckAt, a.Due = Acknowledged, who, second(now), time.Time{}
	if a.Origin == FromReport {
		a.Step = 0
		a.Took = int(clock.HourOf(now) - a.Hour)
	} else {
		a.Took = int(now.Sub(a.Opened) / time.Minute)
	}
	return a, nil
}

// handOver notes who was sent, and what they were told.
func (a Alarm) handOver(who id.ID, r Responder, told string, now time.Time) (Alarm, error) {
	switch a.State {
	case Ringing:
		return a, fault.New(fault.Conflict, "Acknowledge the alarm first, so that others stop being called.")
	case Closed:
		return a, fault.New(fault.Conflict, "This alarm is closed already.")
	}
	told = strings.TrimSpace(told)
	if told == "" || utf8.RuneCountInString(told) > MaxText || !utf8.ValidString(told) {
		return a, fault.Newf(fault.Invalid, "Write what you told the responder, in up to %d letters: what they need to find the person, and no more.", MaxText)
	}
	a.Version++
	a.State, a.Responder, a.Name, a.Told, a.HandedBy, a.HandedAt = HandedOver, r.ID, r.Name, told, who, second(now)
	return a, nil
}

// close ends it with what was found, and erases what was said about people.
func (a Alarm) close(who id.ID, p Policy, result, reason string, now time.Time) (Alarm, error) {
	switch a.State {
	case Ringing:
		return a, fault.New(fault.Conflict, "Acknowledge the alarm first, so that others stop being called.")
	case Closed:
		return a, fault.New(fault.Conflict, "This alarm is closed already.")
	}
	if !p.result(result) {
		return a, fault.New(fault.Invalid, "Choose one of the results that are shown.")
	}
	reason = strings.TrimSpace(reason)
	if reason == "" || utf8.RuneCountInString(reason) > MaxText || !utf8.ValidString(reason) {
		return a, fault.Newf(fault.Invalid, "Say who found it so and how you know, in up to %d letters. Don't name the person in danger: this stays.", MaxText)
	}
	a.Version++
	a.State, a.Result, a.Reason, a.ClosedBy, a.ClosedAt = Closed, result, reason, who, second(now)
	a.Alert, a.Told, a.Reference = Alert{}, "", ""
	return a, nil
}
