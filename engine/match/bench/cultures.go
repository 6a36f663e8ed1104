// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"unicode"
)

// CulturePairs reads given and family names by culture (columns culture, kind,
// name) and makes labelled pairs of persons of each: the same name with a
// letter lost, doubled or exchanged or with its parts turned around; another
// given name with the same family name; another family name with the same given
// name. The same seed gives the same pairs.
func CulturePairs(in io.Reader, seed uint64) ([]NamePair, error) {
	r := csv.NewReader(in)
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read names by culture: %w", err)
	}
	given, family := map[string][]string{}, map[string][]string{}
	var cultures []string
	for _, row := range rows[1:] {
		switch row[1] {
		case "given":
			if given[row[0]] == nil {
				cultures = append(cultures, row[0])
			}
			given[row[0]] = append(given[row[0]], row[2])
		case "family":
			family[row[0]] = append(family[row[0]], row[2])
		}
	}
	var pairs []NamePair
	for _, culture := range cultures {
		rnd := rand.New(rand.NewPCG(seed, uint64(len(pairs))))
		pairs = append(pairs, culturePairs(culture, given[culture], family[culture], rnd)...)
	}
	return pairs, nil
}

// pairsOfCulture is how many names of one culture are made; each gives four
// pairs.
const pairsOfCulture = 100

func culturePairs(culture string, given, family []string, r *rand.Rand) []NamePair {
	if len(given) < 2 || len(family) < 2 {
		return nil
	}
	var out []NamePair
	for range pairsOfCulture {
		g, f := r.IntN(len(given)), r.IntN(len(family))
		name := given[g] + " " + family[f]
		add := func(other string, same bool) {
			out = append(out, NamePair{Schema: "Person", Left: other, Right: name, Same: same, Group: culture, Key: name})
		}
		add(family[f]+", "+given[g], true)
		if slipped := slip(given[g], r); r.IntN(2) == 0 {
			add(slipped+" "+family[f], true)
		} else {
			add(given[g]+" "+slip(family[f], r), true)
		}
		if other := r.IntN(len(given)); given[other] != given[g] {
			add(given[other]+" "+family[f], false)
		}
		if other := r.IntN(len(family)); family[other] != family[f] {
			add(given[g]+" "+family[other], false)
		}
	}
	return out
}

// slip changes one letter of a name of any script; names of one or two signs
// stay, since a changed sign is another name.
func slip(name string, r *rand.Rand) string {
	letters := []rune(name)
	if len(letters) < 4 {
		return name
	}
	at := 1 + r.IntN(len(letters)-2)
	if !unicode.IsLetter(letters[at]) || !unicode.IsLetter(letters[at+1]) {
		return name
	}
	switch r.IntN(3) {
	case 0:
		return string(letters[:at]) + string(letters[at+1:])
	case 1:
		return string(letters[:at+1]) + string(letters[at:])
	}
	letters[at], letters[at+1] = letters[at+1], letters[at]
	return string(letters)
}
