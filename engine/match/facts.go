// SPDX-License-Identifier: Apache-2.0

package match

import (
	"encoding/binary"
	"unsafe"
)

// AppendFacts appends to out the stored form of what Against.Score weighs
// beside names: schema, countries, gender, dates and identifiers. Like that of
// names it belongs to one version of this package.
func (e *Entity) AppendFacts(out []byte) []byte {
	out = appendText(out, e.Schema)
	out = append(out, byte(e.Sort), e.gender)
	for _, n := range [4]int{len(e.Countries), len(e.begun), len(e.ended), len(e.ids)} {
		out = binary.AppendUvarint(out, uint64(n))
	}
	for _, c := range e.Countries {
		out = append(out, c[0], c[1])
	}
	for _, list := range [2][]date{e.begun, e.ended} {
		for _, d := range list {
			out = binary.LittleEndian.AppendUint16(out, uint16(d.year))
			out = binary.LittleEndian.AppendUint16(out, uint16(d.last))
			out = append(out, byte(d.month), byte(d.day))
		}
	}
	for _, id := range e.ids {
		out = append(out, id.kind.number, byte(id.kind.strength))
		out = appendText(out, id.value)
	}
	return out
}

// SetFacts makes e an entity of which only what AppendFacts wrote is known. Its
// texts are those of stored, which must stay as it is as long as e is used; its
// lists are used again.
func (e *Entity) SetFacts(stored []byte) error {
	*e = Entity{Countries: e.Countries[:0], begun: e.begun[:0], ended: e.ended[:0], ids: e.ids[:0]}
	var ok bool
	if e.Schema, stored, ok = viewText(stored); !ok || len(stored) < 2 {
		return errShort
	}
	e.Sort, e.gender = Sort(stored[0]), stored[1]
	stored = stored[2:]
	var counts [4]int
	for i := range counts {
		v, n := binary.Uvarint(stored)
		if n <= 0 || v > uint64(len(stored)) {
			return errShort
		}
		counts[i], stored = int(v), stored[n:]
	}
	countries, begun, ended, ids := counts[0], counts[1], counts[2], counts[3]
	if len(stored) < 2*countries+6*(begun+ended) {
		return errShort
	}
	for range countries {
		e.Countries = append(e.Countries, unsafe.String(&stored[0], 2))
		stored = stored[2:]
	}
	for i := range begun + ended {
		d := date{
			year: int16(binary.LittleEndian.Uint16(stored)), last: int16(binary.LittleEndian.Uint16(stored[2:])),
			month: int8(stored[4]), day: int8(stored[5]),
		}
		if stored = stored[6:]; i < begun {
			e.begun = append(e.begun, d)
		} else {
			e.ended = append(e.ended, d)
		}
	}
	for range ids {
		if len(stored) < 2 {
			return errShort
		}
		id := identifier{kind: idKind{number: stored[0], strength: strength(stored[1])}}
		if id.value, stored, ok = viewText(stored[2:]); !ok || id.kind.strength > contact {
			return errShort
		}
		e.ids = append(e.ids, id)
	}
	return nil
}

// viewText cuts a text off stored bytes without copying it.
func viewText(stored []byte) (text string, rest []byte, ok bool) {
	size, n := binary.Uvarint(stored)
	if n <= 0 || size > uint64(len(stored)-n) {
		return "", nil, false
	}
	text = unsafe.String(unsafe.SliceData(stored[n:]), int(size))
	return text, stored[n+int(size):], true
}
