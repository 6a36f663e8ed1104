// SPDX-License-Identifier: Apache-2.0

package stream_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/engine/match/stream"
)

func TestNamesKeepsOrderAndColumns(t *testing.T) {
	var in strings.Builder
	in.WriteString("\ufeffid,Schema,left,right,note\n")
	for i := range 1000 {
		fmt.Fprintf(&in, "%d,Person,\"Name%d, Anna\",Anna Name%d,\"a \"\"note\"\"\"\n", i, i, i)
	}
	var out strings.Builder
	report, err := stream.Names(context.Background(), strings.NewReader(in.String()), &out, 4)
	if err != nil || report.Err() != nil || report.Lines != 1000 {
		t.Fatal(err, report)
	}
	rows, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(rows[0], ","); got != "id,Schema,left,right,note,score,match" {
		t.Errorf("header %q", got)
	}
	for i, row := range rows[1:] {
		if row[0] != fmt.Sprint(i) || row[4] != `a "note"` || row[6] != "true" {
			t.Fatalf("row %d is %q", i, row)
		}
	}
}

func TestNamesReportsBrokenLines(t *testing.T) {
	in := "schema,left,right\nPerson,Anna,Anna\nPerson,Anna\nPerson,Anna,Anna,more\nCompany,X,X\n"
	var out strings.Builder
	report, err := stream.Names(context.Background(), strings.NewReader(in), &out, 2)
	if err != nil {
		t.Fatal(err)
	}
	if report.Lines != 4 || report.Bad != 2 || report.First[0].Line != 3 || report.First[1].Line != 4 {
		t.Errorf("report %+v", report)
	}
	if got := strings.Count(out.String(), "\n"); got != 5 {
		t.Errorf("%d lines out:\n%s", got, out.String())
	}
}

func TestUnknownSchemataAreBrokenLines(t *testing.T) {
	var out strings.Builder
	report, err := stream.Names(t.Context(), strings.NewReader("schema,left,right\nPersn,Anna,Anna\n,Anna,Anna\nperson,Anna,Anna\n"), &out, 2)
	if err != nil || report.Bad != 2 || report.First[0].Line != 2 || report.First[1].Line != 4 {
		t.Errorf("names: %+v, %v", report, err)
	}
	if want := "Persn,Anna,Anna,,\n"; !strings.Contains(out.String(), want) {
		t.Errorf("no line %q in\n%s", want, out.String())
	}
	pair := `{"left":{"schema":%q,"properties":{"name":["Ann Lee"]}},"right":{"schema":%q,"properties":{"name":["Anne Lee"]}}}` + "\n"
	out.Reset()
	report, err = stream.Entities(t.Context(), strings.NewReader(fmt.Sprintf(pair+pair+pair, "Person", "Robot", "Robot", "Person", "Person", "")), &out, 1)
	if err != nil || report.Lines != 3 || report.Bad != 2 || !strings.Contains(report.First[1].Error(), `line 2: unknown schema "Robot"`) {
		t.Errorf("entities: %+v, %v", report, err)
	}
}

func TestNamesNeedsItsColumns(t *testing.T) {
	for in, want := range map[string]string{
		"":                         "empty",
		"schema,left\nPerson,A\n":  "no column right",
		"schema,a,b\nPerson,A,B\n": "no column left and no column right",
	} {
		_, err := stream.Names(context.Background(), strings.NewReader(in), &strings.Builder{}, 1)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", in, err, want)
		}
	}
}

func TestEntitiesAnswersEveryLine(t *testing.T) {
	in := `{"left":{"id":"a","schema":"Person","properties":{"name":["Anna Berg"]}},"right":{"id":"b","schema":"Person","properties":{"name":["Berg, Anna"]}},"judgement":"positive"}

{"left":{"id":"a"
{"left":{"id":"a","schema":"Person","properties":{}}}
{"left":{"id":"a","schema":"Person","properties":{"name":["Anna Berg"]}},"right":{"id":"b","schema":"Person","properties":{"name":["Zoltan Kiss"]}}}
`
	var out strings.Builder
	report, err := stream.Entities(context.Background(), strings.NewReader(in), &out, 2)
	if err != nil {
		t.Fatal(err)
	}
	if report.Lines != 4 || report.Bad != 2 || report.First[0].Line != 3 {
		t.Errorf("report %+v", report)
	}
	type line struct {
		Score    *float64
		Match    *bool
		Features []any
		Error    string
	}
	var got []line
	for dec := json.NewDecoder(strings.NewReader(out.String())); dec.More(); {
		var l line
		if err := dec.Decode(&l); err != nil {
			t.Fatal(err)
		}
		got = append(got, l)
	}
	if len(got) != 4 {
		t.Fatalf("%d lines out", len(got))
	}
	if got[0].Match == nil || !*got[0].Match || got[1].Score != nil || got[2].Error == "" || got[3].Match == nil || *got[3].Match {
		t.Errorf("got %s", out.String())
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestAnOutputThatFailsStopsTheRun(t *testing.T) {
	in := "schema,left,right\n" + strings.Repeat("Person,Anna,Anna\n", 100_000)
	if _, err := stream.Names(context.Background(), strings.NewReader(in), fullDisk{}, 2); err == nil {
		t.Error("no error")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := stream.Names(ctx, strings.NewReader(in), &strings.Builder{}, 2); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestAMarkAtTheBeginningOfPairsIsNoFault(t *testing.T) {
	pair := `{"left":{"schema":"Person","properties":{"name":["Ann Lee"]}},"right":{"schema":"Person","properties":{"name":["Anne Lee"]}}}`
	var out strings.Builder
	report, err := stream.Entities(t.Context(), strings.NewReader("\ufeff"+pair+"\r\n\r\n"+pair), &out, 1)
	if err != nil || report.Err() != nil || report.Lines != 2 {
		t.Errorf("%+v, %v: %s", report, err, out.String())
	}
}
