// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bytes"
	"encoding/binary"
)

// oggPage is a page of an Ogg file.
type oggPage struct {
	flags   byte
	granule uint64
	serial  uint32
	table   []byte
	at, n   int64 // of what it holds
	next    int64
}

// Flags of a page.
const (
	oggContinued = 1
	oggFirst     = 2
	oggLast      = 4
)

const maxOggHead = 1 << 20 // Vorbis books have some kilobytes; a cover in the comments is dropped unread

// ogg is the walk through one Ogg file: one sound, or several one after the
// other.
type ogg struct {
	*job
	at     int64
	serial uint32 // as it was found
	number uint32 // as it is written: which sound of the file
	seq    uint32
	open   bool
	pages  int // of sound
}

// cleanOGG keeps the sound of Vorbis and Opus, with empty comments.
func cleanOGG(j *job) error {
	o := &ogg{job: j}
	for o.at < j.src.size {
		if b, err := j.src.upTo(o.at, 4); err != nil || string(b) != "OggS" {
			if o.open || o.number == 0 || err != nil {
				return malformed("ogg: no page where one belongs")
			}
			break
		}
		p, err := o.page()
		if err != nil {
			return err
		}
		if p.flags&oggFirst != 0 {
			err = o.begin(p)
		} else {
			err = o.sound(p)
		}
		if err != nil {
			return err
		}
	}
	if o.pages == 0 {
		return refuse(ReasonTruncated, "ogg: no sound")
	}
	return j.trailing(o.at)
}

// page reads the page at o.at, and checks its sum.
func (o *ogg) page() (oggPage, error) {
	var p oggPage
	if err := o.budget.part(); err != nil {
		return p, err
	}
	b, err := o.src.keep(o.at, 27)
	if err != nil {
		return p, err
	}
	if string(b[:5]) != "OggS\x00" {
		return p, malformed("ogg: a page")
	}
	p = oggPage{flags: b[5], granule: binary.LittleEndian.Uint64(b[6:]), serial: binary.LittleEndian.Uint32(b[14:])}
	if p.table, err = o.src.keep(o.at+27, int(b[26])); err != nil {
		return p, err
	}
	p.at = o.at + 27 + int64(len(p.table))
	for _, n := range p.table {
		p.n += int64(n)
	}
	p.next = p.at + p.n
	if !o.src.has(p.at, p.n) {
		return p, refuse(ReasonTruncated, "ogg: a page ends too early")
	}
	want := binary.LittleEndian.Uint32(b[22:])
	copy(b[22:], "\x00\x00\x00\x00")
	sum := oggSum(oggSum(0, b), p.table)
	if err := o.src.each(p.at, p.n, func(b []byte) { sum = oggSum(sum, b) }); err != nil {
		return p, err
	}
	if sum != want {
		return p, malformed("ogg: a page's sum is wrong")
	}
	return p, nil
}

// oggSum goes on with the sum of a page.
func oggSum(sum uint32, b []byte) uint32 {
	for _, c := range b {
		sum = sum<<8 ^ oggTable[byte(sum>>24)^c]
	}
	return sum
}

var oggTable = func() (table [256]uint32) {
	for i := range table {
		v := uint32(i) << 24
		for range 8 {
			if v&(1<<31) != 0 {
				v = v<<1 ^ 0x04C11DB7
			} else {
				v <<= 1
			}
		}
		table[i] = v
	}
	return table
}()

// write appends a page whose content is a plan.
func (o *ogg) write(flags byte, granule uint64, table []byte, content *Plan, sum func(uint32) (uint32, error)) error {
	le := binary.LittleEndian
	h := append([]byte("OggS\x00"), flags)
	h = le.AppendUint32(le.AppendUint32(le.AppendUint64(h, granule), o.number), o.seq)
	h = append(le.AppendUint32(h, 0), byte(len(table)))
	h = append(h, table...)
	all, err := sum(oggSum(0, h))
	if err != nil {
		return err
	}
	le.PutUint32(h[22:], all)
	o.seq++
	o.plan.lit(h...)
	o.plan.add(content)
	return nil
}

// begin reads the pages at the beginning of a sound, and writes them anew.
func (o *ogg) begin(p oggPage) error {
	if o.open {
		return refuse(ReasonUnsupported, "ogg: several streams at once")
	}
	o.number++
	o.serial, o.seq, o.open = p.serial, 0, true
	if p.serial != o.number {
		o.facts.remove(KindIdentifier)
	}
	b, err := o.src.keep(p.at, int(min(p.n, 512)))
	if err != nil {
		return err
	}
	if len(p.table) != 1 || p.table[0] == 255 {
		return refuse(ReasonUnsupported, "ogg: neither Vorbis nor Opus")
	}
	vorbis, err := oggCodec(b)
	if err != nil {
		return err
	}
	o.at = p.next
	packets, err := o.packets(vorbis)
	if err != nil {
		return err
	}
	if err := o.packed(oggFirst, b); err != nil {
		return err
	}
	if vorbis {
		o.comments("\x03vorbis", packets[0], "\x01")
		if !bytes.HasPrefix(packets[1], []byte("\x05vorbis")) {
			return malformed("ogg: no books")
		}
		return o.packed(0, []byte("\x03vorbis\x00\x00\x00\x00\x00\x00\x00\x00\x01"), packets[1])
	}
	o.comments("OpusTags", packets[0], "")
	return o.packed(0, []byte("OpusTags\x00\x00\x00\x00\x00\x00\x00\x00"))
}

// oggCodec tells Vorbis from Opus, and refuses everything else: what lies
// beside sound can tell where and when.
func oggCodec(b []byte) (vorbis bool, err error) {
	switch {
	case len(b) == 30 && string(b[:7]) == "\x01vorbis" && string(b[7:11]) == "\x00\x00\x00\x00" && b[11] > 0:
		return true, nil
	case len(b) >= 19 && string(b[:8]) == "OpusHead" && b[8] < 16 && b[9] > 0 && (len(b) == 19 && b[18] == 0 || len(b) == 21+int(b[9]) && b[18] != 0):
		return false, nil
	case bytes.HasPrefix(b, []byte("\x01vorbis")), bytes.HasPrefix(b, []byte("OpusHead")):
		return false, malformed("ogg: head")
	case bytes.HasPrefix(b, []byte("fishead")):
		return false, refuse(ReasonUnsupported, "ogg: with a skeleton")
	}
	return false, refuse(ReasonUnsupported, "ogg: neither Vorbis nor Opus")
}

// packets gathers the packets of the head behind the first: the comments, and
// for Vorbis the books.
func (o *ogg) packets(vorbis bool) ([][]byte, error) {
	want := 1
	if vorbis {
		want = 2
	}
	var packets [][]byte
	var packet []byte
	length := 0
	for len(packets) < want {
		p, err := o.page()
		if err != nil {
			return nil, err
		}
		if p.serial != o.serial || p.flags&oggFirst != 0 {
			return nil, refuse(ReasonUnsupported, "ogg: several streams at once")
		}
		if (p.flags&oggContinued != 0) != (length > 0) {
			return nil, malformed("ogg: a page that doesn't go on")
		}
		at := p.at
		for _, n := range p.table {
			if len(packets) == want {
				return nil, malformed("ogg: sound in the head")
			}
			length += int(n) + 1
			if len(packets) == 1 && length > maxOggHead {
				return nil, refuse(ReasonTooLarge, "ogg: head")
			}
			if len(packet) < maxOggHead {
				b, err := o.src.at(at, int(n))
				if err != nil {
					return nil, err
				}
				packet = append(packet, b...)
			}
			at += int64(n)
			if n < 255 {
				packets = append(packets, packet)
				packet, length = nil, 0
			}
		}
		o.at = p.next
	}
	return packets, nil
}

// packed writes packets on pages of their own.
func (o *ogg) packed(flags byte, packets ...[]byte) error {
	var table, body []byte
	continued, fresh := byte(0), true
	page := func() error {
		granule := uint64(0)
		if fresh {
			granule = ^uint64(0) // no packet ends here
		}
		err := o.write(flags|continued, granule, table, literal(body...), func(sum uint32) (uint32, error) { return oggSum(sum, body), nil })
		table, body, fresh = nil, nil, true
		return err
	}
	for _, p := range packets {
		for rest := p; ; {
			n := min(len(rest), 255)
			table, body = append(table, byte(n)), append(body, rest[:n]...)
			rest = rest[n:]
			if n < 255 {
				fresh = false
			}
			if len(table) == 255 {
				if err := page(); err != nil {
					return err
				}
				continued = 0
				if n == 255 {
					continued = oggContinued
				}
			}
			if n < 255 {
				break
			}
		}
	}
	if len(table) == 0 {
		return nil
	}
	return page()
}

// comments reports what the packet of comments tells.
func (o *ogg) comments(head string, b []byte, tail string) {
	if string(b) == head+"\x00\x00\x00\x00\x00\x00\x00\x00"+tail {
		return
	}
	o.facts.remove(KindMetadata)
	b, ok := bytes.CutPrefix(b, []byte(head))
	if !ok {
		return
	}
	vendor, b, ok := oggString(b)
	if len(vendor) > 0 {
		o.facts.remove(KindSoftware)
	}
	if !ok || len(b) < 4 {
		return
	}
	for b = b[4:]; ok; {
		var comment []byte
		if comment, b, ok = oggString(b); !ok {
			return
		}
		key, _, _ := bytes.Cut(comment, []byte("="))
		o.facts.remove(oggKind(string(bytes.ToLower(key))))
	}
}

func oggString(b []byte) (s, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	n := binary.LittleEndian.Uint32(b)
	if uint64(n) > uint64(len(b)-4) {
		return nil, nil, false
	}
	return b[4 : 4+n], b[4+n:], true
}

func oggKind(key string) Kind {
	switch key {
	case "artist", "performer", "composer", "copyright", "contact", "organization", "author", "encoded_by", "encoded-by", "albumartist":
		return KindAuthor
	case "date", "year", "creation_time", "originaldate":
		return KindDate
	case "encoder", "encoder_options", "encoding":
		return KindSoftware
	case "location", "geo_location":
		return KindGPS
	case "metadata_block_picture", "coverart":
		return KindEmbeddedImage
	case "comment", "lyrics":
		return KindComment
	case "isrc":
		return KindIdentifier
	}
	return KindDescription
}

// sound keeps a page of sound, under its new number.
func (o *ogg) sound(p oggPage) error {
	if !o.open || p.serial != o.serial {
		return refuse(ReasonUnsupported, "ogg: several streams at once")
	}
	if p.flags&oggLast != 0 {
		o.open = false
	}
	o.at = p.next
	o.pages++
	return o.write(p.flags&(oggContinued|oggLast), p.granule, p.table, o.src.plan(p.at, p.n), func(sum uint32) (uint32, error) {
		err := o.src.each(p.at, p.n, func(b []byte) { sum = oggSum(sum, b) })
		return sum, err
	})
}
