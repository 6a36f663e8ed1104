// SPDX-License-Identifier: AGPL-3.0-or-later

package intelstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
)

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Insert implements intel.Store.
func (s *Store) Insert(ctx context.Context, it intel.Item, created time.Time) error {
	body, err := json.Marshal(it)
	if err != nil {
		return fmt.Errorf("write item: %w", err)
	}
	var place int64
	if err := s.db.Reader(ctx).Row(ctx, `SELECT COALESCE(MAX(place), 0) + 1 FROM intel_item`, nil, &place); err != nil {
		return fmt.Errorf("find a place: %w", err)
	}
	err = s.exec(ctx, "item", `INSERT INTO intel_item (programme, id, place, number, created, body) VALUES (?, ?, ?, ?, ?, ?)`,
		it.Programme, it.ID, place, it.Number, created.Unix(), body)
	if err != nil {
		return err
	}
	if err := s.keepVersion(ctx, it, body); err != nil {
		return err
	}
	k := kept{place: place, created: created, newest: it}
	if it.State == intel.Approved {
		k.approved = &it
	}
	return s.index(ctx, k)
}

func (s *Store) keepVersion(ctx context.Context, it intel.Item, body []byte) error {
	err := s.exec(ctx, "version", `INSERT INTO intel_version (programme, item, version, body) VALUES (?, ?, ?, ?)`, it.Programme, it.ID, it.Version, body)
	if err != nil {
		return err
	}
	for _, report := range it.Reports {
		err := s.exec(ctx, "report", `INSERT INTO intel_from (programme, report, item) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, it.Programme, report, it.ID)
		if err != nil {
			return err
		}
	}
	return nil
}

// Replace implements intel.Store. What a version leaves behind in the file would
// outlive the item's disposal.
func (s *Store) Replace(ctx context.Context, it intel.Item) error {
	return s.db.Thoroughly(ctx, func() error { return s.replace(ctx, it) })
}

func (s *Store) replace(ctx context.Context, it intel.Item) error {
	old, err := s.one(ctx, it.Programme, it.ID)
	if err != nil {
		return err
	}
	if old.newest.Version != it.Version-1 {
		return fault.New(fault.Conflict, "Somebody has changed this item meanwhile.")
	}
	body, err := json.Marshal(it)
	if err != nil {
		return fmt.Errorf("write item: %w", err)
	}
	now := kept{place: old.place, created: old.created, newest: it, approved: old.approved}
	var standing []byte
	switch {
	case it.State == intel.Approved:
		now.approved = &it
	case old.approved != nil && old.approved.Compartment != it.Compartment:
		now.approved = nil // who is inside must be asked anew: until then nobody but the desk sees it
	case old.approved != nil:
		if standing, err = json.Marshal(old.approved); err != nil {
			return fmt.Errorf("write approved item: %w", err)
		}
	}
	if err := s.unindex(ctx, old); err != nil {
		return err
	}
	err = s.exec(ctx, "item", `UPDATE intel_item SET body = ?, standing = ? WHERE programme = ? AND id = ?`, body, standing, it.Programme, it.ID)
	if err != nil {
		return err
	}
	if err := s.keepVersion(ctx, it, body); err != nil {
		return err
	}
	return s.index(ctx, now)
}

// views returns the versions of an item that can be found: the newest one, and
// the approved one. Both are of one compartment.
func (k kept) views() map[bool]intel.Item {
	v := map[bool]intel.Item{false: k.newest}
	if k.approved != nil {
		v[true] = *k.approved
	}
	return v
}

func (k kept) wordRow(approved bool) int64 { return 2*k.place + int64(flag(approved)) }

// index makes an item findable by its words and selectors.
func (s *Store) index(ctx context.Context, k kept) error {
	for approved, it := range k.views() {
		if err := s.exec(ctx, "words", `INSERT INTO intel_words (rowid, words) VALUES (?, ?)`, k.wordRow(approved), document(it, approved)); err != nil {
			return err
		}
		err := s.exec(ctx, "list", `INSERT INTO intel_view (programme, compartment, desk, approved, created, item, state, category, seriousness, malicious, one_voice, review)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			it.Programme, it.Compartment, it.Desk, flag(approved), k.created.Unix(), it.ID, string(it.State), it.Category, it.Seriousness,
			flag(it.Sources.Malicious), flag(it.Sources.OneVoice), it.Review.Unix())
		if err != nil {
			return err
		}
		if err := s.indexReports(ctx, k, it, approved); err != nil {
			return err
		}
		for _, st := range it.Statements {
			for _, sel := range st.Selectors {
				err := s.exec(ctx, "selector", `INSERT INTO intel_selector (programme, kind, value, approved, place, item) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
					it.Programme, sel.Kind, sel.Value, flag(approved), k.place, it.ID)
				if err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// indexReports keeps which open approved items rest on a report.
func (s *Store) indexReports(ctx context.Context, k kept, it intel.Item, approved bool) error {
	if !approved || !it.Compartment.IsZero() {
		return nil
	}
	for _, r := range it.Reports {
		err := s.exec(ctx, "report", `INSERT INTO intel_report (programme, report, place, item, category) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			it.Programme, r, k.place, it.ID, it.Category)
		if err != nil {
			return err
		}
	}
	return nil
}

// unindex takes an item's words and selectors out again. The word index keeps
// no text, so it must be told what to take out.
func (s *Store) unindex(ctx context.Context, k kept) error {
	for approved, it := range k.views() {
		err := s.exec(ctx, "words", `INSERT INTO intel_words (intel_words, rowid, words) VALUES ('delete', ?, ?)`, k.wordRow(approved), document(it, approved))
		if err != nil {
			return err
		}
		err = s.exec(ctx, "list", `DELETE FROM intel_view WHERE programme = ? AND compartment = ? AND approved = ? AND desk = ? AND created = ? AND item = ?`,
			it.Programme, it.Compartment, flag(approved), it.Desk, k.created.Unix(), it.ID)
		if err != nil {
			return err
		}
	}
	if err := s.exec(ctx, "reports", `DELETE FROM intel_report WHERE programme = ? AND item = ?`, k.newest.Programme, k.newest.ID); err != nil {
		return err
	}
	return s.exec(ctx, "selectors", `DELETE FROM intel_selector WHERE programme = ? AND item = ?`, k.newest.Programme, k.newest.ID)
}

// Destroy implements intel.Store.
func (s *Store) Destroy(ctx context.Context, t intel.Tombstone) error {
	return s.db.Thoroughly(ctx, func() error { return s.destroy(ctx, t) })
}

func (s *Store) destroy(ctx context.Context, t intel.Tombstone) error {
	programme, item := t.Programme, t.Item
	k, err := s.one(ctx, programme, item)
	if err != nil {
		return err
	}
	if err := s.unindex(ctx, k); err != nil {
		return err
	}
	for _, query := range []string{
		`DELETE FROM intel_version WHERE programme = ? AND item = ?`,
		`DELETE FROM intel_from WHERE programme = ? AND item = ?`,
		`DELETE FROM intel_item WHERE programme = ? AND id = ?`,
	} {
		if err := s.exec(ctx, "item", query, programme, item); err != nil {
			return err
		}
	}
	// The reasons in the history may tell of the content; the certificate is in the ledger.
	if err := s.exec(ctx, "history", `UPDATE intel_act SET detail = '' WHERE programme = ? AND item = ?`, programme, item); err != nil {
		return err
	}
	return s.exec(ctx, "tombstone", `INSERT INTO intel_tombstone (programme, item, number, compartment, desk, category, channel, approved, disposed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		programme, item, t.Number, t.Compartment, t.Desk, t.Category, t.Channel, t.Approved, t.Disposed)
}
