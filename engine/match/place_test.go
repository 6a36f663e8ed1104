// SPDX-License-Identifier: Apache-2.0

package match_test

import (
	"testing"

	"github.com/turnstone-project/turnstone/engine/match"
)

// TestPlacesInOtherWords compares names that differ in how a country or town is
// said: in another case, as an adjective, in another language.
func TestPlacesInOtherWords(t *testing.T) {
	for _, c := range []struct {
		left, right string
		same        bool
	}{
		{"Ministry of Defence of the Russian Federation", "Министерство обороны Российской Федерации", true},
		{"Ministry of Defence of the Russian Federation", "Министерство обороны Республики Беларусь", false},
		{"Ministry of Defence of the Russian Federation", "Министерство юстиции Российской Федерации", false},
		{"National Iranian Oil Company", "شركة النفط الوطنية الإيرانية", true},
		{"National Iraqi Oil Company", "شركة النفط الوطنية الإيرانية", false},
		{"National Bank of Greece", "Εθνική Τράπεζα της Ελλάδος", true},
		{"National Bank of Greece", "Εθνική Τράπεζα της Βουλγαρίας", false},
		{"University of Copenhagen", "Københavns Universitet", true},
		{"University of Copenhagen", "Universität Wien", false},
		{"University of Vienna", "Universität Wien", true},
	} {
		a, b := match.Prepare("Organization", c.left), match.Prepare("Organization", c.right)
		if s := match.ScoreNames(&a, &b); (s >= match.Threshold) != c.same {
			t.Errorf("%s, %s: %.3f, want the same: %v", c.left, c.right, s, c.same)
		}
	}
}

// TestAddressesAsNames compares addresses of which parts are left out or said in
// other words; what is there and another speaks against them.
func TestAddressesAsNames(t *testing.T) {
	for _, c := range []struct {
		left, right string
		same        bool
	}{
		{"Suite 1200, 500 Fifth Avenue, New York NY 10110", "500 5th Ave, New York", true},
		{"500 Fifth Avenue, New York", "500 Sixth Avenue, New York", false},
		{"Nørrebrogade 12, 2. tv, 2200 København N", "Nørrebrogade 12, Copenhagen", true},
		{"Nørrebrogade 12, 2200 København N", "Nørrebrogade 21, 2200 København N", false},
		{"Calle Mayor 5, 28013 Madrid, España", "C/ Mayor, 5, Madrid, Spain", true},
		{"Calle Mayor 5, 28013 Madrid", "Calle Mayor 5, Sevilla", false},
		{"Denmark", "Denmark", true}, // a name equals itself
		{"Street 5", "street 5", true},
		{"Denmark", "Norway", false},
	} {
		a, b := match.Prepare("Address", c.left), match.Prepare("Address", c.right)
		s := match.ScoreNames(&a, &b)
		if (s >= match.Threshold) != c.same {
			t.Errorf("%s, %s: %.3f, want the same: %v", c.left, c.right, s, c.same)
		}
		if back := match.ScoreNames(&b, &a); back != s {
			t.Errorf("%s, %s: %v one way, %v the other", c.left, c.right, s, back)
		}
		r := match.CompareNames(&a, &b)
		if r.Score != s || len(r.Features) == 0 {
			t.Errorf("%s, %s: compared %v, explained %+v", c.left, c.right, s, r)
		}
	}
}
