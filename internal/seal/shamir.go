// SPDX-License-Identifier: AGPL-3.0-or-later

package seal

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
)

const (
	shareHRP      = "turnstone-share-"
	maxShares     = 255
	shareSetSize  = 4
	shareFront    = 1 + shareSetSize + 2 // version, set, threshold, place
	shareChecksum = 4
)

// Share is one keeper's part of a split secret (Shamir 1979, over GF(256) with
// the polynomial of AES). Fewer shares than the threshold say nothing about the
// secret.
type Share struct {
	set       [shareSetSize]byte // the same in all shares of one split
	threshold byte
	place     byte // x coordinate, from 1
	values    []byte
}

// SplitSecret deals a secret to n keepers, any m of whom can combine it.
func SplitSecret(secret []byte, m, n int) ([]Share, error) {
	if m < 2 || m > n || n > maxShares {
		return nil, fmt.Errorf("split secret: %d of %d can't be: want 2 ≤ M ≤ N ≤ %d", m, n, maxShares)
	}
	if len(secret) == 0 {
		return nil, errors.New("split secret: there is no secret")
	}
	// The secret is split with its checksum, so that shares that do not belong
	// together are noticed.
	sum := sha256.Sum256(secret)
	whole := append(append([]byte(nil), secret...), sum[:shareChecksum]...)
	var set [shareSetSize]byte
	_, _ = rand.Read(set[:]) // crypto/rand.Read never returns an error since Go 1.24
	shares := make([]Share, n)
	for i := range shares {
		shares[i] = Share{set: set, threshold: byte(m), place: byte(i + 1), values: make([]byte, len(whole))}
	}
	coefficients := make([]byte, m)
	for at, b := range whole {
		_, _ = rand.Read(coefficients[1:])
		coefficients[0] = b
		for i := range shares {
			shares[i].values[at] = evaluate(coefficients, shares[i].place)
		}
	}
	return shares, nil
}

// CombineShares returns the secret. It says so when there are too few shares,
// when they are of different splits, and when the result is wrong.
func CombineShares(shares []Share) ([]byte, error) {
	if len(shares) == 0 {
		return nil, errors.New("combine shares: there is none")
	}
	first := shares[0]
	seen := map[byte]bool{}
	for _, s := range shares {
		if s.set != first.set || s.threshold != first.threshold || len(s.values) != len(first.values) {
			return nil, fmt.Errorf("combine shares: %w: share %d is of another split", ErrOutOfPlace, s.place)
		}
		if s.place == 0 || seen[s.place] {
			return nil, fmt.Errorf("combine shares: share %d is given twice", s.place)
		}
		seen[s.place] = true
	}
	if len(shares) < int(first.threshold) {
		return nil, fmt.Errorf("combine shares: %d of at least %d are here", len(shares), first.threshold)
	}
	shares = shares[:first.threshold]
	whole := make([]byte, len(first.values))
	for i, s := range shares {
		weight := byte(1)
		for j, other := range shares {
			if i != j {
				weight = multiply(weight, multiply(other.place, inverse(other.place^s.place)))
			}
		}
		for at := range whole {
			whole[at] ^= multiply(weight, s.values[at])
		}
	}
	if len(whole) <= shareChecksum {
		return nil, errors.New("combine shares: they are too short")
	}
	secret, check := whole[:len(whole)-shareChecksum], whole[len(whole)-shareChecksum:]
	sum := sha256.Sum256(secret)
	if !bytes.Equal(sum[:shareChecksum], check) {
		return nil, errors.New("combine shares: a share is wrong")
	}
	return secret, nil
}

// Place returns the share's number, from 1, and the threshold.
func (s Share) Place() (place, threshold int) { return int(s.place), int(s.threshold) }

// Secret returns the share as Bech32 text "turnstone-share-1…" for a keeper to
// print: version, set, threshold, place, values.
func (s Share) Secret() string {
	data := append([]byte{Version}, s.set[:]...)
	data = append(data, s.threshold, s.place)
	return encodeBech32(shareHRP, append(data, s.values...))
}

// String keeps shares out of logs and errors.
func (s Share) String() string { return fmt.Sprintf("share %d (hidden)", s.place) }

// GoString keeps shares out of dumps.
func (s Share) GoString() string { return s.String() }

// ParseShare reads what Secret wrote; the check characters find typing errors.
func ParseShare(text string) (Share, error) {
	hrp, data, err := decodeBech32(strings.TrimSpace(text))
	if err != nil {
		return Share{}, fmt.Errorf("read share: %w", err)
	}
	if hrp != shareHRP || len(data) <= shareFront+shareChecksum || data[0] != Version {
		return Share{}, errors.New("read share: it is not a share of a recovery key")
	}
	s := Share{
		set: [shareSetSize]byte(data[1:]), threshold: data[5], place: data[6],
		values: data[shareFront:],
	}
	if s.threshold < 2 || s.place == 0 {
		return Share{}, errors.New("read share: its numbers make no sense")
	}
	return s, nil
}

// evaluate is Horner's rule for the polynomial at x.
func evaluate(coefficients []byte, x byte) byte {
	var y byte
	for i := len(coefficients) - 1; i >= 0; i-- {
		y = multiply(y, x) ^ coefficients[i]
	}
	return y
}

// multiply multiplies in GF(256) modulo x⁸+x⁴+x³+x+1, without tables or
// branches that depend on the values.
func multiply(a, b byte) byte {
	var product byte
	for range 8 {
		product ^= a & -(b & 1)
		a = a<<1 ^ 0x1b&-(a>>7)
		b >>= 1
	}
	return product
}

// inverse is a to the power of 254, the inverse of a in GF(256).
func inverse(a byte) byte {
	result := byte(1)
	square := a
	for range 7 {
		square = multiply(square, square)
		result = multiply(result, square)
	}
	return result
}
