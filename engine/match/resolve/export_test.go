// SPDX-License-Identifier: Apache-2.0

package resolve

// Edits lets tests hold the bit-parallel distance against an oracle.
func Edits(a, b string) int { return new(matcher).edits(a, b) }

// Skeleton lets tests see which names share a drawer.
func Skeleton(name string) string { return skeleton(normalise(name)) }

// Date8 lets tests see how a date is read, as yyyymmdd with zeros for what is
// not known.
func Date8(value string, monthFirst bool) string { return parseDate(value, monthFirst).digits() }

// Levels lets tests see at which level each field of the first two records of
// a table agrees, by name.
func Levels(table *Table) (map[string]string, error) {
	names := [...]string{
		levelDiffer: "differ", levelPartial: "partial", levelSimilar: "similar", levelNear: "near", levelExact: "exact", levelSwapped: "swapped", levelMissing: "missing",
	}
	fields, err := buildFields([]*Table{table}, []Mapping{Guess(table)})
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
