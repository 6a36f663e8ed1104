// SPDX-License-Identifier: AGPL-3.0-or-later

package referral

import (
	"context"
	"fmt"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
)

// AllPartners returns the partners of a programme to somebody of the house.
func (s *Service) AllPartners(ctx context.Context, by authz.Subject, programme id.ID) ([]Partner, error) {
	if err := authz.Check(by, authz.List, authz.Object{Kind: authz.Partner, Programme: programme}); err != nil {
		return nil, err
	}
	return s.Partners.Partners(ctx, programme)
}

// APartner returns one partner to somebody of the house.
func (s *Service) APartner(ctx context.Context, by authz.Subject, programme, partner id.ID) (Partner, error) {
	if err := authz.Check(by, authz.List, authz.Object{Kind: authz.Partner, Programme: programme}); err != nil {
		return Partner{}, err
	}
	return s.Partners.Partner(ctx, programme, partner)
}

// SavePartner enters a partner, or changes the one of the revision that was
// seen; a partner without id is a new one.
func (s *Service) SavePartner(ctx context.Context, by authz.Subject, p Partner) (Partner, error) {
	if err := authz.Check(by, authz.Change, authz.Object{Kind: authz.Partner, Programme: p.Programme}); err != nil {
		return Partner{}, err
	}
	p = p.Clean()
	if err := p.Check(s.Rules); err != nil {
		return Partner{}, err
	}
	for _, a := range p.Agreement.Codes {
		if err := s.Rules.known(a); err != nil {
			return Partner{}, err
		}
	}
	what := "partner-changed"
	if p.ID.IsZero() {
		p.ID, p.Revision, what = id.New(), 0, "partner-entered"
	}
	p.Revision++
	err := s.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		if err := s.Partners.SavePartner(ctx, p); err != nil {
			return err
		}
		return s.enter(rec, p.Programme, "audit", by.Account, entry{What: what, Partner: p.ID.String(), Reason: p.Agreement.Reference})
	})
	if fault.KindOf(err) == fault.Conflict {
		return Partner{}, fault.Wrap(fault.Conflict, "A colleague changed this partner meanwhile. Load it again; nothing was overwritten.", err)
	}
	if err != nil {
		return Partner{}, fmt.Errorf("keep partner: %w", err)
	}
	return p, nil
}

// known refuses codes and conditions that no rule names: nothing could ever be
// referred under them, and a typing mistake would go unseen.
func (r Rules) known(a Allowed) error {
	scheme, ok := r.scheme(a.Scheme)
	if !ok {
		return fault.Newf(fault.Invalid, "There are no release rules for a scheme %q. There are for: %s.", a.Scheme, r.schemeNames())
	}
	if _, ok := find(scheme.Codes, a.Code); !ok {
		return fault.Newf(fault.Invalid, "%s has no handling code %q.", a.Scheme, a.Code)
	}
	for _, c := range a.Conditions {
		if _, ok := find(scheme.Conditions, c); !ok {
			return fault.Newf(fault.Invalid, "%s has no condition %q.", a.Scheme, c)
		}
	}
	return nil
}

func (r Rules) schemeNames() string {
	var text string
	for i, s := range r.Schemes {
		if i > 0 {
			text += ", "
		}
		text += s.Scheme
	}
	return text
}

// Times returns a programme's own times to somebody of the house.
func (s *Service) Times(ctx context.Context, by authz.Subject, programme id.ID) (Settings, error) {
	if err := authz.Check(by, authz.Read, authz.Object{Kind: authz.Programme, Programme: programme}); err != nil {
		return Settings{}, err
	}
	return s.Partners.Settings(ctx, programme)
}

// SetTimes changes a programme's times; fault.Conflict when they changed since
// the revision that was seen.
func (s *Service) SetTimes(ctx context.Context, by authz.Subject, programme id.ID, t Settings) error {
	if err := authz.Check(by, authz.Change, authz.Object{Kind: authz.Programme, Programme: programme}); err != nil {
		return err
	}
	for _, span := range []Span{t.FirstRead, t.Danger, t.Reporter, t.Feedback, t.Escalate, t.Link} {
		if span.N <= 0 {
			return fault.New(fault.Invalid, "Every time allowed must be given, such as 24h, 7d or 3m.")
		}
	}
	if t.Digest < 0 || t.Digest > 6 {
		return fault.New(fault.Invalid, "Choose the day of the chase list.")
	}
	t.Revision++
	return s.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		if err := s.Partners.SaveSettings(ctx, programme, t); err != nil {
			return err
		}
		return s.enter(rec, programme, "audit", by.Account, entry{What: "times-changed"})
	})
}
