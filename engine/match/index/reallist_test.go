// SPDX-License-Identifier: Apache-2.0

package index_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/engine/ftm"
	"github.com/turnstone-project/turnstone/engine/match/index"
)

// TestTheIndexFindsInARealListWhatAFullScanFinds looks for the other names that
// a sanctions list gives, each in the list itself under main names, and counts
// what the index lacks of the first fifty of a full scan: companies with
// acronyms, ships, Arabic names and whatever else invented names do not have.
func TestTheIndexFindsInARealListWhatAFullScanFinds(t *testing.T) {
	folder := os.Getenv("TURNSTONE_TESTDATA")
	if folder == "" {
		t.Skip("TURNSTONE_TESTDATA is not set: it names the folder with lists/ofac_sdn.csv and lists/ofac_alt.csv")
	}
	queries := 600
	if testing.Short() || raced {
		queries = 100
	}
	var list []ftm.Entity
	schemata := map[string]string{}
	for _, row := range rowsOf(t, filepath.Join(folder, "lists", "ofac_sdn.csv")) {
		schema := "Organization"
		switch strings.TrimSpace(row[2]) {
		case "individual":
			schema = "Person"
		case "vessel":
			schema = "Vessel"
		case "aircraft":
			schema = "Airplane"
		}
		e := ftm.Entity{ID: row[0], Schema: schema}
		e.Add("name", row[1])
		list, schemata[row[0]] = append(list, e), schema
	}
	other := rowsOf(t, filepath.Join(folder, "lists", "ofac_alt.csv"))
	ix, full := build(t, list), newOracle(list)
	var count banded
	for i := range queries {
		row := other[i*len(other)/queries]
		q := ftm.Entity{Schema: schemata[row[0]]}
		q.Add("name", row[3])
		want := full.search(&q, 50, index.LeastScore)
		lost := missed(want, search(t, ix, index.Query{Entity: q, K: 50}))
		for _, h := range lost {
			e, _, err := ix.Get(h.ID)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("missed for %s %q: %q, which scores %.3f", q.Schema, row[3], e.First("name"), h.Score)
		}
		count.add(want, lost)
	}
	count.report(t, foundOfAll)
}

// rowsOf reads a file of comma-separated values without a head.
func rowsOf(t *testing.T, path string) [][]string {
	t.Helper()
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }() // only read
	r := csv.NewReader(in)
	r.FieldsPerRecord = -1
	r.LazyQuotes = true
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for _, row := range rows {
		if len(row) >= 4 {
			out = append(out, row)
		}
	}
	return out
}
