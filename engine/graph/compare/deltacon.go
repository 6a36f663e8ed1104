// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"context"
	"math"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/work"
)

// maxColumns is the greatest number of nodes for which every node's influence
// on every other is computed; beyond, nodes are put into so many groups at
// random, as the paper does.
const maxColumns = 2000

// groupSeed draws the groups of DeltaCon, always the same.
const groupSeed = 1

// DeltaCon is how alike two networks are, from 0 to 1: it compares how much
// each node influences each other one along all ways, so that a tie that holds
// parts together counts more than one among many (Koutra, Vogelstein &
// Faloutsos, SDM 2013): with S = (I + ε²D - εA)⁻¹, ε = 1/(1+greatest degree of
// both), it is 1/(1+d), d = √Σ(√S₁-√S₂)². Nodes of one state only are alone in
// the other. O(columns · m).
func DeltaCon(ctx context.Context, before, after *graph.Graph, run work.Run) (float64, error) {
	a := before.Undirected(graph.Sum).Simple(graph.Sum)
	b := after.Undirected(graph.Sum).Simple(graph.Sum)
	p := match(a, b)
	n := len(p.labels)
	ma, mb := newMatrix(a, p.a, n), newMatrix(b, p.b, n)
	epsilon := 1 / (1 + max(ma.most, mb.most))
	columns := min(n, maxColumns)
	group := make([]int, n)
	rng := work.Random(groupSeed, uint64(n))
	for i, place := range rng.Perm(n) {
		group[place] = i % max(1, columns)
	}
	total := 0.0
	err := work.Ordered(ctx, run, columns, 8, func(_, lo, hi int) float64 {
		sum := 0.0
		for c := lo; c < hi && ctx.Err() == nil; c++ {
			x, y := ma.influence(group, c, epsilon), mb.influence(group, c, epsilon)
			for i := range x {
				d := math.Sqrt(max(x[i], 0)) - math.Sqrt(max(y[i], 0))
				sum += d * d
			}
		}
		return sum
	}, func(sum float64) { total += sum })
	if err != nil {
		return 0, err
	}
	return 1 / (1 + math.Sqrt(total)), nil
}

// matrix is a graph by place in a pairing.
type matrix struct {
	off    []int
	to     []int
	weight []float64
	degree []float64
	most   float64
}

func newMatrix(g *graph.Graph, nodes []graph.Node, n int) *matrix {
	place := make([]int, g.Bound())
	for i, u := range nodes {
		if u != graph.None {
			place[u] = i
		}
	}
	m := &matrix{off: make([]int, n+1), degree: make([]float64, n)}
	var buf graph.Arcs
	for i, u := range nodes {
		if u != graph.None {
			arcs := g.Out(u, &buf)
			for j, v := range arcs.To {
				m.to = append(m.to, place[v])
				m.weight = append(m.weight, float64(arcs.WeightAt(j)))
				m.degree[i] += float64(arcs.WeightAt(j))
			}
		}
		m.most = max(m.most, m.degree[i])
		m.off[i+1] = len(m.to)
	}
	return m
}

// influence solves (I + ε²D - εA)x = e, e being 1 at the nodes of a group, by
// conjugate gradients: the matrix is symmetric and, as a row's εk is below
// 1 + ε²k, positive definite.
func (m *matrix) influence(group []int, wanted int, epsilon float64) []float64 {
	n := len(m.degree)
	x, r, p, ap := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	norm := 0.0
	for i, c := range group {
		if c == wanted {
			r[i], p[i] = 1, 1
			norm++
		}
	}
	for rounds := 0; norm > 1e-22 && rounds < 200; rounds++ {
		curve := 0.0
		for i := range n {
			sum := 0.0
			for j := m.off[i]; j < m.off[i+1]; j++ {
				sum += m.weight[j] * p[m.to[j]]
			}
			ap[i] = p[i]*(1+epsilon*epsilon*m.degree[i]) - epsilon*sum
			curve += p[i] * ap[i]
		}
		step, next := norm/curve, 0.0
		for i := range n {
			x[i] += step * p[i]
			r[i] -= step * ap[i]
			next += r[i] * r[i]
		}
		for i := range n {
			p[i] = r[i] + next/norm*p[i]
		}
		norm = next
	}
	return x
}
