// SPDX-License-Identifier: Apache-2.0

package index

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/turnstone-project/turnstone/engine/ftm"
	"github.com/turnstone-project/turnstone/engine/match"
)

// ChangeKind says what happened to an entity.
type ChangeKind string

// The kinds of change.
const (
	Added   ChangeKind = "added"
	Changed ChangeKind = "changed"
	Removed ChangeKind = "removed"
)

// Change is one entity that an update touched.
type Change struct {
	Generation uint64     `json:"generation"`
	ID         string     `json:"id"`
	Kind       ChangeKind `json:"kind"`
}

// maxJournal is how many changes are remembered.
const maxJournal = 1 << 20

// Update puts entities in, in the place of those with their ids, and takes
// others out. Searches see all of it or nothing. It returns what really
// changed; an entity that is as it was is no change. The time grows with all
// that changed since the base was made: save and open again when that is much.
func (ix *Index) Update(put []ftm.Entity, remove []string) ([]Change, error) {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	old := ix.state.Load()
	next := &state{base: old.base, gone: slices.Clone(old.gone), live: old.live, generation: old.generation + 1}
	if next.gone == nil {
		next.gone = make([]uint64, (old.base.entities()+63)/64)
	}
	overlay := make(map[string]preparedEntity, len(ix.overlay)+len(put))
	for id, e := range ix.overlay {
		overlay[id] = e
	}
	edit := editing{ix: ix, next: next, overlay: overlay}
	for _, id := range remove {
		if err := edit.remove(id); err != nil {
			return nil, err
		}
	}
	for i := range put {
		if err := edit.put(&put[i]); err != nil {
			return nil, err
		}
	}
	if len(edit.changes) == 0 {
		return nil, nil
	}
	next.over = segmentOf(overlay)
	ix.overlay = overlay
	ix.journal = append(ix.journal, edit.changes...)
	if extra := len(ix.journal) - maxJournal; extra > 0 {
		ix.journal = slices.Clone(ix.journal[extra:])
	}
	ix.state.Store(next)
	return edit.changes, nil
}

// editing is an update on its way.
type editing struct {
	ix      *Index
	next    *state
	overlay map[string]preparedEntity
	changes []Change
}

// present returns the entity of an id as the update has left it so far.
func (u *editing) present(id string) (ftm.Entity, bool, error) {
	if e, ok := u.overlay[id]; ok {
		return e.entity, true, nil
	}
	base := u.next.base
	e, ok := base.find(id)
	if !ok || u.next.gone[e/64]>>(e%64)&1 == 1 {
		return ftm.Entity{}, false, nil
	}
	entity, err := readSource(base.source(e), base.dicts.Props)
	return entity, err == nil, err
}

// drop takes an entity out of the base and the overlay.
func (u *editing) drop(id string) {
	delete(u.overlay, id)
	if e, ok := u.next.base.find(id); ok {
		u.next.gone[e/64] |= 1 << (e % 64)
	}
}

func (u *editing) note(id string, kind ChangeKind) {
	u.changes = append(u.changes, Change{Generation: u.next.generation, ID: id, Kind: kind})
}

func (u *editing) remove(id string) error {
	_, ok, err := u.present(id)
	if err != nil {
		return fmt.Errorf("update index: %s: %w", id, err)
	}
	if ok {
		u.drop(id)
		u.next.live--
		u.note(id, Removed)
	}
	return nil
}

func (u *editing) put(e *ftm.Entity) error {
	if e.ID == "" {
		return fmt.Errorf("update index: an entity without an id")
	}
	before, ok, err := u.present(e.ID)
	if err != nil {
		return fmt.Errorf("update index: %s: %w", e.ID, err)
	}
	kind := Added
	if ok {
		if hashSource(&before) == hashSource(e) {
			return nil
		}
		kind = Changed
	} else {
		u.next.live++
	}
	u.drop(e.ID)
	u.overlay[e.ID] = preparedEntity{entity: *e, ready: match.PrepareEntity(e)}
	u.note(e.ID, kind)
	return nil
}

// segmentOf makes a segment of the overlay, in the order of the ids so that
// the same contents give the same segment.
func segmentOf(overlay map[string]preparedEntity) *segment {
	ids := make([]string, 0, len(overlay))
	for id := range overlay {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	b := newBuilder()
	for _, id := range ids {
		e := overlay[id]
		b.add(&e.entity, &e.ready)
	}
	return b.finish()
}

// Generation returns the number of the present state, to ask ChangesSince
// later.
func (ix *Index) Generation() uint64 { return ix.state.Load().generation }

// ChangesSince returns what the updates after a generation did, one change for
// each entity, in the order of the ids. complete is false when the index no
// longer remembers that far back.
func (ix *Index) ChangesSince(generation uint64) (changes []Change, complete bool) {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	first := map[string]ChangeKind{}
	last := map[string]Change{}
	for _, c := range ix.journal {
		if c.Generation <= generation {
			continue
		}
		if _, ok := first[c.ID]; !ok {
			first[c.ID] = c.Kind
		}
		last[c.ID] = c
	}
	for id, c := range last {
		switch {
		case first[id] == Added && c.Kind == Removed:
			continue // it came and went
		case first[id] == Added:
			c.Kind = Added
		case c.Kind == Added: // it went and came back
			c.Kind = Changed
		}
		changes = append(changes, c)
	}
	slices.SortFunc(changes, func(a, b Change) int { return cmp.Compare(a.ID, b.ID) })
	complete = len(ix.journal) < maxJournal || ix.journal[0].Generation <= generation
	return changes, complete
}
