// SPDX-License-Identifier: Apache-2.0

package scrub_test

import (
	"bytes"
	"image"
	"image/color/palette"
	"image/draw"
	"image/gif"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/engine/scrub"
)

// plainGIF moves over three frames, for ever.
func plainGIF(t testing.TB, w, h int) []byte {
	g := &gif.GIF{LoopCount: 0}
	for i := range 3 {
		m := image.NewPaletted(image.Rect(0, 0, w, h), palette.Plan9)
		draw.Draw(m, m.Bounds(), picture(w, h), image.Pt(i, 0), draw.Src)
		g.Image, g.Delay = append(g.Image, m), append(g.Delay, 10+i)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// gifExtension is an extension block with content in blocks.
func gifExtension(label byte, blocks ...string) string {
	s := "\x21" + string([]byte{label})
	for _, b := range blocks {
		s += string([]byte{byte(len(b))}) + b
	}
	return s + "\x00"
}

func plantedGIF(t testing.TB) []byte {
	b := plainGIF(t, 40, 30)
	loop := bytes.Index(b, []byte("\x21\xFF\x0BNETSCAPE"))
	magic := "\x01"
	for i := 255; i >= 0; i-- {
		magic += string([]byte{byte(i)})
	}
	extras := gifExtension(0xFE, "made by "+planted) + gifExtension(0x01, strings.Repeat("\x00", 12), planted) +
		"\x21\xFF\x0BXMP DataXMP" + xmpPacket + magic + "\x00" + gifExtension(0xFF, "ICCRGBG1012", planted) + gifExtension(0xFF, "STRANGE 1.0", planted) +
		gifExtension(0xFF, "MGK8BIM0000", "8BIM\x04\x04\x1C\x02\x50\x00\x0D"+planted) + gifExtension(0xCE, planted)
	// Behind the code that ends the last picture, one more block of data.
	end := len(b) - 2 // the empty block and the trailer
	return []byte(string(b[:loop]) + extras + string(b[loop:end]) + string([]byte{byte(len(planted))}) + planted + "\x00\x3B" + "=1;<script>" + planted)
}

func TestGIF(t *testing.T) {
	b := plantedGIF(t)
	out, report := clean(t, b, "a.gif")
	wants(t, report, scrub.KindComment, scrub.KindHidden, scrub.KindMetadata, scrub.KindGPS, scrub.KindAuthor, scrub.KindColourProfile, scrub.KindUnknown, scrub.KindTrailing, scrub.KindPolyglot)
	before, err := gif.DecodeAll(bytes.NewReader(plainGIF(t, 40, 30)))
	if err != nil {
		t.Fatal(err)
	}
	after, err := gif.DecodeAll(bytes.NewReader(out))
	if err != nil {
		t.Fatalf("the picture no longer opens: %v", err)
	}
	if len(after.Image) != 3 || after.LoopCount != before.LoopCount || after.Delay[2] != 12 {
		t.Errorf("%d frames, %d times, %v", len(after.Image), after.LoopCount, after.Delay)
	}
	for i := range after.Image {
		if !samePicture(before.Image[i], after.Image[i]) {
			t.Errorf("frame %d changed", i)
		}
	}
	untouched := plainGIF(t, 40, 30)
	if again, report := clean(t, untouched, "a.gif"); !bytes.Equal(again, untouched) || report.Found() {
		t.Errorf("a clean picture was changed: %v", report.Removed)
	}
}

func TestGIFWithTools(t *testing.T) {
	path := put(t, "a.gif", plantedGIF(t)[:len(plantedGIF(t))-11-len(planted)])
	tool(t, "exiftool", "-q", "-overwrite_original", "-Comment="+planted, "-XMP:Creator="+planted, "-XMP:GPSLatitude=55.6", path)
	b := get(t, path)
	if !plain(b) {
		t.Fatal("nothing was planted")
	}
	out, _ := clean(t, b, "a.gif")
	exiftoolFindsNothing(t, out, "a.gif")
	mat2FindsNothing(t, out, "a.gif")
	opens(t, out, "a.gif")
	decodes(t, b, out, "a.gif")
}

func TestGIFOfFfmpeg(t *testing.T) {
	b := film(t, "a.gif", "-an", "-r", "5")
	out, _ := clean(t, b, "a.gif")
	decodes(t, b, out, "a.gif")
}

func TestGIFRefusals(t *testing.T) {
	good := plainGIF(t, 20, 20)
	huge := bytes.Clone(good)
	copy(huge[6:], "\x60\xEA\x60\xEA") // 60,000 × 60,000
	refused(t, huge, "a.gif", scrub.ReasonTooLarge)
	frame := bytes.Clone(good)
	i := bytes.Index(frame, []byte("\x2C\x00\x00\x00\x00\x14\x00"))
	copy(frame[i+5:], "\x60\xEA\x60\xEA")
	refused(t, frame, "a.gif", scrub.ReasonTooLarge)
	refused(t, good[:len(good)-1], "a.gif", scrub.ReasonTruncated)
	refused(t, []byte("GIF88a"+string(good[6:])), "a.gif", scrub.ReasonUnsupported)
	refused(t, []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00\x3B"), "a.gif", scrub.ReasonMalformed)
	refused(t, []byte("GIF89a/*\x01\x00\x00\x00\x00*/=1;alert(1)"), "a.gif", scrub.ReasonMalformed)
	refused(t, []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00\x2C\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x01\xFF\x00\x3B"), "a.gif", scrub.ReasonMalformed) // a code beyond the table
	refusesEveryCut(t, plantedGIF(t), "a.gif")
}

func FuzzGIF(f *testing.F) { fuzz(f, "a.gif", plainGIF(f, 8, 8), plantedGIF(f)) }
