// SPDX-License-Identifier: AGPL-3.0-or-later

// Package storetest is the one conformance suite of every database: what rooms
// rely on, said as tests. A dialect is supported when Run passes on it.
//
// It must only be imported by tests. Each test opens a database of its own.
package storetest

import (
	"context"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/ledger"
	"github.com/turnstone-project/turnstone/internal/store"
	"github.com/turnstone-project/turnstone/internal/store/ledgerstore"
)

// Factory opens an empty database that is closed when the test ends.
type Factory func(t *testing.T) *store.DB

// SQLite is the Factory of the embedded database.
func SQLite(t *testing.T) *store.DB {
	t.Helper()
	return openAt(t, store.Options{Path: t.TempDir() + "/test.db"})
}

func openAt(t *testing.T, o store.Options) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db
}

// House is a database with its log, outbox and runner, as app wires them.
type House struct {
	DB     *store.DB
	Log    *ledger.Log
	Outbox *store.Outbox
	Runner *store.Runner
	Key    note.Verifier // of the log
}

// Build wires a House on a database from the factory.
func Build(t *testing.T, open Factory) *House {
	t.Helper()
	return wire(t, open(t))
}

func wire(t *testing.T, db *store.DB) *House {
	t.Helper()
	private, public, err := note.GenerateKey(nil, "turnstone/"+id.New().String())
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	log := ledger.New(ledgerstore.New(db), signer)
	outbox := store.NewOutbox(db)
	return &House{DB: db, Log: log, Outbox: outbox, Runner: store.NewRunner(db, log, outbox), Key: verifier}
}

// Do runs a change and fails the test when it isn't kept.
func (h *House) Do(t *testing.T, change func(ctx context.Context, rec *tx.Recorder) error) {
	t.Helper()
	if err := h.Runner.Do(t.Context(), change); err != nil {
		t.Fatal(err)
	}
}

// Run runs the whole suite on databases from the factory.
func Run(t *testing.T, open Factory) {
	t.Run("changes", func(t *testing.T) { testChanges(t, open) })
	t.Run("publications", func(t *testing.T) { testPublications(t, open) })
	t.Run("directories", func(t *testing.T) { testDirectories(t, open) })
	t.Run("texts", func(t *testing.T) { testTexts(t, open) })
	t.Run("outbox", func(t *testing.T) { testOutbox(t, open) })
	t.Run("ledger", func(t *testing.T) { testLedger(t, open) })
	t.Run("programmes", func(t *testing.T) { testProgrammes(t, open) })
	t.Run("reports", func(t *testing.T) { testReports(t, open) })
	t.Run("people", func(t *testing.T) { testPeople(t, open) })
	t.Run("danger", func(t *testing.T) { testDanger(t, open) })
	t.Run("referrals", func(t *testing.T) { testReferrals(t, open) })
}
