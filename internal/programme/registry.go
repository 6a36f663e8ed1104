// SPDX-License-Identifier: AGPL-3.0-or-later

package programme

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"slices"
	"sync"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/seal"
)

const (
	// sealable is how many of the newest rosters a report may be sealed to: the
	// current one and the one before it, for those who loaded the page before
	// the change.
	sealable = 2
	// keptRosters is how many are held for reading: messages of members who
	// left verify under the rosters of their time.
	keptRosters = 500
)

// Published is a roster that verified, with the bytes that are served.
type Published struct {
	Signed seal.SignedRoster
	Roster *seal.Roster
	Entry  id.ID // of its entry in the key log
}

// Registry holds the programmes and their newest rosters in memory: they are
// few, change rarely and are asked for with every request. It is safe for
// concurrent use.
type Registry struct {
	store Store
	tx    tx.Runner
	clock clock.Clock

	mu         sync.RWMutex
	programmes []Programme
	rosters    map[id.ID][]Published // newest first
}

// Open loads the registry. A stored roster that does not verify is an error:
// nothing may be sealed to it.
func Open(ctx context.Context, store Store, runner tx.Runner, c clock.Clock) (*Registry, error) {
	r := &Registry{store: store, tx: runner, clock: c}
	return r, r.Reload(ctx)
}

// Reload reads everything again, for processes that share a database.
func (r *Registry) Reload(ctx context.Context) error {
	programmes, err := r.store.Programmes(ctx)
	if err != nil {
		return fmt.Errorf("read programmes: %w", err)
	}
	rosters := map[id.ID][]Published{}
	for _, p := range programmes {
		kept, err := r.store.Rosters(ctx, p.ID, keptRosters)
		if err != nil {
			return fmt.Errorf("read rosters of %s: %w", p.Slug, err)
		}
		for _, k := range kept {
			signed := seal.SignedRoster{Roster: k.Bytes, Key: p.Key, Signature: k.Signature}
			roster, err := signed.VerifyPast(p.Key)
			if err != nil {
				return fmt.Errorf("read roster %d of %s: %w", k.Version, p.Slug, err)
			}
			rosters[p.ID] = append(rosters[p.ID], Published{Signed: signed, Roster: roster, Entry: k.Entry})
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.programmes, r.rosters = programmes, rosters
	return nil
}

// All returns the programmes in the order of their founding.
func (r *Registry) All() []Programme {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Clone(r.programmes)
}

// BySlug returns the programme with that slug; the empty slug is the first one.
func (r *Registry) BySlug(slug string) (Programme, bool) {
	return r.find(func(p Programme) bool { return slug == "" || p.Slug == slug })
}

// ByID returns the programme with that id.
func (r *Registry) ByID(programme id.ID) (Programme, bool) {
	return r.find(func(p Programme) bool { return p.ID == programme })
}

func (r *Registry) find(fits func(Programme) bool) (Programme, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	i := slices.IndexFunc(r.programmes, fits)
	if i < 0 {
		return Programme{}, false
	}
	return r.programmes[i], true
}

// Roster returns the current roster of a programme.
func (r *Registry) Roster(programme id.ID) (Published, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if len(r.rosters[programme]) == 0 {
		return Published{}, false
	}
	return r.rosters[programme][0], true
}

// Rosters returns the rosters of a programme, newest first: what was signed
// under an old one is read with it.
func (r *Registry) Rosters(programme id.ID) []Published {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Clone(r.rosters[programme])
}

// Sealed returns the desks of the roster with that hash when it is the current
// one, or the one before it, and still valid; fault.Gone otherwise.
func (r *Registry) Sealed(_ context.Context, programme id.ID, hash seal.Hash) ([]id.ID, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	now := r.clock.Now()
	newest := r.rosters[programme]
	for _, p := range newest[:min(sealable, len(newest))] {
		if p.Roster.Hash() != hash || now.Before(p.Roster.ValidFrom) || !now.Before(p.Roster.ValidUntil) {
			continue
		}
		var desks []id.ID
		for _, d := range p.Roster.Desks {
			desks = append(desks, d.ID)
		}
		return desks, nil
	}
	return nil, fault.New(fault.Gone, "The list of who can open reports has changed. Load it again and seal again.")
}

// Found adds or changes a programme. The key of a programme can't change: its
// reporters' browsers remember it.
func (r *Registry) Found(ctx context.Context, p Programme) error {
	if err := p.Check(); err != nil {
		return fault.Wrap(fault.Invalid, err.Error(), err)
	}
	if p.ID.IsZero() || len(p.Key) != ed25519.PublicKeySize {
		return fault.New(fault.Invalid, "A programme needs an id and the public half of its key.")
	}
	if old, ok := r.ByID(p.ID); ok && !old.Key.Equal(p.Key) {
		return fault.New(fault.Conflict, "The key of a programme can't change: the browsers of those who report remember it.")
	}
	if other, ok := r.BySlug(p.Slug); ok && other.ID != p.ID {
		return fault.Newf(fault.Conflict, "There is already a programme %q.", p.Slug)
	}
	err := r.tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		rec.Entry(tx.Entry{Programme: p.ID, Kind: "audit", Payload: []byte(`{"what":"programme changed"}`)})
		return r.store.Save(ctx, p)
	})
	if err != nil {
		return fmt.Errorf("save programme: %w", err)
	}
	return r.Reload(ctx)
}

// Publish makes a signed roster the current one. It must verify under the
// programme's key, be valid now, follow the roster before it and name only the
// programme's desks.
func (r *Registry) Publish(ctx context.Context, programme id.ID, signed seal.SignedRoster) error {
	p, ok := r.ByID(programme)
	if !ok {
		return fault.New(fault.NotFound, "There is no such programme.")
	}
	roster, err := signed.Verify(p.Key, r.clock.Now(), 1)
	if err != nil {
		return fault.Wrapf(fault.Invalid, err, "This roster does not verify: %s.", err.Error())
	}
	if err := r.follows(p, roster); err != nil {
		return err
	}
	err = r.tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		entry := rec.Entry(tx.Entry{Programme: programme, Kind: "roster", Payload: signed.Roster})
		return r.store.SaveRoster(ctx, Roster{
			Programme: programme, Version: roster.Number, Bytes: signed.Roster, Signature: signed.Signature, Entry: entry,
		})
	})
	if err != nil {
		return fmt.Errorf("publish roster: %w", err)
	}
	return r.Reload(ctx)
}

func (r *Registry) follows(p Programme, roster *seal.Roster) error {
	number, previous := 1, seal.Hash{}
	if last, ok := r.Roster(p.ID); ok {
		number, previous = last.Roster.Number+1, last.Roster.Hash()
	}
	if roster.Programme != p.ID || roster.Number != number || roster.Previous != previous {
		return fault.Newf(fault.Conflict, "This roster does not follow the current one: its number must be %d.", number)
	}
	for _, d := range roster.Desks {
		if _, ok := p.Desk(d.ID); !ok {
			return fault.Newf(fault.Invalid, "The roster names a desk %q that the programme does not have.", d.Slug)
		}
	}
	return nil
}
