// SPDX-License-Identifier: AGPL-3.0-or-later

package editing

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/prevent"
)

// Shelf is what each programme's public reads at this moment. It is safe for
// concurrent use; a change is seen by those who ask after the next Refresh.
type Shelf struct {
	Store     Store
	Clock     clock.Clock
	Own       fs.FS           // the operator's folder; may be nil
	Languages func() []string // of all programmes

	mu      sync.Mutex // over refreshing
	current atomic.Pointer[shelved]
}

// shelved is what stood on the shelf at one moment.
type shelved struct {
	last     int64 // number of the last act that it knows
	spoken   []string
	next     time.Time // when something else is to be shown; zero: nothing is scheduled
	base     *prevent.Content
	approved map[id.ID][]Version
	of       map[id.ID]programmeShelf
}

type programmeShelf struct {
	edits   prevent.Edits
	content *prevent.Content
	trouble error // why content is not what edits say
}

// Content returns what a programme's public reads, nil before the first Refresh.
func (s *Shelf) Content(programme id.ID) *prevent.Content {
	now := s.current.Load()
	if now == nil {
		return nil
	}
	if own, ok := now.of[programme]; ok {
		return own.content
	}
	return now.base
}

// Trouble returns why a programme's public does not read what its editors
// approved, and nil when it does. That happens when the installation's own
// texts change under those of the programme.
func (s *Shelf) Trouble(programme id.ID) error {
	if now := s.current.Load(); now != nil {
		return now.of[programme].trouble
	}
	return nil
}

// Refresh reads what was approved since the last time, and shows what is to be
// shown from now on. A programme whose texts do not load keeps what it shows,
// or shows what comes with the installation; the error names it, and all others
// are refreshed all the same.
func (s *Shelf) Refresh(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	last, err := s.Store.Last(ctx)
	if err != nil {
		return fmt.Errorf("look for new texts: %w", err)
	}
	now, old, spoken := s.Clock.Now(), s.current.Load(), s.Languages()
	if old != nil && !slices.Equal(old.spoken, spoken) {
		old = nil // a programme was added: everything is read anew
	}
	if old != nil && old.last == last && (old.next.IsZero() || now.Before(old.next)) {
		return nil
	}
	fresh := &shelved{last: last, spoken: spoken, approved: map[id.ID][]Version{}, of: map[id.ID]programmeShelf{}}
	if old != nil && old.last == last {
		fresh.base, fresh.approved = old.base, old.approved
	} else {
		if err := s.read(ctx, fresh, old); err != nil {
			return err
		}
	}
	var troubles []error
	for programme, versions := range fresh.approved {
		own := programmeShelf{edits: editsAt(versions, now)}
		for _, v := range versions {
			if v.Shows.After(now) && (fresh.next.IsZero() || v.Shows.Before(fresh.next)) {
				fresh.next = v.Shows
			}
		}
		own.content, own.trouble = s.load(own.edits, fresh.base)
		if own.trouble != nil {
			own.trouble = fmt.Errorf("programme %s: %w", programme, own.trouble)
			troubles = append(troubles, own.trouble)
			own.content = fresh.base
			if old != nil && old.of[programme].content != nil {
				own.content = old.of[programme].content
			}
		} else if old != nil && same(old.of[programme].edits, own.edits) && old.of[programme].trouble == nil && old.of[programme].content != nil {
			own.content = old.of[programme].content // pages that are held stay held
		}
		fresh.of[programme] = own
	}
	s.current.Store(fresh)
	return errors.Join(troubles...)
}

func (s *Shelf) read(ctx context.Context, fresh, old *shelved) error {
	approved, err := s.Store.Approved(ctx, s.Clock.Now())
	if err != nil {
		return err
	}
	for _, v := range approved {
		fresh.approved[v.Programme] = append(fresh.approved[v.Programme], v)
	}
	if old != nil {
		fresh.base = old.base
		return nil
	}
	fresh.base, err = prevent.Load(s.Own, fresh.spoken)
	if err != nil {
		return fmt.Errorf("read the pages about crime: %w", err)
	}
	return nil
}

func (s *Shelf) load(e prevent.Edits, base *prevent.Content) (*prevent.Content, error) {
	if len(e.Words)+len(e.Away) == 0 {
		return base, nil
	}
	return prevent.LoadEdited(s.Own, e, s.Languages())
}

// same reports whether two sets of edits are the same.
func same(a, b prevent.Edits) bool {
	if len(a.Words) != len(b.Words) || len(a.Away) != len(b.Away) {
		return false
	}
	for name, words := range a.Words {
		if other, ok := b.Words[name]; !ok || !slices.Equal(words, other) {
			return false
		}
	}
	for name := range a.Away {
		if !b.Away[name] {
			return false
		}
	}
	return true
}

// inForce returns the version of each text that is shown at a time, by name.
func inForce(approved []Version, at time.Time) map[string]Version {
	shown := map[string]Version{}
	for _, v := range approved {
		if !v.Shown(at) {
			continue
		}
		if old, ok := shown[v.Text]; !ok || v.Shows.After(old.Shows) || v.Shows.Equal(old.Shows) && v.Number > old.Number {
			shown[v.Text] = v
		}
	}
	return shown
}

// editsAt returns what stands over the installation's texts at a time.
func editsAt(approved []Version, at time.Time) prevent.Edits {
	e := prevent.Edits{Words: map[string][]byte{}, Away: map[string]bool{}}
	for _, v := range inForce(approved, at) {
		lay(e, v)
	}
	return e
}

// lay puts a version over e.
func lay(e prevent.Edits, v Version) {
	delete(e.Words, v.Text)
	delete(e.Away, v.Text)
	switch v.Sort {
	case Words:
		e.Words[v.Text] = v.Body
	case Away:
		e.Away[v.Text] = true
	case Original:
	}
}

// try returns the content of a programme with versions laid over what it shows
// at a time, whatever their state.
func (s *Shelf) try(approved []Version, at time.Time, over ...Version) (*prevent.Content, error) {
	e := editsAt(approved, at)
	for _, v := range over {
		lay(e, v)
	}
	c, err := prevent.LoadEdited(s.Own, e, s.Languages())
	if err != nil {
		return nil, fault.Wrapf(fault.Invalid, err, "This can't be shown: %s", err.Error())
	}
	return c, nil
}

// rehearse makes the content with a version that is to be shown from a time on,
// then and at each later moment at which something else is to be shown.
func (s *Shelf) rehearse(approved []Version, v Version) error {
	v.State = Approved
	all := append(slices.Clone(approved), v)
	moments := []time.Time{v.Shows}
	for _, other := range approved {
		if other.Shows.After(v.Shows) {
			moments = append(moments, other.Shows)
		}
	}
	slices.SortFunc(moments, time.Time.Compare)
	for _, at := range slices.CompactFunc(moments, time.Time.Equal) {
		if _, err := s.try(all, at); err != nil {
			return err
		}
	}
	return nil
}
