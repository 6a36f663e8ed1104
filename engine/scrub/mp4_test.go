// SPDX-License-Identifier: Apache-2.0

package scrub_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/png"
	"io"
	"math/rand"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/engine/scrub"
)

func mbox(typ string, parts ...string) string {
	body := strings.Join(parts, "")
	return be32(len(body)+8) + typ + body
}

func be32(v ...int) string {
	var b []byte
	for _, x := range v {
		b = binary.BigEndian.AppendUint32(b, uint32(x))
	}
	return string(b)
}

// plantedMP4 is a film with one track of sound and one of positions, chunk by
// chunk, and something planted wherever a box can hold it.
func plantedMP4(brand string, chunks, size int) []byte {
	b, _ := sparseMP4(brand, chunks, size, true)
	return b
}

// sparseMP4 returns the head and the size of the whole; with the data when fill.
func sparseMP4(brand string, chunks, size int, fill bool) ([]byte, int64) {
	ftyp := mbox("ftyp", brand, be32(512), "isommp42")
	free := mbox("free", planted)
	const gps = 64
	trak := func(handler, entry string, base, size int) string {
		offs := be32(0, chunks)
		for i := range chunks {
			offs += be32(base + 0 + i*sizeOf(size, gps))
		}
		stbl := mbox("stbl", mbox("stsd", be32(0, 1), entry), mbox("stts", be32(0, 1, chunks, 1000)), mbox("stsc", be32(0, 1, 1, 1, 1)),
			mbox("stsz", be32(0, map[bool]int{true: gps, false: sizeOf(size, gps) - gps}[handler == "meta"], chunks)), mbox("stco", offs))
		return mbox("trak", mbox("tkhd", be32(7, 3600000000, 3600000001, 1, 0, chunks*1000), strings.Repeat("\x00", 60)),
			mbox("mdia", mbox("mdhd", be32(0, 3600000000, 3600000001, 1000, chunks*1000), "\x10\x81\x00\x00"), mbox("hdlr", be32(0, 0), handler, strings.Repeat("\x00", 12), planted+"\x00"),
				mbox("minf", mbox("smhd", be32(0, 0)), mbox("dinf", mbox("dref", be32(0, 1), mbox("url ", be32(1)))), stbl)), mbox("udta", mbox("name", planted)), mbox("tref", mbox("cdsc", be32(1))))
	}
	sound := mbox("sowt", strings.Repeat("\x00", 6), "\x00\x01", strings.Repeat("\x00", 4), "appl", "\x00\x01\x00\x10\x00\x00\x00\x00", be32(8000<<16))
	moov := func(base int) string {
		return mbox("moov", mbox("mvhd", be32(0, 3600000000, 3600000001, 1000, chunks*1000), strings.Repeat("\x00", 80)),
			trak("soun", sound, base, size), trak("meta", mbox("gpmd", strings.Repeat("\x00", 6), "\x00\x01"), base+sizeOf(size, gps)-gps, size),
			mbox("udta", mbox("\xA9xyz", "\x00\x10\x15\xC7", planted), mbox("\xA9too", planted)), mbox("meta", planted+"location"), mbox("uuid", planted))
	}
	base := len(ftyp) + len(free) + len(moov(0)) + 8
	data := int64(chunks) * int64(sizeOf(size, gps))
	head := []byte(ftyp + free + moov(base) + be32(int(data)+8) + "mdat")
	if !fill {
		return head, int64(len(head)) + data
	}
	r := rand.New(rand.NewSource(2))
	for range chunks {
		for range sizeOf(size, gps) - gps {
			head = append(head, byte(r.Intn(256)))
		}
		head = append(head, (planted + strings.Repeat("g", gps))[:gps]...)
	}
	return append(head, mbox("uuid", planted)...), 0
}

func sizeOf(size, gps int) int { return size + gps }

func TestMP4(t *testing.T) {
	for _, brand := range []string{"isom", "qt  ", "M4A ", "3gp4", "XAVC"} {
		b := plantedMP4(brand, 20, 500)
		out, report := clean(t, b, "film.mp4")
		wants(t, report, scrub.KindGPS, scrub.KindTimedData, scrub.KindDate, scrub.KindSoftware, scrub.KindHidden)
		if len(out) < 20*500 || len(out) > 20*500+1500 {
			t.Errorf("%s: %d bytes are left of 20 chunks of 500", brand, len(out))
		}
	}
	refusesEveryCut(t, plantedMP4("isom", 5, 50), "a.mp4")
	fragment := mbox("ftyp", "isom", be32(0)) + mbox("moov", mbox("mvhd", strings.Repeat("\x00", 100))) + mbox("moof", "")
	refused(t, []byte(fragment), "a.mp4", scrub.ReasonUnsupported)
	refused(t, []byte(mbox("ftyp", "isom", be32(0))+mbox("mdat", "x")), "a.mp4", scrub.ReasonTruncated)
}

// sparse reads as the head and then zeros, however large.
type sparse struct{ head []byte }

func (s sparse) ReadAt(b []byte, off int64) (int, error) {
	clear(b)
	if off < int64(len(s.head)) {
		copy(b, s.head[off:])
	}
	return len(b), nil
}

func TestAFilmOf500MiBNeverEntersMemory(t *testing.T) {
	head, size := sparseMP4("isom", 4000, 128<<10, false)
	if size < 500<<20 {
		t.Fatal(size)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	plan, report, err := scrub.MakePlan(sparse{head}, size, scrub.Options{Name: "film.mp4"})
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 16<<20 {
		t.Errorf("the plan took %d bytes", used)
	} else {
		t.Logf("%d MiB planned with %d KiB allocated, %d parts", size>>20, used>>10, len(plan.Parts))
	}
	wants(t, report, scrub.KindTimedData)
}

// ffmpeg makes a real film and ffprobe opens what is left of it.
func film(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	all := append([]string{
		"-f", "lavfi", "-i", "testsrc=size=64x48:rate=10:duration=2", "-f", "lavfi", "-i", "sine=duration=2", "-metadata", "title=" + planted,
		"-metadata", "artist=" + planted, "-metadata", "comment=" + planted, "-metadata", "location=+55.6761+012.5683/", "-metadata:s:0", "title=" + planted, "-metadata", "creation_time=2026-01-02T03:04:05Z",
	}, args...)
	return ffmpegMakes(t, name, all...)
}

// ffmpegMakes returns what ffmpeg writes; what it can't write here is skipped.
func ffmpegMakes(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	need(t, "ffmpeg", "ffprobe")
	if testing.Short() {
		t.Skip("ffmpeg takes seconds for each")
	}
	path := filepath.Join(t.TempDir(), name)
	if out, err := exec.Command("ffmpeg", append(append([]string{"-v", "error"}, args...), path)...).CombinedOutput(); err != nil {
		t.Skipf("ffmpeg can't make %s here: %s", name, out)
	}
	return get(t, path)
}

// decodes checks that ffmpeg decodes b to the same pictures and sounds as a.
func decodes(t *testing.T, a, b []byte, name string) {
	t.Helper()
	sum := func(b []byte) string {
		return string(tool(t, "ffmpeg", "-v", "error", "-i", put(t, name, b), "-map", "0:v?", "-map", "0:a?", "-f", "md5", "-"))
	}
	if x, y := sum(a), sum(b); x != y || !strings.Contains(x, "MD5=") || strings.Count(x, "\n") != 1 {
		t.Errorf("%s decodes to something else: %s, %s", name, x, y)
	}
	out := tool(t, "ffprobe", "-v", "error", "-show_format", "-show_streams", put(t, name, b))
	for _, bad := range []string{planted, "Lavf", "x264", "2026-01", "+55.67"} {
		if bytes.Contains(out, []byte(bad)) {
			t.Errorf("%s: ffprobe still finds %s:\n%s", name, bad, out)
		}
	}
}

func TestFilmsOfFfmpeg(t *testing.T) {
	for name, args := range map[string][]string{
		"a.mp4": {"-c:v", "libx264", "-c:a", "aac"}, "fast.mp4": {"-c:v", "libx264", "-movflags", "+faststart"}, "a.mov": {"-c:v", "libx264", "-c:a", "pcm_s16le"},
		"hevc.mp4": {"-c:v", "libx265", "-x265-params", "log-level=0"}, "a.m4a": {"-vn", "-c:a", "aac"}, "a.3gp": {"-c:v", "h263", "-s", "176x144", "-an"},
		"mpeg4.mp4": {"-c:v", "mpeg4"},
	} {
		t.Run(name, func(t *testing.T) {
			b := film(t, name, args...)
			out, report := clean(t, b, name)
			if !report.Found() || len(report.Warnings) > 0 {
				t.Errorf("found %v, warnings %v", report.Removed, report.Warnings)
			}
			if bytes.Contains(out, []byte("x264 - core")) || bytes.Contains(out, []byte("x265")) {
				t.Error("the encoder's name is still there")
			}
			decodes(t, b, out, name)
			exiftoolFindsNothing(t, out, name)
			if strings.HasSuffix(name, ".mp4") {
				mat2FindsNothing(t, out, name)
			}
			refusesEveryCut(t, b[:min(len(b), 20000)], name)
		})
	}
}

func heifOf(t *testing.T, args ...string) []byte {
	t.Helper()
	need(t, "heif-enc", "exiftool")
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.jpg"), filepath.Join(dir, "out.heic")
	photo := put(t, "p.jpg", plantedJPEG(t, 6))
	if b, err := exec.Command("cp", photo, in).CombinedOutput(); err != nil {
		t.Fatalf("%s", b)
	}
	if b, err := exec.Command("heif-enc", append(args, "-o", out, in)...).CombinedOutput(); err != nil {
		t.Skipf("heif-enc can't write here: %s", b)
	}
	tool(t, "exiftool", "-q", "-overwrite_original", "-GPSLatitude=55.6", "-GPSLatitudeRef=N", "-Artist="+planted, "-XMP:Creator="+planted, out)
	return get(t, out)
}

func TestHEIC(t *testing.T) {
	for i, args := range [][]string{{"-t", "32"}, {}, {"-A"}} {
		b := heifOf(t, args...)
		if !plain(b) {
			t.Fatal("nothing was planted")
		}
		out, report := clean(t, b, "a.heic")
		wants(t, report, scrub.KindGPS, scrub.KindAuthor, scrub.KindMetadata)
		exiftoolFindsNothing(t, out, "a.heic")
		mat2FindsNothing(t, out, "a.heic")
		need(t, "heif-convert")
		dir := t.TempDir()
		got := tool(t, "heif-convert", put(t, "a.heic", out), filepath.Join(dir, "a.png"))
		want := tool(t, "heif-convert", put(t, "b.heic", b), filepath.Join(dir, "b.png"))
		if !samePicture(pngOf(t, filepath.Join(dir, "a.png")), pngOf(t, filepath.Join(dir, "b.png"))) {
			t.Errorf("%d: the picture changed\n%s\n%s", i, got, want)
		}
		refusesEveryCut(t, b, "a.heic")
		huge := bytes.Replace(b, []byte("ispe\x00\x00\x00\x00"), []byte("ispe\x00\x00\x00\x00\x00\x00\xEA\x60\x00\x00\xEA\x60"), 1)
		refused(t, append(huge[:len(huge):len(huge)], 0), "a.heic", scrub.ReasonTooLarge, scrub.ReasonMalformed, scrub.ReasonTruncated)
	}
}

func pngOf(t *testing.T, path string) image.Image {
	t.Helper()
	m, err := png.Decode(bytes.NewReader(get(t, path)))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func FuzzMP4(f *testing.F) {
	fuzz(f, "a.mp4", plantedMP4("isom", 3, 20), plantedMP4("qt  ", 2, 10))
}

// FuzzHEIC starts from a picture written by hand: a grid of one tile.
func FuzzHEIC(f *testing.F) { fuzz(f, "a.heic", plantedHEIC()) }

func plantedHEIC() []byte {
	infe := func(id int, typ string) string {
		return mbox("infe", "\x02\x00\x00\x00\x00"+string(rune(id))+"\x00\x00", typ, planted+"\x00")
	}
	exif := "\x00\x00\x00\x00" + string(exifBlock(binary.BigEndian, 6))
	meta := func(base int) string {
		place := func(id, off, n int) string { return "\x00" + string(rune(id)) + "\x00\x00\x00\x01" + be32(off, n) }
		return mbox("meta", be32(0), mbox("hdlr", be32(0, 0), "pict", strings.Repeat("\x00", 12), planted+"\x00"), mbox("pitm", be32(0), "\x00\x01"),
			mbox("iloc", be32(0), "\x44\x00\x00\x03", place(1, base, 8), place(2, base+8, 8), place(3, base+16, len(exif))),
			mbox("iinf", be32(0), "\x00\x03", infe(1, "hvc1"), infe(2, "hvc1"), infe(3, "Exif")),
			mbox("iref", be32(0), mbox("thmb", "\x00\x02\x00\x01\x00\x01"), mbox("cdsc", "\x00\x03\x00\x01\x00\x01")),
			mbox("iprp", mbox("ipco", mbox("ispe", be32(0, 64, 64)), mbox("hvcC", strings.Repeat("\x00", 23)), mbox("udes", planted)), mbox("ipma", be32(0, 2), "\x00\x01\x03\x01\x82\x03\x00\x02\x01\x01")))
	}
	ftyp := mbox("ftyp", "heic", be32(0), "mif1heic")
	return []byte(ftyp + meta(len(ftyp)+len(meta(0))+8) + mbox("mdat", "picture!"+planted[:8]+exif))
}

func TestHEICByHand(t *testing.T) {
	b := plantedHEIC()
	out, report := clean(t, b, "a.heic")
	wants(t, report, scrub.KindGPS, scrub.KindThumbnail, scrub.KindUnknown, scrub.KindDevice)
	if !bytes.HasSuffix(out, []byte("mdatpicture!")) {
		t.Errorf("the data is %q", out[len(out)-40:])
	}
	i := bytes.Index(b, []byte("ispe")) + 8
	copy(b[i:], be32(60000, 60000))
	refused(t, b, "a.heic", scrub.ReasonTooLarge)
	refusesEveryCut(t, plantedHEIC(), "a.heic")
}

func BenchmarkMP4Write(b *testing.B) {
	film := plantedMP4("isom", 200, 100<<10)
	b.SetBytes(int64(len(film)))
	for b.Loop() {
		if _, err := scrub.Scrub(io.Discard, bytes.NewReader(film), int64(len(film)), scrub.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
