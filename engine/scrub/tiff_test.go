// SPDX-License-Identifier: Apache-2.0

package scrub_test

import (
	"bytes"
	"encoding/binary"
	"image/jpeg"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/engine/scrub"
)

// tiffTag is a tag of a directory: numbers, or bytes of that type.
type tiffTag struct {
	tag, typ uint16
	numbers  []uint32
	bytes    string
	sub      []tiffTag // a directory that the tag leads to
	data     []string  // parts of a picture that the tag leads to; their lengths are the tag that follows
}

func num(tag uint16, v ...uint32) tiffTag      { return tiffTag{tag: tag, typ: 4, numbers: v} }
func str(tag uint16, s string) tiffTag         { return tiffTag{tag: tag, typ: 2, bytes: s + "\x00"} }
func raw(tag uint16, s string) tiffTag         { return tiffTag{tag: tag, typ: 7, bytes: s} }
func sub(tag uint16, d ...tiffTag) tiffTag     { return tiffTag{tag: tag, sub: d} }
func parts(tag uint16, data ...string) tiffTag { return tiffTag{tag: tag, data: data} }

// tiffOf writes a file of pages, in that order of bytes.
func tiffOf(order binary.AppendByteOrder, pages ...[]tiffTag) []byte {
	b := []byte("MM\x00*\x00\x00\x00\x00")
	if order == binary.AppendByteOrder(binary.LittleEndian) {
		b = []byte("II*\x00\x00\x00\x00\x00")
	}
	put := func(at int, v int) { copy(b[at:], order.AppendUint32(nil, uint32(v))) }
	var dir func(at int, tags []tiffTag) int // writes a directory, its place at; returns where its next goes
	dir = func(at int, tags []tiffTag) int {
		put(at, len(b))
		b = order.AppendUint16(b, uint16(len(tags)))
		rows := len(b)
		b = append(b, make([]byte, 12*len(tags)+4)...)
		for i, t := range tags {
			row := rows + 12*i
			var value []byte
			count := 0
			switch {
			case t.sub != nil:
				t.typ, count, value = 4, 1, make([]byte, 4)
				defer dir(row+8, t.sub)
			case t.data != nil:
				t.typ, count = 4, len(t.data)
				for _, d := range t.data {
					value = order.AppendUint32(value, uint32(len(b)))
					b = append(b, d...)
				}
			case t.bytes != "":
				count, value = len(t.bytes), []byte(t.bytes)
				if t.typ == 5 {
					count /= 8
				}
			default:
				count = len(t.numbers)
				for _, v := range t.numbers {
					if t.typ == 3 {
						value = order.AppendUint16(value, uint16(v))
					} else {
						value = order.AppendUint32(value, v)
					}
				}
			}
			copy(b[row:], order.AppendUint32(order.AppendUint16(order.AppendUint16(nil, t.tag), t.typ), uint32(count)))
			if len(value) <= 4 {
				copy(b[row+8:], value)
				continue
			}
			put(row+8, len(b))
			b = append(b, value...)
		}
		return rows + 12*len(tags)
	}
	at := 4
	for _, p := range pages {
		at = dir(at, p)
	}
	return b
}

// plainPage is a grey picture of 16 × 12 in two strips.
func plainPage(more ...tiffTag) []tiffTag {
	return append([]tiffTag{
		num(256, 16), num(257, 12), num(258, 8), num(259, 1), num(262, 1), parts(273, noise(96), noise(96)), num(277, 1), num(278, 6), num(279, 96, 96),
	}, more...)
}

func plantedTIFF(order binary.AppendByteOrder) []byte {
	rational := func(a, b uint32) string { return string(order.AppendUint32(order.AppendUint32(nil, a), b)) }
	first := plainPage(str(270, planted), str(271, planted), str(272, planted), num(274, 6), tiffTag{tag: 282, typ: 5, bytes: rational(300, 1)}, tiffTag{tag: 283, typ: 5, bytes: rational(300, 1)},
		str(305, planted), str(306, planted), str(315, planted), str(316, planted), sub(330, plainPage(str(270, planted))...), raw(700, xmpPacket), raw(33723, "\x1C\x02\x50\x00\x0D"+planted), raw(34377, planted),
		sub(34665, str(36867, planted), raw(37500, planted), str(42033, planted)), raw(34675, planted), sub(34853, str(1, "N"), raw(2, planted)), str(50708, planted), str(65000, planted))
	small := append([]tiffTag{num(254, 1)}, plainPage(str(270, planted))...)
	// The second page's strips are longer than the picture, and it has one more.
	second := []tiffTag{num(256, 16), num(257, 12), num(258, 8), num(259, 1), num(262, 1), parts(273, noise(192)+planted, planted), num(277, 1), num(278, 12), num(279, 192+uint32(len(planted)), uint32(len(planted)))}
	return append(tiffOf(order, first, small, second), planted+strings.Repeat("\x00", 200)...)
}

func TestTIFF(t *testing.T) {
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		out, report := clean(t, plantedTIFF(order), "a.tif")
		wants(t, report, scrub.KindGPS, scrub.KindAuthor, scrub.KindDevice, scrub.KindSerial, scrub.KindDate, scrub.KindSoftware, scrub.KindDescription, scrub.KindMetadata, scrub.KindEmbeddedImage,
			scrub.KindThumbnail, scrub.KindColourProfile, scrub.KindUnknown, scrub.KindSettings, scrub.KindHidden)
		turned := order.AppendUint32(order.AppendUint16(order.AppendUint16(nil, 274), 4), 1)
		if !bytes.Contains(out, turned) {
			t.Error("the picture no longer says how to turn it")
		}
		if bytes.Count(out, []byte(noise(96))) != 3 || len(out) > 8+2*192+2*(6+12*10)+16 {
			t.Errorf("%d bytes are left of two pages", len(out))
		}
	}
	fax := tiffOf(binary.LittleEndian, plainPage(tiffTag{tag: 282, typ: 5, bytes: "\xCC\x00\x00\x00\x01\x00\x00\x00"}, tiffTag{tag: 283, typ: 5, bytes: "\x62\x00\x00\x00\x01\x00\x00\x00"}))
	if out := mustClean(t, fax, "a.tif"); !bytes.Contains(out, []byte("\x62\x00\x00\x00\x01\x00\x00\x00")) {
		t.Error("a fax is drawn flat")
	}
}

// A picture whose parts are JPEG hides in each what a JPEG can.
func jpegTIFF(t testing.TB) []byte {
	photo := string(plantedJPEG(t, 6))
	tables := "\xFF\xD8" + appSegment(0xFE, planted) + appSegment(0xE1, "Exif\x00\x00"+string(exifBlock(binary.BigEndian, 1))) + appSegment(0xDB, "\x00"+strings.Repeat("\x01", 64)) + "\xFF\xD9"
	return tiffOf(binary.LittleEndian, []tiffTag{
		num(256, 64), num(257, 48), {tag: 258, typ: 3, numbers: []uint32{8, 8, 8}}, num(259, 7), num(262, 6), num(277, 3), num(322, 64), num(323, 48), parts(324, photo), num(325, uint32(len(photo))), raw(347, tables),
	})
}

func TestTIFFOfJPEGs(t *testing.T) {
	out, report := clean(t, jpegTIFF(t), "a.tif")
	wants(t, report, scrub.KindGPS, scrub.KindComment, scrub.KindHidden)
	i := bytes.LastIndex(out, []byte("\xFF\xD8"))
	if _, err := jpeg.Decode(bytes.NewReader(out[i:])); err != nil {
		t.Errorf("the part no longer opens: %v", err)
	}
}

func TestTIFFWithTools(t *testing.T) {
	for name, args := range map[string][]string{"lzw": {"-compression_algo", "lzw"}, "packbits": {"-compression_algo", "packbits"}, "deflate": {"-compression_algo", "deflate"}, "raw": {"-compression_algo", "raw", "-pix_fmt", "rgb48le"}, "palette": {"-pix_fmt", "pal8"}} {
		t.Run(name, func(t *testing.T) {
			b := film(t, "a.tiff", append(args, "-frames:v", "1", "-an")...)
			path := put(t, "a.tiff", b)
			tool(t, "exiftool", "-q", "-overwrite_original", "-GPSLatitude=55.6", "-GPSLatitudeRef=N", "-Artist="+planted, "-Make="+planted, "-SerialNumber="+planted, "-XMP:Creator="+planted, "-IPTC:By-line="+planted, path)
			b = get(t, path)
			if !plain(b) {
				t.Fatal("nothing was planted")
			}
			out, report := clean(t, b, "a.tiff")
			wants(t, report, scrub.KindGPS, scrub.KindAuthor, scrub.KindMetadata)
			decodes(t, b, out, "a.tiff")
			exiftoolFindsNothing(t, out, "a.tiff")
			mat2FindsNothing(t, out, "a.tiff")
		})
	}
	out := mustClean(t, plantedTIFF(binary.BigEndian), "a.tif")
	exiftoolFindsNothing(t, out, "a.tif")
	if said := tool(t, "exiftool", "-G1", "-a", "-s", put(t, "a.tif", out)); !bytes.Contains(said, []byte("[IFD1]")) || bytes.Contains(said, []byte("[IFD2]")) {
		t.Errorf("two pages should be left:\n%s", said)
	}
}

func TestTIFFRefusals(t *testing.T) {
	le := binary.LittleEndian
	with := func(tag uint16, v ...uint32) []byte {
		p := plainPage()
		for i := range p {
			if p[i].tag == tag {
				p[i] = num(tag, v...)
				return tiffOf(le, p)
			}
		}
		return tiffOf(le, append(p, num(tag, v...)))
	}
	clean(t, tiffOf(le, plainPage()), "a.tif")
	refused(t, tiffOf(le, []tiffTag{num(256, 60000), num(257, 60000), num(273, 8), num(279, 1)}), "a.tif", scrub.ReasonTooLarge)
	refused(t, with(257, 120), "a.tif", scrub.ReasonMalformed) // strips are missing
	refused(t, with(278, 0), "a.tif", scrub.ReasonMalformed)
	refused(t, with(259, 6), "a.tif", scrub.ReasonUnsupported)
	refused(t, with(259, 34712), "a.tif", scrub.ReasonUnsupported)
	refused(t, with(259, 7), "a.tif", scrub.ReasonMalformed) // parts that are no JPEG
	refused(t, with(262, 32803), "a.tif", scrub.ReasonUnsupported)
	refused(t, with(277, 99), "a.tif", scrub.ReasonMalformed)
	refused(t, with(254, 1), "a.tif", scrub.ReasonUnsupported) // nothing but a thumbnail
	refused(t, with(279, 96, 1<<30), "a.tif", scrub.ReasonTruncated)
	refused(t, with(274, 1, 2, 3), "a.tif", scrub.ReasonMalformed)
	refused(t, []byte("II+\x00\x08\x00\x00\x00\x10\x00\x00\x00\x00\x00\x00\x00"), "a.tif", scrub.ReasonUnsupported)
	refused(t, []byte("II*\x00\x10\x00\x00\x00CR\x02\x00"+planted), "a.cr2", scrub.ReasonUnsupported)
	// Directories that lead to themselves, and in a circle.
	circle := tiffOf(le, plainPage(), plainPage())
	next := bytes.LastIndex(circle, le.AppendUint32(le.AppendUint16(le.AppendUint16(nil, 279), 4), 2)) + 12
	copy(circle[next:], circle[4:8])
	refused(t, circle, "a.tif", scrub.ReasonMalformed)
	// Many pages that are the same bytes of picture.
	page := plainPage()
	page[1], page[5], page[7], page[8] = num(257, 12000), num(273, 8), num(278, 12000), num(279, 192000)
	pages := make([][]tiffTag, 50)
	for i := range pages {
		pages[i] = page
	}
	refused(t, append(tiffOf(le, pages...), make([]byte, 192100)...), "a.tif", scrub.ReasonBomb)
	many := make([][]tiffTag, 5000)
	for i := range many {
		many[i] = []tiffTag{num(256, 1), num(257, 1), num(273, 8), num(279, 1)}
	}
	refused(t, tiffOf(le, many...), "a.tif", scrub.ReasonTooLarge)
	refusesEveryCut(t, plantedTIFF(le), "a.tif")
	refusesEveryCut(t, jpegTIFF(t), "a.tif")
}

func FuzzTIFF(f *testing.F) {
	fuzz(f, "a.tif", plantedTIFF(binary.LittleEndian), tiffOf(binary.BigEndian, plainPage()), jpegTIFF(f))
}
