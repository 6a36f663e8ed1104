// SPDX-License-Identifier: AGPL-3.0-or-later

package suppress

import (
	"math"
	"slices"
)

// narrow makes every small cell as small and as large as all sums together
// allow: a linear programme for each end. It is what propagation misses when
// sums have to be subtracted from one another.
func narrow(p Problem, marks map[string]Mark, known map[string]Interval) {
	for _, group := range groups(p, marks) {
		l := newLinear(p, marks, group, known)
		if !l.start() {
			continue // rounding left no start: what propagation found stands
		}
		for i, name := range group {
			if marks[name] != Small {
				continue
			}
			iv := known[name]
			low, ok := l.least(i)
			if ok {
				iv.Low = max(iv.Low, known[name].Low, int64(math.Ceil(low+float64(l.base[i])-tolerance)))
			}
			if high, ok := l.most(i); ok {
				iv.High = min(iv.High, int64(math.Floor(high+float64(l.base[i])+tolerance)))
			}
			known[name] = iv
		}
	}
}

const (
	tolerance = 1e-6
	zero      = 1e-9
)

// groups returns the hidden cells that hang together through sums.
func groups(p Problem, marks map[string]Mark) [][]string {
	group := map[string]int{}
	var all [][]string
	for _, r := range p.Relations {
		var hidden []string
		for _, c := range append([]string{r.Total}, r.Parts...) {
			if marks[c] != Shown {
				hidden = append(hidden, c)
			}
		}
		for _, c := range hidden {
			if _, ok := group[c]; !ok {
				group[c] = len(all)
				all = append(all, []string{c})
			}
			a, b := group[hidden[0]], group[c]
			if a != b {
				for _, x := range all[b] {
					group[x] = a
				}
				all[a], all[b] = append(all[a], all[b]...), nil
			}
		}
	}
	all = slices.DeleteFunc(all, func(g []string) bool { return len(g) == 0 })
	for _, g := range all {
		slices.Sort(g)
	}
	return all
}

// linear is a linear programme in standard form, A x = b with x ≥ 0, as a
// tableau: one row for each sum and each upper end. Variables are counted from
// the lower ends of their intervals.
type linear struct {
	rows  [][]float64 // the last column is b
	basis []int
	vars  int // all variables but artificial ones
	base  []int64
}

func newLinear(p Problem, marks map[string]Mark, group []string, known map[string]Interval) *linear {
	at := map[string]int{}
	l := &linear{}
	bounded := 0
	for i, c := range group {
		at[c] = i
		l.base = append(l.base, known[c].Low)
		if known[c].High != open {
			bounded++
		}
	}
	l.vars = len(group) + bounded
	row := func() []float64 { return make([]float64, l.vars+1) }
	slack := len(group)
	for i, c := range group {
		if known[c].High == open {
			continue
		}
		r := row()
		r[i], r[slack], r[l.vars] = 1, 1, float64(known[c].High-known[c].Low)
		slack++
		l.rows = append(l.rows, r)
	}
	for _, rel := range p.Relations {
		r, rest, any := row(), int64(0), false
		add := func(c string, sign int64) {
			if marks[c] == Shown {
				rest -= sign * p.Cells[c]
				return
			}
			if i, ok := at[c]; ok {
				r[i] += float64(sign)
				rest -= sign * known[c].Low
				any = true
			}
		}
		add(rel.Total, 1)
		for _, c := range rel.Parts {
			add(c, -1)
		}
		if any {
			r[l.vars] = float64(rest)
			l.rows = append(l.rows, r)
		}
	}
	return l
}

// start finds a point that fits all sums, by making artificial variables
// vanish. It reports false when rounding left none.
func (l *linear) start() bool {
	m := len(l.rows)
	wide := l.vars + m
	for i, r := range l.rows {
		b := r[l.vars]
		out := make([]float64, wide+1)
		copy(out, r[:l.vars])
		if b < 0 {
			for j := range out {
				out[j] = -out[j]
			}
			b = -b
		}
		out[l.vars+i], out[wide] = 1, b
		l.rows[i] = out
		l.basis = append(l.basis, l.vars+i)
	}
	cost := make([]float64, wide)
	for i := range m {
		cost[l.vars+i] = 1
	}
	left, ok := l.minimise(cost, wide)
	if !ok || left > tolerance {
		return false
	}
	l.dropArtificial(wide)
	return true
}

// dropArtificial takes artificial variables out of the basis, and rows that
// say nothing new out of the tableau.
func (l *linear) dropArtificial(wide int) {
	for i := 0; i < len(l.rows); i++ {
		if l.basis[i] < l.vars {
			continue
		}
		j := slices.IndexFunc(l.rows[i][:l.vars], func(v float64) bool { return math.Abs(v) > zero })
		if j >= 0 {
			l.pivot(i, j)
			continue
		}
		l.rows, l.basis = slices.Delete(l.rows, i, i+1), slices.Delete(l.basis, i, i+1)
		i--
	}
	for i, r := range l.rows {
		l.rows[i] = append(slices.Clone(r[:l.vars]), r[wide])
	}
}

// least and most return the ends of a variable; false: there is none.
func (l *linear) least(i int) (float64, bool) {
	cost := make([]float64, l.vars)
	cost[i] = 1
	return l.minimise(cost, l.vars)
}

func (l *linear) most(i int) (float64, bool) {
	cost := make([]float64, l.vars)
	cost[i] = -1
	v, ok := l.minimise(cost, l.vars)
	return -v, ok
}

// minimise walks from the present point to one of least cost, by Bland's rule,
// which never goes in circles. It reports false when there is no least.
func (l *linear) minimise(cost []float64, wide int) (float64, bool) {
	for range 20000 {
		enter := -1
		for j := range wide {
			reduced := cost[j]
			for i, r := range l.rows {
				reduced -= cost[l.basis[i]] * r[j]
			}
			if reduced < -zero {
				enter = j
				break
			}
		}
		if enter < 0 {
			value := 0.0
			for i, r := range l.rows {
				value += cost[l.basis[i]] * r[len(r)-1]
			}
			return value, true
		}
		leave, ratio := -1, math.Inf(1)
		for i, r := range l.rows {
			if r[enter] <= zero {
				continue
			}
			q := r[len(r)-1] / r[enter]
			if q < ratio-zero || q < ratio+zero && leave >= 0 && l.basis[i] < l.basis[leave] {
				leave, ratio = i, q
			}
		}
		if leave < 0 {
			return 0, false
		}
		l.pivot(leave, enter)
	}
	return 0, false
}

func (l *linear) pivot(row, col int) {
	by := l.rows[row][col]
	for j := range l.rows[row] {
		l.rows[row][j] /= by
	}
	for i, r := range l.rows {
		if f := r[col]; i != row && f != 0 {
			for j := range r {
				r[j] -= f * l.rows[row][j]
			}
		}
	}
	l.basis[row] = col
}
