// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bytes"
	"encoding/binary"
)

// track is one track that stays, as it is written.
type track struct {
	header, edits, media []byte // tkhd, elst, mdhd
	handler              string
	kind                 []byte // vmhd or smhd, with its box
	tables               [][]byte
	stsc, stsz           []byte
	chunks               []int64
	runs                 []run
	nal                  int  // bytes of the length before each unit; 0 where there are none
	hevc                 bool // or AVC
}

// track reads trak; nil where the track doesn't stay.
func (m *movie) track(b []byte) (*track, error) {
	list, err := boxesIn(b)
	if err != nil {
		return nil, err
	}
	mdia, _ := findBox(list, "mdia")
	inner, err := boxesIn(mdia)
	if err != nil {
		return nil, err
	}
	hdlr, ok := findBox(inner, "hdlr")
	if !ok || len(hdlr) < 12 {
		return nil, malformed("mp4: a track without handler")
	}
	t := &track{handler: string(hdlr[8:12])}
	if t.handler != "vide" && t.handler != "soun" {
		m.facts.remove(KindTimedData)
		return nil, nil
	}
	if len(hdlr) > 24 && len(bytes.Trim(hdlr[24:], "\x00")) > 0 {
		m.facts.remove(KindSoftware) // a name that the writing programme gave
	}
	for _, b := range list {
		switch b.typ {
		case "tkhd":
			t.header, err = m.times(b.body, "tkhd", 84)
		case "edts":
			var edits []box
			if edits, err = boxesIn(b.body); err == nil {
				t.edits, _ = findBox(edits, "elst")
			}
		case "udta", "meta", "uuid":
			m.takeTags(b.body)
		case "mdia", "tref", "tapt", "load":
		default:
			m.facts.remove(KindUnknown)
		}
		if err != nil {
			return nil, err
		}
	}
	mdhd, _ := findBox(inner, "mdhd")
	if t.media, err = m.times(mdhd, "mdhd", 24); err != nil {
		return nil, err
	}
	if end := t.media[len(t.media)-4:]; !bytes.Equal(end[:2], []byte{0x55, 0xC4}) {
		if !bytes.Equal(end[:2], []byte{0, 0}) {
			m.facts.remove(KindSettings) // the language that the device is set to
		}
		copy(end, "\x55\xC4\x00\x00") // not said
	}
	minf, _ := findBox(inner, "minf")
	if t.header == nil {
		return nil, malformed("mp4: a track without head")
	}
	return t, m.information(t, minf)
}

// information reads minf.
func (m *movie) information(t *track, b []byte) error {
	list, err := boxesIn(b)
	if err != nil {
		return err
	}
	t.kind = makeBox("vmhd", []byte("\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00"))
	if t.handler == "soun" {
		t.kind = makeBox("smhd", make([]byte, 8))
	}
	if dinf, ok := findBox(list, "dinf"); ok {
		refs, err := boxesIn(dinf)
		if err != nil {
			return err
		}
		if dref, ok := findBox(refs, "dref"); ok && len(dref) > 8 {
			entries, err := boxesIn(dref[8:])
			if err != nil {
				return err
			}
			for _, e := range entries {
				if len(e.body) < 4 || e.body[3]&1 == 0 {
					return refuse(ReasonUnsupported, "mp4: samples in another file")
				}
			}
			if len(entries) != 1 {
				return refuse(ReasonUnsupported, "mp4: samples in several files")
			}
		}
	}
	stbl, ok := findBox(list, "stbl")
	if !ok {
		return malformed("mp4: a track without samples")
	}
	return m.samples(t, stbl)
}

// samples reads stbl.
func (m *movie) samples(t *track, b []byte) error {
	list, err := boxesIn(b)
	if err != nil {
		return err
	}
	for _, b := range list {
		switch b.typ {
		case "stsd":
			entries, err := m.entries(t, b.body)
			if err != nil {
				return err
			}
			t.tables = append(t.tables, makeBox("stsd", entries))
		case "stts", "ctts", "stss", "sdtp", "cslg", "stps":
			t.tables = append(t.tables, makeBox(b.typ, b.body))
		case "sgpd", "sbgp":
			if len(b.body) >= 8 && string(b.body[4:8]) == "roll" {
				t.tables = append(t.tables, makeBox(b.typ, b.body))
			}
		case "stsc":
			t.stsc = b.body
			t.tables = append(t.tables, makeBox(b.typ, b.body))
		case "stsz", "stz2":
			if b.typ == "stz2" {
				return refuse(ReasonUnsupported, "mp4: compact sizes")
			}
			t.stsz = b.body
			t.tables = append(t.tables, makeBox(b.typ, b.body))
		case "stco", "co64":
			if t.chunks, err = chunkOffsets(b); err != nil {
				return err
			}
		case "senc", "saiz", "saio":
			return refuse(ReasonEncrypted, "mp4")
		default:
			m.facts.remove(KindUnknown)
		}
	}
	if err := t.layout(); err != nil {
		return err
	}
	return m.notes(t)
}

func chunkOffsets(b box) ([]int64, error) {
	width := 4
	if b.typ == "co64" {
		width = 8
	}
	if len(b.body) < 8 {
		return nil, malformed("mp4: chunks")
	}
	n := int(binary.BigEndian.Uint32(b.body[4:]))
	if n > maxParts || len(b.body) < 8+n*width {
		return nil, malformed("mp4: chunks")
	}
	out := make([]int64, n)
	for i := range out {
		if width == 4 {
			out[i] = int64(binary.BigEndian.Uint32(b.body[8+4*i:]))
		} else {
			out[i] = int64(binary.BigEndian.Uint64(b.body[8+8*i:]))
		}
	}
	return out, nil
}

// layout works out how long each chunk is.
func (t *track) layout() error {
	if len(t.stsz) < 12 || len(t.stsc) < 8 {
		return malformed("mp4: a track without sizes")
	}
	fixed, count := int64(binary.BigEndian.Uint32(t.stsz[4:])), int(binary.BigEndian.Uint32(t.stsz[8:]))
	if fixed == 0 && len(t.stsz) < 12+4*count {
		return malformed("mp4: sizes")
	}
	rows := int(binary.BigEndian.Uint32(t.stsc[4:]))
	if rows > maxParts || len(t.stsc) < 8+12*rows || (rows == 0 && len(t.chunks) > 0) {
		return malformed("mp4: chunks")
	}
	t.runs = make([]run, len(t.chunks))
	sample, row := 0, 0
	for i, off := range t.chunks {
		for row+1 < rows && int64(binary.BigEndian.Uint32(t.stsc[8+12*(row+1):])) <= int64(i)+1 {
			row++
		}
		n := int(binary.BigEndian.Uint32(t.stsc[8+12*row+4:]))
		if n > count-sample {
			return malformed("mp4: more samples in chunks than there are")
		}
		size := int64(0)
		if fixed > 0 {
			size = fixed * int64(n)
		} else {
			for k := range n {
				size += int64(binary.BigEndian.Uint32(t.stsz[12+4*(sample+k):]))
			}
		}
		sample += n
		t.runs[i] = run{off: off, n: size}
	}
	if sample != count {
		return malformed("mp4: samples that are in no chunk")
	}
	return nil
}

func (t *track) write(base int64, wide bool) []byte {
	hdlr := makeBox("hdlr", make([]byte, 8), []byte(t.handler), make([]byte, 13))
	dinf := makeBox("dinf", makeBox("dref", []byte("\x00\x00\x00\x00\x00\x00\x00\x01"), makeBox("url ", []byte("\x00\x00\x00\x01"))))
	stbl := makeBox("stbl", append(append([][]byte{}, t.tables...), offsets(t.runs, base, wide))...)
	parts := [][]byte{makeBox("tkhd", t.header)}
	if t.edits != nil {
		parts = append(parts, makeBox("edts", makeBox("elst", t.edits)))
	}
	parts = append(parts, makeBox("mdia", makeBox("mdhd", t.media), hdlr, makeBox("minf", t.kind, dinf, stbl)))
	return makeBox("trak", parts...)
}
