// SPDX-License-Identifier: AGPL-3.0-or-later

package people

import (
	"context"
	"crypto/hmac"
	"fmt"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
)

// Stretch is what a browser needs to stretch a passphrase. Browsers refuse
// anything weaker than the format's own minimum, whatever the server says.
type Stretch struct {
	Salt   [16]byte
	Memory int // KiB
	Passes int
	Lanes  int
}

// The format's cost of Argon2id.
const (
	StretchMemory = 64 << 10
	StretchPasses = 3
	StretchLanes  = 1
)

// Attempt is a try to log in.
type Attempt struct {
	Handle string
	Login  []byte // 32 bytes, made from the stretched passphrase in the browser
	Device string // the known-device token of this browser, or ""
	Label  string // what to call this session
}

// Welcome is what a successful log-in hands out.
type Welcome struct {
	Account Account
	Session string // for the cookie; kept nowhere
	Device  string // for the cookie of known devices
}

// Member is who asks, as every request learns it from its cookie.
type Member struct {
	Account Account
	Subject authz.Subject
	Session Session
}

// errLogin is the one answer to every log-in that fails.
func errLogin() error {
	return fault.New(fault.Unsigned, "The log-in name or the passphrase is wrong.")
}

// StretchFor returns the salt of an account. One that doesn't exist, or can't
// log in, gets a false salt that stays the same, so that nobody learns which
// names are real.
func (s *Service) StretchFor(ctx context.Context, handle string) (Stretch, error) {
	decoy := s.hash("salt", []byte(handle))
	out := Stretch{Salt: [16]byte(decoy[:16]), Memory: StretchMemory, Passes: StretchPasses, Lanes: StretchLanes}
	_, secret, err := s.candidate(ctx, handle)
	if err != nil {
		return Stretch{}, err
	}
	if !secret.Account.IsZero() {
		out.Salt = secret.Salt
	}
	return out, nil
}

// candidate looks up the account and secret of a handle; both are zero when it
// can't log in. It asks the store the same questions either way.
func (s *Service) candidate(ctx context.Context, handle string) (Account, Secret, error) {
	account, err := s.accounts.ByHandle(ctx, handle)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return Account{}, Secret{}, fmt.Errorf("read account: %w", err)
	}
	secret, err := s.logins.Secret(ctx, account.ID)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return Account{}, Secret{}, fmt.Errorf("read secret: %w", err)
	}
	if account.State != Active || err != nil {
		return Account{}, Secret{}, nil
	}
	return account, secret, nil
}

// LogIn checks an attempt and opens a session. Everything that fails gets the
// same answer; too many tries get fault.TooMany, for real and false names alike.
func (s *Service) LogIn(ctx context.Context, a Attempt) (Welcome, error) {
	now := s.clock.Now()
	name := s.hash("limit", []byte(a.Handle))
	known := s.knownDevice(a.Handle, a.Device)
	if wait := s.limiter.wait(name, known, now); wait > 0 {
		return Welcome{}, fault.Newf(fault.TooMany, "Too many tries. Wait %d seconds, then try again.", int(wait/time.Second)+1)
	}
	account, secret, err := s.candidate(ctx, a.Handle)
	if err != nil {
		return Welcome{}, err
	}
	given := s.hash("login", a.Login)
	right := hmac.Equal(given[:], secret.Verifier[:])
	if !right || account.ID.IsZero() {
		s.limiter.failed(name, known, now)
		return Welcome{}, errLogin()
	}
	s.limiter.succeeded(name, known)
	token := newToken()
	session := Session{
		ID: id.New(), Account: account.ID, Token: s.hash("session", []byte(token)),
		Created: now, Seen: now.Truncate(time.Minute), Label: clip(a.Label, MaxName),
	}
	err = s.change(ctx, id.ID{}, "audit", record{Who: account.ID.String(), Act: "logged-in", Object: session.ID.String()}, func(ctx context.Context) error {
		if err := s.logins.DropSessionsBefore(ctx, now.Add(-SessionFor), now.Add(-s.idle)); err != nil {
			return err
		}
		return s.logins.SaveSession(ctx, session)
	})
	if err != nil {
		return Welcome{}, fmt.Errorf("open session: %w", err)
	}
	return Welcome{Account: account, Session: token, Device: s.deviceToken(a.Handle)}, nil
}

// Authenticate is Recognise for what a person does: it keeps the session alive.
func (s *Service) Authenticate(ctx context.Context, token string) (Member, error) {
	m, err := s.Recognise(ctx, token)
	if err != nil {
		return Member{}, err
	}
	return m, s.touch(ctx, m.Session, s.clock.Now())
}

// Recognise returns who a session's token belongs to; fault.Unsigned when it
// is unknown, too old, idle too long, or its account suspended. A page that
// asks by itself must not keep a session alive at which nobody sits.
func (s *Service) Recognise(ctx context.Context, token string) (Member, error) {
	unsigned := fault.New(fault.Unsigned, "Log in first.")
	if token == "" {
		return Member{}, unsigned
	}
	session, err := s.logins.SessionByToken(ctx, s.hash("session", []byte(token)))
	if fault.KindOf(err) == fault.NotFound {
		return Member{}, unsigned
	}
	if err != nil {
		return Member{}, fmt.Errorf("read session: %w", err)
	}
	now := s.clock.Now()
	if now.Sub(session.Created) > SessionFor || now.Sub(session.Seen) > s.idle+time.Minute {
		return Member{}, unsigned
	}
	account, err := s.accounts.Account(ctx, session.Account)
	if err != nil {
		return Member{}, fmt.Errorf("read account: %w", err)
	}
	if account.State != Active {
		return Member{}, unsigned
	}
	subject, err := s.subject(ctx, account.ID)
	if err != nil {
		return Member{}, err
	}
	return Member{Account: account, Subject: subject, Session: session}, nil
}

// touch moves Seen, at most once in a minute so that reading pages writes little.
func (s *Service) touch(ctx context.Context, session Session, now time.Time) error {
	if now.Sub(session.Seen) < time.Minute {
		return nil
	}
	session.Seen = now.Truncate(time.Minute)
	return s.runner.Do(ctx, func(ctx context.Context, _ *tx.Recorder) error {
		return s.logins.SaveSession(ctx, session)
	})
}

// LogOut ends the session of a member.
func (s *Service) LogOut(ctx context.Context, m Member) error {
	return s.change(ctx, id.ID{}, "audit", record{Who: m.Account.ID.String(), Act: "logged-out", Object: m.Session.ID.String()}, func(ctx context.Context) error {
		return s.logins.DropSession(ctx, m.Account.ID, m.Session.ID)
	})
}

// Unlock returns the member's own wrapped keys and the salt that unwraps them.
func (s *Service) Unlock(ctx context.Context, by authz.Subject) (Secret, error) {
	if err := authz.Check(by, authz.Read, authz.Object{Kind: authz.Person, Owner: by.Account}); err != nil {
		return Secret{}, err
	}
	secret, err := s.logins.Secret(ctx, by.Account)
	if err != nil {
		return Secret{}, fmt.Errorf("read secret: %w", err)
	}
	secret.Verifier = Hash{}
	return secret, nil
}

// Rewrap replaces the member's passphrase: the same keys, wrapped under a new
// one. The old login proves who asks; all other sessions end.
func (s *Service) Rewrap(ctx context.Context, m Member, old []byte, next Secret, login []byte) error {
	if err := authz.Check(m.Subject, authz.Change, authz.Object{Kind: authz.Person, Owner: m.Account.ID}); err != nil {
		return err
	}
	if len(login) != 32 || len(next.Wrapped) == 0 || len(next.Wrapped) > MaxWrapped {
		return fault.New(fault.Invalid, "The new keys are not complete.")
	}
	secret, err := s.logins.Secret(ctx, m.Account.ID)
	if err != nil {
		return fmt.Errorf("read secret: %w", err)
	}
	given := s.hash("login", old)
	if !hmac.Equal(given[:], secret.Verifier[:]) {
		return fault.New(fault.Invalid, "The present passphrase is wrong.")
	}
	secret.Salt, secret.Wrapped, secret.Verifier = next.Salt, next.Wrapped, s.hash("login", login)
	sessions, err := s.logins.Sessions(ctx, m.Account.ID)
	if err != nil {
		return fmt.Errorf("read sessions: %w", err)
	}
	who := m.Account.ID.String()
	return s.change(ctx, id.ID{}, "membership", record{Who: who, Act: "changed-passphrase", Object: who}, func(ctx context.Context) error {
		for _, other := range sessions {
			if other.ID == m.Session.ID {
				continue
			}
			if err := s.logins.DropSession(ctx, m.Account.ID, other.ID); err != nil {
				return err
			}
		}
		return s.logins.SaveSecret(ctx, secret)
	})
}

// clip cuts text to at most n letters.
func clip(text string, n int) string {
	letters := []rune(text)
	return string(letters[:min(n, len(letters))])
}
