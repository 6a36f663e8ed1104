// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bytes"
	"encoding/binary"
)

// entries writes stsd anew: how samples are to be decoded, without the names
// of programmes.
func (m *movie) entries(t *track, b []byte) ([]byte, error) {
	if len(b) < 8 {
		return nil, malformed("mp4: a track without description")
	}
	list, err := boxesIn(b[8:])
	if err != nil {
		return nil, err
	}
	out := append(u32(0), u32(int64(len(list)))...)
	for _, e := range list {
		var fresh []byte
		if e.typ == "encv" || e.typ == "enca" || e.typ == "drms" || e.typ == "drmi" {
			return nil, refuse(ReasonEncrypted, "mp4")
		}
		if t.handler == "vide" {
			fresh, err = m.visual(t, e.body)
		} else {
			fresh, err = m.audible(e.body)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, makeBox(e.typ, fresh)...)
	}
	return out, nil
}

func (m *movie) visual(t *track, b []byte) ([]byte, error) {
	if len(b) < 78 {
		return nil, malformed("mp4: a description of pictures")
	}
	w, h := int64(binary.BigEndian.Uint16(b[24:])), int64(binary.BigEndian.Uint16(b[26:]))
	if err := pixels(max(w, 1), max(h, 1)); err != nil {
		return nil, err
	}
	head := bytes.Clone(b[:78])
	if len(bytes.Trim(head[12:16], "\x00")) > 0 || len(bytes.Trim(head[42:74], "\x00")) > 0 {
		m.facts.remove(KindSoftware)
	}
	clear(head[8:24])  // version, vendor, qualities
	clear(head[42:74]) // the compressor's name
	list, err := boxesIn(b[78:])
	if err != nil {
		return nil, err
	}
	for _, c := range list {
		switch c.typ {
		case "avcC":
			if len(c.body) > 4 {
				t.nal = int(c.body[4]&3) + 1
			}
		case "hvcC":
			if len(c.body) > 21 {
				t.nal, t.hevc = int(c.body[21]&3)+1, true
			}
			if c.body, err = m.freshHEVC(c.body); err != nil {
				return nil, err
			}
		case "av1C", "vpcC", "vvcC", "esds", "d263", "pasp", "clap", "fiel", "mdcv", "clli", "SmDm", "CoLL", "dvcC", "dvvC", "btrt", "jpgC", "gama":
		case "colr":
			if len(c.body) < 4 || (string(c.body[:4]) != "nclx" && string(c.body[:4]) != "nclc") {
				m.facts.remove(KindColourProfile)
				continue
			}
		default:
			m.facts.remove(KindUnknown)
			continue
		}
		head = append(head, makeBox(c.typ, c.body)...)
	}
	return head, nil
}

func (m *movie) audible(b []byte) ([]byte, error) {
	if len(b) < 28 {
		return nil, malformed("mp4: a description of sound")
	}
	n := 28
	switch binary.BigEndian.Uint16(b[8:]) {
	case 1:
		n = 44
	case 2:
		n = 64
	}
	if len(b) < n {
		return nil, malformed("mp4: a description of sound")
	}
	head := bytes.Clone(b[:n])
	if len(bytes.Trim(head[12:16], "\x00")) > 0 {
		m.facts.remove(KindSoftware)
	}
	clear(head[10:16]) // revision and vendor
	list, err := boxesIn(b[n:])
	if err != nil {
		return nil, err
	}
	for _, c := range list {
		switch c.typ {
		case "esds", "dOps", "dfLa", "alac", "dac3", "dec3", "dac4", "chan", "chnl", "pcmC", "damr", "wave", "btrt", "srat":
		default:
			m.facts.remove(KindUnknown)
			continue
		}
		head = append(head, makeBox(c.typ, c.body)...)
	}
	return head, nil
}

// notes takes out what encoders write into the first picture: the name of the
// programme and its settings. The bytes are overwritten, so that no table changes.
func (m *movie) notes(t *track) error {
	if t.nal == 0 || len(t.runs) == 0 || len(t.stsz) < 16 {
		return nil
	}
	size := int64(binary.BigEndian.Uint32(t.stsz[12:]))
	if binary.BigEndian.Uint32(t.stsz[4:]) != 0 || size > 16<<20 || size > t.runs[0].n {
		return nil
	}
	at := t.runs[0].off
	end := at + size
	for at+int64(t.nal) < end {
		b, err := m.src.upTo(at, 8192)
		if err != nil {
			return err
		}
		if len(b) < t.nal+3 {
			return nil // the places are checked later
		}
		n := int64(0)
		for _, c := range b[:t.nal] {
			n = n<<8 | int64(c)
		}
		at += int64(t.nal)
		if n > end-at || n < 2 {
			return nil
		}
		b = b[t.nal:]
		head := 1
		sei := b[0]&31 == 6
		if t.hevc {
			head, sei = 2, b[0]>>1&63 == 39
		}
		if sei && n <= int64(len(b)) {
			m.note(at+int64(head), b[head:n])
		}
		at += n
	}
	return nil
}

// note overwrites the messages of one unit that hold free text.
func (m *movie) note(off int64, b []byte) {
	i := 0
	for i+2 < len(b) {
		kind, n := 0, 0
		for i < len(b) && b[i] == 0xFF {
			kind, i = kind+255, i+1
		}
		if i+1 >= len(b) {
			return
		}
		kind, i = kind+int(b[i]), i+1
		for i < len(b) && b[i] == 0xFF {
			n, i = n+255, i+1
		}
		if i >= len(b) {
			return
		}
		n, i = n+int(b[i]), i+1
		n = min(n, len(b)-i)
		if kind == 5 && len(bytes.Trim(b[i:i+n], "\xFF")) > 0 {
			m.facts.remove(KindStream)
			m.patches = append(m.patches, patch{off + int64(i), bytes.Repeat([]byte{0xFF}, n)})
		}
		i += n
	}
}

// freshHEVC keeps the sets of parameters and drops the encoder's notes.
func (j *job) freshHEVC(b []byte) ([]byte, error) {
	if len(b) < 23 {
		return nil, malformed("hevc: configuration")
	}
	out, n, rest := bytes.Clone(b[:23]), 0, &bits{b: b[23:]}
	for range b[22] {
		kind := rest.num(1)
		units := rest.num(2)
		list := append([]byte{byte(kind)}, u16(int(units))...)
		for range units {
			size := rest.num(2)
			if rest.short || int(size) > len(rest.b) {
				return nil, malformed("hevc: configuration")
			}
			list = append(append(list, u16(int(size))...), rest.b[:size]...)
			rest.b = rest.b[size:]
		}
		if t := kind & 63; t < 32 || t > 34 {
			j.facts.remove(KindStream)
			continue
		}
		out, n = append(out, list...), n+1
	}
	out[22] = byte(n)
	return out, nil
}
