// SPDX-License-Identifier: AGPL-3.0-or-later

package seal

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"unicode"
	"unicode/utf8"

	"filippo.io/age"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// PieceSize is the length in bytes of every piece of a file's ciphertext but
// the last, which may be shorter.
const PieceSize = 4 << 20

// MaxFile is the most bytes that one file may have before it is padded.
const MaxFile = 500 << 20

// minFile is the smallest padded length: small files look alike.
const minFile = 8 << 10

// The lengths in characters and bytes that a manifest's texts may have.
const (
	maxFileName = 200
	maxMedia    = 100
	maxRemoved  = 64
)

// Cleaning says what was done with a file before it was sealed.
type Cleaning string

// The results of cleaning.
const (
	Cleaned  Cleaning = "cleaned"  // what could tell of its maker was taken out
	Partly   Cleaning = "partly"   // some of it could not be taken out; the reporter knew
	Unclean  Cleaning = "unclean"  // it could not be cleaned; the reporter decided to send it
	Original Cleaning = "original" // kept as it was, as evidence, for two people to open
)

// File is the manifest of a file: it says which pieces of ciphertext the file
// consists of. The file itself is an age file to the report identity of the
// manifest's epoch, of content ‖ zeros up to PaddedLength; an Original has an
// identity of its own.
type File struct {
	Blob    id.ID    `json:"blob"`   // names the pieces; chosen by the sender
	Length  int64    `json:"length"` // of the content, in bytes
	Name    string   `json:"name"`   // as the reporter's device called it, or a neutral one
	Media   string   `json:"media"`  // as the sender's browser guesses it: image/jpeg
	Pieces  []Hash   `json:"pieces"` // SHA-256 of each piece of ciphertext
	Cleaned Cleaning `json:"cleaned"`
	Removed []string `json:"removed"` // what cleaning took out, by key: "gps"
	// Half is of an Original alone, which is sealed to the identity of two
	// halves (Halves) and not to the report identity: the desk's half.
	Half []byte `json:"half,omitempty"`
}

// Type implements Content.
func (File) Type() Type { return TypeFile }

func (f File) check() error {
	switch f.Cleaned {
	case Cleaned, Partly, Unclean, Original:
	default:
		return errors.New("the file's cleaning is unknown")
	}
	if f.Cleaned == Original && len(f.Half) != KeySize || f.Cleaned != Original && len(f.Half) != 0 {
		return errors.New("an original has half a key, and nothing else has")
	}
	if f.Blob.IsZero() || f.Length < 0 || f.Length > MaxFile {
		return errors.New("the file has no name for its pieces, or a length that it can't have")
	}
	if len(f.Pieces) != PieceCount(SealedLength(f.Length)) {
		return fmt.Errorf("the file has %d pieces, its length needs %d", len(f.Pieces), PieceCount(SealedLength(f.Length)))
	}
	if utf8.RuneCountInString(f.Name) > maxFileName || len(f.Media) > maxMedia || len(f.Removed) > maxRemoved {
		return errors.New("the file's name, type or list of what was removed is too long")
	}
	for _, r := range f.Name {
		if unicode.IsControl(r) || r == '/' || r == '\\' {
			return errors.New("the file's name holds a character that no name may have")
		}
	}
	return nil
}

// PaddedLength returns the length to which content of n bytes is padded: by
// Padmé, which leaks O(log log n) bits of a length and costs at most 12 %
// (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and
// Communication with PURBs", PETS 2019), and 8 KiB at least.
func PaddedLength(n int64) int64 {
	if n <= minFile {
		return minFile
	}
	e := bits.Len64(uint64(n)) - 1
	s := bits.Len64(uint64(e))
	mask := int64(1)<<(e-s) - 1
	return (n + mask) &^ mask
}

// SealedLength returns the length of the ciphertext of content of n bytes.
func SealedLength(n int64) int64 {
	padded := PaddedLength(n)
	chunks := (padded + ageChunk - 1) / ageChunk
	return int64(headerSize()) + ageNonce + padded + chunks*ageTag
}

// PieceCount returns into how many pieces a ciphertext of n bytes is cut.
func PieceCount(n int64) int { return int((n + PieceSize - 1) / PieceSize) }

// FileSizes reports whether a ciphertext may be n bytes long: whether some
// padded length gives it. What has another length is not one of our files.
func FileSizes(n int64) bool {
	rest := n - int64(headerSize()) - ageNonce
	if rest <= 0 {
		return false
	}
	chunks := (rest + ageChunk + ageTag - 1) / (ageChunk + ageTag)
	padded := rest - chunks*ageTag
	return padded >= minFile && padded <= PaddedLength(MaxFile) && PaddedLength(padded) == padded && SealedLength(padded) == n
}

// CheckFileHead demands of a file's first piece that it begins as an age file
// to exactly one hybrid recipient.
func CheckFileHead(piece []byte) error { return checkHeader(piece) }

// SealFile reads length bytes from src, seals them to the report identity's
// recipient and hands out the pieces in order; piece belongs to put only until
// it returns. It returns the hashes for the manifest. It holds one piece in
// memory.
func SealFile(src io.Reader, length int64, to *Recipient, put func(index int, piece []byte) error) ([]Hash, error) {
	if length < 0 || length > MaxFile {
		return nil, fmt.Errorf("seal file: %w", ErrTooLong)
	}
	cut := &cutter{put: put, piece: make([]byte, 0, min(PieceSize, SealedLength(length)))}
	w, err := age.Encrypt(cut, to.key)
	if err != nil {
		return nil, fmt.Errorf("seal file: %w", err)
	}
	n, err := io.Copy(w, io.LimitReader(src, length+1))
	if err != nil {
		return nil, fmt.Errorf("seal file: %w", err)
	}
	if n != length {
		return nil, errors.New("seal file: it has another length than was said")
	}
	if _, err := io.CopyN(w, zeros{}, PaddedLength(length)-length); err != nil {
		return nil, fmt.Errorf("seal file: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("seal file: %w", err)
	}
	if err := cut.flush(); err != nil {
		return nil, fmt.Errorf("seal file: %w", err)
	}
	return cut.hashes, nil
}

// zeros is an endless reader of padding.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// cutter cuts what is written to it into pieces.
type cutter struct {
	put    func(int, []byte) error
	piece  []byte
	hashes []Hash
}

func (c *cutter) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		n := min(len(rest), PieceSize-len(c.piece))
		c.piece = append(c.piece, rest[:n]...)
		rest = rest[n:]
		if len(c.piece) == PieceSize {
			if err := c.flush(); err != nil {
				return 0, err
			}
		}
	}
	return len(p), nil
}

func (c *cutter) flush() error {
	if len(c.piece) == 0 {
		return nil
	}
	if err := c.put(len(c.hashes), c.piece); err != nil {
		return err
	}
	c.hashes = append(c.hashes, HashOf(c.piece))
	c.piece = c.piece[:0]
	return nil
}

// OpenFile writes the content of a file to dst. get returns the pieces by
// index; each is held against the manifest before it is used, so nothing of a
// changed file is written but whole pieces before the changed one. The caller
// throws away what was written when there is an error. It holds one piece in
// memory.
func OpenFile(dst io.Writer, f File, identity *Identity, get func(index int) ([]byte, error)) error {
	if err := f.check(); err != nil {
		return fmt.Errorf("open file: %w", err)
	}
	r, err := age.Decrypt(&pieces{file: f, get: get}, identity.key)
	if err != nil {
		var foreign *age.NoIdentityMatchError
		if errors.As(err, &foreign) {
			return fmt.Errorf("open file: %w", ErrNotForThisKey)
		}
		return fmt.Errorf("open file: %w", err)
	}
	if _, err := io.CopyN(dst, r, f.Length); err != nil {
		return fmt.Errorf("open file: %w", err)
	}
	padding, err := io.ReadAll(io.LimitReader(r, PaddedLength(f.Length)-f.Length+1))
	if err != nil {
		return fmt.Errorf("open file: %w", err)
	}
	if int64(len(padding)) != PaddedLength(f.Length)-f.Length {
		return errors.New("open file: it has another size than its content needs")
	}
	return checkZeros(padding)
}

// pieces reads the pieces of a file one after the other.
type pieces struct {
	file File
	get  func(int) ([]byte, error)
	next int
	rest bytes.Reader
}

func (p *pieces) Read(b []byte) (int, error) {
	if p.rest.Len() == 0 {
		if p.next == len(p.file.Pieces) {
			return 0, io.EOF
		}
		piece, err := p.get(p.next)
		if err != nil {
			return 0, fmt.Errorf("piece %d: %w", p.next, err)
		}
		if sha256.Sum256(piece) != p.file.Pieces[p.next] || len(piece) != PieceLength(SealedLength(p.file.Length), p.next) {
			return 0, fmt.Errorf("piece %d: %w: it is not the one that the manifest names", p.next, ErrOutOfPlace)
		}
		if p.next == 0 {
			if err := checkHeader(piece); err != nil {
				return 0, err
			}
		}
		p.next++
		p.rest.Reset(piece)
	}
	return p.rest.Read(b)
}

// PieceLength returns the length of the piece with that index of a ciphertext
// of n bytes, 0 where there is none.
func PieceLength(n int64, index int) int {
	if index < 0 || index >= PieceCount(n) {
		return 0
	}
	return int(min(PieceSize, n-int64(index)*PieceSize))
}
