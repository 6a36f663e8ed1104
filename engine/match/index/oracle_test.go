// SPDX-License-Identifier: Apache-2.0

package index_test

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/turnstone-project/turnstone/engine/ftm"
	"github.com/turnstone-project/turnstone/engine/match"
	"github.com/turnstone-project/turnstone/engine/match/index"
	"github.com/turnstone-project/turnstone/engine/match/synth"
)

func sourceOf(entities []ftm.Entity) index.Source {
	return func() (ftm.Entity, error) {
		if len(entities) == 0 {
			return ftm.Entity{}, io.EOF
		}
		e := entities[0]
		entities = entities[1:]
		return e, nil
	}
}

func build(t testing.TB, entities []ftm.Entity) *index.Index {
	t.Helper()
	ix, err := index.Build(context.Background(), sourceOf(entities))
	if err != nil {
		t.Fatal(err)
	}
	return ix
}

func invented(s *synth.Source, n int) []ftm.Entity {
	list := make([]ftm.Entity, n)
	for i := range list {
		list[i] = s.Entity(fmt.Sprintf("e%d", i))
	}
	return list
}

func search(t testing.TB, ix *index.Index, q index.Query) []index.Hit {
	t.Helper()
	hits, err := ix.Search(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	return hits
}

// oracle scores everything.
type oracle struct{ prepared []match.Entity }

func newOracle(entities []ftm.Entity) *oracle {
	o := &oracle{}
	for i := range entities {
		o.prepared = append(o.prepared, match.PrepareEntity(&entities[i]))
	}
	return o
}

func (o *oracle) search(q *ftm.Entity, k int, threshold float64) []index.Hit {
	p := match.PrepareEntity(q)
	var hits []index.Hit
	for i := range o.prepared {
		if score := match.Score(&p, &o.prepared[i]); score >= threshold {
			hits = append(hits, index.Hit{ID: o.prepared[i].ID, Score: score})
		}
	}
	slices.SortFunc(hits, func(a, b index.Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID))
	})
	return hits[:min(k, len(hits))]
}

// missed counts the oracle's hits that the index lacks; a hit whose score is
// that of the last place may be exchanged for another of that score.
func missed(want, got []index.Hit) (lost []index.Hit) {
	have := map[string]bool{}
	for _, h := range got {
		have[h.ID] = true
	}
	for _, h := range want {
		if !have[h.ID] && (len(got) == 0 || h.Score > want[len(want)-1].Score || len(got) < len(want)) {
			lost = append(lost, h)
		}
	}
	return lost
}

// TestTheIndexFindsWhatAFullScanFinds lists each of the oracle's first fifty
// that the index lacks. Of those that match, at most one in a thousand may be
// missed; of those from 0.2 to match.Threshold, one in ten. Scores under 0.2
// are left out: they are those of names that share nothing.
func TestTheIndexFindsWhatAFullScanFinds(t *testing.T) {
	const entities, queries, k, threshold = 12_000, 150, 50, 0.2
	s := synth.New(2)
	list := invented(s, entities)
	ix := build(t, list)
	full := newOracle(list)
	var all, lost [2]int // those that match, and the doubtful ones
	sort := func(h index.Hit) int {
		if h.Score >= match.Threshold {
			return 0
		}
		return 1
	}
	for i := range queries {
		target := &list[i*entities/queries]
		q := ftm.Entity{Schema: target.Schema}
		switch name := target.First("name"); i % 6 {
		case 0:
			q.Add("name", synth.Cyrillic(name))
		case 1:
			q.Add("name", synth.Arabic(name))
		default:
			q.Add("name", s.AlterName(name))
		}
		want := full.search(&q, k, threshold)
		for _, h := range want {
			all[sort(h)]++
		}
		for _, h := range missed(want, search(t, ix, index.Query{Entity: q, K: k, Threshold: threshold})) {
			lost[sort(h)]++
			t.Logf("missed for %s: %v, which scores %.3f", q.Get("name"), h.ID, h.Score)
		}
	}
	t.Logf("matching: %d of %d missed; doubtful: %d of %d", lost[0], all[0], lost[1], all[1])
	if lost[0]*1000 > all[0] || lost[1]*10 > all[1] {
		t.Error("the index misses too much of what a full scan finds")
	}
}

// TestAlteredPersonsAreFoundAmongInnocentOnes hides the persons of a list among
// fifty thousand others and looks for them by the names of another file, of
// which a third are altered.
func TestAlteredPersonsAreFoundAmongInnocentOnes(t *testing.T) {
	folder := os.Getenv("TURNSTONE_TESTDATA")
	if folder == "" {
		t.Skip("TURNSTONE_TESTDATA is not set: it names the folder with screening/positives_un_treated.csv and its like")
	}
	load := func(file, prefix string) []ftm.Entity {
		in, err := os.Open(filepath.Join(folder, "screening", file))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = in.Close() }() // only read
		list, _, err := readAll(t, in, file)
		if err != nil {
			t.Fatal(err)
		}
		for i := range list {
			list[i].ID = prefix + list[i].ID
		}
		return list
	}
	list := load("positives_un_untreated.csv", "un-")
	list = append(append(list, load("negatives_global.csv", "g-")...), load("negatives_us.csv", "us-")...)
	ix := build(t, list)
	queries := load("positives_un_treated.csv", "un-")
	found := 0
	for _, q := range queries {
		hits := search(t, ix, index.Query{Entity: q, K: 50})
		if slices.ContainsFunc(hits, func(h index.Hit) bool { return h.ID == q.ID }) {
			found++
		} else {
			t.Logf("not found: row %s", q.ID)
		}
	}
	t.Logf("%d of %d found among %d", found, len(queries), len(list))
	if float64(found) < 0.995*float64(len(queries)) {
		t.Errorf("%d of %d found", found, len(queries))
	}
}
