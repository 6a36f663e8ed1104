// SPDX-License-Identifier: Apache-2.0

package index

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/turnstone-project/turnstone/engine/ftm"
)

// columnNames are other names that lists give to properties, without case and
// signs. What is not here keeps its name, which may be that of a property.
var columnNames = map[string]string{
	"id": "id", "entityid": "id", "uid": "id", "recordid": "id", "sourcerow": "id", "entnum": "id", "queryid": "id", "uniqueid": "id",
	"schema": "schema", "type": "schema", "entitytype": "schema", "sdntype": "schema", "kind": "schema",
	"name": "name", "fullname": "name", "caption": "name", "entityname": "name", "query": "name", "names": "name", "primaryname": "name",
	"alias": "alias", "aliases": "alias", "altnames": "alias", "aka": "alias", "akas": "alias", "othernames": "alias", "altname": "alias",
	"weakalias": "weakAlias", "previousname": "previousName", "formername": "previousName",
	"firstname": "firstName", "givenname": "firstName", "forename": "firstName", "middlename": "middleName", "secondname": "secondName",
	"lastname": "lastName", "surname": "lastName", "familyname": "lastName",
	"birthdate": "birthDate", "dateofbirth": "birthDate", "dob": "birthDate", "datesofbirth": "birthDate",
	"birthplace": "birthPlace", "placeofbirth": "birthPlace", "placesofbirth": "birthPlace",
	"nationality": "nationality", "nationalities": "nationality", "citizenship": "nationality", "citizenships": "nationality",
	"country": "country", "countries": "country", "jurisdiction": "jurisdiction", "gender": "gender", "sex": "gender",
	"address": "address", "addresses": "address", "streetaddress": "address",
	"dataset": "dataset", "datasets": "dataset", "source": "dataset", "list": "dataset", "programkey": "dataset", "topics": "topics", "topic": "topics",
	"passport": "passportNumber", "passportnumber": "passportNumber", "idnumber": "idNumber", "ids": "idNumber",
	"imo": "imoNumber", "imonumber": "imoNumber", "callsign": "callSign", "vesselflag": "flag", "flag": "flag", "lei": "leiCode", "leicode": "leiCode",
}

// schemaNames are other names that lists give to schemata.
var schemaNames = map[string]string{
	"individual": "Person", "person": "Person", "people": "Person", "entity": "LegalEntity", "organisation": "Organization",
	"organization": "Organization", "company": "Company", "business": "Company", "vessel": "Vessel", "ship": "Vessel", "aircraft": "Airplane",
	"vehicle": "Vehicle", "legalentity": "LegalEntity",
}

// csvReader makes entities of the lines of a CSV file.
type csvReader struct {
	reader *csv.Reader
	name   string
	props  []string // of each column, "" for one that is left out
	schema string   // of lines that name none
	first  []string // a line that was read to see that it is no header
	report func(Problem)
}

func readCSV(r io.Reader, head []byte, name string, report func(Problem)) (Source, error) {
	c := &csvReader{reader: csv.NewReader(r), name: name, report: report}
	c.reader.FieldsPerRecord = -1
	c.reader.TrimLeadingSpace = true
	line, _, _ := strings.Cut(string(head), "\n")
	c.reader.Comma = ','
	for _, sign := range []rune{';', '\t', '|'} {
		if strings.Count(line, string(sign)) > strings.Count(line, string(c.reader.Comma)) {
			c.reader.Comma = sign
		}
	}
	header, err := c.reader.Read()
	if errors.Is(err, io.EOF) {
		return func() (ftm.Entity, error) { return ftm.Entity{}, io.EOF }, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: header: %w", name, err)
	}
	if err := c.readHeader(header); err != nil {
		return nil, err
	}
	return c.next, nil
}

// readHeader finds the properties of the columns. A first line without the
// name of a name, but with a number in front, is no header: then the columns
// are taken as a number, a name and a kind, as the lists of the United States
// Treasury have them.
func (c *csvReader) readHeader(header []string) error {
	c.schema = "LegalEntity"
	for _, column := range header {
		word := plain(column)
		prop, ok := columnNames[word]
		if !ok {
			prop = strings.TrimSpace(column)
		}
		if word == "" || slices.Contains(c.props, prop) && (prop == "id" || prop == "schema") {
			prop = ""
		}
		if slices.Contains([]string{"firstName", "lastName", "birthDate", "gender"}, prop) {
			c.schema = "Person"
		}
		c.props = append(c.props, prop)
	}
	if slices.Contains(c.props, "name") || slices.Contains(c.props, "lastName") {
		return nil
	}
	if _, err := strconv.Atoi(strings.TrimSpace(header[0])); err == nil && len(header) >= 2 {
		c.props = append([]string{"id", "name", "schema"}, make([]string, max(0, len(header)-3))...)
		c.schema = "LegalEntity"
		c.first = slices.Clone(header)
		return nil
	}
	return fmt.Errorf("read %s: no column called name (or full_name, caption, last_name): %s", c.name, strings.Join(header, ", "))
}

// plain drops case and signs of a column's name.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

func (c *csvReader) next() (ftm.Entity, error) {
	for {
		record, line := c.first, 1
		c.first = nil
		if record == nil {
			var err error
			record, err = c.reader.Read()
			var broken *csv.ParseError
			switch {
			case errors.As(err, &broken):
				c.report(Problem{c.name, broken.StartLine, broken.Err.Error(), false})
				continue
			case errors.Is(err, io.EOF):
				return ftm.Entity{}, io.EOF
			case err != nil:
				return ftm.Entity{}, fmt.Errorf("read %s: %w", c.name, err)
			}
			line, _ = c.reader.FieldPos(0)
		}
		e, ok := c.entity(record, line)
		if ok {
			return e, nil
		}
	}
}

// entity makes an entity of one line.
func (c *csvReader) entity(record []string, line int) (ftm.Entity, bool) {
	e := ftm.Entity{Schema: c.schema}
	var datasets []string
	for i, cell := range record {
		cell = strings.TrimSpace(strings.ToValidUTF8(strings.Trim(cell, "\x1a"), "\ufffd"))
		if i >= len(c.props) || c.props[i] == "" || cell == "" || cell == "-0-" {
			continue
		}
		switch prop := c.props[i]; prop {
		case "id":
			e.ID = cell
		case "schema":
			if known, ok := schemaNames[plain(cell)]; ok {
				cell = known
			}
			e.Schema = cell
		case "dataset":
			datasets = append(datasets, splitList(cell)...)
		case "name", "address":
			e.Add(prop, cell)
		default:
			e.Add(prop, splitList(cell)...)
		}
	}
	if len(e.Properties) == 0 {
		if len(record) > 1 {
			c.report(Problem{c.name, line, "no name and nothing else that is known", false})
		}
		return e, false
	}
	if err := ftm.Default().Known(e.Schema); err != nil {
		c.report(Problem{c.name, line, err.Error(), true})
	}
	if len(e.Get("name")) == 0 {
		e.Add("name", strings.Join(strings.Fields(strings.Join([]string{e.First("firstName"), e.First("middleName"), e.First("lastName")}, " ")), " "))
	}
	if e.ID == "" {
		e.ID = strconv.Itoa(line)
	}
	if len(datasets) > 0 {
		raw, err := json.Marshal(datasets)
		if err != nil {
			c.report(Problem{c.name, line, err.Error(), false})
			return e, false
		}
		e.Extra = map[string]json.RawMessage{"datasets": raw}
	}
	return e, true
}
