// SPDX-License-Identifier: Apache-2.0

package resolve_test

import (
	"bytes"
	"encoding/csv"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/engine/match/resolve"
	"github.com/turnstone-project/turnstone/engine/match/synth"
)

// only keeps some columns of an invented file, under other names.
func only(t testing.TB, plan synth.Plan, columns, names []string) (*resolve.Table, []string) {
	t.Helper()
	var b, out bytes.Buffer
	if err := synth.New(41).WriteRecords(&b, plan); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var answers []string
	w := csv.NewWriter(&out)
	for i, row := range rows {
		kept := names
		if i > 0 {
			kept = nil
			for _, c := range columns {
				kept = append(kept, row[slices.Index(rows[0], c)])
			}
			answers = append(answers, strings.Split(row[0], "-")[1])
		}
		if err := w.Write(kept); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	table, _ := read(t, out.String())
	return table, answers
}

// TestFewColumnsAreEnough leaves only what many registers have: names that
// thousands share and a birth date, one change in a copy.
func TestFewColumnsAreEnough(t *testing.T) {
	for _, c := range []struct {
		columns string
		least   float64
	}{
		{"given_name surname date_of_birth", 0.997},
		{"given_name surname date_of_birth postcode", 0.99},
		{"given_name surname street_number address_1 suburb", 0.96}, // who moved leaves a name alone,
	} {
		columns := strings.Fields(c.columns)
		table, answers := only(t, synth.Plan{Records: 10_000, Share: 0.1, MaxDuplicates: 1, MaxChanges: 1, Window: 10_000}, columns, columns)
		q := resolve.Measure(run(t, resolve.Options{}, table).Cluster, answers)
		t.Logf("%s: precision %.4f recall %.4f F1 %.4f", c.columns, q.Precision(), q.Recall(), q.F1())
		if q.F1() < c.least {
			t.Errorf("%s: F1 %.4f, want %v", c.columns, q.F1(), c.least)
		}
	}
}

// TestRarityIsBelievedWhereValuesDiffer holds that a birth day seen once says
// nothing about how many share it, while a name seen once is rare.
func TestRarityIsBelievedWhereValuesDiffer(t *testing.T) {
	const people = 10_000
	r := rand.New(rand.NewPCG(3, 4))
	names := rand.NewZipf(r, 1.2, 10, 5000)
	days, common := make([]int, 30_000), make([]int, 5001)
	for range people {
		days[r.IntN(len(days))]++
		common[names.Uint64()]++
	}
	if n := resolve.Believed(days, people); n < people {
		t.Errorf("the average share of a birth day counts for %.0f records of %d", n, people)
	}
	if n := resolve.Believed(common, people); n > people/20 {
		t.Errorf("the average share of a name counts for %.0f records of %d", n, people)
	}
}

// TestNeighboursAreNotTheSame has few duplicates and, as every register, many
// people of one town, who share its postal code too: by far the largest group of
// pairs that agree on anything.
func TestNeighboursAreNotTheSame(t *testing.T) {
	columns := strings.Fields("given_name surname date_of_birth suburb postcode")
	table, answers := only(t, synth.Plan{Records: 4000, Share: 0.02, MaxDuplicates: 1, MaxChanges: 1, Window: 4000}, columns, columns)
	q := resolve.Measure(run(t, resolve.Options{}, table).Cluster, answers)
	t.Logf("precision %.4f recall %.4f F1 %.4f", q.Precision(), q.Recall(), q.F1())
	if q.F1() < 0.98 {
		t.Errorf("F1 %.4f, want 0.98", q.F1())
	}
}

// TestHouseholdsAreNotOnePerson has families under one roof, who share name,
// address and telephone, some of them written down twice.
func TestHouseholdsAreNotOnePerson(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	s := synth.New(47)
	var b strings.Builder
	var answers []string
	write := func(p synth.Person) {
		fields := p.Fields("")
		b.WriteString(strings.Join(slices.Delete(fields, 10, 11), ",") + "\n") // no number of a register
		answers = append(answers, strconv.Itoa(len(answers)))
	}
	b.WriteString(strings.Join(slices.Delete(slices.Clone(synth.Header), 10, 11), ",") + "\n")
	for range 800 {
		home := s.Person()
		for range 1 + r.IntN(4) {
			p := s.Person()
			home.Given, home.Birth = p.Given, p.Birth
			write(home)
			if r.IntN(3) == 0 {
				write(s.Alter(home, 1))
				answers[len(answers)-1] = answers[len(answers)-2]
			}
		}
	}
	table, _ := read(t, b.String())
	q := resolve.Measure(run(t, resolve.Options{}, table).Cluster, answers)
	t.Logf("precision %.4f recall %.4f F1 %.4f", q.Precision(), q.Recall(), q.F1())
	if q.F1() < 0.98 {
		t.Errorf("F1 %.4f, want 0.98", q.F1())
	}
}
