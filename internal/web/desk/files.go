// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"strconv"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/web/page"
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

// viewerStyle is all that the viewer wears: its frame loads nothing.
const viewerStyle = `body{margin:0;padding:8px;font:16px/1.4 system-ui,sans-serif;background:#fff;color:#14202b}` +
	`canvas,video{max-width:100%;display:block}audio{width:100%}pre{white-space:pre-wrap;overflow-wrap:anywhere}` +
	`button{font:inherit;margin-inline-end:8px;padding:4px 12px}.dk-viewer__blurred{filter:blur(24px)}`

// viewerFrame is the page in which files are shown, and its policy: one
// script, written into it, and what it is handed. It can ask nobody anything,
// and runs in an origin of its own that reaches no key and no other page.
type viewerFrame struct {
	body   []byte
	policy string
}

func newViewerFrame(script []byte) viewerFrame {
	allow := func(b []byte) string {
		sum := sha256.Sum256(b)
		return "'sha256-" + base64.URLEncoding.EncodeToString(sum[:]) + "'"
	}
	var body bytes.Buffer
	body.WriteString(`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>File</title><style>` + viewerStyle + `</style></head><body><main id="show"></main><script>`)
	body.Write(script)
	body.WriteString("</script></body></html>")
	return viewerFrame{body.Bytes(), page.Policy(
		"sandbox allow-scripts", "script-src "+allow(script), "style-src "+allow([]byte(viewerStyle)), "img-src blob:", "media-src blob:",
		"connect-src 'none'", "form-action 'none'", "frame-ancestors 'self'",
	)}
}

// viewer is the empty frame in which files are shown. It is the same for
// everybody and holds nothing.
func (s *Site) viewer(_ *visit, w http.ResponseWriter, _ *http.Request) error {
	h := w.Header()
	h.Set("Content-Security-Policy", s.frameOfFiles.policy)
	h.Del("X-Frame-Options") // frame-ancestors says it
	h.Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(s.frameOfFiles.body) // the browser left: nobody to tell
	return nil
}
