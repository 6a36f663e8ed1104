// SPDX-License-Identifier: AGPL-3.0-or-later

package editing

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/prevent"
)

// Take takes texts that were written elsewhere, by name: each that says
// something else than what is shown becomes a version that waits. They are taken
// all or, when one of them can't be shown, not at all; left are those that the
// taker may not change.
func (s *Texts) Take(ctx context.Context, by authz.Subject, programme id.ID, files map[string][]byte, note string) (took, left []string, err error) {
	if err := authz.Check(by, authz.Change, authz.Object{Kind: authz.Translation, Programme: programme}); err != nil {
		return nil, nil, err
	}
	return s.take(ctx, by.Account, programme, files, note, func(name string) error { return s.may(by, authz.Change, programme, name) })
}

// Bring is Take for whoever runs the installation: what it takes waits for
// approval and has nobody for its writer.
func (s *Texts) Bring(ctx context.Context, programme id.ID, files map[string][]byte, note string) (took []string, err error) {
	took, _, err = s.take(ctx, id.ID{}, programme, files, note, s.known)
	return took, err
}

func (s *Texts) take(ctx context.Context, writer, programme id.ID, files map[string][]byte, note string, may func(name string) error) (took, left []string, err error) {
	err = s.Tx.Do(ctx, func(ctx context.Context, _ *tx.Recorder) error {
		took, left = nil, nil
		approved, err := s.approved(ctx, programme)
		if err != nil {
			return err
		}
		now := s.now()
		shown, edits := inForce(approved, now), editsAt(approved, now)
		var versions []Version
		for _, name := range slices.Sorted(maps.Keys(files)) {
			body, err := s.raw(edits, name)
			if err != nil {
				return err
			}
			if t, _ := prevent.TextOf(name); body != nil && prevent.Alike(t, body, files[name]) {
				continue
			}
			switch err := may(name); {
			case fault.KindOf(err) == fault.Forbidden:
				left = append(left, name)
				continue
			case err != nil:
				return err
			}
			w := Written{Text: name, Sort: Words, Body: files[name], Note: note}
			if err := w.check(); err != nil {
				return err
			}
			versions = append(versions, Version{
				Programme: programme, Text: name, Sort: Words, Body: w.Body, Note: note, Base: shown[name].Number, State: Waiting, Revision: 1, Writer: writer, Written: now,
			})
		}
		if _, err := s.Shelf.try(approved, now, versions...); len(versions) > 0 && err != nil {
			return err
		}
		for _, v := range versions {
			if v.Number, err = s.Store.Add(ctx, v); err != nil {
				return err
			}
			if err := s.Store.Did(ctx, programme, Act{Text: v.Text, Of: v.Number, Did: "sent", By: writer, At: now, Reason: note}); err != nil {
				return err
			}
			took = append(took, v.Text)
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("take texts: %w", err)
	}
	return took, left, nil
}
