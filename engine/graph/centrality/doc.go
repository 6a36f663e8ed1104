// SPDX-License-Identifier: Apache-2.0

// Package centrality measures how much each node matters: degree, betweenness,
// closeness, harmonic closeness, PageRank, Katz, core number, triangles.
//
// Results are slices by node number, as long as the graph's Bound; nodes that a
// view hides have 0. Measures that need all shortest paths have an exact form,
// O(nodes · edges), and a sampled form that comes with a bound of its error; a
// sampled result must never be shown without its bound.
//
// All functions may be called by several goroutines at the same time.
package centrality
