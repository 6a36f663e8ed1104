// SPDX-License-Identifier: AGPL-3.0-or-later

package referral

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
)

// mostSteps bounds what one link can record.
const mostSteps = 40

// mostWrong is how many wrong tokens are answered in a minute, of all visitors
// together: a token has 256 bits, so this only keeps guessing from being work.
const mostWrong = 300

// errLink answers every token that opens nothing, whatever the reason.
func errLink() error {
	return fault.New(fault.NotFound, "This link opens nothing: it was used, is too old, was withdrawn or was mistyped. Ask the desk that wrote to you for a new one.")
}

// budget counts wrong tokens by the minute. Safe for concurrent use.
type budget struct {
	mu     sync.Mutex
	minute int64
	n      int
}

func (b *budget) spend(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if m := now.Unix() / 60; m != b.minute {
		b.minute, b.n = m, 0
	}
	b.n++
	return b.n <= mostWrong
}

// newToken returns 256 random bits as they travel.
func newToken() string {
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // never returns an error since Go 1.24
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

func (s *Service) hash(token string) Hash { return s.Pepper("referral/link", []byte(token)) }

// MakeLink makes a one-time link of a referral and withdraws those before it.
// The token is shown once and kept nowhere.
func (s *Service) MakeLink(ctx context.Context, by authz.Subject, programme, referral id.ID) (string, error) {
	if _, err := s.may(ctx, by, authz.Refer, programme, referral); err != nil {
		return "", err
	}
	return s.makeLink(ctx, programme, referral, Step{Way: ByHouse, By: by.Account, How: "link"})
}

// LinkFor is MakeLink for the platform itself, which mails it.
func (s *Service) LinkFor(ctx context.Context, programme, referral id.ID) (string, error) {
	return s.makeLink(ctx, programme, referral, Step{Way: ByHouse, How: "mail"})
}

func (s *Service) makeLink(ctx context.Context, programme, referral id.ID, step Step) (string, error) {
	settings, err := s.Partners.Settings(ctx, programme)
	if err != nil {
		return "", fmt.Errorf("read times: %w", err)
	}
	token, now := newToken(), s.Clock.Now()
	_, err = s.change(ctx, programme, referral, Linked, step, func(ctx context.Context, _ *tx.Recorder, r *Referral) error {
		expires, err := settings.Link.After(now, s.clocks(Partner{Programme: programme}, r.Desk).Hours)
		if err != nil {
			return err
		}
		if _, err := s.Links.RevokeLinks(ctx, programme, referral, now); err != nil {
			return fmt.Errorf("revoke links: %w", err)
		}
		return s.Links.AddLink(ctx, Link{Programme: programme, Token: s.hash(token), Referral: referral, Made: now, Expires: expires})
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// RevokeLink withdraws every link of a referral that is still open.
func (s *Service) RevokeLink(ctx context.Context, by authz.Subject, programme, referral id.ID) error {
	if _, err := s.may(ctx, by, authz.Refer, programme, referral); err != nil {
		return err
	}
	_, err := s.change(ctx, programme, referral, Revoke, Step{Way: ByHouse, By: by.Account}, func(ctx context.Context, _ *tx.Recorder, _ *Referral) error {
		_, err := s.Links.RevokeLinks(ctx, programme, referral, s.Clock.Now())
		return err
	})
	return err
}

// Unsent records that a mail to a partner could not be sent.
func (s *Service) Unsent(ctx context.Context, programme, referral id.ID) error {
	_, err := s.change(ctx, programme, referral, Unsent, Step{Way: ByHouse}, nil)
	return err
}

// Mailed records that a notice or an encrypted attachment was sent.
func (s *Service) Mailed(ctx context.Context, programme, referral id.ID, how string) error {
	_, err := s.change(ctx, programme, referral, Notify, Step{Way: ByHouse, How: how}, nil)
	return err
}

// link returns what a token opens now.
func (s *Service) link(ctx context.Context, token string, step bool) (Link, error) {
	l, err := s.Links.Link(ctx, s.hash(token))
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return Link{}, fmt.Errorf("read link: %w", err)
	}
	now := s.Clock.Now()
	if err != nil || l.Step != step || !l.Used.IsZero() || !l.Revoked.IsZero() || !now.Before(l.Expires) || l.Steps > mostSteps {
		if !s.wrong.spend(now) {
			return Link{}, fault.New(fault.TooMany, "Too many links that open nothing were tried. Wait a minute.")
		}
		return Link{}, errLink()
	}
	return l, nil
}

// Opened is the page behind a one-time link: what is there, and the token of
// the next step.
type Opened struct {
	Received
	Partner Partner
	Next    string
}

// OpenLink uses a one-time link up. It must only be called for a person's click,
// never for a request that a mail scanner makes by itself.
func (s *Service) OpenLink(ctx context.Context, token string) (Opened, error) {
	l, err := s.link(ctx, token, false)
	if err != nil {
		return Opened{}, err
	}
	return s.step(ctx, l, Open, Step{Way: ByLink}, nil)
}

// StepLink records a reply on the page behind a link. A reply that is refused
// uses nothing up: the page can be sent again.
func (s *Service) StepLink(ctx context.Context, token string, in Reply) (Opened, error) {
	l, err := s.link(ctx, token, true)
	if err != nil {
		return Opened{}, err
	}
	in, err = s.checkReply(in)
	if err != nil {
		return Opened{}, err
	}
	step := Step{Way: ByLink, Code: in.Code, Text: in.Text}
	return s.step(ctx, l, in.Act, step, s.inReply(in, step))
}

// Peek shows the page behind a step's token again, after a reply was refused.
func (s *Service) Peek(ctx context.Context, token string) (Opened, error) {
	l, err := s.link(ctx, token, true)
	if err != nil {
		return Opened{}, err
	}
	return s.open(ctx, l, token)
}

var errUsed = errors.New("referral: the link was used meanwhile")

// step uses l, applies a and makes the token of the next step, all or nothing.
func (s *Service) step(ctx context.Context, l Link, a Act, step Step, more func(ctx context.Context, rec *tx.Recorder, r *Referral) error) (Opened, error) {
	next := newToken()
	_, err := s.change(ctx, l.Programme, l.Referral, a, step, func(ctx context.Context, rec *tx.Recorder, r *Referral) error {
		n, err := s.Links.UseLink(ctx, l.Token, s.Clock.Now())
		if err != nil {
			return fmt.Errorf("use link: %w", err)
		}
		if n == 0 {
			return errUsed
		}
		if err := s.Links.AddLink(ctx, Link{
			Programme: l.Programme, Token: s.hash(next), Referral: l.Referral, Step: true, Made: s.Clock.Now(), Expires: l.Expires, Steps: l.Steps + 1,
		}); err != nil {
			return fmt.Errorf("keep the next step: %w", err)
		}
		if more == nil {
			return nil
		}
		return more(ctx, rec, r)
	})
	switch {
	case errors.Is(err, errUsed), a == Open && fault.KindOf(err) == fault.Conflict:
		return Opened{}, errLink()
	case err != nil:
		return Opened{}, err
	}
	return s.open(ctx, l, next)
}

func (s *Service) open(ctx context.Context, l Link, next string) (Opened, error) {
	r, err := s.Store.Referral(ctx, l.Programme, l.Referral)
	if err != nil {
		return Opened{}, fmt.Errorf("read referral: %w", err)
	}
	got, err := s.received(ctx, r)
	if err != nil {
		return Opened{}, err
	}
	p, err := s.Partners.Partner(ctx, l.Programme, r.Partner)
	if err != nil {
		return Opened{}, fmt.Errorf("read partner: %w", err)
	}
	return Opened{Received: got, Partner: p, Next: next}, nil
}
