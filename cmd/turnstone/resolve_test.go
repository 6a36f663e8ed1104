// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// runVerb runs the binary's command table and returns what it said.
func runVerb(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, notes bytes.Buffer
	cmd := newRootCommand()
	cmd.SetOut(&out)
	cmd.SetErr(&notes)
	cmd.SetArgs(args)
	err = cmd.ExecuteContext(t.Context())
	return out.String(), notes.String(), err
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const people = `id,given_name,surname,dob,city
1,Karla,Smedstrup,1970-04-05,Hadsund
2,Otto,Bruun,1941-12-30,Viborg
3,Karla,Smedstrup,1970-05-04,Hadsund
4,Ib,Toft
5,Ane,Kvist,1988-01-09,Skive
`

func TestResolveWritesAClusterForEachRecord(t *testing.T) {
	in := writeFile(t, "people.csv", people)
	out := filepath.Join(t.TempDir(), "clusters.csv")
	_, notes, err := runVerb(t, "resolve", "--in", in, "--out", out)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if want := "record_id,cluster_id\n1,1\n2,2\n3,1\n4,3\n5,4\n"; string(got) != want {
		t.Errorf("wrote %q, want %q", got, want)
	}
	for _, want := range []string{"given_name=given", "line 5: 3 of 5 fields", "5 records, 4 clusters"} {
		if !strings.Contains(notes, want) {
			t.Errorf("the notes lack %q:\n%s", want, notes)
		}
	}
}

func TestResolveSaysWhatIsWrong(t *testing.T) {
	in := writeFile(t, "people.csv", people)
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"no file", []string{"--in", in + ".not"}, "no such file"},
		{"strict", []string{"--in", in, "--strict"}, "line 5"},
		{"three files", []string{"--in", in, "--in", in, "--in", in}, "one or two files"},
		{"threshold", []string{"--in", in, "--threshold", "2"}, "probability"},
		{"mapping of another file", []string{"--in", in, "--mapping", writeFile(t, "m.yaml", "naam: name\n")}, `"naam"`},
		{"kind", []string{"--in", in, "--mapping", writeFile(t, "m.json", `{"city": "town"}`)}, "unknown kind"},
		{"nothing left", []string{"--in", in, "--mapping", writeFile(t, "m.yaml", "given_name: ignore\nsurname: ignore\ndob: ignore\ncity: ignore\n")}, "no column to compare"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := runVerb(t, append([]string{"resolve", "--out", filepath.Join(t.TempDir(), "out.csv")}, c.args...)...)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

func TestResolveLinksTwoFilesAndTakesAMapping(t *testing.T) {
	one := writeFile(t, "one.csv", people)
	two := writeFile(t, "two.csv", "nr,voornaam,achternaam,geboren\nx,Carla,Smedstrup,1970-04-05\ny,Jens,Holm,1950-01-01\n")
	mapping := writeFile(t, "m.yaml", "voornaam: given\nachternaam: family\ngeboren: date\nnr: record-id\n")
	out, _, err := runVerb(t, "resolve", "--in", one, "--in", two, "--mapping", mapping, "--out", "-")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out, "1,1,one.csv\n") || !strings.Contains(out, "x,1,two.csv\n") || strings.Contains(out, "y,1,two.csv") {
		t.Errorf("wrote %s", out)
	}
}

// TestResolveSaysWhyAndLearnsFromTheAnswer writes the pairs, and gives them back
// as what people judged.
func TestResolveSaysWhyAndLearnsFromTheAnswer(t *testing.T) {
	in := writeFile(t, "people.csv", people)
	pairs := filepath.Join(t.TempDir(), "pairs.csv")
	_, notes, err := runVerb(t, "resolve", "--in", in, "--out", "-", "--pairs", pairs)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(pairs)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(got), "record_id_1,record_id_2,match,probability,reasons\n1,3,true,0.") || !strings.Contains(string(got), "surname equal +") {
		t.Errorf("wrote %q", got)
	}
	if want := "pairs that are or may be the same: 1"; !strings.Contains(notes, want) {
		t.Errorf("the notes lack %q:\n%s", want, notes)
	}
	if _, notes, err = runVerb(t, "resolve", "--in", in, "--out", "-", "--labels", pairs); err != nil || !strings.Contains(notes, "1 judged pairs") {
		t.Errorf("given back: %v\n%s", err, notes)
	}
	if _, _, err := runVerb(t, "resolve", "--in", in, "--out", pairs, "--pairs", pairs); err == nil || !strings.Contains(err.Error(), "same file") {
		t.Errorf("two outputs into one file: %v", err)
	}
}
