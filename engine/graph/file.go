// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"slices"
	"unsafe"
)

// The compact file holds the arrays of a graph as they lie in memory, so that
// opening it takes one look at each and no copying:
//
//	8 bytes   "TSGRAPH" and the version, 1
//	8 bytes   length of the header, little-endian
//	header    JSON, see fileHeader
//	sections  at multiples of 64 bytes after the header, little-endian
//
// Each section has a CRC-32C in the header.

const (
	fileMagic = "TSGRAPH\x01"
	// fileAlign is where sections begin, for the processor's sake.
	fileAlign = 64
	// maxHeader bounds the header of a file that may be hostile.
	maxHeader = 1 << 20
)

// ErrFile is returned for a file that is no compact graph, or a damaged one.
var ErrFile = errors.New("not a compact graph file, or a damaged one")

// ErrView is returned when a filtered view shall be written.
var ErrView = errors.New("only whole graphs can be written, not filtered views")

type fileHeader struct {
	Directed bool          `json:"directed"`
	Multi    bool          `json:"multi"`
	EdgeRows int           `json:"edge_rows,omitempty"`
	Sections []fileSection `json:"sections"`
	Columns  []fileColumn  `json:"columns,omitempty"`
}

type fileSection struct {
	Name   string `json:"name"`
	Offset int64  `json:"offset"` // after the end of the header, rounded up
	Length int64  `json:"length"` // in bytes
	CRC    uint32 `json:"crc32c"`
}

type fileColumn struct {
	Name  string   `json:"name"`
	Kind  Kind     `json:"kind"`
	Edges bool     `json:"edges,omitempty"`
	Words []string `json:"words,omitempty"`
}

// section is one array on its way to a file.
type section struct {
	name string
	data []byte
}

// sections lists all arrays of a graph.
func (s *storage) sections() []section {
	list := []section{{"label.end", asBytes(s.labels.end)}, {"label.text", s.labels.text}}
	add := func(name string, h *half) {
		list = append(list, section{name + ".off", asBytes(h.off)}, section{name + ".to", asBytes(h.to)})
		if h.weight != nil {
			list = append(list, section{name + ".weight", asBytes(h.weight)})
		}
		if h.edge != nil {
			list = append(list, section{name + ".edge", asBytes(h.edge)})
		}
	}
	add("out", &s.out)
	if s.directed {
		add("in", &s.in)
	}
	for i, c := range slices.Concat(s.nodeCols, s.edgeCols) {
		list = append(list, section{fmt.Sprint("column.", i), slices.Concat(asBytes(c.codes), asBytes(c.nums), asBytes(c.times))})
	}
	return list
}

// Write writes the graph in the compact form that Open maps.
func (g *Graph) Write(w io.Writer) error {
	if g.Filtered() {
		return ErrView
	}
	if g.empty() {
		g, _, _ = NewBuilder(Options{}).Build()
	}
	if !littleEndian() {
		return errors.New("compact graph files can be written on little-endian machines only")
	}
	header := fileHeader{Directed: g.directed, Multi: g.multi, EdgeRows: g.edgeRows}
	for i, c := range slices.Concat(g.nodeCols, g.edgeCols) {
		header.Columns = append(header.Columns, fileColumn{c.name, c.kind, i >= len(g.nodeCols), c.words})
	}
	sections := g.sections()
	end := int64(0)
	for _, s := range sections {
		header.Sections = append(header.Sections, fileSection{s.name, end, int64(len(s.data)), crc32.Checksum(s.data, castagnoli())})
		end = aligned(end + int64(len(s.data)))
	}
	text, err := json.Marshal(header)
	if err != nil {
		return err
	}
	if len(text) > maxHeader {
		return errors.New("the graph has too many distinct words in its text columns for a compact file")
	}
	out := &padder{w: bufio.NewWriterSize(w, 1<<20)}
	out.write([]byte(fileMagic))
	out.write(binary.LittleEndian.AppendUint64(nil, uint64(len(text))))
	out.write(text)
	for _, s := range sections {
		out.align()
		out.write(s.data)
	}
	if out.err != nil {
		return out.err
	}
	return out.w.Flush()
}

func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

func aligned(n int64) int64 { return (n + fileAlign - 1) / fileAlign * fileAlign }

// padder counts what it writes and remembers the first error.
type padder struct {
	w   *bufio.Writer
	n   int64
	err error
}

func (p *padder) write(b []byte) {
	if p.err != nil {
		return
	}
	n, err := p.w.Write(b)
	p.n, p.err = p.n+int64(n), err
}

func (p *padder) align() { p.write(make([]byte, aligned(p.n)-p.n)) }

// File is a graph whose arrays lie in a mapped file: the operating system reads
// what is used and may forget it again.
type File struct {
	*Graph
	unmap func() error
}

// Close ends the mapping. Neither the graph nor a view of it nor a label may be
// used after it.
func (f *File) Close() error { return f.unmap() }

// Open maps a compact graph file. It reads the whole file once to check it, so
// that a damaged or hostile file is an error that wraps ErrFile and never a
// crash later. The file must not change while it is open.
func Open(name string) (*File, error) {
	if !littleEndian() {
		return nil, errors.New("compact graph files can be opened on little-endian machines only")
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	data, unmap, err := mapFile(f)
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", name, err)
	}
	s, err := parseFile(data)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", name, err), unmap())
	}
	s.mapped = data
	return &File{newGraph(s), unmap}, nil
}

// asBytes shows an array as the bytes that it is made of.
func asBytes[T uint32 | float32 | float64 | int64](list []T) []byte {
	if len(list) == 0 {
		return nil
	}
	var one T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(list))), len(list)*int(unsafe.Sizeof(one))) // the same memory, as long as the array lives
}

// asArray is the reverse of asBytes; data must be aligned, which sections are.
func asArray[T uint32 | float32 | float64 | int64](data []byte) ([]T, error) {
	var one T
	size := int(unsafe.Sizeof(one))
	if len(data)%size != 0 {
		return nil, fmt.Errorf("%w: a section of %d bytes for values of %d", ErrFile, len(data), size)
	}
	if len(data) == 0 {
		return []T{}, nil
	}
	if uintptr(unsafe.Pointer(unsafe.SliceData(data)))%uintptr(size) != 0 { // only looks at the address
		return nil, fmt.Errorf("%w: a section is not aligned", ErrFile)
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(data))), len(data)/size), nil // length and alignment are checked above
}

func littleEndian() bool { return binary.NativeEndian.Uint16([]byte{1, 0}) == 1 }
