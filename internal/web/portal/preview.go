// SPDX-License-Identifier: AGPL-3.0-or-later

package portal

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/turnstone-project/turnstone/internal/prevent"
)

// previewKey carries, in a context, the content that a page is made with in
// place of what the public reads.
type previewKey struct{}

// isPreview reports whether a page is made for the desk: it is held nowhere.
func isPreview(r *http.Request) bool { return r.Context().Value(previewKey{}) != nil }

// Preview makes the page at a path, which begins with the language, as it would
// be with other content. It is made by the very code that makes the public page,
// is held nowhere, and no request from outside can bring such content.
func (s *Site) Preview(programme, path string, c *prevent.Content) ([]byte, error) {
	ctx := context.WithValue(context.WithValue(context.Background(), slugKey{}, programme), previewKey{}, c)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, (&url.URL{Path: path}).EscapedPath(), nil)
	if err != nil {
		return nil, fmt.Errorf("preview %s: %w", path, err)
	}
	w := &preview{header: http.Header{}, status: http.StatusOK}
	s.mux.ServeHTTP(w, r)
	if w.status != http.StatusOK {
		return nil, fmt.Errorf("preview %s: status %d", path, w.status)
	}
	return w.body.Bytes(), nil
}

type preview struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (p *preview) Header() http.Header { return p.header }

// WriteHeader implements http.ResponseWriter.
func (p *preview) WriteHeader(status int) { p.status = status }

// Write implements http.ResponseWriter.
func (p *preview) Write(b []byte) (int, error) { return p.body.Write(b) }
