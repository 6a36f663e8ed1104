// SPDX-License-Identifier: Apache-2.0

// Package graph holds networks of people, phones, companies and places in a
// compact form, and shows filtered views of them without copying.
//
// A [Graph] is a compressed sparse row: one array with the neighbours of all
// nodes, sorted, and one that says where those of each node begin. An
// undirected edge costs 8 bytes and 8 more if it carries a weight; a node costs
// 8 bytes and its label. Nodes are numbered 0…Bound()-1 in the order in which
// the builder first met them. Attributes of nodes and edges lie in columns.
//
// The algorithms live in the packages below this one, each a noun on an
// analyst's desk:
//
//	read        edge lists, matrices, GraphML and FollowTheMoney files → Graph
//	centrality  degree, betweenness, closeness, harmonic, PageRank, Katz, cores, triangles
//	path        components, neighbourhoods, common neighbours, k shortest paths under constraints
//	community   Leiden communities, modularity
//	predict     links that are probably there and were not seen
//	disrupt     key players, and what is left of a network after removals
//	compare     two states of one network in time
//	uncertain   how far a finding holds when ties are missing or wrong
//	draw        a network as an SVG picture
//	random      seeded random networks for tests and benchmarks
//
// # Laws
//
// What every algorithm of these packages keeps, and tests check:
//
//   - Renaming or reordering nodes changes nothing but the order of results;
//     where a rule has to break a tie, the lower node number wins.
//   - The result depends on the graph, the options and the seed, never on the
//     number of cores or on timing.
//   - A computation that takes more than a moment takes a context, stops soon
//     after it is cancelled, and reports progress.
//   - An empty graph, a graph in pieces and a hub with a million neighbours are
//     ordinary input. What a measure means there is said where it is defined.
//   - Weights are positive finite numbers. A weight that counts contacts becomes
//     the length 1/w, see [Lengths].
//
// # What it must never do
//
// It never drops input silently: what is merged or left out is counted in a
// [Report]. It never panics because of data. It knows nothing of Turnstone.
//
// # Concurrency
//
// A Graph never changes after it was built, and any number of goroutines may
// use it and its views at the same time. A [Builder] belongs to one goroutine.
package graph
