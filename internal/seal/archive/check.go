// SPDX-License-Identifier: AGPL-3.0-or-later

package archive

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// Damage says what is wrong with a file of an export, piece by piece.
type Damage struct {
	Problems []string
}

// Error implements error.
func (d *Damage) Error() string { return strings.Join(d.Problems, "; ") }

// Places says of each piece of some files where it belongs, so that a piece
// that lies elsewhere is known again.
type Places map[seal.Hash]place

type place struct {
	blob  id.ID
	name  string
	index int
}

// PlacesOf returns the places of all pieces of files.
func PlacesOf(files []seal.File) Places {
	p := Places{}
	for _, f := range files {
		for i, sum := range f.Pieces {
			p[sum] = place{f.Blob, f.Name, i}
		}
	}
	return p
}

// Check holds every piece of f against its manifest and returns a *Damage that
// names each that does not fit; nil when all do.
func (a *Archive) Check(f seal.File, places Places) error {
	var d Damage
	for i, want := range f.Pieces {
		piece, err := a.Piece(f.Blob, i)
		problem := ""
		switch {
		case err != nil:
			problem = err.Error()
		case seal.HashOf(piece) == want:
			continue
		default:
			problem = foreign(f, piece, i, places)
		}
		d.Problems = append(d.Problems, fmt.Sprintf("piece %d of %d: %s", i+1, len(f.Pieces), problem))
	}
	for _, i := range slices.Sorted(maps.Keys(a.pieces[f.Blob])) {
		if i >= len(f.Pieces) {
			d.Problems = append(d.Problems, fmt.Sprintf("piece %d: the file has only %d", i+1, len(f.Pieces)))
		}
	}
	if d.Problems == nil {
		return nil
	}
	return &d
}

// foreign says what a piece is that is not the one that the manifest names.
func foreign(f seal.File, piece []byte, index int, places Places) string {
	at, known := places[seal.HashOf(piece)]
	switch want := seal.PieceLength(seal.SealedLength(f.Length), index); {
	case known && at.blob == f.Blob:
		return fmt.Sprintf("in its place lies piece %d of the same file", at.index+1)
	case known:
		return fmt.Sprintf("in its place lies piece %d of the file %q", at.index+1, at.name)
	case len(piece) != want:
		return fmt.Sprintf("it was changed: it has %d bytes and should have %d", len(piece), want)
	}
	return "it was changed: it is not the one that the manifest names"
}

// Extract writes the content of f to dst, after Check found no fault. The
// caller throws away what was written when there is an error.
func (a *Archive) Extract(dst io.Writer, f seal.File, identity *seal.Identity) error {
	err := seal.OpenFile(dst, f, identity, func(i int) ([]byte, error) { return a.Piece(f.Blob, i) })
	if errors.Is(err, seal.ErrNotForThisKey) {
		return &Damage{[]string{"its pieces are sealed to another key than this report's"}}
	}
	return err
}

// Strangers returns the blobs in the archive that none of files names.
func (a *Archive) Strangers(files []seal.File) []id.ID {
	var out []id.ID
	for blob := range a.pieces {
		if !slices.ContainsFunc(files, func(f seal.File) bool { return f.Blob == blob }) {
			out = append(out, blob)
		}
	}
	slices.SortFunc(out, func(x, y id.ID) int { return bytes.Compare(x[:], y[:]) })
	return out
}
