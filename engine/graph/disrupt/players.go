// SPDX-License-Identifier: Apache-2.0

package disrupt

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/work"
)

// Search says how key players are looked for.
type Search struct {
	Players    int // how many; 0 means 3
	Candidates int // only so many nodes of most ties are tried; 0 means 500
}

func (s Search) withDefaults(order int) Search {
	if s.Players <= 0 {
		s.Players = 3
	}
	if s.Candidates <= 0 {
		s.Candidates = 500
	}
	if most := distanceMemory / max(1, order); s.Candidates > most {
		s.Candidates = max(most, 16)
	}
	s.Candidates = min(s.Candidates, order)
	s.Players = min(s.Players, s.Candidates)
	return s
}

// distanceMemory bounds the bytes that Reach takes for distances.
const distanceMemory = 256 << 20

// Players is a set of key players with what it was chosen for.
type Players struct {
	Nodes  []graph.Node // in the order in which they were chosen
	Score  float64      // fragmentation or reach of the whole set
	Before float64      // the same without the set: fragmentation of the whole network, 0 for reach
	Tried  int          // candidates, out of the network's nodes
}

// Fragment finds the nodes whose removal breaks the network up most: KPP-Neg of
// Borgatti (Identifying sets of key players in a social network, CMOT 12,
// 2006). The score is his fragmentation F = 1 - Σ s(s-1)/(n(n-1)) over the
// components that are left, n being the nodes that are left: the share of pairs
// that can't reach each other. The set is chosen greedily and then improved by
// exchanges until none helps. O(players · candidates · (n + m)) a pass.
func Fragment(ctx context.Context, g *graph.Graph, opts Search, run work.Run) (Players, error) {
	g = g.Undirected(graph.First).Simple(graph.First)
	opts = opts.withDefaults(g.Order())
	list := candidates(g, opts.Candidates)
	workers := make([]*breaker, run.Count(len(list)))
	value := func(ctx context.Context, without []graph.Node) ([]float64, error) {
		scores := make([]float64, len(list))
		err := run.Quiet().Each(ctx, len(list), 1, func(w, lo, _ int) {
			if workers[w] == nil {
				workers[w] = &breaker{newBall(g)}
			}
			scores[lo] = math.Inf(-1)
			if !slices.Contains(without, list[lo]) {
				scores[lo] = workers[w].fragmentation(append(slices.Clone(without), list[lo]))
			}
		})
		return scores, err
	}
	p, err := improve(ctx, list, opts.Players, value, run)
	if err != nil {
		return p, err
	}
	whole := breaker{newBall(g)}
	p.Before = whole.fragmentation(nil)
	return p, nil
}

// breaker measures what is left of a network.
type breaker struct{ *ball }

func (b *breaker) fragmentation(removed []graph.Node) float64 {
	b.now++
	for _, u := range removed {
		b.stamp[u] = b.now
	}
	n := float64(b.g.Order() - len(removed))
	if n < 2 {
		return 1
	}
	connected := 0.0
	for _, s := range b.g.Nodes() {
		if b.stamp[s] == b.now {
			continue
		}
		b.stamp[s] = b.now
		b.order = append(b.order[:0], s)
		for next := 0; next < len(b.order); next++ {
			for _, v := range b.g.Neighbours(b.order[next], &b.buf) {
				if b.stamp[v] != b.now {
					b.stamp[v] = b.now
					b.order = append(b.order, v)
				}
			}
		}
		size := float64(len(b.order))
		connected += size * (size - 1)
	}
	return 1 - connected/(n*(n-1))
}

// Reach finds the nodes from which all others are nearest: KPP-Pos of Borgatti,
// for whom to inform, protect or talk to. The score is his distance-weighted
// reach D_R = Σ 1/d / n over all nodes, d being the hops to the nearest member
// of the set and members counting 1. Chosen as in Fragment.
// O(candidates · (n + m) + players · candidates · n a pass).
func Reach(ctx context.Context, g *graph.Graph, opts Search, run work.Run) (Players, error) {
	g = g.Undirected(graph.First).Simple(graph.First)
	opts = opts.withDefaults(g.Order())
	list := candidates(g, opts.Candidates)
	far, err := distances(ctx, g, list, run)
	if err != nil {
		return Players{}, err
	}
	place := map[graph.Node]int{}
	for i, u := range list {
		place[u] = i
	}
	n := float64(g.Order())
	value := func(ctx context.Context, with []graph.Node) ([]float64, error) {
		nearest := slices.Repeat([]uint8{unreached}, g.Bound())
		for _, u := range with {
			for v, d := range far[place[u]] {
				nearest[v] = min(nearest[v], d)
			}
		}
		scores := make([]float64, len(list))
		err := run.Quiet().Each(ctx, len(list), 1, func(_, lo, _ int) {
			var counts [256]int
			for v, d := range far[lo] {
				counts[min(d, nearest[v])]++
			}
			scores[lo] = math.Inf(-1)
			if !slices.Contains(with, list[lo]) {
				scores[lo] = reach(&counts) / n
			}
		})
		return scores, err
	}
	return improve(ctx, list, opts.Players, value, run)
}

// unreached is a distance that is none; 254 hops and more count as 254.
const unreached = 255

// reach sums 1/d over nodes counted by distance; members count 1.
func reach(counts *[256]int) float64 {
	sum := float64(counts[0])
	for d := 1; d < unreached; d++ {
		sum += float64(counts[d]) / float64(d)
	}
	return sum
}

// distances returns the hops from each candidate to every node.
func distances(ctx context.Context, g *graph.Graph, list []graph.Node, run work.Run) ([][]uint8, error) {
	far := make([][]uint8, len(list))
	err := run.Quiet().Each(ctx, len(list), 1, func(_, lo, _ int) {
		row := slices.Repeat([]uint8{unreached}, g.Bound())
		row[list[lo]] = 0
		order := []graph.Node{list[lo]}
		var buf graph.Arcs
		for next := 0; next < len(order); next++ {
			u := order[next]
			for _, v := range g.Neighbours(u, &buf) {
				if row[v] == unreached {
					row[v] = min(row[u]+1, unreached-1)
					order = append(order, v)
				}
			}
		}
		far[lo] = row
	})
	return far, err
}

// candidates are the nodes of most ties, of equal ones the lower number.
func candidates(g *graph.Graph, count int) []graph.Node {
	list := g.Nodes()
	slices.SortStableFunc(list, func(a, b graph.Node) int { return cmp.Compare(g.OutDegree(b), g.OutDegree(a)) })
	list = list[:min(count, len(list))]
	slices.Sort(list)
	return list
}

// improve builds a set greedily and exchanges members while that helps. Value
// returns the score of a set with each of the candidates added.
func improve(ctx context.Context, list []graph.Node, players int, value func(context.Context, []graph.Node) ([]float64, error), run work.Run) (Players, error) {
	p := Players{Tried: len(list)}
	tell := func(done int) {
		if run.Progress != nil {
			run.Progress(done, players+1)
		}
	}
	for len(p.Nodes) < players {
		scores, err := value(ctx, p.Nodes)
		if err != nil {
			return p, err
		}
		best := argmax(scores)
		p.Nodes, p.Score = append(p.Nodes, list[best]), scores[best]
		tell(len(p.Nodes))
	}
	for better := players > 1; better; {
		better = false
		for i := range p.Nodes {
			others := slices.Delete(slices.Clone(p.Nodes), i, i+1)
			scores, err := value(ctx, others)
			if err != nil {
				return p, err
			}
			if best := argmax(scores); scores[best] > p.Score+1e-12 {
				p.Nodes[i], p.Score, better = list[best], scores[best], true
			}
		}
	}
	tell(players + 1)
	return p, nil
}

// argmax returns the place of the highest value, the first of equal ones.
func argmax(values []float64) int {
	best := 0
	for i, v := range values {
		if v > values[best]+1e-12 {
			best = i
		}
	}
	return best
}
