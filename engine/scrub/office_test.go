// SPDX-License-Identifier: Apache-2.0

package scrub_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/engine/scrub"
)

// zipOf writes an archive of name, content, name, content, … with times,
// comments and extras.
func zipOf(t testing.TB, pairs ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	_ = w.SetComment(planted)
	for i := 0; i < len(pairs); i += 2 {
		h := &zip.FileHeader{Name: pairs[i], Method: zip.Deflate, Comment: planted, Modified: time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC)}
		if pairs[i] == "mimetype" {
			h = &zip.FileHeader{Name: pairs[i], Method: zip.Store}
		}
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, pairs[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// unzip opens an archive with the standard library and returns its parts;
// each that is XML must be well-formed.
func unzip(t *testing.T, b []byte) map[string]string {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatalf("the archive no longer opens: %v", err)
	}
	out := map[string]string{}
	for _, f := range r.File {
		rc, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(rc)
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		out[f.Name] = string(content)
		if strings.HasSuffix(f.Name, ".xml") || strings.HasSuffix(f.Name, ".rels") {
			d := xml.NewDecoder(bytes.NewReader(content))
			for {
				if _, err := d.Token(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					t.Errorf("%s: %v\n%s", f.Name, err, content)
					break
				}
			}
		}
		if f.Comment != "" || len(f.Extra) > 0 || f.Modified.Year() > 1980 {
			t.Errorf("%s: the list tells %q %x %v", f.Name, f.Comment, f.Extra, f.Modified)
		}
	}
	return out
}

const relHead = `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`

func rel(id, typ, target, more string) string {
	return `<Relationship Id="` + id + `" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/` + typ + `" Target="` + target + `"` + more + `/>`
}

func plantedDOCX(t testing.TB) []byte {
	ns := ` xmlns:w="w" xmlns:r="r" xmlns:wp="wp" xmlns:a="a" xmlns:pic="pic" xmlns:w14="w14"`
	return zipOf(t,
		"[Content_Types].xml", `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="jpg" ContentType="image/jpeg"/><Override PartName="/word/document.xml" ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/><Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/><Override PartName="/word/comments.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"/></Types>`,
		"_rels/.rels", relHead+rel("rId1", "officeDocument", "word/document.xml", "")+rel("rId2", "core", "docProps/core.xml", "")+rel("rId3", "thumbnail", "docProps/thumbnail.jpeg", "")+`</Relationships>`,
		"docProps/core.xml", `<core><creator>`+planted+`</creator></core>`, "docProps/app.xml", `<app>`+planted+`</app>`, "docProps/thumbnail.jpeg", planted,
		"customXml/item1.xml", `<x>`+planted+`</x>`, "word/vbaProject.bin", planted, "word/printerSettings/p1.bin", planted,
		"word/comments.xml", `<w:comments`+ns+`><w:comment w:author="`+planted+`"/></w:comments>`, "word/people.xml", `<p>`+planted+`</p>`,
		"word/_rels/document.xml.rels", relHead+rel("rId1", "image", "media/image1.jpg", "")+rel("rId2", "hyperlink", "http://"+planted+"/", ` TargetMode="External"`)+rel("rId3", "image", "file:///C:/"+planted, ` TargetMode="External"`)+rel("rId4", "comments", "comments.xml", "")+`</Relationships>`,
		"word/_rels/settings.xml.rels", relHead+rel("rId1", "attachedTemplate", "file:///C:/Users/"+planted, ` TargetMode="External"`)+`</Relationships>`,
		"word/settings.xml", `<w:settings`+ns+`><w:attachedTemplate r:id="rId1"/><w:rsids><w:rsid w:val="`+planted+`"/></w:rsids><w:docVars><w:docVar w:name="x" w:val="`+planted+`"/></w:docVars><w:zoom w:percent="100"/></w:settings>`,
		"word/document.xml", `<?xml version="1.0"?><!-- `+planted+` --><w:document`+ns+`><w:body><w:p w:rsidR="`+planted+`" w14:paraId="`+planted+`"><w:ins w:author="`+planted+`" w:date="2026"><w:r><w:t>INSERTED &amp; KEPT</w:t></w:r></w:ins><w:del w:author="`+planted+`"><w:r><w:delText>`+planted+`</w:delText></w:r></w:del><w:commentRangeStart w:id="0"/><w:hyperlink r:id="rId2"><w:r><w:t>LINKTEXT</w:t></w:r></w:hyperlink><w:r><w:rPr><w:rPrChange w:author="`+planted+`"/></w:rPr><w:t xml:space="preserve"> a > b </w:t></w:r>`+
			`<w:drawing><wp:docPr id="1" name="`+planted+`" descr="`+planted+`"/><pic:cNvPr id="0" name="`+planted+`.jpg"/><a:blip r:embed="rId1"/></w:drawing><a:blip r:link="rId3"/></w:p></w:body></w:document>`,
		"word/media/image1.jpg", string(plantedJPEG(t, 1)), "word/embeddings/oleObject1.bin", planted)
}

func TestDOCX(t *testing.T) {
	out, report := clean(t, plantedDOCX(t), "a.docx")
	wants(t, report, scrub.KindAuthor, scrub.KindDate, scrub.KindEditHistory, scrub.KindComment, scrub.KindScript, scrub.KindThumbnail, scrub.KindPrinter, scrub.KindLink, scrub.KindEmbeddedFile, scrub.KindIdentifier, scrub.KindDescription, scrub.KindGPS, scrub.KindPath)
	parts := unzip(t, out)
	doc := parts["word/document.xml"]
	for _, want := range []string{"INSERTED &amp; KEPT", "LINKTEXT", " a > b ", `r:embed="rId1"`} {
		if !strings.Contains(doc, want) {
			t.Errorf("lost %s: %s", want, doc)
		}
	}
	for _, gone := range []string{"docProps/core.xml", "word/comments.xml", "word/vbaProject.bin", "customXml/item1.xml", "word/embeddings/oleObject1.bin"} {
		if _, ok := parts[gone]; ok {
			t.Errorf("%s is still there", gone)
		}
	}
	if types := parts["[Content_Types].xml"]; strings.Contains(types, "macro") || strings.Contains(types, "comments") || strings.Contains(types, "core") {
		t.Errorf("%s", types)
	}
	exiftoolFindsNothing(t, out, "a.docx")
	mat2FindsNothing(t, out, "a.docx")
}

func plantedXLSX(t testing.TB) []byte {
	return zipOf(t,
		"[Content_Types].xml", `<Types><Default Extension="xml" ContentType="application/xml"/></Types>`, "_rels/.rels", relHead+rel("rId1", "officeDocument", "xl/workbook.xml", "")+`</Relationships>`,
		"xl/workbook.xml", `<workbook xmlns:r="r" xmlns:x15ac="x" xmlns:xr="xr"><fileVersion appName="xl" lastEdited="`+planted+`"/><fileSharing userName="`+planted+`"/><x15ac:absPath url="C:\`+planted+`"/><xr:revisionPtr documentId="`+planted+`"/><sheets><sheet name="S" r:id="rId1"/></sheets><externalReferences><externalReference r:id="rId2"/></externalReferences></workbook>`,
		"xl/_rels/workbook.xml.rels", relHead+rel("rId1", "worksheet", "worksheets/sheet1.xml", "")+rel("rId2", "externalLink", "externalLinks/externalLink1.xml", "")+`</Relationships>`,
		"xl/externalLinks/externalLink1.xml", `<x>`+planted+`</x>`, "xl/comments1.xml", `<x>`+planted+`</x>`, "xl/connections.xml", `<x>`+planted+`</x>`, "xl/persons/person.xml", `<x>`+planted+`</x>`,
		"xl/worksheets/sheet1.xml", `<worksheet xmlns:r="r" xmlns:xr="xr" xr:uid="{`+planted+`}"><sheetPr codeName="`+planted+`"/><sheetData><row r="1"><c r="A1"><v>42</v></c></row></sheetData><legacyDrawing r:id="rId9"/></worksheet>`,
		"xl/worksheets/_rels/sheet1.xml.rels", relHead+rel("rId9", "vmlDrawing", "../drawings/vmlDrawing1.vml", "")+`</Relationships>`, "xl/drawings/vmlDrawing1.vml", planted)
}

func TestXLSX(t *testing.T) {
	out, report := clean(t, plantedXLSX(t), "a.xlsx")
	wants(t, report, scrub.KindPath, scrub.KindIdentifier, scrub.KindSoftware, scrub.KindLink, scrub.KindComment)
	parts := unzip(t, out)
	if sheet := parts["xl/worksheets/sheet1.xml"]; !strings.Contains(sheet, "<v>42</v>") || strings.Contains(sheet, "legacy") {
		t.Errorf("%s", sheet)
	}
	if book := parts["xl/workbook.xml"]; strings.Contains(book, "rId2") {
		t.Errorf("%s", book)
	}
	exiftoolFindsNothing(t, out, "a.xlsx")
	mat2FindsNothing(t, out, "a.xlsx")
}

// plantedPPTX has a slide with a picture of each kind, sounds and a film.
func plantedPPTX(t testing.TB) []byte {
	ns := ` xmlns:p="p" xmlns:r="r" xmlns:a="a" xmlns:p14="p14" xmlns:a16="a16"`
	media := map[string]string{
		"1.jpg": string(plantedJPEG(t, 6)), "2.gif": string(plantedGIF(t)), "3.tiff": string(plantedTIFF(binary.LittleEndian)), "4.webp": string(plantedWebP(riffChunk("VP8 ", tinyVP8))),
		"5.mp3": string(plantedMP3()), "6.wav": string(plantedWAV()), "7.mp4": string(plantedMP4("isom", 3, 20)), "8.png": string(plantedPNG(t)),
	}
	names := slices.Sorted(maps.Keys(media))
	rels, blips := "", ""
	parts := []string{
		"[Content_Types].xml", `<Types><Default Extension="xml" ContentType="application/xml"/><Override PartName="/ppt/presentation.xml" ContentType="application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml"/><Override PartName="/ppt/authors.xml" ContentType="x"/></Types>`,
		"_rels/.rels", relHead + rel("rId1", "officeDocument", "ppt/presentation.xml", "") + rel("rId2", "core", "docProps/core.xml", "") + `</Relationships>`,
		"docProps/core.xml", `<core><creator>` + planted + `</creator><lastModifiedBy>` + planted + `</lastModifiedBy></core>`, "docProps/thumbnail.jpeg", planted, "docProps/custom.xml", `<x>` + planted + `</x>`,
		"ppt/presentation.xml", `<p:presentation` + ns + `><p:sldIdLst><p:sldId id="256" r:id="rId1"/></p:sldIdLst><p:modifyVerifier hashValue="` + planted + `"/><p:custDataLst><p:tags r:id="rId4"/></p:custDataLst></p:presentation>`,
		"ppt/_rels/presentation.xml.rels", relHead + rel("rId1", "slide", "slides/slide1.xml", "") + rel("rId2", "commentAuthors", "commentAuthors.xml", "") + rel("rId3", "authors", "authors.xml", "") + rel("rId4", "tags", "tags/tag1.xml", "") + `</Relationships>`,
		"ppt/commentAuthors.xml", `<x>` + planted + `</x>`, "ppt/authors.xml", `<x>` + planted + `</x>`, "ppt/comments/modernComment_1.xml", `<x>` + planted + `</x>`, "ppt/tags/tag1.xml", `<x>` + planted + `</x>`,
		"ppt/changesInfos/changesInfo1.xml", `<x>` + planted + `</x>`, "ppt/revisionInfo.xml", `<x>` + planted + `</x>`, "ppt/vbaProject.bin", planted, "ppt/embeddings/book.xlsx", planted, "ppt/printerSettings/p.bin", planted,
	}
	for i, name := range names {
		id := fmt.Sprintf("rId%d", i+10)
		rels += rel(id, "image", "../media/"+name, "")
		blips += `<a:blip r:embed="` + id + `"/>`
		parts = append(parts, "ppt/media/"+name, media[name])
	}
	return zipOf(t, append(parts,
		"ppt/slides/slide1.xml", `<p:sld`+ns+`><p:cSld><p:spTree><p:cNvPr id="1" name="`+planted+`" descr="`+planted+`"/>`+blips+`<a:t>ON THE SLIDE</a:t><a:hlinkClick r:id="rId2"/><a:extLst><a:ext uri="{FF2B5EF4-FFF2-40B4-BE49-F238E27FC236}"><a16:creationId id="`+planted+`"/></a:ext></a:extLst></p:spTree></p:cSld></p:sld>`,
		"ppt/slides/_rels/slide1.xml.rels", relHead+rels+rel("rId1", "comments", "../comments/modernComment_1.xml", "")+rel("rId2", "hyperlink", "http://"+planted, ` TargetMode="External"`)+`</Relationships>`)...)
}

func TestPPTX(t *testing.T) {
	out, report := clean(t, plantedPPTX(t), "a.pptm")
	wants(t, report, scrub.KindAuthor, scrub.KindComment, scrub.KindEditHistory, scrub.KindScript, scrub.KindThumbnail, scrub.KindPrinter, scrub.KindLink, scrub.KindEmbeddedFile, scrub.KindIdentifier,
		scrub.KindDescription, scrub.KindGPS, scrub.KindDevice, scrub.KindTimedData, scrub.KindStream)
	if len(report.Remains) > 0 {
		t.Errorf("remains %v", report.Remains)
	}
	if report.Extension() != "pptx" {
		t.Errorf("without its macros it is still called %s", report.Extension())
	}
	parts := unzip(t, out)
	if slide := parts["ppt/slides/slide1.xml"]; !strings.Contains(slide, "ON THE SLIDE") || strings.Count(slide, "<a:blip") != 8 {
		t.Errorf("%s", slide)
	}
	if len(parts) != 6+8 {
		t.Errorf("%d parts: %v", len(parts), slices.Sorted(maps.Keys(parts)))
	}
	for name, part := range parts {
		if strings.Contains(name, "/media/") && hides([]byte(part)) {
			t.Errorf("%s still hides something", name)
		}
	}
	exiftoolFindsNothing(t, out, "a.pptx")
	mat2FindsNothing(t, out, "a.pptx")
}

// A picture of a kind that can't be cleaned stays, and is named; what else a
// broken one would have told is not reported, for it is still there.
func TestMediaThatCannotBeCleanedIsNamed(t *testing.T) {
	raw := tiffOf(binary.LittleEndian, plainPage(str(315, "somebody"), num(254, 1)))
	for name, picture := range map[string]string{"1.emf": "\x01\x00\x00\x00emf", "1.tif": string(raw)} {
		b := zipOf(t, "[Content_Types].xml", "<Types/>", "word/document.xml", "<w:document/>", "word/media/"+name, picture)
		out, report := scrubbed(t, b, "a.docx")
		if len(report.Remains) != 1 || report.Remains[0].Kind != scrub.KindNotCleaned || report.Has(scrub.KindAuthor) {
			t.Errorf("%s: removed %v, remains %v", name, report.Removed, report.Remains)
		}
		if unzip(t, out)["word/media/"+name] != picture {
			t.Errorf("%s was changed", name)
		}
	}
}

func plantedODT(t testing.TB) []byte {
	return zipOf(t, "mimetype", "application/vnd.oasis.opendocument.text",
		"meta.xml", `<m>`+planted+`</m>`, "settings.xml", `<s>`+planted+`</s>`, "Thumbnails/thumbnail.png", planted, "Basic/x.xml", planted, "manifest.rdf", planted,
		"content.xml", `<office:document-content xmlns:office="o" xmlns:text="t" xmlns:draw="d" xmlns:xlink="x" xmlns:officeooo="oo" xmlns:svg="svg" xmlns:dc="dc"><office:body><text:tracked-changes><text:changed-region>`+planted+`</text:changed-region></text:tracked-changes><text:p officeooo:rsid="`+planted+`">KEPT<office:annotation><dc:creator>`+planted+`</dc:creator></office:annotation><text:change-start/><text:a xlink:href="http://`+planted+`">LINK</text:a><draw:frame draw:name="`+planted+`"><draw:image xlink:href="Pictures/1.jpg"/><svg:desc>`+planted+`</svg:desc></draw:frame></text:p></office:body></office:document-content>`,
		"styles.xml", `<office:document-styles xmlns:office="o"/>`, "Pictures/1.jpg", string(plantedJPEG(t, 1)),
		"META-INF/manifest.xml", `<manifest:manifest xmlns:manifest="m"><manifest:file-entry manifest:full-path="/"/><manifest:file-entry manifest:full-path="content.xml"/><manifest:file-entry manifest:full-path="meta.xml"/><manifest:file-entry manifest:full-path="Thumbnails/thumbnail.png"/></manifest:manifest>`)
}

func TestODT(t *testing.T) {
	out, report := clean(t, plantedODT(t), "a.odt")
	wants(t, report, scrub.KindAuthor, scrub.KindEditHistory, scrub.KindComment, scrub.KindScript, scrub.KindThumbnail, scrub.KindPrinter, scrub.KindLink, scrub.KindDescription, scrub.KindGPS)
	parts := unzip(t, out)
	if doc := parts["content.xml"]; !strings.Contains(doc, "KEPT") || !strings.Contains(doc, "LINK") || !strings.Contains(doc, "Pictures/1.jpg") {
		t.Errorf("%s", doc)
	}
	if m := parts["META-INF/manifest.xml"]; strings.Contains(m, "meta.xml") || strings.Contains(m, "Thumb") {
		t.Errorf("%s", m)
	}
	if !bytes.HasPrefix(out[30:], []byte("mimetypeapplication/vnd.oasis")) {
		t.Error("the type no longer comes first")
	}
	exiftoolFindsNothing(t, out, "a.odt")
	mat2FindsNothing(t, out, "a.odt")
	refused(t, zipOf(t, "mimetype", "application/vnd.oasis.opendocument.text", "META-INF/manifest.xml", "<m><encryption-data/></m>"), "a.odt", scrub.ReasonEncrypted)
}

func TestZIP(t *testing.T) {
	b := zipOf(t, "photos/", "", "photos/a.jpg", string(plantedJPEG(t, 6)), "inner.zip", string(zipOf(t, "b.png", string(plantedPNG(t)))), "c.pdf", string(plantedPDF(t)), "d.docx", string(plantedDOCX(t)), "__MACOSX/x", planted,
		"e.gif", string(plantedGIF(t)), "f.tif", string(plantedTIFF(binary.BigEndian)), "g.webp", string(movingWebP()), "h.mp3", string(plantedMP3()), "i.wav", string(plantedWAV()), "j.opus", string(plantedOpus(9)), "empty.txt", "\u200B", "k.txt", "note\u200B\r\n")
	out, report := clean(t, b, "a.zip")
	wants(t, report, scrub.KindGPS, scrub.KindComment, scrub.KindDate, scrub.KindIdentifier, scrub.KindEditHistory, scrub.KindSettings)
	parts := unzip(t, out)
	if len(parts) != 13 || parts["k.txt"] != "note\n" {
		t.Errorf("%d parts, and %q", len(parts), parts["k.txt"])
	}
	exiftoolFindsNothing(t, []byte(parts["photos/a.jpg"]), "a.jpg")
}

func TestZIPRefusals(t *testing.T) {
	photo := string(plainJPEG(t, 8, 8))
	for _, name := range []string{"../a.jpg", "/a.jpg", "a/../../b.jpg", `..\a.jpg`, "C:a.jpg", "a\x00.jpg"} {
		refused(t, zipOf(t, name, photo), "a.zip", scrub.ReasonTraversal)
	}
	refused(t, zipOf(t, "a.jpg", strings.Repeat("\x00", 100<<20)), "a.zip", scrub.ReasonBomb)
	refused(t, zipOf(t, "a.exe", "MZ\x00\x01"), "a.zip", scrub.ReasonUnknownType)
	refused(t, zipOf(t, "a.jpg", photo, "a.jpg", photo), "a.zip", scrub.ReasonMalformed)
	deep := zipOf(t, "a.jpg", photo)
	for range 8 {
		deep = zipOf(t, "a.zip", string(deep))
	}
	refused(t, deep, "a.zip", scrub.ReasonDepth)
	// Two entries that share their bytes: how a few kilobytes become petabytes.
	b := zipOf(t, "a.jpg", photo)
	i, j := bytes.Index(b, []byte("PK\x01\x02")), bytes.Index(b, []byte("PK\x05\x06"))
	row := bytes.Replace(b[i:j], []byte("a.jpg"), []byte("b.jpg"), 1)
	twice := append(append(append([]byte{}, b[:j]...), row...), b[j:]...)
	end := twice[len(twice)-22-len(planted):]
	end[8], end[10], end[12] = 2, 2, byte(2*len(row))
	end[13] = byte(2 * len(row) >> 8)
	refused(t, twice, "a.zip", scrub.ReasonMalformed, scrub.ReasonBomb)
	refused(t, zipOf(t, "[Content_Types].xml", `<!DOCTYPE x [<!ENTITY a "b">]><Types/>`), "a.docx", scrub.ReasonMalformed)
	refused(t, zipOf(t, "[Content_Types].xml", `<Types>`), "a.docx", scrub.ReasonTruncated)
	refused(t, zipOf(t, "[Content_Types].xml", strings.Repeat("<a>", 600)+strings.Repeat("</a>", 600)), "a.docx", scrub.ReasonTooLarge)
	for _, b := range [][]byte{plantedDOCX(t), plantedODT(t), zipOf(t, "a.jpg", photo)} {
		refusesEveryCut(t, b, "a.zip")
	}
}

func FuzzZIP(f *testing.F) {
	fuzz(f, "a.zip", plantedPPTX(f), zipOf(f, "a.gif", string(plainGIF(f, 4, 4)), "b.txt", "x\u200B", "c.wav", string(plantedWAV())), zipOf(f, "a.jpg", string(plainJPEG(f, 8, 8)), "b/", ""), plantedDOCX(f), plantedODT(f), plantedXLSX(f))
}

func FuzzXML(f *testing.F) {
	f.Add(`<w:document xmlns:w="w"><!-- x --><w:p a='"'><![CDATA[<]]></w:p></w:document>`)
	f.Fuzz(func(t *testing.T, s string) {
		var out bytes.Buffer
		b := zipOf(t, "[Content_Types].xml", "<Types/>", "word/document.xml", s)
		_, err := scrub.Scrub(&out, bytes.NewReader(b), int64(len(b)), scrub.Options{})
		var r *scrub.Refusal
		if errors.As(err, &r) && r.Reason == scrub.ReasonInternal {
			t.Fatal("a mistake of ours")
		}
		if err == nil {
			scrubbed(t, out.Bytes(), "a.docx")
		}
	})
}
