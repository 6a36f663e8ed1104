// SPDX-License-Identifier: Apache-2.0

package match

import (
	"strconv"
	"strings"
)

// date is a day, month or year as far as it is known; 0 is unknown. A vague
// date ("about 1960", an age) reaches from year to last.
type date struct {
	year, last int16
	month, day int8
}

// maxDates bounds how many dates of one entity are looked at.
const maxDates = 12

// parseDate reads ISO dates as far as they go, and "circa 1960", "~1960",
// "1960/1965" and "1960-1965" as vague ones.
func parseDate(s string) (date, bool) {
	s = strings.TrimSpace(strings.ToLower(s))
	vague := int16(0)
	if d, ok := parseDecade(s); ok {
		return d, true
	}
	for _, prefix := range []string{"circa", "ca.", "ca", "c.", "about", "approximately", "approx.", "~", "vers", "um"} {
		if rest, ok := strings.CutPrefix(s, prefix); ok {
			s, vague = strings.TrimSpace(rest), 2
			break
		}
	}
	s, _, _ = strings.Cut(s, "t") // a time follows
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '/' || r == '.' || r == ' ' })
	var n [3]int
	if len(parts) == 0 || len(parts) > 3 {
		return date{}, false
	}
	for i, p := range parts {
		v, err := strconv.Atoi(p)
		if err != nil || v < 0 {
			return date{}, false
		}
		n[i] = v
	}
	switch {
	case len(parts) == 2 && n[0] > 1000 && n[1] > 1000: // a range of years
		return date{year: int16(min(n[0], n[1], 9999)), last: int16(min(max(n[0], n[1]), 9999))}, true
	case len(parts) == 3 && n[2] > 1000 && n[0] <= 31: // day, month, year
		n[0], n[2] = n[2], n[0]
	}
	if n[0] < 1000 || n[0] > 2200 || n[1] > 12 || n[2] > 31 {
		return date{}, false
	}
	d := date{year: int16(n[0]) - vague, last: int16(n[0]) + vague, month: int8(n[1]), day: int8(n[2])}
	return d, true
}

// parseDecade reads "1990s" and "the early 1990s" as ten years.
func parseDecade(s string) (date, bool) {
	i := strings.Index(s, "0s")
	if i < 3 {
		return date{}, false
	}
	year, err := strconv.Atoi(s[i-3 : i+1])
	if err != nil || year < 1000 || year > 2200 {
		return date{}, false
	}
	return date{year: int16(year), last: int16(year) + 9}, true
}

// dateRelation says how two dates stand to each other, from agreeing most to
// disagreeing most.
type dateRelation uint8

const (
	noDates      dateRelation = iota // one side has none
	datesSame                        // the same day
	datesAgree                       // the same as far as both go
	datesSlip                        // a slip of the pen: day and month exchanged, one digit
	datesWithin                      // one lies within the span of the other
	datesNear                        // spans almost touch, or a year apart
	datesDiffer                      // other dates
	datesFarAway                     // more than ten years apart
)

// compareDates returns the best relation of any two dates of two lists.
func compareDates(a, b []date) (best dateRelation, x, y date) {
	for _, p := range a {
		for _, q := range b {
			if r := relateDates(p, q); best == noDates || r < best {
				best, x, y = r, p, q
			}
		}
	}
	return best, x, y
}

func relateDates(a, b date) dateRelation {
	if a.year != a.last || b.year != b.last {
		switch {
		case a.last >= b.year && b.last >= a.year:
			return datesWithin
		case a.last+2 >= b.year && b.last+2 >= a.year:
			return datesNear
		case a.last+10 < b.year || b.last+10 < a.year:
			return datesFarAway
		}
		return datesDiffer
	}
	apart := max(a.year-b.year, b.year-a.year)
	// 1 January often stands for an unknown day.
	partial := a.day == 0 || b.day == 0 || a.day == 1 && a.month == 1 || b.day == 1 && b.month == 1
	switch {
	case a == b && a.day != 0 && !partial:
		return datesSame
	case apart == 0 && (a.month == b.month || a.month == 0 || b.month == 0 || partial) && (a.day == b.day || partial):
		return datesAgree
	case apart == 0 && a.day == b.month && a.month == b.day:
		return datesSlip
	case oneSlip(a, b):
		return datesSlip
	case apart <= 1 && partial:
		return datesNear
	case apart > 10:
		return datesFarAway
	}
	return datesDiffer
}

// oneSlip says whether two full dates differ in one of their three parts only,
// by one or by one wrong or exchanged digit.
func oneSlip(a, b date) bool {
	if a.day == 0 || b.day == 0 {
		return false
	}
	year, month, day := a.year == b.year, a.month == b.month, a.day == b.day
	switch {
	case month && day:
		return !year && digitSlip(int(a.year), int(b.year))
	case year && day:
		return digitSlip(int(a.month), int(b.month))
	}
	return year && month && digitSlip(int(a.day), int(b.day))
}

// Slips calls visit with the days that are a slip of the pen away from a whole
// one.
func (d Day) Slips(visit func(Day)) {
	const years = 120 // on either side
	own := d.date()
	try := func(other date) {
		if relateDates(own, other) == datesSlip {
			visit(Day(other.year)<<9 | Day(other.month)<<5 | Day(other.day))
		}
	}
	for year := own.year - years; year <= own.year+years; year++ {
		try(date{year: year, last: year, month: own.month, day: own.day})
	}
	for month := int8(1); month <= 12; month++ {
		try(date{year: own.year, last: own.year, month: month, day: own.day})
	}
	for day := int8(1); day <= 31; day++ {
		try(date{year: own.year, last: own.year, month: own.month, day: day})
	}
	if own.day != own.month && own.day <= 12 && !digitSlip(int(own.day), int(own.month)) {
		try(date{year: own.year, last: own.year, month: own.day, day: own.month})
	}
}

func digitSlip(x, y int) bool {
	if x-y == 1 || y-x == 1 {
		return true
	}
	differ, sum := 0, 0
	for range 4 {
		if x%10 != y%10 {
			differ++
			sum += x%10 - y%10
		}
		x, y = x/10, y/10
	}
	return differ == 1 || differ == 2 && sum == 0
}

func (d date) String() string {
	switch {
	case d.year != d.last:
		return strconv.Itoa(int(d.year)) + "–" + strconv.Itoa(int(d.last))
	case d.month == 0:
		return strconv.Itoa(int(d.year))
	case d.day == 0:
		return strconv.Itoa(int(d.year)) + "-" + two(d.month)
	}
	return strconv.Itoa(int(d.year)) + "-" + two(d.month) + "-" + two(d.day)
}

func two(n int8) string {
	if n < 10 {
		return "0" + strconv.Itoa(int(n))
	}
	return strconv.Itoa(int(n))
}
