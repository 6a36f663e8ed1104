// SPDX-License-Identifier: Apache-2.0

package resolve

import (
	"math"
	"slices"
)

// Relation is a way in which two different persons or things are alike in several
// fields at once: they live in one place, or are of one household. Without it,
// fields that go together (town and postal code, family name and address) would
// count as so many independent reasons, and the largest group of pairs that agree
// on anything would pass for the matches.
type Relation struct {
	Name   string
	Share  float64           // of all pairs
	Levels [][levels]float64 // probability of each level of each field
	shared []bool            // fields that agree because of the relation
}

// relation says what a relation shares.
type relation struct {
	name   string
	shares []Kind
	// Fields of which relatives share a value now and then: twins a birth date,
	// father and son a given name.
	sometimes []Kind
}

var relations = []relation{
	{name: "place", shares: []Kind{Place, Postcode, Category}},
	{
		name:      "household",
		shares:    []Kind{Family, Address, Number, Place, Postcode, Phone, Category, Email},
		sometimes: []Kind{Given, Date},
	},
}

// Bounds that keep the classes apart whatever the pairs say.
const (
	mostDiffer    = 0.5   // of matches that differ in what identifies them
	mostSometimes = 0.1   // of relatives that agree in what they share now and then
	startShare    = 0.001 // of pairs that are related
	// Where relatives are fewer than this for each match, errors in the records of
	// one person explain them as well, and the relation is left out.
	leastRelated = 0.4
)

// startShared is what agreement between relatives looks like at the start, in
// the fields that they share.
var startShared = [levels]float64{0.06, 0.02, 0.02, 0.03, 0.86, 0.01}

// identifies reports whether a field of this kind is what makes a record this
// person's or thing's and not another's.
func identifies(k Kind) bool {
	return k == Given || k == Family || k == FullName || k == Date || k == Identifier
}

// bound holds one level's share under a limit and spreads the rest over the others.
func bound(p *[levels]float64, level int, most float64) {
	if p[level] <= most {
		return
	}
	factor := (1 - most) / (1 - p[level])
	for i := range p {
		p[i] *= factor
	}
	p[level] = most
}

// relations returns the relations that the fields can show: at least two fields
// that are shared and one that is not.
func (l *learner) relations(m *Model) []Relation {
	var out []Relation
	for _, kin := range relations {
		r := Relation{Name: kin.name, Share: startShare, shared: make([]bool, len(l.fields))}
		shared, own := 0, 0
		for i, f := range l.fields {
			levels := m.Fields[i].U
			switch {
			case slices.Contains(kin.shares, f.kind):
				r.shared[i], levels = true, startShared
				if f.kind != Category {
					shared++
				}
			default:
				own++
			}
			r.Levels = append(r.Levels, levels)
		}
		if shared >= 2 && own >= 1 {
			out = append(out, r)
		}
	}
	return out
}

// relate sets a relation's share and levels from its posteriors.
func (l *learner) relate(m *Model, r *Relation, posterior []float64) {
	pairs := 0.0
	for i, t := range l.candidates {
		pairs += posterior[i] * t.n
	}
	r.Share = min(max(pairs, 1)/l.total, 0.5)
	kin := relationNamed(r.Name)
	for i, f := range l.fields {
		switch {
		case r.shared[i]:
			r.Levels[i] = l.shares(i, startShared, posterior)
		case slices.Contains(kin.sometimes, f.kind):
			r.Levels[i] = l.shares(i, m.Fields[i].U, posterior)
			bound(&r.Levels[i], levelExact, mostSometimes)
		default:
			r.Levels[i] = m.Fields[i].U
		}
		for level := range r.Levels[i] {
			r.Levels[i][level] = max(r.Levels[i][level], leastAllowed)
		}
	}
}

func relationNamed(name string) relation {
	for _, r := range relations {
		if r.name == name {
			return r
		}
	}
	return relation{}
}

// kinship weighs a pair of records as relatives, in bits over strangers.
type kinship struct {
	share   float64 // binary logarithm of relatives over strangers
	weights [][8]float64
	shared  []bool
}

func kinshipsOf(m *Model) []kinship {
	rest := 1 - m.Prior
	for _, r := range m.Related {
		rest -= r.Share
	}
	var out []kinship
	for _, r := range m.Related {
		k := kinship{share: math.Log2(r.Share / max(rest, leastAllowed)), shared: r.shared}
		for i, p := range r.Levels {
			var w [8]float64
			for level := range p {
				w[level] = math.Log2(p[level] / m.Fields[i].U[level])
			}
			k.weights = append(k.weights, w)
		}
		out = append(out, k)
	}
	return out
}
