// SPDX-License-Identifier: Apache-2.0

package resolve

// Edits lets tests hold the bit-parallel distance against an oracle.
func Edits(a, b string) int { return new(matcher).edits(a, b) }

// Skeleton lets tests see which names share a drawer.
func Skeleton(name string) string { return skeleton(normalise(name)) }

// Date8 lets tests see how the first date of a column is read, as yyyymmdd with
// zeros for what is not known.
func Date8(column ...string) string { return parseDate(column[0], styleOf(column)).digits() }

// Levels lets tests see at which level each field of the first two records of
// a table agrees, by name.
func Levels(table *Table) (map[string]string, error) {
	names := [...]string{
		levelDiffer: "differ", levelPartial: "partial", levelSimilar: "similar", levelNear: "near", levelExact: "exact", levelSwapped: "swapped", levelMissing: "missing",
	}
	fields, _, err := buildFields([]*Table{table}, []Mapping{Guess(table)}, [][]int{everyRow(table)})
	if err != nil {
		return nil, err
	}
	c := comparer{fields: fields}
	there, back := c.compare(0, 1), c.compare(1, 0)
	out := map[string]string{}
	for i, f := range fields {
		out[f.name] = names[there.level(i)]
		if there != back {
			out[f.name] += ", the other way round " + names[back.level(i)]
		}
	}
	return out, nil
}

// Believed lets tests see for how many records the average share of a field's
// values counts; counts[i] records carry value i.
func Believed(counts []int, records int) float64 {
	return believed(append([]int{0}, counts...), float64(records))
}

func everyRow(t *Table) []int {
	rows := make([]int, t.rows)
	for i := range rows {
		rows[i] = i
	}
	return rows
}

// Arranged lets tests see the rows of a table in the order in which they are
// resolved.
func Arranged(t *Table) []string {
	var out []string
	for _, row := range arrange(t, Guess(t)) {
		line := ""
		for c := range t.Columns {
			line += "[" + t.Cell(row, c) + "]"
		}
		out = append(out, line)
	}
	return out
}
