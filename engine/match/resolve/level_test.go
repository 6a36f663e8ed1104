// SPDX-License-Identifier: Apache-2.0

package resolve_test

import (
	"context"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/engine/match/resolve"
)

func TestSlipsAreSeenForWhatTheyAre(t *testing.T) {
	for _, c := range []struct{ one, two, want string }{
		{"Oscar,Jones,oscar@lee.com", "Oscar,Josen,oscar@lee.com", "exact similar exact"},   // fingers that ran ahead
		{"Oscar,Jones,oscar@lee.com", "Oscar,Snoje,oscar@lee.com", "exact differ exact"},    // the same letters, another beginning
		{"Oscar,Ahmed,oscar@lee.com", "Ahmed,Oscar,oscar@lee.com", "missing swapped exact"}, // fields exchanged
		{"Oscar,Ahmed,oscar@lee.com", "Ahmd,Osrac,oscar@lee.com", "missing swapped exact"},  // and slips in both
		{"Oscar,Ahmed,oscar@lee.com", "Bruno,Oscar,oscar@lee.com", "differ differ exact"},
		{"Ada,Holmes,fholmes@duncan.com", "Ada,Holmes,f@holmes@duncan.com", "exact exact near"},     // a second @
		{"Ada,Holmes,k.t50@hernandez.com", "Ada,Holmes,k.t50eherand@z.ncom", "exact exact similar"}, // an @ that moved
		{"Ada,Holmes,ada.h@smith.net", "Ada,Holmes,bob.k@smith.net", "exact exact differ"},          // two people of one house
		{"Ada,Holmes,ada.h@smith.net", "Ada,Holmes,no address", "exact exact differ"},
	} {
		text := "first_name,surname,email\n" + c.one + "\n" + c.two + "\nEve,Brown,eve.b@green.org\n"
		table, _, err := resolve.ReadTable(context.Background(), strings.NewReader(text), "few.csv")
		if err != nil {
			t.Fatal(err)
		}
		levels, err := resolve.Levels(table)
		if err != nil {
			t.Fatal(err)
		}
		if got := levels["first_name"] + " " + levels["surname"] + " " + levels["email"]; got != c.want {
			t.Errorf("%s and %s: %s, want %s", c.one, c.two, got, c.want)
		}
	}
}

func TestDatesAgreeInParts(t *testing.T) {
	for _, c := range []struct{ one, two, want string }{
		{"1971-06-24", "1971-06-25", "near"},
		{"1971-06-24", "1971-06-42", "near"},
		{"1971-06-12", "1971-12-06", "near"},
		{"1971-12-24", "1971-21-24", "near"}, // a slip that made what can't be
		{"1971-06-24", "1971-06-03", "similar"},
		{"1971-06-24", "1971-11-24", "similar"},
		{"1971-06-24", "1971-01-01", "similar"}, // how registers write some day
		{"1971-06-24", "1959-06-24", "swapped"}, // of dates: only the year differs
		{"1971-06-24", "1971-11-03", "partial"},
		{"1971-06-24", "1972-01-30", "partial"},
		{"1971-06-24", "1959-11-03", "differ"},
	} {
		table, _ := read(t, "name,birth_date\nAnn,"+c.one+"\nBo,"+c.two+"\nCy,1988-08-18\nDi,1999-11-30\n")
		levels, err := resolve.Levels(table)
		if err != nil {
			t.Fatal(err)
		}
		if got := levels["birth_date"]; got != c.want {
			t.Errorf("%s and %s: %s, want %s", c.one, c.two, got, c.want)
		}
	}
}
