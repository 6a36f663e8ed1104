// SPDX-License-Identifier: AGPL-3.0-or-later

package clock_test

import (
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
)

func TestHourForgetsMinutes(t *testing.T) {
	early := time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)
	late := time.Date(2026, 11, 23, 14, 59, 59, 999, time.UTC)
	if clock.HourOf(early) != clock.HourOf(late) {
		t.Fatal("two instants of one hour differ")
	}
	if got := clock.HourOf(late).Time(); !got.Equal(early) {
		t.Fatalf("Time() = %v, want the start of the hour", got)
	}
}

func TestHourOfIsTheSameInEveryZone(t *testing.T) {
	at := time.Date(2026, 6, 1, 1, 30, 0, 0, time.FixedZone("half", 5400))
	if clock.HourOf(at) != clock.HourOf(at.UTC()) {
		t.Fatal("the hour depends on the zone")
	}
}
