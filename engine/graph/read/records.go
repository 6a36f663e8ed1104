// SPDX-License-Identifier: Apache-2.0

package read

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// maxLine bounds the memory that one line may take.
const maxLine = 16 << 20

var (
	errLine  = errors.New("the line is longer than 16 MiB")
	errQuote = errors.New("a quotation mark is opened and never closed")
)

// records splits a file into lines and fields. Almost all lines hold no
// quotation mark and are cut in place; the others follow RFC 4180.
type records struct {
	in    *bufio.Reader
	comma byte
	line  int // number of the line that the record begins at
	next  int // number of the line after the record
	spill []byte
	parts [][]byte
}

func newRecords(in *bufio.Reader) *records { return &records{in: in, next: 1} }

// raw returns the next line without its end; it holds until the next call. It
// returns io.EOF only when nothing is left.
func (r *records) raw() ([]byte, error) {
	line, err := r.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		r.spill = append(r.spill[:0], line...)
		for errors.Is(err, bufio.ErrBufferFull) {
			if len(r.spill) > maxLine {
				return nil, errLine
			}
			line, err = r.in.ReadSlice('\n')
			r.spill = append(r.spill, line...)
		}
		line = r.spill
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(line) == 0 {
		return nil, io.EOF
	}
	r.next++
	line = bytes.TrimSuffix(line, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r")), nil
}

// read returns the fields of the next line that is not blank; they hold until
// the next call.
func (r *records) read() ([][]byte, error) {
	for {
		r.line = r.next
		line, err := r.raw()
		if err != nil {
			return nil, err
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if bytes.IndexByte(line, '"') >= 0 {
			return r.quoted(line)
		}
		return r.split(line), nil
	}
}

func (r *records) split(line []byte) [][]byte {
	r.parts = r.parts[:0]
	for {
		i := bytes.IndexByte(line, r.comma)
		if i < 0 {
			r.parts = append(r.parts, trim(line))
			return r.parts
		}
		r.parts = append(r.parts, trim(line[:i]))
		line = line[i+1:]
	}
}

// trim cuts spaces, tabs and other white space from both ends; most fields have
// none.
func trim(field []byte) []byte {
	if len(field) > 0 && field[0] > ' ' && field[0] < 0x80 && field[len(field)-1] > ' ' && field[len(field)-1] < 0x80 {
		return field
	}
	return bytes.TrimSpace(field)
}

// quoted reads a record with quotation marks, which may go on over line ends.
func (r *records) quoted(line []byte) ([][]byte, error) {
	text := append([]byte(nil), line...)
	for bytes.Count(text, []byte{'"'})%2 == 1 {
		more, err := r.raw()
		if errors.Is(err, io.EOF) {
			return nil, errQuote
		}
		if err != nil {
			return nil, err
		}
		if len(text) > maxLine {
			return nil, errLine
		}
		text = append(append(text, '\n'), more...)
	}
	r.parts = r.parts[:0]
	for {
		field, rest, last := cutField(text, r.comma)
		r.parts = append(r.parts, field)
		if last {
			return r.parts, nil
		}
		text = rest
	}
}

// cutField cuts one field, quoted or not, from the front of a record.
func cutField(text []byte, comma byte) (field, rest []byte, last bool) {
	start := bytes.TrimLeft(text, " ")
	if len(start) == 0 || start[0] != '"' {
		i := bytes.IndexByte(text, comma)
		if i < 0 {
			return bytes.TrimSpace(text), nil, true
		}
		return bytes.TrimSpace(text[:i]), text[i+1:], false
	}
	field = []byte{}
	for i := 1; i < len(start); i++ {
		switch {
		case start[i] != '"':
			field = append(field, start[i])
		case i+1 < len(start) && start[i+1] == '"':
			field = append(field, '"')
			i++
		default: // closing mark: what follows up to the comma belongs to no field
			j := bytes.IndexByte(start[i:], comma)
			if j < 0 {
				return bytes.TrimSpace(field), nil, true
			}
			return bytes.TrimSpace(field), start[i+j+1:], false
		}
	}
	return bytes.TrimSpace(field), nil, true
}
