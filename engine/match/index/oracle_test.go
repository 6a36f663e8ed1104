// SPDX-License-Identifier: Apache-2.0

package index_test

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
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

// oracle scores everything, on every core.
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
	var mutex sync.Mutex
	var wait sync.WaitGroup
	cores := runtime.GOMAXPROCS(0)
	for c := range cores {
		wait.Go(func() {
			var found []index.Hit
			for i := c; i < len(o.prepared); i += cores {
				if score := match.Score(&p, &o.prepared[i]); score >= threshold {
					found = append(found, index.Hit{ID: o.prepared[i].ID, Score: score})
				}
			}
			mutex.Lock()
			defer mutex.Unlock()
			hits = append(hits, found...)
		})
	}
	wait.Wait()
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

// bands are the scores by which the oracle's hits are counted.
var bands = [...]struct {
	name  string
	least float64
}{{"that match", match.Threshold}, {"from 0.2", 0.2}, {"from 0.1", 0.1}, {"from 0.01", index.LeastScore}}

// foundOfAll is the share of the first fifty of a full scan that the index has
// to find, from every band upwards.
const foundOfAll = 0.999

// TestTheIndexFindsWhatAFullScanFinds counts and lists each of the first fifty
// of a full scan that the index lacks, down to the least score of a hit: one in
// a thousand may be missed. Half of the queries know a birth date and a country,
// as in screening. With -short it takes a smaller sample.
func TestTheIndexFindsWhatAFullScanFinds(t *testing.T) {
	entities, queries := 50_000, 400
	if testing.Short() || raced {
		entities, queries = 12_000, 150
	}
	if n, err := strconv.Atoi(os.Getenv("TURNSTONE_BENCH_SCAN")); err == nil {
		entities, queries = n, 60
	}
	s := synth.New(2)
	list := invented(s, entities)
	ix := build(t, list)
	full := newOracle(list)
	var count banded
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
		if i/6%2 == 1 {
			for _, prop := range []string{"birthDate", "country", "jurisdiction"} {
				q.Add(prop, target.Get(prop)...)
			}
		}
		want := full.search(&q, 50, index.LeastScore)
		lost := missed(want, search(t, ix, index.Query{Entity: q, K: 50}))
		for _, h := range lost {
			t.Logf("missed for %s %s: %s (%s), which scores %.3f", q.Get("name"), q.Get("birthDate"), h.ID, list[number(t, h.ID)].Get("name"), h.Score)
		}
		count.add(want, lost)
	}
	count.report(t, foundOfAll)
}

// banded counts hits of a full scan, and those that the index lacks, by score.
type banded struct{ all, lost [len(bands)]int }

func (c *banded) add(want, lost []index.Hit) {
	for _, h := range want {
		c.all[bandOf(h)]++
	}
	for _, h := range lost {
		c.lost[bandOf(h)]++
	}
}

// report fails the test when from any band upwards too many are missed.
func (c *banded) report(t *testing.T, want float64) {
	t.Helper()
	missed, found := 0, 0
	for b := range bands {
		missed, found = missed+c.lost[b], found+c.all[b]-c.lost[b]
		share := float64(found) / float64(found+missed)
		t.Logf("%s: %d of %d missed; of all from here up %d, %.2f %% found", bands[b].name, c.lost[b], c.all[b], missed, 100*share)
		if share < want {
			t.Errorf("of all %s the index finds %.2f %%, want %.2f %%", bands[b].name, 100*share, 100*want)
		}
	}
}

func bandOf(h index.Hit) int {
	for i := range bands {
		if h.Score >= bands[i].least {
			return i
		}
	}
	return len(bands) - 1
}

// number returns the place of an invented entity in its list.
func number(t testing.TB, id string) int {
	t.Helper()
	n, err := strconv.Atoi(id[1:])
	if err != nil {
		t.Fatal(err)
	}
	return n
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
