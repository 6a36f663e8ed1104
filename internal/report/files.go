// SPDX-License-Identifier: AGPL-3.0-or-later

package report

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/seal/archive"
)

// pendingFor is how long, in hours, pieces wait for their manifest.
const pendingFor = 24

// StoredFile is all that the server knows of a file: which report it is of, how
// long its ciphertext is, and the hour.
type StoredFile struct {
	Programme, Report, Blob id.ID
	Bytes                   int64 // of ciphertext
	Hour                    clock.Hour
	Seq                     int // of its manifest; 0 while pieces still come
}

// FileStore keeps what is known of files.
type FileStore interface {
	// Files returns the files of a report, those that still come among them.
	Files(ctx context.Context, programme, report id.ID) ([]StoredFile, error)
	// FileBytes returns how many bytes the files of a programme have.
	FileBytes(ctx context.Context, programme id.ID) (int64, error)
	// AddFile adds one; fault.Conflict when the blob is known.
	AddFile(ctx context.Context, f StoredFile) error
	// CommitFile sets the seq of a file that has none; fault.Conflict when it
	// has another one, fault.NotFound.
	CommitFile(ctx context.Context, f StoredFile) error
	// DropFile forgets one.
	DropFile(ctx context.Context, f StoredFile) error
	// AllFiles returns all files of a programme, in no order.
	AllFiles(ctx context.Context, programme id.ID) ([]StoredFile, error)
}

// Blobs keeps ciphertext outside of the database.
type Blobs interface {
	// Put keeps a piece, durable when it returns; the same piece again is no
	// error, another one in its place is fault.Conflict.
	Put(ctx context.Context, blob id.ID, index int, sum [32]byte, size int64, hour clock.Hour, body io.Reader) error
	// Open returns a piece and its length; fault.NotFound.
	Open(ctx context.Context, blob id.ID, index int) (io.ReadCloser, int64, error)
	// Length returns the length of a piece, 0 where there is none.
	Length(ctx context.Context, blob id.ID, index int) (int64, error)
	// Delete removes all pieces of a blob; again is no error.
	Delete(ctx context.Context, blob id.ID) error
	// Settle hides in which minute of an hour that is over a blob came.
	Settle(ctx context.Context, blob id.ID, hour clock.Hour) error
	// Scratch returns a place for at most so many bytes; fault.Unavailable
	// where there is no room.
	Scratch(most int64) (Scratch, error)
	// Blobs lists all blobs.
	Blobs(ctx context.Context) ([]id.ID, error)
}

// FileLimits keep strangers from filling the disk.
type FileLimits struct {
	Count     int   // files of one report
	Report    int64 // bytes of ciphertext of one report
	Programme int64 // bytes of ciphertext of one programme
	Clear     int64 // bytes of one file that comes in clear; 0: MaxClear
}

// Files takes in what reporters add to their words. It is a part of Intake and
// Desk, which decide who may.
type Files struct {
	Store  FileStore
	Blobs  Blobs
	Tx     tx.Runner
	Clock  clock.Clock
	Limits FileLimits

	cleaning sync.Mutex // held while a file that came in clear is cleaned and sealed
}

// Piece says which piece of which file comes.
type Piece struct {
	Blob  id.ID
	Index int
	Bytes int64 // of the whole ciphertext
	Sum   Hash  // of this piece
}

// check demands of a piece what can be demanded before it is read.
func (p Piece) check() error {
	if p.Blob.IsZero() || p.Index < 0 {
		return fault.New(fault.Invalid, "This piece does not say where it belongs.")
	}
	if p.Bytes > seal.SealedLength(seal.MaxFile) {
		return fault.Newf(fault.TooLarge, "A file can have %d MiB. Cut a longer recording in two.", seal.MaxFile>>20)
	}
	if !seal.FileSizes(p.Bytes) || p.Index >= seal.PieceCount(p.Bytes) {
		return fault.New(fault.Invalid, "No sealed file has this length.")
	}
	return nil
}

// Piece keeps one piece of a file of the reporter with that login; it is
// durable when Piece returns. The first one reserves room for all of them.
func (in *Intake) Piece(ctx context.Context, programme id.ID, login []byte, p Piece, body io.Reader) error {
	if in.Files == nil {
		return fault.New(fault.Unavailable, "This place takes no files.")
	}
	if err := p.check(); err != nil {
		return err
	}
	rep, err := in.find(ctx, programme, login)
	if err != nil {
		return err
	}
	f := StoredFile{Programme: programme, Report: rep.ID, Blob: p.Blob, Bytes: p.Bytes, Hour: clock.HourOf(in.Clock.Now())}
	if err := in.Files.reserve(ctx, f); err != nil {
		return err
	}
	size := int64(seal.PieceLength(p.Bytes, p.Index))
	if p.Index == 0 {
		if body, err = checkedHead(body, size); err != nil {
			return err
		}
	}
	return in.Files.Blobs.Put(ctx, p.Blob, p.Index, p.Sum, size, f.Hour, body)
}

// reserve makes room for a file, once. A blob that is another report's answers
// like one that is taken: who sends it chose its id and knows no other.
func (fs *Files) reserve(ctx context.Context, f StoredFile) error {
	known, err := fs.Store.Files(ctx, f.Programme, f.Report)
	if err != nil {
		return fmt.Errorf("read files: %w", err)
	}
	total := f.Bytes
	for _, k := range known {
		if k.Blob == f.Blob {
			return k.takes(f)
		}
		total += k.Bytes
	}
	if len(known) >= fs.Limits.Count {
		return fault.Newf(fault.TooLarge, "A report can have %d files. For more, make a new report.", fs.Limits.Count)
	}
	if total > fs.Limits.Report {
		return fault.Newf(fault.TooLarge, "The files of a report can have %d MiB together.", fs.Limits.Report>>20)
	}
	used, err := fs.Store.FileBytes(ctx, f.Programme)
	if err != nil {
		return fmt.Errorf("measure files: %w", err)
	}
	if used+f.Bytes > fs.Limits.Programme {
		return fault.New(fault.Unavailable, "There is no room for files at the moment. Your words are safe. Try again later.")
	}
	return fs.Tx.Do(ctx, func(ctx context.Context, _ *tx.Recorder) error { return fs.Store.AddFile(ctx, f) })
}

// takes reports whether more pieces of f may come to a known file.
func (k StoredFile) takes(f StoredFile) error {
	if k.Bytes != f.Bytes {
		return fault.New(fault.Conflict, "This file was announced with another length. Nothing was changed.")
	}
	if k.Seq != 0 {
		return fault.New(fault.Conflict, "This file is complete. Nothing was changed.")
	}
	return nil
}

// headLength is enough of an age file to see to whom it is sealed.
const headLength = 2048

// checkedHead refuses what does not begin as one of our files.
func checkedHead(body io.Reader, size int64) (io.Reader, error) {
	head := make([]byte, min(headLength, size))
	n, err := io.ReadFull(body, head)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "The sending broke off. This piece was not kept; send it again.", err)
	}
	if err := seal.CheckFileHead(head[:n]); err != nil {
		return nil, fault.Wrap(fault.Invalid, "This file is not sealed as it must be. Nothing was kept.", err)
	}
	return io.MultiReader(&sliceReader{head}, body), nil
}

type sliceReader struct{ rest []byte }

func (r *sliceReader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// ReplyFile appends the manifest of a file, all of whose pieces are here. From
// then on the file belongs to the conversation.
func (in *Intake) ReplyFile(ctx context.Context, programme id.ID, login []byte, prev Hash, e Envelope, blob id.ID) error {
	return in.replyFile(ctx, programme, login, prev, e, blob, func(context.Context, Report) error { return nil })
}

// replyFile appends a manifest; also runs in the same change.
func (in *Intake) replyFile(ctx context.Context, programme id.ID, login []byte, prev Hash, e Envelope, blob id.ID, also func(context.Context, Report) error) error {
	if in.Files == nil {
		return fault.New(fault.Unavailable, "This place takes no files.")
	}
	rep, err := in.find(ctx, programme, login)
	if err != nil {
		return err
	}
	known, err := in.Files.Store.Files(ctx, programme, rep.ID)
	if err != nil {
		return fmt.Errorf("read files: %w", err)
	}
	for _, f := range known {
		if f.Blob != blob {
			continue
		}
		if err := in.Files.whole(ctx, f); err != nil {
			return err
		}
		f.Seq = e.Seq
		return in.reply(ctx, programme, login, prev, e, func(ctx context.Context) error {
			if err := in.Files.Store.CommitFile(ctx, f); err != nil {
				return err
			}
			return also(ctx, rep)
		})
	}
	return fault.New(fault.NotFound, "The pieces of this file are not here. Send it again.")
}

// whole demands that every piece of a file is here.
func (fs *Files) whole(ctx context.Context, f StoredFile) error {
	for i := range seal.PieceCount(f.Bytes) {
		n, err := fs.Blobs.Length(ctx, f.Blob, i)
		if err != nil {
			return fmt.Errorf("look for piece %d: %w", i, err)
		}
		if n != int64(seal.PieceLength(f.Bytes, i)) {
			return fault.Newf(fault.Invalid, "Piece %d of %d of this file is missing. Send it again.", i+1, seal.PieceCount(f.Bytes))
		}
	}
	return nil
}

// drop removes the pieces of files whose rows are gone.
func (fs *Files) drop(ctx context.Context, files []StoredFile) error {
	var faults []error
	for _, f := range files {
		faults = append(faults, fs.Blobs.Delete(ctx, f.Blob))
	}
	return errors.Join(faults...)
}

// Sweep throws away files whose manifest never came within a day, and blobs
// that belong to no file of the programmes, which must be all there are; it
// settles those of the last hour. It is called once an hour.
func (fs *Files) Sweep(ctx context.Context, programmes []id.ID) error {
	now := clock.HourOf(fs.Clock.Now())
	blobs, err := fs.Blobs.Blobs(ctx) // before the rows: a blob never comes before its row
	if err != nil {
		return err
	}
	known := map[id.ID]bool{}
	for _, p := range programmes {
		files, err := fs.Store.AllFiles(ctx, p)
		if err != nil {
			return fmt.Errorf("look for half files: %w", err)
		}
		for _, f := range files {
			if f.Seq == 0 && f.Hour < now-pendingFor {
				if err := fs.forget(ctx, f); err != nil {
					return err
				}
				continue
			}
			known[f.Blob] = true
			if f.Hour == now-1 {
				if err := fs.Blobs.Settle(ctx, f.Blob, f.Hour); err != nil {
					return err
				}
			}
		}
	}
	for _, blob := range blobs {
		if known[blob] {
			continue
		}
		if err := fs.Blobs.Delete(ctx, blob); err != nil {
			return err
		}
	}
	return nil
}

func (fs *Files) forget(ctx context.Context, f StoredFile) error {
	err := fs.Tx.Do(ctx, func(ctx context.Context, _ *tx.Recorder) error { return fs.Store.DropFile(ctx, f) })
	if err != nil {
		return fmt.Errorf("forget half a file: %w", err)
	}
	return nil
}

// Piece releases a piece of a file to a member who may read the report. The
// first one is in history and ledger before it is answered.
func (d *Desk) Piece(ctx context.Context, s authz.Subject, programme, report, blob id.ID, index int) (io.ReadCloser, int64, error) {
	if _, err := d.may(ctx, s, authz.Read, programme, report); err != nil {
		return nil, 0, err
	}
	if d.Files == nil {
		return nil, 0, fault.New(fault.NotFound, "There is no such file.")
	}
	known, err := d.Files.Store.Files(ctx, programme, report)
	if err != nil {
		return nil, 0, fmt.Errorf("read files: %w", err)
	}
	for _, f := range known {
		if f.Blob != blob || f.Seq == 0 {
			continue
		}
		if index == 0 {
			if err := d.record(ctx, s, programme, "opened-file", "", report); err != nil {
				return nil, 0, err
			}
		}
		return d.Files.Blobs.Open(ctx, blob, index)
	}
	return nil, 0, fault.New(fault.NotFound, "There is no such file.")
}

// exportedFiles returns the files that belong to the conversation, to be read
// piece by piece.
func (d *Desk) exportedFiles(ctx context.Context, programme, report id.ID) ([]archive.File, error) {
	if d.Files == nil {
		return nil, nil
	}
	known, err := d.Files.Store.Files(ctx, programme, report)
	if err != nil {
		return nil, fmt.Errorf("read files: %w", err)
	}
	var out []archive.File
	for _, f := range known {
		if f.Seq == 0 {
			continue // its pieces still come
		}
		out = append(out, archive.File{Blob: f.Blob, Pieces: seal.PieceCount(f.Bytes), Open: func(index int) (io.ReadCloser, int64, error) {
			return d.Files.Blobs.Open(ctx, f.Blob, index)
		}})
	}
	return out, nil
}
