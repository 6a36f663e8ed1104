// SPDX-License-Identifier: AGPL-3.0-or-later

package portal_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const boundary = "----quokka"

// formOf writes fields and files as a browser does.
func formOf(fields map[string]string, rest ...string) []byte {
	part := func(head, body string) string {
		return "--" + boundary + "\r\nContent-Disposition: form-data; " + head + "\r\n\r\n" + body + "\r\n"
	}
	all := ""
	for name, value := range fields {
		all += part(`name="`+name+`"`, value)
	}
	for _, r := range rest {
		all += part(`name="file"; filename="`+r+`"`, strings.Repeat(r, 100))
	}
	return []byte(all + "--" + boundary + "--\r\n")
}

// FuzzFormWithFiles sends what may or may not be a form with files to the two pages
// that take them.
func FuzzFormWithFiles(f *testing.F) {
	w := newWorld(f)
	w.config.TakesFiles = true
	w.build()
	form := map[string]string{"receipt": w.fresh("en"), "category": "drugs", "text": "Seen at the harbour.", "desk": w.police.String()}
	whole := formOf(form, "a.jpg", `C:\\me\\b.xyz`, "../../c")
	f.Add(whole)
	sent := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, "/en/report", bytes.NewReader(whole))
	r.Header.Set("Content-Type", "multipart/form-data; boundary="+boundary)
	w.handler.ServeHTTP(sent, r)
	if sent.Code != http.StatusOK || w.intake.clear == 0 {
		f.Fatalf("a form with files: %d %v", sent.Code, w.failed)
	}
	f.Add(formOf(map[string]string{"act": "files", "anyway": "yes", "words": words(f, sent.Body.String())}, "a.jpg"))
	f.Add(whole[:len(whole)/2])
	f.Add(bytes.ReplaceAll(whole, []byte("filename"), []byte("filename*")))
	f.Add(bytes.ReplaceAll(whole, []byte(`name="file"`), []byte(`name="act"`)))
	f.Add([]byte("--" + boundary + "--\r\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, path := range []string{"/en/report", "/en/mailbox"} {
			r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
			r.Header.Set("Content-Type", "multipart/form-data; boundary="+boundary)
			rec := httptest.NewRecorder()
			w.intake.clear = 0
			w.handler.ServeHTTP(rec, r)
			if rec.Code == http.StatusInternalServerError {
				t.Fatalf("%s: %v", path, w.failed)
			}
			if w.intake.clear > int64(len(body)) {
				t.Fatalf("%s: %d bytes of files came out of %d", path, w.intake.clear, len(body))
			}
			if strings.Contains(rec.Body.String(), "<script>") {
				t.Fatalf("%s shows what was sent as markup", path)
			}
		}
	})
}

// FuzzPiece sends what may or may not be a piece, or a file to be cleaned.
func FuzzPiece(f *testing.F) {
	w := newWorld(f)
	f.Add([]byte("\x00\x00\x00\x02{}"))
	f.Add([]byte("\x00\x00\x00\x10{\"login\":\"AAAA\"}piece"))
	f.Add([]byte("\xff\xff\xff\xff"))
	f.Add([]byte{0})
	f.Fuzz(func(t *testing.T, body []byte) {
		w.t = t
		for _, path := range []string{"/api/files/piece", "/api/files/clean", "/api/carry", "/api/carry/take"} {
			if rec := w.call(path, "application/octet-stream", body); rec.Code == http.StatusInternalServerError || rec.Code < 300 && strings.HasPrefix(path, "/api/files") {
				t.Fatalf("%s: %d %v", path, rec.Code, w.failed)
			}
		}
	})
}
