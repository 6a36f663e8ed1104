// SPDX-License-Identifier: AGPL-3.0-or-later

package hours_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/prevent/directory/hours"
)

// What stands on paper for months: only what every week has in common.
func TestTheUsualWeek(t *testing.T) {
	now := time.Date(2026, 12, 24, 23, 30, 0, 0, time.UTC) // already Christmas Day in Copenhagen
	week := func(days, opens, closes string) hours.Spec {
		return hours.Spec{Freq: "WEEKLY", ByDay: days, OpensAt: opens, ClosesAt: closes, Holidays: hours.Closed}
	}
	from := func(s hours.Spec, from, to string) hours.Spec { s.ValidFrom, s.ValidTo = from, to; return s }
	open := week("MO", "09:00:00", "12:00:00")
	open.Holidays = hours.AsAlways
	for name, tc := range map[string]struct {
		specs []hours.Spec
		want  string
	}{
		"twice a day":        {[]hours.Spec{week("MO,FR", "13:00:00", "17:00:00"), week("MO", "09:00:00", "12:00:00")}, "[[09:00–12:00 13:00–17:00] [] [] [] [13:00–17:00] [] []] closed -"},
		"past midnight":      {[]hours.Spec{week("SA,SU", "22:00:00", "04:00:00")}, "[[] [] [] [] [] [22:00–04:00] [22:00–04:00]] closed -"},
		"holidays differ":    {[]hours.Spec{week("SU", "13:00:00", "17:00:00"), open}, "[[09:00–12:00] [] [] [] [] [] [13:00–17:00]]  -"},
		"it has ended":       {[]hours.Spec{from(week("MO", "09:00:00", "12:00:00"), "", "2026-12-24")}, "no"},
		"it ends today":      {[]hours.Spec{from(week("MO", "09:00:00", "12:00:00"), "", "2026-12-25")}, "[[09:00–12:00] [] [] [] [] [] []] closed 2026-12-25"},
		"others come":        {[]hours.Spec{week("MO", "09:00:00", "12:00:00"), from(week("TU", "09:00:00", "12:00:00"), "2027-02-01", "")}, "[[09:00–12:00] [] [] [] [] [] []] closed 2027-01-31"},
		"it has not begun":   {[]hours.Spec{from(week("MO", "09:00:00", "12:00:00"), "2027-01-04", "")}, "no"},
		"every second week":  {[]hours.Spec{{Freq: "WEEKLY", ByDay: "MO", Interval: "2", DTStart: "2026-01-05", OpensAt: "09:00:00", ClosesAt: "10:00:00"}}, "no"},
		"the first Monday":   {[]hours.Spec{{Freq: "MONTHLY", ByDay: "1MO", OpensAt: "09:00:00", ClosesAt: "10:00:00"}}, "no"},
		"one day":            {[]hours.Spec{{DTStart: "2026-12-28", OpensAt: "10:00:00", ClosesAt: "12:00:00"}}, "no"},
		"places far apart":   {[]hours.Spec{week("MO", "09:00:00", "12:00:00"), {Freq: "WEEKLY", ByDay: "TU", OpensAt: "09:00:00", ClosesAt: "10:00:00", Zone: "Europe/London"}}, "no"},
		"nobody said at all": {nil, "no"},
	} {
		got := "no"
		if u, ok := table(t, "DK", "Europe/Copenhagen", tc.specs...).Usual(now); ok {
			until := "-"
			if !u.Until.IsZero() {
				until = u.Until.Format(time.DateOnly)
			}
			got = fmt.Sprint(u.Week, " ", u.Holidays, " ", until)
		}
		if got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}

// In a week without a holiday and without a change of the clock, what the usual
// week says is what is open.
func TestTheUsualWeekIsWhatIsOpen(t *testing.T) {
	days := []string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}
	monday := time.Date(2026, 11, 9, 0, 0, 0, 0, time.UTC) // as Copenhagen's clock shows it
	rapid.Check(t, func(rt *rapid.T) {
		var specs []hours.Spec
		for range rapid.IntRange(1, 3).Draw(rt, "rules") {
			on := rapid.SliceOfNDistinct(rapid.SampledFrom(days), 1, 7, rapid.ID[string]).Draw(rt, "days")
			clock := func(name string) string {
				return fmt.Sprintf("%02d:%02d:00", rapid.IntRange(0, 23).Draw(rt, name), rapid.SampledFrom([]int{0, 30, 45}).Draw(rt, name+" minute"))
			}
			specs = append(specs, hours.Spec{Freq: "WEEKLY", ByDay: strings.Join(on, ","), OpensAt: clock("opens"), ClosesAt: clock("closes")})
		}
		tt := table(t, "DK", "Europe/Copenhagen", specs...)
		u, ok := tt.Usual(monday)
		if !ok {
			rt.Fatal("it says nothing of an ordinary week")
		}
		open := map[int]bool{} // minutes of the week
		for day, spans := range u.Week {
			for _, span := range spans {
				var h1, m1, h2, m2 int
				if _, err := fmt.Sscanf(span, "%d:%d–%d:%d", &h1, &m1, &h2, &m2); err != nil {
					rt.Fatalf("%s: %v", span, err)
				}
				from, to := day*1440+h1*60+m1, day*1440+h2*60+m2
				if to <= from {
					to += 1440
				}
				for m := from; m < to; m++ {
					open[m%(7*1440)] = true
				}
			}
		}
		for m := 0; m < 7*1440; m += 15 {
			at := monday.Add(time.Duration(m)*time.Minute - time.Hour)
			if got, _, _ := tt.Open(at); got != open[m] {
				rt.Fatalf("%v: open %v, the usual week says %v: %v", at, got, open[m], u.Week)
			}
		}
	})
}
