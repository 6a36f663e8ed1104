// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bytes"
	"strconv"
)

// The objects of a PDF.
type (
	pdfRef    struct{ num, gen int }
	pdfName   string // decoded
	pdfNumber string // as it was written
	pdfString []byte // decoded
	pdfWord   string // true, false, null
	pdfArray  []any
	pdfDict   struct {
		keys   []pdfName // in the order of the file
		values map[pdfName]any
	}
)

func (d *pdfDict) get(k pdfName) any {
	if d == nil {
		return nil
	}
	return d.values[k]
}

func (d *pdfDict) set(k pdfName, v any) {
	if d.values == nil {
		d.values = map[pdfName]any{}
	}
	if _, have := d.values[k]; !have {
		d.keys = append(d.keys, k)
	}
	d.values[k] = v
}

// pdfParser reads objects from bytes.
type pdfParser struct {
	b     []byte
	at    int
	depth int
}

const maxPDFDepth = 64

func pdfSpace(c byte) bool {
	return c == 0 || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' '
}

func pdfDelim(c byte) bool {
	switch c {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return true
	}
	return false
}

// space passes over white space and comments.
func (p *pdfParser) space() {
	for p.at < len(p.b) {
		switch c := p.b[p.at]; {
		case pdfSpace(c):
			p.at++
		case c == '%':
			for p.at < len(p.b) && p.b[p.at] != '\n' && p.b[p.at] != '\r' {
				p.at++
			}
		default:
			return
		}
	}
}

// word returns the run of regular characters at the place.
func (p *pdfParser) word() string {
	from := p.at
	for p.at < len(p.b) && !pdfSpace(p.b[p.at]) && !pdfDelim(p.b[p.at]) {
		p.at++
	}
	return string(p.b[from:p.at])
}

func (p *pdfParser) has(s string) bool { return bytes.HasPrefix(p.b[p.at:], []byte(s)) }

var errPDF = pdfMistake{}

type pdfMistake struct{}

func (pdfMistake) Error() string { return "pdf: an object that can't be read" }

// object reads one object; a number may turn out to be a reference.
func (p *pdfParser) object() (any, error) {
	p.space()
	if p.at >= len(p.b) {
		return nil, errPDF
	}
	if p.depth++; p.depth > maxPDFDepth {
		return nil, errPDF
	}
	defer func() { p.depth-- }()
	switch c := p.b[p.at]; {
	case c == '/':
		return p.name(), nil
	case c == '(':
		return p.text()
	case p.has("<<"):
		return p.dict()
	case c == '<':
		return p.hex()
	case c == '[':
		return p.array()
	case c == '+' || c == '-' || c == '.' || (c >= '0' && c <= '9'):
		return p.number()
	}
	w := p.word()
	switch w {
	case "true", "false", "null":
		return pdfWord(w), nil
	}
	return nil, errPDF
}

func (p *pdfParser) number() (any, error) {
	w := p.word()
	if !validNumber(w) {
		return nil, errPDF
	}
	num, ok := digits(w)
	if !ok {
		return pdfNumber(w), nil
	}
	back := p.at
	p.space()
	if gen, ok := digits(p.word()); ok {
		p.space()
		if p.word() == "R" {
			return pdfRef{num, gen}, nil
		}
	}
	p.at = back
	return pdfNumber(w), nil
}

func validNumber(w string) bool {
	seen := false
	for i := range len(w) {
		c := w[i]
		switch {
		case c >= '0' && c <= '9':
			seen = true
		case c == '.', c == '-', c == '+' && i == 0:
		default:
			return false
		}
	}
	return seen && len(w) < 40
}

func digits(w string) (int, bool) {
	if w == "" || len(w) > 10 {
		return 0, false
	}
	for i := range len(w) {
		if w[i] < '0' || w[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.Atoi(w)
	return n, err == nil
}

func unhex(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

func (p *pdfParser) name() pdfName {
	p.at++
	w := p.word()
	var out []byte
	for i := 0; i < len(w); i++ {
		if w[i] == '#' && i+2 < len(w) {
			hi, ok := unhex(w[i+1])
			lo, ok2 := unhex(w[i+2])
			if ok && ok2 {
				out = append(out, hi<<4|lo)
				i += 2
				continue
			}
		}
		out = append(out, w[i])
	}
	return pdfName(out)
}

func (p *pdfParser) text() (any, error) {
	p.at++
	out, depth := pdfString{}, 1
	for p.at < len(p.b) {
		c := p.b[p.at]
		p.at++
		switch c {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return out, nil
			}
		case '\\':
			out = p.escape(out)
			continue
		}
		out = append(out, c)
	}
	return nil, errPDF
}

func (p *pdfParser) escape(out pdfString) pdfString {
	if p.at >= len(p.b) {
		return out
	}
	c := p.b[p.at]
	p.at++
	switch c {
	case 'n':
		return append(out, '\n')
	case 'r':
		return append(out, '\r')
	case 't':
		return append(out, '\t')
	case 'b':
		return append(out, '\b')
	case 'f':
		return append(out, '\f')
	case '\n':
		return out
	case '\r':
		if p.at < len(p.b) && p.b[p.at] == '\n' {
			p.at++
		}
		return out
	}
	if c < '0' || c > '7' {
		return append(out, c)
	}
	v := int(c - '0')
	for range 2 {
		if p.at < len(p.b) && p.b[p.at] >= '0' && p.b[p.at] <= '7' {
			v = v*8 + int(p.b[p.at]-'0')
			p.at++
		}
	}
	return append(out, byte(v))
}

func (p *pdfParser) hex() (any, error) {
	p.at++
	out, half, odd := pdfString{}, byte(0), false
	for p.at < len(p.b) {
		c := p.b[p.at]
		p.at++
		if c == '>' {
			if odd {
				out = append(out, half<<4)
			}
			return out, nil
		}
		v, ok := unhex(c)
		if !ok {
			if pdfSpace(c) {
				continue
			}
			return nil, errPDF
		}
		if odd {
			out = append(out, half<<4|v)
		}
		half, odd = v, !odd
	}
	return nil, errPDF
}

func (p *pdfParser) array() (any, error) {
	p.at++
	out := pdfArray{}
	for {
		p.space()
		if p.at < len(p.b) && p.b[p.at] == ']' {
			p.at++
			return out, nil
		}
		v, err := p.object()
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
}

func (p *pdfParser) dict() (any, error) {
	p.at += 2
	out := &pdfDict{}
	for {
		p.space()
		if p.at >= len(p.b) {
			return nil, errPDF
		}
		if p.has(">>") {
			p.at += 2
			return out, nil
		}
		if p.b[p.at] != '/' {
			return nil, errPDF
		}
		k := p.name()
		v, err := p.object()
		if err != nil {
			return nil, err
		}
		out.set(k, v)
	}
}

// appendPDF writes an object; refs are given their new numbers by num.
func appendPDF(b []byte, v any, num func(pdfRef) int) []byte {
	switch v := v.(type) {
	case pdfRef:
		if n := num(v); n > 0 {
			return append(strconv.AppendInt(b, int64(n), 10), " 0 R"...)
		}
		return append(b, "null"...)
	case pdfName:
		return appendName(b, v)
	case pdfNumber:
		return append(b, v...)
	case pdfWord:
		return append(b, v...)
	case pdfString:
		b = append(b, '<')
		for _, c := range v {
			b = append(b, "0123456789ABCDEF"[c>>4], "0123456789ABCDEF"[c&15])
		}
		return append(b, '>')
	case pdfArray:
		b = append(b, '[')
		for i, x := range v {
			if i > 0 {
				b = append(b, ' ')
			}
			b = appendPDF(b, x, num)
		}
		return append(b, ']')
	case *pdfDict:
		b = append(b, "<<"...)
		for _, k := range v.keys {
			b = append(appendName(b, k), ' ')
			b = appendPDF(b, v.values[k], num)
		}
		return append(b, ">>"...)
	}
	return append(b, "null"...)
}

func appendName(b []byte, n pdfName) []byte {
	b = append(b, '/')
	for i := range len(n) {
		c := n[i]
		if c <= ' ' || c > '~' || c == '#' || pdfDelim(c) {
			b = append(b, '#', "0123456789ABCDEF"[c>>4], "0123456789ABCDEF"[c&15])
			continue
		}
		b = append(b, c)
	}
	return b
}
