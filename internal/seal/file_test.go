// SPDX-License-Identifier: AGPL-3.0-or-later

package seal_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// sealed seals content and returns its manifest and pieces.
func sealed(t testing.TB, content []byte, to *seal.Recipient) (seal.File, [][]byte) {
	t.Helper()
	var pieces [][]byte
	hashes, err := seal.SealFile(bytes.NewReader(content), int64(len(content)), to, func(i int, piece []byte) error {
		if i != len(pieces) {
			t.Fatalf("piece %d comes when %d is next", i, len(pieces))
		}
		pieces = append(pieces, slices.Clone(piece))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return seal.File{
		Blob: id.New(), Length: int64(len(content)), Name: "photo.jpg", Media: "image/jpeg", Pieces: hashes,
		Cleaned: seal.Cleaned, Removed: []string{"gps"},
	}, pieces
}

func from(pieces [][]byte) func(int) ([]byte, error) {
	return func(i int) ([]byte, error) { return pieces[i], nil }
}

func TestAFileComesBackAsItWas(t *testing.T) {
	identity, err := seal.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 1, 8191, 8192, 8193, 65536, 1 << 20, seal.PieceSize - 1, seal.PieceSize, 2*seal.PieceSize + 12345} {
		content := make([]byte, n)
		_, _ = rand.Read(content)
		file, pieces := sealed(t, content, identity.Recipient())
		total := 0
		for i, p := range pieces {
			total += len(p)
			if want := seal.PieceLength(seal.SealedLength(int64(n)), i); len(p) != want {
				t.Errorf("%d bytes: piece %d has %d, want %d", n, i, len(p), want)
			}
		}
		if int64(total) != seal.SealedLength(int64(n)) || !seal.FileSizes(int64(total)) {
			t.Errorf("%d bytes are sealed in %d, want %d, a length that a file may have", n, total, seal.SealedLength(int64(n)))
		}
		var out bytes.Buffer
		if err := seal.OpenFile(&out, file, identity, from(pieces)); err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		if !bytes.Equal(out.Bytes(), content) {
			t.Errorf("%d bytes come back otherwise", n)
		}
	}
}

// Padmé: never shorter, at most 12 % longer above the floor, monotone, and a
// padded length is its own padded length.
func TestPadding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, seal.MaxFile).Draw(t, "n")
		p := seal.PaddedLength(n)
		if p < n || n > 8192 && float64(p) > 1.12*float64(n) || seal.PaddedLength(p) != p {
			t.Fatalf("%d is padded to %d", n, p)
		}
		if seal.PaddedLength(n+1) < p {
			t.Fatalf("%d is padded to %d, one more to less", n, p)
		}
		if !seal.FileSizes(seal.SealedLength(n)) || seal.FileSizes(seal.SealedLength(n)+1) || seal.FileSizes(seal.SealedLength(n)-1) {
			t.Fatalf("%d bytes: the sizes around %d", n, seal.SealedLength(n))
		}
	})
}

func TestAChangedFileIsNotOpened(t *testing.T) {
	identity, err := seal.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	other, err := seal.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	content := make([]byte, seal.PieceSize+100_000)
	_, _ = rand.Read(content)
	file, pieces := sealed(t, content, identity.Recipient())
	foreign, foreignPieces := sealed(t, content, identity.Recipient())
	for name, change := range map[string]func(f *seal.File, p [][]byte) *seal.Identity{
		"a bit":               func(_ *seal.File, p [][]byte) *seal.Identity { p[1][77] ^= 1; return identity },
		"pieces in turn":      func(_ *seal.File, p [][]byte) *seal.Identity { p[0], p[1] = p[1], p[0]; return identity },
		"another file's":      func(_ *seal.File, p [][]byte) *seal.Identity { p[1] = foreignPieces[1]; return identity },
		"signed for another":  func(f *seal.File, _ [][]byte) *seal.Identity { f.Pieces = foreign.Pieces; return identity },
		"a piece is missing":  func(f *seal.File, _ [][]byte) *seal.Identity { f.Pieces = f.Pieces[:1]; return identity },
		"shorter than it was": func(f *seal.File, _ [][]byte) *seal.Identity { f.Length -= 1000; return identity },
		"longer than it was":  func(f *seal.File, _ [][]byte) *seal.Identity { f.Length += 200_000; return identity },
		"another's key":       func(*seal.File, [][]byte) *seal.Identity { return other },
	} {
		f, p := file, [][]byte{slices.Clone(pieces[0]), slices.Clone(pieces[1])}
		f.Pieces = slices.Clone(file.Pieces)
		key := change(&f, p)
		var out bytes.Buffer
		if err := seal.OpenFile(&out, f, key, from(p)); err == nil {
			t.Errorf("%s: it opens", name)
		}
	}
	if err := seal.OpenFile(&bytes.Buffer{}, file, other, from(pieces)); !errors.Is(err, seal.ErrNotForThisKey) {
		t.Errorf("another's key: %v", err)
	}
}

func TestAManifestStandsInTheConversation(t *testing.T) {
	w := newWorld(t)
	chain, _, tip, _ := w.opened()
	identity, err := seal.NewIdentity()
	w.check(err)
	file, _ := sealed(t, []byte("a photo"), identity.Recipient())
	desk, err := chain.Seal(file, seal.RoleDesk, w.member.SigningKey())
	w.check(err)
	if _, _, err := chain.Next(desk); !errors.Is(err, seal.ErrOutOfPlace) {
		t.Errorf("a file by the desk: %v", err)
	}
	m, err := chain.Seal(file, seal.RoleReporter, tip.Receipt.SigningKey())
	w.check(err)
	opened, signer, err := chain.Next(m)
	w.check(err)
	if got, is := opened.Content.(seal.File); !is || !signer.Known || got.Blob != file.Blob || !slices.Equal(got.Removed, []string{"gps"}) {
		t.Errorf("the manifest comes back as %+v", opened.Content)
	}
	bad := map[string]func(f *seal.File){
		"no name for its pieces": func(f *seal.File) { f.Blob = id.ID{} },
		"too many pieces":        func(f *seal.File) { f.Pieces = append(f.Pieces, f.Pieces...) },
		"negative":               func(f *seal.File) { f.Length = -1 },
		"huge":                   func(f *seal.File) { f.Length = seal.MaxFile + 1 },
		"a path":                 func(f *seal.File) { f.Name = "../../etc/passwd" },
		"a line break":           func(f *seal.File) { f.Name = "a\nb" },
		"a long name":            func(f *seal.File) { f.Name = strings.Repeat("a", 201) },
		"unknown cleaning":       func(f *seal.File) { f.Cleaned = "perfectly" },
	}
	for name, spoil := range bad {
		f := file
		spoil(&f)
		if _, err := chain.Seal(f, seal.RoleReporter, tip.Receipt.SigningKey()); err == nil {
			t.Errorf("%s: it is sealed", name)
		}
	}
}
