// SPDX-License-Identifier: AGPL-3.0-or-later

// Package archive is the form in which an exported report carries its files,
// still sealed: a ZIP of the export's document and of each piece of ciphertext
// (docs/formats.md, "Export"). An export without files is the document alone.
//
// It must never trust an archive: names, sizes and methods other than its own
// are refused before anything is read, so nothing unpacks to more than it is.
//
// An Archive is safe for concurrent use if the reader below it is.
package archive

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// Document is the name of the export's document in an archive.
const Document = "report.json"

// The most bytes that a document, and the most entries that an archive, may
// have: more than any report comes to.
const (
	maxDocument = 256 << 20
	maxEntries  = 1 << 16
)

// File is a file to write: where its pieces come from.
type File struct {
	Blob   id.ID
	Pieces int
	// Open returns a piece and its length.
	Open func(index int) (io.ReadCloser, int64, error)
}

// Missing is a piece that could not be had when an archive was written.
type Missing struct {
	Blob  id.ID
	Piece int
	Err   error
}

func name(blob id.ID, index int) string { return "files/" + blob.String() + "/" + strconv.Itoa(index) }

// Write writes the document and the files' pieces to dst; without files it
// writes the document alone. A piece that can't be had is left out and
// returned: the rest of a report is worth keeping. It holds one piece in memory.
func Write(dst io.Writer, document []byte, files []File) ([]Missing, error) {
	if len(files) == 0 {
		if _, err := dst.Write(document); err != nil {
			return nil, fmt.Errorf("write export: %w", err)
		}
		return nil, nil
	}
	z := zip.NewWriter(dst)
	if err := put(z, Document, document); err != nil {
		return nil, err
	}
	var missing []Missing
	for _, f := range files {
		for i := range f.Pieces {
			piece, err := read(f, i)
			if err != nil {
				missing = append(missing, Missing{f.Blob, i, err})
				continue
			}
			if err := put(z, name(f.Blob, i), piece); err != nil {
				return nil, err
			}
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("write export: %w", err)
	}
	return missing, nil
}

// put stores an entry as it is: ciphertext does not compress.
func put(z *zip.Writer, name string, content []byte) error {
	w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
	if err == nil {
		_, err = w.Write(content)
	}
	if err != nil {
		return fmt.Errorf("write export: %w", err)
	}
	return nil
}

func read(f File, index int) ([]byte, error) {
	body, _, err := f.Open(index)
	if err != nil {
		return nil, err
	}
	piece, err := io.ReadAll(io.LimitReader(body, seal.PieceSize))
	if err := errors.Join(err, body.Close()); err != nil {
		return nil, fmt.Errorf("read piece: %w", err)
	}
	return piece, nil
}

// Archive is an export that was opened, with or without files.
type Archive struct {
	Document []byte
	pieces   map[id.ID]map[int]*zip.File
}

// Read opens an export of size bytes: an archive, or a document alone.
func Read(src io.ReaderAt, size int64) (*Archive, error) {
	head := make([]byte, min(4, size))
	if _, err := src.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read export: %w", err)
	}
	a := &Archive{pieces: map[id.ID]map[int]*zip.File{}}
	if !bytes.HasPrefix(head, []byte("PK")) {
		return a, a.take(io.NewSectionReader(src, 0, size), size)
	}
	z, err := zip.NewReader(src, size)
	if err != nil {
		return nil, fmt.Errorf("read export: it is cut off or damaged: %w", err)
	}
	if len(z.File) > maxEntries {
		return nil, fmt.Errorf("read export: it has %d parts; no report has so many", len(z.File))
	}
	for _, f := range z.File {
		if err := a.add(f); err != nil {
			return nil, fmt.Errorf("read export: %w", err)
		}
	}
	if a.Document == nil {
		return nil, fmt.Errorf("read export: it holds no %s", Document)
	}
	return a, nil
}

func (a *Archive) take(r io.Reader, size int64) error {
	if size > maxDocument {
		return errors.New("its document is longer than any report's")
	}
	document, err := io.ReadAll(io.LimitReader(r, size))
	if err != nil {
		return fmt.Errorf("read document: %w", err)
	}
	a.Document = document
	return nil
}

var pieceName = regexp.MustCompile(`^files/([0-9a-f]{32})/(0|[1-9][0-9]{0,3})$`)

// add takes an entry, if it is one of ours.
func (a *Archive) add(f *zip.File) error {
	if f.Method != zip.Store || f.CompressedSize64 != f.UncompressedSize64 {
		return fmt.Errorf("%q is compressed, which no part of an export is", f.Name)
	}
	if f.Name == Document {
		if a.Document != nil {
			return fmt.Errorf("it holds two %s", Document)
		}
		r, err := f.Open()
		if err != nil {
			return fmt.Errorf("read %s: %w", Document, err)
		}
		defer func() { _ = r.Close() }() // it was only read
		return a.take(r, int64(min(f.UncompressedSize64, maxDocument+1)))
	}
	at := pieceName.FindStringSubmatch(f.Name)
	if at == nil {
		return fmt.Errorf("it holds %q, which no export does", f.Name)
	}
	blob, err := id.Parse(at[1])
	if err != nil {
		return fmt.Errorf("%q: %w", f.Name, err)
	}
	index, err := strconv.Atoi(at[2])
	if err != nil {
		return fmt.Errorf("%q: %w", f.Name, err)
	}
	if f.UncompressedSize64 > seal.PieceSize {
		return fmt.Errorf("%q is longer than a piece can be", f.Name)
	}
	if a.pieces[blob][index] != nil {
		return fmt.Errorf("it holds %q twice", f.Name)
	}
	if a.pieces[blob] == nil {
		a.pieces[blob] = map[int]*zip.File{}
	}
	a.pieces[blob][index] = f
	return nil
}

// ErrMissing is that an archive has no such piece.
var ErrMissing = errors.New("it is missing from the export")

// Piece returns a piece as it lies in the archive, unchecked.
func (a *Archive) Piece(blob id.ID, index int) ([]byte, error) {
	f := a.pieces[blob][index]
	if f == nil {
		return nil, ErrMissing
	}
	r, err := f.OpenRaw() // the manifest's hash decides, not the archive's sum
	if err != nil {
		return nil, fmt.Errorf("read piece: %w", err)
	}
	piece, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read piece: %w", err)
	}
	return piece, nil
}
