// SPDX-License-Identifier: Apache-2.0

package graph_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/engine/graph"
)

// written writes a graph to a file and opens it.
func written(t interface {
	Fatal(...any)
}, dir string, g *graph.Graph,
) *graph.File {
	var out bytes.Buffer
	if err := g.Write(&out); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "a.tsg")
	if err := os.WriteFile(name, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := graph.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFilesHoldTheSameGraph(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		g := someGraph(t)
		f := written(t, dir, g)
		if diff := cmp.Diff(listed(g), listed(f.Graph), compareTies); diff != "" {
			t.Fatalf("edges (-want +got):\n%s", diff)
		}
		if f.Order() != g.Order() || f.Directed() != g.Directed() || f.Multi() != g.Multi() || f.Weighted() != g.Weighted() || f.Bytes() != g.Bytes() {
			t.Fatal("the graph is of another kind")
		}
		checkArcs(t, f.Graph)
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestFilesHoldColumns(t *testing.T) {
	g := columned(t)
	f := written(t, t.TempDir(), g)
	defer f.Close() //nolint:errcheck // only read
	for _, col := range g.EdgeColumns() {
		got, ok := f.EdgeColumn(col.Name())
		if !ok || got.Kind() != col.Kind() || got.Len() != col.Len() {
			t.Fatalf("column %s is not the same", col.Name())
		}
		for i := range col.Len() {
			if got.Text(i) != col.Text(i) {
				t.Errorf("column %s, row %d: %q, want %q", col.Name(), i, got.Text(i), col.Text(i))
			}
		}
	}
	relation, _ := f.EdgeColumn("relation")
	if got := f.Relation(relation, "owns").Size(); got != 1 {
		t.Errorf("%d edges of the relation", got)
	}
	if u, ok := f.Lookup("d"); !ok || f.Label(u) != "d" {
		t.Error("a label is not found")
	}
}

func TestOnlyWholeGraphsAreWritten(t *testing.T) {
	g, _ := build(t, graph.Options{}, tie{"a", "b", 1})
	if err := g.Without(0).Write(&bytes.Buffer{}); !errors.Is(err, graph.ErrView) {
		t.Errorf("got %v", err)
	}
	var none *graph.Graph
	f := written(t, t.TempDir(), none)
	if f.Order() != 0 {
		t.Error("the empty graph is not empty")
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestEveryDamageIsNoticed(t *testing.T) {
	g := columned(t)
	var out bytes.Buffer
	if err := g.Write(&out); err != nil {
		t.Fatal(err)
	}
	whole := out.Bytes()
	name := filepath.Join(t.TempDir(), "damaged.tsg")
	open := func(data []byte) error {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := graph.Open(name)
		if err == nil {
			return f.Close()
		}
		return err
	}
	for _, cut := range []int{0, 1, 15, 16, 40, len(whole) / 2, len(whole) - 1} {
		if err := open(whole[:cut]); !errors.Is(err, graph.ErrFile) {
			t.Errorf("cut to %d bytes: %v", cut, err)
		}
	}
	if err := open([]byte("source,target\na,b\n")); !errors.Is(err, graph.ErrFile) {
		t.Errorf("a CSV file: %v", err)
	}
	if _, err := graph.Open(filepath.Join(t.TempDir(), "nowhere")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// FuzzOpen changes files so that their sums stay right, and checks that what is
// accepted hangs together.
func FuzzOpen(f *testing.F) {
	for _, opts := range []graph.Options{{}, {Weighted: true, Directed: true}, {Multi: true}} {
		g, _ := build(f, opts, tie{"a", "b", 1}, tie{"b", "c", 2}, tie{"c", "a", 3})
		var out bytes.Buffer
		if err := g.Write(&out); err != nil {
			f.Fatal(err)
		}
		f.Add(out.Bytes())
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		name := filepath.Join(dir, "fuzz.tsg")
		if err := os.WriteFile(name, graph.Resealed(data), 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := graph.Open(name)
		if err != nil {
			return
		}
		for u := range file.Bound() {
			file.Lookup(file.Label(graph.Node(u)))
		}
		for _, e := range file.Edges() {
			for _, col := range file.EdgeColumns() {
				col.Text(int(e.Number))
			}
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
