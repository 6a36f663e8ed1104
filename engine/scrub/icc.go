// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bytes"
	"encoding/binary"
)

// A colour profile can be measured on one screen, and says who made it and
// when. Pictures need only the well-known ones, so a profile with the primary
// colours of one of these is replaced by ours, and any other is dropped:
// programmes then take the picture for sRGB.

// colourSpace is a well-known space: its primaries as a profile stores them
// (adapted to D50, in units of 1/10000), and its curve.
type colourSpace struct {
	primaries [9]int32
	gamma     int32 // in units of 1/65536; 0 for the curve of sRGB
}

func colourSpaces() []colourSpace {
	return []colourSpace{
		{[9]int32{5151, 2412, -11, 2920, 6922, 419, 1571, 666, 7841}, 0},      // Display P3
		{[9]int32{6097, 3111, 195, 2053, 6257, 609, 1492, 632, 7446}, 144179}, // Adobe RGB (1998)
		{[9]int32{7977, 2880, 0, 1352, 7119, 0, 313, 1, 8249}, 117965},        // ProPhoto
		{[9]int32{6735, 2790, -19, 1657, 6753, 300, 1251, 456, 7968}, 0},      // BT.2020
	}
}

// freshProfile writes the profile of a well-known space.
func freshProfile(space colourSpace) []byte {
	text := append([]byte("mluc\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x0CenUS\x00\x00\x00\x02\x00\x00\x00\x1C"), 0, 'c', 0, 0)
	xyz := func(v ...int32) []byte {
		b := []byte("XYZ \x00\x00\x00\x00")
		for _, x := range v {
			b = binary.BigEndian.AppendUint32(b, uint32(int64(x)*65536/10000))
		}
		return b
	}
	curve := []byte("para\x00\x00\x00\x00\x00\x03\x00\x00")
	for _, v := range []uint32{0x00026666, 0x0000F2A7, 0x00000D59, 0x000013D0, 0x00000A5B} {
		curve = binary.BigEndian.AppendUint32(curve, v)
	}
	if space.gamma != 0 {
		curve = binary.BigEndian.AppendUint32([]byte("para\x00\x00\x00\x00\x00\x00\x00\x00"), uint32(space.gamma))
	}
	p := space.primaries
	tags := []struct {
		name string
		data []byte
	}{
		{"desc", text},
		{"cprt", text},
		{"wtpt", xyz(9642, 10000, 8249)},
		{"rXYZ", xyz(p[0], p[1], p[2])},
		{"gXYZ", xyz(p[3], p[4], p[5])},
		{"bXYZ", xyz(p[6], p[7], p[8])},
		{"rTRC", curve},
		{"gTRC", curve},
		{"bTRC", curve},
	}
	out := make([]byte, 128)
	copy(out[8:], "\x04\x30\x00\x00mntrRGB XYZ ")
	copy(out[36:], "acsp")
	copy(out[68:], "\x00\x00\xF6\xD6\x00\x01\x00\x00\x00\x00\xD3\x2D")
	out = binary.BigEndian.AppendUint32(out, uint32(len(tags)))
	at, places := 128+4+12*len(tags), map[string]int{}
	var body []byte
	for _, t := range tags {
		place, ok := places[string(t.data)]
		if !ok {
			place = at + len(body)
			places[string(t.data)] = place
			body = append(body, t.data...)
		}
		out = append(out, t.name...)
		out = binary.BigEndian.AppendUint32(out, uint32(place))
		out = binary.BigEndian.AppendUint32(out, uint32(len(t.data)))
	}
	out = append(out, body...)
	binary.BigEndian.PutUint32(out, uint32(len(out)))
	return out
}

// spaceOf recognises a profile by its primaries.
func spaceOf(b []byte) (colourSpace, bool) {
	if len(b) < 132 || string(b[36:40]) != "acsp" || string(b[16:20]) != "RGB " {
		return colourSpace{}, false
	}
	var got [9]int32
	found := 0
	n := int(binary.BigEndian.Uint32(b[128:]))
	for i := 0; i < n && 132+12*(i+1) <= len(b); i++ {
		row := b[132+12*i:]
		at := uint64(binary.BigEndian.Uint32(row[4:]))
		k := bytes.Index([]byte("rXYZgXYZbXYZ"), row[:4])
		if k < 0 || k%4 != 0 || at+20 > uint64(len(b)) {
			continue
		}
		for c := range 3 {
			v := int64(int32(binary.BigEndian.Uint32(b[at+8+4*uint64(c):])))
			got[3*(k/4)+c] = int32(v * 10000 / 65536)
		}
		found++
	}
	for _, space := range colourSpaces() {
		near := found == 3
		for i, v := range space.primaries {
			near = near && got[i]-v <= 30 && v-got[i] <= 30
		}
		if near {
			return space, true
		}
	}
	return colourSpace{}, false
}

// takeICC reports a colour profile and returns the one that replaces it, nil
// where none is needed.
func (j *job) takeICC(b []byte) []byte {
	space, ok := spaceOf(b)
	if !ok {
		j.facts.remove(KindColourProfile)
		return nil
	}
	fresh := freshProfile(space)
	if !bytes.Equal(b, fresh) {
		j.facts.remove(KindColourProfile)
	}
	return fresh
}
