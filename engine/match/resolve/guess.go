// SPDX-License-Identifier: Apache-2.0

package resolve

import (
	"math"
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
	nameParts(t, mapping)
	dropRedundantNames(t, mapping)
	return mapping
}

// words splits a header into lower-case words without marks, at anything that is
// not a letter, and where a capital follows a small letter. Digits are left out.
func words(header string) []string {
	var out []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			if w := compact(normalise(string(word))); w != "" {
				out = append(out, w)
			}
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
// none: unique, filled, and called an id or looking like a count; among several
// the one whose name says most plainly that it names the record. Where the name
// leaves no doubt, a good part of the ids may come twice.
func guessRecordID(t *Table) int {
	best, bestScore := -1, 0
	for i, name := range t.Columns {
		h := understand(name)
		score := namesRecord(h, i == 0)
		switch {
		case score >= plainly && mostlyUnique(t, i), score > 1 && isUnique(t, i):
		case score > 0 && allUnique(t, i) && looksLikeIDs(t, i):
		default:
			continue
		}
		if score > bestScore {
			best, bestScore = i, score
		}
	}
	return best
}

// plainly is the score of a header that can only mean the record's id.
const plainly = 4

// namesRecord is how plainly a header says that a column names the record; 0
// when it doesn't.
func namesRecord(h header, first bool) int {
	w := h.words
	joined := strings.Join(w, "")
	switch {
	case has(w, "rec", "record", "unique", "row", "index") && has(w, "id", "no", "nr", "number", "key") || joined == "recid" || joined == "recordid" || joined == "rowid":
		return plainly + 1
	case len(w) == 1 && h.says(meansRecord):
		return plainly
	case has(w, "id", "uid", "uuid", "guid") && first && !h.says(meansRegister, meansAnswer):
		return 2
	case !h.only(meansRecord, meansCode):
		return 0
	case h.says(meansRecord, meansCode) || first:
		return 1
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

// allUnique reports whether every record has its own value, of enough records
// that this is no chance.
func allUnique(t *Table, column int) bool {
	const enough = 20
	return t.rows >= enough && len(t.pools[column].values)-1 == t.rows
}

// looksLikeIDs reports whether the values of a column are numbers or codes, and
// neither dates nor anything that somebody can be reached by.
func looksLikeIDs(t *Table, column int) bool {
	s := shapeOf(t, column)
	return s.code > 0.95 && s.date < 0.5 && s.email == 0
}

// shape is what the sample of a column's values looks like, as shares of the
// filled ones.
type shape struct {
	filled, distinct             int
	digits, year, month, day     float64
	date, email, phone, oneToken float64
	code                         float64 // one word with a digit
	length                       float64
}

func shapeOf(t *Table, column int) shape {
	var s shape
	seen := map[uint32]bool{}
	style := styleOf(t.pools[column].values)
	step := max(1, t.rows/sampleRows) // from all of the file: the start of a sorted one is like nothing else in it
	for row := 0; row < t.rows; row += step {
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
			if strings.ContainsAny(v, "0123456789") {
				s.code++
			}
		}
	}
	s.distinct = len(seen)
	if n := float64(s.filled); n > 0 {
		for _, share := range []*float64{&s.digits, &s.year, &s.month, &s.day, &s.date, &s.email, &s.phone, &s.oneToken, &s.code, &s.length} {
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
	h := understand(t.Columns[column])
	s := shapeOf(t, column)
	switch {
	case namesRecord(h, false) >= plainly: // an id that isn't the records' own says nothing or gives the answer away
		return Ignore
	case s.filled == 0 || len(t.pools[column].values) <= 2 && s.filled > 1 || h.says(meansAnswer, meansSource):
		return Ignore
	case s.email > 0.6:
		return Email
	}
	if kind := kindByName(h, s); kind != Ignore {
		return kind
	}
	if isCount(t, column) {
		return Ignore
	}
	return kindByShape(h, s)
}

// isCount reports whether a column numbers the records: all different, and
// hardly a number left out.
func isCount(t *Table, column int) bool {
	if !allUnique(t, column) {
		return false
	}
	low, high := math.MaxInt, math.MinInt
	for _, v := range t.pools[column].values[1:] {
		n, err := strconv.Atoi(v)
		if err != nil {
			return false
		}
		low, high = min(low, n), max(high, n)
	}
	return high-low < 2*t.rows
}

// kindByName reads the header; the shape only forbids what can't be.
func kindByName(h header, s shape) Kind {
	switch {
	case h.says(meansBirth, meansDate) && s.date > 0.5:
		return Date
	case h.says(meansYear) && s.year > 0.8:
		return Year
	case h.says(meansMonth) && s.month > 0.9:
		return Month
	case h.says(meansDay) && s.day > 0.9:
		return Day
	case h.says(meansBirth) && s.year > 0.8:
		return Year
	case h.says(meansPostcode), h.says(meansCode) && has(h.words, "post", "postal", "postale", "postalcode"):
		return Postcode
	case h.says(meansRegister):
		return Identifier
	case h.says(meansPhone):
		return Phone
	case h.says(meansHouse) && (h.says(meansCode) || s.digits > 0.5):
		return Number
	case h.says(meansPlace) && s.digits < 0.5:
		return Place
	case h.says(meansAddress):
		return Address
	}
	return nameByName(h, s)
}

// nameByName reads the header of a name or a category.
func nameByName(h header, s shape) Kind {
	switch {
	case s.digits > 0.5 && !h.says(meansCategory), h.says(meansRecord):
		return Ignore
	case h.says(meansGiven) && (h.says(meansFamily) || has(h.words, "and", "full", "und", "et", "y", "e", "og")):
		return FullName
	case h.says(meansGiven):
		return Given
	case h.says(meansFamily):
		return Family
	case h.says(meansName):
		return FullName
	case h.says(meansCategory):
		return Category
	}
	return Ignore
}

// kindByShape looks at the values of a column whose name says nothing.
func kindByShape(h header, s shape) Kind {
	switch {
	case s.date > 0.9:
		return Date
	case s.phone > 0.9 && s.length >= 9:
		return Phone
	case h.says(meansRecord, meansCode) && s.length >= 5 && s.distinct*2 > s.filled:
		return Identifier
	case s.distinct <= 40 && s.distinct*10 < s.filled:
		return Category
	case s.code > 0.9 && s.length >= 5 && s.distinct*2 > s.filled:
		return Identifier
	case s.digits > 0.9:
		return Number
	case s.length > 200:
		return Ignore
	}
	return Text
}

// nameParts tells which part of a name a column holds whose header says only
// "name": beside given names the family name, beside family names the given
// one, where most values are one word.
func nameParts(t *Table, m Mapping) {
	given := slices.ContainsFunc(m, func(c Column) bool { return c.Kind == Given })
	family := slices.ContainsFunc(m, func(c Column) bool { return c.Kind == Family })
	if given == family {
		return
	}
	for i := range m {
		if m[i].Kind != FullName || shapeOf(t, i).oneToken < 0.6 {
			continue
		}
		if given {
			m[i].Kind = Family
		} else {
			m[i].Kind = Given
		}
		return
	}
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
