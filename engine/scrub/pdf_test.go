// SPDX-License-Identifier: Apache-2.0

package scrub_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/engine/scrub"
)

// pdfOf writes a PDF of the objects, numbered from 1; the first is the catalogue.
func pdfOf(trailer string, objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.6\n")
	return pdfUpdate(&b, trailer, 1, objects...)
}

func pdfUpdate(b *bytes.Buffer, trailer string, first int, objects ...string) []byte {
	var places []int
	for i, o := range objects {
		places = append(places, b.Len())
		fmt.Fprintf(b, "%d 0 obj\n%s\nendobj\n", first+i, o)
	}
	at := b.Len()
	fmt.Fprintf(b, "xref\n%d %d\n", first, len(places))
	for _, p := range places {
		fmt.Fprintf(b, "%010d 00000 n \n", p)
	}
	fmt.Fprintf(b, "trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n", first+len(objects), trailer, at)
	return b.Bytes()
}

func stream(dict, data string) string {
	return fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", dict, len(data), data)
}

// plantedPDF has a page with text, a photo and a filled field, an earlier
// version, and something planted wherever a PDF can hold it.
func plantedPDF(t testing.TB) []byte {
	photo := string(plantedJPEG(t, 1))
	objects := []string{
		"<</Type/Catalog/Pages 2 0 R/Metadata 9 0 R/OpenAction<</S/JavaScript/JS(" + planted + ")>>/Names<</JavaScript 10 0 R/EmbeddedFiles<</Names[(" + planted + ")11 0 R]>>>>/AcroForm<</Fields[7 0 R]/XFA(" + planted + ")>>/Outlines<</Title(" + planted + ")>>/PieceInfo<</x(" + planted + ")>>>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Resources<</Font<</A 5 0 R>>/XObject<</P 6 0 R>>/ColorSpace<</C[/ICCBased 14 0 R]>>>>/Contents 4 0 R/Annots[7 0 R 8 0 R 13 0 R]/LastModified(D:20260102" + planted + ")/Metadata 9 0 R/AA<</O<</S/JavaScript/JS(" + planted + ")>>>>>>",
		stream("/Filter/FlateDecode", string(pack([]byte("BT /A 24 Tf 20 150 Td (VISIBLE) Tj ET q 60 0 0 60 20 20 cm /P Do Q /C cs 1 0 0 sc 100 20 20 20 re f")))),
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Metadata 9 0 R>>",
		stream("/Type/XObject/Subtype/Image/Width 64/Height 48/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode/Metadata 9 0 R/ID<"+strings.Repeat("AB", 16)+">", photo),
		"<</Type/Annot/Subtype/Widget/FT/Tx/T(" + planted + ")/V(" + planted + ")/TU(" + planted + ")/Rect[20 90 120 110]/AP<</N 12 0 R>>/P 3 0 R/AA<</K<</S/JavaScript/JS(" + planted + ")>>>>>>",
		"<</Type/Annot/Subtype/Text/T(" + planted + ")/Contents(" + planted + ")/M(D:2026)/Rect[0 0 9 9]/F 2>>",
		stream("/Type/Metadata/Subtype/XML", xmpPacket),
		"<</Names[(a)<</S/JavaScript/JS(" + planted + ")>>]>>",
		"<</Type/Filespec/F(" + planted + ")/EF<</F 9 0 R>>>>",
		stream("/Type/XObject/Subtype/Form/BBox[0 0 100 20]/Resources<</Font<</A 5 0 R>>>>/PieceInfo<</x("+planted+")>>", "BT /A 12 Tf 2 5 Td (FIELD) Tj ET"),
		"<</Type/Annot/Subtype/Link/Border[0 0 0]/Rect[0 0 5 5]/A<</S/URI/URI(http://" + planted + ")>>>>",
		stream("/N 3", strings.Repeat("\x00", 128)+planted),
		"<</Author(" + planted + ")/Creator(" + planted + ")/Producer(" + planted + ")/CreationDate(D:2026)/Title(" + planted + ")/Company(" + planted + ")>>",
	}
	var b bytes.Buffer
	first := pdfOf("/Info 15 0 R/ID[<"+strings.Repeat("AA", 16)+"><"+strings.Repeat("AA", 16)+">]", objects...)
	b.Write(bytes.Replace(first, []byte("\nendobj\n2 0 obj"), []byte("\n% "+planted+"\nendobj\n2 0 obj"), 1))
	b.Reset()
	b.Write(first)
	prev := bytes.LastIndex(first, []byte("xref\n1 "))
	return pdfUpdate(&b, fmt.Sprintf("/Info 15 0 R/Prev %d/ID[<%s><%s>]", prev, strings.Repeat("AA", 16), strings.Repeat("BB", 16)), 16, "(an earlier version: "+planted+")")
}

func TestPDF(t *testing.T) {
	b := plantedPDF(t)
	out, report := clean(t, b, "a.pdf")
	wants(t, report, scrub.KindAuthor, scrub.KindSoftware, scrub.KindDate, scrub.KindDescription, scrub.KindMetadata, scrub.KindEmbeddedFile, scrub.KindScript, scrub.KindForm,
		scrub.KindLink, scrub.KindComment, scrub.KindIdentifier, scrub.KindEditHistory, scrub.KindGPS, scrub.KindColourProfile, scrub.KindHidden)
	if len(report.Remains) > 0 {
		t.Errorf("remains %v", report.Remains)
	}
	for _, bad := range []string{"JavaScript", "/ID", "/Info", "AcroForm", "URI", "Metadata", "PieceInfo"} {
		if bytes.Contains(out, []byte(bad)) {
			t.Errorf("%s is still there", bad)
		}
	}
}

func TestPDFWithTools(t *testing.T) {
	b := plantedPDF(t)
	out, _ := clean(t, b, "a.pdf")
	exiftoolFindsNothing(t, out, "a.pdf")
	mat2FindsNothing(t, out, "a.pdf")
	text := tool(t, "pdftotext", put(t, "a.pdf", out), "-")
	for _, want := range []string{"VISIBLE", "FIELD"} {
		if !bytes.Contains(text, []byte(want)) {
			t.Errorf("the page no longer says %s: %s", want, text)
		}
	}
	dir := t.TempDir()
	said := tool(t, "pdftoppm", "-r", "36", put(t, "a.pdf", out), dir+"/after")
	tool(t, "pdftoppm", "-r", "36", put(t, "b.pdf", b), dir+"/before")
	if len(said) > 0 {
		t.Errorf("pdftoppm complains: %s", said)
	}
	if !bytes.Equal(get(t, dir+"/after-1.ppm"), get(t, dir+"/before-1.ppm")) {
		t.Error("the page looks different")
	}
}

// A document with streams of objects and a table that is a stream.
func packedPDF(t testing.TB) []byte {
	objects := []string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/PieceInfo(" + planted + ")>>", "<</Author(" + planted + ")>>"}
	head, body := "", ""
	for i, o := range objects {
		head += fmt.Sprintf("%d %d ", i+1, len(body))
		body += o + " "
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.5\n")
	at5 := b.Len()
	fmt.Fprintf(&b, "5 0 obj\n%s\nendobj\n", stream(fmt.Sprintf("/Type/ObjStm/N 4/First %d/Filter/FlateDecode", len(head)), string(pack([]byte(head+body)))))
	at6 := b.Len()
	var table []byte
	rows := [][3]int{{0, 0, 0}, {2, 5, 0}, {2, 5, 1}, {2, 5, 2}, {2, 5, 3}, {1, at5, 0}, {1, at6, 0}}
	above := []byte{0, 0, 0, 0}
	for _, r := range rows {
		row := []byte{byte(r[0]), byte(r[1] >> 8), byte(r[1]), byte(r[2])}
		table = append(table, 2) // the difference to the row above
		for i := range row {
			table = append(table, row[i]-above[i])
		}
		above = row
	}
	fmt.Fprintf(&b, "6 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n", stream("/Type/XRef/Size 7/W[1 2 1]/Root 1 0 R/Info 4 0 R/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 4>>", string(pack(table))), at6)
	return b.Bytes()
}

func TestPackedPDF(t *testing.T) {
	b := packedPDF(t)
	if !hides(b) {
		t.Fatal("nothing was planted")
	}
	out, report := clean(t, b, "a.pdf")
	wants(t, report, scrub.KindAuthor, scrub.KindHidden)
	said := tool(t, "pdfinfo", put(t, "a.pdf", out))
	if !bytes.Contains(said, []byte("Pages:           1")) {
		t.Errorf("%s", said)
	}
}

func TestPDFOf10000Pages(t *testing.T) {
	const pages = 10000
	kids := ""
	objects := []string{"<</Type/Catalog/Pages 2 0 R>>", ""}
	for i := range pages {
		kids += fmt.Sprintf("%d 0 R ", 3+2*i)
		objects = append(objects, fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents %d 0 R>>", 4+2*i), stream("", "0 0 1 1 re f"))
	}
	objects[1] = fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", kids, pages)
	b := pdfOf("", objects...)
	began := time.Now()
	scrubbed(t, b, "a.pdf")
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("%v", took)
	} else {
		t.Logf("10,000 pages, %d KiB: %v", len(b)>>10, took)
	}
}

func TestPDFRefusals(t *testing.T) {
	page := []string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R>>"}
	refused(t, pdfOf("/Encrypt<</Filter/Standard>>", page...), "a.pdf", scrub.ReasonEncrypted)
	refused(t, pdfOf("", page[0], "<</Type/Pages/Kids[2 0 R]/Count 1>>"), "a.pdf", scrub.ReasonMalformed)
	refused(t, pdfOf("", page[0], "<</Type/Pages/Kids[3 0 R 3 0 R]/Count 1>>", page[2]), "a.pdf", scrub.ReasonMalformed)
	refused(t, pdfOf("/Prev 9", page...), "a.pdf", scrub.ReasonMalformed, scrub.ReasonTruncated)
	refused(t, pdfOf("", "<</Pages 2 0 R>>", strings.Repeat("[", 1000)), "a.pdf", scrub.ReasonMalformed)
	refused(t, pdfOf("", page[0], page[1], "<</Type/Page/Parent 2 0 R/Resources<</XObject<</I 4 0 R>>>>>>", stream("/Subtype/Image/Width 60000/Height 60000", "x")), "a.pdf", scrub.ReasonTooLarge)
	refused(t, []byte("%PDF-1.4\n"+planted), "a.pdf", scrub.ReasonTruncated)
	bomb := string(pack(bytes.Repeat([]byte{0}, 80<<20)))
	at := pdfOf("", page[0], page[1], page[2], stream("/Type/ObjStm/N 1/First 4/Filter/FlateDecode", bomb))
	i := bytes.Index(at, []byte("4 0 obj"))
	table := fmt.Sprintf("9 0 obj\n%s\nendobj\nstartxref\n", stream("/Type/XRef/Size 10/W[1 4 1]/Index[1 2 4 1]/Root 1 0 R", "\x02\x00\x00\x00\x04\x00\x02\x00\x00\x00\x04\x01\x01"+string([]byte{byte(i >> 24), byte(i >> 16), byte(i >> 8), byte(i)})+"\x00"))
	refused(t, []byte(string(at)+table+fmt.Sprint(len(at))+"\n%%EOF\n"), "a.pdf", scrub.ReasonBomb)
	refusesEveryCut(t, plantedPDF(t), "a.pdf")
	refusesEveryCut(t, packedPDF(t), "a.pdf")
}

func FuzzPDF(f *testing.F) { fuzz(f, "a.pdf", plantedPDF(f), packedPDF(f)) }
