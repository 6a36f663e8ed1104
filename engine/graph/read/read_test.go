// SPDX-License-Identifier: Apache-2.0

package read_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/read"
)

func graphOf(t testing.TB, format read.Format, text string, opts read.Options) (*graph.Graph, read.Report) {
	t.Helper()
	g, report, err := read.Graph(context.Background(), strings.NewReader(text), format, opts)
	if err != nil {
		t.Fatal(err)
	}
	return g, report
}

// ties writes the edges of a graph as "a-b 2 b-c 1".
func ties(g *graph.Graph) string {
	var parts []string
	for _, e := range g.Edges() {
		parts = append(parts, fmt.Sprintf("%s-%s %g", g.Label(e.From), g.Label(e.To), e.Weight))
	}
	return strings.Join(parts, " ")
}

func TestEdgeListsAreRead(t *testing.T) {
	tests := []struct {
		name, text string
		opts       read.Options
		want       string
	}{
		{"headings", "source,target\na,b\nb,c\n", read.Options{}, "a-b 1 b-c 1"},
		{"other order", "weight,to,from\n2,b,a\n", read.Options{Weight: "weight"}, "a-b 2"},
		{"any case", "Source,TARGET,Weight\na,b,2\n", read.Options{Weight: "WEIGHT"}, "a-b 2"},
		{"tabs, no headings", "1\t2\t5\n2\t3\t6\n", read.Options{Weight: "3"}, "1-2 5 2-3 6"},
		{"semicolons and spaces", "from; to\n a ;b \n", read.Options{}, "a-b 1"},
		{"byte order mark", "\ufeffsource,target\na,b\n", read.Options{}, "a-b 1"},
		{"windows line ends", "source,target\r\na,b\r\n\r\n", read.Options{}, "a-b 1"},
		{"no last line end", "source,target\na,b", read.Options{}, "a-b 1"},
		{"quotes", "source,target\n\"Smith, J\",\"the \"\"Fox\"\"\"\n", read.Options{}, `Smith, J-the "Fox" 1`},
		{"line end in quotes", "source,target\n\"a\nb\",c\n", read.Options{}, "a\nb-c 1"},
		{"own names", "x,y,kg\na,b,1.5\n", read.Options{Source: "x", Target: "y", Weight: "kg"}, "a-b 1.5"},
		{"by number", "x,y,z\na,b,c\n", read.Options{Source: "3", Target: "1", Header: read.Yes}, "c-a 1"},
		{"an unknown heading over numbers", "x,y,kg\na,b,1\n", read.Options{}, "a-b 1"},
		{"first line comes again", "a,b\nb,c\n", read.Options{}, "a-b 1 b-c 1"},
		{"told that there is no heading", "source,target\n", read.Options{Header: read.No}, "source-target 1"},
		{"merged", "source,target,w\na,b,1\nb,a,2\n", read.Options{Weight: "w"}, "a-b 3"},
		{"only headings", "source,target\n", read.Options{}, ""},
		{"matrix", ",a,b,c\na,0,2,0\nb,2,0,0\nc,1,0,0\n", read.Options{Weight: "any"}, "a-b 2 a-c 1"},
		{"directed matrix", ",a,b\na,0,2\nb,3,0\n", read.Options{Weight: "any", Graph: graph.Options{Directed: true}}, "a-b 2 b-a 3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g, _ := graphOf(t, read.CSV, tt.text, tt.opts)
			if got := ties(g); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestMatricesKeepLonelyNodes(t *testing.T) {
	g, report := graphOf(t, read.CSV, "\"\",a,b,c\na,0,1,0\nb,1,0,0\nc,0,0,0\n", read.Options{})
	if g.Order() != 3 || g.Size() != 1 {
		t.Errorf("order %d, size %d", g.Order(), g.Size())
	}
	if len(report.Notes) != 1 || !strings.Contains(report.Notes[0], "matrix of 3 by 3") {
		t.Errorf("notes %q", report.Notes)
	}
}

func TestBrokenFilesAreToldByLine(t *testing.T) {
	tests := []struct {
		name, text string
		format     read.Format
		opts       read.Options
		want       []read.Problem
	}{
		{
			"broken lines", "source,target,w\na,b,1\na\n,b,1\na,b,x\na,b,-1\na,b,NaN\na,b,Inf\na,b,0\na,b,\na,b\nb,c,2\n", read.CSV,
			read.Options{Weight: "w"},
			[]read.Problem{
				{3, "1 column, but an end of the edge is expected in column 2"},
				{4, `one end of the edge is empty: "" to "b"`},
				{5, `the weight "x" is no number`},
				{6, "the weight -1 is not a positive number"},
				{7, "the weight NaN is not a positive number"},
				{8, "the weight Inf is not a positive number"},
				{9, "the weight 0 is not a positive number"},
				{10, "the weight is missing"},
				{11, "the weight is missing"},
			},
		},
		{"attributes", "source,target,day,grade\na,b,2024-13-01,A1\na,b,2024-01-01,A+\n", read.CSV, read.Options{Time: "day", Grade: "grade"}, []read.Problem{
			{2, `column day: "2024-13-01" is no time: write it like 2024-05-31 or 2024-05-31T18:00:00Z`},
			{3, `column grade: grade "A+": "+" is neither a letter nor a digit`},
		}},
		{"open quote", "source,target\na,\"b\nc,d\n", read.CSV, read.Options{}, []read.Problem{{2, "a quotation mark is opened and never closed"}}},
		{"one column", "source\na\n", read.CSV, read.Options{}, []read.Problem{{1, "only one column: an edge needs two ends"}}},
		{"edge or heading", "anna,ben\ncarla,dora\n", read.CSV, read.Options{}, []read.Problem{
			{1, `"anna, ben" may be the names of the columns or an edge: say which with --header=yes or --header=no`},
		}},
		{"matrix", ",a,b\na,0,x\nb,-1,0\n", read.CSV, read.Options{}, []read.Problem{
			{2, `cell 2: "x" is no number`}, {3, "cell 1: -1 is not a positive number"},
		}},
		{"matrix of too few rows", ",a,b\na,0,1\n", read.CSV, read.Options{}, []read.Problem{{3, "the matrix has 2 columns but 1 row"}}},
		{
			"graphml", `<graphml><key id="w" for="edge" attr.name="w" attr.type="double"/><graph edgedefault="undirected">
<node id="a"/><node id="b"/>
<node id="a"/>
<edge source="a" target="c"/>
<edge source="a" target="b"><data key="w">-2</data></edge>
<hyperedge/>
</graph></graphml>`, read.GraphML,
			read.Options{Weight: "w"},
			[]read.Problem{
				{3, `there are two nodes "a"`},
				{6, "a graph can't hold a hyperedge"},
				{4, `an edge leads from "a" to "c", and one of them is no node of this file`},
				{5, "the weight -2 is not a positive number"},
			},
		},
		{"broken xml", "<graphml>\n<graph>\n<node id='a'></graph>", read.GraphML, read.Options{}, []read.Problem{
			{3, "node: error on line 3: element <node> closed by </graph>"}, {3, "error on line 3: element <node> closed by </graph>"},
		}},
		{
			"ftm", `{"id":"a","schema":"Person"}
not json
{"id":"","schema":"Person"}
{"id":"a","schema":"Company"}
{"id":"o","schema":"Ownership","properties":{"owner":["a"],"asset":["nobody"]}}
{"id":"p","schema":"Ownership","properties":{"owner":["a"]}}`, read.FtM,
			read.Options{},
			[]read.Problem{
				{2, "not a JSON entity: invalid character 'o' in literal null (expecting 'u')"},
				{3, "an entity needs an id and a schema"},
				{4, `there are two entities "a"`},
				{5, `a relation leads from "a" to "nobody", and one of them is no entity of this file`},
				{6, `Ownership "p" has no owner or no asset`},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := read.Graph(context.Background(), strings.NewReader(tt.text), tt.format, tt.opts)
			var list *read.Error
			if !errors.As(err, &list) {
				t.Fatalf("got %v, want a list of problems", err)
			}
			if diff := cmp.Diff(tt.want, list.Problems); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBrokenLinesCanBeSkippedAndAreTold(t *testing.T) {
	text := "source,target,w,day\n" + strings.Repeat("a,b,x,\n", 30) + "a,b,1,2024\nb,c,2,never\nb,c,2,\n"
	g, report := graphOf(t, read.CSV, text, read.Options{Weight: "w", Time: "day", SkipBroken: true})
	if got := ties(g); got != "a-b 1 b-c 2" {
		t.Errorf("got %q", got)
	}
	if report.Skipped != 31 || len(report.Problems) != read.MaxProblems || report.Lines != 33 {
		t.Errorf("skipped %d of %d, %d told", report.Skipped, report.Lines, len(report.Problems))
	}
	_, _, err := read.Graph(context.Background(), strings.NewReader(text), read.CSV, read.Options{Weight: "w", Time: "day"})
	if err == nil || !strings.Contains(err.Error(), "and 11 more lines with problems") {
		t.Errorf("got %v", err)
	}
}

func TestEmptyFilesAndUnknownColumns(t *testing.T) {
	for _, format := range []read.Format{read.CSV, read.GraphML, read.FtM} {
		if _, _, err := read.Graph(context.Background(), strings.NewReader(""), format, read.Options{}); !errors.Is(err, read.ErrEmpty) {
			t.Errorf("%s: got %v, want ErrEmpty", format, err)
		}
	}
	_, _, err := read.Graph(context.Background(), strings.NewReader("\n\n"), read.CSV, read.Options{})
	if !errors.Is(err, read.ErrEmpty) {
		t.Errorf("blank lines: got %v", err)
	}
	for _, tt := range []struct {
		text string
		opts read.Options
		want string
	}{
		{"source,target\na,b\n", read.Options{Weight: "kg"}, `there is no column "kg"; the columns are source, target`},
		{"1,2\n", read.Options{Weight: "kg"}, `there is no column "kg": the file has no headings, so name a column by its number, 1 to 2`},
		{"source,target\na,b\n", read.Options{Source: "x", Time: "y"}, `there is no column "y"; the columns are source, target`},
	} {
		_, _, err := read.Graph(context.Background(), strings.NewReader(tt.text), read.CSV, tt.opts)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want %q", err, tt.want)
		}
	}
}

func TestGraphMLKeepsAttributes(t *testing.T) {
	g, _ := graphOf(t, read.GraphML, `<?xml version="1.0"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
 <key id="d0" for="node" attr.name="role" attr.type="string"><default>member</default></key>
 <key id="d1" for="edge" attr.name="calls" attr.type="int"/>
 <key id="d2" for="edge" attr.name="grade" attr.type="string"/>
 <graph edgedefault="directed">
  <edge source="a" target="b"><data key="d1">3</data><data key="d2">B2</data></edge>
  <node id="a"><data key="d0">boss</data></node>
  <node id="b"/>
 </graph>
</graphml>`, read.Options{Graph: graph.Options{Directed: true}, Weight: "calls", Grade: "grade"})
	role, ok := g.NodeColumn("role")
	if !ok || role.Text(0) != "boss" || role.Text(1) != "member" {
		t.Errorf("roles %v", role)
	}
	grade, ok := g.EdgeColumn("grade")
	if !ok || grade.Grade(0).String() != "B2" {
		t.Errorf("grades %v", grade)
	}
	if got := ties(g); got != "a-b 3" {
		t.Errorf("got %q", got)
	}
}

func TestEdgeListsMayHaveAFileOfNodes(t *testing.T) {
	nodes := "id,name,role\n1,Anna,boss\n2,\"Berg, Ben\",\n3,Carla,driver\n"
	g, _ := graphOf(t, read.CSV, "source,target\n1,2\n", read.Options{Nodes: strings.NewReader(nodes)})
	name, ok := g.NodeColumn("name")
	if g.Order() != 3 || g.Size() != 1 || !ok || name.Text(1) != "Berg, Ben" {
		t.Errorf("order %d, size %d, names %v", g.Order(), g.Size(), name)
	}
	_, _, err := read.Graph(context.Background(), strings.NewReader("source,target\n1,2\n1,4\n"), read.CSV,
		read.Options{Nodes: strings.NewReader(nodes + "1,Again,\n5\n")})
	var list *read.Error
	if !errors.As(err, &list) {
		t.Fatalf("got %v, want a list of problems", err)
	}
	want := []read.Problem{
		{Line: 5, Text: `file of nodes: there are two nodes "1"`},
		{Line: 6, Text: "file of nodes: a name and 2 columns are expected"},
		{Line: 3, Text: `an edge leads from "1" to "4", and one of them is not in the file of nodes`},
	}
	if diff := cmp.Diff(want, list.Problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	m, _ := graphOf(t, read.CSV, ",3,1\n3,0,1\n1,1,0\n", read.Options{Nodes: strings.NewReader(nodes)})
	if got := ties(m); got != "1-3 1" || m.Order() != 3 {
		t.Errorf("a matrix of some of the nodes gives %q", got)
	}
	if _, _, err := read.Graph(context.Background(), strings.NewReader("source,target\n"), read.CSV, read.Options{Nodes: strings.NewReader("")}); !errors.Is(err, read.ErrEmpty) {
		t.Errorf("empty file of nodes: %v", err)
	}
}

func TestFtMRelationsAreEdges(t *testing.T) {
	g, _ := graphOf(t, read.FtM, `{"id":"o","schema":"Ownership","properties":{"owner":["p"],"asset":["c","d"],"startDate":["2020-05"]}}
{"id":"p","schema":"Person","properties":{"name":["Anna"]}}

{"id":"c","schema":"Company","caption":"C Ltd","properties":{"name":"not taken"}}
{"id":"d","schema":"Company","properties":{"name":"D Ltd"}}
{"id":"pay","schema":"Payment","properties":{"payer":[{"id":"c"}],"beneficiary":["d"],"amount":[250.5]}}
`, read.Options{Relation: "relation", Graph: graph.Options{Directed: true}})
	if got := ties(g); got != "p-c 1 p-d 1 c-d 1" {
		t.Errorf("got %q", got)
	}
	caption, _ := g.NodeColumn("caption")
	relation, _ := g.EdgeColumn("relation")
	at, _ := g.EdgeColumn("time")
	if caption.Text(0) != "Anna" || caption.Text(1) != "C Ltd" || caption.Text(2) != "D Ltd" {
		t.Errorf("captions %v", caption.Words())
	}
	if relation.Text(0) != "Ownership" || relation.Text(2) != "Payment" || at.Text(0) != "2020-05-01T00:00:00Z" || at.Text(2) != "" {
		t.Errorf("relations %q %q, times %q %q", relation.Text(0), relation.Text(2), at.Text(0), at.Text(2))
	}
}

func TestFormatsAreGuessedByName(t *testing.T) {
	for name, want := range map[string]read.Format{
		"a.csv": read.CSV, "a.tsv": read.CSV, "a": read.CSV, "A.GraphML": read.GraphML, "x.xml": read.GraphML, "e.ftm.json": read.FtM, "e.jsonl": read.FtM,
	} {
		if got := read.FormatOf(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func TestReadingStopsWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := read.Graph(ctx, strings.NewReader("source,target\na,b\n"), read.CSV, read.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// fuzz checks that a reader neither panics nor returns a graph that does not
// hang together.
func fuzz(f *testing.F, format read.Format, seeds ...string) {
	for _, s := range seeds {
		f.Add(s, true, true)
	}
	f.Fuzz(func(t *testing.T, text string, skip, multi bool) {
		opts := read.Options{SkipBroken: skip, Weight: "3", Graph: graph.Options{Multi: multi}}
		if format != read.CSV {
			opts.Weight = ""
		}
		g, report, err := read.Graph(context.Background(), strings.NewReader(text), format, opts)
		if err != nil {
			return
		}
		if !skip && report.Skipped > 0 {
			t.Fatal("lines were skipped that should have been told")
		}
		var buf graph.Arcs
		total := 0
		for _, u := range g.Nodes() {
			if got, ok := g.Lookup(g.Label(u)); !ok || got != u {
				t.Fatalf("label %q is not found", g.Label(u))
			}
			for i, v := range g.Out(u, &buf).To {
				if w := buf.WeightAt(i); int(v) >= g.Bound() || !(w > 0) {
					t.Fatalf("arc to %d of weight %v", v, w)
				}
			}
			total += g.OutDegree(u)
		}
		if total != 2*g.Size() {
			t.Fatalf("%d arcs for %d edges", total, g.Size())
		}
	})
}

func FuzzCSV(f *testing.F) {
	fuzz(f, read.CSV, "source,target,w\na,b,1\n", "1\t2\t3\n", ",a,b\na,0,1\nb,1,0\n", "\"a\n\",b,\"1\"\n", "a;b;c\nd;e;1", "1 2 3\n", "\"")
}

func FuzzGraphML(f *testing.F) {
	fuzz(f, read.GraphML, `<graphml><key id="k" for="all" attr.name="n"/><graph><node id="a"><data key="k">x</data></node><node id="b"/><edge source="a" target="b"/></graph></graphml>`)
}

func FuzzFtM(f *testing.F) {
	fuzz(f, read.FtM, `{"id":"a","schema":"Person","properties":{"name":["x"]}}
{"id":"b","schema":"Person"}
{"id":"o","schema":"Family","properties":{"person":["a"],"relative":"b"}}`)
}
