// SPDX-License-Identifier: Apache-2.0

package scrub

import "strconv"

// What one file may cost, whatever it holds.
const (
	maxPixels    = 256 << 20 // the largest phone camera has 200 million
	maxInflated  = 512 << 20 // all that is unpacked, one after the other
	maxInMemory  = 64 << 20  // one thing that has to be held whole
	maxRatio     = 200       // unpacked to packed, beyond the first MiB
	maxParts     = 1 << 20   // pieces of any kind: segments, objects, samples' runs
	freeInflated = 4 << 20
)

// budget counts what a file costs, its inner files included.
type budget struct {
	inflated int64 // may still be unpacked
	parts    int   // may still be met
	size     int64 // of the outermost file
}

func newBudget(size int64) *budget {
	return &budget{inflated: maxInflated, parts: maxParts, size: size}
}

// part counts a piece.
func (b *budget) part() error {
	if b.parts--; b.parts < 0 {
		return refuse(ReasonTooLarge, "too many parts")
	}
	return nil
}

// inflate asks how much may come out of packed bytes.
func (b *budget) limit(packed int64) int64 {
	return min(b.inflated, maxInMemory, freeInflated+packed*maxRatio)
}

func (b *budget) spend(n int64) { b.inflated -= n }

// pixels refuses an image that is too large to show.
func pixels(w, h int64) error {
	if w <= 0 || h <= 0 {
		return malformed("an image without extent")
	}
	if w > maxPixels/h {
		return refuse(ReasonTooLarge, "more than "+itoa(maxPixels>>20)+" million pixels")
	}
	return nil
}

func itoa(n int) string { return strconv.Itoa(n) }
