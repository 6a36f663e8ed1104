// SPDX-License-Identifier: AGPL-3.0-or-later

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
)

// maxBatch bounds how many changes share one commit, so that the first of them
// doesn't wait for long.
const maxBatch = 128

// writer runs changes one after the other on one connection. Those that wait
// while a commit is written go into the next one together: group commit.
type writer struct {
	conn    *sql.Conn
	stmts   *statements
	jobs    chan *job
	alone   chan *lone
	closing chan struct{} // closed by stop
	stopped chan struct{} // closed when loop has returned
	once    sync.Once
}

// job is one change on its way through the writer. The change itself runs on
// its caller's goroutine when its turn has come, so that a panic goes where it
// belongs and takes nobody else's change with it.
type job struct {
	taken   atomic.Bool   // set by the writer when it starts, or by the caller who gives up before
	turn    chan *session // from the writer: go ahead
	ended   chan bool     // to the writer: whether the change is to be kept
	settled chan struct{} // closed when err is final
	err     error         // why the change is not kept although it was to be
}

func newWriter(d Dialect, conn *sql.Conn) *writer {
	return &writer{
		conn: conn, stmts: newStatements(d, conn), jobs: make(chan *job, maxBatch), alone: make(chan *lone),
		closing: make(chan struct{}), stopped: make(chan struct{}),
	}
}

// do runs one change and returns when it is durable, or rolled back. A
// cancelled context takes a change back only before it started.
func (w *writer) do(ctx context.Context, run func(ctx context.Context) error) error {
	if sessionOf(ctx, w) != nil {
		return ErrNested
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	j := &job{turn: make(chan *session, 1), ended: make(chan bool, 1), settled: make(chan struct{})}
	select {
	case w.jobs <- j:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.closing:
		return errClosed()
	}
	s, err := j.await(ctx, w.stopped)
	if err != nil {
		return err
	}
	if err := j.take(ctx, s, run); err != nil {
		return err
	}
	<-j.settled
	return j.err
}

// await returns the session when it is the job's turn, or why there is none.
func (j *job) await(ctx context.Context, stopped <-chan struct{}) (*session, error) {
	select {
	case s := <-j.turn:
		return s, nil
	case <-j.settled: // it could not even begin
		return nil, j.err
	case <-stopped:
		return nil, errClosed()
	case <-ctx.Done():
		if j.taken.CompareAndSwap(false, true) {
			return nil, ctx.Err()
		}
	}
	select { // the writer has taken it: only its end can tell whether it was kept
	case s := <-j.turn:
		return s, nil
	case <-j.settled:
		return nil, j.err
	}
}

// take runs the change in the session s. Whatever happens in it, even a panic
// or the end of the goroutine, the writer hears of it and goes on.
func (j *job) take(ctx context.Context, s *session, run func(ctx context.Context) error) error {
	keep := false
	defer func() { j.ended <- keep }()
	// Without the caller's cancellation: SQLite answers an interrupt by rolling
	// back the transaction, which is others' too.
	err := run(context.WithValue(context.WithoutCancel(ctx), sessionKey{s.writer}, s))
	if s.broken != nil {
		return s.broken
	}
	keep = err == nil
	return err
}

// lone is work on the writing connection that can't be part of a transaction.
type lone struct {
	run  func() error
	done chan error
}

// doAlone runs work between two batches.
func (w *writer) doAlone(ctx context.Context, run func() error) error {
	l := &lone{run: run, done: make(chan error, 1)}
	select {
	case w.alone <- l:
		return <-l.done
	case <-ctx.Done():
		return ctx.Err()
	case <-w.closing:
		return errClosed()
	}
}

func errClosed() error { return unavailable(errors.New("store: closed")) }

// unavailable words what went wrong for no fault of the change itself.
func unavailable(err error) error { return fault.Wrap(fault.Unavailable, cannotKeep, err) }

// loop takes changes until stop is called.
func (w *writer) loop() {
	defer close(w.stopped)
	for {
		select {
		case j := <-w.jobs:
			w.batch(j)
		case l := <-w.alone:
			l.done <- l.run()
		case <-w.closing:
			return
		}
	}
}

func (w *writer) stop() error {
	w.once.Do(func() { close(w.closing) })
	<-w.stopped
	return errors.Join(w.stmts.close(), w.conn.Close())
}

// batch commits first and whatever else is waiting.
func (w *writer) batch(first *job) {
	var held []*job // changes that are in the transaction and await its commit
	began := false
	for j := first; j != nil; j = w.next(len(held)) {
		if !j.taken.CompareAndSwap(false, true) {
			continue // the caller gave up
		}
		if !began {
			if err := w.sql("BEGIN IMMEDIATE"); err != nil {
				finish([]*job{j}, unavailable(fmt.Errorf("begin: %w", err)))
				return
			}
			began = true
		}
		kept, lost := w.change(j)
		if lost != nil { // the transaction is gone, and with it all that was in it
			_ = w.sql("ROLLBACK") // says that there is none, mostly
			finish(append(held, j), unavailable(lost))
			return
		}
		if kept {
			held = append(held, j)
		}
	}
	if began {
		w.commit(held)
	}
}

func (w *writer) commit(held []*job) {
	err := w.sql("COMMIT")
	if err != nil {
		err = unavailable(fmt.Errorf("commit: %w", err))
		_ = w.sql("ROLLBACK") // SQLite has mostly done so itself
	}
	finish(held, err)
}

// finish tells the callers how it went.
func finish(jobs []*job, err error) {
	for _, j := range jobs {
		j.err = err
		close(j.settled)
	}
}

// next returns a waiting job, or nil when there is none or the batch is full.
func (w *writer) next(held int) *job {
	if held >= maxBatch {
		return nil
	}
	select {
	case j := <-w.jobs:
		return j
	default:
		return nil
	}
}

// change runs j in a savepoint of its own. kept says that the savepoint became
// part of the transaction; lost is not nil when the whole transaction is gone.
func (w *writer) change(j *job) (kept bool, lost error) {
	if err := w.sql("SAVEPOINT change"); err != nil {
		return false, fmt.Errorf("savepoint: %w", err)
	}
	s := &session{writer: w}
	j.turn <- s
	kept = <-j.ended
	s.over = true
	if s.broken != nil {
		return false, s.broken
	}
	if !kept {
		if err := w.sql("ROLLBACK TO change"); err != nil {
			return false, fmt.Errorf("roll back one change: %w", err)
		}
	}
	if err := w.sql("RELEASE change"); err != nil {
		return false, fmt.Errorf("release: %w", err)
	}
	return kept, nil
}

func (w *writer) sql(statement string) error {
	_, err := w.stmts.exec(context.Background(), statement, nil)
	return err
}

// sessionKey finds the session of one writer in a context.
type sessionKey struct{ *writer }

// session is the Querier of one change.
type session struct {
	writer *writer
	broken error // set when the transaction around it is gone
	over   bool
}

func sessionOf(ctx context.Context, w *writer) *session {
	s, _ := ctx.Value(sessionKey{w}).(*session)
	return s
}

// usable refuses statements after the change ended, or after an error that
// ended the transaction: they would be committed alone.
func (s *session) usable() error {
	if s.over {
		return ErrNoTransaction
	}
	return s.broken
}

func (s *session) note(err error) error {
	if breaks(err) {
		s.broken = err
	}
	return err
}

// Exec implements Querier.
func (s *session) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if err := s.usable(); err != nil {
		return 0, err
	}
	n, err := s.writer.stmts.exec(ctx, query, args)
	return n, s.note(err)
}

// Query implements Querier.
func (s *session) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := s.usable(); err != nil {
		return nil, err
	}
	rows, err := s.writer.stmts.query(ctx, query, args)
	return rows, s.note(err)
}

// Row implements Querier.
func (s *session) Row(ctx context.Context, query string, args []any, dest ...any) error {
	if err := s.usable(); err != nil {
		return err
	}
	return s.note(s.writer.stmts.row(ctx, query, args, dest))
}
