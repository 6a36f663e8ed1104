// SPDX-License-Identifier: AGPL-3.0-or-later

package reportstore

import (
	"encoding/binary"
	"errors"
	"slices"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/report"
)

// recipients are the kinds of recipients by the number that is stored.
var recipients = []string{report.ToDesk, report.ToRecovery, report.ToMailbox, report.ToMember}

var errGrants = errors.New("reportstore: not a list of grants")

// packGrants writes a report's grants, which are always replaced together,
// into one column: for each of them
// u8 kind ‖ u32 epoch ‖ 16-byte recipient ‖ u32 length ‖ body.
// It panics for a kind of recipient that doesn't exist.
func packGrants(grants []report.Grant) []byte {
	size := 0
	for _, g := range grants {
		size += 1 + 4 + id.Size + 4 + len(g.Body)
	}
	b := make([]byte, 0, size)
	for _, g := range grants {
		kind := slices.Index(recipients, g.To)
		if kind < 0 {
			panic("reportstore: a grant to " + g.To)
		}
		b = append(b, byte(kind))
		b = binary.BigEndian.AppendUint32(b, uint32(g.Epoch))
		b = append(b, g.Recipient[:]...)
		b = binary.BigEndian.AppendUint32(b, uint32(len(g.Body)))
		b = append(b, g.Body...)
	}
	return b
}

// unpackGrants reads what packGrants wrote, and refuses anything else.
func unpackGrants(b []byte) ([]report.Grant, error) {
	const head = 1 + 4 + id.Size + 4
	var grants []report.Grant
	for len(b) > 0 {
		if len(b) < head || int(b[0]) >= len(recipients) {
			return nil, errGrants
		}
		g := report.Grant{To: recipients[b[0]], Epoch: int(binary.BigEndian.Uint32(b[1:])), Recipient: id.ID(b[5 : 5+id.Size])}
		n := binary.BigEndian.Uint32(b[head-4:])
		if b = b[head:]; uint64(n) > uint64(len(b)) {
			return nil, errGrants
		}
		g.Body, b = b[:n:n], b[n:]
		grants = append(grants, g)
	}
	return grants, nil
}
