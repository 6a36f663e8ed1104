// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"context"
	"fmt"
	"io"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/seal/archive"
)

// ExportForRecovery writes the export of a report (docs/formats.md, "Export")
// that only the recovery keepers can open, for the day on which no member can
// log in. Report is its id as the desk shows it, in full. Pieces of files that
// this machine has lost are returned; the rest is written.
func (i *Installation) ExportForRecovery(ctx context.Context, slug, reportID string, dst io.Writer) ([]archive.Missing, error) {
	p, ok := i.Programmes.BySlug(slug)
	if !ok {
		return nil, fault.Newf(fault.NotFound, "There is no programme %q.", slug)
	}
	report, err := id.Parse(reportID)
	if err != nil {
		return nil, fmt.Errorf("read the report's id: %w", err)
	}
	published, ok := i.Programmes.Roster(p.ID)
	if !ok {
		return nil, fault.New(fault.Conflict, "The programme has no roster.")
	}
	o, err := i.Desk.Recover(ctx, p.ID, report)
	if err != nil {
		return nil, err
	}
	e := seal.Export{Programme: p.ID, Report: report, Roster: published.Signed}
	for _, g := range o.Grants {
		e.Grants = append(e.Grants, seal.GrantFor{Epoch: g.Epoch, To: g.To, Body: g.Body})
	}
	for _, m := range o.Envelopes {
		e.Messages = append(e.Messages, seal.Stored{Seq: m.Seq, Epoch: m.Epoch, Role: seal.Role(m.Role), Hash: m.Hash, Body: m.Body})
	}
	document, err := e.Encode()
	if err != nil {
		return nil, fmt.Errorf("write export: %w", err)
	}
	return archive.Write(dst, document, o.Files)
}
