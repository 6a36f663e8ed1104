// SPDX-License-Identifier: AGPL-3.0-or-later

package portal

import (
	"bytes"
	"context"
	"crypto/rand"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"weak"

	"github.com/turnstone-project/turnstone/internal/prevent/directory"
	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/web/page"
	"github.com/turnstone-project/turnstone/internal/web/static"
)

// maxSame is how many pages are held; there are some hundred.
const maxSame = 3000

// samePages holds, for the length of a day or until something changes that they
// are made of, pages that are the same for everybody, compressed as browsers
// take them. It holds nothing that anybody sent, and never a page with an
// answer, a search or a report. What differs from one browser to the next, the
// name by which it called the site and the receipt of an empty form, is a hole
// in what is held, filled as the page goes out. Who measures very finely can
// tell whether a page was asked for since midnight; that somebody reads public
// pages is no secret.
type samePages struct {
	never bool // whether nothing is held, for tests that compare
	mu    sync.RWMutex
	day   string
	pages map[sameKey]*samePage
}

// sameKey is what a page depends on, beside the day and what is fixed as long
// as this process runs. There are as many keys as there are pages, whatever
// anybody asks for: the origin is one of the site's own, or empty for all others.
type sameKey struct {
	origin, base, path string
	figures            int
	content            int64
	programme          weak.Pointer[string] // the registry reads a programme anew when it changes
	roster             seal.Hash            // that one can seal to now; zero: none
	help               weak.Pointer[directory.Index]
	reads              string // when desks read next, on the pages that say so
}

type samePage struct {
	header http.Header
	sheet  *page.Sheet
}

func (p *samePages) get(day string, key sameKey) (*samePage, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	one, ok := p.pages[key]
	return one, ok && p.day == day
}

func (p *samePages) put(day string, key sameKey, one *samePage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.day != day {
		p.day, p.pages = day, map[sameKey]*samePage{}
	}
	if len(p.pages) >= maxSame {
		clear(p.pages) // mostly pages of earlier content
	}
	p.pages[key] = one
}

// marks stand in a page that is made to be held, in the place of its holes. They
// are made by chance when the process starts, so that no text holds one.
type marks struct{ origin, receipt string }

func newMarks() marks {
	return marks{origin: "https://" + strings.ToLower(rand.Text()) + ".invalid", receipt: rand.Text()}
}

// in reports whether a page has one left that is no hole, because it was written
// in another way than it must be to be found.
func (m marks) in(body []byte) bool {
	body = bytes.ReplaceAll(bytes.ReplaceAll(body, []byte(m.origin), nil), []byte(m.receipt), nil)
	host := strings.TrimSuffix(strings.TrimPrefix(m.origin, "https://"), ".invalid")
	return bytes.Contains(body, []byte(host))
}

type marksKey struct{}

// marked returns the marks to write, while a page is made to be held.
func marked(r *http.Request) (m marks, ok bool) {
	m, ok = r.Context().Value(marksKey{}).(marks)
	return m, ok
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

// same answers from what is held where it can: for addresses without a query.
func (s *Site) same(h visitHandler) visitHandler {
	return s.holding(h, sameKind{})
}

// sameKind is what is particular to a kind of page that is held.
type sameKind struct {
	reads   bool // it says when desks read next
	receipt bool // it carries a receipt
	drawn   bool // the origin is drawn into it: no hole can be left there
}

func (s *Site) holding(h visitHandler, kind sameKind) visitHandler {
	return func(w http.ResponseWriter, r *http.Request, v visit) error {
		own := s.ownOrigin(r)
		if s.held.never || isPreview(r) || r.URL.RawQuery != "" || kind.drawn && own == "" {
			return h(w, r, v)
		}
		day, key := s.Clock.Now().Format("2006-01-02"), s.sameKey(r, v, own, kind)
		one, ok := s.held.get(day, key)
		if !ok {
			var err error
			if one, err = s.make(w, r, v, h, own, kind); err != nil {
				return err
			}
			if one == nil {
				return h(w, r, v)
			}
			s.held.put(day, key, one)
		}
		receipt := ""
		if kind.receipt {
			receipt = strings.ReplaceAll(b64(seal.NewReceipt().Bytes()), "+", "&#43;") // as templates write it
		}
		return one.send(w, r, s.origin(r), receipt)
	}
}

func (s *Site) sameKey(r *http.Request, v visit, own string, kind sameKind) sameKey {
	key := sameKey{origin: own, base: v.base, path: r.URL.Path, figures: v.figures, content: v.content.Edition()}
	if len(v.programme.Languages) > 0 {
		key.programme = weak.Make(&v.programme.Languages[0])
	}
	if published, ok := s.sealable(v); ok {
		key.roster = published.Roster.Hash()
	}
	if s.Help != nil {
		key.help = weak.Make(s.Help())
	}
	if kind.reads {
		for _, d := range s.desks(v, "") {
			key.reads += d.Reads + "\n"
		}
	}
	return key
}

// make makes a page to be held; nil when this one can't be.
func (s *Site) make(w http.ResponseWriter, r *http.Request, v visit, h visitHandler, own string, kind sameKind) (*samePage, error) {
	m := s.marks
	if own != "" {
		m.origin = own
	}
	before := w.Header().Clone()
	t := &taken{ResponseWriter: w, status: http.StatusOK}
	if err := h(t, r.WithContext(context.WithValue(r.Context(), marksKey{}, m)), v); err != nil {
		return nil, err
	}
	one := &samePage{header: w.Header().Clone()}
	restore(w.Header(), before)
	receipts := bytes.Count(t.body.Bytes(), []byte(s.marks.receipt))
	if t.status != http.StatusOK || s.marks.in(t.body.Bytes()) || (receipts == 1) != kind.receipt {
		return nil, nil //nolint:nilnil // said above: this page is made each time
	}
	holes := []string{s.marks.origin, s.marks.receipt}
	var err error
	if one.sheet, err = page.NewSheet(t.body.Bytes(), holes...); err != nil {
		return nil, err
	}
	one.header.Add("Vary", "Accept-Encoding")
	return one, nil
}

// restore puts the headers back that were there before; a page may have taken
// one away.
func restore(h, before http.Header) {
	clear(h)
	for name, values := range before {
		h[name] = values
	}
}

// send answers with a page that is held, its holes filled.
func (one *samePage) send(w http.ResponseWriter, r *http.Request, origin, receipt string) error {
	restore(w.Header(), one.header)
	if !static.AcceptsGzip(r.Header.Get("Accept-Encoding")) {
		plain, err := one.sheet.Plain(origin, receipt)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(plain)))
		_, _ = w.Write(plain) // the browser left: nobody to tell
		return nil
	}
	one.sheet.WriteZipped(w, origin, receipt)
	return nil
}
