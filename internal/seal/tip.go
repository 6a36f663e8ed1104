// SPDX-License-Identifier: AGPL-3.0-or-later

package seal

import (
	"crypto/ed25519"
	"fmt"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// Tip is what a client knows before it seals: the whole of an honest client,
// used without script, by call takers' tools, the demo and the bench.
type Tip struct {
	Roster *Roster // verified and valid now
	Desk   id.ID
	Danger bool // shown to the server
	Cover  Cover
	Report Report // Mailbox and Roster are filled in

	// Receipt is the reporter's, made before the form was shown.
	Receipt Receipt
	// ID of the report: zero for a random one. Without script it is
	// Receipt.ReportID(), so that a repeated POST names the same report.
	ID id.ID
	// Caller is the signing key of the call taker who writes for a caller; nil
	// for a report that its reporter sends. The receipt is then thrown away.
	Caller ed25519.PrivateKey
}

// SealSubmission seals a tip to its desk, to recovery and to its mailbox. The
// result encodes to about 21 KB when the text is short; it costs five hybrid
// encapsulations, two of them beside a fresh key, about a millisecond.
func SealSubmission(tip Tip) (*Submission, error) {
	s, err := sealTip(tip)
	if err != nil {
		return nil, fmt.Errorf("seal submission: %w", err)
	}
	return s, nil
}

func sealTip(tip Tip) (*Submission, error) {
	desk, ok := tip.Roster.Desk(tip.Desk)
	if !ok {
		return nil, fmt.Errorf("%w: the roster has no desk %s", ErrOutOfPlace, tip.Desk)
	}
	if tip.Roster.Hash().IsZero() {
		return nil, fmt.Errorf("%w: the roster was not verified", ErrSignature)
	}
	mailbox, err := tip.Receipt.Mailbox()
	if err != nil {
		return nil, err
	}
	s := &Submission{
		Programme: tip.Roster.Programme, Desk: desk.ID, Report: tip.ID,
		Roster: tip.Roster.Hash(), Danger: tip.Danger, Login: tip.Receipt.Login(),
	}
	if s.Report.IsZero() {
		s.Report = id.New()
	}
	grant, identity, err := NewGrant(s.Programme, s.Report)
	if err != nil {
		return nil, err
	}
	err = s.grant(grant, desk.Recipient, tip.Roster.Recovery, mailbox.Recipient())
	if err != nil {
		return nil, err
	}
	tip.Report.Mailbox = mailbox.Recipient().String()
	tip.Report.Roster = tip.Roster.Hash()
	return s, s.write(tip, identity.Recipient())
}

// grant seals the grant to the three first readers.
func (s *Submission) grant(g Grant, desk, recovery, mailbox *Recipient) error {
	var err error
	for _, to := range []struct {
		body      *[]byte
		recipient *Recipient
	}{{&s.DeskGrant, desk}, {&s.RecoveryGrant, recovery}, {&s.MailboxGrant, mailbox}} {
		*to.body, err = SealGrant(g, to.recipient)
		if err != nil {
			return err
		}
	}
	return nil
}

// write seals the cover and message 1.
func (s *Submission) write(tip Tip, to *Recipient) error {
	role, key := RoleReporter, tip.Caller
	if key != nil {
		role = RoleCall
	} else {
		key = tip.Receipt.SigningKey()
	}
	place := Place{Programme: s.Programme, Report: s.Report}
	cover, err := SealMessage(place, tip.Cover, role, key, to)
	if err != nil {
		return err
	}
	place.Seq, place.Prev = 1, cover.Hash
	first, err := SealMessage(place, tip.Report, role, key, to)
	if err != nil {
		return err
	}
	s.Cover, s.CoverBody = cover.Hash, cover.Body
	s.First, s.FirstBody = first.Hash, first.Body
	return nil
}
