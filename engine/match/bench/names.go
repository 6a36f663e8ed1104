// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"

	"github.com/turnstone-project/turnstone/engine/match"
)

// NamePair is a labelled pair of names.
type NamePair struct {
	Schema, Left, Right string
	Same                bool
	Group               string // where it comes from, or its culture
	Key                 string // pairs with one key fall on one side of the split
}

// Report says whether the pair is for reporting rather than for tuning.
func (p NamePair) Report() bool { return Half(p.Key) }

// ReadNamePairs reads a CSV with a header. It finds the columns schema;
// left, name1 or query_name; right, name2 or result_name; same, is_match or
// match; and, when there, group, culture or case_group, and base.
func ReadNamePairs(in io.Reader) ([]NamePair, error) {
	r := csv.NewReader(in)
	r.FieldsPerRecord = -1
	header, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("read pairs of names: %w", err)
	}
	column := func(names ...string) int {
		return slices.IndexFunc(header, func(h string) bool { return slices.Contains(names, h) })
	}
	schema, left, right := column("schema"), column("left", "name1"), column("right", "name2")
	same, group, base := column("same", "is_match", "match"), column("group", "culture", "case_group"), column("base")
	if schema < 0 || left < 0 || right < 0 || same < 0 {
		return nil, fmt.Errorf("read pairs of names: the header %q lacks schema, left, right or same", header)
	}
	var pairs []NamePair
	for {
		row, err := r.Read()
		if err == io.EOF {
			return pairs, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read pairs of names: %w", err)
		}
		if len(row) != len(header) {
			line, _ := r.FieldPos(0)
			return nil, fmt.Errorf("read pairs of names: line %d has %d fields, not %d", line, len(row), len(header))
		}
		p := NamePair{Schema: row[schema], Left: row[left], Right: row[right], Same: row[same] == "true", Key: row[right]}
		if group >= 0 {
			p.Group = row[group]
		}
		if base >= 0 {
			p.Key = row[base]
		}
		pairs = append(pairs, p)
	}
}

// ScoreNames scores every pair.
func ScoreNames(pairs []NamePair) []Scored {
	out := make([]Scored, len(pairs))
	for i, p := range pairs {
		a, b := match.Prepare(p.Schema, p.Left), match.Prepare(p.Schema, p.Right)
		out[i] = Scored{match.ScoreNames(&a, &b), p.Same}
	}
	return out
}
