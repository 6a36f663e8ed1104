// SPDX-License-Identifier: AGPL-3.0-or-later

package page

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// basePolicy allows what every page needs and nothing else: our own scripts
// by file, our own style sheets, pictures, requests and forms. Trusted Types
// without a policy forbid scripts to turn a string into markup.
var basePolicy = [][2]string{
	{"default-src", "'none'"},
	{"script-src", "'self'"},
	{"style-src", "'self'"},
	{"img-src", "'self'"},
	{"connect-src", "'self'"},
	{"form-action", "'self'"},
	{"base-uri", "'none'"},
	{"frame-ancestors", "'none'"},
	{"require-trusted-types-for", "'script'"},
	{"trusted-types", "'none'"},
}

// Policy returns a Content-Security-Policy: the base, with the directives of
// extra added or put in place of the base's, each written as in the header
// ("font-src 'self'"). It panics for anything unsafe, and for other sites,
// because only a programmer can have written them.
func Policy(extra ...string) string {
	all := slices.Clone(basePolicy)
	for _, directive := range extra {
		name, value, ok := strings.Cut(directive, " ")
		harmless := strings.ReplaceAll(value, "'wasm-unsafe-eval'", "")
		if !ok || strings.Contains(harmless, "unsafe") || strings.Contains(value, "//") || strings.Contains(value, "*") {
			panic(fmt.Sprintf("page: policy %q is not for us", directive))
		}
		at := slices.IndexFunc(all, func(d [2]string) bool { return d[0] == name })
		if at >= 0 {
			all[at][1] = value
			continue
		}
		all = append(all, [2]string{name, value})
	}
	parts := make([]string, len(all))
	for i, d := range all {
		parts[i] = d[0] + " " + d[1]
	}
	return strings.Join(parts, "; ")
}

// abilities are what a browser can do for a page that a page of ours has no use for.
var abilities = []string{
	"accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer", "microphone", "midi", "payment", "usb", "xr-spatial-tracking",
}

// Permissions returns a Permissions-Policy that refuses a page everything but
// what is named, which it may do itself and pass on to nobody. It panics for
// what it doesn't know, because only a programmer can have written that.
func Permissions(allowed ...string) string {
	for _, a := range allowed {
		if !slices.Contains(abilities, a) {
			panic(fmt.Sprintf("page: no ability %q", a))
		}
	}
	parts := make([]string, len(abilities))
	for i, a := range abilities {
		parts[i] = a + "=()"
		if slices.Contains(allowed, a) {
			parts[i] = a + "=(self)"
		}
	}
	return strings.Join(parts, ", ")
}

// framedPolicy is that of the one kind of page that other sites may show in a
// frame: it runs no script, sends no form and asks for nothing but its style.
const framedPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"

// Framed lets other sites show this one answer in a frame, on a page without
// script, cookie and form.
func Framed(h http.Header) {
	h.Set("Content-Security-Policy", framedPolicy)
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Del("X-Frame-Options")
}

// framedHerePolicy is that of a page which only the site's own pages may show in
// a frame: it runs no script and sends no form either.
const framedHerePolicy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

// FramedHere lets the site's own pages show this one answer in a frame, on a
// page without script and form.
func FramedHere(h http.Header) {
	h.Set("Content-Security-Policy", framedHerePolicy)
	h.Del("X-Frame-Options") // frame-ancestors says it
}

// Guard sets the headers that every answer of a site has. Nothing is stored
// by a browser or by anything between; no page is framed; a form tells only
// our own pages where it came from (with no-referrer it would send the origin
// "null", which the check against forged requests must refuse).
func Guard(policy string, next http.Handler) http.Handler {
	nothing := Permissions()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", nothing)
		next.ServeHTTP(w, r)
	})
}
