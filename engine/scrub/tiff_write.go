// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
)

// resolution drops how many dots an inch has, unless it says that they are no
// squares, as in a fax.
func (t *tiff) resolution(p *tiffPage) {
	var x, y []byte
	for _, v := range p.values {
		if v.typ == 5 && v.count == 1 && v.tag == tiffXRes {
			x = v.data
		} else if v.typ == 5 && v.count == 1 && v.tag == tiffYRes {
			y = v.data
		}
	}
	if x != nil && y != nil && !bytes.Equal(x, y) {
		return
	}
	p.values = slices.DeleteFunc(p.values, func(v tiffValue) bool {
		gone := v.tag == tiffXRes || v.tag == tiffYRes
		if gone {
			t.facts.remove(KindSettings)
		}
		return gone
	})
}

// write writes the pages, each as its directory, what doesn't fit there, and
// its parts.
func (t *tiff) write() error {
	head := []byte("II*\x00")
	if t.order == binary.ByteOrder(binary.BigEndian) {
		head = []byte("MM\x00*")
	}
	t.plan.lit(head...)
	t.plan.lit(t.uint32(8)...)
	for i := range t.pages {
		if err := t.writePage(&t.pages[i], i == len(t.pages)-1); err != nil {
			return err
		}
	}
	return nil
}

func (t *tiff) uint32(v int64) []byte {
	b := make([]byte, 4)
	t.order.PutUint32(b, uint32(v))
	return b
}

func (t *tiff) longs(tag uint16, list []int64) tiffValue {
	v := tiffValue{tag: tag, typ: 4, count: int64(len(list))}
	for _, n := range list {
		v.data = append(v.data, t.uint32(n)...)
	}
	return v
}

func (t *tiff) writePage(p *tiffPage, last bool) error {
	parts, err := t.cleanParts(p)
	if err != nil {
		return err
	}
	sizes := make([]int64, len(parts))
	places := make([]int64, len(parts))
	for i, part := range parts {
		sizes[i] = part.Size
	}
	at, count := uint16(tiffStrips), uint16(tiffStripBytes)
	if p.tiled {
		at, count = tiffTiles, tiffTileBytes
	}
	values := append(p.values, t.longs(at, places), t.longs(count, sizes))
	if p.icc != nil {
		values = append(values, tiffValue{tiffICC, 7, int64(len(p.icc)), p.icc})
	}
	slices.SortFunc(values, func(a, b tiffValue) int { return cmp.Compare(a.tag, b.tag) })
	// Where everything will be.
	behind := t.plan.Size + 6 + 12*int64(len(values))
	free := behind
	for _, v := range values {
		if n := int64(len(v.data)); n > 4 {
			free += n + n%2
		}
	}
	for i, part := range parts {
		places[i] = free
		free += part.Size + part.Size%2
	}
	if free > 1<<32-1 {
		return refuse(ReasonTooLarge, "tiff: more than its places can say")
	}
	var rows, tail []byte
	for _, v := range values {
		if v.tag == at {
			v = t.longs(at, places)
		}
		row := make([]byte, 12)
		t.order.PutUint16(row, v.tag)
		t.order.PutUint16(row[2:], v.typ)
		t.order.PutUint32(row[4:], uint32(v.count))
		if len(v.data) <= 4 {
			copy(row[8:], v.data)
		} else {
			t.order.PutUint32(row[8:], uint32(behind+int64(len(tail))))
			tail = append(tail, v.data...)
			tail = append(tail, make([]byte, len(tail)%2)...)
		}
		rows = append(rows, row...)
	}
	n := make([]byte, 2)
	t.order.PutUint16(n, uint16(len(values)))
	next := free
	if last {
		next = 0
	}
	t.plan.lit(n...)
	t.plan.lit(rows...)
	t.plan.lit(t.uint32(next)...)
	t.plan.lit(tail...)
	for _, part := range parts {
		t.plan.add(part)
		if part.Size%2 == 1 {
			t.plan.lit(0)
		}
	}
	return nil
}

// cleanParts returns what stays of each strip or tile. Those that are JPEG can
// hold what every JPEG can.
func (t *tiff) cleanParts(p *tiffPage) ([]*Plan, error) {
	var out []*Plan
	isJPEG := t.get(p, tiffCompression, 1) == 7
	for _, part := range p.parts {
		if !isJPEG || part.n == 0 {
			out = append(out, t.src.plan(part.off, part.n))
			continue
		}
		plan, err := t.tables(t.src.section(part.off, part.n), true)
		if err != nil {
			return nil, err
		}
		out = append(out, plan)
	}
	for i, v := range p.values {
		if v.tag != tiffTables {
			continue
		}
		if !isJPEG || v.typ != 7 {
			return nil, malformed("tiff: tables of a JPEG that isn't there")
		}
		plan, err := t.tables(memSource(v.data), false)
		if err != nil {
			return nil, err
		}
		if v.data, err = plan.bytes(memSource(v.data)); err != nil {
			return nil, err
		}
		v.count = int64(len(v.data))
		p.values[i] = v
	}
	return out, nil
}

// tables cleans a JPEG that is a part of a picture: one with scans, or only
// the tables that others share.
func (t *tiff) tables(src *source, scans bool) (*Plan, error) {
	b, err := src.at(0, 2)
	if err != nil {
		return nil, err
	}
	if string(b) != "\xFF\xD8" {
		return nil, malformed("tiff: a part that is no JPEG")
	}
	p := &jpeg{job: &job{src: src, plan: &Plan{}, facts: t.facts, budget: t.budget, typ: TypeJPEG}, at: 2, body: &Plan{}}
	if err := p.walk(); err != nil {
		return nil, err
	}
	if scans != (p.frame && p.scans > 0) || (!scans && p.frame) {
		return nil, malformed("tiff: a part that is no JPEG")
	}
	p.exif, p.icc = nil, nil
	p.jfif = false
	p.write()
	if p.at < src.size {
		t.facts.remove(KindHidden)
	}
	return p.plan, nil
}
