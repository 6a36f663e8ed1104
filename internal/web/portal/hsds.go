// SPDX-License-Identifier: AGPL-3.0-or-later

package portal

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/prevent/directory"
	"github.com/turnstone-project/turnstone/internal/prevent/directory/hsds"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

// The bounds of the read interface. They hold for all readers together,
// because the portal does not look at who asks.
const (
	hsdsPage     = 50  // records on a page when nobody said
	hsdsMost     = 200 // at most
	hsdsMostFull = 20  // at most with everything nested
	hsdsRate     = 40  // answers a second
	hsdsBurst    = 80
)

// openapi is where the standard describes the interface.
const openapi = "https://raw.githubusercontent.com/openreferral/specification/3.0/schema/openapi.json"

// hsdsRoutes is the standard's read interface (HSDS API 3.0).
func (s *Site) hsdsRoutes() {
	get := func(pattern string, h func(r *http.Request, x *directory.Index) (any, error)) {
		s.api("GET /hsds"+pattern, "read interface of the directory", func(w http.ResponseWriter, r *http.Request, _ visit) error {
			x, err := s.directory()
			if err != nil {
				return err
			}
			if !s.hsdsPace.take(s.Clock.Now()) {
				w.Header().Set("Retry-After", "1")
				return fault.New(fault.TooMany, "Very many are reading the directory now. Ask again in a second.")
			}
			answer, err := h(r, x)
			if err != nil {
				return err
			}
			page.WriteJSON(w, http.StatusOK, answer)
			return nil
		})
	}
	get("/{$}", func(*http.Request, *directory.Index) (any, error) {
		return map[string]string{"version": hsds.Version, "profile": hsds.Profile, "openapi_url": openapi}, nil
	})
	for path, table := range map[string]string{
		"services": "service", "organizations": "organization", "locations": "location", "service_at_locations": "service_at_location", "taxonomies": "taxonomy", "taxonomy_terms": "taxonomy_term",
	} {
		get("/"+path, func(r *http.Request, x *directory.Index) (any, error) { return hsdsList(x, table, r.URL.Query()) })
		get("/"+path+"/{id}", func(r *http.Request, x *directory.Index) (any, error) {
			rec := x.Data.Find(table, strings.ToLower(r.PathValue("id")))
			if rec == nil {
				return nil, fault.New(fault.NotFound, "There is no such record.")
			}
			return hsdsFull(x, rec), nil
		})
	}
}

// hsdsFull nests everything in a record; an organization has its services.
func hsdsFull(x *directory.Index, rec *hsds.Record) *hsds.Object {
	o := x.Tree.Full(rec)
	if rec.Table.Name == "organization" {
		services := []*hsds.Object{}
		for _, s := range x.Tree.Kids("service", rec) {
			services = append(services, hsds.Flat(s))
		}
		o.Put("services", services)
	}
	return o
}

// hsdsPageOf is a page of a list, as the standard has it.
type hsdsPageOf struct {
	TotalItems int            `json:"total_items"`
	TotalPages int            `json:"total_pages"`
	PageNumber int            `json:"page_number"`
	Size       int            `json:"size"`
	FirstPage  bool           `json:"first_page"`
	LastPage   bool           `json:"last_page"`
	Empty      bool           `json:"empty"`
	Contents   []*hsds.Object `json:"contents"`
}

// number reads a number of the query from 1 to most.
func number(q url.Values, key string, unsaid, most int) (int, error) {
	text := q.Get(key)
	if text == "" {
		return min(unsaid, most), nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, fault.Newf(fault.Invalid, "%s is a number from 1.", key)
	}
	return min(n, most), nil
}

// hsdsList answers with one page of a table.
func hsdsList(x *directory.Index, table string, q url.Values) (any, error) {
	if f := q.Get("format"); f != "" && f != "json" {
		return nil, fault.New(fault.Invalid, "The only format is json.")
	}
	full := q.Get("full") == "true"
	most := hsdsMost
	if full {
		most = hsdsMostFull
	}
	size, err := number(q, "per_page", hsdsPage, most)
	if err != nil {
		return nil, err
	}
	at, err := number(q, "page", 1, 10_000_000)
	if err != nil {
		return nil, err
	}
	keep, err := hsdsFilter(x, table, q)
	if err != nil {
		return nil, err
	}
	var found []*hsds.Record
	total, from := 0, (at-1)*size
	for _, rec := range x.Data.All(table) {
		if !keep(rec) {
			continue
		}
		if total >= from && len(found) < size {
			found = append(found, rec)
		}
		total++
	}
	p := hsdsPageOf{
		TotalItems: total, TotalPages: (total + size - 1) / size, PageNumber: at, Size: len(found), FirstPage: at == 1, Empty: len(found) == 0, Contents: []*hsds.Object{},
	}
	p.LastPage = at >= p.TotalPages
	for _, rec := range found {
		p.Contents = append(p.Contents, hsdsItem(x, rec, full, q.Get("minimal") == "true"))
	}
	return p, nil
}

// hsdsItem is a record in a list: its own fields and those of the one record
// that each of its links names.
func hsdsItem(x *directory.Index, rec *hsds.Record, full, minimal bool) *hsds.Object {
	if minimal && rec.Table.Name == "service" {
		o := &hsds.Object{}
		o.Put("id", rec.ID())
		o.Put("last_modified", rec.Get("last_modified"))
		return o
	}
	if full {
		return hsdsFull(x, rec)
	}
	o := hsds.Flat(rec)
	for _, n := range rec.Table.Nests {
		if f := rec.Table.Field(n.Table + "_id"); n.One && f >= 0 {
			if one := x.Data.Find(n.Table, rec.Values[f]); one != nil {
				o.Put(n.Key, hsds.Flat(one))
			}
		}
	}
	return o
}

// hsdsFilter returns what the query leaves of a table.
func hsdsFilter(x *directory.Index, table string, q url.Values) (func(*hsds.Record) bool, error) {
	var all []func(*hsds.Record) bool
	field := func(rec *hsds.Record, name string) string {
		if rec.Table.Field(name) < 0 {
			return ""
		}
		return rec.Get(name)
	}
	// service is the service that a record is about.
	service := func(rec *hsds.Record) *hsds.Record {
		if rec.Table.Name == "service_at_location" {
			return x.Data.Find("service", rec.Get("service_id"))
		}
		return rec
	}
	if words := strings.ToLower(short(strings.TrimSpace(q.Get("search")), 200)); words != "" {
		all = append(all, func(rec *hsds.Record) bool {
			rec = service(rec)
			return rec != nil && (strings.Contains(strings.ToLower(field(rec, "name")), words) || strings.Contains(strings.ToLower(field(rec, "description")), words))
		})
	}
	if id := q.Get("organization_id"); id != "" {
		all = append(all, func(rec *hsds.Record) bool {
			rec = service(rec)
			return rec != nil && field(rec, "organization_id") == id
		})
	}
	for _, name := range []string{"parent_id", "taxonomy_id"} {
		if id := q.Get(name); id != "" && table == "taxonomy_term" {
			all = append(all, func(rec *hsds.Record) bool { return rec.Get(name) == id })
		}
	}
	if term, taxonomy := q.Get("taxonomy_term_id"), q.Get("taxonomy_id"); (term != "" || taxonomy != "") && strings.HasPrefix(table, "service") {
		all = append(all, func(rec *hsds.Record) bool {
			rec = service(rec)
			return rec != nil && slices.ContainsFunc(x.Tree.Kids("attribute", rec), func(a *hsds.Record) bool {
				t := x.Data.Find("taxonomy_term", a.Get("taxonomy_term_id"))
				return (term == "" || a.Get("taxonomy_term_id") == term) && (taxonomy == "" || t != nil && t.Get("taxonomy_id") == taxonomy)
			})
		})
	}
	if after := q.Get("modified_after"); after != "" {
		since, err := time.Parse(time.RFC3339, after)
		if err != nil {
			return nil, fault.New(fault.Invalid, "modified_after is a time such as 2026-11-26T09:30:00Z.")
		}
		all = append(all, func(rec *hsds.Record) bool {
			rec = service(rec)
			t, err := time.Parse(time.RFC3339, field(rec, "last_modified"))
			return err == nil && !t.Before(since)
		})
	}
	near, err := hsdsNear(x, table, q)
	if err != nil {
		return nil, err
	}
	all = append(all, near...)
	return func(rec *hsds.Record) bool {
		return !slices.ContainsFunc(all, func(keep func(*hsds.Record) bool) bool { return !keep(rec) })
	}, nil
}

// hsdsNear keeps what lies within proximity metres of a postcode.
func hsdsNear(x *directory.Index, table string, q url.Values) ([]func(*hsds.Record) bool, error) {
	code := q.Get("postcode")
	if code == "" || table != "service_at_location" {
		return nil, nil
	}
	spot, ok := x.Where(code, "")
	if !ok {
		return nil, fault.New(fault.Invalid, "No postcode is known that begins like this one.")
	}
	metres, err := number(q, "proximity", 25_000, 20_100_000)
	if err != nil {
		return nil, err
	}
	return []func(*hsds.Record) bool{func(rec *hsds.Record) bool {
		loc := x.Data.Find("location", rec.Get("location_id"))
		if loc == nil || loc.Get("latitude") == "" {
			return false
		}
		lat, _ := strconv.ParseFloat(loc.Get("latitude"), 64) // checked when it was read
		long, _ := strconv.ParseFloat(loc.Get("longitude"), 64)
		return directory.Distance(spot.Lat, spot.Long, lat, long)*1000 <= float64(metres)
	}}, nil
}

// pace lets hsdsRate through a second, hsdsBurst at once. It is safe for
// concurrent use.
type pace struct {
	mu   sync.Mutex
	left float64
	at   time.Time
}

func (p *pace) take(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.at.IsZero() {
		p.left = hsdsBurst
	} else {
		p.left = min(hsdsBurst, p.left+now.Sub(p.at).Seconds()*hsdsRate)
	}
	p.at = now
	if p.left < 1 {
		return false
	}
	p.left--
	return true
}
