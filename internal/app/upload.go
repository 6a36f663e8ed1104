// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"io"
	"net/http"
	"time"
)

const (
	// longBody is from which length on a body takes its time: no piece, no
	// message and no report is as long, only forms with files are.
	longBody = 8 << 20
	// Such a body may come for as long as something of it comes, and all of it
	// within a time.
	stall      = time.Minute
	steady     = 128 << 10 // bytes in each stall
	longUpload = time.Hour
)

// isLong reports whether a request's body is one that takes its time.
func isLong(r *http.Request) bool { return r.ContentLength < 0 || r.ContentLength > longBody }

// patient moves the deadlines of a connection as a long body comes over it.
type patient struct {
	io.ReadCloser
	conn  *http.ResponseController
	until time.Time
	came  int // since the deadlines were moved
}

func newPatient(w http.ResponseWriter, r *http.Request) *patient {
	return &patient{ReadCloser: r.Body, conn: http.NewResponseController(w), until: time.Now().Add(longUpload), came: steady}
}

// Read implements io.Reader.
func (p *patient) Read(b []byte) (int, error) {
	if now := time.Now(); p.came >= steady && now.Before(p.until) {
		p.came = 0
		// What has no deadlines, as in a test, has none to move.
		_ = p.conn.SetReadDeadline(now.Add(stall))
		_ = p.conn.SetWriteDeadline(now.Add(longUpload))
	}
	n, err := p.ReadCloser.Read(b)
	p.came += n
	return n, err
}
