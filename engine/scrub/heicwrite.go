// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bytes"
	"encoding/binary"
)

// properties returns the properties that stay, and points the items to them.
func (h *heif) properties(kept []*heifItem) ([][]byte, error) {
	var out [][]byte
	place := map[int]int{} // old index → new; 0 where it doesn't stay
	for _, it := range kept {
		var props []int
		for _, index := range it.props {
			old := index & 0x7FFF
			to, seen := place[old]
			if !seen {
				p, ok := h.property(index)
				if !ok {
					continue
				}
				fresh, err := h.freshProperty(p)
				if err != nil {
					return nil, err
				}
				if fresh != nil {
					out = append(out, fresh)
					to = len(out)
				}
				place[old] = to
			}
			if to != 0 {
				props = append(props, to|index&0x8000)
			}
		}
		it.props = props
	}
	return out, nil
}

func (h *heif) freshProperty(p box) ([]byte, error) {
	switch p.typ {
	case "ispe":
		if len(p.body) < 12 {
			return nil, malformed("heic: extent")
		}
		if err := pixels(int64(binary.BigEndian.Uint32(p.body[4:])), int64(binary.BigEndian.Uint32(p.body[8:]))); err != nil {
			return nil, err
		}
		return makeBox(p.typ, p.body[:12]), nil
	case "auxC":
		name, _, _ := bytes.Cut(p.body[min(4, len(p.body)):], []byte{0})
		return makeBox(p.typ, u32(0), name, []byte{0}), nil
	case "colr":
		if len(p.body) >= 11 && string(p.body[:4]) == "nclx" {
			return makeBox(p.typ, p.body[:11]), nil
		}
		if len(p.body) > 4 {
			if fresh := h.takeICC(p.body[4:]); fresh != nil {
				return makeBox(p.typ, []byte("prof"), fresh), nil
			}
		}
		return nil, nil
	case "hvcC":
		b, err := h.freshHEVC(p.body)
		return makeBox(p.typ, b), err
	case "av1C", "pixi", "irot", "imir", "clap", "pasp", "clli", "mdcv", "a1op", "lsel", "a1lx":
		return makeBox(p.typ, p.body), nil
	}
	h.facts.remove(KindUnknown)
	return nil, nil
}

// meta writes the list of contents, for data that begins at base.
func (h *heif) meta(kept []*heifItem, props [][]byte, base int64) []byte {
	var infos, places, assoc []byte
	in := map[int]bool{}
	for _, it := range kept {
		in[it.id] = true
		hidden := byte(0)
		if it.hidden {
			hidden = 1
		}
		infos = append(infos, makeBox("infe", []byte{2, 0, 0, hidden}, u16(it.id), u16(0), []byte(it.typ), []byte{0})...)
		places = append(places, u16(it.id)...)
		places = append(places, u16(0)...) // in this file
		if len(it.extents) == 0 {
			places = append(places, u16(0)...)
		} else {
			places = append(append(append(places, u16(1)...), u32(base+it.to)...), u32(it.size)...)
		}
		if len(it.props) > 0 {
			assoc = append(append(assoc, u16(it.id)...), byte(len(it.props)))
			for _, p := range it.props {
				assoc = append(assoc, u16(p)...)
			}
		}
	}
	var refs []byte
	for _, ref := range h.refs {
		if (ref.typ != "dimg" && ref.typ != "auxl" && ref.typ != "prem") || !in[ref.from] {
			continue
		}
		var to []byte
		n := 0
		for _, id := range ref.to {
			if in[id] {
				to = append(to, u16(id)...)
				n++
			}
		}
		if n > 0 {
			refs = append(refs, makeBox(ref.typ, u16(ref.from), u16(n), to)...)
		}
	}
	count := 0
	for _, it := range kept {
		if len(it.props) > 0 {
			count++
		}
	}
	parts := [][]byte{
		u32(0), makeBox("hdlr", make([]byte, 8), []byte("pict"), make([]byte, 13)),
		makeBox("pitm", u32(0), u16(h.primary)),
		makeBox("iloc", u32(0), []byte{0x44, 0}, u16(len(kept)), places),
		makeBox("iinf", u32(0), u16(len(kept)), infos),
	}
	if len(refs) > 0 {
		parts = append(parts, makeBox("iref", u32(0), refs))
	}
	parts = append(parts, makeBox("iprp", makeBox("ipco", props...), makeBox("ipma", u32(1), u32(int64(count)), assoc)))
	return makeBox("meta", parts...)
}
