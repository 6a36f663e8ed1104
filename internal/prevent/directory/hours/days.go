// SPDX-License-Identifier: AGPL-3.0-or-later

package hours

import (
	"math/bits"
	"time"
)

// days says which days of a month or a year a rule names, one bit for each: the
// lists of RFC 5545 may hold hundreds of numbers, and a search looks at every
// rule of a directory. Numbers that no month or year has are left out.
type days struct {
	month, monthBack uint32   // BYMONTHDAY: bit n is day n, and day n from the end
	nth, nthBack     [7]uint8 // BYDAY with a number: bit n is the nth such weekday
	year, yearBack   [6]uint64
	week, weekBack   uint64 // BYWEEKNO

	byMonth, byNth, byYear, byWeek bool // the rule has such a list, perhaps of numbers that never come
}

// newDays makes the bits of a rule's lists.
func newDays(monthDays, yearDays, weekNos []int, nths []nth) days {
	d := days{byMonth: len(monthDays) > 0, byNth: len(nths) > 0, byYear: len(yearDays) > 0, byWeek: len(weekNos) > 0}
	for _, n := range monthDays {
		if n > 0 && n <= 31 {
			d.month |= 1 << n
		} else if n < 0 && n >= -31 {
			d.monthBack |= 1 << -n
		}
	}
	for _, n := range weekNos {
		if n > 0 && n <= 53 {
			d.week |= 1 << n
		} else if n < 0 && n >= -53 {
			d.weekBack |= 1 << -n
		}
	}
	for _, n := range yearDays { // at most 366 either way: Parse refuses others
		if n > 0 {
			d.year[n/64] |= 1 << (n % 64)
		} else {
			d.yearBack[-n/64] |= 1 << (-n % 64)
		}
	}
	for _, x := range nths {
		if x.n > 0 && x.n <= 5 {
			d.nth[x.day] |= 1 << x.n
		} else if x.n < 0 && x.n >= -5 {
			d.nthBack[x.day] |= 1 << -x.n
		}
	}
	return d
}

// inMonth reports whether the day of a month of so many days is in BYMONTHDAY.
func (d *days) inMonth(day, length int) bool {
	return d.month>>day&1 != 0 || d.monthBack>>(length+1-day)&1 != 0
}

// isNth reports whether the day, if it is that weekday, is one that BYDAY
// counts out.
func (d *days) isNth(w time.Weekday, day, length int) bool {
	return d.nth[w]>>((day+6)/7)&1 != 0 || d.nthBack[w]>>((length-day)/7+1)&1 != 0
}

// inYear reports whether the day of a year of so many days is in BYYEARDAY.
func (d *days) inYear(day, length int) bool {
	back := length + 1 - day
	return d.year[day/64]>>(day%64)&1 != 0 || d.yearBack[back/64]>>(back%64)&1 != 0
}

// inWeeks reports whether the week of a year of so many weeks is in BYWEEKNO.
func (d *days) inWeeks(week, last int) bool {
	return d.week>>week&1 != 0 || d.weekBack>>(last+1-week)&1 != 0
}

// mostMonths is how far ahead a number of times is counted out: sixty years.
// What goes on longer has no end for us.
const mostMonths = 60 * 12

// countOut turns a number of times into the last day. It goes from month to
// month and counts bits: a directory may hold a hundred thousand rules of ten
// thousand times each.
func (r *Rule) countOut(n int) {
	if r.start.IsZero() {
		return
	}
	low, high := number(r.start), number(r.start.AddDate(mostMonths/12, 0, 0))-1
	if !r.from.IsZero() {
		low = max(low, number(r.from))
	}
	if !r.to.IsZero() {
		high = min(high, number(r.to))
	}
	year, month, _ := r.start.Date()
	for ahead := range mostMonths + 1 {
		if r.monthly && ahead%r.interval != 0 {
			continue
		}
		first := time.Date(year, month+time.Month(ahead), 1, 0, 0, 0, 0, time.UTC)
		if number(first) > high {
			return
		}
		all := r.daysOf(first, low, high)
		if many := bits.OnesCount32(all); many < n {
			n -= many
			continue
		}
		for ; n > 1; n-- {
			all &= all - 1 // the first of them is past
		}
		r.to = first.AddDate(0, 0, bits.TrailingZeros32(all)-1) // not after high
		return
	}
}

// daysOf returns the days of a month on which the rule holds, of those whose
// numbers are from low to high: bit n is day n. The month has to be one that a
// monthly rule's interval meets.
func (r *Rule) daysOf(first time.Time, low, high int) uint32 {
	length, before := daysIn(first.Year(), first.Month()), number(first)-1
	all := upTo(min(length, high-before)) &^ upTo(low-1-before)
	if r.once {
		return all & upTo(number(r.start)-before) &^ upTo(number(r.start)-1-before)
	}
	if (r.weekdays != 0 || r.sets.byNth) && r.weekdays != everyDay {
		all &= r.weekdaysOf(first.Weekday(), length)
	}
	if r.sets.byMonth {
		named := r.sets.month
		for back := 1; back <= length; back++ {
			named |= r.sets.monthBack >> back & 1 << (length + 1 - back)
		}
		all &= named
	}
	if r.sets.byYear {
		for left := all; left != 0; left &= left - 1 {
			if day := bits.TrailingZeros32(left); !r.sets.inYear(first.YearDay()-1+day, yearLength(first.Year())) {
				all &^= 1 << day
			}
		}
	}
	if r.sets.byWeek {
		all = byWeeks(all, before, time.Monday, func(day int) bool {
			year, week := first.AddDate(0, 0, day-1).ISOWeek()
			return r.sets.inWeeks(week, weeksIn(year))
		})
	}
	if r.interval > 1 && !r.monthly {
		begin := weekOf(number(r.start), r.wkst)
		all = byWeeks(all, before, r.wkst, func(day int) bool { return (weekOf(before+day, r.wkst)-begin)%r.interval == 0 })
	}
	return all
}

// byWeeks leaves those of a month's days whose week holds, which is asked of
// one day of each week. before is the number of the day before the first.
func byWeeks(all uint32, before int, begins time.Weekday, holds func(day int) bool) uint32 {
	last, held := 0, false
	for left := all; left != 0; left &= left - 1 {
		day := bits.TrailingZeros32(left)
		if week := weekOf(before+day, begins); left == all || week != last {
			last, held = week, holds(day)
		}
		if !held {
			all &^= 1 << day
		}
	}
	return all
}

// number counts the days since 1 January 1970.
func number(d time.Time) int { return floor(int(d.Unix()), 24*60*60) }

// weekOf numbers the weeks that begin on a weekday.
func weekOf(number int, begins time.Weekday) int {
	return floor(number+int(time.Thursday)-int(begins), 7) // 1 January 1970 was a Thursday
}

// floor divides and rounds down.
func floor(n, by int) int {
	q := n / by
	if n%by < 0 {
		q--
	}
	return q
}

// upTo has the bits 1 to n, none for less, all days of a month for more.
func upTo(n int) uint32 { return uint32(1<<(min(max(n, 0), 31)+1) - 2) }

// weekdaysOf returns the days of a month that fall on the rule's weekdays.
func (r *Rule) weekdaysOf(first time.Weekday, length int) uint32 {
	var all uint32
	for day := 1; day <= length; day++ {
		w := time.Weekday((int(first) + day - 1) % 7)
		if r.weekdays>>w&1 != 0 || r.sets.isNth(w, day, length) {
			all |= 1 << day
		}
	}
	return all
}

// daysIn returns how many days a month has.
func daysIn(year int, month time.Month) int {
	switch {
	case month == time.February && leap(year):
		return 29
	case month == time.February:
		return 28
	case month == time.April, month == time.June, month == time.September, month == time.November:
		return 30
	}
	return 31
}

func leap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

// weeksIn returns how many weeks a year of ISO 8601 has: 53 where its first or
// last day is a Thursday.
func weeksIn(year int) int {
	if first := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Weekday(); first == time.Thursday || first == time.Wednesday && leap(year) {
		return 53
	}
	return 52
}
