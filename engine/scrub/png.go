// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"io"
)

// png is the walk through one PNG or APNG.
type png struct {
	*job
	header, data bool
	exif, icc    []byte // fresh
	tail         *Plan  // everything behind the header
}

// cleanPNG keeps the chunks that draw the picture.
func cleanPNG(j *job) error {
	p := &png{job: j, tail: &Plan{}}
	at, done := int64(8), false
	for !done {
		if err := j.budget.part(); err != nil {
			return err
		}
		head, err := j.src.at(at, 8)
		if err != nil {
			return err
		}
		n, name := int64(binary.BigEndian.Uint32(head)), string(head[4:8])
		if n > 1<<31-1 {
			return malformed("png: a chunk's length")
		}
		if !j.src.has(at, 12+n) {
			return refuse(ReasonTruncated, "png: a chunk ends too early")
		}
		if err := p.take(name, at, n); err != nil {
			return err
		}
		at += 12 + n
		done = name == "IEND"
	}
	if !p.header || !p.data {
		return malformed("png: no picture")
	}
	j.plan.copy(j.src, 0, 8+25)
	if p.icc != nil {
		var packed bytes.Buffer
		z := zlib.NewWriter(&packed)
		_, _ = z.Write(p.icc) // into memory
		_ = z.Close()
		j.plan.chunk("iCCP", append([]byte("c\x00\x00"), packed.Bytes()...))
	}
	if p.exif != nil {
		j.plan.chunk("eXIf", p.exif)
	}
	j.plan.add(p.tail)
	return j.trailing(at)
}

// chunk appends a PNG chunk.
func (p *Plan) chunk(name string, data []byte) {
	p.lit(binary.BigEndian.AppendUint32(nil, uint32(len(data)))...)
	body := append([]byte(name), data...)
	p.lit(body...)
	p.lit(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(body))...)
}

func (p *png) take(name string, at, n int64) error {
	if !p.header && name != "IHDR" {
		return malformed("png: no header")
	}
	switch name {
	case "IHDR":
		if p.header || n != 13 {
			return malformed("png: header")
		}
		b, err := p.src.at(at+8, 13)
		if err != nil {
			return err
		}
		p.header = true
		if err := pixels(int64(binary.BigEndian.Uint32(b)), int64(binary.BigEndian.Uint32(b[4:]))); err != nil {
			return err
		}
		return p.check(at, n) // written by the caller
	case "IDAT":
		p.data = true
	case "IEND":
		if n != 0 {
			return malformed("png: an end with content")
		}
	case "PLTE", "fdAT", "tRNS":
	case "acTL", "fcTL", "sRGB", "cICP":
		if n > 32 {
			return malformed("png: a chunk's length")
		}
	case "gAMA":
		b, err := p.src.at(at+8, int(min(n, 4)))
		if err != nil {
			return err
		}
		if n != 4 || binary.BigEndian.Uint32(b) != 45455 {
			p.facts.remove(KindSettings)
			return nil
		}
	default:
		return p.drop(name, at, n)
	}
	if err := p.check(at, n); err != nil {
		return err
	}
	p.tail.copy(p.src, at, 12+n)
	return nil
}

// drop reports a chunk that doesn't stay.
func (p *png) drop(name string, at, n int64) error {
	b, err := p.src.keep(at+8, int(min(n, 1<<20)))
	if err != nil {
		return err
	}
	switch name {
	case "eXIf":
		if fresh := p.takeEXIF(b); p.exif == nil {
			p.exif = fresh
		}
	case "iCCP":
		if p.icc == nil {
			p.icc = p.takeICC(profileOf(b))
		}
	case "tEXt", "zTXt", "iTXt":
		p.text(b)
	case "tIME":
		p.facts.remove(KindDate)
	case "pHYs", "cHRM", "sBIT", "bKGD", "hIST", "sPLT", "oFFs", "sTER", "pCAL", "sCAL":
		p.facts.remove(KindSettings)
	default:
		if name[0] >= 'A' && name[0] <= 'Z' {
			return malformed("png: a critical chunk that no programme knows")
		}
		p.facts.remove(KindUnknown)
	}
	return nil
}

// text reports a keyword's chunk.
func (p *png) text(b []byte) {
	key, _, _ := bytes.Cut(b, []byte{0})
	switch k := string(bytes.ToLower(key)); {
	case k == "author" || k == "copyright":
		p.facts.remove(KindAuthor)
	case k == "software" || k == "source":
		p.facts.remove(KindSoftware)
	case k == "creation time" || bytes.HasPrefix([]byte(k), []byte("date:")):
		p.facts.remove(KindDate)
	case k == "title" || k == "description":
		p.facts.remove(KindDescription)
	case k == "xml:com.adobe.xmp":
		p.takeXMP(b)
	case bytes.HasPrefix([]byte(k), []byte("raw profile type")):
		p.facts.remove(KindMetadata)
	default:
		p.facts.remove(KindComment)
	}
}

// profileOf unpacks an iCCP chunk; nil when it can't be.
func profileOf(b []byte) []byte {
	_, rest, ok := bytes.Cut(b, []byte{0})
	if !ok || len(rest) < 1 {
		return nil
	}
	z, err := zlib.NewReader(bytes.NewReader(rest[1:]))
	if err != nil {
		return nil
	}
	profile, err := io.ReadAll(io.LimitReader(z, 1<<20))
	if err != nil {
		return nil
	}
	return profile
}

// check compares a chunk's sum.
func (p *png) check(at, n int64) error {
	sum := uint32(0)
	err := p.src.each(at+4, n+4, func(b []byte) { sum = crc32.Update(sum, crc32.IEEETable, b) })
	if err != nil {
		return err
	}
	b, err := p.src.at(at+8+n, 4)
	if err != nil {
		return err
	}
	if binary.BigEndian.Uint32(b) != sum {
		return malformed("png: a chunk's sum is wrong")
	}
	return nil
}
