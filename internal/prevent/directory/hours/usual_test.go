// SPDX-License-Identifier: AGPL-3.0-or-later

package hours_test

import (
	"fmt"
	"testing"
	"time"

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
