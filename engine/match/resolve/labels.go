// SPDX-License-Identifier: Apache-2.0

package resolve

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ReadLabels reads judged pairs from a table: two columns of record ids and one
// that says whether they match (true, 1, yes, match, or a score from 0.5), or
// no third one, where every pair matches. With two tables of records the first
// id is looked up in the first. Pairs with an unknown id are reported by line
// and left out; that all are is an error.
func ReadLabels(labels *Table, ids [][]string) ([]Label, []Problem, error) {
	left, right, verdict, err := labelColumns(labels)
	if err != nil {
		return nil, nil, err
	}
	index, base := indexIDs(ids)
	last := len(index) - 1
	var out []Label
	var problems []Problem
	for row := range labels.rows {
		a, okA := index[0][labels.Cell(row, left)]
		b, okB := index[last][labels.Cell(row, right)]
		b += uint32(base[last])
		match, okV := true, true
		if verdict >= 0 {
			match, okV = parseVerdict(labels.Cell(row, verdict))
		}
		if !okA || !okB || !okV || a == b {
			if len(problems) < maxProblems {
				problems = append(problems, Problem{Line: row + 2, What: "left out: no two known records and a verdict"})
			}
			continue
		}
		out = append(out, Label{A: a, B: b, Match: match})
	}
	if len(out) == 0 {
		return nil, problems, fmt.Errorf("read %s: no line names two known records and a verdict", labels.Name)
	}
	return out, problems, nil
}

// labelColumns finds the two columns of ids and the one of the verdict.
func labelColumns(t *Table) (left, right, verdict int, err error) {
	left, right, verdict = -1, -1, -1
	for i, name := range t.Columns {
		w := words(name)
		switch {
		case has(w, "match", "label", "score", "same", "truth", "duplicate"):
			if verdict < 0 {
				verdict = i
			}
		case has(w, "source", "dataset"):
		case left < 0:
			left = i
		case right < 0:
			right = i
		}
	}
	if right < 0 {
		return 0, 0, 0, errors.New("labels need two columns of record ids, and one called match")
	}
	return left, right, verdict, nil
}

func parseVerdict(s string) (match, ok bool) {
	s = strings.ToLower(s)
	if n, err := strconv.ParseFloat(s, 64); err == nil {
		return n >= 0.5, true
	}
	if slices.Contains([]string{"true", "t", "yes", "y", "match", "same", "positive"}, s) {
		return true, true
	}
	return false, slices.Contains([]string{"false", "f", "no", "n", "nonmatch", "different", "negative"}, s)
}

// indexIDs returns where each id of each table first stands, and the number of
// each table's first record.
func indexIDs(ids [][]string) (index []map[string]uint32, base []int) {
	next := 0
	for _, list := range ids {
		byID := make(map[string]uint32, len(list))
		for i, id := range list {
			if _, ok := byID[id]; !ok {
				byID[id] = uint32(i)
			}
		}
		index = append(index, byID)
		base = append(base, next)
		next += len(list)
	}
	return index, base
}
