// SPDX-License-Identifier: AGPL-3.0-or-later

package people_test

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/people"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// memory is a people.Store and tx.Runner in memory. A change that fails is not
// rolled back: no test here looks at what one left behind.
type memory struct {
	mu          sync.Mutex
	entries     []tx.Entry
	accounts    map[id.ID]people.Account
	assignments []people.Assignment
	secrets     map[id.ID]people.Secret
	invitations []people.Invitation
	sessions    []people.Session
	epochs      []people.Epoch
	packages    []people.Package
	shifts      []people.Shift
	alerts      map[id.ID]people.Alerts
}

var missing = fault.New(fault.NotFound, "missing")

func (m *memory) Do(ctx context.Context, change func(context.Context, *tx.Recorder) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	var rec tx.Recorder
	if err := change(ctx, &rec); err != nil {
		return err
	}
	m.entries = append(m.entries, rec.Entries()...)
	return nil
}

func (m *memory) Account(_ context.Context, account id.ID) (people.Account, error) {
	a, ok := m.accounts[account]
	if !ok {
		return people.Account{}, missing
	}
	return a, nil
}

func (m *memory) ByHandle(_ context.Context, handle string) (people.Account, error) {
	for _, a := range m.accounts {
		if a.Handle == handle {
			return a, nil
		}
	}
	return people.Account{}, missing
}

func (m *memory) InProgramme(_ context.Context, programme id.ID) ([]people.Account, error) {
	var out []people.Account
	for _, a := range m.accounts {
		if slices.ContainsFunc(m.assignments, func(x people.Assignment) bool { return x.Account == a.ID && x.Programme == programme }) {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(a, b people.Account) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func (m *memory) SaveAccount(_ context.Context, a people.Account) error {
	for _, other := range m.accounts {
		if other.Handle == a.Handle && other.ID != a.ID {
			return fault.New(fault.Conflict, "taken")
		}
	}
	m.accounts[a.ID] = a
	return nil
}

func (m *memory) Assignments(_ context.Context, account id.ID) ([]people.Assignment, error) {
	return keep(m.assignments, func(a people.Assignment) bool { return a.Account == account }), nil
}

func (m *memory) AssignmentsIn(_ context.Context, programme id.ID) ([]people.Assignment, error) {
	return keep(m.assignments, func(a people.Assignment) bool { return a.Programme == programme }), nil
}

func (m *memory) Assign(_ context.Context, a people.Assignment) error {
	if !slices.Contains(m.assignments, a) {
		m.assignments = append(m.assignments, a)
	}
	return nil
}

func (m *memory) Withdraw(_ context.Context, a people.Assignment) error {
	m.assignments = keep(m.assignments, func(x people.Assignment) bool { return x != a })
	return nil
}

func (m *memory) Secret(_ context.Context, account id.ID) (people.Secret, error) {
	s, ok := m.secrets[account]
	if !ok {
		return people.Secret{}, missing
	}
	return s, nil
}

func (m *memory) SaveSecret(_ context.Context, s people.Secret) error {
	m.secrets[s.Account] = s
	return nil
}

func (m *memory) Invitation(_ context.Context, token people.Hash) (people.Invitation, error) {
	for _, i := range m.invitations {
		if i.Token == token {
			return i, nil
		}
	}
	return people.Invitation{}, missing
}

func (m *memory) SaveInvitation(ctx context.Context, i people.Invitation) error {
	if _, err := m.DropInvitations(ctx, i.Account); err != nil {
		return err
	}
	m.invitations = append(m.invitations, i)
	return nil
}

func (m *memory) DropInvitations(_ context.Context, account id.ID) (int, error) {
	before := len(m.invitations)
	m.invitations = keep(m.invitations, func(i people.Invitation) bool { return i.Account != account })
	return before - len(m.invitations), nil
}

func (m *memory) SessionByToken(_ context.Context, token people.Hash) (people.Session, error) {
	for _, s := range m.sessions {
		if s.Token == token {
			return s, nil
		}
	}
	return people.Session{}, missing
}

func (m *memory) Sessions(_ context.Context, account id.ID) ([]people.Session, error) {
	return keep(m.sessions, func(s people.Session) bool { return s.Account == account }), nil
}

func (m *memory) SaveSession(_ context.Context, s people.Session) error {
	m.sessions = append(keep(m.sessions, func(x people.Session) bool { return x.ID != s.ID }), s)
	return nil
}

func (m *memory) DropSession(_ context.Context, account, session id.ID) error {
	m.sessions = keep(m.sessions, func(x people.Session) bool { return x.ID != session || x.Account != account })
	return nil
}

func (m *memory) DropSessionsBefore(_ context.Context, created, seen time.Time) error {
	m.sessions = keep(m.sessions, func(x people.Session) bool { return !x.Created.Before(created) && !x.Seen.Before(seen) })
	return nil
}

func (m *memory) Epochs(_ context.Context, programme, desk id.ID) ([]people.Epoch, error) {
	out := keep(m.epochs, func(e people.Epoch) bool { return e.Programme == programme && e.Desk == desk })
	slices.SortFunc(out, func(a, b people.Epoch) int { return cmp.Compare(b.Epoch, a.Epoch) })
	return out, nil
}

func (m *memory) AddEpoch(_ context.Context, e people.Epoch) error {
	m.epochs = append(m.epochs, e)
	return nil
}

func (m *memory) Packages(_ context.Context, programme, desk id.ID) ([]people.Package, error) {
	return keep(m.packages, func(p people.Package) bool { return p.Programme == programme && p.Desk == desk }), nil
}

func (m *memory) SavePackage(ctx context.Context, p people.Package) error {
	if err := m.DropPackage(ctx, p.Programme, p.Desk, p.Member); err != nil {
		return err
	}
	m.packages = append(m.packages, p)
	return nil
}

func (m *memory) DropPackage(_ context.Context, programme, desk, member id.ID) error {
	m.packages = keep(m.packages, func(p people.Package) bool {
		return p.Programme != programme || p.Desk != desk || p.Member != member
	})
	return nil
}

func (m *memory) Shifts(_ context.Context, programme, desk id.ID, since time.Time) ([]people.Shift, error) {
	return keep(m.shifts, func(s people.Shift) bool { return s.Programme == programme && s.Desk == desk && s.Until.After(since) }), nil
}

func (m *memory) SaveShift(_ context.Context, s people.Shift) error {
	m.shifts = append(m.shifts, s)
	return nil
}

func (m *memory) DropShift(_ context.Context, programme, shift id.ID) error {
	m.shifts = keep(m.shifts, func(s people.Shift) bool { return s.ID != shift || s.Programme != programme })
	return nil
}

func (m *memory) Alerts(_ context.Context, account id.ID) (people.Alerts, error) {
	a := m.alerts[account]
	a.Account = account
	return a, nil
}

func (m *memory) SaveAlerts(_ context.Context, a people.Alerts) error {
	m.alerts[a.Account] = a
	return nil
}

func keep[T any](all []T, ok func(T) bool) []T {
	var out []T
	for _, x := range all {
		if ok(x) {
			out = append(out, x)
		}
	}
	return out
}

// ticking is a clock that tests move.
type ticking struct{ now time.Time }

func (c *ticking) Now() time.Time          { return c.now }
func (c *ticking) advance(d time.Duration) { c.now = c.now.Add(d) }
func (m *memory) acts(kind string) []tx.Entry {
	return keep(m.entries, func(e tx.Entry) bool { return e.Kind == kind })
}

// house is a service with its store and clock, and one programme with a desk.
type house struct {
	*people.Service
	store     *memory
	clock     *ticking
	programme id.ID
	desk      id.ID
}

func newHouse(t *testing.T) house {
	t.Helper()
	m := &memory{accounts: map[id.ID]people.Account{}, secrets: map[id.ID]people.Secret{}, alerts: map[id.ID]people.Alerts{}}
	c := &ticking{now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	s, err := people.New(people.Config{Accounts: m, Logins: m, Keys: m, Runner: m, Clock: c, Pepper: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	return house{Service: s, store: m, clock: c, programme: id.New(), desk: id.New()}
}

// join founds an active account with one role and returns who it is.
func (h house) join(t *testing.T, handle string, role authz.Role) authz.Subject {
	t.Helper()
	g := authz.Grant{Role: role, Programme: h.programme}
	if role.OfDesk() {
		g.Desk = h.desk
	}
	a, token, err := h.Found(t.Context(), people.Newcomer{Handle: handle, Name: "Name of " + handle, Language: "en", Grant: g})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Accept(t.Context(), token, acceptance(a.ID, handle)); err != nil {
		t.Fatal(err)
	}
	return authz.Subject{Account: a.ID, Grants: []authz.Grant{g}}
}

// loginOf stands for the stretched passphrase of a handle.
func loginOf(handle string) []byte {
	return append([]byte(handle), make([]byte, 32-len(handle))...)
}

func acceptance(account id.ID, handle string) people.Acceptance {
	return people.Acceptance{
		Account: account, Salt: [16]byte{1, 2, 3}, Login: loginOf(handle), Wrapped: make([]byte, 150),
		Recipient: recipient(), SigningKey: make([]byte, 32),
	}
}

// recipient is one that could be sealed to.
func recipient() string {
	identity, err := seal.IdentityFromSeed(make([]byte, 32))
	if err != nil {
		panic(err)
	}
	return identity.Recipient().String()
}

func wantKind(t *testing.T, err error, want fault.Kind) {
	t.Helper()
	if err == nil || fault.KindOf(err) != want {
		t.Fatalf("error %v (kind %v), want kind %v", err, fault.KindOf(err), want)
	}
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
