// SPDX-License-Identifier: AGPL-3.0-or-later

// Package hours says whether a service is open: by its own time zone, its
// schedules (the part of RFC 5545 that HSDS uses), and the public holidays of
// where it is. What is open is decided by what the clock on the service's wall
// shows, so that an hour that a change of clocks leaves out is no hour, and one
// that it repeats is open twice.
//
// It must never say "closed" when it does not know. All values are read-only
// once made and safe for concurrent use.
package hours

import (
	"slices"
	"time"
)

// Timetable is when a service is open.
type Timetable struct {
	Rules  []Rule
	Zone   *time.Location // of rules that have none
	Region string         // whose public holidays it keeps; "": none are known
}

// State is whether a service is open at a time.
type State struct {
	Known   bool      // false: nobody said when it is open
	Open    bool      // now
	Always  bool      // around the clock
	Until   time.Time // when it closes, in its own zone; zero: not within five weeks
	Next    time.Time // when it opens; zero: not within five weeks
	Holiday string    // name of today's public holiday there
	Doubt   bool      // it is a public holiday, and nobody said what that means
}

// ahead is how many days are looked at for the next change.
const ahead = 36

// Most change within soon days, which takes a tenth of the time to find out. All
// changes within soonSure are among theirs: a later day begins after it,
// whatever clocks do.
const (
	soon     = 3
	soonSure = 46 * time.Hour
)

// zone returns the zone of a rule; nil when nobody knows it.
func (t *Timetable) zone(r *Rule) *time.Location {
	if r.zone != nil {
		return r.zone
	}
	return t.Zone
}

// Known reports whether the timetable can say anything.
func (t *Timetable) Known() bool {
	if t == nil || len(t.Rules) == 0 {
		return false
	}
	for i := range t.Rules {
		if t.zone(&t.Rules[i]) == nil && !t.Rules[i].always() {
			return false
		}
	}
	return true
}

// Key is the same for timetables that say the same.
func (t *Timetable) Key() string {
	key := t.Region
	if t.Zone != nil {
		key += " " + t.Zone.String()
	}
	for i := range t.Rules {
		key += "\n" + t.Rules[i].key()
	}
	return key
}

// Open reports whether the service is open at now, and whether that is in
// doubt. It is quick: a search asks it of every service. known is false when
// nobody said.
func (t *Timetable) Open(now time.Time) (open, doubt, known bool) {
	if !t.Known() {
		return false, false, false
	}
	var last *time.Location
	var today time.Time
	var minute int
	for i := range t.Rules {
		r := &t.Rules[i]
		zone := t.zone(r)
		if zone == nil {
			zone = time.UTC // around the clock: any zone will do
		}
		if zone != last {
			local := now.In(zone)
			year, month, day := local.Date()
			hour, min, _ := local.Clock()
			minute = hour*60 + min
			today = time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
			last = zone
		}
		if minute >= r.opens && minute < r.closes {
			if on, unsure := r.holds(today, t.Region); on {
				open, doubt = true, doubt || unsure
			}
		}
		if r.closes > minutesOfDay && minute < r.closes-minutesOfDay {
			if on, unsure := r.holds(today.AddDate(0, 0, -1), t.Region); on {
				open, doubt = true, doubt || unsure
			}
		}
	}
	return open, doubt, true
}

// At returns the state at now, with the next change.
func (t *Timetable) At(now time.Time) State {
	open, doubt, known := t.Open(now)
	if !known {
		return State{}
	}
	s := State{Known: true, Open: open, Doubt: doubt}
	for i := range t.Rules {
		s.Always = s.Always || t.Rules[i].always() && t.Rules[i].to.IsZero() && t.Rules[i].from.IsZero() && t.Rules[i].start.IsZero() && t.Rules[i].holidays != Closed
	}
	if h, ok := HolidayOn(t.Region, now.In(t.ZoneOrUTC())); ok {
		s.Holiday = h.Name
	}
	if s.Always {
		s.Open, s.Doubt = true, false
		return s
	}
	at, ok := t.change(now, open, soon, now.Add(soonSure))
	if !ok {
		at, ok = t.change(now, open, ahead, time.Time{})
	}
	if ok && open {
		s.Until = at
	} else if ok {
		s.Next = at
	}
	return s
}

// change returns the first time after now at which what is open closes, or the
// other way round, as far as days ahead and not after the end.
func (t *Timetable) change(now time.Time, open bool, days int, end time.Time) (at time.Time, ok bool) {
	for _, at := range t.moments(now, days) {
		if !end.IsZero() && at.After(end) {
			break
		}
		if later, _, _ := t.Open(at); later != open {
			return at, true
		}
	}
	return time.Time{}, false
}

// moments returns, in order, every time after now, of some days ahead, at which the state can
// change: what a wall clock shows when something opens or closes, both times
// when it shows it twice, and the changes of the clock themselves.
func (t *Timetable) moments(now time.Time, days int) []time.Time {
	var all []time.Time
	add := func(at time.Time) {
		if at.After(now) {
			all = append(all, at)
		}
	}
	for i := range t.Rules {
		r := &t.Rules[i]
		zone := t.zone(r)
		if zone == nil {
			continue
		}
		local := now.In(zone)
		for n := -2; n < days; n++ {
			day := time.Date(local.Year(), local.Month(), local.Day()+n, 0, 0, 0, 0, time.UTC)
			if on, _ := r.holds(day, t.Region); !on {
				continue
			}
			for _, minute := range []int{r.opens, r.closes} {
				for _, at := range showing(day, minute, zone) {
					add(at)
				}
			}
		}
		at := local
		for range 3 {
			_, end := at.ZoneBounds()
			if end.IsZero() || end.Sub(now) > ahead*24*time.Hour {
				break
			}
			add(end)
			at = end
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	return all
}

// showing returns the instants at which the clock of a zone shows a minute of
// a day: one, or two when clocks were put back over it, or the one at which
// clocks were put forward past it.
func showing(day time.Time, minute int, zone *time.Location) []time.Time {
	want := time.Date(day.Year(), day.Month(), day.Day(), 0, minute, 0, 0, time.UTC)
	at := time.Date(day.Year(), day.Month(), day.Day(), 0, minute, 0, 0, zone)
	shown := func(t time.Time) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, time.UTC)
	}
	start, end := at.ZoneBounds()
	switch {
	case shown(at).After(want): // clocks were put forward past it
		return []time.Time{start}
	case shown(at).Before(want):
		return []time.Time{end}
	}
	both := []time.Time{at}
	for _, edge := range []time.Time{start, end} {
		if edge.IsZero() {
			continue
		}
		_, before := edge.Add(-time.Second).Zone()
		_, after := edge.Zone()
		for _, other := range []time.Time{at.Add(time.Duration(after-before) * time.Second), at.Add(time.Duration(before-after) * time.Second)} {
			if other = other.In(zone); !other.Equal(at) && shown(other).Equal(want) {
				both = append(both, other)
			}
		}
	}
	slices.SortFunc(both, time.Time.Compare)
	return slices.CompactFunc(both, time.Time.Equal)
}

// Day is what a timetable says of one day.
type Day struct {
	Day     time.Time // midnight UTC
	Spans   []string  // "09:00–17:00", in order; none: closed
	Holiday string    // name of its public holiday
}

// ZoneOrUTC returns the zone that the timetable's times are in.
func (t *Timetable) ZoneOrUTC() *time.Location {
	if t.Zone != nil {
		return t.Zone
	}
	for i := range t.Rules {
		if z := t.Rules[i].zone; z != nil {
			return z
		}
	}
	return time.UTC
}

// Week returns the seven days from now's on. Rules that have a zone of their
// own show its times.
func (t *Timetable) Week(now time.Time) []Day {
	local := now.In(t.ZoneOrUTC())
	var week []Day
	for n := range 7 {
		d := Day{Day: time.Date(local.Year(), local.Month(), local.Day()+n, 0, 0, 0, 0, time.UTC)}
		if h, ok := HolidayOn(t.Region, d.Day); ok {
			d.Holiday = h.Name
		}
		for i := range t.Rules {
			r := &t.Rules[i]
			if on, _ := r.holds(d.Day, t.Region); on {
				d.Spans = append(d.Spans, r.span())
			}
		}
		slices.Sort(d.Spans)
		d.Spans = slices.Compact(d.Spans)
		week = append(week, d)
	}
	return week
}
