// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"errors"
	"io"
)

// Part is a run of the cleaned file: Literal bytes where it is not nil, else
// Length bytes of the source from Offset.
type Part struct {
	Literal        []byte
	Offset, Length int64
}

// Plan is a cleaned file as an ordered list of parts.
type Plan struct {
	Parts []Part
	Size  int64 // of the cleaned file
}

// Write writes the cleaned file to dst, reading ranges from src.
func (p *Plan) Write(dst io.Writer, src io.ReaderAt) (int64, error) {
	var total int64
	buf := make([]byte, 256<<10)
	for _, part := range p.Parts {
		if part.Literal != nil {
			n, err := dst.Write(part.Literal)
			total += int64(n)
			if err != nil {
				return total, err
			}
			continue
		}
		n, err := io.CopyBuffer(onlyWriter{dst}, io.NewSectionReader(src, part.Offset, part.Length), buf)
		total += n
		if err == nil && n < part.Length {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return total, err
		}
	}
	if total != p.Size {
		return total, errors.New("scrub: the plan's parts don't add up to its size")
	}
	return total, nil
}

// onlyWriter hides ReadFrom, so that CopyBuffer uses the buffer.
type onlyWriter struct{ io.Writer }

// lit appends literal bytes.
func (p *Plan) lit(b ...byte) {
	if len(b) == 0 {
		return
	}
	p.Size += int64(len(b))
	if n := len(p.Parts); n > 0 && p.Parts[n-1].Literal != nil {
		p.Parts[n-1].Literal = append(p.Parts[n-1].Literal, b...)
		return
	}
	p.Parts = append(p.Parts, Part{Literal: append(make([]byte, 0, len(b)+16), b...)})
}

func (p *Plan) str(s string) { p.lit([]byte(s)...) }

// copy appends n bytes of s from off.
func (p *Plan) copy(s *source, off, n int64) {
	if n <= 0 {
		return
	}
	if s.mem != nil {
		p.lit(s.mem[off : off+n]...)
		return
	}
	p.Size += n
	off += s.base
	if last := len(p.Parts) - 1; last >= 0 && p.Parts[last].Literal == nil && p.Parts[last].Offset+p.Parts[last].Length == off {
		p.Parts[last].Length += n
		return
	}
	p.Parts = append(p.Parts, Part{Offset: off, Length: n})
}

// add appends another plan of the same source.
func (p *Plan) add(q *Plan) {
	for _, part := range q.Parts {
		if part.Literal != nil {
			p.lit(part.Literal...)
			continue
		}
		p.copy(&source{}, part.Offset, part.Length)
	}
}

// whole reports whether p is the size bytes of s, unchanged.
func (p *Plan) whole(s *source) bool {
	if s.mem != nil {
		return len(p.Parts) == 1 && string(p.Parts[0].Literal) == string(s.mem)
	}
	return len(p.Parts) == 1 && p.Parts[0].Literal == nil && p.Parts[0].Offset == s.base && p.Parts[0].Length == s.size
}

// bytes returns the cleaned file in memory, for what is packed again.
func (p *Plan) bytes(s *source) ([]byte, error) {
	if len(p.Parts) == 1 && p.Parts[0].Literal != nil {
		return p.Parts[0].Literal, nil
	}
	out := make([]byte, 0, p.Size)
	for _, part := range p.Parts {
		if part.Literal != nil {
			out = append(out, part.Literal...)
			continue
		}
		at := len(out)
		out = out[:at+int(part.Length)]
		if err := s.root.readFull(out[at:], part.Offset); err != nil {
			return nil, err
		}
	}
	return out, nil
}
