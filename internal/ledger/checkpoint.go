// SPDX-License-Identifier: AGPL-3.0-or-later

package ledger

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Checkpoint is what a log says it is at one size (C2SP tlog-checkpoint).
type Checkpoint struct {
	Origin string
	Size   int64
	Root   Hash
}

// ErrCheckpoint is in the chain of what reading a bad checkpoint returns.
var ErrCheckpoint = errors.New("ledger: not a checkpoint")

// Text returns the checkpoint's text as it is signed: origin, size and root,
// each on a line.
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, c.Root)
}

// ParseCheckpoint reads a checkpoint's text. Extension lines, which this log
// doesn't write, are refused.
func ParseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" || lines[0] == "" {
		return Checkpoint{}, fmt.Errorf("%w: want origin, size and root on three lines", ErrCheckpoint)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return Checkpoint{}, fmt.Errorf("%w: %q is no size", ErrCheckpoint, lines[1])
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != HashSize {
		return Checkpoint{}, fmt.Errorf("%w: %q is no hash", ErrCheckpoint, lines[2])
	}
	return Checkpoint{Origin: lines[0], Size: size, Root: Hash(root)}, nil
}

// OpenCheckpoint verifies a signed checkpoint under the log's key and, when
// there are any, under the keys of witnesses. It returns the names of the
// witnesses that signed.
func OpenCheckpoint(signed []byte, log note.Verifier, witnesses ...note.Verifier) (Checkpoint, []string, error) {
	n, err := note.Open(signed, note.VerifierList(append([]note.Verifier{log}, witnesses...)...))
	if err != nil {
		return Checkpoint{}, nil, errors.Join(ErrCheckpoint, err)
	}
	own := false
	var names []string
	for _, sig := range n.Sigs {
		if sig.Name == log.Name() && sig.Hash == log.KeyHash() {
			own = true
			continue
		}
		names = append(names, sig.Name)
	}
	if !own {
		return Checkpoint{}, nil, fmt.Errorf("%w: the log %s has not signed it", ErrCheckpoint, log.Name())
	}
	c, err := ParseCheckpoint(n.Text)
	if err != nil {
		return Checkpoint{}, nil, err
	}
	if c.Origin != log.Name() {
		return Checkpoint{}, nil, fmt.Errorf("%w: it is of %q, the key is of %q", ErrCheckpoint, c.Origin, log.Name())
	}
	return c, names, nil
}

// readCheckpoint reads a signed checkpoint without a key: for notes that this
// log has kept itself.
func readCheckpoint(signed []byte) (Checkpoint, error) {
	text, _, ok := strings.Cut(string(signed), "\n\n")
	if !ok {
		return Checkpoint{}, fmt.Errorf("%w: no signature", ErrCheckpoint)
	}
	return ParseCheckpoint(text + "\n")
}
