// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// mp3Header is the head of one frame of MPEG audio, layer III.
type mp3Header struct {
	version byte // 3 for MPEG 1, 2 for MPEG 2, 0 for 2.5
	rate    int  // samples a second
	kbit    int
	size    int // of the whole frame
	side    int // where side information begins
	sound   int // where it ends
	mono    bool
	raw     [4]byte
}

// mp3Head reads the head of a frame.
func mp3Head(b []byte) (h mp3Header, ok bool) {
	if len(b) < 4 || b[0] != 0xFF || b[1]&0xE6 != 0xE2 {
		return h, false
	}
	h.version = b[1] >> 3 & 3
	quality, rate := int(b[2]>>4), int(b[2]>>2&3)
	if h.version == 1 || quality == 0 || quality == 15 || rate == 3 || b[3]&3 == 2 {
		return h, false
	}
	h.mono = b[3]>>6 == 3
	h.rate = []int{44100, 48000, 32000}[rate]
	factor, side := 144, 32
	if h.version == 3 {
		h.kbit = []int{32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320}[quality-1]
	} else {
		h.kbit = []int{8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}[quality-1]
		h.rate >>= 1
		if h.version == 0 {
			h.rate >>= 1
		}
		factor, side = 72, 17
	}
	if h.mono {
		side = map[int]int{32: 17, 17: 9}[side]
	}
	h.size = factor*h.kbit*1000/h.rate + int(b[2]>>1&1)
	h.side = 4
	if b[1]&1 == 0 {
		h.side = 6 // a checksum
	}
	h.sound = h.side + side
	copy(h.raw[:], b)
	return h, h.size >= h.sound
}

// alike reports whether two frames can follow each other.
func (h mp3Header) alike(g mp3Header) bool { return h.version == g.version && h.rate == g.rate }

// lengths reads of the side information how far before the frame its sound
// begins, in bytes, and how long it is, in bits.
func (h mp3Header) lengths(frame []byte) (before, bits int64) {
	channels, granules := 2, 1
	if h.mono {
		channels = 1
	}
	field, each := 8, 63
	private := channels
	if h.version == 3 {
		granules, field, each = 2, 9, 59
		private = map[int]int{1: 5 + 4, 2: 3 + 8}[channels] // with the selection of scale factors
	}
	side := frame[h.side:h.sound]
	before = bitsOf(side, 0, field)
	at := field + private
	for range granules * channels {
		bits += bitsOf(side, at, 12)
		at += each
	}
	return before, bits
}

func bitsOf(b []byte, at, n int) (v int64) {
	for i := at; i < at+n; i++ {
		v = v<<1 | int64(b[i/8]>>(7-i%8)&1)
	}
	return v
}

// looksLikeMP3 reports whether a file begins with a frame that another or the
// end follows.
func looksLikeMP3(s *source) bool {
	b, err := s.upTo(0, 4)
	if err != nil {
		return false
	}
	h, ok := mp3Head(b)
	if !ok {
		return false
	}
	if b, err = s.upTo(int64(h.size), 4); err != nil {
		return false
	}
	g, ok := mp3Head(b)
	return int64(h.size) == s.size || (ok && h.alike(g))
}

// span is a run of bytes.
type span struct{ off, n int64 }

// mp3 is the walk through one MP3.
type mp3 struct {
	*job
	at, end int64
	first   mp3Header
	keep    []span // frames, one run where they touch
	frames  int64
	bytes   int64 // of all frames
	taken   int64 // with those that hold no sound
	places  []int64
	varies  bool
	index   []byte // the frame that says how long the file is, as it was found

	stream int64 // bytes of sound before this frame
	ended  int64 // up to where they belong to a frame
	recent []mp3Sound
	empty  []span // bytes of the file that become zero
	zeros  int64  // how many
}

// mp3Sound is the part of a frame that holds sound.
type mp3Sound struct {
	stream, off int64
	b           []byte
}

// maxZeros bounds what is written anew, which the plan holds in memory: a
// quarter of an hour of digital silence at the highest rate.
const maxZeros = 32 << 20

// mp3Sample is after how many frames a place is noted for the index.
const mp3Sample = 16

// cleanMP3 keeps the frames. An encoder fills what it doesn't need with its
// name; that becomes zero.
func cleanMP3(j *job) error {
	m := &mp3{job: j, end: j.src.size}
	if err := m.tagsBefore(); err != nil {
		return err
	}
	if err := m.tagsBehind(); err != nil {
		return err
	}
	if err := m.walk(); err != nil {
		return err
	}
	if m.frames == 0 || m.taken < (m.end-m.at)/2 {
		return refuse(ReasonUnsupported, "mp3: no sound of layer III")
	}
	if err := m.unused(m.stream); err != nil {
		return err
	}
	m.writeIndex()
	m.write()
	return nil
}

// tagsBefore passes over ID3v2 tags.
func (m *mp3) tagsBefore() error {
	for {
		if err := m.budget.part(); err != nil {
			return err
		}
		b, err := m.src.upTo(m.at, 10)
		if err != nil {
			return err
		}
		n := id3Size(b)
		if n == 0 {
			return nil
		}
		if !m.src.has(m.at, n) {
			return refuse(ReasonTruncated, "mp3: a tag ends too early")
		}
		if b, err = m.src.keep(m.at, int(min(n, 1<<20))); err != nil {
			return err
		}
		m.takeID3(b)
		m.at += n
	}
}

// tagsBehind passes over the tags at the end.
func (m *mp3) tagsBehind() error {
	for {
		if err := m.budget.part(); err != nil {
			return err
		}
		from := max(m.at, m.end-256)
		tail, err := m.src.keep(from, int(m.end-from))
		if err != nil {
			return err
		}
		has := func(back int, word string) bool {
			return len(tail) >= back && bytes.HasPrefix(tail[len(tail)-back:], []byte(word))
		}
		var n int64
		switch {
		case has(128, "TAG"):
			n = 128
			m.facts.remove(KindAuthor)
			m.facts.remove(KindDescription)
		case has(227, "TAG+"):
			n = 227
		case has(32, "APETAGEX"):
			foot := tail[len(tail)-32:]
			n = int64(binary.LittleEndian.Uint32(foot[12:]))
			if foot[23]&0x80 != 0 {
				n += 32
			}
		case has(9, "LYRICS200") && len(tail) >= 15:
			n = 15
			for _, c := range tail[len(tail)-15 : len(tail)-9] {
				if c < '0' || c > '9' {
					return malformed("mp3: lyrics")
				}
			}
			n += decimal(tail[len(tail)-15 : len(tail)-9])
		case has(10, "3DI"):
			foot := tail[len(tail)-10:]
			n = id3Size(append([]byte("ID3"), foot[3:]...))
		}
		if n == 0 {
			return nil
		}
		if n < 32 || n > m.end-m.at {
			return malformed("mp3: a tag of a length that can't be")
		}
		m.facts.remove(KindMetadata)
		m.end -= n
	}
}

func decimal(digits []byte) (n int64) {
	for _, c := range digits {
		n = n*10 + int64(c-'0')
	}
	return n
}

// walk reads frames up to the end. What lies between is no sound, and doesn't
// stay.
func (m *mp3) walk() error {
	for at := m.at; at < m.end; {
		b, err := m.src.upTo(at, 4)
		if err != nil {
			return err
		}
		h, ok := mp3Head(b)
		ok = ok && int64(h.size) <= m.end-at && (m.frames == 0 || h.alike(m.first))
		if ok && m.frames == 0 {
			ok, err = m.followed(h, at)
			if err != nil {
				return err
			}
		}
		if !ok {
			m.facts.remove(KindHidden)
			if at, err = m.next(at + 1); err != nil {
				return err
			}
			continue
		}
		if err := m.frame(h, at); err != nil {
			return err
		}
		at += int64(h.size)
	}
	return nil
}

// followed reports whether behind the frame h at that place comes another, or
// the end.
func (m *mp3) followed(h mp3Header, at int64) (bool, error) {
	at += int64(h.size)
	if at == m.end {
		return true, nil
	}
	b, err := m.src.upTo(at, 4)
	if err != nil {
		return false, err
	}
	g, ok := mp3Head(b)
	return ok && h.alike(g), nil
}

// next looks for the place where frames go on.
func (m *mp3) next(at int64) (int64, error) {
	for at < m.end {
		b, err := m.src.upTo(at, int(min(window/4, m.end-at)))
		if err != nil {
			return 0, err
		}
		i := bytes.IndexByte(b, 0xFF)
		if i < 0 {
			at += int64(len(b))
			continue
		}
		at += int64(i)
		h, ok := mp3Head(b[i:])
		if !ok && len(b)-i < 4 && at+4 <= m.end {
			if b, err = m.src.at(at, 4); err != nil {
				return 0, err
			}
			h, ok = mp3Head(b)
		}
		if ok && int64(h.size) <= m.end-at && (m.frames == 0 || h.alike(m.first)) {
			if ok, err = m.followed(h, at); err != nil || ok {
				return at, err
			}
		}
		at++
	}
	return at, nil
}

// frame takes one frame.
func (m *mp3) frame(h mp3Header, at int64) error {
	b, err := m.src.keep(at, h.size)
	if err != nil {
		return err
	}
	m.taken += int64(h.size)
	before, bits := h.lengths(b)
	if bits == 0 && isIndex(h, b) {
		if m.frames == 0 && m.index == nil {
			m.index = b
		} else {
			m.facts.remove(KindSoftware)
		}
		if m.frames == 0 {
			m.first = h
		}
		return nil
	}
	if m.frames == 0 {
		m.first = h
	}
	m.varies = m.varies || h.kbit != m.first.kbit
	if m.frames%mp3Sample == 0 {
		if err := m.budget.part(); err != nil {
			return err
		}
		m.places = append(m.places, m.bytes)
	}
	m.frames++
	m.bytes += int64(h.size)
	if n := len(m.keep); n > 0 && m.keep[n-1].off+m.keep[n-1].n == at {
		m.keep[n-1].n += int64(h.size)
	} else {
		if err := m.budget.part(); err != nil {
			return err
		}
		m.keep = append(m.keep, span{at, int64(h.size)})
	}
	begins := m.stream - before
	if err := m.unused(begins); err != nil {
		return err
	}
	m.recent = append(m.recent, mp3Sound{m.stream, at + int64(h.sound), b[h.sound:]})
	m.stream += int64(len(b) - h.sound)
	m.ended = max(m.ended, min(begins+(bits+7)/8, m.stream))
	return nil
}

// unused makes the bytes zero that belong to no frame, up to where the next
// one's sound begins.
func (m *mp3) unused(begins int64) error {
	for len(m.recent) > 0 {
		s := m.recent[0]
		from, to := max(m.ended-s.stream, 0), min(begins-s.stream, int64(len(s.b)))
		if from < to {
			if run := s.b[from:to]; len(bytes.Trim(run, "\x00")) > 0 {
				if err := m.budget.part(); err != nil {
					return err
				}
				if m.zeros += to - from; m.zeros > maxZeros {
					return refuse(ReasonTooLarge, "mp3: little but what the encoder filled in")
				}
				m.empty = append(m.empty, span{s.off + from, to - from})
				clear(run)
			}
		}
		if s.stream+int64(len(s.b)) > max(begins, m.ended) || len(m.recent) == 1 {
			return nil
		}
		m.recent = slices.Delete(m.recent, 0, 1)
	}
	return nil
}

// isIndex reports whether a frame is none of sound, but says how long the file
// is, and with what it was made.
func isIndex(h mp3Header, b []byte) bool {
	word := func(at int) string { return string(b[min(at, len(b)):min(at+4, len(b))]) }
	return word(h.sound) == "Xing" || word(h.sound) == "Info" || word(h.side+32) == "VBRI"
}

// writeIndex writes the frame by which players find a place, for files whose
// frames differ in size, and says nothing else.
func (m *mp3) writeIndex() {
	if m.index == nil {
		return
	}
	var fresh []byte
	if m.varies {
		fresh = m.freshIndex()
		m.plan.lit(fresh...)
	}
	if !bytes.Equal(fresh, m.index) {
		m.facts.remove(KindSoftware)
	}
}

func (m *mp3) freshIndex() []byte {
	head := m.first.raw
	head[1] |= 1 // no checksum
	head[2] &= 0x0C
	if m.first.version == 3 {
		head[2] |= 5 << 4 // 64 kbit/s
	} else {
		head[2] |= 8 << 4
	}
	h, _ := mp3Head(head[:]) // made of one that was read
	out := make([]byte, h.size)
	copy(out, head[:])
	at := out[h.sound:]
	copy(at, "Xing\x00\x00\x00\x07")
	total := m.bytes + int64(h.size)
	binary.BigEndian.PutUint32(at[8:], uint32(m.frames))
	binary.BigEndian.PutUint32(at[12:], uint32(total))
	for i := range int64(100) {
		place := m.places[i*int64(len(m.places))/100] + int64(h.size)
		at[16+i] = byte(place * 255 / total)
	}
	return out
}

// write writes the frames, with zeros where nothing belongs.
func (m *mp3) write() {
	empty := m.empty
	for _, s := range m.keep {
		at := s.off
		for len(empty) > 0 && empty[0].off < s.off+s.n {
			m.plan.copy(m.src, at, empty[0].off-at)
			m.plan.lit(make([]byte, empty[0].n)...)
			at = empty[0].off + empty[0].n
			empty = empty[1:]
		}
		m.plan.copy(m.src, at, s.off+s.n-at)
	}
	if len(m.empty) > 0 {
		m.facts.remove(KindStream)
	}
}
