// SPDX-License-Identifier: AGPL-3.0-or-later

package seal_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/seal"
)

// place is a disk that remembers everything that was written to it.
type place struct{ bytes.Buffer }

func (p *place) ReadAt(b []byte, off int64) (int, error) {
	return bytes.NewReader(p.Bytes()).ReadAt(b, off)
}

func TestWhatIsHiddenReadsAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		marker := []byte("Quokka keeps them behind the old dairy")
		content := bytes.Repeat(marker, rapid.IntRange(0, 6000).Draw(t, "times"))
		var disk place
		h, err := seal.Hide(&disk, bytes.NewReader(content), int64(len(content)))
		if err != nil {
			t.Fatal(err)
		}
		if h.Length() != int64(len(content)) || h.Sum() != seal.HashOf(content) {
			t.Fatalf("%d bytes are %d", len(content), h.Length())
		}
		if bytes.Contains(disk.Bytes(), marker[:16]) {
			t.Fatal("it lies there in clear")
		}
		from := rapid.IntRange(0, len(content)).Draw(t, "from")
		to := rapid.IntRange(from, len(content)).Draw(t, "to")
		got, err := io.ReadAll(io.NewSectionReader(h, int64(from), int64(to-from)))
		if err != nil || !bytes.Equal(got, content[from:to]) {
			t.Fatalf("from %d to %d it reads otherwise: %v", from, to, err)
		}
		if n, err := h.ReadAt(make([]byte, 1), int64(len(content))); n != 0 || !errors.Is(err, io.EOF) {
			t.Fatalf("behind its end: %d, %v", n, err)
		}
	})
}

func TestHidingEnds(t *testing.T) {
	if _, err := seal.Hide(&place{}, bytes.NewReader(make([]byte, 101)), 100); !errors.Is(err, seal.ErrTooLong) {
		t.Errorf("a byte too many: %v", err)
	}
	gone := errors.New("gone")
	if _, err := seal.Hide(&place{}, iotest.ErrReader(gone), 100); !errors.Is(err, gone) {
		t.Errorf("a source that breaks off: %v", err)
	}
	var disk place
	h, err := seal.Hide(&disk, bytes.NewReader(make([]byte, 200_000)), 200_000)
	if err != nil {
		t.Fatal(err)
	}
	disk.Bytes()[disk.Len()/2] ^= 1
	if _, err := io.ReadAll(io.NewSectionReader(h, 0, 200_000)); err == nil {
		t.Error("what was changed on the disk is read")
	}
}

func TestABlobIsOfOneReceiptAndOneContent(t *testing.T) {
	a, b := seal.NewReceipt(), seal.NewReceipt()
	one, two := seal.HashOf([]byte("1")), seal.HashOf([]byte("2"))
	again, err := seal.ReceiptFromBytes(a.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if a.BlobOf(one) != again.BlobOf(one) || a.BlobOf(one) == a.BlobOf(two) || a.BlobOf(one) == b.BlobOf(one) || a.BlobOf(one).IsZero() {
		t.Error("the ids of blobs are not those of their contents")
	}
}
