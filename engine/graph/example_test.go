// SPDX-License-Identifier: Apache-2.0

package graph_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/centrality"
	"github.com/turnstone-project/turnstone/engine/graph/path"
	"github.com/turnstone-project/turnstone/engine/graph/read"
	"github.com/turnstone-project/turnstone/engine/graph/work"
)

// Who holds this network together, and how are its ends connected?
func Example() {
	ctx := context.Background()
	ties := `source,target,calls
Anna,Ben,12
Ben,Carla,3
Carla,Dora,7
Dora,Emil,2
Dora,Farid,5
`
	g, report, err := read.Graph(ctx, strings.NewReader(ties), read.CSV, read.Options{Weight: "calls"})
	if err != nil {
		fmt.Println(err) // names every broken line
		return
	}
	fmt.Println(g.Order(), "people,", g.Size(), "ties from", report.Lines, "lines")

	between, err := centrality.Betweenness(ctx, g, graph.Hops, work.Run{})
	if err != nil {
		fmt.Println(err)
		return
	}
	dora, _ := g.Lookup("Dora")
	fmt.Println("ways through Dora:", between[dora])

	anna, _ := g.Lookup("Anna")
	ways, err := path.Shortest(ctx, g, path.Query{From: anna, To: dora, Lengths: graph.Inverse})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, u := range ways[0].Nodes[1:] {
		fmt.Println(g.Label(ways[0].Nodes[i]), "knows", g.Label(u))
	}

	strong := g.FilterEdges(func(e graph.Edge) bool { return e.Weight >= 5 }) // a view: nothing is copied
	fmt.Println("strong ties:", strong.Size())

	// Output:
	// 6 people, 5 ties from 5 lines
	// ways through Dora: 7
	// Anna knows Ben
	// Ben knows Carla
	// Carla knows Dora
	// strong ties: 3
}
