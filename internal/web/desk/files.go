// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/web/page"
	"github.com/turnstone-project/turnstone/internal/web/static"
)

// piece releases one piece of a file's ciphertext to the member's browser.
func (s *Site) piece(v *visit, w http.ResponseWriter, r *http.Request) error {
	rep, err := pathID(r, "report")
	if err != nil {
		return err
	}
	blob, err := pathID(r, "blob")
	if err != nil {
		return err
	}
	index, err := strconv.Atoi(r.PathValue("index"))
	if err != nil || index < 0 {
		return fault.Wrap(fault.NotFound, "There is no such piece.", err)
	}
	body, size, err := s.Reports.Piece(r.Context(), v.Subject, v.programme.ID, rep, blob, index)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }() // it was only read
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
	_, _ = io.Copy(w, body) // the browser left: nobody to tell, and a short piece is refused there
	return nil
}

// viewerFrame is a page in which files are shown, and its policy: the scripts
// and the style that are written into it, and what it is handed. It can ask
// nobody anything, and runs in an origin of its own that reaches no key and no
// other page.
type viewerFrame struct {
	body   []byte
	policy string
}

// newViewerFrame builds the frame of the named assets. The one for documents
// carries a library with decoders in WebAssembly; every other frame refuses
// that too.
func newViewerFrame(assets *static.Set, decoders bool, scripts ...string) (viewerFrame, error) {
	style, err := asset(assets, "viewer.css")
	if err != nil {
		return viewerFrame{}, err
	}
	var body bytes.Buffer
	body.WriteString(`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>File</title><style>`)
	body.Write(style)
	body.WriteString(`</style></head><body><main id="show"></main>`)
	allowed := "script-src"
	if decoders {
		allowed += " 'wasm-unsafe-eval'"
	}
	for _, name := range scripts {
		script, err := asset(assets, name)
		if err != nil {
			return viewerFrame{}, err
		}
		if bytes.Contains(script, []byte("</script")) || bytes.Contains(script, []byte("<!--")) {
			return viewerFrame{}, fmt.Errorf("%s can't be written into a page: it holds what ends a script", name)
		}
		body.WriteString(`<script type="module">`)
		body.Write(script)
		body.WriteString("</script>")
		allowed += " " + digest(script)
	}
	body.WriteString("</body></html>")
	return viewerFrame{body.Bytes(), page.Policy(
		"sandbox allow-scripts", allowed, "style-src "+digest(style), "img-src 'none'", "media-src blob:", "connect-src 'none'",
		"form-action 'none'", "frame-ancestors 'self'",
	)}, nil
}

func asset(assets *static.Set, name string) ([]byte, error) {
	f, ok := assets.Get(name)
	if !ok {
		return nil, fmt.Errorf("%s is not built: run make assets", name)
	}
	return f.Body(), nil
}

// digest is how a policy names a script or a style that stands in the page.
func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return "'sha256-" + base64.URLEncoding.EncodeToString(sum[:]) + "'"
}

// viewer is the empty frame in which files are shown.
func (s *Site) viewer(_ *visit, w http.ResponseWriter, _ *http.Request) error {
	return s.frameOfFiles.write(w)
}

// pagesViewer is the frame in which documents are shown.
func (s *Site) pagesViewer(_ *visit, w http.ResponseWriter, _ *http.Request) error {
	return s.frameOfPages.write(w)
}

// write answers with the frame. It is the same for everybody and holds nothing.
func (f viewerFrame) write(w http.ResponseWriter) error {
	h := w.Header()
	h.Set("Content-Security-Policy", f.policy)
	h.Del("X-Frame-Options") // frame-ancestors says it
	h.Set("X-DNS-Prefetch-Control", "off")
	h.Set("Connection-Allowlist", "()") // none: a content policy stops neither WebRTC nor preconnecting
	h.Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(f.body) // the browser left: nobody to tell
	return nil
}
