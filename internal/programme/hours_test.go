// SPDX-License-Identifier: AGPL-3.0-or-later

package programme_test

import (
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/programme"
)

func TestNextReading(t *testing.T) {
	office := programme.Hours{Zone: "Europe/Copenhagen"}
	for day := time.Monday; day <= time.Friday; day++ {
		office.Windows = append(office.Windows, programme.Window{Day: day, Start: 8 * 60, End: 16 * 60})
	}
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct{ name, now, want string }{
		{"inside a window", "2026-11-23T09:00:00+01:00", "2026-11-23T09:00:00+01:00"},
		{"before it opens", "2026-11-23T06:00:00+01:00", "2026-11-23T08:00:00+01:00"},
		{"after it closes", "2026-11-23T16:00:00+01:00", "2026-11-24T08:00:00+01:00"},
		{"over the weekend", "2026-11-27T17:00:00+01:00", "2026-11-30T08:00:00+01:00"},
		{"over the change to winter time", "2026-10-24T12:00:00+02:00", "2026-10-26T08:00:00+01:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := office.Next(at(c.now))
			if err != nil || !got.Equal(at(c.want)) {
				t.Fatalf("Next = %v, %v; want %s", got, err, c.want)
			}
		})
	}
}

func TestRoundTheClockNeverCloses(t *testing.T) {
	now := time.Date(2026, 11, 22, 3, 4, 5, 0, time.UTC)
	got, err := programme.Hours{Zone: "UTC"}.Next(now)
	if err != nil || !got.Equal(now) {
		t.Fatalf("Next = %v, %v", got, err)
	}
}

func TestUnknownZoneIsAnError(t *testing.T) {
	if _, err := (programme.Hours{Zone: "Mars/Olympus"}).Next(time.Now()); err == nil {
		t.Fatal("accepted")
	}
}
