// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"io"
	"strings"
)

// zipEntry is one file of an archive, as its list says.
type zipEntry struct {
	name         string
	method       int
	flags        int
	sum          uint32
	packed, size int64
	at           int64 // of the packed bytes
	extra, note  bool
	made         int // the system and time that the entry names, zero where clean
}

const (
	maxZipEntries = 20000
	zipDate       = 0x21 // 1 January 1980: the format has no way to say nothing
)

// readZip reads the list at the archive's end. It is not believed: names,
// places and sizes are compared with what lies there.
func readZip(j *job) ([]zipEntry, error) {
	s := j.src
	n := int(min(s.size, 66000))
	tail, err := s.keep(s.size-int64(n), n)
	if err != nil {
		return nil, err
	}
	i := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if i < 0 || len(tail)-i < 22 {
		return nil, refuse(ReasonTruncated, "zip: no list at the end")
	}
	e := tail[i:]
	if len(e) > 22 {
		note := int(binary.LittleEndian.Uint16(e[20:]))
		if note > 0 {
			j.facts.remove(KindComment)
		}
		if len(e) > 22+note {
			j.facts.remove(KindTrailing)
		}
	}
	count, size, at := int64(binary.LittleEndian.Uint16(e[10:])), int64(binary.LittleEndian.Uint32(e[12:])), int64(binary.LittleEndian.Uint32(e[16:]))
	if at == 0xFFFFFFFF || count == 0xFFFF {
		return nil, refuse(ReasonUnsupported, "zip: of the large form")
	}
	if binary.LittleEndian.Uint16(e[4:]) != 0 {
		return nil, refuse(ReasonUnsupported, "zip: in several parts")
	}
	if count > maxZipEntries || size > 16<<20 {
		return nil, refuse(ReasonTooLarge, "zip: too many files")
	}
	if !s.has(at, size) || at+size > s.size-int64(len(tail)-i) {
		return nil, malformed("zip: list")
	}
	list, err := s.keep(at, int(size))
	if err != nil {
		return nil, err
	}
	return j.zipEntries(list, int(count))
}

func (j *job) zipEntries(list []byte, count int) ([]zipEntry, error) {
	seen := map[string]bool{}
	var out []zipEntry
	var total int64
	for range count {
		if err := j.budget.part(); err != nil {
			return nil, err
		}
		if len(list) < 46 || string(list[:4]) != "PK\x01\x02" {
			return nil, malformed("zip: list")
		}
		nn, xn, cn := int(binary.LittleEndian.Uint16(list[28:])), int(binary.LittleEndian.Uint16(list[30:])), int(binary.LittleEndian.Uint16(list[32:]))
		if len(list) < 46+nn+xn+cn {
			return nil, malformed("zip: list")
		}
		e := zipEntry{
			name: string(list[46 : 46+nn]), flags: int(binary.LittleEndian.Uint16(list[8:])), method: int(binary.LittleEndian.Uint16(list[10:])),
			sum: binary.LittleEndian.Uint32(list[16:]), packed: int64(binary.LittleEndian.Uint32(list[20:])), size: int64(binary.LittleEndian.Uint32(list[24:])),
			extra: xn > 0, note: cn > 0, made: int(binary.LittleEndian.Uint16(list[12:])) | int(binary.LittleEndian.Uint16(list[14:])&^zipDate),
		}
		at := int64(binary.LittleEndian.Uint32(list[42:]))
		list = list[46+nn+xn+cn:]
		if err := j.zipPlace(&e, at); err != nil {
			return nil, err
		}
		if seen[e.name] {
			return nil, malformed("zip: a name that is there twice")
		}
		seen[e.name] = true
		if total += e.packed; total > j.src.size {
			return nil, refuse(ReasonBomb, "zip: files that overlap")
		}
		out = append(out, e)
	}
	return out, nil
}

// zipPlace checks an entry against what lies at its place.
func (j *job) zipPlace(e *zipEntry, at int64) error {
	if badPath(e.name) {
		return refuse(ReasonTraversal, "")
	}
	if e.flags&0x2041 != 0 {
		return refuse(ReasonEncrypted, "zip")
	}
	if e.method != 0 && e.method != 8 {
		return refuse(ReasonUnsupported, "zip: packed in a rare way")
	}
	head, err := j.src.at(at, 30)
	if err != nil {
		return err
	}
	nn, xn := int64(binary.LittleEndian.Uint16(head[26:])), int64(binary.LittleEndian.Uint16(head[28:]))
	if string(head[:4]) != "PK\x03\x04" || int(binary.LittleEndian.Uint16(head[8:])) != e.method {
		return malformed("zip: a file is not where the list says")
	}
	e.extra = e.extra || xn > 0
	e.at = at + 30 + nn + xn
	name, err := j.src.at(at+30, int(nn))
	if err != nil {
		return err
	}
	if string(name) != e.name {
		return malformed("zip: a file has two names")
	}
	if !j.src.has(e.at, e.packed) {
		return refuse(ReasonTruncated, "zip: a file ends too early")
	}
	if e.method == 0 && e.packed != e.size {
		return malformed("zip: sizes")
	}
	return nil
}

// badPath reports whether a name leads out of the archive, or hides what it is.
func badPath(name string) bool {
	if name == "" || strings.HasPrefix(name, "/") || strings.ContainsAny(name, "\\\x00") || (len(name) > 1 && name[1] == ':') {
		return true
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == ".." {
			return true
		}
	}
	return false
}

// inflate unpacks an entry into memory, within the budget, and checks its sum.
func (j *job) inflate(e zipEntry) ([]byte, error) {
	if e.size > j.budget.limit(e.packed) {
		return nil, refuse(ReasonBomb, "")
	}
	if e.packed > maxInMemory {
		return nil, refuse(ReasonTooLarge, "zip: a packed file")
	}
	var out []byte
	var err error
	if e.method == 0 {
		if out, err = j.src.keep(e.at, int(e.size)); err != nil {
			return nil, err
		}
	} else {
		packed, err2 := j.src.keep(e.at, int(e.packed))
		if err2 != nil {
			return nil, err2
		}
		out, err = io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), e.size+1))
		if err != nil || int64(len(out)) != e.size {
			return nil, malformed("zip: packed bytes")
		}
	}
	j.budget.spend(e.size)
	if crc32.ChecksumIEEE(out) != e.sum {
		return nil, malformed("zip: a file's sum is wrong")
	}
	return out, nil
}

// zipWriter writes an archive whose entries say nothing but name and content.
type zipWriter struct {
	plan *Plan
	list []byte
	n    int
}

func (w *zipWriter) head(name string, method int, sum uint32, packed, size int64) {
	flags := 0
	for i := range len(name) {
		if name[i] >= 0x80 {
			flags = 0x800 // names are UTF-8
		}
	}
	le := binary.LittleEndian
	h := le.AppendUint16(nil, 20)
	h = le.AppendUint16(h, uint16(flags))
	h = le.AppendUint16(h, uint16(method))
	h = le.AppendUint16(h, 0)
	h = le.AppendUint16(h, zipDate)
	h = le.AppendUint32(h, sum)
	h = le.AppendUint32(h, uint32(packed))
	h = le.AppendUint32(h, uint32(size))
	h = le.AppendUint16(h, uint16(len(name)))
	h = le.AppendUint16(h, 0) // no extras
	at := w.plan.Size
	w.plan.str("PK\x03\x04")
	w.plan.lit(h...)
	w.plan.str(name)
	w.list = append(append(w.list, "PK\x01\x02\x14\x00"...), h...)
	w.list = append(w.list, make([]byte, 10)...)
	w.list = le.AppendUint32(w.list, uint32(at))
	w.list = append(w.list, name...)
	w.n++
}

// same keeps an entry's packed bytes as they are.
func (w *zipWriter) same(s *source, e zipEntry) {
	w.head(e.name, e.method, e.sum, e.packed, e.size)
	w.plan.copy(s, e.at, e.packed)
}

// put packs bytes, or stores them where that gains nothing.
func (w *zipWriter) put(name string, b []byte, store bool) {
	var packed bytes.Buffer
	if !store {
		z, _ := flate.NewWriter(&packed, flate.DefaultCompression) // the level is valid
		_, _ = z.Write(b)                                          // into memory
		_ = z.Close()
	}
	sum := crc32.ChecksumIEEE(b)
	if store || packed.Len() >= len(b) {
		w.head(name, 0, sum, int64(len(b)), int64(len(b)))
		w.plan.lit(b...)
		return
	}
	w.head(name, 8, sum, int64(packed.Len()), int64(len(b)))
	w.plan.lit(packed.Bytes()...)
}

func (w *zipWriter) end() error {
	if w.plan.Size > 1<<32-1-1<<24 {
		return refuse(ReasonUnsupported, "zip: of the large form")
	}
	le := binary.LittleEndian
	at := w.plan.Size
	w.plan.lit(w.list...)
	e := append([]byte("PK\x05\x06"), 0, 0, 0, 0)
	e = le.AppendUint16(le.AppendUint16(e, uint16(w.n)), uint16(w.n))
	e = le.AppendUint32(le.AppendUint32(e, uint32(len(w.list))), uint32(at))
	w.plan.lit(append(e, 0, 0)...)
	return nil
}

// zipTraces reports what the list itself tells.
func (j *job) zipTraces(list []zipEntry) {
	for _, e := range list {
		if e.made != 0 {
			j.facts.remove(KindDate)
		}
		if e.extra {
			j.facts.remove(KindIdentifier) // user numbers, exact times
		}
		if e.note {
			j.facts.remove(KindComment)
		}
	}
}

// cleanZIP cleans every file in an archive. One that can't be cleaned makes
// the archive refused: nobody could be told which it was.
func cleanZIP(j *job) error {
	list, err := readZip(j)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return refuse(ReasonEmpty, "zip")
	}
	j.zipTraces(list)
	w := &zipWriter{plan: j.plan}
	for _, e := range list {
		switch {
		case strings.HasSuffix(e.name, "/"):
			if e.size != 0 {
				return malformed("zip: a folder with content")
			}
			w.put(e.name, nil, true)
		case strings.HasPrefix(e.name, "__MACOSX/"), strings.HasSuffix(e.name, ".DS_Store"), strings.HasSuffix(strings.ToLower(e.name), "thumbs.db"), strings.HasSuffix(e.name, "/desktop.ini"):
			j.facts.remove(KindSettings)
		case e.size == 0:
			w.put(e.name, nil, true)
		default:
			if err := j.zipMember(w, e); err != nil {
				return err
			}
		}
	}
	return w.end()
}

// zipMember cleans one file of the archive.
func (j *job) zipMember(w *zipWriter, e zipEntry) error {
	src := j.src.section(e.at, e.packed)
	if e.method != 0 {
		b, err := j.inflate(e)
		if err != nil {
			return err
		}
		src = memSource(b)
	}
	plan, _, err := j.nested(src, e.name)
	if err != nil {
		return err
	}
	switch {
	case plan.whole(src):
		w.same(j.src, e)
	case e.method == 0 && plan.Size > maxInMemory/8:
		sum := crc32.NewIEEE()
		if _, err := plan.Write(sum, rootReader{j.src}); err != nil {
			return err
		}
		w.head(e.name, 0, sum.Sum32(), plan.Size, plan.Size)
		w.plan.add(plan)
	default:
		b, err := plan.bytes(src)
		if err != nil {
			return err
		}
		w.put(e.name, b, e.method == 0)
	}
	return nil
}

// rootReader reads the outermost file.
type rootReader struct{ s *source }

func (r rootReader) ReadAt(b []byte, off int64) (int, error) {
	if r.s.root == nil { // all is in memory, so no plan asks
		return 0, io.ErrUnexpectedEOF
	}
	return len(b), r.s.root.readFull(b, off)
}
