// SPDX-License-Identifier: AGPL-3.0-or-later

package intel

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
)

// maxMembers bounds a compartment: what everybody is in is none.
const maxMembers = 500

// Named returns the accounts inside a closed compartment; nobody is inside one
// that does not exist.
func (x *Items) Named(ctx context.Context, programme, compartment id.ID) ([]id.ID, error) {
	all, err := x.Compartments.Compartments(ctx, programme)
	if err != nil {
		return nil, fmt.Errorf("read compartments: %w", err)
	}
	for _, c := range all {
		if c.ID == compartment {
			return c.Members, nil
		}
	}
	return nil, nil
}

// Inside returns the closed compartments in which account is named.
func (x *Items) Inside(ctx context.Context, programme, account id.ID) ([]id.ID, error) {
	all, err := x.Compartments.Compartments(ctx, programme)
	if err != nil {
		return nil, fmt.Errorf("read compartments: %w", err)
	}
	var inside []id.ID
	for _, c := range all {
		if slices.Contains(c.Members, account) {
			inside = append(inside, c.ID)
		}
	}
	return inside, nil
}

// Closed returns the compartments that s may know of: all for those who answer
// for them, for others those in which they are named.
func (x *Items) Closed(ctx context.Context, s authz.Subject, programme id.ID) ([]Compartment, error) {
	all, err := x.Compartments.Compartments(ctx, programme)
	if err != nil {
		return nil, fmt.Errorf("read compartments: %w", err)
	}
	if authz.Decide(s, authz.List, authz.Object{Kind: authz.Closed, Programme: programme}).Allowed {
		return all, nil
	}
	return slices.DeleteFunc(all, func(c Compartment) bool { return !slices.Contains(c.Members, s.Account) }), nil
}

// SetCompartment makes a compartment, or changes its name and who is inside.
// Whoever is taken out sees nothing of it from then on.
func (x *Items) SetCompartment(ctx context.Context, s authz.Subject, c Compartment, reason string) (Compartment, error) {
	if err := authz.Check(s, authz.Change, authz.Object{Kind: authz.Closed, Programme: c.Programme}); err != nil {
		return c, err
	}
	reason, err := needReason(reason)
	if err != nil {
		return c, err
	}
	c.Name = tidy(c.Name)
	if n := utf8.RuneCountInString(c.Name); n == 0 || n > 80 {
		return c, fault.New(fault.Invalid, "Name the compartment in at most 80 characters. The name is no secret: choose one that says nothing.")
	}
	if len(c.Members) > maxMembers {
		return c, fault.Newf(fault.TooLarge, "A compartment names at most %d people.", maxMembers)
	}
	if c.ID.IsZero() {
		c.ID = id.New()
	}
	payload, err := json.Marshal(struct {
		At          time.Time `json:"at"`
		Who         id.ID     `json:"who"`
		What        string    `json:"what"`
		Compartment id.ID     `json:"compartment"`
		Members     []id.ID   `json:"members"`
		Reason      string    `json:"reason"`
	}{x.Clock.Now(), s.Account, "set-compartment", c.ID, c.Members, reason})
	if err != nil {
		return c, fmt.Errorf("write ledger entry: %w", err)
	}
	return c, x.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		rec.Entry(tx.Entry{Programme: c.Programme, Kind: "compartment", Payload: payload})
		return x.Compartments.SaveCompartment(ctx, c)
	})
}
