// SPDX-License-Identifier: AGPL-3.0-or-later

package hours_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/prevent/directory/hours"
)

// Names that a machine's files can be loaded by, but that name no zone: where
// the machine stands, clocks with leap seconds, files that are no zones, ways
// out of the folder.
func TestZonesThatDoNotExist(t *testing.T) {
	for _, name := range []string{
		"", "Local", "local", "localtime", "posixrules", "Factory", "right/Europe/London", "posix/Europe/London", "../Europe/London", "/usr/share/zoneinfo/Europe/London", "Europe/../Europe/London", "Europe", "Europe/",
		"Europe/Atlantis", "europe/copenhagen", "EUROPE/COPENHAGEN", "Europe/London ", " Europe/London", "Europe/London\n", "Europe/London\x00", "zone.tab", "tzdata.zi", "leapseconds", "+01:00", "UTC+1", "GMT+25", "Europe\\London", "Europe/København",
	} {
		if z, ok := hours.Zone(name); ok {
			t.Errorf("%q is the zone %v", name, z)
		}
	}
	for _, name := range []string{"Europe/London", "Europe/Copenhagen", "America/Argentina/Buenos_Aires", "America/Port-au-Prince", "Etc/GMT-14", "UTC", "GB", "EST5EDT", "America/North_Dakota/New_Salem", "Africa/Porto-Novo"} {
		if _, ok := hours.Zone(name); !ok {
			t.Errorf("%s is no zone", name)
		}
	}
}

func TestTimesThatDoNotExist(t *testing.T) {
	for _, s := range []hours.Spec{
		{OpensAt: "24:01:00", ClosesAt: "25:00:00"},
		{OpensAt: "+9:00:00"},
		{OpensAt: "-9:00:00"},
		{OpensAt: "09:+5:00"},
		{OpensAt: "09:60:00"},
		{OpensAt: "09:00:60"},
		{OpensAt: "09:00:xx"},
		{OpensAt: "9:00"},
		{OpensAt: "09.00"},
		{OpensAt: "09:00 "},
		{OpensAt: "09:00:00+99:00"},
		{OpensAt: "٠٩:٠٠"},
		{OpensAt: "noon"},
		{ByDay: "MO", Offset: "NaN"},
		{ByDay: "MO", Offset: "nan"},
		{ByDay: "MO", Offset: "Inf"},
		{ByDay: "MO", Offset: "14.5"},
		{ByDay: "MO", Offset: "-13"},
		{ByDay: "MO", ValidFrom: "2026-02-29"},
		{ByDay: "MO", ValidTo: "2026-13-01"},
		{ByDay: "MO", Until: "20261231T000000Z"},
		{ByDay: "MO,XX"},
		{ByDay: "M"},
		{Freq: "MONTHLY", ByDay: "0MO"},
		{Freq: "MONTHLY", ByDay: "54MO"},
	} {
		if r, ok, err := hours.Parse(s); err == nil {
			t.Errorf("%+v was read: %v %+v", s, ok, r)
		}
	}
	// 29 February is a day in leap years, and in no others
	leap := table(t, "DK", "Europe/Copenhagen", hours.Spec{Freq: "MONTHLY", ByMonthDay: "29", OpensAt: "10:00:00", ClosesAt: "11:00:00"})
	for day, want := range map[string]bool{"2028-02-29": true, "2027-02-28": false, "2027-03-01": false} {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		if open, _, _ := leap.Open(at.Add(9*time.Hour + 30*time.Minute)); open != want {
			t.Errorf("%s: %v", day, open)
		}
	}
}

// What somebody said about a public holiday in words that we don't know is not
// said: open as usual, with a doubt, and never closed.
func TestAWordThatNobodyKnowsSaysNothing(t *testing.T) {
	odd := office
	odd.Holidays = "perhaps"
	s := table(t, "DK", "Europe/Copenhagen", odd).At(time.Date(2026, 4, 6, 9, 0, 0, 0, time.UTC)) // Easter Monday
	if !s.Open || !s.Doubt || s.Holiday == "" {
		t.Errorf("%+v", s)
	}
	if u, ok := table(t, "DK", "Europe/Copenhagen", odd).Usual(time.Date(2026, 4, 6, 9, 0, 0, 0, time.UTC)); !ok || u.Holidays != hours.Unsaid {
		t.Errorf("%+v", u)
	}
}

// Hours past midnight belong to the day on which they begin: on the eve of a
// holiday, in its night, on the last day that a rule holds, and when clocks change.
func TestHoursPastMidnight(t *testing.T) {
	night := hours.Spec{Freq: "WEEKLY", ByDay: "MO,TU,WE,TH,FR,SA,SU", OpensAt: "22:00:00", ClosesAt: "04:00:00", Holidays: hours.Closed}
	last := night
	last.ValidTo = "2026-06-10"
	shelter := hours.Spec{Freq: "WEEKLY", ByDay: "SA", OpensAt: "20:00:00", ClosesAt: "20:00:00"}
	late := hours.Spec{Freq: "WEEKLY", ByDay: "SA", OpensAt: "23:00:00", ClosesAt: "02:30:00"}
	for name, tc := range map[string]struct {
		spec  hours.Spec
		at    string // UTC
		open  bool
		until string // or when it opens, UTC
	}{
		"the night before Christmas Day":   {night, "2026-12-25 01:00", true, "2026-12-25 03:00"},
		"Christmas Day, at night":          {night, "2026-12-25 22:00", false, "2026-12-27 21:00"},
		"the night after it":               {night, "2026-12-26 01:00", false, "2026-12-27 21:00"},
		"after the last day":               {last, "2026-06-11 01:00", true, "2026-06-11 02:00"},
		"the evening after":                {last, "2026-06-11 21:00", false, ""},
		"around midnight of New Year":      {night, "2026-12-31 23:30", true, "2027-01-01 03:00"},
		"a whole day from evening":         {shelter, "2026-06-14 17:30", true, "2026-06-14 18:00"},
		"a closing that the clock skips":   {late, "2026-03-29 00:45", true, "2026-03-29 01:00"},
		"a closing that comes twice":       {late, "2026-10-25 00:15", true, "2026-10-25 00:30"},
		"it is open a second time":         {late, "2026-10-25 01:15", true, "2026-10-25 01:30"},
		"between the two":                  {late, "2026-10-25 00:45", false, "2026-10-25 01:00"},
		"spring, an opening that is there": {night, "2026-03-29 20:30", true, "2026-03-30 02:00"},
	} {
		at, err := time.Parse("2006-01-02 15:04", tc.at)
		if err != nil {
			t.Fatal(err)
		}
		s := table(t, "DK", "Europe/Copenhagen", tc.spec).At(at)
		change := ""
		if next := map[bool]time.Time{true: s.Until, false: s.Next}[s.Open]; !next.IsZero() {
			change = next.UTC().Format("2006-01-02 15:04")
		}
		if s.Open != tc.open || change != tc.until {
			t.Errorf("%s: %+v, want open %v, change %s", name, s, tc.open, tc.until)
		}
	}
}

// A day that a country left out (Samoa went over the date line and had no 30
// December 2011) is no day; those beside it are.
func TestADayThatWasLeftOut(t *testing.T) {
	daily := hours.Spec{Freq: "WEEKLY", ByDay: "MO,TU,WE,TH,FR,SA,SU", OpensAt: "09:00:00", ClosesAt: "17:00:00"}
	apia := table(t, "", "Pacific/Apia", daily)
	s := apia.At(time.Date(2011, 12, 30, 4, 0, 0, 0, time.UTC)) // 29 December, 18:00
	if want := time.Date(2011, 12, 30, 19, 0, 0, 0, time.UTC); s.Open || !s.Next.Equal(want) {
		t.Errorf("%+v, want 31 December, 09:00 there, %v", s, want)
	}
}

// The hours of a whole day end at 24:00 when they are written down.
func TestAWholeDayIsWrittenAsOne(t *testing.T) {
	whole := hours.Spec{Freq: "WEEKLY", ByDay: "MO", OpensAt: "00:00:00", ClosesAt: "24:00:00"}
	late := hours.Spec{Freq: "WEEKLY", ByDay: "TU", OpensAt: "18:00:00", ClosesAt: "00:00:00"}
	week := table(t, "", "Europe/London", whole, late).Week(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
	if got := fmt.Sprint(week[0].Spans, week[1].Spans); got != "[00:00–24:00] [18:00–24:00]" {
		t.Error(got)
	}
}
