// SPDX-License-Identifier: Apache-2.0

package resolve_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/engine/match/resolve"
)

// truth says how a data set with known answers names the true cluster.
type truth struct {
	file  string
	of    func(t *resolve.Table, row int) string
	least float64 // pairwise F1
}

func column(name string) func(t *resolve.Table, row int) string {
	return func(t *resolve.Table, row int) string {
		for i, c := range t.Columns {
			if c == name {
				return t.Cell(row, i)
			}
		}
		panic("no column " + name)
	}
}

// febrl reads rec-12-dup-0 as 12.
func febrl(t *resolve.Table, row int) string {
	return strings.Split(t.Cell(row, 0), "-")[1]
}

var truths = []truth{
	{"febrl_dataset1.csv", febrl, 0.99},
	{"febrl_dataset2.csv", febrl, 0.99},
	{"RLdata500.csv", column("ent_id"), 0.98},
	{"splink_fake_1000.csv", column("cluster"), 0.95},
}

func TestKnownTruthsAreFoundWithoutLabels(t *testing.T) {
	folder := os.Getenv("TURNSTONE_TESTDATA")
	if folder == "" {
		t.Skip("TURNSTONE_TESTDATA is not set: it names the folder with resolution/febrl_dataset1.csv and its like")
	}
	for _, want := range truths {
		t.Run(want.file, func(t *testing.T) {
			table := readFile(t, filepath.Join(folder, "resolution", want.file))
			mapping := resolve.Guess(table)
			result, err := resolve.Resolve(context.Background(), []*resolve.Table{table}, []resolve.Mapping{mapping}, resolve.Options{})
			if err != nil {
				t.Fatal(err)
			}
			answers := make([]string, table.Rows())
			for row := range answers {
				answers[row] = want.of(table, row)
			}
			s := compare(result.Cluster, answers)
			t.Logf("%s: %s; %d candidates, %d clusters, %d refused", mapping, s, result.Candidates, result.Clusters, result.Refused)
			if s.f1() < want.least {
				t.Errorf("F1 %.4f, want at least %v", s.f1(), want.least)
			}
			if os.Getenv("SHOW") != "" {
				show(t, table, result, answers)
			}
		})
	}
}

func show(t *testing.T, table *resolve.Table, result *resolve.Result, answers []string) {
	for _, f := range result.Model.Fields {
		t.Logf("%-14s %-10s M %.4f U %.7f", f.Name, f.Kind, f.M, f.U)
	}
	t.Logf("prior %g", result.Model.Prior)
	row := func(i int) string {
		var s []string
		for c := range table.Columns {
			s = append(s, table.Cell(i, c))
		}
		return strings.Join(s, "|")
	}
	n := 0
	for i := range answers {
		for j := range i {
			same := answers[i] == answers[j]
			if same != (result.Cluster[i] == result.Cluster[j]) && n < 90 {
				n++
				t.Logf("truth %v\n   %s\n   %s", same, row(i), row(j))
			}
		}
	}
}

// score counts pairs of records.
type score struct{ both, found, true int }

func (s score) precision() float64 { return float64(s.both) / float64(max(s.found, 1)) }
func (s score) recall() float64    { return float64(s.both) / float64(max(s.true, 1)) }
func (s score) f1() float64        { return 2 * float64(s.both) / float64(max(s.found+s.true, 1)) }

func compare(clusters []uint32, answers []string) score {
	pairs := func(key func(i int) string) int {
		sizes := map[string]int{}
		n := 0
		for i := range answers {
			n += sizes[key(i)]
			sizes[key(i)]++
		}
		return n
	}
	cluster := func(i int) string { return fmt.Sprint(clusters[i]) }
	return score{
		both:  pairs(func(i int) string { return answers[i] + "\x00" + cluster(i) }),
		found: pairs(cluster),
		true:  pairs(func(i int) string { return answers[i] }),
	}
}

func readFile(t *testing.T, path string) *resolve.Table {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	table, problems, err := resolve.ReadTable(context.Background(), file, filepath.Base(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Log(p)
	}
	return table
}

func (s score) String() string {
	return fmt.Sprintf("precision %.4f recall %.4f F1 %.4f", s.precision(), s.recall(), s.f1())
}
