// SPDX-License-Identifier: Apache-2.0

package index

import (
	"context"
	"errors"
	"io"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/turnstone-project/turnstone/engine/ftm"
	"github.com/turnstone-project/turnstone/engine/match"
)

// Index finds entities by name. Make one with Build or Open.
type Index struct {
	state   atomic.Pointer[state]
	workers sync.Pool

	mu      sync.Mutex                // held by writers only
	overlay map[string]preparedEntity // what differs from the base
	journal []Change

	duplicates int // entities of the base that a later one with their id replaced
}

// preparedEntity is an entity of the overlay.
type preparedEntity struct {
	entity ftm.Entity
	ready  match.Entity
}

// state is what searches see: a base, an overlay, and which entities of the
// base no longer count.
type state struct {
	base, over *segment
	gone       []uint64 // a bit for each entity of the base
	live       int
	generation uint64
}

// part is one segment of a state.
type part struct {
	seg  *segment
	gone []uint64
}

// dead reports whether an entity no longer counts.
func (p part) dead(entity uint32) bool {
	return p.seg.entMeta[entity].Flags&flagDead != 0 || p.removed(entity)
}

// removed reports whether an update took an entity out.
func (p part) removed(entity uint32) bool {
	return p.gone != nil && p.gone[entity/64]>>(entity%64)&1 == 1
}

func (st *state) parts() []part {
	parts := []part{{st.base, st.gone}}
	if st.over != nil && st.over.entities() > 0 {
		parts = append(parts, part{seg: st.over})
	}
	return parts
}

// Stats says what an index holds.
type Stats struct {
	Entities   int    // that can be found
	Names      int    // different ones in the base
	Words      int    // different ones in the base
	Overlay    int    // entities that changed since the base was made
	Duplicates int    // entities that a later one with their id replaced
	Generation uint64 // rises with each update
}

// Stats returns the numbers of the present state.
func (ix *Index) Stats() Stats {
	st := ix.state.Load()
	out := Stats{Entities: st.live, Names: st.base.docs(), Words: len(st.base.termFlags), Generation: st.generation, Duplicates: ix.duplicates}
	if st.over != nil {
		out.Overlay = st.over.entities()
	}
	return out
}

// Source gives entities one by one and ends with io.EOF.
type Source func() (ftm.Entity, error)

// batch is how many entities are prepared at a time.
const batch = 2048

// Build reads all entities and makes an index of them in memory. Of entities
// with the same id the last one counts. Names are prepared on all cores; the
// result depends only on the order of the entities.
func Build(ctx context.Context, next Source) (*Index, error) {
	b := newBuilder()
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		list, err := readBatch(next)
		addBatch(b, list)
		if errors.Is(err, io.EOF) {
			return newIndex(b.finish(), 0, len(b.seg.entMeta)-b.duplicates, nil), nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func readBatch(next Source) ([]ftm.Entity, error) {
	list := make([]ftm.Entity, 0, batch)
	for len(list) < batch {
		e, err := next()
		if err != nil {
			return list, err
		}
		list = append(list, e)
	}
	return list, nil
}

func addBatch(b *builder, list []ftm.Entity) {
	ready := make([]match.Entity, len(list))
	cores := runtime.GOMAXPROCS(0)
	var wait sync.WaitGroup
	for c := range cores {
		wait.Go(func() {
			for i := c; i < len(list); i += cores {
				ready[i] = match.PrepareEntity(&list[i])
			}
		})
	}
	wait.Wait()
	for i := range list {
		b.add(&list[i], &ready[i])
	}
}

func newIndex(base *segment, generation uint64, live int, journal []Change) *Index {
	ix := &Index{overlay: map[string]preparedEntity{}, journal: journal, duplicates: base.entities() - live}
	ix.state.Store(&state{base: base, live: live, generation: generation})
	return ix
}

// Get returns an entity by its id.
func (ix *Index) Get(id string) (ftm.Entity, bool, error) {
	st := ix.state.Load()
	parts := st.parts()
	slices.Reverse(parts)
	for _, p := range parts {
		if e, ok := p.seg.find(id); ok && !p.dead(e) {
			entity, err := readSource(p.seg.source(e), p.seg.dicts.Props)
			return entity, err == nil, err
		}
	}
	return ftm.Entity{}, false, nil
}

// Each calls visit with every entity until it returns an error, those of the
// base first.
func (ix *Index) Each(visit func(e ftm.Entity) error) error {
	for _, p := range ix.state.Load().parts() {
		for e := range uint32(p.seg.entities()) {
			if p.dead(e) {
				continue
			}
			entity, err := readSource(p.seg.source(e), p.seg.dicts.Props)
			if err != nil {
				return err
			}
			if err := visit(entity); err != nil {
				return err
			}
		}
	}
	return nil
}

// Close gives the file of a mapped index back. No search may be running or
// start after it.
func (ix *Index) Close() error { return ix.state.Load().base.close() }
