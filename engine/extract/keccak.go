// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"encoding/binary"
	"math/bits"
)

// keccak256 is the hash that Ethereum and Monero use: Keccak before the
// padding of SHA-3 was changed (FIPS 202 adds two bits), which the standard
// library therefore doesn't have.
func keccak256(data []byte) [32]byte {
	const rate = 136
	var a [25]uint64
	block := func(b []byte) {
		for i := range rate / 8 {
			a[i] ^= binary.LittleEndian.Uint64(b[8*i:])
		}
		permute(&a)
	}
	for len(data) >= rate {
		block(data[:rate])
		data = data[rate:]
	}
	var last [rate]byte
	copy(last[:], data)
	last[len(data)] ^= 0x01
	last[rate-1] ^= 0x80
	block(last[:])
	var out [32]byte
	for i := range 4 {
		binary.LittleEndian.PutUint64(out[8*i:], a[i])
	}
	return out
}

// permute is Keccak-f[1600] (FIPS 202, 3.3).
func permute(a *[25]uint64) {
	lfsr := byte(1)
	for range 24 {
		var c, d [5]uint64
		for x := range 5 {
			c[x] = a[x] ^ a[x+5] ^ a[x+10] ^ a[x+15] ^ a[x+20]
		}
		for x := range 5 {
			d[x] = c[(x+4)%5] ^ bits.RotateLeft64(c[(x+1)%5], 1)
		}
		for i := range a {
			a[i] ^= d[i%5]
		}
		x, y, lane := 1, 0, a[1]
		for t := range 24 { // rho and pi together
			x, y = y, (2*x+3*y)%5
			lane, a[x+5*y] = a[x+5*y], bits.RotateLeft64(lane, (t+1)*(t+2)/2)
		}
		for y := 0; y < 25; y += 5 {
			row := [5]uint64(a[y : y+5])
			for x := range 5 {
				a[y+x] = row[x] ^ ^row[(x+1)%5]&row[(x+2)%5]
			}
		}
		for j := range 7 { // iota: a bit of a shift register at 2^j − 1
			if lfsr&1 == 1 {
				a[0] ^= 1 << (1<<j - 1)
			}
			high := lfsr >> 7
			lfsr = lfsr<<1 ^ high*0x71
		}
	}
}
