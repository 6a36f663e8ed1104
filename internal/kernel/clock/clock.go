// SPDX-License-Identifier: AGPL-3.0-or-later

// Package clock is the one way to ask what time it is. A room takes a Clock
// when it is built, so that its tests choose the time; nothing outside cmd and
// app may call time.Now for a value that is stored.
//
// Times of reporters are only ever kept as an Hour: a finer time is a trace.
package clock

import "time"

// Clock tells the time.
type Clock interface {
	// Now returns the present instant in UTC.
	Now() time.Time
}

// System is the clock of the operating system.
type System struct{}

// Now implements Clock.
func (System) Now() time.Time { return time.Now().UTC() }

// Fixed is a Clock that stands still, for tests.
type Fixed time.Time

// Now implements Clock.
func (f Fixed) Now() time.Time { return time.Time(f).UTC() }

// Hour is a count of whole hours since the Unix epoch: the finest time of a
// reporter's act that may be written anywhere.
type Hour int64

// HourOf cuts t down to its hour in UTC.
func HourOf(t time.Time) Hour { return Hour(t.Unix() / 3600) }

// Time returns the start of the hour in UTC.
func (h Hour) Time() time.Time { return time.Unix(int64(h)*3600, 0).UTC() }
