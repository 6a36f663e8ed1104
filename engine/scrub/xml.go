// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bytes"
	"strings"
)

// A small reader of XML: enough for the parts of office documents, which are
// read and written again without what a rule drops.

// xmlAttr is an attribute; value is as it was written, with its entities.
type xmlAttr struct{ name, value string }

// xmlTag is a start tag.
type xmlTag struct {
	name  string
	attrs []xmlAttr
}

func local(name string) string {
	if i := strings.IndexByte(name, ':'); i >= 0 {
		return name[i+1:]
	}
	return name
}

func (t *xmlTag) get(localName string) string {
	for _, a := range t.attrs {
		if local(a.name) == localName {
			return a.value
		}
	}
	return ""
}

// xmlVerdict says what becomes of an element.
type xmlVerdict int

const (
	xmlKeep   xmlVerdict = iota
	xmlDrop              // with all that is in it
	xmlUnwrap            // without its own tags
)

const maxXMLDepth = 512

// rewriteXML calls judge with each start tag, which may change attributes, and
// writes what is kept. Comments, instructions and anything of a document type
// don't stay; a document type is refused, for it can make entities explode.
func rewriteXML(b []byte, judge func(*xmlTag) xmlVerdict) ([]byte, error) {
	b = bytes.TrimPrefix(b, []byte("\xEF\xBB\xBF"))
	if bytes.HasPrefix(b, []byte("\xFF\xFE")) || bytes.HasPrefix(b, []byte("\xFE\xFF")) {
		return nil, refuse(ReasonUnsupported, "xml: not UTF-8")
	}
	out := append(make([]byte, 0, len(b)), `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`+"\n"...)
	start := len(out)
	var open []xmlVerdict
	dropping := 0
	for len(b) > 0 {
		i := bytes.IndexByte(b, '<')
		if i < 0 {
			i = len(b)
		}
		if dropping == 0 && (len(open) > 0 || len(bytes.TrimSpace(b[:i])) > 0) {
			out = append(out, b[:i]...)
		}
		b = b[i:]
		if len(b) == 0 {
			break
		}
		rest, ok, err := xmlAside(b)
		if err != nil {
			return nil, err
		}
		if ok {
			if dropping == 0 && bytes.HasPrefix(b, []byte("<![CDATA[")) {
				out = append(out, b[:len(b)-len(rest)]...)
			}
			b = rest
			continue
		}
		end := xmlTagEnd(b)
		if end < 0 {
			return nil, refuse(ReasonTruncated, "xml")
		}
		raw := b[1:end]
		b = b[end+1:]
		if len(raw) > 0 && raw[0] == '/' {
			if len(open) == 0 {
				return nil, malformed("xml: an end without a start")
			}
			v := open[len(open)-1]
			open = open[:len(open)-1]
			if v == xmlDrop {
				dropping--
			} else if v == xmlKeep && dropping == 0 {
				out = append(append(append(out, "</"...), bytes.TrimSpace(raw[1:])...), '>')
			}
			continue
		}
		single := len(raw) > 0 && raw[len(raw)-1] == '/'
		tag, err := parseTag(strings.TrimSuffix(string(raw), "/"))
		if err != nil {
			return nil, err
		}
		v := xmlDrop
		if dropping == 0 {
			v = judge(&tag)
		}
		if v == xmlKeep {
			out = tag.append(out, single)
		}
		if !single {
			if len(open) >= maxXMLDepth {
				return nil, refuse(ReasonTooLarge, "xml: too deep")
			}
			open = append(open, v)
			if v == xmlDrop {
				dropping++
			}
		}
	}
	if len(open) > 0 {
		return nil, refuse(ReasonTruncated, "xml")
	}
	if len(out) == start {
		return nil, malformed("xml: nothing")
	}
	return out, nil
}

// xmlAside passes over comments, instructions and CDATA.
func xmlAside(b []byte) (rest []byte, ok bool, err error) {
	for _, row := range [][2]string{{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}} {
		if !bytes.HasPrefix(b, []byte(row[0])) {
			continue
		}
		i := bytes.Index(b, []byte(row[1]))
		if i < 0 {
			return nil, false, refuse(ReasonTruncated, "xml")
		}
		return b[i+len(row[1]):], true, nil
	}
	if bytes.HasPrefix(b, []byte("<!")) {
		return nil, false, malformed("xml: a document type")
	}
	return nil, false, nil
}

// xmlTagEnd finds the end of a tag, outside of quotes.
func xmlTagEnd(b []byte) int {
	quote := byte(0)
	for i, c := range b {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return i
		}
	}
	return -1
}

func parseTag(s string) (xmlTag, error) {
	i := strings.IndexAny(s, " \t\r\n")
	if i < 0 {
		i = len(s)
	}
	t := xmlTag{name: s[:i]}
	if t.name == "" {
		return t, malformed("xml: a tag without name")
	}
	for s = strings.TrimSpace(s[i:]); s != ""; s = strings.TrimSpace(s) {
		name, rest, ok := strings.Cut(s, "=")
		rest = strings.TrimSpace(rest)
		if !ok || rest == "" || (rest[0] != '"' && rest[0] != '\'') {
			return t, malformed("xml: an attribute without value")
		}
		value, after, ok := strings.Cut(rest[1:], rest[:1])
		if !ok {
			return t, malformed("xml: an attribute without end")
		}
		if rest[0] == '\'' {
			value = strings.ReplaceAll(value, `"`, "&quot;")
		}
		t.attrs = append(t.attrs, xmlAttr{strings.TrimSpace(name), value})
		s = after
	}
	return t, nil
}

func (t *xmlTag) append(out []byte, single bool) []byte {
	out = append(append(out, '<'), t.name...)
	for _, a := range t.attrs {
		out = append(append(append(append(append(out, ' '), a.name...), `="`...), a.value...), '"')
	}
	if single {
		out = append(out, '/')
	}
	return append(out, '>')
}
