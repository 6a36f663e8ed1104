// SPDX-License-Identifier: Apache-2.0

package index_test

import (
	"cmp"
	"context"
	"fmt"
	"io"
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

func TestTheIndexFindsWhatAFullScanFinds(t *testing.T) {
	const entities, queries, k = 20_000, 150, 50
	s := synth.New(2)
	list := invented(s, entities)
	ix := build(t, list)
	full := newOracle(list)
	for _, threshold := range []float64{0.5, 0.2, 0.05} {
		all, lost := 0, 0
		found, asked := 0, 0
		for i := range queries {
			target := &list[i*entities/queries]
			q := ftm.Entity{Schema: target.Schema}
			name := s.AlterName(target.First("name"))
			if i%5 == 0 {
				name = synth.Cyrillic(target.First("name"))
			}
			q.Add("name", name)
			want := full.search(&q, k, threshold)
			got := search(t, ix, index.Query{Entity: q, K: k, Threshold: threshold})
			all += len(want)
			for _, h := range missed(want, got) {
				lost++
				e, _, err := ix.Get(h.ID)
				if err != nil {
					t.Fatal(err)
				}
				if lost < 15 {
					t.Logf("missed at %v: %q %q scores %.3f", threshold, name, e.Properties, h.Score)
				}
			}
			asked++
			if slices.ContainsFunc(got, func(h index.Hit) bool { return h.ID == target.ID }) {
				found++
			}
		}
		t.Logf("threshold %v: %d of %d missed; true one found %d of %d", threshold, lost, all, found, asked)
	}
}
