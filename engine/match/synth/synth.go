// SPDX-License-Identifier: Apache-2.0

// Package synth makes invented persons with known truth, and writes them down
// again with the errors that people, keyboards and scanners make, after FEBRL
// (Christen 2005). Benchmarks measure on them at sizes for which no real data
// with answers may be had.
//
// Names are built of syllables, with frequencies that fall as in a real
// population (the n-th name about 1/n as common as the first), so that a few
// names are shared by very many. It must never contain a real person's data.
// The same seed gives the same data. A Source is for one goroutine.
package synth

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Person is one invented human being.
type Person struct {
	Given, Middle, Family string
	StreetNumber          string
	Street, Building      string
	Suburb, Postcode      string
	State                 string
	Birth                 string // yyyymmdd
	Number                string // that a register gave
	Phone                 string
}

// Source makes persons.
type Source struct {
	r                     *rand.Rand
	given, family, street *names
	suburb                *names
}

// names is a list of invented names of falling frequency.
type names struct {
	list []string
	zipf *rand.Zipf
}

func (n *names) draw() string { return n.list[n.zipf.Uint64()] }

// New returns a source with its own seed. The sizes of its lists are those of
// a country: ten thousand given names, a hundred thousand family names.
func New(seed uint64) *Source {
	r := rand.New(rand.NewPCG(seed, 0x73796e7468))
	return &Source{
		r:      r,
		given:  newNames(r, 10_000, 1.15, 20, 2, 3),
		family: newNames(r, 100_000, 1.1, 40, 2, 4),
		street: newNames(r, 20_000, 1.05, 100, 2, 4),
		suburb: newNames(r, 5_000, 1.05, 50, 2, 4),
	}
}

var (
	onsets = strings.Fields("b br ch d dr f g gr h j k kh l m n p pr r s sh st t tr v w y z")
	nuclei = strings.Fields("a e i o u a e i o ai ea ou ie")
	codas  = strings.Fields("n r l s t m k nd rt ng - - - - - -")
)

func newNames(r *rand.Rand, count int, s, v float64, least, most int) *names {
	n := &names{zipf: rand.NewZipf(r, s, v, uint64(count-1))}
	seen := map[string]bool{}
	for len(n.list) < count {
		var b strings.Builder
		for range least + r.IntN(most-least+1) {
			b.WriteString(onsets[r.IntN(len(onsets))])
			b.WriteString(nuclei[r.IntN(len(nuclei))])
			if coda := codas[r.IntN(len(codas))]; coda != "-" {
				b.WriteString(coda)
			}
		}
		name := b.String()
		if len(name) >= 3 && len(name) <= 14 && !seen[name] {
			seen[name] = true
			n.list = append(n.list, name)
		}
	}
	return n
}

var (
	streetKinds = strings.Fields("street road place crescent avenue close circuit drive court lane")
	states      = strings.Fields("north south east west centre coast hill lake")
)

// Person returns the next person.
func (s *Source) Person() Person {
	r := s.r
	suburb := s.suburb.zipf.Uint64()
	p := Person{
		Given: s.given.draw(), Family: s.family.draw(),
		StreetNumber: fmt.Sprint(1 + int(r.ExpFloat64()*40)),
		Street:       s.street.draw() + " " + streetKinds[r.IntN(len(streetKinds))],
		Suburb:       s.suburb.list[suburb],
		Postcode:     fmt.Sprintf("%04d", 1000+suburb*9/5),
		State:        states[suburb%uint64(len(states))],
		Birth:        fmt.Sprintf("%04d%02d%02d", 1920+r.IntN(85), 1+r.IntN(12), 1+r.IntN(28)),
		Number:       fmt.Sprintf("%09d", r.IntN(1_000_000_000)),
		Phone:        fmt.Sprintf("0%d%08d", 2+r.IntN(7), r.IntN(100_000_000)),
	}
	if r.IntN(3) == 0 {
		p.Middle = s.given.draw()
	}
	if r.IntN(3) == 0 {
		p.Building = s.street.draw()
	}
	return p
}

// Header names the columns of Fields.
var Header = []string{
	"rec_id", "given_name", "surname", "street_number", "address_1", "address_2", "suburb", "postcode", "state",
	"date_of_birth", "soc_sec_id", "phone",
}

// Fields returns a person as a line of a CSV file under Header.
func (p *Person) Fields(id string) []string {
	return []string{
		id, p.Given, p.Family, p.StreetNumber, p.Street, p.Building, p.Suburb, p.Postcode, p.State, p.Birth, p.Number, p.Phone,
	}
}

// Alter returns the person as written down again: each of the given number of
// changes hits one field, whose value gets a slip, goes missing, is swapped
// with its neighbour or replaced.
func (s *Source) Alter(p Person, changes int) Person {
	for range changes {
		fields := []*string{
			&p.Given, &p.Family, &p.StreetNumber, &p.Street, &p.Building, &p.Suburb, &p.Postcode, &p.State, &p.Birth, &p.Number, &p.Phone,
		}
		field := fields[s.r.IntN(len(fields))]
		switch n := s.r.IntN(20); {
		case n < 13:
			*field = s.Slip(*field)
		case n < 16:
			*field = ""
		case n < 17:
			p.Given, p.Family = p.Family, p.Given
		case n < 18 && len(p.Birth) == 8:
			p.Birth = p.Birth[:4] + p.Birth[6:] + p.Birth[4:6]
		case n < 19:
			moved := s.Person()
			p.StreetNumber, p.Street, p.Building = moved.StreetNumber, moved.Street, moved.Building
			p.Suburb, p.Postcode, p.State = moved.Suburb, moved.Postcode, moved.State
		default:
			p.Street, p.Building = p.Building, p.Street
		}
	}
	return p
}

// neighbours are the keys beside each other, for slips of the finger.
const neighbours = "qwertyuiopasdfghjklzxcvbnm"

// Slip returns the text with one slip: a letter left out, doubled, hit beside,
// or swapped with the next.
func (s *Source) Slip(text string) string {
	if len(text) < 2 {
		return text
	}
	i := s.r.IntN(len(text))
	switch s.r.IntN(4) {
	case 0:
		return text[:i] + text[i+1:]
	case 1:
		return text[:i] + text[i:i+1] + text[i:]
	case 2:
		return text[:i] + string(s.beside(text[i])) + text[i+1:]
	}
	i = s.r.IntN(len(text) - 1)
	return text[:i] + text[i+1:i+2] + text[i:i+1] + text[i+2:]
}

func (s *Source) beside(c byte) byte {
	if c >= '0' && c <= '9' {
		return byte('0' + s.r.IntN(10))
	}
	at := strings.IndexByte(neighbours, c)
	if at < 0 {
		return 'e'
	}
	return neighbours[max(0, min(len(neighbours)-1, at+1-2*s.r.IntN(2)))]
}
