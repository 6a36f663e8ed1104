// SPDX-License-Identifier: AGPL-3.0-or-later

package portal_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/turnstone-project/turnstone/internal/prevent/directory/hsds"
)

// listing is a page of the read interface.
type listing struct {
	TotalItems int               `json:"total_items"`
	TotalPages int               `json:"total_pages"`
	PageNumber int               `json:"page_number"`
	Size       int               `json:"size"`
	FirstPage  bool              `json:"first_page"`
	LastPage   bool              `json:"last_page"`
	Empty      bool              `json:"empty"`
	Contents   []json.RawMessage `json:"contents"`
}

func (w *world) list(path string) listing {
	w.t.Helper()
	rec := w.get(path)
	var l listing
	if err := json.Unmarshal(rec.Body.Bytes(), &l); err != nil || rec.Code != http.StatusOK {
		w.t.Fatalf("%s: %d %v %s", path, rec.Code, err, rec.Body)
	}
	return l
}

func TestTheReadInterfacePages(t *testing.T) {
	w := newWorld(t)
	all := len(w.config.Help().Data.All("service"))
	seen := map[string]bool{}
	for page := 1; ; page++ {
		l := w.list("/hsds/services?per_page=7&page=" + string(rune('0'+page)))
		for _, raw := range l.Contents {
			var s struct {
				ID           string
				Organization struct{ ID, Name string }
			}
			if err := json.Unmarshal(raw, &s); err != nil || s.Organization.Name == "" || seen[s.ID] {
				t.Fatalf("%s: %v, twice %v", raw, err, seen[s.ID])
			}
			seen[s.ID] = true
		}
		if l.TotalItems != all || l.TotalPages != (all+6)/7 || l.PageNumber != page || l.Size != len(l.Contents) || l.FirstPage != (page == 1) || l.LastPage != (page == l.TotalPages) || l.Empty {
			t.Fatalf("page %d: %+v", page, l)
		}
		if l.LastPage {
			break
		}
	}
	if len(seen) != all {
		t.Errorf("%d services on the pages, %d there", len(seen), all)
	}
	if l := w.list("/hsds/services?page=5000"); !l.Empty || l.Size != 0 || !l.LastPage || l.Contents == nil {
		t.Errorf("a page beyond the last: %+v", l)
	}
	if l := w.list("/hsds/services?per_page=100000&full=true"); l.Size > 20 {
		t.Errorf("%d nested records in one answer", l.Size)
	}
}

func TestTheReadInterfaceFilters(t *testing.T) {
	w := newWorld(t)
	data, id := lighthouse()
	start := w.config.Help().Data
	data.Merge(start)
	w.own(data)
	for path, want := range map[string]int{
		"/hsds/services?search=natLINJEN":                           1,
		"/hsds/services?organization_id=" + hsds.MakeID("org"):      1,
		"/hsds/service_at_locations?postcode=8000":                  1,
		"/hsds/service_at_locations?postcode=9000&proximity=50000":  0,
		"/hsds/service_at_locations?postcode=9000&proximity=200000": 1,
		"/hsds/service_at_locations?search=natlinjen":               1,
		"/hsds/services?modified_after=2026-01-01T00:00:00Z":        0,
		"/hsds/locations":  1,
		"/hsds/taxonomies": 1,
		"/hsds/services?taxonomy_term_id=" + hsds.MakeID("term", "turnstone", "nobody"): 0,
		"/hsds/organizations?search=fyrt":                                               1,
	} {
		if got := w.list(path).TotalItems; got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
	for _, path := range []string{"/hsds/services?page=0", "/hsds/services?page=x", "/hsds/services?per_page=-1", "/hsds/services?format=ndjson", "/hsds/services?modified_after=soon", "/hsds/service_at_locations?postcode=qqqq"} {
		if rec := w.get(path); rec.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", path, rec.Code)
		}
	}
	for _, path := range []string{"/hsds/services/" + hsds.MakeID("nobody"), "/hsds/phones", "/hsds/services/../x"} {
		if rec := w.get(path); rec.Code == http.StatusOK {
			t.Errorf("%s: %d", path, rec.Code)
		}
	}
	if rec := w.get("/p/nord/hsds/services/" + id); rec.Code != http.StatusOK || !bytes.Contains(rec.Body.Bytes(), []byte("Havnegade 7")) {
		t.Errorf("a programme's own address: %d", rec.Code)
	}
	rec := w.get("/hsds/")
	if rec.Code != http.StatusOK || !bytes.Contains(rec.Body.Bytes(), []byte(`"version":"3.0"`)) {
		t.Errorf("the root: %d %s", rec.Code, rec.Body)
	}
}

// All readers together get so many answers a second.
func TestTheReadInterfaceIsPaced(t *testing.T) {
	w := newWorld(t) // its clock stands still
	last := 0
	for range 100 {
		last = w.get("/hsds/").Code
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("the hundredth at once: %d", last)
	}
	if rec := w.get("/en/help"); rec.Code != http.StatusOK {
		t.Errorf("people are held up by machines: %d", rec.Code)
	}
}

// Every record that the interface gives keeps to the standard's schema.
func TestTheReadInterfaceKeepsToTheSchemas(t *testing.T) {
	root := os.Getenv("TURNSTONE_TESTDATA")
	if root == "" {
		t.Skip("TURNSTONE_TESTDATA is not set: the standard's own schemas are not here")
	}
	data, _ := lighthouse()
	for table, path := range map[string]string{
		"service": "services", "organization": "organizations", "location": "locations", "service_at_location": "service_at_locations", "taxonomy": "taxonomies", "taxonomy_term": "taxonomy_terms",
	} {
		w := newWorld(t)
		data.Merge(w.config.Help().Data)
		w.own(data)
		c := jsonschema.NewCompiler()
		c.AssertFormat()
		schema, err := c.Compile(filepath.Join(root, "directory", "hsds", "schema", table+".json"))
		check(t, err)
		l := w.list("/hsds/" + path + "?per_page=200")
		nested := w.list("/hsds/" + path + "?full=true")
		if l.Size == 0 {
			t.Errorf("%s: nothing", path)
		}
		for _, raw := range append(l.Contents, nested.Contents...) {
			var named struct{ ID string }
			check(t, json.Unmarshal(raw, &named))
			value, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
			check(t, err)
			if err := schema.Validate(value); err != nil {
				t.Errorf("%s: %v in %s", path, err, raw)
			}
		}
	}
}
