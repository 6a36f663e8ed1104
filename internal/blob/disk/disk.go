// SPDX-License-Identifier: AGPL-3.0-or-later

// Package disk keeps pieces of ciphertext as files in a folder of the local
// disk. What Put acknowledged survives a power cut.
//
// It must never leave a finer time than an hour in a modification time, never
// put anything of what it keeps into a name or an error, and never answer a
// piece that is not the one that was put. (The file system's own change time
// can't be set; Settle makes it the same for all pieces of an hour.)
//
// A Store is safe for concurrent use.
package disk

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// Store is a folder of pieces: ab/abcdef…/0, 1, 2 … for the blob abcdef….
type Store struct {
	dir  string
	keep uint64 // bytes of the disk that must stay free

	scratch atomic.Int64 // bytes that scratches may still take
}

// Open opens the folder, makes it when it is missing, and throws away what was
// half written when the last process ended. keepFree is how many bytes of the
// disk Put leaves to others: the database must never find it full.
func Open(dir string, keepFree uint64) (*Store, error) {
	if err := os.RemoveAll(filepath.Join(dir, "half")); err != nil {
		return nil, fmt.Errorf("open the folder of files: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "half"), 0o700); err != nil {
		return nil, fmt.Errorf("open the folder of files: %w", err)
	}
	return &Store{dir: dir, keep: keepFree}, nil
}

func (s *Store) folder(blob id.ID) string {
	name := blob.String()
	return filepath.Join(s.dir, name[:2], name)
}

func (s *Store) path(blob id.ID, index int) string {
	return filepath.Join(s.folder(blob), strconv.Itoa(index))
}

// Put keeps a piece of exactly size bytes with the given SHA-256, as of an
// hour; it is durable when Put returns. The same piece again is no error;
// another one in its place is fault.Conflict, other bytes than announced are
// fault.Invalid, a disk without room is fault.Unavailable. Nothing of a piece
// that was refused stays.
func (s *Store) Put(ctx context.Context, blob id.ID, index int, sum [32]byte, size int64, hour clock.Hour, body io.Reader) error {
	if err := s.room(size); err != nil {
		return err
	}
	if known, err := s.sum(blob, index); err == nil {
		if known != sum {
			return fault.New(fault.Conflict, "Another piece of this file is here already. Nothing was changed.")
		}
		_, err := io.Copy(io.Discard, body) // so that the connection can be used again
		return noRoom(err)
	}
	half, err := os.CreateTemp(filepath.Join(s.dir, "half"), "*")
	if err != nil {
		return fmt.Errorf("keep piece: %w", noRoom(err))
	}
	name := half.Name()
	err = errors.Join(fill(ctx, half, sum, size, body), half.Close())
	if err == nil {
		err = s.place(name, blob, index, hour)
	}
	if err != nil {
		_ = os.Remove(name) // it is gone when it was placed; Open removes what is left
		return err
	}
	return nil
}

// fill writes the body durably and holds it against what was announced.
func fill(ctx context.Context, half *os.File, sum [32]byte, size int64, body io.Reader) error {
	hash := sha256.New()
	n, err := io.Copy(io.MultiWriter(half, hash), io.LimitReader(body, size+1))
	if err != nil {
		var disk *fs.PathError
		if errors.As(err, &disk) {
			return fmt.Errorf("keep piece: %w", noRoom(err))
		}
		return fault.Wrap(fault.Invalid, "The sending broke off. This piece was not kept; send it again.", err)
	}
	if n != size || [32]byte(hash.Sum(nil)) != sum {
		return fault.New(fault.Invalid, "This piece did not arrive as it was sent. It was not kept; send it again.")
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("keep piece: %w", err)
	}
	return noRoom(half.Sync())
}

// place moves a whole piece to its name, durably.
func (s *Store) place(half string, blob id.ID, index int, hour clock.Hour) error {
	folder := s.folder(blob)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("keep piece: %w", noRoom(err))
	}
	if err := os.Chtimes(half, hour.Time(), hour.Time()); err != nil {
		return fmt.Errorf("keep piece: %w", err)
	}
	if err := os.Rename(half, s.path(blob, index)); err != nil {
		return fmt.Errorf("keep piece: %w", noRoom(err))
	}
	for _, dir := range []string{folder, filepath.Dir(folder), s.dir} {
		if err := syncDir(dir); err != nil {
			return err
		}
		if err := os.Chtimes(dir, hour.Time(), hour.Time()); err != nil {
			return fmt.Errorf("keep piece: %w", err)
		}
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("keep piece: %w", err)
	}
	return errors.Join(noRoom(d.Sync()), d.Close())
}

// sum returns the SHA-256 of a piece that is there.
func (s *Store) sum(blob id.ID, index int) ([32]byte, error) {
	f, err := os.Open(s.path(blob, index))
	if err != nil {
		return [32]byte{}, err
	}
	hash := sha256.New()
	_, err = io.Copy(hash, f)
	return [32]byte(hash.Sum(nil)), errors.Join(err, f.Close())
}

// room refuses what would leave less than keep bytes free.
func (s *Store) room(size int64) error {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(s.dir, &stat); err != nil {
		return fmt.Errorf("look for room: %w", err)
	}
	if stat.Bavail*uint64(stat.Bsize) < s.keep+uint64(size+s.scratch.Load()) {
		return noRoom(syscall.ENOSPC)
	}
	return nil
}

// noRoom words a full disk.
func noRoom(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fault.Wrap(fault.Unavailable, "There is no room for files at the moment. Your words are safe. Try again later.", err)
	}
	return err
}

// Place is where something can lie for a while.
type Place = interface {
	io.Writer
	io.ReaderAt
	io.Closer
}

// scratch is a file that has no name.
type scratch struct {
	file  *os.File
	store *Store
	left  int64 // may still be written
	most  int64
}

// Scratch returns a place for at most so many bytes, which are gone when it is
// closed or the process ends; a disk without room for them is fault.Unavailable.
func (s *Store) Scratch(most int64) (Place, error) {
	if err := s.room(most); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(filepath.Join(s.dir, "half"), "*")
	if err != nil {
		return nil, fmt.Errorf("make scratch: %w", noRoom(err))
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(fmt.Errorf("make scratch: %w", err), f.Close())
	}
	most += most>>10 + 1<<14 // what sealing adds
	s.scratch.Add(most)
	return &scratch{file: f, store: s, left: most, most: most}, nil
}

func (f *scratch) Write(p []byte) (int, error) {
	if int64(len(p)) > f.left {
		return 0, errors.New("scratch: more than was asked for")
	}
	n, err := f.file.Write(p)
	f.left -= int64(n)
	return n, noRoom(err)
}

func (f *scratch) ReadAt(p []byte, off int64) (int, error) { return f.file.ReadAt(p, off) }

func (f *scratch) Close() error {
	f.store.scratch.Add(-f.most)
	return f.file.Close()
}

// Open returns a piece and its length; fault.NotFound.
func (s *Store) Open(_ context.Context, blob id.ID, index int) (io.ReadCloser, int64, error) {
	f, err := os.Open(s.path(blob, index))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, fault.New(fault.NotFound, "There is no such piece.")
	}
	if err != nil {
		return nil, 0, fmt.Errorf("open piece: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("open piece: %w", err), f.Close())
	}
	return f, info.Size(), nil
}

// Length returns the length of a piece, 0 where there is none.
func (s *Store) Length(_ context.Context, blob id.ID, index int) (int64, error) {
	info, err := os.Stat(s.path(blob, index))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look for piece: %w", err)
	}
	return info.Size(), nil
}

// Delete removes all pieces of a blob. A blob that isn't there is no error: a
// deletion that was cut short is repeated.
func (s *Store) Delete(_ context.Context, blob id.ID) error {
	if err := os.RemoveAll(s.folder(blob)); err != nil {
		return fmt.Errorf("delete file: %w", err)
	}
	return nil
}

// Settle gives every piece of a blob the present moment as its change time,
// which the file system doesn't let anybody choose: called for all blobs of an
// hour when it is over, it hides in which minute each one came.
func (s *Store) Settle(_ context.Context, blob id.ID, hour clock.Hour) error {
	pieces, err := os.ReadDir(s.folder(blob))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("settle file: %w", err)
	}
	for _, p := range pieces {
		if err := os.Chtimes(filepath.Join(s.folder(blob), p.Name()), hour.Time(), hour.Time()); err != nil {
			return fmt.Errorf("settle file: %w", err)
		}
	}
	return nil
}

// Blobs returns the ids of all blobs, for finding those that nobody knows.
func (s *Store) Blobs(ctx context.Context) ([]id.ID, error) {
	shelves, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, fmt.Errorf("list files: %w", err)
	}
	var all []id.ID
	for _, shelf := range shelves {
		if len(shelf.Name()) != 2 {
			continue
		}
		blobs, err := os.ReadDir(filepath.Join(s.dir, shelf.Name()))
		if err != nil {
			return nil, fmt.Errorf("list files: %w", err)
		}
		for _, b := range blobs {
			if v, err := id.Parse(b.Name()); err == nil {
				all = append(all, v)
			}
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return all, nil
}
