// SPDX-License-Identifier: Apache-2.0

package resolve

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// sampleRows is how many records Guess looks at.
const sampleRows = 20_000

// Guess says what each column of a table probably is, from its name and a
// sample of its values. A column whose name says that it holds the answer
// ("cluster", "ent_id", "truth") is ignored, as is one with a single value.
func Guess(t *Table) Mapping {
	mapping := make(Mapping, len(t.Columns))
	id := guessRecordID(t)
	for i, name := range t.Columns {
		mapping[i] = Column{Name: name, Kind: guessKind(t, i)}
		if i == id {
			mapping[i].Kind = RecordID
		}
	}
	dropLonelyParts(mapping)
	dropRedundantNames(t, mapping)
	return mapping
}

// words splits a header into lower-case words at anything that is not a
// letter, and where a capital follows a small letter. Digits stay apart.
func words(header string) []string {
	var out []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			out = append(out, strings.ToLower(string(word)))
			word = word[:0]
		}
	}
	previous := ' '
	for _, r := range header {
		switch {
		case !unicode.IsLetter(r):
			flush()
		case unicode.IsUpper(r) && unicode.IsLower(previous):
			flush()
			word = append(word, r)
		default:
			word = append(word, r)
		}
		previous = r
	}
	flush()
	return out
}

func has(words []string, any ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(any, w) })
}

// guessRecordID returns the column that names the records, -1 if there is
// none: unique, filled, and called an id; among several the one whose name
// says most plainly that it names the record. Where the name leaves no doubt,
// a good part of the ids may come twice.
func guessRecordID(t *Table) int {
	best, bestScore := -1, 0
	for i, name := range t.Columns {
		score := namesRecord(words(name), i == 0)
		if score > bestScore && (isUnique(t, i) || score >= plainly && mostlyUnique(t, i)) {
			best, bestScore = i, score
		}
	}
	return best
}

// plainly is the score of a header that can only mean the record's id.
const plainly = 4

// namesRecord is how plainly a header says that a column names the record; 0
// when it doesn't.
func namesRecord(w []string, first bool) int {
	joined := strings.Join(w, "")
	switch {
	case has(w, "rec", "record", "unique", "row", "index") && has(w, "id", "no", "nr", "number", "key") || joined == "recid" || joined == "recordid" || joined == "rowid":
		return plainly + 1
	case len(w) == 1 && has(w, "id", "uid", "uuid", "guid", "key", "index", "identifier"):
		return plainly
	case has(w, "id", "uid", "uuid", "guid") && len(w) > 1 && first && !isAnswer(w) && !isRegister(w):
		return 2
	}
	return 0
}

// mostlyUnique reports whether more than half of the records have their own
// value.
func mostlyUnique(t *Table, column int) bool {
	return 2*(len(t.pools[column].values)-1) > t.rows
}

// isUnique reports whether nearly every record has its own value: a few double
// ids are a fault of the file, not another kind of column.
func isUnique(t *Table, column int) bool {
	distinct := len(t.pools[column].values) - 1
	return t.rows > 0 && float64(distinct) >= 0.98*float64(t.rows)
}

func isAnswer(w []string) bool {
	return has(w, "cluster", "clusters", "ent", "entity", "truth", "true", "gold", "label", "match", "matched", "duplicate", "dup")
}

func isRegister(w []string) bool {
	return has(w, "ssn", "soc", "social", "nino", "nhs", "passport", "tax", "vat", "licence", "license", "imei", "lei", "national", "tin", "cpr", "medicare", "insurance", "registration", "plate", "vin")
}

// shape is what the sample of a column's values looks like, as shares of the
// filled ones.
type shape struct {
	filled, distinct             int
	digits, year, month, day     float64
	date, email, phone, oneToken float64
	length                       float64
}

func shapeOf(t *Table, column int) shape {
	var s shape
	seen := map[uint32]bool{}
	style := styleOf(t.pools[column].values)
	for row := range min(t.rows, sampleRows) {
		id := t.cells[column][row]
		if id == 0 {
			continue
		}
		v := t.pools[column].values[id]
		s.filled++
		seen[id] = true
		s.length += float64(len(v))
		if n, err := strconv.Atoi(v); err == nil {
			s.digits++
			if n >= 1850 && n <= 2100 {
				s.year++
			}
			if n >= 1 && n <= 12 {
				s.month++
			}
			if n >= 1 && n <= 31 {
				s.day++
			}
		}
		if d := parseDate(v, style); d.year != 0 && d.month != 0 {
			s.date++
		}
		if at := strings.IndexByte(v, '@'); at > 0 && at < len(v)-1 {
			s.email++
		}
		if looksLikePhone(v) {
			s.phone++
		}
		if !strings.ContainsAny(v, " ,") {
			s.oneToken++
		}
	}
	s.distinct = len(seen)
	if n := float64(s.filled); n > 0 {
		for _, share := range []*float64{&s.digits, &s.year, &s.month, &s.day, &s.date, &s.email, &s.phone, &s.oneToken, &s.length} {
			*share /= n
		}
	}
	return s
}

func looksLikePhone(v string) bool {
	digits := 0
	for _, r := range v {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case strings.ContainsRune("+-() /.x", r):
		default:
			return false
		}
	}
	return digits >= 7 && digits <= 15
}

func guessKind(t *Table, column int) Kind {
	w := words(t.Columns[column])
	s := shapeOf(t, column)
	switch {
	case namesRecord(w, false) >= plainly: // an id that isn't the records' own says nothing or gives the answer away
		return Ignore
	case s.filled == 0 || s.distinct <= 1 && s.filled > 1 || isAnswer(w) || has(w, "source", "dataset"):
		return Ignore
	case s.email > 0.6:
		return Email
	}
	if kind := kindByName(w, s); kind != Ignore {
		return kind
	}
	return kindByShape(w, s)
}

// kindByName reads the header; the shape only forbids what can't be.
func kindByName(w []string, s shape) Kind {
	joined := strings.Join(w, "")
	switch {
	case (has(w, "dob", "date", "birthdate", "dateofbirth", "birthday", "born", "geburtsdatum") || has(w, "birth") && has(w, "dt", "on")) && s.date > 0.5:
		return Date
	case (has(w, "year", "yob", "by", "birthyear", "yr", "jahr") || joined == "byear") && s.year > 0.8:
		return Year
	case has(w, "month", "mob", "bm", "birthmonth", "mon", "bmonth") && s.month > 0.9:
		return Month
	case has(w, "day", "bd", "birthday", "bday") && s.day > 0.9:
		return Day
	case isRegister(w):
		return Identifier
	case has(w, "phone", "tel", "telephone", "mobile", "cell", "phonenumber", "fax"):
		return Phone
	case has(w, "postcode", "zip", "zipcode", "postal", "postalcode", "plz", "pcode"):
		return Postcode
	case has(w, "number", "num", "no", "nr") && has(w, "street", "house", "st", "building", "flat", "unit"):
		return Number
	case has(w, "city", "town", "suburb", "place", "locality", "village", "municipality", "birthplace", "suburbs"):
		return Place
	case has(w, "address", "addr", "street", "road", "adresse"):
		return Address
	case has(w, "given", "first", "forename", "forenames", "fname", "firstname", "givenname", "vorname", "prenom", "middle", "middlename", "mname"):
		if has(w, "and", "full") || has(w, "last", "surname", "family") {
			return FullName
		}
		return Given
	case has(w, "surname", "last", "lname", "lastname", "family", "familyname", "sname", "nachname", "maiden", "nom"):
		return Family
	case has(w, "name", "fullname", "company", "organisation", "organization", "firm", "business", "person", "label"):
		return FullName
	case has(w, "sex", "gender", "state", "country", "nationality", "province", "county", "region", "title", "race", "ethnicity"):
		return Category
	}
	return Ignore
}

// kindByShape looks at the values of a column whose name says nothing.
func kindByShape(w []string, s shape) Kind {
	switch {
	case s.date > 0.9 && s.digits < 0.5:
		return Date
	case s.phone > 0.9 && s.length >= 9:
		return Phone
	case has(w, "id", "number", "no", "nr", "code") && s.length >= 5 && s.distinct*2 > s.filled:
		return Identifier
	case s.distinct <= 40 && s.distinct*10 < s.filled:
		return Category
	case s.digits > 0.9 && s.length >= 5 && s.distinct*2 > s.filled:
		return Identifier
	case s.digits > 0.9:
		return Number
	case s.length > 200:
		return Ignore
	}
	return Text
}

// dropLonelyParts makes a month or day without a year a plain number: there is
// no date to be part of.
func dropLonelyParts(m Mapping) {
	year := slices.ContainsFunc(m, func(c Column) bool { return c.Kind == Year })
	for i := range m {
		if !year && (m[i].Kind == Month || m[i].Kind == Day) {
			m[i].Kind = Number
		}
	}
}

// dropRedundantNames ignores a whole-name column that only repeats the given
// and family names beside it: counted twice, a common name would look rare.
func dropRedundantNames(t *Table, m Mapping) {
	given := slices.IndexFunc(m, func(c Column) bool { return c.Kind == Given })
	family := slices.IndexFunc(m, func(c Column) bool { return c.Kind == Family })
	if given < 0 || family < 0 {
		return
	}
	for i := range m {
		if m[i].Kind != FullName {
			continue
		}
		seen, repeats := 0, 0
		for row := range min(t.rows, sampleRows) {
			whole := normalise(t.Cell(row, i))
			if whole == "" {
				continue
			}
			seen++
			if strings.Contains(whole, normalise(t.Cell(row, given))) && strings.Contains(whole, normalise(t.Cell(row, family))) {
				repeats++
			}
		}
		if repeats*10 >= seen*6 {
			m[i].Kind = Ignore
		}
	}
}
