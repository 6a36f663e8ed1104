// SPDX-License-Identifier: Apache-2.0

// Package read makes graphs of files: edge lists and matrices as CSV, GraphML,
// FollowTheMoney entities as JSON lines, and this project's own compact file.
//
// It must never drop a line silently or panic because of what a file holds. A
// line that can't be read is a [Problem] with its number; by default one
// problem fails the whole reading, and all problems are told at once, the first
// [MaxProblems] in full.
//
// The functions share nothing; each call belongs to one goroutine.
package read

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/turnstone-project/turnstone/engine/graph"
)

// MaxProblems is how many problems an Error or a Report tells in full.
const MaxProblems = 20

// Format is a kind of file.
type Format string

// The formats.
const (
	CSV     Format = "csv"     // edge list or matrix, separated by comma, semicolon or tab
	GraphML Format = "graphml" // http://graphml.graphdrawing.org
	FtM     Format = "ftm"     // FollowTheMoney entities, one JSON object a line
)

// FormatOf guesses the format from a file's name; everything unknown is CSV.
func FormatOf(name string) Format {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".graphml", ".xml":
		return GraphML
	case ".json", ".jsonl", ".ndjson", ".ijson", ".ftm":
		return FtM
	}
	return CSV
}

// Header says whether a CSV file begins with the names of its columns.
type Header int

// The answers.
const (
	Guess Header = iota
	Yes
	No
)

// Options say how a file is to be read.
type Options struct {
	Graph graph.Options

	// Source and Target name the columns that hold the two ends; "" means that
	// their usual names are looked for, else the first two columns are taken.
	// Columns are named by their heading, in any case, or by their number from 1.
	Source, Target string
	// Weight names the column with the weight; with it the graph is weighted.
	Weight string
	// Relation, Time and Grade name columns that are kept as edge attributes of
	// kind Text, Moment and Graded; with any of them the graph is Multi.
	Relation, Time, Grade string
	Header                Header

	// Nodes is a CSV file with a heading and one line a node, its name first; the
	// other columns become node attributes. With it an edge list may name no
	// other nodes. It may be nil; only edge lists use it.
	Nodes io.Reader

	// SkipBroken leaves lines with problems out and reports them, instead of
	// failing.
	SkipBroken bool
	// Progress is told now and then how many bytes were read. It may be nil.
	Progress func(read int64)
}

// Report says what was read and what was not.
type Report struct {
	graph.Report
	Lines    int       // lines with data
	Skipped  int       // lines left out, only with SkipBroken
	Problems []Problem // the first MaxProblems of them
	Notes    []string  // what was guessed, in plain words
}

// Problem is one line that can't be read.
type Problem struct {
	Line int // from 1
	Text string
}

func (p Problem) String() string { return fmt.Sprintf("line %d: %s", p.Line, p.Text) }

// Error lists the problems of a file.
type Error struct {
	Problems []Problem // the first MaxProblems
	Total    int
}

// Error returns all problems, one a line.
func (e *Error) Error() string {
	var text strings.Builder
	for i, p := range e.Problems {
		if i > 0 {
			text.WriteString("\n")
		}
		text.WriteString(p.String())
	}
	if more := e.Total - len(e.Problems); more > 0 {
		fmt.Fprintf(&text, "\n… and %d more lines with problems", more)
	}
	return text.String()
}

// ErrEmpty is returned for a file that holds nothing at all.
var ErrEmpty = errors.New("the file is empty")

// Graph reads a file of the given format. It reports all problems in an *Error.
func Graph(ctx context.Context, r io.Reader, format Format, opts Options) (*graph.Graph, Report, error) {
	if opts.Weight != "" {
		opts.Graph.Weighted = true
	}
	if opts.Relation != "" || opts.Time != "" || opts.Grade != "" {
		opts.Graph.Multi = true
	}
	l := &loader{ctx: ctx, opts: opts, b: graph.NewBuilder(opts.Graph)}
	in := bufio.NewReaderSize(&meter{ctx: ctx, r: r, tell: opts.Progress}, 1<<20)
	if err := skipMark(in); err != nil {
		return nil, l.report, err
	}
	var err error
	switch format {
	case GraphML:
		err = l.graphML(in)
	case FtM:
		err = l.ftm(in)
	default:
		err = l.csv(in)
	}
	if err != nil {
		return nil, l.report, err
	}
	return l.finish()
}

// skipMark skips a byte order mark and refuses an empty file.
func skipMark(in *bufio.Reader) error {
	head, err := in.Peek(3)
	if len(head) == 0 {
		if errors.Is(err, io.EOF) {
			return ErrEmpty
		}
		return err
	}
	if bytes.Equal(head, []byte("\xef\xbb\xbf")) {
		_, err := in.Discard(3)
		return err
	}
	return nil
}

// loader is one reading of one file.
type loader struct {
	ctx    context.Context
	opts   Options
	b      *graph.Builder
	report Report
	total  int  // problems
	closed bool // a file has told all nodes
}

// problem notes what is wrong with a line.
func (l *loader) problem(line int, format string, args ...any) {
	l.total++
	if len(l.report.Problems) < MaxProblems {
		l.report.Problems = append(l.report.Problems, Problem{line, fmt.Sprintf(format, args...)})
	}
}

func (l *loader) note(format string, args ...any) {
	l.report.Notes = append(l.report.Notes, fmt.Sprintf(format, args...))
}

func (l *loader) finish() (*graph.Graph, Report, error) {
	if l.total > 0 && !l.opts.SkipBroken {
		return nil, l.report, &Error{l.report.Problems, l.total}
	}
	l.report.Skipped = l.total
	g, built, err := l.b.Build()
	l.report.Report = built
	return g, l.report, err
}

// meter counts what is read, and stops when the context ends.
type meter struct {
	ctx  context.Context
	r    io.Reader
	tell func(int64)
	read int64
}

func (m *meter) Read(p []byte) (int, error) {
	if err := m.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := m.r.Read(p)
	m.read += int64(n)
	if m.tell != nil {
		m.tell(m.read)
	}
	return n, err
}
