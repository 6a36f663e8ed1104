// SPDX-License-Identifier: AGPL-3.0-or-later

// Package invent makes help directories by chance, of any size, to measure
// with. It must never be read into an installation that people use: nobody
// answers at its numbers.
package invent

import (
	"encoding/csv"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/turnstone-project/turnstone/internal/prevent/directory/hsds"
)

var (
	languages = []string{"en", "da", "ar", "so", "pl", "ur", "ro", "uk", "vi", "tr"}
	crimes    = []string{"fraud", "cyber", "trafficking", "drugs", "child-abuse", "extortion"}
	persons   = []string{"young", "women", "men", "older"}
	days      = []string{"MO,TU,WE,TH,FR", "MO,WE,FR", "SA,SU", "TU,TH", "MO,TU,WE,TH,FR,SA,SU"}
	checked   = []string{"2026-06-01", "2020-01-01"}
)

// Records gives out the records of n services all over Britain and Denmark,
// one after the other, the same ones each time. Each service has a place, one
// to three languages of ten, and hours of its own.
func Records(n int) iter.Seq[*hsds.Record] {
	return func(yield func(*hsds.Record) bool) {
		random := rand.New(rand.NewPCG(1, 2))
		told := map[string]bool{} // what all services share
		all := func(d *hsds.Dataset) bool {
			for r := range d.Every() {
				switch r.Table.Name {
				case "taxonomy", "taxonomy_term", "organization":
					if told[r.ID()] {
						continue
					}
					told[r.ID()] = true
				}
				if !yield(r) {
					return false
				}
			}
			return true
		}
		for i := range n {
			if !all(service(i, random)) {
				return
			}
		}
	}
}

// service makes the records of one service.
func service(i int, random *rand.Rand) *hsds.Dataset {
	d := &hsds.Dataset{}
	put := func(table string, pairs ...string) *hsds.Record {
		r := hsds.NewRecord(hsds.TableOf(table))
		for i := 0; i < len(pairs); i += 2 {
			r.Set(pairs[i], pairs[i+1])
		}
		d.Add(r)
		return r
	}
	key := fmt.Sprint(i)
	id := hsds.MakeID("s", key)
	put("organization", "id", hsds.MakeID("o"), "name", "Lighthouse", "description", "Invented")
	s := put("service", "id", id, "organization_id", hsds.MakeID("o"), "name", "Service "+key, "status", "active", "assured_date", checked[random.IntN(len(checked))])
	put("phone", "id", hsds.MakeID("p", key), "service_id", id, "number", fmt.Sprintf("+45 %08d", i))
	for range 1 + random.IntN(3) {
		l := languages[random.IntN(len(languages))]
		put("language", "id", hsds.MakeID("l", key, l), "service_id", id, "code", l)
	}
	clock := func() string { return fmt.Sprintf("%02d:%02d:00", random.IntN(24), random.IntN(60)) }
	r := put("schedule", "id", hsds.MakeID("h", key), "service_id", id, "freq", "WEEKLY", "byday", days[random.IntN(len(days))], "opens_at", clock(), "closes_at", clock())
	country, lat, long, zone := "GB", 50+random.Float64()*8, -5+random.Float64()*6, "Europe/London"
	if random.IntN(2) == 0 {
		country, lat, long, zone = "DK", 54.8+random.Float64()*3, 8+random.Float64()*5, "Europe/Copenhagen"
	}
	hsds.Describe(d, r, hsds.TermZone, zone)
	loc := hsds.MakeID("loc", key)
	put("location", "id", loc, "location_type", "physical", "latitude", fmt.Sprintf("%.4f", lat), "longitude", fmt.Sprintf("%.4f", long))
	put("address", "id", hsds.MakeID("a", key), "location_id", loc, "address_1", "Street "+key, "city", "Town "+fmt.Sprint(i%500), "country", country, "address_type", "physical")
	put("service_at_location", "id", hsds.MakeID("at", key), "service_id", id, "location_id", loc)
	if random.IntN(3) > 0 {
		hsds.Describe(d, s, hsds.TermCrime, crimes[random.IntN(len(crimes))])
	}
	if random.IntN(4) == 0 {
		hsds.Describe(d, s, hsds.TermFor, persons[random.IntN(len(persons))])
	}
	return d
}

// Dataset returns n services in memory.
func Dataset(n int) *hsds.Dataset {
	d := &hsds.Dataset{}
	for r := range Records(n) {
		d.Add(r)
	}
	return d
}

// table is a table that is being written.
type table struct {
	file *os.File
	out  *csv.Writer
}

// Folder writes the tables of n services into a folder that is there and
// empty. Its memory does not grow with n. step hears of every service; it may
// be nil.
func Folder(dir string, n int, step func()) (err error) {
	tables := map[string]*table{}
	defer func() {
		for _, t := range tables {
			t.out.Flush()
			err = errors.Join(err, t.out.Error(), t.file.Close())
		}
	}()
	for r := range Records(n) {
		t := tables[r.Table.Name]
		if t == nil {
			file, err := os.Create(filepath.Join(dir, r.Table.File))
			if err != nil {
				return fmt.Errorf("make directory: %w", err)
			}
			t = &table{file, csv.NewWriter(file)}
			tables[r.Table.Name] = t
			var head []string
			for _, f := range r.Table.Fields {
				head = append(head, f.Name)
			}
			if err := t.out.Write(head); err != nil {
				return fmt.Errorf("make directory: %w", err)
			}
		}
		if err := t.out.Write(r.Values); err != nil {
			return fmt.Errorf("make directory: %w", err)
		}
		if step != nil && r.Table.Name == "service" {
			step()
		}
	}
	return nil
}
