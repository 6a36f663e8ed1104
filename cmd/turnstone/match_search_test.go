// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	listed = `{"id":"p1","schema":"Person","properties":{"name":["Karla Smedstrup"],"country":["dk"]},"datasets":["first"]}
{"id":"p2","schema":"Person","properties":{"name":["Otto Bruun"],"country":["se"]},"datasets":["second"]}
this is no entity
{"id":"c1","schema":"Company","properties":{"name":["Smedstrup Shipping ApS"],"jurisdiction":["dk"]}}
`
	asked = "id,schema,name\nq1,Person,Carla Smedstrup\nq2,Person,Nobody Atall\nq3,Person,Bruun Otto\n"
)

func readAnswers(t *testing.T, path string) []answer {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []answer
	for line := range strings.Lines(string(text)) {
		var a answer
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatal(err)
		}
		out = append(out, a)
	}
	return out
}

func TestSearchAnswersEachQueryInOrder(t *testing.T) {
	list, queries := writeFile(t, "list.jsonl", listed), writeFile(t, "queries.csv", asked)
	folder := t.TempDir()
	kept, out := filepath.Join(folder, "list.index"), filepath.Join(folder, "out.jsonl")
	_, notes, err := runVerb(t, "match", "search", "--index", list, "--in", queries, "--out", out, "--save", kept, "--threshold", "0.3")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(notes, "list.jsonl, line 3") || !strings.Contains(notes, "3 entities") {
		t.Errorf("the notes are:\n%s", notes)
	}
	answers := readAnswers(t, out)
	if len(answers) != 3 || answers[0].ID != "q1" || answers[2].ID != "q3" {
		t.Fatalf("answers are %+v", answers)
	}
	if len(answers[0].Candidates) == 0 || answers[0].Candidates[0].ID != "p1" || len(answers[1].Candidates) != 0 ||
		len(answers[2].Candidates) == 0 || answers[2].Candidates[0].ID != "p2" {
		t.Errorf("answers are %+v", answers)
	}
	again := filepath.Join(folder, "again.jsonl")
	if _, _, err := runVerb(t, "match", "search", "--index", kept, "--verify", "--in", queries, "--out", again, "--threshold", "0.3"); err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	second, err := os.ReadFile(again)
	if err != nil {
		t.Fatal(err)
	}
	if string(first) != string(second) {
		t.Errorf("the kept index answers\n%s\nnot\n%s", second, first)
	}
}

func TestSearchTellsOfUnknownSchemataAndKeepsTheirEntities(t *testing.T) {
	list := writeFile(t, "list.jsonl", `{"id":"p1","schema":"Persn","properties":{"name":["Karla Smedstrup"]}}`+"\n")
	queries := writeFile(t, "queries.csv", "id,schema,name\nq1,Robot,Karla Smedstrup\n")
	out := filepath.Join(t.TempDir(), "out.jsonl")
	_, notes, err := runVerb(t, "match", "search", "--index", list, "--in", queries, "--out", out)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`list.jsonl, line 1: unknown schema "Persn"`, `queries.csv, line 2: unknown schema "Robot"`} {
		if !strings.Contains(notes, want) {
			t.Errorf("the notes lack %q:\n%s", want, notes)
		}
	}
	if got := readAnswers(t, out); len(got) != 1 || len(got[0].Candidates) != 1 {
		t.Errorf("answers are %+v", got)
	}
}

func TestTheBenchmarkLeavesTablesAloneItCannotMeasure(t *testing.T) {
	before := "# Figures\n<!-- bench match: begin -->\n\n### Pairs of names\n\n<!-- bench match: end -->\n"
	for _, missing := range []string{"--data", "--own"} {
		docs := writeFile(t, "benchmarks.md", before)
		args := []string{"bench", "match", "--docs", docs, "--data", t.TempDir(), "--own", t.TempDir(), missing, ""}
		if _, _, err := runVerb(t, args...); err == nil || !strings.Contains(err.Error(), "stays as it is") {
			t.Errorf("without %s: error %v", missing, err)
		}
		if after, err := os.ReadFile(docs); err != nil || string(after) != before {
			t.Errorf("without %s the file became %q, %v", missing, after, err)
		}
	}
}

func TestSearchFiltersAndBounds(t *testing.T) {
	list, queries := writeFile(t, "list.jsonl", listed), writeFile(t, "queries.csv", asked)
	for _, c := range []struct {
		name string
		args []string
		want int // candidates of the first query
	}{
		{"all", []string{"--threshold", "0"}, 2},
		{"one", []string{"--threshold", "0", "-k", "1"}, 1},
		{"data set", []string{"--threshold", "0", "--dataset", "first"}, 1},
		{"country", []string{"--threshold", "0.3", "--country", "se"}, 0},
		{"schema", []string{"--threshold", "0", "--schema", "Company"}, 1},
	} {
		out := filepath.Join(t.TempDir(), "out.jsonl")
		if _, _, err := runVerb(t, append([]string{"match", "search", "--index", list, "--in", queries, "--out", out}, c.args...)...); err != nil {
			t.Fatal(err)
		}
		if got := len(readAnswers(t, out)[0].Candidates); got != c.want {
			t.Errorf("%s: %d candidates, want %d", c.name, got, c.want)
		}
	}
}

func TestSearchSaysWhatIsWrong(t *testing.T) {
	list, queries := writeFile(t, "list.jsonl", listed), writeFile(t, "queries.csv", asked)
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"no index", []string{"--index", list + ".not", "--in", queries}, "no such file"},
		{"no queries", []string{"--index", list, "--in", queries + ".not"}, "no such file"},
		{"no list", []string{"--index", writeFile(t, "none.csv", ""), "--in", queries}, "the file is empty"},
		{"no question", []string{"--index", list, "--in", writeFile(t, "none.jsonl", "\n")}, "the file is empty"},
		{"no names", []string{"--index", writeFile(t, "x.csv", "colour,weight\nred,1\n"), "--in", queries}, "no column called name"},
		{"threshold", []string{"--index", list, "--in", queries, "--threshold", "-3"}, "from 0 to 1"},
		{"none wanted", []string{"--index", list, "--in", queries, "-k", "0"}, "1 or more"},
	} {
		_, _, err := runVerb(t, append([]string{"match", "search", "--out", filepath.Join(t.TempDir(), "o")}, c.args...)...)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}
