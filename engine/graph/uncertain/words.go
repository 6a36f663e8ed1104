// SPDX-License-Identifier: Apache-2.0

package uncertain

import (
	"fmt"
	"strings"
)

// Words says how far the ranks hold, for people who decide on them. Measure is
// the name of what was measured, label names a place.
func (r *Result) Words(measure string, label func(int) string) string {
	if len(r.Value) == 0 {
		return "There is nobody to rank."
	}
	var b strings.Builder
	leading := r.Leading()
	fmt.Fprintf(&b, "With %s, %d times over:\n", r.Options.change(), r.Options.Repeats)
	share := r.First / float64(r.Options.Repeats)
	fmt.Fprintf(&b, "- %s is first by %s in %.0f of %d. That finding %s.\n", label(leading[0]), measure, r.First, r.Options.Repeats, verdict(share))
	if r.TopSize > 1 {
		fmt.Fprintf(&b, "- Of the first %d, %.1f stay among the first %d on average. That list %s.\n",
			r.TopSize, r.Overlap, r.TopSize, verdict(r.Overlap/float64(r.TopSize)))
		var firm, shaky []string
		for _, u := range leading {
			switch in := r.Top[u] / float64(r.Options.Repeats); {
			case in >= 0.95:
				firm = append(firm, label(u))
			case in < 0.5:
				shaky = append(shaky, label(u))
			}
		}
		if len(firm) > 0 {
			fmt.Fprintf(&b, "- Nearly always among them: %s.\n", strings.Join(firm, ", "))
		}
		if len(shaky) > 0 {
			fmt.Fprintf(&b, "- On the list today, but not in most repeats: %s. Don't build on these.\n", strings.Join(shaky, ", "))
		}
	}
	low, high := quantile(r.Correlation, (1-r.Options.Level)/2), quantile(r.Correlation, (1+r.Options.Level)/2)
	fmt.Fprintf(&b, "- The ranks of all nodes %s (rank correlation %.2f to %.2f).\n", orderly(low), low, high)
	b.WriteString("Ties were changed at random. Ties that somebody hides on purpose can mislead more than this.\n")
	return b.String()
}

// change says what was done to the graph.
func (o Options) change() string {
	var parts []string
	if o.Drop > 0 {
		parts = append(parts, fmt.Sprintf("%.3g %% of the ties hidden", 100*o.Drop))
	}
	if o.Add > 0 {
		parts = append(parts, fmt.Sprintf("%.3g %% of ties added", 100*o.Add))
	}
	if len(parts) == 0 {
		return "nothing changed"
	}
	return strings.Join(parts, " and ")
}

// verdict puts the share of repeats that agree into words.
func verdict(share float64) string {
	switch {
	case share >= 0.95:
		return "holds"
	case share >= 0.8:
		return "holds mostly"
	case share >= 0.5:
		return "is uncertain"
	}
	return "does not hold"
}

func orderly(correlation float64) string {
	switch {
	case correlation >= 0.9:
		return "stay nearly the same"
	case correlation >= 0.7:
		return "stay much the same"
	case correlation >= 0.4:
		return "change a good deal"
	}
	return "say little"
}
