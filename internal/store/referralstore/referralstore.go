// SPDX-License-Identifier: AGPL-3.0-or-later

// Package referralstore keeps what the room referral declares: partners,
// referrals with their history and packages, links by the hashes of their
// tokens, and questions.
//
// It must never decide who may see a row, never ask without a programme but for
// a link, whose token stands for one, and never keep a token. It is safe for
// concurrent use; writes happen inside tx.Runner.Do.
package referralstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/turnstone-project/turnstone/internal/intel/referral"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/store"
)

// Store keeps referrals in a database.
type Store struct{ db *store.DB }

var (
	_ referral.PartnerStore  = (*Store)(nil)
	_ referral.Store         = (*Store)(nil)
	_ referral.DueStore      = (*Store)(nil)
	_ referral.LinkStore     = (*Store)(nil)
	_ referral.QuestionStore = (*Store)(nil)
)

// New returns the store of referrals in db.
func New(db *store.DB) *Store { return &Store{db} }

// one reads one row; no row is fault.NotFound.
func (s *Store) one(ctx context.Context, what, query string, args []any, dest ...any) error {
	err := s.db.Reader(ctx).Row(ctx, query, args, dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return fault.Wrap(fault.NotFound, "There is no such thing here, or it is not for you.", fmt.Errorf("read %s: %w", what, err))
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", what, err)
	}
	return nil
}

// write runs one statement inside the caller's change.
func (s *Store) write(ctx context.Context, what, query string, args ...any) (int64, error) {
	w, err := s.db.Writer(ctx)
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", what, err)
	}
	n, err := w.Exec(ctx, query, args...)
	if errors.Is(err, store.ErrExists) {
		return 0, fault.Wrap(fault.Conflict, "This exists already.", fmt.Errorf("write %s: %w", what, err))
	}
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", what, err)
	}
	return n, nil
}

// changed demands that a statement found the revision it was to replace.
func changed(what string, n int64, err error) error {
	if err == nil && n == 0 {
		return fault.Wrap(fault.Conflict, "It was changed meanwhile. Load it again; nothing was overwritten.", fmt.Errorf("write %s: another revision is stored", what))
	}
	return err
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Partner implements referral.PartnerStore.
func (s *Store) Partner(ctx context.Context, programme, partner id.ID) (referral.Partner, error) {
	var body []byte
	if err := s.one(ctx, "partner", `SELECT body FROM referral_partner WHERE programme = ? AND id = ?`, []any{programme, partner}, &body); err != nil {
		return referral.Partner{}, err
	}
	return partnerOf(programme, partner, body)
}

func partnerOf(programme, partner id.ID, body []byte) (referral.Partner, error) {
	p := referral.Partner{Programme: programme, ID: partner}
	if err := json.Unmarshal(body, &p); err != nil {
		return p, fmt.Errorf("read partner: %w", err)
	}
	return p, nil
}

// Partners implements referral.PartnerStore.
func (s *Store) Partners(ctx context.Context, programme id.ID) ([]referral.Partner, error) {
	all, err := store.Collect(ctx, s.db.Reader(ctx), func(rows *sql.Rows) (referral.Partner, error) {
		var partner id.ID
		var body []byte
		if err := rows.Scan(&partner, &body); err != nil {
			return referral.Partner{}, err
		}
		return partnerOf(programme, partner, body)
	}, `SELECT id, body FROM referral_partner WHERE programme = ? ORDER BY name, id`, programme)
	if err != nil {
		return nil, fmt.Errorf("list partners: %w", err)
	}
	return all, nil
}

// SavePartner implements referral.PartnerStore.
func (s *Store) SavePartner(ctx context.Context, p referral.Partner) error {
	body, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("write partner: %w", err)
	}
	if p.Revision == 1 {
		_, err := s.write(ctx, "partner", `INSERT INTO referral_partner (programme, id, revision, name, body) VALUES (?, ?, 1, ?, ?)`, p.Programme, p.ID, p.Name, body)
		return err
	}
	n, err := s.write(ctx, "partner", `UPDATE referral_partner SET revision = ?, name = ?, body = ? WHERE programme = ? AND id = ? AND revision = ?`,
		p.Revision, p.Name, body, p.Programme, p.ID, p.Revision-1)
	return changed("partner", n, err)
}

// Settings implements referral.PartnerStore.
func (s *Store) Settings(ctx context.Context, programme id.ID) (referral.Settings, error) {
	var body []byte
	err := s.one(ctx, "times", `SELECT body FROM referral_times WHERE programme = ?`, []any{programme}, &body)
	if fault.KindOf(err) == fault.NotFound || err == nil && len(body) == 0 {
		return referral.Usual(), nil
	}
	if err != nil {
		return referral.Settings{}, err
	}
	var t referral.Settings
	if err := json.Unmarshal(body, &t); err != nil {
		return t, fmt.Errorf("read times: %w", err)
	}
	return t, nil
}

// SaveSettings implements referral.PartnerStore.
func (s *Store) SaveSettings(ctx context.Context, programme id.ID, t referral.Settings) error {
	body, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("write times: %w", err)
	}
	n, err := s.write(ctx, "times", `INSERT INTO referral_times (programme, revision, body, digested) VALUES (?, ?, ?, '')
		ON CONFLICT (programme) DO UPDATE SET revision = excluded.revision, body = excluded.body WHERE referral_times.revision = ?`,
		programme, t.Revision, body, t.Revision-1)
	return changed("times", n, err)
}

// Digested implements referral.DueStore.
func (s *Store) Digested(ctx context.Context, programme id.ID) (string, error) {
	var day string
	err := s.one(ctx, "digest", `SELECT digested FROM referral_times WHERE programme = ?`, []any{programme}, &day)
	if fault.KindOf(err) == fault.NotFound {
		return "", nil
	}
	return day, err
}

// SaveDigested implements referral.DueStore.
func (s *Store) SaveDigested(ctx context.Context, programme id.ID, day string) error {
	_, err := s.write(ctx, "digest", `INSERT INTO referral_times (programme, revision, body, digested) VALUES (?, 0, ?, ?)
		ON CONFLICT (programme) DO UPDATE SET digested = excluded.digested`, programme, []byte{}, day)
	return err
}
