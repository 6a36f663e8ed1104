// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bytes"
	"encoding/binary"
)

const (
	jfifFresh  = "\xFF\xE0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
	adobeFresh = "\xFF\xEE\x00\x0EAdobe\x00\x64\x00\x00\x00\x00"
)

// jpeg is the walk through one JPEG.
type jpeg struct {
	*job
	at    int64
	body  *Plan // tables, frames and scans
	jfif  bool
	adobe []byte // the fresh segment
	exif  []byte // the fresh block
	icc   [][]byte
	frame bool
	scans int
}

// cleanJPEG keeps tables, frames and scans, and says anew how to turn the
// picture and how its colours are meant.
func cleanJPEG(j *job) error {
	p := &jpeg{job: j, at: 2, body: &Plan{}}
	if err := p.walk(); err != nil {
		return err
	}
	if !p.frame || p.scans == 0 {
		return malformed("jpeg: no picture")
	}
	p.write()
	return j.trailing(p.at)
}

func (p *jpeg) write() {
	p.plan.str("\xFF\xD8")
	if p.jfif {
		p.plan.str(jfifFresh)
	}
	if p.exif != nil {
		p.segment(0xE1, append([]byte("Exif\x00\x00"), p.exif...))
	}
	if len(p.icc) > 0 {
		if fresh := p.takeICC(bytes.Join(p.icc, nil)); fresh != nil {
			p.segment(0xE2, append([]byte("ICC_PROFILE\x00\x01\x01"), fresh...))
		}
	}
	p.plan.lit(p.adobe...)
	p.plan.add(p.body)
	p.plan.str("\xFF\xD9")
}

func (p *jpeg) segment(marker byte, payload []byte) {
	p.plan.lit(0xFF, marker, byte((len(payload)+2)>>8), byte(len(payload)+2))
	p.plan.lit(payload...)
}

// walk reads markers up to the end of the image.
func (p *jpeg) walk() error {
	for {
		if err := p.budget.part(); err != nil {
			return err
		}
		b, err := p.src.at(p.at, 2)
		if err != nil {
			return err
		}
		if b[0] != 0xFF {
			return malformed("jpeg: no marker where one belongs")
		}
		marker := b[1]
		switch {
		case marker == 0xFF: // fill byte
			p.at++
			continue
		case marker == 0xD9:
			p.at += 2
			return nil
		case marker == 0x00, marker == 0x01, marker >= 0xD0 && marker <= 0xD8:
			return malformed("jpeg: a marker in the wrong place")
		}
		head, err := p.src.at(p.at+2, 2)
		if err != nil {
			return err
		}
		n := int64(binary.BigEndian.Uint16(head))
		if n < 2 {
			return malformed("jpeg: a segment without length")
		}
		if !p.src.has(p.at+2, n) {
			return refuse(ReasonTruncated, "jpeg: a segment ends too early")
		}
		if err := p.take(marker, p.at, n); err != nil {
			return err
		}
		p.at += 2 + n
		if marker == 0xDA {
			if err := p.scan(); err != nil {
				return err
			}
		}
	}
}

// take decides over the segment at off, of n bytes behind its marker.
func (p *jpeg) take(marker byte, off, n int64) error {
	switch {
	case marker >= 0xE0 && marker <= 0xEF:
		b, err := p.src.keep(off+4, int(n-2))
		if err != nil {
			return err
		}
		p.app(marker, b)
		return nil
	case marker == 0xFE:
		p.facts.remove(KindComment)
		return nil
	case marker == 0xDB, marker == 0xC4, marker == 0xDD, marker == 0xCC, marker == 0xDC: // tables, restart interval, number of lines
	case marker == 0xDA:
		p.scans++
	case marker >= 0xC0 && marker <= 0xCF && marker != 0xC8:
		b, err := p.src.at(off+4, 6)
		if err != nil {
			return err
		}
		h, w := int64(binary.BigEndian.Uint16(b[1:])), int64(binary.BigEndian.Uint16(b[3:]))
		if err := pixels(w, max(h, 1)); err != nil { // no lines: DNL says it later
			return err
		}
		if n != 8+3*int64(b[5]) {
			return malformed("jpeg: a frame header of the wrong length")
		}
		if p.frame {
			return malformed("jpeg: a second picture")
		}
		p.frame = true
	default:
		p.facts.remove(KindUnknown)
		return nil
	}
	p.body.copy(p.src, off, 2+n)
	return nil
}

// app reads an application segment: none stays, some are written anew.
func (p *jpeg) app(marker byte, b []byte) {
	has := func(prefix string) bool { return bytes.HasPrefix(b, []byte(prefix)) }
	switch {
	case marker == 0xE0 && has("JFIF\x00"):
		p.jfif = true
		if len(b) > 14 {
			p.facts.remove(KindThumbnail)
		}
	case marker == 0xE0 && has("JFXX\x00"):
		p.facts.remove(KindThumbnail)
	case marker == 0xE1 && has("Exif\x00") && len(b) >= 6:
		if fresh := p.takeEXIF(b[6:]); p.exif == nil {
			p.exif = fresh
		}
	case marker == 0xE1 && has("http://ns.adobe.com/x"):
		p.takeXMP(b)
	case marker == 0xE2 && has("ICC_PROFILE\x00") && len(b) >= 14:
		p.icc = append(p.icc, b[14:])
	case marker == 0xE2 && has("MPF\x00"):
		p.facts.remove(KindEmbeddedImage)
	case marker == 0xED:
		p.takeIPTC(b)
	case marker == 0xEE && has("Adobe") && len(b) == 12:
		p.adobe = append([]byte(adobeFresh), b[11])
	default:
		p.facts.remove(KindUnknown)
	}
}

// takeIPTC reports what a Photoshop block tells.
func (j *job) takeIPTC(b []byte) {
	j.facts.remove(KindMetadata)
	for _, row := range []struct {
		tag  string
		kind Kind
	}{{"\x1C\x02\x50", KindAuthor}, {"\x1C\x02\x74", KindAuthor}, {"\x1C\x02\x5A", KindGPS}, {"\x1C\x02\x37", KindDate}, {"\x1C\x02\x78", KindDescription}} {
		if bytes.Contains(b, []byte(row.tag)) {
			j.facts.remove(row.kind)
		}
	}
}

// scan passes over compressed data up to the marker behind it.
func (p *jpeg) scan() error {
	from := p.at
	for {
		b, err := p.src.upTo(p.at, window)
		if err != nil {
			return err
		}
		if len(b) < 2 {
			return refuse(ReasonTruncated, "jpeg: the picture ends too early")
		}
		i := 0
		for {
			k := bytes.IndexByte(b[i:len(b)-1], 0xFF)
			if k < 0 {
				i = len(b) - 1
				break
			}
			i += k
			next := b[i+1]
			if next != 0 && (next < 0xD0 || next > 0xD7) {
				p.at += int64(i)
				p.body.copy(p.src, from, p.at-from)
				return nil
			}
			i += 2
			if i >= len(b)-1 {
				break
			}
		}
		p.at += int64(i)
	}
}

// trailing reports what lies behind the end, and whether it is a file of
// another type.
func (j *job) trailing(end int64) error {
	n := j.src.size - end
	if n <= 0 {
		return nil
	}
	head, err := j.src.upTo(end, 4096)
	if err != nil {
		return err
	}
	if len(bytes.Trim(head, "\x00\r\n ")) == 0 && n <= 4096 {
		j.facts.remove(KindTrailing) // padding that some phones leave
		return nil
	}
	j.facts.remove(KindTrailing)
	tail, err := j.src.keep(max(end, j.src.size-512), int(min(n, 512)))
	if err != nil {
		return err
	}
	head, err = j.src.upTo(end, 4096)
	if err != nil {
		return err
	}
	switch {
	case bytes.Contains(head, []byte("PK\x03\x04")), bytes.Contains(tail, []byte("PK\x05\x06")), bytes.Contains(head, []byte("%PDF-")), bytes.HasPrefix(head, []byte("MZ")), bytes.HasPrefix(head, []byte("\x7FELF")),
		bytes.Contains(head, []byte("<script")):
		j.facts.remove(KindPolyglot)
	case bytes.Contains(head, []byte("\xFF\xD8\xFF")):
		j.facts.remove(KindEmbeddedImage)
	case bytes.Contains(head, []byte("ftyp")):
		j.facts.remove(KindEmbeddedFile) // a motion photo's film
	}
	return nil
}
