// SPDX-License-Identifier: AGPL-3.0-or-later

package people

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/programme"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// RosterBase is what a draft takes over from outside the room.
type RosterBase struct {
	Last     *seal.Roster // the current roster; nil for the first
	Recovery *seal.Recipient
	Log      string // note verifier key of the key log
	ValidFor time.Duration
}

// DraftRoster makes the roster that the present people and keys of a programme
// call for, ready to be signed offline. Desks without a key are left out:
// nobody could open what was sealed to them.
func (s *Service) DraftRoster(ctx context.Context, by authz.Subject, p programme.Programme, base RosterBase) (seal.Roster, error) {
	if err := authz.Check(by, authz.Change, authz.Object{Kind: authz.Roster, Programme: p.ID}); err != nil {
		return seal.Roster{}, err
	}
	now := s.clock.Now()
	r := seal.Roster{
		Programme: p.ID, Slug: p.Slug, Name: p.Name, Number: 1, Recovery: base.Recovery, Log: base.Log,
		ValidFrom: now.Add(-time.Minute), ValidUntil: now.Add(base.ValidFor), // a minute for clocks that go slow
	}
	if base.Last != nil {
		r.Number, r.Previous = base.Last.Number+1, base.Last.Hash()
	}
	colleagues, err := s.Colleagues(ctx, by, p.ID)
	if err != nil {
		return seal.Roster{}, err
	}
	for _, d := range p.Desks {
		desk, ok, err := s.draftDesk(ctx, p.ID, d, colleagues)
		if err != nil {
			return seal.Roster{}, err
		}
		if ok {
			r.Desks = append(r.Desks, desk)
		}
	}
	if len(r.Desks) == 0 {
		return seal.Roster{}, fault.New(fault.Conflict, "No desk has a key yet. A reviewer makes the first one on the page Keys.")
	}
	return r, nil
}

func (s *Service) draftDesk(ctx context.Context, programme id.ID, d programme.Desk, colleagues []Colleague) (seal.RosterDesk, bool, error) {
	epochs, err := s.keys.Epochs(ctx, programme, d.ID)
	if err != nil {
		return seal.RosterDesk{}, false, fmt.Errorf("read epochs: %w", err)
	}
	if len(epochs) == 0 {
		return seal.RosterDesk{}, false, nil
	}
	recipient, err := seal.ParseRecipient(epochs[0].Recipient)
	if err != nil {
		return seal.RosterDesk{}, false, fmt.Errorf("read the key of desk %s: %w", d.Slug, err)
	}
	desk := seal.RosterDesk{
		ID: d.ID, Slug: d.Slug, Name: d.Name, Organisation: d.Organisation, Police: d.Police,
		Epoch: epochs[0].Epoch, Recipient: recipient,
	}
	for _, c := range colleagues {
		if c.State != Active || !c.AtDesk(d.ID, authz.Reviewer) && !c.AtDesk(d.ID, authz.CallTaker) {
			continue
		}
		own, err := seal.ParseRecipient(c.Recipient)
		if err != nil {
			return seal.RosterDesk{}, false, fmt.Errorf("read the key of %s: %w", c.ID, err)
		}
		desk.Members = append(desk.Members, seal.RosterMember{ID: c.ID, Key: c.SigningKey, Recipient: own})
	}
	// By id: the order in which people came is nobody's business.
	slices.SortFunc(desk.Members, func(a, b seal.RosterMember) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	return desk, true, nil
}
