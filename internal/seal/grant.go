// SPDX-License-Identifier: AGPL-3.0-or-later

package seal

import (
	"fmt"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// Grant holds the seeds of a report's identities; who opens it reads the
// report. A grant is not signed: what it opens must verify by itself.
type Grant struct {
	Version   int      `json:"v"`
	Programme id.ID    `json:"programme"`
	Report    id.ID    `json:"report"`
	Epoch     int      `json:"epoch"`
	Seeds     [][]byte `json:"seeds"` // of epochs 0…Epoch, 32 bytes each
}

// NewGrant returns the grant of a new report with a fresh report identity.
func NewGrant(programme, report id.ID) (Grant, *Identity, error) {
	identity, err := NewIdentity()
	if err != nil {
		return Grant{}, nil, err
	}
	return Grant{
		Version: Version, Programme: programme, Report: report,
		Seeds: [][]byte{identity.Seed()},
	}, identity, nil
}

// Next returns the grant with one more epoch and that epoch's fresh identity.
// The grant of the old epoch stays as it was.
func (g Grant) Next() (Grant, *Identity, error) {
	identity, err := NewIdentity()
	if err != nil {
		return Grant{}, nil, err
	}
	g.Epoch++
	g.Seeds = append(append([][]byte(nil), g.Seeds...), identity.Seed())
	return g, identity, nil
}

// Identity returns the report identity of an epoch.
func (g Grant) Identity(epoch int) (*Identity, error) {
	if epoch < 0 || epoch >= len(g.Seeds) {
		return nil, fmt.Errorf("%w: the grant has no key of epoch %d", ErrOutOfPlace, epoch)
	}
	return IdentityFromSeed(g.Seeds[epoch])
}

// String keeps grants out of logs and errors.
func (g Grant) String() string { return fmt.Sprintf("grant (epoch %d, hidden)", g.Epoch) }

// GoString keeps grants out of dumps.
func (g Grant) GoString() string { return g.String() }

func (g Grant) check() error {
	if g.Version != Version {
		return fmt.Errorf("version %d is unknown", g.Version)
	}
	if g.Epoch < 0 || len(g.Seeds) != g.Epoch+1 {
		return fmt.Errorf("epoch %d has %d seeds", g.Epoch, len(g.Seeds))
	}
	for _, seed := range g.Seeds {
		if len(seed) != KeySize {
			return fmt.Errorf("a seed has %d bytes", len(seed))
		}
	}
	return nil
}

// SealGrant seals g to a desk key, the recovery key, a mailbox or a member.
func SealGrant(g Grant, to *Recipient) ([]byte, error) {
	err := g.check()
	if err != nil {
		return nil, fmt.Errorf("seal grant: %w", err)
	}
	body, err := sealBlocks(g, to)
	if err != nil {
		return nil, fmt.Errorf("seal grant: %w", err)
	}
	return body, nil
}

// OpenGrant opens a grant and demands that it is for this report of this
// programme.
func OpenGrant(identity *Identity, body []byte, programme, report id.ID) (Grant, error) {
	var g Grant
	err := openBlocks(body, KindGrant, identity, &g)
	if err != nil {
		return Grant{}, fmt.Errorf("open grant: %w", err)
	}
	err = g.check()
	if err != nil {
		return Grant{}, fmt.Errorf("open grant: %w", err)
	}
	if g.Programme != programme || g.Report != report {
		return Grant{}, fmt.Errorf("open grant: %w: it is for another report", ErrOutOfPlace)
	}
	return g, nil
}
