// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bytes"
	"encoding/binary"
)

// gif is the walk through one GIF.
type gif struct {
	*job
	at     int64
	frames int
}

// cleanGIF keeps the colours, the frames, how long each is shown, and how
// often all are.
func cleanGIF(j *job) error {
	g := &gif{job: j}
	b, err := j.src.keep(0, 13)
	if err != nil {
		return err
	}
	if v := string(b[3:6]); v != "87a" && v != "89a" {
		return refuse(ReasonUnsupported, "gif: neither 87a nor 89a")
	}
	if err := pixels(int64(binary.LittleEndian.Uint16(b[6:])), int64(binary.LittleEndian.Uint16(b[8:]))); err != nil {
		return err
	}
	if b[12] != 0 {
		j.facts.remove(KindSettings)
		b[12] = 0 // the shape of a pixel, which nothing heeds
	}
	j.plan.lit(b...)
	g.at = 13
	if err := g.colours(b[10]); err != nil {
		return err
	}
	if err := g.blocks(); err != nil {
		return err
	}
	if g.frames == 0 {
		return malformed("gif: no picture")
	}
	j.plan.lit(0x3B)
	return j.trailing(g.at)
}

// colours keeps the table that the flags say follows.
func (g *gif) colours(flags byte) error {
	if flags&0x80 == 0 {
		return nil
	}
	n := int64(3) << (flags&7 + 1)
	if !g.src.has(g.at, n) {
		return refuse(ReasonTruncated, "gif: colours")
	}
	g.plan.copy(g.src, g.at, n)
	g.at += n
	return nil
}

func (g *gif) blocks() error {
	for {
		if err := g.budget.part(); err != nil {
			return err
		}
		b, err := g.src.at(g.at, 1)
		if err != nil {
			return err
		}
		g.at++
		switch b[0] {
		case 0x3B:
			return nil
		case 0x00:
			g.facts.remove(KindHidden) // between blocks nothing belongs
		case 0x21:
			err = g.extension()
		case 0x2C:
			err = g.frame()
		default:
			err = malformed("gif: no block where one belongs")
		}
		if err != nil {
			return err
		}
	}
}

// extension reads what stands beside frames; how a frame is shown and how
// often all are is written anew.
func (g *gif) extension() error {
	b, err := g.src.at(g.at, 1)
	if err != nil {
		return err
	}
	label := b[0]
	g.at++
	from := g.at
	content, err := g.gather(64 << 10)
	if err != nil {
		return err
	}
	switch {
	case label == 0xF9 && len(content) == 4:
		content[0] &= 0x1F
		g.plan.str("\x21\xF9\x04")
		g.plan.lit(append(content, 0)...)
	case label == 0xFF && len(content) == 14 && content[11] == 1 && (bytes.HasPrefix(content, []byte("NETSCAPE2.0")) || bytes.HasPrefix(content, []byte("ANIMEXTS1.0"))):
		g.plan.str("\x21\xFF\x0BNETSCAPE2.0\x03\x01")
		g.plan.lit(content[12], content[13], 0)
		if content[0] == 'A' || g.at-from != 17 {
			g.facts.remove(KindSoftware)
		}
	case label == 0xFE:
		g.facts.remove(KindComment)
	case label == 0xFF && bytes.HasPrefix(content, []byte("XMP Data")):
		return g.packet(from)
	case label == 0xFF && bytes.HasPrefix(content, []byte("ICCRGBG1012")):
		g.facts.remove(KindColourProfile)
	case label == 0xFF && (bytes.HasPrefix(content, []byte("MGK8BIM")) || bytes.HasPrefix(content, []byte("MGKIPTC"))):
		g.takeIPTC(content)
	case label == 0x01:
		g.facts.remove(KindHidden) // words over the picture, which no programme shows
	default:
		g.facts.remove(KindUnknown)
	}
	return nil
}

// packet reports an XMP packet, whose bytes don't lie in blocks.
func (g *gif) packet(from int64) error {
	b, err := g.src.keep(from, int(min(g.at-from, 1<<20)))
	if err == nil {
		g.takeXMP(b)
	}
	return err
}

// gather passes over blocks up to the empty one and returns at most limit
// bytes of what they hold.
func (g *gif) gather(limit int) ([]byte, error) {
	var out []byte
	for {
		if err := g.budget.part(); err != nil {
			return nil, err
		}
		b, err := g.src.at(g.at, 1)
		if err != nil {
			return nil, err
		}
		n := int(b[0])
		if b, err = g.src.at(g.at+1, n); err != nil {
			return nil, err
		}
		g.at += 1 + int64(n)
		if n == 0 {
			return out, nil
		}
		if len(out) < limit {
			out = append(out, b...)
		}
	}
}

// frame keeps one picture. Its codes are counted, not drawn, to find the one
// that ends it: what lies behind that one is seen by nobody.
func (g *gif) frame() error {
	b, err := g.src.keep(g.at, 9)
	if err != nil {
		return err
	}
	if err := pixels(int64(binary.LittleEndian.Uint16(b[4:])), int64(binary.LittleEndian.Uint16(b[6:]))); err != nil {
		return err
	}
	b[8] &^= 0x18 // reserved
	g.plan.lit(append([]byte{0x2C}, b...)...)
	g.at += 9
	if err := g.colours(b[8]); err != nil {
		return err
	}
	if b, err = g.src.at(g.at, 1); err != nil {
		return err
	}
	if b[0] < 2 || b[0] > 8 {
		return malformed("gif: the size of codes")
	}
	codes := newCodeWalk(b[0])
	g.plan.lit(b[0])
	g.at++
	g.frames++
	for {
		if b, err = g.src.at(g.at, 1); err != nil {
			return err
		}
		n := int(b[0])
		if b, err = g.src.at(g.at, 1+n); err != nil {
			return err
		}
		if n == 0 {
			g.at++
			g.plan.lit(0)
			return nil
		}
		used, err := codes.walk(b[1:])
		switch {
		case err != nil:
			return err
		case used == n:
			g.plan.copy(g.src, g.at, 1+int64(n))
		default:
			g.facts.remove(KindHidden)
			if used > 0 {
				g.plan.lit(byte(used))
				g.plan.copy(g.src, g.at+1, int64(used))
			}
		}
		g.at += 1 + int64(n)
	}
}

// codeWalk follows the widths of LZW codes up to the one that ends them.
type codeWalk struct {
	clear        uint
	width, least uint
	next         uint
	bits, have   uint
	first, done  bool
}

func newCodeWalk(size byte) *codeWalk {
	return &codeWalk{clear: 1 << size, width: uint(size) + 1, least: uint(size) + 1, next: 1<<size + 2, first: true}
}

// walk returns how many of the bytes belong to codes.
func (c *codeWalk) walk(b []byte) (int, error) {
	for i := range b {
		if c.done {
			return i, nil
		}
		c.bits |= uint(b[i]) << c.have
		c.have += 8
		for c.have >= c.width && !c.done {
			code := c.bits & (1<<c.width - 1)
			c.bits >>= c.width
			c.have -= c.width
			if err := c.step(code); err != nil {
				return 0, err
			}
		}
	}
	return len(b), nil
}

func (c *codeWalk) step(code uint) error {
	switch {
	case code == c.clear:
		c.width, c.next, c.first = c.least, c.clear+2, true
	case code == c.clear+1:
		c.done = true
	case c.first:
		if code > c.clear {
			return malformed("gif: a code that means nothing")
		}
		c.first = false
	case code > c.next:
		return malformed("gif: a code that means nothing")
	case c.next < 4096:
		c.next++
		if c.next == 1<<c.width && c.width < 12 {
			c.width++
		}
	}
	return nil
}
