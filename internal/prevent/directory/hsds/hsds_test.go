// SPDX-License-Identifier: AGPL-3.0-or-later

package hsds_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/prevent/directory/hsds"
)

const (
	orgID     = "11111111-1111-4111-8111-111111111111"
	serviceID = "22222222-2222-4222-8222-222222222222"
	placeID   = "33333333-3333-4333-8333-333333333333"
)

// read reads text as a file of that name and wants no error.
func read(t *testing.T, name, text string) (*hsds.Dataset, *hsds.Report) {
	t.Helper()
	d, report, err := hsds.Read(name, []byte(text), hsds.Options{Source: "test"})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return d, report
}

// flatten is a dataset that can be compared.
func flatten(d *hsds.Dataset) map[string][][]string {
	all := map[string][][]string{}
	d.Sort()
	for r := range d.Every() {
		all[r.Table.Name] = append(all[r.Table.Name], r.Values)
	}
	return all
}

const service = `{
  "id": "` + serviceID + `",
  "name": "Night line",
  "status": "active",
  "organization": {"id": "` + orgID + `", "name": "Lighthouse", "description": "Helps at night"},
  %s
}`

func TestProblemsSayLineAndColumn(t *testing.T) {
	for name, tc := range map[string]struct {
		json, want string
	}{
		"a date that does not exist":   {`"assured_date": "2026-02-30"`, `f.json:6:19: service ` + serviceID + `, assured_date: "2026-02-30" is no day that exists; write a day as 2026-11-26 (the value is left out)`},
		"a script for an address":      {`"url": "javascript:alert(1)"`, `f.json:6:10: service ` + serviceID + `, url: "javascript:alert(1)" has a scheme that is never followed; use http or https (the value is left out)`},
		"a password in an address":     {`"url": "https://a:b@example.org"`, `names no site, or a password with it`},
		"a mailbox in an address":      {`"url": "anna@example.org"`, `"anna@example.org" is no address of the web`},
		"another status":               {`"email": "nobody"`, `f.json:6:12: service ` + serviceID + `, email: "nobody" is no address of e-mail`},
		"a zone that does not exist":   {`"schedules": [{"id": "` + placeID + `", "timezone": "Europe/Atlantis"}]`, `there is no time zone "Europe/Atlantis"`},
		"an offset that no place has":  {`"schedules": [{"id": "` + placeID + `", "timezone": 25}]`, `no place has the offset "25"`},
		"a time that does not exist":   {`"schedules": [{"id": "` + placeID + `", "opens_at": "25:00"}]`, `f.json:6:76: schedule ` + placeID + `, opens_at: "25:00" is no time of a day; write a time as 09:30 (the value is left out)`},
		"days that do not exist":       {`"schedules": [{"id": "` + placeID + `", "byday": "MO,XX"}]`, `"MO,XX" is no rule of days; write MO,TU or, in months, 2MO or -1FR`},
		"an unknown key":               {`"color": "red"`, `f.json:6:3: service ` + serviceID + `, color: the standard has no such key here`},
		"a key twice":                  {`"name": "Day line"`, `f.json:6:3: service ` + serviceID + `, name: the key stands twice in the record`},
		"ages the wrong way round":     {`"minimum_age": 40, "maximum_age": 12`, `nobody is both older and younger`},
		"a number in quotes":           {`"minimum_age": "12"`, `a number is written as a text; write it without quotation marks (mended)`},
		"a list that is none":          {`"phones": {"number": "112"}`, `a list is wanted here`},
		"a phone without a number":     {`"phones": [{"id": "` + placeID + `"}]`, `f.json:6:14: phone ` + placeID + `, number: it is missing; the phone can't be without it (the record is left out)`},
		"a phone that can't ring":      {`"phones": [{"id": "` + placeID + `", "number": "ask at the desk"}]`, `"ask at the desk" can't be dialled as it stands`},
		"a program that is not there":  {`"program_id": "` + placeID + `"`, `program_id: there is no program ` + placeID},
		"a coordinate beside Earth":    {`"service_at_locations": [{"id": "` + placeID + `", "location": {"id": "` + placeID + `", "location_type": "physical", "latitude": 100, "longitude": 1}}]`, `100, 1 is not on Earth`},
		"the end in the middle":        {`"phones": [`, `f.json:7:1: '}' can't stand here`},
		"an id that is none":           {`"phones": [{"id": "7", "number": "112"}]`, `the id "7" is no UUID; it becomes `},
		"no id":                        {`"phones": [{"number": "112"}]`, `the record has no id; it gets one that its content stands for (mended)`},
		"invisible steering of text":   {`"alert": "pay` + "\u202e" + `yap"`, `the value has characters that can't be seen`},
		"two records with the same id": {`"phones": [{"id": "` + placeID + `", "number": "1122"}, {"id": "` + placeID + `", "number": "1133"}]`, `"1133" here, and "1122" at f.json:6:14`},
	} {
		t.Run(name, func(t *testing.T) {
			_, report := read(t, "f.json", fmt.Sprintf(service, tc.json))
			for _, p := range report.Problems {
				if strings.Contains(p.String(), tc.want) {
					return
				}
			}
			t.Errorf("no problem says %q in %v", tc.want, report.Problems)
		})
	}
}

func TestTablesAreReadWithPlaces(t *testing.T) {
	folder := fstest.MapFS{
		"organizations.csv": {Data: []byte("id,name,description,fax\n" + orgID + ",Lighthouse,Helps,1\n")},
		"services.csv": {Data: []byte("\xef\xbb\xbfid,organization_id,name,status\r\n" + serviceID + "," + orgID + ",\"Night\r\nline\",Active\r\n" +
			placeID + "," + placeID + ",Nobody's,active\r\n" + orgID + "," + orgID + ",short\r\n")},
		"phones.csv": {Data: []byte("id,service_id,number\n" + placeID + "," + serviceID + ",\"112\n")},
		"fish.csv":   {Data: []byte("id\n")},
	}
	d, report, err := hsds.ReadFolder(folder, hsds.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := d.Find("service", serviceID); got == nil || got.Get("status") != "active" || got.Get("name") != "Night\nline" {
		t.Errorf("the service is %v", got)
	}
	var said strings.Builder
	for _, p := range report.Problems {
		said.WriteString(p.String() + "\n")
	}
	for _, want := range []string{
		"organizations.csv:1:21: organization, fax: the standard has no such column; the whole column is left out (the value is left out)",
		`services.csv:3:7: service ` + serviceID + `, status: "Active" is written otherwise in the standard; it becomes active (mended)`,
		`services.csv:4:1: service ` + placeID + `, organization_id: there is no organization ` + placeID + `; bring it with the same import (the record is left out)`,
		"services.csv:5:1: service: the line has 3 cells, the first line 4;",
		"phones.csv:", `a cell that begins with " does not end with it`,
		"fish.csv: the standard has no such table",
	} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("nothing says %q in:\n%s", want, said.String())
		}
	}
	if report.Err() == nil || report.Out["service"] != 2 {
		t.Errorf("%v, %v", report.Err(), report.Out)
	}
}

func TestVersion2IsReadAsFarAsItGoes(t *testing.T) {
	folder := fstest.MapFS{
		"organizations.csv":        {Data: []byte("id,name,description,url\n1,Lighthouse,Helps,http://example.org\n")},
		"services.csv":             {Data: []byte("id,organization_id,name,status\n1,1,Night line,active\n")},
		"locations.csv":            {Data: []byte("id,organization_id,name\n1,1,House\n")},
		"services_at_location.csv": {Data: []byte("id,service_id,location_id\n1,1,1\n")},
		"postal_addresses.csv":     {Data: []byte("id,location_id,address_1,city,state_province,postal_code,country\n1,1,Main St 1,Aarhus,Midtjylland,8000,DK\n")},
		"regular_schedules.csv":    {Data: []byte("id,service_id,weekday,opens_at,closes_at\n1,1,1,9:00,5pm\n")},
		"languages.csv":            {Data: []byte("id,service_id,language\n1,1,Somali\n")},
	}
	d, report, err := hsds.ReadFolder(folder, hsds.Options{Source: "old"})
	if err != nil {
		t.Fatal(err)
	}
	if n := report.Counts[hsds.ValueOut] + report.Counts[hsds.RecordOut] + report.Counts[hsds.RestOut]; n != 0 {
		t.Fatalf("%d things were lost: %v", n, report.Problems)
	}
	for table, want := range map[string]map[string]string{
		"organization": {"website": "http://example.org"},
		"location":     {"location_type": "physical"},
		"address":      {"address_type": "postal", "postal_code": "8000"},
		"schedule":     {"byday": "MO", "freq": "WEEKLY", "opens_at": "09:00:00", "closes_at": "17:00:00"},
		"language":     {"name": "Somali"},
	} {
		for field, value := range want {
			if got := d.All(table)[0].Get(field); got != value {
				t.Errorf("%s.%s is %q, want %q", table, field, got, value)
			}
		}
	}
	again, _, err := hsds.ReadFolder(folder, hsds.Options{Source: "old"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(flatten(d), flatten(again)); diff != "" {
		t.Error("the same file got other ids: " + diff)
	}
}

// anything draws a dataset that keeps the laws.
func anything(t *rapid.T) *hsds.Dataset {
	d := &hsds.Dataset{}
	for _, table := range hsds.Tables() {
		for range rapid.IntRange(0, 3).Draw(t, table.Name) {
			r := hsds.NewRecord(table)
			keep := true
			for i, f := range table.Fields {
				absent := !f.Needed && !f.InTables && rapid.Bool().Draw(t, "absent")
				if absent {
					continue
				}
				r.Values[i] = draw(t, d, r, f)
				keep = keep && (r.Values[i] != "" || !f.Needed && !f.InTables)
			}
			tame(r)
			if keep {
				d.Add(r)
			}
		}
	}
	return d
}

// pick returns the id of a record of a table that is there, or "".
func pick(t *rapid.T, d *hsds.Dataset, table string) string {
	all := d.All(table)
	if len(all) == 0 {
		return ""
	}
	return all[rapid.IntRange(0, len(all)-1).Draw(t, table)].ID()
}

func draw(t *rapid.T, d *hsds.Dataset, r *hsds.Record, f hsds.Field) string {
	switch f.Kind {
	case hsds.ID:
		switch f.Name {
		case "link_id", "resource_id":
			return pick(t, d, "service")
		}
		return hsds.MakeID(rapid.String().Draw(t, "id"))
	case hsds.Ref:
		if f.Table == r.Table.Name {
			return "" // a parent: circles have a test of their own
		}
		return pick(t, d, f.Table)
	case hsds.Enum:
		return rapid.SampledFrom(f.Values).Draw(t, f.Name)
	case hsds.Email:
		return "name@example.org"
	case hsds.URI:
		return rapid.SampledFrom([]string{"https://example.org/a?b=c", "http://xn--bcher-kva.example", "urn:x:y"}).Draw(t, f.Name)
	case hsds.Number:
		return fmt.Sprint(rapid.IntRange(1, 60).Draw(t, f.Name))
	case hsds.Timezone:
		return rapid.SampledFrom([]string{"0", "1", "-3.5", "14"}).Draw(t, f.Name)
	case hsds.Date:
		return rapid.SampledFrom([]string{"2026-11-26", "2024-02-29"}).Draw(t, f.Name)
	case hsds.DateTime:
		return "2026-11-26T09:30:00Z"
	case hsds.Time:
		return rapid.SampledFrom([]string{"09:30:00", "24:00:00", "00:00:00Z", "23:59:59+01:00"}).Draw(t, f.Name)
	}
	switch f.Name {
	case "byday":
		return "MO,-1FR"
	case "bymonthday", "byyearday", "byweekno":
		return "1,-2"
	case "link_entity", "resource_type":
		return "service"
	}
	return strings.Join(strings.Fields(strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f || c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069 || c == 0xfeff || c == 0xfffd {
			return ' '
		}
		return c
	}, "x"+rapid.String().Draw(t, f.Name))), " ")
}

// tame takes away what the laws between fields would take away.
func tame(r *hsds.Record) {
	switch r.Table.Name {
	case "service":
		r.Set("minimum_age", "")
	case "location":
		if r.Get("latitude") == "" || r.Get("longitude") == "" {
			r.Set("latitude", "").Set("longitude", "")
		}
	case "schedule":
		r.Set("valid_from", "")
	}
}

// What is written is read back as the same records, in both forms, and the
// same records are written as the same bytes.
func TestWhatIsWrittenIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := anything(t)
		if d.Len() == 0 {
			t.Skip("empty")
		}
		want := flatten(d)
		for name, write := range map[string]func(*bytes.Buffer) error{
			"d.json": func(b *bytes.Buffer) error { return hsds.WriteJSON(b, d) },
			"d.zip":  func(b *bytes.Buffer) error { return hsds.WriteTables(b, d) },
		} {
			var one, two bytes.Buffer
			if err := write(&one); err != nil {
				t.Fatal(err)
			}
			if err := write(&two); err != nil || !bytes.Equal(one.Bytes(), two.Bytes()) {
				t.Fatalf("%s: written twice, it differs (%v)", name, err)
			}
			got, report, err := hsds.Read(name, one.Bytes(), hsds.Options{})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if report.Changed() > 0 {
				t.Fatalf("%s: %v", name, report.Problems)
			}
			if diff := cmp.Diff(want, flatten(got)); diff != "" {
				t.Fatalf("%s:\n%s", name, diff)
			}
		}
	})
}

// A value that was read once is read again as itself, without complaint.
func TestReadingIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
			" 9:05 ", "5 PM", "www.example.org/x", "2026-11-26T10:00:00Z", "ACTIVE", "1e3", "0x10", "Europe/London", "-1FR", "\u202eabc", "+45 12 34", "@.A", "anna@example.org", "a:b@example.org/x",
		})).Draw(t, "value")
		field := rapid.SampledFrom([]string{"name", "url", "email", "status", "minimum_age", "assured_date", "last_modified"}).Draw(t, "field")
		body, err := json.Marshal(map[string]any{
			"id": serviceID, "name": "N", "status": "active", "organization": map[string]any{"id": orgID, "name": "O", "description": "D"},
		})
		if err != nil {
			t.Fatal(err)
		}
		m := map[string]any{}
		if err := json.Unmarshal(body, &m); err != nil {
			t.Fatal(err)
		}
		m[field] = value
		body, err = json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		first, _, err := hsds.Read("a.json", body, hsds.Options{})
		if err != nil || first.Len() == 0 {
			t.Skip("nothing was kept")
		}
		var out bytes.Buffer
		if err := hsds.WriteJSON(&out, first); err != nil {
			t.Fatal(err)
		}
		second, report, err := hsds.Read("b.json", out.Bytes(), hsds.Options{})
		if err != nil || report.Changed() > 0 {
			t.Fatalf("read again: %v %v", err, report.Problems)
		}
		if diff := cmp.Diff(flatten(first), flatten(second)); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestParentsInACircleAreBroken(t *testing.T) {
	d, report := read(t, "f.json", `{"organizations": [
{"id": "`+orgID+`", "name": "A", "description": "a", "parent_organization_id": "`+placeID+`"},
{"id": "`+placeID+`", "name": "B", "description": "b", "parent_organization_id": "`+orgID+`"}]}`)
	if report.Counts[hsds.ValueOut] != 1 || d.Len() != 2 {
		t.Errorf("%d records, %v", d.Len(), report.Problems)
	}
}

func TestWhatIsTooMuchIsRefusedWhole(t *testing.T) {
	var many bytes.Buffer
	many.WriteString("id,organization_id,name,status\n")
	for range hsds.MaxServices + 1 {
		many.WriteString("1,1,N,active\n")
	}
	_, _, err := hsds.Read("services.csv", many.Bytes(), hsds.Options{})
	if fault.KindOf(err) != fault.TooLarge {
		t.Errorf("%v, want too large", err)
	}
	for name, text := range map[string]string{"empty.json": "", "text.json": "hello", "none.zip": "PK\x03\x04", "nothing.json": "[]"} {
		if _, _, err := hsds.Read(name, []byte(text), hsds.Options{}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
	_, report := read(t, "f.json", `[{"id":`+strings.Repeat("[", 100)+"\n")
	if report.Counts[hsds.RestOut] != 1 || !strings.Contains(report.Problems[0].Wrong, "deep") {
		t.Errorf("%v", report.Problems)
	}
	_, report = read(t, "f.json", "{\"services\": [\n {\"id\": \"\xff\"}]}")
	if got := report.Problems[0].String(); got != "f.json:2:10: the text is not UTF-8; save the file as UTF-8 (the rest of the file is not read)" {
		t.Error(got)
	}
	_, report = read(t, "f.json", fmt.Sprintf(service, `"alert": "`+strings.Repeat("x", hsds.MaxValue+1)+`"`))
	if report.Counts[hsds.ValueOut] != 1 {
		t.Errorf("%v", report.Problems)
	}
}

// A ZIP that unpacks to more than its size says is stopped.
func TestAZipBombIsStopped(t *testing.T) {
	if testing.Short() {
		t.Skip("unpacks a lot")
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	f, err := z.Create("services.csv")
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range hsds.MaxBytes>>20 + 2 {
		if _, err := f.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := hsds.Read("d.zip", b.Bytes(), hsds.Options{}); fault.KindOf(err) != fault.TooLarge {
		t.Errorf("%v, want too large", err)
	}
}

// Whatever comes, reading ends, and what was kept is written and read back.
func FuzzRead(f *testing.F) {
	f.Add("f.json", []byte(fmt.Sprintf(service, `"phones": [{"id": "7", "number": "112", "languages": [{"name": "Urdu"}]}]`)))
	f.Add("f.json", []byte(`[{"organization": {"name": "A", "urls": ["a.b"]}, "locs": {"name": "A", "phones": [{"number": "1 2"}], "address": {"zip": 1}}}]`))
	f.Add("f.json", []byte(`{"contents": [{"id": 1}], "total_items": 1}`))
	f.Add("services.csv", []byte("id,name,organization_id\n1,\"a\",2\n"))
	f.Add("organizations.csv", []byte("id,name,description\n1,\"a\"\"\nb\",2\n"))
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		d, _, err := hsds.Read(name, b, hsds.Options{Source: "f"})
		if err != nil || d.Len() == 0 {
			return
		}
		for form, write := range map[string]func(*bytes.Buffer) error{
			"d.json": func(b *bytes.Buffer) error { return hsds.WriteJSON(b, d) },
			"d.zip":  func(b *bytes.Buffer) error { return hsds.WriteTables(b, d) },
		} {
			var out bytes.Buffer
			if err := write(&out); err != nil {
				t.Fatal(err)
			}
			again, report, err := hsds.Read(form, out.Bytes(), hsds.Options{})
			if err != nil || report.Changed() > 0 {
				t.Fatalf("%s: %v %v", form, err, report.Problems)
			}
			if diff := cmp.Diff(flatten(d), flatten(again)); diff != "" {
				t.Fatalf("%s: %s", form, diff)
			}
		}
	})
}
