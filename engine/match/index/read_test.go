// SPDX-License-Identifier: Apache-2.0

package index_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/engine/ftm"
	"github.com/turnstone-project/turnstone/engine/match/index"
)

func readAll(t testing.TB, r io.Reader, name string) (list []ftm.Entity, problems []string, err error) {
	t.Helper()
	next, err := index.Read(r, name, func(p index.Problem) { problems = append(problems, p.String()) })
	if err != nil {
		return nil, problems, err
	}
	for {
		e, err := next()
		if errors.Is(err, io.EOF) {
			return list, problems, nil
		}
		if err != nil {
			return list, problems, err
		}
		list = append(list, e)
	}
}

func TestFilesOfEntitiesAreRead(t *testing.T) {
	for _, c := range []struct{ name, text, want, problem string }{
		{"json lines", `{"id":"a","schema":"Person","properties":{"name":["Karla"]}}` + "\n\n" + `{"id":"b","schema":"Company","properties":{"name":["X"]}}`, "a Person Karla; b Company X", ""},
		{"broken line", "{\"id\":\"a\",\"properties\":{\"name\":[\"K\"]}}\n{\"id\":\n{\"id\":\"c\",\"properties\":{\"name\":[\"L\"]}}\n", "a  K; c  L", "line 2"},
		{"csv", "id,schema,name,alias\na,Person,Karla,Kalle;Kaja\n", "a Person Karla", ""},
		{"parts of a name", "uid;first_name;last_name;dob\n7;Karla;Smedstrup;1970-04-05\n", "7 Person Karla Smedstrup", ""},
		{"kinds as lists write them", "ent_num,sdn_type,full_name\n1,individual,KARLA\n2,vessel,NORTHERN LIGHT\n", "1 Person KARLA; 2 Vessel NORTHERN LIGHT", ""},
		{"no header", "36,\"AEROCARIBBEAN\",-0- ,\"CUBA\"\n37,\"BRUUN, Otto\",\"individual\",-0-\n\x1a", "36 LegalEntity AEROCARIBBEAN; 37 Person BRUUN, Otto", ""},
		{"no id", "name\nKarla\nOtto\n", "2 LegalEntity Karla; 3 LegalEntity Otto", ""},
		{"broken quote", "id,name\na,\"K\"x\"\nb,Otto\n", "b LegalEntity Otto", "line 2"},
		{"header alone", "id,name\n", "", ""},
		{"a schema that is unknown", "id,schema,name\na,Persn,Karla\nb,person,Otto\n", "a Persn Karla; b Person Otto", `line 2: unknown schema "Persn"`},
		{"the same in JSON", `{"id":"a","schema":"person","properties":{"name":["Karla"]}}`, "a person Karla", "line 1: unknown schema \"person\": Person is meant"},
	} {
		t.Run(c.name, func(t *testing.T) {
			list, problems, err := readAll(t, strings.NewReader(c.text), "file")
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range list {
				got = append(got, fmt.Sprintf("%s %s %s", e.ID, e.Schema, e.First("name")))
			}
			if s := strings.Join(got, "; "); s != c.want {
				t.Errorf("read %q, want %q", s, c.want)
			}
			if s := strings.Join(problems, "; "); !strings.Contains(s, c.problem) || c.problem == "" && s != "" {
				t.Errorf("problems %q, want %q", s, c.problem)
			}
		})
	}
	for _, text := range []string{"", "\n \n", "\ufeff"} {
		if _, _, err := readAll(t, strings.NewReader(text), "file"); !errors.Is(err, index.ErrEmpty) {
			t.Errorf("%q: %v, want that the file is empty", text, err)
		}
	}
	if _, _, err := readAll(t, strings.NewReader("colour,weight\nred,7\n"), "file"); err == nil || !strings.Contains(err.Error(), "name") {
		t.Errorf("a file without names: %v", err)
	}
}

func TestRepeatedIDsAreKept(t *testing.T) {
	next := index.KeepRepeated(sourceOf([]ftm.Entity{{ID: "7"}, {ID: "8"}, {ID: "7"}, {ID: "7"}}))
	var got []string
	for range 4 {
		e, err := next()
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, e.ID)
	}
	if s := strings.Join(got, " "); s != "7 8 7#2 7#3" {
		t.Errorf("ids are %s", s)
	}
}

func TestRealListsAreRead(t *testing.T) {
	folder := os.Getenv("TURNSTONE_TESTDATA")
	if folder == "" {
		t.Skip("TURNSTONE_TESTDATA is not set: it names the folder with lists/ofac_sdn.csv and its like")
	}
	for file, least := range map[string]int{
		"ofac_sdn.csv": 7379, "ofac_sdn_bench.csv": 8976, "eu_32014R0269.csv": 2802, "us_csl.csv": 115, "us_dpl.txt": 546,
	} {
		in, err := os.Open(filepath.Join(folder, "lists", file))
		if err != nil {
			t.Fatal(err)
		}
		list, problems, err := readAll(t, in, file)
		_ = in.Close() // only read
		if err != nil || len(list) < least || len(problems) > 0 {
			t.Errorf("%s: %d entities, want %d; %d problems, %v", file, len(list), least, len(problems), err)
		}
	}
}

func FuzzFilesAreReadWithoutPanic(f *testing.F) {
	for _, seed := range []string{
		"id,name\n1,Karla\n", `{"id":"a","schema":"Person","properties":{"name":["K"]}}`, "36,\"A\",-0-\n", "\ufeff\x00\n", "{", "name\n\"",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, _, err := readAll(t, strings.NewReader(text), "fuzz")
		if err != nil || len(list) > 50 {
			return
		}
		ix := build(t, list)
		for _, e := range list {
			search(t, ix, index.Query{Entity: e})
		}
	})
}

func FuzzIndexFilesAreOpenedWithoutPanic(f *testing.F) {
	path := filepath.Join(f.TempDir(), "x.index")
	if err := build(f, few).Save(path); err != nil {
		f.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:200])
	f.Add([]byte("TURNIDX\x05\x02\x00\x00\x00\x00\x00\x00\x00{}"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		path := filepath.Join(t.TempDir(), "fuzz.index")
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		if ix, err := index.Open(path); err == nil {
			_ = ix.Close() // only read
		}
	})
}
