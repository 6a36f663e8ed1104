// SPDX-License-Identifier: Apache-2.0

// Package predict ranks pairs of nodes that are not tied by how likely a tie
// between them is there and was not seen, or will come.
//
// It must never be taken for evidence of a tie: a prediction is a place to look.
//
// Directions and weights are ignored. All functions may be called by several
// goroutines at the same time.
package predict

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync/atomic"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/work"
)

// Link is a pair of nodes without a tie, A before B.
type Link struct {
	A, B   graph.Node
	Score  float64
	Common int // neighbours that both have
}

// Options say which links are wanted.
type Options struct {
	Links int // the best so many; 0 means 20
	// MaxHub is the most ties that a common neighbour may have to count; 0 means
	// 2000. Whoever knows everybody tells nothing about two of them, and takes the
	// square of its ties to ask.
	MaxHub int
	// Steps is the length of the longest walk that Katz counts, at least 2; 0
	// means 4.
	Steps int
	// Beta is what a further step of a walk counts; 0 means 0.05, or half of what
	// makes the sum over all walks converge if that is less.
	Beta float64
}

func (o Options) withDefaults(g *graph.Graph) Options {
	if o.Links <= 0 {
		o.Links = 20
	}
	if o.MaxHub <= 0 {
		o.MaxHub = 2000
	}
	if o.Steps < 2 {
		o.Steps = 4
	}
	if o.Beta <= 0 {
		most := 1
		for _, u := range g.Nodes() {
			most = max(most, g.OutDegree(u))
		}
		o.Beta = min(0.05, 0.5/math.Sqrt(float64(most))) // the greatest eigenvalue is at least the root of the greatest degree
	}
	return o
}

// Result is a ranking of links.
type Result struct {
	Links []Link // by falling score; of equal ones the lower nodes first
	// Hubs is how many nodes have more than MaxHub ties and were not counted as
	// common neighbours or as steps of a walk.
	Hubs int
}

// AdamicAdar scores pairs by Σ 1/ln k over their common neighbours, k being the
// ties of each (Adamic & Adar, Social Networks 25, 2003). O(Σ k²) over nodes of
// at most MaxHub ties.
func AdamicAdar(ctx context.Context, g *graph.Graph, opts Options, run work.Run) (Result, error) {
	return rank(ctx, g, opts, run, func(s *scorer, u graph.Node) {
		for _, v := range s.neighbours(u) {
			degree := s.g.OutDegree(v)
			if degree > s.opts.MaxHub {
				continue
			}
			share := 1 / math.Log(float64(degree))
			for _, w := range s.g.Neighbours(v, &s.inner) {
				s.common[w]++
				s.add(w, share)
			}
		}
	})
}

// Katz scores pairs by Σ β^l times the number of walks of length l between them,
// up to Steps (Katz 1953; Liben-Nowell & Kleinberg, JASIST 58, 2007).
// O(n · what lies within Steps).
func Katz(ctx context.Context, g *graph.Graph, opts Options, run work.Run) (Result, error) {
	return rank(ctx, g, opts, run, func(s *scorer, u graph.Node) {
		s.front = append(s.front[:0], u)
		s.walks[u] = 1
		factor := 1.0
		for step := range s.opts.Steps {
			factor *= s.opts.Beta
			s.step(factor, step == 1)
		}
		for _, v := range s.front {
			s.walks[v] = 0
		}
	})
}

// step makes all walks one tie longer and adds them to the scores. Walks of two
// steps are common neighbours.
func (s *scorer) step(factor float64, second bool) {
	s.after = s.after[:0]
	for _, v := range s.front {
		if s.g.OutDegree(v) > s.opts.MaxHub {
			continue
		}
		for _, w := range s.g.Neighbours(v, &s.inner) {
			if s.next[w] == 0 {
				s.after = append(s.after, w)
			}
			s.next[w] += s.walks[v]
		}
	}
	for _, v := range s.front {
		s.walks[v] = 0
	}
	for _, w := range s.after {
		s.walks[w], s.next[w] = s.next[w], 0
		s.add(w, factor*s.walks[w])
		if second {
			s.common[w] = int(s.walks[w])
		}
	}
	s.front, s.after = s.after, s.front
}

// scorer collects the scores of one node with all others.
type scorer struct {
	g            *graph.Graph
	opts         Options
	score        []float64
	common       []int
	touched      []graph.Node
	walks, next  []float64
	front, after []graph.Node
	outer, inner graph.Arcs
}

func newScorer(g *graph.Graph, opts Options) *scorer {
	n := g.Bound()
	return &scorer{g: g, opts: opts, score: make([]float64, n), common: make([]int, n), walks: make([]float64, n), next: make([]float64, n)}
}

func (s *scorer) neighbours(u graph.Node) []graph.Node { return s.g.Neighbours(u, &s.outer) }

func (s *scorer) add(v graph.Node, share float64) {
	if s.score[v] == 0 {
		s.touched = append(s.touched, v)
	}
	s.score[v] += share
}

// take passes the links of u to later nodes on and forgets the scores.
func (s *scorer) take(u graph.Node, keep func(Link)) {
	for _, v := range s.neighbours(u) {
		s.score[v] = 0 // tied already
	}
	slices.Sort(s.touched)
	for _, v := range s.touched {
		if v > u && s.score[v] > 0 {
			keep(Link{u, v, s.score[v], s.common[v]})
		}
		s.score[v], s.common[v] = 0, 0
	}
	s.touched = s.touched[:0]
}

func rank(ctx context.Context, g *graph.Graph, opts Options, run work.Run, collect func(*scorer, graph.Node)) (Result, error) {
	g = g.Undirected(graph.First).Simple(graph.First)
	opts = opts.withDefaults(g)
	n := g.Bound()
	const grain = 64
	pieces := make([]*best, (n+grain-1)/grain)
	workers := make([]*scorer, run.Count(len(pieces)))
	var hubs atomic.Int64
	err := run.Each(ctx, n, grain, func(w, lo, hi int) {
		if workers[w] == nil {
			workers[w] = newScorer(g, opts)
		}
		top := &best{limit: opts.Links}
		for u := lo; u < hi && ctx.Err() == nil; u++ {
			if g.OutDegree(graph.Node(u)) > opts.MaxHub {
				hubs.Add(1)
			}
			collect(workers[w], graph.Node(u))
			workers[w].take(graph.Node(u), top.keep)
		}
		pieces[lo/grain] = top
	})
	if err != nil {
		return Result{}, err
	}
	all := &best{limit: opts.Links}
	for _, p := range pieces {
		for _, l := range p.links {
			all.keep(l)
		}
	}
	all.cut()
	return Result{Links: all.links, Hubs: int(hubs.Load())}, nil
}

// best keeps the highest links, sorting now and then.
type best struct {
	limit int
	links []Link
}

func (b *best) keep(l Link) {
	b.links = append(b.links, l)
	if len(b.links) >= 4*b.limit+64 {
		b.cut()
	}
}

func (b *best) cut() {
	slices.SortFunc(b.links, func(x, y Link) int {
		return cmp.Or(cmp.Compare(y.Score, x.Score), cmp.Compare(x.A, y.A), cmp.Compare(x.B, y.B))
	})
	b.links = b.links[:min(b.limit, len(b.links))]
}
