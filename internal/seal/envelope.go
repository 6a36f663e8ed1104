// SPDX-License-Identifier: AGPL-3.0-or-later

package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"

	"filippo.io/age"
)

// Kind says which sizes an age file may have.
type Kind int

// The kinds of age files.
const (
	KindCover   Kind = iota // exactly CoverSize
	KindMessage             // one of MessageSizes
	KindGrant               // whole blocks of 1,024 bytes
	KindPackage             // whole blocks of 1,024 bytes
)

const (
	envelopeStart  = "age-encryption.org/v1\n-> mlkem768x25519 "
	encapsulation  = 1088 + 32 // ML-KEM-768 ciphertext and X25519 share
	wrappedFileKey = 16 + 16   // file key and tag
	macStart       = "--- "

	ageNonce = 16
	ageTag   = 16
	ageChunk = 64 << 10
)

// EnvelopeSize returns the length of an age file to one hybrid recipient with
// a plaintext of n bytes.
func EnvelopeSize(n int) int {
	chunks := max(1, (n+ageChunk-1)/ageChunk)
	return headerSize() + ageNonce + n + chunks*ageTag
}

func headerSize() int {
	b64 := base64.RawStdEncoding.EncodedLen
	return len(envelopeStart) + b64(encapsulation) + 1 + b64(wrappedFileKey) + 1 + len(macStart) + b64(sha256.Size) + 1
}

// CheckEnvelope demands of an age file, before it is kept or opened, that it is
// sealed to exactly one hybrid recipient and has a length that its kind allows.
// A second recipient would be a second reader; a foreign stanza or length could
// carry something. Every error wraps ErrEnvelope. It needs no key and takes
// some microseconds.
func CheckEnvelope(kind Kind, body []byte) error {
	if !slices.Contains(envelopeSizes(kind), len(body)) {
		return fmt.Errorf("%w: %d bytes is not a length that it may have", ErrEnvelope, len(body))
	}
	return checkHeader(body)
}

func envelopeSizes(kind Kind) []int {
	var sizes []int
	switch kind {
	case KindCover:
		sizes = append(sizes, EnvelopeSize(CoverSize))
	case KindMessage:
		for _, size := range MessageSizes() {
			sizes = append(sizes, EnvelopeSize(size))
		}
	case KindGrant, KindPackage:
		for blocks := range maxBlocks {
			sizes = append(sizes, EnvelopeSize((blocks+1)*blockSize))
		}
	}
	return sizes
}

func checkHeader(body []byte) error {
	rest, ok := bytes.CutPrefix(body, []byte(envelopeStart))
	if !ok {
		return fmt.Errorf("%w: it does not start as one hybrid stanza", ErrEnvelope)
	}
	rest, err := cutLine(rest, encapsulation)
	if err != nil {
		return fmt.Errorf("%w: stanza: %w", ErrEnvelope, err)
	}
	rest, err = cutLine(rest, wrappedFileKey)
	if err != nil {
		return fmt.Errorf("%w: stanza body: %w", ErrEnvelope, err)
	}
	rest, ok = bytes.CutPrefix(rest, []byte(macStart))
	if !ok {
		return fmt.Errorf("%w: there is more than one stanza", ErrEnvelope)
	}
	_, err = cutLine(rest, sha256.Size)
	if err != nil {
		return fmt.Errorf("%w: MAC: %w", ErrEnvelope, err)
	}
	return nil
}

// cutLine takes a line that is the one unpadded base64 spelling of n bytes.
func cutLine(rest []byte, n int) ([]byte, error) {
	length := base64.RawStdEncoding.EncodedLen(n)
	if len(rest) <= length || rest[length] != '\n' {
		return nil, errors.New("the line has another length")
	}
	decoded := make([]byte, n)
	got, err := base64.RawStdEncoding.Strict().Decode(decoded, rest[:length])
	if err != nil || got != n || bytes.ContainsAny(rest[:length], "\r\n") {
		return nil, errors.New("the line is not canonical base64")
	}
	return rest[length+1:], nil
}

// encrypt seals plain to one recipient.
func encrypt(plain []byte, to *Recipient) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(EnvelopeSize(len(plain)))
	w, err := age.Encrypt(&out, to.key)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	_, err = w.Write(plain)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	err = w.Close()
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return out.Bytes(), nil
}

// decrypt opens an age file whose envelope was checked.
func decrypt(body []byte, identity *Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(body), identity.key)
	if err != nil {
		var foreign *age.NoIdentityMatchError
		if errors.As(err, &foreign) {
			return nil, ErrNotForThisKey
		}
		return nil, errors.New("age refuses it: it was changed")
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return nil, errors.New("age refuses it: it was changed")
	}
	return plain, nil
}
