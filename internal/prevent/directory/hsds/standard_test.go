// SPDX-License-Identifier: AGPL-3.0-or-later

package hsds_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/turnstone-project/turnstone/internal/prevent/directory/hsds"
)

// testData returns a folder of directories that are not part of the project.
func testData(t *testing.T) string {
	t.Helper()
	root := os.Getenv("TURNSTONE_TESTDATA")
	if root == "" {
		t.Skip("TURNSTONE_TESTDATA is not set: the standard's own schemas and examples are not here")
	}
	return filepath.Join(root, "directory")
}

// schemas compiles the standard's schemas, formats included.
func schemas(t *testing.T) map[string]*jsonschema.Schema {
	t.Helper()
	dir := filepath.Join(testData(t), "hsds", "schema")
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	all := map[string]*jsonschema.Schema{}
	for _, table := range hsds.Tables() {
		path := filepath.Join(dir, table.Name+".json")
		if _, err := os.Stat(path); err != nil {
			continue // what 3.1 added
		}
		s, err := c.Compile(path)
		if err != nil {
			t.Fatal(err)
		}
		all[table.Name] = s
	}
	if len(all) < 20 {
		t.Fatalf("only %d schemas are in %s", len(all), dir)
	}
	return all
}

func validate(t *testing.T, s *jsonschema.Schema, v any) {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(value); err != nil {
		t.Errorf("%v in %s", err, b)
	}
}

// Every field of the standard's schemas has its place in ours, with its kind.
func TestOurTablesAreTheStandards(t *testing.T) {
	dir := filepath.Join(testData(t), "hsds", "schema")
	for _, table := range hsds.Tables() {
		b, err := os.ReadFile(filepath.Join(dir, table.Name+".json"))
		if err != nil {
			continue
		}
		var schema struct {
			Path       string
			Properties map[string]struct {
				Type, Format string
				Enum         []string
			}
			Required []string
			Tabular  []string `json:"tabular_required"`
		}
		if err := json.Unmarshal(b, &schema); err != nil {
			t.Fatal(err)
		}
		if schema.Path != table.File {
			t.Errorf("%s lies in %s, ours in %s", table.Name, schema.Path, table.File)
		}
		for name, p := range schema.Properties {
			i := table.Field(name)
			if i < 0 {
				if !strings.Contains(nestKeys(table), " "+name+" ") {
					t.Errorf("%s.%s is missing", table.Name, name)
				}
				continue
			}
			f := table.Fields[i]
			if diff := cmp.Diff(p.Enum, f.Values); len(p.Enum)+len(f.Values) > 0 && diff != "" {
				t.Errorf("%s.%s: %s", table.Name, name, diff)
			}
			if number := f.Kind == hsds.Number || f.Kind == hsds.Timezone; number != (p.Type == "number") {
				t.Errorf("%s.%s is a %s, ours a %s", table.Name, name, p.Type, f.Kind)
			}
		}
		for _, name := range append(schema.Required, schema.Tabular...) {
			if f := table.Fields[table.Field(name)]; !f.Needed && !f.InTables && !f.Wanted {
				t.Errorf("%s.%s is required, ours is not", table.Name, name)
			}
		}
	}
}

func nestKeys(t *hsds.Table) string {
	keys := " "
	for _, n := range t.Nests {
		keys += n.Key + " "
	}
	return keys
}

// lost are the problems that lost something, as lines.
func lost(r *hsds.Report) []string {
	var all []string
	for _, p := range r.Problems {
		if p.Effect >= hsds.ValueOut {
			all = append(all, p.String())
		}
	}
	return all
}

// The standard's own examples are read. Each loses only what is wrong in it:
// its coordinates (100, 101) are not on Earth, and some ids name nothing.
func TestTheStandardsExamplesAreRead(t *testing.T) {
	dir := filepath.Join(testData(t), "hsds", "examples")
	for _, name := range []string{
		"service_full.json", "organization_full.json", "service_at_location_full.json", "location.json", "service_list.json", "organization_list.json",
		"service_at_location_list.json", "taxonomy.json", "taxonomy_list.json", "taxonomy_term.json", "taxonomy_term_list.json", "tabular.json", "csv",
	} {
		t.Run(name, func(t *testing.T) {
			d, report, err := hsds.ReadPath(filepath.Join(dir, name), hsds.Options{Source: "example"})
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range lost(report) {
				if !strings.Contains(line, "there is no ") && !strings.Contains(line, "is not on Earth") && !strings.Contains(line, "it is missing; the ") {
					t.Error(line)
				}
			}
			if d.Len() == 0 && !strings.HasPrefix(name, "taxonomy_term") {
				t.Errorf("nothing was kept: %v", report.Problems)
			}
			var b bytes.Buffer
			if err := hsds.WriteJSON(&b, d); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// What we write as JSON keeps to the standard's schemas, both as the API gives
// it and as a file.
func TestWhatIsWrittenKeepsToTheSchemas(t *testing.T) {
	all := schemas(t)
	for _, source := range []string{filepath.Join(testData(t), "hsds", "examples", "service_full.json"), filepath.Join(testData(t), "hsds", "examples", "csv"), filepath.Join(testData(t), "sf_domestic_violence_consortium.json")} {
		d, _, err := hsds.ReadPath(source, hsds.Options{Source: "example"})
		if err != nil {
			t.Fatal(err)
		}
		tree := hsds.NewTree(d)
		n := 0
		for rec := range d.Every() {
			if s := all[rec.Table.Name]; s != nil {
				validate(t, s, tree.Full(rec))
				n++
			}
		}
		var b bytes.Buffer
		if err := hsds.WriteJSON(&b, d); err != nil {
			t.Fatal(err)
		}
		var pack map[string]json.RawMessage
		if err := json.Unmarshal(b.Bytes(), &pack); err != nil {
			t.Fatal(err)
		}
		for _, table := range hsds.Tables() {
			var list []any
			if raw := pack[table.Plural]; raw != nil {
				if err := json.Unmarshal(raw, &list); err != nil {
					t.Fatal(err)
				}
			}
			for _, v := range list {
				validate(t, all[table.Name], v)
			}
		}
		if n == 0 {
			t.Errorf("%s: nothing to validate", source)
		}
	}
}

// A real directory of 2013 to 2016, in a form older than the standard's
// second version: everything that is wrong with it is told.
func TestARealDirectoryIsReadWithAReport(t *testing.T) {
	d, report, err := hsds.ReadPath(filepath.Join(testData(t), "sf_domestic_violence_consortium.json"), hsds.Options{Source: "sf"})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range report.Problems {
		t.Log(p)
	}
	if got := len(d.All("service")); got != 17 {
		t.Errorf("%d services of 18; one has no name", got)
	}
	want := map[string]int{"organization": 1, "phone": 2}
	if diff := cmp.Diff(want, report.Out); diff != "" {
		t.Error("left out: " + diff)
	}
	if report.Err() == nil {
		t.Error("it would be imported without a word")
	}
}
