// SPDX-License-Identifier: AGPL-3.0-or-later

package hsds

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
)

// Effect is what became of what was wrong, from the least to the most.
type Effect int

// The effects of a problem.
const (
	Noted     Effect = iota // nothing changed; somebody should look
	Mended                  // the meaning was clear and was written as the standard has it
	ValueOut                // the value was left out
	RecordOut               // the record was left out
	RestOut                 // the rest of the file was not read
)

// String says it in words.
func (e Effect) String() string {
	return [...]string{"kept as it is", "mended", "the value is left out", "the record is left out", "the rest of the file is not read"}[e]
}

// Problem is one thing that is wrong with what was read.
type Problem struct {
	Place
	Table, ID, Field string // what it is about, as far as that is known
	Wrong, Right     string // what is wrong, and what would be right
	Effect           Effect
}

// String is one line for a person.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.Place.String())
	b.WriteString(": ")
	if p.Table != "" {
		b.WriteString(p.Table)
		if p.ID != "" {
			b.WriteString(" " + p.ID)
		}
		if p.Field != "" {
			b.WriteString(", " + p.Field)
		}
		b.WriteString(": ")
	}
	b.WriteString(p.Wrong)
	if p.Right != "" {
		b.WriteString("; " + p.Right)
	}
	fmt.Fprintf(&b, " (%s)", p.Effect)
	return b.String()
}

// MaxProblems is how many problems are kept; all are counted.
const MaxProblems = 5000

// Report is everything that is wrong with what was read.
type Report struct {
	Problems []Problem      // the first MaxProblems
	Counts   map[Effect]int // of all
	Out      map[string]int // records left out, by table
}

// Add adds a problem.
func (r *Report) Add(p Problem) {
	if r.Counts == nil {
		r.Counts, r.Out = map[Effect]int{}, map[string]int{}
	}
	r.Counts[p.Effect]++
	if p.Effect == RecordOut {
		r.Out[p.Table]++
	}
	if len(r.Problems) < MaxProblems {
		p.Wrong, p.Right = short(p.Wrong, 300), short(p.Right, 300)
		p.ID = short(p.ID, 60)
		r.Problems = append(r.Problems, p)
	}
}

// Total returns how many problems there are, with those that are only noted.
func (r *Report) Total() int {
	n := 0
	for _, c := range r.Counts {
		n += c
	}
	return n
}

// Changed returns how many problems changed or lost something.
func (r *Report) Changed() int { return r.Total() - r.Counts[Noted] }

// Err returns nil when nothing was changed or lost, else a fault that says so.
func (r *Report) Err() error {
	if r.Changed() == 0 {
		return nil
	}
	return fault.Newf(fault.Invalid, "Nothing was imported: %d problems would change or lose something. Mend the file, or accept the problems.", r.Changed())
}

// short cuts a text, and shows what can't be printed.
func short(s string, n int) string {
	if len(s) > n {
		s = s[:n]
		for len(s) > 0 && !utf8.ValidString(s[max(0, len(s)-utf8.UTFMax):]) && !utf8.RuneStart(s[len(s)-1]) {
			s = s[:len(s)-1]
		}
		s = strings.ToValidUTF8(s, "") + "…"
	}
	return strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f || c >= 0x80 && c < 0xa0 || c == 0x2028 || c == 0x2029 || c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069 {
			return '·'
		}
		return c
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// quote shows a value of the file in a problem, cut short.
func quote(s string) string { return `"` + short(s, 60) + `"` }
