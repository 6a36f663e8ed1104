// SPDX-License-Identifier: AGPL-3.0-or-later

package directory

import (
	"math"
	"math/bits"
	"sync/atomic"
	"time"
)

// minute is which services are open in one minute, as far as anybody asked.
// What is open changes with what clocks show, which is minutes.
type minute struct {
	at    time.Time
	asked []atomic.Int32 // of each timetable: 0 not asked, 1 closed, 2 open
	known []atomic.Uint64
	bits  []atomic.Uint64 // of those that are known: open
}

// minute returns the answers for now's minute. The last minute's are kept: a
// busy site asks the same many times.
func (x *Index) minute(now time.Time) *minute {
	now = now.Truncate(time.Minute)
	if m := x.lastMinute.Load(); m != nil && m.at.Equal(now) {
		return m
	}
	m := &minute{now, make([]atomic.Int32, len(x.tables)), make([]atomic.Uint64, len(x.all)), make([]atomic.Uint64, len(x.all))}
	x.lastMinute.Store(m)
	return m
}

// open returns which services of a word are open, of those that mask has.
func (x *Index) open(w int, mask uint64, m *minute) uint64 {
	if ask := mask &^ m.known[w].Load(); ask != 0 {
		var open uint64
		for bit := ask; bit != 0; bit &= bit - 1 {
			if n := bits.TrailingZeros64(bit); x.isOpen(w*64+n, m) {
				open |= 1 << n
			}
		}
		m.bits[w].Or(open)
		m.known[w].Or(ask) // after the bits, so that nobody reads them too early
	}
	return m.bits[w].Load() & mask
}

// closed reports whether a service is known to be closed: nobody has to work
// out how far away it is.
func (m *minute) closed(w int, bit uint64) bool {
	return m.known[w].Load()&bit != 0 && m.bits[w].Load()&bit == 0
}

func (x *Index) isOpen(i int, m *minute) bool {
	t := x.table[i]
	if t < 0 {
		return false
	}
	state := m.asked[t].Load()
	if state == 0 {
		state = 1
		if open, _, known := x.tables[t].Open(m.at); open && known {
			state = 2
		}
		m.asked[t].Store(state)
	}
	return state == 2
}

// today is which services should have been checked again before a day.
type today struct {
	day   string
	stale bitset
}

func (x *Index) stale(now time.Time) bitset {
	day := now.Format(time.DateOnly)
	if d := x.lastDay.Load(); d != nil && d.day == day {
		return d.stale
	}
	d, at := &today{day, make(bitset, len(x.all))}, daysOf(now)
	for i := range x.Services {
		if x.Services[i].stale(at) {
			d.stale.set(i)
		}
	}
	x.lastDay.Store(d)
	return d.stale
}

// square is a piece of the earth of one degree by one degree, by its corner in
// the south-west.
type square struct{ lat, long int16 }

func squareOf(lat, long float64) square {
	return square{int16(math.Floor(lat)), int16(math.Mod(math.Floor(long)+540, 360)) - 180}
}

// around returns the squares in which everything lies that nearest finds within
// Reach of a point, and some more.
func around(lat, long float64) []square {
	const degrees = Reach / earth * 180 / math.Pi * 1.001
	cos := func(lat float64) float64 { return math.Cos(min(90, math.Abs(lat)) * math.Pi / 180) }
	var all []square
	for row := math.Floor(lat - degrees); row <= math.Floor(lat+degrees); row++ {
		// As nearest reckons, a degree to the east is the shorter, the nearer to
		// the poles both ends are.
		wide := 180.0
		if short := (cos(lat) + min(cos(row), cos(row+1))) / 2; degrees < 180*short {
			wide = degrees / short
		}
		from, to := math.Floor(long-wide), math.Floor(long+wide)
		for column := from; column <= min(to, from+359); column++ {
			all = append(all, squareOf(row, column))
		}
	}
	return all
}

// nearest returns how far the nearest place of a service is that has one.
func (x *Index) nearest(i int, lat, long, cos float64) (km float64) {
	best := math.MaxFloat64
	for _, p := range x.points[x.first[i]:x.first[i+1]] {
		// Flat within reach of a point: off by less than one in a hundred.
		dy, dx := p.lat-lat, p.long-long
		switch { // the other way around the earth
		case dx > math.Pi:
			dx -= 2 * math.Pi
		case dx < -math.Pi:
			dx += 2 * math.Pi
		}
		dx *= (cos + p.cos) / 2
		best = min(best, dy*dy+dx*dx)
	}
	return earth * math.Sqrt(best)
}
