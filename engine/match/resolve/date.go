// SPDX-License-Identifier: Apache-2.0

package resolve

import "strconv"

// date is a date in parts, 0 for a part that is not known.
type date struct {
	year       uint16
	month, day uint8
}

// known reports whether any part is.
func (d date) known() bool { return d != date{} }

// digits returns the date as yyyymmdd.
func (d date) digits() string {
	b := []byte("00000000")
	put := func(from, to, n int) {
		for i := to - 1; i >= from; i-- {
			b[i] = byte('0' + n%10)
			n /= 10
		}
	}
	put(0, 4, int(d.year))
	put(4, 6, int(d.month))
	put(6, 8, int(d.day))
	return string(b)
}

// parseDate reads yyyymmdd, yyyy-mm-dd, dd/mm/yyyy, a year, or a year and
// month, with any punctuation; monthFirst reads mm/dd/yyyy. A part that can't
// be a month or day is dropped. The zero date means that it is not one.
func parseDate(value string, monthFirst bool) date {
	var groups [3]string
	n := 0
	for i := 0; i < len(value); {
		if value[i] < '0' || value[i] > '9' {
			if value[i] == 'T' && n == 3 {
				break // a time of day follows
			}
			i++
			continue
		}
		j := i
		for j < len(value) && value[j] >= '0' && value[j] <= '9' {
			j++
		}
		if n == 3 {
			break
		}
		groups[n] = value[i:j]
		n++
		i = j
	}
	number := func(s string) int {
		v, err := strconv.Atoi(s)
		if err != nil {
			return 0
		}
		return v
	}
	switch {
	case n == 1 && len(groups[0]) == 8:
		return makeDate(number(groups[0][:4]), number(groups[0][4:6]), number(groups[0][6:]))
	case n == 1 && len(groups[0]) == 4:
		return makeDate(number(groups[0]), 0, 0)
	case n == 2 && len(groups[0]) == 4:
		return makeDate(number(groups[0]), number(groups[1]), 0)
	case n == 3 && len(groups[0]) == 4:
		return makeDate(number(groups[0]), number(groups[1]), number(groups[2]))
	case n == 3 && len(groups[2]) == 4:
		if monthFirst {
			return makeDate(number(groups[2]), number(groups[0]), number(groups[1]))
		}
		return makeDate(number(groups[2]), number(groups[1]), number(groups[0]))
	}
	return date{}
}

func makeDate(year, month, day int) date {
	if year < 1000 || year > 2999 {
		return date{}
	}
	if month > 12 && day >= 1 && day <= 12 {
		month, day = day, month
	}
	if month < 1 || month > 12 {
		month = 0
	}
	if day < 1 || day > 31 {
		day = 0
	}
	return date{year: uint16(year), month: uint8(month), day: uint8(day)}
}
