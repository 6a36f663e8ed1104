// SPDX-License-Identifier: Apache-2.0

package match

import (
	"encoding/binary"
	"errors"
	"math"
)

// errShort says that stored bytes end too early or lie about a length.
var errShort = errors.New("stored name is cut or damaged")

// AppendTo appends the name's stored form to out: it can be kept in a file and
// read back by DecodeName without preparing again. The form belongs to one
// version of this package; keep Raw's source to prepare anew.
func (n *Name) AppendTo(out []byte) []byte {
	flags := byte(0)
	if n.Weak {
		flags = 1
	}
	out = append(out, byte(n.Sort), byte(n.Script), flags, byte(len(n.Tokens)))
	out = appendText(out, n.Raw)
	for i := range n.Tokens {
		t := &n.Tokens[i]
		out = appendText(out, t.Text)
		native := t.Native
		if native == t.Text {
			native = "" // most names are Latin
		}
		out = appendText(out, native)
		out = appendText(out, t.Skeleton)
		out = appendText(out, t.sound)
		out = binary.AppendUvarint(out, uint64(len(t.Groups)))
		for _, g := range t.Groups {
			out = binary.LittleEndian.AppendUint32(out, g)
		}
		loose := uint32(0)
		if t.loose {
			loose = 1
		}
		out = binary.LittleEndian.AppendUint32(out, t.form<<1|loose)
		out = binary.LittleEndian.AppendUint16(out, uint16(t.Kind))
		out = binary.LittleEndian.AppendUint32(out, t.Class)
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(t.Weight))
	}
	return out
}

// DecodeName reads what AppendTo wrote and returns the bytes after it. The
// name's texts are copies, so that stored may be unmapped.
func DecodeName(stored []byte) (Name, []byte, error) {
	if len(stored) < 4 {
		return Name{}, nil, errShort
	}
	n := Name{Sort: Sort(stored[0]), Script: Script(stored[1]), Weak: stored[2]&1 != 0}
	count := int(stored[3])
	rest := stored[4:]
	var err error
	if n.Raw, rest, err = cutText(rest); err != nil {
		return Name{}, nil, err
	}
	n.Tokens = make([]Token, count)
	for i := range n.Tokens {
		if rest, err = n.Tokens[i].decode(rest); err != nil {
			return Name{}, nil, err
		}
	}
	return n, rest, nil
}

func (t *Token) decode(rest []byte) (_ []byte, err error) {
	for _, text := range []*string{&t.Text, &t.Native, &t.Skeleton, &t.sound} {
		if *text, rest, err = cutText(rest); err != nil {
			return nil, err
		}
	}
	count, n := binary.Uvarint(rest)
	if n <= 0 || count > uint64(len(rest)-n)/4 {
		return nil, errShort
	}
	rest = rest[n:]
	for range count {
		t.Groups = append(t.Groups, binary.LittleEndian.Uint32(rest))
		rest = rest[4:]
	}
	if len(rest) < 14 {
		return nil, errShort
	}
	form := binary.LittleEndian.Uint32(rest)
	t.form, t.loose, rest = form>>1, form&1 == 1, rest[4:]
	t.listen()
	if t.Native == "" {
		t.Native = t.Text
	}
	t.Kind = Kind(binary.LittleEndian.Uint16(rest))
	t.Class = binary.LittleEndian.Uint32(rest[2:])
	t.Weight = math.Float32frombits(binary.LittleEndian.Uint32(rest[6:]))
	return rest[10:], nil
}

func appendText(out []byte, s string) []byte {
	return append(binary.AppendUvarint(out, uint64(len(s))), s...)
}

func cutText(stored []byte) (string, []byte, error) {
	size, n := binary.Uvarint(stored)
	if n <= 0 || size > uint64(len(stored)-n) {
		return "", nil, errShort
	}
	return string(stored[n : n+int(size)]), stored[n+int(size):], nil
}
