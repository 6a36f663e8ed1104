// SPDX-License-Identifier: AGPL-3.0-or-later

package editing

import (
	"strings"
	"unicode"
)

// Kind says of what a piece is part.
type Kind string

// The kinds.
const (
	Same Kind = "same" // of both texts
	Gone Kind = "gone" // of the old one
	New  Kind = "new"  // of the new one
)

// Piece is words of a line.
type Piece struct {
	Kind Kind
	Text string
}

// Line is a line of either text or, when it was changed, of both. Old and New
// are its numbers, 0 where it is not there.
type Line struct {
	Old, New int
	Pieces   []Piece
}

// Changed reports whether the line is not the same in both texts.
func (l Line) Changed() bool {
	return l.Old == 0 || l.New == 0 || len(l.Pieces) > 1 || len(l.Pieces) == 1 && l.Pieces[0].Kind != Same
}

// maxCells bounds the table of a comparison; what is larger is shown as taken
// away and added whole.
const maxCells = 4 << 20

// Compare returns the lines of two texts, with the words that changed in those
// that were changed: the longest common subsequence of lines, then of words
// within lines that stand for one another. It takes time and memory by the
// product of the lengths, at most maxCells.
func Compare(old, fresh string) []Line {
	a, b := lines(old), lines(fresh)
	var out []Line
	var gone, added []int // lines that stand between two that are the same
	flush := func() {
		for i := range max(len(gone), len(added)) {
			switch {
			case i >= len(gone):
				out = append(out, Line{New: added[i] + 1, Pieces: []Piece{{New, b[added[i]]}}})
			case i >= len(added):
				out = append(out, Line{Old: gone[i] + 1, Pieces: []Piece{{Gone, a[gone[i]]}}})
			default:
				out = append(out, Line{gone[i] + 1, added[i] + 1, words(a[gone[i]], b[added[i]])})
			}
		}
		gone, added = nil, nil
	}
	walk(a, b, func(i, j int) {
		switch {
		case i >= 0 && j >= 0:
			flush()
			out = append(out, Line{i + 1, j + 1, []Piece{{Same, a[i]}}})
		case i >= 0:
			gone = append(gone, i)
		default:
			added = append(added, j)
		}
	})
	flush()
	return out
}

func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(strings.ReplaceAll(s, "\r\n", "\n"), "\n"), "\n")
}

// words compares two lines word by word.
func words(old, fresh string) []Piece {
	a, b := parts(old), parts(fresh)
	var out []Piece
	add := func(k Kind, s string) {
		if n := len(out); n > 0 && out[n-1].Kind == k {
			out[n-1].Text += s
			return
		}
		out = append(out, Piece{k, s})
	}
	walk(a, b, func(i, j int) {
		switch {
		case i >= 0 && j >= 0:
			add(Same, a[i])
		case i >= 0:
			add(Gone, a[i])
		default:
			add(New, b[j])
		}
	})
	return out
}

// parts takes a line apart into words, and each sign that stands between them.
func parts(s string) []string {
	var all []string
	start, word := 0, false
	for i, r := range s {
		is := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
		if i > start && (!is || !word) {
			all = append(all, s[start:i])
			start = i
		}
		word = is
	}
	if start < len(s) {
		all = append(all, s[start:])
	}
	return all
}

// walk calls see for each element of a longest common subsequence with its
// places in a and b, and for all others in their order with -1 for the other one's.
func walk(a, b []string, see func(i, j int)) {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		see(head, head)
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	middle(a[head:len(a)-tail], b[head:len(b)-tail], head, see)
	for t := tail; t > 0; t-- {
		see(len(a)-t, len(b)-t)
	}
}

func middle(a, b []string, head int, see func(i, j int)) {
	n, m := len(a), len(b)
	if n == 0 || m == 0 || n*m > maxCells {
		for i := range n {
			see(head+i, -1)
		}
		for j := range m {
			see(-1, head+j)
		}
		return
	}
	// left[i][j] is the length of the longest common subsequence of a[i:] and b[j:].
	left := make([][]int32, n+1)
	cells := make([]int32, (n+1)*(m+1))
	for i := range left {
		left[i] = cells[i*(m+1) : (i+1)*(m+1)]
	}
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			if a[i] == b[j] {
				left[i][j] = left[i+1][j+1] + 1
			} else {
				left[i][j] = max(left[i+1][j], left[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < n || j < m {
		switch {
		case i < n && j < m && a[i] == b[j]:
			see(head+i, head+j)
			i, j = i+1, j+1
		case j >= m || i < n && left[i+1][j] >= left[i][j+1]:
			see(head+i, -1)
			i++
		default:
			see(-1, head+j)
			j++
		}
	}
}
