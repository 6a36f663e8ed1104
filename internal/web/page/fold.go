// SPDX-License-Identifier: AGPL-3.0-or-later

package page

import (
	"html/template"
	"regexp"
	"strings"
	"text/template/parse"
)

// Most of a page is texts of the catalogue. Asking for each of them while a page
// is made takes most of its time, and gives the same each time. So once
// html/template has worked out how everything in a page must be escaped (which
// it says by the names of functions in the tree that it leaves in Template.Tree),
// what can't change is put into the tree as it will be written.

// folder puts what can't change into the trees of a page. It knows the functions
// of one word that give the same each time.
type folder map[string]func(word string) (string, error)

// fold changes all trees of a page that has been made before.
func (f folder) fold(page *template.Template) {
	for _, t := range page.Templates() {
		if t.Tree != nil && t.Tree.Root != nil {
			f.list(t.Tree.Root)
		}
	}
}

func (f folder) list(l *parse.ListNode) {
	if l == nil {
		return
	}
	var nodes []parse.Node
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.ActionNode:
			if text, ok := f.action(n); ok {
				nodes = appendText(nodes, &parse.TextNode{NodeType: parse.NodeText, Pos: n.Pos, Text: []byte(text)})
				continue
			}
		case *parse.TextNode:
			nodes = appendText(nodes, n)
			continue
		case *parse.IfNode:
			f.branch(&n.BranchNode)
		case *parse.RangeNode:
			f.branch(&n.BranchNode)
		case *parse.WithNode:
			f.branch(&n.BranchNode)
		}
		nodes = append(nodes, n)
	}
	l.Nodes = nodes
}

func (f folder) branch(n *parse.BranchNode) {
	f.list(n.List)
	f.list(n.ElseList)
}

// appendText adds a text, to the one before it if there is one.
func appendText(nodes []parse.Node, n *parse.TextNode) []parse.Node {
	if len(nodes) > 0 {
		if last, ok := nodes[len(nodes)-1].(*parse.TextNode); ok {
			joined := append(append([]byte{}, last.Text...), n.Text...)
			nodes[len(nodes)-1] = &parse.TextNode{NodeType: parse.NodeText, Pos: last.Pos, Text: joined}
			return nodes
		}
	}
	return append(nodes, n)
}

// action returns what an action writes, when that is known now: a function of
// one written word, then html/template's own functions.
func (f folder) action(n *parse.ActionNode) (string, bool) {
	if len(n.Pipe.Decl) > 0 || len(n.Pipe.Cmds) < 2 || len(n.Pipe.Cmds[0].Args) != 2 {
		return "", false
	}
	name, ok := n.Pipe.Cmds[0].Args[0].(*parse.IdentifierNode)
	word, written := n.Pipe.Cmds[0].Args[1].(*parse.StringNode)
	if !ok || !written {
		return "", false
	}
	say, ok := f[name.Ident]
	if !ok {
		return "", false
	}
	value, err := say(word.Text)
	if err != nil {
		return "", false // making the page says so
	}
	for _, cmd := range n.Pipe.Cmds[1:] {
		escaper, ok := cmd.Args[0].(*parse.IdentifierNode)
		if !ok || len(cmd.Args) != 1 {
			return "", false
		}
		if value, ok = escape(escaper.Ident, value); !ok {
			return "", false
		}
	}
	return value, true
}

// harmless needs no escaping anywhere in an address or an attribute.
var harmless = regexp.MustCompile(`^/[A-Za-z0-9/._-]+$`)

// escapes are what html/template writes in elements and in attributes between
// quotation marks.
var escapes = strings.NewReplacer(`"`, "&#34;", "&", "&amp;", "'", "&#39;", "+", "&#43;", "<", "&lt;", ">", "&gt;")

// escape does what one of html/template's functions does; not ok for those that
// are not known here.
func escape(name, value string) (string, bool) {
	switch name {
	case "_html_template_htmlescaper", "_html_template_attrescaper", "_html_template_rcdataescaper":
		return escapes.Replace(value), !strings.Contains(value, "\x00")
	case "_html_template_urlfilter", "_html_template_urlnormalizer":
		return value, harmless.MatchString(value)
	}
	return "", false
}
