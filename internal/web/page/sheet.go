// SPDX-License-Identifier: AGPL-3.0-or-later

package page

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
)

// Sheet is a page that was made and compressed once and is sent many times. It
// may have holes, for words that differ from one browser to the next: they are
// filled each time and never kept, and stand in the compressed page as they
// are. A Sheet does not change and is safe for concurrent use.
type Sheet struct {
	parts []part // a hole lies behind each but the last one
	size  int    // of all parts, as they are kept
	loose bool   // the parts are kept as they are: there are so many that each is too short to be compressed
}

// mostHoles is how many holes a page may have whose parts are compressed one by
// one. One with more is compressed each time.
const mostHoles = 200

// part is what stands before a hole, compressed by itself: nothing in it
// refers to what stands before it.
type part struct {
	zipped []byte // or as it is, in a loose sheet
	length int
	sum    uint32 // CRC-32 of what it unpacks to
	shift  uint32 // what passing over it multiplies an earlier sum with
	hole   int    // number of the text that fills the hole behind it
}

// gzipHead is a header as RFC 1952 has it, without name and time.
var gzipHead = []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff}

const (
	gzipTail   = 8       // the sum and the length of what was compressed
	storedHead = 5       // of a block that holds bytes as they are (RFC 1951, 3.2.4)
	maxFill    = 1 << 12 // of what fills a hole, in bytes
)

// NewSheet compresses a page. Where one of marks stands is a hole, filled later
// with the text of the same number; no mark may be empty or lie in another.
func NewSheet(body []byte, marks ...string) (*Sheet, error) {
	s := &Sheet{}
	for _, mark := range marks {
		s.loose = s.loose || bytes.Count(body, []byte(mark)) > mostHoles
	}
	for {
		hole, at := -1, len(body)
		for n, mark := range marks {
			if i := bytes.Index(body[:at], []byte(mark)); i >= 0 {
				hole, at = n, i
			}
		}
		p := part{zipped: bytes.Clone(body[:at])}
		if !s.loose {
			var err error
			if p, err = newPart(body[:at], hole < 0); err != nil {
				return nil, fmt.Errorf("compress a page: %w", err)
			}
		}
		p.hole = hole
		s.parts, s.size = append(s.parts, p), s.size+len(p.zipped)
		if hole < 0 {
			return s, nil
		}
		body = body[at+len(marks[hole]):]
	}
}

func newPart(b []byte, last bool) (part, error) {
	var small bytes.Buffer
	w, err := flate.NewWriter(&small, flate.DefaultCompression)
	if err != nil {
		return part{}, err
	}
	if _, err := w.Write(b); err != nil {
		return part{}, err
	}
	end := w.Flush // to the next whole byte
	if last {
		end = w.Close
	}
	if err := end(); err != nil {
		return part{}, err
	}
	return part{zipped: bytes.Clone(small.Bytes()), length: len(b), sum: crc32.ChecksumIEEE(b), shift: shiftOf(len(b))}, nil
}

// Holes is how many holes s has.
func (s *Sheet) Holes() int { return len(s.parts) - 1 }

// Zipped returns the page as gzip, its holes filled. It panics when a text is
// missing or longer than 4,096 bytes, because only a programmer can have done
// that.
func (s *Sheet) Zipped(fills ...string) []byte {
	var b bytes.Buffer
	s.zipInto(&b, fills)
	return b.Bytes()
}

// WriteZipped sends the page as gzip, its holes filled, and leaves nothing of
// what filled them in memory.
func (s *Sheet) WriteZipped(w http.ResponseWriter, fills ...string) {
	b := borrow()
	defer giveBack(b)
	s.zipInto(b, fills)
	w.Header().Set("Content-Encoding", "gzip")
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	_, _ = w.Write(b.Bytes()) // the browser left: nobody to tell
}

func (s *Sheet) zipInto(b *bytes.Buffer, fills []string) {
	if s.loose {
		if err := zip(b, s.fill(fills)); err != nil {
			panic("page: " + err.Error()) // a buffer takes everything
		}
		return
	}
	size := len(gzipHead) + s.size + gzipTail
	for _, p := range s.parts[:s.Holes()] {
		size += storedHead + len(fills[p.hole])
	}
	b.Grow(size)
	out := append(b.AvailableBuffer(), gzipHead...)
	sum, length := uint32(0), 0
	for _, p := range s.parts {
		out = append(out, p.zipped...)
		sum, length = multiply(p.shift, sum)^p.sum, length+p.length
		if p.hole < 0 {
			break
		}
		fill := checked(fills[p.hole])
		out = append(out, 0) // a stored block, not the last one
		out = binary.LittleEndian.AppendUint16(out, uint16(len(fill)))
		out = binary.LittleEndian.AppendUint16(out, ^uint16(len(fill)))
		out = append(out, fill...)
		sum, length = crc32.Update(sum, crc32.IEEETable, []byte(fill)), length+len(fill)
	}
	out = binary.LittleEndian.AppendUint32(out, sum)
	out = binary.LittleEndian.AppendUint32(out, uint32(length)) // modulo 2³², as RFC 1952 has it
	b.Write(out)
}

func checked(fill string) string {
	if len(fill) > maxFill {
		panic(fmt.Sprintf("page: %d bytes for a hole", len(fill)))
	}
	return fill
}

// fill puts a page together whose parts are kept as they are.
func (s *Sheet) fill(fills []string) []byte {
	var b bytes.Buffer
	for _, p := range s.parts {
		b.Write(p.zipped)
		if p.hole >= 0 {
			b.WriteString(checked(fills[p.hole]))
		}
	}
	return b.Bytes()
}

// Plain returns the page as it was before it was compressed, its holes filled.
func (s *Sheet) Plain(fills ...string) ([]byte, error) {
	if s.loose {
		return s.fill(fills), nil
	}
	r, err := gzip.NewReader(bytes.NewReader(s.Zipped(fills...)))
	if err != nil {
		return nil, fmt.Errorf("unpack a page: %w", err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("unpack a page: %w", err)
	}
	return b, nil
}

// A CRC-32 is the remainder of a polynomial over the field of two elements. That
// of two texts, one behind the other, is the first one's, times x once for each
// bit of the second, plus the second one's. Remainders are written with the
// coefficient of x⁰ in the highest bit.
const one = uint32(1) << 31

// multiply returns the remainder of a·b.
func multiply(a, b uint32) uint32 {
	var product uint32
	for ; a != 0; a <<= 1 {
		if a&one != 0 {
			product ^= b
		}
		b = b>>1 ^ crc32.IEEE&-(b&1) // b·x
	}
	return product
}

// shiftOf returns the remainder of x to the power of the bits of n bytes.
func shiftOf(n int) uint32 {
	power, shift := one>>8, one // x⁸ and 1
	for ; n > 0; n >>= 1 {
		if n&1 != 0 {
			shift = multiply(power, shift)
		}
		power = multiply(power, power)
	}
	return shift
}
