// SPDX-License-Identifier: Apache-2.0

package scrub_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/engine/scrub"
)

// sample is a file of one format with something planted in it.
type sample struct {
	name string
	typ  scrub.Type
	b    []byte
}

// samples has one of each format.
func samples(t testing.TB) []sample {
	return []sample{
		{"a.jpg", scrub.TypeJPEG, plantedJPEG(t, 6)},
		{"a.png", scrub.TypePNG, plantedPNG(t)},
		{"a.gif", scrub.TypeGIF, plantedGIF(t)},
		{"a.webp", scrub.TypeWebP, plantedWebP(riffChunk("VP8 ", tinyVP8))},
		{"a.tif", scrub.TypeTIFF, plantedTIFF(binary.LittleEndian)},
		{"a.heic", scrub.TypeHEIC, plantedHEIC()},
		{"a.mp4", scrub.TypeMP4, plantedMP4("isom", 5, 100)},
		{"a.mp3", scrub.TypeMP3, plantedMP3()},
		{"a.wav", scrub.TypeWAV, plantedWAV()},
		{"a.ogg", scrub.TypeOGG, plantedOpus(9)},
		{"a.pdf", scrub.TypePDF, plantedPDF(t)},
		{"a.docx", scrub.TypeOOXML, plantedDOCX(t)},
		{"a.xlsx", scrub.TypeOOXML, plantedXLSX(t)},
		{"a.pptx", scrub.TypeOOXML, plantedPPTX(t)},
		{"a.odt", scrub.TypeODF, plantedODT(t)},
		{"a.zip", scrub.TypeZIP, zipOf(t, "a.jpg", string(plainJPEG(t, 8, 8)))},
		{"a.txt", scrub.TypeText, []byte("Meet at the mill.\u200B\r\n")},
	}
}

// Whatever a name says, the content decides; a name that says something else
// is named.
func TestForgedTypesOfEveryFormat(t *testing.T) {
	all := samples(t)
	for _, s := range all {
		for _, other := range all {
			ext := other.name[2:]
			_, report := scrubbed(t, s.b, "a."+ext)
			forged := slices.ContainsFunc(report.Warnings, func(f scrub.Fact) bool { return f.Kind == scrub.KindForgedType })
			if report.Type != s.typ || forged != (other.typ != s.typ) {
				t.Errorf("%s named .%s: type %s, warnings %v", s.name, ext, report.Type, report.Warnings)
			}
			if !forged && report.Extension() != ext || forged && report.Extension() != s.typ.Extension() {
				t.Errorf("%s named .%s is to be called .%s", s.name, ext, report.Extension())
			}
		}
		for _, name := range []string{s.name + ".exe", "a.exe." + s.name[2:], "a.pdf.js." + s.name[2:], s.name + ".scr "} {
			_, report := scrubbed(t, s.b, name)
			if !slices.ContainsFunc(report.Warnings, func(f scrub.Fact) bool { return f.Kind == scrub.KindDoubleExtension }) {
				t.Errorf("%q passes for an honest name: %v", name, report.Warnings)
			}
		}
	}
}

// payloads are what a polyglot is made of: files that another programme would
// run or open.
func payloads(t testing.TB) map[string]string {
	return map[string]string{
		"an archive":  string(zipOf(t, "run.txt", "a text")),
		"a PDF":       string(pdfOf("/Info 2 0 R", "<</Type/Catalog/Pages 3 0 R>>", "<</Author("+planted+")>>", "<</Type/Pages/Kids[]/Count 0>>")),
		"a page":      "<script>alert('" + planted + "')</script>",
		"a programme": "MZ\x90\x00" + planted,
		"a script":    "*/=1;/*" + planted + "*/alert(1)//",
	}
}

// A file that is also another leaves that other behind: before, behind, and in
// the middle. Or it is refused.
func TestPolyglotsOfEveryFormat(t *testing.T) {
	for what, p := range payloads(t) {
		for _, s := range samples(t) {
			for where, b := range map[string][]byte{
				"behind": append(bytes.Clone(s.b), p...), "before": append([]byte(p), s.b...),
				"in the middle of": slices.Concat(s.b[:len(s.b)/2], []byte(p), s.b[len(s.b)/2:]),
			} {
				var out bytes.Buffer
				_, err := scrub.Scrub(&out, bytes.NewReader(b), int64(len(b)), scrub.Options{Name: s.name})
				var r *scrub.Refusal
				switch {
				case errors.As(err, &r) && r.Reason == scrub.ReasonInternal:
					t.Errorf("%s %s %s: a mistake of ours", what, where, s.name)
				case err != nil || s.typ == scrub.TypeText && (where != "before" || what == "a script" || what == "a page"):
					// A text shows what was put into it.
				case where == "in the middle of":
					// What is put into picture or sound is picture or sound.
				case hides(out.Bytes()):
					t.Errorf("%s %s %s is still there", what, where, s.name)
				}
			}
		}
	}
}

// What is cut short or changed by a byte is refused, or clean: it never
// panics, takes long, or comes out with more than went in.
func TestDamageToEveryFormat(t *testing.T) {
	tries := 300
	if testing.Short() {
		tries = 30
	}
	r := rand.New(rand.NewSource(4))
	for _, s := range samples(t) {
		refusesEveryCut(t, s.b, s.name)
		began := time.Now()
		for range tries {
			b := bytes.Clone(s.b)
			for range 1 + r.Intn(3) {
				b[r.Intn(len(b))] = []byte{0, 1, 0x7F, 0x80, 0xFF, byte(r.Intn(256))}[r.Intn(6)]
			}
			var out, twice bytes.Buffer
			_, err := scrub.Scrub(&out, bytes.NewReader(b), int64(len(b)), scrub.Options{Name: s.name})
			var refusal *scrub.Refusal
			if errors.As(err, &refusal) {
				if refusal.Reason == scrub.ReasonInternal {
					t.Fatalf("%s: a mistake of ours", s.name)
				}
				continue
			}
			if _, err := scrub.Scrub(&twice, bytes.NewReader(out.Bytes()), int64(out.Len()), scrub.Options{Name: s.name}); err != nil || !bytes.Equal(out.Bytes(), twice.Bytes()) || out.Len() > growth*len(b)+64<<10 {
				t.Fatalf("%s: %d bytes became %d, then %d: %v", s.name, len(b), out.Len(), twice.Len(), err)
			}
		}
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("%s: %v for %d damaged files", s.name, took, tries)
		}
	}
}

// Files made to cost much are refused, and cost little.
func TestBombsCostLittle(t *testing.T) {
	zeros := strings.Repeat("\x00", 63<<20)
	spaces := strings.Repeat(" ", 60<<20)
	many := make([]string, 0, 2*20001)
	for i := range 20001 {
		many = append(many, fmt.Sprintf("%d/", i), "")
	}
	wide := zipOf(t, "a.bin", zeros)
	var nested []string
	for i := range 20 {
		nested = append(nested, fmt.Sprintf("%d.zip", i), string(wide))
	}
	for name, row := range map[string]struct {
		b    []byte
		want []scrub.Reason
	}{
		"zeros":             {wide, []scrub.Reason{scrub.ReasonBomb}},
		"archives of zeros": {zipOf(t, nested...), []scrub.Reason{scrub.ReasonBomb}},
		"a text of spaces":  {zipOf(t, "a.txt", spaces), []scrub.Reason{scrub.ReasonBomb}},
		"a document":        {zipOf(t, "[Content_Types].xml", "<Types/>", "word/document.xml", "<w:p>"+spaces+"</w:p>"), []scrub.Reason{scrub.ReasonBomb}},
		"a presentation":    {zipOf(t, "mimetype", "application/vnd.oasis.opendocument.presentation", "content.xml", "<a>"+spaces+"</a>"), []scrub.Reason{scrub.ReasonBomb}},
		"many files":        {zipOf(t, many...), []scrub.Reason{scrub.ReasonTooLarge}},
		"many GIF blocks":   {append([]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00"), bytes.Repeat([]byte("\x21\xFE\x00"), 2<<20)...), []scrub.Reason{scrub.ReasonTooLarge}},
		"many WAV chunks":   {riff("WAVE", strings.Repeat(riffChunk("LIST", ""), 2<<20)), []scrub.Reason{scrub.ReasonTooLarge}},
		"many ID3 tags":     {bytes.Repeat([]byte("ID3\x04\x00\x00\x00\x00\x00\x00"), 2<<20), []scrub.Reason{scrub.ReasonTooLarge}},
		"many JPEG markers": {append([]byte("\xFF\xD8"), bytes.Repeat([]byte("\xFF\xFE\x00\x02"), 2<<20)...), []scrub.Reason{scrub.ReasonTooLarge}},
		"many OGG pages":    {append(plantedOpus(1)[:bytes.LastIndex(plantedOpus(1), []byte("OggS"))], bytes.Repeat([]byte(oggPage(0, 0, 1, 9)), 2<<20)...), []scrub.Reason{scrub.ReasonTooLarge}},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			began := time.Now()
			refused(t, row.b, "a", row.want...)
			runtime.ReadMemStats(&after)
			took, used := time.Since(began), after.TotalAlloc-before.TotalAlloc
			if took > 20*time.Second || used > 512<<20 {
				t.Errorf("%v and %d MiB for %d KiB", took, used>>20, len(row.b)>>10)
			}
			t.Logf("%d KiB: %v, %d MiB", len(row.b)>>10, took.Round(time.Millisecond), used>>20)
		})
	}
}
