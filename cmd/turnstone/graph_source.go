// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/read"
)

// graphSource is the flags that say which network is meant, the same for every
// graph verb.
type graphSource struct {
	in, nodes, format, header            string
	directed, skipBroken                 bool
	source, target, weight, weightMeans  string
	relationColumn, timeColumn, gradeCol string
	relations                            []string
	since, until, weakest                string
}

// addTo declares the flags that every graph verb has.
func (s *graphSource) addTo(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&s.in, "in", "", "file with the ties; - reads standard input (required)")
	f.StringVar(&s.nodes, "nodes", "", "`FILE` with one line for each node, its name first; ties to others are then told as broken")
	f.StringVar(&s.format, "format", "", "csv, graphml or ftm; by default the file's name tells")
	f.StringVar(&s.header, "header", "guess", "does the file begin with the names of its columns? yes, no or guess")
	f.BoolVar(&s.directed, "directed", false, "ties have a direction: from the first end to the second")
	f.StringVar(&s.source, "source", "", "`COLUMN` with the first end, by name or number")
	f.StringVar(&s.target, "target", "", "`COLUMN` with the second end, by name or number")
	f.StringVar(&s.weight, "weight", "", "`COLUMN` with the strength of a tie, by name or number")
	f.StringVar(&s.weightMeans, "weight-means", "contacts",
		"what a weight says: contacts (more is nearer, length 1/weight), distance (more is farther), hops (nothing for lengths)")
	f.BoolVar(&s.skipBroken, "skip-broken", false, "leave lines that can't be read out, and list them, instead of stopping")
	if err := cmd.MarkFlagRequired("in"); err != nil {
		panic(err) // the flag is declared above
	}
}

// addFiltersTo declares the flags that choose ties by their attributes.
func (s *graphSource) addFiltersTo(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&s.relationColumn, "relation-column", "", "`COLUMN` with the kind of tie")
	f.StringSliceVar(&s.relations, "relation", nil, "use only ties of these `KINDS`, separated by commas")
	f.StringVar(&s.timeColumn, "time-column", "", "`COLUMN` with the time of a tie, such as 2024-05-31")
	f.StringVar(&s.since, "since", "", "use only ties from this `TIME` on")
	f.StringVar(&s.until, "until", "", "use only ties before this `TIME`")
	f.StringVar(&s.gradeCol, "grade-column", "", "`COLUMN` with the grade of a tie, such as B2 or 1A")
	f.StringVar(&s.weakest, "weakest", "", "use only ties of this `GRADE` or better, each letter and digit compared by itself")
}

// lengths says what weights mean for paths: nothing unless there is a weight.
func (s *graphSource) lengths() (graph.Lengths, error) {
	if s.weight == "" {
		return graph.Hops, nil
	}
	return graph.ParseLengths(s.weightMeans)
}

// load reads the network and shows the part of it that the filters let through.
func (s *graphSource) load(cmd *cobra.Command) (*graph.Graph, error) {
	return s.loadFile(cmd, s.in)
}

func (s *graphSource) loadFile(cmd *cobra.Command, name string) (*graph.Graph, error) {
	if strings.ToLower(filepath.Ext(name)) == packed {
		return s.openPacked(cmd, name)
	}
	opts, err := s.options()
	if err != nil {
		return nil, err
	}
	if s.nodes != "" {
		nodes, err := os.Open(s.nodes)
		if err != nil {
			return nil, err
		}
		defer nodes.Close() //nolint:errcheck // nothing was written
		opts.Nodes = nodes
	}
	in, size, err := openTies(cmd, name)
	if err != nil {
		return nil, err
	}
	defer in.Close() //nolint:errcheck // nothing was written
	bar := newBar(cmd.ErrOrStderr(), "reading")
	opts.Progress = func(done int64) { bar.tell(int(done), int(size)) }
	g, report, err := read.Graph(cmd.Context(), in, s.formatOf(name), opts)
	bar.done()
	if err != nil {
		return nil, inFile(name, err)
	}
	s.tell(cmd.ErrOrStderr(), name, g, report)
	g, err = s.filter(g)
	if err != nil {
		return nil, inFile(name, err)
	}
	return g, nil
}

func (s *graphSource) options() (read.Options, error) {
	opts := read.Options{
		Graph: graph.Options{Directed: s.directed}, Source: s.source, Target: s.target, Weight: s.weight,
		Relation: s.relationColumn, Time: s.timeColumn, Grade: s.gradeCol, SkipBroken: s.skipBroken,
	}
	if s.formatOf(s.in) == read.FtM {
		if len(s.relations) > 0 && s.relationColumn == "" {
			opts.Relation = "relation"
		}
		if s.since+s.until != "" && s.timeColumn == "" {
			opts.Time = "time"
		}
	}
	switch s.header {
	case "guess":
	case "yes":
		opts.Header = read.Yes
	case "no":
		opts.Header = read.No
	default:
		return opts, fmt.Errorf("--header is yes, no or guess, not %q", s.header)
	}
	if _, err := s.lengths(); err != nil {
		return opts, fmt.Errorf("--weight-means: %w", err)
	}
	return opts, nil
}

func (s *graphSource) formatOf(name string) read.Format {
	if s.format != "" {
		return read.Format(strings.ToLower(s.format))
	}
	return read.FormatOf(name)
}

// filter shows only the ties that the flags ask for.
func (s *graphSource) filter(g *graph.Graph) (*graph.Graph, error) {
	column := func(name, usual, flag string) (*graph.Column, error) {
		if name == "" {
			name = usual
		}
		col, ok := g.EdgeColumn(name)
		if !ok {
			return nil, fmt.Errorf("%s needs to know the column: name it with --%s-column", flag, usual)
		}
		return col, nil
	}
	if len(s.relations) > 0 {
		col, err := column(s.relationColumn, "relation", "--relation")
		if err != nil {
			return nil, err
		}
		g = g.Relation(col, s.relations...)
	}
	if s.since != "" || s.until != "" {
		col, err := column(s.timeColumn, "time", "--since or --until")
		if err != nil {
			return nil, err
		}
		from, to, err := s.period()
		if err != nil {
			return nil, err
		}
		g = g.During(col, from, to)
	}
	if s.weakest != "" {
		col, err := column(s.gradeCol, "grade", "--weakest")
		if err != nil {
			return nil, err
		}
		weakest, err := graph.ParseGrade(s.weakest)
		if err != nil {
			return nil, err
		}
		g = g.AtLeast(col, weakest)
	}
	return g, nil
}

// period is the time between --since and --until; a zero time is no limit.
func (s *graphSource) period() (from, to time.Time, err error) {
	if s.since != "" {
		if from, err = graph.ParseTime(s.since); err != nil {
			return from, to, fmt.Errorf("--since: %w", err)
		}
	}
	if s.until != "" {
		if to, err = graph.ParseTime(s.until); err != nil {
			return from, to, fmt.Errorf("--until: %w", err)
		}
	}
	return from, to, nil
}

// tell says on the terminal what was read and what was not.
func (s *graphSource) tell(w io.Writer, name string, g *graph.Graph, r read.Report) {
	sayf(w, "%s: %s, %s from %s", filepath.Base(name), plural(g.Order(), "node"), plural(g.Size(), "tie"), plural(r.Lines, "line"))
	if r.Merged > 0 {
		sayf(w, "; %s merged with an earlier one", plural(r.Merged, "line"))
	}
	if r.Loops > 0 {
		sayf(w, "; %s from a node to itself left out", plural(r.Loops, "line"))
	}
	sayf(w, "\n")
	for _, note := range r.Notes {
		sayf(w, "%s: %s\n", filepath.Base(name), note)
	}
	for _, p := range r.Problems {
		sayf(w, "%s: left out %s\n", filepath.Base(name), p)
	}
	if more := r.Skipped - len(r.Problems); more > 0 {
		sayf(w, "%s: left out %s more\n", filepath.Base(name), plural(more, "line"))
	}
}

// plural writes "1 line" or "3 lines".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// inFile says which file an error is about.
func inFile(name string, err error) error {
	var list *read.Error
	if errors.As(err, &list) {
		return fmt.Errorf("%s can't be read:\n%w", name, err)
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("%s: %w", name, err)
}

// openTies opens a file, or standard input for "-". Size is 0 if unknown.
func openTies(cmd *cobra.Command, name string) (io.ReadCloser, int64, error) {
	if name == "-" {
		return io.NopCloser(cmd.InOrStdin()), 0, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	return f, info.Size(), nil
}
