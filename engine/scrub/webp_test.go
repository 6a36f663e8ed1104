// SPDX-License-Identifier: Apache-2.0

package scrub_test

import (
	"bytes"
	"encoding/binary"
	"path/filepath"
	"testing"

	"github.com/turnstone-project/turnstone/engine/scrub"
)

func riffChunk(name, data string) string {
	s := name + string(binary.LittleEndian.AppendUint32(nil, uint32(len(data)))) + data
	if len(data)%2 == 1 {
		s += "\x00"
	}
	return s
}

func riff(form string, chunks ...string) []byte {
	for _, c := range chunks {
		form += c
	}
	return []byte(riffChunk("RIFF", form))
}

// The shortest pictures that pass for such; they are of 16 × 16.
const (
	tinyVP8  = "\x10\x00\x00\x9D\x01\x2A\x10\x00\x10\x00picture!"
	tinyVP8L = "\x2F\x0F\xC0\x03\x00picture"
)

func vp8x(flags byte) string {
	return riffChunk("VP8X", string([]byte{flags, 0, 0, 0, 15, 0, 0, 15, 0, 0}))
}

// plantedWebP puts something into each chunk that can hold it, around the
// chunks of a picture.
func plantedWebP(picture string) []byte {
	return append(riff("WEBP", vp8x(0x2C), riffChunk("ICCP", planted), riffChunk("odd ", planted), picture,
		riffChunk("EXIF", "Exif\x00\x00"+string(exifBlock(binary.LittleEndian, 6))), riffChunk("XMP ", xmpPacket)), "PK\x03\x04"+planted...)
}

func movingWebP() []byte {
	frame := riffChunk("ANMF", "\x00\x00\x00\x00\x00\x00\x0F\x00\x00\x0F\x00\x00\x64\x00\x00\x00"+riffChunk("ALPH", "alpha")+riffChunk("VP8 ", tinyVP8)+riffChunk("note", planted))
	return riff("WEBP", vp8x(0x12), riffChunk("ANIM", "\x00\x00\x00\x00\x00\x00"), frame, frame)
}

func TestWebP(t *testing.T) {
	out, report := clean(t, plantedWebP(riffChunk("VP8 ", tinyVP8)), "a.webp")
	wants(t, report, scrub.KindGPS, scrub.KindAuthor, scrub.KindDevice, scrub.KindColourProfile, scrub.KindMetadata, scrub.KindUnknown, scrub.KindTrailing, scrub.KindPolyglot)
	if want := riff("WEBP", vp8x(0x08), riffChunk("VP8 ", tinyVP8), riffChunk("EXIF", string(out[len(out)-26:]))); !bytes.Equal(out, want) {
		t.Errorf("got %q\nwant %q", out, want)
	}
	if simple := riff("WEBP", riffChunk("VP8L", tinyVP8L)); !bytes.Equal(simple, mustClean(t, simple, "a.webp")) {
		t.Error("a clean picture was changed")
	}
	out, report = clean(t, movingWebP(), "a.webp")
	wants(t, report, scrub.KindUnknown)
	if bytes.Count(out, []byte("ANMF")) != 2 || bytes.Count(out, []byte("ALPH")) != 2 {
		t.Errorf("frames were lost: %q", out)
	}
}

func mustClean(t *testing.T, b []byte, name string) []byte {
	t.Helper()
	out, _ := clean(t, b, name)
	return out
}

func TestWebPWithTools(t *testing.T) {
	need(t, "cwebp", "dwebp", "webpinfo", "exiftool")
	photo := put(t, "p.jpg", plantedJPEG(t, 6))
	for _, args := range [][]string{{"-metadata", "all"}, {"-metadata", "all", "-lossless"}} {
		dir := t.TempDir()
		path := filepath.Join(dir, "a.webp")
		tool(t, "cwebp", append(args, "-quiet", photo, "-o", path)...)
		tool(t, "exiftool", "-q", "-overwrite_original", "-GPSLatitude=55.6", "-GPSLatitudeRef=N", "-Artist="+planted, "-Make="+planted, "-XMP:Creator="+planted, "-Orientation#=6", path)
		b := get(t, path)
		if !plain(b) {
			t.Fatal("nothing was planted")
		}
		out, report := clean(t, b, "a.webp")
		wants(t, report, scrub.KindGPS, scrub.KindAuthor, scrub.KindMetadata)
		exiftoolFindsNothing(t, out, "a.webp")
		if said := tool(t, "exiftool", "-n", "-Orientation", put(t, "a.webp", out)); !bytes.Contains(said, []byte(": 6")) {
			t.Errorf("the picture no longer says how to turn it: %s", said)
		}
		if said := tool(t, "webpinfo", put(t, "a.webp", out)); !bytes.Contains(said, []byte("No error detected")) {
			t.Errorf("webpinfo: %s", said)
		}
		tool(t, "dwebp", "-quiet", path, "-o", filepath.Join(dir, "before.png"))
		tool(t, "dwebp", "-quiet", put(t, "a.webp", out), "-o", filepath.Join(dir, "after.png"))
		if !samePicture(pngOf(t, filepath.Join(dir, "before.png")), pngOf(t, filepath.Join(dir, "after.png"))) {
			t.Error("the picture changed")
		}
		refusesEveryCut(t, b, "a.webp")
	}
}

func TestMovingWebPWithTools(t *testing.T) {
	need(t, "gif2webp", "webpinfo")
	path := filepath.Join(t.TempDir(), "a.webp")
	tool(t, "gif2webp", "-quiet", "-metadata", "all", put(t, "a.gif", plantedGIF(t)), "-o", path)
	b := get(t, path)
	if !hides(b) {
		t.Fatal("nothing was planted")
	}
	out := mustClean(t, b, "a.webp")
	exiftoolFindsNothing(t, out, "a.webp")
	said := tool(t, "webpinfo", put(t, "a.webp", out))
	if !bytes.Contains(said, []byte("No error detected")) || bytes.Count(said, []byte("Chunk ANMF")) != 3 {
		t.Errorf("webpinfo: %s", said)
	}
}

func TestWebPRefusals(t *testing.T) {
	huge := riff("WEBP", riffChunk("VP8X", "\x00\x00\x00\x00\x5F\xEA\x00\x5F\xEA\x00"), riffChunk("VP8 ", tinyVP8)) // 60,000 × 60,000
	refused(t, huge, "a.webp", scrub.ReasonTooLarge)
	refused(t, riff("WEBP"), "a.webp", scrub.ReasonMalformed)
	refused(t, riff("WEBP", vp8x(0)), "a.webp", scrub.ReasonMalformed)
	refused(t, riff("WEBP", riffChunk("VP8 ", tinyVP8), riffChunk("VP8 ", tinyVP8)), "a.webp", scrub.ReasonMalformed)
	refused(t, riff("WEBP", riffChunk("VP8 ", planted)), "a.webp", scrub.ReasonMalformed)
	refused(t, riff("WEBP", riffChunk("VP8L", planted)), "a.webp", scrub.ReasonMalformed)
	refused(t, riff("WEBP", riffChunk("ALPH", planted), riffChunk("VP8 ", tinyVP8)), "a.webp", scrub.ReasonMalformed)
	refused(t, riff("WEBP", vp8x(2), riffChunk("ANMF", planted+planted)), "a.webp", scrub.ReasonMalformed)
	refused(t, riff("WEBP", riffChunk("VP8 ", tinyVP8))[:30], "a.webp", scrub.ReasonTruncated)
	refused(t, []byte("RIFF\x00\x00\x00\x00WEBP"), "a.webp", scrub.ReasonMalformed)
	refusesEveryCut(t, plantedWebP(riffChunk("VP8 ", tinyVP8)), "a.webp")
	refusesEveryCut(t, movingWebP(), "a.webp")
}

func FuzzWebP(f *testing.F) {
	fuzz(f, "a.webp", plantedWebP(riffChunk("VP8 ", tinyVP8)), plantedWebP(riffChunk("VP8L", tinyVP8L)), movingWebP())
}
