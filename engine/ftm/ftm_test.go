// SPDX-License-Identifier: Apache-2.0

package ftm_test

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/engine/ftm"
)

func TestDefaultModelKnowsCrimeAndMoney(t *testing.T) {
	m := ftm.Default()
	for _, tt := range []struct{ schema, ancestor string }{
		{"Company", "Organization"},
		{"Company", "Thing"},
		{"Vessel", "Vehicle"},
		{"CrimeGroup", "LegalEntity"},
		{"GroupRole", "Interest"},
		{"Seizure", "Event"},
		{"Firearm", "Asset"},
	} {
		s := m.Schema(tt.schema)
		if s == nil || !s.IsA(tt.ancestor) {
			t.Errorf("%s is no %s", tt.schema, tt.ancestor)
		}
	}
	if p := m.Schema("Company").Properties["name"]; p.Type != "name" {
		t.Errorf("a company's name has the type %q", p.Type)
	}
	if _, ok := m.Schema("Person").Properties["ageText"]; !ok {
		t.Error("a person has no age as described")
	}
	if e := m.Schema("GroupRole").Edge; e == nil || e.Source != "member" {
		t.Errorf("a role's ends are %v", e)
	}
	for _, name := range m.Names() {
		s := m.Schema(name)
		for prop, p := range s.Properties {
			if p.Type == "entity" && p.Range != "" && m.Schema(p.Range) == nil {
				t.Errorf("%s.%s points to an unknown schema %s", name, prop, p.Range)
			}
		}
		if e := s.Edge; e != nil {
			for _, end := range []string{e.Source, e.Target} {
				if s.Properties[end].Type != "entity" {
					t.Errorf("%s: its end %s is no entity", name, end)
				}
			}
		}
	}
}

func TestModelRefusesImpossibleSchemata(t *testing.T) {
	for in, want := range map[string]string{
		`{"A":{"extends":["B"]}}`:                       "B, which isn't known",
		`{"A":{"extends":["B"]},"B":{"extends":["A"]}}`: "extends itself",
		`[]`: "read schemata",
	} {
		if _, err := ftm.NewModel([]byte(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", in, err, want)
		}
	}
}

func TestCheckNamesWhatIsWrong(t *testing.T) {
	e := ftm.Entity{Schema: "Person", Properties: map[string][]string{"name": {"A"}, "imoNumber": {"1"}}}
	want := []ftm.Problem{{Text: "no id"}, {Property: "imoNumber", Text: "schema Person has no such property"}}
	if diff := cmp.Diff(want, ftm.Default().Check(&e)); diff != "" {
		t.Error(diff)
	}
}

func anyEntity(t *rapid.T, label string) ftm.Entity {
	word := rapid.StringMatching(`[a-zA-Zа-я ,"\n']{1,8}`)
	e := ftm.Entity{
		ID: rapid.StringMatching(`[a-z]{1,6}`).Draw(t, label+" id"), Schema: rapid.SampledFrom([]string{"Person", "Company", "Unheard"}).Draw(t, label+" schema"),
		Caption: rapid.SampledFrom([]string{"", "Caption"}).Draw(t, label+" caption"),
	}
	for _, prop := range rapid.SliceOfDistinct(rapid.SampledFrom([]string{"name", "alias", "birthDate", "unknown"}), func(s string) string { return s }).Draw(t, label+" props") {
		if e.Properties == nil {
			e.Properties = map[string][]string{}
		}
		e.Properties[prop] = rapid.SliceOfN(word, 0, 3).Draw(t, label+prop)
	}
	if rapid.Bool().Draw(t, label+" extra") {
		e.Extra = map[string]json.RawMessage{"datasets": json.RawMessage(`["a","b"]`), "target": json.RawMessage(`true`)}
	}
	if rapid.Bool().Draw(t, label+" nested") {
		e.Nested = map[string][]ftm.Entity{"owner": {{ID: "n", Schema: "Person", Properties: map[string][]string{"name": {"N"}}}}}
		if e.Properties == nil {
			e.Properties = map[string][]string{}
		}
		e.Properties["owner"] = []string{"n"}
	}
	return e
}

func TestStatementsKeepEverything(t *testing.T) {
	m := ftm.Default()
	rapid.Check(t, func(t *rapid.T) {
		e := anyEntity(t, "e")
		want, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		list, err := m.Statements(&e, "test")
		if err != nil {
			t.Fatal(err)
		}
		var file strings.Builder
		w := ftm.NewStatementWriter(&file)
		for _, s := range list {
			if err := w.Write(s); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		back, err := readAll(file.String())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(list, back); diff != "" {
			t.Fatal(diff)
		}
		entities, err := m.Gather(back)
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(entities[0])
		if err != nil {
			t.Fatal(err)
		}
		if len(entities) != 1 || string(got) != string(want) {
			t.Fatalf("%d entities:\n%s\nwant\n%s", len(entities), got, want)
		}
	})
}

func readAll(text string) ([]ftm.Statement, error) {
	r, err := ftm.NewStatementReader(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	var out []ftm.Statement
	for {
		s, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		out = append(out, s)
	}
}

func TestForeignStatementsKeepTheirColumns(t *testing.T) {
	in := "id,entity_id,prop,value,schema,handling\n1,a,name,Anna,Person,P\n2,a,name,Ann,LegalEntity,C\n"
	r, err := ftm.NewStatementReader(strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	s, err := r.Read()
	if err != nil || s.CanonicalID != "a" || s.Extra["handling"] != "P" || s.ID != "1" {
		t.Errorf("%+v, %v", s, err)
	}
	list, err := readAll(in)
	if err != nil {
		t.Fatal(err)
	}
	entities, err := ftm.Default().Gather(list)
	if err != nil || len(entities) != 1 || entities[0].Schema != "Person" || len(entities[0].Get("name")) != 2 {
		t.Errorf("%+v, %v", entities, err)
	}
	if _, err := ftm.NewStatementReader(strings.NewReader("a,b\n")); err == nil || !strings.Contains(err.Error(), "entity_id") {
		t.Errorf("a header without entity_id: %v", err)
	}
}

// TestStatementKeys compares with a key made by the formula of FollowTheMoney
// 4.11.2 (statement.make_key) with another program.
func TestStatementKeys(t *testing.T) {
	s := ftm.Statement{Dataset: "us_ofac_sdn", EntityID: "ofac-1", Prop: "name", Value: "Anna Berg"}
	if got := s.Key(); got != wantKey {
		t.Errorf("key %s, want %s", got, wantKey)
	}
}

const wantKey = "c83b14018a875f703bcb274d22bc2bffaf7858c2"

func FuzzEntity(f *testing.F) {
	f.Add(`{"id":"a","schema":"Person","properties":{"name":["A"],"owner":[{"id":"b","schema":"Person"}]},"x":1}`)
	f.Fuzz(func(t *testing.T, in string) {
		var e ftm.Entity
		if json.Unmarshal([]byte(in), &e) != nil {
			return
		}
		once, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var again ftm.Entity
		if err := json.Unmarshal(once, &again); err != nil {
			t.Fatalf("what was written can't be read: %v\n%s", err, once)
		}
		twice, err := json.Marshal(again)
		if err != nil || string(once) != string(twice) {
			t.Fatalf("%v\n%s\n%s", err, once, twice)
		}
	})
}

func FuzzStatements(f *testing.F) {
	f.Add("entity_id,prop,value,schema\na,name,\"x\ny\",Person\n")
	f.Fuzz(func(t *testing.T, in string) {
		list, err := readAll(in)
		if err != nil {
			return
		}
		if _, err := ftm.Default().Gather(list); err != nil && !strings.Contains(err.Error(), "read statements") {
			t.Fatal(err)
		}
	})
}
