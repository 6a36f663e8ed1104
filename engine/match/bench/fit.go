// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"io"
	"os"
	"path/filepath"

	"github.com/turnstone-project/turnstone/engine/ftm"
	"github.com/turnstone-project/turnstone/engine/match"
)

// How firmly our own estimates hold, in pairs, and how much a tip counts beside
// a pair that was made of a list.
const (
	nameStrength   = 1
	entityStrength = 20
	tipWeight      = 3
	pairsSeed      = 7
)

// listWeight is what a pair of names made of a list counts beside one that
// people judged. There are few judged pairs of names of organisations, and the
// made ones of persons know no other scripts.
func listWeight(schema string) float64 {
	if match.SortOf(schema) == match.Person {
		return 0.003
	}
	return 0.006
}

// Fit learns all weights anew from what is free to learn from: the tuning half
// of names/cases.csv (MIT), pairs of names and of entities made of the US Treasury's list (public
// domain), and the tuning half of our own tips. The weights of entities rest on
// those of names in use, so run it twice, with a build between, until nothing
// changes.
func Fit(src Sources) ([]byte, error) {
	pairs, err := withFile(filepath.Join(src.Data, "names", "cases.csv"), ReadNamePairs)
	if err != nil {
		return nil, err
	}
	var names []match.LabelledNames
	for _, p := range pairs {
		if !p.Report() {
			names = append(names, match.LabelledNames{Left: match.Prepare(p.Schema, p.Left), Right: match.Prepare(p.Schema, p.Right), Same: p.Same, Weight: 1})
		}
	}
	list, err := readOFACFolder(filepath.Join(src.Data, "lists"))
	if err != nil {
		return nil, err
	}
	for _, p := range GenerateNamePairs(list, pairsSeed) {
		names = append(names, match.LabelledNames{Left: match.Prepare(p.Schema, p.Left), Right: match.Prepare(p.Schema, p.Right), Same: p.Same, Weight: listWeight(p.Schema)})
	}
	var entities []match.LabelledEntities
	add := func(p *EntityPair, weight float64) {
		entities = append(entities, match.LabelledEntities{Left: match.PrepareEntity(&p.Left), Right: match.PrepareEntity(&p.Right), Same: p.Same, Weight: weight})
	}
	made := GeneratePairs(list, pairsSeed)
	for i := range made {
		if i%2 == 0 {
			add(&made[i], 1)
		}
	}
	tips, err := withFile(filepath.Join(src.Own, "tips", "tips.jsonl"), ReadTipPairs)
	if err != nil {
		return nil, err
	}
	for i := range tips {
		if !tips[i].Report() {
			add(&tips[i].EntityPair, tipWeight)
		}
	}
	return match.Fit(names, nameStrength, entities, entityStrength)
}

func readOFACFolder(folder string) ([]ftm.Entity, error) {
	var files []io.Reader
	for _, name := range []string{"ofac_sdn.csv", "ofac_alt.csv", "ofac_add.csv"} {
		file, err := os.Open(filepath.Join(folder, name))
		if err != nil {
			return nil, err
		}
		defer func() { _ = file.Close() }() // only read
		files = append(files, file)
	}
	return ReadOFAC(files[0], files[1], files[2])
}
