// SPDX-License-Identifier: Apache-2.0

package resolve_test

import (
	"context"
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
	{"splink_fake_1000.csv", column("cluster"), 0.99},
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
			q := resolve.Measure(result.Cluster, answers)
			t.Logf("%s: precision %.4f recall %.4f F1 %.4f; %d candidates, %d clusters, %d refused", mapping, q.Precision(), q.Recall(), q.F1(), result.Candidates, result.Clusters, result.Refused)
			if q.F1() < want.least {
				t.Errorf("F1 %.4f, want at least %v", q.F1(), want.least)
			}
		})
	}
}

func readFile(t *testing.T, path string) *resolve.Table {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }() // only read
	table, problems, err := resolve.ReadTable(context.Background(), file, filepath.Base(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Log(p)
	}
	return table
}
