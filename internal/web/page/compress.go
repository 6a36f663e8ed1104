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
		body := borrow()
		defer giveBack(body)
		held := &held{ResponseWriter: w, status: http.StatusOK, body: body}
		next.ServeHTTP(held, r)
		held.send()
	})
}

// held keeps an answer until it is whole.
type held struct {
	http.ResponseWriter
	status int
	body   *bytes.Buffer
}

// buffers are for one page after the other. Growing one for each page costs as
// much as a good part of making it.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// mostKept is how long a buffer may be to be kept.
const mostKept = 1 << 20

func borrow() *bytes.Buffer { return buffers.Get().(*bytes.Buffer) }

// giveBack empties a buffer, to the last byte: a page may hold what somebody
// wrote, and nothing of that may lie about in memory.
func giveBack(b *bytes.Buffer) {
	b.Reset()
	whole := b.AvailableBuffer()
	whole = whole[:cap(whole)]
	clear(whole)
	if len(whole) <= mostKept {
		buffers.Put(b)
	}
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

// zip compresses b with gzip.
func zip(small *bytes.Buffer, b []byte) error {
	w := writers.Get().(*gzip.Writer)
	defer writers.Put(w)
	w.Reset(small)
	if _, err := w.Write(b); err != nil {
		return err
	}
	return w.Close()
}

func (h *held) send() {
	body := h.body.Bytes()
	kind := h.Header().Get("Content-Type")
	if len(body) >= minCompressed && h.Header().Get("Content-Encoding") == "" && (strings.HasPrefix(kind, "text/html") || strings.HasPrefix(kind, "application/json")) {
		small := borrow()
		defer giveBack(small)
		if err := zip(small, body); err == nil { // a buffer takes everything
			body = small.Bytes()
			h.Header().Set("Content-Encoding", "gzip")
			h.Header().Add("Vary", "Accept-Encoding")
		}
	}
	h.Header().Set("Content-Length", strconv.Itoa(len(body)))
	h.ResponseWriter.WriteHeader(h.status)
	_, _ = h.ResponseWriter.Write(body) // the browser left: nobody to tell
}
