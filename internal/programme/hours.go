// SPDX-License-Identifier: AGPL-3.0-or-later

package programme

import (
	"fmt"
	"iter"
	"maps"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/memo"
)

func mapKeys(t Text) iter.Seq[string] { return maps.Keys(t) }

// mostZones is how many time zones are remembered; reading one takes longer than
// all the rest of Next.
const mostZones = 600

type zone struct {
	zone *time.Location
	err  error
}

var zones = memo.Of(mostZones, func(name string) zone {
	found, err := time.LoadLocation(name)
	return zone{found, err}
})

// Next returns when the desk reads next, counted from now: now itself inside
// a window, else the start of the nearest one within eight days. The answer is
// in the desk's zone. Hours without windows never close.
func (h Hours) Next(now time.Time) (time.Time, error) {
	found := zones(h.Zone)
	if found.err != nil {
		return time.Time{}, fmt.Errorf("read opening hours: %w", found.err)
	}
	zone := found.zone
	local := now.In(zone)
	if len(h.Windows) == 0 {
		return local, nil
	}
	var best time.Time
	for offset := range 8 {
		day := time.Date(local.Year(), local.Month(), local.Day()+offset, 0, 0, 0, 0, zone)
		for _, w := range h.Windows {
			if w.Day != day.Weekday() {
				continue
			}
			start := time.Date(day.Year(), day.Month(), day.Day(), 0, w.Start, 0, 0, zone)
			end := time.Date(day.Year(), day.Month(), day.Day(), 0, w.End, 0, 0, zone)
			switch {
			case !local.Before(end):
				continue
			case start.Before(local):
				return local, nil
			case best.IsZero() || start.Before(best):
				best = start
			}
		}
		if !best.IsZero() {
			return best, nil
		}
	}
	return time.Time{}, fmt.Errorf("read opening hours: no window in the coming week")
}
