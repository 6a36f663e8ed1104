// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"encoding/binary"
	"slices"
)

// Boxes are what MP4, MOV, 3GP, M4A, HEIC and AVIF consist of.

// box is one box: in memory with its body, or only its place in the file.
type box struct {
	typ  string
	off  int64 // of the body in the file; only of topBoxes
	size int64 // of the body
	body []byte
}

// topBoxes lists the boxes of the file, without reading what is in them.
func topBoxes(s *source) ([]box, error) {
	var list []box
	for at := int64(0); at < s.size; {
		if len(list) > 1<<16 {
			return nil, refuse(ReasonTooLarge, "too many boxes")
		}
		b, err := s.upTo(at, 16)
		if err != nil {
			return nil, err
		}
		if len(b) < 8 {
			break // less than a box: behind the end
		}
		size, head := int64(binary.BigEndian.Uint32(b)), int64(8)
		switch size {
		case 1:
			if len(b) < 16 {
				return nil, refuse(ReasonTruncated, "a box without length")
			}
			size, head = int64(binary.BigEndian.Uint64(b[8:])), 16
		case 0:
			size = s.size - at
		}
		typ := string(b[4:8])
		if size < head {
			return nil, malformed("a box shorter than its head")
		}
		if !s.has(at, size) {
			return nil, refuse(ReasonTruncated, "a box ends too early")
		}
		list = append(list, box{typ: typ, off: at + head, size: size - head})
		at += size
	}
	return list, nil
}

// load reads a box of the file into memory.
func (b *box) load(s *source) error {
	if b.size > maxInMemory {
		return refuse(ReasonTooLarge, "a box of structure is too large")
	}
	var err error
	b.body, err = s.keep(b.off, int(b.size))
	return err
}

// boxesIn lists the boxes in b. QuickTime ends some lists with four zeros.
func boxesIn(b []byte) ([]box, error) {
	var list []box
	for len(b) >= 8 {
		size, head := uint64(binary.BigEndian.Uint32(b)), uint64(8)
		typ := string(b[4:8])
		if size == 1 && len(b) >= 16 {
			size, head = binary.BigEndian.Uint64(b[8:]), 16
		} else if size == 0 {
			size = uint64(len(b))
		}
		if size < head || size > uint64(len(b)) {
			return nil, malformed("a box ends outside the one that holds it")
		}
		list = append(list, box{typ: typ, body: b[head:size], size: int64(size - head)})
		b = b[size:]
	}
	return list, nil
}

func findBox(list []box, typ string) ([]byte, bool) {
	i := slices.IndexFunc(list, func(b box) bool { return b.typ == typ })
	if i < 0 {
		return nil, false
	}
	return list[i].body, true
}

// makeBox writes a box.
func makeBox(typ string, parts ...[]byte) []byte {
	n := 8
	for _, p := range parts {
		n += len(p)
	}
	out := append(binary.BigEndian.AppendUint32(make([]byte, 0, n), uint32(n)), typ...)
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func u16(v int) []byte   { return binary.BigEndian.AppendUint16(nil, uint16(v)) }
func u32(v int64) []byte { return binary.BigEndian.AppendUint32(nil, uint32(v)) }

// mdatHead writes the head of a box of n bytes of data.
func mdatHead(n int64) []byte {
	if n+8 > 1<<32-1 {
		return append(append(u32(1), "mdat"...), binary.BigEndian.AppendUint64(nil, uint64(n+16))...)
	}
	return append(u32(n+8), "mdat"...)
}

// inData reports whether n bytes from off lie within the data boxes.
func inData(top []box, off, n int64) bool {
	for _, b := range top {
		if b.typ == "mdat" && off >= b.off && n <= b.size && off-b.off <= b.size-n {
			return true
		}
	}
	return false
}
