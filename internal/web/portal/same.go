// SPDX-License-Identifier: AGPL-3.0-or-later

package portal

import (
	"bytes"
	"net/http"
	"strconv"
	"sync"

	"github.com/turnstone-project/turnstone/internal/web/page"
	"github.com/turnstone-project/turnstone/internal/web/static"
)

// maxSame is how many pages are held; there are some hundred.
const maxSame = 3000

// samePages holds, for the length of a day or until the content changes, pages that are the same for
// everybody, compressed as browsers take them. It holds nothing that anybody
// sent, and never a page with an answer, a search or a report. Who measures
// very finely can tell whether a page was asked for since midnight; that
// somebody reads public pages is no secret.
type samePages struct {
	mu    sync.RWMutex
	day   string
	pages map[string]samePage
}

type samePage struct {
	header http.Header
	zipped []byte
}

func (p *samePages) get(day, key string) (samePage, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	one, ok := p.pages[key]
	return one, ok && p.day == day
}

func (p *samePages) put(day, key string, one samePage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.day != day {
		p.day, p.pages = day, map[string]samePage{}
	}
	if len(p.pages) >= maxSame {
		clear(p.pages) // mostly pages of earlier content
	}
	p.pages[key] = one
}

// taken is an answer that is looked at before it is sent.
type taken struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// WriteHeader implements http.ResponseWriter.
func (t *taken) WriteHeader(status int) { t.status = status }

// Write implements http.ResponseWriter.
func (t *taken) Write(b []byte) (int, error) { return t.body.Write(b) }

// same answers from what is held where it can: for addresses without a query,
// browsers that take compressed pages, and a site that knows where it is, so
// that nobody can make it hold pages for hosts that they invent.
func (s *Site) same(h visitHandler) visitHandler {
	return func(w http.ResponseWriter, r *http.Request, v visit) error {
		if s.Address == "" || r.URL.RawQuery != "" || !static.AcceptsGzip(r.Header.Get("Accept-Encoding")) {
			return h(w, r, v)
		}
		day := s.Clock.Now().Format("2006-01-02")
		// A new publication changes what leads to it, and an editor every page.
		key := s.origin(r) + v.base + r.URL.Path + " " + strconv.Itoa(v.figures) + " " + strconv.FormatInt(v.content.Edition(), 10)
		one, ok := s.held.get(day, key)
		if !ok {
			t := &taken{ResponseWriter: w, status: http.StatusOK}
			if err := h(t, r, v); err != nil {
				return err
			}
			zipped, err := page.Zip(t.body.Bytes())
			if err != nil || t.status != http.StatusOK {
				w.WriteHeader(t.status)
				_, _ = w.Write(t.body.Bytes()) // the browser left: nobody to tell
				return nil
			}
			one = samePage{w.Header().Clone(), zipped}
			s.held.put(day, key, one)
		}
		clear(w.Header()) // a page may have taken a header away
		for name, values := range one.header {
			w.Header()[name] = values
		}
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Add("Vary", "Accept-Encoding")
		w.Header().Set("Content-Length", strconv.Itoa(len(one.zipped)))
		_, _ = w.Write(one.zipped) // the browser left: nobody to tell
		return nil
	}
}
