// SPDX-License-Identifier: AGPL-3.0-or-later

// Package suppress decides which counts of a set of published tables are not
// told: small ones, and others from which small ones could be worked out. It
// looks at all tables together, because they share totals, and it attacks its
// own answer before it gives it.
//
// It must never answer with tables whose attack narrows a small count to less
// than what the policy leaves open. Everything is pure and safe for concurrent use.
package suppress

import (
	"cmp"
	"math"
	"slices"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
)

// Policy says what is small.
type Policy struct {
	K         int64 // counts from 1 to K-1 are not told
	HideZeros bool  // and zeros neither
}

// LeastK is the smallest K that protects anybody.
const LeastK = 5

// least is the smallest count that a hidden small cell may stand for.
func (p Policy) least() int64 {
	if p.HideZeros {
		return 0
	}
	return 1
}

// small reports whether a count is to be hidden for itself.
func (p Policy) small(n int64) bool { return n >= p.least() && n < p.K }

// Mark says why a cell is hidden.
type Mark int

// The marks.
const (
	Shown     Mark = iota
	Small          // it is small
	Companion      // a small one could be worked out from it
)

// Relation says that a cell is the sum of others. Everybody knows it.
type Relation struct {
	Total string
	Parts []string
}

// Problem is a set of tables: each cell once, under one name, in however many
// tables it stands.
type Problem struct {
	Cells     map[string]int64
	Relations []Relation
	// Before is what the last publication said of the same cells.
	Before map[string]Told
}

// Told is what was said of a cell.
type Told struct {
	N      int64
	Hidden bool
}

// Protect returns the mark of every cell. It fails with fault.Invalid, and
// says what would be right, when nothing that can be hidden is enough.
func Protect(p Problem, policy Policy) (map[string]Mark, error) {
	if policy.K < LeastK {
		return nil, fault.Newf(fault.Invalid, "Counts below %d must be hidden; the policy says %d.", LeastK, policy.K)
	}
	marks := map[string]Mark{}
	for _, name := range names(p) {
		n := p.Cells[name]
		before, was := p.Before[name]
		switch {
		case policy.small(n):
			marks[name] = Small
		case was && before.Hidden && n != 0:
			marks[name] = Companion // what was hidden stays so: two publications would tell the difference
		case was && !before.Hidden && policy.tells(n-before.N):
			return nil, fault.Newf(fault.Invalid, "%s has changed from %d to %d since the last publication, by fewer than %d. Publish when more has changed.", name, before.N, n, policy.K)
		}
	}
	for range len(p.Cells) + 1 {
		weak, ok := weakest(p, policy, marks)
		if !ok {
			return marks, nil
		}
		companion, ok := p.companion(policy, marks, weak)
		if !ok {
			return nil, fault.Newf(fault.Invalid, "%s could be worked out, and nothing is left that could be hidden with it. Publish a longer period, or fewer divisions.", weak)
		}
		marks[companion] = Companion
	}
	return nil, fault.New(fault.Internal, "")
}

// tells reports whether a difference is itself a small count.
func (p Policy) tells(d int64) bool { return d != 0 && d < p.K && d > -p.K }

func names(p Problem) []string {
	all := make([]string, 0, len(p.Cells))
	for name := range p.Cells {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// Disclosed returns the small cells that the attack narrows to less than what
// the policy leaves open, in order. It is asked before anything is published.
func Disclosed(p Problem, policy Policy, marks map[string]Mark) []string {
	bounds := Attack(p, policy, marks)
	var all []string
	for _, name := range names(p) {
		if marks[name] == Small && (bounds[name].Low > policy.least() || bounds[name].High < policy.K-1) {
			all = append(all, name)
		}
	}
	return all
}

func weakest(p Problem, policy Policy, marks map[string]Mark) (string, bool) {
	all := Disclosed(p, policy, marks)
	if len(all) == 0 {
		return "", false
	}
	return all[0], true
}

// companion chooses what to hide beside a cell that is not safe: the smallest
// count of a sum that it stands in; of sums further away when those have none.
func (p Problem) companion(policy Policy, marks map[string]Mark, weak string) (string, bool) {
	near := map[string]bool{weak: true}
	for {
		var candidates []string
		grown := false
		for _, r := range p.Relations {
			cells := append([]string{r.Total}, r.Parts...)
			if !slices.ContainsFunc(cells, func(c string) bool { return near[c] }) {
				continue
			}
			for _, c := range cells {
				before, was := p.Before[c]
				told := was && !before.Hidden && before.N == p.Cells[c] // hiding it now would hide nothing
				if marks[c] == Shown && p.Cells[c] >= policy.K && !told {
					candidates = append(candidates, c)
				}
				if marks[c] != Shown && !near[c] {
					near[c], grown = true, true
				}
			}
		}
		if len(candidates) > 0 {
			slices.SortFunc(candidates, func(a, b string) int { return cmp.Or(cmp.Compare(p.Cells[a], p.Cells[b]), cmp.Compare(a, b)) })
			return candidates[0], true
		}
		if !grown {
			return "", false
		}
	}
}

// Interval is what an attacker knows of a cell.
type Interval struct{ Low, High int64 }

// open is an interval's end that nobody knows.
const open = math.MaxInt64

// Attack returns what can be worked out of every hidden cell by somebody who
// knows the policy, the marks, every number that is shown and every sum.
// First the ends are propagated through each sum until nothing moves, then each
// small cell is made as small and as large as all sums together allow.
func Attack(p Problem, policy Policy, marks map[string]Mark) map[string]Interval {
	known := map[string]Interval{}
	for name, n := range p.Cells {
		switch marks[name] {
		case Shown:
			known[name] = Interval{n, n}
		case Small:
			known[name] = Interval{policy.least(), policy.K - 1}
		case Companion:
			known[name] = Interval{leastCompanion(policy), open}
		}
	}
	propagate(p.Relations, known)
	narrow(p, marks, known)
	return known
}

// leastCompanion: a companion is no small count, which its mark gives away.
func leastCompanion(policy Policy) int64 { return policy.K }

// propagate narrows intervals through each sum until nothing moves.
func propagate(relations []Relation, known map[string]Interval) {
	for moved, rounds := true, 0; moved && rounds < 1000; rounds++ {
		moved = false
		set := func(name string, low, high int64) {
			old := known[name]
			now := Interval{max(old.Low, low), min(old.High, high)}
			if now != old {
				known[name], moved = now, true
			}
		}
		for _, r := range relations {
			low, high := int64(0), int64(0)
			for _, part := range r.Parts {
				low, high = low+known[part].Low, plus(high, known[part].High)
			}
			set(r.Total, low, high)
			total := known[r.Total]
			for _, part := range r.Parts {
				own := known[part]
				others := low - own.Low
				most := int64(open)
				if total.High != open {
					most = total.High - others
				}
				least := int64(0)
				if rest := without(r.Parts, part, known); rest != open {
					least = total.Low - rest
				}
				set(part, least, most)
			}
		}
	}
}

func plus(a, b int64) int64 {
	if a == open || b == open {
		return open
	}
	return a + b
}

// without is the most that all parts but one can be together.
func without(parts []string, but string, known map[string]Interval) int64 {
	sum := int64(0)
	for _, part := range parts {
		if part != but {
			sum = plus(sum, known[part].High)
		}
	}
	return sum
}
