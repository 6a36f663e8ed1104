// SPDX-License-Identifier: AGPL-3.0-or-later

package seal

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// Signer says who signed a message, as far as the rosters tell.
type Signer struct {
	Role   Role
	Desk   id.ID // zero for the reporter and the unknown
	Member id.ID // zero for the reporter and the unknown
	// Known is true for the reporter's own key and for members of a desk in
	// one of the rosters. A message of an unknown signer must never be shown
	// as the desk's without saying that it could not be checked.
	Known bool
}

// Chain verifies a report's conversation message by message, each one against
// those before: a foreign, missing, reordered, replayed or forged message is an
// error. Only the newest can be withheld without being noticed.
//
// A Chain is not safe for concurrent use.
type Chain struct {
	grant    Grant
	rosters  []*Roster
	next     int // seq of the next message
	epoch    int
	head     Hash
	expected Hash // recipient that the next message must be sealed to
	opener   ed25519.PublicKey
	role     Role // of the cover and the report
	keys     []*Identity
}

// NewChain returns a chain for the report that the grant opens. The rosters
// are verified ones, any order, of the versions under which members wrote.
func NewChain(grant Grant, rosters ...*Roster) (*Chain, error) {
	c := &Chain{grant: grant, rosters: rosters}
	for epoch := range grant.Seeds {
		identity, err := grant.Identity(epoch)
		if err != nil {
			return nil, err
		}
		c.keys = append(c.keys, identity)
	}
	if len(c.keys) == 0 {
		return nil, errors.New("chain: the grant holds no key")
	}
	c.expected = c.keys[0].Recipient().Hash()
	return c, nil
}

// Next opens the next message and checks that it stands where it was found.
// After an error the chain is as it was before.
func (c *Chain) Next(m Stored) (Opened, Signer, error) {
	if m.Seq != c.next {
		return Opened{}, Signer{}, fmt.Errorf("message %d: %w: message %d is next", m.Seq, ErrOutOfPlace, c.next)
	}
	opened, signer, err := c.open(m)
	if err != nil {
		return Opened{}, Signer{}, fmt.Errorf("message %d: %w", m.Seq, err)
	}
	c.accept(opened)
	return opened, signer, nil
}

func (c *Chain) open(m Stored) (Opened, Signer, error) {
	if m.Epoch < 0 || m.Epoch >= len(c.keys) {
		return Opened{}, Signer{}, fmt.Errorf("%w: the grant has no key of epoch %d", ErrOutOfPlace, m.Epoch)
	}
	opened, err := OpenMessage(c.keys[m.Epoch], m.Body)
	if err != nil {
		return Opened{}, Signer{}, err
	}
	h := opened.Header
	if h.Seq != m.Seq || h.Epoch != m.Epoch || h.Role != m.Role || opened.Hash != m.Hash {
		return Opened{}, Signer{}, fmt.Errorf("%w: the server says other things about it than its header", ErrOutOfPlace)
	}
	if h.Programme != c.grant.Programme || h.Report != c.grant.Report {
		return Opened{}, Signer{}, fmt.Errorf("%w: it is another report's", ErrOutOfPlace)
	}
	if h.Prev != c.head {
		return Opened{}, Signer{}, fmt.Errorf("%w: it does not follow the message before", ErrOutOfPlace)
	}
	if h.Epoch != c.epoch || h.Recipient != c.expected {
		return Opened{}, Signer{}, fmt.Errorf("%w: it is sealed to another epoch's key", ErrOutOfPlace)
	}
	err = c.checkType(opened)
	if err != nil {
		return Opened{}, Signer{}, err
	}
	signer, err := c.signer(h)
	if err != nil {
		return Opened{}, Signer{}, err
	}
	return opened, signer, nil
}

func (c *Chain) checkType(m Opened) error {
	kind := m.Header.Type
	switch {
	case m.Header.Seq == 0 && kind != TypeCover, m.Header.Seq == 1 && kind != TypeReport,
		m.Header.Seq > 1 && kind != TypeMessage && kind != TypeKey && kind != TypeFile:
		return fmt.Errorf("%w: a %s can't be message %d", ErrOutOfPlace, kind, m.Header.Seq)
	}
	if kind == TypeFile && m.Header.Role != RoleReporter {
		return fmt.Errorf("%w: only the reporter sends files", ErrOutOfPlace)
	}
	key, ok := m.Content.(Key)
	if !ok {
		return nil
	}
	if m.Header.Role != RoleDesk {
		return fmt.Errorf("%w: only the desk announces keys", ErrOutOfPlace)
	}
	if key.Epoch != c.epoch+1 {
		return fmt.Errorf("%w: it announces epoch %d after %d", ErrOutOfPlace, key.Epoch, c.epoch)
	}
	return nil
}

// signer decides as whom the header's sender speaks: the cover and the report
// are by one key, the reporter always by that key, the desk and call takers by
// a member's.
func (c *Chain) signer(h Header) (Signer, error) {
	first := h.Seq <= 1
	switch {
	case first && h.Role == RoleDesk:
		return Signer{}, fmt.Errorf("%w: a desk can't send a report", ErrOutOfPlace)
	case !first && h.Role == RoleCall:
		return Signer{}, fmt.Errorf("%w: a call taker only sends reports", ErrOutOfPlace)
	case h.Seq == 1 && (h.Role != c.role || !slices.Equal(c.opener, h.Sender)):
		return Signer{}, fmt.Errorf("%w: cover and report have different senders", ErrOutOfPlace)
	case !first && h.Role == RoleReporter && (c.role != RoleReporter || !slices.Equal(c.opener, h.Sender)):
		return Signer{}, fmt.Errorf("%w: it is signed by somebody else than the report", ErrOutOfPlace)
	}
	if h.Role == RoleReporter {
		return Signer{Role: h.Role, Known: true}, nil
	}
	for _, roster := range c.rosters {
		desk, member, ok := roster.MemberByKey(h.Sender)
		if ok {
			return Signer{Role: h.Role, Desk: desk.ID, Member: member.ID, Known: true}, nil
		}
	}
	return Signer{Role: h.Role}, nil
}

func (c *Chain) accept(m Opened) {
	if m.Header.Seq == 0 {
		c.opener, c.role = m.Header.Sender, m.Header.Role
	}
	c.next, c.head = m.Header.Seq+1, m.Hash
	if key, ok := m.Content.(Key); ok {
		c.epoch, c.expected = key.Epoch, HashOf([]byte(key.Recipient))
	}
}

// Place returns where the next message stands.
func (c *Chain) Place() Place {
	return Place{
		Programme: c.grant.Programme, Report: c.grant.Report,
		Epoch: c.epoch, Seq: c.next, Prev: c.head,
	}
}

// Seal signs and seals content as the next message. The chain does not move:
// Next takes what the server accepted, which may be another's message.
func (c *Chain) Seal(content Content, role Role, key ed25519.PrivateKey) (Stored, error) {
	if c.epoch >= len(c.keys) {
		return Stored{}, fmt.Errorf("seal message: %w: the grant has no key of epoch %d", ErrOutOfPlace, c.epoch)
	}
	to := c.keys[c.epoch].Recipient()
	if to.Hash() != c.expected {
		return Stored{}, fmt.Errorf("seal message: %w: the announced key is not the grant's", ErrOutOfPlace)
	}
	return SealMessage(c.Place(), content, role, key, to)
}

// Turn is a new epoch of a report: what its holder sends in one transaction
// when somebody is withdrawn or the report is restricted.
type Turn struct {
	Key   Stored // the key message, sealed to the epoch before
	Grant Grant  // to seal to everybody who may read from now on
}

// NewEpoch makes the key message and the grant of the report's next epoch. The
// caller seals the grant to each remaining reader, the mailbox and recovery
// among them; old grants are dropped by the server.
func (c *Chain) NewEpoch(key ed25519.PrivateKey) (Turn, error) {
	if c.epoch != c.grant.Epoch {
		return Turn{}, fmt.Errorf("new epoch: %w: the grant is of epoch %d, the conversation in %d", ErrOutOfPlace, c.grant.Epoch, c.epoch)
	}
	next, identity, err := c.grant.Next()
	if err != nil {
		return Turn{}, fmt.Errorf("new epoch: %w", err)
	}
	content := Key{Epoch: next.Epoch, Recipient: identity.Recipient().String()}
	message, err := c.Seal(content, RoleDesk, key)
	if err != nil {
		return Turn{}, fmt.Errorf("new epoch: %w", err)
	}
	return Turn{Key: message, Grant: next}, nil
}
