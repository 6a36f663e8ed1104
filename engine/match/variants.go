// SPDX-License-Identifier: Apache-2.0

package match

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
)

// ReduceVariants reads groups of spellings, one a line with commas between
// them, and writes what the tables need of them: the keys of each group that
// the rules of sound don't bring together by themselves. It is run when
// data/variants.txt.gz is built, and again after a change of the rules.
func ReduceVariants(in io.Reader, out io.Writer) error {
	t := loaded()
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	w := bufio.NewWriter(out)
	for lines.Scan() {
		var keys []string
		for form := range strings.SplitSeq(lines.Text(), ",") {
			key, ok := t.groupKey(form)
			if ok && len(key) > 1 && !strings.ContainsAny(key, ",\n") && !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
		if len(keys) > 1 && !t.obvious(keys) {
			if _, err := fmt.Fprintln(w, strings.Join(keys, ",")); err != nil {
				return fmt.Errorf("write variants: %w", err)
			}
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read variants: %w", err)
	}
	return w.Flush()
}

// obvious says that every spelling of a group is so near to the first that the
// group teaches nothing.
func (t *tables) obvious(keys []string) bool {
	for _, key := range keys[1:] {
		if isIdeograph(key) || isIdeograph(keys[0]) {
			return false
		}
		loose := strings.HasPrefix(key, "~") || strings.HasPrefix(keys[0], "~")
		if t.costs.distance(strings.TrimPrefix(key, "~"), strings.TrimPrefix(keys[0], "~"), loose, 1) > 0.45 {
			return false
		}
	}
	return true
}
