// SPDX-License-Identifier: AGPL-3.0-or-later

package hours

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Policy is what a rule does on public holidays.
type Policy string

// The policies. With Unsaid nobody knows: the hours are shown with a doubt.
const (
	Unsaid   Policy = ""
	Closed   Policy = "closed"
	AsSunday Policy = "sunday"
	AsAlways Policy = "open"
)

// Spec is one schedule as the standard writes it (HSDS schedule, in the terms
// of RFC 5545), with what Turnstone's attributes add.
type Spec struct {
	Freq, ByDay, ByMonthDay, ByYearDay, ByWeekNo, Wkst string
	Interval, Count                                    string
	DTStart, Until, ValidFrom, ValidTo                 string
	OpensAt, ClosesAt                                  string
	Offset                                             string // hours from UTC
	Zone                                               string // IANA name
	Holidays                                           Policy
}

// Rule says on which days something is open, and from when to when.
type Rule struct {
	from, to, start time.Time // midnight UTC; zero: none
	monthly, once   bool
	interval        int
	wkst            time.Weekday
	weekdays        uint8 // bits; those without a number
	nth             []nth
	monthDays       []int
	yearDays        []int
	weekNos         []int
	sets            days // the lists as they are looked up
	opens, closes   int  // minutes after midnight; closes may lie on the next day
	zone            *time.Location
	holidays        Policy
}

type nth struct {
	day time.Weekday
	n   int
}

const minutesOfDay = 24 * 60

var dayNames = map[string]time.Weekday{
	"SU": time.Sunday, "MO": time.Monday, "TU": time.Tuesday, "WE": time.Wednesday, "TH": time.Thursday, "FR": time.Friday, "SA": time.Saturday,
}

const everyDay = 1<<7 - 1

// Parse reads a schedule. ok is false when it says nothing that can be
// reckoned with, such as a description alone.
func Parse(s Spec) (r Rule, ok bool, err error) {
	if s.Freq == "" && s.ByDay == "" && s.ByMonthDay == "" && s.DTStart == "" && s.OpensAt == "" {
		return Rule{}, false, nil
	}
	p := &ruleParser{}
	r = Rule{
		start: p.day(s.DTStart), from: p.day(s.ValidFrom), to: p.day(s.ValidTo), monthly: s.Freq == "MONTHLY", interval: max(1, p.number(s.Interval)),
		wkst: time.Monday, monthDays: p.list(s.ByMonthDay), yearDays: p.list(s.ByYearDay), weekNos: p.list(s.ByWeekNo), holidays: s.Holidays,
	}
	if !slices.Contains([]Policy{Closed, AsSunday, AsAlways}, r.holidays) {
		r.holidays = Unsaid // a word that nobody knows says nothing
	}
	if until := p.day(s.Until); !until.IsZero() && (r.to.IsZero() || until.Before(r.to)) {
		r.to = until
	}
	if w, ok := dayNames[s.Wkst]; ok {
		r.wkst = w
	}
	p.byDay(&r, s.ByDay)
	r.zone = p.zone(s)
	p.span(&r, s)
	if p.err != nil {
		return Rule{}, false, p.err
	}
	r.implied(s)
	r.sets = newDays(r.monthDays, r.yearDays, r.weekNos, r.nth)
	if n := p.number(s.Count); n > 0 && p.err == nil {
		r.countOut(n)
	}
	return r, true, p.err
}

// implied fills in what RFC 5545 takes from the start.
func (r *Rule) implied(s Spec) {
	if r.weekdays != 0 || len(r.nth) > 0 || len(r.monthDays) > 0 || len(r.yearDays) > 0 || len(r.weekNos) > 0 {
		return
	}
	switch {
	case r.start.IsZero():
		r.weekdays = everyDay
	case s.Freq == "WEEKLY":
		r.weekdays = 1 << r.start.Weekday()
	case s.Freq == "MONTHLY":
		r.monthDays = []int{r.start.Day()}
	default:
		r.once = true
	}
}

// On reports whether the rule holds on a day (midnight UTC), public holidays
// aside.
func (r *Rule) On(d time.Time) bool { return r.matches(d, d.Weekday()) }

// matches looks at day d as if it were weekday w.
func (r *Rule) matches(d time.Time, w time.Weekday) bool {
	if !r.from.IsZero() && d.Before(r.from) || !r.to.IsZero() && d.After(r.to) || !r.start.IsZero() && d.Before(r.start) {
		return false
	}
	if r.once {
		return d.Equal(r.start)
	}
	if (r.weekdays != 0 || r.sets.byNth) && r.weekdays&(1<<w) == 0 && (w != d.Weekday() || !r.sets.isNth(w, d.Day(), daysIn(d.Year(), d.Month()))) {
		return false
	}
	if r.sets.byMonth && !r.sets.inMonth(d.Day(), daysIn(d.Year(), d.Month())) {
		return false
	}
	if r.sets.byYear && !r.sets.inYear(d.YearDay(), yearLength(d.Year())) {
		return false
	}
	if r.sets.byWeek {
		if year, week := d.ISOWeek(); !r.sets.inWeeks(week, weeksIn(year)) {
			return false
		}
	}
	return r.interval == 1 || r.start.IsZero() || r.periods(d)%r.interval == 0
}

// periods returns how many weeks or months lie between the start and d.
func (r *Rule) periods(d time.Time) int {
	if r.monthly {
		return (d.Year()-r.start.Year())*12 + int(d.Month()) - int(r.start.Month())
	}
	return weekOf(number(d), r.wkst) - weekOf(number(r.start), r.wkst)
}

func yearLength(year int) int {
	if leap(year) {
		return 366
	}
	return 365
}

// holds reports whether the rule holds on a day in a region, and whether that
// is in doubt because the day is a public holiday.
func (r *Rule) holds(d time.Time, region string) (on, doubt bool) {
	if _, holiday := HolidayOn(region, d); !holiday || r.holidays == AsAlways {
		return r.On(d), false
	}
	switch r.holidays {
	case Closed:
		return false, false
	case AsSunday:
		return r.matches(d, time.Sunday), false
	}
	return r.On(d), !r.always()
}

// always reports whether the rule is open around the clock on every day.
func (r *Rule) always() bool {
	return r.weekdays == everyDay && r.opens == 0 && r.closes >= minutesOfDay-1 && len(r.nth)+len(r.monthDays)+len(r.yearDays)+len(r.weekNos) == 0 && r.interval == 1
}

// key is the same for rules that say the same.
func (r *Rule) key() string {
	zone := ""
	if r.zone != nil {
		zone = r.zone.String()
	}
	return fmt.Sprint(r.from.Unix(), r.to.Unix(), r.start.Unix(), r.monthly, r.once, r.interval, r.wkst, r.weekdays, r.nth, r.monthDays, r.yearDays, r.weekNos, r.opens, r.closes, zone, r.holidays)
}

// ruleParser keeps the first thing that is wrong.
type ruleParser struct{ err error }

func (p *ruleParser) say(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("read schedule: "+format, args...)
	}
}

func (p *ruleParser) day(s string) time.Time {
	if s == "" {
		return time.Time{}
	}
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		p.say("%q is no day", s)
	}
	return d
}

func (p *ruleParser) number(s string) int {
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 10_000 {
		p.say("%q is no number from 1 to 10000", s)
		return 0
	}
	return n
}

func (p *ruleParser) list(s string) []int {
	if s == "" {
		return nil
	}
	var all []int
	for _, part := range strings.Split(s, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || n == 0 || n < -366 || n > 366 || len(all) >= 400 {
			p.say("%q is no list of numbers", s)
			return nil
		}
		all = append(all, n)
	}
	return all
}

func (p *ruleParser) byDay(r *Rule, s string) {
	if s == "" {
		return
	}
	for _, part := range strings.Split(s, ",") {
		part = strings.TrimSpace(part)
		if len(part) < 2 {
			p.say("%q is no day of the week", part)
			return
		}
		w, ok := dayNames[part[len(part)-2:]]
		if !ok {
			p.say("%q is no day of the week", part)
			return
		}
		if part = part[:len(part)-2]; part == "" || !r.monthly {
			r.weekdays |= 1 << w
			continue
		}
		n, err := strconv.Atoi(part)
		if err != nil || n == 0 || n < -53 || n > 53 || len(r.nth) > 400 {
			p.say("%q is no day of the week", s)
			return
		}
		r.nth = append(r.nth, nth{w, n})
	}
}

func (p *ruleParser) zone(s Spec) *time.Location {
	if s.Zone != "" {
		zone, ok := Zone(s.Zone)
		if !ok {
			p.say("there is no time zone %q", s.Zone)
			return time.UTC
		}
		return zone
	}
	if s.Offset != "" {
		n, err := strconv.ParseFloat(s.Offset, 64)
		if err != nil || !(n >= -12 && n <= 14) { // as written, NaN is no place either
			p.say("no place has the offset %q", s.Offset)
			return time.UTC
		}
		return time.FixedZone("UTC"+s.Offset, int(n*3600))
	}
	return nil
}

// span reads opening and closing. Both absent: the whole day. Closing at or
// before opening is on the next day.
func (p *ruleParser) span(r *Rule, s Spec) {
	if s.OpensAt == "" && s.ClosesAt == "" {
		r.opens, r.closes = 0, minutesOfDay
		return
	}
	opens, zone := p.clock(s.OpensAt, 0)
	closes, _ := p.clock(s.ClosesAt, minutesOfDay)
	if zone != nil && s.Zone == "" {
		r.zone = zone // the time itself says where
	}
	if closes == minutesOfDay-1 {
		closes = minutesOfDay // what forms write for midnight
	}
	if closes <= opens {
		closes += minutesOfDay
	}
	r.opens, r.closes = opens, closes
}

var clockForm = regexp.MustCompile(`^(\d\d):(\d\d)(?::[0-5]\d)?(|Z|[+-].*)$`)

// clock reads 09:30, 09:30:00, with Z or an offset after it.
func (p *ruleParser) clock(s string, absent int) (int, *time.Location) {
	if s == "" {
		return absent, nil
	}
	parts := clockForm.FindStringSubmatch(s)
	if parts == nil {
		p.say("%q is no time of a day", s)
		return 0, nil
	}
	h, _ := strconv.Atoi(parts[1]) // both are two digits
	m, _ := strconv.Atoi(parts[2])
	if m > 59 || h*60+m > minutesOfDay {
		p.say("%q is no time of a day", s)
		return 0, nil
	}
	rest := parts[3]
	if rest == "" {
		return h*60 + m, nil
	}
	for _, layout := range []string{"Z07:00", "Z0700"} {
		if t, err := time.Parse(layout, rest); err == nil {
			_, offset := t.Zone()
			return h*60 + m, time.FixedZone("UTC"+rest, offset)
		}
	}
	p.say("%q is no time of a day", s)
	return 0, nil
}
