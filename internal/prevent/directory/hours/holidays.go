// SPDX-License-Identifier: AGPL-3.0-or-later

package hours

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-yaml"
)

//go:embed holidays.yaml
var holidaysYAML []byte

// Holiday is a public holiday.
type Holiday struct {
	Day  time.Time // midnight UTC
	Name string    // in the country's own language
}

// holidayRule is one line of holidays.yaml.
type holidayRule struct {
	Name    string `yaml:"name"`
	Day     string `yaml:"day"` // 12-25
	On      string `yaml:"on"`  // 2027-05-10
	Easter  *int   `yaml:"easter"`
	Nth     int    `yaml:"nth"`
	Weekday string `yaml:"weekday"`
	Month   int    `yaml:"month"`
	From    int    `yaml:"from"`
	Until   int    `yaml:"until"`
	Move    bool   `yaml:"move"`
}

var holidayRules = sync.OnceValue(func() map[string][]holidayRule {
	var rules map[string][]holidayRule
	if err := yaml.UnmarshalWithOptions(holidaysYAML, &rules, yaml.Strict()); err != nil {
		panic("hours: holidays.yaml: " + err.Error()) // it is built in, and a test reads it
	}
	return rules
})

// region returns the region whose rules hold for name: GB is England.
func region(name string) string {
	switch name {
	case "GB", "GB-WLS", "GB-EAW":
		return "GB-ENG"
	}
	return name
}

// HasHolidays reports whether the holidays of a region (GB-SCT, DK) are known.
func HasHolidays(name string) bool { return len(holidayRules()[region(name)]) > 0 }

type yearOf struct {
	region string
	year   int
}

// yearDays are the holidays of a year, and for each day of it which of them it
// is, counted from 1.
type yearDays struct {
	days []Holiday
	on   [367]uint8
}

var (
	yearsMu sync.RWMutex
	years   = map[yearOf]*yearDays{}
)

// yearsKept bounds what is kept of years that somebody asked for.
const yearsKept = 2000

// yearIn returns the holidays of a region in a year, nil when none are known.
func yearIn(name string, year int) *yearDays {
	key := yearOf{region(name), year}
	yearsMu.RLock()
	y, ok := years[key]
	yearsMu.RUnlock()
	if ok || year < 1 || year > 9999 || !HasHolidays(name) {
		return y
	}
	y = &yearDays{days: reckon(holidayRules()[key.region], year)}
	for i, h := range y.days {
		y.on[h.Day.YearDay()] = uint8(i + 1)
	}
	yearsMu.Lock()
	defer yearsMu.Unlock()
	if len(years) < yearsKept {
		years[key] = y
	}
	return y
}

// Holidays returns the public holidays of a region in a year, in order; none
// for a region that is not known.
func Holidays(name string, year int) []Holiday {
	if y := yearIn(name, year); y != nil {
		return y.days
	}
	return nil
}

// HolidayOn returns the public holiday of a region on the day of t, as t's
// own zone has it.
func HolidayOn(name string, t time.Time) (Holiday, bool) {
	if name == "" {
		return Holiday{}, false
	}
	y := yearIn(name, t.Year())
	if y == nil || y.on[t.YearDay()] == 0 {
		return Holiday{}, false
	}
	return y.days[y.on[t.YearDay()]-1], true
}

func reckon(rules []holidayRule, year int) []Holiday {
	var all []Holiday
	taken := func(d time.Time) bool {
		return d.Weekday() == time.Saturday || d.Weekday() == time.Sunday || slices.ContainsFunc(all, func(h Holiday) bool { return h.Day.Equal(d) })
	}
	var moved []Holiday
	for _, r := range rules {
		d, ok := r.in(year)
		if !ok {
			continue
		}
		all = append(all, Holiday{d, r.Name})
		if r.Move && (d.Weekday() == time.Saturday || d.Weekday() == time.Sunday) {
			moved = append(moved, Holiday{d, r.Name})
		}
	}
	for _, h := range moved {
		for taken(h.Day) {
			h.Day = h.Day.AddDate(0, 0, 1)
		}
		all = append(all, h)
	}
	slices.SortFunc(all, func(a, b Holiday) int { return a.Day.Compare(b.Day) })
	return all
}

// in returns the day of a rule in a year, before any substitute.
func (r holidayRule) in(year int) (time.Time, bool) {
	if r.From != 0 && year < r.From || r.Until != 0 && year > r.Until {
		return time.Time{}, false
	}
	switch {
	case r.On != "":
		d, err := time.Parse(time.DateOnly, r.On)
		return d, err == nil && d.Year() == year
	case r.Easter != nil:
		return Easter(year).AddDate(0, 0, *r.Easter), true
	case r.Nth != 0:
		for w := time.Sunday; w <= time.Saturday; w++ {
			if strings.EqualFold(w.String(), r.Weekday) {
				return nthWeekday(year, time.Month(r.Month), w, r.Nth), true
			}
		}
	case r.Day != "":
		d, err := time.Parse(time.DateOnly, fmt.Sprintf("%04d-%s", year, r.Day))
		return d, err == nil
	}
	return time.Time{}, false
}

// nthWeekday returns the nth such weekday of a month, from its end when n is
// negative.
func nthWeekday(year int, month time.Month, w time.Weekday, n int) time.Time {
	if n < 0 {
		last := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC)
		back := (int(last.Weekday()) - int(w) + 7) % 7
		return last.AddDate(0, 0, -back+7*(n+1))
	}
	first := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
	ahead := (int(w) - int(first.Weekday()) + 7) % 7
	return first.AddDate(0, 0, ahead+7*(n-1))
}

// Easter returns Easter Sunday of a year in the Gregorian calendar
// (the anonymous algorithm of 1876 as given by J. Meeus, Astronomical
// Algorithms, 2nd edition, chapter 8).
func Easter(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	f := (b + 8) / 25
	g := (b - f + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return time.Date(year, time.Month(n/31), n%31+1, 0, 0, 0, 0, time.UTC)
}
