// SPDX-License-Identifier: AGPL-3.0-or-later

package hours_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/prevent/directory/hours"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func table(t testing.TB, region, zoneName string, specs ...hours.Spec) *hours.Timetable {
	t.Helper()
	table := &hours.Timetable{Zone: zone(t, zoneName), Region: region}
	for _, s := range specs {
		r, ok, err := hours.Parse(s)
		if err != nil || !ok {
			t.Fatalf("%+v: %v %v", s, ok, err)
		}
		table.Rules = append(table.Rules, r)
	}
	return table
}

// Dates of Easter from the tables of the Astronomisches Rechen-Institut and
// the United States Census Bureau.
func TestEaster(t *testing.T) {
	for year, want := range map[int]string{
		1818: "03-22", 1943: "04-25", 1954: "04-18", 1981: "04-19", 2000: "04-23", 2008: "03-23", 2024: "03-31", 2025: "04-20", 2026: "04-05", 2027: "03-28", 2038: "04-25", 2285: "03-22",
	} {
		if got := hours.Easter(year).Format("01-02"); got != want {
			t.Errorf("%d: %s, want %s", year, got, want)
		}
	}
}

// The days that the governments published.
func TestHolidays(t *testing.T) {
	for name, want := range map[string]string{
		"GB-ENG 2026": "[01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-26 12-28]",
		"GB-ENG 2027": "[01-01 03-26 03-29 05-03 05-31 08-30 12-25 12-26 12-27 12-28]",
		"GB-ENG 2033": "[01-01 01-03 04-15 04-18 05-02 05-30 08-29 12-25 12-26 12-27]",
		"GB-SCT 2026": "[01-01 01-02 04-03 05-04 05-25 06-15 08-03 11-30 12-25 12-26 12-28]",
		"GB-SCT 2028": "[01-01 01-02 01-03 01-04 04-14 05-01 05-29 08-07 11-30 12-25 12-26]",
		"GB-NIR 2026": "[01-01 03-17 04-03 04-06 05-04 05-25 07-12 07-13 08-31 12-25 12-26 12-28]",
		"DK 2026":     "[01-01 04-02 04-03 04-05 04-06 05-14 05-24 05-25 12-25 12-26]",
		"DK 2023":     "[01-01 04-06 04-07 04-09 04-10 05-05 05-18 05-28 05-29 12-25 12-26]",
		"SE 2026":     "[]",
	} {
		var region string
		var year int
		if _, err := fmt.Sscan(name, &region, &year); err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, h := range hours.Holidays(region, year) {
			got = append(got, h.Day.Format("01-02"))
		}
		if fmt.Sprint(got) != want {
			t.Errorf("%s: %v, want %s", name, got, want)
		}
	}
}

func TestRulesOfDays(t *testing.T) {
	for name, tc := range map[string]struct {
		spec hours.Spec
		want string // the days from 1 September to 31 October 2026, a Tuesday to a Saturday
	}{
		"weekly":             {hours.Spec{Freq: "WEEKLY", ByDay: "MO", Until: "2026-09-20"}, "[09-07 09-14]"},
		"fortnightly":        {hours.Spec{Freq: "WEEKLY", ByDay: "TU,TH", Interval: "2", DTStart: "2026-09-03", ValidTo: "2026-10-01"}, "[09-03 09-15 09-17 09-29 10-01]"},
		"from another day":   {hours.Spec{Freq: "WEEKLY", ByDay: "SU,TU", Interval: "2", DTStart: "2026-09-06", Wkst: "SU", ValidTo: "2026-09-30"}, "[09-06 09-08 09-20 09-22]"},
		"second Monday":      {hours.Spec{Freq: "MONTHLY", ByDay: "2MO"}, "[09-14 10-12]"},
		"last Friday":        {hours.Spec{Freq: "MONTHLY", ByDay: "-1FR"}, "[09-25 10-30]"},
		"last of the month":  {hours.Spec{Freq: "MONTHLY", ByMonthDay: "-1,15"}, "[09-15 09-30 10-15 10-31]"},
		"Friday the 13th":    {hours.Spec{Freq: "MONTHLY", ByDay: "FR", ByMonthDay: "13"}, "[]"},
		"every second month": {hours.Spec{Freq: "MONTHLY", ByMonthDay: "1", Interval: "2", DTStart: "2026-08-01"}, "[10-01]"},
		"three times":        {hours.Spec{Freq: "WEEKLY", DTStart: "2026-08-31", Count: "3"}, "[09-07 09-14]"},
		"one day":            {hours.Spec{DTStart: "2026-10-10", OpensAt: "10:00:00", ClosesAt: "12:00:00"}, "[10-10]"},
		"weeks of the year":  {hours.Spec{Freq: "WEEKLY", ByDay: "WE", ByWeekNo: "41,42"}, "[10-07 10-14]"},
	} {
		r, ok, err := hours.Parse(tc.spec)
		if err != nil || !ok {
			t.Fatalf("%s: %v %v", name, ok, err)
		}
		got := []string{}
		for d := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC); d.Month() < 11; d = d.AddDate(0, 0, 1) {
			if r.On(d) {
				got = append(got, d.Format("01-02"))
			}
		}
		if fmt.Sprint(got) != tc.want {
			t.Errorf("%s: %v, want %s", name, got, tc.want)
		}
	}
}

func TestWhatCantBeReadIsAnError(t *testing.T) {
	for _, s := range []hours.Spec{
		{Freq: "WEEKLY", ByDay: "XX"},
		{Freq: "WEEKLY", ByDay: "MO", Zone: "Europe/Atlantis"},
		{Freq: "WEEKLY", ByDay: "MO", OpensAt: "25:00:00"},
		{Freq: "WEEKLY", DTStart: "2026-02-30"},
		{Freq: "MONTHLY", ByMonthDay: "0"},
		{Freq: "WEEKLY", ByDay: "MO", Interval: "-1"},
		{Freq: "WEEKLY", ByDay: "MO", Offset: "30"},
	} {
		if _, _, err := hours.Parse(s); err == nil {
			t.Errorf("%+v was read", s)
		}
	}
	if _, ok, err := hours.Parse(hours.Spec{}); ok || err != nil {
		t.Errorf("nothing is a rule: %v %v", ok, err)
	}
	if s := (&hours.Timetable{}).At(time.Now()); s.Known {
		t.Error("it claims to know")
	}
}

var office = hours.Spec{Freq: "WEEKLY", ByDay: "MO,TU,WE,TH,FR", OpensAt: "09:00:00", ClosesAt: "17:00:00", Holidays: hours.Closed}

func TestOpenNow(t *testing.T) {
	night := hours.Spec{Freq: "WEEKLY", ByDay: "FR,SA", OpensAt: "22:00:00", ClosesAt: "04:00:00", Holidays: hours.AsAlways}
	sunday := []hours.Spec{
		{Freq: "WEEKLY", ByDay: "MO,TU,WE,TH,FR,SA", OpensAt: "08:00:00", ClosesAt: "22:00:00", Holidays: hours.AsSunday},
		{Freq: "WEEKLY", ByDay: "SU", OpensAt: "12:00:00", ClosesAt: "16:00:00", Holidays: hours.AsSunday},
	}
	unsaid := office
	unsaid.Holidays = hours.Unsaid
	always := hours.Spec{Freq: "WEEKLY", ByDay: "MO,TU,WE,TH,FR,SA,SU", OpensAt: "00:00:00", ClosesAt: "23:59:00"}
	for name, tc := range map[string]struct {
		region, zone, at string // at is UTC
		specs            []hours.Spec
		open, doubt      bool
		change           string // UTC
	}{
		"an hour ahead in Copenhagen":   {"DK", "Europe/Copenhagen", "2026-11-26 08:30", []hours.Spec{office}, true, false, "2026-11-26 16:00"},
		"not yet in London":             {"GB", "Europe/London", "2026-11-26 08:30", []hours.Spec{office}, false, false, "2026-11-26 09:00"},
		"closed on Christmas Day":       {"DK", "Europe/Copenhagen", "2026-12-25 10:00", []hours.Spec{office}, false, false, "2026-12-28 08:00"},
		"closed on its substitute":      {"GB", "Europe/London", "2026-12-28 10:00", []hours.Spec{office}, false, false, "2026-12-29 09:00"},
		"a Scottish day, in England":    {"GB-ENG", "Europe/London", "2026-11-30 10:00", []hours.Spec{office}, true, false, "2026-11-30 17:00"},
		"a Scottish day, in Scotland":   {"GB-SCT", "Europe/London", "2026-11-30 10:00", []hours.Spec{office}, false, false, "2026-12-01 09:00"},
		"as on Sundays, in the morning": {"DK", "Europe/Copenhagen", "2026-04-06 08:00", sunday, false, false, "2026-04-06 10:00"},
		"as on Sundays, at noon":        {"DK", "Europe/Copenhagen", "2026-04-06 11:00", sunday, true, false, "2026-04-06 14:00"},
		"nobody said":                   {"DK", "Europe/Copenhagen", "2026-04-06 11:00", []hours.Spec{unsaid}, true, true, "2026-04-06 15:00"},
		"past midnight":                 {"DK", "Europe/Copenhagen", "2026-11-28 02:00", []hours.Spec{night}, true, false, "2026-11-28 03:00"},
		"after the night":               {"DK", "Europe/Copenhagen", "2026-11-29 04:00", []hours.Spec{night}, false, false, "2026-12-04 21:00"},
		"around the clock":              {"DK", "Europe/Copenhagen", "2026-12-25 03:00", []hours.Spec{always}, true, false, ""},
	} {
		at, err := time.Parse("2006-01-02 15:04", tc.at)
		if err != nil {
			t.Fatal(err)
		}
		s := table(t, tc.region, tc.zone, tc.specs...).At(at)
		change := ""
		if next := map[bool]time.Time{true: s.Until, false: s.Next}[s.Open]; !next.IsZero() {
			change = next.UTC().Format("2006-01-02 15:04")
		}
		if !s.Known || s.Open != tc.open || s.Doubt != tc.doubt || change != tc.change {
			t.Errorf("%s: %+v, want open %v, doubt %v, change %s", name, s, tc.open, tc.doubt, tc.change)
		}
	}
}

// A clock that is put forward past an opening opens at once; an hour that
// comes twice is open twice.
func TestChangesOfTheClock(t *testing.T) {
	early := hours.Spec{Freq: "WEEKLY", ByDay: "SU", OpensAt: "02:30:00", ClosesAt: "05:00:00"}
	copenhagen := table(t, "DK", "Europe/Copenhagen", early)
	spring := time.Date(2026, 3, 29, 0, 30, 0, 0, time.UTC) // 01:30; at 02:00 it becomes 03:00
	if s := copenhagen.At(spring); s.Open || !s.Next.Equal(time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC)) {
		t.Errorf("in spring: %+v", s)
	}
	inFold := hours.Spec{Freq: "WEEKLY", ByDay: "SU", OpensAt: "02:00:00", ClosesAt: "02:30:00"}
	fold := table(t, "DK", "Europe/Copenhagen", inFold)
	for minutes, want := range map[int]bool{-1: false, 0: true, 29: true, 30: false, 59: false, 60: true, 89: true, 90: false} {
		at := time.Date(2026, 10, 25, 0, minutes, 0, 0, time.UTC) // 02:00 summer time
		if open, _, _ := fold.Open(at); open != want {
			t.Errorf("in autumn, %d minutes after: %v", minutes, open)
		}
	}
	if s := fold.At(time.Date(2026, 10, 25, 0, 40, 0, 0, time.UTC)); !s.Next.Equal(time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC)) {
		t.Errorf("it opens a second time: %+v", s)
	}
}

// Whatever the rules, the zone and the time: what is open is what the wall
// clock says, and the next change is the first minute at which that differs.
func TestTheNextChangeIsTheNextChange(t *testing.T) {
	// clocks that change at midnight (Cairo, Beirut, Santiago), by half an hour or by two, twice around Ramadan, or by a whole day (Apia)
	zones := []string{
		"Europe/London", "Europe/Copenhagen", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kolkata", "America/Sao_Paulo", "Africa/Cairo", "Asia/Beirut", "America/Santiago", "Antarctica/Troll", "Africa/Casablanca",
		"Pacific/Apia", "Asia/Kathmandu", "Europe/Dublin", "Etc/GMT-14",
	}
	// around changes of the clock, around holidays, and an ordinary day
	starts := []time.Time{
		time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC), time.Date(2026, 10, 24, 12, 0, 0, 0, time.UTC), time.Date(2026, 4, 4, 6, 0, 0, 0, time.UTC),
		time.Date(2026, 12, 24, 6, 0, 0, 0, time.UTC), time.Date(2026, 3, 7, 12, 0, 0, 0, time.UTC), time.Date(2026, 10, 31, 12, 0, 0, 0, time.UTC), time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 4, 23, 6, 0, 0, 0, time.UTC), time.Date(2026, 10, 29, 6, 0, 0, 0, time.UTC), time.Date(2026, 9, 5, 6, 0, 0, 0, time.UTC), time.Date(2026, 4, 3, 12, 0, 0, 0, time.UTC),
		time.Date(2026, 2, 14, 12, 0, 0, 0, time.UTC), time.Date(2026, 3, 21, 12, 0, 0, 0, time.UTC), time.Date(2011, 12, 29, 0, 0, 0, 0, time.UTC),
	}
	rapid.Check(t, func(rt *rapid.T) {
		clock := rapid.Custom(func(rt *rapid.T) string {
			return fmt.Sprintf("%02d:%02d:00", rapid.IntRange(0, 23).Draw(rt, "hour"), rapid.SampledFrom([]int{0, 15, 30, 59}).Draw(rt, "minute"))
		})
		var specs []hours.Spec
		for range rapid.IntRange(1, 3).Draw(rt, "rules") {
			specs = append(specs, hours.Spec{
				Freq: "WEEKLY", ByDay: rapid.SampledFrom([]string{"MO,TU,WE,TH,FR", "SA,SU", "SU", "MO", "SA", "MO,TU,WE,TH,FR,SA,SU"}).Draw(rt, "days"),
				OpensAt: clock.Draw(rt, "opens"), ClosesAt: clock.Draw(rt, "closes"),
				Holidays: rapid.SampledFrom([]hours.Policy{hours.Unsaid, hours.Closed, hours.AsSunday, hours.AsAlways}).Draw(rt, "holidays"),
			})
		}
		tt := table(t, rapid.SampledFrom([]string{"DK", "GB-SCT", ""}).Draw(rt, "region"), rapid.SampledFrom(zones).Draw(rt, "zone"), specs...)
		now := rapid.SampledFrom(starts).Draw(rt, "start").Add(time.Duration(rapid.IntRange(0, 3000).Draw(rt, "minutes")) * time.Minute)
		s := tt.At(now)
		if open, _, _ := tt.Open(now); open != s.Open || s.Open && !s.Next.IsZero() || !s.Open && !s.Until.IsZero() {
			rt.Fatalf("%+v does not agree with itself", s)
		}
		change := s.Next
		if s.Open {
			change = s.Until
		}
		if !change.IsZero() && !change.After(now) {
			rt.Fatalf("%v is not after %v", change, now)
		}
		for at := now; at.Sub(now) < 60*time.Hour; at = at.Add(time.Minute) {
			if open, _, _ := tt.Open(at); open != s.Open {
				if s.Always {
					rt.Fatalf("always open, but not at %v", at)
				}
				if change.IsZero() || !at.Equal(change.Truncate(time.Minute)) {
					rt.Fatalf("at %v it changes; %+v", at, s)
				}
				return
			}
		}
		if !change.IsZero() && change.Sub(now) < 60*time.Hour {
			rt.Fatalf("nothing changes at %v", change)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add("WEEKLY", "MO,-1FR", "1,-1", "09:00:00", "17:00:00Z", "2", "2026-11-26", "3")
	f.Fuzz(func(t *testing.T, freq, byDay, byMonthDay, opens, closes, interval, start, count string) {
		r, ok, err := hours.Parse(hours.Spec{Freq: freq, ByDay: byDay, ByMonthDay: byMonthDay, OpensAt: opens, ClosesAt: closes, Interval: interval, DTStart: start, Count: count})
		if err != nil || !ok {
			return
		}
		tt := hours.Timetable{Rules: []hours.Rule{r}, Zone: time.UTC, Region: "DK"}
		now := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
		if u, ok := tt.Usual(now); ok && len(tt.Week(now)) != 7 {
			t.Errorf("%+v", u)
		}
		if s := tt.At(now); s.Known && s.Open && !s.Next.IsZero() {
			t.Errorf("%+v", s)
		}
	})
}
