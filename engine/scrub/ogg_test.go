// SPDX-License-Identifier: Apache-2.0

package scrub_test

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/engine/scrub"
)

// oggPage writes a page with whole packets; a packet may be longer than the
// page only if it is the last.
func oggPage(flags byte, granule uint64, serial, seq uint32, packets ...string) string {
	le := binary.LittleEndian
	var table []byte
	body := ""
	for _, p := range packets {
		body += p
		for n := len(p); ; n -= 255 {
			table = append(table, byte(min(n, 255)))
			if n < 255 {
				break
			}
		}
	}
	b := le.AppendUint32(le.AppendUint32(le.AppendUint32(le.AppendUint64(append([]byte("OggS\x00"), flags), granule), serial), seq), 0)
	b = append(append(append(b, byte(len(table))), table...), body...)
	le.PutUint32(b[22:], oggSum(b))
	return string(b)
}

func oggSum(b []byte) (sum uint32) {
	for _, c := range b {
		sum ^= uint32(c) << 24
		for range 8 {
			if sum>>31 == 1 {
				sum = sum<<1 ^ 0x04C11DB7
			} else {
				sum <<= 1
			}
		}
	}
	return sum
}

// oggRepaired puts right the sums of all pages.
func oggRepaired(b []byte) []byte {
	b = bytes.Clone(b)
	for at := 0; at+27 <= len(b) && string(b[at:at+4]) == "OggS"; {
		n := 27 + int(b[at+26])
		for i := at + 27; i < at+27+int(b[at+26]) && i < len(b); i++ {
			n += int(b[i])
		}
		if at+n > len(b) {
			break
		}
		copy(b[at+22:], "\x00\x00\x00\x00")
		binary.LittleEndian.PutUint32(b[at+22:], oggSum(b[at:at+n]))
		at += n
	}
	return b
}

func oggComments(vendor string, comments ...string) string {
	le := binary.LittleEndian
	s := string(le.AppendUint32(nil, uint32(len(vendor)))) + vendor + string(le.AppendUint32(nil, uint32(len(comments))))
	for _, c := range comments {
		s += string(le.AppendUint32(nil, uint32(len(c)))) + c
	}
	return s
}

const opusHead = "OpusHead\x01\x01\x38\x01\x80\xBB\x00\x00\x00\x00\x00"

func plantedOpus(serial uint32) []byte {
	tags := "OpusTags" + oggComments("libopus "+planted, "ARTIST="+planted, "DATE="+planted, "LOCATION="+planted, "METADATA_BLOCK_PICTURE="+planted+strings.Repeat("A", 900), "COMMENT="+planted, "encoder="+planted, "TITLE="+planted) + planted
	return []byte(oggPage(2, 0, serial, 0, opusHead) + oggPage(0, 0, serial, 1, tags) + oggPage(0, 960, serial, 2, noise(300), noise(20)) + oggPage(4, 1920, serial, 3, noise(255)))
}

func plantedVorbis() []byte {
	id := "\x01vorbis\x00\x00\x00\x00\x01\x40\x1F\x00\x00" + strings.Repeat("\x00", 12) + "\xB8\x01"
	tags := "\x03vorbis" + oggComments("Xiph "+planted, "PERFORMER="+planted, "lonely "+planted) + "\x01"
	return []byte(oggPage(2, 0, 7, 0, id) + oggPage(0, 0, 7, 1, tags, "\x05vorbis"+noise(4000)) + oggPage(4, 1920, 7, 2, noise(77)))
}

func TestOGG(t *testing.T) {
	out, report := clean(t, append(plantedOpus(0xDEADBEEF), "PK\x03\x04"+planted...), "a.ogg")
	wants(t, report, scrub.KindAuthor, scrub.KindDate, scrub.KindGPS, scrub.KindEmbeddedImage, scrub.KindComment, scrub.KindSoftware, scrub.KindDescription, scrub.KindMetadata, scrub.KindIdentifier, scrub.KindTrailing, scrub.KindPolyglot)
	want := oggPage(2, 0, 1, 0, opusHead) + oggPage(0, 0, 1, 1, "OpusTags"+oggComments("")) + oggPage(0, 960, 1, 2, noise(300), noise(20)) + oggPage(4, 1920, 1, 3, noise(255))
	if string(out) != want {
		t.Errorf("got %q\nwant %q", out, want)
	}
	out, report = clean(t, plantedVorbis(), "a.ogg")
	wants(t, report, scrub.KindAuthor, scrub.KindSoftware)
	if !bytes.Contains(out, []byte(noise(4000))) {
		t.Error("the books are lost")
	}
	// Two sounds, one after the other; and one that breaks off.
	out, _ = clean(t, append(plantedOpus(9), plantedVorbis()...), "a.ogg")
	if bytes.Count(out, []byte("OggS")) != 4+3 {
		t.Errorf("%q", out)
	}
	b := plantedOpus(9)
	clean(t, b[:bytes.LastIndex(b, []byte("OggS"))], "a.ogg")
}

func TestOGGWithTools(t *testing.T) {
	for name, args := range map[string][]string{"a.ogg": {"-c:a", "libvorbis"}, "b.ogg": {"-c:a", "libvorbis", "-ac", "2", "-q:a", "9"}, "a.opus": {"-c:a", "libopus"}, "voice.ogg": {"-c:a", "libopus", "-b:a", "16k", "-application", "voip"}} {
		t.Run(name, func(t *testing.T) {
			b := sound(t, name, args...)
			if !plain(b) {
				t.Fatal("nothing was planted")
			}
			out := mustClean(t, b, name)
			decodes(t, b, out, name)
			soundsTheSame(t, b, out, name)
			exiftoolFindsNothing(t, out, name)
			mat2FindsNothing(t, out, name)
		})
	}
}

func TestOGGRefusals(t *testing.T) {
	good := plantedOpus(9)
	bad := bytes.Clone(good)
	bad[len(bad)-1]++
	refused(t, bad, "a.ogg", scrub.ReasonMalformed) // a sum
	refused(t, []byte(oggPage(2, 0, 1, 0, "fishead\x00"+strings.Repeat("\x00", 56))), "a.ogg", scrub.ReasonUnsupported)
	refused(t, []byte(oggPage(2, 0, 1, 0, "\x80theora"+strings.Repeat("\x00", 35))), "a.ogv", scrub.ReasonUnsupported)
	refused(t, []byte(oggPage(2, 0, 1, 0, opusHead)+oggPage(2, 0, 2, 0, opusHead)), "a.ogg", scrub.ReasonUnsupported)
	refused(t, []byte(oggPage(2, 0, 1, 0, opusHead+planted)), "a.ogg", scrub.ReasonMalformed)
	refused(t, []byte(oggPage(2, 0, 1, 0, opusHead)+oggPage(0, 0, 1, 1, "OpusTags"+oggComments(""), noise(20))), "a.ogg", scrub.ReasonMalformed)
	refused(t, []byte(oggPage(2, 0, 1, 0, opusHead)+oggPage(0, 0, 1, 1, "OpusTags"+oggComments(""))), "a.ogg", scrub.ReasonTruncated)
	refused(t, []byte(string(good[:47+28])+planted), "a.ogg", scrub.ReasonMalformed, scrub.ReasonTruncated)
	strange := oggPage(0, 960, 77, 2, planted)
	i := bytes.LastIndex(good, []byte("OggS"))
	refused(t, []byte(string(good[:i])+strange+string(good[i:])), "a.ogg", scrub.ReasonUnsupported)
	refused(t, []byte(string(good[:i])+planted+string(good[i:])), "a.ogg", scrub.ReasonMalformed)
	refusesEveryCut(t, good, "a.ogg")
	refusesEveryCut(t, plantedVorbis(), "a.ogg")
}

func FuzzOGG(f *testing.F) { fuzzRepaired(f, "a.ogg", oggRepaired, plantedOpus(9), plantedVorbis()) }
