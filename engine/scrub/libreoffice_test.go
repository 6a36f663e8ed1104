// SPDX-License-Identifier: Apache-2.0

package scrub_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

// convert lets LibreOffice write a document in another format.
func convert(t *testing.T, name string, b []byte, format string) []byte {
	t.Helper()
	dir := t.TempDir()
	out := tool(t, "soffice", "-env:UserInstallation=file://"+filepath.Join(dir, "profile"), "--headless", "--convert-to", format, "--outdir", dir, put(t, name, b))
	made := strings.TrimSuffix(name, filepath.Ext(name)) + "." + format
	if !bytes.Contains(out, []byte(made)) {
		t.Fatalf("%s: LibreOffice makes no %s of it: %s", name, format, out)
	}
	return get(t, filepath.Join(dir, made))
}

// Documents that LibreOffice has made are cleaned, and it still opens them and
// prints what they say.
func TestLibreOfficeOpensWhatWasCleaned(t *testing.T) {
	if testing.Short() {
		t.Skip("starts LibreOffice: not with -short")
	}
	need(t, "soffice", "pdftotext")
	const says = "The lorry comes on Tuesdays"
	flat := func(kind, body string) []byte {
		return []byte(`<?xml version="1.0"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0" office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.` + kind + `"><office:meta><meta:initial-creator>` + planted + `</meta:initial-creator><dc:creator>` + planted + `</dc:creator></office:meta><office:body>` + body + `</office:body></office:document>`)
	}
	text := flat("text", `<office:text><text:p>`+says+`</text:p></office:text>`)
	sheet := flat("spreadsheet", `<office:spreadsheet><table:table table:name="S"><table:table-row><table:table-cell office:value-type="string"><text:p>`+says+`</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet>`)
	slides := flat("presentation", `<office:presentation><draw:page draw:name="one"><draw:frame svg:width="20cm" svg:height="5cm" svg:x="1cm" svg:y="1cm"><draw:text-box><text:p>`+says+`</text:p></draw:text-box></draw:frame></draw:page></office:presentation>`)
	for _, c := range []struct {
		from    string
		content []byte
		formats []string
	}{
		{"a.fodt", text, []string{"docx", "odt"}}, {"a.fods", sheet, []string{"xlsx", "ods"}}, {"a.fodp", slides, []string{"pptx", "odp"}},
	} {
		for _, format := range c.formats {
			name := "a." + format
			made := convert(t, c.from, c.content, format)
			cleaned, _ := clean(t, made, name)
			printed := tool(t, "pdftotext", put(t, "a.pdf", convert(t, name, cleaned, "pdf")), "-")
			if !bytes.Contains(printed, []byte(says)) {
				t.Errorf("%s: LibreOffice prints %q", name, printed)
			}
			exiftoolFindsNothing(t, cleaned, name)
			mat2FindsNothing(t, cleaned, name)
		}
	}
}
