// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"math"
	"testing"
)

// Points whose two kinds of coordinates are public: the guide's own example (a
// water tower in Norfolk), Downing Street, Lerwick and St Mary's.
func TestTheGridBecomesDegrees(t *testing.T) {
	for name, p := range map[string]struct{ east, north, lat, long float64 }{
		"Caister":   {651409.903, 313177.270, 52.65798, 1.71605},
		"SW1A 2AA":  {530047, 179951, 51.50354, -0.12768},
		"Lerwick":   {447700, 1141500, 60.154, -1.142},
		"St Mary's": {90500, 10600, 49.914, -6.31},
	} {
		lat, long := degrees(p.east, p.north)
		if math.Abs(lat-p.lat) > 0.003 || math.Abs(long-p.long) > 0.005 {
			t.Errorf("%s: %.5f, %.5f, want %.5f, %.5f", name, lat, long, p.lat, p.long)
		}
	}
	if lat, long := degrees(651409.903, 313177.270); math.Abs(lat-52.65798) > 0.0001 || math.Abs(long-1.71605) > 0.0001 {
		t.Errorf("the guide's example: %.6f, %.6f", lat, long)
	}
}
