// SPDX-License-Identifier: AGPL-3.0-or-later

package seal

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// CoverSize is the length of every cover's plaintext in bytes.
const CoverSize = 2048

// blockSize is the unit of grants and desk key packages, in bytes.
const blockSize = 1024

// maxBlocks bounds grants and packages: 64 KiB, some 1,000 epochs.
const maxBlocks = 64

// MessageSizes are the allowed lengths in bytes of the plaintext of a message
// that is not a cover. What is longer does not fit into a message.
func MessageSizes() []int { return []int{8192, 32768, 131072} }

// frame writes u32 n ‖ front (n bytes) ‖ rest ‖ zeros up to size.
func frame(front, rest []byte, size int) []byte {
	out := make([]byte, size)
	binary.BigEndian.PutUint32(out, uint32(len(front)))
	copy(out[4:], front)
	copy(out[4+len(front):], rest)
	return out
}

// unframe returns the n bytes that the leading u32 counts and what follows.
func unframe(plain []byte) (front, rest []byte, err error) {
	if len(plain) < 4 {
		return nil, nil, errors.New("it is too short")
	}
	n := binary.BigEndian.Uint32(plain)
	if uint64(n) > uint64(len(plain)-4) {
		return nil, nil, errors.New("its length does not fit")
	}
	return plain[4 : 4+n], plain[4+n:], nil
}

// checkZeros refuses padding that is not zero: it could carry something.
func checkZeros(padding []byte) error {
	var all byte
	for _, b := range padding {
		all |= b
	}
	if all != 0 {
		return errors.New("the padding is not zero")
	}
	return nil
}

// messageSize returns the smallest allowed size for n bytes.
func messageSize(kind Type, n int) (int, error) {
	if kind == TypeCover {
		if n > CoverSize {
			return 0, fmt.Errorf("a cover of %d bytes is longer than %d", n, CoverSize)
		}
		return CoverSize, nil
	}
	sizes := MessageSizes()
	for _, size := range sizes {
		if n <= size {
			return size, nil
		}
	}
	return 0, fmt.Errorf("%w: %d bytes, at most %d fit", ErrTooLong, n, sizes[len(sizes)-1])
}

// sealBlocks seals JSON as u32 n ‖ JSON ‖ zeros in whole blocks.
func sealBlocks(doc any, to *Recipient) ([]byte, error) {
	text, err := encodeJSON(doc)
	if err != nil {
		return nil, err
	}
	blocks := (4 + len(text) + blockSize - 1) / blockSize
	if blocks > maxBlocks {
		return nil, fmt.Errorf("%w: %d bytes of keys", ErrTooLong, len(text))
	}
	return encrypt(frame(text, nil, blocks*blockSize), to)
}

// openBlocks opens what sealBlocks sealed; doc is a pointer.
func openBlocks(body []byte, kind Kind, identity *Identity, doc any) error {
	err := CheckEnvelope(kind, body)
	if err != nil {
		return err
	}
	plain, err := decrypt(body, identity)
	if err != nil {
		return err
	}
	text, padding, err := unframe(plain)
	if err != nil {
		return err
	}
	err = checkZeros(padding)
	if err != nil {
		return err
	}
	if len(padding) >= blockSize {
		return errors.New("it is larger than its content needs")
	}
	return decodeExact(text, doc)
}
