// SPDX-License-Identifier: AGPL-3.0-or-later

package referral

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/programme"
)

// Span is a time allowed, as people agree on it: "48h" around the clock, "16bh"
// in opening hours, "7d" of the calendar, "3m" of the calendar's months.
type Span struct {
	N    int
	Unit string // h, bh, d, m
}

var spanPattern = regexp.MustCompile(`^([1-9][0-9]{0,3})(h|bh|d|m)$`)

// ParseSpan reads what Span.String writes.
func ParseSpan(text string) (Span, error) {
	m := spanPattern.FindStringSubmatch(text)
	if m == nil {
		return Span{}, fault.Newf(fault.Invalid, "%q is no time allowed. Write 48h (hours), 16bh (opening hours), 7d (days) or 3m (months).", text)
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return Span{}, fmt.Errorf("read span: %w", err)
	}
	return Span{n, m[2]}, nil
}

// String writes the span as ParseSpan reads it; the zero span is "".
func (s Span) String() string {
	if s == (Span{}) {
		return ""
	}
	return strconv.Itoa(s.N) + s.Unit
}

// MarshalText implements encoding.TextMarshaler.
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Span) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*s = Span{}
		return nil
	}
	read, err := ParseSpan(string(b))
	*s = read
	return err
}

// After returns when the span ends that starts at start. Days and months keep
// the time on the wall, across daylight saving; a month that lacks the day
// ends on its last. Opening hours without windows never close. The zero span
// never ends: the zero time. It costs at most a step for each day counted.
func (s Span) After(start time.Time, h programme.Hours) (time.Time, error) {
	zone, err := time.LoadLocation(h.Zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("count a time allowed: %w", err)
	}
	local := start.In(zone)
	switch s.Unit {
	case "h":
		return start.Add(time.Duration(s.N) * time.Hour).UTC(), nil
	case "d":
		return wall(local, 0, s.N), nil
	case "m":
		return wall(local, s.N, 0), nil
	case "bh":
		return opening(local, time.Duration(s.N)*time.Hour, h)
	}
	return time.Time{}, nil
}

// wall adds calendar months and days. A month without the day ends on its last.
func wall(local time.Time, months, days int) time.Time {
	year, month, day := local.Date()
	last := time.Date(year, month+time.Month(months)+1, 0, 0, 0, 0, 0, local.Location()).Day()
	if months > 0 {
		day = min(day, last)
	}
	hour, minute, second := local.Clock()
	return time.Date(year, month+time.Month(months), day+days, hour, minute, second, local.Nanosecond(), local.Location()).UTC()
}

// opening spends left inside the windows of h.
func opening(now time.Time, left time.Duration, h programme.Hours) (time.Time, error) {
	if len(h.Windows) == 0 {
		return now.Add(left).UTC(), nil
	}
	for {
		next, err := h.Next(now)
		if err != nil {
			return time.Time{}, fmt.Errorf("count opening hours: %w", err)
		}
		end := windowEnd(next, h)
		if open := end.Sub(next); open < left {
			left, now = left-open, end
			continue
		}
		return next.Add(left).UTC(), nil
	}
}

// windowEnd returns the end of the window in which at lies: the latest of
// those that overlap there.
func windowEnd(at time.Time, h programme.Hours) time.Time {
	var latest time.Time
	for _, w := range h.Windows {
		if w.Day != at.Weekday() {
			continue
		}
		start := time.Date(at.Year(), at.Month(), at.Day(), 0, w.Start, 0, 0, at.Location())
		end := time.Date(at.Year(), at.Month(), at.Day(), 0, w.End, 0, 0, at.Location())
		if !at.Before(start) && at.Before(end) && end.After(latest) {
			latest = end
		}
	}
	return latest
}

// Clocks are the times that a partner is allowed.
type Clocks struct {
	Acknowledge Span
	Progress    Span
	Hours       programme.Hours // of the desk that refers
}

// Status says how a clock stands.
type Status string

// How a clock can stand.
const (
	Off     Status = "off"     // none runs
	Running Status = "running" // time is left
	Overdue Status = "overdue"
	Met     Status = "met"
	Late    Status = "late" // done, after its time
)

// Clock is one time allowed: it starts, is due, and stops when it is fulfilled.
type Clock struct {
	Name  string // first-read, acknowledge-reporter, feedback, acknowledge, progress
	Start time.Time
	Due   time.Time // zero: never
	Done  time.Time // zero: not yet
}

// Status returns how the clock stands at now. Once it is done no later now
// changes the answer.
func (c Clock) Status(now time.Time) Status {
	switch {
	case c.Due.IsZero():
		return Off
	case !c.Done.IsZero() && c.Done.After(c.Due):
		return Late
	case !c.Done.IsZero():
		return Met
	case now.After(c.Due):
		return Overdue
	}
	return Running
}

// Left returns how much time is left, never less than none.
func (c Clock) Left(now time.Time) time.Duration {
	if c.Status(now) != Running {
		return 0
	}
	return c.Due.Sub(now)
}

// Over returns by how much the time was passed, until it was fulfilled or now.
func (c Clock) Over(now time.Time) time.Duration {
	switch c.Status(now) {
	case Overdue:
		return now.Sub(c.Due)
	case Late:
		return c.Done.Sub(c.Due)
	}
	return 0
}

// Clock returns the referral's clock that runs now, or that it ended with.
func (r Referral) Clock() Clock {
	switch {
	case r.State == Sent:
		return Clock{Name: "acknowledge", Start: r.SentAt, Due: r.Due}
	case r.Due.IsZero():
		return Clock{}
	}
	return Clock{Name: "progress", Start: r.Heard, Due: r.Due}
}

// ReportFacts are the moments of a sealed report that its clocks hang on.
// Arrived is the end of the hour of arrival: no finer time is kept.
type ReportFacts struct {
	Arrived   time.Time
	Danger    bool
	FirstRead time.Time
	Answered  time.Time // the desk's newest message
	Closed    bool
}

// ReportClocks returns the clocks of a report: first read, acknowledge the
// reporter, feedback. Any message to the reporter acknowledges; feedback is
// given when the desk has answered and closed the report, so that the clock of
// one that is only being looked at goes on.
func ReportClocks(f ReportFacts, s Settings, h programme.Hours) ([]Clock, error) {
	feedback := f.Answered
	if !f.Closed {
		feedback = time.Time{}
	}
	first := s.FirstRead
	if f.Danger {
		first = s.Danger
	}
	clocks := []Clock{
		{Name: "first-read", Start: f.Arrived, Done: f.FirstRead},
		{Name: "acknowledge-reporter", Start: f.Arrived, Done: f.Answered},
		{Name: "feedback", Start: f.Arrived, Done: feedback},
	}
	for i, span := range []Span{first, s.Reporter, s.Feedback} {
		due, err := span.After(f.Arrived, h)
		if err != nil {
			return nil, err
		}
		clocks[i].Due = due
	}
	return clocks, nil
}

// Settings are a programme's own times, as data.
type Settings struct {
	Revision  int          `json:"revision"`
	FirstRead Span         `json:"first_read"`
	Danger    Span         `json:"danger"`   // first read of what may be about danger to life
	Reporter  Span         `json:"reporter"` // acknowledge the reporter
	Feedback  Span         `json:"feedback"`
	Escalate  Span         `json:"escalate"` // how long overdue before the director is told
	Digest    time.Weekday `json:"digest"`   // day of the chase list
	Link      Span         `json:"link"`     // how long a one-time link works
}

// Usual are the times of a programme that has set none: a day for the first
// read, 7 days and 3 months for the reporter (Directive (EU) 2019/1937,
// articles 9 and 11), a week until the director is told.
func Usual() Settings {
	return Settings{
		FirstRead: Span{24, "h"}, Danger: Span{1, "h"}, Reporter: Span{7, "d"}, Feedback: Span{3, "m"},
		Escalate: Span{7, "d"}, Digest: time.Monday, Link: Span{14, "d"},
	}
}
