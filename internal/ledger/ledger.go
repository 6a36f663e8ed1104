// SPDX-License-Identifier: AGPL-3.0-or-later

// Package ledger is the tamper-evident log: an append-only Merkle tree
// (RFC 6962) whose leaves commit to rosters, releases of the script,
// memberships, releases of sealed material and audit events. Checkpoints are
// C2SP signed notes, tiles follow C2SP tlog-tiles, and what proves membership
// and consistency is pure functions that outsiders run offline.
//
// It must never hold more of a leaf in the tree than a salted commitment, so
// that personal data can be erased without harm to the tree, and it must never
// take an entry that places a reporter's act more finely than an hour.
//
// Log is safe for concurrent use; its Append runs one call at a time, inside
// the caller's transaction.
package ledger

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
)

// Row is what the store keeps of one leaf.
type Row struct {
	N         int64
	ID        id.ID // names the entry
	Programme id.ID
	Kind      string
	Leaf      []byte // the leaf's bytes in the tree, see Leaf.Data
	Hashes    []Hash // hashes that the leaf completes, lowest level first: 1 + trailing ones of N
	Salt      []byte // nil when erased
	Payload   []byte // nil when erased
}

// Query chooses rows, newest first. Zero fields choose nothing away.
type Query struct {
	Programme id.ID // always taken: zero is the installation itself
	Kind      string
	Before    int64 // rows with a smaller N only; 0 is no limit
	Limit     int
}

// Store keeps the rows of the log. Writes run in the transaction of ctx.
type Store interface {
	// Size returns the number of leaves and the row hashes of the last one,
	// nil for the empty log.
	Size(ctx context.Context) (int64, []Hash, error)
	// Append adds rows, whose N continue the log.
	Append(ctx context.Context, rows []Row) error
	// Hashes returns the row hashes of the leaves, in the order asked for.
	Hashes(ctx context.Context, leaves []int64) ([][]Hash, error)
	// Leaves returns the leaf bytes of n leaves from the given one.
	Leaves(ctx context.Context, from int64, n int) ([][]byte, error)
	// Row returns one leaf's row, or a fault.NotFound.
	Row(ctx context.Context, n int64) (Row, error)
	// ByID returns the row of the entry with that id, or a fault.NotFound.
	ByID(ctx context.Context, entry id.ID) (Row, error)
	// Find returns the rows that q chooses, newest first.
	Find(ctx context.Context, q Query) ([]Row, error)
	// Erase forgets salt and payload of a leaf.
	Erase(ctx context.Context, n int64) error
	// KeepCheckpoint keeps a published checkpoint; a later one of the same
	// size replaces it.
	KeepCheckpoint(ctx context.Context, size int64, note []byte) error
	// LastCheckpoint returns the kept checkpoint of the greatest size, nil
	// when there is none.
	LastCheckpoint(ctx context.Context) ([]byte, error)
}

// Log is the tamper-evident log of one installation.
type Log struct {
	store  Store
	signer note.Signer
	origin string
	mu     sync.Mutex
	edge   edge // of the last append, perhaps rolled back since: see edgeOf
	signed Checkpoint
	text   []byte // signed, as a note
}

// New returns the log that store keeps. The origin names it in its
// checkpoints and must be the signer's name: "turnstone/" + installation id.
func New(store Store, signer note.Signer) *Log {
	return &Log{store: store, signer: signer, origin: signer.Name()}
}

// Append adds entries at the end of the log, in the transaction of ctx. It
// reads one row and writes one for each entry.
func (l *Log) Append(ctx context.Context, entries []tx.Entry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, err := l.edgeOf(ctx)
	if err != nil {
		return err
	}
	rows := make([]Row, len(entries))
	for i, entry := range entries {
		salt := make([]byte, SaltSize)
		_, _ = rand.Read(salt) // never returns an error since Go 1.24
		leaf := Leaf{Kind: entry.Kind, Commit: Commit(salt, entry.Payload)}.Data()
		rows[i] = Row{N: e.size, ID: entry.ID, Programme: entry.Programme, Kind: entry.Kind, Leaf: leaf, Salt: salt, Payload: append([]byte{}, entry.Payload...)}
		rows[i].Hashes = e.append(tlog.RecordHash(leaf))
	}
	if err := l.store.Append(ctx, rows); err != nil {
		return fmt.Errorf("append %d leaves: %w", len(rows), err)
	}
	l.edge = e
	return nil
}

// edgeOf returns the right edge of the log as ctx sees it. The cached one is
// taken only if it ends with the very leaf that the store ends with: an append
// that was rolled back leaves a cache whose last leaf, salted, is nowhere.
func (l *Log) edgeOf(ctx context.Context) (edge, error) {
	size, last, err := l.store.Size(ctx)
	if err != nil {
		return edge{}, fmt.Errorf("read the log's size: %w", err)
	}
	if size > 0 && l.edge.size == size && len(last) > 0 && l.edge.leaf == last[0] {
		return l.edge.clone(), nil
	}
	e, err := readEdge(ctx, l.store, size)
	if err == nil && len(last) > 0 {
		e.leaf = last[0]
	}
	return e, err
}

// Checkpoint returns the signed checkpoint of the log as it is now. Nothing is
// written: the same log gives the same bytes. Never call it inside a change: it
// would sign what may be rolled back.
func (l *Log) Checkpoint(ctx context.Context) ([]byte, error) {
	size, _, err := l.store.Size(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the log's size: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.text != nil && l.signed.Size == size {
		return l.text, nil
	}
	e, err := readEdge(ctx, l.store, size)
	if err != nil {
		return nil, err
	}
	c := Checkpoint{Origin: l.origin, Size: size, Root: e.root()}
	text, err := note.Sign(&note.Note{Text: c.Text()}, l.signer)
	if err != nil {
		return nil, fmt.Errorf("sign checkpoint: %w", err)
	}
	l.signed, l.text = c, text
	return text, nil
}

// Keep keeps a checkpoint that was published or that witnesses signed, in the
// transaction of ctx.
func (l *Log) Keep(ctx context.Context, signed []byte) error {
	c, err := readCheckpoint(signed)
	if err != nil {
		return err
	}
	if c.Origin != l.origin {
		return fmt.Errorf("keep checkpoint: it is of %q, not of this log %q", c.Origin, l.origin)
	}
	return l.store.KeepCheckpoint(ctx, c.Size, signed)
}

// Kept returns the last checkpoint that was kept, nil when there is none.
func (l *Log) Kept(ctx context.Context) ([]byte, error) { return l.store.LastCheckpoint(ctx) }

// ErrForked says that the log is not a continuation of what it published.
var ErrForked = errors.New("ledger: the log does not continue its last published checkpoint: was an old backup restored?")

// CheckKept verifies that the log still continues the last checkpoint that
// was kept, and returns ErrForked when it doesn't.
func (l *Log) CheckKept(ctx context.Context) error {
	text, err := l.store.LastCheckpoint(ctx)
	if err != nil || text == nil {
		return err
	}
	return l.Continues(ctx, text)
}

// Continues verifies that the log as it is now continues an earlier signed
// checkpoint of its own, and returns ErrForked when it doesn't.
func (l *Log) Continues(ctx context.Context, signed []byte) error {
	c, err := readCheckpoint(signed)
	if err != nil {
		return err
	}
	size, _, err := l.store.Size(ctx)
	if err != nil {
		return fmt.Errorf("read the log's size: %w", err)
	}
	if c.Size > size {
		return ErrForked
	}
	e, err := readEdge(ctx, l.store, c.Size)
	if err != nil {
		return err
	}
	if e.root() != c.Root {
		return ErrForked
	}
	return nil
}

// Prove returns the proof that leaf n is in the log of the given size.
func (l *Log) Prove(ctx context.Context, n, size int64) (Inclusion, error) {
	if n < 0 || n >= size {
		return Inclusion{}, fault.New(fault.NotFound, "There is no such entry in the log.")
	}
	row, err := l.store.Row(ctx, n)
	if err != nil {
		return Inclusion{}, err
	}
	hashes, err := tlog.ProveRecord(size, n, reader(ctx, l.store))
	if err != nil {
		return Inclusion{}, fmt.Errorf("prove leaf %d in %d: %w", n, size, err)
	}
	return Inclusion{Index: n, Salt: row.Salt, Hashes: hashList(hashes)}, nil
}

// ProveConsistency returns the proof that the log of size later continues the
// log of size earlier.
func (l *Log) ProveConsistency(ctx context.Context, earlier, later int64) (Consistency, error) {
	size, _, err := l.store.Size(ctx)
	if err != nil {
		return Consistency{}, fmt.Errorf("read the log's size: %w", err)
	}
	if earlier < 0 || earlier > later || later > size {
		return Consistency{}, fault.New(fault.Invalid, "The log has no such two sizes.")
	}
	p := Consistency{Earlier: earlier, Later: later}
	if earlier == 0 || earlier == later {
		return p, nil
	}
	hashes, err := tlog.ProveTree(later, earlier, reader(ctx, l.store))
	if err != nil {
		return Consistency{}, fmt.Errorf("prove that %d continues %d: %w", later, earlier, err)
	}
	p.Hashes = hashList(hashes)
	return p, nil
}

// Row returns one leaf with its payload, or a fault.NotFound.
func (l *Log) Row(ctx context.Context, n int64) (Row, error) { return l.store.Row(ctx, n) }

// Find returns the rows that q chooses, newest first.
func (l *Log) Find(ctx context.Context, q Query) ([]Row, error) { return l.store.Find(ctx, q) }

// ByID returns the row of the entry that Recorder.Entry named, or a
// fault.NotFound.
func (l *Log) ByID(ctx context.Context, entry id.ID) (Row, error) { return l.store.ByID(ctx, entry) }

// Erase forgets salt and payload of a leaf, in the transaction of ctx. The
// tree and every proof of other leaves stay as they were; what the leaf said
// can no longer be shown, nor guessed.
func (l *Log) Erase(ctx context.Context, n int64) error { return l.store.Erase(ctx, n) }
