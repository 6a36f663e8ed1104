// SPDX-License-Identifier: AGPL-3.0-or-later

package slotstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

const chunk = 1 << 20

// follow brings a replica up to date: keys that are missing, erasures that it
// did not hear of. A replica that knows more than the slots is left alone.
func follow(main, replica *os.File) error {
	long, err := main.Stat()
	if err != nil {
		return err
	}
	short, err := replica.Stat()
	if err != nil {
		return err
	}
	if short.Size() > long.Size() {
		return ErrReplica
	}
	changed := false
	err = compare(context.Background(), main, replica, func(at int64, own []byte) error {
		changed = true
		_, err := replica.WriteAt(own, at)
		return err
	})
	if err != nil || !changed {
		return err
	}
	return replica.Sync()
}

// CheckReplica compares a replica with the slots, reading both whole (32 MB
// for each million reports), and says how many bytes of it lag in chunks of 1
// MiB. 0 is as it should be.
func CheckReplica(ctx context.Context, path, replica string) (lagging int64, err error) {
	a, err := os.Open(path)
	if err != nil {
		return 0, fmt.Errorf("check slots: %w", err)
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	b, err := os.Open(replica)
	if err != nil {
		return 0, fmt.Errorf("check slots: %w", err)
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	err = compare(ctx, a, b, func(_ int64, own []byte) error {
		lagging += int64(len(own))
		return nil
	})
	return lagging, err
}

// compare calls differ for each chunk of a that b doesn't hold.
func compare(ctx context.Context, a, b *os.File, differ func(at int64, own []byte) error) error {
	own, other := make([]byte, chunk), make([]byte, chunk)
	defer clear(own)
	defer clear(other)
	for at := int64(0); ; at += chunk {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := a.ReadAt(own, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if n == 0 {
			return nil
		}
		m, err := b.ReadAt(other, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if !bytes.Equal(own[:n], other[:min(m, n)]) {
			if err := differ(at, own[:n]); err != nil {
				return err
			}
		}
	}
}
