// SPDX-License-Identifier: AGPL-3.0-or-later

package hours

import (
	"fmt"
	"slices"
	"time"
)

// Usual is what a timetable says of an ordinary week.
type Usual struct {
	Week     [7][]string // spans of each day, Monday first; none: closed
	Holidays Policy      // what public holidays mean; Unsaid when its rules differ
	Until    time.Time   // last day on which this holds, midnight UTC; zero: no end is known
}

// Usual returns the ordinary week as it is on now's day. ok is false when
// nobody said, or when weeks differ from each other: what is read on paper
// months later must not show one week as if it were every week.
func (t *Timetable) Usual(now time.Time) (u Usual, ok bool) {
	if !t.Known() {
		return Usual{}, false
	}
	local := now.In(t.ZoneOrUTC())
	today := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC)
	end := func(day time.Time) {
		if u.Until.IsZero() || day.Before(u.Until) {
			u.Until = day
		}
	}
	var zone *time.Location
	for i := range t.Rules {
		r := &t.Rules[i]
		if !r.to.IsZero() && r.to.Before(today) {
			continue // it holds no more
		}
		if !r.plain() {
			return Usual{}, false
		}
		if begins := later(r.from, r.start); begins.After(today) {
			end(begins.AddDate(0, 0, -1))
			continue
		}
		if !r.to.IsZero() {
			end(r.to)
		}
		if z := t.zone(r); z != nil {
			if zone != nil && zone.String() != z.String() {
				return Usual{}, false
			}
			zone = z
		}
		if !ok {
			u.Holidays = r.holidays
		} else if u.Holidays != r.holidays {
			u.Holidays = Unsaid
		}
		ok = true
		for day := range u.Week {
			if r.weekdays&(1<<((day+1)%7)) != 0 {
				u.Week[day] = append(u.Week[day], r.span())
			}
		}
	}
	for day := range u.Week {
		slices.Sort(u.Week[day])
		u.Week[day] = slices.Compact(u.Week[day])
	}
	return u, ok
}

// plain reports whether a rule says the same of every week.
func (r *Rule) plain() bool {
	return !r.once && r.interval == 1 && r.weekdays != 0 && len(r.nth)+len(r.monthDays)+len(r.yearDays)+len(r.weekNos) == 0
}

// span writes from when to when: "09:00–17:00", "22:00–04:00", "00:00–24:00".
func (r *Rule) span() string {
	closes := r.closes
	if closes > minutesOfDay {
		closes -= minutesOfDay
	}
	return fmt.Sprintf("%02d:%02d–%02d:%02d", r.opens/60, r.opens%60, closes/60, closes%60)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
