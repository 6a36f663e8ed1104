// SPDX-License-Identifier: AGPL-3.0-or-later

package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

const (
	// MaxSubmission is the most bytes that a submission may have.
	MaxSubmission = 256 << 10

	submissionMagic = "TSN1"
	maxHead         = 4 << 10
)

// Submission is a report as it arrives: what the server must know and five age
// files that it can't open.
type Submission struct {
	Programme id.ID
	Desk      id.ID
	Report    id.ID
	Roster    Hash   // the roster that it was sealed to
	Danger    bool   // someone may be in danger now: the one answer that the server sees
	Login     []byte // token of the mailbox, 32 bytes
	Cover     Hash   // of the cover's header
	First     Hash   // of message 1's header

	DeskGrant, RecoveryGrant, MailboxGrant []byte
	CoverBody, FirstBody                   []byte
}

// submissionHead is the part that is JSON.
type submissionHead struct {
	Programme id.ID  `json:"programme"`
	Desk      id.ID  `json:"desk"`
	Report    id.ID  `json:"report"`
	Roster    Hash   `json:"roster"`
	Danger    bool   `json:"danger"`
	Login     []byte `json:"login"`
	Cover     Hash   `json:"cover"`
	First     Hash   `json:"first"`
	Parts     []int  `json:"parts"`
}

// part is one of the five age files and what its envelope must be.
type part struct {
	name string
	kind Kind
	body *[]byte
}

func (s *Submission) parts() [5]part {
	return [5]part{
		{"desk grant", KindGrant, &s.DeskGrant},
		{"recovery grant", KindGrant, &s.RecoveryGrant},
		{"mailbox grant", KindGrant, &s.MailboxGrant},
		{"cover", KindCover, &s.CoverBody},
		{"report", KindMessage, &s.FirstBody},
	}
}

// Encode writes the submission: "TSN1" ‖ u32 n ‖ head ‖ parts ‖ SHA-256 of all
// that, which finds what a broken line or memory did.
func (s *Submission) Encode() ([]byte, error) {
	head := submissionHead{
		Programme: s.Programme, Desk: s.Desk, Report: s.Report, Roster: s.Roster,
		Danger: s.Danger, Login: s.Login, Cover: s.Cover, First: s.First,
	}
	for _, p := range s.parts() {
		head.Parts = append(head.Parts, len(*p.body))
	}
	text, err := encodeJSON(head)
	if err != nil {
		return nil, fmt.Errorf("write submission: %w", err)
	}
	out := binary.BigEndian.AppendUint32([]byte(submissionMagic), uint32(len(text)))
	out = append(out, text...)
	for _, p := range s.parts() {
		out = append(out, *p.body...)
	}
	sum := sha256.Sum256(out)
	out = append(out, sum[:]...)
	if len(out) > MaxSubmission {
		return nil, fmt.Errorf("write submission: %w: %d bytes", ErrTooLong, len(out))
	}
	return out, nil
}

// DecodeSubmission reads the exact bytes of a submission and checks its five
// envelopes. The age files are slices of body, which must not change after.
// It opens nothing and takes some 50 µs.
func DecodeSubmission(body []byte) (*Submission, error) {
	s, err := decodeSubmission(body)
	if err != nil {
		return nil, fmt.Errorf("read submission: %w", err)
	}
	for _, p := range s.parts() {
		err := CheckEnvelope(p.kind, *p.body)
		if err != nil {
			return nil, fmt.Errorf("read submission: %s: %w", p.name, err)
		}
	}
	return s, nil
}

func decodeSubmission(body []byte) (*Submission, error) {
	if len(body) > MaxSubmission {
		return nil, fmt.Errorf("%w: %d bytes", ErrTooLong, len(body))
	}
	if len(body) < sha256.Size {
		return nil, errors.New("it is cut off")
	}
	whole, sum := body[:len(body)-sha256.Size], body[len(body)-sha256.Size:]
	rest, ok := bytes.CutPrefix(whole, []byte(submissionMagic))
	if !ok {
		return nil, errors.New("it does not start with " + submissionMagic)
	}
	if actual := sha256.Sum256(whole); !bytes.Equal(actual[:], sum) {
		return nil, errors.New("its checksum is wrong: it was damaged on the way")
	}
	text, rest, err := unframe(rest)
	if err != nil {
		return nil, err
	}
	if len(text) > maxHead {
		return nil, errors.New("its head is too long")
	}
	var head submissionHead
	err = decodeExact(text, &head)
	if err != nil {
		return nil, fmt.Errorf("head: %w", err)
	}
	s := &Submission{
		Programme: head.Programme, Desk: head.Desk, Report: head.Report, Roster: head.Roster,
		Danger: head.Danger, Login: head.Login, Cover: head.Cover, First: head.First,
	}
	err = s.check()
	if err != nil {
		return nil, fmt.Errorf("head: %w", err)
	}
	return s, s.cut(head.Parts, rest)
}

func (s *Submission) check() error {
	if s.Programme.IsZero() || s.Desk.IsZero() || s.Report.IsZero() {
		return errors.New("an id is zero")
	}
	if len(s.Login) != KeySize {
		return fmt.Errorf("the login token has %d bytes, want %d", len(s.Login), KeySize)
	}
	return nil
}

// cut deals rest out to the parts.
func (s *Submission) cut(lengths []int, rest []byte) error {
	parts := s.parts()
	if len(lengths) != len(parts) {
		return fmt.Errorf("it has %d parts, want %d", len(lengths), len(parts))
	}
	for i, p := range parts {
		n := lengths[i]
		if n < 0 || n > len(rest) {
			return fmt.Errorf("%s: its length does not fit", p.name)
		}
		*p.body, rest = rest[:n:n], rest[n:]
	}
	if len(rest) != 0 {
		return errors.New("something follows the parts")
	}
	return nil
}
