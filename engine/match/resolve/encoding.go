// SPDX-License-Identifier: Apache-2.0

package resolve

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// plain returns a reader of the text without its byte-order mark; UTF-16 comes
// out as UTF-8, whether a mark or only the zeros of its first letters show it.
// Bytes that are neither are left for toUTF8.
func plain(r *bufio.Reader) (*bufio.Reader, error) {
	head, err := r.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	mark, order := 0, binary.ByteOrder(nil)
	switch {
	case len(head) >= 3 && string(head[:3]) == "\xef\xbb\xbf":
		mark = 3
	case len(head) >= 2 && string(head[:2]) == "\xff\xfe":
		mark, order = 2, binary.LittleEndian
	case len(head) >= 2 && string(head[:2]) == "\xfe\xff":
		mark, order = 2, binary.BigEndian
	case len(head) == 4 && head[0] != 0 && head[1] == 0 && head[2] != 0 && head[3] == 0:
		order = binary.LittleEndian
	case len(head) == 4 && head[0] == 0 && head[1] != 0 && head[2] == 0 && head[3] != 0:
		order = binary.BigEndian
	}
	if _, err := r.Discard(mark); err != nil {
		return nil, err
	}
	if order == nil {
		return r, nil
	}
	return bufio.NewReaderSize(&utf16Reader{from: r, order: order}, 1<<16), nil
}

// utf16Reader reads UTF-16 as UTF-8. Half a pair and half a letter become
// U+FFFD.
type utf16Reader struct {
	from  *bufio.Reader
	order binary.ByteOrder
	ahead rune // a unit that was read and not used, 0 for none
}

// Read fills p with whole letters; it needs room for one.
func (u *utf16Reader) Read(p []byte) (int, error) {
	n := 0
	for n+utf8.UTFMax <= len(p) {
		r, err := u.letter()
		if err != nil {
			if n > 0 && errors.Is(err, io.EOF) {
				err = nil
			}
			return n, err
		}
		n += utf8.EncodeRune(p[n:], r)
	}
	if n == 0 && len(p) > 0 {
		return 0, io.ErrShortBuffer
	}
	return n, nil
}

func (u *utf16Reader) letter() (rune, error) {
	r, err := u.unit()
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	low, err := u.unit()
	if errors.Is(err, io.EOF) {
		return utf8.RuneError, nil
	}
	if err != nil {
		return 0, err
	}
	both := utf16.DecodeRune(r, low)
	if both == utf8.RuneError {
		u.ahead = low
	}
	return both, nil
}

func (u *utf16Reader) unit() (rune, error) {
	if r := u.ahead; r != 0 {
		u.ahead = 0
		return r, nil
	}
	var two [2]byte
	_, err := io.ReadFull(u.from, two[:])
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return utf8.RuneError, nil
	}
	return rune(u.order.Uint16(two[:])), err
}

// windows is what the bytes from 0x80 to 0x9f are in Windows-1252; elsewhere it
// is Latin-1. What it leaves free is U+FFFD.
var windows = [32]rune{
	'€', 0xfffd, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0xfffd, 'Ž', 0xfffd,
	0xfffd, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0xfffd, 'ž', 'Ÿ',
}

// toUTF8 reads bytes that are not UTF-8 as Windows-1252, which keeps every
// letter that Western registers use.
func toUTF8(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	runes := make([]rune, 0, len(s))
	for i := range len(s) {
		r := rune(s[i])
		if r >= 0x80 && r < 0xa0 {
			r = windows[r-0x80]
		}
		runes = append(runes, r)
	}
	return string(runes)
}
