// SPDX-License-Identifier: AGPL-3.0-or-later

package people

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
)

// Config is what a Service is made of. All fields are required but Idle.
type Config struct {
	Accounts AccountStore
	Logins   LoginStore
	Keys     KeyStore
	Runner   tx.Runner
	Clock    clock.Clock
	// Pepper keys every stored hash; 32 bytes, kept outside the database.
	Pepper []byte
	// Idle is how long a session lives without a request; zero is IdleFor.
	Idle time.Duration
}

// Service is the room's counter: every act on people goes through it.
type Service struct {
	accounts AccountStore
	logins   LoginStore
	keys     KeyStore
	runner   tx.Runner
	clock    clock.Clock
	pepper   []byte
	idle     time.Duration
	limiter  *limiter
}

// New returns a Service.
func New(c Config) (*Service, error) {
	if len(c.Pepper) < 32 {
		return nil, fmt.Errorf("people: a pepper of %d bytes: want at least 32", len(c.Pepper))
	}
	if c.Idle == 0 {
		c.Idle = IdleFor
	}
	return &Service{
		accounts: c.Accounts, logins: c.Logins, keys: c.Keys, runner: c.Runner, clock: c.Clock,
		pepper: c.Pepper, idle: c.Idle, limiter: newLimiter(),
	}, nil
}

// hash is HMAC-SHA256 under the pepper, apart for each use.
func (s *Service) hash(use string, value []byte) Hash {
	mac := hmac.New(sha256.New, s.pepper)
	mac.Write([]byte("people/" + use + "\x00"))
	mac.Write(value)
	return Hash(mac.Sum(nil))
}

// newToken returns 32 random bytes as they travel, in base64url.
func newToken() string {
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // never returns an error since Go 1.24
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

// record is the payload of a ledger entry: who did what to whom, and why.
type record struct {
	At     string `json:"at"`
	Who    string `json:"who"`
	Act    string `json:"act"`
	Object string `json:"object"`
	Role   string `json:"role,omitempty"`
	Desk   string `json:"desk,omitempty"`
	Epoch  *int   `json:"epoch,omitempty"`
	Reason string `json:"reason,omitempty"`
}

func (s *Service) entry(programme id.ID, kind string, r record) (tx.Entry, error) {
	r.At = s.clock.Now().UTC().Format(time.RFC3339)
	payload, err := json.Marshal(r)
	if err != nil {
		return tx.Entry{}, fmt.Errorf("write ledger entry: %w", err)
	}
	return tx.Entry{Programme: programme, Kind: kind, Payload: payload}, nil
}

// change runs one change that leaves one entry in the ledger.
func (s *Service) change(ctx context.Context, programme id.ID, kind string, r record, do func(ctx context.Context) error) error {
	e, err := s.entry(programme, kind, r)
	if err != nil {
		return err
	}
	return s.runner.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		if err := do(ctx); err != nil {
			return err
		}
		rec.Entry(e)
		return nil
	})
}

// subject returns what an account was granted.
func (s *Service) subject(ctx context.Context, account id.ID) (authz.Subject, error) {
	held, err := s.accounts.Assignments(ctx, account)
	if err != nil {
		return authz.Subject{}, fmt.Errorf("read roles: %w", err)
	}
	subject := authz.Subject{Account: account}
	for _, a := range held {
		subject.Grants = append(subject.Grants, a.Grant)
	}
	return subject, nil
}

func notFound() error {
	return fault.New(fault.NotFound, "There is no such person here, or it is not for you.")
}
