// SPDX-License-Identifier: AGPL-3.0-or-later

package referral_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/intel/referral"
	"github.com/turnstone-project/turnstone/internal/programme"
)

var (
	start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) // a Monday
	acts  = []referral.Act{
		referral.Acknowledge, referral.Accept, referral.Decline, referral.Progress, referral.Outcome, referral.Close, referral.Ask,
		referral.Recall, referral.Renew, referral.Chase, referral.Notify, referral.Unsent, referral.Open, referral.Linked, referral.Revoke,
		referral.Answered, referral.Refused,
	}
	usual = referral.Clocks{Acknowledge: referral.Span{N: 48, Unit: "h"}, Progress: referral.Span{N: 30, Unit: "d"}, Hours: programme.Hours{Zone: "Europe/Copenhagen"}}
)

func sent(role referral.Role) referral.Referral {
	return referral.Referral{Role: role, State: referral.Sent, SentAt: start, Due: start.Add(48 * time.Hour), Revision: 1}
}

// Whatever is tried in whatever order: nothing is accepted before it was
// acknowledged, nothing changes after a recall, copies for information are
// never acted on, a refused act changes nothing, and what happened stays.
func TestAnyOrderOfActsKeepsThePromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := sent(rapid.SampledFrom([]referral.Role{referral.Primary, referral.Information}).Draw(t, "role"))
		now := start
		for range rapid.IntRange(1, 25).Draw(t, "acts") {
			a := rapid.SampledFrom(acts).Draw(t, "act")
			now = now.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "hours")) * time.Hour)
			before := r
			after, err := r.Apply(a, now, usual)
			if err != nil {
				if after.State != before.State || after.Revision != before.Revision {
					t.Fatalf("%s was refused and changed %+v to %+v", a, before, after)
				}
				continue
			}
			r = after
			switch {
			case r.Revision != before.Revision+1:
				t.Fatalf("%s: revision %d after %d", a, r.Revision, before.Revision)
			case before.State == referral.Recalled && (r.State != referral.Recalled || a.OfPartner() || !r.Due.IsZero()):
				t.Fatalf("%s after a recall: %+v", a, r)
			case r.State == referral.Accepted && (r.Acknowledge.IsZero() || r.Decided.Before(r.Acknowledge)):
				t.Fatalf("accepted before it was acknowledged: %+v", r)
			case r.Role == referral.Information && (!r.Decided.IsZero() || r.State == referral.Accepted || r.State == referral.Declined || r.State == referral.Closed):
				t.Fatalf("a copy for information was acted on: %+v", r)
			case !before.Acknowledge.IsZero() && !r.Acknowledge.Equal(before.Acknowledge), !before.Decided.IsZero() && !r.Decided.Equal(before.Decided):
				t.Fatalf("%s rewrote history: %+v, then %+v", a, before, r)
			case r.State == referral.Recalled && r.Live(), r.State == referral.Declined && r.Live():
				t.Fatalf("%s is live", r.State)
			case !r.Due.IsZero() && (r.State == referral.Declined || r.State == referral.Closed || r.State == referral.Recalled):
				t.Fatalf("a clock runs on in %s", r.State)
			case a == referral.Chase && (!r.Due.Equal(before.Due) || r.Chases != before.Chases+1):
				t.Fatalf("asking again moved the clock: %+v", r)
			}
		}
	})
}

func TestAClockStopsExactlyWhenItIsFulfilled(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := func(name string) time.Time {
			return start.Add(time.Duration(rapid.IntRange(0, 1000).Draw(t, name)) * time.Hour)
		}
		c := referral.Clock{Start: start, Due: at("due")}
		early, late := at("early"), at("late")
		if early.After(late) {
			early, late = late, early
		}
		if c.Left(early) < c.Left(late) || c.Over(early) > c.Over(late) {
			t.Fatalf("time left grew, or time over shrank: %v %v, %v %v", c.Left(early), c.Left(late), c.Over(early), c.Over(late))
		}
		if c.Left(early) < 0 || c.Over(early) < 0 || c.Left(early) > 0 && c.Over(early) > 0 {
			t.Fatalf("left %v and over %v", c.Left(early), c.Over(early))
		}
		c.Done = early
		if c.Status(late) != c.Status(early.Add(1e6*time.Hour)) || c.Over(late) != c.Over(early) || c.Left(late) != 0 {
			t.Fatal("a clock that was fulfilled goes on")
		}
		if (c.Status(late) == referral.Late) != early.After(c.Due) {
			t.Fatalf("done %v, due %v: %s", early, c.Due, c.Status(late))
		}
	})
}

var weekdays = func() (all []programme.Window) {
	for d := time.Monday; d <= time.Friday; d++ {
		all = append(all, programme.Window{Day: d, Start: 9 * 60, End: 12 * 60}, programme.Window{Day: d, Start: 13 * 60, End: 17 * 60})
	}
	return all
}()

// A longer time allowed never ends earlier, a later start never ends earlier,
// and opening hours end inside a window.
func TestSpansAreMonotone(t *testing.T) {
	zones := []string{"UTC", "Europe/Copenhagen", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca"}
	rapid.Check(t, func(t *rapid.T) {
		h := programme.Hours{Zone: rapid.SampledFrom(zones).Draw(t, "zone"), Windows: weekdays}
		unit := rapid.SampledFrom([]string{"h", "bh", "d", "m"}).Draw(t, "unit")
		n := rapid.IntRange(1, 60).Draw(t, "n")
		from := start.Add(time.Duration(rapid.IntRange(0, 366*24*60).Draw(t, "minutes")) * time.Minute)
		end := func(n int, from time.Time) time.Time {
			at, err := referral.Span{N: n, Unit: unit}.After(from, h)
			if err != nil {
				t.Fatal(err)
			}
			return at
		}
		due := end(n, from)
		if !due.After(from) || end(n+1, from).Before(due) {
			t.Fatalf("%d%s after %v is %v, one more is %v", n, unit, from, due, end(n+1, from))
		}
		if later := end(n, from.Add(48*time.Hour)); later.Before(due) {
			t.Fatalf("%d%s: started two days later it ends at %v, before %v", n, unit, later, due)
		}
		if unit == "bh" {
			zone, err := time.LoadLocation(h.Zone)
			if err != nil {
				t.Fatal(err)
			}
			local := due.In(zone)
			if m := local.Hour()*60 + local.Minute(); local.Weekday() == time.Sunday || local.Weekday() == time.Saturday || m < 9*60 || m > 17*60 || m > 12*60 && m < 13*60 {
				t.Fatalf("ends at %v, when nobody is there", local)
			}
		}
	})
}

func TestSpansAcrossTheYear(t *testing.T) {
	copenhagen := programme.Hours{Zone: "Europe/Copenhagen"}
	office := programme.Hours{Zone: "Europe/Copenhagen", Windows: weekdays}
	tests := []struct {
		span, from, want string
		h                programme.Hours
	}{
		{"7d", "2026-03-27T08:00:00Z", "2026-04-03T07:00:00Z", copenhagen}, // 9 in the morning before and after the clocks go forward
		{"7d", "2026-10-22T07:00:00Z", "2026-10-29T08:00:00Z", copenhagen}, // and back
		{"48h", "2026-03-28T08:00:00Z", "2026-03-30T08:00:00Z", copenhagen},
		{"3m", "2026-11-30T10:00:00Z", "2027-02-28T10:00:00Z", copenhagen}, // no 30 February
		{"1m", "2027-12-31T10:00:00Z", "2028-01-31T10:00:00Z", copenhagen},
		{"4bh", "2026-03-06T15:00:00Z", "2026-03-09T11:00:00Z", office}, // Friday 16 to Monday 12
		{"1bh", "2026-03-07T10:00:00Z", "2026-03-09T09:00:00Z", office}, // a Saturday counts from Monday 9
		{"7bh", "2026-03-27T08:00:00Z", "2026-03-27T16:00:00Z", office},
		{"8bh", "2026-03-27T08:00:00Z", "2026-03-30T08:00:00Z", office}, // Monday 10 in summer time
		{"5bh", "2026-03-07T10:00:00Z", "2026-03-07T15:00:00Z", copenhagen},
	}
	for _, tt := range tests {
		span, err := referral.ParseSpan(tt.span)
		if err != nil {
			t.Fatal(err)
		}
		from, err := time.Parse(time.RFC3339, tt.from)
		if err != nil {
			t.Fatal(err)
		}
		got, err := span.After(from, tt.h)
		if err != nil || got.Format(time.RFC3339) != tt.want {
			t.Errorf("%s after %s: %s, %v; want %s", tt.span, tt.from, got.Format(time.RFC3339), err, tt.want)
		}
	}
}

func FuzzParseSpan(f *testing.F) {
	for _, s := range []string{"48h", "16bh", "7d", "3m", "", "0h", "-1d", "07d", "99999h", "3 m", "３d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		span, err := referral.ParseSpan(text)
		if err == nil && (span.String() != text || span.N < 1) {
			t.Errorf("%q was read as %q", text, span)
		}
	})
}

func FuzzParseAllowed(f *testing.F) {
	f.Add("3x5x2 P\n3x5x2 C A1 S2\n\ntlp amber+strict")
	f.Add("3x5x2")
	f.Add("a b b a")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := referral.ParseAllowed(text)
		if err != nil {
			return
		}
		again := ""
		for _, a := range all {
			again += a.String() + "\n"
		}
		twice, err := referral.ParseAllowed(again)
		if err != nil || len(twice) != len(all) {
			t.Fatalf("%q was written as %q, which is read as %v, %v", text, again, twice, err)
		}
		for i := range all {
			if all[i].String() != twice[i].String() {
				t.Fatalf("%v became %v", all[i], twice[i])
			}
		}
	})
}

func TestReportClocks(t *testing.T) {
	arrived := start
	day := func(n int) time.Time { return arrived.AddDate(0, 0, n) }
	tests := []struct {
		name  string
		facts referral.ReportFacts
		now   time.Time
		want  []referral.Status
	}{
		{"fresh", referral.ReportFacts{Arrived: arrived}, arrived.Add(time.Hour), []referral.Status{referral.Running, referral.Running, referral.Running}},
		{"nobody looked for two days", referral.ReportFacts{Arrived: arrived}, day(2), []referral.Status{referral.Overdue, referral.Running, referral.Running}},
		{"danger after two hours", referral.ReportFacts{Arrived: arrived, Danger: true}, arrived.Add(2 * time.Hour), []referral.Status{referral.Overdue, referral.Running, referral.Running}},
		{"read, not answered for eight days", referral.ReportFacts{Arrived: arrived, FirstRead: arrived.Add(time.Hour)}, day(8), []referral.Status{referral.Met, referral.Overdue, referral.Running}},
		{"answered late", referral.ReportFacts{Arrived: arrived, FirstRead: day(3), Answered: day(9)}, day(10), []referral.Status{referral.Late, referral.Late, referral.Running}},
		{"no feedback for four months", referral.ReportFacts{Arrived: arrived, FirstRead: day(0), Answered: day(1)}, day(120), []referral.Status{referral.Met, referral.Met, referral.Overdue}},
		{"answered and closed", referral.ReportFacts{Arrived: arrived, FirstRead: day(0), Answered: day(30), Closed: true}, day(200), []referral.Status{referral.Met, referral.Late, referral.Met}},
	}
	for _, tt := range tests {
		clocks, err := referral.ReportClocks(tt.facts, referral.Usual(), programme.Hours{Zone: "Europe/Copenhagen"})
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range clocks {
			if got := c.Status(tt.now); got != tt.want[i] {
				t.Errorf("%s: %s is %s, want %s", tt.name, c.Name, got, tt.want[i])
			}
		}
	}
}
