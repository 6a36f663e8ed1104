// SPDX-License-Identifier: AGPL-3.0-or-later

// Package secret makes and reads the few keys that a server keeps in files
// beside its database: the pepper of stored tokens and the signing key of the
// log. It must never print one, and refuses files that others can read.
package secret

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Make writes a fresh file of the given content for this user only, durable
// before it returns; fs.ErrExist when there is one.
func Make(path string, content []byte) error {
	return MakeWith(path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// MakeWith is Make for what is too large to be in memory: write writes it. When
// write returns an error, no file stays.
func MakeWith(path string, write func(io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make secret: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("make secret: %w", err)
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return errors.Join(fmt.Errorf("make secret: %w", err), os.Remove(path))
	}
	return nil
}

// Replace writes a file for this user only in the place of the one that is
// there, durable before it returns; whoever reads meanwhile sees one of both.
func Replace(path string, content []byte) error {
	fresh := path + ".new"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("replace secret: %w", err)
	}
	if err := Make(fresh, content); err != nil {
		return err
	}
	if err := os.Rename(fresh, path); err != nil {
		return fmt.Errorf("replace secret: %w", err)
	}
	return nil
}

// Read reads a secret file, refusing one that is open to others.
func Read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read secret: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("read secret %s: its mode is %o; make it 600, so that others on this machine can't read it", filepath.Base(path), info.Mode().Perm())
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read secret: %w", err)
	}
	return b, nil
}

// Pepper is a random key that stored tokens are hashed with, so that a thief of
// the database alone can test no guesses.
type Pepper [32]byte

// OpenPepper reads the pepper in path, making it when there is none.
func OpenPepper(path string) (Pepper, error) {
	var p Pepper
	b, err := Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		_, _ = rand.Read(p[:])
		return p, Make(path, p[:])
	}
	if err != nil {
		return Pepper{}, err
	}
	if len(b) != len(p) {
		return Pepper{}, fmt.Errorf("read secret %s: %d bytes, want %d", filepath.Base(path), len(b), len(p))
	}
	copy(p[:], b)
	return p, nil
}

// Hash returns HMAC-SHA256(pepper, use ‖ 0 ‖ token); use keeps tokens of
// different kinds apart.
func (p Pepper) Hash(use string, token []byte) [32]byte {
	mac := hmac.New(sha256.New, p[:])
	mac.Write([]byte(use))
	mac.Write([]byte{0})
	mac.Write(token)
	return [32]byte(mac.Sum(nil))
}
