// SPDX-License-Identifier: AGPL-3.0-or-later

package store

import (
	"context"
	"fmt"

	"github.com/turnstone-project/turnstone/internal/kernel/tx"
)

// Appender keeps ledger entries; ledger.Log implements it.
type Appender interface {
	// Append writes the entries with the transaction that ctx carries.
	Append(ctx context.Context, entries []tx.Entry) error
}

// Runner is the tx.Runner of a DB.
type Runner struct {
	db     *DB
	ledger Appender
	outbox *Outbox
}

// NewRunner returns a Runner that commits entries to the ledger and events to
// the outbox together with each change.
func NewRunner(db *DB, ledger Appender, outbox *Outbox) *Runner {
	return &Runner{db: db, ledger: ledger, outbox: outbox}
}

// Do implements tx.Runner. A panic in change takes back that change alone and
// goes on in the caller. Changes run one after the other: do nothing slow in
// them, no network, no password hashing.
func (r *Runner) Do(ctx context.Context, change func(ctx context.Context, rec *tx.Recorder) error) error {
	news := false
	err := r.db.writer.do(ctx, func(ctx context.Context) error {
		var rec tx.Recorder
		if err := change(ctx, &rec); err != nil {
			return err
		}
		if entries := rec.Entries(); len(entries) > 0 {
			if err := r.ledger.Append(ctx, entries); err != nil {
				return fmt.Errorf("append to the ledger: %w", err)
			}
		}
		events := rec.Events()
		news = len(events) > 0
		return r.outbox.put(ctx, events)
	})
	if err == nil && news {
		r.outbox.wake()
	}
	return err
}
