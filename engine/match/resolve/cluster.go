// SPDX-License-Identifier: Apache-2.0

package resolve

import (
	"cmp"
	"slices"
)

// looked is how many pairs are compared before two groups are joined; larger
// groups are sampled evenly.
const looked = 64

// opposed is how much of the prior stays when a pair is judged whose two
// groups a third record already ties together.
const opposed = 0.75

// moves is how often records may change their group once all are joined.
const moves = 3

// groups joins records bottom up.
type groups struct {
	scorer   *scorer
	member   [][]uint32 // of each root
	root     []uint32
	oneToOne bool
	refused  int
}

// cluster joins the records of the edges, surest first, where the pairs between
// the two whole groups together speak for it, and returns the group of each
// record and how many joins were refused. A pair that merely shares little
// speaks neither for nor against: only what differs does. This is greedy
// correlation clustering; its result depends on nothing but its input.
func cluster(s *scorer, records int, edges []edge, threshold float64, oneToOne bool) ([]uint32, int) {
	slices.SortFunc(edges, func(x, y edge) int {
		return cmp.Or(cmp.Compare(y.weight, x.weight), cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b))
	})
	g := &groups{scorer: s, root: make([]uint32, records), member: make([][]uint32, records), oneToOne: oneToOne}
	for r := range g.root {
		g.root[r] = uint32(r)
	}
	for _, e := range edges {
		a, b := g.find(e.a), g.find(e.b)
		if a == b || float64(e.weight) <= threshold {
			continue
		}
		if g.agree(a, b, e) {
			g.join(a, b)
		} else {
			g.refused++
		}
	}
	for r := range g.root {
		g.root[r] = g.find(uint32(r))
	}
	for range moves {
		if !g.move(edges, threshold) {
			break
		}
	}
	return g.root, g.refused
}

func (g *groups) find(r uint32) uint32 {
	for g.root[r] != r {
		g.root[r] = g.root[g.root[r]]
		r = g.root[r]
	}
	return r
}

func (g *groups) members(root uint32) []uint32 {
	if g.member[root] == nil {
		return []uint32{root}
	}
	return g.member[root]
}

// join keeps the smaller number as the root, whichever group is larger, so
// that the result does not depend on the order of equals.
func (g *groups) join(a, b uint32) {
	a, b = min(a, b), max(a, b)
	g.member[a] = append(g.members(a), g.members(b)...)
	g.member[b] = nil
	g.root[b] = a
}

// agree asks whether two groups are one.
func (g *groups) agree(a, b uint32, e edge) bool {
	ones, others := g.members(a), g.members(b)
	if len(ones)+len(others) == 2 {
		return !g.oneToOne || g.table(e.a) != g.table(e.b)
	}
	if g.oneToOne && g.clash(ones, others) {
		return false
	}
	step := max(1, len(ones)*len(others)/looked)
	sum := float64(e.weight)
	for i := 0; i < len(ones)*len(others); i += step {
		x, y := ones[i/len(others)], others[i%len(others)]
		if x == e.a && y == e.b || x == e.b && y == e.a {
			continue
		}
		sum += g.link(x, y)
	}
	return sum > 0
}

// move takes each record that has a strong pair in another group there if that
// group's pairs speak for it more than its own group's do. An early mistake is
// so repaired. It reports whether any record moved.
func (g *groups) move(edges []edge, threshold float64) bool {
	moved := false
	for _, e := range edges {
		for _, way := range [2][2]uint32{{e.a, e.b}, {e.b, e.a}} {
			r, from, to := way[0], g.root[way[0]], g.root[way[1]]
			if from == to || float64(e.weight) <= threshold || g.oneToOne && g.clash([]uint32{r}, g.members(to)) {
				continue
			}
			if g.pull(r, to) > max(0, g.pull(r, from)) {
				g.shift(r, from, to)
				moved = true
			}
		}
	}
	return moved
}

// pull is how much a group speaks for a record being of it.
func (g *groups) pull(r, root uint32) float64 {
	sum := 0.0
	members := g.members(root)
	step := max(1, len(members)/looked)
	for i := 0; i < len(members); i += step {
		if members[i] != r {
			sum += g.link(r, members[i])
		}
	}
	return sum
}

// shift changes the group of one record. Roots only name groups from here on:
// a root may stand for a group that it has left.
func (g *groups) shift(r, from, to uint32) {
	rest := slices.DeleteFunc(slices.Clone(g.members(from)), func(m uint32) bool { return m == r })
	g.member[to] = append(slices.Clone(g.members(to)), r)
	g.member[from] = rest
	g.root[r] = to
}

// link is what one more pair says about joining the groups it stands between.
func (g *groups) link(x, y uint32) float64 {
	evidence := g.scorer.evidence(x, y)
	if g.scorer.second < len(g.root) && g.table(x) == g.table(y) {
		return min(0, evidence+opposed*g.scorer.prior)
	}
	if odds := evidence + g.scorer.prior; odds > 0 {
		return odds
	}
	return min(0, evidence+opposed*g.scorer.prior)
}

func (g *groups) table(record uint32) bool { return int(record) >= g.scorer.second }

// clash reports whether joining would put two records of one table together.
func (g *groups) clash(ones, others []uint32) bool {
	var has [2]bool
	for _, group := range [][]uint32{ones, others} {
		for _, r := range group {
			t := 0
			if g.table(r) {
				t = 1
			}
			if has[t] {
				return true
			}
			has[t] = true
		}
	}
	return false
}
