// SPDX-License-Identifier: AGPL-3.0-or-later

package hours_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/prevent/directory/hours"
)

// A number of times ends a rule on the day on which they are used up, as
// counting day by day has it.
func TestCountingOutIsCountingDays(t *testing.T) {
	numbers := func(rt *rapid.T, name string, limit int) string {
		return strings.Trim(strings.Join(strings.Fields(fmt.Sprint(rapid.SliceOfN(rapid.IntRange(-limit, limit).Filter(func(n int) bool { return n != 0 }), 0, 4).Draw(rt, name))), ","), "[]")
	}
	day := rapid.Map(rapid.IntRange(0, 20_000), func(n int) string { return time.Unix(int64(n)*86400, 0).UTC().Format(time.DateOnly) })
	ended := 0
	rapid.Check(t, func(rt *rapid.T) {
		spec := hours.Spec{
			Freq: rapid.SampledFrom([]string{"WEEKLY", "MONTHLY", ""}).Draw(rt, "freq"), DTStart: day.Draw(rt, "start"),
			ByDay: strings.Join(slices.Compact(rapid.SliceOfN(rapid.SampledFrom([]string{"MO", "SU", "WE", "2TU", "-1FR", "5SA", "-5MO", "9TH"}), 0, 4).Draw(rt, "days")), ","),
			Wkst:  rapid.SampledFrom([]string{"", "SU", "WE"}).Draw(rt, "wkst"), Interval: strconv.Itoa(rapid.SampledFrom([]int{1, 2, 3, 13, 10_000}).Draw(rt, "interval")),
		}
		switch rapid.IntRange(0, 5).Draw(rt, "lists") {
		case 0:
			spec.ByMonthDay = numbers(rt, "month days", 35)
		case 1:
			spec.ByYearDay = numbers(rt, "year days", 366)
		case 2:
			spec.ByWeekNo = numbers(rt, "weeks", 55)
		case 3:
			spec.ValidFrom = day.Draw(rt, "from")
		case 4:
			spec.Until = day.Draw(rt, "until")
		}
		count := rapid.SampledFrom([]int{1, 2, 7, 30, 400, 10_000}).Draw(rt, "count")
		whole, ok, err := hours.Parse(spec)
		if err != nil || !ok {
			return
		}
		spec.Count = strconv.Itoa(count)
		counted, ok, err := hours.Parse(spec)
		if err != nil || !ok {
			rt.Fatalf("%+v: %v, %v", spec, ok, err)
		}
		start, err := time.Parse(time.DateOnly, spec.DTStart)
		if err != nil {
			rt.Fatal(err)
		}
		left := count
		for d, end := start, start.AddDate(60, 0, 0); d.Before(end); d = d.AddDate(0, 0, 1) {
			want := left > 0 && whole.On(d)
			if want {
				left--
			}
			if got := counted.On(d); got != want {
				rt.Fatalf("%+v: %s is %v, want %v", spec, d.Format(time.DateOnly), got, want)
			}
		}
		if left == 0 {
			ended++
		}
	})
	if ended == 0 {
		t.Error("no rule ended")
	}
}

// Which days a rule names, as the standard's own examples of lists have it:
// RFC 5545, 3.8.5.3, days and weeks from either end.
func TestListsFromEitherEnd(t *testing.T) {
	for name, tc := range map[string]struct {
		spec hours.Spec
		days []string
		not  []string
	}{
		"the last but two of each month": {hours.Spec{Freq: "MONTHLY", ByMonthDay: "-3"}, []string{"1997-09-28", "1997-10-29", "1998-02-26", "2000-02-27"}, []string{"1997-09-29", "1998-02-27"}},
		"the 2nd and 15th":               {hours.Spec{Freq: "MONTHLY", ByMonthDay: "2,15"}, []string{"1997-09-02", "1997-09-15"}, []string{"1997-09-14"}},
		"days of the year":               {hours.Spec{Freq: "MONTHLY", ByYearDay: "1,100,-1,-366"}, []string{"1997-01-01", "1997-04-10", "2000-04-09", "1997-12-31", "2000-12-31", "2000-01-01"}, []string{"2000-12-30", "2000-04-10"}},
		"Monday of week 20":              {hours.Spec{Freq: "WEEKLY", ByDay: "MO", ByWeekNo: "20"}, []string{"1997-05-12", "1998-05-11", "1999-05-17"}, []string{"1997-05-19", "1999-05-10"}},
		"the last week":                  {hours.Spec{Freq: "WEEKLY", ByDay: "MO", ByWeekNo: "-1"}, []string{"2026-12-28", "2025-12-22", "2020-12-28"}, []string{"2026-12-21", "2020-12-21"}},
		"the last but one Monday":        {hours.Spec{Freq: "MONTHLY", ByDay: "-2MO"}, []string{"1997-09-22", "1997-10-20", "1998-02-16"}, []string{"1997-09-29", "1997-09-15"}},
		"the fifth Monday":               {hours.Spec{Freq: "MONTHLY", ByDay: "5MO,-5MO"}, []string{"1997-09-29", "1997-09-01", "1997-12-29"}, []string{"1997-10-27", "1997-11-24"}},
	} {
		r, ok, err := hours.Parse(tc.spec)
		if err != nil || !ok {
			t.Fatalf("%s: %v %v", name, ok, err)
		}
		for want, all := range map[bool][]string{true: tc.days, false: tc.not} {
			for _, s := range all {
				d, err := time.Parse(time.DateOnly, s)
				if err != nil {
					t.Fatal(err)
				}
				if r.On(d) != want {
					t.Errorf("%s: %s is %v", name, s, !want)
				}
			}
		}
	}
}

// hostile are schedules that are as dear as they can be made.
func hostile() map[string]hours.Spec {
	many := func(limit int) string {
		var all []string
		for n := range 400 {
			all = append(all, strconv.Itoa(n%limit+1))
		}
		return strings.Join(all, ",")
	}
	counted := func(s hours.Spec) hours.Spec {
		s.DTStart, s.Count = "1970-01-01", "10000"
		return s
	}
	return map[string]hours.Spec{
		"every day":        counted(hours.Spec{Freq: "WEEKLY", ByDay: "MO,TU,WE,TH,FR,SA,SU"}),
		"a rare day":       counted(hours.Spec{Freq: "MONTHLY", ByMonthDay: "29", ByYearDay: "60"}),
		"long lists":       counted(hours.Spec{Freq: "MONTHLY", ByDay: strings.Repeat("2TU,9WE,", 199) + "1MO", ByMonthDay: many(31), ByYearDay: many(366), ByWeekNo: many(53)}),
		"a long interval":  counted(hours.Spec{Freq: "WEEKLY", ByDay: "MO", Interval: "10000"}),
		"each third month": counted(hours.Spec{Freq: "MONTHLY", ByDay: "1MO", Interval: "3"}),
	}
}

// Reading a schedule and asking whether something is open takes microseconds,
// whatever it says: a directory has a hundred thousand of them.
func BenchmarkHostileSchedules(b *testing.B) {
	for name, spec := range hostile() {
		b.Run("read/"+name, func(b *testing.B) {
			for b.Loop() {
				if _, ok, err := hours.Parse(spec); err != nil || !ok {
					b.Fatal(ok, err)
				}
			}
		})
		b.Run("ask/"+name, func(b *testing.B) {
			r, _, err := hours.Parse(spec)
			if err != nil {
				b.Fatal(err)
			}
			zone, _ := hours.Zone("Europe/Copenhagen")
			table := hours.Timetable{Zone: zone, Rules: []hours.Rule{r}}
			at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
			for b.Loop() {
				table.Open(at)
				at = at.Add(time.Minute)
			}
		})
	}
}
