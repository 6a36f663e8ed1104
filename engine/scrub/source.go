// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bytes"
	"errors"
	"io"
)

const (
	window = 256 << 10
	jump   = 8 << 10
)

// reader reads the outermost file through one window, so that a browser is
// asked seldom.
type reader struct {
	r    io.ReaderAt
	size int64
	buf  []byte
	off  int64 // of buf in the file
}

func (r *reader) readFull(b []byte, off int64) error {
	n, err := r.r.ReadAt(b, off)
	switch {
	case n == len(b):
		return nil
	case err == nil || errors.Is(err, io.EOF):
		return refuse(ReasonTruncated, "")
	}
	return err
}

// source is a run of bytes of the outermost file, or bytes in memory.
type source struct {
	root *reader
	base int64 // where it begins in the outermost file
	size int64
	mem  []byte
}

func newSource(r io.ReaderAt, size int64) *source {
	return &source{root: &reader{r: r, size: size}, size: size}
}

func memSource(b []byte) *source {
	return &source{mem: b, size: int64(len(b))}
}

// section is the n bytes from off; the caller has checked that they are there.
func (s *source) section(off, n int64) *source {
	if s.mem != nil {
		return memSource(s.mem[off : off+n : off+n])
	}
	return &source{root: s.root, base: s.base + off, size: n}
}

// has reports whether the n bytes from off are there.
func (s *source) has(off, n int64) bool {
	return off >= 0 && n >= 0 && off <= s.size && n <= s.size-off
}

// at returns n bytes from off. They are valid until the next call on any
// source of the same file, and must not be changed.
func (s *source) at(off int64, n int) ([]byte, error) {
	if !s.has(off, int64(n)) {
		return nil, refuse(ReasonTruncated, "")
	}
	if s.mem != nil {
		return s.mem[off : int(off)+n], nil
	}
	r := s.root
	off += s.base
	if off >= r.off && off+int64(n) <= r.off+int64(len(r.buf)) {
		return r.buf[off-r.off:][:n], nil
	}
	want := int64(max(n, window))
	if end := r.off + int64(len(r.buf)); off < r.off || off > end+jump {
		want = int64(max(n, jump)) // somewhere else: little of what is around will be asked for
	}
	want = min(want, r.size-off)
	if int64(cap(r.buf)) < want || cap(r.buf) > 4*window {
		r.buf = make([]byte, want)
	}
	r.buf, r.off = r.buf[:want], off
	if err := r.readFull(r.buf, off); err != nil {
		r.buf = r.buf[:0]
		return nil, err
	}
	return r.buf[:n], nil
}

// keep returns a copy of n bytes from off.
func (s *source) keep(off int64, n int) ([]byte, error) {
	if s.mem == nil && n > window {
		if !s.has(off, int64(n)) {
			return nil, refuse(ReasonTruncated, "")
		}
		b := make([]byte, n)
		return b, s.root.readFull(b, s.base+off)
	}
	b, err := s.at(off, n)
	return bytes.Clone(b), err
}

// upTo returns at most n bytes from off, fewer at the end.
func (s *source) upTo(off int64, n int) ([]byte, error) {
	return s.at(off, int(max(0, min(int64(n), s.size-off))))
}

// each calls fn with the n bytes from off, a window at a time.
func (s *source) each(off, n int64, fn func([]byte)) error {
	for n > 0 {
		step := min(n, window)
		b, err := s.at(off, int(step))
		if err != nil {
			return err
		}
		fn(b)
		off, n = off+step, n-step
	}
	return nil
}

// ReadAt implements io.ReaderAt.
func (s *source) ReadAt(b []byte, off int64) (int, error) {
	n := int(min(int64(len(b)), max(0, s.size-off)))
	if s.mem != nil {
		copy(b, s.mem[min(off, s.size):])
	} else if n > 0 {
		if err := s.root.readFull(b[:n], s.base+off); err != nil {
			return 0, err
		}
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}
