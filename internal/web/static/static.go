// SPDX-License-Identifier: AGPL-3.0-or-later

// Package static holds the files that browsers load beside pages: style
// sheets, scripts, the logo, the desk's font. They are built by `make assets`
// and committed. Each is served under a name that contains its hash, so that
// it may be kept for ever, and pages demand that hash of the browser.
//
// It must never serve anything that was not there when the binary was built.
// A Set does not change after Load and is safe for concurrent use.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
)

//go:embed dist
var dist embed.FS

// Prefix is the path below which files are served.
const Prefix = "/static/"

// types are the media types of what we build; a file of any other type is a
// mistake in the build.
var types = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8", ".wasm": "application/wasm",
}

// File is one file as it is served.
type File struct {
	Name   string // as in the sources' list: portal.css
	URL    string // path with the hash in it
	Type   string // media type
	SHA256 string // of the bytes, lower-case hexadecimal
	Size   int    // bytes, uncompressed
	body   []byte
	gzip   []byte // nil where compressing gains nothing
	sum    [sha256.Size]byte
}

// Integrity returns the value of an integrity attribute for f.
func (f *File) Integrity() string {
	return "sha256-" + base64.StdEncoding.EncodeToString(f.sum[:])
}

// Compressed returns the number of bytes that travel to a browser.
func (f *File) Compressed() int {
	if f.gzip != nil {
		return len(f.gzip)
	}
	return len(f.body)
}

// Set is all files.
type Set struct {
	byName map[string]*File
	byURL  map[string]*File
}

// Load reads, names and compresses the embedded files.
func Load() (*Set, error) {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, fmt.Errorf("open the built files: %w", err)
	}
	return load(sub)
}

func load(files fs.FS) (*Set, error) {
	names, err := fs.Glob(files, "*")
	if err != nil {
		return nil, fmt.Errorf("list the built files: %w", err)
	}
	s := &Set{byName: map[string]*File{}, byURL: map[string]*File{}}
	// Style sheets name fonts, so they are hashed after them.
	slices.SortStableFunc(names, func(a, b string) int {
		return boolInt(path.Ext(a) == ".css") - boolInt(path.Ext(b) == ".css")
	})
	for _, name := range names {
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		if path.Ext(name) == ".css" {
			body = s.rewrite(body)
		}
		if plain, ok := strings.CutSuffix(name, ".gz"); ok {
			err = s.addZipped(plain, body)
		} else {
			err = s.add(name, body)
		}
		if err != nil {
			return nil, err
		}
	}
	return s, nil
}

// addZipped adds a file that the build compressed, as its own name says: a
// WebAssembly module is large, and compressing it at each start takes long.
func (s *Set) addZipped(name string, zipped []byte) error {
	z, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		return fmt.Errorf("unpack %s: %w", name, err)
	}
	body, err := io.ReadAll(z)
	if err != nil {
		return fmt.Errorf("unpack %s: %w", name, err)
	}
	return s.put(name, body, zipped)
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// rewrite points the relative addresses in a style sheet to hashed names.
func (s *Set) rewrite(css []byte) []byte {
	for name, f := range s.byName {
		for _, quote := range []string{"", `"`, "'"} {
			css = bytes.ReplaceAll(css, []byte("url("+quote+"./"+name+quote+")"), []byte("url("+f.URL+")"))
		}
	}
	return css
}

func (s *Set) add(name string, body []byte) error {
	var small bytes.Buffer
	zip, err := gzip.NewWriterLevel(&small, gzip.BestCompression)
	if err != nil {
		return fmt.Errorf("compress %s: %w", name, err)
	}
	if _, err := zip.Write(body); err != nil {
		return fmt.Errorf("compress %s: %w", name, err)
	}
	if err := zip.Close(); err != nil {
		return fmt.Errorf("compress %s: %w", name, err)
	}
	if small.Len() < len(body)*9/10 {
		return s.put(name, body, small.Bytes())
	}
	return s.put(name, body, nil)
}

func (s *Set) put(name string, body, zipped []byte) error {
	ext := path.Ext(name)
	media, ok := types[ext]
	if !ok {
		return fmt.Errorf("%s: no media type for %q files", name, ext)
	}
	f := &File{Name: name, Type: media, Size: len(body), body: body, gzip: zipped, sum: sha256.Sum256(body)}
	f.SHA256 = hex.EncodeToString(f.sum[:])
	f.URL = Prefix + strings.TrimSuffix(name, ext) + "." + f.SHA256[:16] + ext
	s.byName[name], s.byURL[f.URL] = f, f
	return nil
}

// Get returns the file of that name; ok is false when there is none.
func (s *Set) Get(name string) (f *File, ok bool) {
	f, ok = s.byName[name]
	return f, ok
}

// Body returns the file's bytes, which belong to the set.
func (f *File) Body() []byte { return f.body }

// Files returns all files in the order of their names.
func (s *Set) Files() []*File {
	var all []*File
	for _, f := range s.byName {
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b *File) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// ServeHTTP implements http.Handler for paths below Prefix. Only GET and HEAD
// are answered, only under the hashed names.
func (s *Set) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := s.byURL[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.Type)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	body := f.body
	if f.gzip != nil {
		h.Set("Vary", "Accept-Encoding")
		if AcceptsGzip(r.Header.Get("Accept-Encoding")) {
			h.Set("Content-Encoding", "gzip")
			body = f.gzip
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(body) // the browser left: nobody to tell
}

// AcceptsGzip reports whether an Accept-Encoding header names gzip, not with
// the quality 0.
func AcceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, params, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			q := strings.ReplaceAll(params, " ", "")
			return !strings.HasPrefix(q, "q=0") || strings.Trim(q, "q=0.") != ""
		}
	}
	return false
}
