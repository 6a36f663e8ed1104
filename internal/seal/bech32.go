// SPDX-License-Identifier: AGPL-3.0-or-later

package seal

import (
	"errors"
	"strings"
)

const bech32Letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// encodeBech32 writes data as Bech32 (BIP 173, without its limit of 90
// characters, as age uses it) with the human-readable part hrp in lower case.
func encodeBech32(hrp string, data []byte) string {
	var groups []byte
	acc, bits := 0, 0
	for _, b := range data {
		acc, bits = acc<<8|int(b), bits+8
		for ; bits >= 5; bits -= 5 {
			groups = append(groups, byte(acc>>(bits-5)&31))
		}
		acc &= 1<<bits - 1
	}
	if bits > 0 {
		groups = append(groups, byte(acc<<(5-bits)&31))
	}
	sum := bech32Checksum(hrp, groups)
	var out strings.Builder
	out.WriteString(hrp + "1")
	for _, g := range append(groups, sum...) {
		out.WriteByte(bech32Letters[g])
	}
	return out.String()
}

// decodeBech32 reads what encodeBech32 wrote; the whole string may be in upper
// case.
func decodeBech32(s string) (hrp string, data []byte, err error) {
	if strings.ToLower(s) != s && strings.ToUpper(s) != s {
		return "", nil, errors.New("bech32: mixed case")
	}
	s = strings.ToLower(s)
	split := strings.LastIndexByte(s, '1')
	if split < 1 || len(s)-split-1 < 6 {
		return "", nil, errors.New("bech32: no separator or too short")
	}
	hrp = s[:split]
	groups := make([]byte, 0, len(s)-split-1)
	for _, c := range []byte(s[split+1:]) {
		at := strings.IndexByte(bech32Letters, c)
		if at < 0 {
			return "", nil, errors.New("bech32: a character does not belong")
		}
		groups = append(groups, byte(at))
	}
	payload := groups[:len(groups)-6]
	if string(bech32Checksum(hrp, payload)) != string(groups[len(groups)-6:]) {
		return "", nil, errors.New("bech32: the check characters are wrong")
	}
	acc, bits := 0, 0
	for _, g := range payload {
		acc, bits = acc<<5|int(g), bits+5
		if bits >= 8 {
			bits -= 8
			data = append(data, byte(acc>>bits))
			acc &= 1<<bits - 1
		}
	}
	if bits >= 5 || acc != 0 {
		return "", nil, errors.New("bech32: the padding is not zero")
	}
	return hrp, data, nil
}

func bech32Checksum(hrp string, groups []byte) []byte {
	poly := uint32(1)
	step := func(v byte) {
		top := poly >> 25
		poly = (poly&0x1ffffff)<<5 ^ uint32(v)
		for i, g := range [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				poly ^= g
			}
		}
	}
	for _, c := range []byte(hrp) {
		step(c >> 5)
	}
	step(0)
	for _, c := range []byte(hrp) {
		step(c & 31)
	}
	for _, g := range groups {
		step(g)
	}
	for range 6 {
		step(0)
	}
	poly ^= 1
	sum := make([]byte, 6)
	for i := range sum {
		sum[i] = byte(poly >> (5 * (5 - i)) & 31)
	}
	return sum
}
