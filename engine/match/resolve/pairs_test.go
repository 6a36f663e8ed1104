// SPDX-License-Identifier: Apache-2.0

package resolve_test

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/engine/match/resolve"
	"github.com/turnstone-project/turnstone/engine/match/synth"
)

// TestReasonsAddUpToTheOdds adds the bits of every pair that is listed, and holds
// the list against the clusters.
func TestReasonsAddUpToTheOdds(t *testing.T) {
	table, answers := invented(t, 3, synth.Plan{Records: 2000, Share: 0.3, MaxDuplicates: 2, MaxChanges: 3, Window: 2000})
	result := run(t, resolve.Options{Pairs: 0.1}, table)
	if len(result.Pairs) < 500 {
		t.Fatalf("only %d pairs are listed", len(result.Pairs))
	}
	over, joined, right, doubt := 0, 0, 0, 0.0
	for _, p := range result.Pairs {
		bits, named := 0.0, 0
		for _, r := range result.Reasons(p) {
			bits += r.Bits
			if r.Agreement != "" {
				named++
			}
		}
		if odds := math.Log2(p.Probability / (1 - p.Probability)); math.Abs(bits-odds) > 0.06 && p.Probability < 1-1e-12 {
			t.Fatalf("records %d and %d: the reasons %v add up to %.2f bits, the odds are %.2f", p.A, p.B, result.Reasons(p), bits, odds)
		}
		if named < 3 {
			t.Errorf("records %d and %d have only these reasons: %v", p.A, p.B, result.Reasons(p))
		}
		if p.A >= p.B || p.Same != (result.Cluster[p.A] == result.Cluster[p.B]) {
			t.Errorf("%+v is not what the clusters say", p)
		}
		if d := math.Abs(p.Probability - 0.5); d < doubt {
			t.Errorf("%+v comes after one that is surer", p)
		} else {
			doubt = d
		}
		if p.Probability > 0.5 {
			over++
		}
		if p.Same {
			joined++
		}
		if answers[p.A] == answers[p.B] {
			right++
		}
	}
	if over != result.Matches {
		t.Errorf("%d of the listed pairs are over the threshold, and %d of all", over, result.Matches)
	}
	if right < len(result.Pairs)*8/10 || joined < len(result.Pairs)*8/10 {
		t.Errorf("of %d pairs %d are joined and %d are the same", len(result.Pairs), joined, right)
	}
	strict := run(t, resolve.Options{Pairs: 0.1, Threshold: 0.9}, table)
	if first := strict.Pairs[0].Probability; math.Abs(first-0.9) > math.Abs(result.Pairs[0].Probability-0.9) {
		t.Errorf("with a threshold of 0.9 the most doubtful pair has %.4f", first)
	}
	if quiet := run(t, resolve.Options{}, table); len(quiet.Pairs) > 0 || quiet.Reasons(result.Pairs[0]) != nil {
		t.Error("pairs are listed though nobody asked")
	}
}

// TestWrittenPairsCanBeGivenBack writes the pairs of two files, turns one
// verdict, and reads them as labels.
func TestWrittenPairsCanBeGivenBack(t *testing.T) {
	one, _ := read(t, "id,given_name,surname,dob,city\na1,Karla,Smedstrup,1970-04-05,Hadsund\na2,Otto,Bruun,1941-12-30,Viborg\na3,Ane,Kvist,1988-01-09,Skive\na4,Per,Holm,1955-03-02,Ribe\n")
	two, _ := read(t, "id,given_name,surname,dob,city\nb1,Carla,Smedstrup,1970-04-05,Hadsund\nb2,Otto,Bruun,1941-12-30,Viborg\nb3,Ib,Toft,1960-10-12,Skive\nb4,Per,Holm,1955-03-02,Ribe\n")
	tables := []*resolve.Table{one, two}
	result := run(t, resolve.Options{Pairs: 0.1}, tables...)
	var ids [][]string
	for _, table := range tables {
		list, _ := resolve.RecordIDs(table, resolve.Guess(table))
		ids = append(ids, list)
	}
	var out bytes.Buffer
	if err := resolve.WritePairs(&out, tables, ids, result); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"record_id_1,record_id_2,source_1,source_2,match,probability,reasons\n", "a1,b1,test.csv,test.csv,true,", "given_name near ", "surname equal +", "; two records by chance -"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the file lacks %q:\n%s", want, out.String())
		}
	}
	text := strings.Replace(out.String(), "a4,b4,test.csv,test.csv,true", "a4,b4,test.csv,test.csv,false", 1)
	judged, _ := read(t, text)
	labels, problems, err := resolve.ReadLabels(judged, ids)
	if err != nil || len(problems) > 0 || len(labels) != len(result.Pairs) {
		t.Fatalf("read %d labels of %d pairs, %v, %v", len(labels), len(result.Pairs), problems, err)
	}
	for i, l := range labels {
		p := result.Pairs[i]
		if want := p.Same && p.A != 3; l.A != p.A || l.B != p.B || l.Match != want {
			t.Errorf("%+v was read as %+v", p, l)
		}
	}
	if !slices.ContainsFunc(labels, func(l resolve.Label) bool { return !l.Match }) {
		t.Error("no verdict was turned:\n" + fmt.Sprint(labels))
	}
}
