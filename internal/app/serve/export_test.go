// SPDX-License-Identifier: AGPL-3.0-or-later

package serve

import (
	"bytes"
	"net/http"
)

// Buffer returns a copy of the read buffer of a request's connection.
func Buffer(r *http.Request) []byte {
	c, ok := r.Context().Value(connKey{}).(*wipeConn)
	if !ok {
		return nil
	}
	return bytes.Clone(c.buffer)
}
