// SPDX-License-Identifier: AGPL-3.0-or-later

package ledger

import (
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Inclusion proves that a leaf is in the log (docs/formats.md, "Portal"). Salt
// is nil when the leaf was erased.
type Inclusion struct {
	Index  int64    `json:"index"`
	Salt   []byte   `json:"salt"`
	Hashes [][]byte `json:"hashes"`
}

// Consistency proves that a log continues an earlier one.
type Consistency struct {
	Earlier int64    `json:"earlier"`
	Later   int64    `json:"later"`
	Hashes  [][]byte `json:"hashes"`
}

// ErrProof is in the chain of what a proof that doesn't hold returns.
var ErrProof = errors.New("ledger: the proof does not hold")

// Verify checks that an entry of this kind and payload is in the log of
// checkpoint c.
func (p Inclusion) Verify(c Checkpoint, kind string, payload []byte) error {
	if len(p.Salt) != SaltSize {
		return fmt.Errorf("%w: the salt has %d bytes, want %d", ErrProof, len(p.Salt), SaltSize)
	}
	if !kindPattern.MatchString(kind) {
		return fmt.Errorf("%w: %q is no kind of entry", ErrProof, kind)
	}
	return p.VerifyLeaf(c, Leaf{Kind: kind, Commit: Commit(p.Salt, payload)})
}

// VerifyLeaf checks that a leaf, whose payload may be erased, is in the log of
// checkpoint c.
func (p Inclusion) VerifyLeaf(c Checkpoint, leaf Leaf) error {
	if p.Index < 0 || p.Index >= c.Size {
		return fmt.Errorf("%w: leaf %d is not among the %d leaves of the checkpoint", ErrProof, p.Index, c.Size)
	}
	hashes, err := hashesOf(p.Hashes)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(hashes, c.Size, c.Root, p.Index, leaf.Hash()); err != nil {
		return errors.Join(ErrProof, err)
	}
	return nil
}

// Verify checks that the log of checkpoint later continues that of earlier.
// Every log continues the empty one.
func (p Consistency) Verify(earlier, later Checkpoint) error {
	if earlier.Origin != later.Origin {
		return fmt.Errorf("%w: the checkpoints are of two logs, %q and %q", ErrProof, earlier.Origin, later.Origin)
	}
	if p.Earlier != earlier.Size || p.Later != later.Size || p.Earlier > p.Later {
		return fmt.Errorf("%w: it is about sizes %d and %d, the checkpoints have %d and %d", ErrProof, p.Earlier, p.Later, earlier.Size, later.Size)
	}
	empty := edge{}
	switch earlier.Size {
	case 0:
		if earlier.Root != empty.root() || len(p.Hashes) != 0 {
			return fmt.Errorf("%w: the earlier log is empty and its hash is not that of nothing", ErrProof)
		}
		return nil
	case later.Size:
		if earlier.Root != later.Root || len(p.Hashes) != 0 {
			return fmt.Errorf("%w: two different logs of %d leaves", ErrProof, later.Size)
		}
		return nil
	}
	hashes, err := hashesOf(p.Hashes)
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(hashes, later.Size, later.Root, earlier.Size, earlier.Root); err != nil {
		return errors.Join(ErrProof, err)
	}
	return nil
}

func hashList(hashes []Hash) [][]byte {
	list := make([][]byte, len(hashes))
	for i, h := range hashes {
		list[i] = h[:]
	}
	return list
}

func hashesOf(list [][]byte) ([]Hash, error) {
	hashes := make([]Hash, len(list))
	for i, b := range list {
		if len(b) != HashSize {
			return nil, fmt.Errorf("%w: hash %d has %d bytes, want %d", ErrProof, i, len(b), HashSize)
		}
		hashes[i] = Hash(b)
	}
	return hashes, nil
}
