// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bytes"
	"encoding/binary"
)

// riffChunk is a chunk of a RIFF file (WebP, WAV); n bytes from at.
type riffChunk struct {
	name  string
	at, n int64
}

// riffChunks calls fn with each chunk between from and end.
func (j *job) riffChunks(from, end int64, fn func(riffChunk) error) error {
	for from < end {
		if err := j.budget.part(); err != nil {
			return err
		}
		b, err := j.src.at(from, 8)
		if err != nil {
			return err
		}
		c := riffChunk{string(b[:4]), from + 8, int64(binary.LittleEndian.Uint32(b[4:]))}
		if c.n > end-c.at {
			return refuse(ReasonTruncated, "riff: a chunk ends too early")
		}
		if err := fn(c); err != nil {
			return err
		}
		from = c.at + c.n
		if c.n%2 == 1 && from < end {
			from++
		}
	}
	return nil
}

// riffEnd reads the head of a RIFF file and returns where it says it ends.
func (j *job) riffEnd() (int64, error) {
	b, err := j.src.at(0, 12)
	if err != nil {
		return 0, err
	}
	end := 8 + int64(binary.LittleEndian.Uint32(b[4:]))
	if end < 12 {
		return 0, malformed("riff: a length that can't be")
	}
	if end > j.src.size {
		return 0, refuse(ReasonTruncated, "riff: the file is shorter than it says")
	}
	return end, nil
}

// riff appends a chunk whose content is a plan.
func (p *Plan) riff(name string, content *Plan) {
	p.str(name)
	p.lit(binary.LittleEndian.AppendUint32(nil, uint32(content.Size))...)
	p.add(content)
	if content.Size%2 == 1 {
		p.lit(0)
	}
}

func literal(b ...byte) *Plan {
	p := &Plan{}
	p.lit(b...)
	return p
}

func (s *source) plan(off, n int64) *Plan {
	p := &Plan{}
	p.copy(s, off, n)
	return p
}

// webp is the walk through one WebP.
type webp struct {
	*job
	head      []byte // VP8X; nil in the simple form
	exif, icc []byte // fresh
	anim      []byte
	body      *Plan // the picture, or the frames
	pictures  int
	alpha     bool
}

// Flags of VP8X.
const (
	webpAnimation = 0x02
	webpEXIF      = 0x08
	webpAlpha     = 0x10
	webpICC       = 0x20
)

// cleanWebP keeps picture or frames, and says anew how to turn it and how its
// colours are meant.
func cleanWebP(j *job) error {
	end, err := j.riffEnd()
	if err != nil {
		return err
	}
	p := &webp{job: j, body: &Plan{}}
	if err := j.riffChunks(12, end, p.take); err != nil {
		return err
	}
	switch {
	case p.pictures == 0:
		return malformed("webp: no picture")
	case p.head == nil && p.alpha, p.head == nil && p.anim != nil:
		return malformed("webp: no head")
	case p.head != nil && p.head[0]&webpAnimation == 0 && p.anim != nil:
		return malformed("webp: frames where one picture belongs")
	}
	p.write()
	return j.trailing(end)
}

func (p *webp) write() {
	all := &Plan{}
	all.str("WEBP")
	if p.head != nil {
		p.head[0] &= webpAnimation | webpAlpha
		if p.icc != nil {
			p.head[0] |= webpICC
		}
		if p.exif != nil {
			p.head[0] |= webpEXIF
		}
		all.riff("VP8X", literal(p.head...))
		if p.icc != nil {
			all.riff("ICCP", literal(p.icc...))
		}
		if p.anim != nil {
			all.riff("ANIM", literal(p.anim...))
		}
	}
	all.add(p.body)
	if p.head != nil && p.exif != nil {
		all.riff("EXIF", literal(p.exif...))
	}
	p.plan.riff("RIFF", all)
}

func (p *webp) take(c riffChunk) error {
	switch c.name {
	case "VP8X":
		b, err := p.src.keep(c.at, int(min(c.n, 10)))
		if err != nil {
			return err
		}
		if c.n != 10 || p.head != nil || p.pictures > 0 {
			return malformed("webp: head")
		}
		b[1], b[2], b[3] = 0, 0, 0
		p.head = b
		return pixels(1+int64(uint24(b[4:])), 1+int64(uint24(b[7:])))
	case "ANIM":
		b, err := p.src.keep(c.at, int(min(c.n, 6)))
		if err != nil {
			return err
		}
		if c.n != 6 || p.anim != nil || p.pictures > 0 {
			return malformed("webp: frames")
		}
		p.anim = b
		return nil
	case "ANMF":
		return p.frame(c)
	case "ALPH":
		p.alpha = true
		p.body.riff(c.name, p.src.plan(c.at, c.n))
		return nil
	case "VP8 ", "VP8L":
		if p.pictures > 0 {
			return malformed("webp: a second picture")
		}
		return p.picture(c, p.body)
	}
	b, err := p.src.keep(c.at, int(min(c.n, 1<<20)))
	if err != nil {
		return err
	}
	switch c.name {
	case "EXIF":
		b = bytes.TrimPrefix(b, []byte("Exif\x00\x00"))
		if fresh := p.takeEXIF(b); p.exif == nil {
			p.exif = fresh
		}
	case "ICCP":
		if fresh := p.takeICC(b); p.icc == nil {
			p.icc = fresh
		}
	case "XMP ":
		p.takeXMP(b)
	default:
		p.facts.remove(KindUnknown)
	}
	return nil
}

// picture checks and keeps a compressed picture.
func (p *webp) picture(c riffChunk, into *Plan) error {
	b, err := p.src.at(c.at, int(min(c.n, 10)))
	if err != nil {
		return err
	}
	var w, h int64
	switch {
	case c.name == "VP8 " && len(b) == 10 && b[0]&1 == 0 && string(b[3:6]) == "\x9D\x01\x2A":
		w, h = int64(binary.LittleEndian.Uint16(b[6:])&0x3FFF), int64(binary.LittleEndian.Uint16(b[8:])&0x3FFF)
		if int64(uint24(b)>>5) > c.n-10 {
			return refuse(ReasonTruncated, "webp: the picture ends too early")
		}
	case c.name == "VP8L" && len(b) >= 5 && b[0] == 0x2F:
		v := binary.LittleEndian.Uint32(b[1:])
		w, h = 1+int64(v&0x3FFF), 1+int64(v>>14&0x3FFF)
	default:
		return malformed("webp: a picture that is none")
	}
	if err := pixels(w, h); err != nil {
		return err
	}
	p.pictures++
	into.riff(c.name, p.src.plan(c.at, c.n))
	return nil
}

// frame keeps a picture of an animation.
func (p *webp) frame(c riffChunk) error {
	if c.n < 16 || p.anim == nil {
		return malformed("webp: a frame")
	}
	b, err := p.src.keep(c.at, 16)
	if err != nil {
		return err
	}
	b[15] &= 3
	into, before := literal(b...), p.pictures
	err = p.riffChunks(c.at+16, c.at+c.n, func(c riffChunk) error {
		switch c.name {
		case "ALPH":
			into.riff(c.name, p.src.plan(c.at, c.n))
			return nil
		case "VP8 ", "VP8L":
			return p.picture(c, into)
		}
		p.facts.remove(KindUnknown)
		return nil
	})
	if err != nil {
		return err
	}
	if p.pictures != before+1 {
		return malformed("webp: a frame")
	}
	p.body.riff("ANMF", into)
	return nil
}

func uint24(b []byte) uint32 { return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 }
