// SPDX-License-Identifier: AGPL-3.0-or-later

package page

import (
	"encoding/json"
	"net/http"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
)

// Handler answers a request or returns an error; it never writes an error
// page itself.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Failure shows err to the person and tells the operator. It is the one place
// of a site that does; nothing of the answer has been written before.
type Failure func(w http.ResponseWriter, r *http.Request, err error)

// Serve makes an http.Handler of h.
func Serve(h Handler, failed Failure) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			failed(w, r, err)
		}
	})
}

// Status returns the status code for err: that of its fault kind.
func Status(err error) int {
	switch fault.KindOf(err) {
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.Unsigned:
		return http.StatusUnauthorized
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.TooMany:
		return http.StatusTooManyRequests
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	case fault.Gone:
		return http.StatusGone
	case fault.Locked:
		return http.StatusLocked
	}
	return http.StatusInternalServerError
}

// FailJSON answers an interface's request with {"error": sentence}.
func FailJSON(w http.ResponseWriter, err error) {
	WriteJSON(w, Status(err), map[string]string{"error": fault.PublicOf(err)})
}

// WriteJSON answers with v as JSON. v must be a value that JSON can hold; if
// it is not, nothing but the status 500 is sent.
func WriteJSON(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n')) // the client left: nobody to tell
}
