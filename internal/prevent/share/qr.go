// SPDX-License-Identifier: AGPL-3.0-or-later

package share

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// MaxCode is the length in bytes of the longest address that a code is made
// of: a longer one makes squares that a poster can't carry.
const MaxCode = 200

// quiet is the empty border that the standard (ISO/IEC 18004) asks for, in
// squares.
const quiet = 4

// Code is a QR code as an SVG draws it.
type Code struct {
	Size int    // of the drawing, in squares, with its border
	Path string // of the dark squares
}

// Pixels is how wide the code is drawn, so that every square is as wide as the
// others.
func (c Code) Pixels() int { return 6 * c.Size }

// NewCode makes the code of an address. A quarter of it may be torn off or
// dirty, and it is read all the same.
func NewCode(address string) (Code, error) {
	if len(address) > MaxCode {
		return Code{}, fmt.Errorf("the address has %d bytes, at most %d", len(address), MaxCode)
	}
	c, err := qr.Encode(address, qr.Q)
	if err != nil {
		return Code{}, fmt.Errorf("make a code: %w", err)
	}
	var b strings.Builder
	for y := range c.Size {
		for x := 0; x < c.Size; x++ {
			from := x
			for x < c.Size && c.Black(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from+quiet, y+quiet, x-from, x-from)
			}
		}
	}
	return Code{Size: c.Size + 2*quiet, Path: b.String()}, nil
}
