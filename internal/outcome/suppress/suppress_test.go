// SPDX-License-Identifier: AGPL-3.0-or-later

package suppress_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/outcome/suppress"
)

var policy = suppress.Policy{K: 5}

// table adds a table of rows and columns with its totals to a problem; the
// totals of its columns carry names that other tables can share.
func table(p *suppress.Problem, name string, n [][]int64, columnTotal func(j int) string) {
	cell := func(i, j int) string { return fmt.Sprintf("%s/%d/%d", name, i, j) }
	for i := range n {
		var parts []string
		sum := int64(0)
		for j := range n[i] {
			p.Cells[cell(i, j)] = n[i][j]
			parts = append(parts, cell(i, j))
			sum += n[i][j]
		}
		if len(parts) > 1 {
			total := fmt.Sprintf("%s/%d/all", name, i)
			p.Cells[total] = sum
			p.Relations = append(p.Relations, suppress.Relation{Total: total, Parts: parts})
		}
	}
	for j := range n[0] {
		var parts []string
		sum := int64(0)
		for i := range n {
			parts = append(parts, cell(i, j))
			sum += n[i][j]
		}
		p.Cells[columnTotal(j)] = sum
		p.Relations = append(p.Relations, suppress.Relation{Total: columnTotal(j), Parts: parts})
	}
}

func problem() *suppress.Problem { return &suppress.Problem{Cells: map[string]int64{}} }

func drawTable(t *rapid.T, rows, columns int, most int64) [][]int64 {
	n := make([][]int64, rows)
	for i := range n {
		for range columns {
			n[i] = append(n[i], rapid.Int64Range(0, most).Draw(t, "n"))
		}
	}
	return n
}

// enumerate finds, by trying everything, the values that each hidden cell can
// have: the attack with nothing left out. It gives up on what is too large.
func enumerate(p *suppress.Problem, marks map[string]suppress.Mark, most int64) (map[string]map[int64]bool, bool) {
	var hidden []string
	for name := range p.Cells {
		if marks[name] != suppress.Shown {
			hidden = append(hidden, name)
		}
	}
	if len(hidden) > 9 {
		return nil, false
	}
	value, possible, steps := map[string]int64{}, map[string]map[int64]bool{}, 0
	get := func(name string) (int64, bool) {
		if marks[name] == suppress.Shown {
			return p.Cells[name], true
		}
		v, ok := value[name]
		return v, ok
	}
	fits := func() bool {
		for _, r := range p.Relations {
			total, ok := get(r.Total)
			sum := int64(0)
			for _, c := range r.Parts {
				v, set := get(c)
				ok = ok && set
				sum += v
			}
			if ok && sum != total {
				return false
			}
		}
		return true
	}
	var try func(i int)
	try = func(i int) {
		if steps++; steps > 40_000 || !fits() {
			return
		}
		if i == len(hidden) {
			for name, v := range value {
				if possible[name] == nil {
					possible[name] = map[int64]bool{}
				}
				possible[name][v] = true
			}
			return
		}
		from, to := int64(1), policy.K-1
		if marks[hidden[i]] == suppress.Companion {
			from, to = policy.K, most
		}
		for v := from; v <= to; v++ {
			value[hidden[i]] = v
			try(i + 1)
		}
		delete(value, hidden[i])
	}
	try(0)
	return possible, steps <= 40_000
}

// Whatever the tables hold, what is published leaves every small count as open
// as the policy says, against somebody who adds, subtracts and tries everything.
func TestLawNoSmallCountCanBeWorkedOut(t *testing.T) {
	tried, proved := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		p := problem()
		rows, columns := rapid.IntRange(1, 4).Draw(t, "rows"), rapid.IntRange(1, 3).Draw(t, "columns")
		table(p, "a", drawTable(t, rows, columns, 30), func(j int) string { return fmt.Sprintf("all/%d", j) })
		if rapid.Bool().Draw(t, "a second table of the same total") {
			n := drawTable(t, 2, 1, 30)
			n[1][0] = max(0, p.Cells["all/0"]-n[0][0])
			n[0][0] = p.Cells["all/0"] - n[1][0]
			table(p, "b", n, func(int) string { return "all/0" })
		}
		marks, err := suppress.Protect(*p, policy)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatal(err)
			}
			return // refused: nothing is published
		}
		tried++
		for name, n := range p.Cells {
			if n > 0 && n < policy.K && marks[name] != suppress.Small {
				t.Fatalf("%s is %d and shown", name, n)
			}
		}
		if open := suppress.Disclosed(*p, policy, marks); len(open) > 0 {
			t.Fatalf("the attack finds %v", open)
		}
		possible, ok := enumerate(p, marks, 130)
		if !ok {
			return
		}
		proved++
		for name, mark := range marks {
			if mark != suppress.Small {
				continue
			}
			for v := int64(1); v < policy.K; v++ {
				if !possible[name][v] {
					t.Fatalf("%s can't be %d: possible %v, marks %v, cells %v", name, v, possible[name], marks, p.Cells)
				}
			}
		}
	})
	if proved == 0 {
		t.Errorf("of %d tables none was small enough to try everything", tried)
	}
}

// The attack never excludes the truth, and what it excludes is impossible.
func TestLawTheAttackIsSound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := problem()
		table(p, "a", drawTable(t, rapid.IntRange(2, 3).Draw(t, "rows"), rapid.IntRange(1, 3).Draw(t, "columns"), 20), func(j int) string { return fmt.Sprintf("all/%d", j) })
		marks := map[string]suppress.Mark{}
		for name, n := range p.Cells {
			switch {
			case n > 0 && n < policy.K:
				marks[name] = suppress.Small
			case n >= policy.K && rapid.Bool().Draw(t, "hide"):
				marks[name] = suppress.Companion
			}
		}
		known := suppress.Attack(*p, policy, marks)
		for name, n := range p.Cells {
			if n < known[name].Low || n > known[name].High {
				t.Fatalf("%s is %d, and the attack says %v", name, n, known[name])
			}
		}
		possible, ok := enumerate(p, marks, 70)
		if !ok {
			return
		}
		for name, mark := range marks {
			if mark != suppress.Small {
				continue
			}
			for v := int64(1); v < policy.K; v++ {
				if possible[name][v] && (v < known[name].Low || v > known[name].High) {
					t.Fatalf("%s can be %d, and the attack says %v", name, v, known[name])
				}
			}
		}
	})
}

// A square of which propagation alone can't see that one cell is given away by
// the rows taken from the columns.
func TestSumsAreSubtractedFromOneAnother(t *testing.T) {
	p := problem()
	table(p, "a", [][]int64{{20, 3, 9}, {8, 7, 30}, {6, 40, 50}}, func(j int) string { return fmt.Sprintf("all/%d", j) })
	marks := map[string]suppress.Mark{
		"a/0/1": suppress.Small, "a/0/0": suppress.Companion, "a/1/0": suppress.Companion, "a/1/2": suppress.Companion, "a/0/2": suppress.Companion,
	}
	// Rows 0 and 1 together, less columns 0 and 2, leave a/0/1 alone.
	known := suppress.Attack(*p, policy, marks)
	if known["a/0/1"] != (suppress.Interval{Low: 3, High: 3}) {
		t.Errorf("the attack says %v of a cell that subtraction gives away", known["a/0/1"])
	}
}

func TestTwoPublicationsTellNoDifference(t *testing.T) {
	p := problem()
	table(p, "a", [][]int64{{10}, {12}, {20}}, func(int) string { return "all" })
	p.Before = map[string]suppress.Told{"all": {N: 41}, "a/0/0": {N: 10}}
	if _, err := suppress.Protect(*p, policy); err == nil || !strings.Contains(fault.PublicOf(err), "from 41 to 42") {
		t.Errorf("one more since the last publication: %v", err)
	}
	p.Before = map[string]suppress.Told{"all": {N: 42}, "a/0/0": {Hidden: true}, "a/1/0": {Hidden: true}}
	marks, err := suppress.Protect(*p, policy)
	if err != nil || marks["a/0/0"] != suppress.Companion || marks["a/1/0"] != suppress.Companion || marks["all"] != suppress.Shown {
		t.Errorf("what was hidden is shown: %v %v", marks, err)
	}
	p = problem()
	table(p, "a", [][]int64{{3}, {12}}, func(int) string { return "all" })
	p.Before = map[string]suppress.Told{"all": {N: 15}, "a/1/0": {N: 12}}
	if _, err := suppress.Protect(*p, policy); err == nil || !strings.Contains(fault.PublicOf(err), "worked out") {
		t.Errorf("hiding what everybody has read already: %v", err)
	}
}

func TestAPolicyThatHidesNothingIsRefused(t *testing.T) {
	if _, err := suppress.Protect(*problem(), suppress.Policy{K: 2}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("k = 2: %v", err)
	}
}
