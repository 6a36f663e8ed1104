// SPDX-License-Identifier: Apache-2.0

package bench_test

import (
	"bytes"
	"context"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/engine/match"
	"github.com/turnstone-project/turnstone/engine/match/bench"
)

func TestMeasures(t *testing.T) {
	c := bench.Decide([]bench.Scored{{0.9, true}, {0.6, true}, {0.4, true}, {0.7, false}, {0.1, false}, {0.2, false}}, 0.5)
	if c != (bench.Counts{TP: 2, FP: 1, FN: 1, TN: 2}) {
		t.Fatalf("counts %+v", c)
	}
	for name, tt := range map[string]struct{ got, want float64 }{
		"precision": {c.Precision(), 2.0 / 3}, "recall": {c.Recall(), 2.0 / 3}, "F1": {c.F1(), 2.0 / 3}, "negative F1": {c.NegativeF1(), 2.0 / 3},
		"Matthews": {c.Matthews(), 1.0 / 3}, "of nothing": {bench.Counts{}.F1(), 0},
	} {
		if math.Abs(tt.got-tt.want) > 1e-12 {
			t.Errorf("%s: %v, want %v", name, tt.got, tt.want)
		}
	}
}

func TestReliabilityOfHonestScores(t *testing.T) {
	var pairs []bench.Scored
	for i := range 1000 {
		pairs = append(pairs, bench.Scored{Score: 0.25, Same: i%4 == 0})
	}
	bins := bench.Reliability(pairs)
	if b := bins[2]; b.Pairs != 1000 || b.Mean != 0.25 || b.Same != 0.25 || bench.CalibrationError(bins) != 0 {
		t.Errorf("bins %+v", bins)
	}
	if got := bench.CalibrationError(bench.Reliability([]bench.Scored{{1, false}})); got != 1 {
		t.Errorf("a sure mistake has the error %v", got)
	}
}

func TestThresholdKeepsItsShare(t *testing.T) {
	scores := []float64{0.9, 0.1, 0.8, 0.7, 0.6, 0.5, 0.95, 0.85, 0.75, 0.65}
	if th := bench.ThresholdFor(scores, 0.9); th != 0.5 || bench.ShareAbove(scores, th) != 0.9 {
		t.Errorf("threshold %v keeps %v", th, bench.ShareAbove(scores, th))
	}
}

func TestPairsKeepTheirHalf(t *testing.T) {
	report := 0
	for i := range 1000 {
		if bench.Half(strings.Repeat("x", i%7) + string(rune('a'+i%26)) + string(rune('a'+i/26))) {
			report++
		}
	}
	if first, second := bench.Half("Anna"), bench.Half("Anna"); report < 420 || report > 580 || first != second {
		t.Errorf("%d of 1000 keys are for reporting", report)
	}
}

func TestBrokenFilesAreNamed(t *testing.T) {
	for name, read := range map[string]func(string) error{
		"header": func(s string) error { _, err := bench.ReadNamePairs(strings.NewReader(s)); return err },
		"line 1": func(s string) error { _, err := bench.ReadEntityPairs(strings.NewReader(s)); return err },
		"tips":   func(s string) error { _, err := bench.ReadTipPairs(strings.NewReader(s)); return err },
		"UN":     func(s string) error { _, err := bench.ReadUN(strings.NewReader(s)); return err },
	} {
		if err := read("nonsense\n"); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v, want %q named", err, name)
		}
	}
}

func TestReadUN(t *testing.T) {
	list, err := bench.ReadUN(strings.NewReader(`<CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL><DATAID>7</DATAID><FIRST_NAME>ANNA</FIRST_NAME><SECOND_NAME>BERG</SECOND_NAME>
<INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>The Hill</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>APPROXIMATELY</TYPE_OF_DATE><YEAR>1960</YEAR></INDIVIDUAL_DATE_OF_BIRTH></INDIVIDUAL></INDIVIDUALS></CONSOLIDATED_LIST>`))
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	e := list[0]
	if e.First("name") != "ANNA BERG" || e.First("weakAlias") != "The Hill" || e.First("birthDate") != "circa 1960" {
		t.Errorf("%+v", e)
	}
}

func TestMadePairsRepeat(t *testing.T) {
	list, err := bench.ReadOFAC(
		strings.NewReader("1,\"BERG, Anna\",individual,X,-0-,-0-,-0-,-0-,-0-,-0-,-0-,\"DOB 05 May 1960; POB Oslo; nationality Norway; Passport K123456 (Norway).\"\n2,\"BERGH, Anne\",individual,X,-0-,-0-,-0-,-0-,-0-,-0-,-0-,DOB 1961.\n\x1a\n"),
		strings.NewReader("1,9,aka,\"BERG, Annette\",-0-\n"), strings.NewReader("1,8,Mill Street 4,Oslo,Norway,-0-\n"))
	if err != nil || len(list) != 2 || list[0].First("birthDate") != "1960-05-05" || list[0].First("alias") != "BERG, Annette" || list[0].First("passportNumber") != "K123456" {
		t.Fatal(list, err)
	}
	one, two := bench.GeneratePairs(list, 3), bench.GeneratePairs(list, 3)
	if len(one) == 0 || len(one) != len(two) {
		t.Fatal(len(one), len(two))
	}
	for i := range one {
		if one[i].Left.First("name") != two[i].Left.First("name") || one[i].Same != two[i].Same {
			t.Errorf("pair %d differs", i)
		}
	}
}

// TestOwnDataKeepTheirLevel fails when a change makes the comparison clearly
// worse on our own labelled data.
func TestOwnDataKeepTheirLevel(t *testing.T) {
	var out bytes.Buffer
	if err := bench.Report(context.Background(), &out, bench.Sources{Own: filepath.Join("..", "testdata")}, func(string) {}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"### What tips say", "### Whom it treats worse", "| Georgian |"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	file, err := os.Open(filepath.Join("..", "testdata", "tips", "tips.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	pairs, err := bench.ReadTipPairs(file)
	if err != nil || len(pairs) < 1000 {
		t.Fatal(len(pairs), err)
	}
	var scored []bench.Scored
	for i := range pairs {
		if pairs[i].Report() {
			scored = append(scored, bench.ScoreEntities([]bench.EntityPair{pairs[i].EntityPair})...)
		}
	}
	if f1 := bench.Decide(scored, match.Threshold).F1(); f1 < 0.97 {
		t.Errorf("tips: F1 %.3f", f1)
	}
}

// TestDataOfOthersKeepTheirLevel measures what the targets name.
func TestDataOfOthersKeepTheirLevel(t *testing.T) {
	data := os.Getenv("TURNSTONE_TESTDATA")
	if data == "" {
		t.Skip("TURNSTONE_TESTDATA is not set: the labelled data of others are missing")
	}
	open := func(path ...string) io.Reader {
		file, err := os.Open(filepath.Join(append([]string{data}, path...)...))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = file.Close() })
		return file
	}
	names, err := bench.ReadNamePairs(open("names", "cases.csv"))
	if err != nil {
		t.Fatal(err)
	}
	var report []bench.Scored
	for i, s := range bench.ScoreNames(names) {
		if names[i].Report() {
			report = append(report, s)
		}
	}
	if f1 := bench.Decide(report, match.Threshold).F1(); f1 < 0.88 {
		t.Errorf("pairs of names, reporting half: F1 %.3f", f1)
	}
	entities, err := bench.ReadEntityPairs(open("pairs", "pairs.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if c := bench.Decide(bench.ScoreEntities(entities), match.Threshold); c.F1() < 0.96 || c.NegativeF1() < 0.85 {
		t.Errorf("pairs of entities: F1 %.3f, of the different %.3f", c.F1(), c.NegativeF1())
	}
}
