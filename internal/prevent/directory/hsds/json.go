// SPDX-License-Identifier: AGPL-3.0-or-later

package hsds

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"
)

// maxDepth is how deep JSON may be nested. The deepest path of the standard,
// from a service to the metadata of the language of a contact's phone at a
// location, needs half of it.
const maxDepth = 40

// node is a value of JSON with the place where it stands.
type node struct {
	kind  byte   // one of { [ " 0 t f n
	text  string // of a string or a number
	at    int    // offset of its first byte
	keys  []string
	keyAt []int
	items []node // of an array, or the values of keys
}

func (n node) get(key string) (node, bool) {
	if i := slices.Index(n.keys, key); i >= 0 {
		return n.items[i], true
	}
	return node{}, false
}

// syntax is what makes JSON unreadable from some byte on.
type syntax struct {
	at           int
	wrong, right string
}

// Error implements error.
func (e *syntax) Error() string { return fmt.Sprintf("byte %d: %s", e.at, e.wrong) }

// parser reads JSON (RFC 8259) and keeps places. encoding/json can't: it gives
// offsets of tokens only, replaces broken text, and lets a key stand twice.
type parser struct {
	b     []byte
	pos   int
	lines []int // offsets at which lines begin, made when the first place is asked for
}

func (p *parser) place(file string, at int) Place {
	if p.lines == nil {
		p.lines = []int{0}
		for i, c := range p.b {
			if c == '\n' {
				p.lines = append(p.lines, i+1)
			}
		}
	}
	line := sort.SearchInts(p.lines, at+1)
	return Place{file, line, at - p.lines[line-1] + 1}
}

func (p *parser) space() {
	for p.pos < len(p.b) && strings.IndexByte(" \t\r\n", p.b[p.pos]) >= 0 {
		p.pos++
	}
}

// peek returns the next byte that is not space, 0 at the end.
func (p *parser) peek() byte {
	p.space()
	if p.pos >= len(p.b) {
		return 0
	}
	return p.b[p.pos]
}

func (p *parser) unexpected(right string) error {
	if p.pos >= len(p.b) {
		return &syntax{len(p.b), "the file ends in the middle of a value", right}
	}
	return &syntax{p.pos, fmt.Sprintf("%q can't stand here", rune(p.b[p.pos])), right}
}

// value reads one value.
func (p *parser) value(depth int) (node, error) {
	if depth > maxDepth {
		return node{}, &syntax{p.pos, fmt.Sprintf("values lie more than %d deep in each other", maxDepth), "nest records as the standard does"}
	}
	switch c := p.peek(); {
	case c == '{':
		return p.object(depth)
	case c == '[':
		n := node{kind: '[', at: p.pos}
		err := p.elements(func() error {
			item, err := p.value(depth + 1)
			n.items = append(n.items, item)
			return err
		})
		return n, err
	case c == '"':
		at := p.pos
		s, err := p.text()
		return node{kind: '"', text: s, at: at}, err
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	for word, kind := range map[string]byte{"true": 't', "false": 'f', "null": 'n'} {
		if strings.HasPrefix(string(p.b[p.pos:min(len(p.b), p.pos+5)]), word) {
			p.pos += len(word)
			return node{kind: kind, text: word, at: p.pos - len(word)}, nil
		}
	}
	return node{}, p.unexpected("a value of JSON begins with {, [, \", a digit, true, false or null")
}

// elements goes through an array; each reads one element.
func (p *parser) elements(each func() error) error {
	p.pos++
	if p.peek() == ']' {
		p.pos++
		return nil
	}
	for {
		if err := each(); err != nil {
			return err
		}
		switch p.peek() {
		case ',':
			p.pos++
		case ']':
			p.pos++
			return nil
		default:
			return p.unexpected("between the elements of a list stands a comma, after the last one ]")
		}
	}
}

// members goes through an object; each reads the value of one key.
func (p *parser) members(each func(key string, at int) error) error {
	p.pos++
	if p.peek() == '}' {
		p.pos++
		return nil
	}
	for {
		if p.peek() != '"' {
			return p.unexpected("a key is a text in quotation marks")
		}
		at := p.pos
		key, err := p.text()
		if err != nil {
			return err
		}
		if p.peek() != ':' {
			return p.unexpected("after a key stands a colon")
		}
		p.pos++
		if err := each(key, at); err != nil {
			return err
		}
		switch p.peek() {
		case ',':
			p.pos++
		case '}':
			p.pos++
			return nil
		default:
			return p.unexpected("between the values of a record stands a comma, after the last one }")
		}
	}
}

func (p *parser) object(depth int) (node, error) {
	n := node{kind: '{', at: p.pos}
	err := p.members(func(key string, at int) error {
		v, err := p.value(depth + 1)
		n.keys, n.keyAt, n.items = append(n.keys, key), append(n.keyAt, at), append(n.items, v)
		return err
	})
	return n, err
}

func (p *parser) text() (string, error) {
	start, plain := p.pos, true
	for i := start + 1; i < len(p.b); i++ {
		switch c := p.b[i]; {
		case c == '\\':
			plain = false
			i++
		case c < ' ':
			return "", &syntax{i, "a text is broken off by a line end or a control character", `write \n for a line end, and " at the end of the text`}
		case c == '"':
			p.pos = i + 1
			if plain {
				return string(p.b[start+1 : i]), nil
			}
			var s string
			if err := json.Unmarshal(p.b[start:p.pos], &s); err != nil {
				return "", &syntax{start, "the text has an unknown sequence after \\", `the sequences are \" \\ \/ \b \f \n \r \t and \u with four digits`}
			}
			return s, nil
		}
	}
	return "", &syntax{len(p.b), "the file ends in the middle of a text", `end the text with "`}
}

func (p *parser) number() (node, error) {
	start := p.pos
	for p.pos < len(p.b) && strings.IndexByte("+-.eE0123456789", p.b[p.pos]) >= 0 {
		p.pos++
	}
	s := p.b[start:p.pos]
	if len(s) > 400 || !json.Valid(s) {
		return node{}, &syntax{start, "this is no number", "write numbers as 12 or -0.5"}
	}
	return node{kind: '0', text: string(s), at: start}, nil
}

// topKeys returns the keys of the object that begins here, without reading
// their values. What is malformed is found when the values are read.
func (p *parser) topKeys() []string {
	var keys []string
	depth, key := 0, true
	for i := p.pos; i < len(p.b); i++ {
		switch p.b[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
			if depth == 0 {
				return keys
			}
		case ',':
			key = depth == 1
		case '"':
			end := i + 1
			for end < len(p.b) && p.b[end] != '"' {
				if p.b[end] == '\\' {
					end++
				}
				end++
			}
			if depth == 1 && key {
				keys, key = append(keys, string(p.b[i+1:min(end, len(p.b))])), false
			}
			i = end
		}
	}
	return keys
}
