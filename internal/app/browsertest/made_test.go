// SPDX-License-Identifier: AGPL-3.0-or-later

package browsertest_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// painted is a picture with something on it.
func painted(width, height int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for x := range width {
		for y := range height {
			img.Set(x, y, color.RGBA{uint8(x), uint8(y), 90, 255})
		}
	}
	return img
}

// jpegWithNotes is a picture whose EXIF says where it was made and with what.
func jpegWithNotes(width, height int) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, painted(width, height), nil); err != nil {
		panic(err) // a buffer takes everything
	}
	le := binary.LittleEndian
	entry := func(tag, kind uint16, count uint32, value []byte) []byte {
		return append(le.AppendUint32(le.AppendUint16(le.AppendUint16(nil, tag), kind), count), value...)
	}
	at := func(n uint32) []byte { return le.AppendUint32(nil, n) }
	tiff := []byte("II*\x00\x08\x00\x00\x00")
	tiff = append(tiff, 2, 0) // two entries, at 8; 38 comes after them
	tiff = append(tiff, entry(0x0110, 2, 9, at(140))...)
	tiff = append(tiff, entry(0x8825, 4, 1, at(38))...)
	tiff = append(tiff, 0, 0, 0, 0)
	tiff = append(tiff, 4, 0) // at 38; 92 comes after them
	tiff = append(tiff, entry(1, 2, 2, []byte("N\x00\x00\x00"))...)
	tiff = append(tiff, entry(2, 5, 3, at(92))...)
	tiff = append(tiff, entry(3, 2, 2, []byte("E\x00\x00\x00"))...)
	tiff = append(tiff, entry(4, 5, 3, at(116))...)
	tiff = append(tiff, 0, 0, 0, 0)
	for _, n := range []uint32{55, 1, 40, 1, 30, 1, 12, 1, 30, 1, 0, 1} {
		tiff = append(tiff, at(n)...)
	}
	tiff = append(tiff, "Quokka 7\x00"...)
	exif := append([]byte("Exif\x00\x00"), tiff...)
	note := append(binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(exif)+2)), exif...)
	return bytes.Join([][]byte{b.Bytes()[:2], note, b.Bytes()[2:]}, nil)
}

func pngOf(width, height int) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, painted(width, height)); err != nil {
		panic(err) // a buffer takes everything
	}
	return b.Bytes()
}

// bombPNG says that it has 60,000 × 60,000 points.
func bombPNG() []byte {
	b := pngOf(8, 8)
	binary.BigEndian.PutUint32(b[16:], 60_000)
	binary.BigEndian.PutUint32(b[20:], 60_000)
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}

// wavOf is a tone of some seconds.
func wavOf(seconds int) []byte {
	const rate = 8000
	data := make([]byte, rate*seconds)
	for i := range data {
		data[i] = byte(128 + 60*math.Sin(float64(i)*2*math.Pi*440/rate))
	}
	var b bytes.Buffer
	b.WriteString("RIFF")
	for _, v := range []any{uint32(36 + len(data)), []byte("WAVEfmt "), uint32(16), uint16(1), uint16(1), uint32(rate), uint32(rate), uint16(1), uint16(8), []byte("data"), uint32(len(data)), data} {
		if err := binary.Write(&b, binary.LittleEndian, v); err != nil {
			panic(err) // a buffer takes everything
		}
	}
	return b.Bytes()
}

// filmOf is a short film; nil where there is no ffmpeg.
func filmOf(t *testing.T) []byte {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Log("there is no ffmpeg on this machine: no film is shown")
		return nil
	}
	path := filepath.Join(t.TempDir(), "film.webm")
	out, err := exec.Command("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=160x120:rate=10:duration=8", "-c:v", "libvpx", path).CombinedOutput()
	if err != nil {
		t.Logf("ffmpeg makes no film: %v\n%s", err, out)
		return nil
	}
	film, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return film
}

// pdfOf is a document of one page for each text, with all that could run, call
// out or be opened: a script when it is opened and on each page, a form that
// submits, a link, a file inside, a launch action.
func pdfOf(c *canary, texts ...string) []byte {
	at := "http://" + c.address
	objects := []string{
		`<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert(1); this.submitForm("` + at + `"); app.launchURL("` + at + `")) >> ` +
			`/Names << /JavaScript << /Names [(x) << /S /JavaScript /JS (this.getURL("` + at + `")) >>] >> /EmbeddedFiles << /Names [(run.exe) 5 0 R] >> >> >>`,
		"", // the pages, below
		`<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>`,
		`<< /Author (Anna Quokka) /Producer (Typewriter 3) >>`,
		`<< /Type /Filespec /F (run.exe) /EF << /F 6 0 R >> >>`,
		"<< /Length 2 >>\nstream\nMZ\nendstream",
		`<< /Type /Annot /Subtype /Link /Rect [0 0 600 800] /A << /S /URI /URI (` + at + `/link) >> >>`,
		`<< /Type /Annot /Subtype /Widget /FT /Btn /T (b) /Rect [0 0 100 100] /A << /S /SubmitForm /F (` + at + `) >> /AA << /PO << /S /Launch /F (cmd.exe) >> >> >>`,
	}
	var kids []string
	for i, text := range texts {
		content := fmt.Sprintf("BT /F1 24 Tf 60 700 Td (%s) Tj ET", text)
		objects = append(objects, fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(content), content),
			fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources << /Font << /F1 3 0 R >> >> /Annots [7 0 R 8 0 R] /AA << /O << /S /JavaScript /JS (app.alert(2)) >> >> >>", 9+2*i))
		kids = append(kids, fmt.Sprintf("%d 0 R", 10+2*i))
	}
	objects[1] = fmt.Sprintf("<< /Type /Pages /Count %d /Kids [%s] >>", len(kids), strings.Join(kids, " "))
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	var offsets []int
	for i, o := range objects {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, at := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R /Info 4 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return b.Bytes()
}
