// SPDX-License-Identifier: AGPL-3.0-or-later

package seal

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"io"

	"filippo.io/age"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// Hidden is content that lies in a place that others may read, such as a disk,
// under a key that only this process has and that goes with the Hidden. It can
// be read at any offset; it is safe for concurrent use.
type Hidden struct {
	content io.ReaderAt
	length  int64
	sum     Hash
}

// Hide reads src to its end and hides it in place, which must be empty. More
// than most bytes is ErrTooLong. Nothing of src is written in clear.
func Hide(place interface {
	io.Writer
	io.ReaderAt
}, src io.Reader, most int64,
) (*Hidden, error) {
	key, err := NewIdentity()
	if err != nil {
		return nil, fmt.Errorf("hide: %w", err)
	}
	written := &counter{to: place}
	w, err := age.Encrypt(written, key.recipient.key)
	if err != nil {
		return nil, fmt.Errorf("hide: %w", err)
	}
	hash := sha256.New()
	n, err := io.Copy(io.MultiWriter(w, hash), io.LimitReader(src, most+1))
	if err != nil {
		return nil, fmt.Errorf("hide: %w", err)
	}
	if n > most {
		return nil, fmt.Errorf("hide: %w", ErrTooLong)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("hide: %w", err)
	}
	content, length, err := age.DecryptReaderAt(place, written.n, key.key)
	if err != nil {
		return nil, fmt.Errorf("read what was hidden: %w", err)
	}
	return &Hidden{content: content, length: length, sum: Hash(hash.Sum(nil))}, nil
}

// ReadAt implements io.ReaderAt.
func (h *Hidden) ReadAt(p []byte, off int64) (int, error) {
	if off >= h.length {
		return 0, io.EOF
	}
	n, err := h.content.ReadAt(p, off)
	if err == nil && n < len(p) {
		err = io.EOF
	}
	return n, err
}

// Length returns how many bytes the content has.
func (h *Hidden) Length() int64 { return h.length }

// Sum returns the SHA-256 of the content.
func (h *Hidden) Sum() Hash { return h.sum }

// counter counts what is written.
type counter struct {
	to io.Writer
	n  int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	c.n += int64(n)
	return n, err
}

// BlobOf returns the id under which content is sent without script, so that
// the same content sent again to the same report is known as such. It tells
// nothing of the content to who doesn't have the receipt.
func (r Receipt) BlobOf(content Hash) id.ID {
	mac := hmac.New(sha256.New, derive(r.bits[:], "files"))
	mac.Write(content[:])
	return id.ID(mac.Sum(nil)[:id.Size])
}
