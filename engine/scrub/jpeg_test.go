// SPDX-License-Identifier: Apache-2.0

package scrub_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/engine/scrub"
)

func picture(w, h int) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	r := rand.New(rand.NewSource(1))
	for y := range h {
		for x := range w {
			m.Set(x, y, color.RGBA{byte(x), byte(y), byte(r.Intn(64)), 255})
		}
	}
	return m
}

func plainJPEG(t testing.TB, w, h int) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture(w, h), &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// entry is one directory entry; text longer than 4 bytes lies behind.
type entry struct {
	tag, typ uint16
	data     []byte
}

// exifBlock writes a TIFF block with a first directory, EXIF and GPS, and a
// thumbnail, in that byte order.
func exifBlock(order binary.AppendByteOrder, orientation byte) []byte {
	b := []byte("MM\x00*\x00\x00\x00\x08")
	if order == binary.AppendByteOrder(binary.LittleEndian) {
		b = []byte("II*\x00\x08\x00\x00\x00")
	}
	short := func(v byte) []byte { return order.AppendUint16(nil, uint16(v)) }
	text := func(s string) []byte { return []byte(s + planted + "\x00") }
	dirs := [][]entry{
		{{0x010E, 2, text("a ")}, {0x010F, 2, text("make ")}, {0x0110, 2, text("model ")}, {0x0112, 3, short(orientation)}, {0x0131, 2, text("soft ")}, {0x0132, 2, text("2026")}, {0x013B, 2, text("artist ")}, {0x8769, 4, nil}, {0x8825, 4, nil}},
		{{0x9003, 2, text("2026")}, {0x927C, 7, text("note ")}, {0x9286, 7, text("comment ")}, {0xA431, 2, text("serial ")}},
		{{1, 2, []byte("N\x00")}, {2, 5, text("latitude ")}},
		{{0x0201, 4, order.AppendUint32(nil, 0)}, {0x0202, 4, order.AppendUint32(nil, 4)}},
	}
	at := make([]int, len(dirs))
	pos := 8
	for i, d := range dirs {
		at[i] = pos
		pos += 2 + 12*len(d) + 4
	}
	var tail []byte
	for i, d := range dirs {
		b = order.AppendUint16(b, uint16(len(d)))
		for _, e := range d {
			if e.tag == 0x8769 {
				e.data = order.AppendUint32(nil, uint32(at[1]))
			}
			if e.tag == 0x8825 {
				e.data = order.AppendUint32(nil, uint32(at[2]))
			}
			size := map[uint16]int{2: 1, 3: 2, 4: 4, 5: 8, 7: 1}[e.typ]
			b = order.AppendUint32(order.AppendUint16(order.AppendUint16(b, e.tag), e.typ), uint32(max(1, len(e.data)/size)))
			if len(e.data) > 4 {
				b = order.AppendUint32(b, uint32(pos+len(tail)))
				tail = append(tail, e.data...)
			} else {
				b = append(b, append(bytes.Clone(e.data), 0, 0, 0, 0)[:4]...)
			}
		}
		next := 0
		if i == 0 {
			next = at[3]
		}
		b = order.AppendUint32(b, uint32(next))
	}
	return append(b, tail...)
}

func appSegment(marker byte, payload string) string {
	n := len(payload) + 2
	return string([]byte{0xFF, marker, byte(n >> 8), byte(n)}) + payload
}

const xmpPacket = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description exif:GPSLatitude="` + planted + `" xmp:CreatorTool="` + planted + `"><dc:creator>` + planted + `</dc:creator><xmpMM:History>` + planted + `</xmpMM:History></rdf:Description></rdf:RDF></x:xmpmeta>`

// plantedJPEG has something planted in every segment that can hold it.
func plantedJPEG(t testing.TB, orientation byte) []byte {
	b := plainJPEG(t, 64, 48)
	head := appSegment(0xE0, "JFIF\x00\x01\x02\x01\x01\x2C\x01\x2C\x01\x01"+"abc") +
		appSegment(0xE1, "Exif\x00\x00"+string(exifBlock(binary.BigEndian, orientation))) +
		appSegment(0xE1, "http://ns.adobe.com/xap/1.0/\x00"+xmpPacket) +
		appSegment(0xE2, "MPF\x00"+planted) +
		appSegment(0xE4, planted) +
		appSegment(0xED, "Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x20\x1C\x02\x50\x00\x0D"+planted) +
		appSegment(0xEE, "Adobe\x00\x64\x12\x34\x56\x78\x01") +
		appSegment(0xFE, planted) + "\xFF\xFF\xFF" + appSegment(0xFE, "two")[1:]
	return []byte("\xFF\xD8" + head + string(b[2:]) + "PK\x03\x04" + planted)
}

func TestJPEG(t *testing.T) {
	for _, orientation := range []byte{1, 6} {
		b := plantedJPEG(t, orientation)
		out, report := clean(t, b, "photo.jpg")
		wants(t, report, scrub.KindGPS, scrub.KindAuthor, scrub.KindDevice, scrub.KindSerial, scrub.KindDate, scrub.KindSoftware, scrub.KindComment,
			scrub.KindDescription, scrub.KindEditHistory, scrub.KindThumbnail, scrub.KindEmbeddedImage, scrub.KindTrailing, scrub.KindPolyglot, scrub.KindUnknown, scrub.KindMetadata)
		if len(report.Warnings)+len(report.Remains) > 0 {
			t.Errorf("warnings %v, remains %v", report.Warnings, report.Remains)
		}
		before, err := jpeg.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		after, err := jpeg.Decode(bytes.NewReader(out))
		if err != nil {
			t.Fatalf("the picture no longer opens: %v", err)
		}
		if !samePicture(before, after) {
			t.Error("the picture changed")
		}
		if turned := bytes.Contains(out, []byte("Exif\x00\x00MM")); turned != (orientation == 6) {
			t.Errorf("orientation %d: fresh EXIF %v", orientation, turned)
		}
	}
}

func samePicture(a, b image.Image) bool {
	if a.Bounds() != b.Bounds() {
		return false
	}
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			if a.At(x, y) != b.At(x, y) {
				return false
			}
		}
	}
	return true
}

func TestJPEGWithTools(t *testing.T) {
	out, _ := clean(t, plantedJPEG(t, 6), "photo.jpg")
	exiftoolFindsNothing(t, out, "photo.jpg")
	mat2FindsNothing(t, out, "photo.jpg")
	said := tool(t, "exiftool", "-n", "-Orientation", put(t, "photo.jpg", out))
	if !strings.Contains(string(said), ": 6") {
		t.Errorf("the picture no longer says how to turn it: %s", said)
	}
}

func TestJPEGPlantedByExiftool(t *testing.T) {
	path := put(t, "p.jpg", plainJPEG(t, 64, 64))
	tool(t, "exiftool", "-q", "-overwrite_original", "-GPSLatitude=55.6", "-GPSLatitudeRef=N", "-Artist="+planted, "-Make="+planted, "-SerialNumber="+planted,
		"-XMP:Creator="+planted, "-IPTC:By-line="+planted, "-Comment="+planted, "-ImageDescription="+planted, "-Photoshop:URL="+planted, "-JPS:JPSComment="+planted, path)
	b := get(t, path)
	if !plain(b) {
		t.Fatal("nothing was planted")
	}
	out, report := clean(t, b, "p.jpg")
	wants(t, report, scrub.KindGPS, scrub.KindAuthor, scrub.KindSerial, scrub.KindMetadata, scrub.KindComment)
	exiftoolFindsNothing(t, out, "p.jpg")
}

func TestJPEGRefusals(t *testing.T) {
	good := plainJPEG(t, 16, 16)
	huge := bytes.Clone(good)
	i := bytes.Index(huge, []byte("\xFF\xC0"))
	copy(huge[i+5:], "\xEA\x60\xEA\x60") // 60,000 × 60,000
	refused(t, huge, "a.jpg", scrub.ReasonTooLarge)
	refused(t, nil, "a.jpg", scrub.ReasonEmpty)
	refused(t, []byte("\xFF\xD8\xFF\xD9"), "a.jpg", scrub.ReasonMalformed)
	refused(t, []byte("\xFF\xD8\xFF\xE1\x00\x01"), "a.jpg", scrub.ReasonMalformed)
	refused(t, good[:len(good)-2], "a.jpg", scrub.ReasonTruncated)
	refused(t, good[:len(good)/2], "a.jpg", scrub.ReasonTruncated, scrub.ReasonMalformed)
	refused(t, []byte("MZ"+planted), "a.jpg", scrub.ReasonUnknownType)
	refusesEveryCut(t, plantedJPEG(t, 6), "a.jpg")
}

func TestNames(t *testing.T) {
	b := plainJPEG(t, 8, 8)
	for _, row := range []struct {
		name string
		want scrub.Kind
	}{
		{"photo.jpg", ""},
		{"photo.JPEG", ""},
		{"", ""},
		{"photo", ""},
		{"my.holiday.jpg", ""},
		{"photo.png", scrub.KindForgedType},
		{"photo.jpg.exe", scrub.KindDoubleExtension},
		{"photo.exe.jpg", scrub.KindDoubleExtension},
		{"photo.png.jpg", scrub.KindDoubleExtension},
		{`C:\x.exe\photo.jpg`, ""},
	} {
		_, report := scrubbed(t, b, row.name)
		found := false
		for _, w := range report.Warnings {
			found = found || w.Kind == row.want
		}
		if (row.want == "" && len(report.Warnings) > 0) || (row.want != "" && !found) {
			t.Errorf("%q: %v, want %q", row.name, report.Warnings, row.want)
		}
	}
}

func chunk(name, data string) string {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, name...), data...)
	return string(binary.BigEndian.AppendUint32(b, crc(b[4:])))
}

func plainPNG(t testing.TB, w, h int) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, picture(w, h)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func plantedPNG(t testing.TB) []byte {
	b := plainPNG(t, 32, 32)
	head := chunk("tEXt", "Author\x00"+planted) + chunk("zTXt", "Comment\x00\x00"+string(pack([]byte(planted)))) +
		chunk("iTXt", "XML:com.adobe.xmp\x00\x00\x00\x00\x00"+xmpPacket) + chunk("eXIf", string(exifBlock(binary.LittleEndian, 8))) +
		chunk("tIME", "\x07\xEA\x01\x01\x01\x01\x01") + chunk("pHYs", "\x00\x00\x0B\x13\x00\x00\x0B\x13\x01") + chunk("prVt", planted) +
		chunk("iCCP", planted+"\x00\x00"+string(pack([]byte(planted)))) + chunk("gAMA", "\x00\x00\xB1\x8F")
	return []byte(string(b[:33]) + head + string(b[33:len(b)-12]) + chunk("tEXt", "Software\x00"+planted) + string(b[len(b)-12:]) + planted)
}

func TestPNG(t *testing.T) {
	b := plantedPNG(t)
	out, report := clean(t, b, "a.png")
	wants(t, report, scrub.KindAuthor, scrub.KindComment, scrub.KindMetadata, scrub.KindGPS, scrub.KindDate, scrub.KindSettings, scrub.KindUnknown, scrub.KindColourProfile, scrub.KindSoftware, scrub.KindTrailing)
	before, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	after, err := png.Decode(bytes.NewReader(out))
	if err != nil || !samePicture(before, after) {
		t.Fatalf("the picture changed: %v", err)
	}
	bad := plainPNG(t, 8, 8)
	bad[20]++
	refused(t, bad, "a.png", scrub.ReasonMalformed)
	refused(t, []byte(string(b[:8])+chunk("IHDR", "\x00\x00\xEA\x60\x00\x00\xEA\x60\x08\x02\x00\x00\x00")), "a.png", scrub.ReasonTooLarge)
	refusesEveryCut(t, b, "a.png")
}

func TestPNGWithTools(t *testing.T) {
	out, _ := clean(t, plantedPNG(t), "a.png")
	exiftoolFindsNothing(t, out, "a.png")
	mat2FindsNothing(t, out, "a.png")
}

// Each well-known colour space keeps its meaning through a profile of ours.
func TestColourProfiles(t *testing.T) {
	display := []byte(strings.Repeat("\x00", 128) + "\x00\x00\x00\x03" + "rXYZ\x00\x00\x00\xA8\x00\x00\x00\x14gXYZ\x00\x00\x00\xBC\x00\x00\x00\x14bXYZ\x00\x00\x00\xD0\x00\x00\x00\x14")
	copy(display[16:], "RGB ")
	copy(display[36:], "acsp")
	for _, v := range []int32{0, 0, 5151, 2412, -11, 0, 0, 2920, 6922, 419, 0, 0, 1571, 666, 7841} {
		display = binary.BigEndian.AppendUint32(display, uint32(int64(v)*65536/10000))
	}
	display = append(display, planted...)
	b := plainJPEG(t, 16, 16)
	b = []byte("\xFF\xD8" + appSegment(0xE2, "ICC_PROFILE\x00\x01\x01"+string(display)) + string(b[2:]))
	out, report := clean(t, b, "a.jpg")
	wants(t, report, scrub.KindColourProfile)
	if !bytes.Contains(out, []byte("mntrRGB XYZ ")) {
		t.Error("a Display P3 picture lost its colours")
	}
	p := plainPNG(t, 8, 8)
	p = []byte(string(p[:33]) + chunk("iCCP", "x\x00\x00"+string(pack(display))) + string(p[33:]))
	out, _ = clean(t, p, "a.png")
	if !bytes.Contains(out, []byte("iCCP")) {
		t.Error("a Display P3 picture lost its colours")
	}
}

func FuzzJPEG(f *testing.F) { fuzz(f, "a.jpg", plainJPEG(f, 8, 8), plantedJPEG(f, 6)) }
func FuzzPNG(f *testing.F)  { fuzz(f, "a.png", plainPNG(f, 8, 8), plantedPNG(f)) }

func BenchmarkJPEG12MP(b *testing.B) {
	photo := plainJPEG(b, 4000, 3000)
	b.SetBytes(int64(len(photo)))
	for b.Loop() {
		if _, _, err := scrub.MakePlan(bytes.NewReader(photo), int64(len(photo)), scrub.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
