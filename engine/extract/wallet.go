// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// wallets finds addresses of Bitcoin (base58check; bech32 and bech32m, BIP 173
// and 350), Ethereum (EIP-55 where its letters are mixed), TRON and Monero.
// Only those whose check digits are right count; an Ethereum address in one
// case has none.
func wallets(s *scan) {
	const long = 100
	for i := 0; i < len(s.r); i++ {
		if !isAlnum(s.r[i]) || !s.starts(i) {
			continue
		}
		to := i
		for to < len(s.r) && to-i <= long && s.r[to] < 0x80 && isAlnum(s.r[to]) && !s.taken[to] && !s.foreign[to] {
			to++
		}
		if n := to - i; n >= 25 && n < long && !isAlnum(s.get(to)) {
			if value, ok := walletOf(string(s.r[i:to])); ok {
				s.take(Wallet, value, i, to)
			}
		}
		for to < len(s.r) && isAlnum(s.r[to]) {
			to++
		}
		i = max(i, to-1)
	}
}

func walletOf(t string) (string, bool) {
	small := strings.ToLower(t)
	switch {
	case strings.HasPrefix(small, "0x") && len(t) == 42:
		return small, ethereum(t[2:])
	case strings.HasPrefix(small, "bc1"):
		return small, (t == small || t == strings.ToUpper(t)) && bech32(small)
	case t[0] == '1' || t[0] == '3' || t[0] == 'T':
		if len(t) > 35 {
			return "", false
		}
		b, ok := base58(t, 25)
		if !ok {
			return "", false
		}
		first := sha256.Sum256(b[:21])
		second := sha256.Sum256(first[:])
		version := map[byte]byte{'1': 0x00, '3': 0x05, 'T': 0x41}[t[0]]
		return t, b[0] == version && bytes.Equal(second[:4], b[21:])
	case (t[0] == '4' || t[0] == '8') && (len(t) == 95):
		return t, monero(t)
	}
	return "", false
}

// ethereum checks the letters' case against the hash of the address (EIP-55).
func ethereum(address string) bool {
	small := strings.ToLower(address)
	if _, err := hex.DecodeString(small); err != nil {
		return false
	}
	if address == small || address == strings.ToUpper(address) {
		return true
	}
	sum := keccak256([]byte(small))
	for i := range len(address) {
		nibble := sum[i/2] >> 4
		if i%2 == 1 {
			nibble = sum[i/2] & 15
		}
		if c := small[i]; c > '9' && (nibble >= 8) != (address[i] != c) {
			return false
		}
	}
	return true
}

const alphabet58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// base58 decodes t into exactly n bytes.
func base58(t string, n int) ([]byte, bool) {
	out := make([]byte, n)
	for i := range len(t) {
		carry := strings.IndexByte(alphabet58, t[i])
		if carry < 0 {
			return nil, false
		}
		for j := n - 1; j >= 0; j-- {
			carry += int(out[j]) * 58
			out[j] = byte(carry)
			carry >>= 8
		}
		if carry != 0 {
			return nil, false
		}
	}
	return out, true
}

// monero decodes blocks of eleven signs into eight bytes each, the last seven
// into five, and checks four bytes of Keccak.
func monero(t string) bool {
	var all []byte
	for len(t) > 0 {
		signs, n := 11, 8
		if len(t) < 11 {
			signs, n = len(t), 5
		}
		b, ok := base58(t[:signs], n)
		if !ok {
			return false
		}
		all = append(all, b...)
		t = t[signs:]
	}
	if len(all) != 69 {
		return false
	}
	sum := keccak256(all[:65])
	return bytes.Equal(sum[:4], all[65:])
}

// bech32 checks a segwit address in lower case.
func bech32(t string) bool {
	const signs = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	if len(t) < 14 || len(t) > 74 {
		return false
	}
	values := []byte{3, 3, 0, 2, 3} // "bc" spread out
	for i := 3; i < len(t); i++ {
		v := strings.IndexByte(signs, t[i])
		if v < 0 {
			return false
		}
		values = append(values, byte(v))
	}
	sum := uint32(1)
	for _, v := range values {
		top := sum >> 25
		sum = (sum&0x1ffffff)<<5 ^ uint32(v)
		for i, g := range [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				sum ^= g
			}
		}
	}
	version := values[5]
	if version == 0 {
		return sum == 1
	}
	return version <= 16 && sum == 0x2bc830a3
}
