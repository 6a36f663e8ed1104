// SPDX-License-Identifier: Apache-2.0

package resolve

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
)

// RecordIDs returns what names each record of a table in the output: the
// column that the mapping calls record-id, or the number of the record from 1.
// It also returns how many records carry an id that an earlier one has.
func RecordIDs(t *Table, m Mapping) (ids []string, repeated int) {
	column := slices.IndexFunc(m, func(c Column) bool { return c.Kind == RecordID })
	seen := make(map[string]struct{}, t.rows)
	ids = make([]string, t.rows)
	for row := range ids {
		if column >= 0 {
			ids[row] = t.Cell(row, column)
		}
		if ids[row] == "" {
			ids[row] = strconv.Itoa(row + 1)
		}
		if _, ok := seen[ids[row]]; ok {
			repeated++
		}
		seen[ids[row]] = struct{}{}
	}
	return ids, repeated
}

// WriteClusters writes a CSV file with the record and cluster ids of every
// record in the order of the input. With two tables a third column names the
// table.
func WriteClusters(w io.Writer, tables []*Table, ids [][]string, clusters []uint32) error {
	buffered := bufio.NewWriterSize(w, 1<<16)
	out := csv.NewWriter(buffered)
	header := []string{"record_id", "cluster_id"}
	if len(tables) > 1 {
		header = append(header, "source")
	}
	if err := out.Write(header); err != nil {
		return fmt.Errorf("write clusters: %w", err)
	}
	next := 0
	for t, list := range ids {
		for _, id := range list {
			record := []string{id, strconv.FormatUint(uint64(clusters[next]), 10)}
			if len(tables) > 1 {
				record = append(record, tables[t].Name)
			}
			next++
			if err := out.Write(record); err != nil {
				return fmt.Errorf("write clusters: %w", err)
			}
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write clusters: %w", err)
	}
	if err := buffered.Flush(); err != nil {
		return fmt.Errorf("write clusters: %w", err)
	}
	return nil
}
