// SPDX-License-Identifier: Apache-2.0

// Package path answers how nodes hang together: components, neighbourhoods,
// common neighbours, and the shortest paths between two nodes, under the
// constraints that make a path worth telling: how well its weakest tie is
// graded, and whether its events could have followed each other.
//
// It must never return a path with a node twice, nor one over a tie that the
// view does not show.
//
// All functions may be called by several goroutines at the same time.
package path
