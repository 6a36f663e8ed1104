// SPDX-License-Identifier: AGPL-3.0-or-later

// Package slotstore keeps the slots: random keys, outside the database and its
// backups, under which stored grants are wrapped. Overwriting a slot makes the
// grants under it unreadable for good, in every old backup of the database too.
// It implements report.Slots.
//
// The file is a 32-byte header and then one 32-byte key after the other; a slot
// is its place in the file. Keys are made in blocks, durable before any of them
// is used, and handed out in random order. A slot is never handed out twice: a
// process takes from blocks that it made itself, and what is left of them when
// it ends is never used. So nothing has to be written when a slot is taken, and
// whether it is in use can't be told from the file.
//
// It must never write a key anywhere else, log one, or put one into a backup.
// What overwriting can't reach: copies that the file system, a snapshot or the
// disk's own wear levelling made. A Store is safe for concurrent use, and
// several processes may share a file.
package slotstore

import (
	"crypto/aes"
	"crypto/cipher"
	cryptorand "crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/report"
)

const (
	keySize   = 32
	blockSize = 8192 // slots made at once: 256 KiB
	label     = "turnstone/slot/v1\x00"
)

var header = [keySize]byte([]byte("turnstone slots v1\n\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"))

var (
	// ErrErased is in the chain when a slot was overwritten: what it wrapped is gone.
	ErrErased = errors.New("slots: the slot was erased")
	// ErrNotSlots says that a file is not one of slots.
	ErrNotSlots = errors.New("slots: not a file of slots")
	// ErrReplica says that a replica can't be brought up to date because it
	// holds more than the slots themselves.
	ErrReplica = errors.New("slots: the replica is longer than the slots: were they lost? Copy the replica back, then start again")
)

// Store is an open file of slots.
type Store struct {
	files []*os.File // the slots, and their replica when there is one
	mu    sync.Mutex
	free  []int64 // of the block at hand, in random order
}

var _ report.Slots = (*Store)(nil)

// Open opens the file of slots, made when missing. With a replica, not empty,
// every key and every erasure is written there too before it counts; a replica
// that lags is brought up to date.
func Open(path, replica string) (*Store, error) {
	main, err := openFile(path)
	if err != nil {
		return nil, err
	}
	s := &Store{files: []*os.File{main}}
	if replica == "" {
		return s, nil
	}
	second, err := openFile(replica)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.files = append(s.files, second)
	if err := follow(main, second); err != nil {
		return nil, errors.Join(fmt.Errorf("bring the replica of the slots up to date: %w", err), s.Close())
	}
	return s, nil
}

func openFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open slots: %w", err)
	}
	if err := begin(f); err != nil {
		return nil, errors.Join(fmt.Errorf("open slots %s: %w", path, err), f.Close())
	}
	return f, nil
}

// begin writes the header of a new file and checks that of an old one.
func begin(f *os.File) error {
	unlock, err := lock(f)
	if err != nil {
		return err
	}
	defer unlock()
	var found [keySize]byte
	_, err = f.ReadAt(found[:], 0)
	switch {
	case errors.Is(err, io.EOF) && found == [keySize]byte{}:
		if _, err := f.WriteAt(header[:], 0); err != nil {
			return err
		}
		return errors.Join(f.Sync(), syncFolder(f.Name()))
	case err != nil && !errors.Is(err, io.EOF):
		return err
	case found != header:
		return ErrNotSlots
	}
	return nil
}

// syncFolder makes the name of a new file durable.
func syncFolder(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// lock holds other processes off the end of the file.
func lock(f *os.File) (unlock func(), err error) {
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, fmt.Errorf("lock slots: %w", err)
	}
	return func() { _ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN) }, nil // closing would unlock it too
}

// Close closes the files.
func (s *Store) Close() error {
	var errs []error
	for _, f := range s.files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

// Take implements report.Slots.
func (s *Store) Take() (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.free) == 0 {
		if err := s.makeBlock(); err != nil {
			return 0, fault.Wrap(fault.Unavailable, "This can't be kept at the moment, and nothing of it was. Please try again later.", fmt.Errorf("make slots: %w", err))
		}
	}
	last := len(s.free) - 1
	slot := s.free[last]
	s.free = s.free[:last]
	return slot, nil
}

// makeBlock appends a block of keys, makes it durable and shuffles its places.
func (s *Store) makeBlock() error {
	unlock, err := lock(s.files[0])
	if err != nil {
		return err
	}
	defer unlock()
	info, err := s.files[0].Stat()
	if err != nil {
		return err
	}
	first := (info.Size() + keySize - 1) / keySize // after a torn end, if there is one
	keys := make([]byte, blockSize*keySize)
	_, _ = cryptorand.Read(keys) // never returns an error since Go 1.24
	defer clear(keys)
	if err := s.write(keys, first); err != nil {
		return err
	}
	var seed [32]byte
	_, _ = cryptorand.Read(seed[:])
	s.free = make([]int64, blockSize)
	for i, place := range rand.New(rand.NewChaCha8(seed)).Perm(blockSize) {
		s.free[i] = first + int64(place)
	}
	return nil
}

// write puts keys at a slot's place in every file and makes them durable.
func (s *Store) write(keys []byte, slot int64) error {
	for _, f := range s.files {
		if _, err := f.WriteAt(keys, slot*keySize); err != nil {
			return err
		}
		if err := f.Sync(); err != nil {
			return err
		}
	}
	return nil
}

// Erase implements report.Slots. Erasing twice is no error.
func (s *Store) Erase(slot int64) error {
	if _, err := s.key(slot); err != nil {
		if errors.Is(err, ErrErased) {
			return nil
		}
		return err
	}
	if err := s.write(make([]byte, keySize), slot); err != nil {
		return fault.Wrap(fault.Unavailable, "This can't be deleted at the moment. Please try again later.", fmt.Errorf("erase slot: %w", err))
	}
	return nil
}

// key reads a slot's key.
func (s *Store) key(slot int64) ([]byte, error) {
	if slot < 1 {
		return nil, fmt.Errorf("slots: there is no slot %d", slot)
	}
	key := make([]byte, keySize)
	if _, err := s.files[0].ReadAt(key, slot*keySize); err != nil {
		return nil, fmt.Errorf("read slot: %w", err)
	}
	if [keySize]byte(key) == [keySize]byte{} {
		return nil, fault.Wrap(fault.NotFound, "This was deleted.", ErrErased)
	}
	return key, nil
}

func (s *Store) aead(slot int64) (cipher.AEAD, []byte, error) {
	key, err := s.key(slot)
	if err != nil {
		return nil, nil, err
	}
	defer clear(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, nil, fmt.Errorf("slots: %w", err)
	}
	gcm, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, nil, fmt.Errorf("slots: %w", err)
	}
	return gcm, binary.BigEndian.AppendUint64([]byte(label), uint64(slot)), nil
}

// Wrap implements report.Slots: AES-256-GCM under the slot's key, with a random
// nonce before it and the slot as additional data. It adds 28 bytes.
func (s *Store) Wrap(slot int64, plain []byte) ([]byte, error) {
	gcm, data, err := s.aead(slot)
	if err != nil {
		return nil, err
	}
	return gcm.Seal(nil, nil, plain, data), nil //nolint:gosec // the cipher draws the nonce itself
}

// Unwrap implements report.Slots. It returns ErrErased in the chain when the
// slot was overwritten.
func (s *Store) Unwrap(slot int64, wrapped []byte) ([]byte, error) {
	gcm, data, err := s.aead(slot)
	if err != nil {
		return nil, err
	}
	plain, err := gcm.Open(nil, nil, wrapped, data)
	if err != nil {
		return nil, fmt.Errorf("unwrap under slot: %w", err)
	}
	return plain, nil
}
