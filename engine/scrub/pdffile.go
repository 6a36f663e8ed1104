// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
)

// pdfPlace says where an object is: at off, or the index-th of stream.
type pdfPlace struct {
	off    int64
	stream int
	index  int
}

// pdfStream is a dictionary with bytes behind it.
type pdfStream struct {
	dict *pdfDict
	off  int64
	n    int64
}

// pdfFile finds objects.
type pdfFile struct {
	*job
	places  map[int]pdfPlace
	trailer *pdfDict
	packed  map[int][]any // object streams, unpacked
	tables  int           // how many times the file was saved
	opening map[int]bool  // objects being read
}

const (
	maxPDFObjects = 1 << 20
	pdfTail       = 2048
)

// openPDF reads the tables from the last to the first.
func openPDF(j *job) (*pdfFile, error) {
	f := &pdfFile{job: j, places: map[int]pdfPlace{}, packed: map[int][]any{}, opening: map[int]bool{}}
	n := int(min(pdfTail, j.src.size))
	tail, err := j.src.keep(j.src.size-int64(n), n)
	if err != nil {
		return nil, err
	}
	i := bytes.LastIndex(tail, []byte("startxref"))
	if i < 0 {
		return nil, refuse(ReasonTruncated, "pdf: no end")
	}
	p := &pdfParser{b: tail, at: i + len("startxref")}
	p.space()
	at, ok := digits(p.word())
	if !ok {
		return nil, malformed("pdf: no table of objects")
	}
	p.space()
	if e := bytes.LastIndex(tail, []byte("%%EOF")); e >= 0 && len(bytes.TrimSpace(tail[e+5:])) > 0 {
		j.facts.remove(KindTrailing)
	}
	seen := map[int64]bool{}
	for off := int64(at); off >= 0; {
		if seen[off] || len(seen) > 4096 {
			return nil, malformed("pdf: tables that go round")
		}
		seen[off] = true
		f.tables++
		if off, err = f.table(off); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// table reads one table and returns where the one before it is, -1 for none.
func (f *pdfFile) table(off int64) (int64, error) {
	b, err := f.src.upTo(off, 64)
	if err != nil || len(b) == 0 {
		return 0, malformed("pdf: a table of objects is missing")
	}
	p := &pdfParser{b: b}
	p.space()
	var d *pdfDict
	if p.has("xref") {
		d, err = f.plainTable(off + int64(p.at) + 4)
	} else {
		d, err = f.streamTable(off)
	}
	if err != nil {
		return 0, err
	}
	if f.trailer == nil {
		f.trailer = d
	}
	if d.get("Encrypt") != nil {
		return 0, refuse(ReasonEncrypted, "")
	}
	if x, ok := d.get("XRefStm").(pdfNumber); ok {
		if at, ok := digits(string(x)); ok {
			if _, err := f.streamTable(int64(at)); err != nil {
				return 0, err
			}
		}
	}
	if prev, ok := d.get("Prev").(pdfNumber); ok {
		if at, ok := digits(string(prev)); ok {
			return int64(at), nil
		}
		return 0, malformed("pdf: a table of objects is missing")
	}
	return -1, nil
}

// plainTable reads a table of lines of 20 bytes.
func (f *pdfFile) plainTable(off int64) (*pdfDict, error) {
	for {
		b, err := f.src.upTo(off, 64)
		if err != nil {
			return nil, err
		}
		p := &pdfParser{b: b}
		p.space()
		if p.has("trailer") {
			v, _, err := f.parseAt(off + int64(p.at) + 7)
			d, ok := v.(*pdfDict)
			if err != nil || !ok {
				return nil, malformed("pdf: no trailer")
			}
			return d, nil
		}
		first, ok := digits(p.word())
		p.space()
		n, ok2 := digits(p.word())
		p.space()
		if !ok || !ok2 || n > maxPDFObjects {
			return nil, malformed("pdf: table of objects")
		}
		off += int64(p.at)
		for i := range n {
			line, err := f.src.at(off, 20)
			if err != nil {
				return nil, err
			}
			q := &pdfParser{b: line}
			place, ok := digits(q.word())
			q.space()
			q.word()
			q.space()
			kind := q.word()
			if !ok || (kind != "n" && kind != "f") {
				return nil, malformed("pdf: table of objects")
			}
			off += 20
			if q.at < 18 { // lines of 19 bytes, from programmes that forget one
				off -= int64(18 - q.at)
			} else if q.at == 18 && line[18] == '\n' && line[19] != '\n' && line[19] != '\r' && line[19] != ' ' {
				off--
			}
			if err := f.note(first+i, pdfPlace{off: int64(place)}, kind == "n" && place > 0); err != nil {
				return nil, err
			}
		}
	}
}

// note remembers a place; the first to be met is the newest.
func (f *pdfFile) note(num int, place pdfPlace, used bool) error {
	if _, have := f.places[num]; have {
		return nil
	}
	if len(f.places) > maxPDFObjects {
		return refuse(ReasonTooLarge, "pdf: too many objects")
	}
	if !used {
		place = pdfPlace{off: -1}
	}
	f.places[num] = place
	return nil
}

// streamTable reads a table that is a stream.
func (f *pdfFile) streamTable(off int64) (*pdfDict, error) {
	v, err := f.objectAt(off, -1)
	if err != nil {
		return nil, err
	}
	s, ok := v.(*pdfStream)
	if !ok || s.dict.get("Type") != pdfName("XRef") {
		return nil, malformed("pdf: no table of objects")
	}
	data, err := f.unpack(s)
	if err != nil {
		return nil, err
	}
	w, _ := s.dict.get("W").(pdfArray)
	if len(w) != 3 {
		return nil, malformed("pdf: table of objects")
	}
	var width [3]int
	for i := range w {
		width[i] = pdfInt(w[i])
		if width[i] < 0 || width[i] > 8 {
			return nil, malformed("pdf: table of objects")
		}
	}
	index, _ := s.dict.get("Index").(pdfArray)
	if index == nil {
		index = pdfArray{pdfNumber("0"), s.dict.get("Size")}
	}
	r := &bits{b: data}
	for i := 0; i+1 < len(index); i += 2 {
		first, n := pdfInt(index[i]), pdfInt(index[i+1])
		if n > maxPDFObjects {
			return nil, refuse(ReasonTooLarge, "pdf: too many objects")
		}
		for k := 0; k < n && len(r.b) > 0; k++ {
			kind := int64(1)
			if width[0] > 0 {
				kind = r.num(width[0])
			}
			a, b := r.num(width[1]), r.num(width[2])
			place := pdfPlace{off: a}
			if kind == 2 {
				place = pdfPlace{stream: int(a), index: int(b)}
			}
			if err := f.note(first+k, place, kind == 1 || kind == 2); err != nil {
				return nil, err
			}
		}
	}
	return s.dict, nil
}

func pdfInt(v any) int {
	n, ok := v.(pdfNumber)
	if !ok {
		return -1
	}
	i, ok := digits(string(n))
	if !ok {
		return -1
	}
	return i
}

// parseAt reads the object at off and returns where it ends.
func (f *pdfFile) parseAt(off int64) (any, int64, error) {
	for n := 4096; ; n *= 8 {
		b, err := f.src.upTo(off, n)
		if err != nil {
			return nil, 0, err
		}
		p := &pdfParser{b: b}
		v, err := p.object()
		whole := off+int64(len(b)) >= f.src.size
		// What ends at the window's edge may go on behind it.
		if (err == nil && p.at < len(b)-32) || whole {
			if err != nil {
				return nil, 0, malformed("pdf: an object that can't be read")
			}
			return v, off + int64(p.at), nil
		}
		if n > maxInMemory/8 {
			return nil, 0, refuse(ReasonTooLarge, "pdf: an object")
		}
	}
}

// objectAt reads "N G obj …" at off; num is checked unless it is negative.
func (f *pdfFile) objectAt(off int64, num int) (any, error) {
	b, err := f.src.upTo(off, 64)
	if err != nil {
		return nil, malformed("pdf: an object is missing")
	}
	p := &pdfParser{b: b}
	p.space()
	got, ok := digits(p.word())
	p.space()
	_, ok2 := digits(p.word())
	p.space()
	if !ok || !ok2 || !p.has("obj") || (num >= 0 && got != num) {
		return nil, malformed("pdf: an object is not where the table says")
	}
	v, end, err := f.parseAt(off + int64(p.at) + 3)
	if err != nil {
		return nil, err
	}
	d, ok := v.(*pdfDict)
	if !ok {
		return v, nil
	}
	if b, err = f.src.upTo(end, 64); err != nil {
		return nil, err
	}
	p = &pdfParser{b: b}
	p.space()
	if !p.has("stream") {
		return d, nil
	}
	p.at += 6
	if p.has("\r\n") {
		p.at += 2
	} else if p.has("\n") || p.has("\r") {
		p.at++
	}
	return f.streamAt(d, end+int64(p.at))
}

// streamAt finds how long a stream is.
func (f *pdfFile) streamAt(d *pdfDict, off int64) (any, error) {
	v, err := f.resolve(d.get("Length"))
	if err != nil {
		return nil, err
	}
	n := int64(pdfInt(v))
	if n >= 0 && f.src.has(off, n) {
		b, err := f.src.upTo(off+n, 16)
		if err != nil {
			return nil, err
		}
		if bytes.HasPrefix(bytes.TrimLeft(b, "\r\n \t\x00"), []byte("endstream")) {
			return &pdfStream{dict: d, off: off, n: n}, nil
		}
	}
	return nil, malformed("pdf: a stream of the wrong length")
}

// resolve follows references.
func (f *pdfFile) resolve(v any) (any, error) {
	for range 8 {
		ref, ok := v.(pdfRef)
		if !ok {
			return v, nil
		}
		var err error
		if v, err = f.load(ref.num); err != nil {
			return nil, err
		}
	}
	return nil, malformed("pdf: references that go round")
}

// load reads an object; nil where there is none.
func (f *pdfFile) load(num int) (any, error) {
	place, ok := f.places[num]
	if !ok || place.off < 0 {
		return nil, nil
	}
	if f.opening[num] {
		return nil, malformed("pdf: objects that need each other")
	}
	f.opening[num] = true
	defer delete(f.opening, num)
	if place.stream == 0 {
		return f.objectAt(place.off, num)
	}
	list, ok := f.packed[place.stream]
	if !ok {
		var err error
		if list, err = f.objectStream(place.stream); err != nil {
			return nil, err
		}
		if len(f.packed) > 64 { // few are needed at once
			clear(f.packed)
		}
		f.packed[place.stream] = list
	}
	if place.index >= len(list) {
		return nil, nil
	}
	return list[place.index], nil
}

func (f *pdfFile) objectStream(num int) ([]any, error) {
	v, err := f.load(num)
	if err != nil {
		return nil, err
	}
	s, ok := v.(*pdfStream)
	if !ok {
		return nil, malformed("pdf: a stream of objects is missing")
	}
	data, err := f.unpack(s)
	if err != nil {
		return nil, err
	}
	n, first := pdfInt(s.dict.get("N")), pdfInt(s.dict.get("First"))
	if n < 0 || first < 0 || first > len(data) || n > first {
		return nil, malformed("pdf: a stream of objects")
	}
	head := &pdfParser{b: data[:first]}
	out := make([]any, n)
	for i := range out {
		head.space()
		head.word()
		head.space()
		at, ok := digits(head.word())
		if !ok || first+at > len(data) {
			return nil, malformed("pdf: a stream of objects")
		}
		p := &pdfParser{b: data, at: first + at}
		if out[i], err = p.object(); err != nil {
			return nil, malformed("pdf: a stream of objects")
		}
	}
	return out, nil
}

// unpack decodes a stream that holds structure: plain or Flate.
func (f *pdfFile) unpack(s *pdfStream) ([]byte, error) {
	if s.n > maxInMemory {
		return nil, refuse(ReasonTooLarge, "pdf: a stream of structure")
	}
	b, err := f.src.keep(s.off, int(s.n))
	if err != nil {
		return nil, err
	}
	filter, err := f.resolve(s.dict.get("Filter"))
	if err != nil {
		return nil, err
	}
	parms, err := f.resolve(s.dict.get("DecodeParms"))
	if err != nil {
		return nil, err
	}
	if a, ok := filter.(pdfArray); ok && len(a) == 1 {
		filter = a[0]
		if p, ok := parms.(pdfArray); ok && len(p) == 1 {
			parms = p[0]
		}
	}
	switch filter {
	case nil:
		return b, nil
	case pdfName("FlateDecode"):
	default:
		return nil, refuse(ReasonUnsupported, "pdf: structure that is packed in a rare way")
	}
	out, err := f.budget.zlib(b)
	if err != nil {
		return nil, err
	}
	d, _ := parms.(*pdfDict)
	return unpredict(out, d)
}

// zlib unpacks within the budget.
func (b *budget) zlib(packed []byte) ([]byte, error) {
	z, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, malformed("packed bytes")
	}
	limit := b.limit(int64(len(packed)))
	out, err := io.ReadAll(io.LimitReader(z, limit+1))
	if int64(len(out)) > limit {
		return nil, refuse(ReasonBomb, "")
	}
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, zlib.ErrChecksum) {
		return nil, malformed("packed bytes")
	}
	b.spend(int64(len(out)))
	return out, nil
}

// unpredict undoes the PNG predictors of tables.
func unpredict(b []byte, d *pdfDict) ([]byte, error) {
	if p := pdfInt(d.get("Predictor")); d == nil || p < 2 {
		return b, nil
	} else if p < 10 {
		return nil, refuse(ReasonUnsupported, "pdf: structure that is packed in a rare way")
	}
	n := pdfInt(d.get("Columns"))
	if n < 1 || n > 1<<16 {
		return nil, malformed("pdf: packed structure")
	}
	out, above := make([]byte, 0, len(b)), make([]byte, n)
	for len(b) > n {
		kind, row := b[0], bytes.Clone(b[1:n+1])
		b = b[n+1:]
		for i := range row {
			left := byte(0)
			if i > 0 {
				left = row[i-1]
			}
			switch kind {
			case 0:
			case 1:
				row[i] += left
			case 2:
				row[i] += above[i]
			case 3:
				row[i] += byte((int(left) + int(above[i])) / 2)
			default:
				return nil, refuse(ReasonUnsupported, "pdf: structure that is packed in a rare way")
			}
		}
		out = append(out, row...)
		above = row
	}
	return out, nil
}
