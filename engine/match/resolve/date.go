// SPDX-License-Identifier: Apache-2.0

package resolve

import (
	"strconv"
	"strings"
)

// date is a date in parts, 0 for a part that is not known or can't be.
type date struct {
	year       uint16
	month, day uint8
	// What was written for month and day, of which a slip may have made what
	// can't be: month 21 is nearer to month 12 than to month 5.
	writtenMonth, writtenDay uint8
}

// known reports whether the year is.
func (d date) known() bool { return d.year != 0 }

// digits returns the date as yyyymmdd, with month and day as they were written.
func (d date) digits() string {
	b := []byte("00000000")
	put := func(from, to, n int) {
		for i := to - 1; i >= from; i-- {
			b[i] = byte('0' + n%10)
			n /= 10
		}
	}
	put(0, 4, int(d.year))
	put(4, 6, int(d.writtenMonth))
	put(6, 8, int(d.writtenDay))
	return string(b)
}

// order is that of the parts of a date: where year, month and day stand.
type order [3]uint8

var (
	dayMonthYear = order{2, 1, 0}
	monthDayYear = order{2, 0, 1}
	yearMonthDay = order{0, 1, 2}
	yearDayMonth = order{0, 2, 1}
)

// layout is a way to write dates, whatever the order of the parts.
type layout uint8

const (
	noDate     layout = iota
	yearLast          // 24/06/1971
	yearAhead         // 1971-06-24
	compact8          // 19710624, 24061971
	shortYear         // 24.06.71
	compact6          // 240671
	spelled           // 24 June 1971, brought in the order of yearMonthDay
	incomplete        // 1971, 1971-06, 06/1971
	layouts
)

// orders lists the possible orders of each layout, the likelier ones first.
var orders = [layouts][]order{
	yearLast:  {dayMonthYear, monthDayYear},
	yearAhead: {yearMonthDay, yearDayMonth},
	compact8:  {yearMonthDay, dayMonthYear, monthDayYear},
	shortYear: {dayMonthYear, monthDayYear, yearMonthDay},
	compact6:  {yearMonthDay, dayMonthYear, monthDayYear},
	spelled:   {yearMonthDay},
}

// dateStyle is the order in which a column writes the dates of each layout.
type dateStyle [layouts]order

// likeliest is the style of which nothing is known.
func likeliest() dateStyle {
	var s dateStyle
	for l, possible := range orders {
		if len(possible) > 0 {
			s[l] = possible[0]
		}
	}
	return s
}

// styleOf finds the style of dates of a column: the orders under which most
// values are dates. A file in which no day is over 12 keeps the likeliest.
func styleOf(values []string) dateStyle {
	var votes [layouts][3]int
	for i, v := range values {
		if i > sampleRows {
			break
		}
		l, groups := cutDate(v)
		for n, o := range orders[l] {
			if d := makeDate(l, groups, o); d.month != 0 && d.day != 0 {
				votes[l][n]++
			}
		}
	}
	style := likeliest()
	for l, possible := range orders {
		best := 0
		for n := range possible {
			if votes[l][n] > votes[l][best] {
				best = n
			}
		}
		if len(possible) > 0 {
			style[l] = possible[best]
		}
	}
	return style
}

// parseDate reads a date with any punctuation, or a year, or a year and a month;
// months may be words. The zero date means that it is not one.
func parseDate(value string, style dateStyle) date {
	l, groups := cutDate(value)
	switch l {
	case noDate:
		return date{}
	case incomplete:
		if len(groups[0]) != 4 && len(groups[1]) == 4 {
			groups[0], groups[1] = groups[1], groups[0]
		}
		return dateOf(toInt(groups[0]), toInt(groups[1]), 0)
	}
	d := makeDate(l, groups, style[l])
	if l == yearLast && d.month == 0 && d.writtenMonth > 12 { // one of a mixed column
		for _, o := range orders[l] {
			if other := makeDate(l, groups, o); other.month != 0 && other.day != 0 {
				return other
			}
		}
	}
	return d
}

func makeDate(l layout, groups [3]string, o order) date {
	if l == compact8 || l == compact6 {
		all := groups[0]
		for i, at := 0, 0; i < 3; i++ {
			size := 2
			if l == compact8 && int(o[0]) == i {
				size = 4
			}
			groups[i] = all[at : at+size]
			at += size
		}
	}
	year := toInt(groups[o[0]])
	if len(groups[o[0]]) <= 2 {
		year = fullYear(year)
	}
	return dateOf(year, toInt(groups[o[1]]), toInt(groups[o[2]]))
}

// fullYear returns the year that two digits stand for.
func fullYear(short int) int {
	const last = 2029
	if short+2000 <= last {
		return short + 2000
	}
	return short + 1900
}

// cutDate cuts a value in the groups of digits of a date; what is no date has the
// layout noDate.
func cutDate(value string) (layout, [3]string) {
	var groups [3]string
	word := ""
	n := 0
	for i := 0; i < len(value) && n < 3; {
		j := i + 1
		switch digit := isDigit(value[i]); {
		case digit || isLetter(value[i]):
			for j < len(value) && isDigit(value[j]) == digit && (digit || isLetter(value[j])) {
				j++
			}
			if digit {
				groups[n] = value[i:j]
				n++
			} else if word == "" {
				word = monthNamed(value[i:j])
			}
		}
		i = j
	}
	if word == "" {
		return layoutOf(groups, n), groups
	}
	day, year := groups[0], groups[1]
	if len(day) == 4 {
		day, year = year, day
	}
	if n < 2 || len(year) != 4 && len(year) != 2 || len(day) > 2 {
		return noDate, groups
	}
	return spelled, [3]string{year, word, day}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80 }

func layoutOf(groups [3]string, n int) layout {
	short := func(i int) bool { return len(groups[i]) <= 2 }
	switch {
	case n == 3 && len(groups[0]) == 4 && short(1) && short(2):
		return yearAhead
	case n == 3 && len(groups[2]) >= 4 && short(0) && short(1):
		return yearLast
	case n == 3 && short(0) && short(1) && short(2):
		return shortYear
	case n == 1 && len(groups[0]) == 8:
		return compact8
	case n == 1 && len(groups[0]) == 6:
		return compact6
	case n == 1 && len(groups[0]) == 4,
		n == 2 && len(groups[0]) == 4 && short(1),
		n == 2 && len(groups[1]) == 4 && short(0):
		return incomplete
	}
	return noDate
}

// monthStarts are how the names of months begin in English, German, French,
// Spanish, Italian, Dutch and the Scandinavian languages, without marks.
var monthStarts = [12]string{
	"jan ene gen", "feb fev", "mar mrz maa mae", "apr avr abr", "may mai maj mei mag", "jun juin giu",
	"jul juil lug", "aug aou ago", "sep set", "oct okt ott", "nov", "dec dez dic des",
}

// monthNamed returns the number of the month that a word names, "" for none.
func monthNamed(word string) string {
	word = normalise(word)
	if len(word) < 3 {
		return ""
	}
	for i, starts := range monthStarts {
		for start := range strings.FieldsSeq(starts) {
			if strings.HasPrefix(word, start) {
				return strconv.Itoa(i + 1)
			}
		}
	}
	return ""
}

func toInt(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

func dateOf(year, month, day int) date {
	if year < 1000 || year > 2999 {
		return date{}
	}
	d := date{year: uint16(year)}
	if month < 99 { // 99 is how some write that they don't know
		d.writtenMonth = uint8(max(month, 0))
	}
	if day < 99 {
		d.writtenDay = uint8(max(day, 0))
	}
	if d.writtenMonth <= 12 {
		d.month = d.writtenMonth
	}
	if d.writtenDay <= 31 {
		d.day = d.writtenDay
	}
	return d
}
