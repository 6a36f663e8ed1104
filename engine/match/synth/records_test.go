// SPDX-License-Identifier: Apache-2.0

package synth_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/engine/match/synth"
)

func TestRecordsAreAsPlannedAndRepeatable(t *testing.T) {
	plan := synth.Plan{Records: 2000, Share: 0.3, MaxDuplicates: 3, MaxChanges: 2, Window: 100}
	var first, second bytes.Buffer
	for _, w := range []*bytes.Buffer{&first, &second} {
		if err := synth.New(7).WriteRecords(w, plan); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Fatal("the same seed gave other records")
	}
	rows, err := csv.NewReader(&first).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	duplicates, seen := 0, map[string]bool{}
	for _, row := range rows[1:] {
		if seen[row[0]] {
			t.Fatalf("record id %s twice", row[0])
		}
		seen[row[0]] = true
		if strings.Contains(row[0], "-dup-") {
			duplicates++
			if original := strings.Split(row[0], "-dup-")[0] + "-org"; !seen[original] {
				t.Fatalf("%s stands before %s", row[0], original)
			}
		}
	}
	if len(rows) != plan.Records+1 || duplicates < 500 || duplicates > 700 {
		t.Errorf("%d records, %d duplicates", len(rows)-1, duplicates)
	}
}
