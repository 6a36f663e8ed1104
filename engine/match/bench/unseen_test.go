// SPDX-License-Identifier: Apache-2.0

package bench_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/turnstone-project/turnstone/engine/match"
	"github.com/turnstone-project/turnstone/engine/match/bench"
)

// TestUnseenPairsKeepTheirLevel fails when a change makes the comparison
// clearly worse on the reporting half of the pairs that it learned nothing
// from.
func TestUnseenPairsKeepTheirLevel(t *testing.T) {
	folder := filepath.Join("..", "testdata", "unseen")
	floor(t, "names", unseenNames(t, filepath.Join(folder, "names.csv")), 0.90, 0.88)
	floor(t, "names written later", unseenNames(t, filepath.Join(folder, "later.csv")), 0.86, 0.83)
	floor(t, "names of the fourth lot", bench.ScoreNames(readNames(t, filepath.Join(folder, "fourth.csv"))), 0.82, 0.75)

	file, err := os.Open(filepath.Join(folder, "entities.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	entities, err := bench.ReadEntityPairs(file)
	if err != nil || len(entities) < 150 {
		t.Fatal(len(entities), err)
	}
	var scored []bench.Scored
	for i, s := range bench.ScoreEntities(entities) {
		if bench.Half(entities[i].Left.ID) {
			scored = append(scored, s)
		}
	}
	floor(t, "entities", scored, 0.88, 0.90)
}

// TestReadPairsKeepTheirLevel holds what was mended after reading mistakes.
func TestReadPairsKeepTheirLevel(t *testing.T) {
	folder := filepath.Join("..", "testdata", "read")
	floor(t, "names of the third lot", bench.ScoreNames(readNames(t, filepath.Join(folder, "third.csv"))), 0.91, 0.84)
	floor(t, "names of the fourth lot", bench.ScoreNames(readNames(t, filepath.Join(folder, "fourth.csv"))), 0.90, 0.85)
	floor(t, "names in two languages", bench.ScoreNames(readNames(t, filepath.Join(folder, "translated.csv"))), 0.78, 0.40)
}

func readNames(t *testing.T, path string) []bench.NamePair {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	names, err := bench.ReadUnseenNames(file)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// unseenNames scores the reporting half of a file.
func unseenNames(t *testing.T, path string) (scored []bench.Scored) {
	t.Helper()
	names := readNames(t, path)
	halves := map[string]bool{}
	for i, s := range bench.ScoreNames(names) {
		if half, seen := halves[names[i].Left]; seen && half != names[i].Report() {
			t.Errorf("%q stands in both halves", names[i].Left)
		}
		halves[names[i].Left] = names[i].Report()
		if names[i].Report() {
			scored = append(scored, s)
		}
	}
	return scored
}

// floor demands both classes of a lot of pairs to be told as well as this.
func floor(t *testing.T, name string, scored []bench.Scored, same, different float64) {
	t.Helper()
	if len(scored) < 50 {
		t.Errorf("only %d %s are for reporting", len(scored), name)
	}
	if c := bench.Decide(scored, match.Threshold); c.F1() < same || c.NegativeF1() < different {
		t.Errorf("%s: F1 %.3f, of the different %.3f; want %.2f and %.2f", name, c.F1(), c.NegativeF1(), same, different)
	}
}
