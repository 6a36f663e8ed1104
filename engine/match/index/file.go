// SPDX-License-Identifier: Apache-2.0

package index

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"unsafe"

	"github.com/turnstone-project/turnstone/engine/ftm"
	"github.com/turnstone-project/turnstone/engine/match"
)

// magic begins every index file; its last byte is the version of the format and
// of what the code makes of a word. An index is a copy of entities that exist
// elsewhere: a new version is built anew, never converted.
const magic = "TURNIDX\x0d"

// page is what sections are aligned to.
const page = 64

// maxHeader bounds the header that Open reads.
const maxHeader = 1 << 30

// ErrNotIndex says that a file is not an index, or one of another version.
var ErrNotIndex = errors.New("not an index file of this version: build it again")

// ErrDamaged says that an index file was cut or changed.
var ErrDamaged = errors.New("index file is damaged: build it again")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// header describes the sections of a file.
type header struct {
	Sections   []section    `json:"sections"`
	Tables     uint64       `json:"tables"` // of the words, match.TablesVersion
	Dicts      dictionaries `json:"dictionaries"`
	Generation uint64       `json:"generation"`
	Live       int          `json:"live"` // entities that count
	Journal    []Change     `json:"journal,omitempty"`
}

type section struct {
	Name   string `json:"name"`
	Offset int64  `json:"offset"` // from the end of the header's page
	Bytes  int64  `json:"bytes"`
	CRC    uint32 `json:"crc32c"`
}

// column is a slice of a segment that a file holds as it lies in memory.
type column struct {
	name  string
	bytes []byte
	set   func(s *segment, raw []byte) error
}

// list makes a column of a slice of fixed-size values.
func list[T any](name string, values []T, target func(s *segment) *[]T) column {
	size := int(unsafe.Sizeof(*new(T)))
	var raw []byte
	if len(values) > 0 {
		raw = unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), len(values)*size)
	}
	return column{name: name, bytes: raw, set: func(s *segment, raw []byte) error {
		if len(raw)%size != 0 {
			return ErrDamaged
		}
		if len(raw) == 0 {
			*target(s) = []T{}
			return nil
		}
		if uintptr(unsafe.Pointer(unsafe.SliceData(raw)))%unsafe.Alignof(*new(T)) != 0 {
			raw = append(make([]byte, 0, len(raw)), raw...)
		}
		*target(s) = unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(raw))), len(raw)/size)
		return nil
	}}
}

// columns lists the slices of a segment in the order of the file.
func (s *segment) columns() []column {
	return []column{
		list("entity.at", s.entAt, func(s *segment) *[]uint64 { return &s.entAt }),
		list("entity.source", s.entBlob, func(s *segment) *[]byte { return &s.entBlob }),
		list("entity.meta", s.entMeta, func(s *segment) *[]meta { return &s.entMeta }),
		list("entity.ids", s.idTable, func(s *segment) *[]uint32 { return &s.idTable }),
		list("entity.identifiers", s.idKeys, func(s *segment) *[]uint64 { return &s.idKeys }),
		list("entity.names.at", s.entDocAt, func(s *segment) *[]uint32 { return &s.entDocAt }),
		list("entity.names", s.entDocs, func(s *segment) *[]uint32 { return &s.entDocs }),
		list("doc.class", s.classes, func(s *segment) *[]docClass { return &s.classes }),
		list("doc.words", s.docWords, func(s *segment) *[]uint32 { return &s.docWords }),
		list("doc.facts", s.docFacts, func(s *segment) *[]docFact { return &s.docFacts }),
		list("doc.bearers.at", s.docEntAt, func(s *segment) *[]uint32 { return &s.docEntAt }),
		list("doc.bearers", s.docEnts, func(s *segment) *[]uint32 { return &s.docEnts }),
		list("doc.bearers.facts", s.entFacts, func(s *segment) *[]bearFact { return &s.entFacts }),
		list("word.at", s.varAt, func(s *segment) *[]uint32 { return &s.varAt }),
		list("word.stored", s.varBlob, func(s *segment) *[]byte { return &s.varBlob }),
		list("word", s.varInfo, func(s *segment) *[]variant { return &s.varInfo }),
		list("term.at", s.termAt, func(s *segment) *[]uint32 { return &s.termAt }),
		list("term.text", s.termBlob, func(s *segment) *[]byte { return &s.termBlob }),
		list("term.flags", s.termFlags, func(s *segment) *[]byte { return &s.termFlags }),
		list("posting.at", s.postAt, func(s *segment) *[]uint32 { return &s.postAt }),
		list("posting", s.posts, func(s *segment) *[]uint32 { return &s.posts }),
		list("key.at", s.keyAt, func(s *segment) *[]uint32 { return &s.keyAt }),
		list("key", s.keys, func(s *segment) *[]key { return &s.keys }),
	}
}

// Save writes the index to a file, which appears under its name only when it
// is complete and on disk. What changed since the base was made becomes part
// of the new base; the index itself stays as it is.
func (ix *Index) Save(path string) error {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	st := ix.state.Load()
	base := st.base
	if st.gone != nil { // there were updates
		b := newBuilder()
		err := ix.Each(func(e ftm.Entity) error {
			prepared := match.PrepareEntity(&e)
			b.add(&e, &prepared)
			return nil
		})
		if err != nil {
			return fmt.Errorf("save index: %w", err)
		}
		base = b.finish()
	}
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("save index: %w", err)
	}
	err = base.write(temp, header{Tables: match.TablesVersion(), Dicts: base.dicts, Generation: st.generation, Live: st.live, Journal: ix.journal})
	if err == nil {
		err = temp.Sync()
	}
	if closeErr := temp.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(temp.Name()) // the first error says what went wrong
		return fmt.Errorf("save index: %w", err)
	}
	return nil
}

func (s *segment) write(file io.Writer, h header) error {
	columns := s.columns()
	at := int64(0)
	for _, c := range columns {
		h.Sections = append(h.Sections, section{Name: c.name, Offset: at, Bytes: int64(len(c.bytes)), CRC: crc32.Checksum(c.bytes, castagnoli)})
		at += padded(int64(len(c.bytes)))
	}
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	var head bytes.Buffer
	head.WriteString(magic)
	var numbers [8]byte
	binary.LittleEndian.PutUint32(numbers[:4], uint32(len(text)))
	binary.LittleEndian.PutUint32(numbers[4:], crc32.Checksum(text, castagnoli))
	head.Write(numbers[:])
	head.Write(text)
	out := bufio.NewWriterSize(file, 1<<20)
	for _, raw := range append([][]byte{head.Bytes()}, rawOf(columns)...) {
		if _, err := out.Write(raw); err != nil {
			return err
		}
		if _, err := out.Write(make([]byte, padded(int64(len(raw)))-int64(len(raw)))); err != nil {
			return err
		}
	}
	return out.Flush()
}

func rawOf(columns []column) [][]byte {
	raw := make([][]byte, len(columns))
	for i, c := range columns {
		raw[i] = c.bytes
	}
	return raw
}

func padded(n int64) int64 { return (n + page - 1) / page * page }

// Open maps an index file into memory. It reads the header only: searching can
// begin at once, and pages come from disk as they are needed. Verify reads all.
func Open(path string) (*Index, error) {
	raw, unmap, err := mapFile(path)
	if err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	ix, err := fromBytes(raw)
	if err != nil {
		_ = unmap() // the first error says what went wrong
		return nil, fmt.Errorf("open index %s: %w", path, err)
	}
	ix.state.Load().base.close = unmap
	return ix, nil
}

func fromBytes(raw []byte) (*Index, error) {
	h, body, err := readHeader(raw)
	if err != nil {
		return nil, err
	}
	s := &segment{dicts: h.Dicts, close: func() error { return nil }}
	columns := s.columns()
	if len(columns) != len(h.Sections) {
		return nil, ErrNotIndex
	}
	for i, c := range columns {
		part, err := h.Sections[i].of(body, c.name)
		if err != nil {
			return nil, err
		}
		if err := c.set(s, part); err != nil {
			return nil, err
		}
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	s.ready()
	return newIndex(s, h.Generation, h.Live, h.Journal), nil
}

func readHeader(raw []byte) (header, []byte, error) {
	var h header
	if len(raw) < len(magic)+8 || string(raw[:len(magic)]) != magic {
		return h, nil, ErrNotIndex
	}
	size := int64(binary.LittleEndian.Uint32(raw[len(magic):]))
	sum := binary.LittleEndian.Uint32(raw[len(magic)+4:])
	start := int64(len(magic) + 8)
	if size > maxHeader || start+size > int64(len(raw)) {
		return h, nil, ErrDamaged
	}
	text := raw[start : start+size]
	if crc32.Checksum(text, castagnoli) != sum {
		return h, nil, ErrDamaged
	}
	if err := json.Unmarshal(text, &h); err != nil {
		return h, nil, ErrDamaged
	}
	if h.Tables != match.TablesVersion() {
		return h, nil, ErrNotIndex
	}
	return h, raw[min(int64(len(raw)), padded(start+size)):], nil
}

func (c section) of(body []byte, name string) ([]byte, error) {
	if c.Name != name {
		return nil, ErrNotIndex
	}
	if c.Offset < 0 || c.Bytes < 0 || c.Offset > int64(len(body)) || c.Bytes > int64(len(body))-c.Offset {
		return nil, ErrDamaged
	}
	return body[c.Offset : c.Offset+c.Bytes : c.Offset+c.Bytes], nil
}

// check holds the lengths of the columns against each other.
func (s *segment) check() error {
	ends := func(at []uint32, rows, values int) bool {
		return len(at) == rows+1 && int(at[rows]) == values
	}
	sound := len(s.entAt) == len(s.entMeta)+1 && s.entAt[len(s.entMeta)] == uint64(len(s.entBlob)) &&
		ends(s.entDocAt, len(s.entMeta), len(s.entDocs)) && s.checkDocs() && ends(s.docEntAt, len(s.docEntAt)-1, len(s.docEnts)) &&
		ends(s.varAt, len(s.varInfo), len(s.varBlob)) &&
		ends(s.termAt, len(s.termFlags), len(s.termBlob)) && ends(s.postAt, 2*len(s.termFlags), len(s.posts)) &&
		len(s.keyAt) > 1 && ends(s.keyAt, len(s.keyAt)-1, len(s.keys)) && len(s.idTable)&(len(s.idTable)-1) == 0
	if !sound {
		return ErrDamaged
	}
	return nil
}

// checkDocs holds the classes of docs against their words.
func (s *segment) checkDocs() bool {
	if len(s.docEntAt) == 0 || len(s.classes) < 2 || s.classes[0].First != 0 || s.classes[0].WordAt != 0 {
		return false
	}
	for i, c := range s.classes[1:] {
		before := s.classes[i]
		if c.First < before.First || c.WordAt-before.WordAt != (c.First-before.First)*before.Words {
			return false
		}
	}
	end := s.classes[len(s.classes)-1]
	return int(end.First) == s.docs() && len(s.docFacts) == s.docs() && len(s.entFacts) == len(s.docEnts) && int(end.WordAt) == len(s.docWords)
}

// Verify reads a whole index file and holds it against its checksums.
func Verify(path string) error {
	raw, unmap, err := mapFile(path)
	if err != nil {
		return fmt.Errorf("verify index: %w", err)
	}
	err = verify(raw)
	if unmapErr := unmap(); err == nil {
		err = unmapErr
	}
	if err != nil {
		return fmt.Errorf("verify index %s: %w", path, err)
	}
	return nil
}

func verify(raw []byte) error {
	h, body, err := readHeader(raw)
	if err != nil {
		return err
	}
	for _, c := range h.Sections {
		part, err := c.of(body, c.Name)
		if err != nil {
			return err
		}
		if crc32.Checksum(part, castagnoli) != c.CRC {
			return fmt.Errorf("section %s: %w", c.Name, ErrDamaged)
		}
	}
	return nil
}
