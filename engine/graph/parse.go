// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"math"
)

// parseFile reads a compact graph that lies in memory, and checks all that an
// algorithm relies on.
func parseFile(data []byte) (*storage, error) {
	sections, header, err := fileSections(data)
	if err != nil {
		return nil, err
	}
	s := &storage{directed: header.Directed, multi: header.Multi, edgeRows: header.EdgeRows}
	p := &fileParser{sections: sections}
	s.labels.end = array[uint32](p, "label.end")
	s.labels.text = sections["label.text"]
	s.out = p.half("out")
	s.in = s.out
	if s.directed {
		s.in = p.half("in")
	}
	for i, c := range header.Columns {
		col := p.column(fmt.Sprint("column.", i), c)
		if c.Edges {
			s.edgeCols = append(s.edgeCols, col)
		} else {
			s.nodeCols = append(s.nodeCols, col)
		}
	}
	if p.err != nil {
		return nil, p.err
	}
	return s, s.check()
}

// fileSections finds the sections of a file and checks their sums.
func fileSections(data []byte) (map[string][]byte, *fileHeader, error) {
	if len(data) < 16 || !bytes.HasPrefix(data, []byte(fileMagic)) {
		return nil, nil, fmt.Errorf("%w: it does not begin like one", ErrFile)
	}
	length := binary.LittleEndian.Uint64(data[8:16])
	if length > maxHeader || length > uint64(len(data)-16) {
		return nil, nil, fmt.Errorf("%w: its header is cut off", ErrFile)
	}
	var header fileHeader
	if err := json.Unmarshal(data[16:16+length], &header); err != nil {
		return nil, nil, fmt.Errorf("%w: its header: %w", ErrFile, err)
	}
	body := aligned(16 + int64(length))
	sections := map[string][]byte{}
	for _, s := range header.Sections {
		lo := body + s.Offset
		if s.Offset < 0 || s.Length < 0 || s.Offset > int64(len(data)) || s.Length > int64(len(data)) || lo+s.Length > int64(len(data)) {
			return nil, nil, fmt.Errorf("%w: section %s is cut off", ErrFile, s.Name)
		}
		sections[s.Name] = data[lo : lo+s.Length : lo+s.Length]
		if crc32.Checksum(sections[s.Name], castagnoli()) != s.CRC {
			return nil, nil, fmt.Errorf("%w: section %s was changed", ErrFile, s.Name)
		}
	}
	return sections, &header, nil
}

// fileParser remembers the first error.
type fileParser struct {
	sections map[string][]byte
	err      error
}

func array[T uint32 | float32 | float64 | int64](p *fileParser, name string) []T {
	list, err := asArray[T](p.sections[name])
	if p.err == nil {
		p.err = err
	}
	return list
}

func (p *fileParser) half(name string) half {
	h := half{off: array[uint32](p, name+".off"), to: array[uint32](p, name+".to")}
	if _, ok := p.sections[name+".weight"]; ok {
		h.weight = array[float32](p, name+".weight")
	}
	if _, ok := p.sections[name+".edge"]; ok {
		h.edge = array[uint32](p, name+".edge")
	}
	return h
}

func (p *fileParser) column(section string, c fileColumn) *Column {
	col := NewColumn(c.Name, c.Kind)
	switch c.Kind {
	case Number:
		col.nums = array[float64](p, section)
	case Moment:
		col.times = array[int64](p, section)
	case Text:
		col.codes = array[uint32](p, section)
		col.words, col.index = nil, map[string]uint32{}
		for i, w := range c.Words {
			col.words = append(col.words, w)
			col.index[w] = uint32(i)
		}
	case Graded:
		col.codes = array[uint32](p, section)
	default:
		if p.err == nil {
			p.err = fmt.Errorf("%w: column %q is of unknown kind %d", ErrFile, c.Name, c.Kind)
		}
	}
	return col
}

// check makes sure that every index leads somewhere.
func (s *storage) check() error {
	n := s.labels.len()
	last := uint32(0)
	for _, end := range s.labels.end {
		if end < last || int(end) > len(s.labels.text) {
			return fmt.Errorf("%w: its labels overlap", ErrFile)
		}
		last = end
	}
	if s.edgeRows < 0 || s.multi != (s.out.edge != nil) {
		return fmt.Errorf("%w: its edge numbers are missing", ErrFile)
	}
	for _, h := range []*half{&s.out, &s.in} {
		if err := h.check(n, s.edgeRows, s.multi); err != nil {
			return err
		}
	}
	if len(s.in.to) != len(s.out.to) || (s.in.weight == nil) != (s.out.weight == nil) || (s.in.edge == nil) != (s.out.edge == nil) {
		return fmt.Errorf("%w: its two directions differ", ErrFile)
	}
	for _, c := range s.nodeCols {
		if err := c.check(n); err != nil {
			return err
		}
	}
	for _, c := range s.edgeCols {
		if err := c.check(s.edgeRows); err != nil {
			return err
		}
	}
	return nil
}

func (h *half) check(n, edgeRows int, multi bool) error {
	arcs := len(h.to)
	if len(h.off) != n+1 || h.off[0] != 0 || int(h.off[n]) != arcs ||
		h.weight != nil && len(h.weight) != arcs || h.edge != nil && len(h.edge) != arcs {
		return fmt.Errorf("%w: its arcs don't add up", ErrFile)
	}
	for u := range n {
		lo, hi := h.off[u], h.off[u+1]
		if hi < lo || int(hi) > arcs {
			return fmt.Errorf("%w: the arcs of node %d overlap", ErrFile, u)
		}
		for i := lo; i < hi; i++ {
			v := h.to[i]
			if int(v) >= n || v == uint32(u) || i > lo && (v < h.to[i-1] || !multi && v == h.to[i-1]) {
				return fmt.Errorf("%w: node %d has an arc to %d", ErrFile, u, v)
			}
		}
	}
	for _, w := range h.weight {
		if !(w > 0) || w > math.MaxFloat32 {
			return fmt.Errorf("%w: an arc weighs %v", ErrFile, w)
		}
	}
	for _, e := range h.edge {
		if int(e) >= edgeRows {
			return fmt.Errorf("%w: an arc has number %d of %d", ErrFile, e, edgeRows)
		}
	}
	return nil
}

func (c *Column) check(rows int) error {
	if c.Len() != rows {
		return fmt.Errorf("%w: column %q has %d values for %d rows", ErrFile, c.name, c.Len(), rows)
	}
	if c.kind == Text {
		for _, code := range c.codes {
			if int(code) >= len(c.words) {
				return fmt.Errorf("%w: column %q has a word too few", ErrFile, c.name)
			}
		}
	}
	return nil
}
