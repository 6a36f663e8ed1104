// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// run is bytes of the file that stay: a chunk of samples.
type run struct {
	off, n int64
	track  int
	chunk  int
	to     int64 // where it begins in the new data box
}

// patch replaces bytes of a sample.
type patch struct {
	off   int64
	bytes []byte
}

// movie is one MP4, MOV, 3GP or M4A.
type movie struct {
	*job
	top     []box
	tracks  []*track
	header  []byte // fresh mvhd
	runs    []run
	patches []patch
	total   int64
}

// cleanMP4 keeps the tracks of picture and sound: their tables are written
// anew, and of the data only the bytes that the tables name.
func cleanMP4(j *job) error {
	m := &movie{job: j}
	var err error
	if m.top, err = topBoxes(j.src); err != nil {
		return err
	}
	brand, moov, err := m.look()
	if err != nil {
		return err
	}
	if err := m.movie(moov); err != nil {
		return err
	}
	if err := m.place(); err != nil {
		return err
	}
	ftyp := freshBrand(brand)
	wide := false
	size := int64(len(ftyp) + len(m.write(0, wide)))
	if size+m.total+16 > 1<<32-1 {
		wide = true
		size = int64(len(ftyp) + len(m.write(0, wide)))
	}
	head := mdatHead(m.total)
	j.plan.lit(ftyp...)
	j.plan.lit(m.write(size+int64(len(head)), wide)...)
	j.plan.lit(head...)
	m.data()
	return nil
}

// look goes through the file's boxes and returns brand and moov.
func (m *movie) look() (string, []byte, error) {
	brand, end := "qt  ", int64(0)
	var moov *box
	for i := range m.top {
		b := &m.top[i]
		end = b.off + b.size
		switch b.typ {
		case "ftyp":
			head, err := m.src.upTo(b.off, int(min(b.size, 8)))
			if err != nil {
				return "", nil, err
			}
			if len(head) < 4 {
				return "", nil, malformed("mp4: no brand")
			}
			brand = string(head[:4])
		case "moov":
			if moov != nil {
				return "", nil, malformed("mp4: two lists of contents")
			}
			moov = b
		case "mdat":
		case "moof", "sidx", "styp", "mfra":
			return "", nil, refuse(ReasonUnsupported, "mp4: in fragments")
		case "free", "skip", "wide":
			if err := m.padding(b); err != nil {
				return "", nil, err
			}
		case "meta", "udta", "uuid":
			if err := m.describe(b); err != nil {
				return "", nil, err
			}
		default:
			m.facts.remove(KindUnknown)
		}
	}
	if moov == nil {
		return "", nil, refuse(ReasonTruncated, "mp4: no list of contents")
	}
	if end < m.src.size {
		m.facts.remove(KindTrailing)
	}
	return brand, moov.body, moov.load(m.src)
}

// padding reports what hides in space that is said to be free.
func (m *movie) padding(b *box) error {
	used := false
	err := m.src.each(b.off, min(b.size, 1<<20), func(p []byte) { used = used || len(bytes.Trim(p, "\x00")) > 0 })
	if used {
		m.facts.remove(KindHidden)
	}
	return err
}

func (m *movie) describe(b *box) error {
	head, err := m.src.keep(b.off, int(min(b.size, 1<<20)))
	m.takeTags(head)
	return err
}

// takeTags reports what user data tells.
func (j *job) takeTags(b []byte) {
	found := false
	for _, row := range []struct {
		word string
		kind Kind
	}{
		{"\xA9xyz", KindGPS},
		{"loci", KindGPS},
		{"location", KindGPS},
		{"GPS", KindGPS},
		{"\xA9too", KindSoftware},
		{"\xA9swr", KindSoftware},
		{"software", KindSoftware},
		{"\xA9enc", KindSoftware},
		{"\xA9mak", KindDevice},
		{"\xA9mod", KindDevice},
		{"quicktime.model", KindDevice},
		{"com.android", KindDevice},
		{"\xA9day", KindDate},
		{"creationdate", KindDate},
		{"\xA9ART", KindAuthor},
		{"\xA9aut", KindAuthor},
		{"auth", KindAuthor},
		{"artist", KindAuthor},
		{"\xA9nam", KindDescription},
		{"titl", KindDescription},
		{"desc", KindDescription},
		{"\xA9cmt", KindComment},
		{"covr", KindEmbeddedImage},
		{"CAME", KindSerial},
		{"FIRM", KindSoftware},
	} {
		if bytes.Contains(b, []byte(row.word)) {
			j.facts.remove(row.kind)
			found = true
		}
	}
	if bytes.Contains(b, []byte("<x:xmpmeta")) {
		j.takeXMP(b)
		found = true
	}
	if !found {
		j.facts.remove(KindMetadata)
	}
}

// freshBrand writes the first box: the brand where it is usual, nothing else.
func freshBrand(brand string) []byte {
	switch brand {
	case "qt  ":
		return makeBox("ftyp", []byte("qt  \x00\x00\x00\x00qt  "))
	case "M4A ", "M4V ", "3gp4", "3gp5", "3gp6", "3g2a", "mp41", "mp42", "avc1", "iso4", "iso5", "iso6":
	default:
		brand = "isom"
	}
	return makeBox("ftyp", []byte(brand+"\x00\x00\x00\x00"+brand+"isomiso2mp41"))
}

// movie reads moov.
func (m *movie) movie(b []byte) error {
	list, err := boxesIn(b)
	if err != nil {
		return err
	}
	for _, b := range list {
		switch b.typ {
		case "mvhd":
			m.header, err = m.times(b.body, "mvhd", 100)
		case "trak":
			var t *track
			if t, err = m.track(b.body); t != nil {
				m.tracks = append(m.tracks, t)
			}
		case "udta", "meta", "uuid":
			m.takeTags(b.body)
		case "cmov":
			err = refuse(ReasonUnsupported, "mov: a packed list of contents")
		case "mvex":
			err = refuse(ReasonUnsupported, "mp4: in fragments")
		case "iods":
		case "free", "skip", "wide":
			if len(bytes.Trim(b.body, "\x00")) > 0 {
				m.facts.remove(KindHidden)
			}
		default:
			m.facts.remove(KindUnknown)
		}
		if err != nil {
			return err
		}
		if len(m.tracks) > 64 {
			return refuse(ReasonTooLarge, "mp4: too many tracks")
		}
	}
	if m.header == nil || len(m.tracks) == 0 {
		return malformed("mp4: neither picture nor sound")
	}
	return nil
}

// times copies a header of that many bytes (in version 0) with its times
// taken out.
func (m *movie) times(b []byte, typ string, want int) ([]byte, error) {
	if len(b) < 4 || b[0] > 1 {
		return nil, malformed("mp4: " + typ)
	}
	n := 8
	if b[0] == 1 {
		n, want = 16, want+12
	}
	if len(b) < want {
		return nil, malformed("mp4: " + typ)
	}
	b = bytes.Clone(b[:want])
	if len(bytes.Trim(b[4:4+n], "\x00")) > 0 {
		m.facts.remove(KindDate)
	}
	clear(b[4 : 4+n])
	return b, nil
}

// place decides where each chunk goes: in the order of the file, without gaps.
func (m *movie) place() error {
	for i, t := range m.tracks {
		for c, r := range t.runs {
			if err := m.budget.part(); err != nil {
				return err
			}
			if r.n > 0 && !inData(m.top, r.off, r.n) {
				return refuse(ReasonTruncated, "mp4: samples outside the data")
			}
			m.runs = append(m.runs, run{off: r.off, n: r.n, track: i, chunk: c})
		}
	}
	slices.SortStableFunc(m.runs, func(a, b run) int {
		switch {
		case a.off < b.off:
			return -1
		case a.off > b.off:
			return 1
		}
		return 0
	})
	data := int64(0)
	for _, b := range m.top {
		if b.typ == "mdat" {
			data += b.size
		}
	}
	for i := range m.runs {
		r := &m.runs[i]
		r.to = m.total
		m.tracks[r.track].runs[r.chunk].to = r.to
		m.total += r.n
	}
	if m.total > data {
		return malformed("mp4: samples that overlap")
	}
	slices.SortFunc(m.patches, func(a, b patch) int { return int(a.off - b.off) })
	return nil
}

// data copies the samples.
func (m *movie) data() {
	next := 0
	for _, r := range m.runs {
		at, end := r.off, r.off+r.n
		for next < len(m.patches) && m.patches[next].off < at {
			next++
		}
		for next < len(m.patches) && m.patches[next].off+int64(len(m.patches[next].bytes)) <= end {
			p := m.patches[next]
			if p.off < at {
				break
			}
			m.plan.copy(m.src, at, p.off-at)
			m.plan.lit(p.bytes...)
			at = p.off + int64(len(p.bytes))
			next++
		}
		m.plan.copy(m.src, at, end-at)
	}
}

// write writes moov, for data that begins at base.
func (m *movie) write(base int64, wide bool) []byte {
	parts := [][]byte{makeBox("mvhd", m.header)}
	for _, t := range m.tracks {
		parts = append(parts, t.write(base, wide))
	}
	return makeBox("moov", parts...)
}

// offsets writes where chunks begin.
func offsets(runs []run, base int64, wide bool) []byte {
	out := append(u32(0), u32(int64(len(runs)))...)
	for _, r := range runs {
		if wide {
			out = binary.BigEndian.AppendUint64(out, uint64(base+r.to))
		} else {
			out = binary.BigEndian.AppendUint32(out, uint32(base+r.to))
		}
	}
	if wide {
		return makeBox("co64", out)
	}
	return makeBox("stco", out)
}
