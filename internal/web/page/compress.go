// SPDX-License-Identifier: AGPL-3.0-or-later

package page

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/turnstone-project/turnstone/internal/web/static"
)

// minCompressed is the length in bytes from which compressing pays.
const minCompressed = 1400

// Compress compresses the answers to GET requests that are pages. Answers to
// other requests hold what somebody sent or opened; the length of such a text
// after compression says something about it, so they stay as they are.
func Compress(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || strings.HasPrefix(r.URL.Path, static.Prefix) || !static.AcceptsGzip(r.Header.Get("Accept-Encoding")) {
			next.ServeHTTP(w, r)
			return
		}
		held := &held{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(held, r)
		held.send()
	})
}

// held keeps an answer until it is whole.
type held struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// WriteHeader implements http.ResponseWriter.
func (h *held) WriteHeader(status int) { h.status = status }

// Write implements http.ResponseWriter.
func (h *held) Write(b []byte) (int, error) { return h.body.Write(b) }

// level costs half the time of the default, for a few bytes more in a hundred.
const level = 3

// writers are expensive to make and cheap to use again.
var writers = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(nil, level)
	if err != nil {
		panic("page: " + err.Error()) // the level is one of gzip's
	}
	return w
}}

// Zip returns b compressed with gzip.
func Zip(b []byte) ([]byte, error) {
	var small bytes.Buffer
	w := writers.Get().(*gzip.Writer)
	defer writers.Put(w)
	w.Reset(&small)
	if _, err := w.Write(b); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return small.Bytes(), nil
}

func (h *held) send() {
	body := h.body.Bytes()
	kind := h.Header().Get("Content-Type")
	if len(body) >= minCompressed && h.Header().Get("Content-Encoding") == "" && (strings.HasPrefix(kind, "text/html") || strings.HasPrefix(kind, "application/json")) {
		if small, err := Zip(body); err == nil { // a buffer takes everything
			body = small
			h.Header().Set("Content-Encoding", "gzip")
			h.Header().Add("Vary", "Accept-Encoding")
		}
	}
	h.Header().Set("Content-Length", strconv.Itoa(len(body)))
	h.ResponseWriter.WriteHeader(h.status)
	_, _ = h.ResponseWriter.Write(body) // the browser left: nobody to tell
}
