// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/turnstone-project/turnstone/engine/ftm"
)

// unList is the part of the UN Security Council's consolidated list that says
// who somebody is.
type unList struct {
	Individuals []unEntry `xml:"INDIVIDUALS>INDIVIDUAL"`
	Entities    []unEntry `xml:"ENTITIES>ENTITY"`
}

type unEntry struct {
	ID      string    `xml:"DATAID"`
	First   string    `xml:"FIRST_NAME"`
	Second  string    `xml:"SECOND_NAME"`
	Third   string    `xml:"THIRD_NAME"`
	Fourth  string    `xml:"FOURTH_NAME"`
	Native  string    `xml:"NAME_ORIGINAL_SCRIPT"`
	Gender  string    `xml:"GENDER"`
	Nation  []string  `xml:"NATIONALITY>VALUE"`
	Aliases []unAlias `xml:"INDIVIDUAL_ALIAS"`
	Others  []unAlias `xml:"ENTITY_ALIAS"`
	Births  []unBirth `xml:"INDIVIDUAL_DATE_OF_BIRTH"`
	Places  []unPlace `xml:"INDIVIDUAL_PLACE_OF_BIRTH"`
	Living  []unPlace `xml:"INDIVIDUAL_ADDRESS"`
	Seats   []unPlace `xml:"ENTITY_ADDRESS"`
	Papers  []unPaper `xml:"INDIVIDUAL_DOCUMENT"`
}

type unAlias struct {
	Quality string `xml:"QUALITY"`
	Name    string `xml:"ALIAS_NAME"`
}

type unBirth struct {
	Kind string `xml:"TYPE_OF_DATE"`
	Date string `xml:"DATE"`
	Year string `xml:"YEAR"`
	From string `xml:"FROM_YEAR"`
	To   string `xml:"TO_YEAR"`
}

type unPlace struct {
	Street  string `xml:"STREET"`
	City    string `xml:"CITY"`
	State   string `xml:"STATE_PROVINCE"`
	Country string `xml:"COUNTRY"`
}

func (p unPlace) String() string {
	return strings.Trim(strings.Join([]string{p.Street, p.City, p.State, p.Country}, ", "), ", ")
}

type unPaper struct {
	Kind   string `xml:"TYPE_OF_DOCUMENT"`
	Number string `xml:"NUMBER"`
}

// ReadUN reads the UN Security Council's consolidated list.
func ReadUN(in io.Reader) ([]ftm.Entity, error) {
	var list unList
	if err := xml.NewDecoder(in).Decode(&list); err != nil {
		return nil, fmt.Errorf("read UN list: %w", err)
	}
	out := make([]ftm.Entity, 0, len(list.Individuals)+len(list.Entities))
	for i := range list.Individuals {
		out = append(out, list.Individuals[i].entity("Person"))
	}
	for i := range list.Entities {
		out = append(out, list.Entities[i].entity("Organization"))
	}
	return out, nil
}

func (u *unEntry) entity(schema string) ftm.Entity {
	e := ftm.Entity{ID: "un-" + u.ID, Schema: schema}
	e.Add("name", strings.Join(strings.Fields(strings.Join([]string{u.First, u.Second, u.Third, u.Fourth}, " ")), " "))
	e.Add("alias", strings.TrimSpace(u.Native))
	for _, a := range append(u.Aliases, u.Others...) {
		prop := "alias"
		if a.Quality == "Low" {
			prop = "weakAlias"
		}
		e.Add(prop, strings.TrimSpace(a.Name))
	}
	e.Add("gender", strings.ToLower(u.Gender))
	for _, n := range u.Nation {
		e.Add("nationality", strings.TrimSpace(n))
	}
	for _, b := range u.Births {
		switch {
		case b.Date != "":
			e.Add("birthDate", b.Date)
		case b.From != "" && b.To != "":
			e.Add("birthDate", b.From+"-"+b.To)
		case b.Year != "" && b.Kind == "APPROXIMATELY":
			e.Add("birthDate", "circa "+b.Year)
		default:
			e.Add("birthDate", b.Year)
		}
	}
	for _, p := range u.Places {
		e.Add("birthPlace", p.String())
	}
	for _, p := range append(u.Living, u.Seats...) {
		e.Add("address", p.String())
		e.Add("country", strings.TrimSpace(p.Country))
	}
	for _, p := range u.Papers {
		if strings.Contains(strings.ToLower(p.Kind), "passport") {
			e.Add("passportNumber", p.Number)
		} else {
			e.Add("idNumber", p.Number)
		}
	}
	return e
}

var (
	ofacBorn     = regexp.MustCompile(`DOB (?:circa )?(\d{1,2} \w{3} \d{4}|\w{3} \d{4}|\d{4})`)
	ofacPlace    = regexp.MustCompile(`POB ([^;.]+)`)
	ofacNation   = regexp.MustCompile(`(?:nationality|citizen) ([^;.]+)`)
	ofacPassport = regexp.MustCompile(`Passport (\w+)`)
	ofacNumber   = regexp.MustCompile(`(?:National ID No\.|Cedula No\.|Tax ID No\.|Registration ID|Identification Number|C\.U\.R\.P\.|R\.F\.C\.) (\w+)`)
	ofacIMO      = regexp.MustCompile(`IMO (\d{7})`)
	ofacGender   = regexp.MustCompile(`Gender (Male|Female)`)
	months       = map[string]string{"Jan": "01", "Feb": "02", "Mar": "03", "Apr": "04", "May": "05", "Jun": "06", "Jul": "07", "Aug": "08", "Sep": "09", "Oct": "10", "Nov": "11", "Dec": "12"}
)

// ReadOFAC reads the list of the US Treasury from its three files: names,
// alternate names, addresses.
func ReadOFAC(sdn, alt, add io.Reader) ([]ftm.Entity, error) {
	var out []ftm.Entity
	at := map[string]int{}
	err := eachOFAC(sdn, 12, func(row []string) {
		e := ftm.Entity{ID: "ofac-" + row[0], Schema: "Organization"}
		switch row[2] {
		case "individual":
			e.Schema = "Person"
		case "vessel":
			e.Schema = "Vessel"
		case "aircraft":
			e.Schema = "Airplane"
		}
		e.Add("name", row[1])
		e.Add("callSign", row[5])
		e.Add("flag", row[9])
		readRemarks(&e, row[11])
		at[row[0]] = len(out)
		out = append(out, e)
	})
	if err != nil {
		return nil, err
	}
	err = eachOFAC(alt, 5, func(row []string) {
		if i, ok := at[row[0]]; ok {
			out[i].Add("alias", row[3])
		}
	})
	if err != nil {
		return nil, err
	}
	err = eachOFAC(add, 6, func(row []string) {
		if i, ok := at[row[0]]; ok {
			out[i].Add("address", strings.Trim(strings.Join([]string{row[2], row[3]}, ", "), ", "))
			out[i].Add("country", row[4])
		}
	})
	return out, err
}

func eachOFAC(in io.Reader, columns int, f func(row []string)) error {
	r := csv.NewReader(in)
	r.FieldsPerRecord = -1
	r.LazyQuotes = true
	for {
		row, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read OFAC list: %w", err)
		}
		if len(row) < columns { // a line with the byte 0x1A ends the file
			continue
		}
		for i, v := range row {
			if v = strings.TrimSpace(v); v == "-0-" {
				v = ""
			}
			row[i] = v
		}
		f(row)
	}
}

// readRemarks takes from the free text of a row what the list has no column
// for.
func readRemarks(e *ftm.Entity, text string) {
	for _, m := range ofacBorn.FindAllStringSubmatch(text, -1) {
		e.Add("birthDate", isoDate(m[1]))
	}
	for prop, pattern := range map[string]*regexp.Regexp{
		"birthPlace": ofacPlace, "nationality": ofacNation, "passportNumber": ofacPassport, "idNumber": ofacNumber, "imoNumber": ofacIMO,
	} {
		for _, m := range pattern.FindAllStringSubmatch(text, -1) {
			e.Add(prop, m[1])
		}
	}
	if m := ofacGender.FindStringSubmatch(text); m != nil {
		e.Add("gender", strings.ToLower(m[1]))
	}
}

func isoDate(s string) string {
	f := strings.Fields(s)
	switch {
	case len(f) == 3 && len(f[0]) == 1:
		return f[2] + "-" + months[f[1]] + "-0" + f[0]
	case len(f) == 3:
		return f[2] + "-" + months[f[1]] + "-" + f[0]
	case len(f) == 2:
		return f[1] + "-" + months[f[0]]
	}
	return s
}
